//! Shares as bars on top of each other over bins of a number, with a count on a second ordinate.

use super::Axis;
use super::frame::{AXIS_LINE, CHARACTER, Frame, Upright};
use super::key::{self, Sample};
use crate::colour::Rgb;
use crate::format::{Scale, linear_ticks};
use crate::svg::{Anchor, Canvas, Face, Svg, hex, number};

/// One bin.
#[derive(Debug, Clone, PartialEq)]
pub struct StackedBin {
    /// Its ends on the abscissa.
    pub ends: (f64, f64),
    /// Shares from the bottom, 0 to 1; those of an empty bin are all zero.
    pub shares: Vec<f64>,
    /// Standard deviation of the lowest share, drawn at its top; none if not finite or zero.
    pub sigma: f64,
    /// What the line shows, on the second ordinate.
    pub count: f64,
}

/// Stacked bars and a line.
#[derive(Debug, Clone, PartialEq)]
pub struct StackedPlot {
    /// The abscissa.
    pub x: Axis,
    /// What the shares are of: `fraction of particles`.
    pub y: String,
    /// Colour and name of each share from the bottom.
    pub parts: Vec<(Rgb, String)>,
    /// What the line shows.
    pub count: String,
    /// The bins, from the left.
    pub bins: Vec<StackedBin>,
    /// Width and height in CSS pixels.
    pub size: (f64, f64),
}

const LINE: &str = "fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.8\" stroke-linejoin=\"round\"";
const DOT: &str = "stroke=\"currentColor\" stroke-width=\"6\" stroke-linecap=\"round\"";
/// Room for the second ordinate.
const RIGHT: f64 = 62.0;

impl StackedPlot {
    /// Draws the plot. Without a bin it says so.
    pub fn to_svg(&self) -> Svg {
        let mut canvas = Canvas::default();
        let (width, height) = (self.size.0.max(240.0), self.size.1.max(160.0));
        let swatch = |colour: Rgb| Sample::Area(format!("fill=\"{}\"", hex(colour)));
        let mut entries: Vec<(Sample, &str)> =
            self.parts.iter().map(|(colour, name)| (swatch(*colour), name.as_str())).collect();
        entries.push((Sample::Line(LINE.to_owned()), &self.count));
        let top = key::draw(&mut canvas, width, &entries) + 8.0;
        let bottom = (height - Frame::FOOT).max(top + 40.0);
        let y = Axis::new(self.y.as_str());
        let ends = self.bins.iter().flat_map(|bin| [bin.ends.0, bin.ends.1]);
        let x_ends = self.x.ends(ends, 0.0);
        let left = Frame::margin(&y, (0.0, 1.0), bottom - top);
        let inside = (left, top, width - RIGHT, bottom);
        let x = (&self.x, x_ends.unwrap_or((0.0, 1.0)));
        let frame = Frame::new(inside, x, (&y, (0.0, 1.0)), Upright::Up);
        if x_ends.is_some() {
            frame.draw_axes(&mut canvas);
            self.draw_bars(&mut canvas, &frame);
            self.draw_counts(&mut canvas, &frame);
        } else {
            let middle = (frame.left + frame.width / 2.0, frame.top + frame.height / 2.0);
            canvas.text(middle, Anchor::Middle, Face::Label, "no values to plot");
        }
        frame.draw_outline(&mut canvas);
        canvas.finish(width, height.max(bottom + Frame::FOOT))
    }

    fn draw_bars(&self, canvas: &mut Canvas, frame: &Frame) {
        canvas.begin_clip((frame.left, frame.top), (frame.width, frame.height));
        for bin in &self.bins {
            let Some((from, to)) = frame.x.at(bin.ends.0).zip(frame.x.at(bin.ends.1)) else { continue };
            let gap = (0.06 * (to - from)).min(4.0);
            let mut below = 0.0;
            for (share, (colour, _)) in bin.shares.iter().zip(&self.parts) {
                let Some((low, high)) = frame.y.at(below).zip(frame.y.at(below + share)) else { continue };
                let style = format!("class=\"share\" fill=\"{}\" fill-opacity=\"0.75\"", hex(*colour));
                if *share > 0.0 {
                    canvas.rect((from + gap, high), (to - from - 2.0 * gap, low - high), &style);
                }
                below += share;
            }
            let share = bin.shares.first().copied().unwrap_or(f64::NAN);
            let middle = f64::midpoint(from, to);
            let ends = frame.y.at((share - bin.sigma).max(0.0)).zip(frame.y.at((share + bin.sigma).min(1.0)));
            if let Some((low, high)) = ends.filter(|_| bin.sigma > 0.0) {
                for (a, b) in [
                    ((middle, low), (middle, high)),
                    ((middle - 4.0, low), (middle + 4.0, low)),
                    ((middle - 4.0, high), (middle + 4.0, high)),
                ] {
                    canvas.line(a, b, "class=\"error-bar\" stroke=\"#181818\" stroke-width=\"1.4\"");
                }
            }
        }
        canvas.end_clip();
    }

