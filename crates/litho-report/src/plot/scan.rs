//! Scan positions over what they cover.

use super::Axis;
use super::frame::{Frame, Upright};
use crate::ReportError;
use crate::colour::{ColourMap, Rgb};
use crate::figure::{PixelSize, Raster};
use crate::format::{LengthUnit, short_number};
use crate::svg::{Anchor, Canvas, Face, Svg, hex, number};
use ndarray::ArrayView2;
use std::fmt::Write as _;

/// Longest side of the frame in CSS pixels.
pub(super) const SIDE: f64 = 440.0;
/// Colours along the scan; one path is written for each.
const STEPS: usize = 48;

/// Scan positions, coloured by their order, over a map of the object's illumination.
#[derive(Debug, Clone)]
pub struct ScanPlot<'a> {
    /// Beam positions `(y, x)` in object pixels: `(0, 0)` is the centre of the
    /// object's first pixel. Positions that are not finite are left out.
    pub positions: &'a [(f64, f64)],
    /// How well each object pixel is covered `(y, x)`, in units of `coverage_label`.
    pub coverage: Option<ArrayView2<'a, f32>>,
    /// Quantity and unit of the coverage.
    pub coverage_label: &'a str,
    /// Object pixel in metres; without it the axes count pixels.
    pub pixel: Option<PixelSize>,
}

