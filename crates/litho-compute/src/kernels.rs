//! The operations an engine needs of a device.

use litho_types::C32;
use ndarray::{Array2, Array3, Array4};

/// Step sizes and denominators of one ptychographic iterative engine update.
///
/// `O ← O + α Σ_k P_k* Δψ_k / [(1−γ) Σ_k|P_k|² + γ max Σ_k|P_k|²]`, and the same for the probe with
/// `|O|²` (Maiden, Johnson & Li, Optica 4, 736 (2017), eq. 20). `γ = 1` is ePIE
/// (Maiden & Rodenburg, Ultramicroscopy 109, 1256 (2009)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PieWeights {
    /// Object step α.
    pub object_step: f32,
    /// Probe step β; 0 leaves the probe as it is.
    pub probe_step: f32,
    /// γ of the object's denominator, in (0, 1].
    pub object_gamma: f32,
    /// γ of the probe's denominator, in (0, 1].
    pub probe_gamma: f32,
}

/// Coefficients of `ψ ← (1−a−b) ψ + a P·O + b Π_F[c P·O + (1−c) ψ]`.
///
/// The difference map with `a = −1, b = 1, c = 2` (Thibault et al., Science 321, 379 (2008)),
/// alternating projections with `a = 0, b = 1, c = 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelaxedProjection {
    /// Weight of the overlap projection.
    pub a: f32,
    /// Weight of the Fourier projection.
    pub b: f32,
    /// Mixing of the Fourier projection's argument.
    pub c: f32,
}

/// What the model predicts against what was measured, over the whole scan.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// `Σ_q (|F| − √I)²` of each frame over its measured pixels.
    pub frame_error: Vec<f64>,
    /// `Σ_q I` of each frame over its measured pixels.
    pub frame_total: Vec<f64>,
    /// `Σ_j |F_j|` at each detector pixel, `(y, x)` in kernel order.
    pub model_modulus: Array2<f64>,
    /// `Σ_j √I_j` at each detector pixel, `(y, x)` in kernel order; 0 where nothing was measured.
    pub measured_modulus: Array2<f64>,
}

impl Comparison {
    /// The normalised Fourier error `Σ(|F| − √I)² / ΣI`.
    pub fn error(&self) -> f64 {
        self.frame_error.iter().sum::<f64>() / self.frame_total.iter().sum::<f64>()
    }
}

/// A device that holds one scan's measurement and works on object, probe and exit waves.
///
/// Shapes on the host: object `(y, x)`, probe `(mode, y, x)`, waves `(frame, mode, y, x)`.
pub trait Kernels {
    /// The object on the device.
    type Object;
    /// The probe modes on the device.
    type Probe;
    /// The exit waves of every frame on the device.
    type Waves;

    /// Number of frames of the scan.
    fn frame_count(&self) -> usize;

    /// Sum of all measured intensities `Σ_j Σ_q I_j(q)`.
    fn total_intensity(&self) -> f64;

    /// Copies an object to the device.
    fn load_object(&self, host: &Array2<C32>) -> Self::Object;
    /// Copies an object from the device.
    fn store_object(&self, object: &Self::Object) -> Array2<C32>;
    /// Copies probe modes to the device.
    fn load_probe(&self, host: &Array3<C32>) -> Self::Probe;
    /// Copies probe modes from the device.
    fn store_probe(&self, probe: &Self::Probe) -> Array3<C32>;
    /// Copies exit waves to the device.
    fn load_waves(&self, host: &Array4<C32>) -> Self::Waves;
    /// Copies exit waves from the device.
    fn store_waves(&self, waves: &Self::Waves) -> Array4<C32>;

    /// Takes the frames of `order` one after the other and updates object and
    /// probe after each. Returns `Σ(|F| − √I)²` as met on the way.
    fn pie_sweep(
        &self,
        order: &[usize],
        weights: PieWeights,
        object: &mut Self::Object,
        probe: &mut Self::Probe,
    ) -> f64;

    /// `ψ_jk = P_k(r) O(r + r_j)` for every frame.
    fn exit_waves(&self, object: &Self::Object, probe: &Self::Probe) -> Self::Waves;

    /// Moves every exit wave by a [`RelaxedProjection`]. Returns `Σ(|F| − √I)²` of
    /// the wave that was projected.
    fn relaxed_projection(
        &self,
        coefficients: RelaxedProjection,
        object: &Self::Object,
        probe: &Self::Probe,
        waves: &mut Self::Waves,
    ) -> f64;

    /// `O ← (Σ_jk P_k* ψ_jk + c O)/(Σ_jk |P_k|² + c)` with `c = inertia · max Σ_jk |P_k|²`.
    fn overlap_object(
        &self,
        inertia: f32,
        probe: &Self::Probe,
        waves: &Self::Waves,
        object: &mut Self::Object,
    );

    /// `P_k ← (Σ_j O_j* ψ_jk + c P_k)/(Σ_j |O_j|² + c)` with `c = inertia · frame count`.
    /// Returns the relative change `‖P' − P‖/‖P‖`.
    fn overlap_probe(
        &self,
        inertia: f32,
        object: &Self::Object,
        waves: &Self::Waves,
        probe: &mut Self::Probe,
    ) -> f64;

    /// Propagates the model of every frame and compares it with the measurement.
    fn compare(&self, object: &Self::Object, probe: &Self::Probe) -> Comparison;
}
