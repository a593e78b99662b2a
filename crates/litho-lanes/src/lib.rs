//! Eight numbers in the eight lanes of a vector: the arithmetic that transforms and kernels are written over.
//!
//! Code generic over [`Lanes`] is compiled for plain Rust and for the vector instructions of the processor. Results of
//! the two may differ in the last bits: where there are fused multiply-adds, they round once. [`lanewise!`] defines such
//! functions and picks at run time.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

mod blocks;
mod lanewise;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use blocks::{Block, Blocks, blocks};
#[cfg(target_arch = "x86_64")]
pub use x86::FmaLanes;

use num_complex::Complex;

/// Single-precision complex number.
#[expect(non_camel_case_types, reason = "a number type, like f32")]
pub type c32 = Complex<f32>;

/// Numbers worked on together: the `f32` lanes of a 256-bit vector.
pub const LANES: usize = 8;

/// Eight `f32` numbers, one per lane.
pub trait Lanes: Copy {
    /// The same number in every lane.
    fn splat(value: f32) -> Self;
    /// Reads the lanes from an array.
    fn load(from: &[f32; LANES]) -> Self;
    /// Writes the lanes to an array.
    fn store(self, to: &mut [f32; LANES]);
    /// `self + other`.
    #[must_use]
    fn add(self, other: Self) -> Self;
    /// `self − other`.
    #[must_use]
    fn sub(self, other: Self) -> Self;
    /// `self · factor`.
    #[must_use]
    fn mul(self, factor: Self) -> Self;
    /// `self · factor + addend`.
    #[must_use]
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    /// `self · factor − subtrahend`.
    #[must_use]
    fn mul_sub(self, factor: Self, subtrahend: Self) -> Self;
    /// `minuend − self · factor`.
    #[must_use]
    fn neg_mul_add(self, factor: Self, minuend: Self) -> Self;
    /// `√self`.
    #[must_use]
    fn sqrt(self) -> Self;
    /// `self / divisor`.
    #[must_use]
    fn div(self, divisor: Self) -> Self;
    /// The larger of the two; `other` if either is NaN.
    #[must_use]
    fn max(self, other: Self) -> Self;
    /// `2^self` of whole numbers from −126 to 127.
    #[must_use]
    fn power_of_two(self) -> Self;
    /// `yes` where the sign of `self` is positive, `no` where it is negative, as that of −0 is.
    #[must_use]
    fn choose(self, yes: Self, no: Self) -> Self;
    /// Splits eight neighbouring complex numbers into real and imaginary lanes.
    fn deinterleave(from: &[c32; LANES]) -> Split<Self>;
    /// As [`deinterleave`](Self::deinterleave), but the numbers may lie in any lanes, always the same: cheaper, and
    /// enough where all operands are read this way and results are written by [`join`](Self::join).
    fn part(from: &[c32; LANES]) -> Split<Self>;
    /// Writes lanes in the order of [`part`](Self::part) as eight neighbouring complex numbers.
    fn join(value: Split<Self>, to: &mut [c32; LANES]);
    /// Writes real and imaginary lanes as eight neighbouring complex numbers.
    fn interleave(value: Split<Self>, to: &mut [c32; LANES]);
}

/// The sum of the lanes, in double precision.
#[inline(always)]
pub fn sum_of<L: Lanes>(lanes: L) -> f64 {
    let mut numbers = [0.0; LANES];
    lanes.store(&mut numbers);
    numbers.iter().map(|&number| f64::from(number)).sum()
}

/// Eight complex numbers as one vector of real and one of imaginary parts.
#[derive(Clone, Copy)]
pub struct Split<L> {
    /// Real parts.
    pub re: L,
    /// Imaginary parts.
    pub im: L,
}

#[expect(clippy::should_implement_trait, reason = "calls among those of Lanes, in one style")]
impl<L: Lanes> Split<L> {
    /// Zero in every lane.
    #[inline(always)]
    #[must_use]
    pub fn zero() -> Self {
        Self { re: L::splat(0.0), im: L::splat(0.0) }
    }

    /// `self + other`.
    #[inline(always)]
    #[must_use]
    pub fn add(self, other: Self) -> Self {
        Self { re: self.re.add(other.re), im: self.im.add(other.im) }
    }

    /// `self − other`.
    #[inline(always)]
    #[must_use]
    pub fn sub(self, other: Self) -> Self {
        Self { re: self.re.sub(other.re), im: self.im.sub(other.im) }
    }

    /// `self − i · other`.
    #[inline(always)]
    #[must_use]
    pub fn sub_i(self, other: Self) -> Self {
        Self { re: self.re.add(other.im), im: self.im.sub(other.re) }
    }