impl ScanPlot<'_> {
    /// Draws the plot.
    ///
    /// # Errors
    /// If the coverage image cannot be encoded.
    pub fn to_svg(&self) -> Result<Svg, ReportError> {
        let (y_ends, x_ends) = self.extent();
        let (step, unit) = object_unit(self.pixel, (y_ends, x_ends));
        let ends = |(low, high): (f64, f64), step: f64| (low * step, high * step);
        let (y_ends, x_ends) = (ends(y_ends, step.y), ends(x_ends, step.x));

        let (extent_y, extent_x) = (y_ends.1 - y_ends.0, x_ends.1 - x_ends.0);
        // Equal lengths both ways, but a line scan keeps a frame one can see.
        let scale = SIDE / extent_y.max(extent_x);
        let (height, width) = ((extent_y * scale).max(60.0), (extent_x * scale).max(60.0));
        let (x_axis, y_axis) = (Axis::new(format!("x ({unit})")), Axis::new(format!("y ({unit})")));
        let left = Frame::margin(&y_axis, y_ends, height);
        let inside = (left, 10.0, left + width, 10.0 + height);
        let frame = Frame::new(inside, (&x_axis, x_ends), (&y_axis, y_ends), Upright::Down);

        let mut canvas = Canvas::default();
        frame.draw_axes(&mut canvas);
        canvas.begin_clip((frame.left, frame.top), (frame.width, frame.height));
        let coverage = self.draw_coverage(&mut canvas, &frame, step)?;
        self.draw_positions(&mut canvas, &frame, step);
        canvas.end_clip();
        frame.draw_outline(&mut canvas);
        let right = frame.left + frame.width + 18.0;
        draw_bar(&mut canvas, (right, 10.0), order_colour, ("first", "last"), "scan order")?;
        if let Some(max) = coverage {
            draw_bar(&mut canvas, (right, 140.0), coverage_colour, ("0", &max), self.coverage_label)?;
        }
        let legend = if coverage_shown(self) { 270.0 } else { 140.0 };
        let label = self.coverage_label.chars().count().max(10) as f64 * super::frame::CHARACTER;
        Ok(canvas.finish(right + label + 8.0, (frame.top + height + Frame::FOOT).max(legend)))
    }

    /// Ends of the axes `(y, x)` in object pixels: all positions and the whole coverage.
    fn extent(&self) -> ((f64, f64), (f64, f64)) {
        let finite = || self.positions.iter().filter(|(y, x)| y.is_finite() && x.is_finite());
        let ends = |values: &mut dyn Iterator<Item = f64>, pixels: Option<usize>| {
            // Pixel i reaches from i − ½ to i + ½.
            let image = pixels.filter(|n| *n > 0).map(|n| (-0.5, n as f64 - 0.5));
            let (low, high) = values
                .fold(image.unwrap_or((f64::INFINITY, f64::NEG_INFINITY)), |(low, high), v| {
                    (low.min(v), high.max(v))
                });
            match (low <= high, image) {
                (false, _) => (0.0, 1.0),
                (true, Some((start, end))) if low == start && high == end => (low, high),
                (true, _) => {
                    let pad = (0.05 * (high - low)).max(0.5);
                    (low - pad, high + pad)
                }
            }
        };
        let dim = self.coverage.map(|c| c.dim());
        (
            ends(&mut finite().map(|p| p.0), dim.map(|d| d.0)),
            ends(&mut finite().map(|p| p.1), dim.map(|d| d.1)),
        )
    }

    /// Draws the coverage; returns the label of its darkest grey.
    fn draw_coverage(
        &self,
        canvas: &mut Canvas,
        frame: &Frame,
        step: PixelSize,
    ) -> Result<Option<String>, ReportError> {
        let Some(coverage) = self.coverage.filter(|c| !c.is_empty()) else { return Ok(None) };
        let max = coverage.iter().copied().filter(|v| v.is_finite()).fold(0.0f32, f32::max);
        let (ny, nx) = coverage.dim();
        let full = Raster::from_fn(ny, nx, |y, x| {
            let t = if max > 0.0 { f64::from(coverage[[y, x]] / max) } else { 0.0 };
            let [r, g, b] = coverage_colour(t);
            [r, g, b, 255]
        });
        let raster = full.resampled(ny.min(2 * SIDE as usize), nx.min(2 * SIDE as usize));
        let corner = |y: f64, x: f64| (frame.x.at(x * step.x), frame.y.at(y * step.y));
        let ends = (corner(-0.5, -0.5), corner(ny as f64 - 0.5, nx as f64 - 0.5));
        if let ((Some(x0), Some(y0)), (Some(x1), Some(y1))) = ends {
            canvas.image((x0, y0), (x1 - x0, y1 - y0), &raster.to_png("coverage")?, "");
        }
        Ok(Some(short_number(f64::from(max))))
    }

    /// Draws the positions as round dots, smaller the more there are.
    fn draw_positions(&self, canvas: &mut Canvas, frame: &Frame, step: PixelSize) {
        let count = self.positions.len().max(1);
        let diameter = (0.45 * (frame.width * frame.height / count as f64).sqrt()).clamp(1.5, 6.0);
        for part in 0..STEPS {
            let (from, to) = (part * count / STEPS, (part + 1) * count / STEPS);
            let mut data = String::new();
            for (y, x) in self.positions.iter().take(to).skip(from) {
                if let (Some(x), Some(y)) = (frame.x.at(x * step.x), frame.y.at(y * step.y)) {
                    // Writing to a String cannot fail.
                    let _ = write!(data, "M{} {}h0", number(x), number(y));
                }
            }
            if data.is_empty() {
                continue;
            }
            let colour = hex(order_colour((part as f64 + 0.5) / STEPS as f64));
            let width = number(diameter);
            let style = format!("stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linecap=\"round\"");
            canvas.path(&data, &style);
        }
    }
}

/// Size of an object pixel in units of the axes, for a plot with these ends in pixels, and that unit.
pub(super) fn object_unit(
    pixel: Option<PixelSize>,
    (y, x): ((f64, f64), (f64, f64)),
) -> (PixelSize, &'static str) {
    let valid = |p: &PixelSize| [p.y, p.x].iter().all(|s| *s > 0.0 && s.is_finite());
    let Some(pixel) = pixel.filter(valid) else { return (PixelSize::square(1.0), "px") };
    let longest = ((y.1 - y.0) * pixel.y).max((x.1 - x.0) * pixel.x);
    let unit = LengthUnit::for_length(longest);
    (PixelSize { y: pixel.y / unit.metres(), x: pixel.x / unit.metres() }, unit.symbol())
}

fn coverage_shown(plot: &ScanPlot<'_>) -> bool {
    plot.coverage.is_some_and(|c| !c.is_empty())
}

/// Colour along the scan; the palest part of the map is left out, for it drowns on white.
fn order_colour(t: f64) -> Rgb {
    ColourMap::Viridis.colour(0.92 * t)
}

