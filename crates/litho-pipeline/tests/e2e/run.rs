//! A whole experiment: what is done once is not done again, what changed is.

use litho_io::read_result;
use litho_pipeline::PipelineError;
use litho_pipeline::error::EXIT_USAGE;
use litho_pipeline::reconstruct::Status;
use litho_pipeline::run::{Request, Summary, run};
use litho_pipeline::simulate::vanadium::{Request as Simulation, Size, simulate};
use litho_types::observer::{CancelToken, Observer, Silent, Step};
use std::path::Path;

/// The tiny experiment's particle and standard, with few iterations.
fn day(folder: &Path) -> Request {
    let simulation = Simulation {
        size: Size::Tiny,
        samples: None,
        seed: Some(9),
        photons: None,
        dose: None,
        background: None,
        folder: folder.to_owned(),
    };
    simulate(&simulation, &CancelToken::new(), &mut |_| {}).expect("simulated");
    for name in ["D1.toml", "LiVO2.toml"] {
        edit(&folder.join(name), "iterations = 80", "iterations = 24");
        edit(&folder.join(name), "start = 50", "start = 12");
        edit(&folder.join(name), "every = 5", "every = 12");
    }
    Request { experiment: folder.join("vanadium.toml"), folder: folder.join("out"), from: None, threads: 0 }
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).expect("a text");
    assert!(text.contains(from), "{from} in {}", path.display());
    std::fs::write(path, text.replace(from, to)).expect("written");
}

fn finished(request: &Request) -> Summary {
    let summary = run(request, &mut Silent, &CancelToken::new()).expect("done");
    assert_eq!(summary.status, Status::Done);
    summary
}

/// The stages whose results were there.
fn kept(summary: &Summary) -> Vec<&str> {
    let kept =
        summary.lines.iter().filter_map(|line| line.strip_suffix(": nothing changed, the result is there"));
    kept.collect()
}

#[test]
fn only_what_depends_on_a_change_is_done_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let request = day(folder.path());
    let first = finished(&request);
    assert_eq!(kept(&first), Vec::<&str>::new());
    let html = std::fs::read_to_string(&first.output).expect("a report");
    for heading in
        ["Images and spectra", "Chemical state", "Domains", "Comparison with the truth", "Number of clusters"]
    {
        assert!(html.contains(heading), "{heading}");
    }
    assert!(request.folder.join("figures/domains.png").exists());
    // The standard is shown and not sorted.
    let domains = read_result(request.folder.join("domains.h5")).expect("a result");
    assert!(domains.contains("/entry/clusters/D1/label") && !domains.contains("/entry/clusters/LiVO2/label"));

    let again = finished(&request);
    let all = ["spectrum-scan D1", "xanes D1", "spectrum-scan LiVO2", "xanes LiVO2", "cluster"];
    assert_eq!(kept(&again), all);

    edit(&request.experiment, "k = 6", "k = 4");
    assert_eq!(kept(&finished(&request)), all[..4]);

    let text = std::fs::read_to_string(&request.experiment).expect("a text");
    std::fs::write(&request.experiment, format!("{text}\n[xanes.noise]\nfactor = 4.0\n")).expect("written");
    assert_eq!(kept(&finished(&request)), ["spectrum-scan D1", "spectrum-scan LiVO2"]);

    edit(&folder.path().join("LiVO2.toml"), "iterations = 24", "iterations = 25");
    assert_eq!(kept(&finished(&request)), ["spectrum-scan D1", "xanes D1", "cluster"]);

    // The probe of every energy of both samples starts from this file.
    edit(&folder.path().join("optics.toml"), "defocus_m = 7e-4", "defocus_m = 7.1e-4");
    assert_eq!(kept(&finished(&request)), Vec::<&str>::new());

    let from = Request { from: Some("cluster".to_owned()), ..request.clone() };
    assert_eq!(kept(&finished(&from)), all[..4]);
}

#[test]
fn an_interrupted_experiment_goes_on() {
    struct Stop(CancelToken);
    impl Observer for Stop {
        fn step(&mut self, step: Step) {
            if step.iterations > 100 && step.iteration > 40 {
                self.0.cancel();
            }
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let request = day(folder.path());
    let cancel = CancelToken::new();
    let summary = run(&request, &mut Stop(cancel.clone()), &cancel).expect("stops");
    assert_eq!(summary.status, Status::Interrupted);
    assert!(request.folder.join("D1/e000.checkpoint.h5").exists());
    finished(&request);
    assert!(!request.folder.join("D1/e000.checkpoint.h5").exists());
}

#[test]
fn a_truth_that_knows_other_samples_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let request = day(folder.path());
    edit(&request.experiment, "name = \"D1\"", "name = \"D7\"");
    let error: PipelineError = run(&request, &mut Silent, &CancelToken::new()).expect_err("refused");
    assert!(error.to_string().contains("D7"), "{error}");
}

#[test]
fn an_experiment_without_samples_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let experiment = folder.path().join("empty.toml");
    std::fs::write(&experiment, "title = \"nothing\"\n").expect("written");
    let request = Request { experiment, folder: folder.path().join("out"), from: None, threads: 0 };
    let error = run(&request, &mut Silent, &CancelToken::new()).expect_err("refused");
    assert!(error.to_string().contains("[[sample]]"), "{error}");
    assert_eq!(error.exit_code(), EXIT_USAGE);
}
