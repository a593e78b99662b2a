//! What activity depends on: shares in bins, rank correlations.

use super::settings::ParticlesSettings;
use crate::error::PipelineError;
use litho_morph::statistics::{
    Bin, Proportion, RankCorrelation, binned, bins_of_width, proportion, spearman,
};

/// Fewest particles for a rank correlation.
const FEWEST: usize = 3;

/// The share of active particles at one threshold, and what it depends on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dependences {
    /// Fraction of the second phase from which a particle is active.
    pub(crate) threshold: f64,
    /// Their share of all.
    pub(crate) share: Proportion,
    /// On volume, facet area and thickness.
    pub(crate) on: Vec<Dependence>,
}

/// What activity depends on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dependence {
    /// Volume, facet area or thickness, as files name them.
    pub(crate) name: &'static str,
    /// SI unit.
    pub(crate) unit: &'static str,
    /// Shares in bins.
    pub(crate) bins: Vec<Bin>,
    /// Rank correlation of being active.
    pub(crate) activity: Option<RankCorrelation>,
    /// Rank correlation of the composition.
    pub(crate) composition: Option<RankCorrelation>,
}

/// Columns of the table that statistics need, SI; NaN where a particle has no thickness.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Columns {
    pub(crate) volume: Vec<f64>,
    pub(crate) facet_area: Vec<f64>,
    pub(crate) thickness: Vec<f64>,
    pub(crate) fraction: Vec<f64>,
}

impl Columns {
    /// The columns of a table.
    pub(super) fn from(column: impl Fn(&str) -> Vec<f64>) -> Self {
        Self {
            volume: column("volume_m3"),
            facet_area: column("facet_area_m2"),
            thickness: column("thickness_m"),
            fraction: column("fraction"),
        }
    }
}

/// Shares and dependences at every threshold.
///
/// # Errors
/// [`PipelineError::Morph`] if there is no particle.
pub(crate) fn dependences(
    columns: &Columns,
    voxel: f64,
    settings: &ParticlesSettings,
) -> Result<Vec<Dependences>, PipelineError> {
    let bins = settings.bins;
    let on: [(&str, &str, &[f64], f64); 3] = [
        ("volume", "m^3", &columns.volume, bins.volume_voxels * voxel.powi(3)),
        ("facet_area", "m^2", &columns.facet_area, bins.facet_nm2 * 1e-18),
        ("thickness", "m", &columns.thickness, bins.thickness_nm * 1e-9),
    ];
    let at = |threshold: f64| {
        let active: Vec<bool> = columns.fraction.iter().map(|fraction| *fraction >= threshold).collect();
        let count = active.iter().filter(|active| **active).count();
        let on = on.iter().map(|(name, unit, values, width)| {
            dependence(name, unit, (values, *width), (&active, &columns.fraction), settings)
        });
        Ok(Dependences {
            threshold,
            share: proportion(count as u64, active.len() as u64)?,
            on: on.collect::<Result<_, PipelineError>>()?,
        })
    };
    settings.active.iter().map(|threshold| at(*threshold)).collect()
}

fn dependence(
    name: &'static str,
    unit: &'static str,
    (values, width): (&[f64], f64),
    (active, fraction): (&[bool], &[f64]),
    settings: &ParticlesSettings,
) -> Result<Dependence, PipelineError> {
    let known: Vec<usize> =
        (0..values.len()).filter(|i| values[*i].is_finite() && fraction[*i].is_finite()).collect();
    let pick = |of: &[f64]| known.iter().map(|i| of[*i]).collect::<Vec<f64>>();
    let (x, composition) = (pick(values), pick(fraction));
    let success: Vec<bool> = known.iter().map(|i| active[*i]).collect();
    let activity: Vec<f64> = success.iter().map(|active| f64::from(u8::from(*active))).collect();
    let rank = |y: &[f64]| -> Result<Option<RankCorrelation>, PipelineError> {
        if x.len() < FEWEST {
            return Ok(None);
        }
        Ok(Some(spearman(&x, y, settings.permutations, settings.seed)?))
    };
    Ok(Dependence {
        name,
        unit,
        bins: if x.is_empty() { Vec::new() } else { binned(&x, &success, &bins_of_width(&x, width)?)? },
        activity: rank(&activity)?,
        composition: rank(&composition)?,
    })
}
