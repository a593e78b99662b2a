//! Numbers as people read them: lengths with a fitting unit, and round tick
//! values for axes and scale bars.

mod length;
mod ticks;

pub(crate) use length::round_down_125;
pub use length::{LengthUnit, format_length};
pub(crate) use ticks::{Tick, Ticks, linear_ticks, log_ticks, whole_ticks};

/// How an axis or a colour scale is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Equal differences have equal lengths.
    #[default]
    Linear,
    /// Equal ratios have equal lengths; values that are not positive have no place.
    Log,
}

impl Scale {
    /// The coordinate on which the scale is linear: the value or its decimal logarithm.
    pub(crate) fn forward(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.log10(),
        }
    }
}

/// A whole number in superscript digits, `−5` as `⁻⁵`.
pub(crate) fn superscript(number: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    number.to_string().chars().map(|c| c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize])).collect()
}

/// A decimal number with a true minus sign and no negative zero.
pub(crate) fn decimal(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| c == '0' || c == '.') => digits.to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// A number to three significant digits, in powers of ten where plain digits would be long.
pub(crate) fn short_number(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 || !value.is_finite() {
        return decimal(value, 0);
    }
    let exponent = magnitude.log10().floor() as i32;
    if (-3..5).contains(&exponent) {
        return decimal(value, (2 - exponent).max(0) as usize);
    }
    format!("{}×10{}", decimal(value / 10f64.powi(exponent), 2), superscript(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_printed_ones() {
        assert_eq!(superscript(-105), "⁻¹⁰⁵");
        assert_eq!(decimal(-0.04, 1), "0.0");
        assert_eq!(decimal(-1.25, 1), "−1.2");
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1.00"),
            (-12.34, "−12.3"),
            (0.012_34, "0.0123"),
            (54_321.0, "54321"),
            (1.5e-7, "1.50×10⁻⁷"),
            (-2.5e9, "−2.50×10⁹"),
        ] {
            assert_eq!(short_number(value), text);
        }
    }
}
