//! Volume morphology: what is inside, how far from the surface, which voxels belong together, how large and how thick.
//!
//! Volumes are `(z, y, x)`. A *mask* says which voxels are matter, *labels* (`u32`, 0 = outside) to which particle each
//! belongs; labels never leak outside their mask. Voxels may have three edges ([`Spacing`]); lengths come out in its unit.
//!
//! Every result has the same bits for any number of threads.

pub mod components;
pub mod connectivity;
pub mod distance;
pub mod error;
pub mod matching;
pub mod morphology;
pub mod particles;
pub mod plates;
pub mod slabs;
mod small;
pub mod spacing;
pub mod statistics;
pub mod surface;
mod tally;
#[cfg(test)]
mod test_volumes;
pub mod thickness;
pub mod watershed;

pub use components::{Components, components, components_of_labels, renumber};
pub use connectivity::Connectivity;
pub use distance::{Border, distance, distance_labels};
pub use error::MorphError;
pub use matching::{Match, Matching, match_labels};
pub use morphology::{close, dilate, erode, fill_holes, open, remove_small};
pub use slabs::{DistanceStore, LabelSink, MaskSlabs, components_by_slabs, distance_by_slabs};
pub use spacing::Spacing;
pub use surface::surface_areas;
pub use watershed::{SplitSettings, h_maxima, split, watershed};
