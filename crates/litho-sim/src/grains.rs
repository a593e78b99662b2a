//! A cathode particle: close-packed, domed primary grains with pores and cracks between them.

use crate::error::SimError;
use crate::phantom::Material;
use litho_types::quantity::Metres;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::TAU;

/// A round secondary particle of primary grains (the cells of a jittered lattice).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatteryGrains {
    /// Refractive index of the grains.
    pub material: Material,
    /// Mean thickness of a grain in its middle.
    pub thickness: Metres,
    /// Mean distance between the middles of neighbouring grains.
    pub grain_size: Metres,
    /// Radius of the particle.
    pub particle_radius: Metres,
    /// Fraction of grains that are missing, 0 to below 1.
    pub porosity: f64,
    /// Seed of the grains.
    pub seed: u64,
}

/// Spread of grain thickness about its mean, as a fraction.
const THICKNESS_SPREAD: f64 = 0.4;
/// Jitter of a grain's middle about its lattice point, in lattice steps.
const JITTER: f64 = 0.4;
/// Width of a grain's rounded flank, in lattice steps.
const FLANK: f64 = 0.35;
/// Amplitude of the particle's outline about its circle, as a fraction of the radius.
const LOBES: f64 = 0.06;
/// Most lattice cells from the middle of the particle to its edge.
const MAX_CELLS: f64 = 2000.0;

/// One primary grain.
#[derive(Clone, Copy)]
struct Grain {
    /// Middle `(y, x)` in lattice steps.
    middle: (f64, f64),
    /// Thickness in its middle, metres; zero for a pore.
    thickness: f64,
}

/// A checked particle with its grains drawn.
pub(crate) struct PreparedGrains {
    material: Material,
    grain_size: f64,
    radius: f64,
    /// Cells from the middle of the lattice to its edge.
    half: isize,
    /// The grains, row by row.
    grains: Vec<Grain>,
}

impl BatteryGrains {
    pub(crate) fn prepared(&self) -> Result<PreparedGrains, SimError> {
        let grain_size = SimError::positive("the size of the grains", self.grain_size.value(), "m")?;
        let radius = SimError::positive("the radius of the particle", self.particle_radius.value(), "m")?;
        let thickness = SimError::not_negative("the thickness of the grains", self.thickness.value(), "m")?;
        let porosity = SimError::not_negative("the porosity", self.porosity, "")?;
        if porosity >= 1.0 {
            let fix = "give the fraction of missing grains, below 1";
            return Err(SimError::Value { quantity: "the porosity", value: porosity.to_string(), fix });
        }
        let cells = ((1.0 + LOBES) * radius / grain_size).ceil() + 2.0;
        if cells > MAX_CELLS {
            let (quantity, value) = ("the size of the grains", self.grain_size.to_string());
            return Err(SimError::Value { quantity, value, fix: "give larger grains or a smaller particle" });
        }
        let half = cells as isize;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut uniform = || rng.random::<f64>();
        let mut grains = Vec::new();
        for (row, column) in (-half..=half).flat_map(|row| (-half..=half).map(move |column| (row, column))) {
            let mut jittered = |index: isize| index as f64 + JITTER * (2.0 * uniform() - 1.0);
            let middle = (jittered(row), jittered(column));
            let spread = 1.0 + THICKNESS_SPREAD * (2.0 * uniform() - 1.0);
            let present = f64::from(uniform() >= porosity);
            grains.push(Grain { middle, thickness: thickness * spread * present });
        }
        Ok(PreparedGrains { material: self.material, grain_size, radius, half, grains })
    }
}

impl PreparedGrains {
    pub(crate) fn material(&self) -> Material {
        self.material
    }

    /// Thickness at `(y, x)`, metres.
    pub(crate) fn thickness(&self, y: f64, x: f64) -> f64 {
        let angle = y.atan2(x);
        let outline = self.radius * (1.0 + LOBES * ((3.0 * angle + 0.5).sin() + (5.0 * angle).cos()) / 2.0);
        let depth = (outline - y.hypot(x)) / self.grain_size;
        if depth <= 0.0 {
            return 0.0;
        }
        let (y, x) = (y / self.grain_size, x / self.grain_size);
        // The squared distances of the two nearest middles: the grain, and where its boundary lies.
        let (mut first, mut second, mut thickness) = (f64::INFINITY, f64::INFINITY, 0.0);
        for grain in self.near(y.round() as isize, x.round() as isize) {
            let distance = (y - grain.middle.0).powi(2) + (x - grain.middle.1).powi(2);
            if distance < first {
                (second, first, thickness) = (first, distance, grain.thickness);
            } else if distance < second {
                second = distance;
            }
        }
        thickness * flank((second.sqrt() - first.sqrt()) / FLANK) * flank(depth / FLANK)
    }

    /// The grains whose middle can be the nearest or second nearest within a lattice cell.
    fn near(&self, row: isize, column: isize) -> impl Iterator<Item = &Grain> {
        let side = 2 * self.half + 1;
        let inside = move |index: isize| (index - 2).max(-self.half)..=(index + 2).min(self.half);
        inside(row).flat_map(move |r| {
            inside(column).filter_map(move |c| {
                usize::try_from((r + self.half) * side + c + self.half).ok().and_then(|i| self.grains.get(i))
            })
        })
    }
}

/// From 0 at the boundary to 1 inside, rounded like a quarter of a circle's projection.
fn flank(depth: f64) -> f64 {
    (depth.clamp(0.0, 1.0) * TAU / 4.0).sin()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn particle(porosity: f64) -> BatteryGrains {
        BatteryGrains {
            material: Material { delta: 1e-5, beta: 1e-7 },
            thickness: Metres::new(1.0),
            grain_size: Metres::new(2.0),
            particle_radius: Metres::new(40.0),
            porosity,
            seed: 11,
        }
    }

    #[test]
    fn the_particle_is_round_and_its_grains_have_the_thickness_asked_for() {
        let grains = particle(0.0).prepared().unwrap();
        let bound = 1.0 + THICKNESS_SPREAD;
        let inside: Vec<f64> = (0..4000)
            .map(|i| grains.thickness(f64::from(i % 63) * 0.77 - 24.0, f64::from(i / 63) * 0.77 - 24.0))
            .collect();
        assert!(inside.iter().all(|t| (0.0..=bound).contains(t)));
        let highest = inside.iter().copied().fold(0.0, f64::max);
        // 625 grains uniform in 0.6–1.4: the thickest exceeds 1.3 but for a chance of 0.875^625.
        assert!(highest > 1.3, "{highest}");
        for angle in [0.0_f64, 1.0, 2.0, 3.0, 4.0, 5.0] {
            assert_eq!(grains.thickness(43.0 * angle.sin(), 43.0 * angle.cos()), 0.0, "outside the lobes");
        }
    }

    #[test]
    fn porosity_is_the_fraction_of_missing_grains() {
        let grains = particle(0.3).prepared().unwrap().grains;
        let missing = grains.iter().filter(|g| g.thickness == 0.0).count() as f64 / grains.len() as f64;
        let sigma = (0.3 * 0.7 / grains.len() as f64).sqrt();
        assert!((missing - 0.3).abs() < 5.0 * sigma, "{missing} ± {sigma}");
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(particle(1.0).prepared().is_err());
        assert!(BatteryGrains { grain_size: Metres::new(1e-3), ..particle(0.0) }.prepared().is_err());
    }
}
