//! The particles of a report: what is drawn of them, and how they agree with the truth.

use super::agreement::Agreement;
use super::portraits;
use super::stored::Stored;
use super::truth::Truth;
use crate::error::PipelineError;
use crate::particles::{Dependences, ParticlesSettings, StoredParticles, dependences};
use litho_io::read_result;
use litho_report::report::chemistry::{
    ActivityBin, Dependence, Estimate, Measure, Particle, Particles, Portrait, RankCorrelation,
};
use ndarray::Array3;
use std::path::Path;

/// Everything about particles that a page shows, owned.
pub(super) struct ParticlesContent {
    pub(super) labels: Array3<u32>,
    list: Vec<Particle>,
    /// At the first threshold.
    pub(super) statistics: Dependences,
    pub(super) portraits: Vec<Portrait>,
    pub(super) profile: Option<portraits::Profile>,
    pub(super) agreement: String,
    truth: Option<f64>,
}

impl ParticlesContent {
    /// Reads a result of `particles`.
    ///
    /// # Errors
    /// [`PipelineError`] if it cannot be read.
    pub(super) fn read(path: &Path, stored: &Stored, truth: Option<&Truth>) -> Result<Self, PipelineError> {
        let particles = StoredParticles::read(path)?;
        let config = read_result(path)?.text("/entry/process/config").unwrap_or_default();
        let settings = ParticlesSettings::resolve(toml::from_str(&config).unwrap_or_default())
            .map_err(PipelineError::Config)?;
        let all = dependences(&particles.statistics(), stored.chemistry.voxel.value(), &settings)?;
        let Some(statistics) = all.into_iter().next() else {
            return Err(PipelineError::Unsuitable {
                file: path.display().to_string(),
                reason: "holds no threshold of activity".to_owned(),
            });
        };
        let agreement = match truth {
            Some(truth) => Some(Agreement::of(&particles, truth, settings.active[0])?),
            None => None,
        };
        let list = list(&particles, statistics.threshold);
        Ok(Self {
            portraits: portraits::chosen(&particles, &list, stored.chemistry.voxel),
            profile: portraits::Profile::of(&particles, stored, &settings, truth)?,
            labels: particles.labels,
            list,
            statistics,
            agreement: agreement.as_ref().map_or_else(String::new, Agreement::sentences),
            truth: agreement.map(|agreement| agreement.true_active),
        })
    }

    pub(super) fn part(&self) -> Particles<'_> {
        let share = self.statistics.share;
        let measures = [Measure::Volume, Measure::FacetArea, Measure::Thickness];
        let rank = |rank: Option<litho_morph::statistics::RankCorrelation>| {
            rank.map(|rank| RankCorrelation { rho: rank.rho, p: rank.p_value })
        };
        let dependences = measures.into_iter().zip(&self.statistics.on).map(|(measure, on)| Dependence {
            measure,
            bins: on.bins.iter().map(bin).collect(),
            activity: rank(on.activity),
            composition: rank(on.composition),
        });
        Particles {
            list: &self.list,
            threshold: self.statistics.threshold,
            active: Some(Estimate {
                name: "active particles".to_owned(),
                value: share.value,
                sigma: share.sigma,
                truth: self.truth,
            }),
            dependences: dependences.collect(),
            agreement: self.agreement.clone(),
        }
    }
}

fn bin(bin: &litho_morph::statistics::Bin) -> ActivityBin {
    ActivityBin {
        ends: (bin.low, bin.high),
        count: bin.share.map_or(0, |share| share.total as usize),
        active: bin.share.map_or(0, |share| share.successes as usize),
        sigma: bin.share.map_or(f64::NAN, |share| share.sigma),
    }
}

fn list(particles: &StoredParticles, threshold: f64) -> Vec<Particle> {
    let column = |name: &str, index: usize| particles.column(name).get(index).copied().unwrap_or(f64::NAN);
    (0..particles.column("volume_m3").len())
        .map(|index| Particle {
            id: index as u32 + 1,
            volume: column("volume_m3", index),
            facet_area: column("facet_area_m2", index),
            thickness: column("thickness_m", index),
            thickness_sigma: column("thickness_sigma_m", index),
            composition: column("fraction", index),
            composition_sigma: column("fraction_sigma", index),
            active: column("fraction", index) >= threshold,
        })
        .collect()
}
