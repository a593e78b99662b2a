//! `O ← (Σ_jk P_jk* ψ_jk + c O)/(Σ_jk |P_jk|² + c)` and `P_k ← (Σ_j O_j* ψ_jk + c P_k)/(Σ_j |O_j|² + c)`.

use super::arrays::{BAND, largest};
use super::light::on_probe;
use super::slots::{CHUNK, Sums, Wanted, push_own_row};
use super::{CpuKernels, pixels, pixels_mut, residuals};
use crate::model::Model;
use litho_lanes::lanewise;
use litho_lanes::{blocks, sum_of};
use litho_types::C32;
use ndarray::{Array2, Array4};
use rayon::prelude::*;

/// The object from the overlap of kept waves.
pub(super) fn object(kernels: &CpuKernels, inertia: f32, waves: &Array4<C32>, model: &mut Model<CpuKernels>) {
    let sums = sum(kernels, waves, model, Wanted { light: true, probe: false, waves_kept: true });
    finish_object(inertia, &sums, model);
}

/// The probe from the overlap of kept waves; returns its relative change.
pub(super) fn probe(
    kernels: &CpuKernels,
    inertia: f32,
    waves: &Array4<C32>,
    model: &mut Model<CpuKernels>,
) -> f64 {
    let sums = sum(kernels, waves, model, Wanted { light: false, probe: true, waves_kept: true });
    let light = on_probe(kernels, &kernels.all_frames(), model);
    finish_probe(kernels, inertia, &sums, &light, model)
}

fn sum(kernels: &CpuKernels, waves: &Array4<C32>, model: &Model<CpuKernels>, wanted: Wanted) -> Sums {
    let per_frame = model.waves_per_frame();
    let shared = model.views.share_the_probe();
    let mut sums = Sums::new(model, wanted);
    let mut slots = sums.slots(kernels, model, kernels.measurement.frame_count());
    let size = waves.len() / kernels.measurement.frame_count();
    for (frames, kept) in kernels.all_frames().chunks(CHUNK).zip(pixels(waves).chunks(CHUNK * size)) {
        let slots = &mut slots[..frames.len()];
        slots.par_iter_mut().zip(kept.par_chunks_exact(size)).zip(frames).for_each(
            |((slot, wave), &frame)| {
                if shared {
                    slot.patch = kernels.locate(model, frame).0;
                    return;
                }
                kernels.with_workspace(per_frame, |workspace| {
                    let field = &mut workspace.field;
                    let sight = kernels.sight(model, frame, &mut field.scratch, &mut workspace.beam);
                    slot.patch = sight.patch;
                    for y in 0..sight.patch.shape.0 {
                        push_own_row(&sight, y, wave, slot);
                    }
                    field.waves.copy_from_slice(wave);
                    residuals::gather_own_probe(kernels, model, frame, sight.shift, field, slot);
                });
            },
        );
        sums.add(model, slots, kept);
    }
    kernels.return_slots(slots);
    sums
}

/// Replaces the object.
pub(super) fn finish_object(inertia: f32, sums: &Sums, model: &mut Model<CpuKernels>) {
    let c = inertia * largest(&sums.light) + f32::MIN_POSITIVE;
    let sums = sums.object.par_chunks(BAND).zip(sums.light.par_chunks(BAND));
    let bands = pixels_mut(&mut model.object).par_chunks_mut(BAND).zip(sums);
    bands.for_each(|(object, (sum, light))| divide_object(sum, light, c, object));
}

/// Replaces the probe; returns its relative change.
pub(super) fn finish_probe(
    kernels: &CpuKernels,
    inertia: f32,
    sums: &Sums,
    light: &Array2<f32>,
    model: &mut Model<CpuKernels>,
) -> f64 {
    let c = inertia * kernels.measurement.frame_count() as f32 + f32::MIN_POSITIVE;
    let nx = light.dim().1;
    let frame = light.len();
    let light = light.as_slice().expect("kernel arrays are in standard layout");
    let rows = pixels_mut(&mut model.probe).chunks_exact_mut(nx).zip(sums.probe.chunks_exact(nx)).enumerate();
    let (mut change, mut power) = (0.0, 0.0);
    for (row, (probe, sum)) in rows {
        let [row_change, row_power] = divide_probe(sum, &light[row * nx % frame..][..nx], c, probe);
        change += row_change;
        power += row_power;
    }
    (change / power.max(f64::MIN_POSITIVE)).sqrt()
}

lanewise! {
    /// `value ← (sum + c value)/(weight + c)`.
    fn divide_object<L>(sum: &[C32], weight: &[f32], c: f32, value: &mut [C32]) {
        let (c, one) = (L::splat(c), L::splat(1.0));
        for at in blocks(value.len()) {
            let up = at.complex::<L>(value).scale_add(c, at.complex(sum));
            let down = one.div(at.real::<L>(weight).add(c));
            at.put_complex(up.scale(down), value);
        }
    }
}

lanewise! {
    /// `P ← (sum + c P)/(weight + c)` along one row; returns `[‖P' − P‖², ‖P‖²]`.
    fn divide_probe<L>(sum: &[C32], weight: &[f32], c: f32, probe: &mut [C32]) -> [f64; 2] {
        let (c, one) = (L::splat(c), L::splat(1.0));
        let (mut change, mut power) = (L::splat(0.0), L::splat(0.0));
        for at in blocks(probe.len()) {
            let old = at.complex::<L>(probe);
            let down = one.div(at.real::<L>(weight).add(c));
            let new = old.scale_add(c, at.complex(sum)).scale(down);
            change = new.sub(old).norm_sqr_add(change);
            power = old.norm_sqr_add(power);
            at.put_complex(new, probe);
        }
        [sum_of(change), sum_of(power)]
    }
}
