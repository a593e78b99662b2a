//! The kernels on the processor: one operation, one file, plain loops.

mod compare;
mod exit_waves;
mod overlap_object;
mod overlap_probe;
mod pie_sweep;
mod relaxed_projection;
mod replace_modulus;

pub(crate) use replace_modulus::replace_modulus;

use crate::kernels::{Comparison, Kernels, PieWeights, RelaxedProjection};
use crate::measurement::Measurement;
use crate::propagator::Wavefield;
use litho_types::C32;
use ndarray::{Array2, Array3, Array4};
use std::sync::{Mutex, PoisonError};

/// [`Kernels`] on the processor's cores.
#[derive(Debug)]
pub struct CpuKernels {
    measurement: Measurement,
    spare: Mutex<Vec<Workspace>>,
}

/// What one thread needs to carry one frame's waves to the detector and back.
#[derive(Debug)]
struct Workspace {
    field: Wavefield,
    /// `√I` of the frame, `(y, x)`.
    amplitude: Vec<f32>,
}

/// The pixels of one frame on the object array.
#[derive(Debug, Clone, Copy)]
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
}

impl CpuKernels {
    /// Kernels over one measurement.
    pub fn new(measurement: Measurement) -> Self {
        Self { measurement, spare: Mutex::new(Vec::new()) }
    }

    /// The measurement the kernels work on.
    pub fn measurement(&self) -> &Measurement {
        &self.measurement
    }

    fn patch(&self, frame: usize) -> Patch {
        let placement = self.measurement.placement();
        Patch {
            corner: placement.corners[frame],
            shape: self.measurement.frame_shape(),
            pitch: placement.object_shape.1,
        }
    }

    /// Runs `work` with a workspace for `modes` waves, made once per thread at most.
    fn with_workspace<R>(&self, modes: usize, work: impl FnOnce(&mut Workspace) -> R) -> R {
        let (ny, nx) = self.measurement.frame_shape();
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = spare().pop().filter(|w| w.field.waves.len() == modes * ny * nx);
        let mut workspace = kept.unwrap_or_else(|| Workspace {
            field: self.measurement.propagator().wavefield(modes),
            amplitude: vec![0.0; ny * nx],
        });
        let result = work(&mut workspace);
        spare().push(workspace);
        result
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
    type Waves = Array4<C32>;

    fn frame_count(&self) -> usize {
        self.measurement.frames().len()
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

    fn pie_sweep(
        &self,
        order: &[usize],
        weights: PieWeights,
        object: &mut Self::Object,
        probe: &mut Self::Probe,
    ) -> f64 {
        pie_sweep::run(self, order, weights, object, probe)
    }

    fn exit_waves(&self, object: &Self::Object, probe: &Self::Probe) -> Self::Waves {
        exit_waves::run(self, object, probe)
    }

    fn relaxed_projection(
        &self,
        coefficients: RelaxedProjection,
        object: &Self::Object,
        probe: &Self::Probe,
        waves: &mut Self::Waves,
    ) -> f64 {
        relaxed_projection::run(self, coefficients, object, probe, waves)
    }

    fn overlap_object(
        &self,
        inertia: f32,
        probe: &Self::Probe,
        waves: &Self::Waves,
        object: &mut Self::Object,
    ) {
        overlap_object::run(self, inertia, probe, waves, object);
    }

    fn overlap_probe(
        &self,
        inertia: f32,
        object: &Self::Object,
        waves: &Self::Waves,
        probe: &mut Self::Probe,
    ) -> f64 {
        overlap_probe::run(self, inertia, object, waves, probe)
    }

    fn compare(&self, object: &Self::Object, probe: &Self::Probe) -> Comparison {
        compare::run(self, object, probe)
    }
}
