//! A drawing for the page and for a file of its own.

use crate::ReportError;
use crate::figure::Grid;
use crate::plot::LinePlot;
use crate::report::{Block, Part, Plate, Section};
use crate::svg::Svg;

/// Width of the images of a grid on the page, CSS pixels.
const WIDTH: f64 = 760.0;

/// A drawing with the name of a file to put it in.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// Lower-case words joined by `_`, without an extension.
    pub name: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// What it shows and how to read it.
    pub caption: String,
    svg: Svg,
    grid: Option<Grid>,
}

impl Drawing {
    pub(super) fn of_grid(name: &str, grid: Grid, alt: String, caption: String) -> Result<Self, ReportError> {
        Self::of_grid_within(WIDTH, name, grid, alt, caption)
    }

    /// A grid whose images take at most `width` CSS pixels on the page.
    pub(super) fn of_grid_within(
        width: f64,
        name: &str,
        grid: Grid,
        alt: String,
        caption: String,
    ) -> Result<Self, ReportError> {
        let svg = grid.to_svg(width)?;
        Ok(Self { name: name.to_owned(), alt, caption, svg, grid: Some(grid) })
    }

    pub(super) fn of_plot(name: &str, plot: &LinePlot, alt: String, caption: String) -> Self {
        Self::of_svg(name, plot.to_svg(), alt, caption)
    }

    pub(super) fn of_svg(name: &str, svg: Svg, alt: String, caption: String) -> Self {
        Self { name: name.to_owned(), alt, caption, svg, grid: None }
    }

    /// The drawing.
    pub fn svg(&self) -> &Svg {
        &self.svg
    }

    /// The text of an SVG file.
    pub fn to_svg_document(&self) -> String {
        self.svg.to_document(&self.alt)
    }

    /// PNG bytes of a drawing made of maps; `None` for curves and bars, which are vectors only.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn to_png(&self) -> Result<Option<Vec<u8>>, ReportError> {
        self.grid.as_ref().map(Grid::to_png).transpose()
    }

    /// PNG bytes of any drawing: of one made of maps as [`to_png`](Self::to_png), of one made of lines and text at one and
    /// a half pixels per CSS pixel; `None` for lines over an image.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn to_bitmap(&self) -> Result<Option<Vec<u8>>, ReportError> {
        match &self.grid {
            Some(grid) => grid.to_png().map(Some),
            None => self.svg.to_raster().map(|raster| raster.to_png(&self.name)).transpose(),
        }
    }
}

/// A part of a section.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// Side by side where the page is wide enough.
    Drawings(Vec<Drawing>),
    Block(Block),
}

impl Piece {
    pub(super) fn one(drawing: Drawing) -> Self {
        Self::Drawings(vec![drawing])
    }

    /// A paragraph.
    pub(super) fn text(text: String) -> Self {
        Self::Block(Block::Text(text))
    }

    /// Why something is not here.
    pub(super) fn absent(why: impl Into<String>) -> Self {
        Self::Block(Block::Absent(why.into()))
    }

    pub(super) fn into_block(self) -> Block {
        let plate = |d: Drawing| Plate { svg: d.svg, alt: d.alt, caption: d.caption };
        match self {
            Self::Drawings(drawings) => Block::Plates(drawings.into_iter().map(plate).collect()),
            Self::Block(block) => block,
        }
    }

    pub(super) fn into_drawings(self) -> Vec<Drawing> {
        match self {
            Self::Drawings(drawings) => drawings,
            Self::Block(_) => Vec::new(),
        }
    }
}

/// The sections that have something to show, under their headings.
pub(super) fn sections(pieces: Vec<(&'static str, Vec<Piece>)>) -> Vec<Section> {
    let shown = pieces.into_iter().filter(|(_, pieces)| !pieces.is_empty());
    let section = |(heading, pieces): (&str, Vec<Piece>)| Section {
        heading: heading.to_owned(),
        blocks: pieces.into_iter().map(Piece::into_block).collect(),
    };
    shown.map(section).collect()
}

impl<T> Part<T> {
    /// What `show` makes of it; the reason if it is missing, nothing if omitted.
    pub(super) fn pieces(
        &self,
        show: impl FnOnce(&T) -> Result<Vec<Piece>, ReportError>,
    ) -> Result<Vec<Piece>, ReportError> {
        match self {
            Self::Given(part) => show(part),
            Self::Missing(why) => Ok(vec![Piece::absent(why.as_str())]),
            Self::Omitted => Ok(Vec::new()),
        }
    }
}

/// A name as part of a file's name: lower-case letters and digits, everything else `_`.
pub(super) fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}
