//! ePIE and the difference map beside the Fourier transforms alone and plain NumPy.

mod numpy;
mod ours;
mod report;
mod scene;
mod work;

use crate::clock::Cost;
use crate::error::BenchError;
use crate::machine::{self, Machine};
use litho_resolve::object_error::{ObjectErrorOptions, RampSearch, ShiftSearch, object_error};
use litho_types::C32;
use ndarray::Array2;
use numpy::{Numpy, Versions};
use ours::Ours;
use scene::Scene;
use std::path::PathBuf;

/// What is measured how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Python with numpy, scipy and h5py.
    pub(crate) python: PathBuf,
    /// Iterations of each reconstruction.
    pub(crate) iterations: usize,
    /// How often everything is measured, taking turns.
    pub(crate) rounds: usize,
}

/// One line of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// Forward and inverse transform of every frame, in one buffer that stays in the cache, as ePIE does.
    Floor,
    /// The same, each frame where it lies in memory, as the difference map does.
    FloorInMemory,
    /// Our ePIE with its own step sizes, one thread.
    Epie,
    /// Our ePIE with the published steps α = β = 1, probe from the third iteration on, one thread.
    EpiePublished,
    /// Our difference map, one thread.
    DifferenceMap,
    /// Our difference map, two threads.
    DifferenceMapTwoThreads,
    /// ePIE in plain NumPy and SciPy, α = β = 1, probe from the third iteration on.
    NumpyEpie,
    /// `scipy.fft`, forward and inverse, frame by frame.
    ScipyFloor,
    /// `scipy.fft`, forward and inverse, all frames in one call.
    ScipyFloorInMemory,
}

impl Subject {
    const ALL: [Self; 9] = [
        Self::Floor,
        Self::FloorInMemory,
        Self::Epie,
        Self::EpiePublished,
        Self::DifferenceMap,
        Self::DifferenceMapTwoThreads,
        Self::NumpyEpie,
        Self::ScipyFloor,
        Self::ScipyFloorInMemory,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor: our transforms, in cache",
            Self::FloorInMemory => "floor: our transforms, in memory",
            Self::Epie => "our ePIE, its own steps",
            Self::EpiePublished => "our ePIE, α = β = 1",
            Self::DifferenceMap => "our difference map",
            Self::DifferenceMapTwoThreads => "our difference map, 2 threads",
            Self::NumpyEpie => "NumPy ePIE, α = β = 1",
            Self::ScipyFloor => "SciPy transforms, one by one",
            Self::ScipyFloorInMemory => "SciPy transforms, one call",
        }
    }
}

/// What was found out about one subject.
#[derive(Debug, Clone, PartialEq)]
struct Measured {
    subject: Subject,
    /// One cost per round.
    costs: Vec<Cost>,
    /// Relative L2 distance of the object from the truth, for the reconstructions.
    object_error: Option<f64>,
}

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report {
    settings: Settings,
    machine: Machine,
    load_after: Option<f64>,
    versions: Versions,
    frames: usize,
    shape: (usize, usize),
    /// In the order of [`Subject::ALL`].
    measured: Vec<Measured>,
}

/// One subject's turn: what it cost and, for a reconstruction, the object it came to.
type Turn = (Subject, Cost, Option<Array2<C32>>);

/// Makes the data, lets ours and NumPy's take turns and gathers what they cost.
///
/// # Errors
/// [`BenchError`] if Python, the data or a reconstruction fails.
pub(crate) fn run(settings: &Settings) -> Result<Report, BenchError> {
    let machine = Machine::here();
    let folder = tempfile::tempdir()?;
    let numpy = Numpy::new(&settings.python, folder.path());
    numpy.make_data()?;
    let scene = Scene::read(&numpy.data())?;
    let ours = Ours::new(&scene, settings.iterations)?;
    let mut measured =
        Subject::ALL.map(|subject| Measured { subject, costs: Vec::new(), object_error: None }).to_vec();
    let mut versions = Versions::default();
    for _ in 0..settings.rounds {
        let mut turns = ours.measure()?;
        let (reference, found) = numpy.measure(settings.iterations)?;
        turns.extend(reference);
        versions = found;
        for (subject, cost, object) in turns {
            let entry = &mut measured[subject as usize];
            entry.costs.push(cost);
            // The engines are deterministic: the first round's object is every round's.
            if let (Some(object), None) = (object, entry.object_error) {
                entry.object_error = Some(distance(&object, &scene.truth)?);
            }
        }
    }
    Ok(Report {
        settings: settings.clone(),
        machine,
        load_after: machine::load(),
        versions,
        frames: scene.scan.frames.len(),
        shape: scene.scan.frames.shape(),
        measured,
    })
}

/// The object error as comparisons of programs define it: 64 pixels left out at each side; whole-pixel shift,
/// phase ramp to 1/8 Fourier pixel and complex factor removed.
fn distance(object: &Array2<C32>, truth: &Array2<C32>) -> Result<f64, BenchError> {
    let options =
        ObjectErrorOptions { margin: 64, shift: ShiftSearch::WholePixels, ramp: RampSearch::EighthPixel };
    Ok(object_error(object.view(), truth.view(), &options)?.relative)
}
