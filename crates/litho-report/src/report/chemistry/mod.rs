//! The report of three-dimensional chemistry: two volumes, what phases they hold, and what the particles do.
//!
//! Its sections redraw the figures of the paper "Three dimensional localization of nanoscale battery reactions using soft
//! X-ray tomography": volumes and resolution (Figure 1), correlation, polar angles, composition and classes (Figure 2),
//! activity of the particles (Figure 3), single particles (Figure 4); then what these rest on.
//!
//! Everything is optional: a [`Part`] that is omitted leaves no trace, one that is missing is explained. Volumes are
//! `(z, y, x)` and all of one extent, lengths are in metres, angles in radians; a composition is the fraction of the second
//! of the two [`Phases`], 0 to 1.

mod angles;
mod consistency;
mod correlation;
mod cut;
mod particles;
mod phases;
mod portrait;
mod profile;
mod totals;
mod views;
mod volumes;

pub use angles::{AngleGaussian, AngleHistogram};
pub use consistency::Consistency;
pub use correlation::Correlation;
pub use cut::cut;
pub use particles::{ActivityBin, Dependence, Measure, Particle, Particles, RankCorrelation};
pub use phases::Phases;
pub use portrait::Portrait;
pub use profile::{EdgeProfile, ThicknessProfile};
pub use totals::Estimate;
pub use volumes::{TrueVolumes, Volumes};

use super::drawing::{Drawing, Piece, sections};
use super::part::quantity_table;
use super::tomography::FourierShell;
use super::{Block, Citation, Fact, Part, Quantity, Report};
use crate::ReportError;

/// All that the report of three-dimensional chemistry can show.
#[derive(Debug, Clone, Default)]
pub struct ChemistryReport<'a> {
    /// What was measured.
    pub title: String,
    /// One line below the title.
    pub subtitle: String,
    /// The few numbers a reader looks for first: state of charge, active fraction, resolution.
    pub facts: Vec<Fact>,
    /// What a reader must know before trusting the result.
    pub warnings: Vec<String>,
    /// Energies, voxel, thresholds and whatever else the result was made with.
    pub settings: Vec<Quantity>,
    /// The two phases.
    pub phases: Phases,
    /// Densities, composition, classes and particles on voxels.
    pub volumes: Part<Volumes<'a>>,
    /// Fourier shell correlation of the volume of one energy.
    pub resolution: Part<FourierShell<'a>>,
    /// The density across an edge.
    pub edge: Part<EdgeProfile<'a>>,
    /// Optical densities at both energies against each other.
    pub correlation: Part<Correlation>,
    /// Polar angles and the Gaussians fitted to them.
    pub angles: Part<AngleHistogram>,
    /// State of charge and shares of the classes.
    pub totals: Part<Vec<Estimate>>,
    /// Agreement with a map from a stack of images.
    pub consistency: Part<Consistency<'a>>,
    /// The particles and what their activity depends on.
    pub particles: Part<Particles<'a>>,
    /// Chosen particles, each from two sides and in two sections; they are cut out of [`volumes`](Self::volumes).
    pub portraits: Part<Vec<Portrait>>,
    /// Density of one plate along its thickness.
    pub thickness: Part<ThicknessProfile<'a>>,
    /// The resolved configuration as text; empty if there is none.
    pub configuration: String,
    /// Where the result comes from: name and value.
    pub provenance: Vec<(String, String)>,
    /// Works the result rests on.
    pub citations: Vec<Citation>,
}

