//! Volumes of densities, composition, classes and particles as three orthogonal slices, beside the truth.

use super::{Phases, same_extent};
use crate::ReportError;
use crate::colour::{ColourMap, PHASES, Rgb, distinct};
use crate::figure::{Grid, Key, MapStyle, Panel, Picture, PixelSize, Range, Raster};
use crate::report::Drawing;
use ndarray::{ArrayView2, ArrayView3, Axis, s};

/// Colour where nothing is.
const NOTHING: Rgb = [0; 3];

/// Volumes `(z, y, x)` of one extent that belong together.
#[derive(Debug, Clone)]
pub struct Volumes<'a> {
    /// The voxel `(z, y, x)` that the slices go through.
    pub at: [usize; 3],
    /// Edge of a voxel in metres; without it scale bars count voxels.
    pub voxel: Option<f64>,
    /// Optical density of a voxel at both energies.
    pub density: [ArrayView3<'a, f32>; 2],
    /// Fraction of the second phase, 0 to 1; NaN in air.
    pub composition: ArrayView3<'a, f32>,
    /// How much of a voxel is matter, 0 to 1: the sum of both phases' amounts.
    pub amount: ArrayView3<'a, f32>,
    /// Class of each voxel: 1, 2, 3 as in [`Phases::classes`], 0 in air.
    pub classes: ArrayView3<'a, u16>,
    /// Number of each voxel's particle, 0 outside.
    pub labels: Option<ArrayView3<'a, u32>>,
    /// The truth on the same voxels.
    pub truth: Option<TrueVolumes<'a>>,
}

/// What is truly there, on the voxels of [`Volumes`].
#[derive(Debug, Clone)]
pub struct TrueVolumes<'a> {
    /// Fraction of the second phase; NaN in air.
    pub composition: ArrayView3<'a, f32>,
    /// How much of a voxel is matter, 0 to 1.
    pub amount: ArrayView3<'a, f32>,
    /// Number of each voxel's particle, 0 outside. Numbers need not agree with those found.
    pub labels: Option<ArrayView3<'a, u32>>,
}

/// Three slices through one voxel: x–y, x–z, y–z.
type Three<'v, T> = [ArrayView2<'v, T>; 3];

/// What the slices show: the voxel they go through, and where they begin and end `(z, y, x)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    at: [usize; 3],
    ends: [(usize, usize); 3],
}

impl Window {
    fn three<'v, T>(&self, volume: &'v ArrayView3<'_, T>) -> Three<'v, T> {
        let [z, y, x] = self.ends.map(|(low, high)| low..high);
        [0, 1, 2].map(|axis| {
            let plane = volume.index_axis(Axis(axis), self.at[axis]);
            match axis {
                0 => plane.slice_move(s![y.clone(), x.clone()]),
                1 => plane.slice_move(s![z.clone(), x.clone()]),
                _ => plane.slice_move(s![z.clone(), y.clone()]),
            }
        })
    }

    /// Where the other slices cross each of them, as parts of their sides.
    fn marks(&self) -> [(f64, f64); 3] {
        let part = |k: usize| {
            let (low, high) = self.ends[k];
            (self.at[k] as f64 + 0.5 - low as f64) / (high - low) as f64
        };
        let [z, y, x] = [0, 1, 2].map(part);
        [(y, x), (z, x), (z, y)]
    }
}

