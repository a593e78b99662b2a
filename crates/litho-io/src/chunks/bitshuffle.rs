//! Inverse of the bitshuffle transform for one block: from bit planes back to elements.
//!
//! Bitshuffle (Masui et al., *Astronomy and Computing* 12, 181 (2015)) stores `n` elements of `E` bytes,
//! `n` a multiple of 8, as `8·E` bit rows of `n/8` bytes. Bit `m` of byte `k` of row `8·j + b` is bit `b`
//! of byte `j` of element `8·k + m`. Undoing it is a bit transpose followed by a byte transpose, both done
//! here on whole machine words: first the 8 rows of each `j` are transposed bitwise *across* words, which
//! leaves the word `R[m·E + j]` holding byte `j` of elements `8·k + m` for consecutive `k`; then groups of
//! 8 such words are transposed bytewise, which gives 8 consecutive output bytes per `k`.

#[cfg(target_arch = "x86_64")]
use super::bitshuffle_avx2;

/// Size of one element in bytes: the sizes that frame data come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// 8-bit elements.
    One,
    /// 16-bit elements.
    Two,
    /// 32-bit elements.
    Four,
    /// 64-bit elements.
    Eight,
}

impl Width {
    /// The width for elements of `bytes` bytes, if it is one of 1, 2, 4, 8.
    pub(crate) fn new(bytes: usize) -> Option<Self> {
        match bytes {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    /// Bytes per element.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }
}

/// Instruction set of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Isa {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// A proof that this CPU can run a kernel; only [`Kernel::available`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kernel(Isa);

impl Kernel {
    /// The kernels this CPU can run, slowest first; never empty.
    pub(crate) fn available() -> Vec<Self> {
        let mut kernels = vec![Self(Isa::Portable)];
        #[cfg(target_arch = "x86_64")]
        if bitshuffle_avx2::detected() {
            kernels.push(Self(Isa::Avx2));
        }
        kernels
    }

    /// The fastest kernel this CPU can run.
    pub(crate) fn best() -> Self {
        Self::available().last().copied().unwrap_or(Self(Isa::Portable))
    }

    /// Undoes bitshuffle on one block of whole groups of 8 elements.
    ///
    /// # Panics
    /// If `planes` and `out` differ in length or do not hold a multiple of 8 elements: the codec cuts blocks so.
    pub(crate) fn unshuffle(self, width: Width, planes: &[u8], out: &mut [u8]) {
        assert_eq!(planes.len(), out.len(), "bitshuffle block lengths");
        assert_eq!(
            planes.len() % (8 * width.bytes()),
            0,
            "bitshuffle block is not whole groups of 8 elements"
        );
        match width {
            Width::One => self.run::<1>(planes, out),
            Width::Two => self.run::<2>(planes, out),
            Width::Four => self.run::<4>(planes, out),
            Width::Eight => self.run::<8>(planes, out),
        }
    }

    fn run<const E: usize>(self, planes: &[u8], out: &mut [u8]) {
        let done = match self.0 {
            Isa::Portable => 0,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => bitshuffle_avx2::unshuffle::<E>(planes, out),
        };
        let done = unshuffle_words::<E>(planes, out, done);
        unshuffle_columns::<E>(planes, out, done);
    }
}

/// Transposes the 8×8 bit matrices (row, bit) that the eight words hold side by side, one per byte.
///
/// Bit `b` of byte `k` of result `m` is bit `m` of byte `k` of `rows[b]`. Three rounds of block swaps
/// (Hacker's Delight, section 7-3) with the matrix rows in separate words, so that no bits cross bytes.
fn transpose_bits(rows: &mut [u64; 8]) {
    const HALF: [(usize, u64); 3] =
        [(4, 0x0f0f_0f0f_0f0f_0f0f), (2, 0x3333_3333_3333_3333), (1, 0x5555_5555_5555_5555)];
    for (step, mask) in HALF {
        swap_blocks(rows, step, step, mask);
    }
}

/// Transposes the 8×8 byte matrix (word, byte): byte `q` of result `k` is byte `k` of `words[q]`.
fn transpose_bytes(words: &mut [u64; 8]) {
    const HALF: [(usize, u64); 3] =
        [(4, 0x0000_0000_ffff_ffff), (2, 0x0000_ffff_0000_ffff), (1, 0x00ff_00ff_00ff_00ff)];
    for (step, mask) in HALF {
        swap_blocks(words, step, 8 * step, mask);
    }
}

/// Swaps the upper off-diagonal blocks of size `step` with the lower ones; a block is `shift` bits wide.
#[inline]
fn swap_blocks(words: &mut [u64; 8], step: usize, shift: usize, mask: u64) {
    for low in (0..8).filter(|i| i & step == 0) {
        let high = low + step;
        let swap = ((words[low] >> shift) ^ words[high]) & mask;
        words[high] ^= swap;
        words[low] ^= swap << shift;
    }
}

/// Eight byte columns (64 elements) at a time from column `start`; returns the first column left undone.
fn unshuffle_words<const E: usize>(planes: &[u8], out: &mut [u8], start: usize) -> usize {
    let columns = planes.len() / (8 * E);
    let end = start + (columns - start) / 8 * 8;
    for k in (start..end).step_by(8) {
        let mut words = [[0u64; 8]; E];
        for j in 0..E {
            let mut rows = [0u64; 8];
            for (b, row) in rows.iter_mut().enumerate() {
                let at = (8 * j + b) * columns + k;
                if let Some(bytes) = planes[at..].first_chunk() {
                    *row = u64::from_le_bytes(*bytes);
                }
            }
            transpose_bits(&mut rows);
            for (m, row) in rows.into_iter().enumerate() {
                let q = m * E + j;
                words[q / 8][q % 8] = row;
            }
        }
        for group in &mut words {
            transpose_bytes(group);
        }
        for (column, target) in out[k * 8 * E..(k + 8) * 8 * E].chunks_exact_mut(8 * E).enumerate() {
            for (group, bytes) in words.iter().zip(target.chunks_exact_mut(8)) {
                bytes.copy_from_slice(&group[column].to_le_bytes());
            }
        }
    }
    end
}

/// The last `columns % 8` columns, one (8 elements) at a time.
fn unshuffle_columns<const E: usize>(planes: &[u8], out: &mut [u8], start: usize) {
    let columns = planes.len() / (8 * E);
    for k in start..columns {
        for j in 0..E {
            let mut rows = [0u64; 8];
            for (b, row) in rows.iter_mut().enumerate() {
                *row = u64::from(planes[(8 * j + b) * columns + k]);
            }
            transpose_bits(&mut rows);
            for (m, row) in rows.into_iter().enumerate() {
                out[(8 * k + m) * E + j] = (row & 0xff) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bit by bit from the definition: bit `m` of byte `k` of row `8j + b` ↔ bit `b` of byte `j` of element `8k + m`.
    fn by_definition(width: usize, planes: &[u8]) -> Vec<u8> {
        let columns = planes.len() / (8 * width);
        let mut out = vec![0; planes.len()];
        for element in 0..8 * columns {
            let (k, m) = (element / 8, element % 8);
            for bit in 0..8 * width {
                let value = planes[bit * columns + k] >> m & 1;
                out[element * width + bit / 8] |= value << (bit % 8);
            }
        }
        out
    }

    #[test]
    fn one_set_bit_lands_where_the_format_says() {
        // Row 8·1 + 3 = bit 3 of byte 1; byte 2, bit 5 of that row = element 8·2 + 5 = 21. 24 elements of u16.
        let mut planes = vec![0u8; 48];
        planes[(8 + 3) * 3 + 2] = 1 << 5;
        let mut expected = vec![0u8; 48];
        expected[21 * 2 + 1] = 1 << 3;
        for kernel in Kernel::available() {
            let mut out = vec![0xaa; 48];
            kernel.unshuffle(Width::Two, &planes, &mut out);
            assert_eq!(out, expected, "{kernel:?}");
        }
    }

    #[test]
    fn an_empty_block_is_left_empty() {
        for kernel in Kernel::available() {
            kernel.unshuffle(Width::Four, &[], &mut []);
        }
    }

    proptest! {
        /// Column counts around every kernel's step (8 and 32 columns) with remainders of each kind.
        #[test]
        fn every_kernel_equals_the_definition(
            width in prop::sample::select(vec![Width::One, Width::Two, Width::Four, Width::Eight]),
            columns in 0usize..140,
            seed in any::<u64>(),
        ) {
            let mut state = seed | 1;
            let planes: Vec<u8> = (0..columns * 8 * width.bytes())
                .map(|_| {
                    // xorshift64 (Marsaglia 2003): arbitrary bytes, cheaper than a proptest vector.
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    state.to_le_bytes()[3]
                })
                .collect();
            let expected = by_definition(width.bytes(), &planes);
            for kernel in Kernel::available() {
                let mut out = vec![0x55; planes.len()];
                kernel.unshuffle(width, &planes, &mut out);
                prop_assert_eq!(&out, &expected, "{:?}", kernel);
            }
        }
    }
}
