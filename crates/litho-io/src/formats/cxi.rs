//! CXI 1.6 (Maia, Nature Methods 9, 854 (2012); cxidb.org), with the probe and
//! near-field additions of the COSMIC/SHARP dialect.
//!
//! SI units, energy in joules. `translation` (N, 3) is how far the sample moved
//! along x, y, z; the beam moved the other way on the object. `basis_vectors`
//! hold the steps in space along the rows and columns of a frame.

use crate::error::IoError;
use crate::h5::{H5File, H5Writer};
use crate::scan::{
    Draft, EnergyUnit, LengthUnit, MaskPlan, PositionSense, ProbePlan, RawEnergy, RawLength, RawPositions,
    ReadOptions, Regime, energy_unit_of, inspect_frames, length_unit_of, xyz_rows,
};
use litho_types::geometry::{Geometry, Propagation};
use litho_types::mask::MaskPolarity;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::Array2;

pub(super) const DETECTOR: &str = "/entry_1/instrument_1/detector_1";
/// Focus to sample, m: an addition of ours, for CXI has no place for it.
const FOCUS: &str = "/entry_1/instrument_1/source_1/focus_to_sample";
pub(super) const SOURCE: &str = "/entry_1/instrument_1/source_1";
pub(super) const DATA: &str = "/entry_1/data_1";
pub(super) const TRANSLATION: &str = "/entry_1/sample_1/geometry_1/translation";

/// Energies in joules lie below this, energies in electronvolts above.
const JOULES_BELOW: f64 = 1e-12;
/// Above this it is the energy of the storage ring (eV), which NeXus keeps under the same name.
const MACHINE_ENERGY_ABOVE: f64 = 1e8;
/// How far energy and wavelength of one file may disagree before it is told.
const ENERGY_AGREEMENT: f64 = 1e-3;

/// What a CXI file holds.
pub(crate) fn draft(file: &H5File, options: &ReadOptions) -> Result<Draft, IoError> {
    let mut draft = detector_draft(file, options)?;
    draft.energy = photon_energy(file, &mut draft.warnings)?;
    if options.positions.is_none() {
        draft.positions = translation(file, options)?;
    }
    Ok(draft)
}

/// Everything but energy and positions; NXcxi_ptycho shares it.
pub(super) fn detector_draft(file: &H5File, options: &ReadOptions) -> Result<Draft, IoError> {
    let detector = |name: &str| format!("{DETECTOR}/{name}");
    let stored = [detector("data"), format!("{DATA}/data")];
    let frames = match &options.keys.frames {
        Some(name) => name.clone(),
        None => stored.iter().find(|name| file.link_exists(name)).unwrap_or(&stored[0]).clone(),
    };
    let mut draft = Draft::new(inspect_frames(file, &frames)?);
    draft.distance = length(file, &detector("distance"))?;
    draft.pixel = pixel(file, &mut draft.warnings)?;
    if let Some(near) = file.number_at(&[&detector("near_field")])?
        && near.value != 0.0
    {
        draft.regime = Regime::NearField;
        draft.focus = length(file, FOCUS)?;
    }
    draft.mask = file.link_exists(&detector("mask")).then(|| MaskPlan {
        file: file.path().to_owned(),
        datasets: vec![detector("mask")],
        polarity: MaskPolarity::CxiBits,
    });
    let probes = [format!("{SOURCE}/probe"), detector("probe")];
    let probe = probes.into_iter().find(|name| file.has_dataset(name));
    draft.probe = probe.map(|dataset| ProbePlan { file: file.path().to_owned(), dataset });
    if file.link_exists(&detector("data_dark")) {
        draft.warnings.push(format!("{DETECTOR}/data_dark is there and was not subtracted from the frames"));
    }
    Ok(draft)
}

pub(super) fn length(file: &H5File, name: &str) -> Result<Option<RawLength>, IoError> {
    let Some(stored) = file.number_at(&[name])? else { return Ok(None) };
    let unit = length_unit_of(file.path(), name, stored.unit.as_deref())?.unwrap_or(LengthUnit::Metre);
    Ok(Some(RawLength { stored, unit }))
}

