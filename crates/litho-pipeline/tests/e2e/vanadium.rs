//! The simulated spectroscopic experiment as files.

use litho_io::{ReadOptions, plan, read, read_result};
use litho_pipeline::PipelineError;
use litho_pipeline::config::{OrientationSetting, ReconstructConfig};
use litho_pipeline::error::EXIT_USAGE;
use litho_pipeline::reconstruct::{Request as Reconstruction, Resume, reconstruct};
use litho_pipeline::simulate::vanadium::{Ending, Request, Size, simulate};
use litho_types::observer::{CancelToken, Silent};
use std::path::{Path, PathBuf};

fn request(folder: &Path) -> Request {
    Request {
        size: Size::Tiny,
        samples: Some(vec!["D1".to_owned()]),
        seed: Some(3),
        photons: None,
        dose: None,
        background: None,
        folder: folder.join("day"),
    }
}

fn run(request: &Request) -> Result<(Ending, Vec<PathBuf>), PipelineError> {
    let mut written = Vec::new();
    let ending = simulate(request, &CancelToken::new(), &mut |path| written.push(path.to_owned()))?;
    Ok((ending, written))
}

fn table(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).expect("a file").parse().expect("TOML")
}

#[test]
fn the_experiment_files_name_the_scans_that_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ending, written) = run(&request(folder.path())).expect("simulated");
    assert_eq!(ending, Ending::Complete);
    // Truth, optics, twelve scans, the sample's table and the table of samples.
    assert_eq!(written.len(), 16);
    assert!(written.iter().all(|path| path.is_file()), "{written:?}");
    let day = folder.path().join("day");
    let all = table(&day.join("vanadium.toml"));
    let samples = all["sample"].as_array().expect("a list");
    assert_eq!(samples.len(), 1);
    assert_eq!(
        (samples[0]["name"].as_str(), samples[0]["group"].as_str()),
        (Some("D1"), Some("delithiated"))
    );
    let sample = table(&day.join(samples[0]["experiment"].as_str().expect("a name")));
    assert_eq!(sample["sample"]["absorber"].as_str(), Some("V"));
    assert_eq!(sample["spectrum_scan"]["engine"].as_str(), Some("epie"));
    let inputs = sample["inputs"].as_array().expect("a list");
    assert_eq!(inputs.len(), 12);
    for input in inputs {
        let scan = day.join(input["file"].as_str().expect("a name"));
        let scan = plan(&scan, &ReadOptions::default()).and_then(|plan| read(&plan)).expect("a scan");
        let energy = scan.geometry.expect("a geometry").energy.value();
        assert!((energy - input["energy"].as_float().expect("a number")).abs() < 1e-9, "{energy}");
        assert!(day.join(input["probe"].as_str().expect("a name")).is_file());
    }
}

#[test]
fn the_truth_has_what_an_analysis_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    run(&request(folder.path())).expect("simulated");
    let truth = read_result(folder.path().join("day/truth.h5")).expect("a result");
    let label = truth.labels("/entry/D1/maps/label").expect("labels");
    let shape = label.shape().to_vec();
    for map in ["thickness", "n_absorber", "purity", "edge_energy", "pre_edge_ratio", "n_eff_ratio"] {
        assert_eq!(truth.shape(&format!("/entry/D1/maps/{map}")).expect("a map"), shape, "{map}");
    }
    for stack in ["optical_density", "phase"] {
        let stack = truth.shape(&format!("/entry/D1/{stack}/data")).expect("a stack");
        assert_eq!(stack, [12, shape[0], shape[1]]);
    }
    assert_eq!(truth.shape("/entry/D1/drift").expect("drifts"), [12, 2]);
    assert_eq!(truth.shape("/entry/spectra/f_prime").expect("spectra"), [8, 12]);
    assert_eq!(truth.number("/entry/process/reference_energy").expect("an energy"), 5420.0);
    // Fractions of one sample are those of its group, and make a whole.
    let fraction = truth.real("/entry/D1/fraction").expect("fractions");
    assert!((fraction.sum() - 1.0).abs() < 1e-12);
    assert_eq!(truth.real("/entry/groups/delithiated/fraction").expect("fractions"), fraction);
}

