//! Several maps at one scale of length, with one colour legend and one scale bar.

use super::layout::{Layout, Metrics};
use super::range::{Limits, limits};
use super::{Legend, MapStyle, PixelSize, Raster, check_extent, check_pixel, png, proportion, vector};
use crate::ReportError;
use crate::colour::{Rgb, category};
use crate::svg::Svg;
use ndarray::{Array2, ArrayView2};

/// Widest row of images of a PNG in pixels, and its longest single side.
const PNG_SIDES: (f64, f64) = (1200.0, 480.0);
/// Longest side of a single image of an SVG in CSS pixels.
const SVG_SIDE: f64 = 300.0;

/// One real map of a grid.
#[derive(Debug, Clone)]
pub struct Panel<'a> {
    /// What stands above it, short.
    pub title: String,
    /// The map `(y, x)`; values that are not finite are missing.
    pub values: ArrayView2<'a, f32>,
    /// Size of a pixel. If one map of a grid lacks it, lengths are in pixels.
    pub pixel: Option<PixelSize>,
}

/// One map of categories of a grid.
#[derive(Debug, Clone)]
pub struct LabelPanel<'a> {
    /// What stands above it, short.
    pub title: String,
    /// Labels `(y, x)`: 1 is the first category, 0 is none and stays white.
    pub labels: ArrayView2<'a, u16>,
    /// Size of a pixel. If one map of a grid lacks it, lengths are in pixels.
    pub pixel: Option<PixelSize>,
}

/// One picture of a grid, in colours already.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// What stands above it, short.
    pub(crate) title: String,
    /// The image.
    pub(crate) raster: Raster,
    /// Size of a pixel. If one picture of a grid lacks it, lengths are in pixels.
    pub(crate) pixel: Option<PixelSize>,
}

/// What the colours of pictures stand for.
#[derive(Debug, Clone)]
pub(crate) enum Key {
    /// Numbers on a bar; the style's range must be fixed.
    Bar(MapStyle),
    /// Names of colours; none of them is no key.
    Names(Vec<(Rgb, String)>),
}

/// A straight line over a map, from and to places `(y, x)` in parts of its height and width.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) from: (f64, f64),
    pub(crate) to: (f64, f64),
    pub(crate) colour: Rgb,
    /// What stands at its end, inside the map; may be empty.
    pub(crate) label: String,
}

/// An image of a grid, its title and the size of its pixels in the grid's unit of length.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub(super) title: String,
    pub(super) raster: Raster,
    pub(super) pixel: PixelSize,
    /// Where something is pointed at, as parts `(y, x)` of its height and width.
    pub(super) mark: Option<(f64, f64)>,
    /// Lines over the image.
    pub(super) stretches: Vec<Stretch>,
}

impl Cell {
    /// Height and width in the grid's unit of length.
    pub(super) fn extent(&self) -> (f64, f64) {
        let height = self.raster.height as f64 * self.pixel.x * proportion(Some(self.pixel));
        (height, self.raster.width as f64 * self.pixel.x)
    }
}

/// Rows of maps that share their colours, their scale of length and their legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    pub(super) title: String,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) legend: Legend,
    /// Pixels are lengths in metres.
    pub(super) metric: bool,
    /// Colour and name of pixels without a value, if there are any.
    pub(super) nothing: Option<(Rgb, &'static str)>,
    /// Axes of every map, in place of the scale bar.
    pub(super) axes: Option<Axes>,
}

/// What the rows and the columns of a map stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Axes {
    /// Along the columns, from the left edge to the right one.
    pub x: Span,
    /// Along the rows, from the upper edge to the lower one.
    pub y: Span,
}

/// One axis of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Quantity and unit: `angle (°)`.
    pub label: String,
    /// Its values at the outer edges of the first and of the last pixel.
    pub ends: (f64, f64),
}

impl Grid {
    /// Real maps in `style`; its range is chosen over all of them together.
    ///
    /// # Errors
    /// If a map has no pixels, a pixel size is not a length, or the range of `style` cannot be used.
    pub fn maps(title: &str, rows: &[Vec<Panel<'_>>], style: &MapStyle) -> Result<Self, ReportError> {
        let panels = || rows.iter().flatten();
        let metric = checked(panels().map(|p| (&p.title, p.values.dim(), p.pixel)))?;
        let all: Vec<f32> = panels().flat_map(|p| p.values.iter().copied()).collect();
        let nothing = all.iter().any(|v| !v.is_finite()).then(|| (style.missing(), "no data"));
        let all = Array2::from_shape_fn((1, all.len()), |(_, i)| all[i]);
        let limits = limits(title, all.view(), style.range, style.scale)?;
        let cell = |panel: &Panel<'_>| Cell {
            title: panel.title.clone(),
            raster: Raster::from_map(panel.values, style, limits),
            pixel: unit(panel.pixel, metric),
            mark: None,
            stretches: Vec::new(),
        };
        let legend = Legend::bar(style.clone(), limits);
        let rows = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        Ok(Self { title: title.to_owned(), rows, legend, metric, nothing, axes: None })
    }

