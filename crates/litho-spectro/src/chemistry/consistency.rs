//! A volume's chemistry held against what was measured in two dimensions.

use super::ChemistryError;
use super::error::check_shape;
use ndarray::{Array2, ArrayView2, ArrayView3, Axis, Zip};

/// Sum of a volume along an axis (0 for z, 1 for y, 2 for x), as a map of the other two; voxels without a number count as nothing.
///
/// # Errors
/// [`ChemistryError::Setting`] if there is no such axis.
pub fn project(volume: ArrayView3<'_, f32>, axis: usize) -> Result<Array2<f32>, ChemistryError> {
    if axis > 2 {
        let (setting, fix) = ("the axis", "give 0, 1 or 2");
        return Err(ChemistryError::Setting { operation: "projection", setting, value: axis as f64, fix });
    }
    let sum = |lane: ndarray::ArrayView1<'_, f32>| {
        lane.iter().filter(|v| v.is_finite()).map(|&v| f64::from(v)).sum::<f64>() as f32
    };
    Ok(volume.map_axis(Axis(axis), sum))
}

/// `R = Σ_E (d − m)²/Σ_E d²` of each pixel of a stack `(energy, y, x)`, with the model `m_E = Σ_j I_Ej C_j` of projected amounts
/// `C_j` and densities `I` `(energy, phase)` at the stack's energies.
///
/// # Errors
/// [`ChemistryError::Shape`] if shapes do not fit.
pub fn r_factor(
    stack: ArrayView3<'_, f32>,
    density: ArrayView2<'_, f64>,
    amounts: &[ArrayView2<'_, f32>],
) -> Result<Array2<f32>, ChemistryError> {
    const NAME: &str = "R factor";
    let (energies, ny, nx) = stack.dim();
    check_shape(NAME, "the densities (energy, phase)", density.shape(), &[energies, amounts.len()])?;
    for map in amounts {
        check_shape(NAME, "a map of amounts", map.shape(), &[ny, nx])?;
    }
    Ok(Array2::from_shape_fn((ny, nx), |at| {
        let (mut residual, mut data) = (0.0, 0.0);
        for (plane, row) in stack.outer_iter().zip(density.rows()) {
            let d = f64::from(plane[at]);
            let model: f64 = row.iter().zip(amounts).map(|(i, map)| i * f64::from(map[at])).sum();
            residual += (d - model).powi(2);
            data += d * d;
        }
        (residual / data) as f32
    }))
}

/// Part of a mask's pixels whose value lies below a limit; pixels without a number do not.
///
/// # Errors
/// [`ChemistryError`] if shapes differ or the mask is empty.
pub fn share_below(
    map: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    limit: f64,
) -> Result<f64, ChemistryError> {
    const NAME: &str = "share of pixels";
    check_shape(NAME, "the mask", mask.shape(), map.shape())?;
    let (mut below, mut all) = (0_usize, 0_usize);
    Zip::from(map).and(mask).for_each(|value, is_in| {
        all += usize::from(*is_in);
        below += usize::from(*is_in && f64::from(*value) < limit);
    });
    if all == 0 {
        return Err(nothing(NAME));
    }
    Ok(below as f64 / all as f64)
}

/// How one map differs from another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapDifference {
    /// Pixels with numbers in both.
    pub pixels: usize,
    /// Mean of the first minus the second.
    pub mean: f64,
    /// Root mean square of the difference.
    pub rms: f64,
    /// Median of its modulus.
    pub median: f64,
    /// Correlation of the two (Pearson); NaN if one is constant.
    pub correlation: f64,
}

