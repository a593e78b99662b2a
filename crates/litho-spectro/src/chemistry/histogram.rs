//! The histogram of polar angles over the matter of a volume.

use super::ChemistryError;
use super::error::check_shape;
use litho_types::quantity::Radians;
use ndarray::ArrayView3;
use rayon::prelude::*;

const NAME: &str = "histogram of angles";

/// How angles are counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistogramOptions {
    /// First and last angle.
    pub range: [Radians; 2],
    /// Number of bins.
    pub bins: usize,
}

impl Default for HistogramOptions {
    /// Half a degree from 0 to 90°: where both densities are positive.
    fn default() -> Self {
        Self { range: [Radians::new(0.0), Radians::new(std::f64::consts::FRAC_PI_2)], bins: 180 }
    }
}

/// How often angles occur.
#[derive(Debug, Clone, PartialEq)]
pub struct AngleHistogram {
    /// Edges of the bins in radians, one more than bins.
    pub edges: Vec<f64>,
    /// Sum of the voxels' weights in each bin.
    pub counts: Vec<f64>,
    /// Sum of the squared weights: the variance of the count if voxels are independent.
    pub variance: Vec<f64>,
    /// Voxels counted.
    pub voxels: usize,
    /// Voxels of the mask beyond the range or without an angle.
    pub outside: usize,
}

impl AngleHistogram {
    /// Middles of the bins in radians.
    pub fn middles(&self) -> Vec<f64> {
        self.edges.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect()
    }
}

/// Counts the angles (radians) of the voxels of a mask. Weighted by amounts, partly filled voxels at the faces of particles,
/// whose angles are the least certain, count by what they hold: that brings the centres of the peaks nearer to those of
/// pure phases.
///
/// # Errors
/// [`ChemistryError`] if shapes differ, the range is empty or no voxel lies in it.
pub fn histogram(
    angle: ArrayView3<'_, f32>,
    mask: ArrayView3<'_, bool>,
    weights: Option<ArrayView3<'_, f32>>,
    options: &HistogramOptions,
) -> Result<AngleHistogram, ChemistryError> {
    check_shape(NAME, "the mask", mask.shape(), angle.shape())?;
    if let Some(weights) = weights {
        check_shape(NAME, "the weights", weights.shape(), angle.shape())?;
    }
    let [low, high] = options.range.map(Radians::value);
    if options.bins == 0 || !(low.is_finite() && high.is_finite() && low < high) {
        return Err(ChemistryError::Setting {
            operation: NAME,
            setting: "the range's width",
            value: high - low,
            fix: "give a range above 0 with one bin at least",
        });
    }
    let (nz, ny, nx) = angle.dim();
    let width = (high - low) / options.bins as f64;
    let slice = |z: usize| {
        let mut part = (vec![0.0; options.bins], vec![0.0; options.bins], 0_usize, 0_usize);
        for (y, x) in (0..ny).flat_map(|y| (0..nx).map(move |x| (y, x))) {
            let at = (z, y, x);
            if !mask[at] {
                continue;
            }
            let place = (f64::from(angle[at]) - low) / width;
            let weight = weights.map_or(1.0, |weights| f64::from(weights[at]));
            // NaN lies in no range
            if (0.0..options.bins as f64).contains(&place) && weight.is_finite() {
                part.0[place as usize] += weight;
                part.1[place as usize] += weight * weight;
                part.2 += 1;
            } else {
                part.3 += 1;
            }
        }
        part
    };
    let slices: Vec<_> = (0..nz).into_par_iter().map(slice).collect();
    let mut result = AngleHistogram {
        edges: (0..=options.bins).map(|bin| low + bin as f64 * width).collect(),
        counts: vec![0.0; options.bins],
        variance: vec![0.0; options.bins],
        voxels: 0,
        outside: 0,
    };
    for (counts, variance, voxels, outside) in slices {
        result.counts.iter_mut().zip(counts).for_each(|(sum, part)| *sum += part);
        result.variance.iter_mut().zip(variance).for_each(|(sum, part)| *sum += part);
        result.voxels += voxels;
        result.outside += outside;
    }
    if result.voxels == 0 {
        return Err(ChemistryError::Nothing {
            operation: NAME,
            what: "no voxel of the mask has an angle in the range",
            fix: "look at the mask and widen the range",
        });
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    #[test]
    fn every_voxel_of_the_mask_counts_once() {
        let angle =
            Array3::from_shape_fn((2, 1, 5), |(z, _, x)| if z == 0 { 0.1 + 0.2 * x as f32 } else { -1.0 });
        let mut mask = Array3::from_elem((2, 1, 5), true);
        mask[(0, 0, 4)] = false;
        let weights = angle.mapv(|v| 10.0 * v);
        let options = HistogramOptions { range: [Radians::new(0.0), Radians::new(0.8)], bins: 4 };
        let found = histogram(angle.view(), mask.view(), None, &options).unwrap();
        assert_eq!((found.counts.clone(), found.voxels, found.outside), (vec![1.0; 4], 4, 5));
        assert!((found.middles()[1] - 0.3).abs() < 1e-15);
        let found = histogram(angle.view(), mask.view(), Some(weights.view()), &options).unwrap();
        for (bin, wanted) in [1.0, 3.0, 5.0, 7.0].into_iter().enumerate() {
            // single precision, squared
            assert!((found.counts[bin] - wanted).abs() < 1e-5, "{:?}", found.counts);
            assert!((found.variance[bin] - wanted * wanted).abs() < 1e-4);
        }
        let empty = Array3::from_elem((2, 1, 5), false);
        assert!(matches!(
            histogram(angle.view(), empty.view(), None, &options),
            Err(ChemistryError::Nothing { .. })
        ));
        let none = HistogramOptions { bins: 0, ..options };
        assert!(histogram(angle.view(), mask.view(), None, &none).is_err());
    }
}
