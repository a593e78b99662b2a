//! Alignment of the images of an energy stack, applied once.
//!
//! Contrast changes at an absorption edge, so no single image is a good reference for all others. Images are compared
//! by their complex gradient `∂I/∂x + i ∂I/∂y`, which is linear (so fractions of a pixel survive), blind to an offset
//! and gives edges the say. First, pairs at several distances are registered, and the positions that fit all of them
//! best are solved for:
//!
//! `min_s Σ_pairs w_ij |s_j − s_i − d_ij|²`
//!
//! with weights that fall with the pair's residual (iteratively reweighted, Holland & Welsch, Commun. Stat. A 6, 813
//! (1977)), so that a pair which was registered wrongly loses its say. That leaves a bias: where two compounds change
//! their weights, every pair agrees on a wrong shift of tenths of a pixel. Aligned images of K compounds span but K
//! dimensions. Therefore each image is then registered to its projection on the K principal components of the others,
//! until nothing moves. On a simulated stack of two compounds whose contrast is inverted between their edges that takes
//! the error from 0.25 to 0.012 pixels without noise; with noise of 1 % of the optical density 0.09 pixels remain.

use crate::error::ResolveError;
use crate::fill::filled;
use crate::fourier::{C64, narrow};
use crate::low_rank::{gram, weights};
use crate::region::well_covered;
use crate::register::{ImageKind, register};
use crate::resample::shift_valid;
use crate::solve::solve_positive;
use crate::window::Window;
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::Pixels;
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, s};

/// How the images of a stack are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct StackAlignment {
    /// Distances, in places of the stack, of the pairs that are registered; 1 must be among them.
    pub lags: Vec<usize>,
    /// Number of components, K: compounds of different spectra that have structure in the image.
    pub components: usize,
    /// The image that stays where it is.
    pub anchor: usize,
    /// Apodisation.
    pub window: Window,
}

impl Default for StackAlignment {
    fn default() -> Self {
        Self { lags: vec![1, 2, 5], components: 2, anchor: 0, window: Window::Hann }
    }
}

/// Where the images of a stack lie.
#[derive(Debug, Clone, PartialEq)]
pub struct StackShifts {
    /// How far the content of each image lies from that of the anchor.
    pub shifts: Vec<Point<Pixels>>,
    /// Root mean square of the last correction, pixels: how near the shifts are to rest.
    pub last_correction: f64,
    /// Pairs of the first step whose residual is above [`OUTLIER`] pixels: (first, second).
    pub outliers: Vec<(usize, usize)>,
}

/// Residual, in pixels, from which on a pair is called an outlier.
pub const OUTLIER: f64 = 0.5;
/// Residual, in pixels, at which a pair has lost half its weight: what good pairs reach.
const SOFT: f64 = 0.05;
/// Reweightings; the weights stand still after a few.
const ROUNDS: usize = 10;
/// Corrections by the others' components, at most, and the correction in pixels at which they have come to rest.
const CORRECTIONS: usize = 40;
const AT_REST: f64 = 5e-4;
/// Share of the last step that is taken again: where compounds change together, a single correction mends but a
/// twentieth of the error (heavy ball: Polyak, USSR Comput. Math. Math. Phys. 4, 1 (1964)).
const MOMENTUM: f64 = 0.8;
/// Smallest side, in pixels, of the part all aligned images share for which they are corrected.
const SHARED_SIDE: usize = 32;
const NAME: &str = "stack alignment";

/// One registered pair.
struct Pair {
    first: usize,
    second: usize,
    shift: [f64; 2],
    /// From the correlation of the two images.
    trust: f64,
}

