//! Pixels: values turned into colours, resampled for display, encoded as PNG.

use super::MapStyle;
use super::range::Limits;
use crate::C32;
use crate::ReportError;
use crate::colour::{ColourMap, Rgb, category, domain_colour};
use crate::format::Scale;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};
use ndarray::ArrayView2;
use std::f64::consts::FRAC_PI_2;

/// Red, green, blue, opacity.
pub(crate) type Rgba = [u8; 4];

/// An image of colours, rows from the top.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raster {
    /// Columns.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
    /// `height × width` pixels, C order.
    pub(crate) pixels: Vec<Rgba>,
}

impl Raster {
    /// An image whose pixel `(y, x)` is `colour(y, x)`.
    pub(crate) fn from_fn(height: usize, width: usize, colour: impl Fn(usize, usize) -> Rgba) -> Self {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (y, x))).map(|(y, x)| colour(y, x));
        Self { width, height, pixels: pixels.collect() }
    }

    /// The map `values` in colours; pixels that are not finite get the style's colour for them.
    pub(crate) fn from_map(values: ArrayView2<'_, f32>, style: &MapStyle, limits: Option<Limits>) -> Self {
        let missing = opaque(style.missing());
        Self::from_fn(values.nrows(), values.ncols(), |y, x| {
            let value = f64::from(values[[y, x]]);
            if !value.is_finite() {
                return missing;
            }
            let t = limits.map_or(0.0, |l| position(value, l, style.scale));
            opaque(style.colours.colour(t))
        })
    }

    /// Labels `(y, x)` in the colours of categories: label 1 is the first, 0 is `nothing`.
    pub(crate) fn from_labels(labels: ArrayView2<'_, u16>, nothing: Rgb) -> Self {
        Self::from_fn(labels.nrows(), labels.ncols(), |y, x| match labels[[y, x]] {
            0 => opaque(nothing),
            label => opaque(category(usize::from(label) - 1)),
        })
    }

    /// A complex field by domain colouring, full brightness at `max_amplitude`.
    pub(crate) fn from_complex(values: ArrayView2<'_, C32>, max_amplitude: f64) -> Self {
        Self::from_fn(values.nrows(), values.ncols(), |y, x| {
            let (re, im) = (f64::from(values[[y, x]].re), f64::from(values[[y, x]].im));
            if !(re.is_finite() && im.is_finite()) {
                return opaque(ColourMap::Cyclic.no_data());
            }
            opaque(domain_colour(im.atan2(re), re.hypot(im) / max_amplitude))
        })
    }

    /// The colours of a map from top (high) to bottom (low), one pixel wide.
    pub(crate) fn colour_bar(colours: ColourMap) -> Self {
        const STEPS: usize = 256;
        Self::from_fn(STEPS, 1, |y, _| opaque(colours.colour(1.0 - (y as f64 + 0.5) / STEPS as f64)))
    }

    /// The legend of domain colouring: a disc of this diameter, amplitude
    /// growing from the centre, phase counter-clockwise from the right.
    pub(crate) fn colour_wheel(diameter: usize) -> Self {
        let radius = diameter as f64 / 2.0;
        Self::from_fn(diameter, diameter, |y, x| {
            let (dy, dx) = (radius - (y as f64 + 0.5), (x as f64 + 0.5) - radius);
            let r = dx.hypot(dy);
            let [red, green, blue] = domain_colour(dy.atan2(dx), r / (radius - 1.0));
            // The rim fades over one pixel.
            [red, green, blue, (255.0 * (radius - r).clamp(0.0, 1.0)).round() as u8]
        })
    }

    /// This image on another pixel grid: the nearest pixel where the grid is
    /// finer, the mean colour (in sRGB) where it is coarser.
    pub(crate) fn resampled(&self, height: usize, width: usize) -> Self {
        if (height, width) == (self.height, self.width) {
            return self.clone();
        }
        let span = |i: usize, of: usize, from: usize| {
            let low = i * from / of;
            (low, ((i + 1) * from / of).max(low + 1))
        };
        Self::from_fn(height, width, |y, x| {
            let ((y0, y1), (x0, x1)) = (span(y, height, self.height), span(x, width, self.width));
            let mut sum = [0u64; 4];
            for row in self.pixels.chunks_exact(self.width).take(y1).skip(y0) {
                for pixel in &row[x0..x1] {
                    for (total, channel) in sum.iter_mut().zip(pixel) {
                        *total += u64::from(*channel);
                    }
                }
            }
            let count = ((y1 - y0) * (x1 - x0)) as u64;
            sum.map(|total| ((total + count / 2) / count) as u8)
        })
    }

    /// PNG bytes, grey or colour, with opacity only where some pixel needs it.
    pub(crate) fn to_png(&self, figure: &str) -> Result<Vec<u8>, ReportError> {
        let is_opaque = self.pixels.iter().all(|p| p[3] == 255);
        let is_grey = is_opaque && self.pixels.iter().all(|p| p[0] == p[1] && p[1] == p[2]);
        let (kind, channels) = match (is_grey, is_opaque) {
            (true, _) => (ExtendedColorType::L8, 1),
            (false, true) => (ExtendedColorType::Rgb8, 3),
            (false, false) => (ExtendedColorType::Rgba8, 4),
        };
        let bytes: Vec<u8> = self.pixels.iter().flat_map(|p| p.iter().take(channels).copied()).collect();
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive)
            .write_image(&bytes, self.width as u32, self.height as u32, kind)
            .map_err(|source| ReportError::Png {
                figure: figure.to_owned(),
                width: self.width,
                height: self.height,
                source,
            })?;
        Ok(png)
    }
}

