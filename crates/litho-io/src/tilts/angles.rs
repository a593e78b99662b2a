//! The angles of a tilt series: found, brought to degrees, sorted, checked.

use super::options::{AngleSource, AngleUnit, TiltOptions};
use crate::error::IoError;
use crate::h5::{H5File, Place, located};
use crate::numbers_table::NumbersTable;
use litho_types::tilt::{TiltAngles, TiltAnglesError};
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

/// Headings of a column of angles.
const HEADINGS: [&str; 5] = ["angle", "theta", "angle_deg", "angle_rad", "rotation_angle"];
/// Bare numbers that all lie within a turn of 2π are radians: a tilt series of six degrees is none.
const ONE_TURN: f64 = TAU + 0.01;
/// Angles that differ by less than this part of the usual step are one: a stage at rest reads a little differently.
const RESTS: f64 = 0.1;
/// More turns than this in radians are degrees.
const MOST_TURNS: f64 = 20.0;

/// Numbers that may be angles, and where they came from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawAngles {
    pub(crate) path: PathBuf,
    pub(crate) dataset: String,
    pub(crate) values: Values,
    pub(crate) unit: Option<AngleUnit>,
}

/// The numbers, or how to make them once their count is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// One per stored image.
    Listed(Vec<f64>),
    /// From the first to the last, evenly.
    Even(f64, f64),
}

/// Checked angles and how to sort the projections to them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SortedAngles {
    pub(crate) angles: TiltAngles,
    /// `order[k]` is the place of the k-th smallest angle.
    pub(crate) order: Vec<usize>,
    pub(crate) source: String,
    pub(crate) read_as: String,
    pub(crate) warnings: Vec<String>,
}

impl RawAngles {
    /// The angles the options name, else those of the first of `names` that is in the file.
    pub(crate) fn find(file: &H5File, names: &[&str], options: &TiltOptions) -> Result<Self, IoError> {
        if let Some(source) = &options.angles {
            return Self::of_source(file.path(), Some(file), source);
        }
        match file.first_of(names) {
            Some(name) => Self::of_dataset(file, name),
            None => Err(Self::missing(file.path())),
        }
    }

    /// The angles of a source given by the caller; `file` is the series if that is HDF5.
    pub(crate) fn of_source(
        path: &Path,
        file: Option<&H5File>,
        source: &AngleSource,
    ) -> Result<Self, IoError> {
        let given = |values| Self {
            path: path.to_owned(),
            dataset: "--angles".to_owned(),
            values,
            unit: Some(AngleUnit::Degree),
        };
        match source {
            AngleSource::Values(values) => Ok(given(Values::Listed(values.clone()))),
            AngleSource::Range(first, last) => Ok(given(Values::Even(*first, *last))),
            AngleSource::Named(name) => match located(file, name, "--angles")? {
                Place::Here(file) => Self::of_dataset(file, name),
                Place::Hdf5(file, dataset) => Self::of_dataset(&file, &dataset),
                Place::Text(path) => Self::of_table(&path),
            },
        }
    }

    fn of_dataset(file: &H5File, name: &str) -> Result<Self, IoError> {
        let stated = file.attr_text(name, "units").filter(|unit| !unit.trim().is_empty());
        let unit = stated.as_deref().map(|unit| unit_of(file, name, unit)).transpose()?;
        let values = file.reals(name)?;
        if values.shape().iter().filter(|&&n| n != 1).count() > 1 {
            return Err(file.wrong_shape(name, values.shape().to_vec(), "one angle per projection"));
        }
        let values = Values::Listed(values.into_iter().collect());
        Ok(Self { path: file.path().to_owned(), dataset: name.to_owned(), values, unit })
    }

    fn of_table(path: &Path) -> Result<Self, IoError> {
        let table = NumbersTable::read(path)?;
        let column = table.named(&HEADINGS).unwrap_or(0);
        let title = table.heading.as_ref().and_then(|heading| heading.get(column)).map(|t| t.to_lowercase());
        let unit = match title.as_deref() {
            Some("angle_deg") => Some(AngleUnit::Degree),
            Some("angle_rad") => Some(AngleUnit::Radian),
            _ => None,
        };
        let dataset = title.unwrap_or_else(|| format!("column {}", column + 1));
        let values = Values::Listed(table.column(column));
        Ok(Self { path: path.to_owned(), dataset, values, unit })
    }

