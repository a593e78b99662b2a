//! Mistakes in the command itself: exit code 2, before anything is computed.

use crate::bench::Bench;

#[test]
fn flags_and_names_nobody_knows() {
    let bench = Bench::with_scan();
    bench.refused(&["inspect", "scan.cxi", "--bogus"], 2, &["--bogus", "--help"]);
    bench.refused(&["inspect"], 2, &["<FILE>", "--help"]);
    bench.refused(&["reconstuct", "scan.cxi"], 2, &["reconstuct", "reconstruct"]);
    bench.refused(
        &["inspect", "example:siemen"],
        2,
        &["example:siemen", "example:siemens", "example:near-field"],
    );
    bench.refused(&["inspect", "scan.cxi", "--format", "cix"], 2, &["input.format", "cix", "cxi"]);
    bench.refused(&["simulate", "scan", "-o", "new", "--photons", "0"], 2, &["photons", "0", "above zero"]);
    bench.refused(&["simulate", "scan", "-o", "new", "--dose", "0.1"], 2, &["--dose", "simulate vanadium"]);
    let vanadium = ["simulate", "vanadium", "-o", "new", "--size", "tiny"];
    bench.refused(&[&vanadium[..], &["--regime", "near"]].concat(), 2, &["--regime", "simulate scan"]);
    bench.refused(&[&vanadium[..], &["--samples", "P1,Q1"]].concat(), 2, &["Q1", "P1, P2, P3", "LiVO3"]);
    bench.refused(&[&vanadium[..], &["--dose", "0"]].concat(), 2, &["--dose", "above zero"]);
    bench.refused(&[&vanadium[..], &["--projections"]].concat(), 2, &["--projections", "simulate lfp"]);
    let nmc = ["simulate", "nmc", "-o", "new", "--size", "tiny"];
    bench.refused(&[&nmc[..], &["--samples", "P1"]].concat(), 2, &["--samples", "simulate vanadium"]);
    bench.refused(&[&nmc[..], &["--photons", "-1"]].concat(), 2, &["photons", "above zero"]);
}

#[test]
fn every_mistake_of_a_configuration_is_told_at_once() {
    let bench = Bench::with_scan();
    bench.write("run.toml", "iteration = 5\nseed = 2\n[pie]\nobject_stp = 1.0\n[input]\nenergy = 2000.0\n");
    let arguments = ["reconstruct", "scan.cxi", "-o", "out.h5", "--config", "run.toml"];
    let told = [
        "run.toml:1: unknown key `iteration`; did you mean `iterations`?",
        "run.toml:4: unknown key `pie.object_stp`; did you mean `object_step`?",
        "run.toml:6: unknown key `input.energy`; did you mean `energy_ev`?",
    ];
    bench.refused(&arguments, 2, &told);
    bench.write("run.toml", "seed = 2\niterations = \"many\"\n");
    bench.refused(&arguments, 2, &["run.toml:2:", "invalid type"]);
    bench.write("run.toml", "seed = = 2\n");
    bench.refused(&arguments, 2, &["run.toml:1:"]);
    bench.refused(
        &["reconstruct", "scan.cxi", "-o", "out.h5", "--config", "no.toml"],
        2,
        &["no.toml", "TOML"],
    );
}

#[test]
fn every_value_that_makes_no_sense_is_told_at_once() {
    let bench = Bench::with_scan();
    let flags =
        ["--engine", "epi,dm:0", "--modes", "0", "--orientation", "9", "--energy=-3", "--distance", "nan"];
    let told = [
        "did you mean epie?",
        "dm:0",
        "modes = 0",
        "orientation = 9",
        "input.energy_ev = -3",
        "input.distance_m = NaN",
    ];
    bench.refused(&[&["reconstruct", "scan.cxi", "-o", "out.h5"], &flags[..]].concat(), 2, &told);
    bench.refused(&[&["estimate", "scan.cxi"], &flags[..]].concat(), 2, &told);
    bench.refused(
        &["reconstruct", "scan.cxi", "-o", "out.h5", "--stream", "maybe", "--memory-limit", "0"],
        2,
        &["stream = maybe: choose one of auto, always, never", "memory_limit_mb = 0"],
    );
}

#[test]
fn corrections_that_make_no_sense() {
    let bench = Bench::with_scan();
    let with = |arguments: &[&str], words: &[&str]| {
        bench.refused(&[&["reconstruct", "scan.cxi", "-o", "out.h5"], arguments].concat(), 2, words);
    };
    with(&["--likelihood", "gauss"], &["likelihood = gauss", "amplitude, poisson, intensity"]);
    with(&["--engine", "dm", "--likelihood", "poisson"], &["likelihood = poisson", "dm and raar"]);
    with(&["--engine", "lsq"], &["engine = lsq", "did you mean lsqml?"]);
    with(&["--background", "--iterations", "5"], &["background.start = 10", "5 iterations"]);
    bench.write(
        "run.toml",
        "[positions]\nmethod = \"guess\"\n[stop]\nwindow = 0\n[fly_scan]\nexposures = 3\n",
    );
    let told = [
        "positions.method = guess",
        "gradient, annealing, both",
        "stop.window = 0",
        "fly_scan.sweep_m",
        "sweep_px",
    ];
    with(&["--config", "run.toml"], &told);
    bench.write("run.toml", "[background]\nsmothness = 1.0\n");
    with(
        &["--config", "run.toml"],
        &["run.toml:2: unknown key `background.smothness`; did you mean `smoothness`?"],
    );
}

