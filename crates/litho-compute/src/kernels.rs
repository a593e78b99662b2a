//! The operations an engine needs of a device.

use crate::detector::Likelihood;
use crate::model::{Model, Views};
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

/// Coefficients of a step of all exit waves: with the overlap projection `Π_O ψ = P O` of the model,
///
/// `φ = Π_F[p Π_O ψ + q ψ]`, `ψ ← x ψ + a Π_O ψ + b φ`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaveStep {
    /// `[p, q]`.
    pub argument: [f32; 2],
    /// `[x, a, b]`.
    pub next: [f32; 3],
    /// What object and probe are averaged from afterwards.
    pub averaged: Averaged,
}

/// The waves whose overlap gives the next object and probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Averaged {
    /// The new exit waves `ψ`.
    Waves,
    /// The projected waves `φ`.
    Projected,
}

/// What holds object and probe where little light or matter speaks for them, in a [`WaveStep`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inertia {
    /// Share of the largest illumination.
    pub object: f32,
    /// Share of the frame count; `None` leaves the probe as it is.
    pub probe: Option<f32>,
}

/// What the model predicts against what was measured, over the whole scan.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// `Σ_q (√I_m − √I)²` of each frame over its measured pixels.
    pub frame_error: Vec<f64>,
    /// `Σ_q I` of each frame over its measured pixels.
    pub frame_total: Vec<f64>,
    /// `Σ_q I_m` of each frame over its measured pixels.
    pub frame_model: Vec<f64>,
    /// `Σ_j √I_m` at each detector pixel, `(y, x)` in kernel order.
    pub model_modulus: Array2<f64>,
    /// `Σ_j √I_j` at each detector pixel, `(y, x)` in kernel order; 0 where nothing was measured.
    pub measured_modulus: Array2<f64>,
}

impl Comparison {
    /// The normalised Fourier error `Σ(√I_m − √I)² / ΣI`.
    pub fn error(&self) -> f64 {
        self.frame_error.iter().sum::<f64>() / self.frame_total.iter().sum::<f64>()
    }
}

/// Sums over all frames at every detector pixel, for the background: `f_j = Σ_k|F_k|²`, I the counts and
/// `w_j = 1/(f_j + b + ε)`.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorSums {
    /// Frames that measured the pixel.
    pub frames: Array2<f64>,
    /// `Σ_j I_j`.
    pub counts: Array2<f64>,
    /// `Σ_j w_j`.
    pub weight: Array2<f64>,
    /// `Σ_j w_j (I_j − f_j)`.
    pub excess: Array2<f64>,
}

/// How the projected wave of one frame asks its probe to move: sums over the frame with `g_y = P ∂O/∂y`, `g_x = P ∂O/∂x`
/// and `χ = Π_F ψ − ψ`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PositionSums {
    /// `[⟨g_y, g_y⟩, Re⟨g_y, g_x⟩, ⟨g_x, g_x⟩]`.
    pub normal: [f64; 3],
    /// `[Re⟨g_y, χ⟩, Re⟨g_x, χ⟩]`.
    pub right: [f64; 2],
}

/// One frame's equations for the lengths of an object and a probe step (Odstrčil, Menzel & Guizar-Sicairos, Opt.
/// Express 26, 3108 (2018)): with `u = P ΔO`, `v = ΔP O` and `χ = Π_F ψ − ψ`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StepSums {
    /// `⟨u, u⟩`.
    pub object: f64,
    /// `⟨v, v⟩`.
    pub probe: f64,
    /// `⟨u, v⟩`, real and imaginary part.
    pub mixed: [f64; 2],
    /// `Re⟨u, χ⟩`.
    pub object_right: f64,
    /// `Re⟨v, χ⟩`.
    pub probe_right: f64,
}

/// One frame's share in the variation of the probe along one direction `U`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct VariationSums {
    /// `Re⟨U O, χ⟩`.
    pub right: f64,
    /// `⟨U O, U O⟩`.
    pub normal: f64,
}

/// A vector of numbers on a device.
pub trait DeviceArray: Clone + Sized {
    /// `self ← self + factor · other`.
    fn add_scaled(&mut self, factor: f32, other: &Self);
    /// `self ← factor · self`.
    fn scale(&mut self, factor: f32);
    /// `Re⟨self, other⟩`, summed in a fixed order.
    fn dot(&self, other: &Self) -> f64;
}

/// The residual waves `χ = ψ' − ψ` of some frames, from what they are to what their counts ask for, and what they say about object and probe.
#[derive(Debug)]
pub struct Batch<K: Kernels + ?Sized> {
    /// The frames, in order.
    pub frames: Vec<usize>,
    /// `χ_jk`, `(frame, wave, y, x)`.
    pub residuals: K::Waves,
    /// `Σ_jk P_jk* χ_jk`, as the object.
    pub object_push: K::Object,
    /// `Σ_j O_j* χ_jk`, as the probe.
    pub probe_push: K::Probe,
    /// `Σ(√I_m − √I)²`.
    pub error: f64,
}

/// Derivative of a likelihood over the whole scan.
#[derive(Debug)]
pub struct Gradient<K: Kernels + ?Sized> {
    /// `∂L/∂O*`, `(y, x)`.
    pub object: K::Object,
    /// `∂L/∂P*`, `(mode, y, x)`.
    pub probe: K::Probe,
    /// `Σ(√I_m − √I)²`, whatever the likelihood.
    pub error: f64,
}

/// How strongly object and probe are seen: the diagonal of the likelihood's curvature.
#[derive(Debug)]
pub struct Light<K: Kernels + ?Sized> {
    /// `Σ_jk |P_jk|²`, as the object.
    pub on_object: K::Image,
    /// `Σ_j c_j²|O_j|²`, as one probe mode; the beam's fraction of a pixel and its sweep do not matter to it.
    pub on_probe: K::Image,
}

