//! Energy stacks that cannot be read: every case is an error that says what, where and how to mend it.

use crate::fixtures::{hdf5, put, replace};
use crate::stack::{ENERGIES, counts, density, exchange, nxstxm, open};
use litho_io::{
    EnergySource, EnergyUnit, Incident, IoError, StackContents, StackOptions, StackQuantity, plan_stack,
    write_stack, write_tiff_stack,
};
use litho_types::energies::Energies;
use litho_types::energy_stack::EnergyStack;
use litho_types::quantity::Metres;
use ndarray::{Array3, s};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A valid `NXstxm` file to spoil.
fn valid() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.nxs");
    nxstxm(&path, &ENERGIES, &counts());
    (folder, path)
}

/// The error of reading `path`; its message must hold every one of `words`.
fn refused(path: &Path, options: &StackOptions, words: &[&str]) -> IoError {
    let error = open(path, options).expect_err("must be refused");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in: {text}");
    }
    error
}

fn with_energies(values: &[f64], words: &[&str]) {
    let (_folder, path) = valid();
    replace(&path, "entry1/Counter1/photon_energy", values);
    refused(&path, &StackOptions::default(), words);
}

#[test]
fn energies_that_make_no_axis() {
    with_energies(&[700.0, 705.5, 705.5, 730.0], &["1 and 2", "705.5 eV", "two images of one energy"]);
    // Duplicated but not beside each other: their places in the file are named.
    with_energies(&[700.0, 705.5, 709.0, 700.0], &["0 and 3", "700 eV"]);
    with_energies(&[700.0, f64::NAN, 709.0, 730.0], &["photon_energy", "at 1", "NaN"]);
    with_energies(&[700.0, -705.5, 709.0, 730.0], &["at 1", "-705.5 eV"]);
    with_energies(&[700.0, 705.5, 730.0], &["[4, 3, 5]", "holds 3", "missing"]);
    with_energies(&[0.7, 0.7055, 0.709, 0.73], &["looks like keV", "--energy-unit keV"]);
    with_energies(&[7e6, 8e6, 9e6, 9.5e6], &["photon energy", "--energy-unit"]);
}

#[test]
fn energies_named_wrongly_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.h5");
    let file = hdf5(&path);
    put(&file, "images", density().view());
    drop(file);
    let options = StackOptions { dataset: Some("/images".to_owned()), ..StackOptions::default() };
    refused(&path, &options, &["photon energies", "--energies"]);
    let named =
        |name: &str| StackOptions { energies: Some(EnergySource::Named(name.to_owned())), ..options.clone() };
    refused(&path, &named("/energie"), &["no /energie", "/images"]);
    refused(&path, &named("nothing.txt"), &["nothing.txt", "text file"]);
    refused(&path, &StackOptions::default(), &["/images", "--dataset"]);
    let values = Some(EnergySource::Values(ENERGIES.to_vec()));
    let options = StackOptions { energies: values, ..options };
    refused(&path, &options, &["I0", "--i0", "--quantity"]);
    let stated = StackOptions { quantity: Some(StackQuantity::OpticalDensity), ..options };
    assert!(open(&path, &stated).is_ok());
}

#[test]
fn an_incident_intensity_that_cannot_be() {
    let (_folder, path) = valid();
    let with = |incident| StackOptions { incident: Some(incident), ..StackOptions::default() };
    refused(&path, &with(Incident::Values(vec![1.0, 2.0])), &["--i0", "[2]", "4 images"]);
    refused(&path, &with(Incident::Values(vec![0.0; 4])), &["--i0", "positive"]);
    refused(&path, &with(Incident::Air { y: 0..9, x: 0..1 }), &["--i0", "3 × 5"]);
    let some = open(&path, &with(Incident::Values(vec![1e3, f64::NAN, 1e3, 1e3]))).expect("one is missing");
    assert!(some.stack.optical_density().slice(s![1, .., ..]).iter().all(|v| v.is_nan()));
    assert!(some.warnings.iter().any(|w| w.contains("1 of 4 energies")), "{:?}", some.warnings);
}

#[test]
fn a_tilt_series_is_no_energy_stack() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tomo.h5");
    exchange(&path, &ENERGIES);
    let file = hdf5::File::open_rw(&path).expect("opened");
    put(&file, "exchange/theta", &[0.0, 1.0]);
    drop(file);
    refused(&path, &StackOptions::default(), &["theta", "tilt series"]);
}

#[test]
fn tiffs_of_different_size_or_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = |n: usize| StackOptions {
        energies: Some(EnergySource::Values(ENERGIES[..n].to_vec())),
        quantity: Some(StackQuantity::OpticalDensity),
        ..StackOptions::default()
    };
    refused(folder.path(), &options(4), &["no file .tif"]);
    let write = |name: &str, ny: usize| {
        write_tiff_stack(&folder.path().join(name), Array3::zeros((1, ny, 4)).view(), None).expect("written");
    };
    write("1.tif", 3);
    write("2.tif", 3);
    refused(folder.path(), &options(4), &["[2, 3, 4]", "holds 4", "missing"]);
    refused(folder.path(), &StackOptions::default(), &["--energies"]);
    write("3.tif", 5);
    refused(folder.path(), &options(3), &["3.tif", "3 × 4", "one size"]);
    let broken = folder.path().join("3.tif");
    let bytes = std::fs::read(&broken).expect("read");
    std::fs::write(&broken, &bytes[..20]).expect("cut");
    refused(folder.path(), &options(3), &["3.tif", "page 1", "copy it again"]);
}

#[test]
fn no_truncated_file_makes_the_reader_panic() {
    let (folder, path) = valid();
    let bytes = std::fs::read(&path).expect("read");
    let cut = folder.path().join("cut.nxs");
    for length in (0..bytes.len()).step_by(97) {
        std::fs::write(&cut, &bytes[..length]).expect("written");
        assert!(open(&cut, &StackOptions::default()).is_err(), "{length} of {} bytes", bytes.len());
    }
}

#[test]
fn a_pixel_in_the_wrong_unit_is_noticed() {
    let (_folder, path) = valid();
    let options = StackOptions { pixel: Some(Metres::new(80.0)), ..StackOptions::default() };
    refused(&path, &options, &["pixel", "--pixel in metres"]);
    let unit = Some(EnergyUnit::Joule);
    let options = StackOptions { energy_unit: unit, ..StackOptions::default() };
    refused(&path, &options, &["photon energy"]);
    assert!(plan_stack(&path, &StackOptions::default()).is_ok());
}

#[test]
fn objects_of_another_shape_are_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("stack.h5");
    let energies = Energies::new(&ENERGIES).expect("ascending");
    let stack = EnergyStack::new(energies, density(), None, None).expect("a stack");
    let objects = Array3::zeros((4, 3, 4));
    let contents = StackContents { stack: &stack, objects: Some(objects.view()), kk_residual: None };
    let text = write_stack(&path, &contents).expect_err("another shape").to_string();
    assert!(text.contains("/entry/object") && text.contains("[4, 3, 4]"), "{text}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 0);
}
