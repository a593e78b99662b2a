//! Single particles in sections along their thickness and their facet: Figure 4 of the paper.

use super::cut::{cut, cut_labels};
use super::volumes::classed;
use super::{ChemistryReport, Particle, Phases, Volumes};
use crate::ReportError;
use crate::figure::{Grid, Key, Picture, PixelSize};
use crate::format::format_length;
use crate::report::Part;
use crate::report::drawing::{Drawing, Piece};
use ndarray::{Array2, Array3, ArrayView3, Zip};

/// Voxels per pixel of a section.
const STEP: f64 = 0.1;
/// How much wider than the particle a section is.
const ROOM: f64 = 1.25;

/// A particle to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Portrait {
    /// How it is called: `I`.
    pub name: String,
    /// Its number and what is known of it.
    pub particle: Particle,
    /// Its centre `(z, y, x)` in voxels; the middle of the first voxel is the origin.
    pub centre: [f64; 3],
    /// Unit vectors `(z, y, x)` along its length, its width and its thickness.
    pub axes: [[f64; 3]; 3],
    /// Length, width and thickness in voxels.
    pub extent: [f64; 3],
    /// What there is to see, full sentences; may be empty.
    pub note: String,
}

/// Figure 4: a row for each particle.
pub(super) fn pieces(all: &[Portrait], report: &ChemistryReport<'_>) -> Result<Vec<Piece>, ReportError> {
    let Part::Given(volumes) = &report.volumes else {
        return Ok(vec![Piece::absent("Single particles are cut out of the volumes, which were not given.")]);
    };
    let Some(labels) = volumes.labels else {
        return Ok(vec![Piece::absent(
            "Single particles need the volume of their numbers, which was not given.",
        )]);
    };
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let rows = all.iter().map(|portrait| portrait.row(volumes, labels, &report.phases)).collect();
    let grid = Grid::pictures("", rows, Key::Names(report.phases.key()))?;
    let words: String = all.iter().map(|portrait| portrait.words(&report.phases)).collect();
    let caption = format!(
        "Single particles: sections through the centre along the thickness and along the large facet. {}{words}",
        report.phases.rule()
    );
    let alt = "Sections of single particles in the colours of the classes".to_owned();
    Ok(vec![Piece::one(Drawing::of_grid("single_particles", grid, alt, caption)?)])
}

impl Portrait {
    fn row(&self, volumes: &Volumes<'_>, labels: ArrayView3<'_, u32>, phases: &Phases) -> Vec<Picture> {
        let second = Zip::from(volumes.composition)
            .and(volumes.amount)
            .map_collect(|&c, &a| if c.is_finite() && a.is_finite() { c * a } else { 0.0 });
        let [length, width, thickness] = self.axes;
        let side = |k: usize, l: usize| {
            let pixels = |n: f64| ((ROOM * n / STEP).round().max(1.0) as usize).min(2000);
            (pixels(self.extent[l]), pixels(self.extent[k]))
        };
        let section = |title: &str, u: [f64; 3], v: [f64; 3], size: (usize, usize)| {
            let classes = self.section(volumes, &second, labels, phases, (u, v), size);
            Picture {
                title: format!("{}: {title}", self.name),
                raster: classed(classes.view(), [255; 3]),
                pixel: volumes.voxel.map(|voxel| PixelSize::square(STEP * voxel)),
            }
        };
        vec![
            section("along the thickness", length, thickness, side(0, 2)),
            section("along the facet", length, width, side(0, 1)),
        ]
    }

    /// Classes on a plane through the particle's centre, 0 outside of the particle.
    fn section(
        &self,
        volumes: &Volumes<'_>,
        second: &Array3<f32>,
        labels: ArrayView3<'_, u32>,
        phases: &Phases,
        (u, v): ([f64; 3], [f64; 3]),
        size: (usize, usize),
    ) -> Array2<u16> {
        let part = cut(second.view(), self.centre, u, v, size, STEP);
        let whole = cut(volumes.amount, self.centre, u, v, size, STEP);
        let number = cut_labels(labels, self.centre, u, v, size, STEP);
        Zip::from(&part).and(&whole).and(&number).map_collect(|&part, &whole, &number| {
            if number == self.particle.id { phases.class(f64::from(part / whole)) } else { 0 }
        })
    }

    fn words(&self, phases: &Phases) -> String {
        let p = &self.particle;
        let sigma = if p.composition_sigma.is_finite() {
            format!(" ± {:.1}", 100.0 * p.composition_sigma)
        } else {
            String::new()
        };
        let thick = if p.thickness.is_finite() {
            format!(", {} thick", format_length(p.thickness, 2))
        } else {
            String::new()
        };
        let note = if self.note.is_empty() { String::new() } else { format!(" {}", self.note) };
        format!(
            " {}: particle {}, {:.1}{sigma} % {}{thick}.{note}",
            self.name,
            p.id,
            100.0 * p.composition,
            phases.names[1]
        )
    }
}
