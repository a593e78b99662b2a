//! Edge fits of every pixel: ours, SciPy's `curve_fit` and lmfit.

use super::Settings;
use super::python::{Python, Script};
use crate::clock::{Clock, Cost, Rounds, Stopwatch};
use crate::error::BenchError;
use crate::table::markdown;
use litho_spectro::SpectroError;
use litho_spectro::fit::{FitMaps, Model, Role, Settings as FitSettings, fit};
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
    truth: Array2<f64>,
}

impl Scene {
    fn read(python: &Python<'_>) -> Result<Self, BenchError> {
        python.call(&DATA, &[])?;
        let energies = Energies::new(&python.f64s("energies.f64")?).map_err(|_| wrong("energies"))?;
        let spectra = python.f32s("spectra.f32")?;
        let pixels = spectra.len() / energies.len();
        let spectra =
            Array2::from_shape_vec((pixels, energies.len()), spectra).map_err(|_| wrong("spectra"))?;
        let density = Array3::from_shape_fn((energies.len(), 1, pixels), |(k, _, x)| spectra[(x, k)]);
        let truth =
            Array2::from_shape_vec((pixels, 10), python.f64s("truth.f64")?).map_err(|_| wrong("truth"))?;
        let stack = EnergyStack::new(energies, density, None, None).map_err(|_| wrong("spectra"))?;
        Ok(Self { stack, truth })
    }

    fn pixels(&self) -> usize {
        self.truth.nrows()
    }

