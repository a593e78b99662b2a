//! Edge fits of every pixel: ours, SciPy's `curve_fit` and lmfit.

use super::Settings;
use super::printed::{ENVIRONMENT, Printed, versions};
use crate::clock::{Clock, Cost, Rounds, Stopwatch};
use crate::error::BenchError;
use crate::python::{Python, Script};
use crate::table::markdown;
use litho_spectro::SpectroError;
use litho_spectro::fit::{FitMaps, Model, Role, Settings as FitSettings, Status, fit};
use litho_types::energies::Energies;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, Array3, s};

const DATA: Script =
    Script { name: "make_spectro_data.py", text: include_str!("../../peers/make_spectro_data.py") };
const PEERS: Script =
    Script { name: "spectro_fitters.py", text: include_str!("../../peers/spectro_fitters.py") };
/// Pixels of a larger jump are judged.
const JUMP: f64 = 0.10;

/// The pixels `(energy, 1, pixel)` and their parameters.
struct Scene {
    stack: EnergyStack,
    /// One region per particle.
    particles: Array2<u32>,
    truth: Array2<f64>,
}

impl Scene {
    fn read(python: &Python<'_>) -> Result<Self, BenchError> {
        python.call(DATA, &[])?;
        let energies = Energies::new(&python.read("energies.f64", f64::from_le_bytes)?)
            .map_err(|_| wrong("energies"))?;
        let spectra = python.read("spectra.f32", f32::from_le_bytes)?;
        let pixels = spectra.len() / energies.len();
        let spectra =
            Array2::from_shape_vec((pixels, energies.len()), spectra).map_err(|_| wrong("spectra"))?;
        let density = Array3::from_shape_fn((energies.len(), 1, pixels), |(k, _, x)| spectra[(x, k)]);
        let truth = python.read("truth.f64", f64::from_le_bytes)?;
        let truth = Array2::from_shape_vec((pixels, 10), truth).map_err(|_| wrong("truth"))?;
        let particles = python.read("particles.u32", u32::from_le_bytes)?;
        let particles = Array2::from_shape_vec((1, pixels), particles).map_err(|_| wrong("particles"))?;
        let stack = EnergyStack::new(energies, density, None, None).map_err(|_| wrong("spectra"))?;
        Ok(Self { stack, particles, truth })
    }

    fn pixels(&self) -> usize {
        self.truth.nrows()
    }

    fn fit(&self, model: &Model) -> Result<FitMaps, SpectroError> {
        fit(model, &self.stack, self.particles.view(), &FitSettings::default())
    }
}

fn wrong(what: &'static str) -> BenchError {
    BenchError::Script { script: DATA.name, message: format!("its {what} are not what was asked for") }
}

/// A row of the table.
struct Row {
    name: &'static str,
    pixels: usize,
    rounds: Rounds,
    quality: Quality,
}

/// How good fits are; the pulls and lost pixels of peers are not known.
#[derive(Debug, Default, Clone, Copy)]
struct Quality {
    /// Root mean square errors of b2 and of PE/Δμt, eV.
    errors: [f64; 2],
    /// Robust standard deviations of their errors divided by their σ.
    pulls: Option<[f64; 2]>,
    /// Pixels without a minimum, per cent.
    lost: Option<f64>,
}

/// PE/Δμt, eV.
fn ratio(p: &[f64]) -> f64 {
    std::f64::consts::PI * p[4] * p[6].abs() / p[1]
}

/// Errors over the pixels that were fitted and have a large jump.
fn errors(fits: impl Iterator<Item = (Vec<f64>, Vec<f64>)>) -> [f64; 2] {
    let (mut count, mut squares) = (0.0, [0.0; 2]);
    for (found, truth) in fits.filter(|(found, truth)| truth[1] > JUMP && found.iter().all(|v| v.is_finite()))
    {
        count += 1.0;
        squares[0] += (found[2] - truth[2]).powi(2);
        squares[1] += (ratio(&found) - ratio(&truth)).powi(2);
    }
    squares.map(|sum: f64| (sum / count).sqrt())
}

fn quality(maps: &FitMaps, truth: &Array2<f64>) -> Quality {
    let usable = || (0..truth.nrows()).filter(|&x| maps.status[(0, x)].is_usable());
    let fits = usable().map(|x| (maps.parameters.slice(s![.., 0, x]).to_vec(), truth.row(x).to_vec()));
    let off = |x: usize| {
        let truth = truth.row(x).to_vec();
        let b2 = (maps.parameters[(2, 0, x)] - truth[2]) / f64::from(maps.sigma[(2, 0, x)]);
        let ratio =
            (maps.peak_ratio[(0, 0, x)] - ratio(&truth)) / f64::from(maps.peak_ratio_sigma[(0, 0, x)]);
        [b2, ratio]
    };
    let off: Vec<[f64; 2]> = usable().filter(|&x| truth[(x, 1)] > JUMP).map(off).collect();
    let pull = |which: usize| {
        let known = off.iter().map(|off| off[which].abs()).filter(|off| off.is_finite());
        let mut known: Vec<f64> = known.collect();
        known.sort_by(f64::total_cmp);
        // The median of |N(0, 1)| is 0.6745.
        known[known.len() / 2] / 0.6745
    };
    let lost = maps.count(Status::NotConverged) as f64 / truth.nrows() as f64;
    Quality { errors: errors(fits), pulls: Some([pull(0), pull(1)]), lost: Some(100.0 * lost) }
}

