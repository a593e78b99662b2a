//! Volumes larger than memory: rows of projections come in, slices go out, a layer at a time.

use crate::batch::{Batch, volume_of};
use crate::constraint::Constraint;
use crate::error::TomoError;
use crate::geometry::Geometry;
use crate::methods::{Problem, solve};
use crate::project::check_projections;
use crate::settings::{OPERATION, Settings};
use crate::sheet::SLICES;
use crate::track::{Residuals, Teller, Track};
use litho_types::observer::{CancelToken, Observer};
use ndarray::{Array3, ArrayView3, s};
use rayon::prelude::*;
use std::ops::Range;

/// Where projections are read from, some rows of all of them at a time.
pub trait Rows {
    /// Rows of a projection, that is slices of the volume.
    fn depth(&self) -> usize;
    /// These rows of all projections, `(angle, row, x)`.
    ///
    /// # Errors
    /// [`TomoError::Rows`] if they cannot be read.
    fn read(&mut self, rows: Range<usize>) -> Result<Array3<f32>, TomoError>;
    /// The weights of the same pixels, from 0 (not measured) to 1; `None` if all are 1.
    ///
    /// # Errors
    /// [`TomoError::Rows`] if they cannot be read.
    fn weights(&mut self, rows: Range<usize>) -> Result<Option<Array3<f32>>, TomoError> {
        let _ = rows;
        Ok(None)
    }
}

/// Where slices are written, a layer at a time, from the first to the last.
pub trait Slices {
    /// Takes slices `(z, y, x)`, the ones with these places.
    ///
    /// # Errors
    /// [`TomoError::Slices`] if they cannot be written.
    fn write(&mut self, places: Range<usize>, slices: ArrayView3<f32>) -> Result<(), TomoError>;
}

/// Reconstructs a volume layer by layer: no more of it is in memory than [`memory`](crate::memory()) says. Gives the residual
/// `‖A x − b‖/‖b‖` after each iteration, over all slices; it is empty for methods without iterations.
///
/// # Errors
/// A setting that cannot be used, projections that do not fit the geometry or hold numbers that are not finite where
/// their weight is not 0, whatever `rows` and `slices` say, [`TomoError::Interrupted`].
pub fn reconstruct_layers(
    rows: &mut dyn Rows,
    slices: &mut dyn Slices,
    geometry: &Geometry,
    settings: &Settings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Vec<f64>, TomoError> {
    let depth = rows.depth();
    settings.check(geometry, depth)?;
    let problem = Problem::new(geometry, settings);
    let layers: Vec<Range<usize>> =
        (0..depth).step_by(SLICES).map(|start| start..depth.min(start + SLICES)).collect();
    let total = layers.len() * settings.method.iterations();
    observer.begin(settings.method.name(), 0, total);
    let teller = Teller::new(observer, total, cancel);
    let mut residuals = Residuals::default();
    for side_by_side in layers.chunks(settings.method.layers_at_once(rayon::current_num_threads())) {
        let batches = side_by_side
            .iter()
            .map(|places| read(rows, places.clone(), geometry))
            .collect::<Result<Vec<_>, _>>()?;
        let found = batches
            .into_par_iter()
            .map(|batch| layer(&problem, &batch, geometry, settings, &teller))
            .collect::<Result<Vec<_>, _>>()?;
        for (places, (volume, squares)) in side_by_side.iter().zip(found) {
            residuals.add(squares);
            slices.write(places.clone(), volume.view())?;
        }
    }
    observer.end();
    Ok(residuals.relative())
}

/// Reads a layer's rows.
fn read(rows: &mut dyn Rows, places: Range<usize>, geometry: &Geometry) -> Result<Batch, TomoError> {
    let projections = rows.read(places.clone())?;
    check_projections(OPERATION, &projections.view(), geometry)?;
    let weights = rows.weights(places.clone())?;
    if let Some(weights) = &weights {
        same_shape(&weights.view(), &projections.view())?;
    }
    Batch::new(OPERATION, projections.view(), weights.as_ref().map(|weights| weights.view()), places.start)
}

/// A layer's slices, and the squares of its data and residuals.
type Layer = (Array3<f32>, (f64, Vec<f64>));

/// Reconstructs a layer.
fn layer(
    problem: &Problem,
    batch: &Batch,
    geometry: &Geometry,
    settings: &Settings,
    teller: &Teller,
) -> Result<Layer, TomoError> {
    let constraint = Constraint::new(settings, geometry, batch.first, batch.slices);
    let mut track = Track::new(batch, settings.stop, settings.method.iterations(), teller);
    let found = solve(problem, batch, &constraint, &mut track)?;
    Ok((volume_of(&found, batch.slices), track.into_squares()))
}

fn same_shape(weights: &ArrayView3<f32>, projections: &ArrayView3<f32>) -> Result<(), TomoError> {
    if weights.dim() == projections.dim() {
        return Ok(());
    }
    Err(TomoError::Shape {
        operation: OPERATION,
        array: "the weights",
        found: weights.shape().to_vec(),
        wanted: projections.shape().to_vec(),
    })
}

/// A reconstructed volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconstruction {
    /// Voxels `(z, y, x)`, in the projections' unit per pixel.
    pub volume: Array3<f32>,
    /// `‖A x − b‖/‖b‖` after each iteration, over all slices; empty for methods without iterations.
    pub residual: Vec<f64>,
}

/// Reconstructs a volume `(z, y, x)` from projections `(angle, y, x)`. `weights` from 0 to 1 say how much each projection
/// pixel counts; a missing value has weight 0 and may be NaN.
///
/// # Errors
/// See [`reconstruct_layers`].
pub fn reconstruct(
    projections: ArrayView3<f32>,
    weights: Option<ArrayView3<f32>>,
    geometry: &Geometry,
    settings: &Settings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Reconstruction, TomoError> {
    check_projections(OPERATION, &projections, geometry)?;
    if let Some(weights) = &weights {
        same_shape(weights, &projections)?;
    }
    let size = geometry.size();
    let mut volume = Array3::zeros((projections.dim().1, size, size));
    let residual = reconstruct_layers(
        &mut InMemory { projections, weights },
        &mut volume,
        geometry,
        settings,
        observer,
        cancel,
    )?;
    Ok(Reconstruction { volume, residual })
}

/// Projections that are in memory as a whole.
struct InMemory<'a> {
    projections: ArrayView3<'a, f32>,
    weights: Option<ArrayView3<'a, f32>>,
}

impl Rows for InMemory<'_> {
    fn depth(&self) -> usize {
        self.projections.dim().1
    }

    fn read(&mut self, rows: Range<usize>) -> Result<Array3<f32>, TomoError> {
        Ok(self.projections.slice(s![.., rows, ..]).to_owned())
    }

    fn weights(&mut self, rows: Range<usize>) -> Result<Option<Array3<f32>>, TomoError> {
        Ok(self.weights.map(|weights| weights.slice(s![.., rows, ..]).to_owned()))
    }
}

impl Slices for Array3<f32> {
    fn write(&mut self, places: Range<usize>, slices: ArrayView3<f32>) -> Result<(), TomoError> {
        self.slice_mut(s![places, .., ..]).assign(&slices);
        Ok(())
    }
}
