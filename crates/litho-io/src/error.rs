//! What can go wrong between a file and a scan, and who has to act.

use std::path::{Path, PathBuf};

/// Who has to act on an error; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The call: a path, a name or an option (exit code 2).
    User,
    /// The data in the file (exit code 3).
    Data,
}

/// Why a file could not be read or written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IoError {
    /// The operating system refused.
    #[error("cannot {action} {}: {reason}; check the path and its permissions", path.display())]
    File {
        /// What was tried: "open", "create", "rename".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// An option or a path given by the caller makes no sense.
    #[error("{what} `{value}`: {reason}")]
    Argument {
        /// The option.
        what: &'static str,
        /// Its value.
        value: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// The file is no HDF5 file, or only the beginning of one.
    #[error("{} {problem}; {fix}", path.display())]
    NotHdf5 {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        problem: String,
        /// What to do.
        fix: &'static str,
    },
    /// HDF5 failed at something that should have worked.
    #[error("cannot {action} {dataset} in {}: {reason}; the file may be damaged: copy it again", path.display())]
    Hdf5 {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The object.
        dataset: String,
        /// HDF5's words.
        reason: String,
    },
    /// Frames could not be read or decoded; the message tells all.
    #[error("{0}")]
    Frames(String),
    /// An object is not there.
    #[error("{} has no {dataset}; {near}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        dataset: String,
        /// What is there instead, and how to name it.
        near: String,
    },
    /// A link points to a file or an object that is not there.
    #[error("{dataset} in {} is a link that leads nowhere: {reason}; put the linked file beside this one", path.display())]
    Dangling {
        /// The file that holds the link.
        path: PathBuf,
        /// The link.
        dataset: String,
        /// HDF5's words, which name the target.
        reason: String,
    },
    /// An object of the wrong kind or number type.
    #[error("{dataset} in {} is {found}, but must be {expected}", path.display())]
    WrongType {
        /// The file.
        path: PathBuf,
        /// The object.
        dataset: String,
        /// What it is.
        found: String,
        /// What it must be.
        expected: String,
    },
    /// A dataset of the wrong shape.
    #[error("{dataset} in {} has shape {found:?}, but must be {expected}", path.display())]
    WrongShape {
        /// The file.
        path: PathBuf,
        /// The dataset.
        dataset: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape it must have.
        expected: String,
    },
    /// A value that cannot be.
    #[error("{dataset} in {} holds {value} at {index}: {problem}", path.display())]
    BadValue {
        /// The file.
        path: PathBuf,
        /// The dataset.
        dataset: String,
        /// Where in the dataset.
        index: String,
        /// The value.
        value: String,
        /// Why it cannot be, and what to do.
        problem: String,
    },
    /// A quantity outside what nature and instruments allow, most likely in another unit.
    #[error("{quantity} (from {dataset} in {}) is {value}; {slip}", path.display())]
    Implausible {
        /// The file.
        path: PathBuf,
        /// The dataset or option the value came from.
        dataset: String,
        /// The quantity.
        quantity: &'static str,
        /// The value with the unit it was read in, and what would be plausible.
        value: String,
        /// The likely slip and the option that mends it.
        slip: String,
    },
    /// Something the reconstruction needs is neither in the file nor in the options.
    #[error("{} does not tell {what}; {fix}", path.display())]
    Incomplete {
        /// The file.
        path: PathBuf,
        /// What is missing.
        what: String,
        /// The option that supplies it.
        fix: String,
    },
    /// Larger than the memory of this machine.
    #[error("{dataset} in {} needs {bytes} bytes, but {available} are free; let the frames stream from disk (--stream always), read fewer, or use a larger machine", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The dataset.
        dataset: String,
        /// Bytes needed; `u64::MAX` where the product overflows.
        bytes: u64,
        /// Bytes available.
        available: u64,
    },
    /// Frames that stream from disk could not be put there or read back.
    #[error("cannot {action} the scratch file of frames in {}: {reason}; see that its disk works and has room, write the result to another, or keep the frames in memory (--stream never)", folder.display())]
    Scratch {
        /// What was tried.
        action: &'static str,
        /// The folder on whose disk the file lies.
        folder: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// No reader recognises the file.
    #[error("cannot tell the format of {}: it holds {contents}; name the format, or name the datasets (frames, positions)", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// Its top-level contents.
        contents: String,
    },
    /// A TIFF or a compressed text could not be decoded.
    #[error("cannot decode {part} of {}: {reason}; the file may be damaged: copy it again, or save it {fix}", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// What of it: "page 3".
        part: String,
        /// The decoder's words.
        reason: String,
        /// In which form it would be understood.
        fix: &'static str,
    },
    /// A result could not be written.
    #[error("cannot write {dataset} to {}: {reason}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The object.
        dataset: String,
        /// Why not, and what to do.
        reason: String,
    },
}

impl IoError {
    /// Who has to act.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::File { .. } | Self::Argument { .. } | Self::Write { .. } | Self::Scratch { .. } => {
                ErrorClass::User
            }
            _ => ErrorClass::Data,
        }
    }

    pub(crate) fn file(action: &'static str, path: &Path, error: &std::io::Error) -> Self {
        Self::File { action, path: path.to_owned(), reason: error.to_string() }
    }

    pub(crate) fn scratch(action: &'static str, folder: &Path, error: &std::io::Error) -> Self {
        let reason = match error.kind() {
            std::io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
            _ => error.to_string(),
        };
        Self::Scratch { action, folder: folder.to_owned(), reason }
    }

    pub(crate) fn argument(what: &'static str, value: impl ToString, reason: impl Into<String>) -> Self {
        Self::Argument { what, value: value.to_string(), reason: reason.into() }
    }

    pub(crate) fn write(path: &Path, dataset: impl Into<String>, reason: impl ToString) -> Self {
        Self::Write { path: path.to_owned(), dataset: dataset.into(), reason: reason.to_string() }
    }
}
