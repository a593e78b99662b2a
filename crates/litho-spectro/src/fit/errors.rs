//! Standard deviations of eight pixels at once, from the normal matrices at their solutions.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use super::batch::{LanePlan, Source, place};
use litho_lanes::{LANES, Lanes, lanewise};

/// Where σ of a pixel lie in a row: one per column, then jump, areas, ratios, and two flags that are one or zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct ErrorLayout {
    pub(super) columns: usize,
    pub(super) peaks: usize,
}

impl ErrorLayout {
    pub(super) fn of(plan: &LanePlan) -> Self {
        let peaks = plan.terms.iter().filter(|(shape, _)| !shape.is_edge()).count();
        Self { columns: plan.columns(), peaks }
    }

    pub(super) const fn len(self) -> usize {
        self.columns + 2 * self.peaks + 3
    }

    /// Of the first peak's area; the jump's lies before it.
    pub(super) const fn areas(self) -> usize {
        self.columns + 1
    }

    pub(super) const fn ratios(self) -> usize {
        self.areas() + self.peaks
    }

    /// One if every parameter is inside its bounds; behind it, one if the matrix determines the parameters.
    pub(super) const fn inside(self) -> usize {
        self.ratios() + self.peaks
    }
}

lanewise! {
    /// Rows of [`ErrorLayout`] for pixels as [`super::batch::Outcomes`] holds them, eight side by side. σ are NaN where
    /// the matrix does not determine the parameters, and for what depends on a parameter at a bound.
    fn errors_in_lanes<L>(plan: &LanePlan, parameters: &[f32], products: &[[f32; LANES]], out: &mut [[f32; LANES]]) {
        let (n, layout) = (plan.columns(), ErrorLayout::of(plan));
        let mut block = Block::<L>::new(n);
        let pixels = parameters.chunks(n * LANES);
        for ((parameters, products), out) in
            pixels.zip(products.chunks_exact(plan.triangle())).zip(out.chunks_exact_mut(layout.len()))
        {
            block.take(plan, parameters, products);
            block.write(plan, layout, out);
        }
    }
}

/// Room for eight pixels.
struct Block<L> {
    at: Vec<L>,
    /// One for a parameter inside its bounds that the data depend on, zero else.
    kept: Vec<L>,
    /// `√(diag JᵀJ + W)⁻¹`, zero for what is not kept.
    scale: Vec<L>,
    factor: Vec<L>,
    /// `L⁻¹` in rows, zero above the diagonal.
    inverse: Vec<L>,
    gradient: Vec<L>,
    inside: L,
    known: L,
    /// `s`, NaN if there is no covariance.
    noise: L,
}

impl<L: Lanes> Block<L> {
    #[inline(always)]
    fn new(n: usize) -> Self {
        let zero = L::splat(0.0);
        let zeros = |len| vec![zero; len];
        Self {
            at: zeros(n),
            kept: zeros(n),
            scale: zeros(n),
            factor: zeros(n * n),
            inverse: zeros(n * n),
            gradient: zeros(n),
            inside: zero,
            known: zero,
            noise: zero,
        }
    }

    #[inline(always)]
    fn take(&mut self, plan: &LanePlan, parameters: &[f32], products: &[[f32; LANES]]) {
        let (n, zero, one) = (plan.columns(), L::splat(0.0), L::splat(1.0));
        self.inside = one;
        for (a, column) in plan.columns.iter().enumerate() {
            let mut numbers = [0.0; LANES];
            for (number, pixel) in numbers.iter_mut().zip(parameters.chunks_exact(n)) {
                *number = pixel[a];
            }
            let p = L::load(&numbers);
            let curvature = L::load(&products[place(a, a)]).add(L::splat(column.weight));
            let inside = L::splat(column.lower).sub(p).choose(zero, one);
            let inside = p.sub(L::splat(column.upper)).choose(zero, inside);
            // A peak of no height says nothing of its place.
            let kept = curvature.sub(L::splat(1e-20)).choose(inside, zero);
            self.at[a] = p;
            self.inside = self.inside.mul(inside);
            self.kept[a] = kept;
            self.scale[a] = kept.div(curvature.max(L::splat(1e-30)).sqrt());
        }
        self.factorise(products);
        self.invert();
        self.estimate_noise(plan, L::load(&products[place(n, n)]));
    }

    /// Cholesky factor of `S (JᵀJ + W) S`, whose diagonal is one, and the diagonal of its inverse.
    #[inline(always)]
    fn factorise(&mut self, products: &[[f32; LANES]]) {
        let (n, one) = (self.scale.len(), L::splat(1.0));
        self.known = one;
        for i in 0..n {
            let mut pivot = one;
            for j in 0..i {
                let mut sum = L::load(&products[place(i, j)]).mul(self.scale[i]).mul(self.scale[j]);
                for k in 0..j {
                    sum = self.factor[i * n + k].neg_mul_add(self.factor[j * n + k], sum);
                }
                let l = sum.mul(self.inverse[j * n + j]);
                self.factor[i * n + j] = l;
                pivot = l.neg_mul_add(l, pivot);
            }
            // Some ten roundings of numbers of order one: below, a pivot is noise.
            let least = L::splat(1e-6);
            self.known = pivot.sub(least).choose(self.known, L::splat(0.0));
            self.inverse[i * n + i] = one.div(pivot.max(least).sqrt());
        }
    }

