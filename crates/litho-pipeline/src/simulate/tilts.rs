//! `simulate lfp` and `simulate nmc`: tilt series, ptychographic scans at every angle, experiment files, and the truth.

mod motion;
mod tables;

use super::files::write_text;
use super::{lfp, nmc};
use crate::error::PipelineError;
use litho_io::{NexusWriter, write_cxi, write_tilts};
use litho_sim::SimError;
use litho_sim::scan::ScanSimulation;
use litho_sim::tilts::{Acquisition, Gauge, View};
use litho_types::C32;
use litho_types::observer::CancelToken;
use litho_types::quantity::{ElectronVolts, Metres, Radians};
use litho_types::tilt::TiltAngles;
use litho_types::tilt_series::{Projections, TiltSeries};
use ndarray::Array3;
use std::path::{Path, PathBuf};

pub use litho_sim::tilts::Size;

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Plates of lithium iron phosphate at two energies of the Fe L3 edge.
    Lfp,
    /// A secondary particle of lithium-rich NMC at 7 keV.
    Nmc,
}

/// What to simulate and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The experiment.
    pub subject: Subject,
    /// How large.
    pub size: Size,
    /// Seed of everything; `None` for 1.
    pub seed: Option<u64>,
    /// Photons per frame; `None` keeps the experiment's own. The series keeps its dose.
    pub photons: Option<f64>,
    /// Only the tilt series, no frames. At paper size there are never any.
    pub projections: bool,
    /// Folder to write to.
    pub folder: PathBuf,
}

/// How a simulation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything is written.
    Complete,
    /// Interrupted between two scans; the experiment files are missing.
    Interrupted,
}

/// Seed of an experiment for which none is given.
pub(super) const DEFAULT_SEED: u64 = 1;

/// The projections of a sample at one energy.
pub(super) struct Channel<'a> {
    /// Its series is `NAME.h5`, its scans are in `frames/FOLDER`, its truth is in `/entry/NAME`.
    pub(super) name: &'static str,
    /// Folder of its scans in `frames`; empty for `frames` itself.
    pub(super) folder: &'static str,
    /// Photon energy.
    pub(super) energy: ElectronVolts,
    /// How each projection sees the sample.
    pub(super) views: &'a [View],
    /// Factor and ramp of each projection of the series.
    pub(super) gauges: &'a [Gauge],
}

/// A tomographic experiment.
pub(super) trait Tomography {
    /// How it is measured.
    fn acquisition(&self) -> &Acquisition;
    /// The tilt angles, ascending.
    fn angles(&self) -> &[Radians];
    /// Its energies.
    fn channels(&self) -> Vec<Channel<'_>>;
    /// The tilt series of a channel, `(angle, y, x)`.
    fn series(&self, channel: usize) -> Array3<C32>;
    /// The scan of a channel at angle number `index`.
    fn scan(&self, channel: usize, index: usize) -> Result<ScanSimulation, SimError>;
    /// Writes the true volumes and what else there is to know about the sample.
    fn put_truth(&self, file: &mut NexusWriter) -> Result<(), PipelineError>;
    /// `references.toml` with the optical density of its phases, if there are several.
    fn references(&self) -> Option<String>;
}

/// Simulates and writes, one file after the other: `truth.h5`, the tilt series, `optics.toml` and the scans, and the
/// experiment files last. `wrote` is told each file.
///
/// # Errors
/// [`PipelineError`] for an impossible experiment, or files that cannot be written.
pub fn simulate(
    request: &Request,
    cancel: &CancelToken,
    wrote: &mut dyn FnMut(&Path),
) -> Result<Ending, PipelineError> {
    let seed = request.seed.unwrap_or(DEFAULT_SEED);
    match request.subject {
        Subject::Lfp => write(request, &litho_sim::lfp::Experiment::new(request.size, seed)?, cancel, wrote),
        Subject::Nmc => write(request, &litho_sim::nmc::Experiment::new(request.size, seed)?, cancel, wrote),
    }
}

