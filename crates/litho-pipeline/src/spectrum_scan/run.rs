//! The steps of a multi-energy reconstruction, in order.

use super::air;
use super::energies::{Energies, Progress, Starts};
use super::experiment::Experiment;
use super::images::{Raster, brought_back, gathered};
use super::result::SpectrumScan;
use super::series::Series;
use crate::error::PipelineError;
use crate::output;
use crate::provenance::Provenance;
use crate::reconstruct::{Resume, Status};
use crate::threads::in_pool;
use litho_resolve::register::{ImageKind, register};
use litho_resolve::window::Window;
use litho_spectro::kramers_kronig::{
    KkConstraint, Lifetime, Noise, Plan, apply_to_objects, fix_gauge, stack_of, typical_density,
};
use litho_types::C32;
use litho_types::observer::{CancelToken, Observer};
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::scattering::Element;
use ndarray::{Array2, Array3, Axis, Zip};
use rayon::prelude::*;
use std::path::PathBuf;
use std::time::Instant;

/// What to reconstruct and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The experiment file.
    pub experiment: PathBuf,
    /// Folder of the results.
    pub folder: PathBuf,
    /// Whether to go on from the checkpoints of an interrupted run.
    pub resume: Resume,
    /// Threads; 0 is what the experiment says.
    pub threads: usize,
}

/// What a person is told at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How it ended.
    pub status: Status,
    /// The stack file, or the folder of the checkpoints.
    pub output: PathBuf,
    /// Lines of results.
    pub lines: Vec<String>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Reconstructs all energies of an experiment and writes `stack.h5`.
///
/// # Errors
/// [`PipelineError`] for a bad experiment, bad data or a file that cannot be written.
pub fn spectrum_scan(
    request: &Request,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let experiment = Experiment::from_file(&request.experiment)?;
    let threads = if request.threads > 0 { request.threads } else { experiment.settings.threads };
    in_pool(threads, || run(request, &experiment, observer, cancel))
}

fn run(
    request: &Request,
    experiment: &Experiment,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let folder = &request.folder;
    output::make_folder(folder)?;
    let series = Series::plan(experiment)?;
    let (input_size, input_hash) = series.fingerprint()?;
    let config = text_of(experiment);
    let identity = identity_of(experiment, &input_hash);
    let progress = Progress::new(observer, cancel, series.scans.len(), experiment.settings.iterations());
    let starts = Starts::find(experiment, &series, &progress)?;
    if cancel.is_cancelled() {
        let lines = vec!["interrupted before the first iteration of all energies; start again".to_owned()];
        let (status, output) = (Status::Interrupted, folder.clone());
        return Ok(Summary { status, output, lines, warnings: series.warnings });
    }
    let mut warnings = series.warnings.clone();
    warnings.extend(starts.orientation.warnings.iter().cloned());
    let mut energies = match request.resume {
        Resume::No => Energies::new(&series, &starts),
        Resume::FromCheckpoint => Energies::resumed(&series, &starts, folder, &identity)?,
    };
    let mut meetings = Meetings::new(experiment, &series);
    for until in experiment.blocks(energies.iteration()) {
        progress.begin(&energies);
        meetings.misfit = None;
        energies.advance(until, &progress)?;
        progress.end();
        if cancel.is_cancelled() && energies.iteration() < experiment.settings.iterations() {
            energies.keep(folder, &identity)?;
            return Ok(interrupted(folder, warnings));
        }
        if experiment.meetings().contains(&until) {
            meetings.meet(&mut energies)?;
        }
    }
    let images = meetings.gather(&energies)?;
    let provenance = Provenance {
        input: request.experiment.display().to_string(),
        input_size,
        input_hash,
        config,
        seed: experiment.settings.seed,
        threads: rayon::current_num_threads(),
        wall_seconds: started.elapsed().as_secs_f64(),
        citations: citations(experiment),
        warnings: warnings.clone(),
    };
    let result = SpectrumScan::assemble(&series, &energies, &meetings, images, provenance)?;
    let output = folder.join("stack.h5");
    result.write(&output)?;
    energies.forget(folder);
    Ok(Summary { status: Status::Done, output, lines: result.lines(), warnings })
}

/// The hash of all scans of an experiment.
///
/// # Errors
/// [`PipelineError`] if one cannot be read.
pub fn hash_of_inputs(experiment: &Experiment) -> Result<String, PipelineError> {
    Ok(Series::plan(experiment)?.fingerprint()?.1)
}

/// True if an interrupted run of this experiment left its checkpoints in the folder.
///
/// # Errors
/// [`PipelineError`] if the experiment or a scan cannot be read.
pub fn can_resume(request: &Request) -> Result<bool, PipelineError> {
    let experiment = Experiment::from_file(&request.experiment)?;
    let (_, hash) = Series::plan(&experiment)?.fingerprint()?;
    Ok(Energies::were_kept(&request.folder, &identity_of(&experiment, &hash)))
}

