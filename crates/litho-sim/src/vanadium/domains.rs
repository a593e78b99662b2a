//! Where in a particle each kind of matter lies.

use super::kind::Kind;
use super::sample::Recipe;
use super::waves::Waves;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use std::f64::consts::{PI, TAU};

/// Shares of the kinds at a place; together 1.
pub(crate) type Shares = [f64; Kind::COUNT];

/// Jitter of the middle of a cell about its lattice point, in lattice steps.
const JITTER: f64 = 0.35;
/// How far boundaries of cells are bent, in lattice steps.
const BEND: f64 = 0.16;
/// Fraction of the particle's radius within which cells are counted towards the recipe's shares.
const COUNTED: f64 = 1.0;
/// Gap between the two rims, radians.
const RIM_GAP: f64 = 0.3;

/// The domains of a particle: cells of kinds 1–3, a layer of kind 4 near the surface, and two rims.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Domains {
    cells: Vec<Cell>,
    bend: [Waves; 2],
    bend_size: f64,
    surface: Waves,
    surface_depth: f64,
    rims: [Rim; 2],
    rim_depth: f64,
    /// Half width of a boundary, metres.
    soft: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Cell {
    y: f64,
    x: f64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Rim {
    kind: Kind,
    /// Direction of its middle, radians.
    direction: f64,
    /// Half-angle, radians.
    half: f64,
}

/// Lengths of the domains, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DomainLengths {
    /// Distance of the middles of cells.
    pub(crate) cell: f64,
    /// Thickness of the rims.
    pub(crate) rim: f64,
    /// Half width of a boundary.
    pub(crate) soft: f64,
}

impl Domains {
    /// Domains of a particle of `radius` metres.
    pub(crate) fn new(recipe: &Recipe, radius: f64, lengths: DomainLengths, rng: &mut impl Rng) -> Self {
        let mut cells = lattice(radius, lengths.cell, rng);
        assign(&mut cells, recipe, radius, rng);
        let bend = [Waves::new(1.5 * lengths.cell, rng), Waves::new(1.5 * lengths.cell, rng)];
        let surface = Waves::new(0.9 * radius, rng);
        let first = TAU * rng.random::<f64>();
        let second = first + recipe.rims[0] + recipe.rims[1] + RIM_GAP + (PI - RIM_GAP) * rng.random::<f64>();
        let rims = [(Kind::OxidisedRim, first, recipe.rims[0]), (Kind::ReducedRim, second, recipe.rims[1])]
            .map(|(kind, direction, half)| Rim { kind, direction, half });
        Self {
            cells,
            bend,
            bend_size: BEND * lengths.cell,
            surface,
            surface_depth: recipe.surface * radius,
            rims,
            rim_depth: lengths.rim,
            soft: lengths.soft,
        }
    }

    /// Shares of the kinds at `(y, x)`, `depth` metres inside the outline.
    pub(crate) fn shares(&self, (y, x): (f64, f64), depth: f64) -> Shares {
        let mut shares = self.inner(y, x);
        // The layer is missing where its field is low, and up to 2½ times as thick as the recipe says.
        let layer = self.surface_depth * (0.8 + 1.2 * self.surface.at(y, x)).clamp(-1.0, 2.5);
        self.cover(&mut shares, Kind::OctahedralV5, layer - depth);
        let angle = y.atan2(x);
        for rim in &self.rims {
            let off = ((angle - rim.direction + PI).rem_euclid(TAU) - PI) / rim.half.max(f64::MIN_POSITIVE);
            // A crescent: full depth over most of its length, nothing beyond its ends.
            let thickness = self.rim_depth * (1.0 - off.powi(4));
            self.cover(&mut shares, rim.kind, thickness - depth);
        }
        shares
    }

    /// Lays `kind` over `shares` where `inside`, the distance from its boundary, is positive.
    fn cover(&self, shares: &mut Shares, kind: Kind, inside: f64) {
        let share = ramp(inside / self.soft);
        *shares = shares.map(|other| other * (1.0 - share));
        shares[kind.index()] += share;
    }

    /// Shares of the cells, with bent boundaries.
    fn inner(&self, y: f64, x: f64) -> Shares {
        let (y, x) = (y + self.bend_size * self.bend[0].at(y, x), x + self.bend_size * self.bend[1].at(y, x));
        let (mut first, mut second) = ((f64::INFINITY, None), (f64::INFINITY, None));
        for cell in &self.cells {
            let distance = (y - cell.y).powi(2) + (x - cell.x).powi(2);
            if distance < first.0 {
                (second, first) = (first, (distance, Some(cell.kind)));
            } else if distance < second.0 {
                second = (distance, Some(cell.kind));
            }
        }
        let mut shares = [0.0; Kind::COUNT];
        // Half the difference of the distances is that from the boundary between the two cells.
        let share = ramp(0.5 * (second.0.sqrt() - first.0.sqrt()) / self.soft);
        for (kind, share) in [(first.1, share), (second.1, 1.0 - share)] {
            if let Some(kind) = kind {
                shares[kind.index()] += share;
            }
        }
        shares
    }
}

/// Cells that cover a particle of `radius`, all of kind 1.
fn lattice(radius: f64, step: f64, rng: &mut impl Rng) -> Vec<Cell> {
    let half = (1.4 * radius / step).ceil() as i32;
    let mut cells = Vec::new();
    for (row, column) in (-half..=half).flat_map(|row| (-half..=half).map(move |column| (row, column))) {
        let mut jittered = |index: f64| step * (index + JITTER * (2.0 * rng.random::<f64>() - 1.0));
        // Every second row is moved by half a step: a hexagonal lattice.
        let (y, x) = (f64::from(row) * 0.866, f64::from(column) + 0.5 * f64::from(row.rem_euclid(2)));
        cells.push(Cell { y: jittered(y), x: jittered(x), kind: Kind::OctahedralV3 });
    }
    cells
}

/// Gives the cells their kinds, in random order: of those inside, as many to each kind as its share says, to the nearest
/// whole cell; a kind with a share gets at least one.
fn assign(cells: &mut [Cell], recipe: &Recipe, radius: f64, rng: &mut impl Rng) {
    const KINDS: [Kind; 3] = [Kind::OctahedralV3, Kind::TetrahedralV3, Kind::TetrahedralV5];
    cells.shuffle(rng);
    cells.sort_by_key(|cell| cell.y.hypot(cell.x) > COUNTED * radius);
    let inside = cells.iter().filter(|cell| cell.y.hypot(cell.x) <= COUNTED * radius).count();
    let leading = (0..3).fold(0, |best, k| if recipe.inner[k] > recipe.inner[best] { k } else { best });
    for cell in cells.iter_mut() {
        cell.kind = KINDS[leading];
    }
    let mut next = 0;
    for (k, share) in recipe.inner.into_iter().enumerate().filter(|(k, share)| *k != leading && *share > 0.0)
    {
        let count = ((share * inside as f64).round() as usize).max(1);
        for cell in cells.iter_mut().take(inside).skip(next).take(count) {
            cell.kind = KINDS[k];
        }
        next += count;
    }
}

/// 0 below −1, 1 above 1, smooth between.
fn ramp(x: f64) -> f64 {
    let x = (0.5 + 0.5 * x).clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}
