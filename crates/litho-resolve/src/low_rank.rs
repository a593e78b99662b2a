//! What an image of a stack should look like, judged by the others: its projection on their principal components.

use litho_types::C32;
use ndarray::{Array1, Array2, ArrayView2};

/// Iterations of the subspace; the gap between chemistry and noise is wide.
const ITERATIONS: usize = 40;

/// Scalar products `Re Σ a b*` of all pairs of images.
pub(crate) fn gram(images: &[Array2<C32>]) -> Array2<f64> {
    let n = images.len();
    let mut products = Array2::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let value =
                images[i].iter().zip(&images[j]).map(|(a, b)| f64::from(a.re * b.re + a.im * b.im)).sum();
            products[(i, j)] = value;
            products[(j, i)] = value;
        }
    }
    products
}

/// Weights `w_j`, with `w_index = 0`, of the images whose sum `Σ w_j I_j` comes nearest to image `index` among all in
/// the span of the `rank` strongest components of the others, each image counted with unit norm.
pub(crate) fn weights(gram: ArrayView2<'_, f64>, index: usize, rank: usize) -> Vec<f64> {
    let n = gram.nrows();
    let norm: Vec<f64> = (0..n).map(|i| gram[(i, i)].sqrt().max(f64::MIN_POSITIVE)).collect();
    let of_others = |i: usize| i != index;
    let unit = Array2::from_shape_fn((n, n), |(i, j)| {
        if of_others(i) && of_others(j) { gram[(i, j)] / (norm[i] * norm[j]) } else { 0.0 }
    });
    let mut weights = Array1::<f64>::zeros(n);
    let target = Array1::from_shape_fn(n, |i| if of_others(i) { gram[(i, index)] / norm[i] } else { 0.0 });
    for (vector, value) in components(&unit, rank) {
        // The component is P = Σ u_j I_j/(|I_j| √λ); the image holds (P·I) of it.
        weights.scaled_add(vector.dot(&target) / value, &vector);
    }
    weights.iter().zip(norm).map(|(w, norm)| w / norm).collect()
}

/// The strongest eigenvectors with their eigenvalues, by subspace iteration from vectors that depend on nothing.
fn components(matrix: &Array2<f64>, rank: usize) -> Vec<(Array1<f64>, f64)> {
    let n = matrix.nrows();
    // Cosines of rising frequency over the stack: what spectra look like.
    let start = |k: usize| {
        Array1::from_shape_fn(n, |i| (std::f64::consts::PI * k as f64 * (i as f64 + 0.5) / n as f64).cos())
    };
    let mut vectors: Vec<Array1<f64>> = (0..rank).map(start).collect();
    for _ in 0..ITERATIONS {
        for vector in &mut vectors {
            *vector = matrix.dot(vector);
        }
        orthonormalise(&mut vectors);
    }
    let value = |v: Array1<f64>| {
        let value = v.dot(&matrix.dot(&v));
        (v, value)
    };
    vectors.into_iter().map(value).filter(|(_, value)| *value > 1e-9 * n as f64).collect()
}

/// Gram–Schmidt, twice for rounding; vectors that depend on those before become zero.
fn orthonormalise(vectors: &mut [Array1<f64>]) {
    for k in 0..vectors.len() {
        let (before, rest) = vectors.split_at_mut(k);
        let length = rest[0].dot(&rest[0]).sqrt();
        for _ in 0..2 {
            for other in &*before {
                let share = other.dot(&rest[0]);
                rest[0].scaled_add(-share, other);
            }
        }
        let left = rest[0].dot(&rest[0]).sqrt();
        let scale = if left > 1e-12 * length { left.recip() } else { 0.0 };
        rest[0].mapv_inplace(|v| v * scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_projected_on_what_the_others_span() {
        // Three pixels, the second imaginary. The first three images span (a, ib, 0); the last has a part beyond.
        let image = |a: f32, b: f32, c: f32| {
            let pixels = vec![C32::new(a, 0.0), C32::new(0.0, b), C32::new(c, 0.0)];
            Array2::from_shape_vec((1, 3), pixels).unwrap()
        };
        let images = [image(1.0, 0.0, 0.0), image(0.0, 1.0, 0.0), image(1.0, 2.0, 0.0), image(3.0, 1.0, 5.0)];
        let w = weights(gram(&images).view(), 3, 2);
        assert_eq!(w[3], 0.0);
        let sum = |pixel: usize| -> f64 {
            let values = images.iter().map(|image| f64::from(image[(0, pixel)].re + image[(0, pixel)].im));
            w.iter().zip(values).map(|(w, v)| w * v).sum()
        };
        // The projection of (3, i, 5) is (3, i, 0); a few roundings of double precision.
        for (pixel, expected) in [(0, 3.0), (1, 1.0), (2, 0.0)] {
            assert!((sum(pixel) - expected).abs() < 1e-12, "pixel {pixel}: {}", sum(pixel));
        }
        // More components than there are change nothing.
        let more = weights(gram(&images).view(), 3, 4);
        assert!(more.iter().zip(&w).all(|(a, b)| (a - b).abs() < 1e-6), "{more:?} {w:?}");
    }
}
