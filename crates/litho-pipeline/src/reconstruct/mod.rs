//! From a scan file to a result file.

mod ending;
mod result;
mod run;
mod views;

pub use result::Reconstruction;
pub use run::{Request, Resume, Status, Summary, reconstruct};
