//! Drawings of lines, areas and text as pixels on white: what a [`Canvas`](crate::svg) has noted, smoothed at its edges.

use crate::colour::Rgb;
use crate::figure::{Raster, Words, write_words};
use crate::svg::{Anchor, Face, Svg};

/// Pixels per CSS pixel; the bitmap fonts of 20 pixels' height then have the size of labels.
const SCALE: f64 = 1.5;
const PAPER: Rgb = [255; 3];
const INK: Rgb = [24; 3];
/// Lines of each pixel on which an area is measured.
const LINES: usize = 4;

/// A place on the sheet in pixels.
type Place = (f64, f64);

/// Something that was drawn, in CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mark {
    /// Commands `M`, `L`, `h0` and `Z` of an SVG path, and its style.
    Path {
        data: String,
        style: String,
    },
    /// A word, its middle line at `at.1`; turned ones run upward, their centre at `at`.
    Text {
        at: (f64, f64),
        anchor: Anchor,
        face: Face,
        text: String,
        manner: Manner,
    },
    /// Outside of this nothing is drawn until [`Mark::Open`].
    Clip {
        at: (f64, f64),
        size: (f64, f64),
    },
    Open,
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Level,
    Upward,
    /// With a rim of paper, over curves.
    Over,
}

/// Draws the marks of `drawing`.
pub(crate) fn render(drawing: &Svg, marks: &[Mark]) -> Raster {
    let side = |length: f64| (SCALE * length).ceil().max(1.0) as usize;
    let [r, g, b] = PAPER;
    let mut sheet = Raster::from_fn(side(drawing.height()), side(drawing.width()), |_, _| [r, g, b, 255]);
    let everything = Clip { left: 0, top: 0, right: sheet.width, bottom: sheet.height };
    let mut clip = everything;
    for mark in marks {
        match mark {
            Mark::Clip { at, size } => clip = everything.within(*at, *size),
            Mark::Open => clip = everything,
            Mark::Path { data, style } => draw_path(&mut sheet, clip, data, &Style::of(style)),
            Mark::Text { at, anchor, face, text, manner } => {
                let at = ((at.0 * SCALE).round() as i32, (at.1 * SCALE).round() as i32);
                let words =
                    Words { at, anchor: *anchor, face: *face, text, upward: *manner == Manner::Upward };
                if *manner == Manner::Over {
                    for (dx, dy) in (-2..=2).flat_map(|dy| (-2..=2).map(move |dx| (dx, dy))) {
                        sheet = write_words(sheet, &Words { at: (at.0 + dx, at.1 + dy), ..words }, PAPER);
                    }
                }
                sheet = write_words(sheet, &words, INK);
            }
        }
    }
    sheet
}

/// The pixels that may be drawn on.
#[derive(Debug, Clone, Copy)]
struct Clip {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Clip {
    fn within(self, at: (f64, f64), size: (f64, f64)) -> Self {
        let pixel = |v: f64| (SCALE * v).round().max(0.0) as usize;
        Self {
            left: pixel(at.0).min(self.right),
            top: pixel(at.1).min(self.bottom),
            right: pixel(at.0 + size.0).min(self.right),
            bottom: pixel(at.1 + size.1).min(self.bottom),
        }
    }

    /// The rows and columns that a box from `low` to `high` touches.
    fn touched(self, low: Place, high: Place) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let span = |low: f64, high: f64, from: usize, to: usize| {
            let start = (low.floor().max(0.0) as usize).clamp(from, to);
            start..(high.ceil().max(0.0) as usize).clamp(start, to)
        };
        (span(low.1, high.1, self.top, self.bottom), span(low.0, high.0, self.left, self.right))
    }
}

/// How a path is drawn.
#[derive(Debug, Clone, PartialEq)]
struct Style {
    stroke: Option<(Rgb, f64)>,
    fill: Option<(Rgb, f64)>,
    /// Width in pixels.
    width: f64,
    /// Lengths of dashes and gaps in pixels.
    dashes: Vec<f64>,
}

