//! The bitmap back end: a figure's layout as pixels on white.

use super::Raster;
use super::layout::{Item, Layout};
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
    let mut sheet = Sheet(Raster::from_fn(size.0, size.1, |_, _| [255; 4]));
    for item in &layout.items {
        let Ok(()) = sheet.draw(item);
    }
    sheet.0
}

struct Sheet(Raster);

impl OriginDimensions for Sheet {
    fn size(&self) -> Size {
        Size::new(self.0.width as u32, self.0.height as u32)
    }
}

impl DrawTarget for Sheet {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(Point { x, y }, colour) in pixels {
            let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { continue };
            if x < self.0.width && y < self.0.height {
                self.0.pixels[y * self.0.width + x] = [colour.r(), colour.g(), colour.b(), 255];
            }
        }
        Ok(())
    }
}

impl Sheet {
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
                let style = PrimitiveStyle::with_stroke(INK, *width as u32);
                Line::new(point(*from), point(*to)).into_styled(style).draw(self)
            }
            Item::Text { at, anchor, face, text } => self.text(*at, *anchor, *face, text),
        }
    }

    /// Lays `image` over the sheet with its upper left corner at `(x, y)`.
    fn paste(&mut self, (x, y): (i32, i32), image: &Raster) {
        let width = self.0.width;
        for (row, line) in image.pixels.chunks_exact(image.width).enumerate() {
            let start = (y as usize + row) * width + x as usize;
            for (under, over) in self.0.pixels[start..start + image.width].iter_mut().zip(line) {
                // c = α·over + (1 − α)·under
                let alpha = u32::from(over[3]);
                for k in 0..3 {
                    let mixed = alpha * u32::from(over[k]) + (255 - alpha) * u32::from(under[k]);
                    under[k] = ((mixed + 127) / 255) as u8;
                }
            }
        }
    }

    fn text(&mut self, (x, y): (i32, i32), anchor: Anchor, face: Face, text: &str) -> Result<(), Infallible> {
        let glyphs = printable(text);
        let (latin, greek) = fonts(face);
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
            let style = MonoTextStyle::new(font, INK);
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

/// Latin and Greek glyphs of one size: only the latter have π.
fn fonts(face: Face) -> (&'static MonoFont<'static>, &'static MonoFont<'static>) {
    match face {
        Face::Title => (&iso_8859_1::FONT_9X18_BOLD, &iso_8859_7::FONT_9X18_BOLD),
        Face::Label => (&iso_8859_1::FONT_8X13, &iso_8859_7::FONT_8X13),
    }
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
            let mut sheet = Sheet(Raster::from_fn(20, 12, |_, _| [255; 4]));
            let Ok(()) = sheet.text((1, 10), Anchor::Start, Face::Label, text);
            sheet.0.pixels
        };
        for glyph in ["µ", "Å", "°", "½", "±", "π", "²", "×", "φ"] {
            assert_ne!(image(glyph), image("?"), "{glyph}");
            assert_ne!(image(glyph), image(" "), "{glyph}");
        }
    }

    #[test]
    fn drawing_beyond_the_sheet_is_cut_off() {
        let mut sheet = Sheet(Raster::from_fn(5, 5, |_, _| [255; 4]));
        let Ok(()) = sheet.draw(&Item::Line { from: (-10, 2), to: (10, 2), width: 1 });
        assert!(sheet.0.pixels[10..15].iter().all(|p| *p == [24, 24, 24, 255]));
        assert!(sheet.0.pixels[..10].iter().all(|p| *p == [255; 4]));
    }
}
