//! A reference spectrum, and the checks that all formats share.

use crate::error::IoError;
use crate::scan::EnergyUnit;
use crate::stack::RawEnergies;
use litho_types::energies::Energies;
use std::path::{Path, PathBuf};

/// What a spectrum was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceFormat {
    /// X-ray Data Interchange, 1.x.
    Xdi,
    /// Columns of text.
    Columns,
    /// One group of an Athena project.
    Athena,
}

/// What the caller overrides.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReferenceOptions {
    /// Unit of the energies, where it is stated wrongly or not at all.
    pub energy_unit: Option<EnergyUnit>,
    /// Name of the column of absorption, or its number from 1.
    pub column: Option<String>,
    /// Label of the group in an Athena project; its only one otherwise.
    pub group: Option<String>,
}

/// Absorption of a compound over energy, as measured: neither background nor scale is touched.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceSpectrum {
    /// What it was read from.
    pub format: ReferenceFormat,
    /// Photon energies.
    pub energies: Energies,
    /// `μt`, or what the file calls absorption; one number per energy, all finite.
    pub absorption: Vec<f64>,
    /// What the file says of the sample: name (`Element.symbol`) and value.
    pub facts: Vec<(String, String)>,
    /// How the absorption was obtained: "ln(i0/itrans)".
    pub obtained: String,
    /// What a person should know.
    pub warnings: Vec<String>,
}

impl ReferenceSpectrum {
    /// The fact of this name, without regard to case.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A spectrum as stored.
pub(super) struct RawSpectrum {
    pub(super) format: ReferenceFormat,
    pub(super) path: PathBuf,
    /// Name of the column of energies.
    pub(super) column: String,
    pub(super) energies: Vec<f64>,
    pub(super) unit: Option<EnergyUnit>,
    pub(super) absorption: Vec<f64>,
    pub(super) obtained: String,
    pub(super) facts: Vec<(String, String)>,
}

impl RawSpectrum {
    /// Leaves out points without a number, averages points of one energy, sorts, and checks the energies. What was
    /// done is said in a warning.
    pub(super) fn finish(self, options: &ReferenceOptions) -> Result<ReferenceSpectrum, IoError> {
        let mut warnings = Vec::new();
        let mut points: Vec<(f64, f64)> = self.energies.into_iter().zip(self.absorption).collect();
        let all = points.len();
        points.retain(|(energy, value)| energy.is_finite() && value.is_finite());
        if points.len() < all {
            warnings.push(format!("{} of {all} points have no number and are left out", all - points.len()));
        }
        if points.windows(2).any(|pair| pair[1].0 < pair[0].0) {
            warnings.push("the energies were not ascending and have been sorted".to_owned());
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let distinct = averaged(&points);
        if distinct.len() < points.len() {
            warnings.push(format!(
                "{} points share an energy with another and were averaged",
                points.len() - distinct.len()
            ));
        }
        if distinct.len() < 2 {
            return Err(IoError::Incomplete {
                path: self.path,
                what: format!("a spectrum: {} of its {all} points are left", distinct.len()),
                fix: "check that the columns of energy and absorption are the right ones".to_owned(),
            });
        }
        let (energies, absorption): (Vec<f64>, Vec<f64>) = distinct.into_iter().unzip();
        let raw = RawEnergies { path: self.path, dataset: self.column, values: energies, unit: self.unit };
        let sorted = raw.sorted(options.energy_unit)?;
        Ok(ReferenceSpectrum {
            format: self.format,
            // A wavelength would sort the other way.
            absorption: sorted.order.iter().map(|&place| absorption[place]).collect(),
            energies: sorted.energies,
            facts: self.facts,
            obtained: self.obtained,
            warnings,
        })
    }
}

/// Points of one energy, next to each other, become their mean.
fn averaged(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    points
        .chunk_by(|a, b| a.0 == b.0)
        .map(|same| (same[0].0, same.iter().map(|(_, value)| value).sum::<f64>() / same.len() as f64))
        .collect()
}

/// Columns by name: finds energy and absorption.
pub(super) struct NamedColumns<'a> {
    pub(super) path: &'a Path,
    /// Names in lower case.
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Vec<f64>>,
}

/// Names of energies.
const ENERGY: [&str; 4] = ["energy", "e", "energy_ev", "energy_kev"];
/// Names of absorption, the rawest first.
const ABSORPTION: [&str; 12] = [
    "mutrans",
    "mu",
    "xmu",
    "optical_density",
    "od",
    "absorbance",
    "absorption",
    "mufluor",
    "normtrans",
    "norm",
    "normfluor",
    "flat",
];
/// Names of the transmitted, fluorescent and incident intensity.
const TRANSMITTED: [&str; 4] = ["itrans", "i1", "it", "i"];
const FLUORESCENCE: [&str; 3] = ["ifluor", "if", "fluor"];
const INCIDENT: [&str; 2] = ["i0", "imon"];

impl NamedColumns<'_> {
    fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.names.iter().position(|column| column == name))
    }

    /// Place of the column of energies.
    pub(super) fn energy(&self) -> Result<usize, IoError> {
        if let Some(place) = self.find(&ENERGY) {
            return Ok(place);
        }
        let angle = self.names.iter().any(|name| ["angle", "theta", "bragg"].contains(&name.as_str()));
        Err(IoError::Incomplete {
            path: self.path.to_owned(),
            what: if angle {
                "energies, only the angle of its monochromator, whose offset is not in the file".to_owned()
            } else {
                format!("which column is the energy (it has {})", self.names.join(", "))
            },
            fix: "convert it to energies in eV in a column called energy".to_owned(),
        })
    }

    /// The absorption and how it was obtained. `ln(i0/itrans)` or `ifluor/i0` where no column holds it.
    pub(super) fn absorption(&self, options: &ReferenceOptions) -> Result<(Vec<f64>, String), IoError> {
        if let Some(wanted) = &options.column {
            let by_number = wanted.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            let by_name = self.names.iter().position(|name| *name == wanted.to_lowercase());
            let place = by_name.or(by_number).filter(|&place| place < self.columns.len());
            return match place {
                Some(place) => Ok((self.columns[place].clone(), self.names[place].clone())),
                None => Err(IoError::argument(
                    "column",
                    wanted,
                    format!("is not in {}, which has {}", self.path.display(), self.names.join(", ")),
                )),
            };
        }
        if let Some(place) = self.find(&ABSORPTION) {
            return Ok((self.columns[place].clone(), self.names[place].clone()));
        }
        let incident = self.find(&INCIDENT);
        let ratio = |top: usize, bottom: usize, f: fn(f64) -> f64| -> Vec<f64> {
            let pairs = self.columns[top].iter().zip(&self.columns[bottom]);
            pairs.map(|(&t, &b)| if t > 0.0 && b > 0.0 { f(t / b) } else { f64::NAN }).collect()
        };
        match (incident, self.find(&TRANSMITTED), self.find(&FLUORESCENCE)) {
            // μt = ln(I0/I)
            (Some(i0), Some(transmitted), _) => {
                let name = format!("ln({}/{})", self.names[i0], self.names[transmitted]);
                Ok((ratio(i0, transmitted, f64::ln), name))
            }
            // μ ∝ I_f/I0
            (Some(i0), None, Some(fluorescence)) => {
                let name = format!("{}/{}", self.names[fluorescence], self.names[i0]);
                Ok((ratio(fluorescence, i0, |v| v), name))
            }
            _ => Err(IoError::Incomplete {
                path: self.path.to_owned(),
                what: format!("which column is the absorption (it has {})", self.names.join(", ")),
                fix: "name the column".to_owned(),
            }),
        }
    }
}
