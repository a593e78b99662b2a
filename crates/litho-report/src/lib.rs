//! Figures and the self-contained HTML report.
//!
//! - [`figure`]: one two-dimensional map or complex field with its colour
//!   legend, scale bar and title, as PNG bytes or as SVG.
//! - [`plot`]: curves, distributions, bars and scan positions, as SVG.
//! - [`report`]: sections, tables and figures as one HTML page that needs
//!   nothing else; [`report::reconstruction`] builds it for a ptychographic
//!   reconstruction.
//! - [`render`]: pictures of a turning volume, as PNG files and as one animated
//!   PNG.
//! - [`mesh`]: isosurfaces as triangles, and files of them.
//! - [`colour`]: the colour maps behind all of them.
//!
//! Everything is returned as bytes or text; nothing is read or written.
//! Images are `(y, x)` in C order with rows growing downward, lengths are in
//! metres, phases in radians.

mod bitmap;
pub mod colour;
mod error;
pub mod figure;
pub mod format;
pub mod mesh;
pub mod plot;
pub mod render;
pub mod report;
pub mod svg;

pub use error::ReportError;

/// Single-precision complex number, the element of a wave field.
pub type C32 = num_complex::Complex<f32>;
