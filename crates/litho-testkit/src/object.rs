//! A deterministic complex transmission, known between the pixels.

use crate::noise::Lcg;
use litho_types::C32;
use ndarray::Array2;
use std::f64::consts::TAU;

const WAVES: usize = 40;
const DISKS: usize = 12;

/// A smooth transmission `T(y, x) = exp(−a + iφ)` given as an analytic function
/// of continuous coordinates, so that a shifted copy is exact, not interpolated:
/// soft-edged disks (thickness of a few particles) plus a texture of plane
/// waves whose spatial frequencies stay below 0.12 cycles per pixel.
#[derive(Debug, Clone)]
pub struct TestObject {
    size: f64,
    disks: Vec<[f64; 4]>,
    waves: Vec<[f64; 4]>,
}

impl TestObject {
    /// The object of `seed`, spread over a square of `size` pixels.
    pub fn new(size: usize, seed: u64) -> Self {
        let mut random = Lcg::new(seed);
        let size = size as f64;
        let disks = (0..DISKS)
            .map(|_| {
                let radius = size * (0.03 + 0.08 * random.uniform());
                let thickness = 0.2 + 0.6 * random.uniform();
                let (y, x) = (size * (0.15 + 0.7 * random.uniform()), size * (0.15 + 0.7 * random.uniform()));
                [y, x, radius, thickness]
            })
            .collect();
        let waves = (0..WAVES)
            .map(|_| {
                let frequency = 0.01 + 0.11 * random.uniform();
                let (sin, cos) = (TAU * random.uniform()).sin_cos();
                // amplitude falls as 1/frequency, like the spectra of real samples
                [frequency * sin, frequency * cos, TAU * random.uniform(), 0.001 / frequency]
            })
            .collect();
        Self { size, disks, waves }
    }

    /// Projected thickness at a point, arbitrary units of order 1.
    pub fn thickness(&self, y: f64, x: f64) -> f64 {
        // logistic edge, 10–90 % within 4.4 px
        let disk = |&[cy, cx, radius, thickness]: &[f64; 4]| {
            thickness / (1.0 + ((y - cy).hypot(x - cx) - radius).exp())
        };
        let wave =
            |&[fy, fx, phase, amplitude]: &[f64; 4]| amplitude * (TAU * (fy * y + fx * x) + phase).sin();
        self.disks.iter().map(disk).sum::<f64>() + self.waves.iter().map(wave).sum::<f64>()
    }

    /// The transmission at a point: phase −thickness rad, amplitude exp(−0.1 thickness).
    pub fn transmission(&self, y: f64, x: f64) -> C32 {
        let thickness = self.thickness(y, x);
        C32::from_polar((-0.1 * thickness).exp() as f32, -thickness as f32)
    }

    /// The square image `(y, x)` of the object moved by `shift` = (dy, dx)
    /// pixels: pixel `(y, x)` holds `T(y − dy, x − dx)`.
    pub fn image(&self, shift: (f64, f64)) -> Array2<C32> {
        let side = self.size as usize;
        Array2::from_shape_fn((side, side), |(y, x)| {
            self.transmission(y as f64 - shift.0, x as f64 - shift.1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::s;

    #[test]
    fn a_whole_pixel_shift_moves_the_array() {
        let object = TestObject::new(48, 3);
        let (still, moved) = (object.image((0.0, 0.0)), object.image((2.0, -1.0)));
        let difference = crate::relative_rms(moved.slice(s![2.., ..47]), still.slice(s![..46, 1..]));
        assert!(difference < 1e-6, "{difference}"); // single precision
    }
}
