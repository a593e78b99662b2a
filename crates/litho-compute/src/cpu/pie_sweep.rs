//! Sequential object and probe updates, frame by frame (ePIE, rPIE).

use super::exit_waves::illuminate;
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
            illuminate(object, probe, patch, &mut workspace.field.waves);
            measurement.amplitude_into(frame, &mut workspace.amplitude);
            error += measurement.propagator().project(&mut workspace.field, &workspace.amplitude);
            update(object, probe, patch, weights, &workspace.field.waves);
        }
        error
    })
}

vectorised! {
    /// The update of [`PieWeights`] from the projected waves `ψ'` (mode, y, x).
    /// Object and probe both move by their values before the update.
    fn update(object: &mut [C32], probe: &mut [C32], patch: Patch, weights: PieWeights, waves: &[C32]) {
        const MAX_BLOCK: usize = 64;
        let (ny, nx) = patch.shape;
        let frame = ny * nx;
        let (max_probe, max_object) = largest_powers(object, probe, patch);
        let probe_floor = weights.object_gamma * max_probe + f32::MIN_POSITIVE;
        let object_floor = weights.probe_gamma * max_object + f32::MIN_POSITIVE;
        for y in 0..ny {
            let row = patch.row(y);
            for start in (0..nx).step_by(MAX_BLOCK) {
                let len = MAX_BLOCK.min(nx - start);
                let o_block = &mut object[row.start + start..row.start + start + len];
                let at = y * nx + start;
                let mut push = [C32::default(); MAX_BLOCK];
                let mut probe_power = [0.0_f32; MAX_BLOCK];
                for (wave, mode) in waves.chunks_exact(frame).zip(probe.chunks_exact_mut(frame)) {
                    let psi = &wave[at..at + len];
                    let p_block = &mut mode[at..at + len];
                    for i in 0..len {
                        let (p, o) = (p_block[i], o_block[i]);
                        // Δψ = ψ' − P O
                        let change = psi[i] - p * o;
                        push[i] += p.conj() * change;
                        probe_power[i] += p.norm_sqr();
                        // P ← P + β O* Δψ / [(1−γ)|O|² + γ max|O|²]
                        let denominator = (1.0 - weights.probe_gamma) * o.norm_sqr() + object_floor;
                        p_block[i] = p + o.conj() * change * (weights.probe_step / denominator);
                    }
                }
                for i in 0..len {
                    // O ← O + α Σ P* Δψ / [(1−γ) Σ|P|² + γ max Σ|P|²]
                    let denominator = (1.0 - weights.object_gamma) * probe_power[i] + probe_floor;
                    o_block[i] += push[i] * (weights.object_step / denominator);
                }
            }
        }
    }
}

vectorised! {
    /// `max_r Σ_k |P_k(r)|²` and `max_r |O(r)|²` over the patch.
    fn largest_powers(object: &[C32], probe: &[C32], patch: Patch) -> (f32, f32) {
        const LANES: usize = 16;
        let (ny, nx) = patch.shape;
        let mut max_probe = [0.0_f32; LANES];
        let mut max_object = [0.0_f32; LANES];
        for y in 0..ny {
            for start in (0..nx).step_by(LANES) {
                let len = LANES.min(nx - start);
                let mut power = [0.0_f32; LANES];
                for mode in probe.chunks_exact(ny * nx) {
                    for (sum, p) in power.iter_mut().zip(&mode[y * nx + start..y * nx + start + len]) {
                        *sum += p.norm_sqr();
                    }
                }
                let first = patch.row(y).start + start;
                for (lane, o) in object[first..first + len].iter().enumerate() {
                    max_object[lane] = max_object[lane].max(o.norm_sqr());
                }
                for lane in 0..LANES {
                    max_probe[lane] = max_probe[lane].max(power[lane]);
                }
            }
        }
        let largest = |lanes: [f32; LANES]| lanes.into_iter().fold(0.0, f32::max);
        (largest(max_probe), largest(max_object))
    }
}
