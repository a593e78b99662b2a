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
//! dimensions. Therefore all shifts then are refined together until K components explain the stack best; what neither
//! noise nor interpolation lets the components tell stays as the pairs have it.

use crate::error::ResolveError;
use crate::fill::filled;
use crate::fourier::{C64, narrow};
use crate::refine_stack::refine;
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
    /// Standard deviation of each shift, if the components hold all structure; `None` where pairs alone were used.
    pub deviations: Option<Vec<Point<Pixels>>>,
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
    let refined = refine(stack, &full, &places, settings);
    let deviations = refined.as_ref().map(|refined| refined.deviations.iter().map(|d| point(*d)).collect());
    let last_correction = refined.as_ref().map_or(0.0, |refined| refined.last_correction);
    let places = refined.map_or(places, |refined| refined.places);
    let shifts = places.iter().map(|place| point(*place)).collect();
    Ok(StackShifts { shifts, deviations, last_correction, outliers })
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

fn point([y, x]: [f64; 2]) -> Point<Pixels> {
    Point::new(Pixels::new(y), Pixels::new(x))
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
