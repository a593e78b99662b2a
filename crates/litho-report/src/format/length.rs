//! Lengths in metres, written in the unit that suits them.

use super::decimal;

/// A decimal unit of length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LengthUnit {
    /// 10⁻¹² m.
    Picometre,
    /// 10⁻⁹ m.
    Nanometre,
    /// 10⁻⁶ m.
    Micrometre,
    /// 10⁻³ m.
    Millimetre,
    /// 1 m.
    Metre,
}

impl LengthUnit {
    const ALL: [Self; 5] =
        [Self::Picometre, Self::Nanometre, Self::Micrometre, Self::Millimetre, Self::Metre];

    /// The largest unit in which a length of `metres` is at least one, the
    /// picometre for anything smaller. The sign is ignored.
    pub fn for_length(metres: f64) -> Self {
        // 10⁻⁹ m divided by 10⁻⁹ must count as one whatever the last bit says.
        const ROUNDING: f64 = 1.0 - 1e-9;
        let fits = |unit: &Self| metres.abs() / unit.metres() >= ROUNDING;
        Self::ALL.into_iter().rev().find(fits).unwrap_or(Self::Picometre)
    }

    /// The unit in metres.
    pub const fn metres(self) -> f64 {
        match self {
            Self::Picometre => 1e-12,
            Self::Nanometre => 1e-9,
            Self::Micrometre => 1e-6,
            Self::Millimetre => 1e-3,
            Self::Metre => 1.0,
        }
    }

    /// The unit's symbol.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Picometre => "pm",
            Self::Nanometre => "nm",
            Self::Micrometre => "µm",
            Self::Millimetre => "mm",
            Self::Metre => "m",
        }
    }
}

/// A length in metres to `digits` significant digits with a fitting unit:
/// `2.31e-8` to two digits is `23 nm`. Trailing zeros after the point stay,
/// for they tell the precision.
pub fn format_length(metres: f64, digits: usize) -> String {
    if !metres.is_finite() {
        return "not finite".to_owned();
    }
    if metres == 0.0 {
        return "0 m".to_owned();
    }
    // Round first: 999.7 nm to three digits is 1.00 µm, not 1000 nm.
    let exponent = metres.abs().log10().floor() as i32 - digits.max(1) as i32 + 1;
    let step = 10f64.powi(exponent);
    let rounded = (metres / step).round() * step;
    let unit = LengthUnit::for_length(rounded);
    let value = rounded / unit.metres();
    let before_point = value.abs().log10().floor() as i32 + 1;
    format!("{} {}", decimal(value, (digits as i32 - before_point).max(0) as usize), unit.symbol())
}

/// The largest of 1, 2, 5 times a power of ten that is not above `value`,
/// which must be positive and finite.
pub(crate) fn round_down_125(value: f64) -> f64 {
    // 5·10⁻⁸ computed from pixels may fall a few units of the last place short.
    const ROUNDING: f64 = 1.0 + 1e-9;
    let power = 10f64.powi((value * ROUNDING).log10().floor() as i32);
    let factor = [5.0, 2.0].into_iter().find(|f| f * power <= value * ROUNDING).unwrap_or(1.0);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_choose_their_unit() {
        for (metres, digits, text) in [
            (2.31e-8, 2, "23 nm"),
            (1e-9, 2, "1.0 nm"),
            (1.234e-6, 3, "1.23 µm"),
            (9.997e-7, 3, "1.00 µm"),
            (-4.5e-3, 2, "−4.5 mm"),
            (5.25, 3, "5.25 m"),
            (3e-13, 1, "0.3 pm"),
            (1.999e-7, 1, "200 nm"),
            (0.0, 2, "0 m"),
            (f64::NAN, 2, "not finite"),
        ] {
            assert_eq!(format_length(metres, digits), text, "{metres}");
        }
    }

    #[test]
    fn rounding_down_keeps_one_two_five() {
        for (value, round) in [
            (1.0, 1.0),
            (1.99, 1.0),
            (2.0, 2.0),
            (4.9, 2.0),
            (5.0, 5.0),
            (9.99, 5.0),
            (10.0, 10.0),
            (0.3, 0.2),
        ] {
            assert!((round_down_125(value) / round - 1.0).abs() < 1e-12, "{value}");
        }
        // 0.1 + 0.2 style sums: five pixels of 10 nm
        assert!((round_down_125(5.0 * 1e-8) / 5e-8 - 1.0).abs() < 1e-12);
    }
}
