//! Runs passes and operations as compiled for the instruction set that was chosen when the plan was made.
#![expect(unsafe_code, reason = "calls of functions compiled for instructions found at run time")]

use super::butterflies::{Butterfly, Dft};
use super::recipe::Radix;
use super::rows::{Sink, Source};
use super::stockham::Pass;
use super::tile::{ColumnOp, ColumnTile};
#[cfg(target_arch = "x86_64")]
use super::x86::{avx2_fma, avx512_vl};
use super::{FftError, InstructionSet};
use litho_lanes::PortableLanes;

/// Proof that the processor has the instruction set: [`Kernel::new`] is the only way to one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel(InstructionSet);

impl Kernel {
    /// # Errors
    ///
    /// [`FftError::UnsupportedInstructionSet`] where the processor lacks the set.
    pub(super) fn new(instruction_set: InstructionSet) -> Result<Self, FftError> {
        if instruction_set.is_supported() {
            Ok(Self(instruction_set))
        } else {
            Err(FftError::UnsupportedInstructionSet { instruction_set })
        }
    }

    pub(super) fn instruction_set(self) -> InstructionSet {
        self.0
    }

    /// One pass over the rows.
    pub(super) fn run(self, pass: &Pass, from: &impl Source, to: &mut impl Sink) {
        match pass.radix {
            Radix::One => self.run_radix::<1>(pass, from, to),
            Radix::Two => self.run_radix::<2>(pass, from, to),
            Radix::Three => self.run_radix::<3>(pass, from, to),
            Radix::Four => self.run_radix::<4>(pass, from, to),
            Radix::Five => self.run_radix::<5>(pass, from, to),
            Radix::Six => self.run_radix::<6>(pass, from, to),
            Radix::Seven => self.run_radix::<7>(pass, from, to),
            Radix::Eight => self.run_radix::<8>(pass, from, to),
        }
    }

    /// Compiled apart for every radix: inlined together they take LLVM minutes.
    #[inline(never)]
    fn run_radix<const R: usize>(self, pass: &Pass, from: &impl Source, to: &mut impl Sink)
    where
        Dft: Butterfly<R>,
    {
        match self.0 {
            // SAFETY: `Kernel::new` found AVX2 and FMA on this processor.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2Fma => unsafe { avx2_fma::run::<R>(pass, from, to) },
            // SAFETY: `Kernel::new` found AVX-512 F, VL, DQ and BW, AVX2 and FMA on this processor.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512Vl => unsafe { avx512_vl::run::<R>(pass, from, to) },
            _ => pass.run::<PortableLanes, R>(from, to),
        }
    }

    /// Applies the operation, compiled for the instruction set where its `apply` is inlined.
    pub(super) fn apply<O: ColumnOp>(self, op: &mut O, tile: ColumnTile<'_>) {
        match self.0 {
            // SAFETY: `Kernel::new` found AVX2 and FMA on this processor.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2Fma => unsafe { avx2_fma::apply(op, tile) },
            // SAFETY: `Kernel::new` found AVX-512 F, VL, DQ and BW, AVX2 and FMA on this processor.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512Vl => unsafe { avx512_vl::apply(op, tile) },
            _ => op.apply::<PortableLanes>(tile),
        }
    }
}
