//! A particle: its outline, its thickness and what it is made of.

use super::amounts::Amounts;
use super::domains::{DomainLengths, Domains, Shares};
use super::kind::Kind;
use super::plan::Plan;
use super::sample::Sample;
use super::waves::Waves;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::TAU;

/// Amplitudes of the outline's harmonics 2–5, in units of the radius.
const LOBES: [f64; 4] = [0.08, 0.06, 0.035, 0.02];
/// Power in the profile `(1 − u²)^p`, `u` from the middle to the outline: between a ball (½) and a dome (1).
const PROFILE: f64 = 0.6;
/// Standard deviation of the thickness about its profile.
const MOTTLE: f64 = 0.08;

/// A sample of the experiment, centred on `(0, 0)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Particle {
    radius: f64,
    thickness: f64,
    /// Phases of the outline's harmonics.
    lobes: [f64; LOBES.len()],
    mottle: Waves,
    /// Smooth changes of edge energy, pre-edge ratio and amount of `Li2O`.
    changes: [Waves; 3],
    matter: Matter,
}

#[derive(Debug, Clone, PartialEq)]
enum Matter {
    Domains(Box<Domains>),
    One(Kind),
}

impl Particle {
    /// The particle `sample` of an experiment with this plan; `seed` draws its shape and its domains.
    pub(crate) fn new(sample: Sample, plan: &Plan, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let recipe = sample.recipe();
        let radius = plan.radius * recipe.radius;
        let lobes = std::array::from_fn(|_| TAU * rng.random::<f64>());
        let mottle = Waves::new(0.7 * radius, &mut rng);
        let changes = std::array::from_fn(|_| Waves::new(plan.cell, &mut rng));
        let lengths = DomainLengths { cell: plan.cell, rim: plan.rim, soft: plan.soft };
        let matter = match sample.standard() {
            Some(kind) => Matter::One(kind),
            None => Matter::Domains(Box::new(Domains::new(&recipe, radius, lengths, &mut rng))),
        };
        Self { radius, thickness: plan.thickness, lobes, mottle, changes, matter }
    }

    /// Distance from the middle to the outline in a direction, metres.
    fn outline(&self, angle: f64) -> f64 {
        let lobes = LOBES.iter().zip(self.lobes).zip(2..);
        self.radius
            * (1.0 + lobes.map(|((size, phase), n)| size * (f64::from(n) * angle + phase).cos()).sum::<f64>())
    }

    /// Thickness at `(y, x)` and distance to the outline, both in metres; `None` outside.
    fn inside(&self, y: f64, x: f64) -> Option<(f64, f64)> {
        let (outline, distance) = (self.outline(y.atan2(x)), y.hypot(x));
        let u = distance / outline;
        (u < 1.0).then(|| {
            let profile = (1.0 - u * u).powf(PROFILE);
            let mottle = 1.0 + MOTTLE * self.mottle.at(y, x);
            (self.thickness * profile * mottle, outline - distance)
        })
    }

    /// Projected thickness at `(y, x)`, all in metres.
    pub fn thickness(&self, y: f64, x: f64) -> f64 {
        self.inside(y, x).map_or(0.0, |(thickness, _)| thickness)
    }

    /// What lies at `(y, x)`, metres.
    pub fn amounts(&self, y: f64, x: f64) -> Amounts {
        let mut amounts = Amounts::default();
        let Some((thickness, depth)) = self.inside(y, x) else { return amounts };
        let shares: Shares = match &self.matter {
            Matter::Domains(domains) => domains.shares((y, x), depth),
            Matter::One(kind) => std::array::from_fn(|k| f64::from(k == kind.index())),
        };
        let [edge, pre_edge, oxide] = [0, 1, 2].map(|i| self.changes[i].at(y, x));
        for kind in Kind::ALL {
            let share = shares[kind.index()];
            if share > 0.0 {
                let (made, varies) = (kind.composition(), kind.variation());
                let atoms = thickness * share / made.volume;
                let shift = varies.edge_energy * edge;
                let terms = [1.0, shift, 0.5 * shift * shift, varies.pre_edge_ratio * pre_edge];
                amounts.vanadium[kind.index()] = terms.map(|term| atoms * term);
                let more = varies.lithium_oxide * oxide;
                amounts.lithium += atoms * (made.lithium + 2.0 * more).max(0.0);
                amounts.oxygen += atoms * (made.oxygen + more).max(0.0);
            }
        }
        amounts
    }
}
