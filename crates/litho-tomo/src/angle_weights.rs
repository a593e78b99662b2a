//! Which part of the half turn each projection stands for.

use std::f64::consts::PI;

/// For each angle, half the distance to its neighbours on either side modulo half a turn, in radians. A gap much wider
/// than the others is a missing wedge: what borders on it counts as if the median gap were there.
pub(crate) fn angle_weights(angles: &[f64]) -> Vec<f64> {
    let count = angles.len();
    let mut order: Vec<(f64, usize)> =
        angles.iter().enumerate().map(|(place, angle)| (angle.rem_euclid(PI), place)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let gaps: Vec<f64> = (0..count)
        .map(|k| if k + 1 < count { order[k + 1].0 - order[k].0 } else { order[0].0 + PI - order[k].0 })
        .collect();
    let mut sorted: Vec<f64> = gaps.iter().copied().filter(|&gap| gap > SAME).collect();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(PI);
    let capped = |gap: f64| if gap > WEDGE * median { median } else { gap };
    let mut weights = vec![0.0; count];
    for (k, &(_, place)) in order.iter().enumerate() {
        let before = gaps[(k + count - 1) % count];
        weights[place] = 0.5 * (capped(before) + capped(gaps[k]));
    }
    share_among_equal(&order, &gaps, &mut weights);
    weights
}

/// Angles nearer than this are one direction.
const SAME: f64 = 1e-9;
/// Gaps this many times the median are a missing wedge.
const WEDGE: f64 = 2.0;

/// Projections along one direction share its weight evenly: half distances alone would give all of it to the outer two.
fn share_among_equal(order: &[(f64, usize)], gaps: &[f64], weights: &mut [f64]) {
    let mut start = 0;
    for end in 1..=order.len() {
        if end == order.len() || gaps[end - 1] > SAME {
            let places = order[start..end].iter().map(|&(_, place)| place);
            let mean = places.clone().map(|place| weights[place]).sum::<f64>() / (end - start) as f64;
            places.for_each(|place| weights[place] = mean);
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of a few hundred double-precision numbers.
    const ROUNDING: f64 = 1e-12;

    fn radians(degrees: impl IntoIterator<Item = f64>) -> Vec<f64> {
        degrees.into_iter().map(f64::to_radians).collect()
    }

    #[test]
    fn even_angles_share_the_half_turn() {
        let half = angle_weights(&radians((0..180).map(f64::from)));
        assert!(half.iter().all(|weight| (weight - PI / 180.0).abs() < ROUNDING));
        let full = angle_weights(&radians((0..360).map(f64::from)));
        assert!(
            full.iter().all(|weight| (weight - PI / 360.0).abs() < 1e-9),
            "both halves of the turn count"
        );
    }

    #[test]
    fn a_missing_wedge_adds_nothing() {
        let weights = angle_weights(&radians((-80..78).map(f64::from)));
        assert!(weights.iter().all(|weight| (weight - PI / 180.0).abs() < ROUNDING));
    }

    #[test]
    fn uneven_angles_count_half_their_gaps() {
        let weights = angle_weights(&radians([0.0, 40.0, 60.0, 110.0, 140.0]));
        let wanted = radians([40.0, 30.0, 35.0, 40.0, 35.0]);
        for (found, wanted) in weights.iter().zip(wanted) {
            assert!((found - wanted).abs() < ROUNDING, "{weights:?}");
        }
    }
}
