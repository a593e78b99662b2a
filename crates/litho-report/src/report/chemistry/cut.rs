//! A plane through a volume, whichever way it lies.

use ndarray::{Array2, ArrayView3};

/// The values of `volume` `(z, y, x)` on a plane, linear between voxels.
///
/// `centre` is a place `(z, y, x)` in voxels, the middle of the first voxel being the origin. `axis_u` is the direction of
/// the result's columns to the right, `axis_v` that of its rows downward, both `(z, y, x)` of length 1; `size` is the number
/// of rows and columns, `step` the distance of neighbours in voxels. Pixel `(i, j)` lies at
/// `centre + step (j − (columns − 1)/2) u + step (i − (rows − 1)/2) v`. Outside of the volume the result is NaN; a voxel
/// that is not finite makes NaN of what lies between it and its neighbours.
pub fn cut(
    volume: ArrayView3<'_, f32>,
    centre: [f64; 3],
    axis_u: [f64; 3],
    axis_v: [f64; 3],
    (rows, columns): (usize, usize),
    step: f64,
) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |at| {
        sample(volume, place(centre, axis_u, axis_v, (rows, columns), step, at))
    })
}

fn place(
    centre: [f64; 3],
    u: [f64; 3],
    v: [f64; 3],
    (rows, columns): (usize, usize),
    step: f64,
    (i, j): (usize, usize),
) -> [f64; 3] {
    let right = step * (j as f64 - (columns as f64 - 1.0) / 2.0);
    let down = step * (i as f64 - (rows as f64 - 1.0) / 2.0);
    std::array::from_fn(|k| centre[k] + right * u[k] + down * v[k])
}

/// The value at a place `(z, y, x)`, `Σ w v` over the eight voxels around it; NaN outside of the volume.
pub(super) fn sample(volume: ArrayView3<'_, f32>, place: [f64; 3]) -> f32 {
    let dim = volume.dim();
    let extent = [dim.0, dim.1, dim.2];
    let mut low = [0usize; 3];
    let mut part = [0.0f64; 3];
    for k in 0..3 {
        let last = extent[k].saturating_sub(1) as f64;
        if !(place[k] >= 0.0 && place[k] <= last) || extent[k] == 0 {
            return f32::NAN;
        }
        // The last voxel is the upper one of its pair.
        low[k] = (place[k] as usize).min(extent[k].saturating_sub(2));
        part[k] = place[k] - low[k] as f64;
    }
    let mut sum = 0.0f64;
    for corner in 0..8 {
        let up = [corner >> 2 & 1, corner >> 1 & 1, corner & 1];
        let weight = (0..3).fold(1.0, |w, k| w * if up[k] == 1 { part[k] } else { 1.0 - part[k] });
        if weight > 0.0 {
            let at = std::array::from_fn::<usize, 3, _>(|k| low[k] + up[k]);
            sum += weight * f64::from(volume[at]);
        }
    }
    sum as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    #[test]
    fn a_linear_volume_is_cut_exactly_whichever_way() {
        // f = 2z − y + 3x is linear, so trilinear interpolation has no error but rounding of f32.
        let f = |p: [f64; 3]| 2.0 * p[0] - p[1] + 3.0 * p[2];
        let volume = Array3::from_shape_fn((12, 14, 16), |(z, y, x)| f([z, y, x].map(|i| i as f64)) as f32);
        let (u, v) = ([0.0, 0.6, 0.8], [1.0, 0.0, 0.0]);
        let centre = [5.3, 6.1, 7.2];
        let plane = cut(volume.view(), centre, u, v, (5, 7), 0.8);
        for ((i, j), value) in plane.indexed_iter() {
            let p = place(centre, u, v, (5, 7), 0.8, (i, j));
            assert!((f64::from(*value) - f(p)).abs() < 1e-4, "{i} {j}");
        }
        assert_eq!(plane[[2, 3]], sample(volume.view(), centre), "the middle pixel is the centre");
    }

    #[test]
    fn the_last_voxel_belongs_to_the_volume_and_beyond_is_nothing() {
        let volume = Array3::from_shape_fn((2, 2, 3), |(_, _, x)| x as f32);
        let along = cut(volume.view(), [1.0, 1.0, 1.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], (1, 5), 1.0);
        assert_eq!(along.row(0).to_vec()[1..4], [0.0, 1.0, 2.0]);
        assert!(along[[0, 0]].is_nan() && along[[0, 4]].is_nan());
        assert!(sample(volume.view(), [f64::NAN; 3]).is_nan());
        assert!(sample(Array3::zeros((0, 1, 1)).view(), [0.0; 3]).is_nan());
        let one = Array3::from_elem((1, 1, 1), 7.0f32);
        assert_eq!(sample(one.view(), [0.0; 3]), 7.0);
    }
}
