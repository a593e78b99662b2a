//! Single particles from two sides, and in sections along their thickness and their facet: Figure 4 of the paper.

use super::cut::{cut, sample};
use super::volumes::classed;
use super::{ChemistryReport, Particle, Phases, Volumes};
use crate::ReportError;
use crate::colour::{PHASES, Rgb};
use crate::figure::{Grid, Key, Picture, PixelSize};
use crate::format::format_length;
use crate::mesh::{Mesh, body, soften};
use crate::render::{Pose, Rod, facets};
use crate::report::Part;
use crate::report::drawing::{Drawing, Piece};
use ndarray::{Array2, Array3, ArrayView3};

/// Voxels per pixel.
const STEP: f64 = 0.1;
/// Room around the particle, in parts of its length, but at least so many voxels.
const ROOM: (f64, f64) = (0.08, 2.0);
/// Voxels that are cut out around a particle: as far as rounding its steps reaches.
const MARGIN: usize = 4;
/// How deep below the surface its colour is taken, in voxels.
const DEPTH: f64 = 1.0;
/// Round to the right and up from the view onto the facet, radians.
const ASIDE: (f64, f64) = (0.55, 0.5);
/// Colours of the frames of the sections along the thickness and along the facet.
const FRAMES: [Rgb; 2] = [[205, 30, 190], [0, 165, 190]];
/// Longest side of a picture in pixels.
const MOST: f64 = 1500.0;

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
    let row = |portrait: &Portrait| Study::new(portrait, volumes, labels, &report.phases).row();
    let rows = all.iter().map(row).collect::<Result<_, _>>()?;
    let grid = Grid::pictures("", rows, Key::Names(report.phases.key()))?;
    let words: String = all.iter().map(|portrait| portrait.words(&report.phases)).collect();
    let caption = format!(
        "Single particles from the front and from the back, and in sections through the centre along the thickness (magenta \
         frame) and along the large facet (cyan frame), all at one scale. {}{words}",
        report.phases.rule()
    );
    let alt = "Surfaces and sections of single particles in the colours of the classes".to_owned();
    Ok(vec![Piece::one(Drawing::of_grid("single_particles", grid, alt, caption)?)])
}

impl Portrait {
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

    /// Half of a side of a picture of the particle, in voxels.
    fn half(&self, k: usize) -> f64 {
        let half = 0.5 * self.extent[k] + (ROOM.0 * self.extent[0]).max(ROOM.1);
        if half.is_finite() { half.clamp(1.0, 0.5 * MOST * STEP) } else { 1.0 }
    }
}

/// A particle alone, cut out of the volumes.
struct Study<'p> {
    portrait: &'p Portrait,
    phases: &'p Phases,
    /// Edge of a voxel in metres, 1 if unknown, and whether it is known.
    voxel: f64,
    metric: bool,
    /// Voxels of the whole volume.
    dim: (usize, usize, usize),
    /// First voxel of what follows.
    corner: [f64; 3],
    /// Amount of the second phase, and of both, in voxels of the particle.
    second: Array3<f32>,
    whole: Array3<f32>,
    /// 1 inside of the particle, ½ at its surface.
    mask: Array3<f32>,
    members: Vec<[usize; 3]>,
}

impl<'p> Study<'p> {
    fn new(
        portrait: &'p Portrait,
        volumes: &Volumes<'_>,
        labels: ArrayView3<'_, u32>,
        phases: &'p Phases,
    ) -> Self {
        let inside = labels.indexed_iter().filter(|(_, label)| **label == portrait.particle.id);
        let members: Vec<[usize; 3]> = inside.map(|((z, y, x), _)| [z, y, x]).collect();
        let ends = |k: usize| {
            let all = members.iter().map(|at| at[k]);
            all.fold((usize::MAX, 0), |(low, high), v| (low.min(v), high.max(v)))
        };
        let ends = if members.is_empty() { [(0, 0); 3] } else { [ends(0), ends(1), ends(2)] };
        let size = ends.map(|(low, high)| high - low + 1 + 2 * MARGIN);
        let nothing = Array3::zeros((size[0], size[1], size[2]));
        let (mut second, mut whole, mut mask) = (nothing.clone(), nothing.clone(), nothing);
        for at in &members {
            let place: [usize; 3] = std::array::from_fn(|k| at[k] - ends[k].0 + MARGIN);
            let (composition, amount) = (volumes.composition[*at], volumes.amount[*at]);
            mask[place] = 1.0;
            if composition.is_finite() && amount.is_finite() {
                second[place] = composition * amount;
                whole[place] = amount;
            }
        }
        // The mask is that of the surface; its steps are those of voxels otherwise.
        soften(&mut mask);
        let corner = ends.map(|(low, _)| low as f64 - MARGIN as f64);
        let (voxel, metric) = (volumes.voxel.unwrap_or(1.0), volumes.voxel.is_some());
        Self { portrait, phases, voxel, metric, dim: labels.dim(), corner, second, whole, mask, members }
    }

