//! Reads maps of several particles and lines up their descriptors.

use super::config::GroupConfig;
use super::settings::ClusterSettings;
use crate::error::PipelineError;
use crate::provenance::fingerprint;
use litho_io::{Map, MapSet, read_maps};
use ndarray::{Array1, Array2};
use std::path::{Path, PathBuf};

/// The maps of one particle.
pub(super) struct Input {
    /// The file as it was named.
    pub(super) path: PathBuf,
    /// Name of its group in the result.
    pub(super) name: String,
    /// The group it counts in, from 0.
    pub(super) group: usize,
    /// Its maps.
    pub(super) set: MapSet,
    /// Shape `(y, x)`.
    pub(super) shape: (usize, usize),
    /// Size and hash of the file.
    pub(super) fingerprint: (u64, String),
}

/// All particles, and the names of the groups.
pub(super) struct Inputs {
    pub(super) all: Vec<Input>,
    pub(super) groups: Vec<String>,
}

impl Inputs {
    /// Reads all files; every one must have the maps the settings name, in the same units.
    pub(super) fn read(paths: &[PathBuf], settings: &ClusterSettings) -> Result<Self, PipelineError> {
        let names = names(paths);
        let groups = groups(paths, &names, &settings.groups)?;
        let mut all: Vec<Input> = Vec::new();
        for (place, path) in paths.iter().enumerate() {
            let set = read_maps(path)?;
            let wanted = settings.descriptors.iter().chain(&settings.weight);
            for name in wanted {
                let map = required(&set, name, path)?;
                if let Some(first) = all.first() {
                    check_unit(required(&first.set, name, &first.path)?, map, &first.path, path)?;
                }
            }
            let shape = set.maps.first().map_or((0, 0), |map| map.values.dim());
            let (name, group) = (names[place].clone(), groups.1[place]);
            let fingerprint = fingerprint(path)?;
            all.push(Input { path: path.clone(), name, group, set, shape, fingerprint });
        }
        Ok(Self { all, groups: groups.0 })
    }

    /// The descriptors of all pixels, input by input, row by row `(pixel, descriptor)`.
    pub(super) fn descriptors(&self, names: &[String]) -> Array2<f32> {
        let columns: Vec<Vec<f32>> = names.iter().map(|name| self.values(name)).collect();
        let pixels = columns.first().map_or(0, Vec::len);
        Array2::from_shape_fn((pixels, names.len()), |(pixel, column)| columns[column][pixel])
    }

    /// One map of all inputs, pixel by pixel.
    pub(super) fn values(&self, name: &str) -> Vec<f32> {
        let maps = self.all.iter().filter_map(|input| input.set.map(name));
        maps.flat_map(|map| map.values.iter().copied()).collect()
    }

    /// The weights of all pixels with the mean 1, so that single precision holds them.
    pub(super) fn weights(&self, settings: &ClusterSettings) -> Option<Array1<f32>> {
        let values = self.values(settings.weight.as_ref()?);
        let known = || values.iter().filter(|value| value.is_finite()).map(|value| f64::from(*value));
        let mean = known().sum::<f64>() / known().count().max(1) as f64;
        Some(values.iter().map(|value| (f64::from(*value) / mean) as f32).collect())
    }

    /// Cuts values of all pixels into images.
    pub(super) fn images<T: Copy>(&self, values: &[T]) -> Vec<Array2<T>> {
        let mut at = 0;
        let cut = |input: &Input| {
            let (ny, nx) = input.shape;
            let start = at;
            at += ny * nx;
            Array2::from_shape_fn((ny, nx), |(y, x)| values[start + y * nx + x])
        };
        self.all.iter().map(cut).collect()
    }
}

fn required<'a>(set: &'a MapSet, name: &str, path: &Path) -> Result<&'a Map, PipelineError> {
    set.map(name).ok_or_else(|| {
        let present: Vec<&str> = set.maps.iter().map(|map| map.name.as_str()).collect();
        PipelineError::Unsuitable {
            file: path.display().to_string(),
            reason: format!(
                "it has no map `{name}` but {}; give maps written by xanes, or other `descriptors` and `weight`",
                present.join(", ")
            ),
        }
    })
}

