//! Something gathered for each key, plane by plane: every plane is one task, and planes are joined in ascending order.

use crate::error::MorphError;
use ndarray::ArrayView1;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Calls `gather` for each of `planes` planes and joins what they hold, in the order of planes whatever the threads do.
///
/// # Errors
/// The first error, by plane.
pub(crate) fn tally<K: Ord + Send, T: Send>(
    planes: usize,
    gather: impl Fn(usize) -> Result<BTreeMap<K, T>, MorphError> + Send + Sync,
    join: impl Fn(&mut T, T),
) -> Result<BTreeMap<K, T>, MorphError> {
    let parts: Vec<_> = (0..planes).into_par_iter().map(gather).collect();
    let mut whole = BTreeMap::new();
    for part in parts {
        for (key, value) in part? {
            match whole.get_mut(&key) {
                Some(sum) => join(sum, value),
                None => {
                    whole.insert(key, value);
                }
            }
        }
    }
    Ok(whole)
}

/// The runs of one label in a row, without those of label 0: label, first index, index after the last.
pub(crate) fn runs(row: ArrayView1<'_, u32>) -> impl Iterator<Item = (u32, usize, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while from < row.len() {
            let (label, start) = (row[from], from);
            while from < row.len() && row[from] == label {
                from += 1;
            }
            if label > 0 {
                return Some((label, start, from));
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr1;

    #[test]
    fn runs_leave_the_outside_out() {
        let row = arr1(&[0, 3, 3, 1, 0, 0, 2]);
        assert_eq!(runs(row.view()).collect::<Vec<_>>(), [(3, 1, 3), (1, 3, 4), (2, 6, 7)]);
        assert_eq!(runs(arr1(&[0, 0]).view()).count(), 0);
    }
}
