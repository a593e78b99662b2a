//! How values are distributed.

/// Density of values in bins of equal width.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Lower end of the first and upper end of the last bin.
    pub ends: (f64, f64),
    /// Share of all finite values per unit of the abscissa, for each bin.
    pub density: Vec<f64>,
    /// Finite values, inside and outside.
    pub count: usize,
    /// Finite values outside the ends.
    pub outside: usize,
}

impl Histogram {
    /// Counts `values` in `bins` bins (at least one) from `min` to `max`; the upper end belongs to the last bin. Values
    /// that are not finite do not count. With `min ≥ max` everything is outside.
    pub fn of(values: impl IntoIterator<Item = f32>, (min, max): (f64, f64), bins: usize) -> Self {
        let bins = bins.max(1);
        let mut counts = vec![0usize; bins];
        let (mut count, mut outside) = (0, 0);
        for value in values.into_iter().map(f64::from).filter(|v| v.is_finite()) {
            count += 1;
            if min <= value && value <= max && min < max {
                let bin = ((value - min) / (max - min) * bins as f64) as usize;
                counts[bin.min(bins - 1)] += 1;
            } else {
                outside += 1;
            }
        }
        // ρ = n_bin / (n·w): the area inside is the share inside
        let per_value = bins as f64 / ((max - min) * count.max(1) as f64);
        let density = counts.into_iter().map(|n| if n == 0 { 0.0 } else { n as f64 * per_value }).collect();
        Self { ends: (min, max), density, count, outside }
    }

    /// The outline as points of a curve: up and down at the edges of the bins, zero at both ends.
    pub fn outline(&self) -> Vec<(f64, f64)> {
        let (min, max) = self.ends;
        let edge = |i: usize| min + (max - min) * i as f64 / self.density.len() as f64;
        let tops = self.density.iter().enumerate().flat_map(|(i, d)| [(edge(i), *d), (edge(i + 1), *d)]);
        std::iter::once((min, 0.0)).chain(tops).chain(std::iter::once((max, 0.0))).collect()
    }

    /// Share of the finite values outside the ends; 0 without values.
    pub fn share_outside(&self) -> f64 {
        self.outside as f64 / self.count.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_are_shares_per_unit_and_nothing_is_lost() {
        let values = [0.0, 0.4, 0.5, 2.0, 2.1, -0.1, f32::NAN, f32::INFINITY];
        let histogram = Histogram::of(values, (0.0, 2.0), 4);
        assert_eq!((histogram.count, histogram.outside), (6, 2));
        // 2, 1, 0 and 1 of 6 values in bins of one half
        assert_eq!(histogram.density, [2.0, 1.0, 0.0, 1.0].map(|n| n * 4.0 / 12.0));
        let area: f64 = histogram.density.iter().map(|d| 0.5 * d).sum();
        assert!(
            (area - (1.0 - histogram.share_outside())).abs() < 4.0 * f64::EPSILON,
            "four terms are rounded"
        );
        let outline = histogram.outline();
        assert_eq!((outline[0], outline[9]), ((0.0, 0.0), (2.0, 0.0)));
        assert_eq!(outline[3], (0.5, histogram.density[1]), "the second bin begins at one half");
    }

    #[test]
    fn nothing_to_count_is_no_density() {
        for (values, ends) in [(vec![], (0.0, 1.0)), (vec![f32::NAN], (0.0, 1.0)), (vec![1.0], (1.0, 1.0))] {
            let histogram = Histogram::of(values, ends, 0);
            assert_eq!(histogram.density, [0.0]);
            assert_eq!(histogram.outline().len(), 4);
        }
    }
}