    /// The error for a series without angles.
    pub(crate) fn missing(path: &Path) -> IoError {
        IoError::Incomplete {
            path: path.to_owned(),
            what: "the angles of its projections".to_owned(),
            fix: "pass --angles with a dataset, a text file, a list in degrees, or first..last".to_owned(),
        }
    }

    /// How many there are; `None` if any number can be made.
    pub(crate) fn count(&self) -> Option<usize> {
        match &self.values {
            Values::Listed(values) => Some(values.len()),
            Values::Even(..) => None,
        }
    }

    /// Keeps the angles of the images at `places` alone, if there is an angle for every image.
    pub(crate) fn select(&mut self, places: &[usize], images: usize) {
        if let Values::Listed(values) = &mut self.values
            && values.len() == images
            && images != places.len()
        {
            *values = places.iter().map(|&place| values[place]).collect();
        }
    }

    /// Brings the angles of `count` projections to degrees, sorts and checks them.
    ///
    /// # Errors
    /// [`IoError`] if their number is another, one is not finite, fewer than two differ, or the unit cannot be right.
    pub(crate) fn sorted(
        self,
        count: usize,
        projections: &str,
        stated: Option<AngleUnit>,
    ) -> Result<SortedAngles, IoError> {
        let mut warnings = Vec::new();
        let values = match &self.values {
            Values::Even(first, last) => even(*first, *last, count),
            Values::Listed(values) if values.len() == count => values.clone(),
            Values::Listed(values) => {
                let (kept, warning) = without_rests(values, count)
                    .ok_or_else(|| self.count_mismatch(values.len(), count, projections))?;
                warnings.push(format!("{} {warning}", self.dataset));
                kept
            }
        };
        let unit = self.unit(&values, stated, &mut warnings)?;
        let degrees: Vec<f64> = values.iter().map(|&value| unit.degrees(value)).collect();
        let order = TiltAngles::ascending_order(&degrees);
        let sorted: Vec<f64> = order.iter().map(|&place| degrees[place]).collect();
        let angles = TiltAngles::from_degrees(&sorted).map_err(|e| self.refusal(&e, &order))?;
        if let Some(at) = order.windows(2).position(|pair| pair[0] > pair[1]) {
            warnings.push(format!(
                "the angles in {} are not ascending ({}° is projection {}, {}° projection {}): the projections were sorted",
                self.dataset, sorted[at], order[at], sorted[at + 1], order[at + 1]
            ));
        }
        let twice = sorted.windows(2).filter(|pair| pair[0] == pair[1]).count();
        if twice > 0 {
            warnings.push(format!(
                "{twice} of the {count} projections have the angle of another ({}): all of them count",
                first_twice(&sorted)
            ));
        }
        let source = format!("{} in {}", self.dataset, self.path.display());
        let read_as = format!("{count} numbers, read as {}", unit.name());
        Ok(SortedAngles { angles, order, source, read_as, warnings })
    }

    fn unit(
        &self,
        values: &[f64],
        stated: Option<AngleUnit>,
        warnings: &mut Vec<String>,
    ) -> Result<AngleUnit, IoError> {
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
            if value.is_finite() { (low.min(value), high.max(value)) } else { (low, high) }
        });
        let span = high - low;
        let within_one_turn = span > 0.0 && span <= ONE_TURN && low.abs().max(high.abs()) <= ONE_TURN;
        if let Some(unit) = stated {
            return Ok(unit);
        }
        match self.unit {
            None if within_one_turn => {
                warnings.push(format!(
                    "{} states no unit; its numbers from {low} to {high} were read as radians (--angle-unit deg if they are degrees)",
                    self.dataset
                ));
                Ok(AngleUnit::Radian)
            }
            None => Ok(AngleUnit::Degree),
            Some(AngleUnit::Degree) => {
                if within_one_turn {
                    warnings.push(format!(
                        "the angles in {} span {span}° alone; pass --angle-unit rad if they are radians",
                        self.dataset
                    ));
                }
                Ok(AngleUnit::Degree)
            }
            Some(AngleUnit::Radian) if span > MOST_TURNS * TAU => Err(IoError::Implausible {
                path: self.path.clone(),
                dataset: self.dataset.clone(),
                quantity: "tilt angle",
                value: format!("{low} … {high} rad, more than {MOST_TURNS} turns"),
                slip: "that looks like degrees: pass --angle-unit deg".to_owned(),
            }),
            Some(AngleUnit::Radian) => Ok(AngleUnit::Radian),
        }
    }

    fn count_mismatch(&self, angles: usize, count: usize, projections: &str) -> IoError {
        IoError::WrongShape {
            path: self.path.clone(),
            dataset: self.dataset.clone(),
            found: vec![angles],
            expected: format!(
                "one angle for each of the {count} projections of {projections}; leave the angles of flats and \
                 darks out, or look for a projection that is missing"
            ),
        }
    }

    fn refusal(&self, error: &TiltAnglesError, order: &[usize]) -> IoError {
        let bad = |index: String, value: String, problem: &str| IoError::BadValue {
            path: self.path.clone(),
            dataset: self.dataset.clone(),
            index,
            value,
            problem: problem.to_owned(),
        };
        match *error {
            TiltAnglesError::NotAnAngle { index, value } => bad(
                format!("projection {}", order[index]),
                value.to_string(),
                "no angle; leave that projection out, or pass --angles with the right value",
            ),
            TiltAnglesError::TooFew { found, different } => bad(
                "all projections".to_owned(),
                format!("{found} angles, {different} of them different,"),
                "a volume needs projections at two angles or more; pass --angles with the right values",
            ),
            TiltAnglesError::Unsorted { index, value, .. } => {
                bad(format!("projection {}", order[index]), value.to_string(), "not sorted")
            }
        }
    }
}

