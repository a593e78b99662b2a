//! What cannot be aligned or reconstructed says so, and what to do.

use super::tomography::{align_file, day};
use litho_io::write_tilts;
use litho_pipeline::PipelineError;
use litho_pipeline::align::{self, AlignConfig};
use litho_pipeline::error::{EXIT_DATA, EXIT_USAGE};
use litho_pipeline::run::{Request, run};
use litho_pipeline::simulate::tilts::Subject;
use litho_pipeline::tilt_input::{AnglesSetting, TiltsConfig};
use litho_pipeline::tomo::{self, AxisSetting, TomoConfig};
use litho_types::observer::{CancelToken, Silent};
use litho_types::tilt::TiltAngles;
use litho_types::tilt_series::{Projections, TiltSeries};
use ndarray::Array3;
use std::path::Path;

fn refused(tilts: &Path, config: TomoConfig) -> PipelineError {
    let output = tilts.with_file_name("volume.h5");
    let request = tomo::Request { tilts: tilts.to_owned(), output: output.clone(), config };
    let error = tomo::tomo(&request, &mut Silent, &CancelToken::new()).expect_err("refused");
    assert!(!output.exists(), "nothing is written");
    error
}

fn flat_series(folder: &Path) -> std::path::PathBuf {
    let angles = TiltAngles::from_degrees(&[0.0, 60.0, 120.0]).expect("angles");
    let series = TiltSeries::new(angles, Projections::OpticalDensity(Array3::ones((3, 4, 16))), None, None);
    let path = folder.join("flat.h5");
    write_tilts(&path, &series.expect("a series")).expect("written");
    path
}

#[test]
fn complex_projections_are_sent_to_align() {
    let folder = tempfile::tempdir().expect("a folder");
    day(folder.path(), Subject::Nmc, true);
    let error = refused(&folder.path().join("nmc.h5"), TomoConfig::default());
    assert!(error.to_string().contains("lithoscope align"), "{error}");
    assert_eq!(error.exit_code(), EXIT_DATA);
}

#[test]
fn wrong_angles_axes_and_quantities_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let flat = flat_series(folder.path());
    let angles = |degrees: &[f64]| TomoConfig {
        tilts: TiltsConfig {
            format: Some("hdf5".to_owned()),
            dataset: Some("/entry/projections/data".to_owned()),
            angles: Some(AnglesSetting::Values(degrees.to_vec())),
            quantity: Some("optical-density".to_owned()),
            ..TiltsConfig::default()
        },
        ..TomoConfig::default()
    };
    for (config, words) in [
        (angles(&[0.0, 90.0]), "3"),
        (angles(&[0.0, f64::NAN, 90.0]), "NaN"),
        (angles(&[7.0, 7.0, 7.0]), "different"),
        (TomoConfig { axis: Some(AxisSetting::Pixels(400.0)), ..TomoConfig::default() }, "400"),
        (TomoConfig { quantity: Some("delta".to_owned()), ..TomoConfig::default() }, "--pixel"),
        (TomoConfig { quantity: Some("weight".to_owned()), ..TomoConfig::default() }, "electron-density"),
        (TomoConfig { method: Some("derivative".to_owned()), ..TomoConfig::default() }, "optical densities"),
    ] {
        let error = refused(&flat, config);
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
}

#[test]
fn a_truncated_file_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let flat = flat_series(folder.path());
    let bytes = std::fs::read(&flat).expect("bytes");
    let cut = folder.path().join("cut.h5");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("written");
    let error = refused(&cut, TomoConfig::default());
    assert!(error.to_string().contains("cut.h5"), "{error}");
    assert_eq!(error.exit_code(), EXIT_DATA);
}

#[test]
fn placements_of_another_series_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    day(folder.path(), Subject::Nmc, true);
    let aligned = folder.path().join("aligned.h5");
    align_file(&folder.path().join("nmc.h5"), &aligned, AlignConfig::default());
    let request = align::Request {
        tilts: flat_series(folder.path()),
        output: folder.path().join("other.h5"),
        config: AlignConfig { placements: Some(aligned.display().to_string()), ..AlignConfig::default() },
    };
    // Of the angles 0°, 60°, 120° the series has at most some.
    let outcome = align::align(&request, &mut Silent, &CancelToken::new());
    assert!(outcome.is_err() || outcome.is_ok_and(|summary| !summary.warnings.is_empty()));
    let own = align::Request { tilts: aligned.clone(), output: aligned, config: AlignConfig::default() };
    assert!(align::align(&own, &mut Silent, &CancelToken::new()).is_err(), "the input is never overwritten");
}

#[test]
fn a_spectroscopic_experiment_is_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let experiment = folder.path().join("e.toml");
    let inputs: Vec<String> =
        (0..10).map(|e| format!("[[inputs]]\nfile = \"e{e}.cxi\"\nenergy = {}.0\n", 5400 + e)).collect();
    std::fs::write(&experiment, inputs.concat()).expect("written");
    let request = Request { experiment, folder: folder.path().join("out"), from: None, threads: 0 };
    let error = run(&request, &mut Silent, &CancelToken::new()).expect_err("refused");
    assert!(error.to_string().contains("spectrum-scan"), "{error}");
    assert_eq!(error.exit_code(), EXIT_USAGE);
    let wrong = Request { from: Some("xanes".to_owned()), ..request };
    std::fs::write(&wrong.experiment, "[[inputs]]\nfile = \"t.h5\"\n").expect("written");
    let error = run(&wrong, &mut Silent, &CancelToken::new()).expect_err("no such stage");
    assert!(error.to_string().contains("projections, align, tomo, chemistry, particles, report"), "{error}");
}
