//! Decompression of the stored bytes of one chunk into a buffer of known length.
//!
//! Each function fills `out` exactly or fails; no length read from the file sizes an allocation beyond `out`.

use super::bitshuffle::{Kernel, Width};
use super::error::CodecError;
use super::lz4_block;
use flate2::{Decompress, FlushDecompress, Status};
use ruzstd::decoding::FrameDecoder;

/// A cursor over the stored bytes that names the filter when they run out.
struct Stored<'a> {
    filter: &'static str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Stored<'a> {
    fn new(filter: &'static str, bytes: &'a [u8]) -> Self {
        Self { filter, bytes, at: 0 }
    }

    fn take(&mut self, need: usize) -> Result<&'a [u8], CodecError> {
        let taken =
            self.bytes.get(self.at..).and_then(|rest| rest.get(..need)).ok_or(CodecError::Truncated {
                filter: self.filter,
                at: self.at,
                need,
                have: self.bytes.len(),
            })?;
        self.at += need;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// The 12-byte header: total bytes (u64 big-endian), which must be `expected`, and block bytes (u32 big-endian).
    fn header(&mut self, expected: usize) -> Result<u32, CodecError> {
        let found = u64::from_be_bytes(self.array()?);
        if found != expected as u64 {
            let (filter, what, expected) = (self.filter, "the total in the header", expected as u64);
            return Err(CodecError::Length { filter, what, found, expected });
        }
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// One block: its compressed size (u32 big-endian), then its bytes.
    fn block(&mut self) -> Result<&'a [u8], CodecError> {
        let size = u32::from_be_bytes(self.array()?);
        self.take(size as usize)
    }

    fn stream_error(&self, length: usize, message: &impl ToString) -> CodecError {
        CodecError::Stream { filter: self.filter, at: self.at - length, message: message.to_string() }
    }
}

fn expect_length(
    filter: &'static str,
    what: &'static str,
    found: usize,
    expected: usize,
) -> Result<(), CodecError> {
    if found == expected {
        return Ok(());
    }
    Err(CodecError::Length { filter, what, found: found as u64, expected: expected as u64 })
}

/// How the blocks of a bitshuffled chunk are compressed.
pub(super) enum BlockCompression<'a> {
    /// LZ4 block format.
    Lz4,
    /// One zstd frame per block.
    Zstd(&'a mut FrameDecoder),
}

impl BlockCompression<'_> {
    fn filter(&self) -> &'static str {
        match self {
            Self::Lz4 => "bitshuffle+LZ4",
            Self::Zstd(_) => "bitshuffle+zstd",
        }
    }

    fn decompress(&mut self, stored: &[u8], out: &mut [u8]) -> Result<usize, String> {
        match self {
            Self::Lz4 => lz4_block::decompress(stored, out).map_err(|e| e.to_string()),
            Self::Zstd(decoder) => decoder.decode_all(stored, out).map_err(|e| e.to_string()),
        }
    }
}

/// Bitshuffle's own block size in elements: 8 KiB, the fixed default of the format.
fn default_block_elements(width: Width) -> usize {
    8192 / width.bytes()
}

/// Filter 32008 with compression: blocks of whole groups of 8 elements, then up to 7 raw elements.
///
/// Header as in [`Stored::header`]; the last block is shorter; `planes` is scratch for one block.
pub(super) fn bitshuffle_compressed(
    stored: &[u8],
    out: &mut [u8],
    width: Width,
    mut compression: BlockCompression<'_>,
    planes: &mut Vec<u8>,
) -> Result<(), CodecError> {
    let filter = compression.filter();
    let mut stored = Stored::new(filter, stored);
    let header = stored.header(out.len())?;
    let block_bytes = match header as usize / width.bytes() {
        0 => default_block_elements(width) * width.bytes(),
        elements if elements % 8 == 0 => elements * width.bytes(),
        _ => return Err(CodecError::BlockSize { filter, bytes: header, multiple: 8 * width.bytes() }),
    };
    let kernel = Kernel::best();
    let (blocked, raw) = out.split_at_mut(out.len() - out.len() % (8 * width.bytes()));
    planes.resize(block_bytes.min(blocked.len()), 0);
    for target in blocked.chunks_mut(block_bytes) {
        let compressed = stored.block()?;
        let planes = &mut planes[..target.len()];
        let produced = compression
            .decompress(compressed, planes)
            .map_err(|m| stored.stream_error(compressed.len(), &m))?;
        expect_length(filter, "a decompressed block", produced, target.len())?;
        kernel.unshuffle(width, planes, target);
    }
    let length = raw.len();
    raw.copy_from_slice(stored.take(length)?);
    Ok(())
}

