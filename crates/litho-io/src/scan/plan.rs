//! What will be read from where: decided, checked and shown before any frame is read.

use super::detect::detect_format;
use super::frames::{BLOCK_BYTES, is_plain_stack};
use super::options::{BadCounts, Format, ReadOptions};
use crate::error::IoError;
use crate::formats;
use crate::h5::H5File;
use crate::memory::bytes_of;
use litho_types::frames::CountType;
use litho_types::geometry::Geometry;
use litho_types::mask::MaskPolarity;
use litho_types::scan::{FrameOrigin, Positions};
use std::path::{Path, PathBuf};

/// The number type of stored frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are NumPy's, capitalised")]
pub enum StoredType {
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
}

impl StoredType {
    /// The type such numbers are kept in: signed and 64-bit integers become unsigned of at most 32 bits.
    pub const fn kept(self) -> CountType {
        match self {
            Self::Uint8 | Self::Int8 => CountType::U8,
            Self::Uint16 | Self::Int16 => CountType::U16,
            Self::Uint32 | Self::Int32 | Self::Uint64 | Self::Int64 => CountType::U32,
            Self::Float32 | Self::Float64 => CountType::F32,
        }
    }

    /// Bytes of one number in the file.
    const fn bytes(self) -> usize {
        match self {
            Self::Uint8 | Self::Int8 => 1,
            Self::Uint16 | Self::Int16 => 2,
            Self::Uint32 | Self::Int32 | Self::Float32 => 4,
            Self::Uint64 | Self::Int64 | Self::Float64 => 8,
        }
    }
}

/// One dataset of frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FramePart {
    /// The file it is in.
    pub file: PathBuf,
    /// Its path in that file.
    pub dataset: String,
    /// Its shape: leading axes, y, x.
    pub shape: Vec<usize>,
    /// Number of frames taken from it, from the first, leading axes flattened.
    pub count: usize,
}

/// Where the frames are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FramesPlan {
    /// The datasets, in the order of the positions.
    pub parts: Vec<FramePart>,
    /// Number of frames.
    pub count: usize,
    /// Shape `(ny, nx)` of a frame.
    pub shape: (usize, usize),
    /// Number type in the file.
    pub stored: StoredType,
    /// The value by which the detector says "no reading" (EIGER: all bits set).
    pub no_reading: Option<u64>,
}

impl FramesPlan {
    /// Bytes of all frames as they are kept; `u64::MAX` where that is no number.
    pub fn bytes(&self) -> u64 {
        bytes_of(&[self.count, self.shape.0, self.shape.1], self.stored.kept().bytes())
    }

    /// Most bytes of stored frames that are held at once while the frames are converted and kept.
    pub fn block_bytes(&self) -> u64 {
        let rasters = self.parts.iter().filter(|part| !is_plain_stack(&part.shape));
        let row = rasters.map(|part| bytes_of(&part.shape[1..], self.stored.bytes())).max().unwrap_or(0);
        let all = bytes_of(&[self.count, self.shape.0, self.shape.1], self.stored.bytes());
        row.max(BLOCK_BYTES as u64).min(all)
    }

    /// File and dataset of the first frame.
    pub(super) fn first(&self) -> (&Path, &str) {
        self.parts.first().map_or((Path::new(""), ""), |part| (&part.file, &part.dataset))
    }
}

/// Where the detector mask is, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskPlan {
    /// The file it is in.
    pub file: PathBuf,
    /// Datasets `(y, x)` or `(N, y, x)`; a pixel must be good in all of them.
    pub datasets: Vec<String>,
    /// What their values mean.
    pub polarity: MaskPolarity,
}

/// Where a probe is: complex, `(…, y, x)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbePlan {
    /// The file it is in.
    pub file: PathBuf,
    /// Its dataset.
    pub dataset: String,
}

/// How the place of the zero frequency is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginPlan {
    /// The file or the caller says it.
    Known(FrameOrigin),
    /// From the mean of the frames.
    Detect,
}

/// One line of the table that tells where everything came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingredient {
    /// What it is: "energy", "distance", "positions" ….
    pub name: &'static str,
    /// Its value in Lithoscope's units.
    pub value: String,
    /// The dataset, attribute or option it came from.
    pub source: String,
    /// What was stored and how it was understood: "2.028e-15, read as J".
    pub read_as: String,
}

/// Everything decided about a scan; nothing of it is a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanPlan {
    /// The format.
    pub format: Format,
    /// The file.
    pub path: PathBuf,
    /// Where the frames are.
    pub frames: FramesPlan,
    /// Where their zero frequency is.
    pub origin: OriginPlan,
    /// Where the mask is; `None` if every pixel counts as good.
    pub mask: Option<MaskPlan>,
    /// Beam on object, `(y, x)`.
    pub positions: Positions,
    /// Energy, distance, pixel; `None` if positions are in pixels.
    pub geometry: Option<Geometry>,
    /// Where a probe is.
    pub probe: Option<ProbePlan>,
    /// What to do with impossible counts.
    pub bad_counts: BadCounts,
    /// Where everything came from.
    pub ingredients: Vec<Ingredient>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Opens a file, recognises its format and decides what to read from where.
/// Metadata and positions are read and checked; frames are not.
///
/// # Errors
/// [`IoError`] if the file cannot be opened, its format is not recognised, an
/// ingredient is missing, of the wrong shape, in an implausible unit, or the
/// options contradict each other.
pub fn plan(path: &Path, options: &ReadOptions) -> Result<ScanPlan, IoError> {
    let file = H5File::open(path)?;
    let format = match options.format {
        Some(format) => format,
        None => detect_format(&file, options)?,
    };
    let draft = match format {
        Format::Cxi => formats::cxi::draft(&file, options),
        Format::NxCxiPtycho => formats::nxcxi::draft(&file, options),
        Format::Ptyd => formats::ptyd::draft(&file, options),
        Format::Ptychodus => formats::ptychodus::draft(&file, options),
        Format::PtyLab => formats::ptylab::draft(&file, options),
        Format::Tike => formats::tike::draft(&file, options),
        Format::Eiger => formats::eiger::draft(&file, options),
        Format::Generic => formats::generic::draft(&file, options),
    }?;
    draft.finish(format, &file, options)
}
