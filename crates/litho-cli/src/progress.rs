//! What a person sees while something runs.
#![expect(clippy::print_stderr, reason = "the one place that talks to the terminal")]

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use litho_types::observer::{Observer, Step};
use std::io::{IsTerminal, Write};

/// Prints a line of a result.
pub(crate) fn say(line: &str) {
    // A reader that has seen enough closes the pipe; that is no error.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a warning.
pub(crate) fn warn(line: &str) {
    eprintln!("warning: {line}");
}

/// Prints why a command stopped.
pub(crate) fn fail(line: &str) {
    eprintln!("error: {line}");
}

/// A bar with the time left on a terminal, a line now and then elsewhere.
pub(crate) struct Progress {
    bar: ProgressBar,
    name: String,
    terminal: bool,
}

/// Lines that a run prints where there is no terminal.
const PLAIN_LINES: usize = 5;

impl Progress {
    pub(crate) fn new() -> Self {
        Self { bar: ProgressBar::hidden(), name: String::new(), terminal: std::io::stderr().is_terminal() }
    }
}

impl Observer for Progress {
    fn begin(&mut self, name: &str, done: usize, iterations: usize) {
        name.clone_into(&mut self.name);
        if self.terminal {
            let style =
                ProgressStyle::with_template("{prefix:>12} [{bar:32}] {pos}/{len}  {msg}  {eta} left");
            self.bar = ProgressBar::with_draw_target(Some(iterations as u64), ProgressDrawTarget::stderr());
            self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            self.bar.set_prefix(self.name.clone());
            self.bar.set_position(done as u64);
        }
    }

    fn step(&mut self, step: Step) {
        if self.terminal {
            self.bar.set_message(format!("error {:.5}", step.loss));
            self.bar.set_position(step.iteration as u64);
        } else if step.iteration == step.iterations
            || step.iteration.is_multiple_of(step.iterations.div_ceil(PLAIN_LINES))
        {
            eprintln!("{}: {}/{}  error {:.5}", self.name, step.iteration, step.iterations, step.loss);
        }
    }

    fn end(&mut self) {
        self.bar.finish();
    }
}
