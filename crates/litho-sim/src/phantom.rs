//! Objects to scan: matter of known thickness, or a given transmission.

use crate::C64;
use crate::error::SimError;
use crate::fourier::to_double;
use crate::grains::BatteryGrains;
use crate::siemens::SiemensStar;
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::{Array2, Axis, s};
use rayon::prelude::*;
use std::f64::consts::TAU;

/// Refractive index `n = 1 − δ + iβ` at the scan's energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Material {
    /// Decrement of the real part.
    pub delta: f64,
    /// Absorption index.
    pub beta: f64,
}

/// What is scanned. The centre of a phantom is at position `(0, 0)`.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// Resolution target.
    Siemens(SiemensStar),
    /// Cathode particle.
    Grains(BatteryGrains),
    /// A given complex transmission, sampled with the object pixel divided by the oversampling.
    Array {
        /// Transmission `(y, x)`, each side a multiple of the oversampling.
        transmission: Array2<C32>,
        /// Beam position that falls on the centre of pixel `(0, 0)`.
        origin: Point<Metres>,
    },
}

/// An object on the fine grid of the simulation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scene {
    /// Transmission `(y, x)` on the fine grid.
    pub(crate) transmission: Array2<C64>,
    /// Position of the centre of the first reconstruction pixel, metres `(y, x)`.
    pub(crate) origin: (f64, f64),
    /// Fine pixels along one side of a reconstruction pixel.
    pub(crate) oversampling: usize,
}

/// The reconstruction pixels a phantom is to be drawn on.
pub(crate) struct Canvas {
    /// Number of reconstruction pixels `(ny, nx)`.
    pub(crate) shape: (usize, usize),
    /// Reconstruction pixel, metres `(y, x)`.
    pub(crate) pixel: (f64, f64),
    /// Position of the centre of the first reconstruction pixel, metres `(y, x)`.
    pub(crate) origin: (f64, f64),
    /// Fine pixels along one side of a reconstruction pixel.
    pub(crate) oversampling: usize,
}

/// Samples along one side of a fine pixel, over which its transmission is averaged.
const SUBSAMPLES: usize = 4;

impl Material {
    fn check(&self) -> Result<(), SimError> {
        SimError::finite("delta of the object", self.delta, "")?;
        SimError::not_negative("beta of the object", self.beta, "")?;
        Ok(())
    }

    /// `T = exp(−kβt − ikδt)`, the wave behind thickness `t` in metres; `wavenumber` is `k = 2π/λ`.
    fn transmission(&self, thickness: f64, wavenumber: f64) -> C64 {
        let path = wavenumber * thickness;
        C64::from_polar((-self.beta * path).exp(), -self.delta * path)
    }
}

impl Object {
    /// The object on the fine grid; a phantom is drawn on `canvas`, an array brings its own extent.
    pub(crate) fn scene(&self, canvas: &Canvas, wavelength: Metres) -> Result<Scene, SimError> {
        let wavenumber = TAU / wavelength.value();
        match self {
            Self::Siemens(star) => {
                star.material.check()?;
                let star = star.prepared()?;
                Ok(canvas.draw(|y, x| star.material().transmission(star.thickness(y, x), wavenumber)))
            }
            Self::Grains(grains) => {
                grains.material.check()?;
                let grains = grains.prepared()?;
                Ok(canvas.draw(|y, x| grains.material().transmission(grains.thickness(y, x), wavenumber)))
            }
            Self::Array { transmission, origin } => canvas.given(transmission, *origin),
        }
    }
}

impl Canvas {
    /// `value(y, x)` (metres) at the middle of every fine pixel.
    pub(crate) fn sampled<T: Send + Sync + Default + Clone>(
        &self,
        value: impl Fn(f64, f64) -> T + Sync,
    ) -> Array2<T> {
        let fine = self.oversampling as f64;
        let at = |first: f64, pixel: f64, index: usize| first + ((index as f64 + 0.5) / fine - 0.5) * pixel;
        let shape = (self.shape.0 * self.oversampling, self.shape.1 * self.oversampling);
        let mut image = Array2::from_elem(shape, T::default());
        image.axis_iter_mut(Axis(0)).into_par_iter().enumerate().for_each(|(row, mut line)| {
            let y = at(self.origin.0, self.pixel.0, row);
            for (column, place) in line.indexed_iter_mut() {
                *place = value(y, at(self.origin.1, self.pixel.1, column));
            }
        });
        image
    }

    /// Position of the middle of the first fine pixel.
    pub(crate) fn first_fine(&self) -> Point<Metres> {
        let back = (1.0 - 1.0 / self.oversampling as f64) / 2.0;
        Point::new(
            Metres::new(self.origin.0 - back * self.pixel.0),
            Metres::new(self.origin.1 - back * self.pixel.1),
        )
    }