/// Compares two maps over a mask, say the fraction of a phase from a projected volume and from a stack of many energies.
///
/// # Errors
/// [`ChemistryError`] if shapes differ or no pixel has numbers in both.
pub fn compare_maps(
    first: ArrayView2<'_, f32>,
    second: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
) -> Result<MapDifference, ChemistryError> {
    const NAME: &str = "difference of maps";
    check_shape(NAME, "the second map", second.shape(), first.shape())?;
    check_shape(NAME, "the mask", mask.shape(), first.shape())?;
    let pairs: Vec<(f64, f64)> = first
        .iter()
        .zip(second)
        .zip(mask)
        .filter(|((a, b), is_in)| **is_in && a.is_finite() && b.is_finite())
        .map(|((a, b), _)| (f64::from(*a), f64::from(*b)))
        .collect();
    if pairs.is_empty() {
        return Err(nothing(NAME));
    }
    let n = pairs.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (a, b) = (mean(&|p| p.0), mean(&|p| p.1));
    let covariance = mean(&|p| (p.0 - a) * (p.1 - b));
    let variances = mean(&|p| (p.0 - a).powi(2)) * mean(&|p| (p.1 - b).powi(2));
    let mut sizes: Vec<f64> = pairs.iter().map(|(a, b)| (a - b).abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let middle = sizes.len() / 2;
    let median =
        if sizes.len() % 2 == 1 { sizes[middle] } else { f64::midpoint(sizes[middle - 1], sizes[middle]) };
    Ok(MapDifference {
        pixels: pairs.len(),
        mean: a - b,
        rms: mean(&|p| (p.0 - p.1).powi(2)).sqrt(),
        median,
        correlation: covariance / variances.sqrt(),
    })
}

fn nothing(operation: &'static str) -> ChemistryError {
    ChemistryError::Nothing {
        operation,
        what: "no pixel of the mask has numbers",
        fix: "look at the mask and at how the maps lie on each other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, arr2};

    #[test]
    fn a_projection_holds_what_the_volume_holds() {
        let mut volume = Array3::from_shape_fn((2, 3, 4), |(z, y, x)| (12 * z + 4 * y + x) as f32);
        assert_eq!(project(volume.view(), 0).unwrap()[(1, 2)], 6.0 + 18.0);
        assert_eq!(project(volume.view(), 1).unwrap()[(1, 0)], 12.0 + 16.0 + 20.0);
        assert_eq!(project(volume.view(), 2).unwrap().dim(), (2, 3));
        volume[(0, 1, 2)] = f32::NAN;
        assert_eq!(project(volume.view(), 0).unwrap()[(1, 2)], 18.0);
        assert!(matches!(project(volume.view(), 3), Err(ChemistryError::Setting { .. })));
    }

    #[test]
    fn the_r_factor_is_the_part_that_is_not_explained() {
        // Two energies, one phase of density (1, 2) and amount 2: model (2, 4). Data (3, 4): 1/25; exact data: 0.
        let stack = Array3::from_shape_vec((2, 1, 2), vec![3.0, 2.0, 4.0, 4.0]).unwrap();
        let (density, amount) = (arr2(&[[1.0], [2.0]]), arr2(&[[2.0_f32, 2.0]]));
        let found = r_factor(stack.view(), density.view(), &[amount.view()]).unwrap();
        assert!((found[(0, 0)] - 0.04).abs() < 1e-8 && found[(0, 1)] == 0.0);
        let mask = arr2(&[[true, true]]);
        assert_eq!(share_below(found.view(), mask.view(), 0.02).unwrap(), 0.5);
        assert!(share_below(found.view(), arr2(&[[false, false]]).view(), 0.02).is_err());
        assert!(matches!(r_factor(stack.view(), density.view(), &[]), Err(ChemistryError::Shape { .. })));
    }

    #[test]
    fn maps_differ_by_what_was_added() {
        let first = arr2(&[[1.0_f32, 2.0, 3.0], [4.0, f32::NAN, 9.0]]);
        let second = arr2(&[[0.5_f32, 1.5, 2.5], [3.5, 4.0, 0.0]]);
        let mask = arr2(&[[true, true, true], [true, true, false]]);
        let found = compare_maps(first.view(), second.view(), mask.view()).unwrap();
        assert_eq!((found.pixels, found.mean, found.rms, found.median), (4, 0.5, 0.5, 0.5));
        assert!((found.correlation - 1.0).abs() < 1e-12);
        assert!(compare_maps(first.view(), second.view(), mask.mapv(|_| false).view()).is_err());
    }
}
