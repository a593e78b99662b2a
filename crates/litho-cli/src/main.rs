//! The `lithoscope` command: arguments in, pipeline calls, messages out.

mod arguments;
mod chemistry;
mod commands;
mod progress;
mod spectral;
mod tilt_arguments;
mod tilts;

use arguments::{Command, Lithoscope};
use clap::Parser;
use litho_pipeline::PipelineError;
use litho_pipeline::error::{EXIT_INTERNAL, EXIT_USAGE};
use litho_types::observer::CancelToken;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match Lithoscope::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap knows where each goes.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { EXIT_USAGE } else { 0 });
        }
    };
    let cancel = CancelToken::new();
    let on_signal = cancel.clone();
    if let Err(error) = ctrlc::set_handler(move || on_signal.cancel()) {
        progress::warn(&format!("Ctrl-C will not write a checkpoint: {error}"));
    }
    let run = std::panic::AssertUnwindSafe(|| dispatch(&arguments.command, &cancel));
    match std::panic::catch_unwind(run) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) => {
            progress::fail(&error.to_string());
            ExitCode::from(error.exit_code())
        }
        Err(_) => {
            progress::fail(
                "this is a mistake in lithoscope, not in your data; please report it with the lines above",
            );
            ExitCode::from(EXIT_INTERNAL)
        }
    }
}

fn dispatch(command: &Command, cancel: &CancelToken) -> Result<u8, PipelineError> {
    match command {
        Command::Inspect(arguments) => commands::inspect(arguments),
        Command::Reconstruct(arguments) => commands::reconstruct(arguments, cancel),
        Command::Estimate(arguments) => commands::estimate(arguments),
        Command::Resolution(arguments) => commands::resolution(arguments, cancel),
        Command::Simulate(arguments) => commands::simulate(arguments, cancel),
        Command::Run(arguments) => spectral::run(arguments, cancel),
        Command::SpectrumScan(arguments) => spectral::spectrum_scan(arguments, cancel),
        Command::Xanes(arguments) => spectral::xanes(arguments),
        Command::Cluster(arguments) => spectral::cluster(arguments),
        Command::Unmix(arguments) => spectral::unmix(arguments),
        Command::Align(arguments) => tilts::align(arguments, cancel),
        Command::Tomo(arguments) => tilts::tomo(arguments, cancel),
        Command::Chemistry(arguments) => chemistry::chemistry(arguments),
        Command::Particles(arguments) => chemistry::particles(arguments, cancel),
        Command::Export(arguments) => commands::export(arguments),
        Command::Report(arguments) => commands::report(arguments),
        Command::Doctor(arguments) => Ok(commands::doctor(arguments)),
        Command::Schema(arguments) => Ok(commands::schema(arguments)),
    }
}
