//! The volumes from outside, rendered: both densities, the composition and its classes, the particles.

use super::{Phases, Volumes};
use crate::ReportError;
use crate::colour::{ColourMap, PHASES, Rgb, distinct};
use crate::figure::{Grid, Key, MapStyle, Picture, PixelSize};
use crate::render::{Paint, Scene, View, still};
use crate::report::Drawing;
use ndarray::{Array3, ArrayView3, Zip};

/// Where all of them are seen from: a little from the side and from above.
const VIEW: View = View { turn: 0.5, elevation: 0.45 };
/// Side of a picture in pixels.
const SIDE: usize = 460;
/// Amount of matter at the surface.
const HALF: f64 = 0.5;
/// Colour of matter without a class or a number.
const OTHER: Rgb = [150; 3];

/// A rendered scene with its title.
fn picture(title: String, scene: &Scene<'_>) -> Result<Picture, ReportError> {
    let (raster, pixel) = still(scene, VIEW, (SIDE, SIDE))?;
    Ok(Picture { title, raster, pixel: pixel.map(PixelSize::square) })
}

/// Figure 1 (a): surfaces of both densities at half of what matter has there.
pub(super) fn densities(volumes: &Volumes<'_>, phases: &Phases) -> Result<Drawing, ReportError> {
    let levels = [0, 1].map(|k| HALF * typical(volumes.density[k], volumes.amount));
    let one = |k: usize| {
        let scene = Scene::surface(volumes.density[k], levels[k]).with_voxel(volumes.voxel);
        picture(phases.energy(k), &scene)
    };
    let grid = Grid::pictures("", vec![vec![one(0)?, one(1)?]], Key::Names(Vec::new()))?;
    let words = levels.map(crate::format::short_number);
    let caption = format!(
        "Optical density at {} and at {}: surfaces at {} and {} a voxel, half of the median over matter.",
        phases.energy(0),
        phases.energy(1),
        words[0],
        words[1]
    );
    let alt = "The surfaces of the sample at both energies".to_owned();
    Drawing::of_grid("volumes", grid, alt, caption)
}

/// The median density of voxels that are more than half matter; 1 without any.
fn typical(density: ArrayView3<'_, f32>, amount: ArrayView3<'_, f32>) -> f64 {
    let inside = density.iter().zip(&amount).filter(|(d, a)| **a > HALF as f32 && d.is_finite() && **d > 0.0);
    let mut values: Vec<f32> = inside.map(|(d, _)| *d).collect();
    if values.is_empty() {
        return 1.0;
    }
    let middle = values.len() / 2;
    f64::from(*values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// Figure 2 (c): composition and classes on the surface of the matter.
pub(super) fn chemistry(volumes: &Volumes<'_>, phases: &Phases) -> Result<Drawing, ReportError> {
    let surface = || Scene::surface(volumes.amount, HALF).with_voxel(volumes.voxel);
    let values = spread(volumes.composition, volumes.amount);
    let paint = Paint::Values { values: values.view(), colours: ColourMap::Composition, from: 0.0, to: 1.0 };
    let left = picture("composition".to_owned(), &surface().painted(paint))?;
    let paint = Paint::Classes { labels: volumes.classes, colours: PHASES.to_vec(), other: OTHER };
    let right = picture("classes".to_owned(), &surface().painted(paint))?;
    let style = MapStyle::between(ColourMap::Composition, phases.label(), 0.0, 1.0);
    let grid = Grid::pictures("", vec![vec![left, right]], Key::Bar(style))?;
    let caption = format!("Composition of the sample's surface, and its three classes. {}", phases.rule());
    let alt = "The sample in the colours of its composition, and in those of three classes".to_owned();
    Drawing::of_grid("chemistry", grid, alt, caption)
}

/// The composition where there is matter, and the mean of it elsewhere, so that a surface between both has a colour.
fn spread(composition: ArrayView3<'_, f32>, amount: ArrayView3<'_, f32>) -> Array3<f32> {
    let known = |c: f32, a: f32| c.is_finite() && a > 0.0;
    let mut grown =
        Zip::from(composition).and(amount).map_collect(|&c, &a| if known(c, a) { c } else { f32::NAN });
    // Twice to the neighbours: as far as rays look below and above a surface.
    for _ in 0..2 {
        let before = grown.clone();
        let dim = before.dim();
        grown.indexed_iter_mut().filter(|(_, v)| v.is_nan()).for_each(|((z, y, x), value)| {
            let ends = |i: usize, n: usize| i.saturating_sub(1)..(i + 2).min(n);
            let (mut sum, mut count) = (0.0, 0.0);
            for (k, j) in ends(z, dim.0).flat_map(|k| ends(y, dim.1).map(move |j| (k, j))) {
                for i in ends(x, dim.2) {
                    let near = before[[k, j, i]];
                    if near.is_finite() {
                        (sum, count) = (sum + near, count + 1.0);
                    }
                }
            }
            if count > 0.0 {
                *value = sum / count;
            }
        });
    }
    grown
}

/// Figure 3 (a): particles in distinct colours.
pub(super) fn particles(volumes: &Volumes<'_>, labels: &ArrayView3<'_, u32>) -> Result<Drawing, ReportError> {
    let most = labels.iter().copied().max().unwrap_or(0);
    let small = labels.mapv(|label| u16::try_from(label).unwrap_or(0));
    let colours: Vec<Rgb> = (0..most.min(u32::from(u16::MAX)) as usize).map(distinct).collect();
    let inside =
        Zip::from(volumes.amount).and(labels).map_collect(|&a, &l| if l > 0 { a.max(0.6) } else { 0.0 });
    let turned = View { turn: VIEW.turn + std::f64::consts::PI, ..VIEW };
    let one = |title: &str, view: View| {
        let paint = Paint::Classes { labels: small.view(), colours: colours.clone(), other: OTHER };
        let scene = Scene::surface(inside.view(), HALF).with_voxel(volumes.voxel).painted(paint);
        let (raster, pixel) = still(&scene, view, (SIDE, SIDE))?;
        Ok::<Picture, ReportError>(Picture {
            title: title.to_owned(),
            raster,
            pixel: pixel.map(PixelSize::square),
        })
    };
    let row = vec![one("front", VIEW)?, one("back", turned)?];
    let grid = Grid::pictures("", vec![row], Key::Names(Vec::new()))?;
    let caption =
        format!("The particles, numbered up to {most}, each in a colour of its own, from two sides.");
    let alt = "The sample with each particle in a colour of its own, from two sides".to_owned();
    Drawing::of_grid("particles", grid, alt, caption)
}
