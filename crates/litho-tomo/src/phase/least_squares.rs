//! The phase whose steps between neighbours fit those of a wrapped phase best.
//!
//! Minimises `Σ w_ij (φ_j − φ_i − Δ_ij)²` over the edges between neighbours, with `Δ_ij` the wrapped difference
//! (Ghiglia & Romero, J. Opt. Soc. Am. A 11, 107 (1994)), by conjugate gradients; the preconditioner is the solution for
//! equal weights. Residues draw the result towards slopes that are too small. Hence *rounds*: what is left, `ψ − φ`,
//! has the same residues but hardly a slope, and is fitted again; edges that do not fit lose weight, which gathers
//! the jumps into lines as short as can be.

use super::poisson::{Poisson, PoissonScratch};
use super::wrapped::{Wrapped, turns, wrap};
use ndarray::{Array2, ArrayView2};
use std::f32::consts::TAU;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounds {
    /// Rounds at most.
    pub rounds: usize,
    /// Steps of conjugate gradients in a round at most.
    pub steps: usize,
    /// Residual of a round, relative to its right-hand side, at which it ends early.
    pub tolerance: f32,
}

impl Default for Rounds {
    /// 20 rounds of 8 steps to 0.05: rounds correct each other, and turns are counted in whole numbers at the end.
    fn default() -> Self {
        Self { rounds: 20, steps: 8, tolerance: 0.05 }
    }
}

/// Misfit of an edge, in radians, at which its weight has fallen to a half.
const TORN: f32 = 0.5;

/// Turns to add to each pixel, and the rounds it took until they no longer changed. Pixels that are not `trusted` have no
/// say; they take the number of turns that lies nearest to what the others make of them.
pub(super) fn least_squares(
    wrapped: &Wrapped,
    trusted: ArrayView2<'_, bool>,
    limits: Rounds,
) -> (Array2<i32>, usize) {
    let (ny, nx) = wrapped.dim();
    let mut fit = Fit::new(wrapped, trusted);
    let mut added = vec![0; ny * nx];
    let mut round = 0;
    loop {
        round += 1;
        let largest = fit.round(limits);
        let now = fit.turns();
        let settled = round > 1 && now == added;
        added = now;
        if settled || largest == 0.0 || round >= limits.rounds {
            return (Array2::from_shape_fn((ny, nx), |(y, x)| added[y * nx + x]), round);
        }
    }
}

struct Fit {
    nx: usize,
    /// Wrapped phase, row by row.
    psi: Vec<f32>,
    /// Fitted phase.
    phi: Vec<f32>,
    /// 1 where a pixel has a say, 0 elsewhere.
    trusted: Vec<f32>,
    /// Edges to the right and downwards; the last column and row have none.
    right: Edges,
    down: Edges,
    poisson: Poisson,
    work: Work,
}

/// Edges in one direction, one per pixel.
struct Edges {
    weight: Vec<f32>,
    misfit: Vec<f32>,
    /// Distance to the neighbour in memory.
    stride: usize,
}

#[derive(Default)]
struct Work {
    residual: Vec<f32>,
    direction: Vec<f32>,
    applied: Vec<f32>,
    preconditioned: Vec<f32>,
    correction: Vec<f32>,
    scratch: PoissonScratch,
}

impl Fit {
    fn new(wrapped: &Wrapped, trusted: ArrayView2<'_, bool>) -> Self {
        let (ny, nx) = wrapped.dim();
        let trusted: Vec<f32> =
            trusted.iter().zip(&wrapped.lit).map(|(&t, &lit)| if t && lit { 1.0 } else { 0.0 }).collect();
        let n = ny * nx;
        let edges = |stride| Edges { weight: vec![0.0; n], misfit: vec![0.0; n], stride };
        Self {
            nx,
            psi: wrapped.phase.iter().copied().collect(),
            phi: vec![0.0; n],
            trusted,
            right: edges(1),
            down: edges(nx),
            poisson: Poisson::new(ny, nx),
            work: Work::default(),
        }
    }

