//! The steps from volumes at two energies or more to composition, in order.

use super::config::ChemistryConfig;
use super::consistency::consistency;
use super::images::{Frame, Images};
use super::input::{Input, UNIT};
use super::result::{Charge, ChemistryMaps, TwoPhases};
use super::settings::{ChemistrySettings, MatterChoice};
use crate::align::Summary;
use crate::citations;
use crate::error::PipelineError;
use crate::output;
use crate::provenance::{Provenance, hash_of_text};
use crate::reconstruct::Status;
use crate::threads::in_pool;
use litho_resolve::volume_register::{
    Contrast, VolumeMotion, VolumePlacement, VolumeSettings, apply_volume, register_volumes,
};
use litho_spectro::chemistry::{
    Amounts, AngleScale, ChargeOptions, HistogramOptions, Noise, PhaseReferences, Prior, StateOfCharge,
    Threshold, angles, classify, fit_peaks, histogram, matter, solve, state_of_charge,
};
use litho_types::quantity::Radians;
use ndarray::{Array2, Array3, ArrayView3, Zip};
use std::path::PathBuf;
use std::time::Instant;

/// What to analyse and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Volumes of optical density, one per energy.
    pub volumes: Vec<PathBuf>,
    /// The file that lists the references: optical density of one nanometre of each phase.
    pub references: PathBuf,
    /// The aligned tilt series the volumes are made of, if known: what volumes are compared with where there is no stack.
    pub projections: Vec<PathBuf>,
    /// The file of maps.
    pub output: PathBuf,
    /// Settings.
    pub config: ChemistryConfig,
}

/// Finds what every voxel is made of and writes it.
///
/// # Errors
/// [`PipelineError`] for bad settings, volumes that do not belong together, bad references or a file that cannot be written.
pub fn chemistry(request: &Request) -> Result<Summary, PipelineError> {
    let settings = ChemistrySettings::resolve(request.config.clone()).map_err(PipelineError::Config)?;
    let stack = settings.config.stack.as_ref().map(PathBuf::from);
    for input in request.volumes.iter().chain(&request.projections).chain(&stack) {
        output::check(input, &request.output)?;
    }
    in_pool(settings.threads, || run(request, &settings))
}

fn run(request: &Request, settings: &ChemistrySettings) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let mut input = Input::read(&request.volumes, &request.references, settings)?;
    let mut told = Told { lines: Vec::new(), warnings: std::mem::take(&mut input.warnings) };
    let frame = Frame { shape: input.volumes[0].dim(), voxel: input.voxel, energies: &input.energies };
    let images = Images::read(request, settings, frame)?;
    let placements = match settings.motion {
        Some(motion) => laid_on_the_first(&mut input, motion, &mut told)?,
        None => vec![VolumePlacement::default(); input.volumes.len()],
    };
    let mut maps = Analysis { input: &input, settings }.maps(placements, &mut told)?;
    if let Some(images) = &images {
        told.warnings.extend(images.warnings.iter().cloned());
        let found = consistency(&maps.amounts, maps.mask.view(), images, &mut told.warnings)?;
        told.lines.extend(found.lines());
        maps.consistency = Some(found);
    }
    let provenance = Provenance {
        input: named(request, images.as_ref()),
        input_size: input.size + images.as_ref().map_or(0, |images| images.size),
        input_hash: images.as_ref().map_or_else(
            || input.hash.clone(),
            |images| hash_of_text(&format!("{}{}", input.hash, images.hash)),
        ),
        config: toml::to_string(&settings.config)
            .unwrap_or_else(|error| format!("# not representable: {error}")),
        seed: 0,
        threads: rayon::current_num_threads(),
        wall_seconds: started.elapsed().as_secs_f64(),
        citations: vec![citations::CHEMICAL_TOMOGRAPHY.to_owned()],
        warnings: told.warnings.clone(),
    };
    maps.write(&input, &provenance, &request.output)?;
    let Told { lines, warnings } = told;
    Ok(Summary { status: Status::Done, output: Some(request.output.clone()), lines, warnings })
}

