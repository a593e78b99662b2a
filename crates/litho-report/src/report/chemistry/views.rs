//! The volumes from outside, rendered: both densities, the composition and its classes, the particles.

use super::{Phases, Volumes};
use crate::ReportError;
use crate::colour::{ColourMap, Rgb, distinct};
use crate::figure::{Grid, Key, MapStyle, Picture, PixelSize, Raster};
use crate::mesh::soften;
use crate::render::{Paint, Scene, View, still};
use crate::report::Drawing;
use ndarray::{Array3, ArrayView3, Zip};

/// Where all of them are seen from: a little from the side and from above.
const VIEW: View = View { turn: 0.5, elevation: 0.45 };
/// Least and greatest side of a picture in pixels, and pixels that each voxel along the volume is worth.
const SIDE: (usize, usize) = (128, 520);
const PER_VOXEL: usize = 4;
/// Amount of matter at the surface.
const HALF: f64 = 0.5;
/// Colour of matter without a number.
const OTHER: Rgb = [150; 3];

/// A rendered scene with its title.
fn picture(title: &str, scene: &Scene<'_>, view: View) -> Result<Picture, ReportError> {
    let (nz, ny, nx) = scene.values.dim();
    let side = (PER_VOXEL * nz.max(ny).max(nx)).clamp(SIDE.0, SIDE.1);
    let (raster, pixel) = still(scene, view, (side, side))?;
    Ok(Picture { title: title.to_owned(), raster, pixel: pixel.map(PixelSize::square) })
}

/// The pictures without what is white in all of them, but for a margin.
fn trimmed(pictures: Vec<Picture>) -> Vec<Picture> {
    const MARGIN: usize = 10;
    let (mut rows, mut columns) = ((usize::MAX, 0), (usize::MAX, 0));
    for Picture { raster, .. } in &pictures {
        for (i, _) in raster.pixels.iter().enumerate().filter(|(_, p)| **p != [255; 4]) {
            let (y, x) = (i / raster.width, i % raster.width);
            rows = (rows.0.min(y), rows.1.max(y));
            columns = (columns.0.min(x), columns.1.max(x));
        }
    }
    if rows.0 > rows.1 {
        return pictures;
    }
    let cut = |picture: Picture| {
        let whole = picture.raster;
        let start = |low: usize| low.saturating_sub(MARGIN);
        let length = |(low, high): (usize, usize), n: usize| (high + 1 + MARGIN).min(n) - start(low);
        let raster = Raster::from_fn(length(rows, whole.height), length(columns, whole.width), |y, x| {
            whole.pixels[(start(rows.0) + y) * whole.width + start(columns.0) + x]
        });
        Picture { raster, ..picture }
    };
    pictures.into_iter().map(cut).collect()
}

/// Figure 1 (a): surfaces of both densities at half of what matter has there.
pub(super) fn densities(volumes: &Volumes<'_>, phases: &Phases) -> Result<Drawing, ReportError> {
    let levels = [0, 1].map(|k| HALF * typical(volumes.density[k], volumes.amount));
    let one = |k: usize| {
        let scene = Scene::surface(volumes.density[k], levels[k]).with_voxel(volumes.voxel);
        picture(&phases.energy(k), &scene, VIEW)
    };
    let grid = Grid::pictures("", vec![trimmed(vec![one(0)?, one(1)?])], Key::Names(Vec::new()))?;
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
    let values = around(volumes.composition, volumes.amount);
    let painted = |title: &str, colours: ColourMap, (from, to): (f64, f64)| {
        picture(title, &surface().painted(Paint::Values { values: values.view(), colours, from, to }), VIEW)
    };
    // Three equal parts, of which the thresholds are the inner ends.
    let (low, high) = phases.thresholds;
    let thirds = (2.0 * low - high, 2.0 * high - low);
    let row = vec![
        painted("composition", ColourMap::Composition, (0.0, 1.0))?,
        painted("classes", ColourMap::Classes, thirds)?,
    ];
    let style = MapStyle::between(ColourMap::Composition, phases.label(), 0.0, 1.0);
    let grid = Grid::pictures("", vec![trimmed(row)], Key::Bar(style))?;
    let caption = format!(
        "Composition of the sample's surface, the mean over neighbouring voxels, and its three classes. {}",
        phases.rule()
    );
    let alt = "The sample in the colours of its composition, and in those of three classes".to_owned();
    Drawing::of_grid("chemistry", grid, alt, caption)
}

/// The mean composition around each voxel, weighted by the amount of matter: `Σ w a c/Σ w a`, a little beyond the matter
/// too, so that a surface has a colour.
fn around(composition: ArrayView3<'_, f32>, amount: ArrayView3<'_, f32>) -> Array3<f32> {
    let known = |c: f32, a: f32| c.is_finite() && a > 0.0;
    let mut part =
        Zip::from(composition).and(amount).map_collect(|&c, &a| if known(c, a) { c * a } else { 0.0 });
    let mut whole =
        Zip::from(composition).and(amount).map_collect(|&c, &a| if known(c, a) { a } else { 0.0 });
    soften(&mut part);
    soften(&mut whole);
    Zip::from(&part).and(&whole).map_collect(|&p, &w| if w > 0.0 { p / w } else { f32::NAN })
}

/// Figure 3 (a): particles in distinct colours.
pub(super) fn particles(volumes: &Volumes<'_>, labels: &ArrayView3<'_, u32>) -> Result<Drawing, ReportError> {
    let most = labels.iter().copied().max().unwrap_or(0);
    let small = labels.mapv(|label| u16::try_from(label).unwrap_or(0));
    let colours: Vec<Rgb> = (0..most.min(u32::from(u16::MAX)) as usize).map(distinct).collect();
    let inside =
        Zip::from(volumes.amount).and(labels).map_collect(|&a, &l| if l > 0 { a.max(0.6) } else { 0.0 });
    let turned = View { turn: VIEW.turn + std::f64::consts::PI, ..VIEW };
    let paint = Paint::Classes { labels: small.view(), colours, other: OTHER };
    let scene = Scene::surface(inside.view(), HALF).with_voxel(volumes.voxel).painted(paint);
    let row = trimmed(vec![picture("front", &scene, VIEW)?, picture("back", &scene, turned)?]);
    let grid = Grid::pictures("", vec![row], Key::Names(Vec::new()))?;
    let caption =
        format!("The particles, numbered up to {most}, each in a colour of its own, from two sides.");
    let alt = "The sample with each particle in a colour of its own, from two sides".to_owned();
    Drawing::of_grid("particles", grid, alt, caption)
}
