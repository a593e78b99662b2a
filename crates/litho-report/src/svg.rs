//! SVG as text: a finished drawing ([`Svg`]) and the canvas it is drawn on.
//!
//! Text and axes take `currentColor`, so a drawing inside a page follows the
//! page's light or dark colours. No identifiers are used: any number of
//! drawings can share one page.

use crate::bitmap::{self, Manner, Mark};
use crate::colour::Rgb;
use crate::figure::Raster;
use std::fmt::Write as _;

/// Font of all drawings; the first one installed is taken.
const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";

/// A finished drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
    /// What was drawn; `None` if an image was among it.
    marks: Option<Vec<Mark>>,
}

impl Svg {
    /// Width in CSS pixels.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Height in CSS pixels.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// The drawing as a file of its own; `title` is what assistive programs read.
    pub fn to_document(&self, title: &str) -> String {
        let Self { width, height, body, .. } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             font-family=\"{FONTS}\" role=\"img\"><title>{title}</title>\n{body}</svg>\n",
            w = number(*width),
            h = number(*height),
            title = escape(title),
        )
    }

    /// The drawing as pixels on white; `None` if it has an image in it.
    pub(crate) fn to_raster(&self) -> Option<Raster> {
        self.marks.as_ref().map(|marks| bitmap::render(self, marks))
    }

    /// The drawing as an element of an HTML page; `alt` describes it to who cannot see it.
    pub fn to_inline(&self, alt: &str) -> String {
        let Self { width, height, body, .. } = self;
        format!(
            "<svg width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" font-family=\"{FONTS}\" role=\"img\" \
             aria-label=\"{alt}\">\n{body}</svg>\n",
            w = number(*width),
            h = number(*height),
            alt = escape(alt),
        )
    }
}

/// Text made safe inside HTML and XML, in elements as in quoted attributes.
/// Characters XML cannot hold become U+FFFD.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            // C0 and C1 controls; XML 1.0 also bars the two non-characters.
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// A coordinate to a tenth of a pixel, without needless digits.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// A colour as `#rrggbb`.
pub(crate) fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Which end of a text stands at its coordinate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// The text begins there.
    Start,
    /// The text is centred there.
    Middle,
    /// The text ends there.
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// How large and how heavy a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// The title of a drawing.
    Title,
    /// Labels and tick values.
    Label,
}

impl Face {
    /// Font size in CSS pixels.
    pub(crate) fn size(self) -> f64 {
        match self {
            Self::Title => 15.0,
            Self::Label => 13.0,
        }
    }

    fn weight(self) -> &'static str {
        match self {
            Self::Title => " font-weight=\"600\"",
            Self::Label => "",
        }
    }
}

/// A drawing in the making. Coordinates are CSS pixels, `x` to the right and
/// `y` downward.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    body: String,
    marks: Vec<Mark>,
    has_image: bool,
}

impl Canvas {
    /// The drawing on a sheet of this size.
    pub(crate) fn finish(self, width: f64, height: f64) -> Svg {
        let marks = (!self.has_image).then_some(self.marks);
        Svg { width, height, body: self.body, marks }
    }

