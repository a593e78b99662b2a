//! One pixel's numbers from its solution: parameters, standard deviations, derived quantities, reason.

use super::covariance::Covariance;
use super::maps::Status;
use super::resolved::Resolved;

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

/// Numbers of one pixel, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Solution<'a> {
    /// All parameters, as the plan counts them.
    pub(super) parameters: &'a [f64],
    /// `Σ r²`.
    pub(super) squares: f64,
    pub(super) converged: bool,
}

/// Fills a row of [`Layout`] and says what became of the pixel, noise aside.
pub(super) fn describe(
    plan: &Resolved,
    solution: &Solution<'_>,
    products: impl Fn(usize, usize) -> f64,
    row: &mut [f64],
) -> Status {
    let layout = Layout::of(plan);
    let (n, m, p) = (plan.free.len(), plan.energies.len(), solution.parameters);
    row[..p.len()].copy_from_slice(p);
    for (value, index) in row[..p.len()].iter_mut().zip(0..) {
        if super::resolved::is_centre(index) {
            *value += plan.reference;
        }
    }
    // Bounds in single precision, where a fit in lanes ends.
    let inside = |&index: &usize| {
        let value = p[index] as f32;
        value > plan.lower[index] as f32 && value < plan.upper[index] as f32
    };
    let kept: Vec<bool> = plan.free.iter().map(inside).collect();
    let covariance = Covariance::new(products, &plan.weight, &kept, (solution.squares, m));
    row[layout.residual()] = (solution.squares / m as f64).sqrt();
    for (index, column) in plan.column.iter().enumerate() {
        row[layout.parameters + index] = match (column, &covariance) {
            (None, _) => 0.0,
            (Some(column), Some(covariance)) if kept[*column] => covariance.of(*column),
            _ => f64::NAN,
        };
    }
    let mut derived =
        Derived { plan, p, kept: &kept, covariance: covariance.as_ref(), gradient: vec![0.0; n] };
    derived.fill(layout, row);
    match (solution.converged, covariance) {
        (true, Some(_)) if kept.iter().all(|&kept| kept) => Status::Ok,
        (true, Some(_)) => Status::OnBound,
        _ => Status::NotConverged,
    }
}

struct Derived<'a> {
    plan: &'a Resolved,
    p: &'a [f64],
    kept: &'a [bool],
    covariance: Option<&'a Covariance>,
    gradient: Vec<f64>,
}

impl Derived<'_> {
    fn fill(&mut self, layout: Layout, row: &mut [f64]) {
        let plan = self.plan;
        let heights =
            || plan.shapes.iter().enumerate().filter(|(_, shape)| shape.is_edge()).map(|(t, _)| 1 + 3 * t);
        let jump: f64 = heights().map(|index| self.p[index]).sum();
        row[layout.jump()] = jump;
        row[layout.jump() + 1] = self.sigma(heights().map(|index| (index, 1.0)));
        let peaks = plan.shapes.iter().enumerate().filter(|(_, shape)| !shape.is_edge());
        for (peak, (term, shape)) in peaks.enumerate() {
            let (at, unit) = (1 + 3 * term, shape.unit_area());
            let (height, width) = (self.p[at], self.p[at + 2]);
            // area = unit · height · width; ratio = area / Δμt
            let area = unit * height * width;
            let slopes = [(at, unit * width), (at + 2, unit * height)];
            row[layout.peak(0) + peak] = area;
            row[layout.peak(1) + peak] = self.sigma(slopes.into_iter());
            row[layout.peak(2) + peak] = area / jump;
            let by_jump = heights().map(|index| (index, -area / (jump * jump)));
            let by_peak = slopes.into_iter().map(|(index, slope)| (index, slope / jump));
            row[layout.peak(3) + peak] = self.sigma(by_peak.chain(by_jump));
        }
    }

    /// σ of a quantity with these derivatives by parameters; NaN if one of them is at a bound.
    fn sigma(&mut self, slopes: impl Iterator<Item = (usize, f64)>) -> f64 {
        self.gradient.fill(0.0);
        for (index, slope) in slopes {
            match self.plan.column[index] {
                Some(column) if self.kept[column] => self.gradient[column] += slope,
                Some(_) => return f64::NAN,
                None => {}
            }
        }
        self.covariance.map_or(f64::NAN, |covariance| covariance.of_gradient(&mut self.gradient))
    }
}
