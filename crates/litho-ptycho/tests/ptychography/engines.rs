//! Every engine, with its probe from the first iteration on, for what must hold of all of them.

use litho_compute::Likelihood;
use litho_ptycho::{Algorithm, BatchPie, DifferenceMap, LsqMl, MaximumLikelihood, Pie, Raar, Wasp};

/// Name and engine; some in several forms.
pub(crate) fn every_engine() -> Vec<(&'static str, Algorithm)> {
    let map = DifferenceMap { probe_start: 0, ..DifferenceMap::default() };
    let likely = |likelihood| {
        Algorithm::MaximumLikelihood(MaximumLikelihood { likelihood, ..MaximumLikelihood::default() })
    };
    let lsq = LsqMl { probe_start: 0, ..LsqMl::new(3) };
    vec![
        ("ePIE", Algorithm::Pie(Pie::epie(3))),
        ("ePIE, Poisson", Algorithm::Pie(Pie { likelihood: Likelihood::Poisson, ..Pie::epie(3) })),
        ("rPIE", Algorithm::Pie(Pie::rpie(3))),
        ("mPIE", Algorithm::Pie(Pie::mpie(3))),
        ("batch PIE", Algorithm::BatchPie(BatchPie { probe_start: 0, batch: 8, ..BatchPie::new(3) })),
        ("WASP", Algorithm::Wasp(Wasp { probe_start: 0, ..Wasp::new(3) })),
        ("DM", Algorithm::DifferenceMap(map)),
        ("DM without relaxation", Algorithm::DifferenceMap(DifferenceMap { relaxation: 0.0, ..map })),
        ("RAAR", Algorithm::Raar(Raar { probe_start: 0, ..Raar::default() })),
        ("LSQ-ML", Algorithm::LsqMl(lsq)),
        ("LSQ-ML with momentum", Algorithm::LsqMl(LsqMl { momentum: 0.3, ..lsq })),
        ("ML, amplitudes", likely(Likelihood::Amplitude)),
        ("ML, intensities", likely(Likelihood::Intensity)),
        ("ML, Poisson", likely(Likelihood::Poisson)),
    ]
}
