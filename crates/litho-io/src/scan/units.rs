//! Units named in files, and the windows that catch a wrong one.

use super::options::{EnergyUnit, LengthUnit};
use crate::error::IoError;
use litho_types::quantity::{ElectronVolts, HC_EV_METRES, JOULES_PER_EV, Metres};
use std::ops::RangeInclusive;
use std::path::Path;

/// A quantity, the range nature and instruments allow it, and the option that sets it.
pub(super) struct Window {
    quantity: &'static str,
    low: f64,
    high: f64,
    unit: &'static str,
    option: &'static str,
    /// Slips to look for: what the number would be, and the factor that would mend it.
    slips: &'static [(&'static str, f64)],
}

/// Photon energies in eV: extreme ultraviolet to hard X-rays. The lower bound lies above
/// the usual X-ray energies in keV, so that 12.658 keV cannot pass as 12.658 eV.
pub(crate) const ENERGY_RANGE: RangeInclusive<f64> = 50.0..=200e3;
const ENERGY: Window = Window {
    quantity: "photon energy",
    low: *ENERGY_RANGE.start(),
    high: *ENERGY_RANGE.end(),
    unit: "eV",
    option: "--energy",
    slips: &[("keV", 1e3), ("J", 1.0 / JOULES_PER_EV), ("meV", 1e-3)],
};
/// Sample to detector: from a lens-less microscope to the longest flight tube.
const DISTANCE: Window = Window {
    quantity: "distance",
    low: 1e-3,
    high: 100.0,
    unit: "m",
    option: "--distance",
    slips: &[("mm", 1e-3), ("µm", 1e-6), ("nm", 1e-9), ("km", 1e3)],
};
/// Detector pixels: from optical-coupled cameras to area detectors.
const PIXEL: Window = Window {
    quantity: "detector pixel",
    low: 0.5e-6,
    high: 5e-3,
    unit: "m",
    option: "--pixel",
    slips: &[("µm", 1e-6), ("mm", 1e-3), ("nm", 1e-9)],
};
/// Focus to sample in projection microscopes.
const FOCUS: Window = Window {
    quantity: "focus-to-sample distance",
    low: 1e-6,
    high: 100.0,
    unit: "m",
    option: "--focus-distance",
    slips: &[("mm", 1e-3), ("µm", 1e-6)],
};

impl Window {
    fn check(&self, path: &Path, dataset: &str, value: f64) -> Result<(), IoError> {
        if value >= self.low && value <= self.high {
            return Ok(());
        }
        let inside = |factor: f64| (self.low..=self.high).contains(&(value.abs() * factor));
        let slip = if value.is_nan() || value.is_infinite() || value == 0.0 {
            format!("it is not a usable number: pass {} with the right value", self.option)
        } else if value < 0.0 && inside(1.0) {
            format!("it is negative: pass {} {}", self.option, -value)
        } else if let Some((unit, factor)) = self.slips.iter().find(|(_, factor)| inside(*factor)) {
            let right = six_digits(value.abs() * factor);
            format!(
                "{value} read as {} looks like {unit}: pass {} {right} ({})",
                self.unit, self.option, self.unit
            )
        } else {
            format!("pass {} with the right value in {}", self.option, self.unit)
        };
        Err(IoError::Implausible {
            path: path.to_owned(),
            dataset: dataset.to_owned(),
            quantity: self.quantity,
            value: format!(
                "{value} {}, outside {} … {} {}",
                self.unit,
                six_digits(self.low),
                self.high,
                self.unit
            ),
            slip,
        })
    }
}

/// Six significant digits, as a person would type them.
fn six_digits(value: f64) -> String {
    let rounded = format!("{value:.5e}").parse().unwrap_or(value);
    if rounded < 1e-3 { format!("{rounded:e}") } else { format!("{rounded}") }
}

pub(crate) fn check_energy(path: &Path, dataset: &str, energy: ElectronVolts) -> Result<(), IoError> {
    ENERGY.check(path, dataset, energy.value())
}

pub(super) fn check_distance(path: &Path, dataset: &str, distance: Metres) -> Result<(), IoError> {
    DISTANCE.check(path, dataset, distance.value())
}

pub(super) fn check_pixel(path: &Path, dataset: &str, pixel: Metres) -> Result<(), IoError> {
    PIXEL.check(path, dataset, pixel.value())
}

pub(super) fn check_focus(path: &Path, dataset: &str, distance: Metres) -> Result<(), IoError> {
    FOCUS.check(path, dataset, distance.value())
}

