//! LZ4 block decompression for short blocks of bit planes.
//!
//! Follows the LZ4 block format description (Collet, "LZ4 Block Format Description", version 1.6.4): sequences of
//! a token (literal length, match length − 4, 4 bits each, 15 continued in further bytes of up to 255), literals,
//! and a little-endian 16-bit offset back into the output; the last sequence has literals only.
//!
//! Planes of sparse frames are mostly short matches that overlap themselves (runs of one byte have offset 1), so
//! those are copied a word at a time from the repeated pattern. Copies round up to whole words where the output
//! has room: the excess is overwritten by the sequences that follow, which must fill the output.

/// Copies reach at most this many bytes beyond their end.
const SLACK: usize = 16;
/// Literal and match length nibbles of this value continue in the next bytes.
const CONTINUED: usize = 15;
/// Length of a match whose nibble is 0.
const MIN_MATCH: usize = 4;

/// Why a block is not valid LZ4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Lz4Error {
    #[error("the block ends inside a sequence")]
    Truncated,
    #[error("{found} bytes or more where at most {room} fit")]
    TooLong { found: usize, room: usize },
    #[error("a match reaches back {offset} bytes at output byte {at}")]
    Offset { offset: usize, at: usize },
}

/// Decompresses `block` into the front of `out`; returns the number of bytes produced.
pub(super) fn decompress(block: &[u8], out: &mut [u8]) -> Result<usize, Lz4Error> {
    let (mut from, mut to) = (0, 0);
    loop {
        let token = usize::from(*block.get(from).ok_or(Lz4Error::Truncated)?);
        from += 1;
        let literals = token >> 4;
        // Short literals: one copy of SLACK ≥ 14 bytes.
        if literals < CONTINUED
            && let Some(source) = block[from..].first_chunk::<SLACK>()
            && let Some(target) = out[to..].first_chunk_mut::<SLACK>()
        {
            *target = *source;
            from += literals;
            to += literals;
        } else {
            let literals = length(literals, block, &mut from)?;
            let source = block[from..].get(..literals).ok_or(Lz4Error::Truncated)?;
            let room = out.len() - to;
            let target = out[to..].get_mut(..literals).ok_or(Lz4Error::TooLong { found: literals, room })?;
            target.copy_from_slice(source);
            from += literals;
            to += literals;
            if from == block.len() {
                return Ok(to);
            }
        }
        let offset =
            usize::from(u16::from_le_bytes(*block[from..].first_chunk().ok_or(Lz4Error::Truncated)?));
        from += 2;
        let found = MIN_MATCH + length(token & CONTINUED, block, &mut from)?;
        let room = out.len() - to;
        if found > room {
            return Err(Lz4Error::TooLong { found, room });
        }
        if offset == 0 || offset > to {
            return Err(Lz4Error::Offset { offset, at: to });
        }
        copy_match(out, to, offset, found);
        to += found;
    }
}

/// A length whose first four bits are `nibble`.
#[inline]
fn length(nibble: usize, block: &[u8], from: &mut usize) -> Result<usize, Lz4Error> {
    let mut length = nibble;
    if nibble == CONTINUED {
        loop {
            let byte = *block.get(*from).ok_or(Lz4Error::Truncated)?;
            *from += 1;
            length += usize::from(byte);
            if byte != u8::MAX {
                break;
            }
        }
    }
    Ok(length)
}

/// Appends `length` bytes at `to`, repeating what lies `offset` back. `1 ≤ offset ≤ to`, `to + length ≤ out.len()`.
#[inline]
fn copy_match(out: &mut [u8], to: usize, offset: usize, length: usize) {
    let end = to + length;
    // Words up to where one would leave the output, then bytes: zero planes end most blocks, so both matter.
    let wide_end = end.min(out.len().saturating_sub(SLACK));
    let done = match offset {
        16.. => copy_words::<16>(out, to, wide_end, offset),
        8.. => copy_words::<8>(out, to, wide_end, offset),
        _ => repeat_pattern(out, to, wide_end, offset),
    };
    for at in done..end {
        out[at] = out[at - offset];
    }
}

/// Copies `N ≤ offset` bytes at a time from `to` until `end` is reached or passed; returns where it stopped.
#[inline]
fn copy_words<const N: usize>(out: &mut [u8], to: usize, end: usize, offset: usize) -> usize {
    let mut at = to;
    while at < end {
        let mut word = [0; N];
        word.copy_from_slice(&out[at - offset..at - offset + N]);
        out[at..at + N].copy_from_slice(&word);
        at += N;
    }
    at
}

