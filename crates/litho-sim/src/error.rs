//! What can go wrong in a simulation.

use litho_types::placement::PlacementError;
use litho_types::scattering::ScatteringError;

/// Errors of every operation in this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimError {
    /// A number that has no physical meaning.
    #[error("{quantity} is {value}; {fix}")]
    Value {
        /// What it is the value of.
        quantity: &'static str,
        /// The value given, with its unit.
        value: String,
        /// What to give instead.
        fix: &'static str,
    },
    /// The pixels are too coarse for the angles in the beam.
    #[error(
        "the beam of the {optics} opens to ±{angle:.3e} rad along {axis}, but pixels of {pixel} hold only \
         ±{limit:.3e} rad; bring the detector closer, or give a smaller aperture"
    )]
    ApertureTooWide {
        /// Name of the optics.
        optics: &'static str,
        /// `y` or `x`.
        axis: char,
        /// Half-angle of the beam, radians.
        angle: f64,
        /// Largest half-angle the grid holds, λ/(2Δ), radians.
        limit: f64,
        /// Pixel of the grid, with its unit.
        pixel: String,
    },
    /// The beam does not fit into the field of view.
    #[error(
        "the beam of the {optics} is {size} wide along {axis}, but the field of view is {field}; \
         reduce the defocus or the distance to the aperture, or use more or smaller detector pixels"
    )]
    BeamTooLarge {
        /// Name of the optics.
        optics: &'static str,
        /// `y` or `x`.
        axis: char,
        /// Size of the beam, with its unit.
        size: String,
        /// Size of the grid, with its unit.
        field: String,
    },
    /// The near-field propagator cannot be sampled on the frame.
    #[error(
        "near-field propagation over {distance} needs at least {needed} pixels of {pixel} along {axis}, but frames \
         have {count}; shorten the effective distance, or use larger pixels or frames"
    )]
    NearFieldUndersampled {
        /// `y` or `x`.
        axis: char,
        /// Effective distance, with its unit.
        distance: String,
        /// Pixels that suffice.
        needed: usize,
        /// Object pixel, with its unit.
        pixel: String,
        /// Pixels there are.
        count: usize,
    },
    /// An array has not the shape of what it belongs to.
    #[error("{array} has {got_y}×{got_x} pixels but {reference} has {want_y}×{want_x}; give both one shape",
        got_y = got.0, got_x = got.1, want_y = want.0, want_x = want.1)]
    Shape {
        /// The array.
        array: &'static str,
        /// Its shape (ny, nx).
        got: (usize, usize),
        /// What it must match.
        reference: &'static str,
        /// The shape of that (ny, nx).
        want: (usize, usize),
    },
    /// A beam position needs object pixels that were not given.
    #[error(
        "the beam at position {index} ({y:.4e}, {x:.4e}) m reaches beyond the object array of {rows}×{columns} pixels; \
         give a larger object, move its origin, or remove the position"
    )]
    OutsideObject {
        /// Index of the position.
        index: usize,
        /// Its y coordinate, metres.
        y: f64,
        /// Its x coordinate, metres.
        x: f64,
        /// Rows of the object array.
        rows: usize,
        /// Columns of the object array.
        columns: usize,
    },
    /// The positions cannot be placed on an object.
    #[error(transparent)]
    Placement(#[from] PlacementError),
    /// A scattering factor cannot be had.
    #[error(transparent)]
    Scattering(#[from] ScatteringError),
}

impl SimError {
    /// `value` if it is finite and above zero.
    pub(crate) fn positive(quantity: &'static str, value: f64, unit: &str) -> Result<f64, Self> {
        if value.is_finite() && value > 0.0 {
            Ok(value)
        } else {
            let fix = "give a finite number above zero";
            Err(Self::Value { quantity, value: format!("{value} {unit}"), fix })
        }
    }

    /// `value` if it is finite and not negative.
    pub(crate) fn not_negative(quantity: &'static str, value: f64, unit: &str) -> Result<f64, Self> {
        if value.is_finite() && value >= 0.0 {
            Ok(value)
        } else {
            let fix = "give zero or a finite number above it";
            Err(Self::Value { quantity, value: format!("{value} {unit}"), fix })
        }
    }

    /// `value` if it is finite.
    pub(crate) fn finite(quantity: &'static str, value: f64, unit: &str) -> Result<f64, Self> {
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Self::Value { quantity, value: format!("{value} {unit}"), fix: "give a finite number" })
        }
    }
}
