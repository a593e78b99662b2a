//! One scan written in every format comes back as it was.

use crate::fixtures::{SIDE, scan};
use litho_io::{Format, KeyNames, ReadOptions, plan, read, write_cxi, write_scan};
use litho_types::frames::Frames;
use litho_types::geometry::Propagation;
use litho_types::mask::{DetectorMask, bits};
use litho_types::placement::Placement;
use litho_types::point::Point;
use litho_types::quantity::{Metres, Pixels};
use litho_types::scan::{FrameOrigin, Positions, Scan};
use ndarray::Array3;
use std::path::Path;

/// Two changes of unit (there and back), each a multiplication and a division by
/// rounded constants: a few units in the last place.
const UNIT_ROUNDING: f64 = 8.0 * f64::EPSILON;

pub(crate) fn options(format: Format) -> ReadOptions {
    let mut options = ReadOptions::default();
    if format == Format::Generic {
        let name = |text: &str| Some(text.to_owned());
        options.keys = KeyNames {
            frames: name("/frames"),
            positions: name("/positions"),
            mask: name("/mask"),
            probe: name("/probe"),
            energy: name("/energy"),
            distance: name("/distance"),
            pixel: name("/pixel"),
            ..KeyNames::default()
        };
    }
    options
}

pub(crate) fn file_name(format: Format) -> &'static str {
    match format {
        Format::Ptychodus => "scan_dp.hdf5",
        Format::Eiger => "scan_master.h5",
        _ => "scan.h5",
    }
}

fn there_and_back(scan: &Scan, format: Format) -> Scan {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(file_name(format));
    write_scan(&path, scan, format).expect("written");
    let plan = plan(&path, &options(format)).expect("planned");
    assert_eq!(plan.format, format, "the format must be told from the contents");
    read(&plan).expect("read")
}

fn close(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() <= UNIT_ROUNDING
}

fn placed(scan: &Scan) -> Placement {
    let pixels: Vec<Point<Pixels>> = match (&scan.positions, scan.object_pixel()) {
        (Positions::Metres(all), Some(pixel)) => {
            all.iter().map(|p| Point::new(Pixels::new(p.y / pixel.y), Pixels::new(p.x / pixel.x))).collect()
        }
        (Positions::Pixels(all), _) => all.clone(),
        _ => panic!("metres without a geometry"),
    };
    Placement::plan(&pixels, scan.frames.shape(), 2).expect("placed")
}

fn assert_same(back: &Scan, original: &Scan, format: Format) {
    let name = format.name();
    assert_eq!(back.frames, original.frames, "{name}");
    assert_eq!(back.origin, original.origin, "{name}");
    assert_eq!(back.mask, original.mask, "{name}");
    assert_eq!(back.warnings, original.warnings, "{name}");
    assert_eq!(placed(back).corners, placed(original).corners, "{name}");
    if format != Format::Tike {
        assert_eq!(back.positions, original.positions, "{name}: metres need no change of unit");
        let (a, b) = (back.geometry.expect("a geometry"), original.geometry.expect("a geometry"));
        assert!(close(a.energy.value(), b.energy.value()), "{name}: {} {}", a.energy, b.energy);
        assert_eq!((a.distance, a.propagation), (b.distance, b.propagation), "{name}");
        assert!(close(a.detector_pixel.y.value(), b.detector_pixel.y.value()), "{name}");
        assert!(close(a.detector_pixel.x.value(), b.detector_pixel.x.value()), "{name}");
    }
    if !matches!(format, Format::Ptyd | Format::Eiger) {
        assert_eq!(back.probe, original.probe, "{name}");
    }
}

#[test]
fn every_format_gives_the_same_scan_back() {
    for format in Format::ALL {
        let mut original = scan();
        if format == Format::Eiger {
            // NeXus has no bit for "invalid"; "missing" has one in both.
            original.mask = DetectorMask::all_good((SIDE, SIDE));
            original.mask.flag((3, 5), bits::MISSING);
        }
        assert_same(&there_and_back(&original, format), &original, format);
    }
}

