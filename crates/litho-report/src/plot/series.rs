//! One curve of a plot: how it is drawn, with a band around it or without.

use super::frame::Frame;
use super::key::Sample;
use crate::colour::{CURVES, category};
use crate::svg::{Canvas, hex, number};
use std::fmt::Write as _;

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// A measured curve.
    Solid,
    /// A threshold or a model.
    Dashed,
    /// A curve of somebody else, shown for comparison.
    Dotted,
    /// One of very many: thin and pale.
    Thin,
    /// Measured points, not joined.
    Points,
    /// Few points, joined.
    Joined,
}

/// Which colours curves take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Six colours and then the same with dashes; a page may restyle them.
    Curves,
    /// Those of [`category`], the same as in maps of categories.
    Categories,
}

impl Colours {
    /// Class and colour of a line with this index. Pages can restyle the class.
    pub(super) fn ink(self, index: usize) -> String {
        match self {
            Self::Curves => {
                let colour = index % CURVES.len();
                format!("class=\"series-{colour}\" stroke=\"{}\"", hex(CURVES[colour]))
            }
            Self::Categories => format!("stroke=\"{}\"", hex(category(index))),
        }
    }

    /// Fill of an area with this index.
    pub(super) fn wash(self, index: usize) -> String {
        let colour = match self {
            Self::Curves => CURVES[index % CURVES.len()],
            Self::Categories => category(index),
        };
        format!("fill=\"{}\" fill-opacity=\"0.2\"", hex(colour))
    }

    /// Colour, width and dashes of a curve with this index. Where the colours of curves begin again, solid ones get
    /// long dashes, which differ from round to round.
    pub(super) fn style(self, index: usize, stroke: Stroke) -> String {
        let round = if self == Self::Curves { index / CURVES.len() } else { 0 };
        let kind = match (stroke, round) {
            (Stroke::Solid | Stroke::Joined, 0) => {
                "stroke-width=\"1.8\" stroke-linecap=\"round\" stroke-linejoin=\"round\""
            }
            (Stroke::Solid | Stroke::Joined, 1) => "stroke-width=\"1.8\" stroke-dasharray=\"11 3\"",
            (Stroke::Solid | Stroke::Joined, _) => "stroke-width=\"1.8\" stroke-dasharray=\"11 3 2 3\"",
            (Stroke::Dashed, _) => "stroke-width=\"1.5\" stroke-dasharray=\"6 4\"",
            (Stroke::Dotted, _) => "stroke-width=\"2.4\" stroke-linecap=\"round\" stroke-dasharray=\"0 5\"",
            (Stroke::Thin, _) => "stroke-width=\"0.8\" stroke-opacity=\"0.4\"",
            (Stroke::Points, _) => "stroke-width=\"4\" stroke-linecap=\"round\"",
        };
        format!("{} {kind}", self.ink(index))
    }
}

/// One curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in the key; without one it is not listed.
    pub name: String,
    /// `(x, y)` in the order they are joined. Values that are not finite, or
    /// have no logarithm on a logarithmic axis, interrupt the curve.
    pub points: Vec<(f64, f64)>,
    /// How it is drawn.
    pub stroke: Stroke,
    /// Index of its colour; curves that belong together share it.
    pub colour: usize,
    /// `(x, low, high)` of an area in its colour behind all curves: an error band, or what lies under the curve.
    /// Values that have no place interrupt it.
    pub band: Vec<(f64, f64, f64)>,
}

impl Series {
    /// All points the axes have to reach.
    pub(super) fn reach(&self) -> impl Iterator<Item = (f64, f64)> + Clone {
        let band = self.band.iter().flat_map(|&(x, low, high)| [(x, low), (x, high)]);
        self.points.iter().copied().chain(band)
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, frame: &Frame, colours: Colours) {
        let data = self.path_data(frame);
        if !data.is_empty() {
            canvas.path(&data, &format!("fill=\"none\" {}", colours.style(self.colour, self.stroke)));
        }
        if self.stroke == Stroke::Joined {
            let dots = Self { stroke: Stroke::Points, band: Vec::new(), ..self.clone() };
            dots.draw(canvas, frame, colours);
        }
    }

