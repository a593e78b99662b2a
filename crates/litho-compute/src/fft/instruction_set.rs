//! The instruction sets for which the column kernels are compiled.

/// Instructions that the column transforms run on; the row transforms are left to `rustfft`'s own choice.
///
/// [`Avx2Fma`](Self::Avx2Fma) and [`Avx512Vl`](Self::Avx512Vl) contract the same products into fused
/// multiply-adds and give bit-identical results. [`Portable`](Self::Portable) rounds products and sums
/// separately and may differ from them in the last bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstructionSet {
    /// Plain Rust on arrays of eight numbers; runs everywhere.
    Portable,
    /// x86-64 with 256-bit vectors in 16 registers.
    Avx2Fma,
    /// x86-64 with 256-bit vectors in 32 registers, which hold a radix-8 butterfly without spills.
    Avx512Vl,
}

impl InstructionSet {
    /// All sets, slowest first.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2Fma, Self::Avx512Vl];

    /// The fastest set that this processor has.
    pub fn best() -> Self {
        Self::ALL.into_iter().rev().find(|set| set.is_supported()).unwrap_or(Self::Portable)
    }

    /// Whether this processor, and its operating system, run the set.
    #[cfg(target_arch = "x86_64")]
    pub fn is_supported(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Avx2Fma => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            Self::Avx512Vl => {
                Self::Avx2Fma.is_supported()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
            }
        }
    }

    /// Whether this processor, and its operating system, run the set.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn is_supported(self) -> bool {
        self == Self::Portable
    }
}
