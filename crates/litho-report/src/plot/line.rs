//! Curves over a common abscissa.

use super::Axis;
use super::frame::{CHARACTER, Frame, Upright};
use super::key::{self, ROW, Sample};
use super::series::{Colours, Series, Stroke};
use crate::colour::Rgb;
use crate::svg::{Anchor, Canvas, Face, Svg, hex};

/// A vertical line with a label, such as a resolution.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// Where on the abscissa.
    pub x: f64,
    /// What is written beside it.
    pub label: String,
    /// Index of the curve whose colour it takes; `None`: the colour of the axes.
    pub series: Option<usize>,
}

/// A part of the abscissa set off by a pale colour behind everything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zone {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Its colour, drawn pale.
    pub colour: Rgb,
}

/// A second reading of the abscissa along the upper edge.
#[derive(Debug, Clone, PartialEq)]
pub struct TopAxis {
    /// Quantity and unit.
    pub label: String,
    /// Abscissa of each tick, and its label.
    pub ticks: Vec<(f64, String)>,
}

/// Curves with axes, a key, markers and an optional upper axis.
#[derive(Debug, Clone, PartialEq)]
pub struct LinePlot {
    /// The abscissa.
    pub x: Axis,
    /// The ordinate.
    pub y: Axis,
    /// The curves, the later ones on top.
    pub series: Vec<Series>,
    /// Which colours the curves take.
    pub colours: Colours,
    /// Vertical lines. An abscissa without a range of its own reaches to all of them.
    pub markers: Vec<Marker>,
    /// Parts of the abscissa in pale colours.
    pub zones: Vec<Zone>,
    /// A second reading of the abscissa.
    pub top: Option<TopAxis>,
    /// Width and height in CSS pixels.
    pub size: (f64, f64),
}

impl LinePlot {
    /// A plot of 720 × 320 pixels without curves.
    pub fn new(x: Axis, y: Axis) -> Self {
        Self {
            x,
            y,
            series: Vec::new(),
            colours: Colours::Curves,
            markers: Vec::new(),
            zones: Vec::new(),
            top: None,
            size: (720.0, 320.0),
        }
    }

    /// The same plot with one more curve, in the next colour.
    #[must_use]
    pub fn with_series(mut self, name: impl Into<String>, points: Vec<(f64, f64)>, stroke: Stroke) -> Self {
        let colour = self.series.len();
        self.series.push(Series { name: name.into(), points, stroke, colour, band: Vec::new() });
        self
    }

    /// The same plot with its curves in the colours of categories, so that they match a map of these.
    #[must_use]
    pub fn of_categories(self) -> Self {
        Self { colours: Colours::Categories, ..self }
    }

    /// Draws the plot. Without a value that can be placed it says so.
    pub fn to_svg(&self) -> Svg {
        let mut canvas = Canvas::default();
        let (width, height) = (self.size.0.max(240.0), self.size.1.max(160.0));
        let points = || self.series.iter().flat_map(Series::reach);
        let placed = points().filter(|(x, y)| self.x.holds(*x) && self.y.holds(*y));
        let xs = placed.clone().map(|p| p.0).chain(self.markers.iter().map(|m| m.x));
        let x_ends = self.x.ends(xs, 0.0);
        let y_ends = self.y.ends(placed.map(|p| p.1), 0.05);

        let key_height = self.draw_key(&mut canvas, width);
        let top = key_height + if self.top.is_some() { 46.0 } else { 8.0 };
        let bottom = height - Frame::FOOT;
        let y_or_unit = y_ends.unwrap_or((0.1, 1.0));
        let left = Frame::margin(&self.y, y_or_unit, bottom - top);
        let frame = Frame::new(
            (left, top, width - 24.0, bottom.max(top + 40.0)),
            (&self.x, x_ends.unwrap_or((0.1, 1.0))),
            (&self.y, y_or_unit),
            Upright::Up,
        );
        if x_ends.is_none() || y_ends.is_none() {
            frame.draw_outline(&mut canvas);
            let middle = (frame.left + frame.width / 2.0, frame.top + frame.height / 2.0);
            canvas.text(middle, Anchor::Middle, Face::Label, "no values to plot");
            return canvas.finish(width, height);
        }
        frame.draw_axes(&mut canvas);
        self.draw_top_axis(&mut canvas, &frame);
        canvas.begin_clip((frame.left, frame.top), (frame.width, frame.height));
        for zone in &self.zones {
            if let Some((from, to)) = frame.x.at(zone.from).zip(frame.x.at(zone.to)) {
                let style = format!("fill=\"{}\" fill-opacity=\"0.12\" stroke=\"none\"", hex(zone.colour));
                canvas.rect((from.min(to), frame.top), ((to - from).abs(), frame.height), &style);
            }
        }
        for series in &self.series {
            series.draw_band(&mut canvas, &frame, self.colours);
        }
        for series in &self.series {
            series.draw(&mut canvas, &frame, self.colours);
        }
        canvas.end_clip();
        frame.draw_outline(&mut canvas);
        self.draw_markers(&mut canvas, &frame);
        canvas.finish(width, height.max(frame.top + frame.height + Frame::FOOT))
    }