/// What says that a checkpoint belongs to this experiment.
fn identity_of(experiment: &Experiment, input_hash: &str) -> String {
    format!("{input_hash}\n{}", text_of(experiment))
}

/// The complete configuration as TOML.
fn text_of(experiment: &Experiment) -> String {
    toml::to_string(&experiment.config).unwrap_or_else(|error| format!("# not representable: {error}"))
}

fn interrupted(folder: &std::path::Path, warnings: Vec<String>) -> Summary {
    let lines = vec!["interrupted; --resume goes on".to_owned()];
    Summary { status: Status::Interrupted, output: folder.to_owned(), lines, warnings }
}

fn citations(experiment: &Experiment) -> Vec<String> {
    let mut all = crate::citations::of_reconstruction(
        &experiment.settings.stages,
        experiment.settings.corrections.iter(),
        &[],
    );
    if experiment.kramers_kronig.is_some() {
        all.push(crate::citations::KRAMERS_KRONIG.to_owned());
    }
    all
}

/// Where and how the images of all energies met last. Every meeting begins anew, so that a run that is resumed ends with the
/// bits of one that was never stopped.
pub(super) struct Meetings<'a> {
    experiment: &'a Experiment,
    series: &'a Series,
    pub(super) raster: Option<Raster>,
    /// How far each energy's image lies from the reference's, m.
    pub(super) shifts: Vec<Point<Metres>>,
    /// How well each image fits the reference's, 0–1.
    pub(super) correlations: Vec<f64>,
    /// The constraint's misfit `(y, x)` in standard deviations before it acted, if nothing happened since.
    misfit: Option<Array2<f32>>,
}

/// The images of all energies, met.
pub(super) struct Images {
    /// Complex transmissions `(energy, y, x)`, air 1, NaN where not all energies have light.
    pub(super) objects: Array3<C32>,
    /// Where all energies see air.
    pub(super) air: Array2<bool>,
    /// The constraint's misfit `(y, x)` in standard deviations, before it acts.
    pub(super) residual: Option<Array2<f32>>,
    /// Noise in air.
    pub(super) noise: Noise,
}

/// Rounds of registration at a meeting.
const REGISTRATIONS: usize = 2;
/// Taper of the registration's window: as narrow as may be.
const TAPER: f64 = 8.0;

impl<'a> Meetings<'a> {
    fn new(experiment: &'a Experiment, series: &'a Series) -> Self {
        let count = series.scans.len();
        let none = Point::new(Metres::new(0.0), Metres::new(0.0));
        Self {
            experiment,
            series,
            raster: None,
            shifts: vec![none; count],
            correlations: vec![1.0; count],
            misfit: None,
        }
    }

    /// Draws the images of all energies to what Kramers and Kronig allow.
    fn meet(&mut self, energies: &mut Energies<'_>) -> Result<(), PipelineError> {
        let Met { raster, mut objects, air } = self.met(energies)?;
        let Some(plan) = self.plan(&objects, &air)? else { return Ok(()) };
        let before = objects.clone();
        self.misfit = Some(apply_to_objects(&plan, &mut objects)?);
        // The gauge of each energy stays its own: only the change goes back.
        let seen = energies.seen();
        for (index, object) in energies.objects_mut().into_iter().enumerate() {
            let pair = [before.index_axis(Axis(0), index), objects.index_axis(Axis(0), index)];
            brought_back(object, pair, &raster, &seen[index], self.shifts[index]);
        }
        Ok(())
    }

    /// The images of all energies as they are, with the constraint's misfit.
    fn gather(&mut self, energies: &Energies<'_>) -> Result<Images, PipelineError> {
        let Met { objects, air, .. } = self.met(energies)?;
        let stack = stack_of(objects.view(), &self.series.energies, None)?;
        let noise = match stack.phase() {
            Some(phase) => Noise::in_air(stack.optical_density().view(), phase.view(), air.view())?,
            None => Noise::uniform(self.series.energies.len(), 1.0, 1.0),
        };
        let mut residual = self.misfit.take();
        if residual.is_none() {
            let plan = self.plan(&objects, &air)?;
            residual = plan.map(|plan| apply_to_objects(&plan, &mut objects.clone())).transpose()?;
        }
        Ok(Images { objects, air, residual, noise })
    }

