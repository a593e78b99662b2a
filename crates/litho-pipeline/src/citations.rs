//! The papers behind what was done.

use litho_ptycho::{Algorithm, Stage};

const EPIE: &str =
    "A. M. Maiden, J. M. Rodenburg, Ultramicroscopy 109, 1256 (2009). doi:10.1016/j.ultramic.2009.05.012";
const RPIE: &str = "A. Maiden, D. Johnson, P. Li, Optica 4, 736 (2017). doi:10.1364/OPTICA.4.000736";
const MODES: &str = "P. Thibault, A. Menzel, Nature 494, 68 (2013). doi:10.1038/nature11806";
const DIFFERENCE_MAP: &str = "P. Thibault, M. Dierolf, A. Menzel, O. Bunk, C. David, F. Pfeiffer, Science 321, 379 (2008). doi:10.1126/science.1158573";
const NEAR_FIELD: &str = "M. Stockmar, P. Cloetens, I. Zanette, B. Enders, M. Dierolf, F. Pfeiffer, P. Thibault, Sci. Rep. 3, 1927 (2013). doi:10.1038/srep01927";
const FRC: &str = "M. van Heel, M. Schatz, J. Struct. Biol. 151, 250 (2005). doi:10.1016/j.jsb.2005.05.009";
const REGISTRATION: &str =
    "M. Guizar-Sicairos, S. T. Thurman, J. R. Fienup, Opt. Lett. 33, 156 (2008). doi:10.1364/OL.33.000156";

/// What a reconstruction should cite.
pub(crate) fn of_reconstruction(stages: &[Stage], modes: usize, features: &[Feature]) -> Vec<String> {
    let mut papers = Vec::new();
    for stage in stages {
        match stage.algorithm {
            Algorithm::Pie(pie) => {
                papers.push(EPIE);
                if pie.weights.object_gamma < 1.0 {
                    papers.push(RPIE);
                }
            }
            Algorithm::DifferenceMap(_) => papers.push(DIFFERENCE_MAP),
        }
    }
    if modes > 1 {
        papers.push(MODES);
    }
    for feature in features {
        match feature {
            Feature::NearField => papers.push(NEAR_FIELD),
            Feature::RingCorrelation => papers.extend([FRC, REGISTRATION]),
        }
    }
    let mut unique: Vec<String> = Vec::new();
    for paper in papers {
        if !unique.iter().any(|known| known == paper) {
            unique.push(paper.to_owned());
        }
    }
    unique
}

/// What a reconstruction used beside its engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    /// Fresnel propagation.
    NearField,
    /// Fourier ring correlation of halves.
    RingCorrelation,
}
