//! Aligned images of K compounds span but K dimensions: how far each image of a stack is from where it fits best.
//!
//! With the images as rows of `X`, each less its mean, the model is `X ≈ U C`: K orthonormal spectra `U` and K
//! component images `C = Uᵀ X`, from the strongest eigenvectors of `X Xᵀ`. An image moved too far by `ε` differs by
//! `ε·∇(U C)`. Of that, whatever another choice of `U` or `C` could explain says nothing about shifts; the
//! rest gives the normal equations of all shifts together (variable projection: Golub & Pereyra, Inverse Problems 19,
//! R1 (2003)).

use ndarray::{Array1, Array2, Axis};

/// Iterations of the subspace, enough for eigenvalues that are a tenth apart.
const ITERATIONS: usize = 100;
/// Sweeps of turns that make the components' matrix diagonal; convergence is quadratic.
const SWEEPS: usize = 6;
/// Share of all power below which a component is rounding.
const ROUNDING: f64 = 1e-12;

/// The model of a stack, and what its misfit says about shifts.
pub(crate) struct LowRank {
    /// `U` `(energy, component)`.
    spectra: Array2<f64>,
    /// `C` `(component, pixel)`.
    images: Array2<f64>,
    /// Mean of each image.
    means: Array1<f64>,
    /// Variance of what the model leaves, per free number: that of the noise if the model holds.
    pub(crate) variance: f64,
    /// Normal matrix of the shifts, `(2 energies, 2 energies)`: row `2e` is image `e` along y, `2e + 1` along x.
    pub(crate) normal: Array2<f64>,
    /// Right-hand side, the same order: `normal · ε = right` for images that were taken from `ε` too far.
    pub(crate) right: Array1<f64>,
}

impl LowRank {
    /// Of aligned images `(energy, pixel)`, all finite, of `(ny, nx)` pixels, by `rank` components at most.
    pub(crate) fn new(mut rows: Array2<f64>, (ny, nx): (usize, usize), rank: usize) -> Self {
        let count = rows.nrows();
        let means = centred(&mut rows);
        let gram = rows.dot(&rows.t());
        let components = components(&gram, rank);
        let k = components.len();
        let spectra = Array2::from_shape_fn((count, k), |(e, c)| components[c].0[e]);
        let images = spectra.t().dot(&rows);
        let explained: f64 = components.iter().map(|(_, value)| value).sum();
        let free = (count - k) as f64 * ((ny * nx) as f64 - 1.0 - k as f64);
        let variance = ((gram.diag().sum() - explained) / free).max(0.0);

        let mut slopes = slopes(&images, (ny, nx));
        centred(&mut slopes);
        // T = ∂C (1 − Cᵀ (C Cᵀ)⁻¹ C) ∂Cᵀ; the components are orthogonal, C Cᵀ = diag λ
        let shared = images.dot(&slopes.t());
        let mut scaled = shared.clone();
        for (mut row, (_, value)) in scaled.outer_iter_mut().zip(&components) {
            row /= *value;
        }
        let slope_products = slopes.dot(&slopes.t()) - shared.t().dot(&scaled);
        // (X − U C) ∂Cᵀ
        let misfit = rows.dot(&slopes.t()) - spectra.dot(&shared);
        let right = Array1::from_shape_fn(2 * count, |row| {
            let (e, axis) = (row / 2, row % 2);
            (0..k).map(|c| spectra[(e, c)] * misfit[(e, axis * k + c)]).sum()
        });
        // N(ea, fb) = (δ_ef − (U Uᵀ)_ef) Σ_kl U_ek T(ak, bl) U_fl
        let beyond = Array2::<f64>::eye(count) - spectra.dot(&spectra.t());
        let normal = Array2::from_shape_fn((2 * count, 2 * count), |(row, column)| {
            let (e, f) = (row / 2, column / 2);
            let (a, b) = (row % 2 * k, column % 2 * k);
            let pairs = (0..k).flat_map(|c| (0..k).map(move |d| (c, d)));
            let sum: f64 =
                pairs.map(|(c, d)| spectra[(e, c)] * slope_products[(a + c, b + d)] * spectra[(f, d)]).sum();
            beyond[(e, f)] * sum
        });
        Self { spectra, images, means, variance, normal, right }
    }

    /// What the model has for a pixel (counted along rows) of an image.
    pub(crate) fn at(&self, image: usize, pixel: usize) -> f64 {
        self.means[image] + self.spectra.row(image).dot(&self.images.column(pixel))
    }
}

/// `∂C`: central differences of all images along y, then of all along x; one-sided at the rim.
fn slopes(images: &Array2<f64>, (ny, nx): (usize, usize)) -> Array2<f64> {
    let k = images.nrows();
    let mut slopes = Array2::zeros((2 * k, ny * nx));
    for (c, image) in images.outer_iter().enumerate() {
        let at = |y: usize, x: usize| image[y * nx + x];
        for (y, x) in (0..ny).flat_map(|y| (0..nx).map(move |x| (y, x))) {
            let (up, down) = (y.saturating_sub(1), (y + 1).min(ny - 1));
            let (left, right) = (x.saturating_sub(1), (x + 1).min(nx - 1));
            slopes[(c, y * nx + x)] = (at(down, x) - at(up, x)) / (down - up).max(1) as f64;
            slopes[(k + c, y * nx + x)] = (at(y, right) - at(y, left)) / (right - left).max(1) as f64;
        }
    }
    slopes
}

