//! Some rows of all projections, by ascending angle: what is read at a time of a series larger than the memory.

use super::fields::mean_rows;
use super::options::TiltQuantity;
use super::plan::{ProjectionsPlan, TiltPlan};
use crate::error::IoError;
use crate::h5::H5File;
use crate::image_files::{read_tiff_rows, tiff_shape};
use crate::memory::ensure_fits;
use ndarray::{Array2, Array3, Axis, Ix3, Zip, s};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::ops::Range;
use std::path::PathBuf;

/// Bytes read at once from a dataset.
const BLOCK_BYTES: usize = 64 << 20;

/// Reads rows of every projection, `(angle, row, x)`, by ascending angle, as phases or optical densities: counts become
/// `−ln((I − d)/(f − d))`, transmissions `−ln T`. Where there is no logarithm the pixel is NaN.
///
/// Any split of the rows gives the same numbers as [`read_tilts`](super::read_tilts).
///
/// # Errors
/// [`IoError`] if the series is complex, the rows reach beyond the projections, or a projection cannot be read or has
/// changed its shape since it was planned.
pub fn read_tilt_rows(plan: &TiltPlan, rows: Range<usize>) -> Result<Array3<f32>, IoError> {
    let mut images = stored_rows(plan, rows.clone())?;
    as_line_integrals(plan, &rows, &mut images)?;
    Ok(images)
}

/// The numbers as stored.
pub(super) fn stored_rows(plan: &TiltPlan, rows: Range<usize>) -> Result<Array3<f32>, IoError> {
    check_rows(plan, &rows)?;
    if plan.quantity == TiltQuantity::Complex {
        let reason = "holds complex transmissions, which are read whole, not by rows";
        return Err(IoError::argument("tilt series", plan.path.display(), reason));
    }
    let shape = (plan.places.len(), rows.len(), plan.shape.1);
    match &plan.projections {
        ProjectionsPlan::Hdf5 { dataset, stored, axes } => {
            let file = H5File::open(&plan.path)?;
            ensure_fits(file.path(), dataset, &[shape.0, shape.1, shape.2], size_of::<f32>())?;
            let within = Block { dataset, stored, axes: *axes, rows, nx: plan.shape.1 };
            let mut all = Array3::zeros(shape);
            gather(&plan.places, &within, &mut all, |range| dataset_block::<f32>(&file, &within, range))?;
            Ok(all)
        }
        ProjectionsPlan::Tiff(files) => {
            ensure_fits(&plan.path, "the projections", &[shape.0, shape.1, shape.2], size_of::<f32>())?;
            tiff_rows(plan, files, rows)
        }
    }
}

fn check_rows(plan: &TiltPlan, rows: &Range<usize>) -> Result<(), IoError> {
    if rows.start < rows.end && rows.end <= plan.shape.0 {
        return Ok(());
    }
    let value = format!("{}..{}", rows.start, rows.end);
    let reason = format!("no rows of projections of {} rows; choose rows inside", plan.shape.0);
    Err(IoError::argument("rows", value, reason))
}

/// Part of a dataset of projections.
pub(super) struct Block<'a> {
    pub(super) dataset: &'a str,
    pub(super) stored: &'a [usize],
    /// Which of the stored axes are angle, y and x.
    pub(super) axes: [usize; 3],
    pub(super) rows: Range<usize>,
    pub(super) nx: usize,
}

/// Rows of the images `range`, (image, row, x).
pub(super) fn dataset_block<T: hdf5::H5Type + Clone>(
    file: &H5File,
    block: &Block<'_>,
    range: Range<usize>,
) -> Result<Array3<T>, IoError> {
    read_block(file, block, range, |dataset, ranges| file.region::<T>(dataset, ranges))
}

/// As [`dataset_block`], read by `read`, which is given the dataset and a range along each of its axes.
pub(super) fn read_block<T: Clone>(
    file: &H5File,
    block: &Block<'_>,
    range: Range<usize>,
    read: impl Fn(&str, &[Range<usize>]) -> Result<ndarray::ArrayD<T>, IoError>,
) -> Result<Array3<T>, IoError> {
    let found = file.shape(block.dataset)?;
    let changed =
        || file.wrong_shape(block.dataset, found.clone(), &format!("{:?}, as planned", block.stored));
    if found != block.stored {
        return Err(changed());
    }
    let mut ranges: Vec<Range<usize>> = found.iter().map(|_| 0..1).collect();
    for (axis, wanted) in block.axes.into_iter().zip([range, block.rows.clone(), 0..block.nx]) {
        *ranges.get_mut(axis).ok_or_else(changed)? = wanted;
    }
    let mut part = read(block.dataset, &ranges)?;
    // Axes of length 1 are dropped from the end, so that the places of the others stay right.
    for axis in (0..found.len()).rev().filter(|axis| !block.axes.contains(axis)) {
        part = part.index_axis_move(Axis(axis), 0);
    }
    let mut kept = block.axes;
    kept.sort_unstable();
    let order = block.axes.map(|axis| kept.iter().position(|&k| k == axis).unwrap_or(0));
    part.into_dimensionality::<Ix3>().map(|part| part.permuted_axes(order)).map_err(|_| changed())
}

