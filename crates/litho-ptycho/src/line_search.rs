//! The length of a step from the slope of a function along it.

/// Finds where the slope of a function along a descending line vanishes.
///
/// The slope is known at the start and measured at a few lengths about a guess, all in one pass over the data. For
/// Gaussian noise of intensities the slope is a polynomial of degree 7 in the length, of which the term of lowest
/// degrees decide near the minimum; between the lengths it is interpolated by the polynomial through all of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LineSearch {
    /// Length expected, positive.
    pub(crate) guess: f64,
    /// Slope at the start; negative for a descent.
    pub(crate) slope: f64,
}

/// Lengths at which slopes are measured, in units of the guess.
const LENGTHS: [f64; 5] = [0.4, 0.8, 1.2, 2.0, 4.0];
/// Bisections of the bracketing interval: its length then is below the rounding of single precision.
const BISECTIONS: usize = 30;

impl LineSearch {
    /// Guess when nothing is known: a preconditioned gradient step of Newton's length is of order one.
    pub(crate) const FIRST_LENGTH: f64 = 1.0;

    /// The length, 0 if the line does not descend; `slopes` measures the slope at several lengths.
    pub(crate) fn length(self, slopes: impl FnOnce(&[f64]) -> Vec<f64>) -> f64 {
        if self.slope.is_nan() || self.slope >= 0.0 {
            return 0.0;
        }
        let lengths = LENGTHS.map(|share| share * self.guess);
        let measured = slopes(&lengths);
        let mut points: Vec<(f64, f64)> = vec![(0.0, self.slope)];
        points.extend(lengths.into_iter().zip(measured));
        let Some(after) = points.iter().position(|(_, slope)| *slope >= 0.0) else {
            // It descends as far as anybody looked.
            return lengths[lengths.len() - 1];
        };
        let (mut low, mut high) = (points[after - 1].0, points[after].0);
        for _ in 0..BISECTIONS {
            let middle = f64::midpoint(low, high);
            if interpolate(&points, middle) < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    }
}

/// Lagrange's polynomial through the points.
fn interpolate(points: &[(f64, f64)], at: f64) -> f64 {
    let basis = |i: usize| -> f64 {
        let others = points.iter().enumerate().filter(|(j, _)| *j != i);
        others.map(|(_, (t, _))| (at - t) / (points[i].0 - t)).product()
    };
    points.iter().enumerate().map(|(i, (_, slope))| slope * basis(i)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(guess: f64, slope: impl Fn(f64) -> f64) -> f64 {
        let search = LineSearch { guess, slope: slope(0.0) };
        search.length(|lengths| lengths.iter().map(|&t| slope(t)).collect())
    }

    #[test]
    fn polynomials_up_to_the_fifth_degree_are_solved_exactly() {
        // Six points determine them; what is left is the rounding of the bisection, 2⁻³⁰ of a bracket of the guess.
        for guess in [0.4, 1.0, 1.9] {
            assert!((length(guess, |t| t - 1.0) - 1.0).abs() < 1e-8);
            assert!((length(guess, |t| t.powi(3) + t - 2.0) - 1.0).abs() < 1e-8);
            assert!((length(guess, |t| t.powi(5) + 3.0 * t * t - 4.0) - 1.0).abs() < 1e-8);
        }
    }

    #[test]
    fn the_seventh_degree_is_solved_to_a_small_part_of_the_step() {
        // The interpolation's error is that of a degree of two more, of a slope that is all highest power.
        assert!((length(1.0, |t| t.powi(7) - 1.0) - 1.0).abs() < 0.1);
    }

    #[test]
    fn a_line_that_does_not_descend_is_not_gone() {
        assert_eq!(length(1.0, |t| t + 1.0), 0.0);
        assert_eq!(length(1.0, |_| f64::NAN), 0.0);
    }

    #[test]
    fn a_long_descent_is_gone_as_far_as_was_looked() {
        assert_eq!(length(2.0, |t| t - 100.0), 8.0);
    }
}
