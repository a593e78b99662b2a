//! Sequential object and probe updates, frame by frame (ePIE, rPIE).

use super::{CpuKernels, Patch, Workspace, beam, pixels_mut};
use crate::detector::{IntensityStep, Likelihood, PoissonStep, ReplaceModulus, Rule};
use crate::kernels::PieWeights;
use crate::lanes::{LANES, Lanes, Split, blocks};
use crate::model::Model;
use crate::propagator::AtSample;
use crate::simd::lanewise;
use litho_types::C32;

pub(super) fn run(
    kernels: &CpuKernels,
    order: &[usize],
    likelihood: Likelihood,
    weights: PieWeights,
    model: &mut Model<CpuKernels>,
) -> f64 {
    match likelihood {
        Likelihood::Amplitude => sweep::<ReplaceModulus>(kernels, order, weights, model),
        Likelihood::Intensity => sweep::<IntensityStep>(kernels, order, weights, model),
        Likelihood::Poisson => sweep::<PoissonStep>(kernels, order, weights, model),
    }
}

fn sweep<R: Rule>(
    kernels: &CpuKernels,
    order: &[usize],
    weights: PieWeights,
    model: &mut Model<CpuKernels>,
) -> f64 {
    let shared = model.views.share_the_probe();
    kernels.with_workspace(model.waves_per_frame(), |workspace| {
        order
            .iter()
            .map(|&frame| {
                if shared {
                    update_shared::<R>(kernels, frame, weights, model, workspace)
                } else {
                    update_own::<R>(kernels, frame, weights, model, workspace)
                }
            })
            .sum()
    })
}

/// One frame that sees the probe itself, which is updated in place.
fn update_shared<R: Rule>(
    kernels: &CpuKernels,
    frame: usize,
    weights: PieWeights,
    model: &mut Model<CpuKernels>,
    workspace: &mut Workspace,
) -> f64 {
    let (patch, _) = kernels.locate(model, frame);
    let Workspace { field, amplitude, .. } = workspace;
    let counts = kernels.counts(frame, model.background.as_ref(), amplitude);
    let (object, probe) = (pixels_mut(&mut model.object), pixels_mut(&mut model.probe));
    let mut update =
        Update { object, beam: probe, patch, weights, largest: [0.0; 2], to: ProbeUpdate::InPlace };
    kernels.measurement.propagator().visit::<R>(field, counts, &mut update)
}

/// One frame with a beam of its own: the update of the beam is brought back to the probe.
fn update_own<R: Rule>(
    kernels: &CpuKernels,
    frame: usize,
    weights: PieWeights,
    model: &mut Model<CpuKernels>,
    workspace: &mut Workspace,
) -> f64 {
    let (patch, shift) = kernels.locate(model, frame);
    let Workspace { field, amplitude, beam, .. } = workspace;
    let propagator = kernels.measurement.propagator();
    let fft = propagator.fft();
    beam::of_frame(model, frame, shift, fft, &mut field.scratch, beam);
    let counts = kernels.counts(frame, model.background.as_ref(), amplitude);
    let object = pixels_mut(&mut model.object);
    let mut update = Update { object, beam, patch, weights, largest: [0.0; 2], to: ProbeUpdate::IntoWaves };
    let error = propagator.visit::<R>(field, counts, &mut update);
    let probe = pixels_mut(&mut model.probe);
    beam::gather(&model.views, frame, shift, fft, &mut field.scratch, &mut field.waves, probe);
    error
}

/// Where the probe's update goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProbeUpdate {
    /// Added to the beam.
    InPlace,
    /// Left in place of the waves.
    IntoWaves,
}

/// The update of [`PieWeights`] at one frame.
struct Update<'a> {
    /// The object's pixels.
    object: &'a mut [C32],
    /// `(wave, y, x)`.
    beam: &'a mut [C32],
    patch: Patch,
    weights: PieWeights,
    /// `max_r Σ_k|P_k(r)|²` and `max_r |O(r)|²` over the rows that have departed.
    largest: [f32; 2],
    to: ProbeUpdate,
}

impl AtSample for Update<'_> {
    fn depart(&mut self, y: usize, waves: &mut [C32]) {
        let row = RowOfStack { start: y * self.patch.shape.1, pitch: self.patch.pixels() };
        illuminate(&self.object[self.patch.row(y)], self.beam, waves, row, &mut self.largest);
    }

    fn arrive(&mut self, y: usize, waves: &mut [C32]) {
        let row = RowOfStack { start: y * self.patch.shape.1, pitch: self.patch.pixels() };
        let [light, matter] = self.largest;
        let factors = [
            Factor::new(self.weights.object_step, self.weights.object_gamma, light),
            Factor::new(self.weights.probe_step, self.weights.probe_gamma, matter),
        ];
        let object = &mut self.object[self.patch.row(y)];
        update(object, self.beam, waves, row, factors, self.to);
    }
}