/// Mend: `allow_negative_numbers = true` on each subcommand.
#[test]
fn a_negative_number_is_a_number() {
    let bench = Bench::with_scan();
    bench.refused(&["inspect", "scan.cxi", "--energy", "-3"], 2, &["input.energy_ev = -3", "positive"]);
}

#[test]
fn probes_that_are_none() {
    let bench = Bench::with_scan();
    let with = |probe: &str, code: i32, words: &[&str]| {
        bench.refused(&["reconstruct", "scan.cxi", "-o", "out.h5", "--probe", probe], code, words);
    };
    with("no.h5:/probe", 2, &["no.h5", "check the path"]);
    with("no.toml", 2, &["no.toml", "optics"]);
    with("scan.cxi:/no", 3, &["scan.cxi", "/no"]);
    bench.write(
        "beam.toml",
        "[zone_plate]\ndiameter_m = 1e-4\noutermost_zone_m = 4e-8\n[pinhole]\ndiameter_m = 1e-6\n",
    );
    with("beam.toml", 2, &["beam.toml", "exactly one"]);
    bench.write("beam.toml", "[zone_plate]\ndiametre_m = 1e-4\n");
    with("beam.toml", 2, &["beam.toml", "diametre_m", "diameter_m"]);
}

#[test]
fn resuming_without_a_checkpoint() {
    let bench = Bench::with_scan();
    let arguments = ["reconstruct", "scan.cxi", "-o", "out.h5", "--resume", "--iterations", "2"];
    bench.refused(&arguments, 2, &["out.checkpoint.h5"]);
    bench.refused(&arguments, 2, &["--resume"]);
}

#[test]
fn an_output_that_cannot_be_written_is_told_before_the_work() {
    let bench = Bench::with_scan();
    std::fs::create_dir(bench.path("folder")).expect("made");
    for output in ["missing/out.h5", "folder"] {
        let arguments = ["reconstruct", "scan.cxi", "-o", output, "--iterations", "2"];
        bench.refused(&arguments, 2, &[output]);
        let ran = bench.run(&arguments);
        assert!(!ran.stderr.contains("reconstruct: "), "iterations were done first: {}", ran.stderr);
    }
}

#[test]
fn exports_and_reports_that_cannot_be_written() {
    let bench = Bench::with_scan();
    bench.done(&["reconstruct", "scan.cxi", "-o", "out.h5", "--iterations", "2", "--orientation", "0"]);
    for ending in ["png", "tif", "npy"] {
        let output = format!("missing/phase.{ending}");
        bench.refused(&["export", "out.h5", "-o", &output], 2, &[&output, "make it first"]);
    }
    bench.refused(&["export", "out.h5", "-o", "phase.jpg"], 2, &["jpg", ".png"]);
    bench.refused(&["export", "out.h5", "-o", "loss.png", "--what", "loss"], 2, &["loss", ".csv"]);
    bench.refused(&["export", "out.h5", "-o", "x.png", "--what", "fase"], 2, &["fase", "phase"]);
    bench.refused(&["export", "out.h5", "-o", "frc.csv", "--what", "frc"], 3, &["out.h5", "frc"]);
    bench.refused(&["report", "out.h5", "-o", "missing/out.html"], 2, &["missing/out.html", "make it first"]);
}

#[test]
fn a_scan_is_never_overwritten_by_its_result() {
    let bench = Bench::with_scan();
    let before = std::fs::read(bench.path("scan.cxi")).expect("read");
    for output in ["scan.cxi", "./scan.cxi"] {
        let ran = bench.run(&["reconstruct", "scan.cxi", "-o", output, "--iterations", "2"]);
        assert!(std::fs::read(bench.path("scan.cxi")).expect("read") == before, "the scan is gone");
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("scan.cxi"), "{}", ran.stderr);
    }
}

#[test]
fn mistakes_of_the_commands_on_stacks() {
    let bench = Bench::empty();
    bench.write("x.toml", "polsh = true\n[model]\nterms = [{ nme = \"edge\" }]\n");
    let told = [
        "x.toml:1: unknown key `polsh`; did you mean `polish`?",
        "x.toml:3: unknown key `model.terms.nme`; did you mean `name`?",
    ];
    bench.refused(&["xanes", "a.h5", "-o", "maps.h5", "--config", "x.toml"], 2, &told);
    bench.refused(&["xanes", "a.h5", "-o", "maps.h5", "--absorber", "Vx"], 2, &["absorber = Vx"]);
    bench.refused(&["cluster", "-o", "domains.h5"], 2, &["<MAPS.h5>"]);
    bench.refused(&["cluster", "a.h5", "-o", "d.h5", "--k", "many"], 2, &["k = many", "\"auto\""]);
    bench.refused(&["cluster", "a.h5", "-o", "d.h5", "--group", "P2"], 2, &["--group", "NAME=FILE"]);
    let unmix = ["unmix", "a.h5", "-o", "lcf.h5", "--references", "R.toml"];
    bench.refused(&unmix, 2, &["R.toml", "[[reference]]"]);
    bench.refused(&[&unmix[..], &["--method", "lasso"]].concat(), 2, &["method = lasso", "ols, nnls"]);
}
