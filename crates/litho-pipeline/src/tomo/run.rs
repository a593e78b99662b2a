//! The steps from aligned projections to a volume, in order.

use super::axis::geometry;
use super::config::TomoConfig;
use super::halves::{Halves, fsc_lines};
use super::input::Input;
use super::quantity::Written;
use super::result::{Found, Output};
use super::settings::{SupportSetting, TomoSettings};
use super::strength;
use crate::align::Summary;
use crate::citations;
use crate::error::PipelineError;
use crate::output;
use crate::provenance::Provenance;
use crate::reconstruct::Status;
use crate::threads::in_pool;
use litho_io::read_real;
use litho_tomo::stream::Slices;
use litho_tomo::{Geometry, Settings, Stop, Support, TomoError, halves, reconstruct_layers};
use litho_types::observer::{CancelToken, Observer};
use ndarray::{Array3, Ix3};
use std::path::PathBuf;
use std::time::Instant;

/// What to reconstruct and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The tilt series, usually aligned.
    pub tilts: PathBuf,
    /// The file of the volume; its extension decides the format.
    pub output: PathBuf,
    /// Settings.
    pub config: TomoConfig,
}

/// Reconstructs a volume from a tilt series and writes it.
///
/// # Errors
/// [`PipelineError`] for bad settings, a bad series or a file that cannot be written.
pub fn tomo(
    request: &Request,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let settings = TomoSettings::resolve(request.config.clone()).map_err(PipelineError::Config)?;
    output::check(&request.tilts, &request.output)?;
    Summary::of(in_pool(settings.threads, || run(request, &settings, observer, cancel)))
}

fn run(
    request: &Request,
    settings: &TomoSettings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let input = Input::open(&request.tilts, &settings.tilts, settings.method)?;
    let mut work = Work::plan(&input, settings, observer, cancel)?;
    let mut output = Output::create(&request.output, &work.written, input.pixel(), work.shape())?;
    let residual = work.reconstruct(None, &mut output, observer, cancel)?;
    let halves = if settings.split { Some(work.halves(observer, cancel)?) } else { None };
    let mut lines = work.lines(&residual);
    if let Some(halves) = &halves {
        lines.extend(fsc_lines(&halves.fsc));
        let unit = work.written.quantity.unit();
        lines.push(format!(
            "σ of a voxel {:.3e} {unit}, an upper bound from two halves",
            halves.typical_sigma
        ));
    }
    let warnings = input.warnings.clone();
    let provenance = Provenance {
        input: request.tilts.display().to_string(),
        input_size: input.size,
        input_hash: input.hash.clone(),
        config: toml::to_string(&settings.config)
            .unwrap_or_else(|error| format!("# not representable: {error}")),
        seed: 0,
        threads: rayon::current_num_threads(),
        wall_seconds: started.elapsed().as_secs_f64(),
        citations: citations::of_tomography(settings.method, settings.split),
        warnings: warnings.clone(),
    };
    let found = Found {
        angles: &input.angles().degrees(),
        energy: input.energy(),
        axis: work.geometry.axis(),
        factor: work.written.factor,
        residual: &residual,
        halves: halves.as_ref(),
        provenance: &provenance,
    };
    output.commit(&found)?;
    Ok(Summary { status: Status::Done, output: Some(request.output.clone()), lines, warnings })
}

/// A reconstruction, ready to be done with all projections or with some.
struct Work<'a> {
    input: &'a Input,
    geometry: Geometry,
    about_axis: String,
    settings: Settings,
    written: Written,
}

impl<'a> Work<'a> {
    fn plan(
        input: &'a Input,
        settings: &TomoSettings,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<Self, PipelineError> {
        let (geometry, about_axis) = geometry(input, settings, observer, cancel)?;
        let written = Written::of(input, settings)?;
        let support = match &settings.support {
            SupportSetting::Circle => Support::Circle,
            SupportSetting::Everywhere => Support::Everywhere,
            SupportSetting::Mask(named) => Support::Mask(mask(named)?),
        };
        let settings = Settings {
            method: strength::in_voxels(settings.method, input, &geometry)?,
            range: written.range(settings.range),
            support,
            stop: Stop::default(),
        };
        Ok(Self { input, geometry, about_axis, settings, written })
    }

    /// Shape `(z, y, x)` of the volume.
    fn shape(&self) -> [usize; 3] {
        [self.input.dim().1, self.geometry.size(), self.geometry.size()]
    }

    /// Reconstructs from the projections at these places, or all, in the quantity that is written.
    fn reconstruct(
        &mut self,
        places: Option<&[usize]>,
        slices: &mut dyn Slices,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<Vec<f64>, PipelineError> {
        let geometry = places.map_or_else(|| self.geometry.clone(), |places| self.geometry.select(places));
        let mut rows = self.input.rows(places);
        let mut slices = Scaled { factor: self.written.factor as f32, slices };
        Ok(reconstruct_layers(&mut rows, &mut slices, &geometry, &self.settings, observer, cancel)?)
    }

    fn halves(
        &mut self,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<Halves, PipelineError> {
        let [even, odd] = halves::split(self.input.angles())?;
        let mut volumes = [Array3::zeros(self.shape()), Array3::zeros(self.shape())];
        for (volume, places) in volumes.iter_mut().zip([even, odd]) {
            self.reconstruct(Some(&places), volume, observer, cancel)?;
        }
        Halves::compare(&volumes, self.input.angles(), self.input.pixel())
    }

    fn lines(&self, residual: &[f64]) -> Vec<String> {
        let (count, ny, nx) = self.input.dim();
        let [nz, size, _] = self.shape();
        let mut lines = vec![
            format!("{count} projections of {ny} × {nx} pixels, volume of {nz} × {size} × {size} voxels"),
            self.about_axis.clone(),
        ];
        if let Some(last) = residual.last() {
            lines.push(format!(
                "{}: residual {last:.5} of the projections' norm after {} iterations",
                self.settings.method.name(),
                residual.len()
            ));
        }
        lines
    }
}

/// Slices times a factor.
struct Scaled<'a> {
    factor: f32,
    slices: &'a mut dyn Slices,
}

impl Slices for Scaled<'_> {
    fn write(
        &mut self,
        places: std::ops::Range<usize>,
        slices: ndarray::ArrayView3<f32>,
    ) -> Result<(), TomoError> {
        if self.factor == 1.0 {
            return self.slices.write(places, slices);
        }
        self.slices.write(places, slices.mapv(|value| value * self.factor).view())
    }
}

/// A mask `(z, y, x)` from a file.
fn mask(named: &str) -> Result<Array3<bool>, PipelineError> {
    let numbers = read_real(named)?;
    let numbers = numbers.into_dimensionality::<Ix3>().map_err(|error| PipelineError::Unsuitable {
        file: named.to_owned(),
        reason: format!("the mask is not (z, y, x): {error}"),
    })?;
    Ok(numbers.mapv(|number| number != 0.0))
}
