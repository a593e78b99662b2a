//! Measurements of Lithoscope beside its peers: same data, same machine, same run.

mod clock;
mod error;
mod machine;
mod morph;
mod ptycho;
mod python;
mod spectro;
mod table;
mod tomo;

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
    /// Seconds per iteration and object error of our engines, beside the Fourier transforms alone, NumPy, PtyLab
    /// and phaser.
    Ptycho {
        /// Folder with a Python environment for each peer: bench-numpy, bench-ptylab, bench-phaser.
        #[arg(long, default_value = ".tools")]
        environments: PathBuf,
        /// Iterations of every stage in place of the rows' own, for a quick look; marks on object errors are not
        /// judged then.
        #[arg(long, value_parser = at_least_one)]
        iterations: Option<usize>,
        /// How often everything is measured, taking turns.
        #[arg(long, default_value_t = 3, value_parser = at_least_one)]
        rounds: usize,
        /// Measures this engine or peer alone; may be given several times.
        #[arg(long, value_name = "KEY")]
        only: Vec<String>,
        /// Draws object error against CPU time into this SVG file.
        #[arg(long, value_name = "FILE")]
        figure: Option<PathBuf>,
        /// Prints JSON in place of the Markdown report.
        #[arg(long)]
        json: bool,
    },
    /// Edge fits, clustering and linear combinations, beside SciPy, lmfit and scikit-learn.
    Spectro {
        /// Folder with the Python environment bench-spectro.
        #[arg(long, default_value = ".tools")]
        environments: PathBuf,
        /// How often everything is measured, taking turns.
        #[arg(long, default_value_t = 3, value_parser = at_least_one)]
        rounds: usize,
        /// Pixels that the peers fit.
        #[arg(long, default_value_t = 300, value_parser = at_least_one)]
        pixels: usize,
    },
    /// Distances, components and watershed, beside edt, cc3d, scikit-image and SciPy.
    Morph {
        /// Folder with the Python environment bench-morph.
        #[arg(long, default_value = ".tools")]
        environments: PathBuf,
        /// How often ours is measured on each number of threads; the best counts.
        #[arg(long, default_value_t = 3, value_parser = at_least_one)]
        rounds: usize,
    },
    /// Reconstructions of analytic projections, beside ASTRA.
    Tomo {
        /// Folder with the Python environment bench-tomo.
        #[arg(long, default_value = ".tools")]
        environments: PathBuf,
        /// How often ours is measured; the best counts.
        #[arg(long, default_value_t = 1, value_parser = at_least_one)]
        rounds: usize,
        /// Slices that ASTRA's slow methods reconstruct; seconds are scaled to 256.
        #[arg(long, default_value_t = 4, value_parser = at_least_one)]
        slices: usize,
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
    let (environments, iterations, rounds, only, figure, json) = match arguments.benchmark {
        Benchmark::Ptycho { environments, iterations, rounds, only, figure, json } => {
            (environments, iterations, rounds, only, figure, json)
        }
        Benchmark::Spectro { environments, rounds, pixels } => {
            let report = spectro::run(&spectro::Settings { environments, rounds, pixels })?;
            return Ok(writeln!(std::io::stdout(), "{report}")?);
        }
        Benchmark::Morph { environments, rounds } => {
            let report = morph::run(&morph::Settings { environments, rounds })?;
            return Ok(writeln!(std::io::stdout(), "{report}")?);
        }
        Benchmark::Tomo { environments, rounds, slices } => {
            let report = tomo::run(&tomo::Settings { environments, rounds, slices })?;
            return Ok(writeln!(std::io::stdout(), "{report}")?);
        }
    };
    if let Some(file) = figure.as_ref().filter(|file| file.extension().is_none_or(|found| found != "svg")) {
        return Err(BenchError::FigureFormat { file: file.clone() });
    }
    let result = ptycho::run(&Settings { environments, iterations, rounds, only })?;
    if let Some(file) = figure {
        std::fs::write(file, result.figure())?;
    }
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
