//! Where everything in a grid of maps stands.

use super::axes::Room;
use super::grid::{Cell, Grid};
use super::layout::{Area, GAP, Item, LINE, Layout, Metrics};
use super::scale_bar::ScaleBar;
use crate::svg::{Anchor, Face};
use std::borrow::Cow;

/// From the top of an image up to the middle of its title, the line of the legend's label.
const TITLE_LINE: i32 = LINE / 2 + 5;
/// Between neighbouring images.
const APART: i32 = 14;
/// Tallest colour bar.
const TALLEST_BAR: i32 = 320;

impl<'a> Layout<'a> {
    /// Lays out `grid` with `enlargement` pixels of the sheet per unit of length.
    pub(super) fn grid(grid: &'a Grid, enlargement: f64, metrics: Metrics) -> Self {
        let margin = metrics.margin;
        let (mut layout, top) = Self::titled(&grid.title, metrics);
        let size = |cell: &Cell| {
            let (height, width) = cell.extent();
            let whole = |v: f64| (v * enlargement).round().max(1.0) as i32;
            (whole(height), whole(width))
        };
        let columns = column_widths(grid, size, metrics);
        let room = grid.axes.as_ref().map_or(Room::default(), |axes| Room::of(axes, metrics));
        let mut widest: Option<(Area, &Cell)> = None;
        let (mut right, mut bottom) = (margin, top);
        for row in &grid.rows {
            let (mut x, y) = (margin + room.left, bottom + LINE);
            for (index, (cell, column)) in row.iter().zip(&columns).enumerate() {
                let (height, width) = size(cell);
                let area = Area { x, y, width, height };
                layout.items.push(Item::Image { area, raster: Cow::Borrowed(&cell.raster) });
                layout.items.push(Item::Frame(area));
                layout.label((x, y - TITLE_LINE), Anchor::Start, &cell.title);
                layout.stretches(area, &cell.stretches);
                layout.reserve(x + width, y + height);
                if let Some(mark) = cell.mark {
                    layout.pointers(area, mark);
                }
                if let Some(axes) = &grid.axes {
                    layout.axes(area, axes, index == 0);
                }
                if widest.is_none_or(|(w, _)| width > w.width) {
                    widest = Some((area, cell));
                }
                bottom = bottom.max(y + height);
                x += column + APART;
                right = right.max(x - APART);
            }
            bottom += room.below + LINE / 2;
        }
        let images = Area {
            x: margin + room.left,
            y: top + LINE,
            width: right - margin - room.left,
            height: (bottom - room.below - LINE / 2 - top - LINE).max(0),
        };
        let legend_x = right + GAP;
        layout.legend(&grid.legend, (legend_x, images.y), images.height.min(TALLEST_BAR));
        if grid.axes.is_some() {
            if let Some(nothing) = grid.nothing {
                let y = images.y + images.height.min(TALLEST_BAR) + LINE;
                layout.key_to_nothing((legend_x, y), nothing);
            }
        } else if let Some((area, cell)) = widest {
            let bar = ScaleBar::new(cell.raster.width, grid.metric.then_some(cell.pixel.x));
            // As wide as the image it measures, below all of them.
            let below = Area { width: area.width, ..images };
            layout.foot(&bar, below, legend_x, grid.nothing);
        }
        layout.width += margin;
        layout.height += margin;
        layout
    }
}

/// Width of each column: its widest image or title.
fn column_widths(grid: &Grid, size: impl Fn(&Cell) -> (i32, i32), metrics: Metrics) -> Vec<i32> {
    let count = grid.rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |cell: &Cell| size(cell).1.max(metrics.width(Face::Label, &cell.title));
    let widest = |column| grid.rows.iter().filter_map(|row| row.get(column)).map(&width).max();
    (0..count).map(|column| widest(column).unwrap_or(0)).collect()
}
