//! Our engines beside the Fourier transforms alone and beside peers.

mod engines;
mod figure;
mod json;
mod marks;
mod ours;
mod peers;
mod python;
mod report;
mod scene;
mod work;

use crate::clock::{Clock, Ratio, Rounds};
use crate::error::BenchError;
use crate::machine::{self, Machine};
use engines::{Engine, Floor, engines};
use litho_resolve::object_error::{ObjectErrorOptions, RampSearch, ShiftSearch, object_error};
use litho_types::C32;
use ndarray::Array2;
use ours::{Ours, Threads};
use peers::{Beside, PEERS, Peer};
use python::Python;
use scene::Scene;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is measured how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Folder of the Python environments.
    pub(crate) environments: PathBuf,
    /// Iterations of every stage and peer in place of the rows' own.
    pub(crate) iterations: Option<usize>,
    /// How often everything is measured, taking turns.
    pub(crate) rounds: usize,
    /// Keys of the engines and peers to measure, all of them if empty.
    pub(crate) only: Vec<String>,
}

/// The iterations after which the object error is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kept {
    last: usize,
}

impl Kept {
    /// About evenly spaced on a logarithmic axis.
    const ITERATIONS: [usize; 12] = [1, 2, 3, 4, 5, 7, 10, 14, 20, 25, 30, 40];

    /// Those of a run of `last` iterations, and the last itself.
    fn of(last: usize) -> Self {
        Self { last }
    }

    fn contains(self, iteration: usize) -> bool {
        iteration == self.last || iteration < self.last && Self::ITERATIONS.contains(&iteration)
    }

    fn iterations(self) -> impl Iterator<Item = usize> {
        (1..=self.last).filter(move |&iteration| self.contains(iteration))
    }

    /// The iterations with commas between them.
    fn list(self) -> String {
        self.iterations().map(|iteration| iteration.to_string()).collect::<Vec<_>>().join(",")
    }
}

/// The object error after an iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Waypoint {
    iteration: usize,
    /// Relative L2 distance of the object from the truth.
    error: f64,
}

/// What was found out about one of our engines.
#[derive(Debug, Clone, PartialEq)]
struct MeasuredEngine {
    engine: Engine,
    /// On one thread.
    rounds: Rounds,
    /// On two threads, for an engine that is parallel by nature.
    two_threads: Option<Rounds>,
    /// True if every timed run, on any number of threads, left the object of the untimed one, bit by bit.
    same_bits: bool,
    /// In the order of the iterations.
    path: Vec<Waypoint>,
}

/// What was found out about a peer.
#[derive(Debug, Clone, PartialEq)]
struct MeasuredPeer {
    peer: Peer,
    rounds: Rounds,
    /// In the order of the iterations; empty for the transforms alone.
    path: Vec<Waypoint>,
    versions: BTreeMap<String, String>,
    /// Why it could not be measured.
    absent: Option<String>,
}

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report {
    settings: Settings,
    machine: Machine,
    load_after: Option<f64>,
    frames: usize,
    shape: (usize, usize),
    floors: Vec<(Floor, Rounds)>,
    /// The transforms alone in cache, on two threads.
    two_thread_floor: Rounds,
    engines: Vec<MeasuredEngine>,
    peers: Vec<MeasuredPeer>,
}

impl Report {
    fn floor(&self, floor: Floor) -> Option<&Rounds> {
        self.floors.iter().find(|(found, _)| *found == floor).map(|(_, rounds)| rounds)
    }

    fn engine(&self, key: &str) -> Option<&MeasuredEngine> {
        self.engines.iter().find(|measured| measured.engine.key == key)
    }

    /// CPU time of an engine in floors.
    fn in_floors(&self, measured: &MeasuredEngine) -> Option<Ratio> {
        Some(measured.rounds.ratio(self.floor(measured.engine.floor)?, Clock::Cpu))
    }

    /// Name of what of ours a peer is compared with, and the peer's CPU time divided by ours.
    fn beside_ours(&self, measured: &MeasuredPeer) -> Option<(&'static str, Ratio)> {
        if measured.absent.is_some() {
            return None;
        }
        let (name, ours) = match measured.peer.beside {
            Beside::Floor(floor) => (floor.name(), self.floor(floor)?),
            Beside::Engine(key) => self.engine(key).map(|found| (found.engine.name, &found.rounds))?,
        };
        Some((name, measured.rounds.ratio(ours, Clock::Cpu)))
    }
}

/// Makes the data, lets ours and the peers take turns and gathers what they cost.
///
/// # Errors
/// [`BenchError`] if the data cannot be made or one of our reconstructions fails. A peer that fails is reported.
pub(crate) fn run(settings: &Settings) -> Result<Report, BenchError> {
    let (engines, peers) = chosen(settings)?;
    let machine = Machine::here();
    let folder = tempfile::tempdir()?;
    let python = Python::new(&settings.environments, folder.path())?;
    python.make_data()?;
    let scene = Scene::read(&python.data())?;
    let ours = Ours::new(&scene)?;
    let mut measured = start(settings, machine, &scene, engines, peers);
    let mut objects = Vec::new();
    for found in &mut measured.engines {
        let trace = ours.trace(&found.engine)?;
        found.path = path(&trace, &scene.truth)?;
        objects.push(trace.into_iter().next_back().map(|(_, object)| object));
    }
    for _ in 0..settings.rounds {
        for (floor, rounds) in &mut measured.floors {
            rounds.push(vec![ours.floor(*floor)]);
        }
        measured.two_thread_floor.push(vec![ours.floor_on_two_threads()]);
        for (found, object) in measured.engines.iter_mut().zip(&objects) {
            let (costs, last) = ours.time(&found.engine, Threads::One)?;
            found.rounds.push(costs);
            found.same_bits &= object.as_ref() == Some(&last);
            if let Some(rounds) = &mut found.two_threads {
                let (costs, last) = ours.time(&found.engine, Threads::Two)?;
                rounds.push(costs);
                found.same_bits &= object.as_ref() == Some(&last);
            }
        }
        for found in measured.peers.iter_mut().filter(|found| found.absent.is_none()) {
            if let Err(error) = found.measure(&python, &scene.truth) {
                found.absent = Some(error.to_string());
            }
        }
    }
    measured.load_after = machine::load();
    Ok(measured)
}

