//! Finds the stacks that maps were made from, and the mean spectrum of each cluster.

use super::inputs::{Input, Inputs};
use super::settings::ClusterSettings;
use crate::config::Mistakes;
use crate::error::PipelineError;
use crate::stack_input::{StackRequest, load};
use crate::xanes::XanesConfig;
use litho_io::read_result;
use litho_spectro::cluster::{ClusterSpectra, LabelledStack, mean_spectra};
use litho_types::energy_stack::EnergyStack;
use ndarray::Array2;
use std::path::{Path, PathBuf};

/// Mean spectra and their energies in eV.
pub(super) struct MeanSpectra {
    pub(super) energies: Vec<f64>,
    pub(super) spectra: ClusterSpectra,
}

/// The mean spectrum of each cluster over all inputs; none, with a warning, if a stack that nobody named is not to be found.
pub(super) fn of_clusters(
    inputs: &Inputs,
    labels: &[Array2<u16>],
    k: usize,
    settings: &ClusterSettings,
    warnings: &mut Vec<String>,
) -> Result<Option<MeanSpectra>, PipelineError> {
    let named = &settings.config.stacks;
    if !named.is_empty() && named.len() != inputs.all.len() {
        let reason = format!(
            "{} stacks for {} inputs; give one for each, in their order",
            named.len(),
            inputs.all.len()
        );
        return Err(PipelineError::argument("--stack", named.join(", "), reason));
    }
    let mut stacks: Vec<EnergyStack> = Vec::new();
    for (place, input) in inputs.all.iter().enumerate() {
        let (path, request) = match named.get(place) {
            Some(path) => {
                (PathBuf::from(path), origin(input)?.map_or_else(StackRequest::default, |found| found.1))
            }
            None => match origin(input)? {
                Some(found) if found.0.exists() => found,
                found => {
                    let what =
                        found.map_or("which is not said".to_owned(), |(path, _)| path.display().to_string());
                    warnings.push(format!(
                        "there are no mean spectra: the stack of {} ({what}) is not there; name the stacks with --stack",
                        input.path.display()
                    ));
                    return Ok(None);
                }
            },
        };
        let stack = load(&path, &request)?.stack;
        if stack.shape() != input.shape {
            return Err(PipelineError::Unsuitable {
                file: path.display().to_string(),
                reason: format!(
                    "its images are {:?}, the maps of {} {:?}; name the stack that the maps were made from",
                    stack.shape(),
                    input.path.display(),
                    input.shape
                ),
            });
        }
        stacks.push(stack);
    }
    let first = stacks.first().map(|stack| stack.energies().clone());
    if let Some(other) = stacks.iter().position(|stack| Some(stack.energies()) != first.as_ref()) {
        warnings.push(format!(
            "there are no mean spectra: {} was measured at other energies than {}",
            inputs.all[other].name, inputs.all[0].name
        ));
        return Ok(None);
    }
    let weights: Vec<Option<Array2<f32>>> = inputs
        .all
        .iter()
        .map(|input| Some(input.set.map(settings.weight.as_ref()?)?.values.clone()))
        .collect();
    let labelled: Vec<LabelledStack<'_>> = stacks
        .iter()
        .zip(labels)
        .zip(&weights)
        .map(|((stack, labels), weights)| LabelledStack {
            stack,
            labels: labels.view(),
            weights: weights.as_ref().map(|weights| weights.view()),
        })
        .collect();
    let spectra = mean_spectra(&labelled, k)?;
    Ok(first.map(|energies| MeanSpectra { energies: energies.electron_volts(), spectra }))
}

/// The stack that maps were made from and how it was read, as their file says.
fn origin(input: &Input) -> Result<Option<(PathBuf, StackRequest)>, PipelineError> {
    let file = read_result(&input.path)?;
    let (path, config) = ("/entry/process/input/path", "/entry/process/config");
    if !file.contains(path) || !file.contains(config) {
        return Ok(None);
    }
    let mut found = PathBuf::from(file.text(path)?);
    if !found.exists() {
        // The two may have been moved together.
        let beside = input.path.parent().unwrap_or(Path::new("")).join(found.file_name().unwrap_or_default());
        found = if beside.exists() { beside } else { found };
    }
    let config: XanesConfig = toml::from_str(&file.text(config)?).unwrap_or_default();
    Ok(Some((found, config.stack.resolve(&mut Mistakes::default()))))
}
