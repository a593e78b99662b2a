//! The file of a whole experiment, as a person writes it.

use crate::cluster::ClusterConfig;
use crate::config::parse;
use crate::error::PipelineError;
use crate::xanes::XanesConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// An experiment on several samples. Paths are relative to the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// Title of the report. Default: the name of the file.
    pub title: Option<String>,
    /// The samples, in the order they are shown.
    pub sample: Vec<ExperimentSampleConfig>,
    /// The known truth of a simulated experiment, to compare with.
    pub truth: Option<String>,
    /// How spectra are fitted, as in the file of `xanes`.
    pub xanes: XanesConfig,
    /// How pixels are sorted, as in the file of `cluster`.
    pub cluster: ClusterConfig,
}

/// One sample.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExperimentSampleConfig {
    /// Its short name; results lie in a folder of that name.
    pub name: String,
    /// Samples of one group count together. The group "standard" is shown, and not sorted into domains.
    #[serde(default)]
    pub group: String,
    /// Its experiment file, as `spectrum-scan` takes it; or
    pub experiment: Option<String>,
    /// a stack that is there already.
    pub stack: Option<String>,
}

/// Samples of this group are measured to check the numbers, not to be sorted.
pub(super) const STANDARD: &str = "standard";

impl RunConfig {
    /// The experiment of this text, from this file.
    ///
    /// # Errors
    /// [`PipelineError`] with every unknown key, or if there is no sample, two have one name, or one has no input.
    pub(in crate::run) fn from_text(text: &str, path: &Path) -> Result<Self, PipelineError> {
        let config: Self = parse(text, &path.display().to_string()).map_err(PipelineError::Config)?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), PipelineError> {
        if self.sample.is_empty() {
            return Err(PipelineError::argument("sample", "[]", "name each sample in a table [[sample]]"));
        }
        for (index, sample) in self.sample.iter().enumerate() {
            let wrong = |reason: &str| Err(PipelineError::argument("sample.name", &sample.name, reason));
            if sample.name.is_empty() || sample.name.contains(['/', '\\']) || sample.name.starts_with('.') {
                return wrong("give a name that can be that of a folder");
            }
            if self.sample[..index].iter().any(|other| other.name == sample.name) {
                return wrong("is there twice; give each sample a name of its own");
            }
            if sample.experiment.is_some() == sample.stack.is_some() {
                return wrong("needs either experiment = \"…\" (scans) or stack = \"…\" (images), not both");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let config: RunConfig = parse(text, "run.toml").expect("known keys");
        config.check().expect_err("refused").to_string()
    }

    #[test]
    fn samples_have_names_and_one_input_each() {
        assert!(told("").contains("[[sample]]"));
        assert!(told("[[sample]]\nname = \"a/b\"\nstack = \"s.h5\"\n").contains("folder"));
        assert!(told("[[sample]]\nname = \"a\"\n").contains("either experiment"));
        let twice = "[[sample]]\nname = \"a\"\nstack = \"s.h5\"\n";
        assert!(told(&format!("{twice}{twice}")).contains("twice"));
    }

    #[test]
    fn unknown_keys_of_samples_are_named() {
        let text = "[[sample]]\nname = \"a\"\nexperimant = \"a.toml\"\n";
        let errors = parse::<RunConfig>(text, "run.toml").expect_err("unknown");
        assert_eq!(
            errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["run.toml:3: unknown key `sample.experimant`; did you mean `experiment`?"]
        );
    }
}
