//! From the name of a chain and the engines' tables to stages.

use super::engine_tables::{
    BatchConfig, DifferenceMapConfig, LsqMlConfig, MaximumLikelihoodConfig, PieConfig, RaarConfig, WaspConfig,
};
use super::mistakes::{Allowed, Mistakes};
use super::parse::nearest;
use super::raw::ReconstructConfig;
use litho_compute::Likelihood;
use litho_ptycho::{
    Algorithm, BatchPie, Decay, DifferenceMap, LsqMl, MaximumLikelihood, Momentum, Pie, Raar, Stage, Wasp,
};

/// Names of the engines.
const ENGINES: [&str; 9] = ["epie", "rpie", "mpie", "batch", "wasp", "dm", "raar", "ml", "lsqml"];
/// Iterations of an engine, if nobody says.
pub(crate) const DEFAULT_ITERATIONS: usize = 100;
/// Largest step of an engine that is made without protest: the next wave lies as far beyond the wanted one as the last
/// was from it.
const LARGEST_STEP: f64 = 2.0;

/// The stages that `engine` and `iterations` ask for.
pub(super) fn stages(config: &ReconstructConfig, seed: u64, mistakes: &mut Mistakes) -> Vec<Stage> {
    let default = config.iterations.unwrap_or(DEFAULT_ITERATIONS);
    if config.iterations == Some(0) {
        mistakes.add("iterations", 0, "give at least 1");
    }
    let chain = config.engine.as_deref().unwrap_or("epie");
    let common = likelihood("likelihood", config.likelihood.as_ref(), mistakes);
    let mut stages = Vec::new();
    for part in chain.split(',') {
        let (name, count) = part.split_once(':').map_or((part, None), |(name, count)| (name, Some(count)));
        let iterations = match count.map(|count| count.trim().parse::<usize>()) {
            None => default,
            Some(Ok(count)) if count > 0 => count,
            Some(_) => {
                mistakes.add("engine", part, "after the colon comes a number of iterations, at least 1");
                continue;
            }
        };
        let Some(algorithm) = algorithm(name.trim(), config, seed, common, mistakes) else {
            let hint = nearest(name.trim(), ENGINES.into_iter())
                .map_or(String::new(), |s| format!("; did you mean {s}?"));
            mistakes.add("engine", name.trim(), format!("choose one of {}{hint}", ENGINES.join(", ")));
            continue;
        };
        stages.push(Stage { algorithm, iterations });
    }
    if let Some(name) = config.likelihood.as_ref().filter(|_| !stages.is_empty() && !stages.iter().any(asks))
    {
        mistakes.add(
            "likelihood",
            name,
            "dm and raar replace moduli and have no likelihood; leave it out, or add an engine that has one \
             (\"dm:50,ml:50\")",
        );
    }
    stages
}

/// True if the stage's engine has a likelihood.
fn asks(stage: &Stage) -> bool {
    !matches!(stage.algorithm, Algorithm::DifferenceMap(_) | Algorithm::Raar(_))
}

fn algorithm(
    name: &str,
    config: &ReconstructConfig,
    seed: u64,
    common: Option<Likelihood>,
    mistakes: &mut Mistakes,
) -> Option<Algorithm> {
    Some(match name {
        "epie" => {
            // ePIE is rPIE with both γ = 1.
            let table = PieConfig { gamma: None, probe_gamma: None, ..config.pie.clone() };
            Algorithm::Pie(pie(Pie::epie(seed), &table, common, mistakes))
        }
        "rpie" => Algorithm::Pie(pie(Pie::rpie(seed), &config.pie, common, mistakes)),
        "mpie" => Algorithm::Pie(pie(Pie::mpie(seed), &config.pie, common, mistakes)),
        "batch" => Algorithm::BatchPie(batch(BatchPie::new(seed), &config.batch, common, mistakes)),
        "wasp" => Algorithm::Wasp(wasp(Wasp::new(seed), &config.wasp, common, mistakes)),
        "dm" => Algorithm::DifferenceMap(difference_map(&config.dm, mistakes)),
        "raar" => Algorithm::Raar(raar(&config.raar, mistakes)),
        "ml" => Algorithm::MaximumLikelihood(maximum_likelihood(&config.ml, common, mistakes)),
        "lsqml" => Algorithm::LsqMl(lsq_ml(LsqMl::new(seed), &config.lsqml, common, mistakes)),
        _ => return None,
    })
}

fn likelihood(key: &'static str, name: Option<&String>, mistakes: &mut Mistakes) -> Option<Likelihood> {
    let choices = [
        ("amplitude", Likelihood::Amplitude),
        ("poisson", Likelihood::Poisson),
        ("intensity", Likelihood::Intensity),
    ];
    mistakes.choose(key, name, &choices)
}

fn pie(mut pie: Pie, config: &PieConfig, common: Option<Likelihood>, mistakes: &mut Mistakes) -> Pie {
    let (step, gamma) = (Allowed::UpTo(LARGEST_STEP), Allowed::UpTo(1.0));
    mistakes.set("pie.object_step", config.object_step, step, &mut pie.weights.object_step);
    mistakes.set("pie.probe_step", config.probe_step, step, &mut pie.weights.probe_step);
    mistakes.set("pie.gamma", config.gamma, gamma, &mut pie.weights.object_gamma);
    mistakes.set("pie.probe_gamma", config.probe_gamma, gamma, &mut pie.weights.probe_gamma);
    pie.probe_start = config.probe_start.unwrap_or(pie.probe_start);
    if let Some(period) = mistakes.number("pie.decay", config.decay, Allowed::NotNegative) {
        pie.decay = if period > 0.0 { Decay::HalfAfter(period) } else { Decay::None };
    }
    if let Some(Momentum { period, friction }) = &mut pie.momentum {
        mistakes.count("pie.momentum_period", config.momentum_period, (1, usize::MAX), period);
        mistakes.set("pie.momentum", config.momentum, Allowed::Below(1.0), friction);
    }
    let own = likelihood("pie.likelihood", config.likelihood.as_ref(), mistakes);
    pie.likelihood = own.or(common).unwrap_or(pie.likelihood);
    pie
}