    /// Maps of categories; `names` are those of labels 1, 2, … in order.
    ///
    /// # Errors
    /// If a map has no pixels or a pixel size is not a length.
    pub fn categories(
        title: &str,
        rows: &[Vec<LabelPanel<'_>>],
        names: &[String],
    ) -> Result<Self, ReportError> {
        const NONE: Rgb = [255; 3];
        let panels = || rows.iter().flatten();
        let metric = checked(panels().map(|p| (&p.title, p.labels.dim(), p.pixel)))?;
        let nothing = panels().any(|p| p.labels.iter().any(|l| *l == 0)).then_some((NONE, "none"));
        let cell = |panel: &LabelPanel<'_>| Cell {
            title: panel.title.clone(),
            raster: Raster::from_labels(panel.labels, NONE),
            pixel: unit(panel.pixel, metric),
            mark: None,
            stretches: Vec::new(),
        };
        let swatches = names.iter().enumerate().map(|(k, name)| (category(k), name.clone()));
        let legend = Legend::Swatches(swatches.collect());
        let rows = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        Ok(Self { title: title.to_owned(), rows, legend, metric, nothing, axes: None })
    }

    /// Pictures in colours already, with the key to these.
    ///
    /// # Errors
    /// If a picture has no pixels, a pixel size is not a length, or the range of the key's style cannot be used.
    pub(crate) fn pictures(title: &str, rows: Vec<Vec<Picture>>, key: Key) -> Result<Self, ReportError> {
        let extents = rows.iter().flatten().map(|p| (&p.title, (p.raster.height, p.raster.width), p.pixel));
        let metric = checked(extents)?;
        let legend = match key {
            Key::Bar(style) => {
                // Any value will do: the range is fixed.
                let limits = limits(title, Array2::from_elem((1, 1), 1.0).view(), style.range, style.scale)?;
                Legend::bar(style, limits.map(|l| Limits { below: false, above: false, ..l }))
            }
            Key::Names(names) => Legend::Swatches(names),
        };
        let cell = |picture: Picture| Cell {
            title: picture.title,
            raster: picture.raster,
            pixel: unit(picture.pixel, metric),
            mark: None,
            stretches: Vec::new(),
        };
        let rows = rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect();
        Ok(Self { title: title.to_owned(), rows, legend, metric, nothing: None, axes: None })
    }

    /// The same maps, the first of them with lines over it.
    #[must_use]
    pub(crate) fn with_stretches(mut self, stretches: Vec<Stretch>) -> Self {
        if let Some(cell) = self.rows.iter_mut().flatten().next() {
            cell.stretches = stretches;
        }
        self
    }

    /// The same maps with axes in place of the scale bar; all maps have the same ones.
    #[must_use]
    pub fn with_axes(self, axes: Axes) -> Self {
        Self { axes: Some(axes), ..self }
    }

    /// The same maps, each of a row with a pointer at its right and at its lower edge to a place `(y, x)`, given as parts
    /// of its height and width from the upper left corner.
    #[must_use]
    pub fn with_marks(mut self, marks: &[(f64, f64)]) -> Self {
        for row in &mut self.rows {
            for (cell, mark) in row.iter_mut().zip(marks) {
                cell.mark = Some(*mark);
            }
        }
        self
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The values of the first and the last colour; `None` for categories and without a value to draw.
    pub fn shown_range(&self) -> Option<(f64, f64)> {
        match &self.legend {
            Legend::Bar { limits, .. } => Some((limits.min, limits.max)),
            _ => None,
        }
    }

    /// The grid as SVG, the images of its widest row at most `width` CSS pixels wide together.
    ///
    /// # Errors
    /// If the encoder of an embedded image fails.
    pub fn to_svg(&self, width: f64) -> Result<Svg, ReportError> {
        let layout = Layout::grid(self, self.enlargement((width, SVG_SIDE)), Metrics::OUTLINE);
        vector::render(&layout, &self.title)
    }

    /// PNG bytes of the grid on white; pixels are enlarged by a whole factor where they fit.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn to_png(&self) -> Result<Vec<u8>, ReportError> {
        let enlargement = self.enlargement(PNG_SIDES);
        let pixel = self.rows.iter().flatten().next().map_or(1.0, |cell| cell.pixel.x);
        let whole = (enlargement * pixel).floor() / pixel;
        let enlargement = if whole > 0.0 { whole } else { enlargement };
        png::render(&Layout::grid(self, enlargement, Metrics::BITMAP)).to_png(&self.title)
    }

    /// Pixels of the sheet per unit of length.
    fn enlargement(&self, (row, side): (f64, f64)) -> f64 {
        let widest = self.rows.iter().map(|cells| cells.iter().map(|c| c.extent().1).sum::<f64>());
        let longest = self.rows.iter().flatten().map(|c| c.extent().0.max(c.extent().1));
        let by_row = row.max(1.0) / widest.fold(f64::MIN_POSITIVE, f64::max);
        by_row.min(side / longest.fold(f64::MIN_POSITIVE, f64::max))
    }
}

