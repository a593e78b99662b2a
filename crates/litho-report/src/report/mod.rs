//! A report as data, and as one self-contained HTML page.
//!
//! A [`Report`] holds plain text, tables and drawings. [`Report::to_html`]
//! escapes all of it; drawings are [`Svg`], which only this crate makes.

pub mod chemistry;
mod drawing;
mod html;
mod part;
pub mod reconstruction;
pub mod spectroscopy;
pub mod tomography;

pub use drawing::Drawing;
pub use part::{Part, Quantity};

use crate::svg::Svg;

/// Everything a report says, in the order it is printed: title, facts,
/// warnings, sections, provenance, citations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// What the report is about.
    pub title: String,
    /// One line below the title.
    pub subtitle: String,
    /// The few numbers a reader looks for first.
    pub facts: Vec<Fact>,
    /// What a reader must know before trusting the result; an empty list is said to be empty.
    pub warnings: Vec<String>,
    /// The body.
    pub sections: Vec<Section>,
    /// Where the result comes from: name and value.
    pub provenance: Vec<(String, String)>,
    /// Works the result rests on.
    pub citations: Vec<Citation>,
}

impl Report {
    /// The report as one HTML page: style and images are inside, nothing is
    /// loaded, no script runs.
    pub fn to_html(&self) -> String {
        html::page(self)
    }
}

/// One number of the summary.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// Its value with its unit.
    pub value: String,
    /// What it means or how it was found, in a few words; may be empty.
    pub note: String,
}

/// A headed part of the report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// Its contents.
    pub blocks: Vec<Block>,
}

/// One piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Why something a reader may look for is not here.
    Absent(String),
    /// Drawings side by side where the page is wide enough.
    Plates(Vec<Plate>),
    /// A picture that moves.
    Animation(Animation),
    /// A table.
    Table(Table),
    /// A text as it stands, such as a configuration, folded away below this heading.
    Listing {
        /// What it is.
        heading: String,
        /// The text with its line breaks.
        text: String,
    },
}

/// A drawing with its caption; figures are numbered through the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Plate {
    /// The drawing.
    pub svg: Svg,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// What it shows and how to read it; with an empty caption the plate goes unnumbered.
    pub caption: String,
}

/// A picture that moves, with its caption; figures are numbered through the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Animation {
    /// The bytes of an animated PNG.
    pub png: Vec<u8>,
    /// Height and width in CSS pixels.
    pub size: (usize, usize),
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// What it shows and how to read it.
    pub caption: String,
}

/// A table; tables are numbered through the report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// What it lists.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows; missing cells stay empty, cells beyond the columns are left out.
    pub rows: Vec<Vec<String>>,
    /// Index of a row set off from the others.
    pub highlighted: Option<usize>,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// How its cells are set.
    pub align: Align,
}

impl Column {
    pub(crate) fn new(name: impl Into<String>, align: Align) -> Self {
        Self { name: name.into(), align }
    }
}

/// How the cells of a column are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers, in figures of equal width.
    Right,
}

/// A work the result rests on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Citation {
    /// Authors, title, journal, year.
    pub text: String,
    /// Its DOI, `10.…/…`, without a resolver's address.
    pub doi: Option<String>,
}