fn batch(
    mut batch: BatchPie,
    config: &BatchConfig,
    common: Option<Likelihood>,
    mistakes: &mut Mistakes,
) -> BatchPie {
    let step = Allowed::UpTo(LARGEST_STEP);
    mistakes.count("batch.frames", config.frames, (1, usize::MAX), &mut batch.batch);
    mistakes.set("batch.object_step", config.object_step, step, &mut batch.object_step);
    mistakes.set("batch.probe_step", config.probe_step, step, &mut batch.probe_step);
    mistakes.set("batch.gamma", config.gamma, Allowed::UpTo(1.0), &mut batch.object_gamma);
    batch.probe_start = config.probe_start.unwrap_or(batch.probe_start);
    let own = likelihood("batch.likelihood", config.likelihood.as_ref(), mistakes);
    batch.likelihood = own.or(common).unwrap_or(batch.likelihood);
    batch
}

fn wasp(mut wasp: Wasp, config: &WaspConfig, common: Option<Likelihood>, mistakes: &mut Mistakes) -> Wasp {
    mistakes.set("wasp.object_weight", config.object_weight, Allowed::Positive, &mut wasp.object_weight);
    mistakes.set("wasp.probe_weight", config.probe_weight, Allowed::Positive, &mut wasp.probe_weight);
    mistakes.set("wasp.probe_step", config.probe_step, Allowed::UpTo(LARGEST_STEP), &mut wasp.probe_step);
    mistakes.set("wasp.object_inertia", config.object_inertia, Allowed::UpTo(1.0), &mut wasp.object_inertia);
    wasp.probe_start = config.probe_start.unwrap_or(wasp.probe_start);
    let own = likelihood("wasp.likelihood", config.likelihood.as_ref(), mistakes);
    wasp.likelihood = own.or(common).unwrap_or(wasp.likelihood);
    wasp
}

fn difference_map(config: &DifferenceMapConfig, mistakes: &mut Mistakes) -> DifferenceMap {
    let mut map = DifferenceMap::default();
    map.probe_start = config.probe_start.unwrap_or(map.probe_start);
    mistakes.set("dm.relaxation", config.relaxation, Allowed::Below(1.0), &mut map.relaxation);
    let alternations = (1, usize::MAX);
    mistakes.count(
        "dm.overlap_iterations",
        config.overlap_iterations,
        alternations,
        &mut map.overlap_iterations,
    );
    let tolerance = config.overlap_tolerance;
    mistakes.set("dm.overlap_tolerance", tolerance, Allowed::NotNegative, &mut map.overlap_tolerance);
    let inertia = Allowed::UpTo(1.0);
    mistakes.set("dm.object_inertia", config.object_inertia, inertia, &mut map.object_inertia);
    mistakes.set("dm.probe_inertia", config.probe_inertia, inertia, &mut map.probe_inertia);
    map
}

fn raar(config: &RaarConfig, mistakes: &mut Mistakes) -> Raar {
    let mut raar = Raar::default();
    raar.probe_start = config.probe_start.unwrap_or(raar.probe_start);
    mistakes.set("raar.beta", config.beta, Allowed::Within(0.5, 1.0), &mut raar.beta);
    let inertia = Allowed::UpTo(1.0);
    mistakes.set("raar.object_inertia", config.object_inertia, inertia, &mut raar.object_inertia);
    mistakes.set("raar.probe_inertia", config.probe_inertia, inertia, &mut raar.probe_inertia);
    raar
}

fn maximum_likelihood(
    config: &MaximumLikelihoodConfig,
    common: Option<Likelihood>,
    mistakes: &mut Mistakes,
) -> MaximumLikelihood {
    let mut ml = MaximumLikelihood::default();
    ml.probe_start = config.probe_start.unwrap_or(ml.probe_start);
    mistakes.set("ml.damping", config.damping, Allowed::UpTo(1.0), &mut ml.damping);
    let own = likelihood("ml.likelihood", config.likelihood.as_ref(), mistakes);
    ml.likelihood = own.or(common).unwrap_or(ml.likelihood);
    ml
}

fn lsq_ml(
    mut lsq: LsqMl,
    config: &LsqMlConfig,
    common: Option<Likelihood>,
    mistakes: &mut Mistakes,
) -> LsqMl {
    lsq.batch = config.batch.unwrap_or(lsq.batch);
    lsq.probe_start = config.probe_start.unwrap_or(lsq.probe_start);
    let share = Allowed::UpTo(1.0);
    mistakes.set("lsqml.step", config.step, share, &mut lsq.step);
    mistakes.set("lsqml.object_damping", config.object_damping, share, &mut lsq.object_damping);
    let damping = config.step_damping;
    mistakes.set("lsqml.step_damping", damping, Allowed::Between(0.0, 1.0), &mut lsq.step_damping);
    mistakes.set("lsqml.momentum", config.momentum, Allowed::Below(1.0), &mut lsq.momentum);
    let own = likelihood("lsqml.likelihood", config.likelihood.as_ref(), mistakes);
    lsq.likelihood = own.or(common).unwrap_or(lsq.likelihood);
    lsq
}
