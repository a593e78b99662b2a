//! What a person should know about prepared projections.

use super::prepare::ProjectionPhase;
use std::fmt;

/// Something noticed in some of the projections, by their places.
#[derive(Debug, Clone, PartialEq)]
pub enum PhaseWarning {
    /// No air was found: ramp and offset are not removed.
    NoAir {
        /// Which.
        projections: Vec<usize>,
    },
    /// The phase has residues; around them it is uncertain by turns.
    Residues {
        /// Which.
        projections: Vec<usize>,
        /// Residues in all of them.
        residues: usize,
    },
    /// Lines remain across which the phase jumps.
    Torn {
        /// Which.
        projections: Vec<usize>,
        /// Edges of pixels in all of them.
        edges: usize,
    },
    /// Branch cuts give another number of turns to more than one pixel in a hundred.
    Disagreement {
        /// Which.
        projections: Vec<usize>,
        /// Largest share of pixels.
        largest: f64,
    },
    /// Pixels without a phase.
    Unlit {
        /// Which.
        projections: Vec<usize>,
        /// Pixels in all of them.
        pixels: usize,
    },
    /// The phase of the sample is positive in most projections.
    Positive,
}

impl fmt::Display for PhaseWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAir { projections } => write!(
                f,
                "no air found in {}; their ramp and offset are left: name rectangles of air",
                places(projections)
            ),
            Self::Residues { projections, residues } => write!(
                f,
                "{residues} residues in {}; pixels beside them have weight 0",
                places(projections)
            ),
            Self::Torn { projections, edges } => write!(
                f,
                "the unwrapped phase jumps across {edges} pixel edges in {}; look at them, and leave out the worst",
                places(projections)
            ),
            Self::Disagreement { projections, largest } => write!(
                f,
                "branch cuts unwrap up to {:.1} % of the pixels otherwise in {}; look at them",
                100.0 * largest,
                places(projections)
            ),
            Self::Unlit { projections, pixels } => {
                write!(f, "{pixels} pixels without a phase in {}; they have weight 0", places(projections))
            }
            Self::Positive => f.write_str(
                "the phase of the sample is positive; matter must retard the wave: take the complex conjugate",
            ),
        }
    }
}

/// `projections 3, 4, 5 and 20 more`, counted from 0.
fn places(projections: &[usize]) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<String> = projections.iter().take(SHOWN).map(usize::to_string).collect();
    let plural = if projections.len() == 1 { "" } else { "s" };
    let more = projections.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("projection{plural} {}{rest}", shown.join(", "))
}

/// Share of pixels that branch cuts may unwrap otherwise before it is said.
const DISAGREEMENT: f64 = 0.01;
/// Mean phase of a projection, in standard deviations of air, from which on it has a sign.
const POSITIVE: f64 = 0.5;

/// What is to be said of prepared projections.
pub(super) fn warnings(projections: &[ProjectionPhase]) -> Vec<PhaseWarning> {
    let those = |holds: fn(&ProjectionPhase) -> bool| -> Option<Vec<usize>> {
        let places = projections.iter().enumerate().filter(|(_, p)| holds(p)).map(|(index, _)| index);
        Some(places.collect()).filter(|found: &Vec<usize>| !found.is_empty())
    };
    let sum = |of: fn(&ProjectionPhase) -> usize| projections.iter().map(of).sum::<usize>();
    let mut warnings = Vec::new();
    if let Some(projections) = those(|p| p.air == 0.0) {
        warnings.push(PhaseWarning::NoAir { projections });
    }
    if let Some(projections) = those(|p| p.residues > 0) {
        warnings.push(PhaseWarning::Residues { projections, residues: sum(|p| p.residues) });
    }
    if let Some(projections) = those(|p| p.torn > 0) {
        warnings.push(PhaseWarning::Torn { projections, edges: sum(|p| p.torn) });
    }
    let shares = projections.iter().filter_map(|p| p.disagreement);
    let largest = shares.fold(0.0, f64::max);
    if let Some(projections) = those(|p| p.disagreement.is_some_and(|share| share > DISAGREEMENT)) {
        warnings.push(PhaseWarning::Disagreement { projections, largest });
    }
    if let Some(projections) = those(|p| p.unlit > 0) {
        warnings.push(PhaseWarning::Unlit { projections, pixels: sum(|p| p.unlit) });
    }
    let positive = those(|p| p.air > 0.0 && p.mean > POSITIVE * p.noise);
    if positive.is_some_and(|found| 2 * found.len() > projections.len()) {
        warnings.push(PhaseWarning::Positive);
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::Ramp;

    #[test]
    fn a_warning_names_the_projections_and_what_to_do() {
        let good = ProjectionPhase {
            ramp: Ramp::default(),
            air: 0.4,
            noise: 0.1,
            modulus: Some(1.0),
            residues: 0,
            torn: 0,
            unlit: 0,
            mean: -3.0,
            disagreement: None,
        };
        assert_eq!(warnings(&[good.clone(), good.clone()]), []);
        let bad = ProjectionPhase { air: 0.0, residues: 4, unlit: 9, ..good.clone() };
        let found = warnings(&[good.clone(), bad.clone(), bad]);
        assert_eq!(found.len(), 3);
        let text = found[0].to_string();
        assert!(text.contains("projections 1, 2;") && text.contains("rectangles of air"), "{text}");
        assert!(found[1].to_string().starts_with("8 residues"), "{}", found[1]);
        let flipped = ProjectionPhase { mean: 3.0, ..good };
        assert_eq!(warnings(&[flipped]), [PhaseWarning::Positive]);
        assert_eq!(places(&[0, 1, 2, 3, 4, 5, 6, 7]), "projections 0, 1, 2, 3, 4, 5 and 2 more");
    }
}
