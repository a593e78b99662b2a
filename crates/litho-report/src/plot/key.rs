//! The key above a plot: what its colours and dashes stand for.

use super::frame::CHARACTER;
use crate::svg::{Anchor, Canvas, Face};

/// Height of one row of the key, and of staggered marker labels.
pub(super) const ROW: f64 = 20.0;
/// Plots narrower than this get short samples.
const NARROW: f64 = 400.0;

/// What stands before a name; each with its style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sample {
    Line(String),
    Dot(String),
    Area(String),
}

/// Draws the entries in rows along the top of a sheet of this width and returns the height they take.
pub(super) fn draw(canvas: &mut Canvas, width: f64, entries: &[(Sample, &str)]) -> f64 {
    const LEFT: f64 = 8.0;
    if entries.is_empty() {
        return 0.0;
    }
    let (length, apart) = if width < NARROW { (15.0, 14.0) } else { (26.0, 26.0) };
    let (mut x, mut y) = (LEFT, ROW / 2.0);
    for (sample, name) in entries {
        let text = name.chars().count() as f64 * CHARACTER;
        let length = if matches!(sample, Sample::Line(_)) { length } else { 12.0 };
        if x > LEFT && x + length + 8.0 + text > width {
            (x, y) = (LEFT, y + ROW);
        }
        match sample {
            Sample::Line(style) => canvas.line((x, y), (x + length, y), style),
            Sample::Dot(style) => canvas.line((x + 6.0, y), (x + 6.0, y), style),
            Sample::Area(style) => canvas.rect((x, y - 6.0), (12.0, 12.0), style),
        }
        canvas.text((x + length + 7.0, y), Anchor::Start, Face::Label, name);
        x += length + 7.0 + text + apart - 7.0;
    }
    y + ROW / 2.0 + 4.0
}
