//! The scans of all energies, in order.

use super::experiment::{CommonPixel, EnergyInput, Experiment};
use super::frames;
use crate::config::Settings;
use crate::dataset;
use crate::error::PipelineError;
use crate::provenance::fingerprint;
use litho_io::{ScanPlan, read};
use litho_types::energies::Energies;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::quantity::ElectronVolts;
use litho_types::scan::Scan;

/// One scan per energy, ascending.
pub(super) struct Series {
    pub(super) energies: Energies,
    pub(super) scans: Vec<EnergyScan>,
    /// Which energy the others are registered to.
    pub(super) reference: usize,
    /// How the images come to one pixel.
    pixel: CommonPixel,
    /// What a person should know.
    pub(super) warnings: Vec<String>,
}

/// The scan at one energy, planned.
pub(super) struct EnergyScan {
    plan: ScanPlan,
    pub(super) settings: Settings,
    pub(super) geometry: Geometry,
    /// The input as it was named, for messages.
    pub(super) dataset: String,
}

/// Furthest that the energy in a file may be from the one in the experiment before it is mentioned, eV.
const SAME_ENERGY_EV: f64 = 0.05;

impl Series {
    /// Plans every scan, checks that they belong together and sorts them by energy.
    ///
    /// # Errors
    /// [`PipelineError`] naming the first file that is no scan, has no energy or another shape than the first.
    pub(super) fn plan(experiment: &Experiment) -> Result<Self, PipelineError> {
        let mut warnings = Vec::new();
        let mut scans = Vec::new();
        for input in &experiment.inputs {
            let scan = EnergyScan::plan(input)?;
            warnings.extend(scan.plan.warnings.iter().map(|warning| format!("{}: {warning}", scan.dataset)));
            warnings.extend(other_energy(input, &scan));
            scans.push(scan);
        }
        let first =
            scans.first().ok_or_else(|| PipelineError::argument("inputs", "[]", "name at least one scan"))?;
        let (shape, propagation) = (first.plan.frames.shape, first.geometry.propagation);
        for scan in &scans {
            if scan.plan.frames.shape != shape || scan.geometry.propagation != propagation {
                return Err(PipelineError::Unsuitable {
                    file: scan.dataset.clone(),
                    reason: format!(
                        "has frames of {:?} pixels in the {}, but the first scan has {shape:?} in the {}; energies of one \
                         series are measured alike",
                        scan.plan.frames.shape,
                        field(scan.geometry.propagation),
                        field(propagation),
                    ),
                });
            }
        }
        let found: Vec<f64> = scans.iter().map(|scan| scan.geometry.energy.value()).collect();
        if found.windows(2).any(|pair| pair[0] > pair[1]) {
            warnings.push("the inputs are not in the order of their energies; they were sorted".to_owned());
        }
        scans.sort_by(|a, b| a.geometry.energy.value().total_cmp(&b.geometry.energy.value()));
        let sorted: Vec<f64> = scans.iter().map(|scan| scan.geometry.energy.value()).collect();
        let energies = Energies::new(&sorted).map_err(|error| PipelineError::Unsuitable {
            file: experiment.name.clone(),
            reason: format!("the scans do not make a series: {error}"),
        })?;
        let reference = experiment.reference.map_or(0, |wanted| energies.nearest(wanted));
        Ok(Self { energies, scans, reference, pixel: experiment.pixel, warnings })
    }

    /// Reads the scan of one energy, its frames brought to the common pixel if they are to be.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if it cannot be read.
    pub(super) fn read(&self, index: usize) -> Result<Scan, PipelineError> {
        let scan = read(&self.scans[index].plan)?;
        let longest = self.energies.first();
        Ok(match self.pixel {
            CommonPixel::ResampleObjects => scan,
            CommonPixel::ResampleFrames => frames::resampled(scan, longest),
            CommonPixel::CropFrames => frames::cropped(scan, longest),
        })
    }

    /// Size and hash of all files that the images depend on: scans and, where they are files, starting probes.
    ///
    /// # Errors
    /// [`PipelineError`] if a file cannot be read.
    pub(super) fn fingerprint(&self) -> Result<(u64, String), PipelineError> {
        let mut size = 0;
        let mut hashes = String::new();
        for scan in &self.scans {
            let (bytes, hash) = fingerprint(&scan.plan.path)?;
            size += bytes;
            hashes.push_str(&hash);
            if let Some(probe) = scan.settings.probe.file() {
                hashes.push_str(&fingerprint(&probe)?.1);
            }
        }
        Ok((size, crate::provenance::hash_of_text(&hashes)))
    }
}

impl EnergyScan {
    fn plan(input: &EnergyInput) -> Result<Self, PipelineError> {
        let plan = dataset::plan_scan(&dataset::locate(&input.dataset)?, &input.settings.read)?;
        let geometry = plan.geometry.ok_or_else(|| PipelineError::Unsuitable {
            file: input.dataset.clone(),
            reason: "tells neither energy nor distance and pixel, so that its image has no size; give \
                     [reconstruct.input] energy_ev, distance_m and pixel_m"
                .to_owned(),
        })?;
        Ok(Self { plan, settings: input.settings.clone(), geometry, dataset: input.dataset.clone() })
    }
}

/// A warning if the file names another energy than the experiment.
fn other_energy(input: &EnergyInput, scan: &EnergyScan) -> Option<String> {
    let given = input.energy?;
    let mut options = input.settings.read.clone();
    options.energy = None;
    // A file without an energy of its own has nothing to say.
    let own = dataset::plan_scan(&scan.plan.path, &options).ok()?;
    let stored: Option<ElectronVolts> = own.geometry.map(|geometry| geometry.energy);
    stored.filter(|stored| (*stored - given).value().abs() > SAME_ENERGY_EV).map(|stored| {
        format!("{}: the file says {stored}, the experiment {given}; the experiment's is used", input.dataset)
    })
}

fn field(propagation: Propagation) -> &'static str {
    match propagation {
        Propagation::FarField => "far field",
        Propagation::NearField { .. } => "near field",
    }
}
