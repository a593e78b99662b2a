//! Reads the list of references and the spectra it names.

use super::config::{ReferenceConfig, ReferencesConfig};
use crate::config::{ConfigError, parse};
use crate::error::PipelineError;
use litho_io::{ReferenceOptions, read_reference};
use litho_spectro::unmix::Reference;
use litho_types::energies::Energies;
use std::path::Path;

/// References and what a person should know about them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct References {
    pub(super) spectra: Vec<Reference>,
    /// The file as it was read, for the record.
    pub(super) text: String,
    pub(super) warnings: Vec<String>,
}

/// The references listed in a TOML file.
///
/// # Errors
/// [`PipelineError::Config`] for mistakes in the file, [`PipelineError::Io`] for those in files it names.
pub fn read_references(path: &Path) -> Result<Vec<Reference>, PipelineError> {
    Ok(read(path)?.spectra)
}

pub(super) fn read(path: &Path) -> Result<References, PipelineError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        PipelineError::argument(
            "--references",
            path.display(),
            format!("{error}; give a TOML file of [[reference]] tables"),
        )
    })?;
    let name = path.display().to_string();
    let config: ReferencesConfig = parse(&text, &name).map_err(PipelineError::Config)?;
    let mistakes = mistakes(&config, &name);
    if !mistakes.is_empty() {
        return Err(PipelineError::Config(mistakes));
    }
    let (mut spectra, mut warnings) = (Vec::new(), Vec::new());
    for reference in &config.reference {
        let folder = path.parent().unwrap_or(Path::new(""));
        spectra.push(one(reference, folder, &mut warnings)?);
    }
    Ok(References { spectra, text, warnings })
}

/// Names that maps of the result already have.
const TAKEN: [&str; 5] = ["constant", "slope", "r_l2", "chi2", "status"];

fn mistakes(config: &ReferencesConfig, file: &str) -> Vec<ConfigError> {
    let mut all = Vec::new();
    let mut add = |value: &str, reason: &str| {
        let reason = format!("{reason} (in {file})");
        all.push(ConfigError::Value { key: "reference", value: value.to_owned(), reason });
    };
    if config.reference.is_empty() {
        add("none", "give at least one [[reference]]");
    }
    for (place, reference) in config.reference.iter().enumerate() {
        let name = reference.name.as_str();
        if name.is_empty() || name.contains('/') || name == "." || TAKEN.contains(&name) {
            add(name, "give every reference a name without / that is not one of the result's own maps");
        }
        if config.reference[..place].iter().any(|other| other.name == name) {
            add(name, "two references have this name; choose another");
        }
        let inline = reference.energy.is_some() && reference.optical_density.is_some();
        let half = reference.energy.is_some() != reference.optical_density.is_some();
        if half || reference.file.is_some() == inline {
            add(name, "give `file`, or `energy` and `optical_density`");
        }
    }
    all
}

fn one(
    config: &ReferenceConfig,
    folder: &Path,
    warnings: &mut Vec<String>,
) -> Result<Reference, PipelineError> {
    if let Some(file) = &config.file {
        let options = ReferenceOptions {
            energy_unit: None,
            column: config.column.clone(),
            group: config.group.clone(),
        };
        let spectrum = read_reference(&folder.join(file), &options)?;
        warnings
            .extend(spectrum.warnings.iter().map(|warning| format!("reference {}: {warning}", config.name)));
        return Ok(Reference::new(&config.name, &spectrum.energies, &spectrum.absorption)?);
    }
    let (energy, density) =
        (config.energy.as_deref().unwrap_or(&[]), config.optical_density.as_deref().unwrap_or(&[]));
    let energies = Energies::new(energy)
        .map_err(|error| PipelineError::argument("reference", &config.name, error.to_string()))?;
    Ok(Reference::new(&config.name, &energies, density)?)
}
