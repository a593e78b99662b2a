//! Bars side by side in groups, with error bars and marks.

use super::Axis;
use super::frame::{AXIS_LINE, CHARACTER, Frame, Upright};
use super::key::{self, Sample};
use crate::colour::category;
use crate::format::Ticks;
use crate::svg::{Anchor, Canvas, Face, Svg, hex};

/// Part of a group's width that is left free beside its bars.
const FREE: f64 = 0.22;
/// Style of marks.
const MARK: &str = "stroke=\"currentColor\" stroke-width=\"2.2\" stroke-dasharray=\"3 2\"";

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Its height; one that is not finite is not drawn.
    pub value: f64,
    /// Standard deviation, drawn as a line from `value − sigma` to `value + sigma`; none if not finite.
    pub sigma: f64,
    /// Something to compare with, drawn across the bar.
    pub mark: Option<f64>,
}

/// Bars that stand together.
#[derive(Debug, Clone, PartialEq)]
pub struct BarGroup {
    /// What stands below them.
    pub name: String,
    /// One bar for each name of the plot, in order.
    pub bars: Vec<Bar>,
}

/// Groups of bars; colours follow the order inside the groups.
#[derive(Debug, Clone, PartialEq)]
pub struct BarPlot {
    /// The ordinate; without a range of its own it begins at zero.
    pub y: Axis,
    /// What each bar of a group stands for.
    pub names: Vec<String>,
    /// What the marks stand for.
    pub mark: String,
    /// The groups, from the left.
    pub groups: Vec<BarGroup>,
    /// Width and height in CSS pixels.
    pub size: (f64, f64),
}

impl BarPlot {
    /// Draws the plot. Without a bar to draw it says so.
    pub fn to_svg(&self) -> Svg {
        let mut canvas = Canvas::default();
        let (width, height) = (self.size.0.max(240.0), self.size.1.max(160.0));
        let top = self.draw_key(&mut canvas, width) + 8.0;
        let bottom = (height - Frame::FOOT).max(top + 40.0);
        let bars = || self.groups.iter().flat_map(|group| group.bars.iter());
        let drawn = bars().any(|bar| bar.value.is_finite());
        let y_ends = self.y.ends(bars().flat_map(reach).chain([0.0]), 0.0).unwrap_or((0.0, 1.0));
        // Room above the tallest, none below zero.
        let y_ends = if self.y.range.is_some() { y_ends } else { (y_ends.0, 1.06 * y_ends.1) };
        let x = Axis::new("").between(0.0, self.groups.len().max(1) as f64);
        let left = Frame::margin(&self.y, y_ends, bottom - top);
        let x_ends = (0.0, self.groups.len().max(1) as f64);
        let mut frame =
            Frame::new((left, top, width - 24.0, bottom), (&x, x_ends), (&self.y, y_ends), Upright::Up);
        frame.x.ticks = Ticks::default();
        if drawn {
            frame.draw_axes(&mut canvas);
            for (i, group) in self.groups.iter().enumerate() {
                self.draw_group(&mut canvas, &frame, i as f64, group);
            }
        } else {
            let middle = (frame.left + frame.width / 2.0, frame.top + frame.height / 2.0);
            canvas.text(middle, Anchor::Middle, Face::Label, "no values to plot");
        }
        frame.draw_outline(&mut canvas);
        canvas.finish(width, height.max(bottom + Frame::FOOT))
    }

    fn draw_key(&self, canvas: &mut Canvas, width: f64) -> f64 {
        let swatch = |k: usize| Sample::Area(format!("fill=\"{}\"", hex(category(k))));
        let mut entries: Vec<(Sample, &str)> =
            self.names.iter().enumerate().map(|(k, name)| (swatch(k), name.as_str())).collect();
        if self.groups.iter().any(|group| group.bars.iter().any(|bar| bar.mark.is_some())) {
            entries.push((Sample::Line(MARK.to_owned()), &self.mark));
        }
        key::draw(canvas, width, &entries)
    }

    /// The group that stands from `place` to `place + 1`.
    fn draw_group(&self, canvas: &mut Canvas, frame: &Frame, place: f64, group: &BarGroup) {
        let step = (1.0 - FREE) / self.names.len().max(1) as f64;
        let Some((start, end)) = frame.x.at(place).zip(frame.x.at(place + 1.0)) else { return };
        let fitting = ((end - start) / CHARACTER) as usize;
        let name = shortened(&group.name, fitting);
        canvas.text(
            (f64::midpoint(start, end), frame.top + frame.height + 15.0),
            Anchor::Middle,
            Face::Label,
            &name,
        );
        canvas.begin_clip((frame.left, frame.top), (frame.width, frame.height));
        for (k, bar) in group.bars.iter().take(self.names.len()).enumerate() {
            let from = place + FREE / 2.0 + step * k as f64;
            let (Some(x0), Some(x1)) = (frame.x.at(from + 0.06 * step), frame.x.at(from + 0.94 * step))
            else {
                continue;
            };
            draw_bar(canvas, frame, (x0, x1), bar, &format!("fill=\"{}\"", hex(category(k))));
        }
        canvas.end_clip();
    }
}

