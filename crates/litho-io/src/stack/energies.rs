//! The energy axis of a stack: found, brought to eV, sorted, checked.

use super::options::{EnergySource, StackOptions};
use crate::error::IoError;
use crate::h5::{H5File, Place, located};
use crate::numbers_table::NumbersTable;
use crate::scan::{ENERGY_RANGE, EnergyUnit, energy_unit_of};
use litho_types::energies::{Energies, EnergiesError};
use std::path::{Path, PathBuf};

/// Below this a bare number is an energy in joules: 1e-12 J are six million eV.
const JOULES_BELOW: f64 = 1e-12;
/// Headings of a column of energies.
const HEADINGS: [&str; 5] = ["energy", "energy_ev", "energy_kev", "ev", "photon_energy"];

/// Numbers that may be energies, and where they came from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawEnergies {
    pub(crate) path: PathBuf,
    pub(crate) dataset: String,
    pub(crate) values: Vec<f64>,
    pub(crate) unit: Option<EnergyUnit>,
}

/// A checked axis and how to sort the images to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SortedEnergies {
    pub(crate) energies: Energies,
    pub(crate) order: Vec<usize>,
    pub(crate) source: String,
    pub(crate) read_as: String,
    pub(crate) warnings: Vec<String>,
}

impl RawEnergies {
    /// The energies the options name, else those of the first of `names` that is in the file.
    pub(crate) fn find(file: &H5File, names: &[&str], options: &StackOptions) -> Result<Self, IoError> {
        if let Some(source) = &options.energies {
            return Self::of_source(file.path(), Some(file), source);
        }
        let Some(name) = file.first_of(names) else {
            return Err(Self::missing(file.path()));
        };
        Self::of_dataset(file, name)
    }

    /// The energies of a source given by the caller; `file` is the stack if that is HDF5.
    pub(crate) fn of_source(
        path: &Path,
        file: Option<&H5File>,
        source: &EnergySource,
    ) -> Result<Self, IoError> {
        match source {
            EnergySource::Values(values) => Ok(Self {
                path: path.to_owned(),
                dataset: "--energies".to_owned(),
                values: values.clone(),
                unit: Some(EnergyUnit::ElectronVolt),
            }),
            EnergySource::Named(name) => match located(file, name, "--energies")? {
                Place::Here(file) => Self::of_dataset(file, name),
                Place::Hdf5(file, dataset) => Self::of_dataset(&file, &dataset),
                Place::Text(path) => Self::of_table(&path),
            },
        }
    }

    fn of_dataset(file: &H5File, name: &str) -> Result<Self, IoError> {
        let unit = energy_unit_of(file.path(), name, file.attr_text(name, "units").as_deref())?;
        let values = file.reals(name)?;
        if values.shape().iter().filter(|&&n| n != 1).count() > 1 {
            return Err(file.wrong_shape(name, values.shape().to_vec(), "one energy per image"));
        }
        let values = values.into_iter().collect();
        Ok(Self { path: file.path().to_owned(), dataset: name.to_owned(), values, unit })
    }

    fn of_table(path: &Path) -> Result<Self, IoError> {
        let table = NumbersTable::read(path)?;
        let column = table.named(&HEADINGS).unwrap_or(0);
        let title = table.heading.as_ref().and_then(|heading| heading.get(column)).map(|t| t.to_lowercase());
        let unit = match title.as_deref() {
            Some("energy_kev") => Some(EnergyUnit::KiloElectronVolt),
            Some("energy_ev" | "ev") => Some(EnergyUnit::ElectronVolt),
            _ => None,
        };
        let dataset = title.unwrap_or_else(|| format!("column {}", column + 1));
        Ok(Self { path: path.to_owned(), dataset, values: table.column(column), unit })
    }

    /// The error for a stack without energies.
    pub(crate) fn missing(path: &Path) -> IoError {
        IoError::Incomplete {
            path: path.to_owned(),
            what: "the photon energies of its images".to_owned(),
            fix: "pass --energies with a dataset, a text file or a list in eV".to_owned(),
        }
    }

    /// Brings the energies to eV, sorts and checks them.
    ///
    /// # Errors
    /// [`IoError`] if one is NaN, infinite, not positive or there twice, or all lie where no photon energies do.
    pub(crate) fn sorted(self, stated: Option<EnergyUnit>) -> Result<SortedEnergies, IoError> {
        let unit = stated.or(self.unit).unwrap_or_else(|| {
            let joules = self.values.iter().all(|e| *e > 0.0 && *e < JOULES_BELOW);
            if joules { EnergyUnit::Joule } else { EnergyUnit::ElectronVolt }
        });
        let in_ev: Vec<f64> = self.values.iter().map(|&value| unit.energy(value).value()).collect();
        let order = Energies::ascending_order(&in_ev);
        let sorted: Vec<f64> = order.iter().map(|&place| in_ev[place]).collect();
        let energies = Energies::new(&sorted).map_err(|e| self.refusal(&e, &order))?;
        self.check_range(&energies, unit)?;
        let mut warnings = Vec::new();
        if let Some(first) = order.windows(2).position(|pair| pair[0] > pair[1]) {
            warnings.push(format!(
                "the energies in {} are not ascending ({} eV is image {}, {} eV image {}): the images were sorted",
                self.dataset, sorted[first], order[first], sorted[first + 1], order[first + 1]
            ));
        }
        let source = format!("{} in {}", self.dataset, self.path.display());
        let read_as = format!("{} numbers, read as {}", order.len(), unit.name());
        Ok(SortedEnergies { energies, order, source, read_as, warnings })
    }

    fn refusal(&self, error: &EnergiesError, order: &[usize]) -> IoError {
        let bad = |index: String, value: f64, problem: &str| IoError::BadValue {
            path: self.path.clone(),
            dataset: self.dataset.clone(),
            index,
            value: format!("{value} eV"),
            problem: problem.to_owned(),
        };
        match *error {
            EnergiesError::Duplicated { index, value } => bad(
                format!("{} and {}", order[index - 1], order[index]),
                value,
                "two images of one energy; leave one of them out, or average them",
            ),
            EnergiesError::NotAnEnergy { index, value } => bad(
                order[index].to_string(),
                value,
                "energies are positive and finite; leave the image out, or pass --energies with the right value",
            ),
            EnergiesError::Unsorted { index, value, .. } => {
                bad(order[index].to_string(), value, "not sorted")
            }
            EnergiesError::Empty => Self::missing(&self.path),
        }
    }

    fn check_range(&self, energies: &Energies, unit: EnergyUnit) -> Result<(), IoError> {
        let (first, last) = (energies.first().value(), energies.last().value());
        if ENERGY_RANGE.contains(&first) && ENERGY_RANGE.contains(&last) {
            return Ok(());
        }
        let inside =
            |factor: f64| ENERGY_RANGE.contains(&(first * factor)) && ENERGY_RANGE.contains(&(last * factor));
        let slip = if unit == EnergyUnit::ElectronVolt && inside(1e3) {
            "that looks like keV: pass --energy-unit keV"
        } else {
            "pass --energy-unit, or --energies in eV"
        };
        Err(IoError::Implausible {
            path: self.path.clone(),
            dataset: self.dataset.clone(),
            quantity: "photon energy",
            value: format!(
                "{first} … {last} eV, outside {} … {} eV",
                ENERGY_RANGE.start(),
                ENERGY_RANGE.end()
            ),
            slip: slip.to_owned(),
        })
    }
}
