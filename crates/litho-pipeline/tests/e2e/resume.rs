//! A run that was interrupted and resumed ends with the bits of one that was not.

use crate::common::{Bench, Stored, attempt, finish};
use litho_pipeline::checkpoint;
use litho_pipeline::config::{ReconstructConfig, StopConfig};
use litho_pipeline::error::EXIT_DATA;
use litho_pipeline::reconstruct::{Request, Resume, Status, Summary, reconstruct};
use litho_types::observer::{CancelToken, Observer, Silent, Step};
use std::path::PathBuf;

/// Cancels when stage `name` has done `after` iterations.
struct Interrupter {
    cancel: CancelToken,
    name: &'static str,
    after: usize,
    running: String,
}

impl Observer for Interrupter {
    fn begin(&mut self, name: &str, _done: usize, _iterations: usize) {
        name.clone_into(&mut self.running);
    }

    fn step(&mut self, step: Step) {
        if self.running == self.name && step.iteration == self.after {
            self.cancel.cancel();
        }
    }
}

/// Copies the checkpoint that lies there during iteration 5, as if the machine had died then.
struct Copier {
    checkpoint: PathBuf,
    copy: PathBuf,
}

impl Observer for Copier {
    fn step(&mut self, step: Step) {
        if step.iteration == 5 {
            std::fs::copy(&self.checkpoint, &self.copy).expect("a checkpoint");
        }
    }
}

fn interrupt(request: &Request, name: &'static str, after: usize) -> Summary {
    let cancel = CancelToken::new();
    let mut observer = Interrupter { cancel: cancel.clone(), name, after, running: String::new() };
    reconstruct(request, &mut observer, &cancel).expect("interrupted in order")
}

/// Interrupts a run, checks what it leaves, resumes it on another number of threads.
fn interrupted_and_resumed(
    bench: &Bench,
    config: &ReconstructConfig,
    name: &'static str,
    after: usize,
) -> Stored {
    let stored = interrupted_and_finished(bench.request(config.clone(), "broken.h5"), name, after);
    std::fs::remove_file(bench.path("broken.h5")).expect("removed");
    stored
}

/// The same for `reconstruct` itself; the result `output` stays.
pub(crate) fn interrupted_and_resumed_into(
    bench: &Bench,
    config: &ReconstructConfig,
    after: usize,
    output: &str,
) -> Stored {
    interrupted_and_finished(bench.request(config.clone(), output), "reconstruct", after)
}

fn interrupted_and_finished(request: Request, name: &'static str, after: usize) -> Stored {
    // What an earlier case left.
    let _ = std::fs::remove_file(&request.output);
    let summary = interrupt(&request, name, after);
    assert_eq!(summary.status, Status::Interrupted);
    assert_eq!(summary.output, checkpoint::path_for(&request.output));
    assert!(summary.output.exists(), "the checkpoint is written");
    assert!(!request.output.exists(), "no result of an interrupted run");
    let threads = Some(1);
    let resumed = Request {
        config: ReconstructConfig { threads, ..request.config.clone() },
        resume: Resume::FromCheckpoint,
        ..request
    };
    let stored = finish(&resumed);
    assert!(!summary.output.exists(), "the checkpoint of a finished run is removed");
    stored
}

#[test]
fn an_interrupted_run_goes_on_to_the_same_bits() {
    let bench = Bench::far_field();
    // Inside an engine, inside and between the engines of a chain, and after the last iteration.
    let cases: [(&str, &[usize]); 10] = [
        ("epie:6", &[1, 3, 6]),
        ("rpie:4", &[2]),
        ("mpie:4", &[2]),
        ("batch:4", &[2]),
        ("wasp:4", &[2]),
        ("dm:6", &[1, 4]),
        ("raar:6", &[1, 4]),
        ("ml:6", &[2, 5]),
        ("lsqml:6", &[2, 5]),
        ("dm:4,ml:4", &[2, 4, 7]),
    ];
    for (engine, breaks) in cases {
        let config = ReconstructConfig { modes: Some(2), ..bench.config(engine) };
        let whole = bench.run(config.clone(), "whole.h5");
        for &after in breaks {
            let found = interrupted_and_resumed(&bench, &config, "reconstruct", after);
            assert!(found == whole, "{engine} interrupted after {after}");
        }
    }
}

#[test]
fn a_search_for_orientation_and_start_is_repeated_to_the_same_bits() {
    let bench = Bench::far_field();
    let config = ReconstructConfig { orientation: None, probe: None, ..bench.config("epie:4") };
    let whole = bench.run(config.clone(), "whole.h5");
    assert!(interrupted_and_resumed(&bench, &config, "reconstruct", 2) == whole);
}

