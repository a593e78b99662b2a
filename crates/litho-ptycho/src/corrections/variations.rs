//! Variation of the probe from frame to frame.

use super::Correct;
use crate::engine::Fields;
use litho_compute::{DeviceArray, Kernels};
use litho_types::C32;
use ndarray::{Array2, Array3, Axis, s};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Orthogonal probe relaxation (Odstrčil, Baksh, Boden, Card, Chad, Frey & Brocklesby, Opt. Express 24, 8360 (2016)) in
/// the form of an accumulated singular value decomposition: the first mode of frame j is `P_0 + Σ_e a_je U_e`.
///
/// Each time the coefficients take a least-squares step along every `U_e`, and `U_e` a step of the power method on the
/// frames' residuals. The `U_e` stay orthogonal to the probe and to each other; the mean of the coefficients goes to the
/// probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbeVariations {
    /// Number of directions.
    pub count: usize,
    /// Share of the least-squares step that the coefficients take.
    pub step: f32,
    /// Seed of the first directions.
    pub seed: u64,
}

impl ProbeVariations {
    /// So many directions, half steps.
    pub fn new(count: usize, seed: u64) -> Self {
        Self { count, step: 0.5, seed }
    }

    /// Directions at random within the probe's light, and coefficients at random, so that each direction turns to
    /// residuals of its own.
    fn start<K: Kernels>(&self, kernels: &K, fields: &mut Fields<K>) {
        let probe = kernels.store_probe(&fields.model.probe);
        let (_, ny, nx) = probe.dim();
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut deviate = || random.random::<f32>() - 0.5;
        let directions = Array3::from_shape_fn((self.count, ny, nx), |(_, y, x)| {
            probe[(0, y, x)].norm() * C32::new(deviate(), deviate())
        });
        let frames = kernels.frame_count();
        let coefficients = Array2::from_shape_fn((frames, self.count), |_| 0.02 * deviate());
        fields.model.variations = Some(kernels.load_probe(&orthogonal(directions, &probe)));
        fields.model.views.coefficients = coefficients;
    }
}

/// Share of the frames' mean sensitivity that damps a single frame's coefficient.
const DAMPING: f64 = 0.1;

impl<K: Kernels> Correct<K> for ProbeVariations {
    fn correct(&self, kernels: &K, _: usize, fields: &mut Fields<K>) {
        if fields.model.variations.is_none() {
            self.start(kernels, fields);
        }
        let Some(variations) = &fields.model.variations else { return };
        let mut directions = kernels.store_probe(variations);
        for e in 0..directions.dim().0 {
            let direction = directions.slice(s![e..=e, .., ..]).to_owned();
            let weights = fields.model.views.coefficients.column(e).to_vec();
            let (sums, push) =
                kernels.variation_sums(&fields.model, &kernels.load_probe(&direction), &weights);
            let mean = sums.iter().map(|s| s.normal).sum::<f64>() / sums.len().max(1) as f64;
            for (a, s) in fields.model.views.coefficients.column_mut(e).iter_mut().zip(&sums) {
                *a += self.step * (s.right / (s.normal + DAMPING * mean + f64::MIN_POSITIVE)) as f32;
            }
            // U ← U + Σ a O* χ / Σ a²: the least-squares step for an object of amplitude 1.
            let square: f32 = weights.iter().map(|a| a * a).sum();
            let push = kernels.store_probe(&push);
            directions
                .slice_mut(s![e..=e, .., ..])
                .scaled_add(C32::new(self.step / square.max(f32::MIN_POSITIVE), 0.0), &push);
        }
        let probe = kernels.store_probe(&fields.model.probe);
        let directions = orthogonal(directions, &probe);
        centre(kernels, fields, &directions);
        fields.model.variations = Some(kernels.load_probe(&directions));
    }
}

/// Gives the mean of the coefficients to the probe.
fn centre<K: Kernels>(kernels: &K, fields: &mut Fields<K>, directions: &Array3<C32>) {
    let coefficients = &mut fields.model.views.coefficients;
    let Some(mean) = coefficients.mean_axis(Axis(0)) else { return };
    *coefficients -= &mean;
    let modes = kernels.store_probe(&fields.model.probe).dim().0;
    for (direction, &mean) in directions.outer_iter().zip(&mean) {
        let mut step = Array3::zeros((modes, direction.dim().0, direction.dim().1));
        step.index_axis_mut(Axis(0), 0).assign(&direction);
        fields.model.probe.add_scaled(mean, &kernels.load_probe(&step));
    }
}

/// The directions made orthogonal to the probe's modes and to each other, each with the first mode's power.
fn orthogonal(mut directions: Array3<C32>, probe: &Array3<C32>) -> Array3<C32> {
    let inner = |a: &Array2<C32>, b: &Array2<C32>| a.iter().zip(b).map(|(a, b)| a.conj() * b).sum::<C32>();
    let power = |a: &Array2<C32>| inner(a, a).re.max(f32::MIN_POSITIVE);
    let wanted = power(&probe.index_axis(Axis(0), 0).to_owned());
    let mut known: Vec<Array2<C32>> = probe.outer_iter().map(|mode| mode.to_owned()).collect();
    for mut direction in directions.outer_iter_mut() {
        let mut one = direction.to_owned();
        for other in &known {
            let share = inner(other, &one) / power(other);
            one.scaled_add(-share, other);
        }
        let scale = (wanted / power(&one)).sqrt();
        one.mapv_inplace(|u| u * scale);
        direction.assign(&one);
        known.push(one);
    }
    directions
}
