//! Labels in the order in which memory meets them.

use super::Components;
use ndarray::Array3;
use std::collections::HashMap;

/// Gives labels new numbers from 1 by their first voxel in memory; 0 stays 0.
pub fn renumber(mut labels: Array3<u32>) -> Components {
    let mut numbers = HashMap::new();
    let (mut last, mut number) = (0, 0);
    for label in &mut labels {
        if *label != last {
            last = *label;
            let next = numbers.len() as u32 + 1;
            number = if last == 0 { 0 } else { *numbers.entry(last).or_insert(next) };
        }
        *label = number;
    }
    Components { count: numbers.len() as u32, labels }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn first_met_is_first() {
        let found = renumber(array![[[0, 7, 7, 0, u32::MAX]], [[3, 7, 3, u32::MAX, 0]]]);
        assert_eq!(found.labels, array![[[0, 1, 1, 0, 2]], [[3, 1, 3, 2, 0]]]);
        assert_eq!(found.count, 3);
    }
}