/// `energy` in J, or in eV as some writers have it; `wavelength` in m where there is none.
fn photon_energy(file: &H5File, warnings: &mut Vec<String>) -> Result<Option<RawEnergy>, IoError> {
    let wavelength = file.number_at(&[&format!("{SOURCE}/wavelength")])?;
    let from_wavelength = wavelength.map(|stored| RawEnergy { stored, unit: EnergyUnit::WavelengthMetre });
    let Some(stored) = file.number_at(&[&format!("{SOURCE}/energy")])? else { return Ok(from_wavelength) };
    let stated = energy_unit_of(file.path(), &stored.dataset, stored.unit.as_deref())?;
    let sniffed = if stored.value < JOULES_BELOW { EnergyUnit::Joule } else { EnergyUnit::ElectronVolt };
    let energy = RawEnergy { unit: stated.unwrap_or(sniffed), stored };
    if energy.unit == EnergyUnit::ElectronVolt && energy.stored.value > MACHINE_ENERGY_ABOVE {
        warnings.push(format!("{} is the energy of the storage ring and is not used", energy.stored.dataset));
        return Ok(from_wavelength);
    }
    if let Some(other) = from_wavelength {
        let (a, b) = (energy.energy(), other.energy());
        if (a / b - 1.0).abs() > ENERGY_AGREEMENT {
            warnings.push(format!("energy says {a}, wavelength says {b}; the energy is used"));
        }
    }
    Ok(Some(energy))
}

/// Pixel along rows and columns of the stored frame: the named sizes, assigned by the basis vectors if given.
fn pixel(file: &H5File, warnings: &mut Vec<String>) -> Result<Option<Point<RawLength>>, IoError> {
    let x = length(file, &format!("{DETECTOR}/x_pixel_size"))?;
    let y = length(file, &format!("{DETECTOR}/y_pixel_size"))?;
    let basis = basis_vectors(file)?;
    let norm = |v: [f64; 3]| v[0].hypot(v[1]).hypot(v[2]);
    let along = |index: usize| basis.map(|rows| norm(rows[index]));
    let from_basis = |value: f64| {
        let dataset = format!("{DETECTOR}/basis_vectors");
        RawLength::in_metres(crate::h5::Located { dataset, value, unit: None })
    };
    match (y, x, along(0), along(1)) {
        (Some(y), Some(x), row, column) => {
            // Rows that step along x carry the x pixel size.
            let swapped = basis.is_some_and(|[row, _]| row[0].abs() > row[1].abs());
            let (along_rows, along_columns) = if swapped { (x, y) } else { (y, x) };
            let agrees = |length: &RawLength, step: Option<f64>| {
                step.is_none_or(|step| (length.metres().value() / step - 1.0).abs() < 0.01)
            };
            if !(agrees(&along_rows, row) && agrees(&along_columns, column)) {
                warnings.push("basis_vectors and pixel sizes disagree; the pixel sizes are used".to_owned());
            }
            Ok(Some(Point::new(along_rows, along_columns)))
        }
        (_, _, Some(row), Some(column)) => Ok(Some(Point::new(from_basis(row), from_basis(column)))),
        (Some(side), None, ..) | (None, Some(side), ..) => Ok(Some(Point::new(side.clone(), side))),
        _ => Ok(None),
    }
}

/// Steps along rows and columns, from (2, 3) or, as some write it, (3, 2).
fn basis_vectors(file: &H5File) -> Result<Option<[[f64; 3]; 2]>, IoError> {
    let name = format!("{DETECTOR}/basis_vectors");
    if !file.link_exists(&name) {
        return Ok(None);
    }
    let stored = file.matrix(&name)?;
    let rows = match stored.dim() {
        (2, 3) => stored,
        (3, 2) => stored.reversed_axes(),
        _ => return Err(file.wrong_shape(&name, stored.shape().to_vec(), "(2, 3), or (3, 2) transposed")),
    };
    let row = |index: usize| [rows[(index, 0)], rows[(index, 1)], rows[(index, 2)]];
    let both = [row(0), row(1)];
    let usable = both.iter().all(|v| v.iter().all(|c| c.is_finite()) && v.iter().any(|c| *c != 0.0));
    if usable {
        Ok(Some(both))
    } else {
        Err(file.wrong_type(&name, "zero or not finite", "two steps in space"))
    }
}

/// Positions from `translation`: the displacement of the sample, seen along the rows and columns of a frame.
pub(super) fn translation(file: &H5File, options: &ReadOptions) -> Result<Option<RawPositions>, IoError> {
    let names = [TRANSLATION.to_owned(), format!("{DATA}/translation"), format!("{DETECTOR}/translation")];
    let named = options.keys.positions.clone();
    let Some(source) = named.or_else(|| names.into_iter().find(|name| file.link_exists(name))) else {
        return Ok(None);
    };
    let moved = xyz_rows(file, &source)?;
    let unit = length_unit_of(file.path(), &source, file.attr_text(&source, "units").as_deref())?;
    let basis = basis_vectors(file)?;
    let sense = options.position_sense.unwrap_or(PositionSense::Sample);
    Ok(Some(RawPositions {
        values: project(&moved, basis, sense),
        unit: options.keys.position_unit.or(unit).unwrap_or(LengthUnit::Metre),
        source,
        meaning: match sense {
            PositionSense::Sample => "sample displacement (x, y, z), sign reversed".to_owned(),
            PositionSense::Beam => "beam (x, y, z)".to_owned(),
        },
        object_pixel: None,
    }))
}

