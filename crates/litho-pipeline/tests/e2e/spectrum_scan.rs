//! Scans of many energies to one stack, beside the truth they were simulated from.

use litho_io::{ResultFile, read_result};
use litho_pipeline::PipelineError;
use litho_pipeline::error::{EXIT_DATA, EXIT_USAGE};
use litho_pipeline::reconstruct::{Resume, Status};
use litho_pipeline::simulate::vanadium::{Request as Simulation, Size, simulate};
use litho_pipeline::spectrum_scan::{Request, Summary, spectrum_scan};
use litho_types::observer::{CancelToken, Observer, Silent, Step};
use ndarray::{Array2, Array3, Ix2, Ix3};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The tiny experiment's particle D1: 12 energies of 49 frames of 48². Simulated once.
fn day() -> &'static Path {
    static DAY: OnceLock<TempDir> = OnceLock::new();
    let folder = DAY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let request = Simulation {
            size: Size::Tiny,
            samples: Some(vec!["D1".to_owned()]),
            seed: Some(5),
            photons: None,
            dose: None,
            background: None,
            folder: folder.path().to_owned(),
        };
        simulate(&request, &CancelToken::new(), &mut |_| {}).expect("simulated");
        folder
    });
    folder.path()
}

/// The experiment of D1 with its table `[spectrum_scan]` replaced.
fn experiment(folder: &Path, name: &str, settings: &str) -> PathBuf {
    let text = std::fs::read_to_string(day().join("D1.toml")).expect("an experiment");
    let (sample, rest) = text.split_once("[spectrum_scan]").expect("its table");
    let inputs = rest.split_once("[[inputs]]").expect("its inputs").1;
    let inputs = format!("[[inputs]]{inputs}");
    let here = inputs.replace("file = \"", &format!("file = \"{}/", day().display()));
    let here = here.replace("probe = \"", &format!("probe = \"{}/", day().display()));
    let path = folder.join(name);
    std::fs::write(&path, format!("{sample}[spectrum_scan]\n{settings}\n{here}")).expect("written");
    path
}

fn request(experiment: PathBuf, folder: &Path) -> Request {
    Request { experiment, folder: folder.join("out"), resume: Resume::No, threads: 0 }
}

fn run(settings: &str) -> (TempDir, ResultFile) {
    let folder = tempfile::tempdir().expect("a folder");
    let request = request(experiment(folder.path(), "D1.toml", settings), folder.path());
    let summary = spectrum_scan(&request, &mut Silent, &CancelToken::new()).expect("a stack");
    assert_eq!(summary.status, Status::Done);
    let file = read_result(&summary.output).expect("a result");
    (folder, file)
}

fn stack(file: &ResultFile, name: &str) -> Array3<f64> {
    let data = file.real(&format!("/entry/{name}/data")).expect("a stack");
    data.into_dimensionality::<Ix3>().expect("(energy, y, x)")
}

/// Found and true values where both are known, the truth's nearest pixel.
fn beside_truth(file: &ResultFile, name: &str) -> Vec<(f64, f64)> {
    let truth = read_result(day().join("truth.h5")).expect("the truth");
    let axis = |file: &ResultFile, path: &str| -> Vec<f64> {
        file.real(path).expect("an axis").into_iter().collect()
    };
    let origin = axis(file, "/entry/registration/origin");
    let nearest = |own: Vec<f64>, origin: f64, truth: &[f64]| -> Vec<usize> {
        own.iter().map(|at| ((at + origin - truth[0]) / (truth[1] - truth[0])).round() as usize).collect()
    };
    let group = format!("/entry/D1/{name}");
    let rows =
        nearest(axis(file, &format!("/entry/{name}/y")), origin[0], &axis(&truth, &format!("{group}/y")));
    let columns =
        nearest(axis(file, &format!("/entry/{name}/x")), origin[1], &axis(&truth, &format!("{group}/x")));
    let truth =
        truth.real(&format!("{group}/data")).expect("a stack").into_dimensionality::<Ix3>().expect("3D");
    let found = stack(file, name);
    let pairs = found.indexed_iter().map(|((e, y, x), found)| (*found, truth[(e, rows[y], columns[x])]));
    pairs.filter(|(found, _)| found.is_finite()).collect()
}

fn rms(pairs: &[(f64, f64)]) -> f64 {
    (pairs.iter().map(|(found, truth)| (found - truth).powi(2)).sum::<f64>() / pairs.len() as f64).sqrt()
}

const SHORT: &str = "iterations = 80\nseed = 2\nkramers_kronig = { start = 40, every = 20 }\n";

