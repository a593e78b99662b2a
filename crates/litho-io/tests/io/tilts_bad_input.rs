//! Tilt series that cannot be read: every case is an error that says what, where and how to mend it, or a repair that
//! is told.

use crate::fixtures::{hdf5, put, replace};
use crate::stack::text;
use crate::tilts::{ANGLES, counts, density, exchange, nxtomo, open};
use litho_io::{AngleSource, AngleUnit, IoError, TiltOptions, TiltQuantity, write_tiff};
use litho_types::quantity::{ElectronVolts, Metres};
use ndarray::{Array2, Array3, s};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A valid Data Exchange file to spoil.
fn valid() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.h5");
    exchange(&path, &counts(), "theta:y:x");
    (folder, path)
}

/// The error of reading `path`; its message must hold every one of `words`.
fn refused(path: &Path, options: &TiltOptions, words: &[&str]) -> IoError {
    let error = open(path, options).expect_err("must be refused");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in: {text}");
    }
    error
}

/// The warnings of reading with these angles; together they must hold every one of `words`.
fn warned(angles: &[f64], options: &TiltOptions, words: &[&str]) {
    let (_folder, path) = valid();
    replace(&path, "exchange/theta", angles);
    let said = open(&path, options).expect("read").warnings.join("\n");
    for word in words {
        assert!(said.contains(word), "`{word}` is missing in: {said}");
    }
}

fn with_angles(angles: &[f64], words: &[&str]) {
    let (_folder, path) = valid();
    replace(&path, "exchange/theta", angles);
    refused(&path, &TiltOptions::default(), words);
}

#[test]
fn angles_that_make_no_series() {
    with_angles(&[0.0, 10.0, 20.0], &["/exchange/theta", "[3]", "4 projections", "missing"]);
    with_angles(&[0.0, f64::NAN, 20.0, 30.0], &["/exchange/theta", "projection 1", "NaN", "--angles"]);
    with_angles(&[0.0, 10.0, f64::INFINITY, 30.0], &["projection 2", "inf"]);
    with_angles(&[45.0; 4], &["4 angles, 1 of them different", "two angles or more"]);
    let (_folder, path) = valid();
    let one = counts().slice(s![..1, .., ..]).to_owned();
    replace(&path, "exchange/data", one.view());
    replace(&path, "exchange/theta", &[45.0]);
    refused(&path, &TiltOptions::default(), &["1 angles, 1 of them different"]);
}

#[test]
fn what_is_repaired_is_told() {
    let plain = TiltOptions::default();
    warned(&[10.0, 0.0, 30.0, 20.0], &plain, &["not ascending", "0° is projection 1", "sorted"]);
    warned(&[0.0, 10.0, 10.0, 20.0], &plain, &["1 of the 4 projections", "first 10°", "all of them count"]);
    warned(&[0.0, 1.0, 2.0, 3.1], &plain, &["states no unit", "radians", "--angle-unit deg"]);
    let degrees = TiltOptions { angle_unit: Some(AngleUnit::Degree), ..TiltOptions::default() };
    let (_folder, path) = valid();
    replace(&path, "exchange/theta", &[0.0, 1.0, 2.0, 3.1]);
    let said = open(&path, &degrees).expect("read").warnings.join("\n");
    assert!(!said.contains("radians"), "{said}");
    text(
        &hdf5::File::open_rw(&path).expect("opened").dataset("exchange/theta").expect("theta"),
        "units",
        "degrees",
    );
    let said = open(&path, &plain).expect("read").warnings.join("\n");
    assert!(said.contains("3.1° alone") && said.contains("--angle-unit rad"), "{said}");
}

#[test]
fn units_that_cannot_be() {
    let (_folder, path) = valid();
    let unit = |name: &str| {
        replace(&path, "exchange/theta", &[0.0, 60.0, 120.0, 180.0]);
        text(
            &hdf5::File::open_rw(&path).expect("opened").dataset("exchange/theta").expect("theta"),
            "units",
            name,
        );
    };
    unit("rad");
    refused(&path, &TiltOptions::default(), &["tilt angle", "180 rad", "--angle-unit deg"]);
    unit("gon");
    refused(&path, &TiltOptions::default(), &["`gon`", "known are deg and rad", "--angle-unit"]);
    unit("deg");
    let pixel = |pixel: f64| TiltOptions { pixel: Some(Metres::new(pixel)), ..TiltOptions::default() };
    refused(&path, &pixel(20.0), &["pixel", "--pixel"]);
    let energy = TiltOptions {
        energy: Some(ElectronVolts::new(7.1)),
        angle_unit: Some(AngleUnit::Degree),
        ..TiltOptions::default()
    };
    refused(&path, &energy, &["photon energy", "looks like keV", "--energy 7100"]);
}

#[test]
fn a_pixel_that_is_not_square() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.nxs");
    nxtomo(&path, &[0, 1, 2, 3]);
    replace(&path, "entry/instrument/detector/y_pixel_size", ndarray::arr0(0.501e-6).view());
    replace(&path, "entry/instrument/detector/x_pixel_size", ndarray::arr0(0.5e-6).view());
    refused(&path, &TiltOptions::default(), &["y_pixel_size", "not square", "--pixel"]);
    // Within a thousandth they are.
    replace(&path, "entry/instrument/detector/y_pixel_size", ndarray::arr0(0.5004e-6).view());
    assert!(open(&path, &TiltOptions::default()).is_ok());
}

