//! Results of a simulated experiment beside its known truth.

use super::samples::{SampleData, SampleFiles};
use crate::error::PipelineError;
use litho_io::{ResultFile, read_result};
use litho_spectro::cluster::adjusted_rand_index;
use ndarray::{Array2, Ix2};
use std::path::Path;

/// How the results agree with the truth.
pub(super) struct Comparison {
    /// One per sample, and one for all together.
    pub(super) agreements: Vec<Agreement>,
    /// True kinds on the samples' pixels, numbered as the clusters they match; as the samples.
    pub(super) labels: Vec<Array2<u16>>,
    /// True fraction of each cluster, by group.
    pub(super) fractions: Vec<(String, Vec<f64>)>,
}

/// How well one sample agrees.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Agreement {
    pub(super) name: String,
    /// Root mean square, eV, where the edge jump is at least half its median.
    pub(super) edge_energy: f64,
    /// The same everywhere.
    pub(super) edge_energy_everywhere: f64,
    /// Mean found over mean true, less one.
    pub(super) ratio_bias: f64,
    /// Root mean square, eV.
    pub(super) pre_edge_ratio: f64,
    pub(super) rand_index: f64,
}

/// One sample's truth on the pixels of its maps, and what was found there.
struct Pair {
    edge_energy: [Vec<f64>; 2],
    /// Where the edge jump is at least half its median.
    edge_energy_inside: [Vec<f64>; 2],
    ratio: [Vec<f64>; 2],
    pre_edge_ratio: [Vec<f64>; 2],
    labels: [Vec<u16>; 2],
    true_kinds: Array2<u16>,
}

impl Comparison {
    /// Compares samples, and their domains if there are any, with the truth file of a simulation.
    ///
    /// # Errors
    /// [`PipelineError`] if the file does not know a sample.
    pub(super) fn read(
        truth: &Path,
        samples: &[&SampleFiles],
        domains: Option<&Path>,
    ) -> Result<Self, PipelineError> {
        let file = read_result(truth)?;
        let domains = domains.map(read_result).transpose()?;
        let mut pairs = Vec::new();
        for sample in samples {
            let data = SampleData::read(sample)?;
            let found = match &domains {
                Some(domains) => labels(domains, &format!("/entry/clusters/{}/label", stem(&sample.maps)))?,
                None => None,
            };
            pairs.push(Pair::read(&file, truth, sample, &data, found.as_ref())?);
        }
        let all =
            pairs.iter().flat_map(|pair| pair.labels[1].iter().copied().zip(pair.labels[0].iter().copied()));
        let matching = Matching::of(&all.collect::<Vec<_>>());
        let mut agreements: Vec<Agreement> =
            samples.iter().zip(&pairs).map(|(sample, pair)| pair.agreement(&sample.name)).collect();
        if pairs.len() > 1 {
            agreements.push(together(&pairs).agreement("all"));
        }
        let mut fractions = Vec::new();
        for group in file.members("/entry/groups") {
            let kinds: Vec<f64> =
                file.real(&format!("/entry/groups/{group}/fraction"))?.into_iter().collect();
            fractions.push((group, matching.of_clusters(&kinds)));
        }
        let labels = pairs.iter().map(|pair| pair.true_kinds.mapv(|kind| matching.cluster(kind))).collect();
        Ok(Self { agreements, labels, fractions })
    }

    /// What a person is told.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |one: &Agreement| {
            format!(
                "{} against the truth: edge energy {:.3} eV rms where the jump is at least half its median ({:.3} everywhere), electrons per absorber {:+.2} %, pre-edge ratio {:.3} eV \
                 rms, domains' adjusted Rand index {:.3}",
                one.name,
                one.edge_energy,
                one.edge_energy_everywhere,
                100.0 * one.ratio_bias,
                one.pre_edge_ratio,
                one.rand_index
            )
        };
        self.agreements.iter().map(line).collect()
    }
}

