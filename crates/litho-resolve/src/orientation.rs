//! Which of the eight ways the detector lies relative to the scan, from the
//! data alone.
//!
//! The centre of mass of a far-field frame follows the gradient of the object's
//! phase (blurred by the probe), and a gradient field has no curl. A wrong
//! orientation swaps or flips its components and the curl appears: what is left
//! is `2 ∂²φ/∂x∂y`, `∂²φ/∂y² − ∂²φ/∂x²` or `∇²φ`. A rotation by 180° turns only
//! the sign, so the test tells pairs: `{o, o rotated by 180°}` always score the
//! same, and a short reconstruction must choose within the pair.

use crate::error::ResolveError;
use crate::solve::{cholesky, solve};
use litho_types::orientation::Orientation;
use litho_types::point::Point;
use rayon::prelude::*;

/// Score of one orientation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurlScore {
    /// The orientation.
    pub orientation: Orientation,
    /// Rms curl over the rms of all four first derivatives (root of their sum of squares), 0 to √2.
    pub curl: f64,
}

/// All eight orientations, the likeliest first.
#[derive(Debug, Clone, PartialEq)]
pub struct OrientationRanking {
    /// Sorted by curl; each orientation stands beside its 180° twin, the smaller number first.
    pub scores: [CurlScore; 8],
    /// Curl of the second-best pair over that of the best. 1 tells nothing; a
    /// measured Siemens star gives 1.7, simulations with 10 % noise more than 2.
    pub reliability: f64,
}

/// Neighbours through which each local plane is laid: the fewest that spread in two directions.
/// Twelve do on any even scan; scan lines with dense points need more.
const NEIGHBOURHOODS: [usize; 4] = [12, 24, 48, 96];
/// Smallest ratio of the principal variances of a neighbourhood that counts as two directions.
const FLATTEST: f64 = 0.1;
/// Most positions at which derivatives are taken; more scan points are thinned evenly.
const MOST_CENTRES: usize = 4000;
/// Fewest derivatives that make a score.
const FEWEST_CENTRES: usize = 9;

/// Derivatives of the vector field at one position.
#[derive(Debug, Clone, Copy)]
struct Derivatives {
    /// `(∂g_y/∂y, ∂g_x/∂y)`.
    along_y: (f64, f64),
    /// `(∂g_y/∂x, ∂g_x/∂x)`.
    along_x: (f64, f64),
}

/// Scores the eight orientations of the detector. `positions` are the beam
/// positions `(y, x)` on the object in any one unit of length; `centres` the
/// centres of mass `(y, x)` of the frames in stored detector axes
/// (see [`centres_of_mass`](crate::centre_of_mass::centres_of_mass)); frames
/// whose centre is not finite are left out.
///
/// At each position the field is fitted by a plane through its 12 nearest
/// neighbours (up to 96 if those lie in one scan line; least squares, weights falling as a Gaussian to e⁻² at the
/// farthest). The score is rms curl, `∂g_x/∂y − ∂g_y/∂x`, over the rms derivative.
///
/// # Errors
/// [`ResolveError`] if the lists differ in length, a position is not finite,
/// the field is constant, or the scan is too small or a mere line.
pub fn rank_orientations(
    positions: &[Point<f64>],
    centres: &[(f64, f64)],
) -> Result<OrientationRanking, ResolveError> {
    const NAME: &str = "orientation";
    if positions.len() != centres.len() {
        return Err(ResolveError::LengthMismatch {
            operation: NAME,
            first: "positions",
            first_len: positions.len(),
            second: "centres of mass",
            second_len: centres.len(),
        });
    }
    let points: Vec<[f64; 4]> = positions
        .iter()
        .zip(centres)
        .map(|(p, c)| [p.y, p.x, c.0, c.1])
        .filter(|point| point.iter().all(|v| v.is_finite()))
        .collect();
    let thinning = points.len().div_ceil(MOST_CENTRES).max(1);
    let centres_used: Vec<usize> = (0..points.len()).step_by(thinning).collect();
    let derivatives: Vec<Derivatives> = if points.len() > NEIGHBOURHOODS[0] {
        let fits: Vec<_> = centres_used.par_iter().map(|&at| local_derivatives(&points, at)).collect();
        fits.into_iter().flatten().collect()
    } else {
        Vec::new()
    };
    if derivatives.len() < FEWEST_CENTRES {
        let (usable, total) = (derivatives.len(), positions.len());
        return Err(ResolveError::TooFewPositions { usable, total, minimum: FEWEST_CENTRES });
    }
    let power = derivatives.iter().map(Derivatives::power).sum::<f64>();
    if power == 0.0 {
        return Err(ResolveError::NoSignal { operation: NAME, what: "the centre of mass never moves" });
    }
    let mut scores = Orientation::ALL.map(|orientation| {
        let curl: f64 = derivatives.iter().map(|d| d.curl(orientation).powi(2)).sum();
        CurlScore { orientation, curl: (curl / power).sqrt() }
    });
    // Twins tie to the last bit; the stable sort keeps them together unless two pairs tie as well.
    scores.sort_by(|a, b| a.curl.total_cmp(&b.curl));
    let reliability = scores[2].curl / scores[0].curl;
    Ok(OrientationRanking { scores, reliability })
}

