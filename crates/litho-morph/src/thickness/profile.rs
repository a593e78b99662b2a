//! The mean profile across a plate, and its width.

use super::normal::slab;
use super::samples::Samples;
use super::settings::ThicknessSettings;
use super::slab::SlabFit;
use crate::spacing::Spacing;

/// Steps of the profile per voxel.
const STEPS: f64 = 3.0;
/// Bisections until a width is found to the last digits.
const BISECTIONS: usize = 60;

/// Means over the facet, at equal steps along the normal.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Distances from the middle of the plate.
    pub distance: Vec<f64>,
    /// Means there, without background and neighbours; NaN where no voxel was.
    pub value: Vec<f64>,
}

impl Profile {
    /// The profile of these voxels, each shared by its two nearest steps.
    pub(super) fn new(
        samples: &Samples,
        fit: Option<&SlabFit>,
        spacing: Spacing,
        settings: &ThicknessSettings,
    ) -> Self {
        let step = spacing.edges().into_iter().fold(f64::INFINITY, f64::min) / STEPS;
        let points: Vec<(f64, f64)> = samples
            .list
            .iter()
            .map(|sample| match fit {
                Some(fit) => (fit.distance(sample), sample.value - fit.besides(sample.along, sample.other)),
                None => (sample.along, sample.value - settings.amplitude.unwrap_or(0.0) * sample.other),
            })
            .collect();
        let far = points.iter().map(|point| point.0.abs()).fold(0.0, f64::max);
        let half = (far / step).ceil() as usize + 1;
        let (mut sums, mut weights) = (vec![0.0; 2 * half + 1], vec![0.0; 2 * half + 1]);
        for (distance, value) in points {
            let place = distance / step + half as f64;
            let (low, share) = (place.floor() as usize, place.fract());
            for (index, weight) in [(low, 1.0 - share), (low + 1, share)] {
                if let (Some(sum), Some(total)) = (sums.get_mut(index), weights.get_mut(index)) {
                    *sum += weight * value;
                    *total += weight;
                }
            }
        }
        Self {
            distance: (0..sums.len()).map(|index| (index as f64 - half as f64) * step).collect(),
            value: sums
                .into_iter()
                .zip(weights)
                .map(|(sum, weight)| if weight > 0.5 { sum / weight } else { f64::NAN })
                .collect(),
        }
    }

    /// Width at half of the largest value, between straight lines from step to step; `None` if the profile does not fall to half
    /// on both sides.
    pub fn fwhm(&self) -> Option<f64> {
        let points: Vec<(f64, f64)> = self
            .distance
            .iter()
            .copied()
            .zip(self.value.iter().copied())
            .filter(|p| p.1.is_finite())
            .collect();
        let top = (0..points.len()).max_by(|a, b| points[*a].1.total_cmp(&points[*b].1))?;
        let half = 0.5 * points[top].1;
        let crossing = |(outer, inner): ((f64, f64), (f64, f64))| {
            outer.0 + (inner.0 - outer.0) * (half - outer.1) / (inner.1 - outer.1)
        };
        let falls = |pair: &((f64, f64), (f64, f64))| pair.0.1 < half && pair.1.1 >= half;
        let left = (1..=top).rev().map(|i| (points[i - 1], points[i])).find(falls)?;
        let right = (top + 1..points.len()).map(|i| (points[i], points[i - 1])).find(falls)?;
        Some(crossing(right) - crossing(left))
    }
}

/// The width at half maximum that a slab of this thickness shows when seen with a Gaussian of full width `resolution`:
/// the resolution itself for thin slabs, the thickness for thick ones.
pub fn expected_fwhm(thickness: f64, resolution: f64) -> f64 {
    let sigma = ThicknessSettings::new(resolution).sigma();
    let half = 0.5 * slab(0.0, thickness, sigma);
    let (mut low, mut high) = (0.0, thickness + 2.0 * resolution);
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        if slab(middle, thickness, sigma) > half {
            low = middle;
        } else {
            high = middle;
        }
    }
    low + high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_of_thin_slabs_are_too_large() {
        // Measured independently on sampled profiles: 11 nm resolution, to the 0.1 nm printed.
        for (thickness, width) in [(5.0, 11.5), (10.0, 13.2), (15.0, 16.3), (20.0, 20.4), (30.0, 30.0)] {
            let found = expected_fwhm(thickness, 11.0);
            assert!((found - width).abs() < 0.06, "{thickness}: {found}");
        }
    }

    #[test]
    fn a_width_needs_both_sides() {
        let triangle = |values: &[f64]| Profile {
            distance: (0..values.len()).map(|i| i as f64).collect(),
            value: values.to_vec(),
        };
        assert_eq!(triangle(&[0.0, 1.0, 2.0, 1.0, f64::NAN, 0.0]).fwhm(), Some(2.0));
        assert_eq!(triangle(&[0.0, 3.0, 4.0, 1.0]).fwhm(), Some(2.0));
        assert_eq!(triangle(&[3.0, 4.0, 0.0]).fwhm(), None);
        assert_eq!(triangle(&[]).fwhm(), None);
    }
}