    /// `L⁻¹` below its diagonal.
    #[inline(always)]
    fn invert(&mut self) {
        let n = self.scale.len();
        for i in 0..n {
            for j in 0..i {
                let mut sum = L::splat(0.0);
                for k in j..i {
                    sum = self.factor[i * n + k].neg_mul_add(self.inverse[k * n + j], sum);
                }
                self.inverse[i * n + j] = sum.mul(self.inverse[i * n + i]);
            }
        }
    }

    /// `s² = SSE/(m − n_eff)`; a prior takes part of a parameter's freedom: `n_eff = n − Σ w C`.
    #[inline(always)]
    fn estimate_noise(&mut self, plan: &LanePlan, squares: L) {
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let mut freedom = L::splat(plan.energies() as f32);
        for (a, column) in plan.columns.iter().enumerate() {
            let own = self.squared(a..=a, &[(a, one)]);
            freedom = own.mul_add(L::splat(column.weight), freedom.sub(self.kept[a]));
        }
        self.known = freedom.sub(L::splat(1e-3)).choose(self.known, zero);
        // 1/0 − 1/0 where nothing is known.
        let unknown = one.div(self.known);
        self.noise = squares.div(freedom.max(L::splat(1e-3))).sqrt().add(unknown.sub(unknown));
    }

    /// `gᵀ C g` without `s²`: with `S C⁻¹ S = L Lᵀ` it is `|L⁻¹ S g|²`. The slopes' columns lie in `columns`.
    #[inline(always)]
    fn squared(&mut self, columns: std::ops::RangeInclusive<usize>, slopes: &[(usize, L)]) -> L {
        let (n, zero) = (self.scale.len(), L::splat(0.0));
        let (first, last) = (*columns.start(), *columns.end());
        self.gradient[first..=last].fill(zero);
        for &(column, slope) in slopes {
            self.gradient[column] = slope.mul_add(self.scale[column], self.gradient[column]);
        }
        let mut squares = zero;
        for i in first..n {
            let mut sum = zero;
            for k in first..=last.min(i) {
                sum = self.inverse[i * n + k].mul_add(self.gradient[k], sum);
            }
            squares = sum.mul_add(sum, squares);
        }
        squares
    }

    /// σ of a quantity with these slopes by columns; NaN if one of them is not kept.
    #[inline(always)]
    fn sigma(&mut self, slopes: &[(usize, L)]) -> L {
        let one = L::splat(1.0);
        let (mut first, mut last, mut kept) = (usize::MAX, 0, one);
        for &(column, _) in slopes {
            (first, last) = (first.min(column), last.max(column));
            kept = kept.mul(self.kept[column]);
        }
        if slopes.is_empty() {
            return self.noise.sub(self.noise);
        }
        let unknown = one.div(kept);
        self.squared(first..=last, slopes).sqrt().mul(self.noise).add(unknown.sub(unknown))
    }

    #[inline(always)]
    fn write(&mut self, plan: &LanePlan, layout: ErrorLayout, out: &mut [[f32; LANES]]) {
        let one = L::splat(1.0);
        for (a, out) in out[..layout.columns].iter_mut().enumerate() {
            self.sigma(&[(a, one)]).store(out);
        }
        let (mut jump, mut by_edges) = (L::splat(0.0), Vec::with_capacity(plan.terms.len() + 2));
        for (_, [height, ..]) in plan.terms.iter().filter(|(shape, _)| shape.is_edge()) {
            let (value, column) = self.value(*height);
            jump = jump.add(value);
            by_edges.extend(column.map(|column| (column, one)));
        }
        self.sigma(&by_edges).store(&mut out[layout.columns]);
        let peaks = plan.terms.iter().filter(|(shape, _)| !shape.is_edge());
        for (peak, (shape, [height, _, width])) in peaks.enumerate() {
            let ((height, h), (width, w)) = (self.value(*height), self.value(*width));
            let unit = L::splat(shape.unit_area() as f32);
            let (by_height, by_width) = (unit.mul(width), unit.mul(height));
            let mut slopes: Vec<(usize, L)> = Vec::with_capacity(by_edges.len() + 2);
            slopes.extend(h.map(|h| (h, by_height)));
            slopes.extend(w.map(|w| (w, by_width)));
            self.sigma(&slopes).store(&mut out[layout.areas() + peak]);
            // ratio = area/Δμt: ∂/∂Δμt = −area/Δμt²
            let narrow = one.div(jump);
            let by_jump = L::splat(0.0).sub(by_height.mul(height).mul(narrow).mul(narrow));
            for (_, slope) in &mut slopes {
                *slope = slope.mul(narrow);
            }
            for &(column, _) in &by_edges {
                slopes.push((column, by_jump));
            }
            self.sigma(&slopes).store(&mut out[layout.ratios() + peak]);
        }
        self.inside.store(&mut out[layout.inside()]);
        self.known.store(&mut out[layout.inside() + 1]);
    }

    /// Value and column of a parameter.
    #[inline(always)]
    fn value(&self, source: Source) -> (L, Option<usize>) {
        match source {
            Source::Column(column) => (self.at[column], Some(column)),
            Source::Value(value) => (L::splat(value), None),
        }
    }
}
