//! The papers behind what was done.

use litho_compute::Likelihood;
use litho_ptycho::{Algorithm, Correction, Stage};
use litho_tomo::Method;

/// Fits by least squares.
pub(crate) const MARQUARDT: &str =
    "D. W. Marquardt, J. Soc. Indust. Appl. Math. 11, 431 (1963). doi:10.1137/0111030";
/// The constraint between energies.
pub(crate) const KRAMERS_KRONIG: &str =
    "M. Hirose et al., Opt. Express 25, 8593 (2017). doi:10.1364/OE.25.008593";
/// Scattering factors.
pub(crate) const HENKE: &str = "B. L. Henke, E. M. Gullikson, J. C. Davis, At. Data Nucl. Data Tables 54, 181 (1993). doi:10.1006/adnd.1993.1013";
/// How many components.
pub(crate) const MALINOWSKI: &str = "E. R. Malinowski, Anal. Chem. 49, 612 (1977). doi:10.1021/ac50012a027";
/// Whether a reference is among them.
pub(crate) const TARGET_FACTORS: &str = "E. R. Malinowski, Anal. Chim. Acta 103, 339 (1978)";
/// Lloyd's iterations.
pub(crate) const KMEANS: &str =
    "S. P. Lloyd, IEEE Trans. Inf. Theory 28, 129 (1982). doi:10.1109/TIT.1982.1056489";
/// Their starts.
pub(crate) const KMEANS_START: &str =
    "D. Arthur, S. Vassilvitskii, Proc. 18th ACM-SIAM Symp. Discrete Algorithms, 1027 (2007)";
/// How far clusters lie apart.
pub(crate) const SILHOUETTE: &str =
    "P. J. Rousseeuw, J. Comput. Appl. Math. 20, 53 (1987). doi:10.1016/0377-0427(87)90125-7";
/// Whether there are clusters.
pub(crate) const GAP: &str =
    "R. Tibshirani, G. Walther, T. Hastie, J. R. Stat. Soc. B 63, 411 (2001). doi:10.1111/1467-9868.00293";
/// Spectra and composition of vanadium oxides by ptychography.
pub(crate) const VANADIUM: &str = "Nanoscale domain imaging of Li-rich disordered rocksalt-type cathode materials with X-ray spectroscopic ptychography, Phys. Chem. Chem. Phys. (2023). doi:10.1039/d2cp04087e";
/// Oxidation states in three dimensions from two energies.
pub(crate) const CHEMICAL_TOMOGRAPHY: &str =
    "Y.-S. Yu et al., Nat. Commun. 9, 921 (2018). doi:10.1038/s41467-018-03401-x";
/// Projections against the reprojections of their volume.
pub(crate) const JOINT_REPROJECTION: &str = "M. Odstrčil, M. Holler, J. Raabe, M. Guizar-Sicairos, Opt. Express 27, 36637 (2019). doi:10.1364/OE.27.036637";
/// The mass of every slice, which no rotation changes.
pub(crate) const MASS_FLUCTUATION: &str = "M. Guizar-Sicairos, A. Diaz, M. Holler, M. S. Lucas, A. Menzel, R. A. Wepf, O. Bunk, Opt. Express 19, 21345 (2011). doi:10.1364/OE.19.021345";
/// Distances from parabolas.
const DISTANCE: &str =
    "P. F. Felzenszwalb, D. P. Huttenlocher, Theory Comput. 8, 415 (2012). doi:10.4086/toc.2012.v008a019";
/// Flooding from markers.
const WATERSHED: &str = "F. Meyer, Signal Process. 38, 113 (1994). doi:10.1016/0165-1684(94)90060-4";
const FILTERED_BACK_PROJECTION: &str = "G. N. Ramachandran, A. V. Lakshminarayanan, Proc. Natl. Acad. Sci. 68, 2236 (1971). doi:10.1073/pnas.68.9.2236";
const ART: &str =
    "R. Gordon, R. Bender, G. T. Herman, J. Theor. Biol. 29, 471 (1970). doi:10.1016/0022-5193(70)90109-8";
const SART: &str =
    "A. H. Andersen, A. C. Kak, Ultrason. Imaging 6, 81 (1984). doi:10.1016/0161-7346(84)90008-7";
const SIRT: &str = "P. Gilbert, J. Theor. Biol. 36, 105 (1972). doi:10.1016/0022-5193(72)90180-4";
const CGLS: &str =
    "M. R. Hestenes, E. Stiefel, J. Res. Natl. Bur. Stand. 49, 409 (1952). doi:10.6028/jres.049.044";
