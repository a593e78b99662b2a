//! Sequential object and probe updates, frame by frame (ePIE, rPIE).

use super::{CpuKernels, Patch, Workspace, beam, pixels_mut};
use crate::detector::{IntensityStep, Likelihood, PoissonStep, ReplaceModulus, Rule};
use crate::kernels::PieWeights;
use crate::model::Model;
use crate::propagator::AtSample;
use litho_lanes::lanewise;
use litho_lanes::{LANES, Lanes, Split, blocks};
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
    kernels.measurement.propagator().visit::<R>(field, &[], counts, &mut update)
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
    let displacements = model.views.displacements(frame, shift);
    let error = propagator.visit::<R>(field, &displacements, counts, &mut update);
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
        let (n, nx) = (self.patch.pixels(), self.patch.shape.1);
        let object = &self.object[self.patch.row(y)];
        let row = y * nx..(y + 1) * nx;
        // One wave in whole vectors, the usual case, has a loop of its own; the other takes what is left.
        let whole = if self.beam.len() == n { nx - nx % LANES } else { 0 };
        let one = row.start..row.start + whole;
        illuminate_one(&object[..whole], &self.beam[one.clone()], &mut waves[one], &mut self.largest);
        if whole < nx {
            let rest = RowOfStack { start: row.start + whole, pitch: n };
            illuminate(&object[whole..], self.beam, waves, rest, &mut self.largest);
        }
    }

    fn arrive(&mut self, y: usize, waves: &mut [C32]) {
        let (n, nx) = (self.patch.pixels(), self.patch.shape.1);
        let [light, matter] = self.largest;
        let factors = [
            Factor::new(self.weights.object_step, self.weights.object_gamma, light),
            Factor::new(self.weights.probe_step, self.weights.probe_gamma, matter),
        ];
        let object = &mut self.object[self.patch.row(y)];
        let start = y * nx;
        let usual = self.beam.len() == n && self.to == ProbeUpdate::InPlace;
        let whole = if usual { nx - nx % LANES } else { 0 };
        let one = start..start + whole;
        update_one(&mut object[..whole], &mut self.beam[one.clone()], &waves[one], factors);
        if whole < nx {
            let rest = RowOfStack { start: start + whole, pitch: n };
            update(&mut object[whole..], self.beam, waves, rest, factors, self.to);
        }
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
        raise(largest, [light, matter]);
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

lanewise! {
    /// [`illuminate`] for one wave in whole vectors.
    fn illuminate_one<L>(object: &[C32], beam: &[C32], wave: &mut [C32], largest: &mut [f32; 2]) {
        let (mut light, mut matter) = (L::splat(0.0), L::splat(0.0));
        let chunks = object.as_chunks().0.iter().zip(beam.as_chunks().0).zip(wave.as_chunks_mut().0);
        for ((object, beam), wave) in chunks {
            let (o, p) = (L::part(object), L::part(beam));
            matter = matter.max(o.norm_sqr());
            light = light.max(p.norm_sqr());
            L::join(p.times(o), wave);
        }
        raise(largest, [light, matter]);
    }
}

lanewise! {
    /// [`update`] for one wave in whole vectors, the probe in place.
    fn update_one<L>(object: &mut [C32], beam: &mut [C32], wave: &[C32], factors: [Factor; 2]) {
        let (object_factor, probe_factor) = (factors[0].spread::<L>(), factors[1].spread::<L>());
        let chunks = object.as_chunks_mut().0.iter_mut().zip(beam.as_chunks_mut().0).zip(wave.as_chunks().0);
        for ((object, beam), wave) in chunks {
            let (o, p) = (L::part(object), L::part(beam));
            let change = p.times_from(o, L::part(wave));
            let object_step = p.conj_times(change).scale(object_factor.of(p.norm_sqr()));
            let probe_step = o.conj_times(change).scale(probe_factor.of(o.norm_sqr()));
            L::join(p.add(probe_step), beam);
            L::join(o.add(object_step), object);
        }
    }
}

/// Raises the largest powers to those found in any lane.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled with the features of the loops that call it")]
fn raise<L: Lanes>(largest: &mut [f32; 2], found: [L; 2]) {
    for (largest, found) in largest.iter_mut().zip(found) {
        let mut lanes = [0.0; LANES];
        found.store(&mut lanes);
        *largest = lanes.into_iter().fold(*largest, f32::max);
    }
}