    fn fit(&self, model: &Model) -> Result<FitMaps, SpectroError> {
        fit(model, &self.stack, Array2::ones((1, self.pixels())).view(), &FitSettings::default())
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
    quality: [String; 4],
}

/// Root mean square errors of b2 (eV) and of PE/Δμt (eV) over the pixels that were fitted and have a large jump.
fn errors(fits: impl Iterator<Item = (Vec<f64>, Vec<f64>)>) -> [String; 2] {
    let pe = |p: &[f64]| std::f64::consts::PI * p[4] * p[6].abs() / p[1];
    let (mut count, mut squares) = (0.0, [0.0; 2]);
    for (found, truth) in fits.filter(|(found, truth)| truth[1] > JUMP && found.iter().all(|v| v.is_finite()))
    {
        count += 1.0;
        squares[0] += (found[2] - truth[2]).powi(2);
        squares[1] += (pe(&found) - pe(&truth)).powi(2);
    }
    squares.map(|sum: f64| format!("{:.4}", (sum / count).sqrt()))
}

/// Robust standard deviation of (b2 − truth)/σ, and the per cent of pixels without a minimum.
fn pulls(maps: &FitMaps, truth: &Array2<f64>) -> [String; 2] {
    let usable = (0..truth.nrows()).filter(|&x| maps.status[(0, x)].is_usable() && truth[(x, 1)] > JUMP);
    let off =
        |x: usize| ((maps.parameters[(2, 0, x)] - truth[(x, 2)]) / f64::from(maps.sigma[(2, 0, x)])).abs();
    let mut pulls: Vec<f64> = usable.map(off).filter(|pull| pull.is_finite()).collect();
    pulls.sort_by(f64::total_cmp);
    let lost = maps.count(litho_spectro::fit::Status::NotConverged) as f64 / truth.nrows() as f64;
    // The median of |N(0, 1)| is 0.6745.
    [format!("{:.2}", pulls[pulls.len() / 2] / 0.6745), format!("{:.2}", 100.0 * lost)]
}

/// Measures and reports.
pub(super) fn run(settings: &Settings, python: &Python<'_>) -> Result<String, BenchError> {
    let scene = Scene::read(python)?;
    let free = Model::vanadium();
    let ours = [
        ("ours, all free", free.clone()),
        ("ours, peak widths shared", free.clone().with_peak_widths(Role::Shared)),
        ("ours, peak widths with priors", free.with_peak_widths(Role::EmpiricalPrior)),
    ];
    let peers = [("SciPy curve_fit, all free", "curve_fit"), ("lmfit, all free", "lmfit")];
    let nothing = || [(); 4].map(|()| String::new());
    let row = |name, pixels| Row { name, pixels, rounds: Rounds::default(), quality: nothing() };
    let mut rows: Vec<Row> = ours.iter().map(|(name, _)| row(*name, scene.pixels())).collect();
    rows.extend(peers.iter().map(|(name, _)| row(name, settings.pixels)));
    let mut notes = String::new();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    for _ in 0..settings.rounds {
        for (row, (_, model)) in rows.iter_mut().zip(&ours) {
            let clock = Stopwatch::start();
            let maps = pool.install(|| scene.fit(model))?;
            row.rounds.push(vec![clock.elapsed()]);
            let fits = (0..scene.pixels())
                .filter(|&x| maps.status[(0, x)].is_usable())
                .map(|x| (maps.parameters.slice(s![.., 0, x]).to_vec(), scene.truth.row(x).to_vec()));
            let ([b2, pe], [pull, lost]) = (errors(fits), pulls(&maps, &scene.truth));
            row.quality = [b2, pe, pull, lost];
        }
        for (row, (_, method)) in rows[ours.len()..].iter_mut().zip(peers) {
            match measure(python, method, settings.pixels, &scene) {
                Ok((cost, [b2, pe], versions)) => {
                    row.rounds.push(vec![cost]);
                    row.quality = [b2, pe, String::new(), String::new()];
                    notes = format!("{notes}{versions}");
                }
                Err(error) => notes = format!("{notes}{}: {error}\n", row.name),
            }
        }
    }
    Ok(report(&rows, scene.pixels()) + &last_round(&notes))
}

/// Each line of the notes once.
fn last_round(notes: &str) -> String {
    let mut lines: Vec<&str> = notes.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    lines.join("\n")
}

fn measure(
    python: &Python<'_>,
    method: &'static str,
    pixels: usize,
    scene: &Scene,
) -> Result<(Cost, [String; 2], String), BenchError> {
    let printed = python.measure(&PEERS, &[method, &pixels.to_string()])?;
    let found = python.f64s(&format!("{method}.f64"))?;
    let fits = found.chunks_exact(10).enumerate().map(|(index, found)| {
        // The script takes every n-th pixel likewise.
        (found.to_vec(), scene.truth.row(index * scene.pixels() / pixels).to_vec())
    });
    let versions: Vec<String> =
        printed.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let versions = versions.join("\n") + "\n";
    Ok((Cost { cpu: printed.cpu, wall: printed.cpu }, errors(fits), versions))
}

fn report(rows: &[Row], pixels: usize) -> String {
    let rate = |row: &Row, seconds: f64| row.pixels as f64 / seconds;
    let ours = rate(&rows[0], rows[0].rounds.minimum(Clock::Cpu));
    let line = |row: &Row| {
        let (best, middle) =
            (rate(row, row.rounds.minimum(Clock::Cpu)), rate(row, row.rounds.median(Clock::Cpu)));
        let [b2, pe, pull, lost] = row.quality.clone();
        let speeds = [format!("{best:.0}"), format!("{middle:.0}"), format!("{:.0}", ours / best)];
        let [best, middle, ratio] = speeds;
        [row.name.to_owned(), best, middle, ratio, b2, pe, pull, lost]
    };
    let header = [
        "",
        "pixels/s max",
        "median",
        "ours / this",
        "b2 rms eV",
        "PE/Δμt rms eV",
        "pull of b2",
        "no minimum %",
    ];
    let table = markdown(header, &rows.iter().map(line).collect::<Vec<_>>());
    format!(
        "Edge fits: {pixels} pixels of 40 energies, ten parameters between bounds, CPU seconds of one thread; errors for \
         edge jumps above {JUMP}.\n\n{table}\n"
    )
}