const FISTA: &str =
    "A. Beck, M. Teboulle, IEEE Trans. Image Process. 18, 2419 (2009). doi:10.1109/TIP.2009.2028250";
const EPIE: &str =
    "A. M. Maiden, J. M. Rodenburg, Ultramicroscopy 109, 1256 (2009). doi:10.1016/j.ultramic.2009.05.012";
const RPIE: &str = "A. Maiden, D. Johnson, P. Li, Optica 4, 736 (2017). doi:10.1364/OPTICA.4.000736";
const WASP: &str = "A. M. Maiden, W. Mei, P. Li, Opt. Express 32, 21327 (2024). doi:10.1364/OE.516946";
const MODES: &str = "P. Thibault, A. Menzel, Nature 494, 68 (2013). doi:10.1038/nature11806";
const DIFFERENCE_MAP: &str = "P. Thibault, M. Dierolf, A. Menzel, O. Bunk, C. David, F. Pfeiffer, Science 321, 379 (2008). doi:10.1126/science.1158573";
const RAAR: &str = "D. R. Luke, Inverse Problems 21, 37 (2005). doi:10.1088/0266-5611/21/1/004";
const SHARP: &str = "S. Marchesini, H. Krishnan, B. J. Daurer, D. A. Shapiro, T. Perciano, J. A. Sethian, F. R. N. C. Maia, J. Appl. Cryst. 49, 1245 (2016). doi:10.1107/S1600576716008074";
const GRADIENTS: &str =
    "M. Guizar-Sicairos, J. R. Fienup, Opt. Express 16, 7264 (2008). doi:10.1364/OE.16.007264";
const LIKELIHOOD: &str =
    "P. Thibault, M. Guizar-Sicairos, New J. Phys. 14, 063004 (2012). doi:10.1088/1367-2630/14/6/063004";
const LSQ_ML: &str =
    "M. Odstrčil, A. Menzel, M. Guizar-Sicairos, Opt. Express 26, 3108 (2018). doi:10.1364/OE.26.003108";
const ANNEALING: &str = "A. M. Maiden, M. J. Humphry, M. C. Sarahan, B. Kraus, J. M. Rodenburg, Ultramicroscopy 120, 64 (2012). doi:10.1016/j.ultramic.2012.06.001";
const VARIATIONS: &str = "M. Odstrčil, P. Baksh, S. A. Boden, R. Card, J. E. Chad, J. G. Frey, W. S. Brocklesby, Opt. Express 24, 8360 (2016). doi:10.1364/OE.24.008360";
const TOTAL_VARIATION: &str =
    "L. I. Rudin, S. Osher, E. Fatemi, Physica D 60, 259 (1992). doi:10.1016/0167-2789(92)90242-F";
const FLY_SCAN: &str = "P. M. Pelz, M. Guizar-Sicairos, P. Thibault, I. Johnson, M. Holler, A. Menzel, Appl. Phys. Lett. 105, 251101 (2014). doi:10.1063/1.4904943";
const NEAR_FIELD: &str = "M. Stockmar, P. Cloetens, I. Zanette, B. Enders, M. Dierolf, F. Pfeiffer, P. Thibault, Sci. Rep. 3, 1927 (2013). doi:10.1038/srep01927";
const FRC: &str = "M. van Heel, M. Schatz, J. Struct. Biol. 151, 250 (2005). doi:10.1016/j.jsb.2005.05.009";
const REGISTRATION: &str =
    "M. Guizar-Sicairos, S. T. Thurman, J. R. Fienup, Opt. Lett. 33, 156 (2008). doi:10.1364/OL.33.000156";

/// What the particles of a volume rest on.
pub(crate) fn of_particles(by_watershed: bool) -> Vec<String> {
    let split: &[&str] = if by_watershed { &[DISTANCE, WATERSHED] } else { &[MARQUARDT] };
    [CHEMICAL_TOMOGRAPHY].iter().chain(split).map(|text| (*text).to_owned()).collect()
}