/// As [`copy_words`] for `offset < 8`: eight bytes of the repeated pattern at a time.
#[inline]
fn repeat_pattern(out: &mut [u8], to: usize, end: usize, offset: usize) -> usize {
    /// A 1 bit at every multiple of 8·offset: times the last `offset` bytes it gives eight bytes of the pattern.
    const REPEAT: [u64; 8] = [
        0,
        0x0101_0101_0101_0101,
        0x0001_0001_0001_0001,
        0x0001_0000_0100_0001,
        0x0000_0001_0000_0001,
        0x0000_0100_0000_0001,
        0x0001_0000_0000_0001,
        0x0100_0000_0000_0001,
    ];
    /// Bytes of whole repeats in eight.
    const STEP: [usize; 8] = [8, 8, 8, 6, 8, 5, 6, 7];
    if to >= end {
        return to;
    }
    let mut last = [0; 8];
    last.copy_from_slice(&out[to - offset..to - offset + 8]);
    let pattern =
        (u64::from_le_bytes(last) & ((1 << (8 * offset)) - 1)).wrapping_mul(REPEAT[offset]).to_le_bytes();
    let mut at = to;
    if STEP[offset] == 8 {
        let mut twice = [0; 16];
        twice[..8].copy_from_slice(&pattern);
        twice[8..].copy_from_slice(&pattern);
        while at < end {
            out[at..at + 16].copy_from_slice(&twice);
            at += 16;
        }
    } else {
        while at < end {
            out[at..at + 8].copy_from_slice(&pattern);
            at += STEP[offset];
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sequences_of_the_format_description_decode() {
        // 1 literal, match of 4 + 15 + 255 + 3 = 277 at offset 1; then 5 literals end the block.
        let mut block = vec![0x1f, b'a', 1, 0, 255, 3, 0x50];
        block.extend_from_slice(b"bcdef");
        let mut out = [0; 283];
        assert_eq!(decompress(&block, &mut out), Ok(283));
        assert!(out[..278].iter().all(|&byte| byte == b'a'));
        assert_eq!(&out[278..], b"bcdef");
    }

    #[test]
    fn a_match_of_every_small_period_repeats_it() {
        for period in 1..40usize {
            let literals: Vec<u8> = (1..=period as u8).collect();
            let mut block: Vec<u8> =
                if period < 15 { vec![(period as u8) << 4 | 15] } else { vec![0xff, period as u8 - 15] };
            block.extend_from_slice(&literals);
            // Match of 4 + 15 + 81 = 100 bytes, then the empty last sequence.
            block.extend_from_slice(&[period as u8, 0, 81, 0]);
            let mut out = vec![0; period + 100];
            assert_eq!(decompress(&block, &mut out), Ok(period + 100), "period {period}");
            for (i, &byte) in out.iter().enumerate() {
                assert_eq!(byte, literals[i % period], "period {period}, byte {i}");
            }
        }
    }

    #[test]
    fn broken_blocks_are_named() {
        let mut out = [0; 64];
        assert_eq!(decompress(&[], &mut out), Err(Lz4Error::Truncated));
        assert_eq!(decompress(&[0x30, 1, 2], &mut out), Err(Lz4Error::Truncated));
        assert_eq!(decompress(&[0x10, 7, 2, 0, 0], &mut out), Err(Lz4Error::Offset { offset: 2, at: 1 }));
        assert_eq!(decompress(&[0x10, 7, 0, 0, 0], &mut out), Err(Lz4Error::Offset { offset: 0, at: 1 }));
        assert_eq!(
            decompress(&[0x1f, 7, 1, 0, 60, 0], &mut out),
            Err(Lz4Error::TooLong { found: 79, room: 63 })
        );
        assert_eq!(
            decompress(&[0x50, 1, 2, 3, 4, 5], &mut out[..4]),
            Err(Lz4Error::TooLong { found: 5, room: 4 })
        );
    }

    proptest! {
        /// An independent encoder's blocks: bytes from a small alphabet in runs, so that all match kinds occur.
        #[test]
        fn blocks_of_another_encoder_round_trip(runs in prop::collection::vec((0u8..4, 1usize..90), 0..120)) {
            let data: Vec<u8> = runs.iter().flat_map(|&(byte, n)| std::iter::repeat_n(byte * 17, n)).collect();
            let block = lz4_flex::block::compress(&data);
            let mut out = vec![0xee; data.len()];
            prop_assert_eq!(decompress(&block, &mut out), Ok(data.len()));
            prop_assert_eq!(out, data);
        }

        /// Arbitrary bytes: no panic, and the same verdict and output as an independent decoder where that accepts.
        #[test]
        fn arbitrary_bytes_do_not_panic(block in prop::collection::vec(any::<u8>(), 0..200), room in 0usize..600) {
            let mut out = vec![0; room];
            let mut other = vec![0; room];
            let ours = decompress(&block, &mut out);
            if let (Ok(n), Ok(m)) = (ours, lz4_flex::block::decompress_into(&block, &mut other)) {
                prop_assert_eq!(n, m);
                prop_assert_eq!(&out[..n], &other[..n]);
            }
        }
    }
}