fn check_unit(first: &Map, map: &Map, of: &Path, path: &Path) -> Result<(), PipelineError> {
    if first.unit == map.unit {
        return Ok(());
    }
    Err(PipelineError::Unsuitable {
        file: path.display().to_string(),
        reason: format!(
            "its map `{}` is in `{}`, that of {} in `{}`; give maps of one kind",
            map.name,
            map.unit,
            of.display(),
            first.unit
        ),
    })
}

/// A name for each input: its file's, with that of the folder where two are the same.
fn names(paths: &[PathBuf]) -> Vec<String> {
    let text = |part: Option<&std::ffi::OsStr>| {
        part.map_or(String::new(), |part| part.to_string_lossy().into_owned())
    };
    let plain = |path: &PathBuf| {
        let stem = text(path.file_stem());
        stem.strip_suffix(".maps").unwrap_or(&stem).to_owned()
    };
    let unique = |names: &[String]| (1..names.len()).all(|at| !names[..at].contains(&names[at]));
    let mut names: Vec<String> = paths.iter().map(plain).collect();
    if !unique(&names) {
        names = paths.iter().map(|path| text(path.parent().and_then(Path::file_name))).collect();
        if !unique(&names) || names.iter().any(String::is_empty) {
            names =
                paths.iter().enumerate().map(|(at, path)| format!("{}_{}", plain(path), at + 1)).collect();
        }
    }
    names
}

/// Names of the groups, and the group of each input.
fn groups(
    paths: &[PathBuf],
    names: &[String],
    given: &[GroupConfig],
) -> Result<(Vec<String>, Vec<usize>), PipelineError> {
    let refuse = |value: &str, reason: String| PipelineError::argument("group", value, reason);
    let mut found: Vec<Option<usize>> = vec![None; paths.len()];
    for (group, config) in given.iter().enumerate() {
        for wanted in &config.inputs {
            let place = (0..paths.len()).find(|&at| paths[at] == Path::new(wanted) || names[at] == *wanted);
            let Some(place) = place else {
                return Err(refuse(wanted, format!("is none of the inputs {}", names.join(", "))));
            };
            if found[place].is_some_and(|other| other != group) {
                return Err(refuse(wanted, "is in two groups; name it once".to_owned()));
            }
            found[place] = Some(group);
        }
    }
    let mut all: Vec<String> = given.iter().map(|group| group.name.clone()).collect();
    let mut of_input = Vec::new();
    for (found, name) in found.into_iter().zip(names) {
        of_input.push(found.unwrap_or_else(|| {
            all.push(name.clone());
            all.len() - 1
        }));
    }
    Ok((all, of_input))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(all: &[&str]) -> Vec<PathBuf> {
        all.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn names_come_from_files_or_from_their_folders() {
        assert_eq!(names(&paths(&["a/P2.maps.h5", "a/D1.h5"])), ["P2", "D1"]);
        assert_eq!(names(&paths(&["a/P2/maps.h5", "a/D1/maps.h5"])), ["P2", "D1"]);
        assert_eq!(names(&paths(&["a/maps.h5", "b/a/maps.h5"])), ["maps_1", "maps_2"]);
    }

    #[test]
    fn an_input_without_a_group_is_one_by_itself() {
        let group = |name: &str, inputs: &[&str]| GroupConfig {
            name: name.to_owned(),
            inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
        };
        let paths = paths(&["P2.h5", "P3.h5", "D1.h5"]);
        let names = names(&paths);
        let (groups, of_input) =
            super::groups(&paths, &names, &[group("as-prepared", &["P2.h5", "P3"])]).unwrap();
        assert_eq!((groups, of_input), (vec!["as-prepared".to_owned(), "D1".to_owned()], vec![0, 0, 1]));
        assert!(super::groups(&paths, &names, &[group("x", &["P4"])]).is_err());
        assert!(super::groups(&paths, &names, &[group("x", &["P2"]), group("y", &["P2"])]).is_err());
    }
}
