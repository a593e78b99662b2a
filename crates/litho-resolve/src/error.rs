//! What can go wrong when images are compared.

use thiserror::Error;

/// Errors of every operation in this crate.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ResolveError {
    /// Two arrays that must have one shape do not.
    #[error(
        "{operation}: {first} is {}×{} but {second} is {}×{} pixels; crop or pad them to one shape",
        first_shape.0, first_shape.1, second_shape.0, second_shape.1
    )]
    ShapeMismatch {
        /// What was being computed.
        operation: &'static str,
        /// Name of the first array.
        first: &'static str,
        /// Its shape (ny, nx).
        first_shape: (usize, usize),
        /// Name of the second array.
        second: &'static str,
        /// Its shape (ny, nx).
        second_shape: (usize, usize),
    },
    /// Two lists that must be equally long are not.
    #[error("{operation}: {first_len} {first} but {second_len} {second}; give one for each")]
    LengthMismatch {
        /// What was being computed.
        operation: &'static str,
        /// Name of the first list.
        first: &'static str,
        /// Its length.
        first_len: usize,
        /// Name of the second list.
        second: &'static str,
        /// Its length.
        second_len: usize,
    },
    /// The common region is too small to compute anything on.
    #[error(
        "{operation}: the region is {}×{} pixels, at least {minimum}×{minimum} are needed; \
         enlarge the region or reduce the margin",
        shape.0, shape.1
    )]
    TooSmall {
        /// What was being computed.
        operation: &'static str,
        /// Shape (ny, nx) of the region.
        shape: (usize, usize),
        /// Smallest side allowed.
        minimum: usize,
    },
    /// A rectangle reaches beyond the image.
    #[error(
        "{operation}: the rectangle {rectangle} reaches beyond the image of {}×{} pixels; choose it inside",
        shape.0, shape.1
    )]
    OutsideImage {
        /// What was being computed.
        operation: &'static str,
        /// The rectangle (or point) in words.
        rectangle: String,
        /// Shape (ny, nx) of the image.
        shape: (usize, usize),
    },
    /// An image holds NaN or infinity.
    #[error(
        "{operation}: pixel ({y}, {x}) of {image} is not finite; exclude it by choosing a region of good pixels"
    )]
    NotFinite {
        /// What was being computed.
        operation: &'static str,
        /// Name of the image.
        image: &'static str,
        /// Row.
        y: usize,
        /// Column.
        x: usize,
    },
    /// Two volumes that must have one shape do not.
    #[error(
        "{operation}: the first volume has {first_shape:?} voxels, the second {second_shape:?}; give both one shape"
    )]
    VolumeMismatch {
        /// What was being computed.
        operation: &'static str,
        /// Shape (nz, ny, nx) of the first.
        first_shape: (usize, usize, usize),
        /// Shape (nz, ny, nx) of the second.
        second_shape: (usize, usize, usize),
    },
    /// A volume is too small to compute anything on.
    #[error(
        "{operation}: volumes of {shape:?} voxels (z, y, x), at least {minimum} along each side are needed"
    )]
    VolumeTooSmall {
        /// What was being computed.
        operation: &'static str,
        /// Shape (nz, ny, nx).
        shape: (usize, usize, usize),
        /// Smallest side allowed.
        minimum: usize,
    },
    /// A point lies outside a volume.
    #[error(
        "{operation}: point {point:?} (z, y, x) lies outside the volume of {shape:?} voxels; choose it inside"
    )]
    OutsideVolume {
        /// What was being computed.
        operation: &'static str,
        /// The point (z, y, x).
        point: [f64; 3],
        /// Shape (nz, ny, nx).
        shape: (usize, usize, usize),
    },
    /// A volume holds NaN or infinity.
    #[error("{operation}: voxel ({z}, {y}, {x}) of {volume} is not finite; cut the volume to good voxels")]
    VoxelNotFinite {
        /// What was being computed.
        operation: &'static str,
        /// Name of the volume.
        volume: &'static str,
        /// Slice.
        z: usize,
        /// Row.
        y: usize,
        /// Column.
        x: usize,
    },
    /// Nothing but zeros (or nothing but a constant) where structure is needed.
    #[error("{operation}: {what}; choose a region with signal")]
    NoSignal {
        /// What was being computed.
        operation: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// The scan positions do not allow derivatives in two directions.
    #[error(
        "orientation: only {usable} of {total} positions have a measured centre of mass and neighbours in two \
         directions, at least {minimum} are needed; use a two-dimensional scan and check the mask"
    )]
    TooFewPositions {
        /// Positions that can be used.
        usable: usize,
        /// Positions given.
        total: usize,
        /// Positions needed.
        minimum: usize,
    },
    /// An edge fit found no minimum.
    #[error("edge fit: no edge found after {iterations} steps; choose a line that crosses one edge only")]
    EdgeNotFitted {
        /// Steps taken.
        iterations: usize,
    },
    /// A setting is outside its range.
    #[error("{operation}: {name} is {value}, it must be {allowed}")]
    InvalidSetting {
        /// What was being computed.
        operation: &'static str,
        /// Name of the setting.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The range allowed.
        allowed: &'static str,
    },
}