impl Style {
    /// Reads the attributes `name="value"` of an SVG element; unknown ones are passed over.
    fn of(attributes: &str) -> Self {
        let value = |name: &str| {
            let start = format!("{name}=\"");
            let at = attributes.match_indices(&start).find(|(at, _)| {
                // Not the end of a longer name.
                attributes[..*at].chars().next_back().is_none_or(char::is_whitespace)
            })?;
            attributes[at.0 + start.len()..].split('"').next()
        };
        let number = |name| value(name).and_then(|v| v.parse::<f64>().ok());
        let paint = |name, opacity| Some((colour(value(name)?)?, number(opacity).unwrap_or(1.0)));
        let dashes = value("stroke-dasharray").unwrap_or_default().split([' ', ',']);
        Self {
            stroke: paint("stroke", "stroke-opacity"),
            fill: paint("fill", "fill-opacity"),
            width: SCALE * number("stroke-width").unwrap_or(1.0),
            dashes: dashes.filter_map(|d| d.parse::<f64>().ok()).map(|d| SCALE * d).collect(),
        }
    }
}

fn colour(text: &str) -> Option<Rgb> {
    if text == "currentColor" {
        return Some(INK);
    }
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6)?;
    let byte = |k: usize| u8::from_str_radix(digits.get(2 * k..2 * k + 2)?, 16).ok();
    Some([byte(0)?, byte(1)?, byte(2)?])
}

/// The lines of a path in pixels, each with whether it returns to its beginning.
fn lines(data: &str) -> Vec<(Vec<Place>, bool)> {
    let mut lines: Vec<(Vec<Place>, bool)> = Vec::new();
    let mut rest = data;
    while let Some(command) = rest.chars().next() {
        rest = &rest[command.len_utf8()..];
        let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (numbers, after) = rest.split_at(end);
        rest = after;
        let mut numbers = numbers.split_whitespace().filter_map(|n| n.parse::<f64>().ok());
        match (command, numbers.next().zip(numbers.next()), lines.last_mut()) {
            ('M', Some((x, y)), _) => lines.push((vec![(SCALE * x, SCALE * y)], false)),
            ('L', Some((x, y)), Some((line, _))) => line.push((SCALE * x, SCALE * y)),
            ('Z', _, Some((_, closed))) => *closed = true,
            _ => {}
        }
    }
    lines
}

fn draw_path(sheet: &mut Raster, clip: Clip, data: &str, style: &Style) {
    let lines = lines(data);
    let all = || lines.iter().flat_map(|(line, _)| line);
    let reach = style.width / 2.0 + 1.0;
    let extreme =
        |of: fn(f64, f64) -> f64, start| all().fold((start, start), |m, p| (of(m.0, p.0), of(m.1, p.1)));
    let (low, high) = (extreme(f64::min, f64::INFINITY), extreme(f64::max, f64::NEG_INFINITY));
    let (rows, columns) = clip.touched((low.0 - reach, low.1 - reach), (high.0 + reach, high.1 + reach));
    if rows.is_empty() || columns.is_empty() {
        return;
    }
    let mut cover = Cover { rows, columns, values: Vec::new() };
    if let Some(paint) = style.fill {
        cover.clear();
        cover.fill(&lines);
        cover.lay(sheet, paint);
    }
    if let Some(paint) = style.stroke {
        cover.clear();
        for (line, closed) in &lines {
            let back = closed.then(|| line.first()).flatten();
            let ends: Vec<Place> = line.iter().chain(back).copied().collect();
            for [a, b] in dashed(&ends, &style.dashes) {
                cover.stroke(a, b, style.width / 2.0, clip);
            }
        }
        cover.lay(sheet, paint);
    }
}

