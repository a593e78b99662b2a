//! What users bring that cannot be read: every case is an error that says what, where and how to mend it.

use crate::fixtures::{COUNT, SIDE, hdf5, number, put, replace, scan};
use litho_io::{
    BadCounts, ErrorClass, Format, IoError, KeyNames, LengthUnit, ReadOptions, plan, read, write_cxi,
    write_scan,
};
use litho_types::mask::{MaskPolarity, bits};
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::scan::Scan;
use ndarray::{Array2, Array3, Array4};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const DATA: &str = "/entry_1/instrument_1/detector_1/data";
const MASK: &str = "/entry_1/instrument_1/detector_1/mask";
const ENERGY: &str = "/entry_1/instrument_1/source_1/energy";
const TRANSLATION: &str = "/entry_1/sample_1/geometry_1/translation";

/// A valid CXI file to spoil.
fn cxi() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.cxi");
    write_cxi(&path, &scan()).expect("written");
    (folder, path)
}

fn open(path: &Path, options: &ReadOptions) -> Result<Scan, IoError> {
    plan(path, options).and_then(|plan| read(&plan))
}

/// The error of reading `path`; its message must hold every one of `words`.
fn refused(path: &Path, options: &ReadOptions, words: &[&str]) -> IoError {
    let error = open(path, options).expect_err("must be refused");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in: {text}");
    }
    error
}

fn refused_data(path: &Path, words: &[&str]) {
    assert_eq!(refused(path, &ReadOptions::default(), words).class(), ErrorClass::Data);
}

#[test]
fn a_file_that_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.cxi");
    let missing = refused(&path, &ReadOptions::default(), &["scan.cxi", "open"]);
    assert_eq!(missing.class(), ErrorClass::User);
    assert_eq!(refused(folder.path(), &ReadOptions::default(), &["folder"]).class(), ErrorClass::User);
    std::fs::write(&path, b"").expect("written");
    refused_data(&path, &["empty"]);
    std::fs::write(&path, b"x,y\n1,2\n").expect("written");
    refused_data(&path, &["text file"]);
    std::fs::write(&path, [0_u8; 4096]).expect("written");
    refused_data(&path, &["does not begin"]);
}

#[test]
fn a_truncated_file() {
    let (_folder, path) = cxi();
    let bytes = std::fs::read(&path).expect("read");
    for keep in [9, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..keep]).expect("written");
        refused_data(&path, &["truncated or damaged"]);
    }
}

#[test]
fn an_unknown_layout_lists_what_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.h5");
    put(&hdf5(&path), "/measurement/images", Array3::<u16>::ones((2, 4, 4)).view());
    refused_data(&path, &["measurement", "name the format"]);
    let keys = KeyNames { frames: Some("/measurement/image".to_owned()), ..KeyNames::default() };
    let options = ReadOptions { keys, ..ReadOptions::default() };
    refused(&path, &options, &["/measurement/image", "/measurement/images"]);
    refused(&path, &ReadOptions { format: Some(Format::Generic), ..ReadOptions::default() }, &["frames"]);
}

#[test]
fn a_missing_dataset_lists_near_names() {
    let (_folder, path) = cxi();
    let file = hdf5::File::open_rw(&path).expect("opened");
    file.relink(DATA, "/entry_1/instrument_1/detector_1/dat").expect("renamed");
    file.unlink("/entry_1/data_1/data").expect("unlinked");
    drop(file);
    refused_data(&path, &[DATA, "detector_1/dat,"]);
}

#[test]
fn objects_of_the_wrong_kind() {
    let (_folder, path) = cxi();
    let file = hdf5::File::open_rw(&path).expect("opened");
    file.unlink(DATA).expect("unlinked");
    file.create_group(DATA).expect("a group");
    drop(file);
    refused_data(&path, &[DATA, "a group", "a dataset"]);
    let (_folder, path) = cxi();
    let text: hdf5::types::VarLenUnicode = "8 keV".parse().expect("text");
    replace(&path, ENERGY, ndarray::arr0(text).view());
    refused_data(&path, &[ENERGY, "real numbers"]);
    let file = hdf5::File::open_rw(&path).expect("opened");
    file.unlink(ENERGY).expect("unlinked");
    file.new_dataset::<f64>().shape(hdf5::Extents::Null).create(ENERGY).expect("null");
    drop(file);
    refused_data(&path, &[ENERGY, "null"]);
}