    /// Text whose middle line is at `y`.
    pub(crate) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, face: Face, text: &str) {
        self.note((x, y), anchor, face, text, Manner::Level);
        self.text_with(&format!("x=\"{}\" y=\"{}\"", number(x), baseline(y, face)), anchor, face, text);
    }

    fn note(&mut self, at: (f64, f64), anchor: Anchor, face: Face, text: &str, manner: Manner) {
        self.marks.push(Mark::Text { at, anchor, face, text: text.to_owned(), manner });
    }

    /// Text running upward, its middle line at `x`, its centre at `y`.
    pub(crate) fn text_upward(&mut self, (x, y): (f64, f64), face: Face, text: &str) {
        let place =
            format!("transform=\"translate({} {}) rotate(-90)\"", number(x + 0.35 * face.size()), number(y));
        self.note((x, y), Anchor::Middle, face, text, Manner::Upward);
        self.text_with(&place, Anchor::Middle, face, text);
    }

    /// Text that stays readable over curves, its middle line at `y`.
    pub(crate) fn text_over(&mut self, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let place = format!("class=\"over\" x=\"{}\" y=\"{}\"", number(x), baseline(y, Face::Label));
        self.note((x, y), anchor, Face::Label, text, Manner::Over);
        self.text_with(&place, anchor, Face::Label, text);
    }

    /// Dark text with a pale rim over an image, its middle line at `y`: an image keeps its colours on a dark page.
    pub(crate) fn text_on_image(&mut self, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        self.note((x, y), anchor, Face::Label, text, Manner::Over);
        self.push(format_args!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"{}\" font-size=\"{}\" fill=\"#181818\" stroke=\"#ffffff\" \
             stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\">{}</text>",
            number(x),
            baseline(y, Face::Label),
            anchor.name(),
            number(Face::Label.size()),
            escape(text)
        ));
    }

    fn text_with(&mut self, place: &str, anchor: Anchor, face: Face, text: &str) {
        self.push(format_args!(
            "<text {place} text-anchor=\"{}\" font-size=\"{}\"{} fill=\"currentColor\">{}</text>",
            anchor.name(),
            number(face.size()),
            face.weight(),
            escape(text)
        ));
    }

    /// A path; `data` are SVG path commands, `attributes` its style.
    pub(crate) fn path(&mut self, data: &str, attributes: &str) {
        self.marks.push(Mark::Path { data: data.to_owned(), style: attributes.to_owned() });
        self.push(format_args!("<path d=\"{data}\" {attributes}/>"));
    }

    /// A straight line.
    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), attributes: &str) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(number);
        self.path(&format!("M{x1} {y1}L{x2} {y2}"), attributes);
    }

    /// A rectangle with its upper left corner at `at`.
    pub(crate) fn rect(&mut self, at: (f64, f64), size: (f64, f64), attributes: &str) {
        let [x, y, w, h] = [at.0, at.1, size.0, size.1].map(number);
        let data = format!(
            "M{x} {y}L{right} {y}L{right} {bottom}L{x} {bottom}Z",
            right = number(at.0 + size.0),
            bottom = number(at.1 + size.1)
        );
        self.marks.push(Mark::Path { data, style: attributes.to_owned() });
        self.push(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" {attributes}/>"));
    }

    /// A PNG image stretched over a rectangle.
    pub(crate) fn image(&mut self, at: (f64, f64), size: (f64, f64), png: &[u8], attributes: &str) {
        use base64::Engine as _;
        self.has_image = true;
        let [x, y, w, h] = [at.0, at.1, size.0, size.1].map(number);
        let data = base64::engine::general_purpose::STANDARD.encode(png);
        self.push(format_args!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" preserveAspectRatio=\"none\" {attributes} \
             href=\"data:image/png;base64,{data}\"/>"
        ));
    }

    /// Begins an area outside of which nothing is drawn; coordinates stay those of the sheet.
    pub(crate) fn begin_clip(&mut self, at: (f64, f64), size: (f64, f64)) {
        self.marks.push(Mark::Clip { at, size });
        let [x, y, w, h] = [at.0, at.1, size.0, size.1].map(number);
        self.push(format_args!(
            "<svg x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" viewBox=\"{x} {y} {w} {h}\" \
             overflow=\"hidden\">"
        ));
    }

    /// Ends the area begun last.
    pub(crate) fn end_clip(&mut self) {
        self.marks.push(Mark::Open);
        self.push(format_args!("</svg>"));
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.body, "{element}");
    }
}

/// The baseline that puts the middle of lower-case letters at `y`; written out
/// because not every SVG viewer knows `dominant-baseline`.
fn baseline(y: f64, face: Face) -> String {
    number(y + 0.35 * face.size())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_cannot_be_smuggled_in() {
        let mut canvas = Canvas::default();
        canvas.text((1.0, 2.0), Anchor::Start, Face::Label, "<script>alert('x')</script> & \u{0}");
        let svg = canvas.finish(10.0, 10.0);
        for text in [svg.to_document("a \"b\" <c>"), svg.to_inline("\" onload=\"x")] {
            let parsed = roxmltree::Document::parse(&text).expect("well formed");
            assert!(parsed.descendants().all(|node| !node.has_tag_name("script")));
            assert!(parsed.root_element().attribute("onload").is_none());
        }
        assert!(svg.to_inline("").contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; \u{FFFD}"));
    }

    #[test]
    fn coordinates_are_short() {
        for (value, text) in [(1.0, "1"), (1.25, "1.2"), (-0.01, "0"), (-3.5, "-3.5"), (1e3, "1000")] {
            assert_eq!(number(value), text);
        }
        assert_eq!(hex([0, 114, 178]), "#0072b2");
    }
}