    /// `self + i · other`.
    #[inline(always)]
    #[must_use]
    pub fn add_i(self, other: Self) -> Self {
        Self { re: self.re.sub(other.im), im: self.im.add(other.re) }
    }

    /// `self · factor` with a real factor.
    #[inline(always)]
    #[must_use]
    pub fn scale(self, factor: L) -> Self {
        Self { re: self.re.mul(factor), im: self.im.mul(factor) }
    }

    /// `self · factor + addend` with a real factor.
    #[inline(always)]
    #[must_use]
    pub fn scale_add(self, factor: L, addend: Self) -> Self {
        Self { re: self.re.mul_add(factor, addend.re), im: self.im.mul_add(factor, addend.im) }
    }

    /// `self · other`.
    #[inline(always)]
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self {
            re: self.re.mul_sub(other.re, self.im.mul(other.im)),
            im: self.re.mul_add(other.im, self.im.mul(other.re)),
        }
    }

    /// `self* · other`.
    #[inline(always)]
    #[must_use]
    pub fn conj_times(self, other: Self) -> Self {
        Self {
            re: self.re.mul_add(other.re, self.im.mul(other.im)),
            im: self.re.mul_sub(other.im, self.im.mul(other.re)),
        }
    }

    /// `minuend − self · other`.
    #[inline(always)]
    #[must_use]
    pub fn times_from(self, other: Self, minuend: Self) -> Self {
        Self {
            re: self.im.mul_add(other.im, self.re.neg_mul_add(other.re, minuend.re)),
            im: self.im.neg_mul_add(other.re, self.re.neg_mul_add(other.im, minuend.im)),
        }
    }

    /// `addend + self* · other`.
    #[inline(always)]
    #[must_use]
    pub fn conj_times_add(self, other: Self, addend: Self) -> Self {
        Self {
            re: self.im.mul_add(other.im, self.re.mul_add(other.re, addend.re)),
            im: self.im.neg_mul_add(other.re, self.re.mul_add(other.im, addend.im)),
        }
    }

    /// `addend + self · other`.
    #[inline(always)]
    #[must_use]
    pub fn times_add(self, other: Self, addend: Self) -> Self {
        Self {
            re: self.im.neg_mul_add(other.im, self.re.mul_add(other.re, addend.re)),
            im: self.im.mul_add(other.re, self.re.mul_add(other.im, addend.im)),
        }
    }

    /// `|self|²`.
    #[inline(always)]
    pub fn norm_sqr(self) -> L {
        self.re.mul_add(self.re, self.im.mul(self.im))
    }

    /// `sum + |self|²`.
    #[inline(always)]
    pub fn norm_sqr_add(self, sum: L) -> L {
        self.im.mul_add(self.im, self.re.mul_add(self.re, sum))
    }

    /// `self · factor` with one complex factor for all lanes.
    #[inline(always)]
    #[must_use]
    pub fn twiddle(self, factor: c32) -> Self {
        let (wr, wi) = (L::splat(factor.re), L::splat(factor.im));
        Self { re: self.re.mul_sub(wr, self.im.mul(wi)), im: self.re.mul_add(wi, self.im.mul(wr)) }
    }
}

/// The portable lanes: plain arithmetic on arrays, products and sums rounded separately.
#[derive(Clone, Copy)]
pub struct PortableLanes([f32; LANES]);

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
    fn sqrt(self) -> Self {
        Self(self.0.map(f32::sqrt))
    }
    #[inline(always)]
    fn div(self, divisor: Self) -> Self {
        self.zip(divisor, |a, b| a / b)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        // The exponent's bits of an f32, biased by 127, begin at bit 23.
        Self(self.0.map(|whole| f32::from_bits(((whole as i32 + 127) as u32) << 23)))
    }
    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        let mut out = no.0;
        for ((out, yes), test) in out.iter_mut().zip(yes.0).zip(self.0) {
            *out = if test.is_sign_negative() { *out } else { yes };
        }
        Self(out)
    }
    #[inline(always)]
    fn deinterleave(from: &[c32; LANES]) -> Split<Self> {
        Split { re: Self(from.map(|z| z.re)), im: Self(from.map(|z| z.im)) }
    }
    #[inline(always)]
    fn part(from: &[c32; LANES]) -> Split<Self> {
        Self::deinterleave(from)
    }
    #[inline(always)]
    fn join(value: Split<Self>, to: &mut [c32; LANES]) {
        Self::interleave(value, to);
    }
    #[inline(always)]
    fn interleave(value: Split<Self>, to: &mut [c32; LANES]) {
        for (z, (re, im)) in to.iter_mut().zip(value.re.0.into_iter().zip(value.im.0)) {
            *z = Complex::new(re, im);
        }
    }
}