#[test]
fn frames_of_the_wrong_shape() {
    let (_folder, path) = cxi();
    replace(&path, DATA, Array2::<u16>::ones((COUNT, SIDE)).view());
    refused_data(&path, &[DATA, "[6, 12]", "(N, y, x)"]);
    replace(&path, DATA, Array3::<u16>::ones((COUNT + 1, SIDE, SIDE)).view());
    refused_data(&path, &["[6, 2]", "each of the 7 frames"]);
    replace(&path, DATA, Array3::<u16>::ones((0, SIDE, SIDE)).view());
    refused_data(&path, &["[0, 12, 12]"]);
}

#[test]
fn frames_that_were_never_written_or_exceed_the_memory() {
    let (_folder, path) = cxi();
    let announce = |shape: [usize; 3]| {
        let file = hdf5::File::open_rw(&path).expect("opened");
        file.unlink(DATA).expect("unlinked");
        file.new_dataset::<u16>().chunk((1, SIDE, SIDE)).shape(shape).create(DATA).expect("announced");
    };
    announce([COUNT, SIDE, SIDE]);
    refused_data(&path, &["no frame was ever written"]);
    announce([1 << 40, 1 << 10, 1 << 10]);
    refused_data(&path, &[DATA, "no frame was ever written"]);
    // A stack may be larger than the memory, for it can stream; a frame may not.
    announce([COUNT, 1 << 20, 1 << 20]);
    refused_data(&path, &[DATA, "bytes", "free"]);
}

#[test]
fn impossible_counts_are_rejected_or_masked_or_zeroed() {
    let (_folder, path) = cxi();
    let mut frames = Array3::<f32>::ones((COUNT, SIDE, SIDE));
    frames[(2, 7, 4)] = f32::NAN;
    frames[(4, 1, 1)] = -3.0;
    // A masked pixel may hold anything.
    frames[(0, 3, 5)] = f32::NEG_INFINITY;
    replace(&path, DATA, frames.view());
    refused_data(&path, &[DATA, "NaN", "frame 2, y 7, x 4", "--bad-counts"]);
    let with = |bad_counts| open(&path, &ReadOptions { bad_counts, ..ReadOptions::default() }).expect("read");
    let masked = with(BadCounts::Mask);
    assert_eq!(masked.mask.bits()[(7, 4)], bits::BAD);
    assert_eq!(masked.mask.bits()[(1, 1)], bits::BAD);
    assert_eq!(masked.mask.good_count(), SIDE * SIDE - 3);
    assert!(masked.warnings.iter().any(|w| w.contains("2 pixels")), "{:?}", masked.warnings);
    assert_eq!(masked.frames.frame(2)[(7, 4)], 0.0);
    let zeroed = with(BadCounts::Zero);
    assert_eq!(zeroed.mask.good_count(), SIDE * SIDE - 2);
    assert_eq!(zeroed.frames.frame(4)[(1, 1)], 0.0);
}

#[test]
fn signed_and_wide_integers_are_checked() {
    let (_folder, path) = cxi();
    let mut frames = Array3::<i32>::ones((COUNT, SIDE, SIDE));
    frames[(1, 0, 3)] = -2;
    replace(&path, DATA, frames.view());
    refused_data(&path, &["-2", "frame 1, y 0, x 3"]);
    let mut frames = Array3::<u64>::ones((COUNT, SIDE, SIDE));
    frames[(5, 11, 11)] = 1 << 40;
    replace(&path, DATA, frames.view());
    refused_data(&path, &["1099511627776", "frame 5, y 11, x 11"]);
}

#[test]
fn a_scan_without_light() {
    let (_folder, path) = cxi();
    replace(&path, DATA, Array3::<u16>::zeros((COUNT, SIDE, SIDE)).view());
    refused_data(&path, &["no frame holds a count"]);
}

#[test]
fn masks_that_do_not_fit_or_leave_nothing() {
    let (_folder, path) = cxi();
    replace(&path, MASK, Array2::<u32>::zeros((SIDE, SIDE + 1)).view());
    refused_data(&path, &[MASK, "[12, 13]", "(12, 12)"]);
    replace(&path, MASK, Array2::<u32>::ones((SIDE, SIDE)).view());
    refused_data(&path, &[MASK, "leaves no pixel", "polarity"]);
    let keys = KeyNames { mask_polarity: Some(MaskPolarity::NonZeroIsGood), ..KeyNames::default() };
    let scan = open(&path, &ReadOptions { keys, ..ReadOptions::default() }).expect("ones are good");
    assert_eq!(scan.mask.good_count(), SIDE * SIDE);
}

