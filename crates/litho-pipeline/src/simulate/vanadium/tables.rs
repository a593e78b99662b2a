//! The TOML files of the simulated experiment.

use super::{DEFAULT_SEED, Request};
use litho_sim::vanadium::experiment::{DEFOCUS, FOCUS};
use litho_sim::vanadium::{Experiment, Sample};
use std::fmt::Write as _;

/// The paper applies the Kramers–Kronig constraint from iteration 500 of 800 on, every 50: the same shares of any number.
const CONSTRAINT_START: f64 = 500.0 / 800.0;
const CONSTRAINT_EVERY: f64 = 50.0 / 800.0;

/// The scan of a sample at an energy, relative to the experiment's folder.
pub(super) fn scan_file(sample: Sample, index: usize) -> String {
    format!("{}/e{index:02}.cxi", sample.name())
}

/// The optics of `--probe`.
pub(super) fn optics() -> String {
    format!("[mirrors]\nfocus_fwhm_m = [{FOCUS:e}, {FOCUS:e}]\ndefocus_m = {DEFOCUS:e}\n")
}

/// Number of clusters in the paper, one for each kind.
const CLUSTERS: usize = 6;

/// The experiment file of one sample.
pub(super) fn sample(sample: Sample, experiment: &Experiment, request: &Request) -> String {
    let (name, group) = (sample.name(), sample.group().name());
    let iterations = experiment.plan().iterations;
    let share = |share: f64| (share * iterations as f64).round() as usize;
    let mut text = format!(
        "# {name} ({group}), made by `{}`\n\n[sample]\nname = \"{name}\"\nabsorber = \"V\"\nedge = \"K\"\n\n\
         [spectrum_scan]\nengine = \"epie\"\niterations = {iterations}\nseed = {}\n\n\
         [spectrum_scan.kramers_kronig]\nstart = {}\nevery = {}\n",
        command(request),
        request.seed.unwrap_or(DEFAULT_SEED),
        share(CONSTRAINT_START),
        share(CONSTRAINT_EVERY),
    );
    for (index, energy) in experiment.energies().electron_volts().into_iter().enumerate() {
        let file = scan_file(sample, index);
        // Writing to a string cannot fail.
        let _ =
            write!(text, "\n[[inputs]]\nfile = \"{file}\"\nenergy = {energy:.1}\nprobe = \"optics.toml\"\n");
    }
    text
}

/// The file that names all samples.
pub(super) fn all(samples: &[Sample], request: &Request) -> String {
    let mut text = format!(
        "# Particles of Li10/7V6/7O2 at the V K edge, made by `{}`\n\ntruth = \"truth.h5\"\n\n\
         [cluster]\nk = {CLUSTERS}\n",
        command(request)
    );
    for sample in samples {
        let (name, group) = (sample.name(), sample.group().name());
        let _ = write!(
            text,
            "\n[[sample]]\nname = \"{name}\"\ngroup = \"{group}\"\nexperiment = \"{name}.toml\"\n"
        );
    }
    text
}

/// The command that makes the same files.
pub(super) fn command(request: &Request) -> String {
    let mut text = format!("lithoscope simulate vanadium --size {}", request.size.name());
    let mut add = |option: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = write!(text, " --{option} {value}");
        }
    };
    add("seed", Some(request.seed.unwrap_or(DEFAULT_SEED).to_string()));
    add("samples", request.samples.as_ref().map(|names| names.join(",")));
    add("photons", request.photons.map(|value| value.to_string()));
    add("dose", request.dose.map(|value| value.to_string()));
    add("background", request.background.map(|value| value.to_string()));
    text
}
