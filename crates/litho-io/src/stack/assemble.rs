//! From the ingredients a format found to a checked plan.

use super::energies::RawEnergies;
use super::incident::{FoundIncident, plan_incident};
use super::options::{AxisOrder, StackFormat, StackOptions, StackQuantity};
use super::plan::{ImagesPlan, StackPlan};
use crate::error::IoError;
use crate::h5::H5File;
use crate::sample_pixel::check_pixel;
use crate::scan::Ingredient;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use std::path::Path;

/// The images a format found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundImages {
    pub(crate) images: ImagesPlan,
    /// Shape as (energy, y, x).
    pub(crate) shape: [usize; 3],
    pub(crate) source: String,
}

/// What a format found, before overrides and checks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundStack {
    pub(crate) format: StackFormat,
    pub(crate) images: FoundImages,
    pub(crate) energies: RawEnergies,
    /// What the numbers are, if the file says so.
    pub(crate) quantity: Option<StackQuantity>,
    pub(crate) phase: Option<String>,
    pub(crate) incident: Option<FoundIncident>,
    pub(crate) pixel: Option<(Point<Metres>, String)>,
    pub(crate) warnings: Vec<String>,
}

impl FoundStack {
    /// Applies the caller's overrides, checks every ingredient and makes the plan.
    pub(crate) fn finish(
        self,
        path: &Path,
        file: Option<&H5File>,
        options: &StackOptions,
    ) -> Result<StackPlan, IoError> {
        let [count, ny, nx] = self.images.shape;
        let energies = self.energies.sorted(options.energy_unit)?;
        if energies.order.len() != count {
            return Err(count_mismatch(path, &self.images, &energies.source, energies.order.len()));
        }
        if ny == 0 || nx == 0 {
            return Err(wrong_shape(
                path,
                &self.images.source,
                &self.images.shape,
                "images of at least one pixel",
            ));
        }
        let mut warnings = self.warnings;
        warnings.extend(energies.warnings);
        let stated = options.quantity.or(self.quantity);
        let found = match stated {
            None | Some(StackQuantity::Intensity) => {
                let found = plan_incident(path, file, &self.images, self.incident, options)?;
                Some(found.ok_or_else(|| without_incident(path))?)
            }
            Some(_) => None,
        };
        let quantity = stated.unwrap_or(StackQuantity::Intensity);
        let mut ingredients = vec![
            line("images", format!("{count} × {ny} × {nx}"), self.images.source, quantity.name()),
            line(
                "energies",
                format!("{} … {} eV", energies.energies.first().value(), energies.energies.last().value()),
                energies.source,
                &energies.read_as,
            ),
        ];
        let incident = found.map(|found| {
            warnings.extend(found.warnings);
            ingredients.push(line("I0", found.value, found.source, "incident intensity"));
            found.plan
        });
        let pixel = match options.pixel {
            Some(pixel) => Some((Point::new(pixel, pixel), "--pixel".to_owned())),
            None => self.pixel,
        };
        if let Some((pixel, source)) = &pixel {
            check_pixel(path, *pixel, source)?;
            let value = format!("{:e} × {:e} m", pixel.y.value(), pixel.x.value());
            ingredients.push(line("pixel", value, source.clone(), "metres (y, x)"));
        } else {
            warnings.push("the size of a pixel is unknown; pass --pixel in metres to have scales".to_owned());
        }
        Ok(StackPlan {
            format: self.format,
            path: path.to_owned(),
            images: self.images.images,
            shape: (ny, nx),
            quantity,
            phase: self.phase,
            incident,
            energies: energies.energies,
            order: energies.order,
            pixel: pixel.map(|(pixel, _)| pixel),
            ingredients,
            warnings,
        })
    }
}

fn line(name: &'static str, value: String, source: String, read_as: &str) -> Ingredient {
    Ingredient { name, value, source, read_as: read_as.to_owned() }
}

fn without_incident(path: &Path) -> IoError {
    IoError::Incomplete {
        path: path.to_owned(),
        what: "the incident intensity I0 of its images, nor that they are optical densities".to_owned(),
        fix: "pass --i0 with a dataset, a text file or a rectangle of air, or --quantity optical-density"
            .to_owned(),
    }
}

fn wrong_shape(path: &Path, dataset: &str, found: &[usize], expected: &str) -> IoError {
    IoError::WrongShape {
        path: path.to_owned(),
        dataset: dataset.to_owned(),
        found: found.to_vec(),
        expected: expected.to_owned(),
    }
}

fn count_mismatch(path: &Path, images: &FoundImages, source: &str, energies: usize) -> IoError {
    let expected = format!(
        "(energy, y, x) with one image per energy, and {source} holds {energies}; look for one that is missing"
    );
    wrong_shape(path, &images.source, &images.shape, &expected)
}

/// The images in an HDF5 dataset: their axes named by the options, else found by the number of energies. Axes of
/// length 1 beyond three are dropped, the last first.
pub(crate) fn h5_images(
    file: &H5File,
    dataset: &str,
    energies: usize,
    usual: AxisOrder,
    options: &StackOptions,
) -> Result<(FoundImages, Vec<String>), IoError> {
    let stored = file.shape(dataset)?;
    let Some(shape) = three_axes(&stored) else {
        return Err(file.wrong_shape(dataset, stored, "images of three axes, one of them the energy"));
    };
    let mut warnings = Vec::new();
    let axes = options.axes.unwrap_or_else(|| {
        let fits = |order: AxisOrder| shape[order.places()[0]] == energies;
        let others = [AxisOrder::EnergyYX, AxisOrder::YXEnergy];
        if fits(usual) {
            return usual;
        }
        let other = others.into_iter().find(|order| fits(*order));
        if let Some(order) = other {
            warnings.push(format!("{dataset} was read as {}, the axis of {energies} energies", order.name()));
        }
        other.unwrap_or(usual)
    });
    let shape = axes.places().map(|place| shape[place]);
    let images = ImagesPlan::Hdf5 { dataset: dataset.to_owned(), axes };
    Ok((FoundImages { images, shape, source: dataset.to_owned() }, warnings))
}

/// A shape without its axes of length 1 beyond three.
pub(crate) fn three_axes(shape: &[usize]) -> Option<[usize; 3]> {
    let mut shape = shape.to_vec();
    while shape.len() > 3 {
        let single = shape.iter().rposition(|&n| n == 1)?;
        shape.remove(single);
    }
    shape.try_into().ok()
}
