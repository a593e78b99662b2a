//! Axes along the edges of a map, and pointers to a place in it.

use super::grid::{Axes, Span};
use super::layout::{Area, Item, LINE, Layout, Metrics, TICK_SPACING};
use crate::format::{Ticks, linear_ticks};
use crate::svg::{Anchor, Face};

/// Length of a tick.
const TICK: i32 = 4;
/// Pixels between ticks of the abscissa, whose labels stand side by side.
const WIDE_SPACING: i32 = 72;
/// Ticks for which the room beside a map is measured.
const TYPICAL: usize = 5;
/// Size of a pointer, and its distance from the map.
const POINTER: (i32, i32) = (6, 2);
/// Colour of pointers.
const POINTING: [u8; 3] = [213, 94, 0];

/// Room that axes take beside and below a map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) left: i32,
    pub(super) below: i32,
}

impl Room {
    /// The room that `axes` take.
    pub(super) fn of(axes: &Axes, metrics: Metrics) -> Self {
        Self { left: LINE + widest(&ticks(&axes.y, TYPICAL), metrics) + TICK + 6, below: 2 * LINE + TICK }
    }
}

/// Round values along an axis, whichever way it runs.
fn ticks(span: &Span, target: usize) -> Ticks {
    let (a, b) = span.ends;
    linear_ticks(a.min(b), a.max(b), target.max(2))
}

fn widest(ticks: &Ticks, metrics: Metrics) -> i32 {
    ticks.ticks.iter().map(|tick| metrics.width(Face::Label, &tick.label)).max().unwrap_or(0)
}

/// Pixels from the first edge of a map of `length` pixels to `value`.
fn place(span: &Span, value: f64, length: i32) -> i32 {
    let part = (value - span.ends.0) / (span.ends.1 - span.ends.0);
    (part * f64::from(length)).round() as i32
}

impl Layout<'_> {
    /// Axes of the map in `area`; only the leftmost map of a row has its ordinate labelled.
    pub(super) fn axes(&mut self, area: Area, axes: &Axes, leftmost: bool) {
        let bottom = area.y + area.height;
        let below = ticks(&axes.x, (area.width / WIDE_SPACING) as usize);
        for tick in &below.ticks {
            let x = area.x + place(&axes.x, tick.value, area.width);
            self.items.push(Item::Line { from: (x, bottom + 1), to: (x, bottom + TICK), width: 1 });
            self.label((x, bottom + TICK + LINE / 2), Anchor::Middle, &tick.label);
        }
        let label = below.label_with_factor(&axes.x.label);
        self.label((area.x + area.width / 2, bottom + TICK + 3 * LINE / 2), Anchor::Middle, &label);
        let beside = ticks(&axes.y, (area.height / TICK_SPACING) as usize);
        for tick in &beside.ticks {
            let y = area.y + place(&axes.y, tick.value, area.height);
            self.items.push(Item::Line { from: (area.x - TICK, y), to: (area.x - 1, y), width: 1 });
            if leftmost {
                self.label((area.x - TICK - 4, y), Anchor::End, &tick.label);
            }
        }
        if leftmost {
            let x = area.x - TICK - 6 - widest(&beside, self.metrics) - LINE / 2;
            let text = beside.label_with_factor(&axes.y.label);
            self.items.push(Item::Upward { at: (x, area.y + area.height / 2), text });
        }
    }

    /// Pointers at the right and at the lower edge of `area` to the place at these parts `(y, x)` of its sides.
    pub(super) fn pointers(&mut self, area: Area, (y, x): (f64, f64)) {
        let (size, apart) = POINTER;
        let at = |part: f64, length: i32| (part.clamp(0.0, 1.0) * f64::from(length)).round() as i32;
        let (right, bottom) = (area.x + area.width + apart, area.y + area.height + apart);
        let (y, x) = (area.y + at(y, area.height), area.x + at(x, area.width));
        let half = size / 2 + 1;
        let beside = [(right, y), (right + size, y - half), (right + size, y + half)];
        let below = [(x, bottom), (x - half, bottom + size), (x + half, bottom + size)];
        for corners in [beside, below] {
            self.items.push(Item::Triangle { corners, colour: POINTING });
        }
        self.reserve(right + size, bottom + size);
    }
}

#[cfg(test)]
mod tests {
    use super::super::grid::{Grid, Panel};
    use super::super::{MapStyle, PixelSize};
    use super::*;
    use crate::colour::ColourMap;
    use ndarray::Array2;

    fn span(label: &str, first: f64, last: f64) -> Span {
        Span { label: label.to_owned(), ends: (first, last) }
    }

    fn layout(grid: &Grid) -> Vec<Item<'_>> {
        Layout::grid(grid, 10.0, Metrics::OUTLINE).items
    }

    #[test]
    fn ticks_stand_where_their_values_lie_whichever_way_the_axis_runs() {
        let map = Array2::from_shape_fn((20, 30), |(y, x)| (y + x) as f32);
        let panel = |title: &str| Panel { title: title.to_owned(), values: map.view(), pixel: None };
        let style = MapStyle::new(ColourMap::Grey, "phase (rad)");
        let grid = Grid::maps("", &[vec![panel("before"), panel("after")]], &style).expect("a grid");
        let axes = Axes { x: span("x (µm)", -1.0, 1.0), y: span("angle (°)", 80.0, -80.0) };
        let grid = grid.with_axes(axes);
        let items = layout(&grid);
        let images: Vec<Area> = items
            .iter()
            .filter_map(|item| match item {
                Item::Image { area, .. } if area.width == 300 => Some(*area),
                _ => None,
            })
            .collect();
        assert_eq!(images.len(), 2);
        let place = |wanted: &str| {
            let all = items.iter().filter_map(move |item| match item {
                Item::Text { at, text, .. } if text == wanted => Some(*at),
                _ => None,
            });
            all.collect::<Vec<_>>()
        };
        // The middle of −1 to 1 below both maps, and 50 of 80 to −80 beside the first: 30 of 160 parts from its top.
        assert_eq!(place("0.0").len(), 2);
        for (at, area) in place("0.0").iter().zip(&images) {
            assert_eq!(at.0, area.x + 150);
        }
        let fifty = place("50");
        assert_eq!(fifty.len(), 1);
        assert_eq!(fifty[0].1, images[0].y + (200.0 * 30.0 / 160.0_f64).round() as i32);
        assert!(place("1 px").is_empty(), "axes stand in place of the scale bar");
        assert!(items.iter().any(|item| matches!(item, Item::Upward { text, .. } if text == "angle (°)")));
        assert!(grid.to_png().is_ok() && grid.to_svg(600.0).is_ok());
    }

    #[test]
    fn pointers_lie_outside_of_the_map_at_their_place() {
        let map = Array2::zeros((10, 20));
        let panel = Panel { title: String::new(), values: map.view(), pixel: Some(PixelSize::square(1.0)) };
        let style = MapStyle::between(ColourMap::Grey, "", 0.0, 1.0);
        let grid = Grid::maps("", &[vec![panel]], &style).expect("a grid").with_marks(&[(0.5, 0.25)]);
        let tips: Vec<(i32, i32)> = layout(&grid)
            .iter()
            .filter_map(|item| match item {
                Item::Triangle { corners, .. } => Some(corners[0]),
                _ => None,
            })
            .collect();
        // The map of 200 × 100 pixels begins at (1, 21): margin and title line.
        assert_eq!(tips, [(203, 71), (51, 123)]);
    }
}