/// Filter 32008 without compression: every block of `block_elements` transposed in place of the raw elements.
///
/// `block_elements` of 0 means the default; it must be a multiple of 8. Lengths of `shuffled` and `out` are equal.
pub(super) fn bitshuffle_raw(
    shuffled: &[u8],
    out: &mut [u8],
    width: Width,
    block_elements: usize,
) -> Result<(), CodecError> {
    expect_length("bitshuffle", "the chunk", shuffled.len(), out.len())?;
    let block_elements = if block_elements == 0 { default_block_elements(width) } else { block_elements };
    let block_bytes = block_elements.saturating_mul(width.bytes());
    let kernel = Kernel::best();
    let whole = out.len() - out.len() % (8 * width.bytes());
    for (planes, target) in shuffled[..whole].chunks(block_bytes).zip(out[..whole].chunks_mut(block_bytes)) {
        kernel.unshuffle(width, planes, target);
    }
    out[whole..].copy_from_slice(&shuffled[whole..]);
    Ok(())
}

/// Filter 32004: header as in [`Stored::header`], then LZ4 blocks; a block as long as its raw size is stored raw.
pub(super) fn lz4(stored: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
    let filter = "LZ4";
    let mut stored = Stored::new(filter, stored);
    let block_bytes = stored.header(out.len())?;
    if block_bytes == 0 {
        return Err(CodecError::BlockSize { filter, bytes: 0, multiple: 1 });
    }
    for target in out.chunks_mut(block_bytes as usize) {
        let block = stored.block()?;
        if block.len() == target.len() {
            target.copy_from_slice(block);
            continue;
        }
        let produced =
            lz4_block::decompress(block, target).map_err(|e| stored.stream_error(block.len(), &e))?;
        expect_length(filter, "a decompressed block", produced, target.len())?;
    }
    Ok(())
}

/// Filter 1: one zlib stream (RFC 1950).
pub(super) fn deflate(stored: &[u8], out: &mut [u8], inflate: &mut Decompress) -> Result<(), CodecError> {
    let filter = "deflate";
    inflate.reset(true);
    let stream = |message: String| CodecError::Stream { filter, at: 0, message };
    match inflate.decompress(stored, out, FlushDecompress::Finish).map_err(|e| stream(e.to_string()))? {
        Status::StreamEnd => {
            expect_length(filter, "the decompressed chunk", inflate.total_out() as usize, out.len())
        }
        Status::Ok | Status::BufError => {
            Err(stream(format!("no end after {} of {} bytes", inflate.total_out(), out.len())))
        }
    }
}

/// Filter 32015: zstd frames (RFC 8878).
pub(super) fn zstd(stored: &[u8], out: &mut [u8], decoder: &mut FrameDecoder) -> Result<(), CodecError> {
    let filter = "zstd";
    let produced = decoder.decode_all(stored, out).map_err(|e| CodecError::Stream {
        filter,
        at: 0,
        message: e.to_string(),
    })?;
    expect_length(filter, "the decompressed chunk", produced, out.len())
}

/// Filter 2: byte plane `j` holds byte `j` of every element; the bytes beyond whole elements are kept as they are.
pub(super) fn unshuffle_bytes(planes: &[u8], out: &mut [u8], width: Width) -> Result<(), CodecError> {
    fn run<const E: usize>(planes: &[u8], out: &mut [u8]) {
        let elements = out.len() / E;
        let (whole, rest) = out.split_at_mut(elements * E);
        for (i, element) in whole.chunks_exact_mut(E).enumerate() {
            for (j, byte) in element.iter_mut().enumerate() {
                *byte = planes[j * elements + i];
            }
        }
        rest.copy_from_slice(&planes[elements * E..]);
    }
    expect_length("shuffle", "the chunk", planes.len(), out.len())?;
    match width {
        Width::One => out.copy_from_slice(planes),
        Width::Two => run::<2>(planes, out),
        Width::Four => run::<4>(planes, out),
        Width::Eight => run::<8>(planes, out),
    }
    Ok(())
}
