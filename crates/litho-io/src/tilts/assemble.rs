//! From the ingredients a format found to a checked plan.

use super::angles::RawAngles;
use super::fields::plan_fields;
use super::options::{TiltAxes, TiltFormat, TiltOptions, TiltQuantity};
use super::plan::{FieldPlan, ProjectionsPlan, TiltPlan};
use crate::error::IoError;
use crate::h5::{H5File, Located};
use crate::sample_pixel::check_pixel;
use crate::scan::{ENERGY_RANGE, Ingredient, check_energy, energy_unit_of};
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};
use std::path::Path;

/// How far the two edges of a pixel may differ before it is not square.
const NOT_SQUARE: f64 = 1e-3;

/// The images a format found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundProjections {
    pub(crate) projections: ProjectionsPlan,
    /// Shape as (image, y, x), flats and darks among them included.
    pub(crate) shape: [usize; 3],
    /// Places of the projections, if not all images are.
    pub(crate) places: Option<Vec<usize>>,
    pub(crate) source: String,
    pub(crate) stored_type: String,
    /// Whether the stored numbers are complex.
    pub(crate) complex: bool,
}

/// What a format found, before overrides and checks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundTilts {
    pub(crate) format: TiltFormat,
    pub(crate) projections: FoundProjections,
    pub(crate) angles: RawAngles,
    /// What the numbers are, if the file says so.
    pub(crate) quantity: Option<TiltQuantity>,
    /// What they are taken for if nobody says, with a warning.
    pub(crate) usual: Option<TiltQuantity>,
    pub(crate) flat: Option<FieldPlan>,
    pub(crate) dark: Option<FieldPlan>,
    pub(crate) pixel: Option<(Point<Metres>, String)>,
    pub(crate) energy: Option<Located>,
    pub(crate) warnings: Vec<String>,
}

impl FoundTilts {
    /// Applies the caller's overrides, checks every ingredient and makes the plan.
    pub(crate) fn finish(
        mut self,
        path: &Path,
        file: Option<&H5File>,
        options: &TiltOptions,
    ) -> Result<TiltPlan, IoError> {
        let [images, ny, nx] = self.projections.shape;
        if images == 0 || ny == 0 || nx == 0 {
            let expected = "(angle, y, x) with at least one pixel";
            return Err(wrong_shape(path, &self.projections.source, &self.projections.shape, expected));
        }
        let places = self.projections.places.take().unwrap_or_else(|| (0..images).collect());
        let count = places.len();
        self.angles.select(&places, images);
        let angles = self.angles.sorted(count, &self.projections.source, options.angle_unit)?;
        let mut warnings = self.warnings;
        warnings.extend(angles.warnings);
        let quantity =
            quantity(path, &self.projections, options, (self.quantity, self.usual), &mut warnings)?;
        let degrees = angles.angles.degrees();
        let mut ingredients = vec![
            line(
                "projections",
                format!("{count} × {ny} × {nx} of {}", self.projections.stored_type),
                self.projections.source.clone(),
                quantity.name(),
            ),
            line(
                "angles",
                format!("{:.4}° … {:.4}°", degrees[0], degrees[degrees.len() - 1]),
                angles.source,
                &angles.read_as,
            ),
        ];
        let fields = match quantity {
            TiltQuantity::Intensity => {
                let found = plan_fields(path, file, (ny, nx), (self.flat, self.dark), options)?;
                ingredients.extend(found.ingredients);
                warnings.extend(found.warnings);
                Some(found.plan)
            }
            _ => None,
        };
        let pixel = sample_pixel(path, self.pixel, options, &mut ingredients)?;
        if pixel.is_none() {
            warnings.push("the size of a pixel is unknown; pass --pixel in metres to have scales".to_owned());
        }
        let energy = photon_energy(path, self.energy, options, &mut ingredients)?;
        Ok(TiltPlan {
            format: self.format,
            path: path.to_owned(),
            projections: self.projections.projections,
            shape: (ny, nx),
            quantity,
            stored_type: self.projections.stored_type,
            places: angles.order.iter().map(|&k| places[k]).collect(),
            angles: angles.angles,
            fields,
            pixel,
            energy,
            ingredients,
            warnings,
        })
    }
}

/// What the numbers are: what the caller says, what the file says, what is usual.
fn quantity(
    path: &Path,
    found: &FoundProjections,
    options: &TiltOptions,
    (stated, usual): (Option<TiltQuantity>, Option<TiltQuantity>),
    warnings: &mut Vec<String>,
) -> Result<TiltQuantity, IoError> {
    if found.complex {
        return match options.quantity {
            None | Some(TiltQuantity::Complex | TiltQuantity::Transmission) => Ok(TiltQuantity::Complex),
            Some(other) => Err(IoError::argument(
                "--quantity",
                other.name(),
                format!("{} holds complex transmissions; leave --quantity out", found.source),
            )),
        };
    }
    let chosen = options.quantity.or(stated);
    match chosen.or(usual) {
        Some(TiltQuantity::Complex) => Err(IoError::argument(
            "--quantity",
            TiltQuantity::Complex.name(),
            format!("{} holds real numbers ({})", found.source, found.stored_type),
        )),
        Some(quantity) => {
            if chosen.is_none() {
                warnings.push(format!(
                    "{} does not say what its numbers are: read as {}; pass --quantity if they are something else",
                    found.source,
                    quantity.name()
                ));
            }
            Ok(quantity)
        }
        None => Err(IoError::Incomplete {
            path: path.to_owned(),
            what: format!("what the numbers in {} are", found.source),
            fix: "pass --quantity optical-density, phase or transmission, or --flat (and --dark) for counts"
                .to_owned(),
        }),
    }
}

