//! Smoothing of an image whose pixels are known to different precision.

use ndarray::{Array2, Zip};

/// Where an image in kernel order has its edges: neighbours are not compared across them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edges {
    /// Between the highest positive and negative frequency, in the middle of the array.
    HighestFrequency,
    /// Around the array.
    Image,
}

/// Most conjugate-gradient steps.
const STEPS: usize = 200;
/// Relative residual at which the solution is good enough.
const RESIDUAL: f64 = 1e-4;
/// Share of the median weight that a pixel must have to speak for itself.
const FAINT: f64 = 0.1;

/// Minimises `Σ W (b − value)² + λ med(W) Σ|∇b|²` over b, by conjugate gradients preconditioned with the diagonal. Pixels
/// of much less than the median weight are filled from their neighbours.
pub(crate) fn smooth(value: &Array2<f64>, weight: &Array2<f64>, lambda: f64, edges: Edges) -> Array2<f64> {
    let median = median_of_positive(weight);
    if median <= 0.0 {
        return value.clone();
    }
    let weight = weight.mapv(|w| if w < FAINT * median { 1e-5 * median } else { w });
    let strength = lambda * median;
    let cut = match edges {
        Edges::HighestFrequency => [value.dim().0.div_ceil(2), value.dim().1.div_ceil(2)],
        Edges::Image => [0, 0],
    };
    let apply = |b: &Array2<f64>| &weight * b + strength * laplacian(b, cut);
    let diagonal = weight.mapv(|w| w + 4.0 * strength);
    let right = &weight * value;
    let mut solution = value.clone();
    let mut residual = &right - &apply(&solution);
    let mut scaled = &residual / &diagonal;
    let mut direction = scaled.clone();
    let mut size = inner(&residual, &scaled);
    let enough = RESIDUAL * RESIDUAL * inner(&right, &(&right / &diagonal));
    for _ in 0..STEPS {
        if size <= enough {
            break;
        }
        let image = apply(&direction);
        let length = size / inner(&direction, &image);
        solution.scaled_add(length, &direction);
        residual.scaled_add(-length, &image);
        scaled = &residual / &diagonal;
        let next = inner(&residual, &scaled);
        direction = &scaled + &(direction * (next / size));
        size = next;
    }
    solution
}

/// `Σ (b − b')` over the up to four neighbours b' of each pixel; columns and rows wrap but for the cut before the
/// indices `cut`.
fn laplacian(b: &Array2<f64>, cut: [usize; 2]) -> Array2<f64> {
    let (ny, nx) = b.dim();
    Array2::from_shape_fn((ny, nx), |(y, x)| {
        let mut sum = 0.0;
        if y != cut[0] {
            sum += b[(y, x)] - b[((y + ny - 1) % ny, x)];
        }
        if (y + 1) % ny != cut[0] {
            sum += b[(y, x)] - b[((y + 1) % ny, x)];
        }
        if x != cut[1] {
            sum += b[(y, x)] - b[(y, (x + nx - 1) % nx)];
        }
        if (x + 1) % nx != cut[1] {
            sum += b[(y, x)] - b[(y, (x + 1) % nx)];
        }
        sum
    })
}

fn inner(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    Zip::from(a).and(b).fold(0.0, |sum, a, b| sum + a * b)
}

fn median_of_positive(weight: &Array2<f64>) -> f64 {
    let mut positive: Vec<f64> = weight.iter().copied().filter(|w| *w > 0.0).collect();
    positive.sort_by(f64::total_cmp);
    positive.get(positive.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_stays_and_a_gap_is_filled() {
        let mut value = Array2::from_elem((8, 10), 3.0);
        let mut weight = Array2::from_elem((8, 10), 2.0);
        value[(2, 3)] = 100.0;
        weight[(2, 3)] = 0.0;
        for edges in [Edges::HighestFrequency, Edges::Image] {
            let found = smooth(&value, &weight, 0.5, edges);
            // The faint pixel still pulls with 1e-5 of a neighbour's weight against four times half of it.
            assert!(found.iter().all(|b| (b - 3.0).abs() < 0.01), "{found}");
        }
    }

    #[test]
    fn neighbours_are_not_compared_across_an_edge() {
        // A step at the edge costs nothing: it stays whole under any smoothing.
        for (edges, cut) in [(Edges::HighestFrequency, 5), (Edges::Image, 0)] {
            let step =
                Array2::from_shape_fn((10, 10), |(y, _)| f64::from(u8::from((y + 10 - cut) % 10 >= 5)));
            let flat = smooth(&step, &Array2::from_elem((10, 10), 1.0), 1e3, edges);
            // Within the image the step is smoothed away, to the mean.
            assert!(flat.iter().all(|b| (b - 0.5).abs() < 0.1), "{flat}");
            let ramp = laplacian(
                &Array2::from_shape_fn((10, 10), |(y, _)| ((y + 10 - cut) % 10) as f64),
                [cut, cut],
            );
            assert_eq!(ramp[(cut, 3)], -1.0, "one neighbour only at the edge");
        }
    }
}
