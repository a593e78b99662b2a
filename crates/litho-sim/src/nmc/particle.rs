//! The particle: a ball of grains in layers, with pores between the layers and cracks.

use super::cracks::cracks;
use crate::tilts::solid::{Ball, Ellipsoid, Solid};
use crate::tilts::vector::{Vector, add, direction, dot, frame, norm, scaled};
use crate::tilts::{Body, Shape};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::{PI, TAU};

/// Lengths of a particle, metres, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// Radius.
    pub radius: f64,
    /// Distance of the layers.
    pub layer: f64,
    /// Distance of the grains in a layer.
    pub grain: f64,
    /// Share of the places between two layers, one beside each grain, that hold a pore: at the core and at the surface.
    pub openness: (f64, f64),
    /// Cracks.
    pub cracks: usize,
    /// Their width at the core.
    pub crack_width: f64,
}

/// Density between the grains, in units of theirs: pores too small to see.
const BETWEEN: f64 = 0.93;
/// Standard deviation of a grain's density about the mean, as a fraction.
const VARIATION: f64 = 0.008;
/// Semi-axes of a grain along and across the radius, in units of the distances of layers and grains, and their spread.
const GRAIN: (f64, f64, f64) = (0.58, 0.60, 0.15);
/// Semi-axes of a pore along the radius, in units of the layers' distance, and across, in units of the grains': lowest and
/// highest.
const PORE: [(f64, f64); 2] = [(0.10, 0.21), (0.28, 0.75)];
/// Jitter of grains and pores along and across a layer, in units of the distances.
const JITTER: (f64, f64) = (0.08, 0.25);
/// How far layers are bent from spheres, in units of their distance: standard deviation, and bends around the particle.
const BEND: (f64, f64) = (0.10, 4.0);
/// The outermost layer of grains lies so far inside the surface, in units of the layers' distance.
const OUTER: f64 = 0.35;
/// What lies between the grains ends so far inside the surface, in units of the layers' distance: the surface is rough.
const INNER: f64 = 0.6;

/// What a label stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Nothing.
    Air,
    /// Matter between the grains.
    Between,
    /// A grain, by number from 0.
    Grain(usize),
    /// A pore, by number from 0.
    Pore(usize),
    /// A piece of a crack, by number from 0.
    Crack(usize),
}

/// A particle.
#[derive(Debug, Clone, PartialEq)]
pub struct Particle {
    radius: f64,
    body: Body<1>,
    grains: usize,
    pores: usize,
}

impl Particle {
    /// A particle whose grains have `density` electrons per Å³.
    pub fn new(recipe: &Recipe, density: f64, rng: &mut impl Rng) -> Self {
        let mut solids = Vec::new();
        let bend = Bend::new(rng);
        let layers = (recipe.radius / recipe.layer).floor().max(1.0) as usize;
        let first = recipe.radius - OUTER * recipe.layer - (layers - 1) as f64 * recipe.layer;
        for layer in 0..layers {
            let radius = first + layer as f64 * recipe.layer;
            grains(&mut solids, recipe, &bend, radius, rng);
        }
        let grains = solids.len();
        for layer in 0..layers - 1 {
            let radius = first + (layer as f64 + 0.5) * recipe.layer;
            pores(&mut solids, recipe, &bend, radius, rng);
        }
        let pores = solids.len() - grains;
        solids.extend(cracks(recipe.cracks, recipe.radius, recipe.crack_width, rng));
        let core = recipe.radius - INNER * recipe.layer;
        let whole = Solid::Ball(Ball { centre: [0.0; 3], radius: core });
        let mut shapes = vec![Shape { solid: whole, amounts: [BETWEEN * density], label: 1 }];
        for (index, solid) in solids.into_iter().enumerate() {
            let amount = if index < grains { density * (1.0 + VARIATION * normal(rng)) } else { 0.0 };
            shapes.push(Shape { solid, amounts: [amount], label: index as u32 + 2 });
        }
        Self { radius: recipe.radius, body: Body { shapes }, grains, pores }
    }

    /// Its nominal radius, metres. Grains stand out of it here and there, and are missing elsewhere.
    pub const fn radius(&self) -> f64 {
        self.radius
    }

    /// Distance of its farthest point from the middle, metres, or a little more.
    pub fn reach(&self) -> f64 {
        let solids = self.body.shapes.iter().filter(|shape| shape.amounts[0] > 0.0);
        solids
            .map(|shape| shape.solid.bound())
            .map(|ball| norm(ball.centre) + ball.radius)
            .fold(0.0, f64::max)
    }

    /// Electrons per Å³ in space.
    pub const fn body(&self) -> &Body<1> {
        &self.body
    }

    /// Number of grains.
    pub const fn grains(&self) -> usize {
        self.grains
    }

    /// Number of pores; cracks are none of them.
    pub const fn pores(&self) -> usize {
        self.pores
    }

    /// Electrons per Å³ of each grain.
    pub fn grain_densities(&self) -> impl Iterator<Item = f64> {
        self.body.shapes.iter().skip(1).take(self.grains).map(|shape| shape.amounts[0])
    }

