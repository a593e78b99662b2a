//! Edges and peaks fitted to every pixel's spectrum, with standard deviations and a reason where there is none.
//!
//! `μt(E) = offset + Σ edges + Σ peaks` ([`Model`], the vanadium paper's eq. 1 generalised) by least squares between
//! bounds: Levenberg–Marquardt in which a parameter at a bound whose gradient points outward stays for that step.
//! Pixels go through eight lanes of single precision, energies counted from the middle of the scan;
//! [`Settings::polish`] repeats the last steps in double precision, as is done for those that found no minimum in single.
//! Results do not depend on the number of threads.

mod batch;
mod covariance;
mod dismiss;
mod errors;
mod functions;
mod maps;
mod model;
mod noise;
mod normal;
mod pixel;
mod polish;
mod region;
mod resolved;
mod run;
mod starts;
#[cfg(test)]
mod tests;

pub use maps::{FitMaps, RegionMean, Status};
pub use model::{Model, Parameter, Role, Shape, Term};
pub use noise::{NoiseRule, pooled_pre_edge_sigma, pre_edge_sigma};
pub use run::{Settings, fit};
