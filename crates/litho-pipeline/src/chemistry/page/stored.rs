//! A result of `chemistry`, read back for drawing.

use crate::error::PipelineError;
use crate::particles::{Chemistry, volume};
use crate::provenance::{COMMIT, VERSION};
use crate::tomo::page::list;
use litho_io::{ResultFile, read_result};
use litho_report::report::chemistry::{AngleGaussian, AngleHistogram, Phases};
use ndarray::{Array3, Zip};
use std::path::Path;

/// Everything a file of chemistry holds that is drawn.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) chemistry: Chemistry,
    /// Densities of the first two energies, where they lie on each other.
    pub(super) density: [Array3<f32>; 2],
    /// The fraction, cut to 0 to 1 for pictures.
    pub(super) composition: Array3<f32>,
    /// Classes as pictures take them.
    pub(super) classes: Array3<u16>,
    /// Compositions between which a voxel is mixed.
    pub(super) thresholds: [f64; 2],
    /// Shares of the phases in all matter.
    pub(super) shares: Vec<Share>,
    /// How far the second volume was moved.
    pub(super) moved: String,
    references: [[f64; 2]; 2],
    histogram: Histogram,
    pub(super) configuration: String,
    pub(super) provenance: Vec<(String, String)>,
    pub(super) citations: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// The share of a phase in all matter.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) sigma: f64,
}

/// What is added to a share whose truth is known.
pub(super) fn truth_note(truth: Option<f64>) -> String {
    truth.map_or_else(String::new, |truth| format!("; truth {:.1} %", 100.0 * truth))
}

/// The histogram of polar angles and its peaks, degrees.
#[derive(Debug)]
struct Histogram {
    middles: Vec<f64>,
    counts: Vec<f64>,
    mixed: f64,
    /// Rows of centre, its σ, width, weight, fraction, width as fraction.
    peaks: [Vec<f64>; 6],
}

/// Columns of the peaks.
const PEAKS: [&str; 6] = ["centre", "centre_sigma", "width", "weight", "fraction", "fraction_width"];

impl Stored {
    /// Reads a result of `chemistry` of two phases at two energies.
    ///
    /// # Errors
    /// [`PipelineError`] if it cannot be read or is of more phases or energies.
    pub(super) fn read(path: &Path) -> Result<Self, PipelineError> {
        let chemistry = Chemistry::read(path)?;
        let file = read_result(path)?;
        let [first, second, ..] = chemistry.energies[..] else {
            return Err(PipelineError::Unsuitable {
                file: path.display().to_string(),
                reason: "holds one energy; a report needs two".to_owned(),
            });
        };
        let density = |energy: f64| volume(&file, path, &format!("/entry/density/{energy}"));
        let edge = chemistry.voxel.value() * 1e9;
        let matrix = list(&file, "/entry/references/optical_density")?;
        let phases = chemistry.phases.len();
        let of = |phase: usize, energy: usize| {
            matrix.get(energy * phases + phase).copied().unwrap_or(f64::NAN) * edge
        };
        let text = |name: &str| file.text(name).unwrap_or_default();
        let configuration = text("/entry/process/config");
        Ok(Self {
            density: [density(first)?, density(second)?],
            composition: chemistry.fraction.mapv(|fraction| fraction.clamp(0.0, 1.0)),
            classes: chemistry.classes.mapv(u16::from),
            thresholds: thresholds(&configuration),
            shares: shares(&file, &chemistry.phases)?,
            moved: moved(&file)?,
            references: [[of(0, 0), of(0, 1)], [of(1, 0), of(1, 1)]],
            histogram: Histogram::read(&file, edge)?,
            provenance: vec![
                ("program".to_owned(), format!("lithoscope {VERSION} ({COMMIT})")),
                ("input".to_owned(), text("/entry/process/input/path")),
                ("input SHA-256".to_owned(), text("/entry/process/input/sha256")),
            ],
            configuration,
            citations: file.texts("/entry/process/citations").unwrap_or_default(),
            warnings: file.texts("/entry/process/warnings").unwrap_or_default(),
            chemistry,
        })
    }

    /// The two phases as pictures take them.
    pub(super) fn phases(&self) -> Phases {
        let [low, high] = self.thresholds;
        Phases {
            names: std::array::from_fn(|phase| self.chemistry.phases.get(phase).cloned().unwrap_or_default()),
            energies: std::array::from_fn(|index| {
                self.chemistry.energies.get(index).copied().unwrap_or(f64::NAN)
            }),
            references: self.references,
            thresholds: (low, high),
        }
    }

