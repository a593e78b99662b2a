//! The report of a tomogram: what was measured, the volume, and what its numbers can be trusted for.
//!
//! Everything is optional: a [`Part`] that is omitted leaves no trace, one that is missing is explained. Volumes are
//! `(z, y, x)` with z along the rotation axis, projections `(y, x)` with y along it; angles are in radians, shifts in
//! pixels, lengths in metres.

mod alignment;
mod curves;
mod density;
mod noise;
mod projections;
mod resolution;
mod sinogram;
mod slices;
mod turning;

pub use alignment::Alignment;
pub use curves::Residuals;
pub use density::{DensityHistogram, Peak};
pub use noise::Noise;
pub use projections::ProjectionFit;
pub use resolution::{Direction, FourierShell};
pub use sinogram::Sinograms;
pub use slices::{Planes, Slices};
pub use turning::Turning;

use super::drawing::{Drawing, Piece, sections};
use super::part::quantity_table;
use super::{Block, Citation, Fact, Part, Quantity, Report};
use crate::ReportError;

/// All that the report of a tomogram can show.
#[derive(Debug, Clone, Default)]
pub struct TomographyReport<'a> {
    /// What was measured.
    pub title: String,
    /// One line below the title.
    pub subtitle: String,
    /// The few numbers a reader looks for first: resolution, voxel, density, angles.
    pub facts: Vec<Fact>,
    /// What a reader must know before trusting the result.
    pub warnings: Vec<String>,
    /// Sample, energy, voxel, angles, method and whatever else the volume was made with.
    pub settings: Vec<Quantity>,
    /// The turning volume.
    pub turning: Part<Turning<'a>>,
    /// Three orthogonal slices.
    pub slices: Part<Slices>,
    /// How the volume's values are distributed.
    pub density: Part<DensityHistogram>,
    /// Fourier shell correlation of two independent volumes.
    pub resolution: Part<FourierShell<'a>>,
    /// How uncertain a voxel is.
    pub noise: Part<Noise<'a>>,
    /// One row of all projections.
    pub sinograms: Part<Sinograms<'a>>,
    /// Projections beside those computed from the volume.
    pub projections: Part<Vec<ProjectionFit<'a>>>,
    /// Where the projections were moved to.
    pub alignment: Part<Alignment<'a>>,
    /// How far the volume is from the projections, iteration by iteration.
    pub residuals: Part<Residuals<'a>>,
    /// The resolved configuration as text; empty if there is none.
    pub configuration: String,
    /// Where the result comes from: name and value.
    pub provenance: Vec<(String, String)>,
    /// Works the result rests on.
    pub citations: Vec<Citation>,
}

impl TomographyReport<'_> {
    /// The report with all its drawings; [`Report::to_html`] makes the page.
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

    /// All drawings of the report, for files of their own. The turning volume is a [`Film`](crate::render::Film), which
    /// makes its own files.
    ///
    /// # Errors
    /// As for [`build`](Self::build).
    pub fn drawings(&self) -> Result<Vec<Drawing>, ReportError> {
        let pieces = self.pieces()?.into_iter().flat_map(|(_, pieces)| pieces);
        Ok(pieces.flat_map(Piece::into_drawings).collect())
    }

    /// What each section holds.
    fn pieces(&self) -> Result<Vec<(&'static str, Vec<Piece>)>, ReportError> {
        let volume = [
            self.turning.pieces(|turning| Ok(vec![turning.piece()?]))?,
            self.slices.pieces(|slices| Ok(one_by_one(slices.drawings()?)))?,
        ]
        .concat();
        let listing = || Block::Listing {
            heading: "Resolved configuration".to_owned(),
            text: self.configuration.clone(),
        };
        let configuration =
            if self.configuration.is_empty() { Vec::new() } else { vec![Piece::Block(listing())] };
        Ok(vec![
            ("Measurement and reconstruction", self.settings_table()),
            ("Volume", volume),
            ("Density", self.density.pieces(|density| Ok(vec![Piece::one(density.drawing())]))?),
            ("Resolution", self.resolution.pieces(|fsc| Ok(vec![Piece::one(fsc.drawing()?)]))?),
            ("Uncertainty", self.noise.pieces(|noise| Ok(vec![Piece::Drawings(noise.drawings()?)]))?),
            ("Projections", self.projection_pieces()?),
            ("Alignment", self.alignment.pieces(Alignment::pieces)?),
            ("Convergence", self.residuals.pieces(|residuals| Ok(vec![Piece::one(residuals.drawing())]))?),
            ("Configuration", configuration),
        ])
    }

    fn projection_pieces(&self) -> Result<Vec<Piece>, ReportError> {
        let fits = self.projections.pieces(|fits| {
            let drawings = fits.iter().map(ProjectionFit::drawings);
            drawings.map(|pair| Ok(Piece::Drawings(pair?))).collect()
        })?;
        Ok([self.sinograms.pieces(|sinograms| Ok(vec![Piece::one(sinograms.drawing()?)]))?, fits].concat())
    }

    fn settings_table(&self) -> Vec<Piece> {
        if self.settings.is_empty() {
            return Vec::new();
        }
        let caption = "How the volume was measured and made.";
        vec![Piece::Block(Block::Table(quantity_table(caption, &self.settings)))]
    }
}

/// Wide drawings, each on a line of its own.
fn one_by_one(drawings: Vec<Drawing>) -> Vec<Piece> {
    drawings.into_iter().map(Piece::one).collect()
}

/// An angle in degrees to a tenth.
fn degrees(radians: f64) -> String {
    format!("{}°", crate::format::decimal(radians.to_degrees(), 1))
}

/// A mismatch of two arrays of one figure.
fn mismatch(what: &'static str, first: String, second: String) -> ReportError {
    ReportError::Mismatch { what, first, second }
}
