//! How much of each particle group belongs to each cluster, with an error.

use super::ClusterError;
use super::points::generator;
use ndarray::{Array2, ArrayView2};
use rand::RngExt;

/// The labels of one particle.
#[derive(Debug, Clone, Copy)]
pub struct Particle<'a> {
    /// The group it counts in, from 0.
    pub group: usize,
    /// Labels `(y, x)`, 0 for none.
    pub labels: ArrayView2<'a, u16>,
    /// Weights `(y, x)`, such as `N_V`; a pixel whose weight is not finite and above zero does not count.
    pub weights: Option<ArrayView2<'a, f32>>,
}

/// How the error is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FractionOptions {
    /// Side of a tile in pixels: longer than what neighbouring pixels have in common (resolution, domain size).
    pub tile: usize,
    /// Bootstrap draws.
    pub draws: usize,
    /// Their seed.
    pub seed: u64,
}

impl Default for FractionOptions {
    fn default() -> Self {
        Self { tile: 16, draws: 500, seed: 0 }
    }
}

/// Fractions per group.
#[derive(Debug, Clone, PartialEq)]
pub struct Fractions {
    /// `Σ_{label=j} w / Σ_{label>0} w`, `(group, cluster)`; NaN for a group without labelled pixels.
    pub fraction: Array2<f64>,
    /// Standard deviation over the draws; NaN with fewer than two tiles.
    pub sigma: Array2<f64>,
    /// Tiles with labelled pixels, per group.
    pub tiles: Vec<usize>,
}

/// Weighted fractions of `k` clusters per group of particles.
///
/// Pixels of a particle are not independent, so the bootstrap draws square tiles with replacement from all tiles of the
/// group (Künsch, Ann. Stat. 17, 1217 (1989), in two dimensions). Its σ is that of domains placed anew, at the tile's size.
///
/// # Errors
/// [`ClusterError`] if shapes disagree, a label is above `k`, or `tile` or `draws` are 0.
pub fn fractions(
    particles: &[Particle],
    k: usize,
    options: &FractionOptions,
) -> Result<Fractions, ClusterError> {
    for (setting, value) in [("tile", options.tile), ("draws", options.draws)] {
        if value == 0 {
            let fix = "give at least 1";
            return Err(ClusterError::Setting { operation: "fractions", setting, value: 0.0, fix });
        }
    }
    let groups = particles.iter().map(|particle| particle.group + 1).max().unwrap_or(0);
    let mut tiles: Vec<Vec<Vec<f64>>> = vec![Vec::new(); groups];
    for particle in particles {
        tiles[particle.group].extend(tiles_of(particle, k, options.tile)?);
    }
    let (mut fraction, mut sigma) =
        (Array2::from_elem((groups, k), f64::NAN), Array2::from_elem((groups, k), f64::NAN));
    for (group, tiles) in tiles.iter().enumerate() {
        if tiles.is_empty() {
            continue;
        }
        for (j, value) in share(tiles.iter(), k).into_iter().enumerate() {
            fraction[[group, j]] = value;
        }
        if tiles.len() < 2 {
            continue;
        }
        for (j, value) in bootstrap(tiles, k, options, group as u64).into_iter().enumerate() {
            sigma[[group, j]] = value;
        }
    }
    Ok(Fractions { fraction, sigma, tiles: tiles.iter().map(Vec::len).collect() })
}

/// The weight of each cluster in each tile that has labelled pixels.
fn tiles_of(particle: &Particle, k: usize, tile: usize) -> Result<Vec<Vec<f64>>, ClusterError> {
    let (ny, nx) = particle.labels.dim();
    if let Some(weights) = particle.weights.filter(|weights| weights.dim() != (ny, nx)) {
        return Err(ClusterError::Length {
            operation: "fractions",
            first: "labels",
            first_len: ny * nx,
            second: "weights of the same image",
            second_len: weights.len(),
        });
    }
    let across = nx.div_ceil(tile);
    let mut sums = vec![vec![0.0; k]; ny.div_ceil(tile) * across];
    for ((y, x), &label) in particle.labels.indexed_iter() {
        let label = usize::from(label);
        if label > k {
            return Err(ClusterError::Label { operation: "fractions", label, k });
        }
        let weight = particle.weights.map_or(1.0, |weights| weights[[y, x]]);
        if label > 0 && weight.is_finite() && weight > 0.0 {
            sums[y / tile * across + x / tile][label - 1] += f64::from(weight);
        }
    }
    sums.retain(|tile| tile.iter().sum::<f64>() > 0.0);
    Ok(sums)
}

/// The share of each cluster in some tiles together.
fn share<'a>(tiles: impl Iterator<Item = &'a Vec<f64>>, k: usize) -> Vec<f64> {
    let mut sums = vec![0.0; k];
    for tile in tiles {
        sums.iter_mut().zip(tile).for_each(|(sum, tile)| *sum += tile);
    }
    let total: f64 = sums.iter().sum();
    sums.iter().map(|sum| sum / total).collect()
}

/// Standard deviations of the shares over draws of as many tiles as there are.
fn bootstrap(tiles: &[Vec<f64>], k: usize, options: &FractionOptions, group: u64) -> Vec<f64> {
    let mut rng = generator(options.seed, group);
    let (mut sum, mut squares) = (vec![0.0; k], vec![0.0; k]);
    let centre = share(tiles.iter(), k);
    for _ in 0..options.draws {
        let drawn: Vec<usize> = tiles.iter().map(|_| rng.random_range(0..tiles.len())).collect();
        for (j, value) in share(drawn.iter().map(|&tile| &tiles[tile]), k).into_iter().enumerate() {
            sum[j] += value - centre[j];
            squares[j] += (value - centre[j]).powi(2);
        }
    }
    let n = options.draws as f64;
    let one = |(sum, squares): (&f64, &f64)| (squares / n - (sum / n).powi(2)).max(0.0).sqrt();
    sum.iter().zip(&squares).map(one).collect()
}
