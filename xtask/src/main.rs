//! `cargo xtask tidy`: the laws of the house, checked.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program speaks to its terminal"
)]

mod tidy;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

const USAGE: &str = "usage: cargo xtask tidy";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments != ["tidy"] {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("tidy: {message}");
            ExitCode::from(2)
        }
    }
}

/// Checks the repository around the current directory; `true` when every rule holds.
fn run() -> Result<bool, String> {
    let current = env::current_dir().map_err(|error| format!("the current directory is unknown: {error}"))?;
    let root = repository(&current)
        .ok_or_else(|| format!("{} is not inside the repository; run from its root", current.display()))?;
    let tree = tidy::read(&root)
        .map_err(|error| format!("the repository at {} is unreadable: {error}", root.display()))?;
    let violations = tidy::check(&tree);
    for violation in &violations {
        println!("{violation}");
    }
    println!(
        "tidy: {} files, {} rules, {} violations",
        tree.files.len(),
        tidy::RULES.len(),
        violations.len()
    );
    Ok(violations.is_empty())
}

/// The nearest ancestor of `start` that holds this program's manifest.
fn repository(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join("xtask/Cargo.toml").is_file()).map(Path::to_path_buf)
}
