//! Where everything in a figure stands: one description, drawn by the bitmap
//! and by the vector back end alike.

use super::grid::Stretch;
use super::raster::QUARTER_TURNS;
use super::scale_bar::ScaleBar;
use super::{Figure, Legend, MapStyle, Raster, png};
use crate::colour::{ColourMap, Rgb};
use crate::format::{Scale, Tick, Ticks, linear_ticks, log_ticks, short_number};
use crate::svg::{Anchor, Face};
use std::borrow::Cow;

/// Height of a line of labels.
pub(super) const LINE: i32 = 20;
/// Height of the title line.
pub(super) const TITLE: i32 = 26;
/// Between the image and the legend.
pub(super) const GAP: i32 = 18;
/// Width of the colour bar.
const BAR: i32 = 14;
/// Height of the tips that tell of values outside the range.
const TIP: i32 = 9;
/// Shortest colour bar.
const SHORTEST_BAR: i32 = 96;
/// Diameter of the colour wheel.
const WHEEL: i32 = 72;
/// Pixels between ticks.
pub(super) const TICK_SPACING: i32 = 64;

/// The border, and widths of an average character for making room.
#[derive(Debug, Clone, Copy)]
pub(super) struct Metrics {
    pub(super) margin: i32,
    title: i32,
    label: i32,
    /// Characters that a text takes when drawn.
    length: fn(&str) -> usize,
}

impl Metrics {
    /// A sheet of its own; the bitmap fonts of the PNG back end, exactly.
    pub(super) const BITMAP: Self =
        Self { margin: 12, title: 9, label: 8, length: |text| png::printable(text).len() };
    /// Flush in a page, only the image's outline outside; common proportional fonts, rounded up.
    pub(super) const OUTLINE: Self =
        Self { margin: 1, title: 9, label: 7, length: |text| text.chars().count() };

    pub(super) fn width(self, face: Face, text: &str) -> i32 {
        let per_character = match face {
            Face::Title => self.title,
            Face::Label => self.label,
        };
        per_character * (self.length)(text) as i32
    }
}

/// A rectangle on the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// One thing to draw; later ones lie on top.
#[derive(Debug, Clone)]
pub(super) enum Item<'a> {
    /// An image stretched over the area.
    Image { area: Area, raster: Cow<'a, Raster> },
    /// A thin outline just outside the area.
    Frame(Area),
    /// A filled rectangle.
    Fill { area: Area, colour: Rgb },
    /// A filled triangle.
    Triangle { corners: [(i32, i32); 3], colour: Rgb },
    /// A straight line in the colour of the text.
    Line { from: (i32, i32), to: (i32, i32), width: i32 },
    /// A straight line in a colour of its own, over an image.
    Stroke { from: (i32, i32), to: (i32, i32), colour: Rgb },
    /// Text over an image, dark on its bright places.
    Over { at: (i32, i32), anchor: Anchor, text: String },
    /// Text whose middle line is at `y`.
    Text { at: (i32, i32), anchor: Anchor, face: Face, text: String },
    /// A label that runs upward, its centre at `at`.
    Upward { at: (i32, i32), text: String },
}

/// A figure laid out on a sheet of `width` × `height` pixels.
#[derive(Debug, Clone)]
pub(super) struct Layout<'a> {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) items: Vec<Item<'a>>,
    pub(super) metrics: Metrics,
}

impl<'a> Layout<'a> {
    /// Lays out `figure` with its image `(height, width)` pixels large.
    pub(super) fn new(figure: &'a Figure, (height, width): (i32, i32), metrics: Metrics) -> Self {
        let margin = metrics.margin;
        let (mut layout, top) = Self::titled(&figure.title, metrics);
        let image = Area { x: margin, y: top + LINE, width, height };
        layout.items.push(Item::Image { area: image, raster: Cow::Borrowed(&figure.raster) });
        layout.items.push(Item::Frame(image));
        layout.reserve(margin + width, image.y + height);

        let legend_x = margin + width + GAP;
        layout.legend(&figure.legend, (legend_x, image.y), height);
        let bar = ScaleBar::new(figure.raster.width, figure.pixel.map(|p| p.x));
        layout.foot(&bar, image, legend_x, figure.no_data.map(|colour| (colour, "no data")));
        layout.width += margin;
        layout.height += margin;
        layout
    }

