//! The bitmap back end: a figure's layout as pixels on white.

use super::Raster;
use super::layout::{Area, Item, Layout};
use super::scale_bar::ScaleBar;
use crate::colour::Rgb;
use crate::svg::{Anchor, Face};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle, iso_8859_1, iso_8859_7};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor as _};
use embedded_graphics::prelude::{
    DrawTarget, Drawable as _, OriginDimensions, Pixel, Point, Primitive as _, Size,
};
use embedded_graphics::primitives::{Line, PrimitiveStyle, Rectangle, Triangle};
use embedded_graphics::text::{Baseline, Text};
use std::convert::Infallible;

const INK: Rgb888 = Rgb888::new(24, 24, 24);
const FRAME: Rgb888 = Rgb888::new(140, 140, 140);

/// Draws `layout` on a white sheet.
pub(super) fn render(layout: &Layout<'_>) -> Raster {
    let size = (layout.height.max(1) as usize, layout.width.max(1) as usize);
    let mut sheet = Sheet::of(Raster::from_fn(size.0, size.1, |_, _| [255; 4]), INK);
    for item in &layout.items {
        let Ok(()) = sheet.draw(item);
    }
    sheet.image
}

/// `image` with a scale bar and its label in its lower left corner.
pub(crate) fn stamp_scale_bar(image: Raster, bar: &ScaleBar, ink: Rgb) -> Raster {
    /// From the image's edges.
    const INSET: i32 = 10;
    let (height, width) = (image.height as i32, image.width as f64);
    let end = INSET + ((bar.part * width).round() as i32).max(1);
    let y = height - INSET - 1;
    let label =
        Item::Text { at: (end + 8, y), anchor: Anchor::Start, face: Face::Label, text: bar.label.clone() };
    let mut sheet = Sheet::of(image, ink_of(ink));
    for item in [Item::Line { from: (INSET, y), to: (end, y), width: 3 }, label] {
        let Ok(()) = sheet.draw(&item);
    }
    sheet.image
}

/// `image` with a swatch and a name for each colour in its upper left corner.
pub(crate) fn stamp_key(image: Raster, key: &[(Rgb, String)], ink: Rgb) -> Raster {
    /// Side of a swatch, and the distance of two.
    const SWATCH: (i32, i32) = (10, 16);
    const INSET: i32 = 8;
    let mut sheet = Sheet::of(image, ink_of(ink));
    for (row, (colour, name)) in (0..).zip(key) {
        let y = INSET + row * SWATCH.1;
        let area = Area { x: INSET, y, width: SWATCH.0, height: SWATCH.0 };
        let (at, text) = ((INSET + SWATCH.0 + 6, y + SWATCH.0 / 2), name.clone());
        let label = Item::Text { at, anchor: Anchor::Start, face: Face::Label, text };
        for item in [Item::Fill { area, colour: *colour }, label] {
            let Ok(()) = sheet.draw(&item);
        }
    }
    sheet.image
}

/// A word on a drawing of lines, in fonts of 20 pixels' height.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    /// Where its middle line and its anchor are, in pixels; for a turned one, its centre.
    pub(crate) at: (i32, i32),
    pub(crate) anchor: Anchor,
    pub(crate) face: Face,
    pub(crate) text: &'a str,
    /// It runs upward.
    pub(crate) upward: bool,
}

/// `image` with `words` on it.
pub(crate) fn write_words(image: Raster, words: &Words<'_>, ink: Rgb) -> Raster {
    let mut sheet = Sheet { image, ink: ink_of(ink), fonts: large_fonts };
    let Ok(()) = if words.upward {
        sheet.text_upward(words.at, words.face, words.text)
    } else {
        sheet.text(words.at, words.anchor, words.face, words.text)
    };
    sheet.image
}

/// An image being drawn on.
struct Sheet {
    image: Raster,
    /// Colour of text and lines.
    ink: Rgb888,
    /// Latin and Greek glyphs of each face.
    fonts: fn(Face) -> Fonts,
}

/// Latin and Greek glyphs of one size: only the latter have π.
type Fonts = (&'static MonoFont<'static>, &'static MonoFont<'static>);

impl OriginDimensions for Sheet {
    fn size(&self) -> Size {
        Size::new(self.image.width as u32, self.image.height as u32)
    }
}

impl DrawTarget for Sheet {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(Point { x, y }, colour) in pixels {
            let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { continue };
            if x < self.image.width && y < self.image.height {
                self.image.pixels[y * self.image.width + x] = [colour.r(), colour.g(), colour.b(), 255];
            }
        }
        Ok(())
    }
}

