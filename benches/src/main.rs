//! Measurements of Lithoscope beside its peers: same data, same machine, same run.

mod clock;
mod error;
mod machine;
mod ptycho;
mod table;

use clap::{Parser, Subcommand};
use error::BenchError;
use ptycho::Settings;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Side-by-side measurements with peers.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(Debug, Subcommand)]
enum Benchmark {
    /// Seconds per iteration and object error of ePIE and the difference map, beside the Fourier
    /// transforms alone and plain NumPy.
    Ptycho {
        /// Python with numpy, scipy and h5py.
        #[arg(long, default_value = "python3")]
        python: PathBuf,
        /// Iterations of each run.
        #[arg(long, default_value_t = 20, value_parser = at_least_one)]
        iterations: usize,
        /// How often everything is measured, taking turns.
        #[arg(long, default_value_t = 3, value_parser = at_least_one)]
        rounds: usize,
        /// Prints JSON in place of the Markdown report.
        #[arg(long)]
        json: bool,
    },
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(count) => Ok(count),
        Err(error) => Err(format!("{error}")),
    }
}

fn run(arguments: Arguments) -> Result<(), BenchError> {
    let Benchmark::Ptycho { python, iterations, rounds, json } = arguments.benchmark;
    let result = ptycho::run(&Settings { python, iterations, rounds })?;
    let text = if json { result.json() } else { result.markdown() };
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done if even the error stream is closed.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
