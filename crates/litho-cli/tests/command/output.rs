//! What the program prints when all is well.

use crate::bench::{Bench, DATA, Ran};
use serde_json::Value;

#[test]
fn help_tells_units_and_defaults() {
    let bench = Bench::empty();
    let reading = [
        "Photon energy, eV",
        "Sample to detector, m",
        "Detector pixel, m",
        "Focus to sample, m",
        "[default: reject]",
    ];
    let engine = [
        "lsqml (least-squares maximum likelihood)",
        "--refine-positions",
        "--background",
        "--subpixel",
        "--stop",
        "--likelihood <HOW>",
        "[default: epie]",
        "[default: 100]",
        "[default: auto]",
        "[default: 1]",
        "[default: 0]",
    ];
    let commands: [(&str, &[&str]); 14] = [
        ("inspect", &reading),
        ("reconstruct", &[&reading[..], &engine].concat()),
        ("estimate", &[&reading[..], &engine, &["without running it", "--json"]].concat()),
        ("resolution", &[&reading[..], &engine].concat()),
        (
            "simulate",
            &["[default: small]", "[default: far]", "Photon energy for --object, eV", "Pixel of --object, m"],
        ),
        ("spectrum-scan", &["EXPERIMENT.toml", "--resume", "stack.h5"]),
        ("run", &["EXPERIMENT.toml", "--from <STAGE>", "spectrum-scan, xanes, cluster, report"]),
        ("xanes", &["Energies, eV", "[default: what the stack says]", "[default: table]"]),
        (
            "cluster",
            &["[default: edge_energy,pre_edge_ratio,n_eff_ratio]", "NAME=FILE,FILE", "[default: auto]"],
        ),
        ("unmix", &["[default: nnls]", "[default: constant]", "LOW,HIGH"]),
        ("export", &["png, tif, npy, csv", "[default: phase]"]),
        ("report", &["[default: beside the result, ending in .html]"]),
        ("doctor", &["--json"]),
        ("schema", &["[default: reconstruct]"]),
    ];
    let overview = bench.done(&["--help"]);
    for (command, words) in commands {
        assert!(overview.contains(&format!("\n  {command} ")), "{command} is missing in {overview}");
        let help = bench.done(&[command, "--help"]);
        for word in words {
            assert!(help.contains(word), "{command}: `{word}` is missing in {help}");
        }
    }
    assert!(bench.done(&["--version"]).starts_with(concat!("lithoscope ", env!("CARGO_PKG_VERSION"))));
}

fn json(bench: &Bench, arguments: &[&str]) -> Value {
    serde_json::from_str(&bench.done(arguments)).expect("JSON")
}

#[test]
fn json_is_json() {
    let bench = Bench::with_scan();
    let inspection = json(&bench, &["inspect", "scan.cxi", "--json"]);
    assert_eq!(inspection["format"], "cxi");
    assert_eq!((&inspection["frames"], &inspection["energy_ev"]), (&Value::from(64), &Value::from(2000.0)));
    assert_eq!(inspection["orientation"]["chosen"], 0);
    bench.done(&["reconstruct", "scan.cxi", "-o", "a.h5", "--iterations", "5", "--split", "--seed", "1"]);
    bench.done(&["reconstruct", "scan.cxi", "-o", "b.h5", "--iterations", "5", "--seed", "2"]);
    assert!(json(&bench, &["resolution", "a.h5", "--json"])["frc"]["data"].is_array());
    assert!(json(&bench, &["resolution", "a.h5", "b.h5", "--json"])["frc"]["correlation"].is_array());
    let split = ["resolution", "scan.cxi", "--split", "--json", "--iterations", "3"];
    assert!(json(&bench, &split)["frc"]["half_bit"].is_array());
    assert!(json(&bench, &["doctor", "--json"])[0]["what"].is_string());
    assert!(json(&bench, &["schema"])["properties"]["iterations"].is_object());
    for (name, property) in
        [("xanes", "model"), ("cluster", "descriptors"), ("unmix", "method"), ("references", "reference")]
    {
        assert!(json(&bench, &["schema", name])["properties"][property].is_object(), "{name}");
    }
    assert!(json(&bench, &["schema", "optics"])["properties"]["zone_plate"].is_object());
    assert_eq!(bench.files(), ["a.h5", "b.h5", "scan.cxi"]);
}

