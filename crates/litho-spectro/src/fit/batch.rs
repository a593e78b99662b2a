//! Levenberg–Marquardt on eight pixels at once; a lane whose pixel is done takes the next one.
//!
//! Flops of one evaluation of the paper's model (10 free parameters, 40 energies), a fused multiply-add counted twice:
//! the erf edge 55 and each Lorentzian 15 per energy, the tiles of `JᵀJ` 10 × 18 per energy, the factorisation
//! about 900 per pixel: 40 (55 + 30 + 180) + 900 ≈ 11 500.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use super::functions::{Arctan, Erf, Gauss, LaneShape, Lorentz};
use super::model::Shape;
use super::normal::{Column, Situation, Solver, TILE, products};
use super::resolved::Resolved;
use litho_lanes::{LANES, Lanes, lanewise};

/// Damping of the first step, and its factors after a trial as good as predicted and after a worse one; between, it stays.
const FIRST: f32 = 1e-3;
const BETTER: f32 = 0.1;
const WORSE: f32 = 8.0;
/// Part of the predicted decrease from which on a trial is as good as predicted. Without it, good steps and bad ones
/// alternate along curved valleys: 8.8 steps a pixel on the benchmark's data in place of 7.7.
const MOST: f32 = 0.75;
/// From here on a step is too short to change a number of single precision.
const HOPELESS: f32 = 1e8;
/// Convergence is judged by steps that are nearly Newton's.
const NEARLY_NEWTON: f32 = 0.1;
/// A step that was good but gained less than this part of the tolerance ends a fit too, however damped.
const SLOW: f32 = 0.1;
/// Smallest damping; below, single precision would not notice it.
const LEAST: f32 = 1e-7;

/// A resolved model in single precision.
pub(super) struct LanePlan {
    energies: Vec<f32>,
    pub(super) terms: Vec<(Shape, [Source; 3])>,
    offset: Source,
    pub(super) columns: Vec<Column>,
    /// Columns and the residual, rounded up to whole tiles.
    side: usize,
    iterations: u32,
    tolerance: f32,
}

/// Where a parameter's value is found.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Column(usize),
    Value(f32),
}

impl LanePlan {
    pub(super) fn new(resolved: &Resolved, iterations: u32, tolerance: f32) -> Self {
        let source = |index: usize| {
            resolved.column[index].map_or(Source::Value(resolved.values[index] as f32), Source::Column)
        };
        let terms = resolved.shapes.iter().enumerate();
        let column = |(column, &index): (usize, &usize)| Column {
            lower: resolved.lower[index] as f32,
            upper: resolved.upper[index] as f32,
            weight: resolved.weight[column] as f32,
            expected: resolved.expected[column] as f32,
        };
        Self {
            energies: resolved.energies.iter().map(|&energy| energy as f32).collect(),
            terms: terms
                .map(|(term, &shape)| (shape, [1, 2, 3].map(|part| source(3 * term + part))))
                .collect(),
            offset: source(0),
            columns: resolved.free.iter().enumerate().map(column).collect(),
            side: (resolved.free.len() + 1).next_multiple_of(TILE),
            iterations,
            tolerance,
        }
    }

    pub(super) fn energies(&self) -> usize {
        self.energies.len()
    }

    pub(super) fn columns(&self) -> usize {
        self.columns.len()
    }

    /// How many numbers the lower triangle of `JᵀJ` with the residual has.
    pub(super) fn triangle(&self) -> usize {
        place(self.columns.len() + 1, 0)
    }
}

/// Where an element of a lower triangle lies, row after row.
pub(super) const fn place(row: usize, column: usize) -> usize {
    row * (row + 1) / 2 + column
}

/// One pixel's fit in single precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outcome {
    pub(super) converged: bool,
    pub(super) iterations: u32,
}

/// Room for the results of some pixels, in the order of their spectra.
pub(super) struct Outcomes<'a> {
    /// Free parameters of each pixel; the starts before.
    pub(super) parameters: &'a mut [f32],
    /// Lower triangles of `JᵀJ` with the residual as last column: eight pixels side by side, [`LanePlan::triangle`] numbers
    /// each.
    pub(super) products: &'a mut [[f32; LANES]],
    pub(super) ends: &'a mut [Outcome],
}

lanewise! {
    /// Fits spectra of `plan.energies()` numbers each.
    fn fit_lanes<L>(plan: &LanePlan, spectra: &[f32], out: &mut Outcomes<'_>) {
        fit_on::<L>(plan, spectra, out);
    }
}

/// What the lanes are at.
struct Lane {
    pixel: Option<usize>,
    iterations: u32,
    floor: f32,
}

