//! The beam as one frame sees it: varied, scaled, moved by a fraction of a pixel, smeared by the motion of a fly scan.

use super::{CpuKernels, pixels};
use crate::fft::{ColumnOp, ColumnTile, Fft2, Fft2Scratch, Lanes};
use crate::model::{Model, Views};
use crate::ramp::PhaseRamp;
use litho_types::C32;

/// Writes what frame `frame` sees of `modes` (mode, y, x) into `beam` (wave, y, x): `c_j P_jk(r − s_j)`. With several
/// exposures wave `k·T + t` is mode k at the t-th of T places along the sweep, with a T-th of the intensity.
pub(super) fn spread(
    views: &Views,
    frame: usize,
    shift: [f32; 2],
    fft: &Fft2,
    scratch: &mut Fft2Scratch,
    modes: &[C32],
    beam: &mut [C32],
) {
    let n = fft.shape().0 * fft.shape().1;
    let scale = exposure_amplitude(views, frame);
    for (wave, beam) in beam.chunks_exact_mut(n).enumerate() {
        let mode = &modes[wave / views.exposures * n..][..n];
        beam.iter_mut().zip(mode).for_each(|(b, p)| *b = p * scale);
        let total = views.displacement(frame, wave, shift);
        if total != [0.0; 2] {
            fft.filter(beam, &mut Shift::by(total, fft), scratch);
        }
    }
}

/// The beam of frame `frame`, `(wave, y, x)`: the probe, the first mode with its variation, [`spread`].
pub(super) fn of_frame(
    model: &Model<CpuKernels>,
    frame: usize,
    shift: [f32; 2],
    fft: &Fft2,
    scratch: &mut Fft2Scratch,
    beam: &mut [C32],
) {
    let (views, probe) = (&model.views, pixels(&model.probe));
    let Some(variations) = &model.variations else {
        return spread(views, frame, shift, fft, scratch, probe, beam);
    };
    let n = fft.shape().0 * fft.shape().1;
    let mut varied = probe.to_vec();
    for (direction, &coefficient) in pixels(variations).chunks_exact(n).zip(views.coefficients.row(frame)) {
        varied[..n].iter_mut().zip(direction).for_each(|(p, u)| *p += u * coefficient);
    }
    spread(views, frame, shift, fft, scratch, &varied, beam);
}

/// The adjoint of [`spread`]: turns pushes on the frame's beam `(wave, y, x)`, which it overwrites, into pushes on the
/// modes, added to `modes` (mode, y, x).
pub(super) fn gather(
    views: &Views,
    frame: usize,
    shift: [f32; 2],
    fft: &Fft2,
    scratch: &mut Fft2Scratch,
    pushes: &mut [C32],
    modes: &mut [C32],
) {
    let n = fft.shape().0 * fft.shape().1;
    let scale = exposure_amplitude(views, frame);
    for (wave, push) in pushes.chunks_exact_mut(n).enumerate() {
        let total = views.displacement(frame, wave, shift);
        if total != [0.0; 2] {
            fft.filter(push, &mut Shift::by(total.map(|s| -s), fft), scratch);
        }
        let mode = &mut modes[wave / views.exposures * n..][..n];
        mode.iter_mut().zip(push.iter()).for_each(|(p, d)| *p += d * scale);
    }
}

/// `c_j/√T`.
fn exposure_amplitude(views: &Views, frame: usize) -> f32 {
    views.amplitudes[frame] / (views.exposures as f32).sqrt()
}

/// Moves a wave by `(s_y, s_x)` pixels: `f(r − s) = F⁻¹[exp(−2πi q·s) F f]`.
struct Shift {
    ramp: PhaseRamp,
    /// Takes the norm off the transform and its inverse.
    normalise: f32,
}

impl Shift {
    fn by(shift: [f32; 2], fft: &Fft2) -> Self {
        Self { ramp: PhaseRamp::of_shift(shift, fft.shape()), normalise: fft.unitary_scale().powi(2) }
    }
}

impl ColumnOp for Shift {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the transform that calls it")]
    fn apply<L: Lanes>(&mut self, mut tile: ColumnTile<'_>) {
        let along_x = self.ramp.along_x::<L>(tile.first_column()).scale(L::splat(self.normalise));
        for row in 0..tile.rows() {
            let phase = along_x.times(self.ramp.along_y(row));
            for wave in tile.row_of_modes(row) {
                wave.store(wave.load::<L>().times(phase));
            }
        }
    }
}