/// A device that holds one scan's measurement and works on a [`Model`].
///
/// Shapes on the host: object `(y, x)`, probe `(mode, y, x)`, waves `(frame, wave, y, x)`, images `(y, x)`.
pub trait Kernels {
    /// The object, or a direction in its space.
    type Object: DeviceArray + std::fmt::Debug;
    /// The probe modes, or a direction in their space.
    type Probe: DeviceArray + std::fmt::Debug;
    /// Real numbers per pixel.
    type Image: Clone + std::fmt::Debug;
    /// Waves of several frames.
    type Waves: std::fmt::Debug;

    /// The frames as they were measured: at their scan positions, with a steady beam, on whole pixels.
    fn views(&self) -> Views;
    /// True for Fraunhofer diffraction, where the detector sees frequencies.
    fn is_far_field(&self) -> bool;
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
    /// Copies an image to the device.
    fn load_image(&self, host: &Array2<f32>) -> Self::Image;
    /// Copies an image from the device.
    fn store_image(&self, image: &Self::Image) -> Array2<f32>;

    /// A model of host arrays seen as they were measured, without background.
    fn model(&self, object: &Array2<C32>, probe: &Array3<C32>) -> Model<Self> {
        Model::new(self.load_object(object), self.load_probe(probe), self.views())
    }

    /// Takes the frames of `order` one after the other and updates object and probe after each, towards the waves that
    /// the likelihood asks for. Returns `Σ(√I_m − √I)²` as met on the way.
    fn pie_sweep(
        &self,
        order: &[usize],
        likelihood: Likelihood,
        weights: PieWeights,
        model: &mut Model<Self>,
    ) -> f64;

    /// `ψ_jk = P_jk(r) O(r + r_j)` for every frame.
    fn exit_waves(&self, model: &Model<Self>) -> Self::Waves;

    /// Moves every exit wave by a [`WaveStep`], then takes object and probe from the overlap of the waves it names:
    /// `O ← (Σ_jk P_jk* ψ_jk + c O)/(Σ_jk |P_jk|² + c)` with `c = inertia · max Σ_jk |P_jk|²` and
    /// `P_k ← (Σ_j O_j* ψ_jk + c P_k)/(Σ_j |O_j|² + c)` with `c = inertia · frame count`, both by their values before; of
    /// frames with beams of their own `O_j* ψ_jk` goes the beam's way back and `|O_j|²` counts `c_j²` times.
    /// Returns `Σ(√I_m − √I)²` of the waves that were projected.
    fn wave_step(
        &self,
        step: WaveStep,
        inertia: Inertia,
        model: &mut Model<Self>,
        waves: &mut Self::Waves,
    ) -> f64;

    /// The object from the overlap of `waves`, as in [`wave_step`](Self::wave_step).
    fn overlap_object(&self, inertia: f32, waves: &Self::Waves, model: &mut Model<Self>);

    /// `P_k ← (Σ_j O_j* ψ_jk + c P_k)/(Σ_j |O_j|² + c)` with `c = inertia · frame count`.
    /// Returns the relative change `‖P' − P‖/‖P‖`.
    fn overlap_probe(&self, inertia: f32, waves: &Self::Waves, model: &mut Model<Self>) -> f64;

    /// Brings the waves of `frames` to what the likelihood asks for, and gathers what their residuals say about object and
    /// probe. The memory of a `spare` batch that is no longer needed is used again.
    fn batch(
        &self,
        frames: &[usize],
        likelihood: Likelihood,
        model: &Model<Self>,
        spare: Option<Batch<Self>>,
    ) -> Batch<Self>;

    /// The equations for the lengths of the steps `object` and `probe`, one per frame of the batch.
    fn step_sums(
        &self,
        batch: &Batch<Self>,
        model: &Model<Self>,
        object: &Self::Object,
        probe: &Self::Probe,
    ) -> Vec<StepSums>;

    /// `push ← push / [(1−γ) light + γ max light]` for an object step.
    fn divide_object(&self, push: &mut Self::Object, light: &Self::Image, gamma: f32);

    /// The same for a probe step; `light` is shared by the modes.
    fn divide_probe(&self, push: &mut Self::Probe, light: &Self::Image, gamma: f32);

    /// The likelihood's gradient by object and probe.
    fn gradient(&self, likelihood: Likelihood, model: &Model<Self>) -> Gradient<Self>;

    /// `dL/dt` at each of `lengths` along `O + t·object`, `P + t·probe`.
    fn slopes(
        &self,
        likelihood: Likelihood,
        model: &Model<Self>,
        object: &Self::Object,
        probe: &Self::Probe,
        lengths: &[f64],
    ) -> Vec<f64>;

    /// How strongly object and probe are seen by `frames`.
    fn light(&self, frames: &[usize], model: &Model<Self>) -> Light<Self>;

    /// Propagates the model of every frame and compares it with the measurement.
    fn compare(&self, model: &Model<Self>) -> Comparison;

    /// Sums over the frames at every detector pixel.
    fn detector_sums(&self, model: &Model<Self>) -> DetectorSums;

    /// How every frame asks its probe to move.
    fn position_sums(&self, model: &Model<Self>) -> Vec<PositionSums>;

    /// How every frame asks its probe to vary along `direction` (one mode), and `Σ_j w_j O_j* χ_j0` with the weights `w_j`
    /// of the frames, as one probe mode.
    fn variation_sums(
        &self,
        model: &Model<Self>,
        direction: &Self::Probe,
        weights: &[f32],
    ) -> (Vec<VariationSums>, Self::Probe);
}
