//! The lanes as 256-bit x86-64 vectors, and the kernels compiled for them.
//!
//! Invariant that every block below rests on: [`FmaLanes`] is used only inside the `#[target_feature]` functions
//! of this module, and those are reached only through a [`Kernel`](super::kernel::Kernel), which exists only
//! for an instruction set that the processor was found to have.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
#![expect(unsafe_code, reason = "vector instructions beyond the baseline of the target")]

use std::arch::x86_64::{
    __m256, _mm256_add_ps, _mm256_fmadd_ps, _mm256_fmsub_ps, _mm256_fnmadd_ps, _mm256_loadu_ps,
    _mm256_mul_ps, _mm256_permute2f128_ps, _mm256_set1_ps, _mm256_shuffle_ps, _mm256_storeu_ps,
    _mm256_sub_ps, _mm256_unpackhi_ps, _mm256_unpacklo_ps,
};

use super::butterflies::{Butterfly, Dft};
use super::c32;
use super::lanes::{LANES, Lanes, Split};
use super::rows::{Sink, Source};
use super::stockham::Pass;
use super::tile::{ColumnOp, ColumnTile};

/// Eight `f32` in one 256-bit register, with fused multiply-adds.
#[derive(Clone, Copy)]
pub(super) struct FmaLanes(__m256);

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

/// The same pass for two register files: LLVM allocates 16 or 32 vector registers.
macro_rules! kernels {
    ($name:ident, $features:literal) => {
        /// Kernels compiled for the features of [`InstructionSet`](super::InstructionSet) of the same name.
        pub(super) mod $name {
            use super::{Butterfly, ColumnOp, ColumnTile, Dft, FmaLanes, Pass, Sink, Source};

            #[target_feature(enable = $features)]
            pub(in super::super) fn run<const R: usize>(pass: &Pass, from: &impl Source, to: &mut impl Sink)
            where
                Dft: Butterfly<R>,
            {
                pass.run::<FmaLanes, R>(from, to);
            }

            #[target_feature(enable = $features)]
            pub(in super::super) fn apply<O: ColumnOp>(op: &mut O, tile: ColumnTile<'_>) {
                op.apply(tile);
            }
        }
    };
}

kernels!(avx2_fma, "avx2,fma");
kernels!(avx512_vl, "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma");
