//! The least-squares problem of one set of terms, prepared once and solved for every pixel.

use super::basis::Basis;
use super::options::UnmixOptions;
use crate::dense;

/// The coefficients as functions of a pixel's projections, for one set of free terms.
#[derive(Debug, Clone)]
pub(super) struct ActiveSet {
    /// `c = M q + m`, `(term, projection)` row by row; rows of terms held at zero are zero.
    matrix: Vec<f64>,
    offset: Vec<f64>,
    /// Variance of each coefficient for noise of variance 1; NaN where it is held by a bound.
    pub(super) variance: Vec<f64>,
    /// Coefficients that the data decide.
    pub(super) freedom: usize,
}

/// Everything about the terms that does not depend on the pixel.
#[derive(Debug, Clone)]
pub(super) struct Solver {
    /// Columns of Q times the weights: `q = Qᵀ W d`.
    pub(super) projectors: Vec<Vec<f32>>,
    /// The terms, for residuals.
    pub(super) terms: Vec<Vec<f32>>,
    /// `1/σ` of each energy.
    pub(super) weights: Vec<f32>,
    /// `R`, row by row.
    r: Vec<f64>,
    /// First the set in which all terms are free.
    pub(super) sets: Vec<ActiveSet>,
    /// The set in which all terms are free, for the lanes: a row of `M` with `m` behind it for each term.
    pub(super) all_free: Vec<Vec<f32>>,
    references: usize,
    non_negative: bool,
}

/// One pixel's coefficients.
pub(super) type Coefficients = [f64; super::basis::MOST + 2];

impl Solver {
    /// `W A = Q R`, and for every set of references that may be the free ones its solution.
    pub(super) fn new(basis: &Basis, options: &UnmixOptions) -> Self {
        let (non_negative, sum_to_one) = (options.non_negative, options.sum_to_one);
        let p = basis.terms.len();
        let (q, r) = orthogonal((0..p).map(|term| basis.weighted(term)).collect());
        let full = (1_usize << basis.references) - 1;
        let lowest = if non_negative { usize::from(sum_to_one) } else { full };
        let sets = (lowest..=full).rev();
        let sets: Vec<ActiveSet> =
            sets.filter_map(|set| ActiveSet::new(&r, p, basis.references, set, sum_to_one)).collect();
        let narrow = |list: &Vec<f64>| list.iter().map(|&x| x as f32).collect::<Vec<f32>>();
        let projector = |q: &Vec<f64>| q.iter().zip(&basis.weights).map(|(q, w)| (q * w) as f32).collect();
        Self {
            projectors: q.iter().map(projector).collect(),
            terms: basis.terms.iter().map(narrow).collect(),
            weights: narrow(&basis.weights),
            all_free: (0..p).map(|term| sets[0].row(term)).collect(),
            r,
            sets,
            references: basis.references,
            non_negative,
        }
    }

    /// Whether a pixel with these coefficients of all terms is solved.
    pub(super) fn allows(&self, coefficients: &[Vec<f32>], pixel: usize) -> bool {
        !self.non_negative || !coefficients[..self.references].iter().any(|c| c[pixel] < 0.0)
    }

    /// The coefficients for projections `q` with a negative one if all terms are free, and which set they come from.
    ///
    /// Of the sets whose solution has no negative coefficient the one with the smallest residual is the non-negative
    /// solution: it is among them, and each of them is allowed.
    pub(super) fn solve(&self, q: &[f64]) -> (usize, Coefficients) {
        let negative = |c: &Coefficients| c[..self.references].iter().any(|&c| c < 0.0);
        let mut best = (0, Coefficients::default(), f64::INFINITY);
        for (index, set) in self.sets.iter().enumerate() {
            let c = set.coefficients(q);
            if negative(&c) {
                continue;
            }
            let residual = self.residual(q, &c);
            if residual < best.2 {
                best = (index, c, residual);
            }
        }
        (best.0, best.1)
    }

    /// `|q − R c|²`: what the residual has beyond that of all terms free.
    fn residual(&self, q: &[f64], c: &Coefficients) -> f64 {
        let p = q.len();
        let row = |i: usize| q[i] - (i..p).map(|j| self.r[i * p + j] * c[j]).sum::<f64>();
        (0..p).map(|i| row(i).powi(2)).sum()
    }
}

