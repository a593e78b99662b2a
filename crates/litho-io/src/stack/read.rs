//! Carries a plan out: images become optical densities, sorted by energy.

use super::assemble::three_axes;
use super::options::{AxisOrder, StackQuantity};
use super::plan::{ImagesPlan, IncidentPlan, StackPlan};
use crate::error::IoError;
use crate::h5::H5File;
use crate::image_files::read_tiff_pages;
use litho_types::C32;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array3, ArrayD, ArrayView2, Axis, Zip, s};
use std::path::Path;

/// An energy stack and what a person should know about it.
#[derive(Debug, Clone, PartialEq)]
pub struct StackReading {
    /// The stack, by ascending energy.
    pub stack: EnergyStack,
    /// The plan's warnings and those of reading.
    pub warnings: Vec<String>,
}

/// Reads a stack as planned. Intensities become `μt = −ln(I/I0)`, transmissions `μt = −ln T`, complex transmissions
/// `μt = −2 ln|T|` and `φ = arg T`. Where a value is not positive there is no logarithm: the pixel is NaN at that
/// energy, and a warning counts such pixels.
///
/// # Errors
/// [`IoError`] if an image cannot be read, has changed its shape since it was planned, or exceeds the memory.
pub fn read_stack(plan: &StackPlan) -> Result<StackReading, IoError> {
    let (stored, mut phase) = match plan.quantity {
        StackQuantity::Complex => complex_images(plan)?,
        _ => (real_images(plan)?, None),
    };
    if let Some(dataset) = &plan.phase {
        let file = H5File::open(&plan.path)?;
        let (shape, values) = file.numbers::<f32>(dataset)?;
        phase =
            Some(oriented(&file, dataset, file.shaped(dataset, shape, values)?, AxisOrder::EnergyYX, plan)?);
    }
    let before = missing(&stored);
    let density = optical_density(plan, stored)?;
    let sorted = |images: &Array3<f32>| images.select(Axis(0), &plan.order);
    let density = sorted(&density);
    let mut warnings = plan.warnings.clone();
    let after = missing(&density);
    if after > before {
        let (lost, all) = (after - before, density.len());
        warnings.push(format!("{lost} of {all} values are not positive, have no logarithm and are NaN"));
    }
    if before > 0 {
        warnings.push(format!("{before} of {} values are NaN in the file and stay so", density.len()));
    }
    let phase = phase.as_ref().map(sorted);
    let stack = EnergyStack::new(plan.energies.clone(), density, phase, plan.pixel)
        .map_err(|e| IoError::argument("energy stack", plan.path.display(), e.to_string()))?;
    Ok(StackReading { stack, warnings })
}

fn missing(images: &Array3<f32>) -> usize {
    images.iter().filter(|value| !value.is_finite()).count()
}

/// The images as stored, (energy, y, x), in stored order.
fn real_images(plan: &StackPlan) -> Result<Array3<f32>, IoError> {
    match &plan.images {
        ImagesPlan::Hdf5 { dataset, axes } => real_dataset(&plan.path, dataset, *axes, plan),
        ImagesPlan::Tiff(files) => {
            let mut all = Array3::zeros((plan.order.len(), plan.shape.0, plan.shape.1));
            let mut at = 0;
            for file in files {
                let pages = read_tiff_pages(file)?;
                let (count, ny, nx) = pages.dim();
                if (ny, nx) != plan.shape || at + count > plan.order.len() {
                    return Err(changed(file, "the pages", pages.shape(), plan));
                }
                all.slice_mut(s![at..at + count, .., ..]).assign(&pages);
                at += count;
            }
            Ok(all)
        }
    }
}

fn real_dataset(
    path: &Path,
    dataset: &str,
    axes: AxisOrder,
    plan: &StackPlan,
) -> Result<Array3<f32>, IoError> {
    let file = H5File::open(path)?;
    let (shape, values) = file.numbers::<f32>(dataset)?;
    oriented(&file, dataset, file.shaped(dataset, shape, values)?, axes, plan)
}

