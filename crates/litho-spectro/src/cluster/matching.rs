//! Labels of one run carried over to another: an assignment of centres to centres.

use super::ClusterError;
use ndarray::ArrayView2;

/// Which label of a previous result each label has.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// For each label of the new result (place 0 is label 1) the previous label, or a number above those for a cluster that
    /// has no partner.
    pub label: Vec<u16>,
    /// Distance of each centre to its partner's in standardised units; NaN without a partner.
    pub distance: Vec<f64>,
}

impl Matching {
    /// New labels, 0 staying 0, in the numbers of the previous result.
    pub fn relabel(&self, labels: &[u16]) -> Vec<u16> {
        let one = |&label: &u16| match usize::from(label).checked_sub(1) {
            Some(place) => self.label.get(place).copied().unwrap_or(label),
            None => 0,
        };
        labels.iter().map(one).collect()
    }
}

/// Pairs centres `(cluster, descriptor)` with those of a previous result so that the sum of squared distances, each
/// descriptor divided by `sigma`, is smallest (Kuhn, Nav. Res. Logist. Q. 2, 83 (1955)). The two may differ in number.
///
/// # Errors
/// [`ClusterError::Length`] if the numbers of descriptors differ.
pub fn match_labels(
    previous: ArrayView2<f64>,
    centres: ArrayView2<f64>,
    sigma: &[f64],
) -> Result<Matching, ClusterError> {
    let d = centres.ncols();
    for (second, second_len) in [("previous descriptors", previous.ncols()), ("sigmas", sigma.len())] {
        if d != second_len {
            return Err(ClusterError::Length {
                operation: "match labels",
                first: "descriptors",
                first_len: d,
                second,
                second_len,
            });
        }
    }
    let square = |new: usize, old: usize| {
        (0..d).map(|c| ((centres[[new, c]] - previous[[old, c]]) / sigma[c]).powi(2)).sum::<f64>()
    };
    let (new, old) = (centres.nrows(), previous.nrows());
    let n = new.max(old);
    // A partner that does not exist costs nothing, as it costs the same for everybody.
    let cost = |i: usize, j: usize| if i < new && j < old { square(i, j) } else { 0.0 };
    let partner = assignment(n, cost);
    let (mut label, mut distance, mut next) = (Vec::new(), Vec::new(), old as u16);
    for (i, &j) in partner.iter().enumerate().take(new) {
        if j < old {
            label.push(j as u16 + 1);
            distance.push(square(i, j).sqrt());
        } else {
            next += 1;
            label.push(next);
            distance.push(f64::NAN);
        }
    }
    Ok(Matching { label, distance })
}

/// The column of each row in the cheapest assignment of an `n × n` cost: shortest augmenting paths with potentials.
pub(super) fn assignment(n: usize, cost: impl Fn(usize, usize) -> f64) -> Vec<usize> {
    // Rows and columns count from 1; column 0 is the start of each path.
    let (mut u, mut v) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    let mut row_of = vec![0_usize; n + 1];
    for row in 1..=n {
        row_of[0] = row;
        let (mut least, mut from) = (vec![f64::INFINITY; n + 1], vec![0_usize; n + 1]);
        let mut used = vec![false; n + 1];
        let mut column = 0;
        while row_of[column] != 0 {
            used[column] = true;
            let (here, mut delta, mut next) = (row_of[column], f64::INFINITY, 0);
            for j in (1..=n).filter(|&j| !used[j]) {
                let reduced = cost(here - 1, j - 1) - u[here] - v[j];
                if reduced < least[j] {
                    (least[j], from[j]) = (reduced, column);
                }
                if least[j] < delta {
                    (delta, next) = (least[j], j);
                }
            }
            for j in 0..=n {
                if used[j] {
                    u[row_of[j]] += delta;
                    v[j] -= delta;
                } else {
                    least[j] -= delta;
                }
            }
            column = next;
        }
        while column != 0 {
            row_of[column] = row_of[from[column]];
            column = from[column];
        }
    }
    let mut columns = vec![0; n];
    for column in 1..=n {
        columns[row_of[column] - 1] = column - 1;
    }
    columns
}
