//! Where scan positions were found to lie, as arrows from where they were thought to.

use super::Axis;
use super::frame::{Frame, Upright};
use super::scan::{SIDE, object_unit};
use crate::figure::PixelSize;
use crate::svg::{Canvas, Svg, number};
use std::fmt::Write as _;

/// Displacements of scan positions. Arrows are drawn longer than they are; see [`magnification`](Self::magnification).
#[derive(Debug, Clone)]
pub struct DisplacementPlot<'a> {
    /// Positions `(y, x)` in object pixels, before and after. Those that are not finite are left out.
    pub moves: &'a [[(f64, f64); 2]],
    /// Object pixel in metres; without it the axes count pixels.
    pub pixel: Option<PixelSize>,
}

/// Share of the arrows that are kept shorter than the distance of neighbours.
const MOST: f64 = 0.95;

impl DisplacementPlot<'_> {
    fn finite(&self) -> impl Iterator<Item = [(f64, f64); 2]> {
        let all = |ends: &&[(f64, f64); 2]| ends.iter().all(|(y, x)| y.is_finite() && x.is_finite());
        self.moves.iter().filter(all).copied()
    }

    /// Lengths of the displacements in object pixels, shortest first.
    fn lengths(&self) -> Vec<f64> {
        let mut lengths: Vec<f64> = self.finite().map(|[a, b]| (b.0 - a.0).hypot(b.1 - a.1)).collect();
        lengths.sort_by(f64::total_cmp);
        lengths
    }

    /// Root mean square and largest displacement in object pixels; `None` without any.
    pub fn extent(&self) -> Option<(f64, f64)> {
        let lengths = self.lengths();
        let squares: f64 = lengths.iter().map(|l| l * l).sum();
        Some(((squares / lengths.len() as f64).sqrt(), *lengths.last()?))
    }

    /// How many times longer than they are arrows are drawn: 1, 2 or 5 times a power of ten, so that nearly all of them
    /// end before the next position.
    pub fn magnification(&self) -> f64 {
        let lengths = self.lengths();
        let Some(long) = lengths.get((MOST * lengths.len() as f64) as usize).copied().filter(|l| *l > 0.0)
        else {
            return 1.0;
        };
        let ((y0, y1), (x0, x1)) = self.ends();
        let spacing = ((y1 - y0) * (x1 - x0) / lengths.len() as f64).sqrt();
        let wanted = (spacing / long).max(1.0);
        let decade = 10.0_f64.powf(wanted.log10().floor());
        let round = [5.0, 2.0, 1.0].into_iter().find(|step| step * decade <= wanted).unwrap_or(1.0);
        // Beyond this nothing moved at all.
        (round * decade).min(1e6)
    }

    /// Ends of the axes `(y, x)` in object pixels.
    fn ends(&self) -> ((f64, f64), (f64, f64)) {
        let ends = |values: &mut dyn Iterator<Item = f64>| {
            let (low, high) =
                values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
            if low > high {
                return (0.0, 1.0);
            }
            let pad = (0.08 * (high - low)).max(0.5);
            (low - pad, high + pad)
        };
        let all = || self.finite().flatten();
        (ends(&mut all().map(|p| p.0)), ends(&mut all().map(|p| p.1)))
    }

    /// Draws the plot.
    pub fn to_svg(&self) -> Svg {
        let (y_ends, x_ends) = self.ends();
        let (step, unit) = object_unit(self.pixel, (y_ends, x_ends));
        let ends = |(low, high): (f64, f64), step: f64| (low * step, high * step);
        let (y_ends, x_ends) = (ends(y_ends, step.y), ends(x_ends, step.x));
        let (extent_y, extent_x) = (y_ends.1 - y_ends.0, x_ends.1 - x_ends.0);
        let scale = SIDE / extent_y.max(extent_x);
        let (height, width) = ((extent_y * scale).max(60.0), (extent_x * scale).max(60.0));
        let (x_axis, y_axis) = (Axis::new(format!("x ({unit})")), Axis::new(format!("y ({unit})")));
        let left = Frame::margin(&y_axis, y_ends, height);
        let inside = (left, 10.0, left + width, 10.0 + height);
        let frame = Frame::new(inside, (&x_axis, x_ends), (&y_axis, y_ends), Upright::Down);
        let mut canvas = Canvas::default();
        frame.draw_axes(&mut canvas);
        canvas.begin_clip((frame.left, frame.top), (frame.width, frame.height));
        self.draw_arrows(&mut canvas, &frame, step);
        canvas.end_clip();
        frame.draw_outline(&mut canvas);
        canvas.finish(left + width + 16.0, frame.top + height + Frame::FOOT)
    }

    /// A dot where each position was thought to be, and a line towards where it was found.
    fn draw_arrows(&self, canvas: &mut Canvas, frame: &Frame, step: PixelSize) {
        let longer = self.magnification();
        let (mut dots, mut lines) = (String::new(), String::new());
        for [(y0, x0), (y1, x1)] in self.finite() {
            let end = (y0 + longer * (y1 - y0), x0 + longer * (x1 - x0));
            let place = |y: f64, x: f64| Some((frame.x.at(x * step.x)?, frame.y.at(y * step.y)?));
            if let (Some((xa, ya)), Some((xb, yb))) = (place(y0, x0), place(end.0, end.1)) {
                // Writing to a String cannot fail.
                let _ = write!(dots, "M{} {}h0", number(xa), number(ya));
                let _ = write!(lines, "M{} {}L{} {}", number(xa), number(ya), number(xb), number(yb));
            }
        }
        if !lines.is_empty() {
            canvas.path(&lines, "fill=\"none\" stroke=\"#0072b2\" stroke-width=\"1.2\"");
            canvas.path(&dots, "stroke=\"currentColor\" stroke-width=\"2.6\" stroke-linecap=\"round\"");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_are_magnified_to_be_seen_and_keep_their_places() {
        // A 10 × 10 raster of step 8 px, each position moved by 0.1 px: 8/0.1 = 80, padded field a little more.
        let moves: Vec<[(f64, f64); 2]> = (0..100)
            .map(|i| (8.0 * f64::from(i / 10), 8.0 * f64::from(i % 10)))
            .map(|(y, x)| [(y, x), (y + 0.1, x)])
            .collect();
        let plot = DisplacementPlot { moves: &moves, pixel: None };
        assert_eq!(plot.magnification(), 50.0);
        let (rms, largest) = plot.extent().expect("positions");
        assert!((rms - 0.1).abs() < 1e-12 && (largest - 0.1).abs() < 1e-12);
        let svg = plot.to_svg().to_document("moves");
        roxmltree::Document::parse(&svg).expect("well formed");
        assert!(svg.contains("y (px)"));
        assert_eq!(svg.matches("h0").count(), 100);
    }

    #[test]
    fn nothing_to_move_is_drawn_too() {
        for moves in [vec![], vec![[(f64::NAN, 0.0), (0.0, 0.0)]], vec![[(1.0, 2.0), (1.0, 2.0)]]] {
            let plot = DisplacementPlot { moves: &moves, pixel: Some(PixelSize::square(1e-8)) };
            assert_eq!(plot.magnification(), 1.0);
            roxmltree::Document::parse(&plot.to_svg().to_document("moves")).expect("well formed");
        }
    }
}