/// The pieces of a line that are drawn; a lone point is a piece without length.
fn dashed(line: &[Place], dashes: &[f64]) -> Vec<[Place; 2]> {
    /// A rest of a dash shorter than this is none: a sum of steps below rounding would never end.
    const SHORT: f64 = 1e-6;
    let period: f64 = dashes.iter().sum();
    if line.len() < 2 || period <= SHORT || dashes.len() % 2 == 1 {
        let lone = line.first().filter(|_| line.len() == 1).map(|p| [*p, *p]);
        return line.windows(2).map(|w| [w[0], w[1]]).chain(lone).collect();
    }
    let mut pieces = Vec::new();
    let (mut index, mut left) = (0, dashes[0]);
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        let at = |s: f64| (a.0 + (b.0 - a.0) * s / length, a.1 + (b.1 - a.1) * s / length);
        let mut from = 0.0;
        while from < length {
            let to = (from + left).min(length);
            if index % 2 == 0 {
                pieces.push([at(from), at(to)]);
            }
            left -= to - from;
            from = to;
            if left <= SHORT {
                index = (index + 1) % dashes.len();
                left = dashes[index];
                // A dash without length is a dot.
                if left <= SHORT && index % 2 == 0 {
                    pieces.push([at(to), at(to)]);
                    index += 1;
                    left = dashes[index];
                }
            }
        }
    }
    pieces
}

/// How much of each pixel of a rectangle a path covers, 0 to 1.
struct Cover {
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    values: Vec<f32>,
}

impl Cover {
    fn clear(&mut self) {
        self.values.clear();
        self.values.resize(self.rows.len() * self.columns.len(), 0.0);
    }

    /// A line from `a` to `b` with round ends.
    fn stroke(&mut self, a: Place, b: Place, half: f64, clip: Clip) {
        let reach = half + 1.0;
        let low = (a.0.min(b.0) - reach, a.1.min(b.1) - reach);
        let (rows, columns) = clip.touched(low, (a.0.max(b.0) + reach, a.1.max(b.1) + reach));
        let along = (b.0 - a.0, b.1 - a.1);
        let square = along.0 * along.0 + along.1 * along.1;
        for y in rows {
            for x in columns.clone() {
                let from = (x as f64 + 0.5 - a.0, y as f64 + 0.5 - a.1);
                let t = if square > 0.0 { (from.0 * along.0 + from.1 * along.1) / square } else { 0.0 };
                let t = t.clamp(0.0, 1.0);
                let distance = (from.0 - t * along.0).hypot(from.1 - t * along.1);
                // Half of a pixel whose centre lies on the edge is covered.
                let covered = (half + 0.5 - distance).clamp(0.0, 1.0).min(2.0 * half) as f32;
                let value =
                    &mut self.values[(y - self.rows.start) * self.columns.len() + x - self.columns.start];
                *value = value.max(covered);
            }
        }
    }

    /// The area inside of closed lines, by the even-odd rule.
    fn fill(&mut self, lines: &[(Vec<Place>, bool)]) {
        let width = self.columns.len();
        for (k, row) in self.values.chunks_exact_mut(width).enumerate() {
            for line in 0..LINES {
                let y = (self.rows.start + k) as f64 + (line as f64 + 0.5) / LINES as f64;
                let mut crossings: Vec<f64> = lines.iter().flat_map(|(l, _)| crossings(l, y)).collect();
                crossings.sort_by(f64::total_cmp);
                for span in crossings.chunks_exact(2) {
                    let [low, high] =
                        [span[0], span[1]].map(|x| (x - self.columns.start as f64).clamp(0.0, width as f64));
                    for (x, value) in row.iter_mut().enumerate().take(high.ceil() as usize).skip(low as usize)
                    {
                        let inside = high.min(x as f64 + 1.0) - low.max(x as f64);
                        *value += (inside / LINES as f64) as f32;
                    }
                }
            }
        }
    }

    /// Lays the covered part over `sheet`.
    fn lay(&self, sheet: &mut Raster, (colour, opacity): (Rgb, f64)) {
        for (k, row) in self.values.chunks_exact(self.columns.len()).enumerate() {
            let start = (self.rows.start + k) * sheet.width + self.columns.start;
            for (pixel, cover) in sheet.pixels[start..start + row.len()].iter_mut().zip(row) {
                let alpha = opacity * f64::from(*cover);
                for (under, over) in pixel.iter_mut().zip(colour) {
                    let mixed = f64::from(*under) + alpha * (f64::from(over) - f64::from(*under));
                    *under = mixed.round() as u8;
                }
            }
        }
    }
}

