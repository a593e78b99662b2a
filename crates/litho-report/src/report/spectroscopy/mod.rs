//! The report of a spectroscopic experiment: many energies, several samples.
//!
//! Its sections redraw the figures of the paper "Nanoscale domain imaging of Li-rich disordered rocksalt-type cathode
//! materials with X-ray spectroscopic ptychography": images and spectra (Figure 1), chemical state (Figure 2), domains
//! (Figure 3); then what these rest on.

mod choice;
mod curves;
mod distribution;
mod domains;
mod images;
mod quality;
mod sample;
mod transfer;
mod truth;

pub use choice::ChoiceOfK;
pub use curves::{Curve, Region};
pub use domains::{Density, Domains, GroupFractions};
pub use quality::Registration;
pub use sample::{Descriptor, DescriptorMap, Sample, Scales};
pub use transfer::TransferCurves;
pub use truth::{Agreement, Truth};

pub use super::drawing::Drawing;

use super::drawing::{Piece, sections};
use super::part::quantity_table;
use super::{Block, Citation, Fact, Part, Quantity, Report};
use crate::ReportError;

/// Which values make one curve of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HistogramOf {
    /// Those of one sample.
    #[default]
    Sample,
    /// Those of all samples of one group.
    Group,
}

/// All that the report of a spectroscopic experiment can show.
#[derive(Debug, Clone, Default)]
pub struct SpectroscopyReport<'a> {
    /// What was measured.
    pub title: String,
    /// One line below the title.
    pub subtitle: String,
    /// The few numbers a reader looks for first.
    pub facts: Vec<Fact>,
    /// What a reader must know before trusting the result.
    pub warnings: Vec<String>,
    /// The samples in the order they are shown; those of one group follow each other.
    pub samples: Vec<Sample<'a>>,
    /// Energy of the absorption images in eV, the highest; `None` if unknown.
    pub absorption_energy: Option<f64>,
    /// Energy of the phase images in eV, the lowest; `None` if unknown.
    pub phase_energy: Option<f64>,
    /// What the colours of the chemical state maps span.
    pub scales: Scales,
    /// Quantity and unit of the Kramers–Kronig residual, short: `KK residual (rad)`; may be empty.
    pub kk_label: String,
    /// Which values make one curve of a histogram.
    pub histograms: HistogramOf,
    /// Clusters over all samples; the label maps are the samples'.
    pub domains: Part<Domains<'a>>,
    /// How the number of clusters was chosen.
    pub choice: Part<ChoiceOfK>,
    /// Comparison with a known truth; the true label maps are the samples'.
    pub truth: Part<Truth>,
    /// Constants the numbers rest on, dubious ones included.
    pub constants: Vec<Quantity>,
    /// The resolved configuration as text; empty if there is none.
    pub configuration: String,
    /// Where the result comes from: name and value.
    pub provenance: Vec<(String, String)>,
    /// Works the result rests on.
    pub citations: Vec<Citation>,
}

impl SpectroscopyReport<'_> {
    /// The report with all its drawings.
    ///
    /// # Errors
    /// If an image is empty, arrays that belong together differ in extent, a pixel size is not a length, or an image
    /// cannot be encoded.
    pub fn build(&self) -> Result<Report, ReportError> {
        Ok(Report {
            title: self.title.clone(),
            subtitle: self.subtitle.clone(),
            facts: self.facts.clone(),
            warnings: self.warnings.clone(),
            sections: sections(self.pieces()?),
            provenance: self.provenance.clone(),
            citations: self.citations.clone(),
        })
    }

    /// All drawings of the report, for files of their own.
    ///
    /// # Errors
    /// As for [`build`](Self::build).
    pub fn drawings(&self) -> Result<Vec<Drawing>, ReportError> {
        let pieces = self.pieces()?.into_iter().flat_map(|(_, pieces)| pieces);
        Ok(pieces.flat_map(Piece::into_drawings).collect())
    }

    /// What each section holds.
    fn pieces(&self) -> Result<Vec<(&'static str, Vec<Piece>)>, ReportError> {
        for sample in &self.samples {
            sample.check()?;
        }
        let state = [images::chemical_state(self)?, distribution::pieces(self)].concat();
        let quality = [
            images::residuals(self)?,
            quality::pieces(self),
            if self.constants.is_empty() { Vec::new() } else { vec![self.constants_table()] },
        ]
        .concat();
        let listing = || Block::Listing {
            heading: "Resolved configuration".to_owned(),
            text: self.configuration.clone(),
        };
        let configuration =
            if self.configuration.is_empty() { Vec::new() } else { vec![Piece::Block(listing())] };
        Ok(vec![
            ("Images and spectra", [images::images(self)?, curves::regions(self)].concat()),
            ("Chemical state", state),
            ("Domains", self.domains.pieces(|domains| domains.pieces(self))?),
            ("Comparison with the truth", self.truth.pieces(|truth| truth.pieces(self))?),
            ("Number of clusters", self.choice.pieces(|choice| Ok(choice.pieces()))?),
            ("Resolution", transfer::pieces(self)?),
            ("Quality", quality),
            ("Configuration", configuration),
        ])
    }

    fn constants_table(&self) -> Piece {
        Piece::Block(Block::Table(quantity_table("Constants used.", &self.constants)))
    }
}