#[test]
fn every_number_type_survives_in_cxi() {
    let shape = (6, SIDE, SIDE);
    let value = |(n, y, x): (usize, usize, usize)| n * 40 + y + x;
    for frames in [
        Frames::U8(Array3::from_shape_fn(shape, |at| value(at) as u8)),
        Frames::U16(Array3::from_shape_fn(shape, |at| value(at) as u16)),
        Frames::U32(Array3::from_shape_fn(shape, |at| value(at) as u32 * 10_000_000)),
        Frames::F32(Array3::from_shape_fn(shape, |at| value(at) as f32 * 0.37)),
    ] {
        let original = Scan { frames, ..scan() };
        assert_same(&there_and_back(&original, Format::Cxi), &original, Format::Cxi);
    }
}

#[test]
fn all_mask_bits_and_oblong_pixels_survive_in_cxi() {
    let mut original = scan();
    let reasons =
        [bits::SATURATED, bits::HOT, bits::DEAD, bits::SHADOWED, bits::BAD, bits::MISSING, bits::NOISY];
    for (x, reason) in reasons.into_iter().chain([bits::HAS_SIGNAL, bits::INSIDE_SUPPORT]).enumerate() {
        original.mask.flag((7, x), reason);
    }
    if let Some(geometry) = &mut original.geometry {
        geometry.detector_pixel = Point::new(Metres::new(75e-6), Metres::new(60e-6));
    }
    original.origin = FrameOrigin::Centre;
    for format in [Format::Cxi, Format::NxCxiPtycho] {
        assert_same(&there_and_back(&original, format), &original, format);
    }
}

#[test]
fn a_near_field_scan_survives_with_its_focus() {
    let mut original = scan();
    let Positions::Metres(positions) = &mut original.positions else { panic!("metres") };
    for position in positions.iter_mut() {
        *position = position.map(|v| v * 20.0);
    }
    let distance = original.geometry.expect("a geometry").distance;
    // A focus as far upstream as the detector is downstream magnifies twice: the same object pixel of 5 µm.
    for (focus_to_sample, pixel) in [(None, 5e-6), (Some(distance), 10e-6)] {
        if let Some(geometry) = &mut original.geometry {
            geometry.propagation = Propagation::NearField { focus_to_sample };
            geometry.detector_pixel = Point::new(Metres::new(pixel), Metres::new(pixel));
        }
        assert_same(&there_and_back(&original, Format::Cxi), &original, Format::Cxi);
    }
    let refused = write_scan(Path::new("never-written.ptyd"), &original, Format::Ptyd);
    assert!(refused.is_err() && !Path::new("never-written.ptyd").exists());
}

#[test]
fn a_scan_in_pixels_stays_in_pixels() {
    let mut original = scan();
    original.geometry = None;
    original.positions = Positions::Pixels(
        placed(&scan())
            .corners
            .iter()
            .map(|c| Point::new(Pixels::new(c[0] as f64 + 0.25), Pixels::new(c[1] as f64 - 0.125)))
            .collect(),
    );
    let back = there_and_back(&original, Format::Tike);
    assert_eq!(back, original);
    let folder = tempfile::tempdir().expect("a folder");
    assert!(write_cxi(&folder.path().join("scan.cxi"), &original).is_err(), "CXI knows metres only");
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 0, "nothing may be left");
}

#[test]
fn part_of_a_scan_can_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.cxi");
    write_cxi(&path, &scan()).expect("written");
    let options = ReadOptions { frame_limit: Some(2), ..ReadOptions::default() };
    let back = read(&plan(&path, &options).expect("planned")).expect("read");
    assert_eq!(back.frames, scan().frames.select(&[0, 1]));
    assert_eq!(back.positions, scan().positions.select(&[0, 1]));
}

#[test]
fn most_energies_survive_to_the_bit() {
    // A multiplication by a constant skips some doubles, so not every energy has a stored form
    // that reads back exactly; the rest must be off by no more than the last place.
    let mut exact = 0;
    for energy in [5421.0, 8000.0, 12_658.0, 710.2, 853.55, 9_659.123_4, 2_838.5, 17_479.34] {
        let mut original = scan();
        if let Some(geometry) = &mut original.geometry {
            geometry.energy = litho_types::quantity::ElectronVolts::new(energy);
            // λz stays, and with it the pixel of the object.
            geometry.distance = Metres::new(2.0 * energy / 8000.0);
        }
        for format in [Format::Cxi, Format::Ptyd, Format::PtyLab] {
            let back = there_and_back(&original, format).geometry.expect("a geometry").energy.value();
            assert!((back / energy - 1.0).abs() <= f64::EPSILON, "{}: {back}", format.name());
            exact += usize::from(back == energy);
        }
    }
    assert!(exact >= 18, "{exact} of 24");
}