    /// Averages `transmission(y, x)` (metres) over every fine pixel.
    fn draw(&self, transmission: impl Fn(f64, f64) -> C64 + Sync) -> Scene {
        let fine = self.oversampling as f64;
        let step = (self.pixel.0 / fine, self.pixel.1 / fine);
        let mut image = Array2::zeros((self.shape.0 * self.oversampling, self.shape.1 * self.oversampling));
        let corner = (self.origin.0 - self.pixel.0 / 2.0, self.origin.1 - self.pixel.1 / 2.0);
        let at = |index: usize, sub: usize| index as f64 + (sub as f64 + 0.5) / SUBSAMPLES as f64;
        image.axis_iter_mut(Axis(0)).into_par_iter().enumerate().for_each(|(row, mut line)| {
            for (column, value) in line.indexed_iter_mut() {
                for (i, j) in (0..SUBSAMPLES).flat_map(|i| (0..SUBSAMPLES).map(move |j| (i, j))) {
                    let (y, x) = (corner.0 + at(row, i) * step.0, corner.1 + at(column, j) * step.1);
                    *value += transmission(y, x);
                }
                *value /= (SUBSAMPLES * SUBSAMPLES) as f64;
            }
        });
        Scene { transmission: image, origin: self.origin, oversampling: self.oversampling }
    }

    fn given(&self, transmission: &Array2<C32>, origin: Point<Metres>) -> Result<Scene, SimError> {
        let s = self.oversampling;
        let (ny, nx) = transmission.dim();
        if ny == 0 || nx == 0 || !ny.is_multiple_of(s) || !nx.is_multiple_of(s) {
            let fix = "crop or pad both sides to a multiple of the oversampling, above zero";
            let value = format!("{ny}×{nx} pixels at oversampling {s}");
            return Err(SimError::Value { quantity: "the given object", value, fix });
        }
        if let Some(value) = transmission.iter().find(|v| !(v.re.is_finite() && v.im.is_finite())) {
            let fix = "replace NaN and infinite values";
            return Err(SimError::Value {
                quantity: "a pixel of the given object",
                value: value.to_string(),
                fix,
            });
        }
        // The first reconstruction pixel covers s fine pixels, the first of which is centred on the origin.
        let middle = (s as f64 - 1.0) / (2.0 * s as f64);
        let y = SimError::finite("the origin of the object along y", origin.y.value(), "m")?;
        let x = SimError::finite("the origin of the object along x", origin.x.value(), "m")?;
        let origin = (y + middle * self.pixel.0, x + middle * self.pixel.1);
        Ok(Scene { transmission: to_double(transmission.view()), origin, oversampling: s })
    }
}

impl Scene {
    /// The transmission averaged over reconstruction pixels, `(y, x)`.
    pub(crate) fn averaged(&self) -> Array2<C32> {
        let s = self.oversampling;
        let (ny, nx) = self.transmission.dim();
        Array2::from_shape_fn((ny / s, nx / s), |(y, x)| {
            let sum =
                self.transmission.slice(s![y * s..(y + 1) * s, x * s..(x + 1) * s]).sum() / (s * s) as f64;
            C32::new(sum.re as f32, sum.im as f32)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canvas(oversampling: usize) -> Canvas {
        Canvas { shape: (6, 4), pixel: (1.0, 2.0), origin: (-2.0, -3.0), oversampling }
    }

    #[test]
    fn drawing_averages_over_the_area_of_a_pixel() {
        // A transmission linear in y and x: its mean over a pixel is its value at the pixel's centre.
        for oversampling in [1, 2, 3] {
            let scene = canvas(oversampling).draw(C64::new);
            for ((row, column), value) in scene.averaged().indexed_iter() {
                let centre = C32::new(row as f32 - 2.0, 2.0 * column as f32 - 3.0);
                assert!((value - centre).norm() < 1e-5, "{value} instead of {centre}");
            }
        }
    }

    #[test]
    fn a_given_object_keeps_its_place() {
        let transmission = Array2::from_shape_fn((4, 6), |(y, x)| C32::new(y as f32, x as f32));
        let origin = Point::new(Metres::new(5.0), Metres::new(7.0));
        let scene = canvas(2).given(&transmission, origin).unwrap();
        // Fine pixels of 0.5 × 1 m: the first 2 × 2 block is centred a quarter reconstruction pixel further on.
        assert_eq!(scene.origin, (5.25, 7.5));
        assert_eq!(scene.averaged().dim(), (2, 3));
        assert_eq!(scene.averaged()[(1, 2)], C32::new(2.5, 4.5));
        assert!(canvas(3).given(&transmission, origin).unwrap_err().to_string().contains("4×6 pixels"));
    }

    #[test]
    fn matter_delays_and_absorbs() {
        // μt = 2kβt and φ = −kδt (Beer–Lambert; project conventions).
        let material = Material { delta: 1e-4, beta: 2e-5 };
        let (wavenumber, thickness) = (TAU / 1e-9, 1e-6);
        let wave = material.transmission(thickness, wavenumber);
        assert!((wave.norm_sqr().ln() + 2.0 * wavenumber * 2e-5 * thickness).abs() < 1e-12);
        assert!((wave.arg() + wavenumber * 1e-4 * thickness).abs() < 1e-12);
    }
}
