//! The window that lets volumes fall to zero at the edges of their cylinder.

use super::FscOptions;
use crate::window::Window;
use ndarray::{Array2, ArrayView3};

/// How volumes fall to zero across the slice, in x and y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Across {
    /// Round: zero from the circle on that the slice just holds, which is where tomograms end.
    Circle(Window),
    /// Square: a factor along y and one along x.
    Rectangle(Window),
}

/// A window over `(z, y, x)`: a factor along z and one across the slice.
pub(super) struct Apodisation {
    pub(super) along: Vec<f64>,
    pub(super) across: Array2<f64>,
}

impl Apodisation {
    /// The window that `options` ask for over volumes of `shape` (z, y, x).
    pub(super) fn new((nz, ny, nx): (usize, usize, usize), options: &FscOptions) -> Self {
        let across = match options.across {
            Across::Rectangle(window) => {
                let (rows, columns) = (window.samples(ny, 0.0, 0.0), window.samples(nx, 0.0, 0.0));
                Array2::from_shape_fn((ny, nx), |(y, x)| rows[y] * columns[x])
            }
            Across::Circle(window) => {
                let radius = ny.min(nx) as f64 / 2.0;
                let (cy, cx) = ((ny as f64 - 1.0) / 2.0, (nx as f64 - 1.0) / 2.0);
                let fall = window.taper(ny.min(nx));
                Array2::from_shape_fn((ny, nx), |(y, x)| {
                    raised_cosine(radius - (y as f64 - cy).hypot(x as f64 - cx), fall)
                })
            }
        };
        Self { along: options.along.samples(nz, 0.0, 0.0), across }
    }

    /// `Σ w f/Σ w`.
    pub(super) fn mean(&self, volume: ArrayView3<'_, f32>) -> f64 {
        let slices = volume.outer_iter().zip(&self.along).map(|(slice, factor)| {
            let sum: f64 = slice.iter().zip(&self.across).map(|(&value, w)| f64::from(value) * w).sum();
            sum * factor
        });
        slices.sum::<f64>() / (self.along.iter().sum::<f64>() * self.across.sum())
    }
}

/// Zero outside, one from `fall` inside on.
fn raised_cosine(depth: f64, fall: f64) -> f64 {
    if depth <= 0.0 {
        0.0
    } else if depth < fall {
        0.5 * (1.0 - (std::f64::consts::PI * depth / fall).cos())
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    #[test]
    fn the_circle_is_round_and_the_mean_is_the_weighted_one() {
        let options = FscOptions {
            across: Across::Circle(Window::Tukey { taper: 2.0 }),
            along: Window::Hann,
            ..FscOptions::default()
        };
        let window = Apodisation::new((4, 16, 20), &options);
        // Corner and the columns beyond the circle of radius 8 around (7.5, 9.5); 2 voxels of fall.
        assert_eq!((window.across[(0, 0)], window.across[(7, 1)]), (0.0, 0.0));
        assert_eq!((window.across[(7, 9)], window.across[(7, 4)]), (1.0, 1.0));
        assert!(
            (window.across[(7, 2)] - 0.5 * (1.0 - (0.5 * 0.483_f64 * std::f64::consts::PI).cos())).abs()
                < 1e-3
        );
        assert_eq!(window.along.len(), 4);
        // A constant has the mean it is.
        let volume = Array3::from_elem((4, 16, 20), 3.0_f32);
        assert!((window.mean(volume.view()) - 3.0).abs() < 1e-12);
    }
}
