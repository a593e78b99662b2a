//! The kernels on the processor: one operation, one file, plain loops.
//!
//! Whole-scan kernels take the frames in chunks. Within a chunk every frame is one task that leaves its contribution in a
//! `Slot`; then every row of the result is one task that adds the contributions in the order of the frames. Sums
//! therefore have the same bits for any number of threads, and memory for one chunk, not for all frames.

mod arrays;
mod batch;
mod beam;
mod compare;
mod detector_sums;
mod exit_waves;
mod gradient;
mod light;
mod overlap;
mod pie_sweep;
mod position_sums;
mod residuals;
mod slopes;
mod slots;
mod step_sums;
mod variation_sums;
mod wave_step;

use crate::detector::{Counts, Likelihood};
use crate::fft::{Fft2Scratch, WaveBuffer};
use crate::kernels::{
    Batch, Comparison, DetectorSums, Gradient, Inertia, Kernels, Light, PieWeights, PositionSums, StepSums,
    VariationSums, WaveStep,
};
use crate::measurement::Measurement;
use crate::model::{Model, Sampling, Views};
use crate::propagator::Wavefield;
use litho_types::C32;
use ndarray::{Array2, Array3, Array4};
use slots::Slot;
use std::sync::{Mutex, PoisonError};

/// [`Kernels`] on the processor's cores.
#[derive(Debug)]
pub struct CpuKernels {
    measurement: Measurement,
    spare: Mutex<Vec<Workspace>>,
    slots: Mutex<Vec<Slot>>,
}

/// What one thread needs to carry one frame's waves to the detector and back.
#[derive(Debug)]
struct Workspace {
    field: Wavefield,
    /// `√I` of the frame, `(y, x)`.
    amplitude: Vec<f32>,
    /// The frame's own beam `(wave, y, x)`, where it is not the probe itself.
    beam: WaveBuffer,
}

/// The pixels of one frame on the object array.
#[derive(Debug, Clone, Copy, Default)]
struct Patch {
    /// First pixel `(y, x)`.
    corner: [usize; 2],
    /// Shape `(ny, nx)` of the frame.
    shape: (usize, usize),
    /// Width of the object array.
    pitch: usize,
}

impl Patch {
    /// Where row `y` of the patch starts in the object's pixels.
    fn row(&self, y: usize) -> std::ops::Range<usize> {
        let start = (self.corner[0] + y) * self.pitch + self.corner[1];
        start..start + self.shape.1
    }

    /// Pixels of the frame.
    fn pixels(&self) -> usize {
        self.shape.0 * self.shape.1
    }
}

/// What one frame sees: the object under it and its beam.
#[derive(Debug, Clone, Copy)]
struct Sight<'a> {
    /// The whole object's pixels.
    object: &'a [C32],
    patch: Patch,
    /// The probe's shift, `(y, x)` in pixels.
    shift: [f32; 2],
    /// `(wave, y, x)`.
    beam: &'a [C32],
}

impl CpuKernels {
    /// Kernels over one measurement.
    pub fn new(measurement: Measurement) -> Self {
        Self { measurement, spare: Mutex::new(Vec::new()), slots: Mutex::new(Vec::new()) }
    }

    /// The measurement the kernels work on.
    pub fn measurement(&self) -> &Measurement {
        &self.measurement
    }

    /// Where a frame lies, and the shift of its probe.
    fn locate(&self, model: &Model<Self>, frame: usize) -> (Patch, [f32; 2]) {
        let shape = self.measurement.frame_shape();
        let (corner, shift) = model.views.locate(frame, model.object.dim(), shape);
        (Patch { corner, shape, pitch: model.object.dim().1 }, shift)
    }

