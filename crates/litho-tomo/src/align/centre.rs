//! The centre of mass of a projection lies where that of the sample is projected to.
//!
//! Over the angles it follows `axis + a cos θ + b sin θ` if the whole sample is seen at every angle: what differs from the
//! sinusoid is how far the projection is misplaced. A sample that leaves the field has no such centre.

use super::quality::median;
use ndarray::{ArrayView2, ArrayView3, Axis, s};
use rayon::prelude::*;

/// One part in this many of the columns, at either end, shows what lies around the sample.
const BORDER: usize = 20;

/// The centre of mass along x, pixels from the middle of pixel 0, of each projection `(angle, y, x)` above its background, the
/// median of its outer columns; `None` for a projection whose mass is nothing.
pub fn centres(projections: ArrayView3<'_, f32>) -> Vec<Option<f64>> {
    projections.axis_iter(Axis(0)).into_par_iter().map(centre).collect()
}

fn centre(image: ArrayView2<'_, f32>) -> Option<f64> {
    let background = f64::from(background(image)?);
    let rows = image.len_of(Axis(0)) as f64;
    let (mut mass, mut moment) = (0.0, 0.0);
    for (x, column) in image.axis_iter(Axis(1)).enumerate() {
        let sum = column.iter().map(|&value| f64::from(value)).sum::<f64>() - rows * background;
        mass += sum;
        moment += sum * x as f64;
    }
    let centre = moment / mass;
    // a mass made of noise throws its centre anywhere
    (0.0..image.len_of(Axis(1)) as f64).contains(&centre).then_some(centre)
}

/// The median of the outer columns.
pub(super) fn background(image: ArrayView2<'_, f32>) -> Option<f32> {
    let nx = image.len_of(Axis(1));
    let border = (nx / BORDER).max(1);
    let columns = [image.slice(s![.., ..border]), image.slice(s![.., nx - border..])];
    let values = columns.iter().flat_map(|part| part.iter().map(|&value| f64::from(value))).collect();
    median(values).map(|value| value as f32)
}

#[cfg(test)]
mod tests {
    use super::super::gauge::Sinusoid;
    use super::*;
    use litho_testkit::{Spheres, View};
    use litho_types::tilt::TiltAngles;

    #[test]
    fn centres_follow_a_sinusoid_about_the_axis() {
        let angles =
            TiltAngles::from_degrees(&(0..36).map(|k| 5.0 * f64::from(k)).collect::<Vec<_>>()).unwrap();
        let spheres = Spheres::random(30, 64.0, 40.0, 6).shrunk(0.7);
        for sign in [1.0, -1.0] {
            let mut projections =
                spheres.projections(&angles.radians(), (48, 80), 41.3, &vec![View::default(); 36]);
            projections.mapv_inplace(|value| sign * (value + 0.3));
            let centres: Vec<f64> = centres(projections.view()).into_iter().map(Option::unwrap).collect();
            let fit = Sinusoid::fit(&centres, &angles, true);
            // three rays per pixel misplace the centre of a disk of radius 1 or more by less than 0.01 px
            assert!((fit.constant - 41.3).abs() < 0.01 && fit.residual < 0.01, "{fit:?}");
        }
    }

    #[test]
    fn an_empty_projection_has_no_centre() {
        assert_eq!(centres(ndarray::Array3::zeros((1, 4, 30)).view()), [None]);
    }
}
