//! Physical quantities: a private number, constructors that name the unit.

use std::fmt;

/// Planck constant times speed of light, eV·m (CODATA 2018, exact).
pub const HC_EV_METRES: f64 = 1.239_841_984e-6;
/// Classical electron radius, m (CODATA 2018).
pub const ELECTRON_RADIUS_METRES: f64 = 2.817_940_326_2e-15;
/// Avogadro constant, 1/mol (SI 2019, exact).
pub const AVOGADRO_PER_MOLE: f64 = 6.022_140_76e23;
/// Joules in one electronvolt (SI 2019, exact).
pub const JOULES_PER_EV: f64 = 1.602_176_634e-19;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $unit:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
        pub struct $name(f64);

        impl $name {
            #[doc = concat!("The quantity of `value` ", $unit, ".")]
            pub const fn new(value: f64) -> Self {
                Self(value)
            }

            #[doc = concat!("The bare number, in ", $unit, ".")]
            pub const fn value(self) -> f64 {
                self.0
            }

            /// True for neither NaN nor infinity.
            pub const fn is_finite(self) -> bool {
                self.0.is_finite()
            }
        }

        impl std::ops::Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl std::ops::Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl std::ops::Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }

        impl std::ops::Mul<f64> for $name {
            type Output = Self;
            fn mul(self, factor: f64) -> Self {
                Self(self.0 * factor)
            }
        }

        impl std::ops::Div for $name {
            type Output = f64;
            fn div(self, other: Self) -> f64 {
                self.0 / other.0
            }
        }
    };
}

quantity!(
    /// A length in metres.
    Metres,
    "metres"
);
quantity!(
    /// A photon energy in electronvolts.
    ElectronVolts,
    "electronvolts"
);
quantity!(
    /// An angle in radians.
    Radians,
    "radians"
);
quantity!(
    /// A length in pixels of the object grid.
    Pixels,
    "object pixels"
);

impl Metres {
    /// A length given in nanometres.
    pub const fn from_nanometres(nanometres: f64) -> Self {
        Self(nanometres * 1e-9)
    }

    /// A length given in micrometres.
    pub const fn from_micrometres(micrometres: f64) -> Self {
        Self(micrometres * 1e-6)
    }
}

impl ElectronVolts {
    /// An energy given in joules.
    pub fn from_joules(joules: f64) -> Self {
        Self(joules / JOULES_PER_EV)
    }

    /// The energy in joules.
    pub fn joules(self) -> f64 {
        self.0 * JOULES_PER_EV
    }

    /// The energy of a photon of the given wavelength, `E = hc/λ`.
    pub fn from_wavelength(wavelength: Metres) -> Self {
        Self(HC_EV_METRES / wavelength.0)
    }

    /// The photon's wavelength, `λ = hc/E`.
    pub fn wavelength(self) -> Metres {
        Metres(HC_EV_METRES / self.0)
    }
}

impl Radians {
    /// An angle given in degrees.
    pub fn from_degrees(degrees: f64) -> Self {
        Self(degrees.to_radians())
    }
}

impl fmt::Display for Metres {
    /// Engineering notation with an SI prefix: `178.66 nm`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PREFIXES: [(f64, &str); 5] =
            [(1.0, "m"), (1e-3, "mm"), (1e-6, "µm"), (1e-9, "nm"), (1e-12, "pm")];
        let size = self.0.abs();
        if size == 0.0 || !size.is_finite() {
            return write!(f, "{} m", self.0);
        }
        let (unit, name) =
            PREFIXES.into_iter().find(|(unit, _)| size >= *unit).unwrap_or(PREFIXES[PREFIXES.len() - 1]);
        write!(f, "{} {name}", significant(self.0 / unit))
    }
}

impl fmt::Display for ElectronVolts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} eV", significant(self.0))
    }
}

impl fmt::Display for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} px", significant(self.0))
    }
}

/// Five significant digits without an exponent for everyday sizes.
fn significant(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude >= 1e6 || (magnitude > 0.0 && magnitude < 1e-3) {
        return format!("{value:.4e}");
    }
    let digits_before = if magnitude < 1.0 { 0 } else { magnitude.log10().floor() as usize + 1 };
    let text = format!("{value:.*}", 5_usize.saturating_sub(digits_before));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_angstrom_is_12398_ev() {
        // hc = 12398.41984 eV·Å (CODATA), the number on every beamline's wall.
        let energy = ElectronVolts::from_wavelength(Metres::new(1e-10));
        assert!((energy.value() - 12_398.419_84).abs() < 1e-4, "got {energy}");
        assert!((energy.wavelength().value() - 1e-10).abs() < 1e-24);
    }

    #[test]
    fn joules_round_trip() {
        let energy = ElectronVolts::new(12_658.0);
        assert!((ElectronVolts::from_joules(energy.joules()) / energy - 1.0).abs() < 1e-14);
    }

    #[test]
    fn lengths_print_with_the_prefix_a_person_would_choose() {
        assert_eq!(Metres::new(178.66e-9).to_string(), "178.66 nm");
        assert_eq!(Metres::new(3.638e-3).to_string(), "3.638 mm");
        assert_eq!(Metres::new(-1.2).to_string(), "-1.2 m");
        assert_eq!(Metres::new(0.0).to_string(), "0 m");
        assert_eq!(ElectronVolts::new(710.2).to_string(), "710.2 eV");
        assert_eq!(Metres::new(100e-9).to_string(), "100 nm");
    }
}