    /// Draws the band, one closed area for each run of places.
    pub(super) fn draw_band(&self, canvas: &mut Canvas, frame: &Frame, colours: Colours) {
        let place =
            |&(x, low, high): &(f64, f64, f64)| Some((frame.x.at(x)?, frame.y.at(low)?, frame.y.at(high)?));
        let places: Vec<Option<(f64, f64, f64)>> = self.band.iter().map(place).collect();
        let mut data = String::new();
        for run in places.split(Option::is_none).filter(|run| run.len() > 1) {
            let there = run.iter().flatten().map(|&(x, low, _)| (x, low));
            let back = run.iter().flatten().rev().map(|&(x, _, high)| (x, high));
            for (i, (x, y)) in there.chain(back).enumerate() {
                // Writing to a String cannot fail.
                let _ = write!(data, "{}{} {}", if i == 0 { "M" } else { "L" }, number(x), number(y));
            }
            data.push('Z');
        }
        if !data.is_empty() {
            canvas.path(&data, &format!("{} stroke=\"none\"", colours.wash(self.colour)));
        }
    }

    /// What stands for this curve in the key.
    pub(super) fn sample(&self, colours: Colours) -> Sample {
        let style = colours.style(self.colour, self.stroke);
        if self.stroke == Stroke::Points { Sample::Dot(style) } else { Sample::Line(style) }
    }

    /// Path commands of the curve; points closer than a tenth of a pixel are joined.
    fn path_data(&self, frame: &Frame) -> String {
        let mut data = String::new();
        let mut last: Option<(String, String)> = None;
        let mut pen_down = false;
        for &(x, y) in &self.points {
            let (Some(x), Some(y)) = (frame.x.at(x), frame.y.at(y)) else {
                pen_down = false;
                continue;
            };
            let point = (number(x), number(y));
            if pen_down && last.as_ref() == Some(&point) {
                continue;
            }
            // A first point is drawn as a dot, lest a lone one vanish.
            // Writing to a String cannot fail.
            let _ = if pen_down && self.stroke != Stroke::Points {
                write!(data, "L{} {}", point.0, point.1)
            } else {
                write!(data, "M{} {}h0", point.0, point.1)
            };
            pen_down = true;
            last = Some(point);
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use super::super::Axis;
    use super::super::frame::Upright;
    use super::*;

    /// 10 units on 200 px across, 1 unit on 100 px up.
    fn frame() -> Frame {
        let (x, y) = (Axis::new(""), Axis::new(""));
        let inside = (100.0, 20.0, 300.0, 120.0);
        Frame::new(inside, (&x, (0.0, 10.0)), (&y, (0.0, 1.0)), Upright::Up)
    }

    fn series(points: Vec<(f64, f64)>, stroke: Stroke) -> Series {
        Series { name: String::new(), points, stroke, colour: 0, band: Vec::new() }
    }

    #[test]
    fn points_land_where_the_axes_say() {
        let three = vec![(0.0, 0.0), (5.0, 0.5), (10.0, 1.0)];
        assert_eq!(series(three.clone(), Stroke::Solid).path_data(&frame()), "M100 120h0L200 70L300 20");
        assert_eq!(series(three, Stroke::Points).path_data(&frame()), "M100 120h0M200 70h0M300 20h0");
    }

    #[test]
    fn curves_of_one_colour_differ_in_their_dashes() {
        let again = CURVES.len();
        let styles = [0, again, 2 * again].map(|index| Colours::Curves.style(index, Stroke::Solid));
        assert!(styles.iter().all(|style| style.starts_with(&Colours::Curves.ink(0))));
        assert!(styles[0] != styles[1] && styles[1] != styles[2] && styles[0] != styles[2]);
        assert_ne!(Colours::Curves.style(0, Stroke::Dotted), Colours::Curves.style(0, Stroke::Dashed));
    }

    #[test]
    fn categories_have_colours_of_their_own_instead_of_dashes() {
        let seventh = Colours::Categories.style(6, Stroke::Solid);
        assert!(seventh.contains(&hex(category(6))) && !seventh.contains("dash"));
    }

    #[test]
    fn a_band_is_closed_and_broken_where_a_value_is_missing() {
        let band = vec![
            (0.0, 0.0, 0.5),
            (1.0, 0.0, 0.5),
            (2.0, f64::NAN, 0.5),
            (9.0, 0.2, 1.0),
            (10.0, 0.2, 1.0),
            (f64::NAN, 0.0, 0.0),
            (5.0, 0.0, 1.0),
        ];
        let mut canvas = Canvas::default();
        Series { band, ..series(vec![], Stroke::Solid) }.draw_band(&mut canvas, &frame(), Colours::Curves);
        let text = canvas.finish(1.0, 1.0).to_document("t");
        // A lone place has no area.
        assert!(
            text.contains("d=\"M100 120L120 120L120 70L100 70ZM280 100L300 100L300 20L280 20Z\""),
            "{text}"
        );
    }
}
