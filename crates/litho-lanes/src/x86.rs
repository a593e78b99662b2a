//! The lanes as 256-bit x86-64 vectors.
//!
//! Invariant that every block below rests on: [`FmaLanes`] is used only inside functions compiled with AVX2 and FMA,
//! and those are called only where the processor was found to have both (the Fourier transform's kernels, `lanewise!`).
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
#![expect(unsafe_code, reason = "vector instructions beyond the baseline of the target")]

use std::arch::x86_64::{
    __m256, _mm256_add_epi32, _mm256_add_ps, _mm256_blendv_ps, _mm256_castsi256_ps, _mm256_cvtps_epi32,
    _mm256_div_ps, _mm256_fmadd_ps, _mm256_fmsub_ps, _mm256_fnmadd_ps, _mm256_loadu_ps, _mm256_max_ps,
    _mm256_mul_ps, _mm256_permute2f128_ps, _mm256_set1_epi32, _mm256_set1_ps, _mm256_shuffle_ps,
    _mm256_slli_epi32, _mm256_sqrt_ps, _mm256_storeu_ps, _mm256_sub_ps, _mm256_unpackhi_ps,
    _mm256_unpacklo_ps,
};

use super::{LANES, Lanes, Split};
use crate::c32;

/// Eight `f32` in one 256-bit register, with fused multiply-adds.
#[derive(Clone, Copy)]
pub struct FmaLanes(__m256);

impl Lanes for FmaLanes {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: AVX is present (module invariant).
        Self(unsafe { _mm256_set1_ps(value) })
    }
    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        // SAFETY: AVX is present (module invariant); the reference covers the 32 bytes read.
        Self(unsafe { _mm256_loadu_ps(from.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        // SAFETY: AVX is present (module invariant); the reference covers the 32 bytes written.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: AVX is present (module invariant).
        Self(unsafe { _mm256_add_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: AVX is present (module invariant).
        Self(unsafe { _mm256_sub_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn mul(self, factor: Self) -> Self {
        // SAFETY: AVX is present (module invariant).
        Self(unsafe { _mm256_mul_ps(self.0, factor.0) })
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: FMA is present (module invariant).
        Self(unsafe { _mm256_fmadd_ps(self.0, factor.0, addend.0) })
    }
    #[inline(always)]
    fn mul_sub(self, factor: Self, subtrahend: Self) -> Self {
        // SAFETY: FMA is present (module invariant).
        Self(unsafe { _mm256_fmsub_ps(self.0, factor.0, subtrahend.0) })
    }
    #[inline(always)]
    fn neg_mul_add(self, factor: Self, minuend: Self) -> Self {
        // SAFETY: FMA is present (module invariant).
        Self(unsafe { _mm256_fnmadd_ps(self.0, factor.0, minuend.0) })
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: AVX is present (module invariant).
        Self(unsafe { _mm256_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn div(self, divisor: Self) -> Self {
        // SAFETY: AVX is present (module invariant).
        Self(unsafe { _mm256_div_ps(self.0, divisor.0) })
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: AVX is present (module invariant).
        Self(unsafe { _mm256_max_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        // SAFETY: AVX2 is present (module invariant).
        Self(unsafe {
            let biased = _mm256_add_epi32(_mm256_cvtps_epi32(self.0), _mm256_set1_epi32(127));
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
        })
    }
    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        // SAFETY: AVX is present (module invariant).
        Self(unsafe { _mm256_blendv_ps(yes.0, no.0, self.0) })
    }
    #[inline(always)]
    fn deinterleave(from: &[c32; LANES]) -> Split<Self> {
        let numbers = from.as_ptr().cast::<f32>();
        // SAFETY: AVX is present (module invariant); `Complex<f32>` is `repr(C)` of two `f32`, so the reference
        // covers 16 of them.
        unsafe {
            let (a, b) = (_mm256_loadu_ps(numbers), _mm256_loadu_ps(numbers.add(LANES)));
            let low = _mm256_permute2f128_ps::<0x20>(a, b); // columns 0 1 | 4 5
            let high = _mm256_permute2f128_ps::<0x31>(a, b); // columns 2 3 | 6 7
            Split {
                re: Self(_mm256_shuffle_ps::<0x88>(low, high)),
                im: Self(_mm256_shuffle_ps::<0xdd>(low, high)),
            }
        }
    }
    #[inline(always)]
    fn part(from: &[c32; LANES]) -> Split<Self> {
        let numbers = from.as_ptr().cast::<f32>();
        // SAFETY: as in `deinterleave`. The lanes hold the numbers 0 1 4 5 2 3 6 7.
        unsafe {
            let (a, b) = (_mm256_loadu_ps(numbers), _mm256_loadu_ps(numbers.add(LANES)));
            Split { re: Self(_mm256_shuffle_ps::<0x88>(a, b)), im: Self(_mm256_shuffle_ps::<0xdd>(a, b)) }
        }
    }
    #[inline(always)]
    fn join(value: Split<Self>, to: &mut [c32; LANES]) {
        let numbers = to.as_mut_ptr().cast::<f32>();
        // SAFETY: as in `deinterleave`, for writing.
        unsafe {
            _mm256_storeu_ps(numbers, _mm256_unpacklo_ps(value.re.0, value.im.0));
            _mm256_storeu_ps(numbers.add(LANES), _mm256_unpackhi_ps(value.re.0, value.im.0));
        }
    }
    #[inline(always)]
    fn interleave(value: Split<Self>, to: &mut [c32; LANES]) {
        let numbers = to.as_mut_ptr().cast::<f32>();
        // SAFETY: as in `deinterleave`, for writing.
        unsafe {
            let low = _mm256_unpacklo_ps(value.re.0, value.im.0); // columns 0 1 | 4 5
            let high = _mm256_unpackhi_ps(value.re.0, value.im.0); // columns 2 3 | 6 7
            _mm256_storeu_ps(numbers, _mm256_permute2f128_ps::<0x20>(low, high));
            _mm256_storeu_ps(numbers.add(LANES), _mm256_permute2f128_ps::<0x31>(low, high));
        }
    }
}
