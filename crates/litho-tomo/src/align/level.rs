//! The projections of one level: averaged over squares of pixels, ready to be moved, reconstructed and projected.

use super::apply::sample;
use super::placement::Placement;
use crate::error::TomoError;
use crate::geometry::Geometry;
use crate::project::project;
use crate::settings::{Filter, Method, Settings, Support};
use crate::stream::reconstruct;
use litho_resolve::spline::coefficients_of_image;
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
    /// Averages over `(along y, along x)` pixels of `sign · projections`; `axis` is where the rotation axis lies among raw pixels. Pixels
    /// left over at the end of an axis are dropped.
    pub(super) fn new(
        projections: ArrayView3<'_, f32>,
        sign: f32,
        angles: &TiltAngles,
        axis: f64,
        (along_y, bin): (usize, usize),
    ) -> Result<Self, TomoError> {
        let (count, raw_ny, raw_nx) = projections.dim();
        let (ny, nx) = (raw_ny / along_y, raw_nx / bin);
        let mut coefficients = Array3::zeros((count, ny, nx));
        let factor = sign / (along_y * bin) as f32;
        coefficients.axis_iter_mut(Axis(0)).into_par_iter().zip(projections.axis_iter(Axis(0))).for_each(
            |(mut image, raw)| {
                for ((y, x), value) in image.indexed_iter_mut() {
                    let (rows, columns) = (y * along_y..(y + 1) * along_y, x * bin..(x + 1) * bin);
                    let square = raw.slice(ndarray::s![rows, columns]);
                    *value = factor * square.sum();
                }
                if let Some(values) = image.as_slice_mut() {
                    coefficients_of_image(values, nx);
                }
            },
        );
        let middle = |raw: usize, kept: usize| (kept as f64 - raw as f64) / 2.0;
        let geometry = Geometry::new(angles, nx, nx, from_raw(axis, bin))?;
        Ok(Self {
            bin,
            coefficients,
            geometry,
            offset: (middle(raw_ny, ny * along_y), middle(raw_nx, nx * bin)),
        })
    }

    /// Rows and columns.
    pub(super) fn shape(&self) -> (usize, usize) {
        let (_, ny, nx) = self.coefficients.dim();
        (ny, nx)
    }

    /// Where the rotation axis lies, pixels from the middle of pixel 0.
    pub(super) fn axis(&self) -> f64 {
        self.geometry.axis()
    }

    /// Raw pixels along each edge of a pixel.
    pub(super) fn bin(&self) -> f64 {
        self.bin as f64
    }

    /// A placement of raw projections in this level's pixels.
    pub(super) fn in_level(&self, raw: &Placement) -> Placement {
        raw.about(self.offset).in_pixels_of(self.bin())
    }

    /// A placement of this level for the raw projections.
    pub(super) fn in_raw(&self, placement: &Placement) -> Placement {
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

    /// What the volume of the projections at the places `used` shows at every angle. The volume is found step by step, one at each
    /// call, together with the placements: `x ← P(x + F(d − A x))` with `F` back-projection with the ramp filter and `P` what
    /// sets voxels to zero that some projection does not see, and negative ones if `positive`. It begins with `x = 0`.
    pub(super) fn improve(
        &self,
        state: &mut Model,
        aligned: &Array3<f32>,
        used: &[usize],
        positive: bool,
        cancel: &CancelToken,
    ) -> Result<(), TomoError> {
        let settings = Settings {
            range: None,
            support: Support::Circle,
            ..Settings::new(Method::Fbp { filter: Filter::RamLak })
        };
        let first = state.volume.is_empty();
        let residual = if first { aligned.clone() } else { aligned - &state.projections };
        let found = if used.len() == aligned.len_of(Axis(0)) {
            reconstruct(residual.view(), None, &self.geometry, &settings, &mut Silent, cancel)?
        } else {
            let (chosen, geometry) = (residual.select(Axis(0), used), self.geometry.select(used));
            reconstruct(chosen.view(), None, &geometry, &settings, &mut Silent, cancel)?
        };
        if first {
            state.volume = found.volume;
        } else {
            state.volume.zip_mut_with(&found.volume, |x, change| *x += change);
        }
        if positive {
            state.volume.mapv_inplace(|x| x.max(0.0));
        }
        state.projections = project(state.volume.view(), &self.geometry)?;
        Ok(())
    }
}

/// A volume and its projections.
#[derive(Debug, Default)]
pub(super) struct Model {
    volume: Array3<f32>,
    /// At every angle.
    pub(super) projections: Array3<f32>,
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