    /// Draws the key along the top and returns its height; one curve needs none.
    fn draw_key(&self, canvas: &mut Canvas, width: f64) -> f64 {
        let named = self.series.iter().filter(|series| !series.name.is_empty());
        let entries: Vec<(Sample, &str)> =
            named.map(|series| (series.sample(self.colours), series.name.as_str())).collect();
        if self.series.len() < 2 { 0.0 } else { key::draw(canvas, width, &entries) }
    }

    fn draw_top_axis(&self, canvas: &mut Canvas, frame: &Frame) {
        let Some(axis) = &self.top else { return };
        for (value, label) in &axis.ticks {
            let Some(x) = frame.x.at(*value).filter(|_| frame.x.contains(*value)) else { continue };
            canvas.line(
                (x, frame.top - 5.0),
                (x, frame.top),
                "stroke=\"currentColor\" stroke-opacity=\"0.6\"",
            );
            canvas.text((x, frame.top - 14.0), Anchor::Middle, Face::Label, label);
        }
        let middle = frame.left + frame.width / 2.0;
        canvas.text((middle, frame.top - 34.0), Anchor::Middle, Face::Label, &axis.label);
    }

    /// Vertical lines with their labels one below the other, right of the line where there is room.
    fn draw_markers(&self, canvas: &mut Canvas, frame: &Frame) {
        let inside = self.markers.iter().filter(|m| frame.x.contains(m.x));
        let placed: Vec<(f64, &Marker)> = inside.filter_map(|m| Some((frame.x.at(m.x)?, m))).collect();
        for (x, marker) in &placed {
            let colour = marker
                .series
                .and_then(|index| self.series.get(index))
                .map_or_else(|| "stroke=\"currentColor\"".to_owned(), |s| self.colours.ink(s.colour));
            let style = format!("{colour} stroke-width=\"1.3\" stroke-dasharray=\"2 3\"");
            canvas.line((*x, frame.top), (*x, frame.top + frame.height), &style);
        }
        // Labels lie over all lines.
        for (row, (x, marker)) in placed.iter().enumerate() {
            let y = frame.top + 14.0 + ROW * row as f64;
            let room = marker.label.chars().count() as f64 * CHARACTER + 8.0;
            if x + room < frame.left + frame.width {
                canvas.text_over((x + 6.0, y), Anchor::Start, &marker.label);
            } else {
                canvas.text_over((x - 6.0, y), Anchor::End, &marker.label);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(points: Vec<(f64, f64)>) -> LinePlot {
        LinePlot::new(Axis::new("x").between(0.0, 10.0), Axis::new("y").between(0.0, 1.0)).with_series(
            "curve",
            points,
            Stroke::Solid,
        )
    }

    fn curves(svg: &Svg) -> Vec<String> {
        let text = svg.to_document("test");
        let parsed = roxmltree::Document::parse(&text).expect("well formed");
        let is_curve =
            |n: &roxmltree::Node<'_, '_>| n.attribute("class").is_some_and(|c| c.starts_with("series"));
        let data = |n: roxmltree::Node<'_, '_>| n.attribute("d").unwrap_or_default().to_owned();
        parsed.descendants().filter(is_curve).map(data).collect()
    }

    #[test]
    fn missing_values_interrupt_a_curve() {
        let data = curves(&plot(vec![(0.0, 0.1), (1.0, 0.2), (2.0, f64::NAN), (3.0, 0.4)]).to_svg());
        assert_eq!(data.len(), 1);
        assert_eq!(data[0].matches('M').count(), 2);
        let log = LinePlot::new(Axis::new("x"), Axis::new("y").logarithmic()).with_series(
            "loss",
            vec![(1.0, 10.0), (2.0, 0.0), (3.0, 0.1)],
            Stroke::Solid,
        );
        assert_eq!(curves(&log.to_svg())[0].matches('M').count(), 2);
    }

    #[test]
    fn nothing_to_plot_is_said() {
        for points in [vec![], vec![(f64::NAN, 1.0)]] {
            let empty = LinePlot::new(Axis::new("x"), Axis::new("y")).with_series("s", points, Stroke::Solid);
            assert!(empty.to_svg().to_document("t").contains("no values to plot"));
        }
    }

    #[test]
    fn markers_thresholds_and_key_are_written() {
        let mut plot =
            plot(vec![(0.0, 1.0), (10.0, 0.0)]).with_series("½-bit", vec![(0.0, 0.5)], Stroke::Dashed);
        plot.markers.push(Marker { x: 9.9, label: "resolution 23 nm".to_owned(), series: Some(1) });
        plot.markers.push(Marker { x: 50.0, label: "outside".to_owned(), series: None });
        let text = plot.to_svg().to_document("t");
        assert!(text.contains("½-bit") && text.contains("stroke-dasharray=\"6 4\""));
        assert!(!text.contains("outside"), "a marker beyond a fixed axis has no place");
        let parsed = roxmltree::Document::parse(&text).expect("well formed");
        let label = parsed.descendants().find(|n| n.text() == Some("resolution 23 nm")).expect("the label");
        assert_eq!(
            label.attribute("text-anchor"),
            Some("end"),
            "near the right edge it stands left of its line"
        );
    }
}