#[test]
fn a_stack_is_registered_quantitative_and_says_where_nothing_was_seen() {
    let (_folder, file) = run(SHORT);
    // Half a pixel of the nearest neighbour at the particle's edge, where the density rises over its resolution of three
    // pixels, is a tenth of the largest value on a small share of the pixels; the reconstruction's own error is below.
    let density = beside_truth(&file, "optical_density");
    let phase = beside_truth(&file, "phase");
    let (deepest, densest) =
        (phase.iter().fold(0.0, |a: f64, p| a.min(p.1)), density.iter().fold(0.0, |a: f64, p| a.max(p.1)));
    assert!(rms(&density) < 0.06 * densest, "{} of {densest}", rms(&density));
    assert!(rms(&phase) < -0.06 * deepest, "{} of {deepest}", rms(&phase));
    // Drifts of a pixel rms come out to a tenth of a pixel rms, less that of the reference.
    let truth = read_result(day().join("truth.h5")).expect("the truth");
    let of = |file: &ResultFile, name: &str| -> Array2<f64> {
        file.real(name).expect("a table").into_dimensionality::<Ix2>().expect("(energy, 2)")
    };
    let (found, drift) = (of(&file, "/entry/registration/shift"), of(&truth, "/entry/D1/drift"));
    let apart = (&found - &(&drift - &drift.row(0))) / 36e-9;
    let apart = (apart.mapv(|px| px * px).sum() / apart.len() as f64).sqrt();
    assert!(apart < 0.1, "{apart} px");
    // The corners of the raster have no light.
    let all = stack(&file, "optical_density");
    assert!(all[(0, 0, 0)].is_nan() && all.iter().filter(|v| v.is_finite()).count() > all.len() / 2);
    for name in [
        "/entry/kk_residual/data",
        "/entry/prtf/data",
        "/entry/loss/data",
        "/entry/probe/data",
        "/entry/object/data",
    ] {
        assert!(file.contains(name), "{name}");
    }
    let citations = file.texts("/entry/process/citations").expect("texts").join("\n");
    assert!(citations.contains("10.1364/OE.25.008593"), "{citations}");
}

#[test]
fn frames_on_a_common_pixel_give_the_same_images() {
    let settings = |pixel: &str| format!("iterations = 40\nkramers_kronig = false\npixel = \"{pixel}\"\n");
    let (_a, objects) = run(&settings("resample-objects"));
    let (_b, frames) = run(&settings("resample-frames"));
    let (_c, cropped) = run(&settings("crop-frames"));
    let largest =
        |file: &ResultFile| beside_truth(file, "phase").iter().fold(0.0, |a: f64, p| a.min(p.1)).abs();
    for file in [&objects, &frames, &cropped] {
        let error = rms(&beside_truth(file, "phase")) / largest(file);
        assert!(error < 0.08, "{error}");
    }
}

#[test]
fn threads_and_interruptions_do_not_change_the_bits() {
    struct Stop {
        after: usize,
        cancel: CancelToken,
    }
    impl Observer for Stop {
        fn step(&mut self, step: Step) {
            if step.iteration >= self.after {
                self.cancel.cancel();
            }
        }
    }
    let settings =
        "iterations = 12\nwarm_start = 3\nkramers_kronig = { start = 4, every = 4, core_hole_ev = 0.0 }\n";
    let (_folder, whole) = run(settings);
    let expected = stack(&whole, "optical_density");
    let folder = tempfile::tempdir().expect("a folder");
    let request = request(experiment(folder.path(), "D1.toml", settings), folder.path());
    let cancel = CancelToken::new();
    // In the second of three rounds of twelve energies.
    let mut stop = Stop { after: 50, cancel: cancel.clone() };
    let summary: Summary =
        spectrum_scan(&Request { threads: 1, ..request.clone() }, &mut stop, &cancel).expect("stops");
    assert_eq!(summary.status, Status::Interrupted);
    assert!(!folder.path().join("out/stack.h5").exists());
    let resumed = Request { resume: Resume::FromCheckpoint, threads: 2, ..request };
    let summary = spectrum_scan(&resumed, &mut Silent, &CancelToken::new()).expect("goes on");
    let found = stack(&read_result(&summary.output).expect("a result"), "optical_density");
    assert!(found.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits()));
    assert!(!folder.path().join("out/e000.checkpoint.h5").exists());
}

fn refused(settings: &str, change: impl Fn(String) -> String) -> PipelineError {
    let folder = tempfile::tempdir().expect("a folder");
    let path = experiment(folder.path(), "bad.toml", settings);
    let text = change(std::fs::read_to_string(&path).expect("a text"));
    std::fs::write(&path, text).expect("written");
    spectrum_scan(&request(path, folder.path()), &mut Silent, &CancelToken::new()).expect_err("refused")
}

#[test]
fn bad_experiments_are_refused_with_what_is_wrong() {
    let same = |text: String| text;
    let error = refused("iteration = 5\n", same);
    assert!(
        error.to_string().contains("unknown key `spectrum_scan.iteration`; did you mean `iterations`?"),
        "{error}"
    );
    assert_eq!(error.exit_code(), EXIT_USAGE);
    let error = refused("pixel = \"stretch\"\n", same);
    assert!(error.to_string().contains("resample-objects, resample-frames, crop-frames"), "{error}");
    let error = refused("iterations = 5\n", |text| text.replace("absorber = \"V\"", "absorber = \"Vn\""));
    assert!(error.to_string().contains("sample.absorber"), "{error}");
    let error = refused("iterations = 5\n", |text| text.replace("e03.cxi", "e33.cxi"));
    assert!(error.to_string().contains("e33.cxi"), "{error}");
    // The same energy twice: the second of two scans claims the first's.
    let error = refused("iterations = 5\n", |text| text.replace("energy = 5440.0", "energy = 5420.0"));
    assert!(error.to_string().contains("5420"), "{error}");
    assert_eq!(error.exit_code(), EXIT_DATA);
    let error =
        refused("kramers_kronig = true\niterations = 5\n", |text| text.replace("absorber = \"V\"\n", ""));
    assert!(error.to_string().contains("kramers_kronig = false"), "{error}");
}
