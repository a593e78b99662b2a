//! Frames that stream from disk give the bits of frames in memory, and a failing disk gives an error.

use crate::common::{Bench, attempt};
use litho_pipeline::config::ReconstructConfig;
use litho_pipeline::reconstruct::{Request, Resume, Status, reconstruct};
use litho_types::observer::{CancelToken, Observer, Step};

fn with(stream: &str, config: &ReconstructConfig) -> ReconstructConfig {
    ReconstructConfig { stream: Some(stream.to_owned()), ..config.clone() }
}

#[test]
fn every_engine_ends_with_the_same_bits() {
    let bench = Bench::far_field();
    for engine in ["epie:4", "rpie:3", "dm:3", "dm:2,epie:2"] {
        let config = ReconstructConfig { modes: Some(2), ..bench.config(engine) };
        let memory = bench.run(with("never", &config), "memory.h5");
        assert!(bench.run(with("always", &config), "streamed.h5") == memory, "{engine}");
    }
}

#[test]
fn the_search_for_orientation_and_start_and_the_halves_stream_too() {
    let bench = Bench::far_field();
    let config =
        ReconstructConfig { orientation: None, probe: None, split: Some(true), ..bench.config("epie:3") };
    let memory = bench.run(with("never", &config), "memory.h5");
    assert!(bench.run(with("always", &config), "streamed.h5") == memory);
    let curve = |name: &str| {
        let file = litho_io::read_result(bench.path(name)).expect("a result");
        file.real("/entry/frc/data").expect("numbers")
    };
    assert_eq!(curve("streamed.h5"), curve("memory.h5"));
    assert_eq!(bench.files(), ["memory.h5", "probe.h5", "scan.cxi", "streamed.h5"]);
}

#[test]
fn oriented_frames_stream_in_every_orientation() {
    let bench = Bench::far_field();
    for orientation in 0..8 {
        let config = ReconstructConfig {
            orientation: Some(litho_pipeline::config::OrientationSetting::Index(orientation)),
            ..bench.config("epie:1")
        };
        let object = |stream: &str| {
            let request = bench.request(with(stream, &config), "result.h5");
            // A wrong orientation need not converge within an iteration.
            attempt(&request).expect("reconstructed");
            crate::common::Stored::read(&request.output)
        };
        assert!(object("always") == object("never"), "orientation {orientation}");
    }
}

/// Does something when so many iterations are done.
struct After<F: FnMut()> {
    iterations: usize,
    act: F,
}

impl<F: FnMut()> Observer for After<F> {
    fn step(&mut self, step: Step) {
        if step.iteration == self.iterations {
            (self.act)();
        }
    }
}

#[test]
fn a_run_interrupted_in_memory_goes_on_from_disk() {
    let bench = Bench::far_field();
    let config = bench.config("epie:4");
    let whole = bench.run(with("never", &config), "whole.h5");
    let request = bench.request(with("never", &config), "broken.h5");
    let cancel = CancelToken::new();
    let mut observer = After { iterations: 2, act: || cancel.cancel() };
    let summary = reconstruct(&request, &mut observer, &cancel).expect("interrupted in order");
    assert_eq!((summary.status, summary.iterations), (Status::Interrupted, 2));
    let request = Request { config: with("always", &config), resume: Resume::FromCheckpoint, ..request };
    assert!(crate::common::finish(&request) == whole);
}

/// The nameless files that this process has open in a folder, cut to nothing.
#[cfg(target_os = "linux")]
fn truncate_nameless_files_in(folder: &std::path::Path) -> usize {
    let descriptors = std::fs::read_dir("/proc/self/fd").expect("listed").flatten();
    let nameless = descriptors.filter(|entry| {
        let target = std::fs::read_link(entry.path()).unwrap_or_default();
        target.starts_with(folder) && target.to_string_lossy().ends_with("(deleted)")
    });
    let cut = |entry: std::fs::DirEntry| {
        let file = std::fs::OpenOptions::new().write(true).open(entry.path()).expect("opened");
        file.set_len(0).expect("cut");
    };
    nameless.map(cut).count()
}

#[test]
#[cfg(target_os = "linux")]
fn a_scratch_file_that_is_lost_ends_the_run_with_an_error_and_spoils_no_checkpoint() {
    let bench = Bench::far_field();
    for engine in ["epie:4", "dm:4"] {
        let config = ReconstructConfig { checkpoint_every: Some(1), ..bench.config(engine) };
        let whole = bench.run(with("never", &config), "whole.h5");
        // In the middle, in the last iteration, and where only the final comparison still reads.
        for iterations in [2, 3, 4] {
            let request = bench.request(with("always", &config), "broken.h5");
            let folder = bench.path("");
            let mut cut = 0;
            let act = || cut = truncate_nameless_files_in(&folder);
            let failed = reconstruct(&request, &mut After { iterations, act }, &CancelToken::new());
            let error = failed.expect_err("frames are gone");
            assert_eq!(cut, 1, "one scratch file");
            assert_eq!(error.exit_code(), litho_pipeline::error::EXIT_USAGE, "{error}");
            let text = error.to_string();
            for word in ["read", "scratch file", "ends too early", "--stream never"] {
                assert!(text.contains(word), "{engine}: `{word}` is missing in: {text}");
            }
            assert!(!request.output.exists(), "{engine}: no result of frames that were lost");
            let resumed = Request { resume: Resume::FromCheckpoint, ..request };
            assert!(crate::common::finish(&resumed) == whole, "{engine} after {iterations}");
            std::fs::remove_file(&resumed.output).expect("removed");
        }
    }
}
