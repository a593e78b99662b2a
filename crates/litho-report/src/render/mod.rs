//! Pictures of a turning volume, by a small renderer: parallel rays, front to back; and of meshes ([`mesh_png`]).
//!
//! A [`Scene`] is a volume with a [`Look`] (surface, fog, largest value) and a [`Paint`]; [`film`] renders it from a list
//! of [`View`]s. The [`Film`] becomes PNG files, or one animated PNG that browsers play and a page can hold.
//!
//! ```
//! use litho_report::render::{Scene, Shot, View, film};
//! use ndarray::Array3;
//!
//! let ball = Array3::from_shape_fn((24, 24, 24), |(z, y, x)| {
//!     let r2: f32 = [z, y, x].iter().map(|i| (*i as f32 - 11.5).powi(2)).sum();
//!     (9.0 - r2.sqrt()).clamp(0.0, 1.0)
//! });
//! let scene = Scene::surface(ball.view(), 0.5).with_voxel(Some(20e-9));
//! let film = film(&scene, &View::around(12, 0.35), Shot { size: (64, 64), ..Shot::default() })?;
//! let animation = film.to_apng()?;
//! assert!(animation.starts_with(b"\x89PNG") && film.to_pngs()?.len() == 12);
//! # Ok::<(), litho_report::ReportError>(())
//! ```
//!
//! The same input gives the same bits for any number of threads: a pixel is one task and knows no other.

mod camera;
mod facets;
mod field;
mod film;
mod light;
mod march;
mod palette;
mod scene;

pub use camera::View;
pub use facets::{Pose, mesh_png};
pub(crate) use facets::{Rod, facets};
pub use film::Film;
pub use scene::{Look, Paint, Scene};

use crate::ReportError;
use crate::colour::lightness;
use crate::figure::{Raster, ScaleBar, stamp_key, stamp_scale_bar};
use camera::{Camera, Occupied, common_scale};
use march::Rays;
use rayon::prelude::*;
use scene::Reduced;

/// Voxels across a volume per pixel of the image beyond which the volume is averaged.
const FINE: f64 = 1.25;
/// Height of the strip below the volume that holds the scale bar, in pixels.
const STRIP: usize = 24;

/// Size and pace of a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shot {
    /// Height and width of a frame in pixels.
    pub size: (usize, usize),
    /// Frames per second.
    pub rate: u16,
}

impl Default for Shot {
    /// 256 × 256 pixels, ten frames per second.
    fn default() -> Self {
        Self { size: (256, 256), rate: 10 }
    }
}

/// Renders `scene` from each of `views`. All frames have one scale and hold all that is to be seen in any turn.
///
/// # Errors
/// If the volume has no voxels, its colours have another shape, a number of the scene cannot be used, or a frame has no
/// pixels.
pub fn film(scene: &Scene<'_>, views: &[View], shot: Shot) -> Result<Film, ReportError> {
    let (height, width) = shot.size;
    let strip = if scene.voxel.is_some() && height > 3 * STRIP { STRIP } else { 0 };
    let inside = (height - strip, width);
    let prepared = Prepared::new(scene, views, shot.size, inside)?;
    let pixel = prepared.pixel(scene).filter(|_| strip > 0);
    let bar = pixel.map(|pixel| ScaleBar::new(width, Some(pixel)));
    let ink = if lightness(scene.background) > 0.5 { [24; 3] } else { [235; 3] };
    let frame = |view: &View| {
        let camera = Camera::new(*view, prepared.occupied, inside, prepared.scale);
        let frame = frame(&prepared.reduced, camera, inside, shot.size);
        let frame = if scene.key.is_empty() { frame } else { stamp_key(frame, &scene.key, ink) };
        match &bar {
            Some(bar) => stamp_scale_bar(frame, bar, ink),
            None => frame,
        }
    };
    Ok(Film { frames: views.iter().map(frame).collect(), rate: shot.rate })
}

/// One picture of `scene` of `(height, width)` pixels without a scale bar, and the length in metres that a pixel stands for.
///
/// # Errors
/// As for [`film`].
pub(crate) fn still(
    scene: &Scene<'_>,
    view: View,
    size: (usize, usize),
) -> Result<(Raster, Option<f64>), ReportError> {
    let prepared = Prepared::new(scene, &[view], size, size)?;
    let camera = Camera::new(view, prepared.occupied, size, prepared.scale);
    Ok((frame(&prepared.reduced, camera, size, size), prepared.pixel(scene)))
}

/// A scene made ready for images of one size.
struct Prepared {
    reduced: Reduced,
    occupied: Occupied,
    /// Reduced voxels per pixel.
    scale: f64,
    /// Voxels along the edge of a reduced one.
    factor: usize,
}

impl Prepared {
    /// For `views` in images of `size`, of which the volume fills `inside`.
    fn new(
        scene: &Scene<'_>,
        views: &[View],
        size: (usize, usize),
        inside: (usize, usize),
    ) -> Result<Self, ReportError> {
        scene.check()?;
        let (height, width) = size;
        if height == 0 || width == 0 {
            return Err(ReportError::EmptyImage {
                figure: "rendered volume".to_owned(),
                ny: height,
                nx: width,
            });
        }
        let (nz, ny, nx) = scene.values.dim();
        let longest = nz.max(ny).max(nx) as f64;
        let factor = ((longest / (FINE * height.max(width) as f64)).floor() as usize).max(1);
        let reduced = scene.reduced(factor);
        let occupied = Occupied::of(&reduced.values, scene.look.threshold() as f32);
        let scale = common_scale(views, occupied, inside);
        Ok(Self { reduced, occupied, scale, factor })
    }

    /// Metres per pixel.
    fn pixel(&self, scene: &Scene<'_>) -> Option<f64> {
        scene.voxel.map(|edge| self.scale * self.factor as f64 * edge)
    }
}

/// One frame; the volume fills the upper rows.
fn frame(
    scene: &Reduced,
    camera: Camera,
    (rows, _): (usize, usize),
    (height, width): (usize, usize),
) -> Raster {
    let rays = Rays::new(scene, camera);
    let [r, g, b] = scene.background;
    let mut frame = Raster::from_fn(height, width, |_, _| [r, g, b, 255]);
    frame.pixels.par_chunks_mut(width).take(rows).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let [r, g, b] = rays.pixel((y, x));
            *pixel = [r, g, b, 255];
        }
    });
    frame
}
