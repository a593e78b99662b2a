//! From a scan file to a result file.

mod ending;
mod result;
mod run;
mod views;

pub use result::Reconstruction;
pub(crate) use result::{oriented_geometry, transfer_function};
pub(crate) use run::{Job, Watch, start_and_orientation};
pub use run::{Request, Resume, Status, Summary, reconstruct};
pub(crate) use views::coverage;