/// Pale greys that leave the dots readable: white is nothing.
fn coverage_colour(t: f64) -> Rgb {
    ColourMap::Grey.colour(1.0 - 0.4 * if t.is_nan() { 0.0 } else { t.clamp(0.0, 1.0) })
}

/// A small colour bar with words at its ends and its quantity on top.
fn draw_bar(
    canvas: &mut Canvas,
    (x, y): (f64, f64),
    colour: impl Fn(f64) -> Rgb,
    (low, high): (&str, &str),
    label: &str,
) -> Result<(), ReportError> {
    const WIDTH: f64 = 14.0;
    const HEIGHT: f64 = 80.0;
    let steps = HEIGHT as usize;
    let raster = Raster::from_fn(steps, 1, |row, _| {
        let [r, g, b] = colour(1.0 - (row as f64 + 0.5) / steps as f64);
        [r, g, b, 255]
    });
    canvas.text((x, y + 6.0), Anchor::Start, Face::Label, label);
    canvas.image((x, y + 20.0), (WIDTH, HEIGHT), &raster.to_png(label)?, "");
    let outline = "fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.45\"";
    canvas.rect((x, y + 20.0), (WIDTH, HEIGHT), outline);
    canvas.text((x + WIDTH + 8.0, y + 26.0), Anchor::Start, Face::Label, high);
    canvas.text((x + WIDTH + 8.0, y + 14.0 + HEIGHT), Anchor::Start, Face::Label, low);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn plot<'a>(positions: &'a [(f64, f64)], coverage: Option<ArrayView2<'a, f32>>) -> ScanPlot<'a> {
        ScanPlot { positions, coverage, coverage_label: "frames", pixel: Some(PixelSize::square(1e-8)) }
    }

    #[test]
    fn every_finite_position_is_drawn_inside_the_frame() {
        let positions: Vec<(f64, f64)> = (0..500).map(|i| (f64::from(i % 25), f64::from(i / 25))).collect();
        let coverage = Array2::from_elem((30, 40), 3.0);
        let svg = plot(&positions, Some(coverage.view())).to_svg().expect("draws").to_document("scan");
        let parsed = roxmltree::Document::parse(&svg).expect("well formed");
        let dots: usize = parsed
            .descendants()
            .filter(|n| n.attribute("stroke-linecap") == Some("round"))
            .filter_map(|n| n.attribute("d"))
            .map(|d| d.matches('M').count())
            .sum();
        assert_eq!(dots, 500);
        assert!(svg.contains("y (nm)"), "30 × 40 pixels of 10 nm");
    }

    #[test]
    fn dots_lie_on_their_object_pixels() {
        let coverage = Array2::from_elem((11, 11), 1.0);
        let positions = [(0.0, 0.0), (10.0, 5.0)];
        let plot = plot(&positions, Some(coverage.view()));
        let (y, x) = plot.extent();
        assert_eq!((y, x), ((-0.5, 10.5), (-0.5, 10.5)));
        let axis = Axis::new("");
        let frame = Frame::new((0.0, 0.0, 110.0, 110.0), (&axis, x), (&axis, y), Upright::Down);
        // Pixel (10, 5) of ten-pixel squares has its centre at (105, 55).
        assert_eq!((frame.y.at(10.0), frame.x.at(5.0)), (Some(105.0), Some(55.0)));
    }

    #[test]
    fn odd_inputs_are_drawn() {
        let nothing = Array2::zeros((0, 5));
        let missing = Array2::from_elem((4, 4), f32::NAN);
        for (positions, coverage) in [
            (vec![], None),
            (vec![(f64::NAN, 1.0)], None),
            (vec![(3.0, 3.0)], None),
            (vec![(0.0, 0.0), (0.0, 90.0)], Some(nothing.view())),
            (vec![(-20.0, 2.0)], Some(missing.view())),
        ] {
            let svg = plot(&positions, coverage).to_svg().expect("draws");
            assert!(svg.width() < 700.0 && svg.height() < 600.0);
            roxmltree::Document::parse(&svg.to_document("scan")).expect("well formed");
        }
    }
}
