//! Rows with missing pixels, for methods that need them all.

use crate::sheet::Sheet;

/// Fills pixels of weight 0 in a straight line between their measured neighbours in the row, at the ends with the nearest
/// one; a row without any with the straight line between the nearest rows in angle. Nothing is filled in a slice without a
/// measured pixel.
pub(crate) fn fill(rays: &mut Sheet, weights: &Sheet, slices: usize) {
    let (rows, width) = (rays.rows(), rays.width());
    for slice in 0..slices {
        let mut empty = vec![false; rows];
        for (row, empty) in empty.iter_mut().enumerate() {
            let measured: Vec<bool> =
                weights.row(row).iter().map(|cell| cell.slices()[slice] > 0.0).collect();
            if measured.iter().all(|&measured| measured) {
                continue;
            }
            let mut line: Vec<f32> = rays.row(row).iter().map(|cell| cell.slices()[slice]).collect();
            *empty = !fill_line(&mut line, &measured);
            for (cell, value) in rays.row_mut(row).iter_mut().zip(line) {
                cell.slices_mut()[slice] = value;
            }
        }
        if empty.iter().any(|&empty| empty) {
            let measured: Vec<bool> = empty.iter().map(|empty| !empty).collect();
            for x in 0..width {
                let mut line: Vec<f32> = (0..rows).map(|row| rays.row(row)[x].slices()[slice]).collect();
                fill_line(&mut line, &measured);
                for (row, value) in line.into_iter().enumerate() {
                    rays.row_mut(row)[x].slices_mut()[slice] = value;
                }
            }
        }
    }
}

/// False if nothing was measured.
fn fill_line(line: &mut [f32], measured: &[bool]) -> bool {
    let known: Vec<usize> = (0..line.len()).filter(|&place| measured[place]).collect();
    let (Some(&first), Some(&last)) = (known.first(), known.last()) else {
        return false;
    };
    let (begin, end) = (line[first], line[last]);
    line[..first].fill(begin);
    line[last + 1..].fill(end);
    for pair in known.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        for place in a + 1..b {
            let part = (place - a) as f32 / (b - a) as f32;
            line[place] = line[a] + part * (line[b] - line[a]);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_in_straight_lines() {
        let mut line = [0.0, 1.0, 0.0, 0.0, 4.0, 0.0];
        assert!(fill_line(&mut line, &[false, true, false, false, true, false]));
        assert_eq!(line, [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]);
        assert!(!fill_line(&mut [0.0], &[false]));
    }
}
