//! Shifts of a stack's images refined by its components, as far as noise lets them know better than pairs of images.
//!
//! The likeliest shifts are those with the smallest misfit of [`LowRank`], found by Gauss–Newton for all images
//! together. Some combinations of shifts are hardly told by any data: where most images show one of two contrasts, all
//! images of one may move against all of the other and two components still do. There the shifts from pairs stay,
//! because they enter as what is known before (Gaussian, deviation τ). With the normal equations `N ε = r` of the errors
//! ε, noise of variance σ² (the mean square misfit itself) gives `r` the covariance `σ² N`, and interpolation, which is
//! wrong by some ι = 0.001 pixels, adds κ² = (ι N̄)², N̄ the mean of the diagonal. The likeliest errors then are
//!
//! `[N² + (σ² N + κ²)/τ²] ε = N r + (σ² N + κ²)(p − p_pairs)/τ²`
//!
//! with covariance `[…]⁻¹ (σ² N + κ²)`. Pixels that are missing, or come from outside, are what the model has there.

use crate::align_stack::StackAlignment;
use crate::low_rank::LowRank;
use crate::region::{Rectangle, well_covered};
use crate::resample::shift_valid;
use crate::solve::solve_positive;
use ndarray::{Array1, Array2, ArrayView3, Axis};

/// τ: deviation, in pixels, of places from pairs: their bias on two compounds without noise.
const PRIOR: f64 = 0.25;
/// Steps, at most, and the step in pixels at which the places have come to rest.
const STEPS: usize = 40;
const AT_REST: f64 = 5e-4;
/// Smallest side, in pixels, of the part all aligned images share for which they are refined.
const SHARED_SIDE: usize = 32;
/// ι: the shift, in pixels, that interpolation may feign in each image: a wave of 6 pixels is misplaced by 0.0008.
const FEIGNED: f64 = 0.001;

/// Refined places.
pub(crate) struct Refined {
    /// How far the content of each image lies from that of the anchor: y, x.
    pub(crate) places: Vec<[f64; 2]>,
    /// Their standard deviations.
    pub(crate) deviations: Vec<[f64; 2]>,
    /// Root mean square of the last step, pixels.
    pub(crate) last_correction: f64,
}

/// Refines places found from pairs; `None` if there are too few images or they share too little. `full` are the
/// images of `stack` with missing pixels filled.
pub(crate) fn refine(
    stack: ArrayView3<'_, f32>,
    full: &[Array2<f64>],
    pairs: &[[f64; 2]],
    settings: &StackAlignment,
) -> Option<Refined> {
    let count = full.len();
    if settings.components == 0 || count < settings.components + 2 {
        return None;
    }
    let filled: Vec<Array2<f32>> = full.iter().map(|image| image.mapv(|v| v as f32)).collect();
    let shared = shared(&filled, pairs)?;
    let mut places = pairs.to_vec();
    let mut model: Option<LowRank> = None;
    let mut last_correction = f64::INFINITY;
    let mut step = 0;
    let system = loop {
        let rows = aligned(stack, &filled, &places, shared, model.as_ref());
        let found = LowRank::new(rows, (shared.height, shared.width), settings.components);
        let system = System::new(&found, &places, pairs);
        if step == STEPS || last_correction < AT_REST {
            break system;
        }
        let errors = system.solve()?;
        let common = [errors[2 * settings.anchor], errors[2 * settings.anchor + 1]];
        let mut sum = 0.0;
        for (e, place) in places.iter_mut().enumerate() {
            for axis in 0..2 {
                place[axis] -= errors[2 * e + axis];
                sum += (errors[2 * e + axis] - common[axis]).powi(2);
            }
        }
        last_correction = (sum / count as f64).sqrt();
        model = Some(found);
        step += 1;
    };
    let deviations = system.deviations(settings.anchor)?;
    let origin = places[settings.anchor];
    let places = places.iter().map(|place| [place[0] - origin[0], place[1] - origin[1]]).collect();
    Some(Refined { places, deviations, last_correction })
}

/// The largest rectangle all images reach into once they are moved back; `None` if it is too small.
fn shared(filled: &[Array2<f32>], places: &[[f64; 2]]) -> Option<Rectangle> {
    let mut covered = Array2::<f32>::ones(filled.first()?.dim());
    for (image, place) in filled.iter().zip(places) {
        let moved = shift_valid(image.view(), (-place[0], -place[1]));
        covered.zip_mut_with(&moved, |covered, value| *covered *= f32::from(u8::from(value.is_finite())));
    }
    let shared = well_covered(covered.view(), 1.0).ok()?;
    (shared.height.min(shared.width) >= SHARED_SIDE).then_some(shared)
}

/// The shared part of all images moved back by their places, a row for each; missing pixels from the model, the
/// first time from the filled images.
fn aligned(
    stack: ArrayView3<'_, f32>,
    filled: &[Array2<f32>],
    places: &[[f64; 2]],
    shared: Rectangle,
    model: Option<&LowRank>,
) -> Array2<f64> {
    let mut rows = Array2::zeros((filled.len(), shared.height * shared.width));
    for (e, (mut row, place)) in rows.outer_iter_mut().zip(places).enumerate() {
        let source = if model.is_some() { stack.index_axis_move(Axis(0), e) } else { filled[e].view() };
        let moved = shift_valid(source, (-place[0], -place[1]));
        for (pixel, (value, moved)) in row.iter_mut().zip(shared.of(moved.view())).enumerate() {
            let missing = || model.map_or(0.0, |model| model.at(e, pixel));
            *value = if moved.is_finite() { f64::from(*moved) } else { missing() };
        }
    }
    rows
}

/// What is to be solved for one step.
struct System {
    /// `N² + (σ² N + κ²)/τ²`
    matrix: Array2<f64>,
    right: Array1<f64>,
    /// `σ² N + κ²`
    doubt: Array2<f64>,
}

impl System {
    fn new(model: &LowRank, places: &[[f64; 2]], pairs: &[[f64; 2]]) -> Self {
        let normal = &model.normal;
        let mean = normal.diag().sum() / normal.nrows() as f64;
        let mut doubt = normal * model.variance;
        doubt.diag_mut().mapv_inplace(|v| v + (FEIGNED * mean).powi(2));
        let moved = |row: usize| (places[row / 2][row % 2] - pairs[row / 2][row % 2]) / (PRIOR * PRIOR);
        let moved = Array1::from_shape_fn(normal.nrows(), moved);
        let matrix = normal.dot(normal) + &doubt / (PRIOR * PRIOR);
        let right = normal.dot(&model.right) + doubt.dot(&moved);
        Self { matrix, right, doubt }
    }

    fn solve(&self) -> Option<Vec<f64>> {
        let right = self.right.clone().insert_axis(Axis(1));
        Some(solve_positive(self.matrix.clone(), right)?.into_iter().collect())
    }

    /// Deviations of all places relative to the anchor.
    fn deviations(&self, anchor: usize) -> Option<Vec<[f64; 2]>> {
        let covariance = solve_positive(self.matrix.clone(), self.doubt.clone())?;
        let deviation = |e: usize, axis: usize| {
            let (i, a) = (2 * e + axis, 2 * anchor + axis);
            // Of a difference; the covariance is symmetric.
            (covariance[(i, i)] + covariance[(a, a)] - 2.0 * covariance[(i, a)]).max(0.0).sqrt()
        };
        Some((0..covariance.nrows() / 2).map(|e| [deviation(e, 0), deviation(e, 1)]).collect())
    }
}