/// Where the closed `line` crosses height `y`.
fn crossings(line: &[Place], y: f64) -> impl Iterator<Item = f64> + '_ {
    let pairs = line.iter().zip(line.iter().cycle().skip(1));
    pairs.filter_map(move |(a, b)| {
        let crosses = (a.1 <= y) != (b.1 <= y);
        crosses.then(|| a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coverage in tenths on a row of a sheet of 20 × 10 pixels.
    fn row(data: &str, style: &str, y: usize) -> Vec<u32> {
        let mut sheet = Raster::from_fn(10, 20, |_, _| [255; 4]);
        let clip = Clip { left: 0, top: 0, right: 20, bottom: 10 };
        draw_path(&mut sheet, clip, data, &Style::of(style));
        let all = sheet.pixels[20 * y..20 * (y + 1)].iter();
        all.map(|p| ((255.0 - f64::from(p[0])) / 25.5).round() as u32).collect()
    }

    const BLACK: &str = "stroke=\"#000000\" stroke-width=\"2\"";

    #[test]
    fn a_line_covers_its_width() {
        // From x = 6 to 12, y = 3 to 6 after the scale of 1½: rows 3, 4 and 5 are covered.
        let data = "M4 3L8 3";
        assert_eq!(row(data, BLACK, 2)[8..12], [0; 4]);
        for y in 3..6 {
            assert_eq!(row(data, BLACK, y)[8..12], [10; 4], "row {y}");
        }
        assert_eq!(row(data, BLACK, 6)[8..12], [0; 4]);
        // A point is a dot.
        assert!(row("M4 3h0", BLACK, 4)[5..7].iter().all(|c| *c == 10));
    }

    #[test]
    fn areas_are_filled_to_the_part_of_a_pixel() {
        // From 3 to 10.5 pixels across, 3 to 6 down.
        let area = "M2 2L7 2L7 4L2 4Z";
        let style = "fill=\"#000000\" fill-opacity=\"1\" stroke=\"none\"";
        assert_eq!(row(area, style, 4)[2..12], [0, 10, 10, 10, 10, 10, 10, 10, 5, 0]);
        assert_eq!(row(area, style, 6), [0; 20]);
        assert_eq!(row(area, &style.replace("opacity=\"1\"", "opacity=\"0.2\""), 4)[5], 2);
    }

    #[test]
    fn dashes_have_gaps_and_dots_no_length() {
        let length = |pieces: &[[Place; 2]]| -> f64 { pieces.iter().map(|[a, b]| b.0 - a.0).sum() };
        let pieces = dashed(&[(0.0, 0.0), (7.0, 0.0), (20.0, 0.0)], &[6.0, 4.0]);
        // 0–6, 10–16 with the corner at 7 inside a gap
        assert_eq!(pieces, [[(0.0, 0.0), (6.0, 0.0)], [(10.0, 0.0), (16.0, 0.0)]]);
        let dots = dashed(&[(0.0, 0.0), (20.0, 0.0)], &[0.0, 5.0]);
        assert_eq!((dots.len(), length(&dots)), (5, 0.0));
        // Steps that add up to no round number come to an end too.
        let line: Vec<Place> = (0..100).map(|k| (f64::from(k) * 7.7, f64::from(k % 7) * 31.3)).collect();
        let total: f64 = line.windows(2).map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1)).sum();
        assert_eq!(dashed(&line, &[0.0, 7.5]).len(), 1 + (total / 7.5) as usize);
        assert_eq!(dashed(&[(1.0, 1.0)], &[]), [[(1.0, 1.0), (1.0, 1.0)]]);
        assert_eq!(dashed(&[], &[6.0, 4.0]), [] as [[Place; 2]; 0]);
    }

    #[test]
    fn styles_are_read_by_their_whole_names() {
        let style = Style::of(
            "class=\"series-0\" stroke=\"#0072b2\" stroke-opacity=\"0.4\" stroke-dasharray=\"6 4\"",
        );
        let expected =
            Style { stroke: Some(([0, 114, 178], 0.4)), fill: None, width: SCALE, dashes: vec![9.0, 6.0] };
        assert_eq!(style, expected);
        assert_eq!(Style::of("fill=\"none\" stroke=\"currentColor\"").stroke, Some((INK, 1.0)));
    }
}
