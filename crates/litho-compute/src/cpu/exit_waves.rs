//! `ψ_jk = P_jk(r) O(r + r_j)`.

use super::{CpuKernels, Sight};
use crate::model::Model;
use litho_lanes::blocks;
use litho_lanes::lanewise;
use litho_types::C32;
use ndarray::Array4;
use rayon::prelude::*;

pub(super) fn run(kernels: &CpuKernels, model: &Model<CpuKernels>) -> Array4<C32> {
    let (ny, nx) = kernels.measurement.frame_shape();
    let (frames, per_frame) = (kernels.measurement.frame_count(), model.waves_per_frame());
    let mut waves = vec![C32::default(); frames * per_frame * ny * nx];
    waves.par_chunks_exact_mut(per_frame * ny * nx).enumerate().for_each(|(frame, wave)| {
        kernels.with_workspace(per_frame, |workspace| {
            let sight = kernels.sight(model, frame, &mut workspace.field.scratch, &mut workspace.beam);
            for y in 0..ny {
                illuminate(&sight, y, wave);
            }
        });
    });
    Array4::from_shape_vec((frames, per_frame, ny, nx), waves).expect("the vector was made for this shape")
}

/// Fills row `y` of the exit waves `(wave, y, x)`.
pub(super) fn illuminate(sight: &Sight<'_>, y: usize, waves: &mut [C32]) {
    let (n, nx) = (sight.patch.pixels(), sight.patch.shape.1);
    for (beam, wave) in sight.beam.chunks_exact(n).zip(waves.chunks_exact_mut(n)) {
        multiply(&sight.object[sight.patch.row(y)], &beam[y * nx..][..nx], &mut wave[y * nx..][..nx]);
    }
}

lanewise! {
    /// `ψ = P O` along one row.
    fn multiply<L>(object: &[C32], beam: &[C32], wave: &mut [C32]) {
        let ((object, object_rest), (beam, beam_rest)) = (object.as_chunks(), beam.as_chunks());
        let (wave, wave_rest) = wave.as_chunks_mut();
        for ((object, beam), wave) in object.iter().zip(beam).zip(wave) {
            L::join(L::part(beam).times(L::part(object)), wave);
        }
        for at in blocks(object_rest.len()) {
            at.put_unordered(at.unordered::<L>(beam_rest).times(at.unordered(object_rest)), wave_rest);
        }
    }
}
