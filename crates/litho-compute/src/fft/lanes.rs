//! Eight neighbouring columns in the eight lanes of a vector: the arithmetic that the butterflies are written over.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use num_complex::Complex;

use super::c32;

/// Columns transformed together: the `f32` lanes of a 256-bit vector.
pub const LANES: usize = 8;

/// Eight `f32` numbers, one per column.
pub(super) trait Lanes: Copy {
    /// The same number in every lane.
    fn splat(value: f32) -> Self;
    /// Reads the lanes from an array.
    fn load(from: &[f32; LANES]) -> Self;
    /// Writes the lanes to an array.
    fn store(self, to: &mut [f32; LANES]);
    /// `self + other`.
    fn add(self, other: Self) -> Self;
    /// `self − other`.
    fn sub(self, other: Self) -> Self;
    /// `self · factor`.
    fn mul(self, factor: Self) -> Self;
    /// `self · factor + addend`.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    /// `self · factor − subtrahend`.
    fn mul_sub(self, factor: Self, subtrahend: Self) -> Self;
    /// `minuend − self · factor`.
    fn neg_mul_add(self, factor: Self, minuend: Self) -> Self;
    /// Splits eight neighbouring complex numbers into real and imaginary lanes.
    fn deinterleave(from: &[c32; LANES]) -> Split<Self>;
    /// Writes real and imaginary lanes as eight neighbouring complex numbers.
    fn interleave(value: Split<Self>, to: &mut [c32; LANES]);
}

/// Eight complex numbers as one vector of real and one of imaginary parts.
#[derive(Clone, Copy)]
pub(super) struct Split<L> {
    pub(super) re: L,
    pub(super) im: L,
}

impl<L: Lanes> Split<L> {
    #[inline(always)]
    pub(super) fn zero() -> Self {
        Self { re: L::splat(0.0), im: L::splat(0.0) }
    }

    #[inline(always)]
    pub(super) fn add(self, other: Self) -> Self {
        Self { re: self.re.add(other.re), im: self.im.add(other.im) }
    }

    #[inline(always)]
    pub(super) fn sub(self, other: Self) -> Self {
        Self { re: self.re.sub(other.re), im: self.im.sub(other.im) }
    }

    /// `self − i · other`.
    #[inline(always)]
    pub(super) fn sub_i(self, other: Self) -> Self {
        Self { re: self.re.add(other.im), im: self.im.sub(other.re) }
    }

    /// `self + i · other`.
    #[inline(always)]
    pub(super) fn add_i(self, other: Self) -> Self {
        Self { re: self.re.sub(other.im), im: self.im.add(other.re) }
    }

    /// `self · factor` with a real factor.
    #[inline(always)]
    pub(super) fn scale(self, factor: L) -> Self {
        Self { re: self.re.mul(factor), im: self.im.mul(factor) }
    }

    /// `self · factor + addend` with a real factor.
    #[inline(always)]
    pub(super) fn scale_add(self, factor: L, addend: Self) -> Self {
        Self { re: self.re.mul_add(factor, addend.re), im: self.im.mul_add(factor, addend.im) }
    }

    /// `self · factor` with one complex factor for all lanes.
    #[inline(always)]
    pub(super) fn twiddle(self, factor: c32) -> Self {
        let (wr, wi) = (L::splat(factor.re), L::splat(factor.im));
        Self { re: self.re.mul_sub(wr, self.im.mul(wi)), im: self.re.mul_add(wi, self.im.mul(wr)) }
    }
}

/// The portable lanes: plain arithmetic on arrays, products and sums rounded separately.
#[derive(Clone, Copy)]
pub(super) struct PortableLanes([f32; LANES]);

impl PortableLanes {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        let mut out = self.0;
        for (a, b) in out.iter_mut().zip(other.0) {
            *a = f(*a, b);
        }
        Self(out)
    }
}

impl Lanes for PortableLanes {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; LANES])
    }
    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        Self(*from)
    }
    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        *to = self.0;
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, factor: Self) -> Self {
        self.zip(factor, |a, b| a * b)
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self.mul(factor).add(addend)
    }
    #[inline(always)]
    fn mul_sub(self, factor: Self, subtrahend: Self) -> Self {
        self.mul(factor).sub(subtrahend)
    }
    #[inline(always)]
    fn neg_mul_add(self, factor: Self, minuend: Self) -> Self {
        minuend.sub(self.mul(factor))
    }
    #[inline(always)]
    fn deinterleave(from: &[c32; LANES]) -> Split<Self> {
        Split { re: Self(from.map(|z| z.re)), im: Self(from.map(|z| z.im)) }
    }
    #[inline(always)]
    fn interleave(value: Split<Self>, to: &mut [c32; LANES]) {
        for (z, (re, im)) in to.iter_mut().zip(value.re.0.into_iter().zip(value.im.0)) {
            *z = Complex::new(re, im);
        }
    }
}
