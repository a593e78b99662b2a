//! Stockham's self-sorting transform down eight columns at once.
//!
//! The recipe's radices `R` take the length `n` apart one after the other. With `s` transforms already apart,
//! `m = n/R`, `0 ≤ p < m` and `0 ≤ q < s`, one pass is
//!
//! `y[q + s(Rp + k)] = exp(−2πi pk/n) Σ_j x[q + s(p + mj)] exp(−2πi jk/R)`,
//!
//! after which `s` becomes `sR` and `n` becomes `m`. Source: P. N. Swarztrauber, Parallel Computing 1, 45 (1984).
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
#![expect(unsafe_code, reason = "row access without a bounds check for each row")]

use std::f64::consts::TAU;

use super::butterflies::{Butterfly, Dft};
use super::kernel::Kernel;
use super::recipe::Radix;
use super::rows::{FrameSink, FrameSource, Sink, Source};
use super::tile::SplitRow;
use super::{Direction, c32};
use litho_lanes::{Lanes, Split};

/// The passes of one transform length.
#[derive(Debug, Clone)]
pub(super) struct StockhamPlan {
    rows: usize,
    /// Reads the frame or the tile.
    first: Pass,
    /// From tile to tile.
    middle: Vec<Pass>,
    /// Writes the frame or the tile; a plain copy where the recipe has fewer than two radices.
    last: Pass,
}

/// One pass over all rows.
#[derive(Debug, Clone)]
pub(super) struct Pass {
    pub(super) radix: Radix,
    /// `m` of the module's equation.
    blocks: usize,
    /// `s` of the module's equation.
    stride: usize,
    /// `exp(−2πi pk/n)` for `p` in `1..m`, within each `k` in `1..R`.
    twiddles: Vec<c32>,
}

impl StockhamPlan {
    /// The passes for the product of the radices.
    pub(super) fn new(radices: &[Radix]) -> Self {
        let rows = radices.iter().map(|radix| radix.points()).product();
        let (mut n, mut stride) = (rows, 1);
        let mut pass = |radix: Radix| {
            let pass = Pass::new(radix, n, stride);
            n = pass.blocks;
            stride *= radix.points();
            pass
        };
        let (first, middle, last) = match radices {
            [] => (Radix::One, &[][..], Radix::One),
            [only] => (*only, &[][..], Radix::One),
            [first, middle @ .., last] => (*first, middle, *last),
        };
        Self {
            rows,
            first: pass(first),
            middle: middle.iter().copied().map(&mut pass).collect(),
            last: pass(last),
        }
    }

    /// Transforms the eight columns that start at `frame[0]`, rows `pitch` apart, in place. `tiles` are working
    /// memory, one row per row of the frame.
    pub(super) fn transform(
        &self,
        kernel: Kernel,
        direction: Direction,
        frame: &mut [c32],
        pitch: usize,
        [mut from, mut to]: [&mut [SplitRow]; 2],
    ) {
        kernel.run(&self.first, &FrameSource { data: frame, pitch }, &mut from);
        for pass in &self.middle {
            kernel.run(pass, &&*from, &mut to);
            std::mem::swap(&mut from, &mut to);
        }
        self.last_into_frame(kernel, direction, from, frame, pitch);
    }

    /// Forward transform of the eight columns that start at `frame[0]` into `tile`; `work` is scratch of its size.
    pub(super) fn frame_to_tile(
        &self,
        kernel: Kernel,
        frame: &[c32],
        pitch: usize,
        tile: &mut [SplitRow],
        work: &mut [SplitRow],
    ) {
        // `middle` and `last` change buffers each; the last one has to arrive in `tile`.
        let (mut from, mut to) =
            if self.middle.len().is_multiple_of(2) { (work, tile) } else { (tile, work) };
        kernel.run(&self.first, &FrameSource { data: frame, pitch }, &mut from);
        for pass in self.middle.iter().chain([&self.last]) {
            kernel.run(pass, &&*from, &mut to);
            std::mem::swap(&mut from, &mut to);
        }
    }