/// The unit a `units` attribute names.
fn unit_of(file: &H5File, name: &str, unit: &str) -> Result<AngleUnit, IoError> {
    AngleUnit::from_name(unit).ok_or_else(|| IoError::BadValue {
        path: file.path().to_owned(),
        dataset: name.to_owned(),
        index: "the attribute units".to_owned(),
        value: format!("`{unit}`"),
        problem: "an unknown unit; known are deg and rad; pass --angle-unit".to_owned(),
    })
}

/// `count` angles from the first to the last.
fn even(first: f64, last: f64, count: usize) -> Vec<f64> {
    let steps = count.saturating_sub(1).max(1) as f64;
    (0..count).map(|k| first + (last - first) * (k as f64 / steps)).collect()
}

/// A list that also holds the angles of flats and darks, taken while the stage rested before and after: what is left
/// of it where each of the two rests is one angle, if that fits the count. A rest is a run of angles that differ from
/// the end of the list by less than a tenth of the usual step.
fn without_rests(values: &[f64], count: usize) -> Option<(Vec<f64>, String)> {
    let (first, last) = (*values.first()?, *values.last()?);
    let mut steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    steps.sort_by(f64::total_cmp);
    let still = RESTS * steps.get(steps.len() / 2)?;
    let resting = |value: &f64, end: f64| (value - end).abs() <= still;
    let before = values.iter().take_while(|value| resting(value, first)).count() - 1;
    let after = values.iter().rev().take_while(|value| resting(value, last)).count() - 1;
    let kept = values.get(before..values.len().checked_sub(after)?)?;
    (kept.len() == count && before + after > 0).then(|| {
        let text = format!(
            "holds {} angles for {count} projections; {before} more of {first} at its beginning and {after} more of {last} \
             at its end were left out, as flats and darks are taken there",
            values.len()
        );
        (kept.to_vec(), text)
    })
}

/// The first angle that is there more than once.
fn first_twice(sorted: &[f64]) -> String {
    sorted
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map_or_else(String::new, |pair| format!("first {}°", pair[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_before_and_after_the_scan_are_told_from_missing_projections() {
        let list = [5.0, 5.0, 5.0, 6.0, 7.0, 7.9999, 8.0];
        let (kept, text) = without_rests(&list, 4).expect("two rests");
        assert_eq!(kept, [5.0, 6.0, 7.0, 7.9999]);
        assert!(text.contains("2 more of 5") && text.contains("1 more of 8"), "{text}");
        assert_eq!(without_rests(&list, 5), None);
        assert_eq!(without_rests(&[1.0, 2.0, 3.0], 3), None);
        assert_eq!(without_rests(&[1.0; 5], 1), None);
        assert_eq!(without_rests(&[], 0), None);
    }

    #[test]
    fn even_angles_reach_both_ends() {
        assert_eq!(even(-60.0, 60.0, 5), [-60.0, -30.0, 0.0, 30.0, 60.0]);
        assert_eq!(even(3.0, 4.0, 1), [3.0]);
    }
}
