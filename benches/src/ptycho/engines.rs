//! The table of our engines: what is measured, and the marks it has to meet.

use litho_compute::{Likelihood, PieWeights};
use litho_ptycho::{Algorithm, BatchPie, DifferenceMap, LsqMl, MaximumLikelihood, Pie, Raar, Stage, Wasp};

/// Seed of the order in which the sequential engines visit the frames.
const ORDER_SEED: u64 = 0;

/// Least wall time on one thread divided by that on two, for engines that are parallel by nature.
pub(super) const SPEED_UP_MARK: f64 = 1.8;

/// Least share of the gain that the transforms alone have by a second thread: 1.8 of 2.
pub(super) const SHARE_OF_GAIN_MARK: f64 = 0.9;

/// The best of these engines has to come to this object error.
pub(super) const BEST_OF: (&[&str], f64) = (&["rpie", "mpie", "dm-ml"], 0.042);

/// The transforms alone: what an engine cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Floor {
    /// Forward and inverse transform of every frame, in one buffer that stays in the cache.
    InCache,
    /// The same, each frame where it lies in memory.
    InMemory,
}

impl Floor {
    pub(super) const ALL: [Self; 2] = [Self::InCache, Self::InMemory];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::InCache => "floor in cache",
            Self::InMemory => "floor in memory",
        }
    }
}

/// One of our engines.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Engine {
    /// What `--only` and the table of peers call it.
    pub(super) key: &'static str,
    /// What the report calls it.
    pub(super) name: &'static str,
    /// What runs, one after the other.
    pub(super) stages: Vec<Stage>,
    /// The floor its cost is divided by.
    pub(super) floor: Floor,
    /// Most CPU time of an iteration, in floors.
    pub(super) cost_mark: Option<f64>,
    /// Largest object error after the last iteration.
    pub(super) error_mark: Option<f64>,
    /// Parallel by nature: measured on two threads, too.
    pub(super) parallel: bool,
}

impl Engine {
    fn new(key: &'static str, name: &'static str, stages: impl Into<Vec<Stage>>) -> Self {
        Self {
            key,
            name,
            stages: stages.into(),
            floor: Floor::InCache,
            cost_mark: None,
            error_mark: None,
            parallel: false,
        }
    }

    /// The mark on its cost.
    fn within(mut self, floors: f64, floor: Floor) -> Self {
        (self.cost_mark, self.floor) = (Some(floors), floor);
        self
    }

    /// The mark on its object error.
    fn down_to(mut self, error: f64) -> Self {
        self.error_mark = Some(error);
        self
    }

    /// Says that it is parallel by nature.
    fn parallel(mut self) -> Self {
        self.parallel = true;
        self
    }

    /// Iterations of all stages.
    pub(super) fn iterations(&self) -> usize {
        self.stages.iter().map(|stage| stage.iterations).sum()
    }
}

/// All engines, in the order of the report. A new engine is one more row.
pub(super) fn engines() -> Vec<Engine> {
    let pie = |pie| Algorithm::Pie(pie);
    let poisson = |pie: Pie| Algorithm::Pie(Pie { likelihood: Likelihood::Poisson, ..pie });
    let (epie, rpie, mpie) = (Pie::epie(ORDER_SEED), Pie::rpie(ORDER_SEED), Pie::mpie(ORDER_SEED));
    let batch = Algorithm::BatchPie(BatchPie::new(ORDER_SEED));
    let wasp = Algorithm::Wasp(Wasp::new(ORDER_SEED));
    let map = Algorithm::DifferenceMap(DifferenceMap::default());
    let raar = Algorithm::Raar(Raar::default());
    let lsqml = LsqMl::new(ORDER_SEED);
    let likely = Algorithm::MaximumLikelihood(MaximumLikelihood::default());
    vec![
        Engine::new("epie", "ePIE", [run(pie(epie), 20)]).within(2.0, Floor::InCache).down_to(0.046),
        Engine::new("epie-published", "ePIE, α = β = 1", [run(published_epie(), 20)]),
        Engine::new("epie-poisson", "ePIE, Poisson", [run(poisson(epie), 20)]),
        Engine::new("rpie", "rPIE", [run(pie(rpie), 20)]).down_to(0.042),
        Engine::new("rpie-poisson", "rPIE, Poisson", [run(poisson(rpie), 20)]),
        Engine::new("mpie", "mPIE", [run(pie(mpie), 20)]).down_to(0.042),
        Engine::new("batch", "batch PIE", [run(batch, 20)]).parallel(),
        Engine::new("wasp", "WASP", [run(wasp, 20)]),
        Engine::new("dm", "difference map", [run(map, 20)])
            .within(2.77, Floor::InCache)
            .down_to(0.065)
            .parallel(),
        Engine::new("raar", "RAAR", [run(raar, 40)]).within(2.77, Floor::InCache).down_to(0.072).parallel(),
        Engine::new("lsqml", "LSQ-ML", [run(Algorithm::LsqMl(lsqml), 20)])
            .within(2.77, Floor::InCache)
            .down_to(0.050)
            .parallel(),
        Engine::new("dm-ml", "difference map → ML", [run(map, 20), run(likely, 20)])
            .down_to(0.042)
            .parallel(),
    ]
}

fn run(algorithm: Algorithm, iterations: usize) -> Stage {
    Stage { algorithm, iterations }
}

/// ePIE as published, probe from the third iteration on, as NumPy's.
fn published_epie() -> Algorithm {
    let epie = Pie::epie(ORDER_SEED);
    let weights = PieWeights { object_step: 1.0, probe_step: 1.0, ..epie.weights };
    Algorithm::Pie(Pie { weights, probe_start: 2, ..epie })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn keys_tell_engines_apart() {
        let keys: HashSet<_> = engines().iter().map(|engine| engine.key).collect();
        assert_eq!(keys.len(), engines().len());
    }
}