impl Derivatives {
    fn power(&self) -> f64 {
        self.along_y.0.powi(2) + self.along_y.1.powi(2) + self.along_x.0.powi(2) + self.along_x.1.powi(2)
    }

    /// `∂g_x/∂y − ∂g_y/∂x` of the field turned into `orientation`.
    fn curl(&self, orientation: Orientation) -> f64 {
        orientation.apply_to_vector(self.along_y).1 - orientation.apply_to_vector(self.along_x).0
    }
}

/// Weighted plane through a point and its neighbours; `None` if even the widest
/// neighbourhood is a line.
fn local_derivatives(points: &[[f64; 4]], at: usize) -> Option<Derivatives> {
    let [y0, x0, ..] = points[at];
    let distance = |p: &[f64; 4]| (p[0] - y0).powi(2) + (p[1] - x0).powi(2);
    let mut order: Vec<(f64, usize)> = points.iter().map(distance).zip(0..).collect();
    // ties by index, so that the choice does not depend on the selection algorithm
    let by_distance = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    let widest = NEIGHBOURHOODS[NEIGHBOURHOODS.len() - 1].min(points.len() - 1);
    order.select_nth_unstable_by(widest, by_distance);
    order.truncate(widest + 1);
    order.sort_by(by_distance);
    let near = |count: usize| &order[..=count.min(widest)];
    let count = NEIGHBOURHOODS.into_iter().find(|&count| spread_ratio(points, near(count)) > FLATTEST)?;
    fit_plane(points, (y0, x0), near(count))
}

/// Smaller over larger principal variance of the positions of `neighbours`.
fn spread_ratio(points: &[[f64; 4]], neighbours: &[(f64, usize)]) -> f64 {
    let count = neighbours.len() as f64;
    let mean = |axis: usize| neighbours.iter().map(|&(_, i)| points[i][axis]).sum::<f64>() / count;
    let (my, mx) = (mean(0), mean(1));
    let [mut yy, mut xx, mut yx] = [0.0; 3];
    for &(_, i) in neighbours {
        let (dy, dx) = (points[i][0] - my, points[i][1] - mx);
        yy += dy * dy;
        xx += dx * dx;
        yx += dy * dx;
    }
    // eigenvalues of a symmetric 2×2 matrix: mean ± half the difference turned to its axes
    let (mean, half) = (0.5 * (yy + xx), (0.5 * (yy - xx)).hypot(yx));
    (mean - half) / (mean + half)
}

/// Derivatives of the plane through `neighbours`, (squared distance, index) rising.
fn fit_plane(points: &[[f64; 4]], (y0, x0): (f64, f64), neighbours: &[(f64, usize)]) -> Option<Derivatives> {
    let farthest = neighbours.last()?.0;
    let unit = farthest.sqrt();
    let (mut normal, mut right) = ([[0.0; 3]; 3], [[0.0; 3]; 2]);
    for &(squared, index) in neighbours {
        let [y, x, gy, gx] = points[index];
        let weight = (-2.0 * squared / farthest).exp();
        let row = [1.0, (y - y0) / unit, (x - x0) / unit];
        for i in 0..3 {
            for j in 0..3 {
                normal[i][j] += weight * row[i] * row[j];
            }
            right[0][i] += weight * row[i] * gy;
            right[1][i] += weight * row[i] * gx;
        }
    }
    let factor = cholesky(&normal)?;
    let ([_, gy_y, gy_x], [_, gx_y, gx_x]) = (solve(&factor, &right[0]), solve(&factor, &right[1]));
    Some(Derivatives { along_y: (gy_y / unit, gx_y / unit), along_x: (gy_x / unit, gx_x / unit) })
}