/// Measures and reports.
pub(super) fn run(settings: &Settings) -> Result<String, BenchError> {
    let python = Python::new(&settings.environments, ENVIRONMENT)?;
    let scene = Scene::read(&python)?;
    let free = Model::vanadium();
    let ours = [
        ("ours, all free", free.clone()),
        ("ours, peak widths shared", free.clone().with_peak_widths(Role::Shared)),
        ("ours, peak widths with priors", free.with_peak_widths(Role::EmpiricalPrior)),
    ];
    let peers = [("SciPy curve_fit, all free", "curve_fit"), ("lmfit, all free", "lmfit")];
    let row = |name, pixels| Row { name, pixels, rounds: Rounds::default(), quality: Quality::default() };
    let mut rows: Vec<Row> = ours.iter().map(|(name, _)| row(*name, scene.pixels())).collect();
    rows.extend(peers.iter().map(|(name, _)| row(name, settings.pixels)));
    let (mut printed, mut failures) = (Vec::new(), String::new());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    for _ in 0..settings.rounds {
        for (row, (_, model)) in rows.iter_mut().zip(&ours) {
            let clock = Stopwatch::start();
            let maps = pool.install(|| scene.fit(model))?;
            row.rounds.push(vec![clock.elapsed()]);
            row.quality = quality(&maps, &scene.truth);
        }
        for (row, (_, method)) in rows[ours.len()..].iter_mut().zip(peers) {
            match measure(&python, method, settings.pixels, &scene) {
                Ok((found, errors)) => {
                    row.rounds.push(vec![Cost { cpu: found.cpu, wall: found.wall }]);
                    row.quality = Quality { errors, ..Quality::default() };
                    printed.push(found);
                }
                Err(error) => failures = format!("{failures}{}: {error}\n", row.name),
            }
        }
    }
    let report = report(&rows, scene.pixels());
    Ok(format!("{report}\n{}\n\n{}{failures}", versions(&printed), marks(&rows)))
}

fn measure(
    python: &Python<'_>,
    method: &'static str,
    pixels: usize,
    scene: &Scene,
) -> Result<(Printed, [f64; 2]), BenchError> {
    let printed = python.measure(PEERS, &[method, &pixels.to_string()])?;
    let found = python.read(&format!("{method}.f64"), f64::from_le_bytes)?;
    let fits = found.chunks_exact(10).enumerate().map(|(index, found)| {
        // The script takes every n-th pixel likewise.
        (found.to_vec(), scene.truth.row(index * scene.pixels() / pixels).to_vec())
    });
    Ok((printed, errors(fits)))
}

fn report(rows: &[Row], pixels: usize) -> String {
    let rate = |row: &Row, seconds: f64| row.pixels as f64 / seconds;
    let ours = rate(&rows[0], rows[0].rounds.minimum(Clock::Cpu));
    let line = |row: &Row| {
        let (best, middle) =
            (rate(row, row.rounds.minimum(Clock::Cpu)), rate(row, row.rounds.median(Clock::Cpu)));
        let Quality { errors: [b2, pe], pulls, lost } = row.quality;
        let pulls = pulls.map(|pulls| pulls.map(|pull| format!("{pull:.2}"))).unwrap_or_default();
        let speeds = [format!("{best:.0}"), format!("{middle:.0}"), format!("{:.2}", ours / best)];
        let ([best, middle, ratio], [pull, pe_pull]) = (speeds, pulls);
        let lost = lost.map(|lost| format!("{lost:.2}")).unwrap_or_default();
        let (b2, pe) = (format!("{b2:.4}"), format!("{pe:.4}"));
        [row.name.to_owned(), best, middle, ratio, b2, pe, pull, pe_pull, lost]
    };
    let header = [
        "",
        "pixels/s max",
        "median",
        "all free / this",
        "b2 rms eV",
        "PE/Δμt rms eV",
        "pull of b2",
        "of PE/Δμt",
        "no minimum %",
    ];
    let table = markdown(header, &rows.iter().map(line).collect::<Vec<_>>());
    format!(
        "Edge fits: {pixels} pixels of 40 energies in three particles, each a region, ten parameters between bounds, CPU seconds \
         of one thread; errors for edge jumps above {JUMP}.\n\n{table}"
    )
}

/// What the first two rows, all free and peak widths shared, have to reach.
fn marks(rows: &[Row]) -> String {
    let (free, shared) = (&rows[0], &rows[1]);
    let rate = free.pixels as f64 / free.rounds.minimum(Clock::Cpu);
    let mut lines =
        vec![["all free: pixels/s".to_owned(), "≥ 150000".into(), format!("{rate:.0}"), met(rate >= 15e4)]];
    let mut at_most = |name: &str, found: f64, most: f64| {
        let cells = [format!("≤ {most}"), format!("{found:.4}"), met(found <= most)];
        let [mark, found, met] = cells;
        lines.push([name.to_owned(), mark, found, met]);
    };
    at_most("all free: b2 rms eV", free.quality.errors[0], 0.18);
    at_most("all free: PE/Δμt rms eV", free.quality.errors[1], 0.105);
    at_most("shared: PE/Δμt rms eV", shared.quality.errors[1], 0.06);
    at_most("all free: no minimum %", free.quality.lost.unwrap_or(f64::NAN), 0.0);
    for (name, row) in [("all free", free), ("shared", shared)] {
        for (what, pull) in ["b2", "PE/Δμt"].into_iter().zip(row.quality.pulls.unwrap_or_default()) {
            let near = met((pull - 1.0).abs() <= 0.1);
            lines.push([format!("{name}: pull of {what}"), "1.0 ± 0.1".into(), format!("{pull:.2}"), near]);
        }
    }
    markdown(["mark", "", "measured", "met"], &lines)
}

fn met(met: bool) -> String {
    if met { "yes" } else { "**no**" }.to_owned()
}