/// Finds where the images of `stack` `(energy, y, x)` lie. NaN pixels are filled from their surroundings for the
/// search.
///
/// # Errors
/// [`ResolveError`] if an image holds no number or is constant, images are below 16 pixels, lags do not begin with
/// 1, or the anchor is not in the stack.
pub fn find_shifts(
    stack: ArrayView3<'_, f32>,
    settings: &StackAlignment,
) -> Result<StackShifts, ResolveError> {
    let count = stack.dim().0;
    check(count, settings)?;
    let full = stack.outer_iter().map(|image| filled(image)).collect::<Option<Vec<_>>>();
    let Some(full) = full else {
        return Err(ResolveError::NoSignal { operation: NAME, what: "an image holds no number" });
    };
    let features = full.iter().map(|image| gradient(image.view())).collect::<Result<Vec<_>, _>>()?;
    let mut pairs = Vec::new();
    for &lag in &settings.lags {
        for first in 0..count.saturating_sub(lag) {
            let second = first + lag;
            let (a, b) = (features[first].view(), features[second].view());
            let found = register(a, b, settings.window, ImageKind::Real)?;
            let shift = [found.shift.y.value(), found.shift.x.value()];
            // The variance of a shift falls as (1 − c)/c with the correlation c.
            let c = found.correlation.clamp(0.01, 0.999);
            pairs.push(Pair { first, second, shift, trust: c / (1.0 - c) });
        }
    }
    let (mut places, outliers) = positions(count, settings.anchor, &pairs);
    places[settings.anchor] = [0.0; 2];
    let mut last_correction = 0.0;
    let mut velocity = vec![[0.0; 2]; count];
    for _ in 0..CORRECTIONS {
        let Some(corrections) = corrections(&full, &places, settings)? else { break };
        let origin = corrections[settings.anchor];
        let mut sum = 0.0;
        for (index, place) in places.iter_mut().enumerate().filter(|(index, _)| *index != settings.anchor) {
            for axis in 0..2 {
                let correction = corrections[index][axis] - origin[axis];
                velocity[index][axis] = MOMENTUM * velocity[index][axis] + correction;
                place[axis] += velocity[index][axis];
                sum += correction.powi(2);
            }
        }
        last_correction = (sum / count as f64).sqrt();
        if last_correction < AT_REST {
            break;
        }
    }
    let shifts = places.iter().map(|p| Point::new(Pixels::new(p[0]), Pixels::new(p[1]))).collect();
    Ok(StackShifts { shifts, last_correction, outliers })
}

/// How far each image, moved back by its place, lies from its projection on the components of the others; `None` if
/// there are too few images or they share too little.
fn corrections(
    full: &[Array2<f64>],
    places: &[[f64; 2]],
    settings: &StackAlignment,
) -> Result<Option<Vec<[f64; 2]>>, ResolveError> {
    if full.len() < settings.components + 2 {
        return Ok(None);
    }
    let moved: Vec<Array2<f32>> = full
        .iter()
        .zip(places)
        .map(|(image, place)| shift_valid(image.mapv(|v| v as f32).view(), (-place[0], -place[1])))
        .collect();
    let mut shared = Array2::<f32>::ones(full[0].dim());
    for image in &moved {
        shared.zip_mut_with(image, |shared, value| *shared *= f32::from(u8::from(value.is_finite())));
    }
    let Ok(region) = well_covered(shared.view(), 1.0) else { return Ok(None) };
    if region.height.min(region.width) < SHARED_SIDE {
        return Ok(None);
    }
    let features: Vec<Array2<C32>> = moved
        .iter()
        .map(|image| gradient(region.of(image.view()).mapv(f64::from).view()))
        .collect::<Result<_, _>>()?;
    let products = gram(&features);
    let mut corrections = Vec::with_capacity(features.len());
    for (index, feature) in features.iter().enumerate() {
        let mut model = Array2::<C32>::zeros(feature.dim());
        for (other, weight) in features.iter().zip(weights(products.view(), index, settings.components)) {
            model.zip_mut_with(other, |sum, value| *sum += value * weight as f32);
        }
        let found = register(model.view(), feature.view(), settings.window, ImageKind::Real)?;
        corrections.push([found.shift.y.value(), found.shift.x.value()]);
    }
    Ok(Some(corrections))
}

/// The stack with every image moved back by its shift, interpolated once from `stack` as it is; pixels from outside
/// and those that need a missing one are NaN.
///
/// # Errors
/// [`ResolveError::LengthMismatch`] if there is not one shift per image.
pub fn apply_shifts(
    stack: ArrayView3<'_, f32>,
    shifts: &[Point<Pixels>],
) -> Result<Array3<f32>, ResolveError> {
    if stack.dim().0 != shifts.len() {
        return Err(ResolveError::LengthMismatch {
            operation: NAME,
            first: "images",
            first_len: stack.dim().0,
            second: "shifts",
            second_len: shifts.len(),
        });
    }
    let mut aligned = Array3::zeros(stack.dim());
    for ((image, mut place), shift) in stack.outer_iter().zip(aligned.outer_iter_mut()).zip(shifts) {
        place.assign(&shift_valid(image, (-shift.y.value(), -shift.x.value())));
    }
    Ok(aligned)
}

