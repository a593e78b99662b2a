//! Particles that are shown one by one.

use super::stored::Stored;
use super::truth::Truth;
use crate::error::PipelineError;
use crate::particles::{ParticlesSettings, StoredParticles, resolution_nm};
use litho_morph::Spacing;
use litho_morph::matching::match_labels;
use litho_morph::particles::measure;
use litho_morph::thickness::{Thickness, ThicknessSettings, thickness};
use litho_report::report::chemistry::{Particle, Portrait, ThicknessProfile};
use litho_types::quantity::Metres;

/// Their names, as in the paper's Figure 4.
const NAMES: [&str; 3] = ["I", "II", "III"];
/// Compositions between which a particle holds both phases.
const BOTH: (f64, f64) = (0.08, 0.92);
/// The profile is shown of a plate of which this share has no neighbour in the way.
const FREE: f64 = 0.6;

/// The largest particles that hold both phases, by rising composition.
pub(super) fn chosen(particles: &StoredParticles, list: &[Particle], voxel: Metres) -> Vec<Portrait> {
    let mut both: Vec<&Particle> = list
        .iter()
        .filter(|p| (BOTH.0..BOTH.1).contains(&p.composition) && p.thickness.is_finite())
        .collect();
    both.sort_by(|a, b| b.volume.total_cmp(&a.volume));
    both.truncate(NAMES.len());
    both.sort_by(|a, b| a.composition.total_cmp(&b.composition));
    let pixels = |name: &str, index: usize| {
        particles.column(name).get(index).map_or(f64::NAN, |length| length / voxel.value())
    };
    both.into_iter()
        .zip(NAMES)
        .map(|(particle, name)| {
            let index = particle.id as usize - 1;
            Portrait {
                name: name.to_owned(),
                particle: *particle,
                centre: ["centroid_z_m", "centroid_y_m", "centroid_x_m"].map(|column| pixels(column, index)),
                axes: particles.axes[index],
                extent: [
                    pixels("length_m", index),
                    pixels("width_m", index),
                    particle.thickness / voxel.value(),
                ],
                note: String::new(),
            }
        })
        .collect()
}

/// The profile across one plate, owned.
pub(super) struct Profile {
    thickness: Thickness,
    positions: Vec<f64>,
    values: Vec<f64>,
    fit: Vec<f64>,
    resolution: f64,
    truth: Option<f64>,
}

impl Profile {
    /// Of the freest plate of about the median thickness; `None` if there is none with a fit.
    ///
    /// # Errors
    /// [`PipelineError`] if it cannot be measured again.
    pub(super) fn of(
        particles: &StoredParticles,
        stored: &Stored,
        settings: &ParticlesSettings,
        truth: Option<&Truth>,
    ) -> Result<Option<Self>, PipelineError> {
        let Some(index) = example(particles) else { return Ok(None) };
        let edge = stored.chemistry.voxel.value() * 1e9;
        let spacing = Spacing::cubic(edge)?;
        let resolution = resolution_nm(stored.chemistry.voxel, settings);
        let all = measure(particles.labels.view(), spacing, None)?;
        let plate = ThicknessSettings { amplitude: Some(1.0), ..ThicknessSettings::new(resolution) };
        let filling = stored.chemistry.filling.view();
        let thickness = thickness(filling, particles.labels.view(), spacing, &all[index], &plate)?;
        let Some(slab) = &thickness.fit else { return Ok(None) };
        let known: Vec<usize> =
            (0..thickness.profile.value.len()).filter(|i| thickness.profile.value[*i].is_finite()).collect();
        let truth = match truth {
            Some(truth) => {
                let matching = match_labels(particles.labels.view(), truth.labels.view())?;
                let pair = matching.pairs.iter().find(|pair| pair.found == index as u32 + 1);
                pair.and_then(|pair| truth.thickness.get(pair.truth as usize - 1).copied())
            }
            None => None,
        };
        Ok(Some(Self {
            positions: known.iter().map(|i| thickness.profile.distance[*i] * 1e-9).collect(),
            values: known.iter().map(|i| thickness.profile.value[*i]).collect(),
            fit: known.iter().map(|i| slab.profile_at(thickness.profile.distance[*i])).collect(),
            resolution: resolution * 1e-9,
            truth,
            thickness,
        }))
    }

    pub(super) fn part(&self) -> ThicknessProfile<'_> {
        let of = |value: Option<f64>| value.map_or(f64::NAN, |nm| nm * 1e-9);
        ThicknessProfile {
            id: self.thickness.id,
            positions: &self.positions,
            values: &self.values,
            fit: &self.fit,
            label: "share of a voxel that is matter",
            thickness: of(self.thickness.fit.as_ref().map(|fit| fit.thickness)),
            sigma: of(self.thickness.fit.as_ref().map(|fit| fit.sigma)),
            fwhm: of(self.thickness.fwhm),
            resolution: self.resolution,
            truth: self.truth,
        }
    }
}

fn example(particles: &StoredParticles) -> Option<usize> {
    let (free, thickness) = (particles.column("thickness_free"), particles.column("thickness_m"));
    let mut candidates: Vec<usize> =
        (0..free.len()).filter(|i| free[*i] >= FREE && thickness[*i].is_finite()).collect();
    candidates.sort_by(|a, b| thickness[*a].total_cmp(&thickness[*b]));
    candidates.get(candidates.len() / 2).copied()
}