    /// Inverse transform of `tile`, which is overwritten, into the eight columns that start at `frame[0]`.
    pub(super) fn tile_to_frame(
        &self,
        kernel: Kernel,
        tile: &mut [SplitRow],
        work: &mut [SplitRow],
        frame: &mut [c32],
        pitch: usize,
    ) {
        let (mut from, mut to) = (tile, work);
        for pass in [&self.first].into_iter().chain(&self.middle) {
            kernel.run(pass, &&*from, &mut to);
            std::mem::swap(&mut from, &mut to);
        }
        self.last_into_frame(kernel, Direction::Inverse, from, frame, pitch);
    }

    fn last_into_frame(
        &self,
        kernel: Kernel,
        direction: Direction,
        from: &[SplitRow],
        data: &mut [c32],
        pitch: usize,
    ) {
        let (pass, transform_rows) = (&self.last, self.rows);
        match direction {
            Direction::Forward => {
                kernel.run(pass, &from, &mut FrameSink::<false> { data, pitch, transform_rows });
            }
            Direction::Inverse => {
                kernel.run(pass, &from, &mut FrameSink::<true> { data, pitch, transform_rows });
            }
        }
    }
}

impl Pass {
    /// The pass that takes transforms of `n` points apart, `stride` of which there are.
    fn new(radix: Radix, n: usize, stride: usize) -> Self {
        let blocks = n / radix.points();
        let twiddles =
            (1..blocks).flat_map(|p| (1..radix.points()).map(move |k| unit_root(p * k, n))).collect();
        Self { radix, blocks, stride, twiddles }
    }

    /// The module's equation for every `p` and `q`.
    #[inline(always)]
    pub(super) fn run<L: Lanes, const R: usize>(&self, from: &impl Source, to: &mut impl Sink)
    where
        Dft: Butterfly<R>,
    {
        let (s, m) = (self.stride, self.blocks);
        assert!(
            from.rows() >= s * m * R && to.rows() >= s * m * R,
            "buffers must hold every row of the transform"
        );
        // SAFETY: `p < m` and `q < s`, hence the rows read, `q + s(p + mj)` with `j < R`, and the rows written,
        // `q + s(Rp + k)` with `k < R`, are below `s·m·R`, which both ends were just found to hold.
        unsafe {
            // p = 0: every twiddle factor is one.
            for q in 0..s {
                let y = butterfly::<L, R>(from, q, s * m);
                for (k, value) in y.into_iter().enumerate() {
                    to.store(q + s * k, value);
                }
            }
            for (p, twiddles) in (1..m).zip(self.twiddles.chunks_exact((R - 1).max(1))) {
                for q in 0..s {
                    let y = butterfly::<L, R>(from, q + s * p, s * m);
                    to.store(q + s * R * p, y[0]);
                    for (k, &twiddle) in (1..R).zip(twiddles) {
                        to.store(q + s * (R * p + k), y[k].twiddle(twiddle));
                    }
                }
            }
        }
    }
}

/// The butterfly over the rows `row + j·apart`.
///
/// # Safety
///
/// `row + (R − 1)·apart < from.rows()`.
#[inline(always)]
unsafe fn butterfly<L: Lanes, const R: usize>(from: &impl Source, row: usize, apart: usize) -> [Split<L>; R]
where
    Dft: Butterfly<R>,
{
    let mut x = [Split::zero(); R];
    for (j, value) in x.iter_mut().enumerate() {
        // SAFETY: the caller's promise, as `j < R`.
        *value = unsafe { from.load(row + apart * j) };
    }
    Dft::dft(x)
}

/// `exp(−2πi power/n)`, rounded once.
fn unit_root(power: usize, n: usize) -> c32 {
    let angle = -TAU * power as f64 / n as f64;
    c32::new(angle.cos() as f32, angle.sin() as f32)
}