impl Pair {
    fn read(
        file: &ResultFile,
        truth: &Path,
        sample: &SampleFiles,
        data: &SampleData,
        found: Option<&Array2<u16>>,
    ) -> Result<Self, PipelineError> {
        let group = format!("/entry/{}/maps", sample.name);
        if !file.contains(&format!("{group}/label")) {
            return Err(PipelineError::Unsuitable {
                file: truth.display().to_string(),
                reason: format!(
                    "knows no sample {:?}; leave `truth` out, or name the samples as simulated",
                    sample.name
                ),
            });
        }
        let place = Place::new(file, &group, data)?;
        let true_kinds = place.onto(&labels(file, &format!("{group}/label"))?.unwrap_or_default());
        let inside = data.maps.map("edge_jump").map(|map| well_above_nothing(&map.values));
        let mut pair = Self {
            edge_energy: pairs_of(file, &group, "edge_energy", data, &place, None)?,
            edge_energy_inside: pairs_of(file, &group, "edge_energy", data, &place, inside.as_ref())?,
            ratio: pairs_of(file, &group, "n_eff_ratio", data, &place, None)?,
            pre_edge_ratio: pairs_of(file, &group, "pre_edge_ratio", data, &place, None)?,
            labels: [Vec::new(), Vec::new()],
            true_kinds,
        };
        if let Some(found) = found {
            for (found, kind) in
                found.iter().zip(&pair.true_kinds).filter(|(found, kind)| **found > 0 && **kind > 0)
            {
                pair.labels[0].push(*found);
                pair.labels[1].push(*kind);
            }
        }
        Ok(pair)
    }

    fn agreement(&self, name: &str) -> Agreement {
        let rms = |[found, truth]: &[Vec<f64>; 2]| {
            let sum: f64 = found.iter().zip(truth).map(|(a, b)| (a - b).powi(2)).sum();
            (sum / found.len() as f64).sqrt()
        };
        let [found, truth] = &self.ratio;
        let [labels, kinds] = &self.labels;
        Agreement {
            name: name.to_owned(),
            edge_energy: rms(&self.edge_energy_inside),
            edge_energy_everywhere: rms(&self.edge_energy),
            ratio_bias: found.iter().sum::<f64>() / truth.iter().sum::<f64>() - 1.0,
            pre_edge_ratio: rms(&self.pre_edge_ratio),
            rand_index: if labels.is_empty() { f64::NAN } else { adjusted_rand_index(labels, kinds) },
        }
    }
}

fn together(pairs: &[Pair]) -> Pair {
    let numbers = |part: fn(&Pair) -> &[Vec<f64>; 2]| {
        [0, 1].map(|side| pairs.iter().flat_map(|pair| part(pair)[side].iter().copied()).collect())
    };
    Pair {
        edge_energy: numbers(|pair| &pair.edge_energy),
        edge_energy_inside: numbers(|pair| &pair.edge_energy_inside),
        ratio: numbers(|pair| &pair.ratio),
        pre_edge_ratio: numbers(|pair| &pair.pre_edge_ratio),
        labels: [0, 1].map(|side| pairs.iter().flat_map(|pair| pair.labels[side].iter().copied()).collect()),
        true_kinds: Array2::zeros((0, 0)),
    }
}

/// Where the pixels of a sample's maps lie on the truth's.
struct Place {
    rows: Vec<Option<usize>>,
    columns: Vec<Option<usize>>,
}

impl Place {
    fn new(file: &ResultFile, group: &str, data: &SampleData) -> Result<Self, PipelineError> {
        let (ny, nx) = data.maps.maps.first().map_or((0, 0), |map| map.values.dim());
        let axis = |name: &str,
                    count: usize,
                    first: Option<f64>,
                    step: Option<f64>|
         -> Result<Vec<Option<usize>>, PipelineError> {
            let truth: Vec<f64> = file.real(&format!("{group}/{name}"))?.into_iter().collect();
            let [begin, next, ..] = truth[..] else { return Ok(vec![None; count]) };
            let (first, step) = (first.unwrap_or(begin), step.unwrap_or(next - begin));
            let nearest = |index: usize| {
                let at = ((first + index as f64 * step - begin) / (next - begin)).round();
                (at >= 0.0 && at < truth.len() as f64).then_some(at as usize)
            };
            Ok((0..count).map(nearest).collect())
        };
        let (origin, pixel) = (data.origin, data.pixel);
        Ok(Self {
            rows: axis("y", ny, origin.map(|o| o.y.value()), pixel.map(|p| p.y.value()))?,
            columns: axis("x", nx, origin.map(|o| o.x.value()), pixel.map(|p| p.x.value()))?,
        })
    }

    /// The truth's image on the sample's pixels, the nearest of each; nothing beyond its ends.
    fn onto<T: Copy + Default>(&self, image: &Array2<T>) -> Array2<T> {
        Array2::from_shape_fn((self.rows.len(), self.columns.len()), |(y, x)| {
            match (self.rows[y], self.columns[x]) {
                (Some(y), Some(x)) => image.get((y, x)).copied().unwrap_or_default(),
                _ => T::default(),
            }
        })
    }
}