/// The pixel of the options or of the file, square and plausible.
fn sample_pixel(
    path: &Path,
    found: Option<(Point<Metres>, String)>,
    options: &TiltOptions,
    ingredients: &mut Vec<Ingredient>,
) -> Result<Option<Metres>, IoError> {
    let found = match options.pixel {
        Some(pixel) => Some((Point::new(pixel, pixel), "--pixel".to_owned())),
        None => found,
    };
    let Some((pixel, source)) = found else { return Ok(None) };
    check_pixel(path, pixel, &source)?;
    let (y, x) = (pixel.y.value(), pixel.x.value());
    if (y / x - 1.0).abs() > NOT_SQUARE {
        return Err(IoError::Implausible {
            path: path.to_owned(),
            dataset: source,
            quantity: "pixel",
            value: format!("{y:e} m along y and {x:e} m along x, which is not square"),
            slip: "resample the projections to square pixels, or pass --pixel if they are square".to_owned(),
        });
    }
    ingredients.push(line("pixel", format!("{x:e} m"), source, "metres"));
    Ok(Some(pixel.x))
}

/// The energy of the options or of the file, in eV. A bare number in the range of keV is one in keV.
fn photon_energy(
    path: &Path,
    found: Option<Located>,
    options: &TiltOptions,
    ingredients: &mut Vec<Ingredient>,
) -> Result<Option<ElectronVolts>, IoError> {
    if let Some(energy) = options.energy {
        check_energy(path, "--energy", energy)?;
        ingredients.push(line("energy", format!("{} eV", energy.value()), "--energy".to_owned(), "eV"));
        return Ok(Some(energy));
    }
    let Some(found) = found else { return Ok(None) };
    let unit = match energy_unit_of(path, &found.dataset, found.unit.as_deref())? {
        Some(unit) => unit,
        None if ENERGY_RANGE.contains(&found.value) => crate::scan::EnergyUnit::ElectronVolt,
        None if found.value < 1e-12 => crate::scan::EnergyUnit::Joule,
        None => crate::scan::EnergyUnit::KiloElectronVolt,
    };
    let energy = unit.energy(found.value);
    check_energy(path, &found.dataset, energy)?;
    ingredients.push(line("energy", format!("{} eV", energy.value()), found.dataset, unit.name()));
    Ok(Some(energy))
}

/// One row of what came from where.
pub(super) fn line(name: &'static str, value: String, source: String, read_as: &str) -> Ingredient {
    Ingredient { name, value, source, read_as: read_as.to_owned() }
}

fn wrong_shape(path: &Path, dataset: &str, found: &[usize], expected: &str) -> IoError {
    IoError::WrongShape {
        path: path.to_owned(),
        dataset: dataset.to_owned(),
        found: found.to_vec(),
        expected: expected.to_owned(),
    }
}

/// The projections in an HDF5 dataset: their axes named by the options, else found by the number of angles. Axes of
/// length 1 beyond three are dropped, the last first.
pub(crate) fn h5_projections(
    file: &H5File,
    dataset: &str,
    angles: Option<usize>,
    options: &TiltOptions,
) -> Result<(FoundProjections, Vec<String>), IoError> {
    let stored = file.shape(dataset)?;
    let Some(three) = three_places(&stored) else {
        return Err(file.wrong_shape(dataset, stored, "projections of three axes, one of them the angle"));
    };
    let mut warnings = Vec::new();
    let order = options.axes.unwrap_or_else(|| {
        let fits = |order: &TiltAxes| Some(stored[three[order.places()[0]]]) == angles;
        let usual = TiltAxes::AngleYX;
        if angles.is_none() || fits(&usual) {
            return usual;
        }
        let other = TiltAxes::ALL.into_iter().find(fits);
        if let Some(order) = other {
            warnings.push(format!("{dataset} was read as {}, the axis of the angles", order.name()));
        }
        other.unwrap_or(usual)
    });
    let axes = order.places().map(|place| three[place]);
    let (stored_type, complex) = file.number_type(dataset)?;
    let found = FoundProjections {
        shape: axes.map(|axis| stored[axis]),
        projections: ProjectionsPlan::Hdf5 { dataset: dataset.to_owned(), stored, axes },
        places: None,
        source: dataset.to_owned(),
        stored_type,
        complex,
    };
    Ok((found, warnings))
}

/// The three axes that are left where axes of length 1 beyond three are dropped.
pub(crate) fn three_places(shape: &[usize]) -> Option<[usize; 3]> {
    let mut axes: Vec<usize> = (0..shape.len()).collect();
    while axes.len() > 3 {
        let single = axes.iter().rposition(|&axis| shape[axis] == 1)?;
        axes.remove(single);
    }
    axes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_of_length_one_are_dropped_from_the_end() {
        assert_eq!(three_places(&[5, 3, 4]), Some([0, 1, 2]));
        assert_eq!(three_places(&[1, 5, 1, 4]), Some([0, 1, 3]));
        assert_eq!(three_places(&[5, 3, 4, 2]), None);
        assert_eq!(three_places(&[5, 3]), None);
    }
}
