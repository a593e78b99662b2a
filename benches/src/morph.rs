//! Morphology beside edt, cc3d, scikit-image and SciPy: a porous field and a pack of spheres, 256³.

mod rows;
mod scene;

use crate::clock::{Cost, Stopwatch};
use crate::error::BenchError;
use crate::machine::{Machine, load};
use crate::python::Python;
use crate::table::markdown;
use rows::{Found, Row};
use scene::{ENVIRONMENT, Printed, SCRIPT, Scene};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is measured how often.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Folder of the Python environments.
    pub(crate) environments: PathBuf,
    /// How often ours is measured on each number of threads; the best counts.
    pub(crate) rounds: usize,
}

/// The best of some rounds, and what came out.
fn measure(scene: &Scene, row: &Row, threads: usize, rounds: usize) -> Result<(Cost, Found), BenchError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let mut best = Cost { cpu: f64::INFINITY, wall: f64::INFINITY };
    let mut found = Found::Nothing;
    for _ in 0..rounds {
        drop(std::mem::replace(&mut found, Found::Nothing));
        let clock = Stopwatch::start();
        found = pool.install(|| row.run(scene))?;
        let cost = clock.elapsed();
        best = Cost { cpu: best.cpu.min(cost.cpu), wall: best.wall.min(cost.wall) };
    }
    Ok((best, found))
}

/// The report as Markdown.
///
/// # Errors
/// [`BenchError`] if the volumes cannot be made or ours fails. A peer that fails is reported.
pub(crate) fn run(settings: &Settings) -> Result<String, BenchError> {
    let python = Python::new(&settings.environments, ENVIRONMENT)?;
    python.call(SCRIPT, &["make"])?;
    let scene = Scene::read(&python)?;
    let before = load();
    let (mut lines, mut versions, mut failures) = (Vec::new(), BTreeMap::new(), Vec::new());
    for row in rows::ROWS {
        let (one, found) = measure(&scene, &row, 1, settings.rounds)?;
        let (two, same) = measure(&scene, &row, 2, settings.rounds)?;
        let peer: Result<Printed, BenchError> = python.measure(SCRIPT, &["run", row.task]);
        let (mut seconds, mut times, mut agreement, mut ratio) =
            ("–".to_owned(), "–".to_owned(), String::new(), None);
        match peer {
            Ok(peer) => {
                seconds = format!("{:.3}", peer.cpu);
                times = format!("{:.1}", peer.cpu / one.cpu);
                ratio = Some(peer.cpu / one.cpu);
                agreement = row.agreement(&scene, &found, &python)?;
                versions.extend(peer.versions);
            }
            Err(error) => failures.push(format!("{} was not measured: {error}\n", row.peer)),
        }
        lines.push([
            row.name.to_owned(),
            format!("{:.3}", one.cpu),
            format!("{:.3}", two.cpu),
            format!("{:.2}", one.wall / two.wall),
            if found == same { "yes" } else { "**no**" }.to_owned(),
            row.peer.to_owned(),
            seconds,
            times,
            agreement,
            row.judge(one.cpu, one.wall / two.wall, ratio),
        ]);
    }
    let header = [
        "256³",
        "CPU s, 1 thread",
        "2 threads",
        "wall 1 / 2",
        "same bits",
        "peer",
        "its CPU s",
        "× faster",
        "agreement",
        "marks",
    ];
    let versions: Vec<String> =
        versions.iter().map(|(package, version)| format!("{package} {version}")).collect();
    Ok(format!(
        "Machine: {}, load {:?} before and {:?} after.\n\n{}\n{}\n{}",
        Machine::here(),
        before.unwrap_or(f64::NAN),
        load().unwrap_or(f64::NAN),
        markdown(header, &lines),
        versions.join(", "),
        failures.concat(),
    ))
}