/// Takes the mean out of every row, and returns it.
fn centred(rows: &mut Array2<f64>) -> Array1<f64> {
    let means = rows.map_axis(Axis(1), |row| row.sum() / row.len() as f64);
    for (mut row, mean) in rows.outer_iter_mut().zip(&means) {
        row -= *mean;
    }
    means
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
    rotated(matrix, &vectors)
}

/// The eigenvectors in the span of orthonormal vectors (Rayleigh–Ritz): Jacobi turns of pairs until `Vᵀ M V` is diagonal.
fn rotated(matrix: &Array2<f64>, vectors: &[Array1<f64>]) -> Vec<(Array1<f64>, f64)> {
    let mut vectors = vectors.to_vec();
    let floor = ROUNDING * matrix.diag().sum();
    for _ in 0..SWEEPS {
        for (p, q) in (0..vectors.len()).flat_map(|q| (0..q).map(move |p| (p, q))) {
            let (mp, mq) = (matrix.dot(&vectors[p]), matrix.dot(&vectors[q]));
            let (pp, pq, qq) = (vectors[p].dot(&mp), vectors[p].dot(&mq), vectors[q].dot(&mq));
            // tan 2θ = 2 m_pq/(m_pp − m_qq)
            let (sin, cos) = (0.5 * (2.0 * pq).atan2(pp - qq)).sin_cos();
            let turned = &vectors[p] * cos + &vectors[q] * sin;
            vectors[q] = &vectors[q] * cos - &vectors[p] * sin;
            vectors[p] = turned;
        }
    }
    let value = |v: Array1<f64>| {
        let value = v.dot(&matrix.dot(&v));
        (v, value)
    };
    vectors.into_iter().map(value).filter(|(_, value)| *value > floor).collect()
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

    const SIDE: usize = 48;
    const COUNT: usize = 6;

    /// Two blobs whose heights change with energy, every image moved by its shift (y, x).
    fn stack(shifts: &[[f64; 2]; COUNT]) -> Array2<f64> {
        let blob = |y: f64, x: f64, w: f64| (-(y * y + x * x) / (2.0 * w * w)).exp();
        Array2::from_shape_fn((COUNT, SIDE * SIDE), |(e, i)| {
            let (y, x) = ((i / SIDE) as f64 - shifts[e][0], (i % SIDE) as f64 - shifts[e][1]);
            let t = e as f64;
            (1.0 + 0.2 * t) * blob(y - 20.0, x - 18.0, 5.0)
                + (2.0 - 0.06 * t * t) * blob(y - 27.0, x - 30.0, 6.0)
        })
    }

    #[test]
    fn two_components_hold_two_compounds() {
        let rows = stack(&[[0.0; 2]; COUNT]);
        let model = LowRank::new(rows.clone(), (SIDE, SIDE), 2);
        // The mean square of the images is about 0.1; double precision squared, times the size of the sums.
        assert!(model.variance < 1e-14, "{}", model.variance);
        for (e, pixel) in [(0, 20 * SIDE + 18), (5, 27 * SIDE + 30), (3, 0)] {
            assert!((model.at(e, pixel) - rows[(e, pixel)]).abs() < 1e-9, "image {e}");
        }
        // More components than there are: none of rounding is taken.
        assert_eq!(LowRank::new(rows, (SIDE, SIDE), 4).images.nrows(), 2);
    }

    #[test]
    fn a_common_shift_is_not_seen_and_others_are_to_first_order() {
        let truth = [[0.0; 2], [0.02, -0.01], [0.0; 2], [-0.01, 0.02], [0.02, 0.02], [0.0; 2]];
        // Content at +s looks, in an image that was moved back too little by s, like an error of −s.
        let model = LowRank::new(stack(&truth), (SIDE, SIDE), 2);
        let common = Array1::from_shape_fn(2 * COUNT, |row| if row % 2 == 0 { 1.0 } else { 0.0 });
        let largest = model.normal.diag().iter().copied().fold(0.0, f64::max);
        assert!(model.normal.dot(&common).iter().all(|v| v.abs() < 1e-10 * largest));
        let expected = model.normal.dot(&Array1::from_shape_fn(2 * COUNT, |row| -truth[row / 2][row % 2]));
        let distance = (&model.right - &expected).mapv(|v| v * v).sum().sqrt();
        let length = expected.mapv(|v| v * v).sum().sqrt();
        // Central differences of a blob of width w are short by 1/(6 w²)·3 = 2 % at w = 5, and a shift of 0.02 pixels
        // has a second order of 0.02/5.
        assert!(length > 0.0 && distance < 0.024 * length, "{distance} of {length}");
    }
}
