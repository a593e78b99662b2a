//! Projections and residuals of eight pixels at a time.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use super::solver::Solver;
use litho_lanes::{Block, Lanes, blocks, lanewise};

/// Sums of a pixel over the energies.
#[derive(Debug, Clone, Default)]
pub(super) struct Squares {
    /// `Σ (r/σ)²`.
    pub(super) weighted: Vec<f32>,
    /// `Σ r²`.
    pub(super) residual: Vec<f32>,
    /// `Σ d²`.
    pub(super) data: Vec<f32>,
}

impl Squares {
    pub(super) fn of(len: usize) -> Self {
        Self { weighted: vec![0.0; len], residual: vec![0.0; len], data: vec![0.0; len] }
    }
}

lanewise! {
    /// `q_j = Σ_e Q_ej d_e/σ_e`: one list of `len` pixels per projector.
    fn project<L>(planes: &[&[f32]], projectors: &[Vec<f32>], q: &mut [Vec<f32>]) {
        for (projectors, q) in projectors.chunks(3).zip(q.chunks_mut(3)) {
            match (projectors, q) {
                ([a, b, c], [x, y, z]) => project_to::<L, 3>(planes, [a, b, c], [x, y, z]),
                ([a, b], [x, y]) => project_to::<L, 2>(planes, [a, b], [x, y]),
                ([a], [x]) => project_to::<L, 1>(planes, [a], [x]),
                _ => {}
            }
        }
    }
}

#[inline(always)]
fn project_to<L: Lanes, const P: usize>(
    planes: &[&[f32]],
    projectors: [&Vec<f32>; P],
    q: [&mut Vec<f32>; P],
) {
    for block in blocks(planes[0].len()) {
        let mut sums = [L::splat(0.0); P];
        for (energy, plane) in planes.iter().enumerate() {
            let d = block.real::<L>(plane);
            for j in 0..P {
                sums[j] = d.mul_add(L::splat(projectors[j][energy]), sums[j]);
            }
        }
        for j in 0..P {
            block.put_real(sums[j], q[j]);
        }
    }
}

lanewise! {
    /// `c = M q + m`: rows of `M` with `m` behind it.
    fn combine<L>(rows: &[Vec<f32>], q: &[Vec<f32>], c: &mut [Vec<f32>]) {
        for (row, c) in rows.iter().zip(c) {
            for block in blocks(c.len()) {
                let mut sum = L::splat(row[q.len()]);
                for (q, &m) in q.iter().zip(row) {
                    sum = block.real::<L>(q).mul_add(L::splat(m), sum);
                }
                block.put_real(sum, c);
            }
        }
    }
}

lanewise! {
    /// The sums of squares of `r_e = d_e − Σ_j A_ej c_j`.
    fn squares<L>(planes: &[&[f32]], solver: &Solver, c: &[Vec<f32>], squares: &mut Squares) {
        for block in blocks(planes[0].len()) {
            match c {
                [a] => squares_of::<L, 1>(planes, solver, [a], block, squares),
                [a, b] => squares_of::<L, 2>(planes, solver, [a, b], block, squares),
                [a, b, c] => squares_of::<L, 3>(planes, solver, [a, b, c], block, squares),
                [a, b, c, d] => squares_of::<L, 4>(planes, solver, [a, b, c, d], block, squares),
                _ => squares_of_any::<L>(planes, solver, c, block, squares),
            }
        }
    }
}

#[inline(always)]
fn squares_of<L: Lanes, const P: usize>(
    planes: &[&[f32]],
    solver: &Solver,
    c: [&Vec<f32>; P],
    block: Block,
    squares: &mut Squares,
) {
    let mut coefficients = [L::splat(0.0); P];
    let mut terms = [&solver.terms[0][..]; P];
    for j in 0..P {
        coefficients[j] = block.real(c[j]);
        terms[j] = &solver.terms[j];
    }
    let mut sums = SquareSums::zero();
    for (energy, (plane, &weight)) in planes.iter().zip(&solver.weights).enumerate() {
        let d = block.real::<L>(plane);
        let mut r = d;
        for j in 0..P {
            r = coefficients[j].neg_mul_add(L::splat(terms[j][energy]), r);
        }
        sums.add(d, r, weight);
    }
    sums.put(block, squares);
}

/// Sums of squares of eight pixels over the energies.
struct SquareSums<L> {
    weighted: L,
    residual: L,
    data: L,
}

impl<L: Lanes> SquareSums<L> {
    #[inline(always)]
    fn zero() -> Self {
        Self { weighted: L::splat(0.0), residual: L::splat(0.0), data: L::splat(0.0) }
    }

    /// Adds an energy with data `d` and residual `r`.
    #[inline(always)]
    fn add(&mut self, d: L, r: L, weight: f32) {
        let scaled = r.mul(L::splat(weight));
        self.weighted = scaled.mul_add(scaled, self.weighted);
        self.residual = r.mul_add(r, self.residual);
        self.data = d.mul_add(d, self.data);
    }

    #[inline(always)]
    fn put(self, block: Block, squares: &mut Squares) {
        block.put_real(self.weighted, &mut squares.weighted);
        block.put_real(self.residual, &mut squares.residual);
        block.put_real(self.data, &mut squares.data);
    }
}

#[inline(always)]
fn squares_of_any<L: Lanes>(
    planes: &[&[f32]],
    solver: &Solver,
    c: &[Vec<f32>],
    block: Block,
    squares: &mut Squares,
) {
    let mut sums = SquareSums::zero();
    for (energy, (plane, &weight)) in planes.iter().zip(&solver.weights).enumerate() {
        let d = block.real::<L>(plane);
        let mut r = d;
        for (c, term) in c.iter().zip(&solver.terms) {
            r = block.real::<L>(c).neg_mul_add(L::splat(term[energy]), r);
        }
        sums.add(d, r, weight);
    }
    sums.put(block, squares);
}

lanewise! {
    /// `Σ a b` over the pixels of two planes.
    fn dot<L>(a: &[f32], b: &[f32]) -> f64 {
        let mut sums = [L::splat(0.0); 2];
        for (index, block) in blocks(a.len()).enumerate() {
            sums[index % 2] = block.real::<L>(a).mul_add(block.real(b), sums[index % 2]);
        }
        litho_lanes::sum_of(sums[0].add(sums[1]))
    }
}