    /// The counts as a line with dots, and their ordinate at the right.
    fn draw_counts(&self, canvas: &mut Canvas, frame: &Frame) {
        let most = self.bins.iter().map(|bin| bin.count).filter(|n| n.is_finite()).fold(0.0, f64::max);
        let most = if most > 0.0 { 1.12 * most } else { 1.0 };
        let (right, bottom) = (frame.left + frame.width, frame.top + frame.height);
        let height = |n: f64| bottom - n / most * frame.height;
        let ticks = linear_ticks(0.0, most, (frame.height / 56.0).round().max(2.0) as usize);
        for tick in &ticks.ticks {
            let y = height(tick.value);
            canvas.line((right, y), (right + 5.0, y), AXIS_LINE);
            canvas.text((right + 9.0, y), Anchor::Start, Face::Label, &tick.label);
        }
        let x = right + RIGHT - CHARACTER;
        let label = ticks.label_with_factor(&self.count);
        canvas.text_upward((x, frame.top + frame.height / 2.0), Face::Label, &label);
        let middle = |bin: &StackedBin| {
            let (a, b) = bin.ends;
            let centre = if self.x.scale == Scale::Log { (a * b).sqrt() } else { f64::midpoint(a, b) };
            frame.x.at(centre).filter(|_| bin.count.is_finite()).map(|x| (x, height(bin.count)))
        };
        let places: Vec<(f64, f64)> = self.bins.iter().filter_map(middle).collect();
        let step = |(i, (x, y)): (usize, &(f64, f64))| {
            format!("{}{} {}", if i == 0 { "M" } else { "L" }, number(*x), number(*y))
        };
        let data: String = places.iter().enumerate().map(step).collect();
        if !data.is_empty() {
            canvas.path(&data, LINE);
        }
        for (x, y) in places {
            canvas.line((x, y), (x, y), DOT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(bins: Vec<StackedBin>) -> StackedPlot {
        StackedPlot {
            x: Axis::new("volume"),
            y: "fraction of particles".to_owned(),
            parts: vec![([1, 2, 3], "active".to_owned()), ([4, 5, 6], "inactive".to_owned())],
            count: "number of particles".to_owned(),
            bins,
            size: (480.0, 300.0),
        }
    }

    fn heights(svg: &Svg) -> Vec<f64> {
        let text = svg.to_document("t");
        let parsed = roxmltree::Document::parse(&text).expect("well formed");
        let shares = parsed.descendants().filter(|n| n.attribute("class") == Some("share"));
        shares.map(|n| n.attribute("height").and_then(|h| h.parse().ok()).expect("a number")).collect()
    }

    #[test]
    fn shares_stand_on_each_other_and_fill_the_frame() {
        let bin = |k: f64, share: f64| StackedBin {
            ends: (k, k + 1.0),
            shares: vec![share, 1.0 - share],
            sigma: 0.1,
            count: 7.0 * k,
        };
        let svg = plot(vec![bin(0.0, 0.25), bin(1.0, 1.0), bin(2.0, 0.5)]).to_svg();
        let found = heights(&svg);
        // The full share is not drawn twice: five bars, each rounded to a tenth of a pixel.
        assert_eq!(found.len(), 5);
        assert!((found[0] + found[1] - found[2]).abs() < 0.35 && (found[1] - 3.0 * found[0]).abs() < 0.35);
        let text = svg.to_document("t");
        assert_eq!(text.matches("error-bar").count(), 9, "three lines for each of three bins");
        assert!(text.contains("active") && text.matches("number of particles").count() == 2);
    }

    #[test]
    fn empty_bins_and_no_bins_are_drawn() {
        let empty = StackedBin { ends: (0.0, 1.0), shares: vec![0.0, 0.0], sigma: f64::NAN, count: 0.0 };
        assert!(heights(&plot(vec![empty]).to_svg()).is_empty());
        assert!(plot(vec![]).to_svg().to_document("t").contains("no values to plot"));
    }
}
