//! Chemical domains: pixels of several particles sorted by their descriptors.
//!
//! [`Points`] standardises the descriptors, [`kmeans()`] or [`mixture()`] sorts them, [`choose_k`] says how many clusters the
//! data hold, [`fractions()`], [`densities`] and [`mean_spectra`] describe what was found. Labels are 1…k; 0 is none.

mod assign;
mod choice;
mod density;
mod error;
mod fractions;
mod gap;
mod kmeans;
mod matching;
mod mixture;
mod points;
mod rand_index;
mod seeding;
mod silhouette;
mod spectra;
#[cfg(test)]
mod tests;

pub use choice::{Choice, ChoiceOptions, Reason, choose_k};
pub use density::{Densities, densities};
pub use error::ClusterError;
pub use fractions::{FractionOptions, Fractions, Particle, fractions};
pub use gap::{GapPoint, gap};
pub use kmeans::{Clusters, KMeansOptions, kmeans};
pub use matching::{Matching, match_labels};
pub use mixture::{Mixture, MixtureOptions, mixture};
pub use points::{Points, Scaling};
pub use rand_index::adjusted_rand_index;
pub use silhouette::{silhouette, simplified_silhouette};
pub use spectra::{ClusterSpectra, LabelledStack, mean_spectra};