/// Mend: an estimate reads no frame, so it finds nothing wrong with frames that a run refuses.
#[test]
fn an_estimate_reads_no_frame_and_leaves_nothing_behind() {
    let bench = Bench::with_scan();
    bench.replace(DATA, ndarray::Array3::from_elem((64, 48, 48), f32::NAN).view());
    bench.refused(&["reconstruct", "scan.cxi", "-o", "out.h5"], 3, &["NaN"]);
    let flags =
        ["scan.cxi", "-o", "out.h5", "--engine", "dm:20,epie:10", "--modes", "2", "--stream", "always"];
    let told = bench.done(&[&["estimate"], &flags[..]].concat());
    for words in
        ["64 × 48 × 48", "float32, 590 kB", "scratch file", "exit waves", "dm iteration", "20 of them"]
    {
        assert!(told.contains(words), "`{words}` is missing in {told}");
    }
    let estimate = json(&bench, &[&["estimate", "--json"], &flags[..]].concat());
    assert_eq!(estimate["streams"], true);
    // 64 frames × 2 modes × 48² pixels × 8 bytes, twice.
    assert_eq!(estimate["memory_bytes"]["exit_waves"], 2 * 64 * 2 * 48 * 48 * 8);
    assert!(estimate["seconds"]["total"].as_f64().expect("a number") > 0.0);
    let ran = bench.run(&["estimate", "scan.cxi", "--engine", "dm", "--memory-limit", "3"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.contains("exit waves stay in memory"), "{}", ran.stderr);
    assert_eq!(bench.files(), ["scan.cxi"]);
}

#[test]
fn a_day_at_the_beamline() {
    let bench = Bench::empty();
    let made = bench.done(&["simulate", "scan", "-o", "day", "--size", "tiny", "--seed", "3"]);
    assert!(made.contains("scan.cxi") && made.contains("truth.h5"), "{made}");
    let shown = bench.done(&["inspect", "day/scan.cxi"]);
    for words in ["format", "cxi", "2000 eV", "64", "orientation"] {
        assert!(shown.contains(words), "`{words}` is missing in {shown}");
    }
    bench.write("run.toml", "iterations = 200\nseed = 9\n");
    // A flag wins over the file.
    let told = bench.done(&[
        "reconstruct",
        "day/scan.cxi",
        "-o",
        "r.h5",
        "--config",
        "run.toml",
        "--iterations",
        "4",
    ]);
    assert!(told.contains("after 4 iterations") && told.contains("wrote r.h5"), "{told}");
    bench.done(&["report", "r.h5"]);
    bench.done(&["export", "r.h5", "-o", "phase.png"]);
    assert_eq!(bench.files(), ["day", "phase.png", "r.h5", "r.html", "run.toml"]);
    let result = litho_io::read_result(bench.path("r.h5")).expect("a result");
    assert_eq!(result.number("/entry/process/seed").expect("a number"), 9.0);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let bench = Bench::with_scan();
    for arguments in [&["inspect", "scan.cxi", "--no-orientation"][..], &["schema"], &["--help"]] {
        let mut child = bench.start(arguments);
        drop(child.stdout.take());
        let ran = Ran::of(&child.wait_with_output().expect("ended"), arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn corrections_and_the_reason_to_stop_are_told() {
    let bench = Bench::with_scan();
    let flags = ["--refine-positions", "--background", "--subpixel", "--stop", "--likelihood", "poisson"];
    let run = ["reconstruct", "scan.cxi", "-o", "out.h5", "--engine", "lsqml:14", "--orientation", "0"];
    let told = bench.done(&[&run[..], &flags].concat());
    assert!(told.contains("\nstopped          "), "{told}");
    let result = litho_io::read_result(bench.path("out.h5")).expect("a result");
    assert!(result.contains("/entry/background/data"));
    let table = |name: &str| result.real(&format!("/entry/positions/{name}")).expect("numbers");
    assert_ne!(table("refined"), table("initial"));
    bench.done(&["export", "out.h5", "-o", "background.png", "--what", "background"]);
}

/// Mend: an error of 1 is that of a model without any light; what is above did not converge.
#[test]
fn a_run_that_gets_nowhere_says_so() {
    let bench = Bench::with_scan();
    bench.write("run.toml", "[pie]\nobject_step = 2.0\nprobe_step = 2.0\ngamma = 1e-6\n");
    let flags = ["--config", "run.toml", "--engine", "rpie:20", "--orientation", "0", "--probe", "mean"];
    let ran = bench.run(&[&["reconstruct", "scan.cxi", "-o", "out.h5"], &flags[..]].concat());
    assert_eq!(ran.code, Some(4), "{}", ran.stdout);
    assert!(ran.stderr.contains("warning: ") && ran.stderr.contains("converge"), "{}", ran.stderr);
    let result = litho_io::read_result(bench.path("out.h5")).expect("a result, flagged");
    assert_eq!(result.number("/entry/summary/converged").expect("a number"), 0.0);
}