    /// Brings the images to the common raster, registered, air 1.
    fn met(&mut self, energies: &Energies<'_>) -> Result<Met, PipelineError> {
        let seen = energies.seen();
        let raster = Raster::around(&seen, energies.largest_pixel());
        self.raster = Some(raster);
        self.shifts.fill(Point::new(Metres::new(0.0), Metres::new(0.0)));
        let reference = self.series.reference;
        let objects = energies.objects();
        let mut met = None;
        for round in 0..=REGISTRATIONS {
            let mut fixed = gathered(&objects, &seen, &self.shifts, &raster);
            let mut lit = Array2::from_elem(raster.shape, true);
            for (seen, shift) in seen.iter().zip(&self.shifts) {
                lit.zip_mut_with(&seen.lit_on(&raster, *shift), |all, one| *all &= one);
            }
            let air = self.air(fixed.index_axis(Axis(0), reference), &lit, &raster)?;
            fix_gauge(&mut fixed, air.view())?;
            if round == REGISTRATIONS {
                mark_missing(&mut fixed, &lit);
                met = Some(Met { raster, objects: fixed, air });
                break;
            }
            self.register(&fixed, &lit, &raster)?;
        }
        met.ok_or_else(|| PipelineError::argument("spectrum_scan", "registration", "did not run"))
    }

    fn air(
        &self,
        image: ndarray::ArrayView2<'_, C32>,
        lit: &Array2<bool>,
        raster: &Raster,
    ) -> Result<Array2<bool>, PipelineError> {
        let Some([y0, x0, y1, x1]) = self.experiment.air else {
            return air::find(image, lit).map_err(|error| {
                PipelineError::argument(
                    "spectrum_scan.air_m",
                    "found from the phase",
                    format!("no air was found in the image of the reference energy ({error}); give a rectangle of air"),
                )
            });
        };
        let place = |index: usize, first: Metres, pixel: Metres| first.value() + index as f64 * pixel.value();
        Ok(Array2::from_shape_fn(raster.shape, |(y, x)| {
            let (py, px) =
                (place(y, raster.first.y, raster.pixel.y), place(x, raster.first.x, raster.pixel.x));
            lit[(y, x)] && (y0..=y1).contains(&py) && (x0..=x1).contains(&px)
        }))
    }

    /// Adds what is left of the shifts between the images and the reference's.
    fn register(
        &mut self,
        objects: &Array3<C32>,
        lit: &Array2<bool>,
        raster: &Raster,
    ) -> Result<(), PipelineError> {
        let reference = self.series.reference;
        let known = |index: usize| {
            Zip::from(objects.index_axis(Axis(0), index)).and(lit).map_collect(|v, lit| {
                // The phase alone: absorption changes at the edge.
                if *lit && v.is_finite() { C32::new(v.arg(), 0.0) } else { C32::default() }
            })
        };
        let fixed = known(reference);
        let all = self.shifts.par_iter_mut().zip(&mut self.correlations).enumerate();
        all.filter(|(index, _)| *index != reference).try_for_each(|(index, (shift, correlation))| {
            let window = Window::Tukey { taper: TAPER };
            let found = register(fixed.view(), known(index).view(), window, ImageKind::Real)?;
            shift.y = shift.y + raster.pixel.y * found.shift.y.value();
            shift.x = shift.x + raster.pixel.x * found.shift.x.value();
            *correlation = found.correlation;
            Ok(())
        })
    }

    /// The constraint for images with this noise in air.
    fn plan(&self, objects: &Array3<C32>, air: &Array2<bool>) -> Result<Option<Plan>, PipelineError> {
        let (Some(settings), Some(absorber)) = (self.experiment.kramers_kronig, self.experiment.absorber)
        else {
            return Ok(None);
        };
        let energies = &self.series.energies;
        let stack = stack_of(objects.view(), energies, None)?;
        let Some(phase) = stack.phase() else { return Ok(None) };
        let noise = Noise::in_air(stack.optical_density().view(), phase.view(), air.view())?;
        let lifetime = match settings.core_hole {
            Some(width) => Some(Lifetime::new(width, self.density(&stack, absorber, air)?)),
            None => None,
        };
        let constraint =
            KkConstraint { strength: settings.strength, lifetime, ..KkConstraint::new(&[absorber]) };
        Ok(Some(constraint.plan(energies, &noise)?))
    }

    fn density(
        &self,
        stack: &litho_types::energy_stack::EnergyStack,
        absorber: Element,
        air: &Array2<bool>,
    ) -> Result<f64, PipelineError> {
        let material = air.mapv(|air| !air);
        Ok(typical_density(stack.optical_density().view(), material.view(), &self.series.energies, absorber)?)
    }
}

/// Images on the common raster.
struct Met {
    raster: Raster,
    /// Air 1, NaN where not all energies have light.
    objects: Array3<C32>,
    air: Array2<bool>,
}

/// NaN where not all energies have light.
fn mark_missing(objects: &mut Array3<C32>, lit: &Array2<bool>) {
    for mut image in objects.outer_iter_mut() {
        image.zip_mut_with(lit, |value, lit| {
            if !lit {
                *value = C32::new(f32::NAN, f32::NAN);
            }
        });
    }
}
