//! Tomography beside ASTRA: 256 slices of 256², analytic projections of spheres.

mod limit;
mod peer;
mod phantom;
mod rows;
mod spheres;

use crate::clock::Stopwatch;
use crate::error::BenchError;
use crate::machine::{Machine, load};
use crate::python::Python;
use crate::table::markdown;
use limit::Limit;
use litho_tomo::{Geometry, reconstruct};
use litho_types::observer::{CancelToken, Silent};
use litho_types::tilt::TiltAngles;
use ndarray::{Array3, s};
use peer::Peer;
use phantom::SIZE;
use rows::Row;
use std::path::PathBuf;

/// What is measured how often.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Folder of the Python environments.
    pub(crate) environments: PathBuf,
    /// How often everything is measured, taking turns.
    pub(crate) rounds: usize,
    /// Slices, from the middle of the volume, that ASTRA's slow methods reconstruct.
    pub(crate) slices: usize,
}

/// Projections at some angles, and what a perfect reconstruction of them is.
struct Scene {
    geometry: Geometry,
    projections: Array3<f32>,
    truth: Array3<f32>,
}

impl Scene {
    /// The middle `slices` slices, at these angles in degrees.
    fn new(degrees: &[f64], slices: usize, truth: &Array3<f32>) -> Result<Self, BenchError> {
        let angles = TiltAngles::from_degrees(degrees)?;
        let geometry = Geometry::centred(&angles, SIZE)?;
        let first = (SIZE - slices) / 2;
        let projections = phantom::projections(geometry.angles());
        Ok(Self {
            geometry,
            projections: projections.slice(s![.., first..first + slices, ..]).to_owned(),
            truth: truth.slice(s![first..first + slices, .., ..]).to_owned(),
        })
    }
}

/// What a row of ours took in its best round, and its error.
struct Ours {
    cpu: f64,
    found: Array3<f32>,
    error: f64,
}

fn measure(scene: &Scene, row: &Row, rounds: usize) -> Result<Ours, BenchError> {
    let mut cpu = f64::INFINITY;
    let mut found = Array3::zeros((0, 0, 0));
    for _ in 0..rounds {
        let clock = Stopwatch::start();
        let data = scene.projections.view();
        found = reconstruct(data, None, &scene.geometry, &row.settings(), &mut Silent, &CancelToken::new())?
            .volume;
        cpu = cpu.min(clock.elapsed().cpu);
    }
    let error = phantom::relative_error(found.view(), scene.truth.view());
    let slices = scene.truth.dim().0;
    Ok(Ours { cpu: cpu * SIZE as f64 / slices as f64, found, error })
}

/// The report as Markdown.
///
/// # Errors
/// [`BenchError`] if a reconstruction of ours fails. A peer that fails is reported.
pub(crate) fn run(settings: &Settings) -> Result<String, BenchError> {
    let truth = phantom::volume();
    let half_turn: Vec<f64> = (0..180).map(f64::from).collect();
    let scene = Scene::new(&half_turn, SIZE, &truth)?;
    let limit = limit::measure();
    let python = Python::new(&settings.environments, peer::ENVIRONMENT)?;
    let before = load();
    let mut lines = Vec::new();
    let mut versions = String::new();
    for row in rows::full() {
        let ours = measure(&scene, &row, settings.rounds)?;
        let slices = row.peer_slices(settings.slices);
        let peer = Peer::measure(&python, &scene, &row, slices);
        match &peer {
            Ok(peer) => versions.clone_from(&peer.versions),
            Err(error) => versions = format!("ASTRA was not measured: {error}"),
        }
        lines.push(line(&scene, &row, &ours, peer.ok(), slices, limit));
    }
    let header = [
        "180 angles",
        "CPU s / 256 slices",
        "error",
        "error, middle",
        "ASTRA CPU s (slices)",
        "ASTRA's error, middle",
        "apart",
        "× faster",
        "Gflop/s",
        "of the limit",
        "marks",
    ];
    Ok(format!(
        "Machine: {}, load {:?} before and {:?} after.\n\n{}\n{versions}\n\n{limit}\n\n{}",
        Machine::here(),
        before.unwrap_or(f64::NAN),
        load().unwrap_or(f64::NAN),
        markdown(header, &lines),
        wedge(settings, &truth)?,
    ))
}

/// A line of the table; errors of the `slices` slices in the middle stand beside ASTRA's.
fn line(
    scene: &Scene,
    row: &Row,
    ours: &Ours,
    peer: Option<Peer>,
    slices: usize,
    limit: Limit,
) -> [String; 11] {
    let first = (SIZE - slices) / 2;
    let part = s![first..first + slices, .., ..];
    let truth = scene.truth.slice(part);
    let here = phantom::relative_error(ours.found.slice(part), truth);
    let flops = row.operations() * rows::flops(scene.geometry.angles().len());
    let rate = flops / ours.cpu / 1e9;
    let none = || "–".to_owned();
    let (mut astra, mut astra_error, mut apart, mut times, mut ratio) =
        (none(), none(), none(), none(), None);
    if let Some(peer) = peer {
        let cpu = peer.cpu * SIZE as f64 / slices as f64;
        astra = format!("{cpu:.0} ({slices})");
        astra_error = format!("{:.4}", phantom::relative_error(peer.found.view(), truth));
        apart = format!("{:.1e}", phantom::relative_error(ours.found.slice(part), peer.found.view()));
        times = format!("{:.0}", cpu / ours.cpu);
        ratio = Some(cpu / ours.cpu);
    }
    [
        row.name(),
        format!("{:.2}", ours.cpu),
        format!("{:.4}", ours.error),
        format!("{here:.4}"),
        astra,
        astra_error,
        apart,
        times,
        format!("{rate:.1}"),
        format!("{:.0} %", 100.0 * rate / limit.gigaflops),
        row.judge(ours.cpu, ratio, here),
    ]
}

/// Rows of a tilt series with a missing wedge, of some slices.
fn wedge(settings: &Settings, truth: &Array3<f32>) -> Result<String, BenchError> {
    const SLICES: usize = 64;
    let degrees: Vec<f64> = (0..158).map(|k| -80.0 + f64::from(k)).collect();
    let scene = Scene::new(&degrees, SLICES, truth)?;
    let mut lines = Vec::new();
    for row in rows::wedge() {
        let ours = measure(&scene, &row, settings.rounds.min(1))?;
        lines.push([
            row.name(),
            format!("{:.1}", ours.cpu),
            format!("{:.4}", ours.error),
            row.judge(ours.cpu, None, ours.error),
        ]);
    }
    let header = ["158 angles, −80…+77°, 64 slices", "CPU s / 256 slices", "error", "marks"];
    Ok(markdown(header, &lines))
}