    /// What a label of the body stands for.
    pub fn part(&self, label: u32) -> Part {
        match (label, (label as usize).saturating_sub(2)) {
            (0, _) => Part::Air,
            (1, _) => Part::Between,
            (_, index) if index < self.grains => Part::Grain(index),
            (_, index) if index < self.grains + self.pores => Part::Pore(index - self.grains),
            (_, index) => Part::Crack(index - self.grains - self.pores),
        }
    }
}

/// A smooth field over all directions that bends the layers, all of them alike.
struct Bend {
    /// Wave vectors for a unit vector, and phases.
    waves: [(Vector, f64); 6],
}

impl Bend {
    fn new(rng: &mut impl Rng) -> Self {
        let waves = std::array::from_fn(|_| {
            let along = direction(rng.random(), rng.random());
            (scaled(along, BEND.1 * (0.5 + rng.random::<f64>())), TAU * rng.random::<f64>())
        });
        Self { waves }
    }

    /// A place of a layer after bending.
    fn moved(&self, place: Vector, layer: f64) -> Vector {
        let distance = norm(place).max(f64::MIN_POSITIVE);
        let unit = scaled(place, 1.0 / distance);
        let sum: f64 = self.waves.iter().map(|(wave, phase)| (dot(*wave, unit) + phase).cos()).sum();
        // Six cosines have a variance of 3.
        add(place, scaled(unit, BEND.0 * layer * sum / 3.0_f64.sqrt()))
    }
}

/// Places about `step` apart on a sphere of `radius`: a golden spiral, jittered.
fn places(radius: f64, step: f64, jitter: (f64, f64), rng: &mut impl Rng) -> Vec<Vector> {
    let count = ((4.0 * PI * radius * radius) / (step * step)).round().max(1.0) as usize;
    let golden = PI * (3.0 - 5_f64.sqrt());
    // A different spiral in each layer, so that no grain lies on top of another by rule.
    let turned = frame(direction(rng.random(), rng.random()), TAU * rng.random::<f64>());
    let places = (0..count).map(|index| {
        let z = 1.0 - 2.0 * (index as f64 + 0.5) / count as f64;
        let (sine, cosine) = (golden * index as f64).sin_cos();
        let flat = (1.0 - z * z).sqrt();
        let point = [flat * cosine, flat * sine, z];
        let place = (0..3).fold([0.0; 3], |sum, i| add(sum, scaled(turned[i], radius * point[i])));
        let mut uniform = |size: f64| size * (2.0 * rng.random::<f64>() - 1.0);
        let aside = scaled([uniform(1.0), uniform(1.0), uniform(1.0)], jitter.1);
        let moved = add(place, aside);
        // Along the radius by the smaller jitter only.
        scaled(moved, (radius + uniform(jitter.0)) / norm(moved).max(f64::MIN_POSITIVE))
    });
    places.collect()
}

/// A layer of grains.
fn grains(solids: &mut Vec<Solid>, recipe: &Recipe, bend: &Bend, radius: f64, rng: &mut impl Rng) {
    for place in places(radius, recipe.grain, (JITTER.0 * recipe.layer, JITTER.1 * recipe.grain), rng) {
        let place = bend.moved(place, recipe.layer);
        let mut semi = |size: f64| size * (1.0 + GRAIN.2 * (2.0 * rng.random::<f64>() - 1.0));
        let semi = [semi(GRAIN.1 * recipe.grain), semi(GRAIN.1 * recipe.grain), semi(GRAIN.0 * recipe.layer)];
        let axes = frame(place, TAU * rng.random::<f64>());
        solids.push(Solid::Ellipsoid(Ellipsoid::new(place, axes, semi)));
    }
}

/// The pores between two layers, at `radius`.
fn pores(solids: &mut Vec<Solid>, recipe: &Recipe, bend: &Bend, radius: f64, rng: &mut impl Rng) {
    let depth = radius / recipe.radius;
    let open = recipe.openness.0 + (recipe.openness.1 - recipe.openness.0) * depth;
    let jitter = (JITTER.0 * recipe.layer, 1.5 * JITTER.1 * recipe.grain);
    for place in places(radius, recipe.grain, jitter, rng) {
        let place = bend.moved(place, recipe.layer);
        let chance: f64 = rng.random();
        let mut between =
            |(low, high): (f64, f64), size: f64| size * (low + (high - low) * rng.random::<f64>());
        let semi =
            [between(PORE[1], recipe.grain), between(PORE[1], recipe.grain), between(PORE[0], recipe.layer)];
        if chance < open {
            let axes = frame(place, TAU * rng.random::<f64>());
            solids.push(Solid::Ellipsoid(Ellipsoid::new(place, axes, semi)));
        }
    }
}

fn normal(rng: &mut impl Rng) -> f64 {
    let drawn: f64 = StandardNormal.sample(rng);
    drawn.clamp(-2.5, 2.5)
}