#[test]
fn positions_that_are_none() {
    let (_folder, path) = cxi();
    let mut moved = Array2::<f64>::from_shape_fn((COUNT, 3), |(n, axis)| (n + axis) as f64 * 1e-6);
    moved[(3, 1)] = f64::NAN;
    replace(&path, TRANSLATION, moved.view());
    refused_data(&path, &[TRANSLATION, "position 3", "NaN"]);
    replace(&path, TRANSLATION, Array2::<f64>::zeros((COUNT, 3)).view());
    refused_data(&path, &[TRANSLATION, "span"]);
    replace(&path, TRANSLATION, Array2::<f64>::zeros((COUNT, 5)).view());
    refused_data(&path, &[TRANSLATION, "[6, 5]", "(N, 3)"]);
}

#[test]
fn units_that_slipped() {
    let (_folder, path) = cxi();
    replace(&path, ENERGY, ndarray::arr0(12.658).view());
    refused_data(&path, &[ENERGY, "12.658", "keV", "--energy 12658"]);
    for nonsense in [0.0, f64::NAN, -8000.0] {
        replace(&path, ENERGY, ndarray::arr0(nonsense).view());
        refused_data(&path, &["photon energy"]);
    }
    let options = ReadOptions { energy: Some(ElectronVolts::new(8000.0)), ..ReadOptions::default() };
    assert!(open(&path, &options).is_ok(), "the caller's energy replaces the file's");
    let options = ReadOptions { distance: Some(Metres::new(2000.0)), ..options };
    refused(&path, &options, &["distance", "mm", "--distance 2"]);
    // Positions in micrometres: 3.3 pixels of 344 nm are 1.1, read as metres 10⁶ times too far apart.
    let (_folder, path) = cxi();
    let moved = Array2::<f64>::from_shape_fn((COUNT, 3), |(n, axis)| (n + axis) as f64 * 1.1);
    replace(&path, TRANSLATION, moved.view());
    refused_data(&path, &[TRANSLATION, "micrometres"]);
    let keys = KeyNames { position_unit: Some(LengthUnit::Micrometre), ..KeyNames::default() };
    assert!(open(&path, &ReadOptions { keys, ..ReadOptions::default() }).is_ok());
}

#[test]
fn part_of_a_geometry_names_the_rest() {
    let (_folder, path) = cxi();
    let file = hdf5::File::open_rw(&path).expect("opened");
    file.unlink("/entry_1/instrument_1/detector_1/distance").expect("unlinked");
    drop(file);
    refused_data(&path, &["distance", "--distance"]);
}

#[test]
fn a_dangling_link_names_its_target() {
    let (_folder, path) = cxi();
    let file = hdf5::File::open_rw(&path).expect("opened");
    file.unlink(DATA).expect("unlinked");
    file.link_external("frames_of_last_night.h5", "/data", DATA).expect("linked");
    drop(file);
    refused_data(&path, &[DATA, "frames_of_last_night.h5"]);
}

#[test]
fn a_pair_without_its_second_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan_dp.hdf5");
    write_scan(&path, &scan(), Format::Ptychodus).expect("written");
    std::fs::remove_file(folder.path().join("scan_para.hdf5")).expect("removed");
    refused_data(&path, &["scan_para.hdf5"]);
}

#[test]
fn options_that_contradict_each_other() {
    let (_folder, path) = cxi();
    let options = ReadOptions {
        regime: Some(litho_io::Regime::FarField),
        focus_to_sample: Some(Metres::new(1e-3)),
        ..ReadOptions::default()
    };
    assert_eq!(refused(&path, &options, &["--focus-distance"]).class(), ErrorClass::User);
    let none = ReadOptions { frame_limit: Some(0), ..ReadOptions::default() };
    assert_eq!(refused(&path, &none, &["frame limit"]).class(), ErrorClass::User);
    let elsewhere = ReadOptions { positions: Some("nowhere.csv".to_owned()), ..ReadOptions::default() };
    assert_eq!(refused(&path, &elsewhere, &["nowhere.csv"]).class(), ErrorClass::User);
}

#[test]
fn a_raster_of_frames_is_flattened() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("raster.h5");
    let frames = Array4::from_shape_fn((2, 3, SIDE, SIDE), |(r, c, y, x)| (r * 300 + c * 100 + y + x) as u16);
    let file = hdf5(&path);
    put(&file, "/frames", frames.view());
    put(&file, "/scan", Array2::from_shape_fn((6, 2), |(n, axis)| (n * 2 + axis) as f64).view());
    number(&file, "/unused", 1.0);
    drop(file);
    let scan = open(&path, &ReadOptions::default()).expect("read");
    assert_eq!(scan.frames.frame(5)[(1, 2)], 300.0 + 200.0 + 3.0);
    let limited = ReadOptions { frame_limit: Some(4), ..ReadOptions::default() };
    assert_eq!(open(&path, &limited).expect("read").frames, scan.frames.select(&[0, 1, 2, 3]));
}
