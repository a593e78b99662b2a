//! An estimate is made of the plan and agrees with what a run then makes.

use crate::common::Bench;
use litho_pipeline::config::ReconstructConfig;
use litho_pipeline::estimate::estimate;
use litho_types::frames::Frames;
use litho_types::scan::Scan;
use serde_json::{Value, json};

fn of(bench: &Bench, config: &ReconstructConfig) -> Value {
    estimate(&bench.path("scan.cxi").display().to_string(), config).expect("estimated").json
}

#[test]
fn sizes_are_those_of_the_run() {
    let bench = Bench::far_field();
    let config = bench.config("epie:2");
    let found = of(&bench, &config);
    assert_eq!(bench.files(), ["probe.h5", "scan.cxi"], "nothing is written");
    let run = bench.run(config.clone(), "result.h5");
    let (ny, nx) = run.object.dim();
    assert_eq!(found["object_shape"], json!([ny, nx]));
    assert_eq!(found["modes"], run.probe.dim().0);
    assert_eq!(found["frames_bytes"], bench.scan.frames.bytes());
    assert_eq!(found["number_type"], bench.scan.frames.type_name());
    assert_eq!(found["threads"], 2);
    let memory = &found["memory_bytes"];
    // In memory twice: as read and in kernel order; with halves, half of them once more in both.
    assert_eq!(memory["frames"], 2 * bench.scan.frames.bytes());
    assert_eq!(memory["exit_waves"], 0);
    let split = of(&bench, &ReconstructConfig { split: Some(true), ..config });
    assert_eq!(split["memory_bytes"]["frames"], 3 * bench.scan.frames.bytes());
}

#[test]
fn frames_that_stream_take_no_memory_but_exit_waves_do() {
    let bench = Bench::far_field();
    let config = ReconstructConfig { modes: Some(3), ..bench.config("dm:2,epie:2") };
    let streamed = of(&bench, &ReconstructConfig { stream: Some("always".to_owned()), ..config.clone() });
    assert_eq!((&streamed["streams"], &streamed["memory_bytes"]["frames"]), (&json!(true), &json!(0)));
    let (ny, nx) = bench.scan.frames.shape();
    // Eight bytes for each pixel of each frame and mode, and a copy.
    assert_eq!(streamed["memory_bytes"]["exit_waves"], 2 * 8 * 3 * bench.scan.frames.len() * ny * nx);
    assert_eq!(streamed["seconds"]["stages"].as_array().expect("stages").len(), 2);
    // 64 frames of 48² pixels as floats are 0.59 MB: two copies need more than 1 MB and less than 2.
    let frames = bench.scan.frames.clone();
    let stack = ndarray::Array3::from_shape_fn((frames.len(), ny, nx), |(n, y, x)| frames.frame(n)[(y, x)]);
    let scan = Scan { frames: Frames::F32(stack), ..bench.scan.clone() };
    litho_io::write_cxi(&bench.path("scan.cxi"), &scan).expect("written");
    for (limit, streams) in [(1, true), (2, false)] {
        let limited = of(&bench, &ReconstructConfig { memory_limit_mb: Some(limit), ..config.clone() });
        assert_eq!(limited["streams"], streams, "{limit} MB");
        let warnings = limited["warnings"].to_string();
        assert!(warnings.contains("exit waves stay in memory"), "{warnings}");
    }
}

#[test]
fn every_mistake_is_told_before_anything_is_opened() {
    let config = ReconstructConfig {
        engine: Some("epi".to_owned()),
        stream: Some("maybe".to_owned()),
        ..ReconstructConfig::default()
    };
    let text = estimate("nowhere.cxi", &config).expect_err("two mistakes").to_string();
    assert!(text.contains("epi") && text.contains("maybe") && !text.contains("nowhere"), "{text}");
}