    /// The histogram of polar angles, in full voxels.
    pub(super) fn angles(&self) -> AngleHistogram {
        self.histogram.drawn(&self.phases())
    }

    /// Shares of the classes in the voxels of matter.
    pub(super) fn class_shares(&self) -> [f64; 3] {
        class_shares(&self.classes)
    }
}

/// Shares of the classes 1, 2, 3 in all voxels that have one.
pub(super) fn class_shares(classes: &Array3<u16>) -> [f64; 3] {
    let mut counts = [0_usize; 4];
    Zip::from(classes).for_each(|class| counts[usize::from((*class).min(3))] += 1);
    let all = counts[1..].iter().sum::<usize>().max(1) as f64;
    [1, 2, 3].map(|class| counts[class] as f64 / all)
}

/// Limits of the mixed class, as the configuration has them.
fn thresholds(configuration: &str) -> [f64; 2] {
    let config: crate::chemistry::ChemistryConfig = toml::from_str(configuration).unwrap_or_default();
    config.mixed.unwrap_or(crate::chemistry::settings::MIXED)
}

fn shares(file: &ResultFile, phases: &[String]) -> Result<Vec<Share>, PipelineError> {
    let one = |name: &String| {
        let at = format!("/entry/summary/share/{name}");
        Ok(Share {
            name: name.clone(),
            value: file.number(&at)?,
            sigma: file.number(&format!("{at}_sigma"))?,
        })
    };
    phases.iter().map(one).collect()
}

/// Shift of the second volume, and its turn and scale where there are any.
fn moved(file: &ResultFile) -> Result<String, PipelineError> {
    let shift = list(file, "/entry/registration/shift")?;
    let [_, _, _, z, y, x, ..] = shift[..] else { return Ok(String::new()) };
    let turn: f64 =
        list(file, "/entry/registration/rotation_deg")?.iter().skip(3).take(3).map(|r| r * r).sum();
    let scale = list(file, "/entry/registration/scale")?.get(1).copied().unwrap_or(1.0);
    Ok(format!("{z:+.2}, {y:+.2}, {x:+.2}; turned by {:.2}°, scaled by {scale:.4}", turn.sqrt()))
}

impl Histogram {
    fn read(file: &ResultFile, edge: f64) -> Result<Self, PipelineError> {
        let mut counts = list(file, "/entry/angles/data")?;
        for amount in &mut counts {
            *amount /= edge;
        }
        let column = |name: &str| list(file, &format!("/entry/angles/peak_{name}"));
        let mut peaks: [Vec<f64>; 6] = Default::default();
        for (column_of, name) in peaks.iter_mut().zip(PEAKS) {
            *column_of = column(name)?;
        }
        let mixed = list(file, "/entry/angles/mixed")?.first().copied().unwrap_or(0.0);
        Ok(Self { middles: list(file, "/entry/angles/angle")?, counts, mixed, peaks })
    }

    fn drawn(&self, phases: &Phases) -> AngleHistogram {
        let half = match self.middles[..] {
            [first, second, ..] => 0.5 * (second - first),
            _ => 0.0,
        };
        let end = |middle: Option<&f64>, by: f64| middle.map_or(0.0, |middle| (middle + by).to_radians());
        let all: f64 = self.counts.iter().sum();
        let [centre, sigma, width, weight, fraction, spread] = &self.peaks;
        let mut gaussians: Vec<AngleGaussian> = (0..centre.len())
            .map(|i| AngleGaussian {
                centre: centre[i].to_radians(),
                centre_sigma: sigma[i].to_radians(),
                width: width[i].to_radians(),
                voxels: weight[i] * all,
                composition: fraction[i],
                composition_width: spread[i],
                truth: None,
            })
            .collect();
        let pure = phases.angle(0.0);
        gaussians.sort_by(|a, b| (a.centre - pure).abs().total_cmp(&(b.centre - pure).abs()));
        AngleHistogram {
            ends: (end(self.middles.first(), -half), end(self.middles.last(), half)),
            counts: self.counts.clone(),
            gaussians,
            mixed: self.mixed * all,
        }
    }
}
