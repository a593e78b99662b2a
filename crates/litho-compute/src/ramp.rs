//! Linear phases in Fourier space, which move images by fractions of a pixel.

use crate::fft::{LANES, Lanes, Split};
use litho_types::C32;
use std::f64::consts::TAU;

/// `exp(−2πi q·s)` over the frequencies of a frame, zero at the corner; of an even side the highest frequency is the
/// negative one. Separable, so that it is kept as one factor per row and one per column.
#[derive(Debug)]
pub(crate) struct PhaseRamp {
    y: Vec<C32>,
    /// One vector of lanes longer than the frame is wide.
    x: Vec<C32>,
}

impl PhaseRamp {
    /// The ramp that moves an image of `shape` (ny, nx) by `(s_y, s_x)` pixels.
    pub(crate) fn of_shift([sy, sx]: [f32; 2], (ny, nx): (usize, usize)) -> Self {
        let mut x = phases(nx, f64::from(sx));
        x.resize(nx + LANES, C32::default());
        Self { y: phases(ny, f64::from(sy)), x }
    }

    /// The factor of row `row`, in all lanes.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the transform that calls it")]
    pub(crate) fn along_y<L: Lanes>(&self, row: usize) -> Split<L> {
        let factor = self.y[row];
        Split { re: L::splat(factor.re), im: L::splat(factor.im) }
    }

    /// The factors of the columns that begin at `first`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the transform that calls it")]
    pub(crate) fn along_x<L: Lanes>(&self, first: usize) -> Split<L> {
        let mut lanes = [C32::default(); LANES];
        lanes.copy_from_slice(&self.x[first..first + LANES]);
        L::deinterleave(&lanes)
    }
}

/// `exp(−2πi k s/n)` for the frequencies k of n points.
fn phases(n: usize, shift: f64) -> Vec<C32> {
    let phase = |i: usize| {
        let k = if i < n.div_ceil(2) { i as f64 } else { i as f64 - n as f64 };
        let angle = -TAU * k * shift / n as f64;
        C32::new(angle.cos() as f32, angle.sin() as f32)
    };
    (0..n).map(phase).collect()
}
