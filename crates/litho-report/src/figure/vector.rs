//! The vector back end: a figure's layout as SVG with the image embedded.

use super::Raster;
use super::layout::{Item, Layout};
use crate::ReportError;
use crate::svg::{Canvas, Face, Svg, hex, number};
use std::borrow::Cow;

/// Image pixels kept per pixel of the sheet, for sharp screens and print.
const DENSITY: usize = 3;

/// Draws `layout`; `figure` names it in errors.
pub(super) fn render(layout: &Layout<'_>, figure: &str) -> Result<Svg, ReportError> {
    let mut canvas = Canvas::default();
    let point = |(x, y): (i32, i32)| (f64::from(x), f64::from(y));
    for item in &layout.items {
        match item {
            Item::Image { area, raster } => {
                let (width, height) = (area.width as usize, area.height as usize);
                let fine = raster.width > width || raster.height > height;
                let style = if fine { "" } else { "style=\"image-rendering:pixelated\"" };
                let png = limited(raster, height, width).to_png(figure)?;
                canvas.image(point((area.x, area.y)), point((area.width, area.height)), &png, style);
            }
            Item::Frame(area) => {
                let (x, y) = point((area.x, area.y));
                canvas.rect(
                    (x - 0.5, y - 0.5),
                    (f64::from(area.width) + 1.0, f64::from(area.height) + 1.0),
                    "fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.45\"",
                );
            }
            Item::Fill { area, colour } => {
                let style = format!("fill=\"{}\"", hex(*colour));
                canvas.rect(point((area.x, area.y)), point((area.width, area.height)), &style);
            }
            Item::Triangle { corners: [a, b, c], colour } => {
                let data = format!("M{} {}L{} {}L{} {}Z", a.0, a.1, b.0, b.1, c.0, c.1);
                let style =
                    format!("fill=\"{}\" stroke=\"currentColor\" stroke-opacity=\"0.45\"", hex(*colour));
                canvas.path(&data, &style);
            }
            Item::Line { from, to, width } => {
                let style = format!("stroke=\"currentColor\" stroke-width=\"{}\"", number(f64::from(*width)));
                canvas.line(point(*from), point(*to), &style);
            }
            Item::Stroke { from, to, colour } => {
                let style = format!("stroke=\"{}\" stroke-width=\"1.4\"", hex(*colour));
                canvas.line(point(*from), point(*to), &style);
            }
            Item::Over { at, anchor, text } => canvas.text_on_image(point(*at), *anchor, text),
            Item::Upward { at, text } => canvas.text_upward(point(*at), Face::Label, text),
            Item::Text { at, anchor, face, text } => canvas.text(point(*at), *anchor, *face, text),
        }
    }
    Ok(canvas.finish(f64::from(layout.width), f64::from(layout.height)))
}

/// The image with no more pixels than a sharp screen shows.
fn limited(raster: &Raster, height: usize, width: usize) -> Cow<'_, Raster> {
    let (rows, columns) = (raster.height.min(DENSITY * height), raster.width.min(DENSITY * width));
    if (rows, columns) == (raster.height, raster.width) {
        return Cow::Borrowed(raster);
    }
    Cow::Owned(raster.resampled(rows, columns))
}
