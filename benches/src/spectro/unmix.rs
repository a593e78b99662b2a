//! Linear combination fits beside NumPy's lstsq and SciPy's nnls: 2 references, 40 energies.

use super::Settings;
use super::printed::{ENVIRONMENT, Printed, versions};
use crate::clock::Stopwatch;
use crate::error::BenchError;
use crate::python::{Python, Script};
use crate::table::markdown;
use litho_spectro::unmix::{Reference, UnmixOptions, unmix};
use litho_types::energies::Energies;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, Array3};

const SCRIPT: Script =
    Script { name: "spectro_unmix.py", text: include_str!("../../peers/spectro_unmix.py") };
/// Pixels per second and core: least squares and non-negative.
const MARKS: [f64; 2] = [5e6, 1e6];
/// What the peers solve, and for how many pixels.
const PEERS: [(&str, usize); 2] = [("lstsq", 512 * 512), ("nnls", 20_000)];

/// Measures and reports in Markdown; ours on all pixels in one thread, everybody takes turns in every round.
///
/// # Errors
/// [`BenchError`] if the data cannot be made, the peer fails or ours does.
pub(super) fn run(settings: &Settings) -> Result<String, BenchError> {
    let python = Python::new(&settings.environments, ENVIRONMENT)?;
    python.call(SCRIPT, &["make"])?;
    let energies = Energies::new(&python.read("energies.f64", f64::from_le_bytes)?)?;
    let spectra = python.read("references.f64", f64::from_le_bytes)?;
    let references: Result<Vec<Reference>, _> = spectra
        .chunks(energies.len())
        .map(|spectrum| Reference::new("spectrum", &energies, spectrum))
        .collect();
    let references = references?;
    let numbers = python.read("stack.f32", f32::from_le_bytes)?;
    let pixels = numbers.len() / energies.len();
    let od = Array3::from_shape_vec((energies.len(), 512, pixels / 512), numbers).unwrap_or_default();
    let stack = EnergyStack::new(energies, od, None, None)?;
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let (mut ours, mut theirs, mut apart) = ([f64::INFINITY; 2], [f64::INFINITY; 2], [0.0_f64; 2]);
    let mut printed = Vec::new();
    for _ in 0..settings.rounds {
        for (index, (solver, count)) in PEERS.into_iter().enumerate() {
            let options = UnmixOptions { non_negative: index == 1, ..UnmixOptions::default() };
            let clock = Stopwatch::start();
            let found = one.install(|| unmix(&stack, &references, &options))?;
            ours[index] = ours[index].min(clock.elapsed().cpu / pixels as f64);
            let peer: Printed = python.measure(SCRIPT, &["run", solver, &count.to_string()])?;
            theirs[index] = theirs[index].min(peer.cpu / count as f64);
            printed.push(peer);
            let numbers = python.read("found.f64", f64::from_le_bytes)?;
            let other = Array2::from_shape_vec((count, 2), numbers).unwrap_or_default();
            for (term, plane) in found.coefficients.outer_iter().enumerate() {
                for (a, b) in plane.iter().zip(other.column(term)) {
                    apart[index] = apart[index].max((f64::from(*a) - b).abs());
                }
            }
        }
    }
    let names = [
        ("least squares", "NumPy lstsq, all pixels in one call"),
        ("non-negative", "SciPy nnls, pixel by pixel"),
    ];
    let mut rows = Vec::new();
    for (index, (name, peer)) in names.into_iter().enumerate() {
        let (ours, theirs) = (1.0 / ours[index], 1.0 / theirs[index]);
        let met = if ours >= MARKS[index] { "yes" } else { "**no**" };
        let mark = format!("{:.0e}", MARKS[index]);
        let own = [name.to_owned(), format!("{ours:.2e}"), mark, met.to_owned(), String::new()];
        let apart = format!("{:.1e}", apart[index]);
        rows.push(own);
        rows.push([peer.to_owned(), format!("{theirs:.2e}"), String::new(), String::new(), apart]);
    }
    let header = [
        "2 references, 40 energies, one thread",
        "pixels / CPU s",
        "mark",
        "met",
        "largest difference to ours",
    ];
    let versions = versions(&printed);
    Ok(format!(
        "{}\n{versions}\n\nOurs includes errors, r_l2 and χ² of every pixel; the peers give coefficients alone.\n",
        markdown(header, &rows)
    ))
}