impl Subject {
    /// Its name, as the command takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lfp => "lfp",
            Self::Nmc => "nmc",
        }
    }

    /// One line about it.
    const fn title(self) -> &'static str {
        match self {
            Self::Lfp => lfp::TITLE,
            Self::Nmc => nmc::TITLE,
        }
    }

    /// The chain of engines that suits its frames.
    const fn engine(self) -> &'static str {
        match self {
            Self::Lfp => lfp::ENGINE,
            Self::Nmc => nmc::ENGINE,
        }
    }

    /// How its projections are aligned and its volume is reconstructed: plates turn and grow as the stage moves, and their
    /// absorption tells their chemistry, for which references are named.
    const fn sections(self) -> &'static str {
        match self {
            Self::Lfp => {
                "references = \"references.toml\"\n\n[align]\nquantity = \"od\"\nmodel = \"similarity\"\n\n[tomo]\nmethod = \"art\"\nsplit = true\n"
            }
            Self::Nmc => "\n[align]\nquantity = \"phase\"\nmodel = \"shift\"\n\n[tomo]\nsplit = true\n",
        }
    }
}

impl Request {
    /// True if there will be frames.
    fn has_frames(&self) -> bool {
        !self.projections && self.size != Size::Paper
    }
}

fn write(
    request: &Request,
    experiment: &dyn Tomography,
    cancel: &CancelToken,
    wrote: &mut dyn FnMut(&Path),
) -> Result<Ending, PipelineError> {
    let channels = experiment.channels();
    let scan = |channel, index| -> Result<ScanSimulation, PipelineError> {
        let mut scan = experiment.scan(channel, index)?;
        scan.photons_per_frame = request.photons.unwrap_or(scan.photons_per_frame);
        Ok(scan)
    };
    // Nothing is written if the numbers are wrong.
    if request.has_frames() {
        scan(0, 0)?.check()?;
    }
    crate::output::make_folder(&request.folder)?;
    let at = |name: &str| request.folder.join(name);
    motion::write_truth(&at("truth.h5"), experiment, request)?;
    wrote(&at("truth.h5"));
    if let Some(text) = experiment.references() {
        write_text(&at("references.toml"), &text, wrote)?;
    }
    for (index, channel) in channels.iter().enumerate() {
        if cancel.is_cancelled() {
            return Ok(Ending::Interrupted);
        }
        let path = at(&tables::series_file(channel));
        write_series(&path, experiment, channel, experiment.series(index))?;
        wrote(&path);
    }
    if request.has_frames() {
        write_text(&at(tables::OPTICS), &tables::optics(&experiment.acquisition().scan.zone_plate), wrote)?;
        for (number, channel) in channels.iter().enumerate() {
            crate::output::make_folder(&at(&tables::scan_folder(channel)))?;
            for index in 0..experiment.angles().len() {
                if cancel.is_cancelled() {
                    return Ok(Ending::Interrupted);
                }
                let path = at(&tables::scan_file(channel, index));
                write_cxi(&path, &scan(number, index)?.simulate()?.0)?;
                wrote(&path);
            }
        }
        let name = format!("{}_projections.toml", request.subject.name());
        write_text(&at(&name), &tables::of_series(request, &channels), wrote)?;
    }
    let text = if request.has_frames() {
        tables::of_scans(request, experiment, &channels)
    } else {
        tables::of_series(request, &channels)
    };
    write_text(&at(&format!("{}.toml", request.subject.name())), &text, wrote)?;
    Ok(Ending::Complete)
}

/// Writes the tilt series of a channel.
fn write_series(
    path: &Path,
    experiment: &dyn Tomography,
    channel: &Channel<'_>,
    series: Array3<C32>,
) -> Result<(), PipelineError> {
    let degrees: Vec<f64> = experiment.angles().iter().map(|angle| angle.value().to_degrees()).collect();
    let odd =
        |error: &dyn std::fmt::Display| PipelineError::argument("simulate", channel.name, error.to_string());
    let angles = TiltAngles::from_degrees(&degrees).map_err(|error| odd(&error))?;
    let pixel = Some(Metres::new(experiment.acquisition().pixel));
    let projections = Projections::Transmission(series);
    let series =
        TiltSeries::new(angles, projections, pixel, Some(channel.energy)).map_err(|error| odd(&error))?;
    Ok(write_tilts(path, &series)?)
}
