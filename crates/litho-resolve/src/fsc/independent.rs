//! How many independent numbers a shell holds.

use super::apodise::Apodisation;
use super::shells::{Shells, Sums};
use num_complex::Complex;
use rayon::prelude::*;

/// What counts as an independent number in a shell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Counting {
    /// Every Fourier voxel, as usual: `n` is the full count of the shell.
    #[default]
    AllVoxels,
    /// Corrected for the window: with `W` the transform of the squared window,
    /// `n_eff = n² / Σ_{k,k' in the shell} |W(k − k')|²/|W(0)|²`, the exact count for white noise under the window.
    Apodised,
    /// Corrected for the size of the object: the same with a ball of this diameter (voxels) in place of the window, for
    /// volumes that are zero elsewhere. The correction that van Heel & Schatz (2005) ask for.
    Object {
        /// Diameter of the ball, voxels, at least 8.
        diameter: f64,
    },
}

/// Voxels of a shell on whose neighbours the dependence is counted: that many, fewer where each has many neighbours.
const SAMPLES: [usize; 2] = [16, 128];
/// Neighbours that are looked at for each shell, unless that leaves too few samples.
const LOOKS: usize = 400_000;
/// Neighbours that depend less than this are left out.
const NEGLIGIBLE: f64 = 1e-3;

/// The n of the thresholds, `[part][shell]`.
pub(super) fn independent_numbers(
    shells: &Shells,
    sums: &[Vec<Sums>],
    counting: Counting,
    window: &Apodisation,
) -> Vec<Vec<f64>> {
    let neighbours = match counting {
        Counting::AllVoxels => {
            return sums.iter().map(|part| part.iter().map(|sum| sum.count as f64).collect()).collect();
        }
        Counting::Apodised => of_window(window),
        Counting::Object { diameter } => of_ball(shells.shape(), diameter),
    };
    let wanted = (LOOKS / neighbours.len().max(1)).clamp(SAMPLES[0], SAMPLES[1]);
    let samples = samples(shells, sums, wanted);
    let effective = |part: usize, shell: usize, count: usize| {
        let places: &[[usize; 3]] = &samples[part][shell];
        let dependence = |k: &[usize; 3]| {
            let near =
                neighbours.iter().filter(|(d, _)| shells.holds(moved(*k, *d, shells.shape()), part, shell));
            near.map(|(_, weight)| weight).sum::<f64>()
        };
        let mean = places.iter().map(dependence).sum::<f64>() / places.len().max(1) as f64;
        if count == 0 { 0.0 } else { count as f64 / mean }
    };
    let of_part = |(part, sums): (usize, &Vec<Sums>)| {
        sums.par_iter().enumerate().map(|(shell, sum)| effective(part, shell, sum.count)).collect()
    };
    sums.iter().enumerate().map(of_part).collect()
}

/// Voxels spread evenly over each part of each shell (half of it: the other half is its mirror).
fn samples(shells: &Shells, sums: &[Vec<Sums>], wanted: usize) -> Vec<Vec<Vec<[usize; 3]>>> {
    let mut met: Vec<Vec<usize>> = sums.iter().map(|part| vec![0; part.len()]).collect();
    let mut samples: Vec<Vec<Vec<[usize; 3]>>> =
        sums.iter().map(|part| vec![Vec::new(); part.len()]).collect();
    for (kz, _) in shells.half_space() {
        shells.visit_plane(kz, |k, shell, part| {
            let stride = (sums[part][shell].count / (2 * wanted)).max(1);
            if met[part][shell].is_multiple_of(stride) {
                samples[part][shell].push(k);
            }
            met[part][shell] += 1;
        });
    }
    samples
}

fn moved(k: [usize; 3], by: [isize; 3], shape: [usize; 3]) -> [usize; 3] {
    std::array::from_fn(|i| (k[i] as isize + by[i]).rem_euclid(shape[i] as isize) as usize)
}

/// Offsets `d` within `reach` and their `|W(d)|²/|W(0)|²`, where they count.
fn offsets(reach: [isize; 3], weight: impl Fn([isize; 3]) -> f64) -> Vec<([isize; 3], f64)> {
    let side = |i: usize| -reach[i]..=reach[i];
    side(0)
        .flat_map(|z| side(1).flat_map(move |y| side(2).map(move |x| [z, y, x])))
        .map(|d| (d, weight(d)))
        .filter(|(_, weight)| *weight > NEGLIGIBLE)
        .collect()
}

/// Dependence under the window, a product of one factor along z and one across.
fn of_window(window: &Apodisation) -> Vec<([isize; 3], f64)> {
    const REACH: isize = 6;
    let (ny, nx) = window.across.dim();
    let nz = window.along.len();
    let wave = |d: isize, i: usize, n: usize| {
        Complex::cis(-std::f64::consts::TAU * (d * i as isize) as f64 / n as f64)
    };
    let along = |d: isize| -> Complex<f64> {
        window.along.iter().enumerate().map(|(i, w)| wave(d, i, nz) * (w * w)).sum()
    };
    let across = |dy: isize, dx: isize| -> Complex<f64> {
        let columns: Vec<Complex<f64>> = (0..nx).map(|x| wave(dx, x, nx)).collect();
        let rows = window.across.rows().into_iter().enumerate().map(|(y, row)| {
            wave(dy, y, ny) * row.iter().zip(&columns).map(|(w, c)| c * (w * w)).sum::<Complex<f64>>()
        });
        rows.sum()
    };
    let reach = [nz, ny, nx].map(|n| REACH.min((n as isize - 1) / 2));
    let power = |value: Complex<f64>, zero: Complex<f64>| value.norm_sqr() / zero.norm_sqr();
    let (along_0, across_0) = (along(0), across(0, 0));
    let along: Vec<f64> = (-reach[0]..=reach[0]).map(|d| power(along(d), along_0)).collect();
    let plane: Vec<Vec<f64>> = (-reach[1]..=reach[1])
        .map(|dy| (-reach[2]..=reach[2]).map(|dx| power(across(dy, dx), across_0)).collect())
        .collect();
    let at = |d: isize, i: usize| (d + reach[i]) as usize;
    offsets(reach, |[z, y, x]| along[at(z, 0)] * plane[at(y, 1)][at(x, 2)])
}

/// Dependence in a ball of diameter D: `W(q)/W(0) = 3 (sin s − s cos s)/s³`, `s = πD|q|`.
fn of_ball(shape: [usize; 3], diameter: f64) -> Vec<([isize; 3], f64)> {
    // beyond its third zero, s = 10.9, the weight is below 6e-4
    let reach = shape.map(|n| ((3.5 * n as f64 / diameter).ceil() as isize).min((n as isize - 1) / 2));
    offsets(reach, |d| {
        let square: f64 = d.iter().zip(shape).map(|(&d, n)| (d as f64 / n as f64).powi(2)).sum();
        let s = std::f64::consts::PI * diameter * square.sqrt();
        // the series avoids the difference of nearly equal numbers
        let amplitude = if s < 1e-2 { 1.0 - s * s / 10.0 } else { 3.0 * (s.sin() - s * s.cos()) / s.powi(3) };
        amplitude * amplitude
    })
}
