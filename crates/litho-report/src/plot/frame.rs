//! The rectangle a plot is drawn in: axes, ticks, grid and labels.

use super::Axis;
use crate::format::{Scale, Ticks, linear_ticks, log_ticks, whole_ticks};
use crate::svg::{Anchor, Canvas, Face};

/// Width of an average label character in CSS pixels.
pub(super) const CHARACTER: f64 = 7.0;
/// Pixels between ticks, along and across.
const TICK_SPACING: (f64, f64) = (90.0, 56.0);
/// Whole numbers are short and may stand closer by this factor.
const WHOLE_CLOSER: f64 = 2.5;
const HAIRLINE: &str = "stroke=\"currentColor\" stroke-opacity=\"0.13\"";
pub(super) const AXIS_LINE: &str = "stroke=\"currentColor\" stroke-opacity=\"0.6\"";

/// One axis placed on the sheet.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    scale: Scale,
    ends: (f64, f64),
    /// Sheet coordinates of the two ends.
    sheet: (f64, f64),
    pub(super) ticks: Ticks,
    pub(super) label: String,
}

impl Placed {
    /// Places `axis`, spanning `ends`, between two sheet coordinates.
    pub(super) fn new(axis: &Axis, ends: (f64, f64), sheet: (f64, f64), spacing: f64) -> Self {
        let spacing = if axis.whole { spacing / WHOLE_CLOSER } else { spacing };
        let target = (((sheet.1 - sheet.0).abs() / spacing).round() as usize).max(2);
        let ticks = match axis.scale {
            Scale::Linear if axis.whole => whole_ticks(ends.0, ends.1, target),
            Scale::Linear => linear_ticks(ends.0, ends.1, target),
            Scale::Log => log_ticks(ends.0, ends.1, target),
        };
        let label = ticks.label_with_factor(&axis.label);
        Self { scale: axis.scale, ends, sheet, ticks, label }
    }

    /// The sheet coordinate of `value`; `None` where it has no place. Far
    /// outside values stay within what every viewer can clip.
    pub(super) fn at(&self, value: f64) -> Option<f64> {
        const FAR: f64 = 1e4;
        let [v, low, high] = [value, self.ends.0, self.ends.1].map(|v| self.scale.forward(v));
        let at = self.sheet.0 + (v - low) / (high - low) * (self.sheet.1 - self.sheet.0);
        (v.is_finite() && at.is_finite()).then(|| at.clamp(-FAR, FAR))
    }

    /// True if `value` lies between the ends.
    pub(super) fn contains(&self, value: f64) -> bool {
        self.ends.0 <= value && value <= self.ends.1
    }
}

/// The frame of a plot: `x` grows to the right; `y` upward or downward as placed.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) x: Placed,
    pub(super) y: Placed,
}

/// Which way the ordinate grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upright {
    /// Curves: larger values are higher.
    Up,
    /// Images: rows grow downward.
    Down,
}

impl Frame {
    /// Room for the abscissa's tick labels and label below the frame.
    pub(super) const FOOT: f64 = 46.0;

    /// A frame whose inside lies between `(left, top)` and `(right, bottom)`,
    /// with each axis and its ends.
    pub(super) fn new(
        (left, top, right, bottom): (f64, f64, f64, f64),
        x: (&Axis, (f64, f64)),
        y: (&Axis, (f64, f64)),
        upright: Upright,
    ) -> Self {
        let vertical = if upright == Upright::Up { (bottom, top) } else { (top, bottom) };
        Self {
            left,
            top,
            width: right - left,
            height: bottom - top,
            x: Placed::new(x.0, x.1, (left, right), TICK_SPACING.0),
            y: Placed::new(y.0, y.1, vertical, TICK_SPACING.1),
        }
    }

    /// Room the ordinate's tick labels and label take left of a frame of this height.
    pub(super) fn margin(axis: &Axis, ends: (f64, f64), height: f64) -> f64 {
        let placed = Placed::new(axis, ends, (0.0, height), TICK_SPACING.1);
        let longest = placed.ticks.ticks.iter().map(|t| t.label.chars().count()).max().unwrap_or(1);
        longest as f64 * CHARACTER + 36.0
    }

    /// Draws ticks and labels, and the grid lines behind whatever comes later.
    pub(super) fn draw_axes(&self, canvas: &mut Canvas) {
        let (right, bottom) = (self.left + self.width, self.top + self.height);
        for tick in &self.x.ticks.ticks {
            let Some(x) = self.x.at(tick.value) else { continue };
            canvas.line((x, self.top), (x, bottom), HAIRLINE);
            canvas.line((x, bottom), (x, bottom + 5.0), AXIS_LINE);
            canvas.text((x, bottom + 15.0), Anchor::Middle, Face::Label, &tick.label);
        }
        for tick in &self.y.ticks.ticks {
            let Some(y) = self.y.at(tick.value) else { continue };
            canvas.line((self.left, y), (right, y), HAIRLINE);
            canvas.line((self.left - 5.0, y), (self.left, y), AXIS_LINE);
            canvas.text((self.left - 9.0, y), Anchor::End, Face::Label, &tick.label);
        }
        let middle = (self.left + self.width / 2.0, self.top + self.height / 2.0);
        canvas.text((middle.0, bottom + 36.0), Anchor::Middle, Face::Label, &self.x.label);
        canvas.text_upward((10.0, middle.1), Face::Label, &self.y.label);
    }

    /// Draws the outline, over whatever came before.
    pub(super) fn draw_outline(&self, canvas: &mut Canvas) {
        let style = format!("fill=\"none\" {AXIS_LINE}");
        canvas.rect((self.left, self.top), (self.width, self.height), &style);
    }
}