    /// What a frame sees; its own beam, if it has one, is made in `beam`.
    fn sight<'a>(
        &self,
        model: &'a Model<Self>,
        frame: usize,
        scratch: &mut Fft2Scratch,
        beam: &'a mut WaveBuffer,
    ) -> Sight<'a> {
        let (patch, shift) = self.locate(model, frame);
        let object = pixels(&model.object);
        if model.views.share_the_probe() {
            return Sight { object, patch, shift, beam: pixels(&model.probe) };
        }
        beam::of_frame(model, frame, shift, self.measurement.propagator().fft(), scratch, beam);
        Sight { object, patch, shift, beam }
    }

    /// A frame's counts, `√I` of which are written to `amplitude`.
    fn counts<'a>(
        &self,
        frame: usize,
        background: Option<&'a Array2<f32>>,
        amplitude: &'a mut [f32],
    ) -> Counts<'a> {
        self.measurement.amplitude_into(frame, amplitude);
        let background =
            background.map_or(&[][..], |b| b.as_slice().expect("kernel arrays are in standard layout"));
        Counts { amplitude, background, saturation: self.measurement.saturation() }
    }

    /// Runs `work` with a workspace for `waves` waves, made once per thread at most.
    fn with_workspace<R>(&self, waves: usize, work: impl FnOnce(&mut Workspace) -> R) -> R {
        let (ny, nx) = self.measurement.frame_shape();
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = spare().pop().filter(|w| w.field.waves.len() == waves * ny * nx);
        let mut workspace = kept.unwrap_or_else(|| Workspace {
            field: self.measurement.propagator().wavefield(waves),
            amplitude: vec![0.0; ny * nx],
            beam: WaveBuffer::zeros(waves * ny * nx),
        });
        let result = work(&mut workspace);
        spare().push(workspace);
        result
    }

    /// Slots that an earlier pass returned; their memory is used again.
    fn spare_slots(&self) -> Vec<Slot> {
        std::mem::take(&mut self.slots.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn return_slots(&self, slots: Vec<Slot>) {
        *self.slots.lock().unwrap_or_else(PoisonError::into_inner) = slots;
    }

    /// All frames, in order.
    fn all_frames(&self) -> Vec<usize> {
        (0..self.measurement.frame_count()).collect()
    }
}

impl Model<CpuKernels> {
    /// Waves of one frame: modes times exposures.
    fn waves_per_frame(&self) -> usize {
        self.views.waves(self.probe.dim().0)
    }
}

/// The pixels of an array that this module made, and so knows to be contiguous.
fn pixels<D: ndarray::Dimension>(array: &ndarray::Array<C32, D>) -> &[C32] {
    array.as_slice().expect("kernel arrays are in standard layout")
}

/// As [`pixels`], to write.
fn pixels_mut<D: ndarray::Dimension>(array: &mut ndarray::Array<C32, D>) -> &mut [C32] {
    array.as_slice_mut().expect("kernel arrays are in standard layout")
}

impl Kernels for CpuKernels {
    type Object = Array2<C32>;
    type Probe = Array3<C32>;
    type Image = Array2<f32>;
    type Waves = Array4<C32>;

    fn views(&self) -> Views {
        Views::steady(&self.measurement, Sampling::WholePixels)
    }

    fn is_far_field(&self) -> bool {
        self.measurement.propagator().is_far_field()
    }

    fn frame_count(&self) -> usize {
        self.measurement.frame_count()
    }

    fn total_intensity(&self) -> f64 {
        self.measurement.total_intensity()
    }

    fn load_object(&self, host: &Array2<C32>) -> Self::Object {
        host.as_standard_layout().into_owned()
    }

    fn store_object(&self, object: &Self::Object) -> Array2<C32> {
        object.clone()
    }

    fn load_probe(&self, host: &Array3<C32>) -> Self::Probe {
        host.as_standard_layout().into_owned()
    }

    fn store_probe(&self, probe: &Self::Probe) -> Array3<C32> {
        probe.clone()
    }

    fn load_waves(&self, host: &Array4<C32>) -> Self::Waves {
        host.as_standard_layout().into_owned()
    }

    fn store_waves(&self, waves: &Self::Waves) -> Array4<C32> {
        waves.clone()
    }

    fn load_image(&self, host: &Array2<f32>) -> Self::Image {
        host.as_standard_layout().into_owned()
    }

    fn store_image(&self, image: &Self::Image) -> Array2<f32> {
        image.clone()
    }

    fn pie_sweep(
        &self,
        order: &[usize],
        likelihood: Likelihood,
        weights: PieWeights,
        model: &mut Model<Self>,
    ) -> f64 {
        pie_sweep::run(self, order, likelihood, weights, model)
    }

    fn exit_waves(&self, model: &Model<Self>) -> Self::Waves {
        exit_waves::run(self, model)
    }

    fn wave_step(
        &self,
        step: WaveStep,
        inertia: Inertia,
        model: &mut Model<Self>,
        waves: &mut Self::Waves,
    ) -> f64 {
        wave_step::run(self, step, inertia, model, waves)
    }

    fn overlap_object(&self, inertia: f32, waves: &Self::Waves, model: &mut Model<Self>) {
        overlap::object(self, inertia, waves, model);
    }

    fn overlap_probe(&self, inertia: f32, waves: &Self::Waves, model: &mut Model<Self>) -> f64 {
        overlap::probe(self, inertia, waves, model)
    }

    fn batch(
        &self,
        frames: &[usize],
        likelihood: Likelihood,
        model: &Model<Self>,
        spare: Option<Batch<Self>>,
    ) -> Batch<Self> {
        batch::run(self, frames, likelihood, model, spare)
    }

    fn step_sums(
        &self,
        batch: &Batch<Self>,
        model: &Model<Self>,
        object: &Self::Object,
        probe: &Self::Probe,
    ) -> Vec<StepSums> {
        step_sums::run(self, batch, model, object, probe)
    }

    fn divide_object(&self, push: &mut Self::Object, light: &Self::Image, gamma: f32) {
        arrays::divide(pixels_mut(push), light, gamma);
    }

    fn divide_probe(&self, push: &mut Self::Probe, light: &Self::Image, gamma: f32) {
        for mode in pixels_mut(push).chunks_exact_mut(light.len()) {
            arrays::divide(mode, light, gamma);
        }
    }

    fn gradient(&self, likelihood: Likelihood, model: &Model<Self>) -> Gradient<Self> {
        gradient::run(self, likelihood, model)
    }

    fn slopes(
        &self,
        likelihood: Likelihood,
        model: &Model<Self>,
        object: &Self::Object,
        probe: &Self::Probe,
        lengths: &[f64],
    ) -> Vec<f64> {
        slopes::run(self, likelihood, model, object, probe, lengths)
    }

    fn light(&self, frames: &[usize], model: &Model<Self>) -> Light<Self> {
        light::run(self, frames, model)
    }

    fn compare(&self, model: &Model<Self>) -> Comparison {
        compare::run(self, model)
    }

    fn detector_sums(&self, model: &Model<Self>) -> DetectorSums {
        detector_sums::run(self, model)
    }

    fn position_sums(&self, model: &Model<Self>) -> Vec<PositionSums> {
        position_sums::run(self, model)
    }

    fn variation_sums(
        &self,
        model: &Model<Self>,
        direction: &Self::Probe,
        weights: &[f32],
    ) -> (Vec<VariationSums>, Self::Probe) {
        variation_sums::run(self, model, direction, weights)
    }
}
