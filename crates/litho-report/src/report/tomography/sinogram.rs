//! One row of all projections over the angle, before and after alignment.

use super::mismatch;
use super::slices::shown;
use crate::ReportError;
use crate::colour::ColourMap;
use crate::figure::{Axes, Grid, MapStyle, Panel, PixelSize, Range, Span};
use crate::format::LengthUnit;
use crate::report::Drawing;
use ndarray::{Array2, ArrayView2};

/// Height of a sinogram over its width.
const PROPORTION: f64 = 0.8;
/// Most rows of a sinogram: no screen has more.
const ROWS: usize = 2048;

/// One row of all projections.
#[derive(Debug, Clone)]
pub struct Sinograms<'a> {
    /// As measured `(angle, x)`.
    pub before: ArrayView2<'a, f32>,
    /// After alignment `(angle, x)`.
    pub after: Option<ArrayView2<'a, f32>>,
    /// Angles in radians, ascending.
    pub angles: &'a [f64],
    /// Which row of the projections it is.
    pub row: usize,
    /// Width of a pixel in metres.
    pub pixel: Option<f64>,
    /// Quantity and unit: `phase (rad)`.
    pub label: String,
}

impl Sinograms<'_> {
    /// The sinograms side by side; angles that were not measured have no data.
    ///
    /// # Errors
    /// If a sinogram is empty or has another number of angles, or the pixel is no length.
    pub fn drawing(&self) -> Result<Drawing, ReportError> {
        let given = [("before alignment", Some(self.before)), ("after alignment", self.after)];
        let mut maps = Vec::new();
        for (title, values) in given.into_iter().filter_map(|(title, values)| Some((title, values?))) {
            if values.nrows() != self.angles.len() {
                let (first, second) =
                    (format!("{} rows", values.nrows()), format!("{} angles", self.angles.len()));
                return Err(mismatch("sinogram", first, second));
            }
            maps.push((title, even(values, self.angles)));
        }
        let columns = self.before.ncols();
        let rows = maps.first().map_or(1, |(_, map)| map.nrows());
        // Angles are no lengths: a pixel's height only makes the sinogram's proportions.
        let width = self.pixel.unwrap_or(1.0);
        let height = width * PROPORTION * columns as f64 / rows.max(1) as f64;
        let range = Range::Percentiles { low: 0.1, high: 99.9 };
        let style = MapStyle { range, ..MapStyle::new(ColourMap::Grey, self.label.as_str()) };
        let mut row = Vec::new();
        for (title, map) in &maps {
            let title = if self.after.is_some() { (*title).to_owned() } else { String::new() };
            row.push(Panel { title, values: map.view(), pixel: Some(PixelSize { y: height, x: width }) });
        }
        let grid = Grid::maps("", &[row], &style)?.with_axes(self.axes(columns));
        let caption = format!("Sinogram of row {}, {}.{}", self.row, self.label, shown(&grid));
        let alt = format!("Sinogram of row {} of the projections before and after alignment", self.row);
        Drawing::of_grid("sinogram", grid, alt, caption)
    }

    fn axes(&self, columns: usize) -> Axes {
        let half = columns as f64 / 2.0;
        let (unit, symbol) = match self.pixel {
            Some(pixel) => {
                let unit = LengthUnit::for_length(half * pixel);
                (pixel / unit.metres(), unit.symbol())
            }
            None => (1.0, "px"),
        };
        let x = Span { label: format!("x ({symbol})"), ends: (-half * unit, half * unit) };
        let (low, high) = ends(self.angles);
        Axes { x, y: Span { label: "angle (°)".to_owned(), ends: (low.to_degrees(), high.to_degrees()) } }
    }
}

/// First and last angle, widened by half a step each.
fn ends(angles: &[f64]) -> (f64, f64) {
    let finite = || angles.iter().copied().filter(|a| a.is_finite());
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), a| (l.min(a), h.max(a)));
    if low > high {
        return (0.0, 1.0);
    }
    let half = step(angles) / 2.0;
    (low - half, high + half)
}

/// The median step between neighbouring angles; a degree where there is none.
fn step(angles: &[f64]) -> f64 {
    let mut steps: Vec<f64> = angles.windows(2).map(|w| w[1] - w[0]).filter(|s| *s > 0.0).collect();
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or(1f64.to_radians())
}

/// The rows of a sinogram at even angles: each from the nearest projection, without a value where there is none.
fn even(values: ArrayView2<'_, f32>, angles: &[f64]) -> Array2<f32> {
    /// How far away the nearest projection may be, in steps.
    const NEAR: f64 = 0.75;
    let (step, (low, high)) = (step(angles), ends(angles));
    let rows = (((high - low) / step).round() as usize).clamp(1, ROWS);
    let nearest: Vec<Option<usize>> = (0..rows)
        .map(|row| {
            let angle = low + (row as f64 + 0.5) / rows as f64 * (high - low);
            let away = |i: &usize| (angles[*i] - angle).abs();
            let best = (0..angles.len())
                .filter(|i| angles[*i].is_finite())
                .min_by(|a, b| away(a).total_cmp(&away(b)));
            best.filter(|i| away(i) <= NEAR * step)
        })
        .collect();
    Array2::from_shape_fn((rows, values.ncols()), |(row, x)| {
        nearest[row].map_or(f32::NAN, |i| values[[i, x]])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_angles_are_kept_and_gaps_stay_empty() {
        let values = Array2::from_shape_fn((5, 2), |(a, _)| a as f32);
        let even_ones: Vec<f64> = (0..5).map(|k| f64::from(k).to_radians()).collect();
        assert_eq!(even(values.view(), &even_ones), values);
        // 0, 1, 2 and 6, 7 degrees
        let gap: Vec<f64> = [0.0f64, 1.0, 2.0, 6.0, 7.0].map(f64::to_radians).to_vec();
        let rows: Vec<f32> = even(values.view(), &gap).column(0).to_vec();
        assert_eq!(rows.len(), 8);
        assert_eq!((&rows[..3], &rows[6..]), (&[0.0, 1.0, 2.0][..], &[3.0, 4.0][..]));
        assert!(rows[3..6].iter().all(|v| v.is_nan()));
        assert_eq!(even(values.slice(ndarray::s![..1, ..]), &[0.3]).dim(), (1, 2));
    }

    #[test]
    fn axes_are_degrees_and_lengths_about_the_middle() {
        let angles = [-1.0f64, 0.0, 1.0].map(|a| (80.0 * a).to_radians());
        let map = Array2::zeros((3, 100));
        let sinograms = Sinograms {
            before: map.view(),
            after: Some(map.view()),
            angles: &angles,
            row: 7,
            pixel: Some(2e-8),
            label: "phase (rad)".to_owned(),
        };
        let axes = sinograms.axes(100);
        assert_eq!(axes.x.label, "x (µm)");
        assert!((axes.x.ends.1 - 1.0).abs() < 1e-12 && (axes.y.ends.0 + 120.0).abs() < 1e-9, "{axes:?}");
        let text = sinograms.drawing().expect("draws").to_svg_document();
        assert!(text.contains("before alignment") && text.contains("angle (°)") && text.contains("x (µm)"));
        let short = Sinograms { angles: &angles[..2], ..sinograms };
        let error = short.drawing().expect_err("three rows for two angles").to_string();
        assert!(error.contains("3 rows") && error.contains("2 angles"), "{error}");
    }
}
