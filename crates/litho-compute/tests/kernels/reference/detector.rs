//! What the detector says, by likelihood: the likelihood itself, its gradient's factor and the step's.

use super::{C64, Reference};
use litho_compute::Likelihood;
use ndarray::{Array3, Axis, s};

/// Counts added to both sides of Poisson's ratio.
const DARK_COUNTS: f64 = 0.1;

/// What multiplies a wave at the detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Towards the counts; 1 where nothing is said.
    Step,
    /// `∂L/∂F* = factor · F`; 0 where nothing is said.
    Gradient,
}

/// `L` of one pixel by the modelled and the counted intensity.
///
/// That of `Poisson` is not `I_m − I ln I_m` but `I_m − (I + 0.1) ln(I_m + 0.1)`: its derivative by `I_m` is
/// `1 − (I + 0.1)/(I_m + 0.1)`, which is what the kernels take.
fn loss(likelihood: Likelihood, model: f64, counts: f64) -> f64 {
    match likelihood {
        Likelihood::Amplitude => (model.sqrt() - counts.sqrt()).powi(2),
        Likelihood::Intensity => (model - counts).powi(2) / (2.0 * (counts + 1.0)),
        Likelihood::Poisson => model - (counts + DARK_COUNTS) * (model + DARK_COUNTS).ln(),
    }
}

/// The factor from `Σ_k|F_k|²`, the background and the counts.
fn factor(rule: Rule, likelihood: Likelihood, coherent: f64, background: f64, counts: f64) -> f64 {
    let model = coherent + background;
    let poisson = (counts + DARK_COUNTS) / (model + DARK_COUNTS);
    match (rule, likelihood) {
        (Rule::Step, Likelihood::Amplitude) => ((counts - background).max(0.0) / coherent).sqrt(),
        // A step that would turn the wave round ends in the dark.
        (Rule::Step, Likelihood::Intensity) => (1.0 + 0.5 * (counts - model) / (counts + 1.0)).max(0.0),
        (Rule::Step, Likelihood::Poisson) => 0.5 + 0.5 * poisson,
        (Rule::Gradient, Likelihood::Amplitude) => 1.0 - (counts / model).sqrt(),
        (Rule::Gradient, Likelihood::Intensity) => (model - counts) / (counts + 1.0),
        (Rule::Gradient, Likelihood::Poisson) => 1.0 - poisson,
    }
}

impl Reference {
    /// Exit waves as they come back from the detector, and `Σ(√I_m − √I)²` where the pixel has a say.
    pub(super) fn visit(
        &self,
        rule: Rule,
        likelihood: Likelihood,
        frame: usize,
        waves: &Array3<C64>,
    ) -> (Array3<C64>, f64) {
        let mut at_detector = self.to_detector(frame, waves);
        let mut error = 0.0;
        for ((y, x), amplitude) in self.amplitudes.index_axis(Axis(0), frame).indexed_iter() {
            let mut pixel = at_detector.slice_mut(s![.., y, x]);
            let coherent = pixel.iter().map(C64::norm_sqr).sum::<f64>();
            let background = self.background[(y, x)];
            let model = coherent + background;
            let factor = match amplitude {
                Some(a) if !self.content(*a, model) => {
                    error += (model.sqrt() - a).powi(2);
                    factor(rule, likelihood, coherent, background, a * a)
                }
                _ if rule == Rule::Step => 1.0,
                _ => 0.0,
            };
            pixel.mapv_inplace(|f| f * factor);
        }
        (self.to_sample(frame, &at_detector), error)
    }

    /// `Π_F ψ` and `Σ(√I_m − √I)²`.
    pub(super) fn project(&self, frame: usize, waves: &Array3<C64>) -> (Array3<C64>, f64) {
        self.visit(Rule::Step, Likelihood::Amplitude, frame, waves)
    }

    /// `L` over all frames. A saturated pixel that has its due stays at the loss of just having it.
    pub(crate) fn loss(&self, likelihood: Likelihood) -> f64 {
        let frame_loss = |frame: usize| {
            let model = self.coherent(frame) + &self.background;
            let amplitudes = self.amplitudes.index_axis(Axis(0), frame);
            let pixels = amplitudes.iter().zip(&model);
            let pixels = pixels.filter_map(|(a, model)| a.map(|a| (a, *model)));
            pixels
                .map(|(a, model)| if self.content(a, model) { (a, a * a) } else { (a, model) })
                .map(|(a, model)| loss(likelihood, model, a * a))
                .sum::<f64>()
        };
        (0..self.frame_count()).map(frame_loss).sum()
    }

    /// True for a saturated pixel whose model is at least as bright.
    pub(crate) fn content(&self, amplitude: f64, model: f64) -> bool {
        // Half a count below the level, as counts are whole numbers.
        amplitude * amplitude > self.saturation - 0.5 && model >= amplitude * amplitude
    }
}
