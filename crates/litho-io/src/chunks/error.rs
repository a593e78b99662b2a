//! What can go wrong between a stored chunk and frames in memory.

use super::element::ElementKind;

/// Why one chunk's bytes could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The stored bytes end before what the format announces.
    #[error("{filter}: {need} bytes needed at offset {at}, the chunk ends at {have}")]
    Truncated {
        /// The filter that was being undone.
        filter: &'static str,
        /// Offset into the stored bytes.
        at: usize,
        /// Bytes needed from there.
        need: usize,
        /// Length of the stored bytes.
        have: usize,
    },
    /// A length announced by, or produced from, the stored bytes is not the one the dataset's layout gives.
    #[error("{filter}: {what} is {found} bytes, {expected} expected from the chunk shape")]
    Length {
        /// The filter that was being undone.
        filter: &'static str,
        /// The length that is wrong.
        what: &'static str,
        /// Bytes found.
        found: u64,
        /// Bytes the dataset's layout gives.
        expected: u64,
    },
    /// The block size in the chunk's header cannot be.
    #[error("{filter}: block size {bytes} bytes is not a positive multiple of {multiple}")]
    BlockSize {
        /// The filter that was being undone.
        filter: &'static str,
        /// Block size found.
        bytes: u32,
        /// What it must be a multiple of.
        multiple: usize,
    },
    /// The compressed stream itself is not valid.
    #[error("{filter}: {message} in the compressed stream at offset {at}")]
    Stream {
        /// The filter that was being undone.
        filter: &'static str,
        /// Offset of the stream in the stored bytes.
        at: usize,
        /// The decoder's own words.
        message: String,
    },
}

/// Why frames could not be read from an HDF5 dataset.
#[derive(Debug, thiserror::Error)]
#[error("reading frames of {dataset} in {file}: {kind}")]
pub struct ChunkError {
    /// Dataset path in the file.
    pub dataset: String,
    /// Name of the file that holds the dataset (the target's, if it was reached over a link).
    pub file: String,
    /// What is wrong.
    pub kind: Box<ChunkErrorKind>,
}

/// What can be wrong with a dataset or with what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum ChunkErrorKind {
    /// HDF5 refused an operation.
    #[error("{action}: {source}; check that the file is a complete HDF5 file")]
    Hdf5 {
        /// The operation.
        action: &'static str,
        /// HDF5's error.
        source: hdf5::Error,
    },
    /// HDF5 could not read what is not decoded directly.
    #[error(
        "{source}; HDF5 was asked because {reason}: if it lacks a filter, rewrite the dataset with gzip, LZ4, \
         bitshuffle or zstd"
    )]
    Fallback {
        /// Why HDF5 was asked.
        reason: String,
        /// HDF5's error.
        source: hdf5::Error,
    },
    /// The dataset is not a stack of frames.
    #[error(
        "its shape is {shape:?}; frames need (frame, y, x) or (1, frame, y, x) with no empty axis: name the dataset \
         that holds the detector frames"
    )]
    Shape {
        /// The dataset's shape.
        shape: Vec<usize>,
    },
    /// The stored elements are not real numbers of 1 to 8 bytes.
    #[error("it stores {stored}; frames must be integers of 8 to 64 bits, f32 or f64: convert it")]
    Stored {
        /// HDF5's name of the stored type.
        stored: String,
    },
    /// Frames were asked for in another element type than the stored one.
    #[error("it stores {stored:?}, {asked:?} was asked for; read it as {stored:?} and convert")]
    Element {
        /// Element type in the file.
        stored: ElementKind,
        /// Element type asked for.
        asked: ElementKind,
    },
    /// A frame index past the end.
    #[error("frame {frame} does not exist; it has {count} frames, counted from 0")]
    Frame {
        /// Index asked for.
        frame: usize,
        /// Number of frames.
        count: usize,
    },
    /// The output does not fit the frames asked for.
    #[error("the output holds {found} elements; allocate {expected}: frames × rows × columns")]
    Output {
        /// Elements the output holds.
        found: usize,
        /// Elements needed; `usize::MAX` if the product overflows.
        expected: usize,
    },
    /// A size in the file, or the memory for the frames asked for, is beyond what can be had.
    #[error("{what} needs {bytes} bytes, at most {limit} can be had: {hint}")]
    Memory {
        /// What needs the memory.
        what: &'static str,
        /// Bytes needed, saturated.
        bytes: usize,
        /// Bytes that can be had.
        limit: usize,
        /// How to fix it.
        hint: &'static str,
    },
    /// The chunk index of the file contradicts the chunk shape.
    #[error("its index has a chunk at {offset:?}, which is not on the grid {chunk:?}; copy the file again")]
    Index {
        /// Offset of the chunk in elements.
        offset: Vec<u64>,
        /// Chunk shape.
        chunk: [usize; 3],
    },
    /// A chunk could not be read from the file.
    #[error(
        "{size} bytes at {address} for the chunk at {offset:?}: {source}; the file is truncated or damaged: copy it \
         again"
    )]
    Io {
        /// (frame, y, x) of the chunk's first element.
        offset: [usize; 3],
        /// Byte address in the file.
        address: u64,
        /// Bytes asked for.
        size: u64,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// A chunk could not be decoded.
    #[error("decoding the chunk at {offset:?}: {source}; the file is damaged: copy it again")]
    Decode {
        /// (frame, y, x) of the chunk's first element.
        offset: [usize; 3],
        /// What is wrong with it.
        source: CodecError,
    },
}
