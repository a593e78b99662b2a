//! The equations for the lengths of an object and a probe step, frame by frame.

use super::{CpuKernels, beam, pixels};
use crate::kernels::{Batch, StepSums};
use crate::model::Model;
use litho_lanes::lanewise;
use litho_lanes::{blocks, sum_of};
use litho_types::C32;
use ndarray::{Array2, Array3};
use rayon::prelude::*;

pub(super) fn run(
    kernels: &CpuKernels,
    batch: &Batch<CpuKernels>,
    model: &Model<CpuKernels>,
    object: &Array2<C32>,
    probe: &Array3<C32>,
) -> Vec<StepSums> {
    let per_frame = model.waves_per_frame();
    let (ny, nx) = kernels.measurement.frame_shape();
    let n = ny * nx;
    let shared = model.views.share_the_probe();
    let residuals = pixels(&batch.residuals).par_chunks_exact(per_frame * n);
    batch
        .frames
        .par_iter()
        .zip(residuals)
        .map(|(&frame, residual)| {
            kernels.with_workspace(per_frame, |workspace| {
                let super::Workspace { field, beam: space, .. } = workspace;
                let sight = kernels.sight(model, frame, &mut field.scratch, space);
                let direction = if shared {
                    pixels(probe)
                } else {
                    let fft = kernels.measurement.propagator().fft();
                    beam::spread(
                        &model.views,
                        frame,
                        sight.shift,
                        fft,
                        &mut field.scratch,
                        pixels(probe),
                        &mut field.waves,
                    );
                    &field.waves
                };
                let mut sums = [0.0; 6];
                for wave in 0..per_frame {
                    for y in 0..ny {
                        let row = wave * n + y * nx..wave * n + (y + 1) * nx;
                        let patch = sight.patch.row(y);
                        let found = equations(
                            [&sight.object[patch.clone()], &pixels(object)[patch]],
                            [&sight.beam[row.clone()], &direction[row.clone()]],
                            &residual[row],
                        );
                        sums.iter_mut().zip(found).for_each(|(sum, part)| *sum += part);
                    }
                }
                let [object, probe, mixed_re, mixed_im, object_right, probe_right] = sums;
                StepSums { object, probe, mixed: [mixed_re, mixed_im], object_right, probe_right }
            })
        })
        .collect()
}

lanewise! {
    /// With `u = P ΔO`, `v = ΔP O` along one row: `⟨u,u⟩, ⟨v,v⟩, Re⟨u,v⟩, Im⟨u,v⟩, Re⟨u,χ⟩, Re⟨v,χ⟩`.
    fn equations<L>(object: [&[C32]; 2], beam: [&[C32]; 2], residual: &[C32]) -> [f64; 6] {
        let mut sums = [L::splat(0.0); 6];
        for at in blocks(residual.len()) {
            let u = at.unordered::<L>(beam[0]).times(at.unordered(object[1]));
            let v = at.unordered::<L>(beam[1]).times(at.unordered(object[0]));
            let chi = at.unordered::<L>(residual);
            let mixed = u.conj_times(v);
            sums[0] = u.norm_sqr_add(sums[0]);
            sums[1] = v.norm_sqr_add(sums[1]);
            sums[2] = sums[2].add(mixed.re);
            sums[3] = sums[3].add(mixed.im);
            sums[4] = u.re.mul_add(chi.re, u.im.mul_add(chi.im, sums[4]));
            sums[5] = v.re.mul_add(chi.re, v.im.mul_add(chi.im, sums[5]));
        }
        let [a, b, c, d, e, f] = sums;
        [sum_of(a), sum_of(b), sum_of(c), sum_of(d), sum_of(e), sum_of(f)]
    }
}