impl EnergyUnit {
    /// The photon energy that `value` in this unit stands for.
    pub(crate) fn energy(self, value: f64) -> ElectronVolts {
        match self {
            Self::ElectronVolt => ElectronVolts::new(value),
            Self::KiloElectronVolt => ElectronVolts::new(value * 1e3),
            Self::Joule => ElectronVolts::from_joules(value),
            Self::WavelengthMetre => ElectronVolts::from_wavelength(Metres::new(value)),
            Self::WavelengthAngstrom => ElectronVolts::new(HC_EV_METRES * 1e10 / value),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ElectronVolt => "eV",
            Self::KiloElectronVolt => "keV",
            Self::Joule => "J",
            Self::WavelengthMetre => "wavelength in m",
            Self::WavelengthAngstrom => "wavelength in Å",
        }
    }
}

impl LengthUnit {
    /// Metres in one of this unit; object pixels have none.
    pub(crate) const fn metres(self) -> f64 {
        match self {
            Self::Millimetre => 1e-3,
            Self::Micrometre => 1e-6,
            Self::Nanometre => 1e-9,
            Self::Angstrom => 1e-10,
            Self::Metre | Self::ObjectPixel => 1.0,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Metre => "m",
            Self::Millimetre => "mm",
            Self::Micrometre => "µm",
            Self::Nanometre => "nm",
            Self::Angstrom => "Å",
            Self::ObjectPixel => "object pixels",
        }
    }
}

/// The unit of energy a `units` attribute names; `None` if it is absent or empty.
pub(crate) fn energy_unit_of(
    path: &Path,
    dataset: &str,
    unit: Option<&str>,
) -> Result<Option<EnergyUnit>, IoError> {
    let Some(unit) = unit.map(str::trim).filter(|unit| !unit.is_empty()) else { return Ok(None) };
    match unit.to_lowercase().as_str() {
        "ev" => Ok(Some(EnergyUnit::ElectronVolt)),
        "kev" => Ok(Some(EnergyUnit::KiloElectronVolt)),
        "j" | "joule" | "joules" => Ok(Some(EnergyUnit::Joule)),
        _ => Err(unknown(path, dataset, unit, "eV, keV or J; pass --energy in eV")),
    }
}

/// The unit of length a `units` attribute names; `None` if it is absent or empty.
pub(crate) fn length_unit_of(
    path: &Path,
    dataset: &str,
    unit: Option<&str>,
) -> Result<Option<LengthUnit>, IoError> {
    let Some(unit) = unit.map(str::trim).filter(|unit| !unit.is_empty()) else { return Ok(None) };
    match unit.to_lowercase().as_str() {
        "m" | "meter" | "metre" | "meters" | "metres" => Ok(Some(LengthUnit::Metre)),
        "mm" | "millimeter" | "millimetre" => Ok(Some(LengthUnit::Millimetre)),
        "um" | "µm" | "μm" | "micron" | "microns" | "micrometer" | "micrometre" => {
            Ok(Some(LengthUnit::Micrometre))
        }
        "nm" | "nanometer" | "nanometre" => Ok(Some(LengthUnit::Nanometre)),
        "angstrom" | "angstroms" | "å" | "a" => Ok(Some(LengthUnit::Angstrom)),
        "px" | "pixel" | "pixels" => Ok(Some(LengthUnit::ObjectPixel)),
        _ => Err(unknown(path, dataset, unit, "m, mm, µm, nm or Å; state it in the options")),
    }
}

fn unknown(path: &Path, dataset: &str, unit: &str, fix: &str) -> IoError {
    IoError::BadValue {
        path: path.to_owned(),
        dataset: dataset.to_owned(),
        index: "the attribute units".to_owned(),
        value: format!("`{unit}`"),
        problem: format!("an unknown unit; known are {fix}"),
    }
}

/// A stored number as a person would write it: with an exponent only where it has many zeros.
pub(crate) fn shown(value: f64) -> String {
    if value == 0.0 || (1e-4..1e7).contains(&value.abs()) { format!("{value}") } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<(), IoError>) -> String {
        result.expect_err("outside the window").to_string()
    }

    #[test]
    fn a_kiloelectronvolt_slip_names_the_flag_and_the_value() {
        let path = Path::new("scan.h5");
        let text = message(check_energy(path, "/energy", ElectronVolts::new(12.658)));
        assert!(text.contains("looks like keV: pass --energy 12658"), "{text}");
        let text = message(check_distance(path, "/z", Metres::new(1120.0)));
        assert!(text.contains("looks like mm: pass --distance 1.12"), "{text}");
        let text = message(check_pixel(path, "/p", Metres::new(55.0)));
        assert!(text.contains("looks like µm: pass --pixel 5.5e-5"), "{text}");
    }

    #[test]
    fn nonsense_is_refused_without_a_guess() {
        let path = Path::new("scan.h5");
        for value in [0.0, f64::NAN, f64::INFINITY, -1e30] {
            assert!(check_energy(path, "/energy", ElectronVolts::new(value)).is_err());
        }
        assert!(check_energy(path, "/energy", ElectronVolts::new(12_658.0)).is_ok());
    }
}
