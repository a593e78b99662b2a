//! The beam as one frame sees it: varied, scaled, moved by a fraction of a pixel, smeared by the motion of a fly scan.

use super::{CpuKernels, pixels};
use crate::fft::{ColumnOp, ColumnTile, Fft2, Fft2Scratch, LANES, Lanes, Split};
use crate::model::{Model, Views};
use litho_types::C32;
use std::f64::consts::TAU;

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
        let total = exposure_shift(views, frame, wave, shift);
        if total != [0.0; 2] {
            fft.filter(beam, &mut Shift::new(fft, total), scratch);
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
        let total = exposure_shift(views, frame, wave, shift);
        if total != [0.0; 2] {
            fft.filter(push, &mut Shift::new(fft, total.map(|s| -s)), scratch);
        }
        let mode = &mut modes[wave / views.exposures * n..][..n];
        mode.iter_mut().zip(push.iter()).for_each(|(p, d)| *p += d * scale);
    }
}

/// `c_j/√T`.
fn exposure_amplitude(views: &Views, frame: usize) -> f32 {
    views.amplitudes[frame] / (views.exposures as f32).sqrt()
}

/// Shift of the frame and of the exposure within it.
fn exposure_shift(views: &Views, frame: usize, wave: usize, shift: [f32; 2]) -> [f32; 2] {
    let Some(sweep) = views.sweeps.get(frame) else { return shift };
    let count = views.exposures as f32;
    let along = ((wave % views.exposures) as f32 + 0.5) / count - 0.5;
    [shift[0] + along * sweep[0], shift[1] + along * sweep[1]]
}

/// Moves a wave by `(s_y, s_x)` pixels: `f(r − s) = F⁻¹[exp(−2πi q·s) F f]`.
struct Shift {
    y: Vec<C32>,
    /// One vector of lanes longer than the frame is wide.
    x: Vec<C32>,
}

impl Shift {
    fn new(fft: &Fft2, [sy, sx]: [f32; 2]) -> Self {
        let (ny, nx) = fft.shape();
        let normalise = f64::from(fft.unitary_scale()).powi(2);
        let mut x = phases(nx, f64::from(sx), 1.0);
        x.resize(nx + LANES, C32::default());
        Self { y: phases(ny, f64::from(sy), normalise), x }
    }
}

/// `a exp(−2πi k s/n)` for the frequencies k of n points, zero at the corner.
fn phases(n: usize, shift: f64, amplitude: f64) -> Vec<C32> {
    let phase = |i: usize| {
        let k = if i < n.div_ceil(2) { i as f64 } else { i as f64 - n as f64 };
        let angle = -TAU * k * shift / n as f64;
        C32::new((amplitude * angle.cos()) as f32, (amplitude * angle.sin()) as f32)
    };
    (0..n).map(phase).collect()
}

impl ColumnOp for Shift {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the transform that calls it")]
    fn apply<L: Lanes>(&mut self, mut tile: ColumnTile<'_>) {
        let first = tile.first_column();
        let mut lanes = [C32::default(); LANES];
        lanes.copy_from_slice(&self.x[first..first + LANES]);
        let along_x = L::deinterleave(&lanes);
        for (row, y) in self.y.iter().enumerate() {
            let phase = along_x.times(Split { re: L::splat(y.re), im: L::splat(y.im) });
            for wave in tile.row_of_modes(row) {
                wave.store(wave.load::<L>().times(phase));
            }
        }
    }
}