/// `−2 ln|T|` needs |T|² alone, which is what is handed on; and arg T.
fn complex_images(plan: &StackPlan) -> Result<(Array3<f32>, Option<Array3<f32>>), IoError> {
    let ImagesPlan::Hdf5 { dataset, axes } = &plan.images else {
        return Err(IoError::argument("--quantity", "complex", "TIFF holds no complex numbers; use HDF5"));
    };
    let file = H5File::open(&plan.path)?;
    let object = oriented(&file, dataset, file.complex(dataset)?, *axes, plan)?;
    // A pixel nobody looked at is T = 0: its phase is as unknown as its modulus.
    let phase = object.mapv(|t| if t.norm_sqr() > 0.0 { t.arg() } else { f32::NAN });
    Ok((object.mapv(|t: C32| t.norm_sqr()), Some(phase)))
}

/// Three axes in the order (energy, y, x).
fn oriented<T: Clone>(
    file: &H5File,
    dataset: &str,
    array: ArrayD<T>,
    axes: AxisOrder,
    plan: &StackPlan,
) -> Result<Array3<T>, IoError> {
    let found = array.shape().to_vec();
    let images = three_axes(&found).and_then(|shape| array.into_shape_with_order(shape).ok());
    let images = images.map(|images| images.permuted_axes(axes.places()));
    match images {
        Some(images) if images.dim() == (plan.order.len(), plan.shape.0, plan.shape.1) => {
            Ok(images.as_standard_layout().into_owned())
        }
        _ => Err(changed(file.path(), dataset, &found, plan)),
    }
}

fn changed(path: &Path, dataset: &str, found: &[usize], plan: &StackPlan) -> IoError {
    let (ny, nx) = plan.shape;
    IoError::WrongShape {
        path: path.to_owned(),
        dataset: dataset.to_owned(),
        found: found.to_vec(),
        expected: format!(
            "(energy, y, x) = ({}, {ny}, {nx}), as the plan of the stack has it",
            plan.order.len()
        ),
    }
}

/// `μt` from what is stored, NaN where there is no logarithm.
fn optical_density(plan: &StackPlan, mut images: Array3<f32>) -> Result<Array3<f32>, IoError> {
    match (plan.quantity, &plan.incident) {
        (StackQuantity::OpticalDensity, _) => {}
        // μt = −ln T, and for a complex object μt = −2 ln|T| = −ln |T|²
        (StackQuantity::Transmission | StackQuantity::Complex, _) | (StackQuantity::Intensity, None) => {
            images.mapv_inplace(|t| -logarithm(f64::from(t)));
        }
        // μt = −ln(I/I0)
        (_, Some(IncidentPlan::Images { file, dataset })) => {
            let axes = match &plan.images {
                ImagesPlan::Hdf5 { axes, .. } => *axes,
                ImagesPlan::Tiff(_) => AxisOrder::EnergyYX,
            };
            let incident = real_dataset(file, dataset, axes, plan)?;
            Zip::from(&mut images).and(&incident).for_each(|i, &i0| *i = attenuation(*i, f64::from(i0)));
        }
        (_, Some(IncidentPlan::Values(values))) => {
            for (mut image, &i0) in images.outer_iter_mut().zip(values) {
                image.mapv_inplace(|i| attenuation(i, i0));
            }
        }
        (_, Some(IncidentPlan::Air { y, x })) => {
            for mut image in images.outer_iter_mut() {
                let i0 = finite_mean(image.slice(s![y.clone(), x.clone()]));
                image.mapv_inplace(|i| attenuation(i, i0));
            }
        }
    }
    Ok(images)
}

/// `−ln(I/I0)`; NaN unless both are positive.
fn attenuation(intensity: f32, incident: f64) -> f32 {
    if incident > 0.0 && intensity > 0.0 { -logarithm(f64::from(intensity) / incident) } else { f32::NAN }
}

/// `ln v` of a positive finite number, NaN of any other.
fn logarithm(value: f64) -> f32 {
    if value > 0.0 && value.is_finite() { value.ln() as f32 } else { f32::NAN }
}

/// Mean of the finite pixels; NaN if there is none.
fn finite_mean(pixels: ArrayView2<'_, f32>) -> f64 {
    let finite = || pixels.iter().filter(|value| value.is_finite());
    finite().map(|&value| f64::from(value)).sum::<f64>() / finite().count() as f64
}