fn opaque([r, g, b]: [u8; 3]) -> Rgba {
    [r, g, b, 255]
}

/// Where `value` lies between the limits, 0–1 inside.
fn position(value: f64, limits: Limits, scale: Scale) -> f64 {
    // log of zero is −∞ and of a negative number NaN: both lie below the scale.
    if scale == Scale::Log && value <= 0.0 {
        return 0.0;
    }
    let [v, min, max] = [value, limits.min, limits.max].map(|v| scale.forward(v));
    (v - min) / (max - min)
}

/// The angles named on the colour wheel and at the ends of the cyclic scale.
pub(crate) const QUARTER_TURNS: [(f64, &str); 5] =
    [(-2.0 * FRAC_PI_2, "−π"), (-FRAC_PI_2, "−π/2"), (0.0, "0"), (FRAC_PI_2, "π/2"), (2.0 * FRAC_PI_2, "π")];

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    const UNIT: Limits = Limits { min: 0.0, max: 1.0, below: false, above: false };

    #[test]
    fn values_outside_are_clamped_and_missing_ones_marked() {
        let raster = Raster::from_map(
            array![[-3.0, 0.0, 0.5], [1.0, 9.0, f32::NAN]].view(),
            &MapStyle::new(ColourMap::Grey, ""),
            Some(UNIT),
        );
        let greys: Vec<u8> = raster.pixels[..5].iter().map(|p| p[0]).collect();
        assert_eq!(greys, [0, 0, 128, 255, 255]);
        assert_eq!(raster.pixels[5], opaque(ColourMap::Grey.no_data()));
    }

    #[test]
    fn labels_take_the_colours_of_categories_and_zero_that_of_nothing() {
        let raster = Raster::from_labels(array![[0, 1], [2, 13]].view(), [255; 3]);
        assert_eq!(raster.pixels, [[255; 3], category(0), category(1), category(0)].map(opaque));
    }

    #[test]
    fn log_scale_places_decades_evenly_and_zero_below() {
        let limits = Limits { min: 1.0, max: 1000.0, ..UNIT };
        for (value, t) in [(1.0, 0.0), (10.0, 1.0 / 3.0), (1000.0, 1.0), (0.0, 0.0), (-4.0, 0.0)] {
            assert!((position(value, limits, Scale::Log) - t).abs() < 1e-12, "{value}");
        }
    }

    #[test]
    fn resampling_repeats_or_averages() {
        let raster = Raster::from_fn(2, 2, |y, x| [(10 * (2 * y + x)) as u8, 0, 0, 255]);
        let fine = raster.resampled(4, 6);
        assert_eq!(fine.pixels[0], raster.pixels[0]);
        assert_eq!(fine.pixels[3 * 6 + 5], raster.pixels[3]);
        // mean of 0, 10, 20, 30
        assert_eq!(raster.resampled(1, 1).pixels, [[15, 0, 0, 255]]);
        assert_eq!(raster.resampled(2, 1).pixels, [[5, 0, 0, 255], [25, 0, 0, 255]]);
    }

    #[test]
    fn colour_wheel_shows_phase_counter_clockwise_and_black_in_the_middle() {
        let wheel = Raster::colour_wheel(101);
        let at = |y: usize, x: usize| wheel.pixels[y * 101 + x];
        assert_eq!(at(50, 50), [0, 0, 0, 255]);
        assert_eq!(at(0, 0)[3], 0, "outside the disc is transparent");
        for (y, x, phase) in
            [(50, 95, 0.0), (5, 50, FRAC_PI_2), (50, 5, 2.0 * FRAC_PI_2), (95, 50, -FRAC_PI_2)]
        {
            // 45 of 49.5 pixels from the centre
            assert_eq!(at(y, x), opaque(domain_colour(phase, 45.0 / 49.5)));
        }
    }

    #[test]
    fn png_uses_the_fewest_channels() {
        for (pixel, expected) in [
            ([9, 9, 9, 255], image::ColorType::L8),
            ([9, 8, 7, 255], image::ColorType::Rgb8),
            ([9, 8, 7, 100], image::ColorType::Rgba8),
        ] {
            let png = Raster::from_fn(3, 5, |_, _| pixel).to_png("test").expect("encodes");
            let decoded = image::load_from_memory(&png).expect("decodes");
            assert_eq!((decoded.width(), decoded.height(), decoded.color()), (5, 3, expected));
            assert_eq!(decoded.to_rgba8().get_pixel(4, 2).0, pixel);
        }
    }
}
