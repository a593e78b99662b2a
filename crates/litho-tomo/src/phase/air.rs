//! Where a projection shows no sample.

use super::ramp::{Ramp, median, robust_plane};
use crate::error::TomoError;
use litho_resolve::region::Rectangle;
use ndarray::{Array2, Array3, ArrayView2, Axis, Zip, s};

/// Where air is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Air {
    /// Found in each projection: begins at the left and right edge, where a sample that turns about a vertical axis is not.
    #[default]
    Automatic,
    /// These parts of every projection.
    Rectangles(Vec<Rectangle>),
    /// These pixels of every projection, `(y, x)`.
    Mask(Array2<bool>),
    /// These pixels of each projection, `(angle, y, x)`.
    Masks(Array3<bool>),
}

const NAME: &str = "phase of projections";

impl Air {
    /// An error unless it fits projections of this shape `(angle, y, x)`.
    pub(super) fn check(&self, (angles, ny, nx): (usize, usize, usize)) -> Result<(), TomoError> {
        let shape = |found: &[usize], wanted: &[usize]| TomoError::Shape {
            operation: NAME,
            array: "the mask of air",
            found: found.to_vec(),
            wanted: wanted.to_vec(),
        };
        match self {
            Self::Mask(mask) if mask.dim() != (ny, nx) => Err(shape(mask.shape(), &[ny, nx])),
            Self::Masks(masks) if masks.dim() != (angles, ny, nx) => {
                Err(shape(masks.shape(), &[angles, ny, nx]))
            }
            Self::Rectangles(list) => {
                let ends = |r: &Rectangle| (r.y.saturating_add(r.height), r.x.saturating_add(r.width));
                let outside = |r: &&Rectangle| {
                    let (bottom, right) = ends(r);
                    bottom > ny || right > nx || r.height == 0 || r.width == 0
                };
                match list.iter().find(outside) {
                    Some(rectangle) => Err(TomoError::OutsideProjection {
                        operation: NAME,
                        rectangle: rectangle.to_string(),
                        shape: (ny, nx),
                    }),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// The pixels said to be air in one projection; none if they are to be found.
    pub(super) fn given(&self, projection: usize, shape: (usize, usize)) -> Option<Array2<bool>> {
        match self {
            Self::Automatic => None,
            Self::Mask(mask) => Some(mask.clone()),
            Self::Masks(masks) => Some(masks.index_axis(Axis(0), projection).to_owned()),
            Self::Rectangles(list) => {
                let mut mask = Array2::from_elem(shape, false);
                for r in list {
                    mask.slice_mut(s![r.y..r.y + r.height, r.x..r.x + r.width]).fill(true);
                }
                Some(mask)
            }
        }
    }
}

/// Air of one projection and what it fixes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// Pixels that are air.
    pub(super) mask: Array2<bool>,
    /// Phase of air.
    pub(super) ramp: Ramp,
    /// Standard deviation of the phase there, radians, from the median.
    pub(super) noise: f64,
}

/// The plane through the pixels that are said to be air, as far as they are lit.
pub(super) fn in_given(
    phase: ArrayView2<'_, f32>,
    lit: ArrayView2<'_, bool>,
    given: &Array2<bool>,
) -> Option<Found> {
    let mask = Zip::from(given).and(lit).map_collect(|air, lit| *air && *lit);
    let (ramp, noise) = robust_plane(phase, mask.view())?;
    Some(Found { mask, ramp, noise })
}

/// Columns at each edge that are taken for air at first: a sixteenth of the width.
const STRIP: usize = 16;
/// Half width of the box over which the phase is averaged before it is compared with that of air.
const BOX: usize = 3;
/// Deviation of a box that still is air: that many standard deviations of the boxes at the edges …
const DEVIATIONS: f64 = 4.0;
/// … or that many radians, if they have no noise.
const SMALLEST: f64 = 1e-3;
/// Rounds of finding air with the plane and the plane with the air.
const ROUNDS: usize = 6;
/// Least share of the lit pixels that air must have.
pub(super) const LEAST_SHARE: f64 = 0.02;

/// Air of an unwrapped phase image: a plane through strips at the left and right edge, and then all pixels whose
/// surroundings lie on that plane; again until the pixels stay. `None` if a projection has no pixel at its edges.
pub(super) fn find(phase: ArrayView2<'_, f32>, lit: ArrayView2<'_, bool>) -> Option<Found> {
    let (_, nx) = phase.dim();
    let strip = (nx / STRIP).max(4).min(nx.div_ceil(2));
    let strips = Array2::from_shape_fn(phase.dim(), |(y, x)| lit[(y, x)] && (x < strip || x + strip >= nx));
    let (ramp, noise) = robust_plane(phase, strips.view())?;
    let mut found = Found { mask: strips.clone(), ramp, noise };
    for _ in 0..ROUNDS {
        let away = box_means(phase, lit, found.ramp);
        let here = |at: (usize, usize)| f64::from(away[at]);
        // boxes in what was air, outliers apart
        let inside = found.mask.indexed_iter().filter(|(_, air)| **air);
        let middle = median(inside.map(|(at, _)| here(at).abs()).collect())?;
        let limit = (DEVIATIONS * middle / 0.674_489_75).max(SMALLEST);
        let mask = Array2::from_shape_fn(phase.dim(), |at| lit[at] && here(at).abs() <= limit);
        if mask == found.mask {
            break;
        }
        let Some((ramp, noise)) = robust_plane(phase, mask.view()) else { break };
        found = Found { mask, ramp, noise };
    }
    Some(found)
}

/// Mean of `φ − ramp` over the lit pixels of the box around each pixel.
fn box_means(phase: ArrayView2<'_, f32>, lit: ArrayView2<'_, bool>, ramp: Ramp) -> Array2<f32> {
    let (ny, nx) = phase.dim();
    // sums of the rectangle above and to the left, with its number of pixels
    let mut sums = Array2::from_elem((ny + 1, nx + 1), [0.0_f64; 2]);
    for y in 0..ny {
        let mut row = [0.0; 2];
        for x in 0..nx {
            if lit[(y, x)] {
                row[0] += f64::from(phase[(y, x)]) - ramp.at(y, x);
                row[1] += 1.0;
            }
            let above = sums[(y, x + 1)];
            sums[(y + 1, x + 1)] = [above[0] + row[0], above[1] + row[1]];
        }
    }
    Array2::from_shape_fn((ny, nx), |(y, x)| {
        let (top, bottom) = (y.saturating_sub(BOX), (y + BOX + 1).min(ny));
        let (left, right) = (x.saturating_sub(BOX), (x + BOX + 1).min(nx));
        let total = |i: usize| {
            sums[(bottom, right)][i] - sums[(top, right)][i] - sums[(bottom, left)][i] + sums[(top, left)][i]
        };
        (total(0) / total(1)) as f32
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_testkit::Lcg;
    use litho_types::point::Point;

    const RAMP: Ramp = Ramp { offset: -2.0, slope: Point { y: 0.01, x: -0.03 } };

    /// A ball of phase −12 rad with a pillar below it, on a ramp.
    fn projection(noise: f64) -> (Array2<f32>, Array2<bool>) {
        let mut random = Lcg::new(3);
        let depth = |y: f64, x: f64| {
            let ball = (36.0_f64.powi(2) - (y - 60.0).powi(2) - (x - 70.0).powi(2)).max(0.0).sqrt() / 36.0;
            let pillar = if y > 60.0 && (x - 70.0).abs() < 10.0 { 4.0 } else { 0.0 };
            12.0 * ball + pillar
        };
        let mut matter = Array2::from_elem((120, 128), false);
        let phase = Array2::from_shape_fn((120, 128), |(y, x)| {
            matter[(y, x)] = depth(y as f64, x as f64) > 0.0;
            (RAMP.at(y, x) - depth(y as f64, x as f64) + noise * random.normal()) as f32
        });
        (phase, matter)
    }

    #[test]
    fn air_around_a_ball_on_a_pillar_is_found_and_fixes_the_ramp() {
        for noise in [0.0, 0.2] {
            let (phase, matter) = projection(noise);
            let lit = Array2::from_elem(phase.dim(), true);
            let found = find(phase.view(), lit.view()).expect("air");
            let air = matter.iter().filter(|matter| !**matter).count() as f64;
            let wrong = found.mask.iter().zip(&matter).filter(|(air, matter)| **air && **matter).count();
            // Only the rim of the ball, thinner than the noise of a box, may be mistaken.
            assert!((wrong as f64) < 0.01 * air, "{wrong}");
            assert!(found.mask.iter().filter(|air| **air).count() as f64 > 0.75 * air);
            // Corners of the image: the plane is known to 2σ/√n there; four of these. Without noise to the rounding of
            // f32, 1e-6, and the rim that counts as air.
            for (y, x) in [(0, 0), (0, 127), (119, 0), (60, 70)] {
                let error = found.ramp.at(y, x) - RAMP.at(y, x);
                assert!(error.abs() < 8.0 * noise / air.sqrt() + 1e-4, "noise {noise}, ({y}, {x}): {error}");
            }
            assert!((found.noise - noise).abs() < 0.05 * noise + 1e-3, "{}", found.noise);
        }
    }

    #[test]
    fn given_air_is_taken_as_it_is() {
        let (phase, _) = projection(0.0);
        let lit = Array2::from_elem(phase.dim(), true);
        let air = Air::Rectangles(vec![Rectangle { y: 0, x: 0, height: 120, width: 20 }]);
        assert!(air.check((3, 120, 128)).is_ok() && air.check((3, 119, 128)).is_err());
        let given = air.given(0, phase.dim()).expect("a mask");
        let found = in_given(phase.view(), lit.view(), &given).expect("air");
        assert_eq!(found.mask, given);
        assert!((found.ramp.slope.x - RAMP.slope.x).abs() < 1e-6);
        let wrong = Air::Mask(Array2::from_elem((2, 2), true));
        assert!(matches!(wrong.check((3, 120, 128)), Err(TomoError::Shape { .. })));
    }
}
