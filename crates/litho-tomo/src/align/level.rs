//! The projections of one level: averaged over squares of pixels, ready to be moved, reconstructed and projected.

use super::apply::sample;
use super::placement::Placement;
use super::spline::coefficients_of_image;
use crate::error::TomoError;
use crate::geometry::Geometry;
use crate::project::project;
use crate::settings::{Filter, Method, Settings, Support};
use crate::stream::reconstruct;
use litho_types::observer::{CancelToken, Silent};
use litho_types::tilt::TiltAngles;
use ndarray::{Array3, ArrayView3, Axis};
use rayon::prelude::*;

/// One level.
pub(super) struct Level {
    bin: usize,
    /// Spline coefficients of the raw projections, made positive.
    coefficients: Array3<f32>,
    geometry: Geometry,
    /// From the middle of the raw projections to that of this level, raw pixels.
    offset: (f64, f64),
}

impl Level {
    /// Averages over `bin × bin` pixels of `sign · projections`; `axis` is where the rotation axis lies among raw pixels. Pixels
    /// left over at the end of an axis are dropped.
    pub(super) fn new(
        projections: ArrayView3<'_, f32>,
        sign: f32,
        angles: &TiltAngles,
        axis: f64,
        bin: usize,
    ) -> Result<Self, TomoError> {
        let (count, raw_ny, raw_nx) = projections.dim();
        let (ny, nx) = (raw_ny / bin, raw_nx / bin);
        let mut coefficients = Array3::zeros((count, ny, nx));
        let factor = sign / (bin * bin) as f32;
        coefficients.axis_iter_mut(Axis(0)).into_par_iter().zip(projections.axis_iter(Axis(0))).for_each(
            |(mut image, raw)| {
                for ((y, x), value) in image.indexed_iter_mut() {
                    let square = raw.slice(ndarray::s![y * bin..(y + 1) * bin, x * bin..(x + 1) * bin]);
                    *value = factor * square.sum();
                }
                if let Some(values) = image.as_slice_mut() {
                    coefficients_of_image(values, nx);
                }
            },
        );
        let middle = |raw: usize, n: usize| ((n * bin) as f64 - raw as f64) / 2.0;
        let geometry = Geometry::new(angles, nx, nx, from_raw(axis, bin))?;
        Ok(Self { bin, coefficients, geometry, offset: (middle(raw_ny, ny), middle(raw_nx, nx)) })
    }

    /// Rows and columns.
    pub(super) fn shape(&self) -> (usize, usize) {
        let (_, ny, nx) = self.coefficients.dim();
        (ny, nx)
    }

    /// Raw pixels along each edge of a pixel.
    pub(super) fn bin(&self) -> f64 {
        self.bin as f64
    }

    /// A placement of raw projections in this level's pixels.
    pub(super) fn from_raw(&self, raw: &Placement) -> Placement {
        raw.about(self.offset).in_pixels_of(self.bin())
    }

    /// A placement of this level for the raw projections.
    pub(super) fn to_raw(&self, placement: &Placement) -> Placement {
        placement.in_pixels_of(1.0 / self.bin()).about((-self.offset.0, -self.offset.1))
    }

    /// The projections moved by placements in this level's pixels.
    pub(super) fn aligned(&self, placements: &[Placement]) -> Array3<f32> {
        let (count, ny, nx) = self.coefficients.dim();
        let mut aligned = Array3::zeros((count, ny, nx));
        aligned
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(self.coefficients.axis_iter(Axis(0)))
            .zip(placements)
            .for_each(|((mut image, coefficients), placement)| {
                // images of arrays in standard layout are slices
                if let (Some(coefficients), Some(image)) = (coefficients.as_slice(), image.as_slice_mut()) {
                    sample(coefficients, (ny, nx), placement, image);
                }
            });
        aligned
    }

    /// What the volume of the projections at the places `used` shows at every angle: back-projection with the ramp filter, no
    /// voxel outside the circle that all projections see, none negative if `positive`, projected again.
    pub(super) fn model(
        &self,
        aligned: &Array3<f32>,
        used: &[usize],
        positive: bool,
        cancel: &CancelToken,
    ) -> Result<Array3<f32>, TomoError> {
        let settings = Settings {
            range: positive.then_some([0.0, f32::INFINITY]),
            support: Support::Circle,
            ..Settings::new(Method::Fbp { filter: Filter::RamLak })
        };
        let volume = if used.len() == aligned.len_of(Axis(0)) {
            reconstruct(aligned.view(), None, &self.geometry, &settings, &mut Silent, cancel)?
        } else {
            let (chosen, geometry) = (aligned.select(Axis(0), used), self.geometry.select(used));
            reconstruct(chosen.view(), None, &geometry, &settings, &mut Silent, cancel)?
        };
        project(volume.volume.view(), &self.geometry)
    }
}

/// A place along an axis, counted in averages of `bin` pixels.
pub(super) fn from_raw(place: f64, bin: usize) -> f64 {
    (place - (bin as f64 - 1.0) / 2.0) / bin as f64
}

/// The levels of an alignment: the binnings that leave 32 columns and 8 rows, and full size if none does.
pub(super) fn usable_binnings(binnings: &[usize], (ny, nx): (usize, usize)) -> Vec<usize> {
    let usable: Vec<usize> =
        binnings.iter().copied().filter(|&bin| bin == 1 || nx / bin >= 32 && ny / bin >= 8).collect();
    if usable.is_empty() { vec![1] } else { usable }
}