/// What a volume should cite.
pub(crate) fn of_tomography(method: Method, split: bool) -> Vec<String> {
    let mut all = vec![match method {
        Method::Fbp { .. } | Method::FbpFromDerivative { .. } | Method::Fourier { .. } => {
            FILTERED_BACK_PROJECTION
        }
        Method::Art { .. } => ART,
        Method::Sart { .. } => SART,
        Method::Sirt { .. } => SIRT,
        Method::Cgls { .. } => CGLS,
        Method::Tv { .. } | Method::Wedge { .. } => FISTA,
    }];
    if matches!(method, Method::Tv { .. } | Method::Wedge { .. }) {
        all.push(TOTAL_VARIATION);
    }
    if split {
        all.push(FRC);
    }
    all.into_iter().map(str::to_owned).collect()
}

/// What a reconstruction should cite.
pub(crate) fn of_reconstruction<'a>(
    stages: &[Stage],
    corrections: impl Iterator<Item = &'a Correction>,
    features: &[Feature],
) -> Vec<String> {
    let engines = stages.iter().flat_map(|stage| of_engine(&stage.algorithm));
    let features = features.iter().flat_map(|feature| match feature {
        Feature::Modes => vec![MODES],
        Feature::FlyScan => vec![FLY_SCAN],
        Feature::NearField => vec![NEAR_FIELD],
        Feature::RingCorrelation => vec![FRC, REGISTRATION],
    });
    let mut unique: Vec<String> = Vec::new();
    for paper in engines.chain(corrections.flat_map(of_correction)).chain(features) {
        if !unique.iter().any(|known| known == paper) {
            unique.push(paper.to_owned());
        }
    }
    unique
}

fn of_engine(algorithm: &Algorithm) -> Vec<&'static str> {
    let with = |mut papers: Vec<&'static str>, likelihood| {
        // Steps towards the amplitudes are the engines' own.
        if likelihood != Likelihood::Amplitude {
            papers.push(LIKELIHOOD);
        }
        papers
    };
    match algorithm {
        Algorithm::Pie(pie) if pie.weights.object_gamma < 1.0 => with(vec![EPIE, RPIE], pie.likelihood),
        Algorithm::Pie(pie) => with(vec![EPIE], pie.likelihood),
        Algorithm::BatchPie(batch) => with(vec![EPIE, RPIE], batch.likelihood),
        Algorithm::Wasp(wasp) => with(vec![WASP], wasp.likelihood),
        Algorithm::DifferenceMap(_) => vec![DIFFERENCE_MAP],
        Algorithm::Raar(_) => vec![RAAR, SHARP],
        Algorithm::LsqMl(lsq) => with(vec![LSQ_ML], lsq.likelihood),
        Algorithm::MaximumLikelihood(_) => vec![GRADIENTS, LIKELIHOOD],
    }
}

fn of_correction(correction: &Correction) -> Vec<&'static str> {
    match correction {
        Correction::PositionGradient(_) => vec![LSQ_ML],
        Correction::PositionAnnealing(_) => vec![ANNEALING],
        Correction::Background(_) => vec![SHARP],
        Correction::ProbeVariations(_) => vec![VARIATIONS],
        Correction::TotalVariation(_) => vec![TOTAL_VARIATION],
        Correction::AffineDrift(_)
        | Correction::BeamIntensities(_)
        | Correction::ProbeSupport(_)
        | Correction::ProbePower(_)
        | Correction::AmplitudeLimits(_)
        | Correction::Smoothness(_) => Vec::new(),
    }
}

/// What a reconstruction used beside its engines and corrections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    /// Several probe modes.
    Modes,
    /// A beam that moves during every exposure.
    FlyScan,
    /// Fresnel propagation.
    NearField,
    /// Fourier ring correlation of halves.
    RingCorrelation,
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_ptycho::{LsqMl, Pie, PositionAnnealing, PositionGradient, Raar};

    #[test]
    fn every_part_is_cited_once() {
        let stages = [
            Stage { algorithm: Algorithm::Raar(Raar::default()), iterations: 1 },
            Stage { algorithm: Algorithm::LsqMl(LsqMl::new(1)), iterations: 1 },
            Stage {
                algorithm: Algorithm::Pie(Pie { likelihood: Likelihood::Poisson, ..Pie::epie(1) }),
                iterations: 1,
            },
        ];
        let corrections = [
            Correction::PositionGradient(PositionGradient::default()),
            Correction::PositionAnnealing(PositionAnnealing::new(1)),
        ];
        let papers = of_reconstruction(&stages, corrections.iter(), &[Feature::FlyScan]);
        assert_eq!(papers, [RAAR, SHARP, LSQ_ML, EPIE, LIKELIHOOD, ANNEALING, FLY_SCAN]);
    }
}
