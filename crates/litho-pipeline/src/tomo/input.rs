//! The projections of a volume, in memory or read a few rows at a time.

use crate::align::WEIGHTS;
use crate::error::PipelineError;
use crate::tilt_input::fingerprint_of;
use litho_io::{
    TiltFormat, TiltOptions, TiltPlan, TiltQuantity, plan_tilts, read_result, read_tilt_rows, read_tilts,
};
use litho_tomo::phase::derivative::{Slope, phase_slope};
use litho_tomo::phase::{PhaseSettings, prepare};
use litho_tomo::stream::Rows;
use litho_tomo::{Method, TomoError};
use litho_types::C32;
use litho_types::observer::{CancelToken, Silent};
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::tilt::TiltAngles;
use litho_types::tilt_series::Projections;
use litho_types::volume::VolumeQuantity;
use ndarray::{Array3, Axis, s};
use std::ops::Range;
use std::path::Path;

/// A tilt series, planned, with what an alignment said of it.
pub(super) struct Input {
    plan: TiltPlan,
    weights: Option<TiltPlan>,
    /// What was read as a whole because the method needs it so.
    derivatives: Option<Array3<f32>>,
    /// Column of the rotation axis, if the series was aligned.
    pub(super) axis: Option<f64>,
    /// What a voxel of the reconstruction is.
    pub(super) quantity: VolumeQuantity,
    pub(super) size: u64,
    pub(super) hash: String,
    pub(super) warnings: Vec<String>,
}

impl Input {
    /// Plans a tilt series for a method.
    ///
    /// # Errors
    /// [`PipelineError`] if it cannot be read, or holds what the method cannot use.
    pub(super) fn open(path: &Path, options: &TiltOptions, method: Method) -> Result<Self, PipelineError> {
        let plan = plan_tilts(path, options)?;
        let (size, hash) = fingerprint_of(&plan)?;
        let by_derivative = matches!(method, Method::FbpFromDerivative { .. });
        let quantity = match plan.quantity {
            TiltQuantity::Complex | TiltQuantity::Phase => VolumeQuantity::Phase,
            TiltQuantity::OpticalDensity | TiltQuantity::Transmission | TiltQuantity::Intensity => {
                VolumeQuantity::OpticalDensity
            }
        };
        let refuse = |reason: &str| {
            Err(PipelineError::Unsuitable { file: path.display().to_string(), reason: reason.to_owned() })
        };
        if plan.quantity == TiltQuantity::Complex && !by_derivative {
            return refuse(
                "holds complex transmissions, which may be wrapped; run `lithoscope align` first, or take --method derivative",
            );
        }
        if by_derivative && quantity != VolumeQuantity::Phase {
            return refuse("holds optical densities; --method derivative is for phases, take fbp");
        }
        let derivatives = if by_derivative { Some(derivatives(&plan)?) } else { None };
        let own = plan.format == TiltFormat::Lithoscope;
        let (axis, weights) = if own { of_alignment(path)? } else { (None, None) };
        let warnings = plan.warnings.clone();
        Ok(Self { plan, weights, derivatives, axis, quantity, size, hash, warnings })
    }

    pub(super) fn angles(&self) -> &TiltAngles {
        &self.plan.angles
    }

    pub(super) fn energy(&self) -> Option<ElectronVolts> {
        self.plan.energy
    }

    pub(super) fn pixel(&self) -> Option<Metres> {
        self.plan.pixel
    }

    /// True if pixels have weights.
    pub(super) fn is_weighted(&self) -> bool {
        self.weights.is_some()
    }

    /// True if all projections were read at once.
    pub(super) fn is_in_memory(&self) -> bool {
        self.derivatives.is_some()
    }

    /// Shape `(angle, y, x)`.
    pub(super) fn dim(&self) -> (usize, usize, usize) {
        (self.plan.angles.len(), self.plan.shape.0, self.plan.shape.1)
    }

    /// Some rows of all projections as stored, NaN where nothing was measured.
    pub(super) fn read(&self, rows: Range<usize>) -> Result<Array3<f32>, PipelineError> {
        match &self.derivatives {
            Some(derivatives) => Ok(derivatives.slice(s![.., rows, ..]).to_owned()),
            None => Ok(read_tilt_rows(&self.plan, rows)?),
        }
    }

