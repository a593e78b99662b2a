//! A projection beside the one that the volume predicts.

use super::slices::shown;
use super::{degrees, mismatch};
use crate::ReportError;
use crate::colour::ColourMap;
use crate::figure::{Grid, MapStyle, Panel, PixelSize, Range};
use crate::format::short_number;
use crate::report::Drawing;
use crate::report::drawing::file_name;
use ndarray::{ArrayView2, Zip};

/// Width of a single image on the page in CSS pixels: a pair and its residual stand side by side.
const SIDE: f64 = 236.0;

/// A projection as measured and as computed from the volume.
#[derive(Debug, Clone)]
pub struct ProjectionFit<'a> {
    /// The projection after alignment `(y, x)`.
    pub measured: ArrayView2<'a, f32>,
    /// The projection of the volume `(y, x)`.
    pub computed: ArrayView2<'a, f32>,
    /// Its angle in radians.
    pub angle: f64,
    /// Size of a pixel in metres.
    pub pixel: Option<f64>,
    /// Quantity and unit: `phase (rad)`.
    pub label: String,
}

impl ProjectionFit<'_> {
    /// The pair in common colours, and the residual.
    ///
    /// # Errors
    /// If the two differ in extent or have no pixels, or the pixel is no length.
    pub fn drawings(&self) -> Result<Vec<Drawing>, ReportError> {
        if self.measured.dim() != self.computed.dim() {
            let [first, second] = [self.measured, self.computed].map(|a| format!("shape {:?}", a.dim()));
            return Err(mismatch("projection and reprojection", first, second));
        }
        let angle = degrees(self.angle);
        let name = file_name(&format!("{:.1}", self.angle.to_degrees()));
        let pixel = self.pixel.map(PixelSize::square);
        let panel = |title: &str, values| Panel { title: title.to_owned(), values, pixel };
        let range = Range::Percentiles { low: 0.1, high: 99.9 };
        let style = MapStyle { range, ..MapStyle::new(ColourMap::Grey, self.label.as_str()) };
        let pair = [vec![panel("measured", self.measured), panel("computed", self.computed)]];
        let grid = Grid::maps("", &pair, &style)?;
        let caption = format!(
            "Projection at {angle}: measured and aligned, and computed from the volume.{}",
            shown(&grid)
        );
        let alt = format!("The projection at {angle} as measured and as computed from the volume");
        let pair = Drawing::of_grid_within(2.0 * SIDE, &format!("projection_{name}"), grid, alt, caption)?;

        let residual = Zip::from(self.measured).and(self.computed).map_collect(|m, c| m - c);
        let range = Range::Symmetric { percentile: 99.5 };
        let style = MapStyle { range, ..MapStyle::new(ColourMap::Diverging, self.label.as_str()) };
        let grid = Grid::maps("", &[vec![panel("measured − computed", residual.view())]], &style)?;
        let caption = format!("Residual at {angle}: {}.", self.misfit());
        let alt = format!("Map of the residual of the projection at {angle}");
        let residual = Drawing::of_grid_within(SIDE, &format!("residual_{name}"), grid, alt, caption)?;
        Ok(vec![pair, residual])
    }

    /// Root mean square of the residual, and its part of that of the projection.
    fn misfit(&self) -> String {
        let (mut residual, mut measured, mut count) = (0.0, 0.0, 0usize);
        for (m, c) in self.measured.iter().zip(self.computed) {
            let (m, c) = (f64::from(*m), f64::from(*c));
            if m.is_finite() && c.is_finite() {
                residual += (m - c).powi(2);
                measured += m * m;
                count += 1;
            }
        }
        let rms = (residual / count.max(1) as f64).sqrt();
        let share = 100.0 * (residual / measured).sqrt();
        if share.is_finite() {
            format!("{} root mean square, {share:.1} % of the projection", short_number(rms))
        } else {
            format!("{} root mean square", short_number(rms))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn the_residual_is_told_and_extents_must_agree() {
        let measured = Array2::from_elem((8, 10), 2.0f32);
        let computed = Array2::from_elem((8, 10), 1.5f32);
        let fit = ProjectionFit {
            measured: measured.view(),
            computed: computed.view(),
            angle: -0.5f64.to_radians(),
            pixel: Some(1e-8),
            label: "phase (rad)".to_owned(),
        };
        let drawings = fit.drawings().expect("draws");
        assert_eq!(drawings[0].name, "projection__0_5");
        assert!(
            drawings[1].caption.contains("−0.5°: 0.500 root mean square, 25.0 %"),
            "{}",
            drawings[1].caption
        );
        let error = ProjectionFit { computed: computed.slice(ndarray::s![.., 1..]), ..fit }.drawings();
        assert!(matches!(error, Err(ReportError::Mismatch { .. })));
    }
}
