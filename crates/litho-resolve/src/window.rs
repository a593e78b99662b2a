//! Apodisation: windows that fall to zero at the edges of the region.

use crate::error::ResolveError;

/// A separable window, the product of one factor along y and one along x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Window {
    /// `sin²` over the whole side: least leakage from the strong low
    /// frequencies, at the price of the data near the edges.
    Hann,
    /// Flat, falling as a raised cosine over the outermost `taper` pixels at
    /// each end. `taper = 0` is no window at all.
    Tukey {
        /// Width of each fall, pixels.
        taper: f64,
    },
}

impl Window {
    /// Width of the fall at each end of a side of `n` pixels.
    pub fn taper(self, n: usize) -> f64 {
        match self {
            Self::Hann => n as f64 / 2.0,
            Self::Tukey { taper } => taper.min(n as f64 / 2.0),
        }
    }

    /// The factor along a side of `n` pixels, for content moved by `shift`
    /// pixels: value `w(i − shift)`, zero within `inset` pixels of the ends.
    pub fn samples(self, n: usize, shift: f64, inset: f64) -> Vec<f64> {
        let taper = self.taper(n) - inset;
        (0..n)
            .map(|i| {
                let position = i as f64 + 0.5 - shift;
                let depth = position.min(n as f64 - position) - inset;
                if depth <= 0.0 {
                    0.0
                } else if depth < taper {
                    // raised cosine: w = ½(1 − cos(π d/t))
                    0.5 * (1.0 - (std::f64::consts::PI * depth / taper).cos())
                } else {
                    1.0
                }
            })
            .collect()
    }

    pub(crate) fn check(self, operation: &'static str) -> Result<(), ResolveError> {
        match self {
            Self::Tukey { taper } if !(taper.is_finite() && taper >= 0.0) => {
                Err(ResolveError::InvalidSetting {
                    operation,
                    name: "the width of the Tukey taper",
                    value: taper,
                    allowed: "a number of pixels, zero or more",
                })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hann_is_sine_squared_and_tukey_is_flat_inside() {
        let hann = Window::Hann.samples(8, 0.0, 0.0);
        for (i, value) in hann.iter().enumerate() {
            let expected = (std::f64::consts::PI * (i as f64 + 0.5) / 8.0).sin().powi(2);
            assert!((value - expected).abs() < 1e-15, "{i}: {value}");
        }
        let tukey = Window::Tukey { taper: 2.0 }.samples(9, 0.0, 0.0);
        assert!(tukey[2..7].iter().all(|&v| v == 1.0) && tukey[0] < 0.2);
        assert_eq!(Window::Tukey { taper: 0.0 }.samples(4, 0.0, 0.0), vec![1.0; 4]);
    }

    #[test]
    fn a_moved_window_is_the_same_function() {
        let still = Window::Hann.samples(16, 0.0, 1.0);
        let moved = Window::Hann.samples(16, 1.0, 1.0);
        assert!((1..16).all(|i| moved[i] == still[i - 1]));
    }
}