    /// From the front, from the back, along the thickness, along the facet.
    fn row(&self) -> Result<Vec<Picture>, ReportError> {
        let [length, width, thickness] = self.portrait.axes;
        let mesh = self.mesh()?;
        let front = Pose::facing(turned(length), turned(width)).moved(ASIDE.0, ASIDE.1);
        let name = &self.portrait.name;
        Ok(vec![
            self.view(format!("{name}: front"), &mesh, front)?,
            self.view("back".to_owned(), &mesh, front.opposite())?,
            self.section("along the thickness", (length, 0), (thickness, 2)),
            self.section("along the facet", (length, 0), (width, 1)),
        ])
    }

    fn pixel(&self) -> Option<PixelSize> {
        self.metric.then(|| PixelSize::square(STEP * self.voxel))
    }

    /// The class at a place `(z, y, x)` of the whole volume in voxels.
    fn class(&self, at: [f64; 3]) -> u16 {
        let at = std::array::from_fn(|k| at[k] - self.corner[k]);
        let (part, whole) = (sample(self.second.view(), at), sample(self.whole.view(), at));
        if whole > 0.0 { self.phases.class(f64::from(part / whole)) } else { 0 }
    }

    /// The particle's surface, each corner in the colour of the class below it.
    fn mesh(&self) -> Result<Mesh, ReportError> {
        let mesh = body(&self.portrait.name, self.dim, &self.members, self.voxel)?;
        let middle = [self.dim.0, self.dim.1, self.dim.2].map(|n| 0.5 * (n as f64 - 1.0));
        Ok(mesh.painted_by(DEPTH * self.voxel, |[x, y, z]| {
            let place = [z, y, x];
            let at = std::array::from_fn(|k| place[k] / self.voxel + middle[k]);
            let class = usize::from(self.class(at));
            class.checked_sub(1).and_then(|k| PHASES.get(k)).copied().unwrap_or([150; 3])
        }))
    }

    /// The surface with the frames of both sections.
    fn view(&self, title: String, mesh: &Mesh, pose: Pose) -> Result<Picture, ReportError> {
        let [length, width, thickness] = self.portrait.axes;
        let frames = [
            self.frame((length, 0), (thickness, 2), FRAMES[0]),
            self.frame((length, 0), (width, 1), FRAMES[1]),
        ]
        .concat();
        // What the eye went round by makes of a plate: length and thickness across, all three downward.
        let [half_length, half_width, half_thickness] = [0, 1, 2].map(|k| self.portrait.half(k));
        let ((s, c), (se, ce)) = (ASIDE.0.sin_cos(), ASIDE.1.sin_cos());
        let across = half_length * c + half_thickness * s;
        let down = half_width * ce + se * (half_length * s + half_thickness * c);
        let side = |half: f64| (2.0 * half / STEP).round().clamp(8.0, MOST) as usize;
        let pixel = Some(STEP * self.voxel);
        let (raster, _) = facets(&[mesh], &frames, pose, (side(down), side(across)), pixel)?;
        Ok(Picture { title, raster, pixel: self.pixel() })
    }

    /// The sides of a section's plane.
    fn frame(&self, (u, k): ([f64; 3], usize), (v, l): ([f64; 3], usize), colour: Rgb) -> Vec<Rod> {
        let dim = [self.dim.0, self.dim.1, self.dim.2];
        let (a, b) = (self.portrait.half(k), self.portrait.half(l));
        let corner = |s: f64, t: f64| {
            let place = std::array::from_fn(|i| {
                let at = self.portrait.centre[i] + s * a * u[i] + t * b * v[i];
                self.voxel * (at - 0.5 * (dim[i] as f64 - 1.0))
            });
            turned(place)
        };
        let corners = [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)];
        (0..4).map(|i| Rod { ends: [corners[i], corners[(i + 1) % 4]], colour }).collect()
    }

    /// Classes on a plane through the particle's centre, white outside of the particle.
    fn section(&self, title: &str, (u, k): ([f64; 3], usize), (v, l): ([f64; 3], usize)) -> Picture {
        let side = |k: usize| (2.0 * self.portrait.half(k) / STEP).round() as usize;
        let size = (side(l), side(k));
        let centre = std::array::from_fn(|i| self.portrait.centre[i] - self.corner[i]);
        let plane = |volume: &Array3<f32>| cut(volume.view(), centre, u, v, size, STEP);
        let (part, whole, mask) = (plane(&self.second), plane(&self.whole), plane(&self.mask));
        let classes = Array2::from_shape_fn(size, |at| {
            if mask[at] >= 0.5 && whole[at] > 0.0 {
                self.phases.class(f64::from(part[at] / whole[at]))
            } else {
                0
            }
        });
        let raster = classed(classes.view(), [255; 3]);
        Picture { title: title.to_owned(), raster, pixel: self.pixel() }
    }
}

/// `(z, y, x)` as `(x, y, z)`.
fn turned([z, y, x]: [f64; 3]) -> [f64; 3] {
    [x, y, z]
}
