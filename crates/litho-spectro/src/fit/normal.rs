//! Normal equations of eight pixels at once: assembled in tiles, solved with the bounds' active set.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use litho_lanes::{LANES, Lanes};

/// Side of a tile: nine sums fit the registers beside what they are made of.
pub(super) const TILE: usize = 3;

/// Lower triangle, in tiles, of `JᵀJ` over rows of `stride` numbers of which the first `side` count; `side` is a multiple
/// of [`TILE`].
#[inline(always)]
pub(super) fn products<L: Lanes>(rows: &[L], stride: usize, side: usize, out: &mut [L]) {
    for a in (0..side).step_by(TILE) {
        for b in (0..=a).step_by(TILE) {
            let mut sums = [[L::splat(0.0); TILE]; TILE];
            for row in rows.chunks_exact(stride) {
                let (left, right) = (&row[a..a + TILE], &row[b..b + TILE]);
                for i in 0..TILE {
                    for j in 0..TILE {
                        sums[i][j] = left[i].mul_add(right[j], sums[i][j]);
                    }
                }
            }
            for (i, row) in sums.iter().enumerate() {
                out[(a + i) * side + b..][..TILE].copy_from_slice(row);
            }
        }
    }
}

/// How often a step is found again because a parameter at a bound would leave it.
const RETRIES: usize = 3;

/// What [`Solver::step`] starts from.
pub(super) struct Situation<'a, L> {
    /// `JᵀJ` in rows of `side`, the residual being column `n`.
    pub(super) products: &'a [L],
    pub(super) side: usize,
    pub(super) at: &'a [L],
    pub(super) damping: L,
}

/// Per column: bounds, and prior.
pub(super) struct Column {
    pub(super) lower: f32,
    pub(super) upper: f32,
    pub(super) weight: f32,
    pub(super) expected: f32,
}

/// Room for one factorisation.
pub(super) struct Solver<L> {
    factor: Vec<L>,
    inverse: Vec<L>,
    scale: Vec<L>,
    gradient: Vec<L>,
    solution: Vec<L>,
}

impl<L: Lanes> Solver<L> {
    #[inline(always)]
    pub(super) fn new(n: usize) -> Self {
        let zeros = |len| vec![L::splat(0.0); len];
        Self {
            factor: zeros(n * n),
            inverse: zeros(n),
            scale: zeros(n),
            gradient: zeros(n),
            solution: zeros(n),
        }
    }

    /// The damped step inside the bounds: writes the parameters to try, returns the decrease of the cost that the
    /// quadratic model predicts for the step before it is cut at bounds.
    ///
    /// With `S = diag(JᵀJ)^−½` the system is `(S JᵀJ S + λ) x = S Jᵀr`, `step = S x` (Marquardt's scaling). A parameter at
    /// a bound whose gradient points outward has `S = 0` and stays. So does one whose gradient points inward but whose step,
    /// through the others, would lead outward: the others' step is then found again without it.
    #[inline(always)]
    pub(super) fn step(&mut self, situation: &Situation<'_, L>, columns: &[Column], to: &mut [L]) -> L {
        self.scale_columns(situation, columns);
        let (n, mut from) = (columns.len(), 0);
        for _ in 0..=RETRIES {
            self.factorise(situation, from);
            self.back_substitute(n);
            from = self.hold_outward(situation, columns);
            if from == n {
                break;
            }
        }
        let mut predicted = L::splat(0.0);
        for a in 0..n {
            let (x, g) = (self.solution[a], self.gradient[a]);
            // c(p) − m(p + d) = 2 gᵀd − dᵀHd = Σ x (g + λ x)
            predicted = x.mul_add(x.mul_add(situation.damping, g), predicted);
            let moved = x.mul_add(self.scale[a], situation.at[a]).max(L::splat(columns[a].lower));
            let negative = L::splat(0.0).sub(moved).max(L::splat(-columns[a].upper));
            to[a] = L::splat(0.0).sub(negative);
        }
        predicted
    }