fn check(count: usize, settings: &StackAlignment) -> Result<(), ResolveError> {
    let wrong = |name, value: usize, allowed| {
        Err(ResolveError::InvalidSetting { operation: NAME, name, value: value as f64, allowed })
    };
    if settings.anchor >= count {
        return wrong("the image that stays in place", settings.anchor, "the place of an image of the stack");
    }
    if !settings.lags.contains(&1) {
        let first = settings.lags.first().copied().unwrap_or(0);
        return wrong("the smallest distance of pairs", first, "1, so that no image is left out");
    }
    match settings.lags.iter().find(|lag| **lag == 0) {
        Some(&zero) => wrong("a distance of pairs", zero, "at least 1"),
        None => Ok(()),
    }
}

/// `∂I/∂x + i ∂I/∂y` by central differences; one pixel less at each side.
fn gradient(full: ArrayView2<'_, f64>) -> Result<Array2<C32>, ResolveError> {
    let (ny, nx) = full.dim();
    if ny < 3 || nx < 3 {
        return Err(ResolveError::TooSmall { operation: NAME, shape: (ny, nx), minimum: 18 });
    }
    let along_x = &full.slice(s![1..ny - 1, 2..]) - &full.slice(s![1..ny - 1, ..nx - 2]);
    let along_y = &full.slice(s![2.., 1..nx - 1]) - &full.slice(s![..ny - 2, 1..nx - 1]);
    Ok(ndarray::Zip::from(&along_x).and(&along_y).map_collect(|&x, &y| narrow(C64::new(x, y))))
}

/// Solves for the positions, reweighting the pairs by their residuals; and the pairs that do not fit.
fn positions(count: usize, anchor: usize, pairs: &[Pair]) -> (Vec<[f64; 2]>, Vec<(usize, usize)>) {
    let mut places = vec![[0.0; 2]; count];
    let residual = |places: &[[f64; 2]], pair: &Pair| {
        let axis = |a: usize| places[pair.second][a] - places[pair.first][a] - pair.shift[a];
        axis(0).hypot(axis(1))
    };
    let mut weights: Vec<f64> = pairs.iter().map(|pair| pair.trust).collect();
    for _ in 0..ROUNDS {
        if let Some(solved) = least_squares(count, anchor, pairs, &weights) {
            places = solved;
        }
        // Cauchy's weight: 1/(1 + (r/c)²)
        for (weight, pair) in weights.iter_mut().zip(pairs) {
            *weight = pair.trust / (1.0 + (residual(&places, pair) / SOFT).powi(2));
        }
    }
    let wrong = pairs.iter().filter(|pair| residual(&places, pair) > OUTLIER);
    let outliers = wrong.map(|pair| (pair.first, pair.second)).collect();
    (places, outliers)
}

/// Weighted least squares for both axes, the anchor held at zero; `None` if the weights leave an image unconnected.
fn least_squares(count: usize, anchor: usize, pairs: &[Pair], weights: &[f64]) -> Option<Vec<[f64; 2]>> {
    // Normal equations: the weighted graph Laplacian. The anchor gets a spring to zero, which then is not stretched.
    let mut matrix = Array2::<f64>::zeros((count, count));
    let mut right = Array2::<f64>::zeros((count, 2));
    for (pair, &weight) in pairs.iter().zip(weights) {
        let (i, j) = (pair.first, pair.second);
        matrix[(i, i)] += weight;
        matrix[(j, j)] += weight;
        matrix[(i, j)] -= weight;
        matrix[(j, i)] -= weight;
        for axis in 0..2 {
            right[(j, axis)] += weight * pair.shift[axis];
            right[(i, axis)] -= weight * pair.shift[axis];
        }
    }
    matrix[(anchor, anchor)] += 1.0;
    let solved = solve_positive(matrix, right)?;
    Some(solved.outer_iter().map(|row| [row[0], row[1]]).collect())
}