impl ActiveSet {
    /// The set whose free references are the bits of `set`; nothing if they are too parallel.
    fn new(r: &[f64], p: usize, references: usize, set: usize, sum_to_one: bool) -> Option<Self> {
        let free: Vec<usize> = (0..p).filter(|&term| term >= references || set >> term & 1 == 1).collect();
        let n = free.len();
        let column_dot = |a: usize, b: usize| (0..p).map(|i| r[i * p + a] * r[i * p + b]).sum::<f64>();
        let gram: Vec<f64> = (0..n * n).map(|at| column_dot(free[at / n], free[at % n])).collect();
        let l = dense::cholesky(&gram, n)?;
        let inverse = |mut b: Vec<f64>| {
            dense::forward(&l, &mut b);
            dense::backward(&l, &mut b);
            b
        };
        let (mut matrix, mut offset) = (vec![0.0; p * p], vec![0.0; p]);
        // a marks the terms that add up to 1; G⁻¹a and aᵀG⁻¹a.
        let a: Vec<f64> = free.iter().map(|&term| f64::from(u8::from(term < references))).collect();
        let along = inverse(a.clone());
        let length: f64 = a.iter().zip(&along).map(|(a, g)| a * g).sum();
        for i in 0..p {
            // c = G⁻¹Rᵀq
            let mut c = inverse(free.iter().map(|&term| r[i * p + term]).collect());
            if sum_to_one {
                // c ← c − G⁻¹a (aᵀc − 1)/(aᵀG⁻¹a)
                let sum: f64 = a.iter().zip(&c).map(|(a, c)| a * c).sum();
                c.iter_mut().zip(&along).for_each(|(c, g)| *c -= g * sum / length);
            }
            free.iter().zip(&c).for_each(|(&term, &c)| matrix[term * p + i] = c);
        }
        if sum_to_one {
            free.iter().zip(&along).for_each(|(&term, g)| offset[term] = g / length);
        }
        let lone = sum_to_one && set.is_power_of_two();
        let held = |term: usize| term < references && (lone || set >> term & 1 == 0);
        // Noise of variance 1 gives projections of variance 1: var c = diag M Mᵀ.
        let variance = (0..p).map(|term| {
            let row = &matrix[term * p..(term + 1) * p];
            if held(term) { f64::NAN } else { row.iter().map(|m| m * m).sum() }
        });
        let variance = variance.collect();
        Some(Self { matrix, offset, variance, freedom: n - usize::from(sum_to_one) })
    }

    /// A term's row of `M` and its `m`.
    fn row(&self, term: usize) -> Vec<f32> {
        let p = self.offset.len();
        let row = &self.matrix[term * p..(term + 1) * p];
        row.iter().chain([&self.offset[term]]).map(|&m| m as f32).collect()
    }

    fn coefficients(&self, q: &[f64]) -> Coefficients {
        let p = q.len();
        let mut c = Coefficients::default();
        for (c, (row, offset)) in c.iter_mut().zip(self.matrix.chunks_exact(p).zip(&self.offset)) {
            *c = row.iter().zip(q).map(|(m, q)| m * q).sum::<f64>() + offset;
        }
        c
    }
}

/// Orthonormal columns `Q` and `R`, row by row, with `A = Q R`: Gram–Schmidt, done twice (Giraud et al., Numer. Math. 101, 87
/// (2005)).
fn orthogonal(columns: Vec<Vec<f64>>) -> (Vec<Vec<f64>>, Vec<f64>) {
    let p = columns.len();
    let (mut q, mut r): (Vec<Vec<f64>>, _) = (Vec::new(), vec![0.0; p * p]);
    for (j, mut column) in columns.into_iter().enumerate() {
        for _ in 0..2 {
            for (i, unit) in q.iter().enumerate() {
                let dot: f64 = unit.iter().zip(&column).map(|(q, a)| q * a).sum();
                r[i * p + j] += dot;
                column.iter_mut().zip(unit).for_each(|(a, q)| *a -= dot * q);
            }
        }
        let length = column.iter().map(|a| a * a).sum::<f64>().sqrt();
        r[j * p + j] = length;
        q.push(column.iter().map(|a| a / length).collect());
    }
    (q, r)
}
