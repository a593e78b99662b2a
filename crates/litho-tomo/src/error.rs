//! What can go wrong between projections and volumes.

use litho_types::scattering::ScatteringError;
use thiserror::Error;

/// Errors of every operation in this crate.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TomoError {
    /// Nothing to reconstruct.
    #[error(
        "tomography: a detector of {detector} pixels and slices of {size} voxels; both need at least one"
    )]
    Empty {
        /// Pixels of a projection's row.
        detector: usize,
        /// Voxels along each edge of a slice.
        size: usize,
    },
    /// The rotation axis is off the detector.
    #[error(
        "tomography: the rotation axis is at {axis} px, the detector reaches from 0 to {last}; give an axis on it"
    )]
    Axis {
        /// Where it was said to be.
        axis: f64,
        /// Last pixel of the detector.
        last: f64,
    },
    /// An array has not the shape of what it belongs to.
    #[error("{operation}: {array} has shape {found:?}, wanted is {wanted:?}; give both one shape")]
    Shape {
        /// What was being computed.
        operation: &'static str,
        /// The array.
        array: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The shape it should have.
        wanted: Vec<usize>,
    },
    /// A setting is not a number of the kind it must be.
    #[error("{operation}: {setting} is {value}; {fix}")]
    Setting {
        /// What was being computed.
        operation: &'static str,
        /// Name of the setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// What to do.
        fix: &'static str,
    },
    /// Projections hold a number that is not finite.
    #[error(
        "{operation}: projection {projection}, row {y}, column {x} is {value}; mask it with weight 0 or leave the projection out"
    )]
    NotFinite {
        /// What was being computed.
        operation: &'static str,
        /// Place of the projection, from 0.
        projection: usize,
        /// Row.
        y: usize,
        /// Column.
        x: usize,
        /// What stands there.
        value: f32,
    },
    /// Projections cannot be read.
    #[error("reading rows of the projections: {message}")]
    Rows {
        /// What the source says.
        message: String,
    },
    /// Slices cannot be written.
    #[error("writing slices of the volume: {message}")]
    Slices {
        /// What the sink says.
        message: String,
    },
    /// Too few projections for what is wanted.
    #[error("{operation}: {found} projections, at least {wanted} at different angles are needed; give more")]
    TooFewAngles {
        /// What was being computed.
        operation: &'static str,
        /// Projections given.
        found: usize,
        /// Projections needed.
        wanted: usize,
    },
    /// No number is left to compute with.
    #[error("{operation}: no number counts; choose a region with finite numbers in it")]
    NothingCounts {
        /// What was being computed.
        operation: &'static str,
    },
    /// One quantity cannot be turned into another.
    #[error("quantities of voxels: {from} cannot be turned into {to}; reconstruct the one that is wanted")]
    Quantity {
        /// What the volume holds.
        from: &'static str,
        /// What was asked for.
        to: &'static str,
    },
    /// The voxel's edge is unknown.
    #[error(
        "quantities of voxels: the volume does not say how large a voxel is; give the pixel of the projections"
    )]
    NoVoxel,
    /// Mass density needs a composition.
    #[error("quantities of voxels: mass density needs a composition; give a formula such as LiCoO2")]
    NoComposition,
    /// A table of the elements failed.
    #[error(transparent)]
    Scattering(#[from] ScatteringError),
    /// A rectangle reaches beyond the projections.
    #[error("{operation}: the rectangle {rectangle} reaches beyond projections of {}×{} pixels; choose it inside", shape.0, shape.1)]
    OutsideProjection {
        /// What was being computed.
        operation: &'static str,
        /// The rectangle in words.
        rectangle: String,
        /// Rows and columns of a projection.
        shape: (usize, usize),
    },
    /// The computation was asked to stop.
    #[error("{operation} was interrupted")]
    Interrupted {
        /// What was being computed.
        operation: &'static str,
    },
}