    /// Fits what is left, and adds it. Returns the largest misfit of an edge before.
    fn round(&mut self, limits: Rounds) -> f32 {
        let left: Vec<f32> = self.psi.iter().zip(&self.phi).map(|(psi, phi)| psi - phi).collect();
        let nx = self.nx;
        let mut largest = 0.0_f32;
        for (edges, across) in [(&mut self.right, true), (&mut self.down, false)] {
            let count = left.len() - edges.stride;
            for i in 0..count {
                let misfit = wrap(left[i + edges.stride] - left[i]);
                let both = self.trusted[i] * self.trusted[i + edges.stride];
                let both = if across && (i + 1) % nx == 0 { 0.0 } else { both };
                largest = largest.max(both * misfit.abs());
                edges.misfit[i] = misfit;
                // the first round has all slopes still before it
                let torn = if self.work.correction.is_empty() { 0.0 } else { misfit / TORN };
                edges.weight[i] = both / (1.0 + torn * torn);
            }
        }
        self.conjugate_gradients(limits);
        self.phi.iter_mut().zip(&self.work.correction).for_each(|(phi, step)| *phi += step);
        largest
    }

    fn conjugate_gradients(&mut self, limits: Rounds) {
        let Self { nx, right, down, poisson, work, .. } = self;
        let n = right.weight.len();
        work.correction.clear();
        work.correction.resize(n, 0.0);
        work.applied.resize(n, 0.0);
        divergence(&mut work.residual, [right, down], |edges, i| edges.misfit[i]);
        let target = f64::from(limits.tolerance).powi(2) * dot(&work.residual, &work.residual, *nx);
        let mut before = 0.0;
        work.direction.clear();
        for _ in 0..limits.steps.max(1) {
            work.preconditioned.clear();
            work.preconditioned.extend_from_slice(&work.residual);
            poisson.solve(&mut work.preconditioned, &mut work.scratch);
            let now = dot(&work.residual, &work.preconditioned, *nx);
            if now <= 0.0 {
                break; // nothing is left, or only roundings
            }
            if work.direction.is_empty() {
                work.direction.extend_from_slice(&work.preconditioned);
            } else {
                let beta = (now / before) as f32;
                for (p, z) in work.direction.iter_mut().zip(&work.preconditioned) {
                    *p = z + beta * *p;
                }
            }
            before = now;
            let p = &work.direction;
            divergence(&mut work.applied, [right, down], |edges, i| p[i + edges.stride] - p[i]);
            let curvature = dot(p, &work.applied, *nx);
            if curvature <= 0.0 {
                break;
            }
            let alpha = (now / curvature) as f32;
            for i in 0..n {
                work.correction[i] += alpha * work.direction[i];
                work.residual[i] -= alpha * work.applied[i];
            }
            if dot(&work.residual, &work.residual, *nx) <= target {
                break;
            }
        }
    }

    /// `k = round((φ + c − ψ)/2π)`, with the constant c that fits the trusted pixels best: the argument of
    /// `Σ exp(i(ψ − φ))`.
    fn turns(&self) -> Vec<i32> {
        let (mut cos, mut sin) = (0.0, 0.0);
        for ((psi, phi), &trusted) in self.psi.iter().zip(&self.phi).zip(&self.trusted) {
            if trusted > 0.0 {
                let (s, c) = f64::from(psi - phi).sin_cos();
                cos += c;
                sin += s;
            }
        }
        let constant = sin.atan2(cos) as f32;
        self.psi.iter().zip(&self.phi).map(|(psi, phi)| turns(phi + constant - psi) as i32).collect()
    }
}

/// `Σ_j w_ij f_ij` over the edges of each pixel, those that end there with the other sign, times −1.
fn divergence(result: &mut Vec<f32>, edges: [&Edges; 2], flow: impl Fn(&Edges, usize) -> f32) {
    let n = edges[0].weight.len();
    result.clear();
    result.resize(n, 0.0);
    for edges in edges {
        for i in 0..n - edges.stride.min(n) {
            let flow = edges.weight[i] * flow(edges, i);
            result[i] -= flow;
            result[i + edges.stride] += flow;
        }
    }
}

/// Summed row by row, in double precision between rows.
fn dot(a: &[f32], b: &[f32], nx: usize) -> f64 {
    let row = |(a, b): (&[f32], &[f32])| -> f64 {
        let mut lanes = [0.0_f32; 8];
        let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
        let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(a, b)| a * b).sum();
        for (a, b) in a8.zip(b8) {
            for lane in 0..8 {
                lanes[lane] += a[lane] * b[lane];
            }
        }
        lanes.iter().map(|&v| f64::from(v)).sum::<f64>() + f64::from(rest)
    };
    a.chunks(nx).zip(b.chunks(nx)).map(row).sum()
}

/// `ψ + 2πk`.
pub(super) fn unwrapped(wrapped: &Wrapped, turns: &Array2<i32>) -> Array2<f32> {
    let mut phase = wrapped.phase.clone();
    phase.zip_mut_with(turns, |value, &turns| *value += TAU * turns as f32);
    phase
}
