//! How fast this processor multiplies and adds.

use litho_lanes::{lanewise, sum_of};
use std::hint::black_box;
use std::time::Instant;

/// What a loop of nothing but multiply-adds in registers reaches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) gigaflops: f64,
}

/// Sums that do not wait for each other.
const SUMS: usize = 10;

/// The best of some tries, on one core.
pub(super) fn measure() -> Limit {
    const TURNS: usize = 20_000_000;
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        black_box(multiply_add(black_box(0.999), black_box(0.001), TURNS));
        best = best.min(start.elapsed().as_secs_f64());
    }
    Limit { gigaflops: (2 * 8 * SUMS * TURNS) as f64 / best / 1e9 }
}

lanewise! {
    fn multiply_add<L>(factor: f32, addend: f32, turns: usize) -> f64 {
        let (factor, addend) = (L::splat(factor), L::splat(addend));
        let mut sums = [L::splat(1.0); SUMS];
        for _ in 0..turns {
            for sum in &mut sums {
                *sum = sum.mul_add(factor, addend);
            }
        }
        sums.into_iter().map(sum_of).sum()
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "One core multiplies and adds {:.0} Gflop/s, measured in registers. An operation, A or Aᵀ, is counted as 4 M N² flop per \
             slice; ART as two.",
            self.gigaflops
        )
    }
}