#[test]
fn the_same_seed_gives_the_same_files_and_a_tenth_of_the_dose_a_tenth_of_the_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let counts = |request: &Request| {
        run(request).expect("simulated");
        let path = request.folder.join("D1/e03.cxi");
        let scan = plan(&path, &ReadOptions::default()).and_then(|plan| read(&plan)).expect("a scan");
        let sum: f64 = scan.frames.totals(scan.mask.good().view()).iter().sum();
        (scan, sum)
    };
    let whole = counts(&request(folder.path()));
    let again = counts(&Request { folder: folder.path().join("again"), ..request(folder.path()) });
    assert!(whole.0 == again.0, "the same seed, the same scan");
    let tenth = Request { dose: Some(0.1), folder: folder.path().join("tenth"), ..request(folder.path()) };
    let tenth = counts(&tenth);
    assert_eq!(whole.0.positions, tenth.0.positions);
    // Poisson: the ratio's relative error is the root of 1/N + 10/N, 5·10⁻⁵ with N = 4·10⁹.
    assert!(
        (10.0 * tenth.1 / whole.1 - 1.0).abs() < 5.0 * (11.0 / whole.1).sqrt(),
        "{} {}",
        tenth.1,
        whole.1
    );
}

#[test]
fn impossible_requests_leave_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = || request(folder.path());
    let wrong = [
        (Request { dose: Some(0.0), ..base() }, "--dose"),
        (Request { dose: Some(f64::NAN), ..base() }, "--dose"),
        (Request { photons: Some(-1.0), ..base() }, "photons per frame"),
        (Request { background: Some(2.0), ..base() }, "background"),
        (Request { samples: Some(vec!["P9".to_owned()]), ..base() }, "P1, P2, P3"),
        (Request { samples: Some(Vec::new()), ..base() }, "at least one"),
    ];
    for (request, words) in wrong {
        let error = run(&request).expect_err("refused");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.exit_code(), EXIT_USAGE);
        assert!(!request.folder.exists(), "{words}");
    }
}

#[test]
fn an_interrupted_simulation_has_no_table_of_samples() {
    let folder = tempfile::tempdir().expect("a folder");
    let cancel = CancelToken::new();
    let stop = cancel.clone();
    let mut after_two = |path: &Path| {
        if path.ends_with("D1/e01.cxi") {
            stop.cancel();
        }
    };
    let request = request(folder.path());
    assert_eq!(simulate(&request, &cancel, &mut after_two).expect("stopped"), Ending::Interrupted);
    assert!(request.folder.join("D1/e01.cxi").is_file() && !request.folder.join("D1/e02.cxi").exists());
    assert!(!request.folder.join("vanadium.toml").exists());
}

#[test]
fn a_scan_reconstructs_from_the_optics_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let request = request(folder.path());
    run(&request).expect("simulated");
    let output = request.folder.join("result.h5");
    let config = ReconstructConfig {
        engine: Some("epie:60".to_owned()),
        probe: Some(request.folder.join("optics.toml").display().to_string()),
        orientation: Some(OrientationSetting::Index(0)),
        threads: Some(2),
        ..ReconstructConfig::default()
    };
    let dataset = request.folder.join("D1/e00.cxi").display().to_string();
    let reconstruction = Reconstruction { dataset, config, output: output.clone(), resume: Resume::No };
    reconstruct(&reconstruction, &mut Silent, &CancelToken::new()).expect("reconstructed");
    let found = read_result(&output).and_then(|r| r.complex("/entry/object/data")).expect("an object");
    let truth = read_result(request.folder.join("truth.h5"))
        .and_then(|r| r.real("/entry/D1/phase/data"))
        .expect("a stack");
    let truth = truth.index_axis(ndarray::Axis(0), 0).to_owned();
    assert_eq!(found.shape(), truth.shape());
    // Correlation of the phases where there is matter and light, with the best constant: no ramp is taken out, so the
    // rest is that ramp, the resolution and the noise. Without a sample in the scan it is 0.
    let pairs: Vec<(f64, f64)> = found
        .iter()
        .zip(&truth)
        .filter(|(_, phase)| **phase < -0.05)
        .map(|(object, phase)| (f64::from(object.arg()), *phase))
        .collect();
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
    let (a, b) = (mean(&|p| p.0), mean(&|p| p.1));
    let covariance = mean(&|p| (p.0 - a) * (p.1 - b));
    let correlation = covariance / (mean(&|p| (p.0 - a).powi(2)) * mean(&|p| (p.1 - b).powi(2))).sqrt();
    assert!(correlation > 0.9, "{correlation}");
}
