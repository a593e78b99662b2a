//! One pixel's numbers from its solution: parameters, standard deviations, derived quantities, reason.

use super::covariance::Covariance;
use super::errors::ErrorLayout;
use super::maps::Status;
use super::resolved::{Resolved, is_centre};

/// Where numbers of a pixel lie in a row: parameters, their σ, jump and its σ, areas, their σ, ratios, their σ, residual.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) parameters: usize,
    pub(super) peaks: usize,
}

impl Layout {
    pub(super) fn of(plan: &Resolved) -> Self {
        let peaks = plan.shapes.iter().filter(|shape| !shape.is_edge()).count();
        Self { parameters: plan.values.len(), peaks }
    }

    pub(super) const fn len(self) -> usize {
        2 * self.parameters + 4 * self.peaks + 3
    }

    pub(super) const fn jump(self) -> usize {
        2 * self.parameters
    }

    /// Of area, σ, ratio, σ (`which` = 0 … 3) of the first peak.
    pub(super) const fn peak(self, which: usize) -> usize {
        2 * self.parameters + 2 + which * self.peaks
    }

    pub(super) const fn residual(self) -> usize {
        2 * self.parameters + 2 + 4 * self.peaks
    }
}

/// Where a fit of one pixel ended.
#[derive(Debug, Clone)]
pub(super) struct Solution<'a> {
    /// All parameters, as the plan counts them.
    pub(super) parameters: &'a [f64],
    /// `Σ r²`.
    pub(super) squares: f64,
    pub(super) converged: bool,
}

/// Turns solutions into rows of [`Layout`], one after the other.
#[derive(Debug)]
pub(super) struct Describer<'a> {
    plan: &'a Resolved,
    layout: Layout,
    covariance: Covariance,
    kept: Vec<bool>,
    /// Places of the heights of the edges.
    edges: Vec<usize>,
    /// Places of the heights of the peaks, and their unit areas.
    peaks: Vec<(usize, f64)>,
}

impl<'a> Describer<'a> {
    pub(super) fn new(plan: &'a Resolved) -> Self {
        let heights = || plan.shapes.iter().enumerate().map(|(term, shape)| (1 + 3 * term, shape));
        Self {
            plan,
            layout: Layout::of(plan),
            covariance: Covariance::new(plan.free.len()),
            kept: vec![false; plan.free.len()],
            edges: heights().filter(|(_, shape)| shape.is_edge()).map(|(at, _)| at).collect(),
            peaks: heights()
                .filter(|(_, shape)| !shape.is_edge())
                .map(|(at, shape)| (at, shape.unit_area()))
                .collect(),
        }
    }

    /// Fills a row from errors found in lanes, numbers of [`ErrorLayout`], and says what became of the pixel, noise aside.
    pub(super) fn describe_with(
        &self,
        solution: &Solution<'_>,
        errors: impl Fn(usize) -> f32,
        row: &mut [f64],
    ) -> Status {
        let (plan, layout) = (self.plan, self.layout);
        let from = ErrorLayout { columns: plan.free.len(), peaks: layout.peaks };
        self.write_values(solution, row);
        for (index, column) in plan.column.iter().enumerate() {
            row[layout.parameters + index] = column.map_or(0.0, |column| f64::from(errors(column)));
        }
        row[layout.jump() + 1] = f64::from(errors(from.columns));
        for peak in 0..layout.peaks {
            row[layout.peak(1) + peak] = f64::from(errors(from.areas() + peak));
            row[layout.peak(3) + peak] = f64::from(errors(from.ratios() + peak));
        }
        let [all_inside, known] = [0, 1].map(|flag| errors(from.inside() + flag) > 0.0);
        status((solution.converged && known, all_inside))
    }

    /// Fills a row and says what became of the pixel, noise aside.
    pub(super) fn describe(
        &mut self,
        solution: &Solution<'_>,
        products: impl Fn(usize, usize) -> f64,
        row: &mut [f64],
    ) -> Status {
        let (plan, layout, p) = (self.plan, self.layout, solution.parameters);
        self.write_values(solution, row);
        let mut all_inside = true;
        for (column, &index) in plan.free.iter().enumerate() {
            // Bounds in single precision, where a fit in lanes ends.
            let value = p[index] as f32;
            let inside = value > plan.lower[index] as f32 && value < plan.upper[index] as f32;
            all_inside &= inside;
            // A peak of no height says nothing of its place.
            self.kept[column] = inside && products(column, column) + plan.weight[column] > 1e-20;
        }
        let points = plan.energies.len();
        let known = self.covariance.take(products, &plan.weight, &self.kept, (solution.squares, points));
        for (index, column) in plan.column.iter().enumerate() {
            row[layout.parameters + index] = match *column {
                None => 0.0,
                Some(column) if self.kept[column] => self.covariance.of(column),
                Some(_) => f64::NAN,
            };
        }
        self.write_errors(p, row);
        status((solution.converged && known, all_inside))
    }

    /// Everything without its standard deviation.
    fn write_values(&self, solution: &Solution<'_>, row: &mut [f64]) {
        let (plan, layout, p) = (self.plan, self.layout, solution.parameters);
        for (index, (value, p)) in row.iter_mut().zip(p).enumerate() {
            *value = p + if is_centre(index) { plan.reference } else { 0.0 };
        }
        let jump: f64 = self.edges.iter().map(|&at| p[at]).sum();
        row[layout.jump()] = jump;
        for (peak, &(at, unit)) in self.peaks.iter().enumerate() {
            // area = unit · height · width; ratio = area / Δμt
            let area = unit * p[at] * p[at + 2];
            row[layout.peak(0) + peak] = area;
            row[layout.peak(2) + peak] = area / jump;
        }
        row[layout.residual()] = (solution.squares / plan.energies.len() as f64).sqrt();
    }

    /// Standard deviations of jump, areas and ratios.
    fn write_errors(&mut self, p: &[f64], row: &mut [f64]) {
        let layout = self.layout;
        let jump = row[layout.jump()];
        row[layout.jump() + 1] = self.sigma([(0, 0.0); 2], 1.0);
        for peak in 0..self.peaks.len() {
            let (at, unit) = self.peaks[peak];
            let slopes = [(at, unit * p[at + 2]), (at + 2, unit * p[at])];
            row[layout.peak(1) + peak] = self.sigma(slopes, 0.0);
            let slopes = slopes.map(|(index, slope)| (index, slope / jump));
            row[layout.peak(3) + peak] = self.sigma(slopes, -row[layout.peak(0) + peak] / (jump * jump));
        }
    }

    /// σ of a quantity with two derivatives by parameters, and one by the height of every edge; NaN if one of them is at a
    /// bound.
    fn sigma(&mut self, slopes: [(usize, f64); 2], by_edges: f64) -> f64 {
        let edges = self.edges.iter().map(|&at| (at, by_edges));
        let all = || slopes.into_iter().chain(edges.clone()).filter(|(_, slope)| *slope != 0.0);
        let columns = || all().filter_map(|(index, slope)| Some((self.plan.column[index]?, slope)));
        if columns().any(|(column, _)| !self.kept[column]) {
            return f64::NAN;
        }
        self.covariance.of_gradient(columns())
    }
}

fn status(found_and_inside: (bool, bool)) -> Status {
    match found_and_inside {
        (true, true) => Status::Ok,
        (true, false) => Status::OnBound,
        (false, _) => Status::NotConverged,
    }
}
