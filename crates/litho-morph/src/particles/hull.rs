//! The convex outline of points in a plane.

/// Corners of the convex hull, anticlockwise from the smallest; points on its sides are left out (Andrew's monotone chain,
/// Inf. Process. Lett. 9, 216, 1979).
pub(super) fn hull(mut points: Vec<[i64; 2]>) -> Vec<[i64; 2]> {
    points.sort_unstable();
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut outline = chain(points.iter().copied());
    outline.pop();
    let back = chain(points.iter().rev().copied());
    outline.extend(&back[..back.len() - 1]);
    outline
}

/// The points between which every turn is to the left.
fn chain(points: impl Iterator<Item = [i64; 2]>) -> Vec<[i64; 2]> {
    let mut chain: Vec<[i64; 2]> = Vec::new();
    for point in points {
        while let [.., a, b] = chain[..] {
            let turn = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]);
            if turn > 0 {
                break;
            }
            chain.pop();
        }
        chain.push(point);
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_has_four_corners() {
        let points = (0..25).map(|i| [i / 5, i % 5]).collect();
        assert_eq!(hull(points), [[0, 0], [4, 0], [4, 4], [0, 4]]);
        assert_eq!(hull(vec![[1, 1], [1, 1]]), [[1, 1]]);
        assert_eq!(hull(vec![[0, 0], [2, 2], [1, 1]]), [[0, 0], [2, 2]]);
    }
}
