//! The beam of one frame, by sums over frequencies, and the way of a push back to the modes.

use super::{C64, Reference, dft};
use litho_compute::Sampling;
use ndarray::{Array2, Array3, Axis};
use std::f64::consts::TAU;

impl Reference {
    /// `P_jk`, `(wave, y, x)`: `P_0 + Σ_e a_je U_e` and the other modes, spread.
    pub(crate) fn beam(&self, frame: usize) -> Array3<C64> {
        let mut modes = self.probe.clone();
        if let Some(variations) = &self.variations {
            for (direction, a) in variations.outer_iter().zip(self.views.coefficients.row(frame)) {
                modes.index_axis_mut(Axis(0), 0).scaled_add(C64::from(f64::from(*a)), &direction);
            }
        }
        self.spread(frame, &modes)
    }

    /// `c_j/√T P_k(r − s_j − f_t w_j)` for `f_t = (t + ½)/T − ½` along the sweep `w_j`; wave `k T + t`.
    pub(super) fn spread(&self, frame: usize, modes: &Array3<C64>) -> Array3<C64> {
        let exposures = self.views.exposures;
        let mut waves = Array3::zeros((modes.dim().0 * exposures, self.shape.0, self.shape.1));
        for (index, mut wave) in waves.outer_iter_mut().enumerate() {
            let mode = modes.index_axis(Axis(0), index / exposures).to_owned();
            let moved = moved(&mode, self.shift(frame, index));
            wave.assign(&(moved * self.exposure_amplitude(frame)));
        }
        waves
    }

    /// The adjoint of [`spread`](Self::spread).
    pub(super) fn gather(&self, frame: usize, pushes: &Array3<C64>) -> Array3<C64> {
        let exposures = self.views.exposures;
        let mut modes = Array3::zeros((pushes.dim().0 / exposures, self.shape.0, self.shape.1));
        for (index, push) in pushes.outer_iter().enumerate() {
            let back = self.shift(frame, index).map(|s| -s);
            let moved = moved(&push.to_owned(), back) * self.exposure_amplitude(frame);
            modes.index_axis_mut(Axis(0), index / exposures).scaled_add(C64::from(1.0), &moved);
        }
        modes
    }

    /// `c_j/√T`.
    fn exposure_amplitude(&self, frame: usize) -> f64 {
        f64::from(self.views.amplitudes[frame]) / (self.views.exposures as f64).sqrt()
    }

    /// How far the beam of a wave lies from its place on the whole pixels of the patch.
    pub(super) fn shift(&self, frame: usize, wave: usize) -> [f64; 2] {
        let along = ((wave % self.views.exposures) as f64 + 0.5) / self.views.exposures as f64 - 0.5;
        [0, 1].map(|axis| {
            let rest = match self.views.sampling {
                Sampling::WholePixels => 0.0,
                Sampling::SubPixel => self.views.places[frame][axis] - self.corner(frame)[axis] as f64,
            };
            rest + along * self.views.sweeps.get(frame).map_or(0.0, |sweep| f64::from(sweep[axis]))
        })
    }
}

/// `f(r − s) = F⁻¹[exp(−2πi q·s) F f]`; of an even side the highest frequency is the negative one.
pub(super) fn moved(wave: &Array2<C64>, shift: [f64; 2]) -> Array2<C64> {
    let (ny, nx) = wave.dim();
    let turns = |i: usize, n: usize| if 2 * i < n { i as f64 } else { i as f64 - n as f64 } / n as f64;
    let mut spectrum = dft(wave, -1.0);
    for ((v, u), f) in spectrum.indexed_iter_mut() {
        *f *= C64::cis(-TAU * (turns(v, ny) * shift[0] + turns(u, nx) * shift[1]));
    }
    dft(&spectrum, 1.0)
}