/// The rows that are asked for, with the iterations asked for.
fn chosen(settings: &Settings) -> Result<(Vec<Engine>, Vec<Peer>), BenchError> {
    let (mut engines, mut peers) = (engines(), PEERS.to_vec());
    let known: Vec<&str> = engines.iter().map(|e| e.key).chain(peers.iter().map(|p| p.key)).collect();
    if let Some(key) = settings.only.iter().find(|key| !known.contains(&key.as_str())) {
        return Err(BenchError::UnknownKey { key: key.clone(), known: known.join(", ") });
    }
    if !settings.only.is_empty() {
        engines.retain(|engine| settings.only.iter().any(|key| key == engine.key));
        peers.retain(|peer| settings.only.iter().any(|key| key == peer.key));
    }
    if let Some(iterations) = settings.iterations {
        for stage in engines.iter_mut().flat_map(|engine| &mut engine.stages) {
            stage.iterations = iterations;
        }
        for peer in &mut peers {
            peer.iterations = iterations;
        }
    }
    Ok((engines, peers))
}

/// The report before anything is measured.
fn start(
    settings: &Settings,
    machine: Machine,
    scene: &Scene,
    engines: Vec<Engine>,
    peers: Vec<Peer>,
) -> Report {
    let engine = |engine: Engine| MeasuredEngine {
        two_threads: engine.parallel.then(Rounds::default),
        engine,
        rounds: Rounds::default(),
        same_bits: true,
        path: Vec::new(),
    };
    let peer = |peer: Peer| MeasuredPeer {
        peer,
        rounds: Rounds::default(),
        path: Vec::new(),
        versions: BTreeMap::new(),
        absent: None,
    };
    Report {
        settings: settings.clone(),
        machine,
        load_after: None,
        frames: scene.scan.frames.len(),
        shape: scene.scan.frames.shape(),
        floors: Floor::ALL.map(|floor| (floor, Rounds::default())).to_vec(),
        two_thread_floor: Rounds::default(),
        engines: engines.into_iter().map(engine).collect(),
        peers: peers.into_iter().map(peer).collect(),
    }
}

impl MeasuredPeer {
    /// Takes one turn. The object errors are the first round's; only phaser's differ from round to round.
    fn measure(&mut self, python: &Python<'_>, truth: &Array2<C32>) -> Result<(), BenchError> {
        let turn = python.run(&self.peer)?;
        if self.path.is_empty() {
            self.path = path(&turn.objects, truth)?;
        }
        self.versions = turn.versions;
        self.rounds.push(turn.costs);
        Ok(())
    }
}

fn path(objects: &[(usize, Array2<C32>)], truth: &Array2<C32>) -> Result<Vec<Waypoint>, BenchError> {
    let waypoint = |(iteration, object): &(usize, Array2<C32>)| {
        Ok(Waypoint { iteration: *iteration, error: distance(object, truth)? })
    };
    objects.iter().map(waypoint).collect()
}

/// The object error as comparisons of programs define it: 64 pixels left out at each side; whole-pixel shift,
/// phase ramp to 1/8 Fourier pixel and complex factor removed.
fn distance(object: &Array2<C32>, truth: &Array2<C32>) -> Result<f64, BenchError> {
    let options =
        ObjectErrorOptions { margin: 64, shift: ShiftSearch::WholePixels, ramp: RampSearch::EighthPixel };
    Ok(object_error(object.view(), truth.view(), &options)?.relative)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_iteration_is_always_kept() {
        assert_eq!(Kept::of(6).list(), "1,2,3,4,5,6");
        assert_eq!(Kept::of(1).list(), "1");
        assert_eq!(Kept::of(40).iterations().last(), Some(40));
    }

    #[test]
    fn only_what_is_asked_for_is_measured() {
        let settings = |only: &[&str]| Settings {
            environments: PathBuf::new(),
            iterations: Some(3),
            rounds: 1,
            only: only.iter().map(|key| (*key).to_owned()).collect(),
        };
        let (engines, peers) = chosen(&settings(&["dm", "ptylab-epie"])).expect("known keys");
        assert_eq!(engines.iter().map(|e| (e.key, e.iterations())).collect::<Vec<_>>(), [("dm", 3)]);
        assert_eq!(peers.iter().map(|p| (p.key, p.iterations)).collect::<Vec<_>>(), [("ptylab-epie", 3)]);
        assert!(matches!(chosen(&settings(&["nobody"])), Err(BenchError::UnknownKey { .. })));
    }
}