#[inline(always)]
pub(super) fn fit_on<L: Lanes>(plan: &LanePlan, spectra: &[f32], out: &mut Outcomes<'_>) {
    let (n, side, m) = (plan.columns.len(), plan.side, plan.energies.len());
    // One column more than the tiles see: derivatives by held parameters go there.
    let stride = side + 1;
    let zero = L::splat(0.0);
    let mut lanes: [Lane; LANES] = std::array::from_fn(|_| Lane { pixel: None, iterations: 0, floor: 0.0 });
    let mut data = vec![[0.0_f32; LANES]; m];
    let mut rows = vec![zero; m * stride];
    let (mut found, mut kept) = (vec![zero; side * side], vec![zero; side * side]);
    let (mut trial, mut at) = (vec![zero; n], vec![zero; n]);
    let (mut spare, mut spare_at) = (kept.clone(), at.clone());
    let mut solver = Solver::new(n);
    let (mut cost, mut damping, mut predicted) = (L::splat(2e30), L::splat(FIRST / BETTER), zero);
    let mut next = 0;
    refill(plan, spectra, out, &mut lanes, &mut data, &mut trial, (&mut cost, &mut damping), &mut next);
    while lanes.iter().any(|lane| lane.pixel.is_some()) {
        residuals_and_slopes(plan, &trial, &data, &mut rows, stride);
        products(&rows, stride, side, &mut found);
        let mut now = found[n * side + n];
        for (column, p) in plan.columns.iter().zip(&trial) {
            let off = p.sub(L::splat(column.expected));
            now = off.mul(off).mul_add(L::splat(column.weight), now);
        }
        // A cost that is not a number counts as a large one.
        let now = zero.sub(zero.sub(now).max(L::splat(-1e30)));
        let better = cost.sub(now);
        // Decrease of an accepted step and what was predicted of it, whichever is larger; of a rejected one, much.
        let gained = better.choose(better.max(predicted), L::splat(1e30));
        cost = better.choose(now, cost);
        let as_predicted = predicted.neg_mul_add(L::splat(MOST), better);
        let factor = as_predicted.choose(L::splat(BETTER), L::splat(1.0));
        let factor = better.choose(factor, L::splat(WORSE));
        damping = damping.mul(factor).max(L::splat(LEAST));
        keep_better(better, &found, &mut kept, &mut spare);
        keep_better(better, &trial, &mut at, &mut spare_at);
        let situation = Situation { products: &kept, side, at: &at, damping };
        predicted = solver.step(&situation, &plan.columns, &mut trial);
        if finish(plan, out, &mut lanes, [cost, damping, predicted, gained], &at, &kept) {
            refill(
                plan,
                spectra,
                out,
                &mut lanes,
                &mut data,
                &mut trial,
                (&mut cost, &mut damping),
                &mut next,
            );
        }
    }
}

/// `kept ← found` where `better`. Chosen into other memory: in place it would be compiled to masked stores, which cost more
/// than the whole step on some processors.
#[inline(always)]
fn keep_better<L: Lanes>(better: L, found: &[L], kept: &mut Vec<L>, spare: &mut Vec<L>) {
    for ((spare, found), kept) in spare.iter_mut().zip(found).zip(kept.iter()) {
        *spare = better.choose(*found, *kept);
    }
    std::mem::swap(kept, spare);
}

/// Stores what is done; true if any lane became free.
#[inline(always)]
fn finish<L: Lanes>(
    plan: &LanePlan,
    out: &mut Outcomes<'_>,
    lanes: &mut [Lane; LANES],
    state: [L; 4],
    at: &[L],
    kept: &[L],
) -> bool {
    let mut numbers = [[0.0; LANES]; 4];
    for (lanes, numbers) in state.into_iter().zip(&mut numbers) {
        lanes.store(numbers);
    }
    let [cost, damping, predicted, gained] = numbers;
    let (mut done, mut count) = ([(0, 0); LANES], 0);
    for l in 0..LANES {
        let lane = &mut lanes[l];
        lane.iterations += 1;
        let least = plan.tolerance * cost[l] + lane.floor;
        let converged = damping[l] <= NEARLY_NEWTON && predicted[l] <= least || gained[l] <= SLOW * least;
        let ended = converged || damping[l] > HOPELESS || lane.iterations >= plan.iterations;
        if let Some(pixel) = lane.pixel.take_if(|_| ended) {
            out.ends[pixel] = Outcome { converged, iterations: lane.iterations };
            done[count] = (l, pixel);
            count += 1;
        }
    }
    let (done, n) = (&done[..count], plan.columns.len());
    if done.is_empty() {
        return false;
    }
    let mut numbers = [0.0; LANES];
    for (index, value) in at.iter().enumerate() {
        value.store(&mut numbers);
        for &(l, pixel) in done {
            out.parameters[pixel * n + index] = numbers[l];
        }
    }
    for (a, row) in kept.chunks_exact(plan.side).take(n + 1).enumerate() {
        for (b, value) in row[..=a].iter().enumerate() {
            value.store(&mut numbers);
            for &(l, pixel) in done {
                out.products[pixel / LANES * plan.triangle() + place(a, b)][pixel % LANES] = numbers[l];
            }
        }
    }
    true
}

