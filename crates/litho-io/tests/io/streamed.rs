//! A scan whose frames stream from disk is the scan that is read into memory.

use crate::fixtures::{COUNT, SIDE, hdf5, put, scan};
use crate::round_trip::{file_name, options};
use litho_io::{
    BadCounts, ErrorClass, Format, ReadOptions, plan, probe_modes, read, read_streamed, write_scan,
};
use litho_types::frames::Frames;
use litho_types::scan::Scan;
use ndarray::{Array2, Array3, Array4, ArrayView, Dimension};
use std::path::Path;

/// Reads a file both ways; frames, mask, origin, probe and warnings must be the same to the bit.
fn compare(path: &Path, options: &ReadOptions, what: &str) -> Scan {
    let plan = plan(path, options).expect("planned");
    let memory = read(&plan).expect("read");
    let folder = tempfile::tempdir().expect("a folder");
    let (streamed, health) = read_streamed(&plan, folder.path()).expect("read");
    assert!(matches!(streamed.frames, Frames::Stored(_)), "{what}");
    assert_eq!(streamed.frames.type_name(), memory.frames.type_name(), "{what}");
    assert_eq!(streamed.frames.shape(), memory.frames.shape(), "{what}");
    assert_eq!(streamed.frames.len(), memory.frames.len(), "{what}");
    for index in 0..memory.frames.len() {
        let bits = |scan: &Scan| scan.frames.frame(index).mapv(f32::to_bits);
        assert_eq!(bits(&streamed), bits(&memory), "{what}: frame {index}");
    }
    assert_eq!(Scan { frames: memory.frames.clone(), ..streamed }, memory, "{what}");
    assert_eq!(health.failure(), None, "{what}");
    let entries = std::fs::read_dir(folder.path()).expect("listed").count();
    assert_eq!(entries, 0, "{what}: a scratch file has no name");
    memory
}

#[test]
fn every_format_streams() {
    for format in Format::ALL {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(file_name(format));
        write_scan(&path, &scan(), format).expect("written");
        compare(&path, &options(format), format.name());
    }
}

/// Frames of any stored type, as a file that only names datasets.
fn of_type<'a, T: hdf5::H5Type, D: Dimension>(
    frames: impl Into<ArrayView<'a, T, D>>,
    bad_counts: BadCounts,
    what: &str,
) -> Scan {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plain.h5");
    let file = hdf5(&path);
    put(&file, "/frames", frames);
    put(&file, "/scan", Array2::from_shape_fn((COUNT, 2), |(n, axis)| (n * 2 + axis) as f64).view());
    drop(file);
    compare(&path, &ReadOptions { bad_counts, ..ReadOptions::default() }, what)
}

#[test]
fn every_number_type_streams_and_is_screened() {
    let value = |(n, y, x): (usize, usize, usize)| n * 17 + y + x;
    let counts = Array3::from_shape_fn((COUNT, SIDE, SIDE), value);
    of_type(counts.mapv(|v| v as u8).view(), BadCounts::Reject, "uint8");
    of_type(counts.mapv(|v| v as u64).view(), BadCounts::Reject, "uint64");
    let mut signed = counts.mapv(|v| v as i32);
    signed[(3, 4, 5)] = -1;
    let masked = of_type(signed.view(), BadCounts::Mask, "int32 with a masked count");
    assert_eq!(masked.mask.good_count(), SIDE * SIDE - 1);
    let zeroed = of_type(signed.mapv(f64::from).view(), BadCounts::Zero, "float64 with a count made zero");
    assert_eq!(zeroed.warnings.len(), 1, "{:?}", zeroed.warnings);
}

#[test]
fn a_raster_streams() {
    let value = |(r, c, y, x): (usize, usize, usize, usize)| (r * 300 + c * 100 + y + x) as u16;
    of_type(Array4::from_shape_fn((2, COUNT / 2, SIDE, SIDE), value).view(), BadCounts::Reject, "a raster");
}

#[test]
fn a_scratch_file_that_cannot_be_made_is_an_error_of_the_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.cxi");
    write_scan(&path, &scan(), Format::Cxi).expect("written");
    let plan = plan(&path, &ReadOptions::default()).expect("planned");
    assert_eq!(probe_modes(&plan).expect("read"), Some(2));
    let error = read_streamed(&plan, &folder.path().join("nowhere")).expect_err("no such folder");
    assert_eq!(error.class(), ErrorClass::User);
    let text = error.to_string();
    for word in ["create", "scratch file", "nowhere", "--stream never"] {
        assert!(text.contains(word), "`{word}` is missing in: {text}");
    }
}
