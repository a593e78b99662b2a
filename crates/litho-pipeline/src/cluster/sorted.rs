//! Sorts the pixels and gives the clusters the numbers of a previous result.

use super::inputs::Inputs;
use super::settings::{ClusterSettings, Method};
use crate::error::PipelineError;
use litho_io::read_result;
use litho_spectro::cluster::{
    Choice, ChoiceOptions, Clusters, Matching, MixtureOptions, Points, Scaling, choose_k, kmeans,
    match_labels, mixture,
};
use ndarray::{Array2, Ix2};

/// The pixels of all inputs, sorted.
pub(super) struct Sorted {
    /// Label of each pixel, input by input.
    pub(super) labels: Vec<u16>,
    /// Centres `(cluster, descriptor)` in the descriptors' units; NaN for a number of a previous result that none has.
    pub(super) centres: Array2<f64>,
    /// What each descriptor was divided by.
    pub(super) sigma: Vec<f64>,
    /// How many pixels could be sorted.
    pub(super) points: usize,
    /// Elbow, silhouette and gap; none if there are too few pixels.
    pub(super) choice: Option<Choice>,
    /// Which labels were taken over from a previous result.
    pub(super) matching: Option<Matching>,
}

impl Sorted {
    /// How many numbers clusters have.
    pub(super) fn k(&self) -> usize {
        self.centres.nrows()
    }
}

pub(super) fn sort(
    inputs: &Inputs,
    settings: &ClusterSettings,
    warnings: &mut Vec<String>,
) -> Result<Sorted, PipelineError> {
    let mut descriptors = inputs.descriptors(&settings.descriptors);
    let clipped = clip(&mut descriptors, settings.clip);
    if clipped > 0 {
        warnings.push(format!(
            "{clipped} outlying values of descriptors were drawn in to {} standard deviations",
            settings.clip
        ));
    }
    let weights = inputs.weights(settings).filter(|_| settings.weighted_sorting);
    let weights = weights.as_ref().map(|weights| weights.view());
    let points = Points::new(descriptors.view(), weights, Scaling::Standard)?;
    let choice = choice(&points, settings, warnings)?;
    let clusters = match (settings.k, &choice) {
        (Some(k), _) => kmeans(&points, k, &settings.kmeans)?,
        (None, Some(choice)) => choice.clusters.clone(),
        (None, None) => kmeans(&points, 1, &settings.kmeans)?,
    };
    let k = clusters.k();
    let (labels, centres) = match settings.method {
        Method::KMeans => {
            converged(clusters.converged, warnings);
            let Clusters { labels, centres, .. } = clusters;
            (labels, centres)
        }
        Method::Mixture => {
            let options = MixtureOptions { kmeans: settings.kmeans, ..MixtureOptions::default() };
            let found = mixture(&points, k, &options)?;
            converged(found.converged, warnings);
            (found.labels, found.centres)
        }
    };
    let sorted = Sorted {
        labels,
        centres,
        sigma: points.sigma().to_vec(),
        points: points.len(),
        choice,
        matching: None,
    };
    match &settings.config.match_labels {
        Some(previous) => matched(sorted, previous, &settings.descriptors),
        None => Ok(sorted),
    }
}

fn converged(converged: bool, warnings: &mut Vec<String>) {
    if !converged {
        warnings.push("the sorting did not come to rest within its iterations".to_owned());
    }
}

/// Elbow, silhouette and gap for 1…K clusters, K no larger than the points allow.
fn choice(
    points: &Points,
    settings: &ClusterSettings,
    warnings: &mut Vec<String>,
) -> Result<Option<Choice>, PipelineError> {
    /// Points per cluster below which the curves say nothing.
    const FEWEST: usize = 10;
    let k_most = settings.k_max.max(settings.k.unwrap_or(0)).min(points.len() / FEWEST);
    if k_most < 2 {
        warnings.push(format!("{} pixels are too few to compare numbers of clusters", points.len()));
        return Ok(None);
    }
    Ok(Some(choose_k(
        points,
        &ChoiceOptions { k_most, kmeans: settings.kmeans, ..ChoiceOptions::default() },
    )?))
}