/// Gives the next pixels to the free lanes, in the order of the lanes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the parts of one loop's state that a new pixel touches")]
fn refill<L: Lanes>(
    plan: &LanePlan,
    spectra: &[f32],
    out: &Outcomes<'_>,
    lanes: &mut [Lane; LANES],
    data: &mut [[f32; LANES]],
    trial: &mut [L],
    (cost, damping): (&mut L, &mut L),
    next: &mut usize,
) {
    let (m, n) = (plan.energies.len(), plan.columns.len());
    let (mut costs, mut dampings) = ([0.0; LANES], [0.0; LANES]);
    cost.store(&mut costs);
    damping.store(&mut dampings);
    let mut fresh = [false; LANES];
    for l in 0..LANES {
        if lanes[l].pixel.is_some() || *next == out.ends.len() {
            continue;
        }
        let spectrum = &spectra[*next * m..][..m];
        let largest = spectrum.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        // Each residual is rounded by some 10⁻⁷ of the data: a smaller decrease of the cost is not seen.
        let floor = m as f32 * (2e-7 * largest).powi(2);
        lanes[l] = Lane { pixel: Some(*next), iterations: 0, floor };
        for (data, value) in data.iter_mut().zip(spectrum) {
            data[l] = *value;
        }
        // Larger than any cost, so that the start is taken whatever it costs.
        (costs[l], dampings[l], fresh[l]) = (2e30, FIRST / BETTER, true);
        *next += 1;
    }
    *cost = L::load(&costs);
    *damping = L::load(&dampings);
    for (index, value) in trial.iter_mut().enumerate() {
        let mut numbers = [0.0; LANES];
        value.store(&mut numbers);
        for l in (0..LANES).filter(|&l| fresh[l]) {
            if let Some(pixel) = lanes[l].pixel {
                numbers[l] = out.parameters[pixel * n + index];
            }
        }
        *value = L::load(&numbers);
    }
}

/// Rows of derivatives by the columns and, in column `n`, the residuals `data − model`.
#[inline(always)]
fn residuals_and_slopes<L: Lanes>(
    plan: &LanePlan,
    trial: &[L],
    data: &[[f32; LANES]],
    rows: &mut [L],
    stride: usize,
) {
    let n = plan.columns.len();
    let (offset, column) = source(plan.offset, trial, stride);
    for (row, data) in rows.chunks_exact_mut(stride).zip(data) {
        row[column] = L::splat(1.0);
        row[n] = L::load(data).sub(offset);
    }
    for (shape, sources) in &plan.terms {
        let at = Place { parts: sources.map(|part| source(part, trial, stride)), residual: n, stride };
        match shape {
            Shape::ErfEdge => add::<L, Erf>(&at, &plan.energies, rows),
            Shape::ArctanEdge => add::<L, Arctan>(&at, &plan.energies, rows),
            Shape::Lorentzian => add::<L, Lorentz>(&at, &plan.energies, rows),
            Shape::Gaussian => add::<L, Gauss>(&at, &plan.energies, rows),
        }
    }
}

/// Value of a parameter and the column for its derivative, the last one of a row if it is held.
#[inline(always)]
fn source<L: Lanes>(source: Source, trial: &[L], stride: usize) -> (L, usize) {
    match source {
        Source::Column(column) => (trial[column], column),
        Source::Value(value) => (L::splat(value), stride - 1),
    }
}

/// Values and columns of a term.
struct Place<L> {
    parts: [(L, usize); 3],
    residual: usize,
    stride: usize,
}

/// Subtracts a term from the residuals and notes its derivatives.
#[inline(always)]
fn add<L: Lanes, S: LaneShape>(at: &Place<L>, energies: &[f32], rows: &mut [L]) {
    let [(height, h), (centre, c), (width, w)] = at.parts;
    let narrow = L::splat(1.0).div(width);
    let steep = height.mul(narrow);
    for (row, &energy) in rows.chunks_exact_mut(at.stride).zip(energies) {
        let u = L::splat(energy).sub(centre).mul(narrow);
        let (value, fall) = S::value_and_fall(u);
        let slope = fall.mul(steep);
        row[h] = value;
        row[c] = slope;
        row[w] = slope.mul(u);
        row[at.residual] = height.neg_mul_add(value, row[at.residual]);
    }
}
