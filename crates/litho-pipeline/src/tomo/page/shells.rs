//! The curves of a shell correlation, read back.

use super::{list, optional};
use crate::error::PipelineError;
use litho_io::ResultFile;
use litho_report::report::reconstruction::{FrequencyUnit, Period, Spectrum, Threshold};
use litho_report::report::tomography::{Direction, FourierShell};
use litho_resolve::crossing::{Limit, crossings};

/// A shell correlation with its thresholds.
pub(crate) struct Shells {
    frequency: Vec<f64>,
    unit: FrequencyUnit,
    correlation: Vec<f64>,
    /// ½-bit and 1-bit.
    thresholds: [Vec<f64>; 2],
    /// First and last crossing of each threshold.
    crossings: [Vec<f64>; 2],
    directions: Vec<DirectionCurve>,
}

struct DirectionCurve {
    name: String,
    correlation: Vec<f64>,
    crossing: Option<f64>,
}

/// Ends of the names of datasets that belong to a curve.
const THRESHOLD: &str = "_half_bit";

impl Shells {
    /// Reads `/entry/fsc`, if it is there.
    ///
    /// # Errors
    /// [`PipelineError`] if it cannot be read.
    pub(crate) fn read(file: &ResultFile) -> Result<Option<Self>, PipelineError> {
        if optional(file, "/entry/fsc/data")?.is_none() {
            return Ok(None);
        }
        let frequency = list(file, "/entry/fsc/frequency")?;
        let per_metre = file.unit("/entry/fsc/frequency").as_deref() == Some("1/m");
        let correlation = list(file, "/entry/fsc/data")?;
        let thresholds = [list(file, "/entry/fsc/half_bit")?, list(file, "/entry/fsc/one_bit")?];
        let crossings =
            [0, 1].map(|which| crossing_frequencies(&frequency, &correlation, &thresholds[which]));
        let mut directions = Vec::new();
        for name in file.members("/entry/fsc").iter().filter_map(|name| name.strip_suffix(THRESHOLD)) {
            let curve = list(file, &format!("/entry/fsc/{name}"))?;
            let threshold = list(file, &format!("/entry/fsc/{name}{THRESHOLD}"))?;
            let crossing = crossing_frequencies(&frequency, &curve, &threshold).first().copied();
            directions.push(DirectionCurve { name: name.to_owned(), correlation: curve, crossing });
        }
        let unit = if per_metre { FrequencyUnit::PerMetre } else { FrequencyUnit::PerPixel };
        Ok(Some(Self { frequency, unit, correlation, thresholds, crossings, directions }))
    }

    pub(crate) fn part(&self) -> FourierShell<'_> {
        let thresholds = ["½-bit", "1-bit"].iter().zip(&self.thresholds).zip(&self.crossings);
        FourierShell {
            spectrum: Spectrum { frequencies: &self.frequency, unit: self.unit, period: Period::Half },
            correlation: &self.correlation,
            thresholds: thresholds
                .map(|((name, values), crossings)| Threshold { name, values, crossings })
                .collect(),
            directions: self
                .directions
                .iter()
                .map(|own| Direction {
                    name: &own.name,
                    correlation: &own.correlation,
                    crossing: own.crossing,
                })
                .collect(),
        }
    }
}

/// First and last crossing, in the unit of the frequencies. The rule counts in cycles per voxel, of which the last shell has a half.
fn crossing_frequencies(frequency: &[f64], curve: &[f64], threshold: &[f64]) -> Vec<f64> {
    let Some(nyquist) = frequency.last().map(|last| 2.0 * last) else { return Vec::new() };
    let per_voxel: Vec<f64> = frequency.iter().map(|frequency| frequency / nyquist).collect();
    let limits = crossings(&per_voxel, curve, threshold);
    let mut found: Vec<f64> = [limits.first, limits.last]
        .into_iter()
        .filter_map(|limit| match limit {
            Limit::Crossing(at) => Some(at * nyquist),
            Limit::PixelLimit | Limit::Unresolved => None,
        })
        .collect();
    found.dedup();
    found
}