/// `(row, column)` of the beam for each displacement `(x, y, z)`.
///
/// Beam = −displacement, projected on the unit vectors along rows and columns.
/// Those are (0, −1, 0) and (−1, 0, 0) by default, so that `(row, column) = (+t_y, +t_x)`.
pub(super) fn project(
    moved: &Array2<f64>,
    basis: Option<[[f64; 3]; 2]>,
    sense: PositionSense,
) -> Vec<Point<f64>> {
    let sign = if sense == PositionSense::Sample { -1.0 } else { 1.0 };
    let unit = |v: [f64; 3]| {
        let norm = v[0].hypot(v[1]).hypot(v[2]);
        v.map(|component| component / norm)
    };
    let [row, column] = basis.map_or([[0.0, -1.0, 0.0], [-1.0, 0.0, 0.0]], |[r, c]| [unit(r), unit(c)]);
    let along = |t: ndarray::ArrayView1<'_, f64>, direction: [f64; 3]| {
        // A direction along an axis must not let NaN or −0 of another axis in.
        sign * (0..3).filter(|&k| direction[k] != 0.0).map(|k| t[k] * direction[k]).sum::<f64>()
    };
    moved.rows().into_iter().map(|t| Point::new(along(t, row), along(t, column))).collect()
}

/// Writes the parts that CXI and NXcxi_ptycho share.
pub(super) fn write_common(
    writer: &H5Writer,
    scan: &litho_types::scan::Scan,
    geometry: &Geometry,
    beam: &[Point<Metres>],
) -> Result<(), IoError> {
    let detector = |name: &str| format!("{DETECTOR}/{name}");
    super::write::frames(writer, &detector("data"), scan)?;
    writer.attr(&detector("data"), "axes", "translation:y:x")?;
    let (py, px) = (geometry.detector_pixel.y.value(), geometry.detector_pixel.x.value());
    writer.value(&detector("distance"), geometry.distance.value())?;
    writer.value(&detector("x_pixel_size"), px)?;
    writer.value(&detector("y_pixel_size"), py)?;
    writer.array(&detector("basis_vectors"), &ndarray::arr2(&[[0.0, -py, 0.0], [-px, 0.0, 0.0]]))?;
    if let Propagation::NearField { focus_to_sample } = geometry.propagation {
        writer.value(&detector("near_field"), 1_i64)?;
        if let Some(focus) = focus_to_sample {
            writer.value(FOCUS, focus.value())?;
        }
    }
    writer.array(&detector("mask"), scan.mask.bits())?;
    // With the default basis vectors the displacement is (t_x, t_y) = (column, row) of the beam.
    let moved = Array2::from_shape_fn((beam.len(), 3), |(n, axis)| match axis {
        0 => beam[n].x.value(),
        1 => beam[n].y.value(),
        _ => 0.0,
    });
    writer.array(TRANSLATION, &moved)?;
    if let Some(probe) = &scan.probe {
        writer.array(&format!("{SOURCE}/probe"), probe)?;
    }
    writer.group(DATA)?;
    writer.soft_link(&detector("data"), &format!("{DATA}/data"))?;
    for group in [DATA, DETECTOR] {
        writer.soft_link(TRANSLATION, &format!("{group}/translation"))?;
    }
    Ok(())
}

/// Writes a scan as CXI 1.6.
pub(super) fn write(writer: &H5Writer, scan: &litho_types::scan::Scan) -> Result<(), IoError> {
    let (geometry, beam) = super::write::in_metres(scan, writer.path())?;
    writer.value("/cxi_version", 160_i64)?;
    writer.value("/number_of_entries", 1_i64)?;
    writer.value(&format!("{SOURCE}/energy"), super::write::joules(geometry.energy))?;
    writer.value(&format!("{SOURCE}/wavelength"), geometry.wavelength().value())?;
    write_common(writer, scan, &geometry, beam)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn default_basis_gives_plus_y_plus_x() {
        let moved = arr2(&[[2.0, 3.0, 9.0]]);
        assert_eq!(project(&moved, None, PositionSense::Sample), vec![Point::new(3.0, 2.0)]);
        assert_eq!(project(&moved, None, PositionSense::Beam), vec![Point::new(-3.0, -2.0)]);
    }

    #[test]
    fn a_turned_detector_turns_the_positions() {
        // Rows step along +x, columns along +y, as for a camera rotated by 90°:
        // beam = −(2, 3) so row = −2, column = −3.
        let basis = Some([[5e-5, 0.0, 0.0], [0.0, 5e-5, 0.0]]);
        let beam = project(&arr2(&[[2.0, 3.0, 0.0]]), basis, PositionSense::Sample);
        assert_eq!(beam, vec![Point::new(-2.0, -3.0)]);
    }
}