/// Checks every panel; true if all of them have a pixel size.
fn checked<'a>(
    panels: impl Iterator<Item = (&'a String, (usize, usize), Option<PixelSize>)>,
) -> Result<bool, ReportError> {
    let mut metric = true;
    for (title, extent, pixel) in panels {
        check_extent(title, extent)?;
        check_pixel(title, pixel)?;
        metric &= pixel.is_some();
    }
    Ok(metric)
}

fn unit(pixel: Option<PixelSize>, metric: bool) -> PixelSize {
    pixel.filter(|_| metric).unwrap_or(PixelSize::square(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::ColourMap;
    use crate::figure::Range;
    use ndarray::array;

    fn panel(title: &str, values: &Array2<f32>, pixel: f64) -> Panel<'static> {
        let pixel = (pixel > 0.0).then(|| PixelSize::square(pixel));
        // Leaked: a few numbers of a test.
        Panel { title: title.to_owned(), values: Box::leak(Box::new(values.clone())).view(), pixel }
    }

    fn images(svg: &Svg) -> Vec<(f64, f64)> {
        let text = svg.to_document("t");
        let parsed = roxmltree::Document::parse(&text).expect("well formed");
        let number = |n: &roxmltree::Node<'_, '_>, a| n.attribute(a).and_then(|v| v.parse().ok());
        let all = parsed.descendants().filter(|n| n.has_tag_name("image"));
        all.map(|n| (number(&n, "width").expect("width"), number(&n, "height").expect("height"))).collect()
    }

    #[test]
    fn panels_share_one_range_one_bar_and_one_scale_of_length() {
        let (low, high) = (Array2::zeros((10, 20)), Array2::from_elem((20, 20), 4.0));
        let rows = [vec![panel("P1", &low, 1e-8), panel("P2", &high, 2e-8)]];
        let style = MapStyle { range: Range::FULL, ..MapStyle::new(ColourMap::Viridis, "eV") };
        let grid = Grid::maps("Edge", &rows, &style).expect("a grid");
        assert_eq!(grid.shown_range(), Some((0.0, 4.0)));
        let svg = grid.to_svg(300.0).expect("draws");
        // 20 px of 10 nm and 20 px of 20 nm share 300 px; the bar follows.
        assert_eq!(images(&svg)[..2], [(100.0, 50.0), (200.0, 200.0)]);
        assert_eq!(images(&svg).len(), 3);
        let text = svg.to_document("t");
        assert_eq!(text.matches("100 nm").count(), 1, "30 % of 400 nm, rounded down");
        assert!(text.contains("P1") && text.contains("P2") && !text.contains("no data"));
        assert!(image::load_from_memory(&grid.to_png().expect("encodes")).is_ok());
    }

    #[test]
    fn missing_values_are_white_and_explained_and_one_missing_pixel_size_means_pixels() {
        let map = array![[f32::NAN, 5476.0], [5478.0, 5481.0]];
        let rows = [vec![panel("a", &map, 1e-8)], vec![panel("b", &map, 0.0)]];
        let style = MapStyle::between(ColourMap::Viridis, "edge energy (eV)", 5476.0, 5481.0);
        let grid = Grid::maps("", &rows, &style).expect("a grid");
        assert_eq!(grid.rows[0][0].raster.pixels[0], [255; 4]);
        assert_eq!(grid.shown_range(), Some((5476.0, 5481.0)));
        let text = grid.to_svg(400.0).expect("draws").to_document("t");
        assert!(text.contains("no data") && text.contains("1 px"));
    }

    #[test]
    fn categories_name_their_colours_and_zero_is_none() {
        let labels = array![[0u16, 1], [2, 6]];
        let panel = LabelPanel { title: "D1".to_owned(), labels: labels.view(), pixel: None };
        let names: Vec<String> = (1..=6).map(|k| format!("cluster {k}")).collect();
        let grid = Grid::categories("Domains", &[vec![panel]], &names).expect("a grid");
        let text = grid.to_svg(400.0).expect("draws").to_document("t");
        for name in names.iter().map(String::as_str).chain(["none", "D1"]) {
            assert!(text.contains(name), "{name}");
        }
        assert_eq!(grid.rows[0][0].raster.pixels[3][..3], category(5));
    }

    #[test]
    fn no_panels_and_no_values_are_drawn_and_no_pixels_are_refused() {
        let style = MapStyle::new(ColourMap::Grey, "");
        for rows in [vec![], vec![vec![]], vec![vec![panel("n", &Array2::from_elem((2, 3), f32::NAN), 1.0)]]]
        {
            let grid = Grid::maps("Empty", &rows, &style).expect("a grid");
            assert!(grid.to_svg(100.0).expect("draws").to_document("t").contains("no finite values"));
            assert!(grid.to_png().is_ok());
        }
        let error = Grid::maps("x", &[vec![panel("P9", &Array2::zeros((0, 3)), 1.0)]], &style);
        assert!(matches!(error, Err(ReportError::EmptyImage { ref figure, .. }) if figure == "P9"));
    }
}
