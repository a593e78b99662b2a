//! Writing a scan in any of the formats.

use super::{cxi, eiger, generic, nxcxi, ptychodus, ptyd, ptylab, tike};
use crate::error::IoError;
use crate::h5::H5Writer;
use crate::scan::Format;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres, Pixels};
use litho_types::scan::{FrameOrigin, Positions, Scan};
use std::path::Path;

/// Writes a scan as CXI 1.6: compressed frames, mask bits, geometry in SI units,
/// positions as displacements of the sample, and the probe if there is one.
///
/// # Errors
/// [`IoError`] if the scan has no geometry, or the file cannot be written; then nothing is left behind.
pub fn write_cxi(path: &Path, scan: &Scan) -> Result<(), IoError> {
    write_scan(path, scan, Format::Cxi)
}

/// Writes a scan in `format`. What the format has no place for is lost: the reasons
/// in the mask for `.ptyd` and ptychodus (only good and bad remain), the probe for
/// `.ptyd` and EIGER, the geometry for tike.
/// EIGER puts frames and positions into files beside the master (`…_data_000001.h5`,
/// `…_positions.csv`), ptychodus parameters into `…_para.hdf5`.
///
/// # Errors
/// [`IoError`] if the scan lacks what the format needs, or a file cannot be written.
pub fn write_scan(path: &Path, scan: &Scan, format: Format) -> Result<(), IoError> {
    let writer = H5Writer::create(path)?;
    match format {
        Format::Cxi => cxi::write(&writer, scan),
        Format::NxCxiPtycho => nxcxi::write(&writer, scan),
        Format::Ptyd => ptyd::write(&writer, scan),
        Format::Ptychodus => ptychodus::write(&writer, scan),
        Format::PtyLab => ptylab::write(&writer, scan),
        Format::Tike => tike::write(&writer, scan),
        Format::Eiger => eiger::write(&writer, scan),
        Format::Generic => generic::write(&writer, scan),
    }?;
    writer.commit()
}

/// Writes the frames and, beside them, where their zero frequency lies.
pub(super) fn frames(writer: &H5Writer, name: &str, scan: &Scan) -> Result<(), IoError> {
    writer.frames(name, &scan.frames)?;
    let origin = match scan.origin {
        FrameOrigin::Corner => "corner",
        FrameOrigin::Centre => "centre",
    };
    writer.attr(name, crate::scan::ORIGIN_ATTRIBUTE, origin)
}

/// Geometry and positions of a scan in metres.
pub(super) fn in_metres<'a>(scan: &'a Scan, path: &Path) -> Result<(Geometry, &'a [Point<Metres>]), IoError> {
    match (&scan.geometry, &scan.positions) {
        (Some(geometry), Positions::Metres(positions)) => Ok((*geometry, positions)),
        _ => Err(IoError::write(
            path,
            "the geometry",
            "the scan is in pixels, this format in metres: give energy, distance and pixel size",
        )),
    }
}

/// As [`in_metres`], for formats that know only the far field.
pub(super) fn in_far_field<'a>(
    scan: &'a Scan,
    path: &Path,
) -> Result<(Geometry, &'a [Point<Metres>]), IoError> {
    let (geometry, positions) = in_metres(scan, path)?;
    if geometry.propagation == Propagation::FarField {
        return Ok((geometry, positions));
    }
    Err(IoError::write(path, "the geometry", "this format has no place for a near-field geometry: write CXI"))
}

/// The number to store for `target`, beginning from `guess`: the one nearby from which a
/// reader's change of unit, `decode`, gives `target` back to the bit, where there is one.
pub(super) fn storable(guess: f64, target: f64, decode: impl Fn(f64) -> f64) -> f64 {
    let (up, down) = (guess.next_up(), guess.next_down());
    let nearby = [guess, up, down, up.next_up(), down.next_down()];
    nearby.into_iter().find(|stored| decode(*stored) == target).unwrap_or(guess)
}

/// A photon energy in joules, to be read back to the bit where possible.
pub(super) fn joules(energy: ElectronVolts) -> f64 {
    storable(energy.joules(), energy.value(), |stored| ElectronVolts::from_joules(stored).value())
}

/// The positions of a scan in object pixels.
pub(super) fn in_pixels(scan: &Scan) -> Vec<Point<Pixels>> {
    match (&scan.positions, scan.object_pixel()) {
        (Positions::Pixels(positions), _) => positions.clone(),
        (Positions::Metres(positions), Some(pixel)) => positions
            .iter()
            .map(|p| Point::new(Pixels::new(p.y / pixel.y), Pixels::new(p.x / pixel.x)))
            .collect(),
        (Positions::Metres(_), None) => Vec::new(),
    }
}

/// Positions as an (N, 2) array of (y, x).
pub(super) fn pairs(values: impl ExactSizeIterator<Item = (f64, f64)>) -> ndarray::Array2<f64> {
    let flat: Vec<f64> = values.flat_map(|(y, x)| [y, x]).collect();
    ndarray::Array2::from_shape_fn((flat.len() / 2, 2), |(row, column)| flat[2 * row + column])
}

/// 1 where the mask calls a pixel good, 0 elsewhere.
pub(super) fn good_flags(scan: &Scan) -> ndarray::Array2<u8> {
    scan.mask.good().mapv(u8::from)
}
