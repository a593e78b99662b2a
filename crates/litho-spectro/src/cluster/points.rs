//! Descriptors made comparable: the complete points, standardised, in columns.

use super::ClusterError;
use ndarray::{ArrayView1, ArrayView2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How descriptors are made comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scaling {
    /// `z = (x − m)/σ` with the weighted mean and standard deviation of all points together.
    #[default]
    Standard,
    /// `z = x − m`: the units decide what a distance is.
    Raw,
}

/// The points that can be sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// Standardised descriptors, one list per descriptor.
    pub(super) columns: Vec<Vec<f32>>,
    /// Weights with the mean 1.
    pub(super) weights: Vec<f32>,
    /// The row each point came from.
    rows: Vec<usize>,
    given: usize,
    mean: Vec<f64>,
    sigma: Vec<f64>,
}

impl Points {
    /// The rows of `descriptors`, `(point, descriptor)`, that are finite and whose weight is finite and above zero. The
    /// others get label 0. Without weights every point weighs the same.
    ///
    /// # Errors
    /// [`ClusterError`] if no row is left, a descriptor is constant or there is not one weight for each row.
    pub fn new(
        descriptors: ArrayView2<f32>,
        weights: Option<ArrayView1<f32>>,
        scaling: Scaling,
    ) -> Result<Self, ClusterError> {
        let (given, d) = descriptors.dim();
        if let Some(weights) = weights.filter(|weights| weights.len() != given) {
            return Err(ClusterError::Length {
                operation: "standardise",
                first: "points",
                first_len: given,
                second: "weights",
                second_len: weights.len(),
            });
        }
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let usable = |row: &usize| {
            weight(*row).is_finite()
                && weight(*row) > 0.0
                && descriptors.row(*row).iter().all(|value| value.is_finite())
        };
        let rows: Vec<usize> = (0..given).filter(usable).collect();
        if rows.is_empty() || d == 0 {
            return Err(ClusterError::NothingLeft { operation: "standardise", rows: given });
        }
        let total: f64 = rows.iter().map(|&row| f64::from(weight(row))).sum();
        let scale = rows.len() as f64 / total;
        let weights: Vec<f32> = rows.iter().map(|&row| (f64::from(weight(row)) * scale) as f32).collect();
        let mut points =
            Self { columns: Vec::new(), weights, rows, given, mean: Vec::new(), sigma: Vec::new() };
        for (index, column) in descriptors.columns().into_iter().enumerate() {
            points.push_column(index, column, scaling)?;
        }
        Ok(points)
    }

    /// Standardises one descriptor.
    fn push_column(
        &mut self,
        index: usize,
        column: ArrayView1<f32>,
        scaling: Scaling,
    ) -> Result<(), ClusterError> {
        let pairs =
            || self.rows.iter().zip(&self.weights).map(|(&row, &w)| (f64::from(column[row]), f64::from(w)));
        let total: f64 = pairs().map(|(_, w)| w).sum();
        // m = Σ w x / Σ w;  σ² = Σ w (x − m)² / Σ w
        let mean = pairs().map(|(x, w)| w * x).sum::<f64>() / total;
        let sigma = (pairs().map(|(x, w)| w * (x - mean) * (x - mean)).sum::<f64>() / total).sqrt();
        let spread = scaling == Scaling::Standard;
        // Rounding of the mean alone leaves a spread of some f64 roundings.
        if spread && sigma <= 1e-12 * mean.abs() {
            return Err(ClusterError::Constant { index, value: mean });
        }
        let sigma = if spread { sigma } else { 1.0 };
        let values = self.rows.iter().map(|&row| ((f64::from(column[row]) - mean) / sigma) as f32);
        let values: Vec<f32> = values.collect();
        self.columns.push(values);
        self.mean.push(mean);
        self.sigma.push(sigma);
        Ok(())
    }

    /// How many points can be sorted.
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// How many rows were given.
    pub fn given(&self) -> usize {
        self.given
    }

    /// How many descriptors a point has.
    pub fn descriptors(&self) -> usize {
        self.columns.len()
    }

    /// Weighted mean of each descriptor.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// What each descriptor was divided by: its weighted standard deviation, or 1.
    pub fn sigma(&self) -> &[f64] {
        &self.sigma
    }

    /// A standardised point in the units of the descriptors.
    pub(super) fn in_units(&self, z: &[f64]) -> Vec<f64> {
        z.iter().zip(self.mean.iter().zip(&self.sigma)).map(|(z, (mean, sigma))| mean + sigma * z).collect()
    }

    /// The standardised point `index`.
    pub(super) fn point(&self, index: usize) -> Vec<f64> {
        self.columns.iter().map(|column| f64::from(column[index])).collect()
    }

    /// Puts a value per point back into the order of the rows given; `none` where there is no point.
    pub(super) fn spread<T: Copy>(&self, values: &[T], none: T) -> Vec<T> {
        let mut all = vec![none; self.given];
        for (&row, &value) in self.rows.iter().zip(values) {
            all[row] = value;
        }
        all
    }

    /// The values of the rows that are points, from values of all rows.
    pub(super) fn gather<T: Copy>(&self, values: &[T]) -> Vec<T> {
        self.rows.iter().map(|&row| values[row]).collect()
    }

    /// The points of these indices, with their weights.
    pub(super) fn at(&self, chosen: &[usize]) -> Self {
        let pick = |values: &Vec<f32>| chosen.iter().map(|&index| values[index]).collect::<Vec<f32>>();
        Self {
            columns: self.columns.iter().map(pick).collect(),
            weights: pick(&self.weights),
            rows: (0..chosen.len()).collect(),
            given: chosen.len(),
            mean: self.mean.clone(),
            sigma: self.sigma.clone(),
        }
    }

    /// The same weights on other standardised coordinates.
    pub(super) fn with_columns(&self, columns: Vec<Vec<f32>>) -> Self {
        Self { columns, ..self.clone() }
    }

    /// A stratified sample: the points in their order are cut into `size` equal strata, one point is drawn from each.
    /// All points if there are no more than `size`.
    pub(super) fn strata(&self, size: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
        let n = self.len();
        if n <= size {
            return (0..n).collect();
        }
        let edge = |stratum: usize| stratum * n / size;
        (0..size).map(|s| rng.random_range(edge(s)..edge(s + 1))).collect()
    }
}

/// The generator of draw number `stream` under a seed.
pub(super) fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}
