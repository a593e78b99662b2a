//! What the transforms promise, on every instruction set of the machine that runs the tests.

mod accuracy;
mod filter;
mod recipes;

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use super::{Fft2, InstructionSet, c32};

/// Frame shapes: every radix alone and combined, lengths with larger prime factors, widths that fill no tile,
/// one tile, and whole and partial tiles.
const SHAPES: [(usize, usize); 22] = [
    (1, 1),
    (1, 13),
    (2, 2),
    (3, 3),
    (5, 5),
    (7, 7),
    (8, 1),
    (17, 9),
    (30, 7),
    (64, 64),
    (96, 96),
    (97, 97),
    (98, 8),
    (100, 100),
    (100, 128),
    (104, 104),
    (126, 126),
    (128, 128),
    (192, 40),
    (210, 210),
    (256, 256),
    (512, 24),
];

/// Unit roundoff of `f32`.
const ROUNDOFF: f64 = 1.0 / (1 << 24) as f64;

/// Largest relative rms error of a transform of `pixels` numbers.
///
/// Each of the log₂N levels adds an error of at most (1 + 4√2)·u of the norm (Higham, Accuracy and Stability of
/// Numerical Algorithms, Theorem 24.2), so log₂N·6.7u bounds the worst case. Rounding errors of random data are
/// independent and well below their bounds: they grow as √log₂N with about half a unit per level (Schatzman, SIAM
/// J. Sci. Comput. 17, 1150 (1996)). Three units leave room for the convolutions inside prime lengths.
fn error_bound(pixels: usize) -> f64 {
    3.0 * ROUNDOFF * (pixels as f64).log2().sqrt()
}

/// Numbers uniform in the square |re|, |im| ≤ 1, from a linear congruential generator (Knuth's MMIX constants).
fn noise(len: usize, seed: u64) -> Vec<c32> {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..len).map(|_| c32::new(uniform(), uniform())).collect()
}

/// Plans for the shape on every instruction set that this machine has.
fn plans((ny, nx): (usize, usize)) -> Vec<Fft2> {
    let plans: Vec<_> = InstructionSet::ALL
        .into_iter()
        .filter(|set| set.is_supported())
        .map(|set| {
            Fft2::with_instruction_set(ny, nx, set).expect("the set is supported and the shape not empty")
        })
        .collect();
    assert_eq!(plans[0].instruction_set(), InstructionSet::Portable);
    plans
}

/// `Σ f exp(∓2πi (ky·y/ny + kx·x/nx))` in double precision through `rustfft`, another implementation of the columns.
fn reference(frame: &[c32], (ny, nx): (usize, usize), inverse: bool) -> Vec<Complex<f64>> {
    let mut planner = FftPlanner::new();
    let mut plan = |n| if inverse { planner.plan_fft_inverse(n) } else { planner.plan_fft_forward(n) };
    let mut out: Vec<_> = frame.iter().map(|z| Complex::new(f64::from(z.re), f64::from(z.im))).collect();
    plan(nx).process(&mut out);
    let mut transposed: Vec<_> = (0..ny * nx).map(|i| out[i % ny * nx + i / ny]).collect();
    plan(ny).process(&mut transposed);
    (0..ny * nx).map(|i| transposed[i % nx * ny + i / nx]).collect()
}

/// `√(Σ|a − b|²/Σ|b|²)`.
fn relative_error(a: &[c32], b: &[Complex<f64>]) -> f64 {
    let difference: f64 =
        a.iter().zip(b).map(|(a, b)| (Complex::new(f64::from(a.re), f64::from(a.im)) - b).norm_sqr()).sum();
    (difference / b.iter().map(Complex::norm_sqr).sum::<f64>()).sqrt()
}

/// The numbers in double precision, each times `factor`.
fn widened(frame: &[c32], factor: f64) -> Vec<Complex<f64>> {
    frame.iter().map(|z| Complex::new(f64::from(z.re), f64::from(z.im)) * factor).collect()
}