impl ChemistryReport<'_> {
    /// The report with all its drawings; [`Report::to_html`] makes the page.
    ///
    /// # Errors
    /// If volumes or maps that belong together differ in extent, an image is empty, a voxel is not a length, or an image
    /// cannot be encoded.
    pub fn build(&self) -> Result<Report, ReportError> {
        Ok(self.build_with_drawings()?.0)
    }

    /// The report, and all its drawings for files of their own. Volumes are rendered once for both.
    ///
    /// # Errors
    /// As for [`build`](Self::build).
    pub fn build_with_drawings(&self) -> Result<(Report, Vec<Drawing>), ReportError> {
        let pieces = self.pieces()?;
        let all = pieces.iter().flat_map(|(_, pieces)| pieces);
        let drawings = all.cloned().flat_map(Piece::into_drawings).collect();
        let report = Report {
            title: self.title.clone(),
            subtitle: self.subtitle.clone(),
            facts: self.facts.clone(),
            warnings: self.warnings.clone(),
            sections: sections(pieces),
            provenance: self.provenance.clone(),
            citations: self.citations.clone(),
        };
        Ok((report, drawings))
    }

    /// What each section holds.
    fn pieces(&self) -> Result<Vec<(&'static str, Vec<Piece>)>, ReportError> {
        if let Part::Given(volumes) = &self.volumes {
            volumes.check()?;
        }
        let phases = &self.phases;
        let state = [
            self.correlation.pieces(|c| Ok(vec![Piece::one(c.drawing(phases)?)]))?,
            self.angles.pieces(|a| Ok(vec![Piece::one(a.drawing(phases))]))?,
            self.totals.pieces(|t| Ok(vec![Piece::Block(Block::Table(totals::table(t)))]))?,
            self.chemistry()?,
        ];
        let particles = [
            self.numbered()?,
            self.particles.pieces(|p| Ok(p.pieces(phases)))?,
            self.thickness.pieces(|t| Ok(vec![Piece::one(t.drawing())]))?,
        ];
        let listing = || Block::Listing {
            heading: "Resolved configuration".to_owned(),
            text: self.configuration.clone(),
        };
        let configuration =
            if self.configuration.is_empty() { Vec::new() } else { vec![Piece::Block(listing())] };
        Ok(vec![
            ("Measurement", self.settings_table()),
            ("Volumes and resolution", self.densities()?),
            ("Chemical state", state.concat()),
            ("Particles", particles.concat()),
            ("Single particles", self.portraits.pieces(|all| portrait::pieces(all, self))?),
            ("Consistency", self.consistency.pieces(|c| Ok(vec![Piece::Drawings(c.drawings(phases)?)]))?),
            ("Configuration", configuration),
        ])
    }

    /// Figure 1: the volumes from outside and in slices, how fine they are.
    fn densities(&self) -> Result<Vec<Piece>, ReportError> {
        let volumes = self.volumes.pieces(|v| {
            let drawings = [views::densities(v, &self.phases)?, v.densities(&self.phases)?];
            Ok(drawings.map(Piece::one).to_vec())
        })?;
        Ok([
            volumes,
            self.resolution.pieces(|fsc| Ok(vec![Piece::one(fsc.drawing()?)]))?,
            self.edge.pieces(|edge| Ok(vec![Piece::one(edge.drawing())]))?,
        ]
        .concat())
    }

    /// Figure 2 (c): composition and classes, from outside and in slices.
    fn chemistry(&self) -> Result<Vec<Piece>, ReportError> {
        let Part::Given(volumes) = &self.volumes else { return Ok(Vec::new()) };
        let views = views::chemistry(volumes, &self.phases)?;
        let slices = [volumes.composition_slices(&self.phases)?, volumes.class_slices(&self.phases)?];
        Ok(std::iter::once(views).chain(slices).map(Piece::one).collect())
    }

    /// Figure 3 (a): particles in distinct colours, from outside and in slices.
    fn numbered(&self) -> Result<Vec<Piece>, ReportError> {
        let Part::Given(volumes) = &self.volumes else { return Ok(Vec::new()) };
        let Some(labels) = &volumes.labels else { return Ok(Vec::new()) };
        let drawings = [views::particles(volumes, labels)?, volumes.particle_slices(labels)?];
        Ok(drawings.map(Piece::one).to_vec())
    }

    fn settings_table(&self) -> Vec<Piece> {
        if self.settings.is_empty() {
            return Vec::new();
        }
        let caption = "How the volumes were measured and what the chemistry was made with.";
        vec![Piece::Block(Block::Table(quantity_table(caption, &self.settings)))]
    }
}

type Extent = (usize, usize, usize);

fn same_extent(what: &'static str, first: Extent, second: Extent) -> Result<(), ReportError> {
    if first == second {
        return Ok(());
    }
    let words = |(z, y, x): Extent| format!("shape {z} × {y} × {x}");
    Err(ReportError::Mismatch { what, first: words(first), second: words(second) })
}
