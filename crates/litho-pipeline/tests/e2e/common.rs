//! Simulated scans on disk, runs, and what they leave behind.

use litho_io::{read_result, write_cxi};
use litho_pipeline::PipelineError;
use litho_pipeline::config::{OrientationSetting, ReconstructConfig};
use litho_pipeline::reconstruct::{Request, Resume, Status, Summary, reconstruct};
use litho_sim::example::tiny_far_field;
use litho_sim::scan::{ScanSimulation, Truth};
use litho_types::C32;
use litho_types::observer::{CancelToken, Silent};
use litho_types::scan::Scan;
use ndarray::{Array2, Array3};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The optics of the tiny far-field scan.
pub(crate) const OPTICS: &str = "[zone_plate]
diameter_m = 120e-6
outermost_zone_m = 40e-9
stop_diameter_m = 40e-6
defocus_m = 15e-6
";

/// A folder with one simulated scan.
pub(crate) struct Bench {
    folder: TempDir,
    pub(crate) scan: Scan,
    pub(crate) truth: Truth,
}

impl Bench {
    /// Simulates, and writes `scan.cxi` and the true probe into a new folder.
    pub(crate) fn of(simulation: &ScanSimulation) -> Self {
        let (scan, truth) = simulation.simulate().expect("simulated");
        let bench = Self { folder: tempfile::tempdir().expect("a folder"), scan, truth };
        write_cxi(&bench.path("scan.cxi"), &bench.scan).expect("written");
        let file = hdf5::File::create(bench.path("probe.h5")).expect("created");
        file.new_dataset_builder().with_data(&bench.truth.probe).create("/probe").expect("a dataset");
        bench
    }

    /// The tiny far-field scan.
    pub(crate) fn far_field() -> Self {
        Self::of(&tiny_far_field().expect("valid numbers"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The true probe, as the `probe` of a configuration names it.
    pub(crate) fn true_probe(&self) -> String {
        format!("{}:/probe", self.path("probe.h5").display())
    }

    /// `engine` from the true probe, frames as stored, two threads.
    pub(crate) fn config(&self, engine: &str) -> ReconstructConfig {
        ReconstructConfig {
            engine: Some(engine.to_owned()),
            orientation: Some(OrientationSetting::Index(0)),
            probe: Some(self.true_probe()),
            threads: Some(2),
            ..ReconstructConfig::default()
        }
    }

    pub(crate) fn request(&self, config: ReconstructConfig, output: &str) -> Request {
        Request {
            dataset: self.path("scan.cxi").display().to_string(),
            config,
            output: self.path(output),
            resume: Resume::No,
        }
    }

    /// Runs to the end and reads the result.
    pub(crate) fn run(&self, config: ReconstructConfig, output: &str) -> Stored {
        finish(&self.request(config, output))
    }

    /// Names of the files in the folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("listed");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

/// What a result file holds of a run, without provenance.
#[derive(Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) object: Array2<C32>,
    pub(crate) probe: Array3<C32>,
    pub(crate) losses: Vec<f64>,
    pub(crate) error: f64,
}

impl Stored {
    pub(crate) fn read(path: &Path) -> Self {
        let file = read_result(path).expect("a result");
        let complex = |name: &str| file.complex(name).expect("complex");
        Self {
            object: complex("/entry/object/data").into_dimensionality().expect("(y, x)"),
            probe: complex("/entry/probe/data").into_dimensionality().expect("(mode, y, x)"),
            losses: file.real("/entry/loss/data").expect("numbers").into_iter().collect(),
            error: file.number("/entry/summary/error").expect("a number"),
        }
    }
}

pub(crate) fn attempt(request: &Request) -> Result<Summary, PipelineError> {
    reconstruct(request, &mut Silent, &CancelToken::new())
}

/// Runs to the end; the error must have fallen.
pub(crate) fn finish(request: &Request) -> Stored {
    let summary = attempt(request).expect("reconstructed");
    assert_eq!(summary.status, Status::Done, "{:?}", summary.warnings);
    assert_eq!(summary.output, request.output);
    Stored::read(&request.output)
}
