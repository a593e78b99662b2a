//! A Fourier transform along a row of cells: the transforms of all slices at once, two slices as one complex number.
//!
//! The first half of a cell's vectors holds real, the second half imaginary parts. A filter with a real response acts on
//! both slices at once.

use crate::sheet::{Cell, VECTORS};
use litho_lanes::{Lanes, Split, c32, lanewise};

/// Vectors of complex numbers in a cell.
pub(crate) const COMPLEX: usize = VECTORS / 2;

/// Transform of a power of two of cells (Stockham's, radix 4).
#[derive(Debug, Clone)]
pub(crate) struct Transform {
    /// `exp(−2πi k/n)`.
    twiddles: Vec<c32>,
}

impl Transform {
    /// For rows of `length` cells, a power of two.
    pub(crate) fn new(length: usize) -> Self {
        debug_assert!(length.is_power_of_two(), "{length} is no power of two");
        let turn = -std::f64::consts::TAU / length as f64;
        let twiddle = |k| {
            let (sin, cos) = (turn * k as f64).sin_cos();
            c32::new(cos as f32, sin as f32)
        };
        Self { twiddles: (0..length).map(twiddle).collect() }
    }

    pub(crate) fn length(&self) -> usize {
        self.twiddles.len()
    }

    /// `X_k = Σ_j x_j exp(−2πi jk/n)`; `scratch` is as long as `row`.
    pub(crate) fn forward(&self, row: &mut [Cell], scratch: &mut [Cell]) {
        stages(&self.twiddles, [0, COMPLEX], row, scratch);
    }

    /// `x_j = Σ_k X_k exp(2πi jk/n)`, not divided by n.
    pub(crate) fn inverse(&self, row: &mut [Cell], scratch: &mut [Cell]) {
        // Exchanging real and imaginary parts before and after a transform conjugates it.
        stages(&self.twiddles, [COMPLEX, 0], row, scratch);
    }
}

/// The complex vector `v` of a cell whose real and imaginary parts begin at these vectors.
#[inline(always)]
#[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
pub(crate) fn load<L: Lanes>(cell: &Cell, [re, im]: [usize; 2], v: usize) -> Split<L> {
    Split { re: L::load(&cell.0[re + v]), im: L::load(&cell.0[im + v]) }
}

/// Writes what [`load`] reads.
#[inline(always)]
#[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
pub(crate) fn store<L: Lanes>(value: Split<L>, cell: &mut Cell, [re, im]: [usize; 2], v: usize) {
    value.re.store(&mut cell.0[re + v]);
    value.im.store(&mut cell.0[im + v]);
}

lanewise! {
    fn stages<L>(twiddles: &[c32], parts: [usize; 2], row: &mut [Cell], scratch: &mut [Cell]) {
        let n = twiddles.len();
        let (mut from, mut to) = (&mut *row, &mut *scratch);
        let (mut length, mut stride, mut exchanged) = (n, 1, false);
        while length > 1 {
            if length % 4 == 0 {
                quarters::<L>(twiddles, parts, length, stride, from, to);
                (length, stride) = (length / 4, stride * 4);
            } else {
                halves::<L>(parts, stride, from, to);
                (length, stride) = (length / 2, stride * 2);
            }
            (from, to) = (to, from);
            exchanged = !exchanged;
        }
        if exchanged {
            to.copy_from_slice(from);
        }
    }
}

/// A radix-4 stage: `n/length` interleaved transforms of `length` become four times as many of a quarter.
#[inline(always)]
#[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
fn quarters<L: Lanes>(
    twiddles: &[c32],
    parts: [usize; 2],
    length: usize,
    stride: usize,
    from: &[Cell],
    to: &mut [Cell],
) {
    let quarter = length / 4;
    for (p, out) in to.chunks_exact_mut(4 * stride).enumerate() {
        let [w1, w2, w3] = [1, 2, 3].map(|power| twiddles[power * p * stride]);
        let at = |part: usize| &from[stride * (p + part * quarter)..][..stride];
        let (x0, x1, x2, x3) = (at(0), at(1), at(2), at(3));
        for q in 0..stride {
            for v in 0..COMPLEX {
                let (a, b) = (load::<L>(&x0[q], parts, v), load::<L>(&x1[q], parts, v));
                let (c, d) = (load::<L>(&x2[q], parts, v), load::<L>(&x3[q], parts, v));
                let (even, odd) = (a.add(c), b.add(d));
                let (over, under) = (a.sub(c), b.sub(d));
                store(even.add(odd), &mut out[q], parts, v);
                store(over.sub_i(under).twiddle(w1), &mut out[q + stride], parts, v);
                store(even.sub(odd).twiddle(w2), &mut out[q + 2 * stride], parts, v);
                store(over.add_i(under).twiddle(w3), &mut out[q + 3 * stride], parts, v);
            }
        }
    }
}

/// The last stage of an odd power of two.
#[inline(always)]
#[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
fn halves<L: Lanes>(parts: [usize; 2], stride: usize, from: &[Cell], to: &mut [Cell]) {
    let (x0, x1) = from.split_at(stride);
    let (y0, y1) = to.split_at_mut(stride);
    for q in 0..stride {
        for v in 0..COMPLEX {
            let (a, b) = (load::<L>(&x0[q], parts, v), load::<L>(&x1[q], parts, v));
            store(a.add(b), &mut y0[q], parts, v);
            store(a.sub(b), &mut y1[q], parts, v);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::SLICES;
    use litho_testkit::Lcg;
    use num_complex::Complex;

    /// Ten stages at most, each rounding to half an ulp of numbers that grow with √n.
    const ROUNDING: f64 = 1e-6;

    #[test]
    fn every_slice_pair_is_transformed_as_by_definition() {
        for length in [2_usize, 4, 8, 32, 64] {
            let mut noise = Lcg::new(length as u64);
            let mut row: Vec<Cell> = vec![Cell::ZERO; length];
            for cell in &mut row {
                cell.slices_mut().fill_with(|| noise.normal() as f32);
            }
            let before = row.clone();
            let transform = Transform::new(length);
            let mut scratch = row.clone();
            transform.forward(&mut row, &mut scratch);
            for (k, found) in row.iter().enumerate() {
                for slice in [0, SLICES / 2 - 1] {
                    let wanted: Complex<f64> = before
                        .iter()
                        .enumerate()
                        .map(|(j, cell)| {
                            let value = Complex::new(cell.slices()[slice], cell.slices()[slice + SLICES / 2]);
                            let turn = -std::f64::consts::TAU * (j * k) as f64 / length as f64;
                            Complex::new(f64::from(value.re), f64::from(value.im)) * Complex::cis(turn)
                        })
                        .sum();
                    let found = (found.slices()[slice], found.slices()[slice + SLICES / 2]);
                    let error = (wanted - Complex::new(f64::from(found.0), f64::from(found.1))).norm();
                    assert!(error < ROUNDING * length as f64, "{length} {k} {slice}: {error:e}");
                }
            }
            transform.inverse(&mut row, &mut scratch);
            for (found, wanted) in row.iter().zip(&before) {
                for (found, wanted) in found.slices().iter().zip(wanted.slices()) {
                    assert!((f64::from(found / length as f32 - wanted)).abs() < 4.0 * ROUNDING);
                }
            }
        }
    }
}
