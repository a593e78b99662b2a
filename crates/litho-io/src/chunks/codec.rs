//! The filter pipeline of an HDF5 dataset, undone on one chunk at a time without HDF5.

use super::bitshuffle::Width;
use super::blocks::{self, BlockCompression};
use super::error::CodecError;
use flate2::Decompress;
use hdf5::filters::Filter;
use ruzstd::decoding::FrameDecoder;

/// HDF Group registered filter numbers.
const LZ4: i32 = 32004;
const BITSHUFFLE: i32 = 32008;
const ZSTD: i32 = 32015;
/// Compression codes in the fifth parameter of the bitshuffle filter.
const BITSHUFFLE_LZ4: u32 = 2;
const BITSHUFFLE_ZSTD: u32 = 3;

/// A filter that moves bytes and keeps their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reorder {
    Shuffle(Width),
    Bitshuffle { width: Width, block_elements: usize },
}

/// A filter that changes the number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compressor {
    BitshuffleLz4(Width),
    BitshuffleZstd(Width),
    Lz4,
    Zstd,
    Deflate,
}

/// A filter and the bit that, set in a chunk's mask, says it was skipped there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stage<F> {
    filter: F,
    skip_bit: u32,
}

/// At most one reordering filter followed by at most one compressor: every pipeline detectors write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pipeline {
    reorder: Option<Stage<Reorder>>,
    compressor: Option<Stage<Compressor>>,
}

/// Buffers and decoder states kept between chunks.
pub(super) struct CodecScratch {
    /// One bitshuffle block.
    planes: Vec<u8>,
    /// One chunk between the compressor and the reordering filter.
    between: Vec<u8>,
    inflate: Decompress,
    zstd: FrameDecoder,
}

impl Default for CodecScratch {
    fn default() -> Self {
        Self {
            planes: Vec::new(),
            between: Vec::new(),
            inflate: Decompress::new(true),
            zstd: FrameDecoder::new(),
        }
    }
}

enum Known {
    Reorder(Reorder),
    Compressor(Compressor),
}

/// The filter as this module knows it; `element` is the dataset's element width.
fn known(filter: &Filter, element: Width) -> Option<Known> {
    match filter {
        Filter::Deflate(_) => Some(Known::Compressor(Compressor::Deflate)),
        Filter::Shuffle => Some(Known::Reorder(Reorder::Shuffle(element))),
        Filter::User(LZ4, _) => Some(Known::Compressor(Compressor::Lz4)),
        Filter::User(ZSTD, _) => Some(Known::Compressor(Compressor::Zstd)),
        Filter::User(BITSHUFFLE, parameters) => bitshuffle(parameters),
        _ => None,
    }
}

/// Bitshuffle parameters: version, version, element bytes, block elements (0: default), compression, level.
fn bitshuffle(parameters: &[u32]) -> Option<Known> {
    let width = Width::new(*parameters.get(2)? as usize)?;
    let block_elements = parameters.get(3).map_or(0, |&n| n as usize);
    match parameters.get(4).copied().unwrap_or(0) {
        0 if block_elements.is_multiple_of(8) => {
            Some(Known::Reorder(Reorder::Bitshuffle { width, block_elements }))
        }
        BITSHUFFLE_LZ4 => Some(Known::Compressor(Compressor::BitshuffleLz4(width))),
        BITSHUFFLE_ZSTD => Some(Known::Compressor(Compressor::BitshuffleZstd(width))),
        _ => None,
    }
}

impl Pipeline {
    /// The pipeline in the order of writing, or why it is left to HDF5. `element` is the dataset's element width.
    pub(super) fn new(filters: &[Filter], element: Width) -> Result<Self, String> {
        let mut pipeline = Self::default();
        for (position, filter) in filters.iter().enumerate() {
            // A chunk's skip mask has 32 bits.
            let skip_bit = u32::try_from(position).ok().and_then(|p| 1u32.checked_shl(p));
            match (known(filter, element), skip_bit) {
                (Some(Known::Reorder(filter)), Some(skip_bit))
                    if pipeline.reorder.is_none() && pipeline.compressor.is_none() =>
                {
                    pipeline.reorder = Some(Stage { filter, skip_bit });
                }
                (Some(Known::Compressor(filter)), Some(skip_bit)) if pipeline.compressor.is_none() => {
                    pipeline.compressor = Some(Stage { filter, skip_bit });
                }
                _ => return Err(format!("its filter {position} is number {} with {filter:?}", filter.id())),
            }
        }
        Ok(pipeline)
    }

    /// Decodes one chunk into `out`, whose length is the chunk's size in memory.
    ///
    /// `skipped` is the chunk's filter mask: bit `i` set means that filter `i` was not applied to it.
    pub(super) fn decode(
        &self,
        stored: &[u8],
        skipped: u32,
        out: &mut [u8],
        scratch: &mut CodecScratch,
    ) -> Result<(), CodecError> {
        let compressor = self.compressor.filter(|s| s.skip_bit & skipped == 0).map(|s| s.filter);
        let reorder = self.reorder.filter(|s| s.skip_bit & skipped == 0).map(|s| s.filter);
        match (compressor, reorder) {
            (None, None) => copy(stored, out),
            (None, Some(reorder)) => reorder.undo(stored, out),
            (Some(compressor), None) => compressor.undo(stored, out, scratch),
            (Some(compressor), Some(reorder)) => {
                let mut between = std::mem::take(&mut scratch.between);
                between.resize(out.len(), 0);
                let decoded = compressor.undo(stored, &mut between, scratch);
                let decoded = decoded.and_then(|()| reorder.undo(&between, out));
                scratch.between = between;
                decoded
            }
        }
    }
}

impl Reorder {
    fn undo(self, stored: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
        match self {
            Self::Shuffle(width) => blocks::unshuffle_bytes(stored, out, width),
            Self::Bitshuffle { width, block_elements } => {
                blocks::bitshuffle_raw(stored, out, width, block_elements)
            }
        }
    }
}

impl Compressor {
    fn undo(self, stored: &[u8], out: &mut [u8], scratch: &mut CodecScratch) -> Result<(), CodecError> {
        let CodecScratch { planes, inflate, zstd, .. } = scratch;
        match self {
            Self::BitshuffleLz4(width) => {
                blocks::bitshuffle_compressed(stored, out, width, BlockCompression::Lz4, planes)
            }
            Self::BitshuffleZstd(width) => {
                blocks::bitshuffle_compressed(stored, out, width, BlockCompression::Zstd(zstd), planes)
            }
            Self::Lz4 => blocks::lz4(stored, out),
            Self::Zstd => blocks::zstd(stored, out, zstd),
            Self::Deflate => blocks::deflate(stored, out, inflate),
        }
    }
}

/// No filter: the stored bytes are the elements.
fn copy(stored: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
    if stored.len() != out.len() {
        let (found, expected) = (stored.len() as u64, out.len() as u64);
        return Err(CodecError::Length { filter: "no filter", what: "the chunk", found, expected });
    }
    out.copy_from_slice(stored);
    Ok(())
}
