//! From a scan file to a result file.

mod result;
mod run;

pub use result::Reconstruction;
pub use run::{Request, Resume, Status, Summary, reconstruct};