/// Draws values beyond so many standard deviations, told from the quartiles, in to that limit; returns how many.
fn clip(descriptors: &mut Array2<f32>, most: f64) -> usize {
    if most == 0.0 {
        return 0;
    }
    let mut count = 0;
    for mut column in descriptors.columns_mut() {
        let mut sorted: Vec<f32> = column.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f32::total_cmp);
        let Some(last) = sorted.len().checked_sub(1) else { continue };
        // A normal distribution's quartiles lie 0.6745 σ from its middle.
        let spread = f64::from(sorted[3 * last / 4] - sorted[last / 4]) / 1.349;
        if spread <= 0.0 {
            continue;
        }
        let middle = f64::from(sorted[last / 2]);
        let (low, high) = ((middle - most * spread) as f32, (middle + most * spread) as f32);
        for value in column.iter_mut().filter(|value| **value < low || **value > high) {
            *value = value.clamp(low, high);
            count += 1;
        }
    }
    count
}

/// The same clusters with the numbers of a previous result.
fn matched(sorted: Sorted, previous: &str, descriptors: &[String]) -> Result<Sorted, PipelineError> {
    let file = read_result(previous)?;
    let refuse = |reason: String| PipelineError::Unsuitable { file: previous.to_owned(), reason };
    let (centre, names) = ("/entry/clusters/centre", "/entry/clusters/descriptor");
    if !file.contains(centre) || !file.contains(names) {
        return Err(refuse("it holds no centres of clusters; give a file that cluster wrote".to_owned()));
    }
    let found = file.texts(names)?;
    if found != descriptors {
        let words = format!("it was sorted by {}, this by {}", found.join(", "), descriptors.join(", "));
        return Err(refuse(format!("{words}; sort by the same")));
    }
    let centres = file.real(centre)?.into_dimensionality::<Ix2>();
    let centres = centres.map_err(|_| refuse("its centres are no table (cluster, descriptor)".to_owned()))?;
    // A number that no cluster of the previous result has is nobody's partner.
    let known: Vec<usize> =
        (0..centres.nrows()).filter(|&row| centres.row(row).iter().all(|v| v.is_finite())).collect();
    let old = centres.select(ndarray::Axis(0), &known);
    let mut matching = match_labels(old.view(), sorted.centres.view(), &sorted.sigma)?;
    for label in &mut matching.label {
        let place = usize::from(*label) - 1;
        *label = known.get(place).map_or(centres.nrows() + place - known.len(), |row| *row) as u16 + 1;
    }
    let k = matching.label.iter().copied().max().unwrap_or(0).max(centres.nrows() as u16);
    let mut moved = Array2::from_elem((usize::from(k), descriptors.len()), f64::NAN);
    for (row, label) in sorted.centres.rows().into_iter().zip(&matching.label) {
        moved.row_mut(usize::from(*label) - 1).assign(&row);
    }
    Ok(Sorted {
        labels: matching.relabel(&sorted.labels),
        centres: moved,
        matching: Some(matching),
        ..sorted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn outliers_are_drawn_in_to_the_limit_and_missing_values_stay() {
        let mut values = array![[-2.0_f32], [-1.0], [0.0], [1.0], [2.0], [1000.0], [f32::NAN]];
        // Quartiles of the six sorted numbers at places 1 and 3: −1 and 1, middle 0: σ = 2/1.349.
        assert_eq!(clip(&mut values, 3.0), 1);
        assert_eq!(values[(5, 0)], (3.0_f64 * 2.0 / 1.349) as f32);
        assert!(values[(6, 0)].is_nan());
        assert_eq!(clip(&mut values, 0.0), 0);
    }
}
