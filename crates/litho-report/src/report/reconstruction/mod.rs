//! The report of a ptychographic reconstruction, from typed inputs.

mod corrections;
mod curves;
mod images;
mod spectrum;

pub use corrections::{BeamIntensities, Displacements};
pub use curves::{Loss, OrientationScores};
pub use images::{DiffractionMap, NamedFigure, Object, Probe, ScanCoverage};
pub(in crate::report) use spectrum::correlation_plot;
pub use spectrum::{FourierRing, FrequencyUnit, Period, Prtf, Spectrum, Threshold};

pub use super::part::{Part, Quantity};

use super::part::quantity_table;
use super::{Block, Citation, Fact, Report, Section};
use crate::ReportError;

/// All that the report of a reconstruction can show.
#[derive(Debug, Clone, Default)]
pub struct ReconstructionReport<'a> {
    /// What was reconstructed.
    pub title: String,
    /// One line below the title.
    pub subtitle: String,
    /// The few numbers a reader looks for first.
    pub facts: Vec<Fact>,
    /// What a reader must know before trusting the result.
    pub warnings: Vec<String>,
    /// The object, its linear phase removed as far as the caller wants it.
    pub object: Part<Object<'a>>,
    /// The probe's modes.
    pub probe: Part<Probe<'a>>,
    /// Diffraction frames worth seeing: mean, measured and modelled.
    pub diffraction: Part<Vec<DiffractionMap<'a>>>,
    /// Scan positions and what they cover.
    pub scan: Part<ScanCoverage<'a>>,
    /// Where positions were found to lie.
    pub displacements: Part<Displacements<'a>>,
    /// The background that was found.
    pub background: Part<DiffractionMap<'a>>,
    /// The intensity of the beam in each frame.
    pub beam: Part<BeamIntensities<'a>>,
    /// The error over the iterations.
    pub loss: Part<Loss<'a>>,
    /// Fourier ring correlation of two independent reconstructions.
    pub frc: Part<FourierRing<'a>>,
    /// Phase retrieval transfer function.
    pub prtf: Part<Prtf<'a>>,
    /// Geometry of the experiment.
    pub geometry: Vec<Quantity>,
    /// How the detector's orientation was found.
    pub orientation: Part<OrientationScores>,
    /// Where the result comes from: name and value.
    pub provenance: Vec<(String, String)>,
    /// Works the result rests on.
    pub citations: Vec<Citation>,
}

impl ReconstructionReport<'_> {
    /// The report with all its drawings.
    ///
    /// # Errors
    /// If an image is empty, inputs of one figure differ in extent, a pixel
    /// size is not a length, or an image cannot be encoded.
    pub fn build(&self) -> Result<Report, ReportError> {
        let resolution = [self.frc.blocks(FourierRing::blocks)?, self.prtf.blocks(Prtf::blocks)?].concat();
        let geometry =
            [self.geometry_blocks(), self.orientation.blocks(|scores| Ok(scores.blocks()))?].concat();
        let corrections = [
            self.displacements.blocks(|moves| Ok(moves.blocks()))?,
            self.background.blocks(corrections::background_blocks)?,
            self.beam.blocks(|beam| Ok(beam.blocks()))?,
        ]
        .concat();
        let parts = [
            ("Object", self.object.blocks(Object::blocks)?),
            ("Probe", self.probe.blocks(Probe::blocks)?),
            ("Diffraction data", self.diffraction.blocks(|maps| images::diffraction_blocks(maps))?),
            ("Scan", self.scan.blocks(ScanCoverage::blocks)?),
            ("Corrections", corrections),
            ("Convergence", self.loss.blocks(|loss| Ok(loss.blocks()))?),
            ("Resolution", resolution),
            ("Geometry", geometry),
        ];
        let shown = parts.into_iter().filter(|(_, blocks)| !blocks.is_empty());
        Ok(Report {
            title: self.title.clone(),
            subtitle: self.subtitle.clone(),
            facts: self.facts.clone(),
            warnings: self.warnings.clone(),
            sections: shown
                .map(|(heading, blocks)| Section { heading: heading.to_owned(), blocks })
                .collect(),
            provenance: self.provenance.clone(),
            citations: self.citations.clone(),
        })
    }

    /// The figures of object, probe and diffraction data, for files of their own.
    ///
    /// # Errors
    /// As for [`build`](Self::build).
    pub fn figures(&self) -> Result<Vec<NamedFigure>, ReportError> {
        let mut figures = Vec::new();
        if let Part::Given(object) = &self.object {
            figures.extend(object.figures()?);
        }
        if let Part::Given(probe) = &self.probe {
            figures.extend(probe.figures()?);
        }
        if let Part::Given(maps) = &self.diffraction {
            figures.extend(images::diffraction_figures(maps)?);
        }
        if let Part::Given(map) = &self.background {
            figures.push(corrections::background_figure(map)?);
        }
        Ok(figures)
    }

    fn geometry_blocks(&self) -> Vec<Block> {
        if self.geometry.is_empty() {
            return Vec::new();
        }
        let caption = "Geometry of the experiment as used by the reconstruction.";
        vec![Block::Table(quantity_table(caption, &self.geometry))]
    }
}
