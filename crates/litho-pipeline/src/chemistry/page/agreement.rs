//! How particles agree with the true ones.

use super::truth::Truth;
use crate::error::PipelineError;
use crate::particles::StoredParticles;
use litho_morph::matching::match_labels;

/// Intersection over union from which a particle counts as found.
const FOUND: f64 = 0.8;

/// Particles against the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Agreement {
    /// True particles.
    pub(crate) particles: usize,
    /// Share of them found.
    pub(crate) found: f64,
    /// Median intersection over union.
    pub(crate) median_iou: f64,
    /// True share of active particles at the first threshold.
    pub(crate) true_active: f64,
    /// Median and median absolute deviation of thickness less the true one, m, of those found.
    pub(crate) thickness: [f64; 2],
    /// The same of the composition.
    pub(crate) composition: [f64; 2],
}

impl Agreement {
    /// Compares particles with the truth; `active` is the first threshold of activity.
    ///
    /// # Errors
    /// [`PipelineError::Morph`] if volumes differ in shape.
    pub(crate) fn of(particles: &StoredParticles, truth: &Truth, active: f64) -> Result<Self, PipelineError> {
        let matching = match_labels(particles.labels.view(), truth.labels.view())?;
        let difference = |column: &str, known: &[f64]| {
            let own = particles.column(column);
            let of = |pair: &litho_morph::Match| {
                Some(own.get(pair.found as usize - 1)? - known.get(pair.truth as usize - 1)?)
            };
            let found = matching.pairs.iter().filter(|pair| pair.iou >= FOUND);
            found.filter_map(of).filter(|difference| difference.is_finite()).collect::<Vec<f64>>()
        };
        let ious: Vec<f64> = matching.pairs.iter().map(|pair| pair.iou).collect();
        let active = truth.fraction.iter().filter(|fraction| **fraction >= active).count();
        Ok(Self {
            particles: truth.fraction.len(),
            found: matching.share(FOUND),
            median_iou: median(ious),
            true_active: active as f64 / truth.fraction.len().max(1) as f64,
            thickness: centre_and_spread(difference("thickness_m", &truth.thickness)),
            composition: centre_and_spread(difference("fraction", &truth.fraction)),
        })
    }

    /// For a report.
    pub(crate) fn sentences(&self) -> String {
        format!(
            "{:.0} % of the {} true particles are found with an intersection over union of at least {FOUND}, the median of which \
             is {:.2}. Of those, the thickness is off by {:+.1} ± {:.1} nm and the composition by {:+.1} ± {:.1} % (median and \
             median deviation). In truth {:.1} % of the particles are active.",
            100.0 * self.found,
            self.particles,
            self.median_iou,
            self.thickness[0] * 1e9,
            self.thickness[1] * 1e9,
            100.0 * self.composition[0],
            100.0 * self.composition[1],
            100.0 * self.true_active
        )
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Median, and median distance from it.
fn centre_and_spread(values: Vec<f64>) -> [f64; 2] {
    let centre = median(values.clone());
    [centre, median(values.into_iter().map(|value| (value - centre).abs()).collect())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centre_and_spread_are_medians() {
        assert_eq!(centre_and_spread(vec![1.0, 2.0, 4.0, 3.0, 100.0]), [3.0, 1.0]);
        assert!(centre_and_spread(Vec::new())[0].is_nan());
    }
}