impl Sheet {
    fn of(image: Raster, ink: Rgb888) -> Self {
        Self { image, ink, fonts }
    }

    fn draw(&mut self, item: &Item<'_>) -> Result<(), Infallible> {
        let point = |(x, y): (i32, i32)| Point::new(x, y);
        match item {
            Item::Image { area, raster } => {
                self.paste((area.x, area.y), &raster.resampled(area.height as usize, area.width as usize));
                Ok(())
            }
            Item::Frame(area) => {
                let size = Size::new(area.width as u32 + 2, area.height as u32 + 2);
                let outline = Rectangle::new(Point::new(area.x - 1, area.y - 1), size);
                outline.into_styled(PrimitiveStyle::with_stroke(FRAME, 1)).draw(self)
            }
            Item::Fill { area, colour } => {
                let size = Size::new(area.width as u32, area.height as u32);
                let rectangle = Rectangle::new(Point::new(area.x, area.y), size);
                rectangle.into_styled(PrimitiveStyle::with_fill(ink_of(*colour))).draw(self)
            }
            Item::Triangle { corners, colour } => {
                let [a, b, c] = corners.map(point);
                Triangle::new(a, b, c).into_styled(PrimitiveStyle::with_fill(ink_of(*colour))).draw(self)
            }
            Item::Line { from, to, width } => {
                let style = PrimitiveStyle::with_stroke(self.ink, *width as u32);
                Line::new(point(*from), point(*to)).into_styled(style).draw(self)
            }
            Item::Stroke { from, to, colour } => {
                let style = PrimitiveStyle::with_stroke(ink_of(*colour), 1);
                Line::new(point(*from), point(*to)).into_styled(style).draw(self)
            }
            Item::Over { at, anchor, text } => {
                // A rim of paper, then the word.
                let ink = std::mem::replace(&mut self.ink, Rgb888::WHITE);
                for (dx, dy) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))) {
                    self.text((at.0 + dx, at.1 + dy), *anchor, Face::Label, text)?;
                }
                self.ink = ink;
                self.text(*at, *anchor, Face::Label, text)
            }
            Item::Upward { at, text } => self.text_upward(*at, Face::Label, text),
            Item::Text { at, anchor, face, text } => self.text(*at, *anchor, *face, text),
        }
    }

    /// Lays `image` over the sheet with its upper left corner at `(x, y)`.
    fn paste(&mut self, (x, y): (i32, i32), image: &Raster) {
        let width = self.image.width;
        for (row, line) in image.pixels.chunks_exact(image.width).enumerate() {
            let start = (y as usize + row) * width + x as usize;
            for (under, over) in self.image.pixels[start..start + image.width].iter_mut().zip(line) {
                // c = α·over + (1 − α)·under
                let alpha = u32::from(over[3]);
                for k in 0..3 {
                    let mixed = alpha * u32::from(over[k]) + (255 - alpha) * u32::from(under[k]);
                    under[k] = ((mixed + 127) / 255) as u8;
                }
            }
        }
    }

    /// A label turned by a quarter, its centre at `(x, y)`.
    fn text_upward(&mut self, (x, y): (i32, i32), face: Face, text: &str) -> Result<(), Infallible> {
        let glyph = (self.fonts)(face).0.character_size;
        let (width, height) = (glyph.width as usize * printable(text).len(), glyph.height as usize + 2);
        let image = Raster::from_fn(height, width, |_, _| [255, 255, 255, 0]);
        let mut level = Self { image, ink: self.ink, fonts: self.fonts };
        level.text((0, height as i32 / 2), Anchor::Start, face, text)?;
        let upward = Raster::from_fn(width, height, |row, column| {
            level.image.pixels[column * width + width - 1 - row]
        });
        // Moved onto the sheet, where it fits on it at all: pasting needs all of it there.
        let free = (self.image.width as i32 - height as i32, self.image.height as i32 - width as i32);
        if free.0 >= 0 && free.1 >= 0 && width > 0 {
            let corner = (x - height as i32 / 2, y - width as i32 / 2);
            self.paste((corner.0.clamp(0, free.0), corner.1.clamp(0, free.1)), &upward);
        }
        Ok(())
    }

    fn text(&mut self, (x, y): (i32, i32), anchor: Anchor, face: Face, text: &str) -> Result<(), Infallible> {
        let glyphs = printable(text);
        let (latin, greek) = (self.fonts)(face);
        let advance = latin.character_size.width as i32;
        let width = advance * glyphs.len() as i32;
        let mut left = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2,
            Anchor::End => x - width,
        };
        for glyph in glyphs {
            let font = if ('Α'..='ω').contains(&glyph) { greek } else { latin };
            let mut buffer = [0; 4];
            let style = MonoTextStyle::new(font, self.ink);
            Text::with_baseline(glyph.encode_utf8(&mut buffer), Point::new(left, y), style, Baseline::Middle)
                .draw(self)?;
            left += advance;
        }
        Ok(())
    }
}