/// All files that were read.
fn named(request: &Request, images: Option<&Images>) -> String {
    let volumes = request.volumes.iter().map(|path| path.display().to_string());
    volumes.chain(images.map(|images| images.name.clone())).collect::<Vec<_>>().join(", ")
}

/// What a person is told.
struct Told {
    lines: Vec<String>,
    warnings: Vec<String>,
}

/// Moves all volumes and their σ onto the first; where to.
fn laid_on_the_first(
    input: &mut Input,
    motion: VolumeMotion,
    told: &mut Told,
) -> Result<Vec<VolumePlacement>, PipelineError> {
    let mut placements = vec![VolumePlacement::default()];
    for index in 1..input.volumes.len() {
        let settings = VolumeSettings {
            motion,
            contrast: contrast(&input.references, index),
            ..VolumeSettings::default()
        };
        let found = register_volumes(input.volumes[0].view(), input.volumes[index].view(), &settings)?;
        let placement = found.placement;
        let energy = input.energies[index];
        if !found.converged {
            told.warnings.push(format!("the registration of {energy} eV did not come to rest"));
        }
        let [z, y, x] = placement.shift;
        let turn = placement.rotation.iter().map(|r| r * r).sum::<f64>().sqrt().to_degrees();
        told.lines.push(format!(
            "{energy} eV moved by ({z:+.2}, {y:+.2}, {x:+.2}) voxels (z, y, x), turned by {turn:.3}°, scaled by {:.5}",
            placement.scale
        ));
        input.volumes[index] = apply_volume(input.volumes[index].view(), &placement)?;
        if let Some(sigma) = &mut input.sigma {
            sigma[index] = apply_volume(sigma[index].view(), &placement)?.mapv(f32::abs);
        }
        placements.push(placement);
    }
    Ok(placements)
}

/// What one volume may be where the first is 1: anything between the pure phases.
fn contrast(references: &PhaseReferences, index: usize) -> Contrast {
    let density = references.density();
    let ratios: Vec<f64> =
        (0..references.phases()).map(|phase| density[(index, phase)] / density[(0, phase)]).collect();
    let low = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low < high && high.is_finite() { Contrast::Between([low, high]) } else { Contrast::Proportional }
}

struct Analysis<'a> {
    input: &'a Input,
    settings: &'a ChemistrySettings,
}