impl Volumes<'_> {
    pub(super) fn check(&self) -> Result<(), ReportError> {
        let dim = self.amount.dim();
        same_extent("optical density and amount", self.density[0].dim(), dim)?;
        same_extent("optical density and amount", self.density[1].dim(), dim)?;
        same_extent("composition and amount", self.composition.dim(), dim)?;
        same_extent("classes and amount", self.classes.dim(), dim)?;
        if let Some(labels) = &self.labels {
            same_extent("particles and amount", labels.dim(), dim)?;
        }
        if let Some(truth) = &self.truth {
            same_extent("true composition and volume", truth.composition.dim(), dim)?;
            same_extent("true amount and volume", truth.amount.dim(), dim)?;
            if let Some(labels) = &truth.labels {
                same_extent("true particles and volume", labels.dim(), dim)?;
            }
        }
        let [z, y, x] = self.at;
        if z >= dim.0 || y >= dim.1 || x >= dim.2 {
            return Err(ReportError::Mismatch {
                what: "slices of the volumes",
                first: format!("voxel {:?}", self.at),
                second: format!("a volume of shape {} × {} × {}", dim.0, dim.1, dim.2),
            });
        }
        Ok(())
    }

    pub(super) fn pixel(&self) -> Option<PixelSize> {
        self.voxel.map(PixelSize::square)
    }

    /// `x–y at z = 65`, and so on, `prefix` before the first.
    fn titles(&self, prefix: &str) -> [String; 3] {
        let [z, y, x] = self.at;
        [format!("{prefix}, x–y at z = {z}"), format!("x–z at y = {y}"), format!("y–z at x = {x}")]
    }

    /// Slices of both densities, Figure 1 (c) of the paper.
    pub(super) fn densities(&self, phases: &Phases) -> Result<Drawing, ReportError> {
        let window = self.window();
        let row = |k: usize| -> Vec<Panel<'_>> {
            let planes = window.three(&self.density[k]).into_iter().zip(self.titles(&phases.energy(k)));
            planes.map(|(values, title)| Panel { title, values, pixel: self.pixel() }).collect()
        };
        let rows = [row(0), row(1)];
        let range = Range::Percentiles { low: 0.1, high: 99.9 };
        let style = MapStyle { range, ..MapStyle::new(ColourMap::Grey, "OD of a voxel") };
        let grid = Grid::maps("", &rows, &style)?.with_marks(&window.marks());
        let caption = format!(
            "Optical density of a voxel at {} (above) and {} (below), in the same greys. The first axis runs to the \
             right, the second downward; z is the rotation axis. Pointers mark where the other two slices lie.",
            phases.energy(0),
            phases.energy(1)
        );
        let alt = "Three orthogonal slices of the optical density at both energies".to_owned();
        Drawing::of_grid("chemistry_density", grid, alt, caption)
    }

    /// Slices of the composition above those of the truth.
    pub(super) fn composition_slices(&self, phases: &Phases) -> Result<Drawing, ReportError> {
        let window = self.window();
        let row = |composition: &ArrayView3<'_, f32>, amount: &ArrayView3<'_, f32>, prefix: &str| {
            let planes = window.three(composition).into_iter().zip(window.three(amount));
            let images = planes.map(|(c, a)| composed(c, a));
            self.row(images.collect(), prefix)
        };
        let mut rows = vec![row(&self.composition, &self.amount, "found")];
        if let Some(truth) = &self.truth {
            rows.push(row(&truth.composition, &truth.amount, "truth"));
        }
        let style = MapStyle::between(ColourMap::Composition, phases.label(), 0.0, 1.0);
        let grid = Grid::pictures("", rows, Key::Bar(style))?.with_marks(&window.marks());
        let caption = format!(
            "Composition of each voxel: red is {}, blue is {}; the brightness is the amount of matter.{}",
            phases.names[0],
            phases.names[1],
            self.below()
        );
        let alt = "Three orthogonal slices of the composition".to_owned();
        Drawing::of_grid("chemistry_composition", grid, alt, caption)
    }

    /// Slices of the classes above those of the truth.
    pub(super) fn class_slices(&self, phases: &Phases) -> Result<Drawing, ReportError> {
        let window = self.window();
        let images = window.three(&self.classes).into_iter().map(|plane| classed(plane, NOTHING));
        let mut rows = vec![self.row(images.collect(), "found")];
        if let Some(truth) = &self.truth {
            let planes = window.three(&truth.composition).into_iter().zip(window.three(&truth.amount));
            let images = planes.map(|(c, a)| {
                let class =
                    |at: (usize, usize)| if a[at] >= 0.5 { phases.class(f64::from(c[at])) } else { 0 };
                Raster::from_fn(c.nrows(), c.ncols(), |y, x| class_colour(class((y, x)), NOTHING))
            });
            rows.push(self.row(images.collect(), "truth"));
        }
        let grid = Grid::pictures("", rows, Key::Names(phases.key()))?.with_marks(&window.marks());
        let caption = format!("Classes of the voxels. {}{}", phases.rule(), self.below());
        let alt = "Three orthogonal slices of the classes".to_owned();
        Drawing::of_grid("chemistry_classes", grid, alt, caption)
    }

    /// Slices of the particles above those of the truth.
    pub(super) fn particle_slices(&self, labels: &ArrayView3<'_, u32>) -> Result<Drawing, ReportError> {
        let window = self.window();
        let row = |labels: &ArrayView3<'_, u32>, prefix: &str| {
            self.row(window.three(labels).into_iter().map(numbered).collect(), prefix)
        };
        let mut rows = vec![row(labels, "found")];
        if let Some(truth) = self.truth.as_ref().and_then(|t| t.labels.as_ref()) {
            rows.push(row(truth, "truth"));
        }
        let below = if rows.len() > 1 {
            " Below them the truth; its numbers, and so its colours, are its own."
        } else {
            ""
        };
        let grid = Grid::pictures("", rows, Key::Names(Vec::new()))?.with_marks(&window.marks());
        let caption = format!("Particles, each in a colour of its own.{below}");
        let alt = "Three orthogonal slices of the particles in distinct colours".to_owned();
        Drawing::of_grid("chemistry_particles", grid, alt, caption)
    }

    fn below(&self) -> &'static str {
        if self.truth.is_some() { " Below the truth, in the same colours." } else { "" }
    }

    fn row(&self, images: Vec<Raster>, prefix: &str) -> Vec<Picture> {
        let pictures = images.into_iter().zip(self.titles(prefix));
        pictures.map(|(raster, title)| Picture { title, raster, pixel: self.pixel() }).collect()
    }

    /// Where there is matter, with a margin, and where the slices go through.
    fn window(&self) -> Window {
        /// Share of the matter that may lie outside at each end: noise far off.
        const STRAY: f64 = 5e-4;
        const MARGIN: usize = 4;
        let dim = self.amount.dim();
        let extent = [dim.0, dim.1, dim.2];
        let mut counts = extent.map(|n| vec![0usize; n]);
        for ((z, y, x), _) in self.amount.indexed_iter().filter(|(_, a)| **a >= 0.5) {
            counts[0][z] += 1;
            counts[1][y] += 1;
            counts[2][x] += 1;
        }
        let ends = [0, 1, 2].map(|k| {
            let total: usize = counts[k].iter().sum();
            let stray = (STRAY * total as f64) as usize;
            let beyond = |all: &mut dyn Iterator<Item = &usize>| {
                let mut sum = 0;
                all.take_while(|n| {
                    sum += **n;
                    sum <= stray
                })
                .count()
            };
            let (low, high) = (beyond(&mut counts[k].iter()), beyond(&mut counts[k].iter().rev()));
            // The whole volume without matter; the slices stay inside in any case.
            let (low, high) = if total == 0 { (0, extent[k]) } else { (low, extent[k].saturating_sub(high)) };
            (low.saturating_sub(MARGIN).min(self.at[k]), (high + MARGIN).min(extent[k]).max(self.at[k] + 1))
        });
        Window { at: self.at, ends }
    }
}

