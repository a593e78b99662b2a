//! Ctrl-C and a polite kill: exit code 5, a checkpoint, and a run that goes on.

use crate::bench::{Bench, Ran, alone};
use std::io::{BufRead, BufReader, Read};
use std::process::Command;

/// So many that the run is still under way when its first line of progress (a fifth of the way) is read.
const ITERATIONS: &str = "2000";

/// Starts a run, sends `signal` at its first line of progress, and returns how it ended.
fn interrupted(bench: &Bench, arguments: &[&str], signal: &str) -> Ran {
    let mut child = bench.start(arguments);
    let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut seen = String::new();
    while !seen.contains("reconstruct: ") {
        let read = stderr.read_line(&mut seen).expect("a line");
        assert!(read > 0, "ended early: {seen}");
    }
    let guard = alone();
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
    drop(guard);
    assert!(kill.expect("started").success());
    stderr.read_to_string(&mut seen).expect("the rest");
    let mut output = child.wait_with_output().expect("ended");
    output.stderr = seen.into_bytes();
    Ran::of(&output, arguments)
}

#[test]
fn an_interrupted_run_leaves_a_checkpoint_and_goes_on() {
    let bench = Bench::with_scan();
    let arguments = [
        "reconstruct",
        "scan.cxi",
        "-o",
        "out.h5",
        "--iterations",
        ITERATIONS,
        "--orientation",
        "0",
        "--probe",
        "mean",
    ];
    let resumed = [&arguments[..], &["--resume"]].concat();
    for (signal, arguments) in [("-INT", &arguments[..]), ("-TERM", &resumed)] {
        let ran = interrupted(&bench, arguments, signal);
        assert_eq!(ran.code, Some(5), "{signal}: {}", ran.stderr);
        assert!(
            ran.stdout.contains("out.checkpoint.h5") && ran.stdout.contains("--resume"),
            "{}",
            ran.stdout
        );
        assert_eq!(bench.files(), ["out.checkpoint.h5", "scan.cxi"], "{signal}");
    }
    // Another run has no use for this checkpoint, and leaves it alone.
    bench.refused(&[&resumed[..], &["--seed", "7"]].concat(), 3, &["out.checkpoint.h5", "other settings"]);
    let told = bench.done(&resumed);
    assert!(told.contains(&format!("after {ITERATIONS} iterations")), "{told}");
    assert_eq!(bench.files(), ["out.h5", "scan.cxi"]);
}