/// Values of a map, found and true, where both are numbers.
fn pairs_of(
    file: &ResultFile,
    group: &str,
    name: &str,
    data: &SampleData,
    place: &Place,
    only: Option<&Array2<bool>>,
) -> Result<[Vec<f64>; 2], PipelineError> {
    let truth = file.real(&format!("{group}/{name}"))?.into_dimensionality::<Ix2>().unwrap_or_default();
    let truth = place.onto(&truth.mapv(Some));
    let mut pairs = [Vec::new(), Vec::new()];
    let Some(map) = data.maps.map(name) else { return Ok(pairs) };
    for ((at, found), truth) in map.values.indexed_iter().zip(&truth) {
        let counts = found.is_finite() && only.is_none_or(|only| only[at]);
        if let Some(truth) = truth.filter(|truth| truth.is_finite() && counts) {
            pairs[0].push(f64::from(*found));
            pairs[1].push(truth);
        }
    }
    Ok(pairs)
}

/// Where an edge jump is at least half the median of all.
fn well_above_nothing(jump: &Array2<f32>) -> Array2<bool> {
    let mut known: Vec<f32> = jump.iter().copied().filter(|jump| jump.is_finite()).collect();
    known.sort_by(f32::total_cmp);
    let median = known.get(known.len() / 2).copied().unwrap_or(0.0);
    jump.mapv(|jump| jump >= 0.5 * median)
}

fn labels(file: &ResultFile, name: &str) -> Result<Option<Array2<u16>>, PipelineError> {
    if !file.contains(name) {
        return Ok(None);
    }
    Ok(file.labels(name)?.mapv(|label| label as u16).into_dimensionality::<Ix2>().ok())
}

/// The name under which a file of maps stands in a file of domains.
fn stem(maps: &Path) -> String {
    let name = maps.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    name.split('.').next().unwrap_or_default().to_owned()
}

/// Which cluster each true kind is: pairs that share most pixels first, each cluster and each kind once.
struct Matching(Vec<(u16, u16)>);

impl Matching {
    /// From pairs of (kind, cluster), one per pixel.
    fn of(pixels: &[(u16, u16)]) -> Self {
        let mut counts = std::collections::BTreeMap::<(u16, u16), usize>::new();
        for pair in pixels {
            *counts.entry(*pair).or_default() += 1;
        }
        let mut ordered: Vec<((u16, u16), usize)> = counts.into_iter().collect();
        ordered.sort_by_key(|(pair, count)| (std::cmp::Reverse(*count), *pair));
        let mut matched: Vec<(u16, u16)> = Vec::new();
        for ((kind, cluster), _) in ordered {
            if matched.iter().all(|(k, c)| *k != kind && *c != cluster) {
                matched.push((kind, cluster));
            }
        }
        Self(matched)
    }

    /// The cluster of a kind; a kind without one gets a number after those of all clusters, 0 stays 0.
    fn cluster(&self, kind: u16) -> u16 {
        if kind == 0 {
            return 0;
        }
        let last = self.0.iter().map(|(_, cluster)| *cluster).max().unwrap_or(0);
        self.0.iter().find(|(k, _)| *k == kind).map_or(last + 1, |(_, cluster)| *cluster)
    }

    /// Fractions of kinds 1, 2, … as fractions of the clusters they match.
    fn of_clusters(&self, kinds: &[f64]) -> Vec<f64> {
        let last = self.0.iter().map(|(_, cluster)| *cluster).max().unwrap_or(0);
        let mut clusters = vec![f64::NAN; usize::from(last)];
        for (kind, cluster) in &self.0 {
            if let Some(fraction) = usize::from(*kind).checked_sub(1).and_then(|kind| kinds.get(kind)) {
                clusters[usize::from(*cluster) - 1] = *fraction;
            }
        }
        clusters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_matched_by_the_pixels_they_share() {
        // Kind 1 is cluster 2 in 3 of 4 pixels, kind 2 is cluster 1; kind 3 has no cluster left.
        let matching = Matching::of(&[(1, 2), (1, 2), (1, 2), (1, 1), (2, 1), (2, 1), (3, 1)]);
        assert_eq!([0, 1, 2, 3].map(|kind| matching.cluster(kind)), [0, 2, 1, 3]);
        assert_eq!(matching.of_clusters(&[0.7, 0.2, 0.1]), [0.2, 0.7]);
    }

    #[test]
    fn pixels_find_the_nearest_of_the_truth_and_nothing_beyond() {
        let place = Place { rows: vec![None, Some(0), Some(1)], columns: vec![Some(1), Some(2)] };
        let image = ndarray::arr2(&[[1, 2, 3], [4, 5, 6]]);
        assert_eq!(place.onto(&image), ndarray::arr2(&[[0, 0], [2, 3], [5, 6]]));
    }
}