#[test]
fn an_interrupted_half_is_reconstructed_again() {
    let bench = Bench::far_field();
    let config = ReconstructConfig { split: Some(true), ..bench.config("epie:4") };
    let whole = bench.run(config.clone(), "whole.h5");
    for (name, after) in [("first half", 2), ("second half", 4)] {
        assert!(interrupted_and_resumed(&bench, &config, name, after) == whole, "{name} after {after}");
    }
}

#[test]
fn a_run_interrupted_where_it_stagnates_ends_there_too() {
    let bench = Bench::far_field();
    let stop = Some(StopConfig { window: Some(3), tolerance: Some(0.05) });
    let config = ReconstructConfig { stop, split: Some(true), ..bench.config("rpie:100") };
    let whole = bench.run(config.clone(), "whole.h5");
    let last = whole.losses.len();
    assert!((6..100).contains(&last), "{last}");
    for (name, after) in [("reconstruct", last - 1), ("reconstruct", last), ("second half", 2)] {
        assert!(interrupted_and_resumed(&bench, &config, name, after) == whole, "{name} after {after}");
    }
}

#[test]
fn a_run_interrupted_twice_goes_on_twice() {
    let bench = Bench::far_field();
    let config = bench.config("dm:3,epie:5");
    let whole = bench.run(config.clone(), "whole.h5");
    let request = bench.request(config, "broken.h5");
    assert_eq!(interrupt(&request, "reconstruct", 2).iterations, 2);
    let request = Request { resume: Resume::FromCheckpoint, ..request };
    assert_eq!(interrupt(&request, "reconstruct", 5).iterations, 5);
    assert!(finish(&request) == whole);
}

#[test]
fn a_checkpoint_is_kept_every_so_many_iterations() {
    let bench = Bench::far_field();
    let every = |n| ReconstructConfig { checkpoint_every: Some(n), ..bench.config("epie:5") };
    let whole = bench.run(every(0), "whole.h5");
    let request = bench.request(every(2), "broken.h5");
    let copy = bench.path("copy.h5");
    let mut copier = Copier { checkpoint: checkpoint::path_for(&request.output), copy: copy.clone() };
    reconstruct(&request, &mut copier, &CancelToken::new()).expect("reconstructed");
    assert_eq!(
        litho_io::read_result(&copy).expect("opened").number("/entry/iteration").expect("a number"),
        4.0
    );
    std::fs::rename(&copy, checkpoint::path_for(&request.output)).expect("put back");
    // How often checkpoints are kept changes no bit, so it may change on resuming.
    let resumed = Request { config: every(0), resume: Resume::FromCheckpoint, ..request };
    assert!(finish(&resumed) == whole);
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let bench = Bench::far_field();
    let request = bench.request(bench.config("epie:4"), "broken.h5");
    let checkpoint = interrupt(&request, "reconstruct", 2).output;
    let other =
        |config: ReconstructConfig| Request { config, resume: Resume::FromCheckpoint, ..request.clone() };
    let changes: [(&str, ReconstructConfig); 4] = [
        ("iterations", bench.config("epie:5")),
        ("seed", ReconstructConfig { seed: Some(2), ..bench.config("epie:4") }),
        ("modes", ReconstructConfig { modes: Some(2), ..bench.config("epie:4") }),
        ("probe", ReconstructConfig { probe: Some("mean".to_owned()), ..bench.config("epie:4") }),
    ];
    for (what, config) in changes {
        let error = attempt(&other(config)).expect_err(what);
        let text = error.to_string();
        assert_eq!(error.exit_code(), EXIT_DATA, "{what}: {text}");
        assert!(text.contains("broken.checkpoint.h5") && text.contains("other settings"), "{what}: {text}");
        assert!(checkpoint.exists() && !request.output.exists(), "{what}");
    }
    // The same settings with other counts in the scan file.
    let scan = bench.path("scan.cxi");
    let mut changed = bench.scan.clone();
    changed.frames = changed.frames.select(&(0..changed.frames.len()).rev().collect::<Vec<_>>());
    litho_io::write_cxi(&scan, &changed).expect("written");
    let error = attempt(&other(bench.config("epie:4"))).expect_err("another input");
    assert!(error.to_string().contains("another input"), "{error}");
}

#[test]
fn resuming_without_a_checkpoint_names_the_missing_file() {
    let bench = Bench::far_field();
    let request =
        Request { resume: Resume::FromCheckpoint, ..bench.request(bench.config("epie:2"), "result.h5") };
    let error = reconstruct(&request, &mut Silent, &CancelToken::new()).expect_err("no checkpoint");
    assert!(error.to_string().contains("result.checkpoint.h5"), "{error}");
    assert_eq!(bench.files(), ["probe.h5", "scan.cxi"]);
}