/// Composition as colour, amount as brightness.
pub(super) fn composed(composition: ArrayView2<'_, f32>, amount: ArrayView2<'_, f32>) -> Raster {
    Raster::from_fn(composition.nrows(), composition.ncols(), |y, x| {
        let (c, a) = (f64::from(composition[[y, x]]), f64::from(amount[[y, x]]));
        if !c.is_finite() || !a.is_finite() {
            return [0, 0, 0, 255];
        }
        let [r, g, b] =
            ColourMap::Composition.colour(c).map(|v| (f64::from(v) * a.clamp(0.0, 1.0)).round() as u8);
        [r, g, b, 255]
    })
}

/// Classes in their colours.
pub(super) fn classed(classes: ArrayView2<'_, u16>, nothing: Rgb) -> Raster {
    Raster::from_fn(classes.nrows(), classes.ncols(), |y, x| class_colour(classes[[y, x]], nothing))
}

fn class_colour(class: u16, nothing: Rgb) -> [u8; 4] {
    let known = usize::from(class).checked_sub(1).and_then(|k| PHASES.get(k));
    let [r, g, b] = known.copied().unwrap_or(nothing);
    [r, g, b, 255]
}

fn numbered(labels: ArrayView2<'_, u32>) -> Raster {
    Raster::from_fn(labels.nrows(), labels.ncols(), |y, x| {
        let [r, g, b] = match labels[[y, x]] {
            0 => NOTHING,
            label => distinct(label as usize - 1),
        };
        [r, g, b, 255]
    })
}
