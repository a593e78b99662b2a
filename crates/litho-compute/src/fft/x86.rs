//! The passes and operations compiled for x86-64 vectors.
//!
//! The functions here are reached only through a [`Kernel`](super::kernel::Kernel), which exists only for an
//! instruction set that the processor was found to have; [`FmaLanes`] rests on that.

use super::butterflies::{Butterfly, Dft};
use super::rows::{Sink, Source};
use super::stockham::Pass;
use super::tile::{ColumnOp, ColumnTile};
use litho_lanes::FmaLanes;

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
                op.apply::<FmaLanes>(tile);
            }
        }
    };
}

kernels!(avx2_fma, "avx2,fma");
kernels!(avx512_vl, "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma");