    /// An empty sheet with its title, and where what follows may begin.
    pub(super) fn titled(title: &str, metrics: Metrics) -> (Self, i32) {
        let mut layout = Self { width: 0, height: 0, items: Vec::new(), metrics };
        let margin = metrics.margin;
        if title.is_empty() {
            return (layout, margin);
        }
        layout.text((margin, margin + TITLE / 2 - 3), Anchor::Start, Face::Title, title);
        layout.reserve(margin + metrics.width(Face::Title, title), margin + TITLE);
        (layout, margin + TITLE)
    }

    /// The legend of images whose top is at `y` and that are `height` high.
    pub(super) fn legend(&mut self, legend: &Legend, (x, y): (i32, i32), height: i32) {
        match legend {
            Legend::Bar { style, limits } => {
                let bar = Area { x, y, width: BAR, height: height.max(SHORTEST_BAR) };
                self.colour_bar(bar, style, *limits);
            }
            Legend::Wheel { label, max_amplitude } => self.wheel((x, y - LINE), label, *max_amplitude),
            Legend::Swatches(swatches) => {
                for (row, (colour, name)) in (0..).zip(swatches) {
                    self.swatch((x, y + LINE / 2 + row * (LINE + 2)), *colour, name);
                }
            }
            Legend::Note(note) => self.label((x, y + LINE / 2), Anchor::Start, note),
        }
    }

    /// A colour and what it stands for, the middle line at `y`.
    fn swatch(&mut self, (x, y): (i32, i32), colour: Rgb, name: &str) {
        let area = Area { x, y: y - BAR / 2, width: BAR, height: BAR };
        self.items.push(Item::Fill { area, colour });
        self.items.push(Item::Frame(area));
        self.label((x + BAR + 6, y), Anchor::Start, name);
    }

    /// Makes the sheet reach at least to `(right, bottom)`.
    pub(super) fn reserve(&mut self, right: i32, bottom: i32) {
        self.width = self.width.max(right);
        self.height = self.height.max(bottom);
    }

    fn text(&mut self, at: (i32, i32), anchor: Anchor, face: Face, text: &str) {
        self.items.push(Item::Text { at, anchor, face, text: text.to_owned() });
    }

    /// A label and the room it takes.
    pub(super) fn label(&mut self, at: (i32, i32), anchor: Anchor, text: &str) {
        let width = self.metrics.width(Face::Label, text);
        let right = match anchor {
            Anchor::Start => at.0 + width,
            Anchor::Middle => at.0 + width / 2,
            Anchor::End => at.0,
        };
        self.reserve(right, at.1 + LINE / 2);
        self.text(at, anchor, Face::Label, text);
    }

    fn colour_bar(&mut self, whole: Area, style: &MapStyle, limits: super::Limits) {
        let cyclic = style.colours == ColourMap::Cyclic;
        let (above, below) = if cyclic { (false, false) } else { (limits.above, limits.below) };
        let top = whole.y + if above { TIP } else { 0 };
        let bottom = whole.y + whole.height - if below { TIP } else { 0 };
        let bar = Area { y: top, height: bottom - top, ..whole };
        let (left, right) = (bar.x, bar.x + BAR);
        if above {
            let corners = [(left, top - 1), (right - 1, top - 1), (left + BAR / 2, whole.y)];
            self.items.push(Item::Triangle { corners, colour: style.colours.colour(1.0) });
        }
        if below {
            let corners = [(left, bottom), (right - 1, bottom), (left + BAR / 2, whole.y + whole.height - 1)];
            self.items.push(Item::Triangle { corners, colour: style.colours.colour(0.0) });
        }
        self.items.push(Item::Image { area: bar, raster: Cow::Owned(Raster::colour_bar(style.colours)) });
        self.items.push(Item::Frame(bar));

        let target = (whole.height / TICK_SPACING).max(2) as usize;
        let ticks = match (cyclic, style.scale) {
            (true, _) => angle_ticks(),
            (false, Scale::Linear) => linear_ticks(limits.min, limits.max, target),
            (false, Scale::Log) => log_ticks(limits.min, limits.max, target + 1),
        };
        let [low, high] = [limits.min, limits.max].map(|v| style.scale.forward(v));
        for tick in &ticks.ticks {
            let t = (style.scale.forward(tick.value) - low) / (high - low);
            let y = bottom - 1 - (t * f64::from(bar.height - 1)).round() as i32;
            self.items.push(Item::Line { from: (right + 1, y), to: (right + 5, y), width: 1 });
            self.label((right + 9, y), Anchor::Start, &tick.label);
        }
        self.label((left, whole.y - LINE / 2 - 5), Anchor::Start, &ticks.label_with_factor(&style.label));
        self.reserve(0, whole.y + whole.height);
    }

