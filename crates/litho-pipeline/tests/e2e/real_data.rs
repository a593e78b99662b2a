//! Measured scans.

use litho_pipeline::config::{InputConfig, ReconstructConfig};
use litho_pipeline::reconstruct::{Request, Resume, Status, Summary};
use litho_testkit::shared_data;
use std::path::Path;

fn epie(data: &Path, iterations: usize, input: InputConfig) -> Summary {
    let folder = tempfile::tempdir().expect("a folder");
    let request = Request {
        dataset: data.display().to_string(),
        config: ReconstructConfig {
            engine: Some(format!("epie:{iterations}")),
            input,
            ..ReconstructConfig::default()
        },
        output: folder.path().join("result.h5"),
        resume: Resume::No,
    };
    let summary = crate::common::attempt(&request).expect("reconstructed");
    assert_eq!(summary.status, Status::Done, "{:?}", summary.warnings);
    summary
}

#[test]
fn the_siemens_star_in_six_iterations() {
    /// 0.0140 measured; the twin orientation is at 0.050 after five iterations.
    const TARGET: f64 = 0.0165;
    let Some(data) = shared_data!("ptycho/siemens_star.h5") else { return };
    let summary = epie(&data, 6, InputConfig::default());
    assert!(summary.error <= TARGET, "{}", summary.error);
}

#[test]
fn the_near_field_scan_in_eight_iterations() {
    /// 0.0065 measured; the next best orientation is at 0.018 after five iterations.
    const TARGET: f64 = 0.0080;
    let Some(data) = shared_data!("ptycho/petra3_p25_near_field.cxi") else { return };
    let input = InputConfig { focus_distance_m: Some(3.65e-3), ..InputConfig::default() };
    let summary = epie(&data, 8, input);
    assert!(summary.error <= TARGET, "{}", summary.error);
}