    /// The projections at these places, or all of them.
    pub(super) fn rows<'a>(&'a self, places: Option<&'a [usize]>) -> InputRows<'a> {
        InputRows { input: self, places, missing: None }
    }
}

/// Column of the rotation axis, and the weights, of a result of `align`.
fn of_alignment(path: &Path) -> Result<(Option<f64>, Option<TiltPlan>), PipelineError> {
    let file = read_result(path)?;
    let at = "/entry/alignment/axis";
    let axis = if file.contains(at) { Some(file.number(at)?) } else { None };
    if !file.contains(WEIGHTS) {
        return Ok((axis, None));
    }
    let options = TiltOptions {
        format: Some(TiltFormat::Hdf5),
        dataset: Some(WEIGHTS.to_owned()),
        angles: Some(litho_io::AngleSource::Named("/entry/angle".to_owned())),
        quantity: Some(TiltQuantity::OpticalDensity),
        ..TiltOptions::default()
    };
    Ok((axis, Some(plan_tilts(path, &options)?)))
}

/// Phase gradients along x per pixel, free of each projection's ramp; NaN where there is no light.
fn derivatives(plan: &TiltPlan) -> Result<Array3<f32>, PipelineError> {
    let (_, projections) = read_tilts(plan)?.series.into_parts();
    let waves = match projections {
        Projections::Transmission(waves) => waves,
        Projections::Phase(phases) | Projections::OpticalDensity(phases) => {
            phases.mapv(|phase| C32::from_polar(1.0, phase))
        }
    };
    let prepared = prepare(waves.view(), &PhaseSettings::default(), &mut Silent, &CancelToken::new())?;
    let mut slopes = Array3::zeros(waves.dim());
    let reports = slopes.axis_iter_mut(Axis(0)).zip(waves.outer_iter()).zip(&prepared.projections);
    for ((mut slope, wave), report) in reports {
        let lit = wave.mapv(|t| t.norm_sqr().is_finite() && t.norm_sqr() > 0.0);
        slope.assign(&phase_slope(wave, lit.view(), Slope::Central));
        slope -= report.ramp.slope.x as f32;
        ndarray::Zip::from(&mut slope).and(&lit).for_each(|slope, lit| {
            if !lit {
                *slope = f32::NAN;
            }
        });
    }
    Ok(slopes)
}

/// Rows of some of the projections.
pub(super) struct InputRows<'a> {
    input: &'a Input,
    places: Option<&'a [usize]>,
    /// Weights of the rows read last, if a number is missing among them.
    missing: Option<Array3<f32>>,
}

impl InputRows<'_> {
    fn chosen(&self, all: Array3<f32>) -> Array3<f32> {
        match self.places {
            Some(places) => all.select(Axis(0), places),
            None => all,
        }
    }
}

impl Rows for InputRows<'_> {
    fn depth(&self) -> usize {
        self.input.plan.shape.0
    }

    fn read(&mut self, rows: Range<usize>) -> Result<Array3<f32>, TomoError> {
        let all = self.input.read(rows).map_err(|error| TomoError::Rows { message: error.to_string() })?;
        let mut chosen = self.chosen(all);
        self.missing = None;
        if chosen.iter().any(|value| !value.is_finite()) {
            self.missing = Some(chosen.mapv(|value| if value.is_finite() { 1.0 } else { 0.0 }));
            chosen.mapv_inplace(|value| if value.is_finite() { value } else { 0.0 });
        }
        Ok(chosen)
    }

    fn weights(&mut self, rows: Range<usize>) -> Result<Option<Array3<f32>>, TomoError> {
        let Some(plan) = &self.input.weights else { return Ok(self.missing.take()) };
        let read = read_tilt_rows(plan, rows);
        let mut weights = self.chosen(read.map_err(|error| TomoError::Rows { message: error.to_string() })?);
        weights.mapv_inplace(|weight| if weight.is_finite() { weight.clamp(0.0, 1.0) } else { 0.0 });
        if let Some(missing) = self.missing.take() {
            weights *= &missing;
        }
        Ok(Some(weights))
    }
}