    fn wheel(&mut self, (x, top): (i32, i32), label: &str, max_amplitude: f64) {
        self.label((x, top + LINE / 2 - 5), Anchor::Start, label);
        // The left label's width, so that the disc stands clear of it.
        let left = x + 4 + 5 * self.metrics.label / 2;
        let disc = Area { x: left, y: top + 2 * LINE, width: WHEEL, height: WHEEL };
        let (cx, cy) = (left + WHEEL / 2, disc.y + WHEEL / 2);
        self.items
            .push(Item::Image { area: disc, raster: Cow::Owned(Raster::colour_wheel(2 * WHEEL as usize)) });
        self.label((left + WHEEL + 6, cy), Anchor::Start, "0");
        self.label((cx, disc.y - LINE / 2), Anchor::Middle, "π/2");
        self.label((left - 4, cy), Anchor::End, "±π");
        self.label((cx, disc.y + WHEEL + LINE / 2), Anchor::Middle, "−π/2");
        let rim = format!("rim: {}", short_number(max_amplitude));
        self.label((x, disc.y + WHEEL + 3 * LINE / 2 + 4), Anchor::Start, &rim);
    }

    /// The scale bar under the image whose width it measures, and the key to pixels without a value.
    pub(super) fn foot(&mut self, bar: &ScaleBar, image: Area, legend_x: i32, nothing: Option<(Rgb, &str)>) {
        let legend_bottom = self.height;
        let y = image.y + image.height + LINE / 2 + 4;
        let end = image.x + ((bar.part * f64::from(image.width)).round() as i32).max(1);
        self.items.push(Item::Line { from: (image.x, y), to: (end, y), width: 3 });
        self.label((end + 8, y), Anchor::Start, &bar.label);
        let Some(nothing) = nothing else { return };
        // Beside the scale bar, or below a legend that reaches further down.
        let at = if legend_bottom + 4 <= y {
            let bar_label = self.metrics.width(Face::Label, &bar.label);
            (legend_x.max(end + 8 + bar_label + GAP), y)
        } else {
            (legend_x, legend_bottom + LINE / 2 + 4)
        };
        self.key_to_nothing(at, nothing);
    }

    /// Lines over the image in `area`, each with its label inside, left of its end.
    pub(super) fn stretches(&mut self, area: Area, stretches: &[Stretch]) {
        let place = |(y, x): (f64, f64)| {
            let at = |part: f64, length: i32| (part.clamp(0.0, 1.0) * f64::from(length)).round() as i32;
            (area.x + at(x, area.width), area.y + at(y, area.height))
        };
        for stretch in stretches {
            let (from, to) = (place(stretch.from), place(stretch.to));
            self.items.push(Item::Stroke { from, to, colour: stretch.colour });
        }
        for stretch in stretches.iter().filter(|s| !s.label.is_empty()) {
            let (x, y) = place(stretch.to);
            let at = (x - 6, y.clamp(area.y + LINE / 2, area.y + area.height - LINE / 2));
            self.items.push(Item::Over { at, anchor: Anchor::End, text: stretch.label.clone() });
        }
    }

    /// The key to pixels without a value, its middle line at `y`.
    pub(super) fn key_to_nothing(&mut self, at: (i32, i32), (colour, name): (Rgb, &str)) {
        self.swatch(at, colour, name);
    }
}

fn angle_ticks() -> Ticks {
    let ticks = QUARTER_TURNS.iter().map(|&(value, label)| Tick { value, label: label.to_owned() }).collect();
    Ticks { ticks, exponent: 0 }
}
