//! Numbers for pixels that have none, so that a transform can be taken.

use ndarray::{Array2, ArrayView2};

/// The image with every pixel that is not finite filled from its neighbours: ring by ring, each takes the mean of
/// those of its eight neighbours that have a number. `None` if no pixel has one.
///
/// The fill is smooth, so that the rim of a hole is no edge that holds a moving image in place.
pub fn filled(image: ArrayView2<'_, f32>) -> Option<Array2<f64>> {
    let mut values = image.mapv(|v| if v.is_finite() { f64::from(v) } else { f64::NAN });
    let mut empty: Vec<(usize, usize)> =
        values.indexed_iter().filter(|(_, v)| v.is_nan()).map(|(at, _)| at).collect();
    if empty.len() == values.len() {
        return None;
    }
    while !empty.is_empty() {
        let means: Vec<((usize, usize), f64)> = empty
            .iter()
            .map(|&at| (at, mean_around(&values, at)))
            .filter(|(_, mean)| mean.is_finite())
            .collect();
        for (at, mean) in means {
            values[at] = mean;
        }
        empty.retain(|&at| values[at].is_nan());
    }
    Some(values)
}

/// Mean of the neighbours that have a number; NaN if none has.
fn mean_around(values: &Array2<f64>, (y, x): (usize, usize)) -> f64 {
    let (ny, nx) = values.dim();
    let mut sum = 0.0;
    let mut count = 0_u32;
    for row in y.saturating_sub(1)..(y + 2).min(ny) {
        for column in x.saturating_sub(1)..(x + 2).min(nx) {
            let value = values[(row, column)];
            if !value.is_nan() {
                sum += value;
                count += 1;
            }
        }
    }
    sum / f64::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn a_hole_takes_the_mean_of_its_rim_and_nothing_else_changes() {
        let nan = f32::NAN;
        let image = arr2(&[[1.0, 2.0, 3.0], [4.0, nan, 6.0], [7.0, 8.0, 9.0]]);
        let full = filled(image.view()).unwrap();
        // (1 + 2 + 3 + 4 + 6 + 7 + 8 + 9)/8 = 5
        assert_eq!(full, arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]));
        let row = arr2(&[[2.0, nan, nan, f32::INFINITY]]);
        assert_eq!(filled(row.view()).unwrap(), arr2(&[[2.0, 2.0, 2.0, 2.0]]));
        assert!(filled(arr2(&[[nan]]).view()).is_none());
    }
}