/// Reads the images at `places` in blocks of neighbours and puts each where its angle has its place.
pub(super) fn gather<T: Clone>(
    places: &[usize],
    block: &Block<'_>,
    all: &mut Array3<T>,
    read: impl Fn(Range<usize>) -> Result<Array3<T>, IoError>,
) -> Result<(), IoError> {
    let mut stored: Vec<(usize, usize)> = places.iter().copied().zip(0..).collect();
    stored.sort_unstable();
    let image_bytes = (block.rows.len() * block.nx * size_of::<T>()).max(1);
    let most = (BLOCK_BYTES / image_bytes).max(1);
    let mut rest = &stored[..];
    while let Some(&(first, _)) = rest.first() {
        let neighbours = rest.iter().take(most).zip(first..).take_while(|((place, _), next)| place == next);
        let (now, later) = rest.split_at(neighbours.count());
        let images = read(first..first + now.len())?;
        for ((_, k), image) in now.iter().zip(images.outer_iter()) {
            all.index_axis_mut(Axis(0), *k).assign(&image);
        }
        rest = later;
    }
    Ok(())
}

fn tiff_rows(plan: &TiltPlan, files: &[PathBuf], rows: Range<usize>) -> Result<Array3<f32>, IoError> {
    let mut place_of = vec![None; plan.places.len()];
    for (k, &place) in plan.places.iter().enumerate() {
        if let Some(slot) = place_of.get_mut(place) {
            *slot = Some(k);
        }
    }
    let mut all = Array3::zeros((plan.places.len(), rows.len(), plan.shape.1));
    let mut at = 0;
    for file in files {
        let (pages, ny, nx) = tiff_shape(file)?;
        if (ny, nx) != plan.shape || at + pages > plan.places.len() {
            return Err(IoError::WrongShape {
                path: file.clone(),
                dataset: "the pages".to_owned(),
                found: vec![pages, ny, nx],
                expected: format!("of {} × {} pixels, as planned", plan.shape.0, plan.shape.1),
            });
        }
        for (page, place) in read_tiff_rows(file, rows.clone())?.outer_iter().zip(&place_of[at..]) {
            if let Some(k) = place {
                all.slice_mut(s![*k, .., ..]).assign(&page);
            }
        }
        at += pages;
    }
    Ok(all)
}

/// Phases and optical densities from what is stored.
pub(super) fn as_line_integrals(
    plan: &TiltPlan,
    rows: &Range<usize>,
    images: &mut Array3<f32>,
) -> Result<(), IoError> {
    match (plan.quantity, &plan.fields) {
        (TiltQuantity::Transmission, _) => {
            // μt = −ln T
            images.par_mapv_inplace(|t| -logarithm(f64::from(t)));
        }
        (TiltQuantity::Intensity, Some(fields)) => {
            let flat = mean_rows(plan, &fields.flat, rows)?;
            let dark = match &fields.dark {
                Some(dark) => mean_rows(plan, dark, rows)?,
                None => Array2::zeros(flat.dim()),
            };
            // μt = −ln((I − d)/(f − d)), each difference positive
            images.axis_iter_mut(Axis(0)).into_par_iter().for_each(|mut image| {
                Zip::from(&mut image).and(&flat).and(&dark).for_each(|i, &f, &d| {
                    let (lit, incident) = (f64::from(*i) - d, f - d);
                    let both = lit > 0.0 && incident > 0.0;
                    *i = if both { -logarithm(lit / incident) } else { f32::NAN };
                });
            });
        }
        _ => {}
    }
    Ok(())
}

/// `ln v` of a positive finite number, NaN of any other.
fn logarithm(value: f64) -> f32 {
    if value > 0.0 && value.is_finite() { value.ln() as f32 } else { f32::NAN }
}
