//! A small scan to write and read, and HDF5 files made by hand.

use litho_types::C32;
use litho_types::frames::Frames;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::mask::{DetectorMask, bits};
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::scan::{FrameOrigin, Positions, Scan};
use ndarray::{Array3, ArrayView, Dimension};
use std::path::Path;

/// Frames, pixels per side.
pub(crate) const COUNT: usize = 6;
pub(crate) const SIDE: usize = 12;

/// Six frames of 12 × 12 at 8 keV, 2 m, 75 µm; positions every 3.3 object pixels; one
/// invalid pixel and a probe of two modes. Frames are far from symmetric, so
/// that no flip or transposition can hide.
pub(crate) fn scan() -> Scan {
    let geometry = Geometry {
        energy: ElectronVolts::new(8_000.0),
        distance: Metres::new(2.0),
        detector_pixel: Point::new(Metres::new(75e-6), Metres::new(75e-6)),
        propagation: Propagation::FarField,
    };
    let step = geometry.object_pixel((SIDE, SIDE)).y.value() * 3.3;
    let position = |n: usize| {
        Point::new(Metres::new(step * (n / 3) as f64 - 1e-7), Metres::new(step * (n % 3) as f64 * 1.1 + 3e-7))
    };
    let mut mask = DetectorMask::all_good((SIDE, SIDE));
    mask.flag((3, 5), bits::INVALID);
    Scan {
        frames: Frames::U16(Array3::from_shape_fn((COUNT, SIDE, SIDE), |(n, y, x)| {
            (n * 1000 + y * 50 + x * x + 1) as u16
        })),
        origin: FrameOrigin::Corner,
        mask,
        positions: Positions::Metres((0..COUNT).map(position).collect()),
        geometry: Some(geometry),
        probe: Some(Array3::from_shape_fn((2, SIDE, SIDE), |(m, y, x)| {
            C32::new((m + y) as f32 * 0.5, x as f32 - 3.0)
        })),
        warnings: Vec::new(),
    }
}

/// An HDF5 file made by hand.
pub(crate) fn hdf5(path: &Path) -> hdf5::File {
    hdf5::File::create(path).expect("created")
}

/// Adds a dataset.
pub(crate) fn put<'a, T: hdf5::H5Type, D: Dimension>(
    file: &hdf5::File,
    name: &str,
    data: impl Into<ArrayView<'a, T, D>>,
) {
    file.new_dataset_builder().with_data(data).create(name).expect("a dataset");
}

/// Adds a number.
pub(crate) fn number(file: &hdf5::File, name: &str, value: f64) {
    put(file, name, ndarray::arr0(value).view());
}

/// Replaces a dataset.
pub(crate) fn replace<'a, T: hdf5::H5Type, D: Dimension>(
    path: &Path,
    name: &str,
    data: impl Into<ArrayView<'a, T, D>>,
) {
    let file = hdf5::File::open_rw(path).expect("opened");
    file.unlink(name).expect("unlinked");
    put(&file, name, data);
}
