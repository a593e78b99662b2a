//! What can go wrong when a figure or a report is made.

/// Why a figure or a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// An image has no pixels.
    #[error(
        "figure '{figure}': the image has shape {ny} × {nx} and no pixels; pass at least one row and one column"
    )]
    EmptyImage {
        /// Title of the figure.
        figure: String,
        /// Rows.
        ny: usize,
        /// Columns.
        nx: usize,
    },
    /// The limits asked for cannot be drawn.
    #[error("figure '{figure}': the colour range {range} cannot be used; {fix}")]
    Range {
        /// Title of the figure.
        figure: String,
        /// The range as it was given.
        range: String,
        /// How to fix it.
        fix: &'static str,
    },
    /// A pixel size is zero, negative or not finite.
    #[error(
        "figure '{figure}': the pixel size {y} m × {x} m (y, x) is not a positive length; correct it or leave it out"
    )]
    PixelSize {
        /// Title of the figure.
        figure: String,
        /// Height of a pixel in metres.
        y: f64,
        /// Width of a pixel in metres.
        x: f64,
    },
    /// Two inputs of one figure do not belong together.
    #[error("{what}: {first} does not match {second}; pass arrays of the same extent")]
    Mismatch {
        /// The inputs that disagree.
        what: &'static str,
        /// Extent of the first.
        first: String,
        /// Extent of the second.
        second: String,
    },
    /// The PNG encoder refused the image.
    #[error(
        "figure '{figure}': encoding {width} × {height} pixels as PNG failed ({source}); reduce the image size"
    )]
    Png {
        /// Title of the figure.
        figure: String,
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// The encoder's reason.
        source: image::ImageError,
    },
    /// A volume cannot be rendered.
    #[error("rendering a volume: {what}; {fix}")]
    Scene {
        /// What is wrong.
        what: String,
        /// How to fix it.
        fix: &'static str,
    },
    /// The PNG encoder refused the animation.
    #[error("animation: encoding {frames} frames as PNG failed ({source}); pass at least one view")]
    Animation {
        /// Number of frames.
        frames: usize,
        /// The encoder's reason.
        source: png::EncodingError,
    },
}