    /// Holds what stands at a bound and would step outward; the first column of these, or how many there are if there was
    /// none.
    #[inline(always)]
    fn hold_outward(&mut self, situation: &Situation<'_, L>, columns: &[Column]) -> usize {
        let (zero, one, n) = (L::splat(0.0), L::splat(1.0), columns.len());
        let mut first = n;
        for (a, column) in columns.iter().enumerate() {
            // Zero counts as positive: a step of a parameter held already is no step.
            let step = self.solution[a].mul(self.scale[a]).add(zero);
            let at_lower = L::splat(column.lower).sub(situation.at[a]);
            let at_upper = situation.at[a].sub(L::splat(column.upper));
            let stays = at_lower.choose(step.choose(one, zero), one);
            let stays = at_upper.choose(zero.sub(step).add(zero).choose(stays, zero), stays);
            let mut counts = [0.0; LANES];
            stays.store(&mut counts);
            if counts.iter().all(|&stays| stays > 0.0) {
                continue;
            }
            first = first.min(a);
            self.scale[a] = self.scale[a].mul(stays);
            self.gradient[a] = self.gradient[a].mul(stays);
            for factor in &mut self.factor[a * n..][..a] {
                *factor = factor.mul(stays);
            }
        }
        first
    }

    #[inline(always)]
    fn scale_columns(&mut self, situation: &Situation<'_, L>, columns: &[Column]) {
        let (n, side) = (columns.len(), situation.side);
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        for (a, column) in columns.iter().enumerate() {
            let (p, weight) = (situation.at[a], L::splat(column.weight));
            let curvature = situation.products[a * side + a].add(weight);
            // −½ ∂c/∂p = Jᵀr + w (v − p)
            let gradient = L::splat(column.expected).sub(p).mul_add(weight, situation.products[n * side + a]);
            let at_lower = L::splat(column.lower).sub(p);
            let at_upper = p.sub(L::splat(column.upper));
            let inward = at_lower.choose(gradient.choose(one, zero), one);
            let inward = at_upper.choose(gradient.choose(zero, inward), inward);
            let scale = inward.div(curvature.max(L::splat(1e-30)).sqrt());
            self.scale[a] = curvature.sub(L::splat(1e-20)).choose(scale, zero);
            self.gradient[a] = gradient.mul(self.scale[a]);
        }
    }

    /// Cholesky factor of the scaled and damped matrix, whose diagonal is `1 + λ`, from one column on; of a column that stays
    /// only that.
    #[inline(always)]
    fn factorise(&mut self, situation: &Situation<'_, L>, from: usize) {
        let (n, side) = (self.scale.len(), situation.side);
        let diagonal = situation.damping.add(L::splat(1.0));
        for j in from..n {
            let mut pivot = diagonal;
            for k in 0..j {
                let l = self.factor[j * n + k];
                pivot = l.neg_mul_add(l, pivot);
            }
            // Rounding must not make a pivot negative: 10⁻⁷ is one rounding of the diagonal.
            let inverse = L::splat(1.0).div(pivot.max(L::splat(1e-7)).sqrt());
            self.inverse[j] = inverse;
            for i in j + 1..n {
                let mut sum = situation.products[i * side + j].mul(self.scale[i]).mul(self.scale[j]);
                for k in 0..j {
                    sum = self.factor[i * n + k].neg_mul_add(self.factor[j * n + k], sum);
                }
                self.factor[i * n + j] = sum.mul(inverse);
            }
        }
    }

    #[inline(always)]
    fn back_substitute(&mut self, n: usize) {
        for i in 0..n {
            let mut sum = self.gradient[i];
            for k in 0..i {
                sum = self.factor[i * n + k].neg_mul_add(self.solution[k], sum);
            }
            self.solution[i] = sum.mul(self.inverse[i]);
        }
        for i in (0..n).rev() {
            let mut sum = self.solution[i];
            for k in i + 1..n {
                sum = self.factor[k * n + i].neg_mul_add(self.solution[k], sum);
            }
            self.solution[i] = sum.mul(self.inverse[i]);
        }
    }
}