/// One row in every image of a stack of images.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowOfStack {
    /// Where the row starts in the first image.
    pub(super) start: usize,
    /// Pixels of an image.
    pub(super) pitch: usize,
}

/// One update's factor at each pixel: `step / [(1−γ) power + floor]` with `floor = γ max power`.
#[derive(Clone, Copy)]
pub(crate) struct Factor {
    step: f32,
    /// `1 − γ`.
    local: f32,
    floor: f32,
}

impl Factor {
    fn new(step: f32, gamma: f32, largest: f32) -> Self {
        Self { step, local: 1.0 - gamma, floor: gamma * largest + f32::MIN_POSITIVE }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the loop that calls it")]
    fn spread<L: Lanes>(self) -> SpreadFactor<L> {
        SpreadFactor {
            uniform: self.local <= 0.0,
            step: L::splat(if self.local > 0.0 { self.step } else { self.step / self.floor }),
            local: L::splat(self.local),
            floor: L::splat(self.floor),
        }
    }
}

/// A [`Factor`] in all lanes.
#[derive(Clone, Copy)]
struct SpreadFactor<L> {
    /// True for γ = 1: all pixels have the factor `step`, and none needs a division.
    uniform: bool,
    step: L,
    local: L,
    floor: L,
}

impl<L: Lanes> SpreadFactor<L> {
    /// The factors for pixels of these powers.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the loop that calls it")]
    fn of(self, power: L) -> L {
        if self.uniform { self.step } else { self.step.div(power.mul_add(self.local, self.floor)) }
    }
}

lanewise! {
    /// One row of exit waves `ψ_k = P_k O`; raises the largest `Σ_k|P_k|²` and `|O|²` met so far.
    fn illuminate<L>(object: &[C32], beam: &[C32], waves: &mut [C32], row: RowOfStack, largest: &mut [f32; 2]) {
        let mut light = L::splat(0.0);
        let mut matter = L::splat(0.0);
        let len = object.len();
        for at in blocks(len) {
            let o = at.unordered::<L>(object);
            matter = matter.max(o.norm_sqr());
            let mut power = L::splat(0.0);
            let mut first = row.start;
            while first < beam.len() {
                let p = at.unordered::<L>(&beam[first..first + len]);
                power = p.norm_sqr_add(power);
                at.put_unordered(p.times(o), &mut waves[first..first + len]);
                first += row.pitch;
            }
            light = light.max(power);
        }
        for (largest, found) in largest.iter_mut().zip([light, matter]) {
            let mut lanes = [0.0; LANES];
            found.store(&mut lanes);
            *largest = lanes.into_iter().fold(*largest, f32::max);
        }
    }
}

lanewise! {
    /// The update of one row from the projected waves `ψ'`. Object and probe both move by their values before.
    fn update<L>(
        object: &mut [C32],
        beam: &mut [C32],
        waves: &mut [C32],
        row: RowOfStack,
        factors: [Factor; 2],
        to: ProbeUpdate,
    ) {
        let len = object.len();
        let (object_factor, probe_factor) = (factors[0].spread::<L>(), factors[1].spread::<L>());
        for at in blocks(len) {
            let o = at.unordered::<L>(object);
            let probe_factor = probe_factor.of(o.norm_sqr());
            let mut push = Split { re: L::splat(0.0), im: L::splat(0.0) };
            let mut power = L::splat(0.0);
            let mut first = row.start;
            while first < beam.len() {
                let (beam, wave) = (&mut beam[first..first + len], &mut waves[first..first + len]);
                let p = at.unordered::<L>(beam);
                // Δψ = ψ' − P O
                let change = p.times_from(o, at.unordered::<L>(wave));
                push = p.conj_times_add(change, push);
                power = p.norm_sqr_add(power);
                // P ← P + β O* Δψ / [(1−γ)|O|² + γ max|O|²]
                let step = o.conj_times(change).scale(probe_factor);
                match to {
                    ProbeUpdate::InPlace => at.put_unordered(p.add(step), beam),
                    ProbeUpdate::IntoWaves => at.put_unordered(step, wave),
                }
                first += row.pitch;
            }
            // O ← O + α Σ P* Δψ / [(1−γ) Σ|P|² + γ max Σ|P|²]
            at.put_unordered(push.scale_add(object_factor.of(power), o), object);
        }
    }
}