impl Analysis<'_> {
    fn maps(
        &self,
        placements: Vec<VolumePlacement>,
        told: &mut Told,
    ) -> Result<ChemistryMaps, PipelineError> {
        let input = self.input;
        let views: Vec<_> = input.volumes.iter().map(|volume| volume.view()).collect();
        let amounts = solve(&views, None, &input.references, &self.noise())?;
        let matter = matter(amounts.total().view(), None, self.threshold())?;
        told.lines.push(format!(
            "matter: {} voxels filled to more than {:.2} of their edge",
            matter.mask.iter().filter(|m| **m).count(),
            matter.threshold * (UNIT / input.voxel)
        ));
        told.warnings.extend(self.doubt(matter.threshold));
        let is_two = amounts.amounts.len() == 2 && views.len() == 2;
        let two =
            if is_two { Some(self.two(&amounts, matter.mask.view(), &mut told.warnings)?) } else { None };
        if let Some(two) = &two {
            told.lines.extend(two.lines(&amounts.names));
        }
        let charges = self.charges(&amounts, matter.threshold, &mut told.lines)?;
        Ok(ChemistryMaps {
            amounts,
            mask: matter.mask,
            threshold: matter.threshold,
            two,
            charges,
            consistency: None,
            placements,
        })
    }

    /// Polar angles and classes, of two phases at two energies.
    fn two(
        &self,
        amounts: &Amounts,
        mask: ArrayView3<'_, bool>,
        warnings: &mut Vec<String>,
    ) -> Result<TwoPhases, PipelineError> {
        let input = self.input;
        let scale = AngleScale::new(&input.references)?;
        let angles = angles(input.volumes[0].view(), input.volumes[1].view(), &self.noise())?;
        let weights = amounts.total().mapv(|total| total.max(0.0));
        let histogram =
            histogram(angles.angle.view(), mask, Some(weights.view()), &HistogramOptions::default())?;
        let mut starts = scale.pure();
        starts.sort_by(|a, b| a.value().total_cmp(&b.value()));
        let peaks = match fit_peaks(&histogram, &starts, self.independent()) {
            Ok(peaks) => Some(peaks),
            Err(error) => {
                warnings.push(format!("no peaks were fitted to the polar angles: {error}"));
                None
            }
        };
        let noise = typical(&angles.sigma, mask);
        let prior = match (&peaks, noise) {
            (Some(peaks), Some(noise)) => peaks.prior(&scale, Radians::new(noise)),
            _ => Prior::Flat,
        };
        let classes = classify(amounts, mask, self.settings.limits, &prior)?;
        Ok(TwoPhases { scale, histogram, peaks, classes })
    }

    fn noise(&self) -> Noise<'_> {
        match &self.input.sigma {
            Some(sigma) => Noise::Voxels {
                sigma: sigma.iter().map(|volume| volume.view()).collect(),
                correlation: Array2::eye(sigma.len()),
            },
            None => Noise::Unknown,
        }
    }

    /// A warning if full voxels hold far more or less than the references say.
    fn doubt(&self, threshold: f64) -> Option<String> {
        let full = 2.0 * threshold * (UNIT / self.input.voxel);
        let strange = self.settings.matter == MatterChoice::HalfPlateau && !(0.5..2.0).contains(&full);
        strange.then(|| {
            format!(
                "full voxels hold {full:.2e} of what the references say: give the optical density of one nanometre of each phase, \
                 and volumes of the optical density of a voxel"
            )
        })
    }

    /// The threshold on the amount, in the references' unit.
    fn threshold(&self) -> Threshold {
        match self.settings.matter {
            MatterChoice::HalfPlateau => Threshold::HalfPlateau,
            MatterChoice::Otsu => Threshold::Otsu,
            MatterChoice::Share(share) => Threshold::Amount(share * (self.input.voxel / UNIT)),
        }
    }

    /// Voxels of one resolution element.
    fn independent(&self) -> f64 {
        self.settings.resolution_nm.map_or(ChargeOptions::default().voxels_per_independent, |nm| {
            (nm * (UNIT / self.input.voxel)).powi(3).max(1.0)
        })
    }

    /// The share of every phase in all matter.
    fn charges(
        &self,
        amounts: &Amounts,
        threshold: f64,
        lines: &mut Vec<String>,
    ) -> Result<Vec<Charge>, PipelineError> {
        let options =
            ChargeOptions { voxels_per_independent: self.independent(), ..ChargeOptions::default() };
        let mut charges = Vec::new();
        for (phase, name) in amounts.names.iter().enumerate() {
            let share: StateOfCharge = state_of_charge(amounts, phase, threshold, &options)?;
            lines.push(format!(
                "{name}: {:.2} ± {:.2} % of the matter",
                100.0 * share.value,
                100.0 * share.sigma
            ));
            charges.push(Charge { name: name.clone(), share });
        }
        Ok(charges)
    }
}

/// The median of a map within a mask, of its finite values.
fn typical(map: &Array3<f32>, mask: ArrayView3<'_, bool>) -> Option<f64> {
    let mut values = Vec::new();
    Zip::from(map).and(mask).for_each(|value, inside| {
        if *inside && value.is_finite() {
            values.push(*value);
        }
    });
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    Some(f64::from(*values.select_nth_unstable_by(middle, f32::total_cmp).1))
}
