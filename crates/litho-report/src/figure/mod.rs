//! One two-dimensional map or complex field as a figure ([`Figure`]), or several
//! maps that share their legend ([`Grid`]): the image, a colour legend, a scale
//! bar and a title, as PNG or as SVG.

mod axes;
mod grid;
mod grid_layout;
mod layout;
mod png;
mod range;
mod raster;
mod scale_bar;
mod vector;

pub use grid::{Axes, Grid, LabelPanel, Panel, Span};
pub(crate) use grid::{Key, Picture, Stretch};
pub(crate) use png::{Words, stamp_key, stamp_scale_bar, write_words};
pub use range::Range;
pub(crate) use raster::Raster;
pub(crate) use scale_bar::ScaleBar;

use crate::colour::{ColourMap, Rgb};
use crate::format::Scale;
use crate::svg::Svg;
use crate::{C32, ReportError};
use layout::{Layout, Metrics};
use ndarray::ArrayView2;
use range::Limits;
use std::f64::consts::PI;

/// PNG figures enlarge smaller images by whole factors up to this many pixels.
const PNG_SMALL_SIDE: f64 = 512.0;
/// PNG figures reduce larger images to this many pixels.
const PNG_LARGE_SIDE: f64 = 2048.0;

/// Size of one pixel in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PixelSize {
    /// Height, along the rows' index.
    pub y: f64,
    /// Width, along the columns' index.
    pub x: f64,
}

impl PixelSize {
    /// A pixel as wide as high.
    pub const fn square(side: f64) -> Self {
        Self { y: side, x: side }
    }
}

/// How a real map is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct MapStyle {
    /// The colours.
    pub colours: ColourMap,
    /// Linear, or logarithmic as for diffraction frames.
    pub scale: Scale,
    /// What the colours span. Not used by [`ColourMap::Cyclic`].
    pub range: Range,
    /// Quantity and unit, written at the colour bar: `phase (rad)`.
    pub label: String,
    /// Colour of pixels without a value; `None`: the map's own.
    pub no_data: Option<Rgb>,
}

impl MapStyle {
    /// A linear scale over the middle 99 % of the values.
    pub fn new(colours: ColourMap, label: impl Into<String>) -> Self {
        Self { colours, scale: Scale::Linear, range: Range::ROBUST, label: label.into(), no_data: None }
    }

    /// Wrapped phase in radians on the cyclic map, −π to π.
    pub fn wrapped_phase() -> Self {
        let range = Range::Fixed { min: -PI, max: PI };
        Self { range, ..Self::new(ColourMap::Cyclic, "phase (rad)") }
    }

    /// A linear scale from `min` to `max`, pixels without a value white.
    pub fn between(colours: ColourMap, label: impl Into<String>, min: f64, max: f64) -> Self {
        let range = Range::Fixed { min, max };
        Self { range, no_data: Some([255; 3]), ..Self::new(colours, label) }
    }

    /// The colour of pixels without a value.
    fn missing(&self) -> Rgb {
        self.no_data.unwrap_or_else(|| self.colours.no_data())
    }

    /// Intensities over many decades: logarithmic up to the maximum, from the
    /// first percentile of the positive values.
    pub fn logarithmic(label: impl Into<String>) -> Self {
        let range = Range::Percentiles { low: 1.0, high: 100.0 };
        Self { scale: Scale::Log, range, ..Self::new(ColourMap::Viridis, label) }
    }
}

/// How a complex field is drawn: hue for phase, brightness for amplitude.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplexStyle {
    /// Quantity and unit of the amplitude.
    pub label: String,
    /// Percentile (above 0, up to 100) of the amplitudes drawn at full
    /// brightness; 100 suits a beam that fills a small part of its image.
    pub percentile: f64,
}

/// The key to the colours of a figure.
#[derive(Debug, Clone, PartialEq)]
enum Legend {
    /// A bar with ticks.
    Bar { style: MapStyle, limits: Limits },
    /// A disc of hues; the amplitude at its rim.
    Wheel { label: String, max_amplitude: f64 },
    /// A named swatch of each category.
    Swatches(Vec<(Rgb, String)>),
    /// Nothing to show, and why.
    Note(&'static str),
}

impl Legend {
    /// The colour bar of a map, or why there is none.
    fn bar(style: MapStyle, limits: Option<Limits>) -> Self {
        match (limits, style.scale) {
            (Some(limits), _) => Self::Bar { style, limits },
            (None, Scale::Linear) => Self::Note("no finite values"),
            (None, Scale::Log) => Self::Note("no positive values"),
        }
    }
}

/// An image with its title, colour legend and scale bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    title: String,
    raster: Raster,
    legend: Legend,
    pixel: Option<PixelSize>,
    /// Colour of pixels without a value, if there are any.
    no_data: Option<Rgb>,
}