fn ink_of([r, g, b]: Rgb) -> Rgb888 {
    Rgb888::new(r, g, b)
}

/// The glyphs of figures.
fn fonts(face: Face) -> Fonts {
    match face {
        Face::Title => (&iso_8859_1::FONT_9X18_BOLD, &iso_8859_7::FONT_9X18_BOLD),
        Face::Label => (&iso_8859_1::FONT_8X13, &iso_8859_7::FONT_8X13),
    }
}

/// The glyphs of drawings of lines.
fn large_fonts(_: Face) -> Fonts {
    (&iso_8859_1::FONT_10X20, &iso_8859_7::FONT_10X20)
}

/// `text` in the characters the bitmap fonts have (ISO 8859-1 and Greek):
/// typographic dashes become hyphens, powers of numbers and superscripts beyond
/// ¹²³ are written `^-4`, anything else unknown a question mark.
pub(super) fn printable(text: &str) -> Vec<char> {
    const SUPERSCRIPTS: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺";
    const ON_THE_LINE: [char; 12] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-', '+'];
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| !SUPERSCRIPTS.contains(c)).unwrap_or(rest.len());
        if end == 0 {
            match first {
                '−' | '–' | '—' | '‐' | '‑' => out.push('-'),
                'μ' => out.push('µ'),
                '≈' => out.push('~'),
                '…' => out.extend("...".chars()),
                '√' => out.extend("sqrt ".chars()),
                '‖' => out.extend("||".chars()),
                '\u{A0}' | '\u{2009}' | '\u{202F}' => out.push(' '),
                c if c == ' ' || c.is_ascii_graphic() => out.push(c),
                c if ('\u{A1}'..='\u{FF}').contains(&c) || ('Α'..='ω').contains(&c) => out.push(c),
                _ => out.push('?'),
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (run, after) = rest.split_at(end);
        let is_power = out.last().is_some_and(char::is_ascii_digit);
        if !is_power && run.chars().all(|c| "¹²³".contains(c)) {
            out.extend(run.chars());
        } else {
            out.push('^');
            out.extend(
                run.chars().filter_map(|c| SUPERSCRIPTS.chars().position(|s| s == c)).map(|i| ON_THE_LINE[i]),
            );
        }
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_its_meaning_in_the_bitmap_fonts() {
        for (text, drawn) in [
            ("phase (rad)", "phase (rad)"),
            ("−π/2", "-π/2"),
            ("q (Å⁻¹) ×10⁻⁵", "q (Å^-1) ×10^-5"),
            ("µm² μm ½-bit 20 °C", "µm² µm ½-bit 20 °C"),
            ("10³ √photons", "10^3 sqrt photons"),
            ("V⁵⁺ Fe³⁺", "V^5+ Fe^3+"),
            ("照", "?"),
        ] {
            assert_eq!(printable(text).into_iter().collect::<String>(), drawn);
        }
    }

    #[test]
    fn every_promised_glyph_is_drawn() {
        // A glyph the font lacks is drawn as the font's replacement, that of '?'.
        let image = |text: &str| {
            let mut sheet = Sheet::of(Raster::from_fn(20, 12, |_, _| [255; 4]), INK);
            let Ok(()) = sheet.text((1, 10), Anchor::Start, Face::Label, text);
            sheet.image.pixels
        };
        for glyph in ["µ", "Å", "°", "½", "±", "π", "²", "×", "φ"] {
            assert_ne!(image(glyph), image("?"), "{glyph}");
            assert_ne!(image(glyph), image(" "), "{glyph}");
        }
    }

    #[test]
    fn drawing_beyond_the_sheet_is_cut_off() {
        let mut sheet = Sheet::of(Raster::from_fn(5, 5, |_, _| [255; 4]), INK);
        let Ok(()) = sheet.draw(&Item::Line { from: (-10, 2), to: (10, 2), width: 1 });
        assert!(sheet.image.pixels[10..15].iter().all(|p| *p == [24, 24, 24, 255]));
        assert!(sheet.image.pixels[..10].iter().all(|p| *p == [255; 4]));
    }
}
