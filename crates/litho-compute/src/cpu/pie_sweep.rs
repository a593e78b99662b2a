//! Sequential object and probe updates, frame by frame (ePIE, rPIE).

use super::{CpuKernels, Patch, pixels_mut};
use crate::kernels::PieWeights;
use crate::simd::vectorised;
use litho_types::C32;
use ndarray::{Array2, Array3};

pub(super) fn run(
    kernels: &CpuKernels,
    order: &[usize],
    weights: PieWeights,
    object: &mut Array2<C32>,
    probe: &mut Array3<C32>,
) -> f64 {
    let measurement = &kernels.measurement;
    let modes = probe.dim().0;
    let (object, probe) = (pixels_mut(object), pixels_mut(probe));
    kernels.with_workspace(modes, |workspace| {
        let mut error = 0.0;
        for &frame in order {
            let patch = kernels.patch(frame);
            let powers = illuminate(object, probe, patch, &mut workspace.field.waves);
            measurement.amplitude_into(frame, &mut workspace.amplitude);
            error += measurement.propagator().project(&mut workspace.field, &workspace.amplitude);
            update(object, probe, patch, Factors::new(weights, powers), &workspace.field.waves);
        }
        error
    })
}

/// Pixels of a row worked on together: their powers stay in the first-level cache.
const BLOCK: usize = 64;

/// `max_r Σ_k|P_k(r)|²` and `max_r |O(r)|²` over a patch.
#[derive(Clone, Copy)]
pub(crate) struct LargestPowers {
    probe: f32,
    object: f32,
}

/// One update's factor at each pixel: `step / [(1−γ) power + floor]` with `floor = γ max power`.
#[derive(Clone, Copy)]
struct Factor {
    step: f32,
    /// `1 − γ`.
    local: f32,
    floor: f32,
}

impl Factor {
    fn new(step: f32, gamma: f32, largest: f32) -> Self {
        Self { step, local: 1.0 - gamma, floor: gamma * largest + f32::MIN_POSITIVE }
    }

    /// The factors for pixels of these powers; divides pixel by pixel only where γ < 1.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the loop that calls it")]
    fn of(self, power: &[f32; BLOCK]) -> [f32; BLOCK] {
        let mut factors = [self.step / self.floor; BLOCK];
        if self.local > 0.0 {
            for (factor, power) in factors.iter_mut().zip(power) {
                *factor = self.step / (self.local * power + self.floor);
            }
        }
        factors
    }
}

/// Factors of the object's and the probe's update.
#[derive(Clone, Copy)]
pub(crate) struct Factors {
    object: Factor,
    probe: Factor,
}

impl Factors {
    fn new(weights: PieWeights, largest: LargestPowers) -> Self {
        Self {
            object: Factor::new(weights.object_step, weights.object_gamma, largest.probe),
            probe: Factor::new(weights.probe_step, weights.probe_gamma, largest.object),
        }
    }
}

vectorised! {
    /// One frame's exit waves `ψ_k = P_k O` (mode, y, x), and the largest powers met on the way.
    fn illuminate(object: &[C32], probe: &[C32], patch: Patch, waves: &mut [C32]) -> LargestPowers {
        let (ny, nx) = patch.shape;
        let frame = ny * nx;
        // The order of non-negative floats is that of their bits, and integer maxima are vectorised.
        let (mut max_probe, mut max_object) = (0_u32, 0_u32);
        for y in 0..ny {
            let row = &object[patch.row(y)];
            for start in (0..nx).step_by(BLOCK) {
                let len = BLOCK.min(nx - start);
                let o_block = &row[start..start + len];
                for o in o_block {
                    max_object = max_object.max(o.norm_sqr().to_bits());
                }
                let at = y * nx + start;
                let mut power = [0.0_f32; BLOCK];
                for (wave, mode) in waves.chunks_exact_mut(frame).zip(probe.chunks_exact(frame)) {
                    let pixels = wave[at..at + len].iter_mut().zip(&mode[at..at + len]);
                    for (((psi, p), o), sum) in pixels.zip(o_block).zip(&mut power) {
                        *psi = p * o;
                        *sum += p.norm_sqr();
                    }
                }
                for sum in power {
                    max_probe = max_probe.max(sum.to_bits());
                }
            }
        }
        LargestPowers { probe: f32::from_bits(max_probe), object: f32::from_bits(max_object) }
    }
}

vectorised! {
    /// The update of [`PieWeights`] from the projected waves `ψ'` (mode, y, x).
    /// Object and probe both move by their values before the update.
    fn update(object: &mut [C32], probe: &mut [C32], patch: Patch, factors: Factors, waves: &[C32]) {
        let (ny, nx) = patch.shape;
        let frame = ny * nx;
        for y in 0..ny {
            let row = patch.row(y);
            for start in (0..nx).step_by(BLOCK) {
                let len = BLOCK.min(nx - start);
                let o_block = &mut object[row.start + start..row.start + start + len];
                let mut o_power = [0.0_f32; BLOCK];
                for (power, o) in o_power.iter_mut().zip(o_block.iter()) {
                    *power = o.norm_sqr();
                }
                let probe_factor = factors.probe.of(&o_power);
                let (mut push, mut p_power) = ([C32::default(); BLOCK], [0.0_f32; BLOCK]);
                let at = y * nx + start;
                for (wave, mode) in waves.chunks_exact(frame).zip(probe.chunks_exact_mut(frame)) {
                    let pixels = wave[at..at + len].iter().zip(&mut mode[at..at + len]).zip(o_block.iter());
                    let sums = push.iter_mut().zip(&mut p_power).zip(&probe_factor);
                    for (((psi, p), o), ((push, power), factor)) in pixels.zip(sums) {
                        // Δψ = ψ' − P O
                        let change = psi - *p * o;
                        *push += p.conj() * change;
                        *power += p.norm_sqr();
                        // P ← P + β O* Δψ / [(1−γ)|O|² + γ max|O|²]
                        *p += o.conj() * change * *factor;
                    }
                }
                // O ← O + α Σ P* Δψ / [(1−γ) Σ|P|² + γ max Σ|P|²]
                let object_factor = factors.object.of(&p_power);
                for ((o, push), factor) in o_block.iter_mut().zip(&push).zip(&object_factor) {
                    *o += push * *factor;
                }
            }
        }
    }
}
