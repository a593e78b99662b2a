//! NeXus-shaped result files: a writer that is atomic and a reader with getters.

mod result;
mod writer;

pub use result::{ResultFile, read_result};
pub use writer::{Axis, NexusWriter};