#[test]
fn image_keys_that_mean_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.nxs");
    nxtomo(&path, &[0, 1, 2, 3]);
    let key = "entry/instrument/detector/image_key";
    replace(&path, key, &[2_i32, 1, 0, 0, 7, 0, 3, 1]);
    refused(&path, &TiltOptions::default(), &["image_key", "image 4", "7"]);
    replace(&path, key, &[2_i32, 1, 0, 0, 0]);
    refused(&path, &TiltOptions::default(), &["image_key", "[5]", "8 images"]);
    replace(&path, key, &[2_i32; 8]);
    refused(&path, &TiltOptions::default(), &["none has image_key 0"]);
    // Without flats the counts have nothing to be divided by.
    replace(&path, key, &[2_i32, 3, 0, 0, 0, 0, 3, 3]);
    refused(&path, &TiltOptions::default(), &["what the numbers", "--quantity", "--flat"]);
    let counts = TiltOptions { quantity: Some(TiltQuantity::Intensity), ..TiltOptions::default() };
    refused(&path, &counts, &["flat fields", "--flat"]);
}

#[test]
fn fields_of_another_size_and_counts_below_the_dark() {
    let (_folder, path) = valid();
    replace(&path, "exchange/data_white", Array3::<f32>::zeros((2, 3, 4)).view());
    refused(&path, &TiltOptions::default(), &["/exchange/data_white", "[2, 3, 4]", "3 × 5"]);
    let mut white = Array3::<f64>::from_elem((1, 3, 5), 1000.0);
    white[[0, 1, 1]] = 5.0;
    replace(&path, "exchange/data_white", white.view());
    let mut data = counts();
    data[[2, 0, 0]] = 0.0;
    data[[3, 2, 4]] = f64::NAN;
    replace(&path, "exchange/data", data.view());
    let said = open(&path, &TiltOptions::default()).expect("read").warnings.join("\n");
    // One pixel of the flat below the dark in four projections, one count below it, one NaN.
    assert!(said.contains("5 of 60 pixels have no logarithm"), "{said}");
    assert!(said.contains("1 of 60 pixels are NaN or infinite in the file"), "{said}");
}

#[test]
fn files_that_hold_no_series() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.h5");
    let file = hdf5(&path);
    put(&file, "images", density().view());
    put(&file, "flat", Array2::<f32>::zeros((3, 5)).view());
    drop(file);
    refused(&path, &TiltOptions::default(), &["/images", "--dataset", "--angles"]);
    let named = |name: &str| TiltOptions { dataset: Some(name.to_owned()), ..TiltOptions::default() };
    refused(&path, &named("/images"), &["angles", "--angles"]);
    let angles = Some(AngleSource::Values(ANGLES.to_vec()));
    refused(&path, &TiltOptions { angles: angles.clone(), ..named("/image") }, &["no /image", "/images"]);
    refused(&path, &TiltOptions { angles: angles.clone(), ..named("/flat") }, &["[3, 5]", "three axes"]);
    let bare = TiltOptions { angles, ..named("/images") };
    refused(&path, &bare, &["what the numbers in /images are", "--quantity"]);
    let complex = TiltOptions { quantity: Some(TiltQuantity::Complex), ..bare.clone() };
    refused(&path, &complex, &["real numbers"]);
    refused(&path, &TiltOptions { flat: Some("/white".to_owned()), ..bare }, &["no /white", "/flat"]);
    refused(folder.path(), &TiltOptions::default(), &["no file .tif"]);
    refused(&folder.path().join("none.h5"), &TiltOptions::default(), &["open", "none.h5"]);
}

#[test]
fn tiff_files_that_do_not_belong_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let images = folder.path().join("images");
    std::fs::create_dir(&images).expect("a folder");
    refused(&images, &TiltOptions::default(), &["no file .tif"]);
    let image = |name: &str, shape: (usize, usize)| {
        write_tiff(&images.join(name), Array2::<f32>::ones(shape).view(), None).expect("written");
    };
    image("a1.tif", (3, 5));
    image("a2.tif", (3, 5));
    refused(&images, &TiltOptions::default(), &["angles", "--angles"]);
    let options = TiltOptions {
        angles: Some(AngleSource::Range(0.0, 90.0)),
        quantity: Some(TiltQuantity::Phase),
        ..TiltOptions::default()
    };
    assert!(open(&images, &options).is_ok());
    image("a3.tif", (3, 4));
    refused(&images, &options, &["a3.tif", "3 × 5", "one size"]);
    let whole = std::fs::read(images.join("a1.tif")).expect("read");
    image("a3.tif", (3, 5));
    std::fs::write(images.join("a3.tif"), &whole[..whole.len() / 2]).expect("written");
    refused(&images, &options, &["a3.tif"]);
    let wrong = TiltOptions { angles: Some(AngleSource::Named("none.txt".to_owned())), ..options };
    refused(&images, &wrong, &["none.txt", "text file"]);
}