fn draw_bar(canvas: &mut Canvas, frame: &Frame, (x0, x1): (f64, f64), bar: &Bar, style: &str) {
    let middle = f64::midpoint(x0, x1);
    let zero = frame.y.at(0.0).unwrap_or(frame.top + frame.height);
    if let Some(y) = frame.y.at(bar.value) {
        canvas.rect((x0, y.min(zero)), (x1 - x0, (zero - y).abs()), style);
        let ends = frame.y.at(bar.value - bar.sigma).zip(frame.y.at(bar.value + bar.sigma));
        if let Some((low, high)) = ends.filter(|_| bar.sigma > 0.0) {
            let cap = (0.22 * (x1 - x0)).min(5.0);
            for (from, to) in [
                ((middle, low), (middle, high)),
                ((middle - cap, low), (middle + cap, low)),
                ((middle - cap, high), (middle + cap, high)),
            ] {
                canvas.line(from, to, &format!("class=\"error-bar\" {AXIS_LINE} stroke-width=\"1.3\""));
            }
        }
    }
    if let Some(y) = bar.mark.and_then(|mark| frame.y.at(mark)) {
        canvas.line((x0 - 2.0, y), (x1 + 2.0, y), &format!("class=\"mark\" {MARK}"));
    }
}

/// Everything of a bar that the ordinate has to reach.
fn reach(bar: &Bar) -> [f64; 3] {
    let sigma = if bar.sigma.is_finite() { bar.sigma } else { 0.0 };
    [bar.value - sigma, bar.value + sigma, bar.mark.unwrap_or(bar.value)]
}

/// The text, its end cut off where it has more than `most` characters.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(std::iter::once('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(groups: Vec<BarGroup>) -> BarPlot {
        BarPlot {
            y: Axis::new("fraction").between(0.0, 1.0),
            names: vec!["cluster 1".to_owned(), "cluster 2".to_owned()],
            mark: "truth".to_owned(),
            groups,
            size: (480.0, 300.0),
        }
    }

    fn bar(value: f64, sigma: f64, mark: Option<f64>) -> Bar {
        Bar { value, sigma, mark }
    }

    /// Height of every bar of the drawing, and how many error lines and marks it has.
    fn parts(svg: &Svg) -> (Vec<f64>, usize, usize) {
        let text = svg.to_document("t");
        let parsed = roxmltree::Document::parse(&text).expect("well formed");
        let with = |class: &str| parsed.descendants().filter(|n| n.attribute("class") == Some(class)).count();
        let clips = parsed.descendants().filter(|n| n.attribute("overflow").is_some());
        let bars = clips.flat_map(|clip| clip.children().filter(|n| n.has_tag_name("rect")));
        let height = |n: roxmltree::Node<'_, '_>| n.attribute("height").and_then(|h| h.parse().ok());
        (bars.map(|n| height(n).expect("a number")).collect(), with("error-bar"), with("mark"))
    }

    #[test]
    fn bars_are_as_high_as_their_values_and_carry_their_errors() {
        let bars = vec![bar(0.75, 0.05, Some(0.7)), bar(0.25, f64::NAN, None)];
        let svg = plot(vec![BarGroup { name: "as-prepared".to_owned(), bars }]).to_svg();
        let (heights, errors, marks) = parts(&svg);
        // rounded to a tenth of a pixel each
        assert!((heights[0] - 3.0 * heights[1]).abs() < 0.25, "{heights:?}");
        assert_eq!((errors, marks), (3, 1), "a line and two caps; one mark");
        let text = svg.to_document("t");
        assert!(["as-prepared", "cluster 2", "truth"].iter().all(|word| text.contains(word)));
    }

    #[test]
    fn without_a_range_the_axis_begins_at_zero_and_reaches_every_error() {
        let bars = vec![bar(2.0, 3.0, None), bar(1.0, 0.0, None)];
        let plot = BarPlot { y: Axis::new("n"), ..plot(vec![BarGroup { name: String::new(), bars }]) };
        let (heights, ..) = parts(&plot.to_svg());
        assert_eq!(heights.len(), 2);
        assert!((heights[0] - 2.0 * heights[1]).abs() < 0.25, "both begin at zero: {heights:?}");
    }

    #[test]
    fn nothing_to_draw_is_said_and_odd_counts_do_not_matter() {
        let nan = BarGroup { name: "a".to_owned(), bars: vec![bar(f64::NAN, 0.1, None); 2] };
        for groups in [vec![], vec![nan], vec![BarGroup { name: "b".to_owned(), bars: vec![] }]] {
            assert!(plot(groups).to_svg().to_document("t").contains("no values to plot"));
        }
        let many: Vec<BarGroup> = (0..40)
            .map(|k| BarGroup { name: format!("a very long group {k}"), bars: vec![bar(0.5, 0.1, None); 5] })
            .collect();
        let svg = plot(many).to_svg();
        assert_eq!(parts(&svg).0.len(), 80, "two names, so two bars of five");
        assert!(svg.to_document("t").contains('…'));
    }
}