impl Figure {
    /// A figure of the real map `values` `(y, x)`. Pixels that are not finite
    /// are drawn in the map's no-data colour and take no part in the range.
    ///
    /// # Errors
    /// If `values` has no pixels, or the range of `style` cannot be used.
    pub fn map(title: &str, values: ArrayView2<'_, f32>, style: &MapStyle) -> Result<Self, ReportError> {
        check_extent(title, values.dim())?;
        let style = match style.colours {
            ColourMap::Cyclic => MapStyle { label: style.label.clone(), ..MapStyle::wrapped_phase() },
            _ => style.clone(),
        };
        let limits = range::limits(title, values, style.range, style.scale)?;
        let no_data = values.iter().any(|v| !v.is_finite()).then(|| style.missing());
        let raster = Raster::from_map(values, &style, limits);
        let legend = Legend::bar(style, limits);
        Ok(Self { title: title.to_owned(), raster, legend, pixel: None, no_data })
    }

    /// A figure of the complex field `values` `(y, x)` by domain colouring.
    /// Pixels that are not finite are drawn in grey.
    ///
    /// # Errors
    /// If `values` has no pixels, or the percentile is not in (0, 100].
    pub fn complex(
        title: &str,
        values: ArrayView2<'_, C32>,
        style: &ComplexStyle,
    ) -> Result<Self, ReportError> {
        check_extent(title, values.dim())?;
        let amplitude = values.map(|v| v.norm());
        let range = Range::Symmetric { percentile: style.percentile };
        let limits = range::limits(title, amplitude.view(), range, Scale::Linear)?;
        let no_data = amplitude.iter().any(|v| !v.is_finite()).then(|| ColourMap::Cyclic.no_data());
        let max_amplitude = limits.map_or(1.0, |l| l.max);
        let raster = Raster::from_complex(values, max_amplitude);
        let legend = match limits {
            Some(_) => Legend::Wheel { label: style.label.clone(), max_amplitude },
            None => Legend::Note("no finite values"),
        };
        Ok(Self { title: title.to_owned(), raster, legend, pixel: None, no_data })
    }

    /// The same figure with a scale bar in units of length (`None`: in pixels).
    ///
    /// # Errors
    /// If a side of the pixel is not a positive, finite length.
    pub fn with_pixel_size(mut self, pixel: Option<PixelSize>) -> Result<Self, ReportError> {
        check_pixel(&self.title, pixel)?;
        self.pixel = pixel;
        Ok(self)
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The values of the first and the last colour; `None` for complex fields
    /// and for maps without a value to draw.
    pub fn shown_range(&self) -> Option<(f64, f64)> {
        match &self.legend {
            Legend::Bar { limits, .. } => Some((limits.min, limits.max)),
            Legend::Wheel { .. } | Legend::Swatches(_) | Legend::Note(_) => None,
        }
    }

    /// PNG bytes of the figure on white. The image keeps its pixels where its
    /// longer side has 512–2048; smaller ones are enlarged by a whole factor,
    /// larger ones averaged down.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn to_png(&self) -> Result<Vec<u8>, ReportError> {
        let (height, width) = self.natural_size();
        let long = height.max(width);
        let factor = if long > PNG_LARGE_SIDE {
            PNG_LARGE_SIDE / long
        } else {
            (PNG_SMALL_SIDE / long).floor().max(1.0)
        };
        let layout = Layout::new(self, display_size((height, width), factor), Metrics::BITMAP);
        png::render(&layout).to_png(&self.title)
    }

    /// The figure as SVG, the longer side of its image `side` CSS pixels long.
    /// The image is embedded, averaged down where it has far more pixels.
    ///
    /// # Errors
    /// If the encoder of the embedded image fails.
    pub fn to_svg(&self, side: f64) -> Result<Svg, ReportError> {
        let (height, width) = self.natural_size();
        let factor = side.max(1.0) / height.max(width);
        let layout = Layout::new(self, display_size((height, width), factor), Metrics::OUTLINE);
        vector::render(&layout, &self.title)
    }

    /// Height and width in units of a pixel's width: physical proportions.
    fn natural_size(&self) -> (f64, f64) {
        let ratio = proportion(self.pixel);
        (self.raster.height as f64 * ratio, self.raster.width as f64)
    }
}

/// Whole pixels on the sheet, at least one each way.
fn display_size((height, width): (f64, f64), factor: f64) -> (i32, i32) {
    ((height * factor).round().max(1.0) as i32, (width * factor).round().max(1.0) as i32)
}

/// Height of a pixel over its width. Pixels square to a part in a thousand are drawn square.
fn proportion(pixel: Option<PixelSize>) -> f64 {
    const SQUARE: f64 = 1e-3;
    let ratio = pixel.map_or(1.0, |p| p.y / p.x);
    if (ratio - 1.0).abs() < SQUARE { 1.0 } else { ratio.clamp(0.01, 100.0) }
}

fn check_pixel(figure: &str, pixel: Option<PixelSize>) -> Result<(), ReportError> {
    let valid = |side: f64| side > 0.0 && side.is_finite();
    match pixel {
        Some(PixelSize { y, x }) if !(valid(y) && valid(x)) => {
            Err(ReportError::PixelSize { figure: figure.to_owned(), y, x })
        }
        _ => Ok(()),
    }
}

fn check_extent(title: &str, (ny, nx): (usize, usize)) -> Result<(), ReportError> {
    if ny == 0 || nx == 0 {
        return Err(ReportError::EmptyImage { figure: title.to_owned(), ny, nx });
    }
    Ok(())
}
