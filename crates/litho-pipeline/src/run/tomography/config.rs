//! The file of a tomographic experiment, as a person writes it.

use crate::align::AlignConfig;
use crate::chemistry::ChemistryConfig;
use crate::config::{ReconstructConfig, parse};
use crate::error::PipelineError;
use crate::particles::ParticlesConfig;
use crate::tomo::TomoConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Ptychographic tomography of one sample at one photon energy or more. Paths are relative to the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TomographyConfig {
    /// Title of the report. Default: the name of the file.
    pub title: Option<String>,
    /// The known truth of a simulated experiment, to compare with.
    pub truth: Option<String>,
    /// One scan per energy and angle, to be reconstructed; or, without `angle`, one tilt series per energy.
    pub inputs: Vec<TiltInputConfig>,
    /// How scans are reconstructed, as in the file of `reconstruct`.
    pub reconstruct: ReconstructConfig,
    /// How projections are prepared and aligned, as in the file of `align`.
    pub align: AlignConfig,
    /// How volumes are reconstructed, as in the file of `tomo`.
    pub tomo: TomoConfig,
    /// The file that lists the reference spectra, optical densities of one nanometre; with it, the chemistry of voxels and their
    /// particles follow.
    pub references: Option<String>,
    /// How that is found, as in the file of `chemistry`.
    pub chemistry: ChemistryConfig,
    /// How particles are found and counted, as in the file of `particles`.
    pub particles: ParticlesConfig,
}

/// The scan at one energy and angle, or a tilt series at one energy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TiltInputConfig {
    /// Scan file; or, without `angle`, the file of a tilt series, as `align` takes it.
    pub file: String,
    /// Tilt angle of the scan, degrees.
    pub angle: Option<f64>,
    /// Photon energy, eV. Default: what the file says.
    pub energy: Option<f64>,
    /// Starting probe of the scan, as in `reconstruct`; that of the scan nearest to 0° counts. Default: that of `[reconstruct]`.
    pub probe: Option<String>,
}

impl TomographyConfig {
    /// The experiment of this text, from this file.
    ///
    /// # Errors
    /// [`PipelineError`] with every unknown key, or if there is nothing to work on or a number makes no sense.
    pub(in crate::run) fn from_text(text: &str, path: &Path) -> Result<Self, PipelineError> {
        let config: Self = parse(text, &path.display().to_string()).map_err(PipelineError::Config)?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), PipelineError> {
        let wrong = |what, value: &dyn ToString, reason: &str| {
            Err(PipelineError::argument(what, value.to_string(), reason))
        };
        if self.inputs.is_empty() {
            return wrong("inputs", &0, "name each scan, or each tilt series, in a table [[inputs]]");
        }
        let with_angle = self.inputs.iter().filter(|input| input.angle.is_some()).count();
        if with_angle != 0 && with_angle != self.inputs.len() {
            let without = self.inputs.len() - with_angle;
            return wrong(
                "inputs.angle",
                &format!("missing in {without} inputs"),
                "give the tilt angle of every scan",
            );
        }
        for (index, input) in self.inputs.iter().enumerate() {
            if let Some(angle) = input.angle.filter(|angle| !angle.is_finite()) {
                return wrong("inputs.angle", &angle, "give the tilt angle in degrees");
            }
            if let Some(energy) = input.energy.filter(|energy| !(energy.is_finite() && *energy > 0.0)) {
                return wrong("inputs.energy", &energy, "give the photon energy in eV");
            }
            let same = |other: &&TiltInputConfig| other.angle == input.angle && other.energy == input.energy;
            if let Some(other) = self.inputs[..index].iter().find(same) {
                let reason = format!(
                    "and {} have the same angle and energy; leave one out, or tell them apart",
                    other.file
                );
                return wrong("inputs.file", &input.file, &reason);
            }
        }
        if with_angle == 0
            && self.inputs.len() > LEAST_SCANS
            && self.inputs.iter().all(|input| input.energy.is_some())
        {
            return wrong(
                "inputs",
                &self.inputs.len(),
                "have energies and no angles: that is one sample at many energies, which `spectrum-scan` takes",
            );
        }
        Ok(())
    }
}

/// More tilt series than this, each at an energy of its own, are taken for the scans of a spectroscopic experiment.
const LEAST_SCANS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let config: TomographyConfig = parse(text, "lfp.toml").expect("known keys");
        config.check().expect_err("refused").to_string()
    }

    #[test]
    fn scans_or_series_and_every_angle_once() {
        assert!(told("").contains("[[inputs]]"));
        let scan = "[[inputs]]\nfile = \"a.cxi\"\nangle = 3.0\n";
        assert!(told(&format!("{scan}[[inputs]]\nfile = \"t.h5\"\n")).contains("missing in 1"));
        assert!(told(&format!("{scan}{scan}")).contains("same angle"));
        assert!(told("[[inputs]]\nfile = \"a.cxi\"\nangle = nan\n").contains("degrees"));
        assert!(told("[[inputs]]\nfile = \"t.h5\"\nenergy = 0.0\n").contains("eV"));
        let many: Vec<String> =
            (0..9).map(|e| format!("[[inputs]]\nfile = \"e{e}.cxi\"\nenergy = {}.0\n", 700 + e)).collect();
        assert!(told(&many.concat()).contains("spectrum-scan"));
    }
}
