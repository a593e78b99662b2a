//! The TOML files of a simulated tomographic experiment.

use super::{Channel, DEFAULT_SEED, Request, Tomography};
use litho_sim::tilts::ZonePlate;
use std::fmt::Write as _;

/// The optics of `--probe`, relative to the experiment's folder.
pub(super) const OPTICS: &str = "optics.toml";

/// The tilt series of a channel, relative to the experiment's folder.
pub(super) fn series_file(channel: &Channel<'_>) -> String {
    format!("{}.h5", channel.name)
}

/// The folder of a channel's scans, relative to the experiment's.
pub(super) fn scan_folder(channel: &Channel<'_>) -> String {
    if channel.folder.is_empty() { "frames".to_owned() } else { format!("frames/{}", channel.folder) }
}

/// The scan of a channel at angle number `index`, relative to the experiment's folder.
pub(super) fn scan_file(channel: &Channel<'_>, index: usize) -> String {
    format!("{}/a{index:03}.cxi", scan_folder(channel))
}

/// The optics file.
pub(super) fn optics(zone_plate: &ZonePlate) -> String {
    let ZonePlate { diameter, outermost_zone, stop_diameter, defocus } = zone_plate;
    format!(
        "[zone_plate]\ndiameter_m = {diameter:e}\noutermost_zone_m = {outermost_zone:e}\n\
         stop_diameter_m = {stop_diameter:e}\ndefocus_m = {defocus:e}\n"
    )
}

/// The experiment file that begins with the scans.
pub(super) fn of_scans(request: &Request, experiment: &dyn Tomography, channels: &[Channel<'_>]) -> String {
    let mut text = head(request);
    let seed = request.seed.unwrap_or(DEFAULT_SEED);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\n[reconstruct]\nengine = \"{}\"\nsubpixel = true\nseed = {seed}\n",
        request.subject.engine()
    );
    for channel in channels {
        for (index, angle) in experiment.angles().iter().enumerate() {
            let (file, energy) = (scan_file(channel, index), channel.energy.value());
            let _ = write!(
                text,
                "\n[[inputs]]\nfile = \"{file}\"\nenergy = {energy:.1}\nangle = {:.6}\nprobe = \"{OPTICS}\"\n",
                angle.value().to_degrees()
            );
        }
    }
    text
}

/// The experiment file that begins with the tilt series.
pub(super) fn of_series(request: &Request, channels: &[Channel<'_>]) -> String {
    let mut text = head(request);
    for channel in channels {
        let (file, energy) = (series_file(channel), channel.energy.value());
        let _ = write!(text, "\n[[inputs]]\nfile = \"{file}\"\nenergy = {energy:.1}\n");
    }
    text
}

fn head(request: &Request) -> String {
    let (title, model) = (request.subject.title(), request.subject.alignment());
    let command = command(request);
    format!(
        "# Made by `{command}`\n\ntitle = \"{title}\"\ntruth = \"truth.h5\"\n\n[align]\nmodel = \"{model}\"\n"
    )
}

/// The command that makes the same files.
pub(super) fn command(request: &Request) -> String {
    let (name, size) = (request.subject.name(), request.size.name());
    let seed = request.seed.unwrap_or(DEFAULT_SEED);
    let mut text = format!("lithoscope simulate {name} --size {size} --seed {seed}");
    if let Some(photons) = request.photons {
        let _ = write!(text, " --photons {photons}");
    }
    if request.projections {
        text.push_str(" --projections");
    }
    text
}
