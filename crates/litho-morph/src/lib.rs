//! Volume morphology: what is inside, how far from the surface, which voxels belong together, how large and how thick.
//!
//! Volumes are `(z, y, x)`. A *mask* says which voxels are matter, *labels* (`u32`, 0 = outside) to which particle each
//! belongs; labels never leak outside their mask. Voxels may have three edges ([`Spacing`]); lengths come out in its unit.
//!
//! Every result has the same bits for any number of threads.

pub mod connectivity;
pub mod error;
pub mod matching;
pub mod particles;
mod small;
pub mod spacing;
pub mod statistics;
mod tally;
pub mod thickness;

pub use connectivity::Connectivity;
pub use error::MorphError;
pub use matching::{Match, Matching, match_labels};
pub use spacing::Spacing;
