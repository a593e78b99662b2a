//! Where the beam goes: rasters and spirals, centred on `(0, 0)`.

use crate::error::SimError;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Most positions a scan may have.
const MAX_POSITIONS: usize = 10_000_000;

/// A raster of `(rows, columns)` points, row by row, each moved by up to `jitter` steps either way in `y` and `x`
/// (uniform; a strictly regular raster makes reconstructions ambiguous).
///
/// # Errors
/// [`SimError::Value`] for no points, a step that is not above zero, or a jitter outside 0–0.5.
pub fn raster(
    (rows, columns): (usize, usize),
    step: Point<Metres>,
    jitter: f64,
    seed: u64,
) -> Result<Vec<Point<Metres>>, SimError> {
    check_count(rows.saturating_mul(columns))?;
    SimError::positive("the raster step along y", step.y.value(), "m")?;
    SimError::positive("the raster step along x", step.x.value(), "m")?;
    if !(0.0..=0.5).contains(&jitter) {
        let fix = "give a fraction of the step between 0 and 0.5";
        return Err(SimError::Value { quantity: "the jitter of the raster", value: jitter.to_string(), fix });
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut place = |index: usize, count: usize, step: Metres| {
        let offset = jitter * (2.0 * rng.random::<f64>() - 1.0);
        step * (index as f64 - (count as f64 - 1.0) / 2.0 + offset)
    };
    Ok((0..rows * columns)
        .map(|i| {
            let y = place(i / columns, rows, step.y);
            Point::new(y, place(i % columns, columns, step.x))
        })
        .collect())
}

/// `count` points of a Fermat spiral, `r = c√n` at multiples of the golden angle, from the middle outwards (Huang et
/// al., Opt. Express 22, 12634, 2014). Every point has an area of `step²`, so `c = step/√π`.
///
/// # Errors
/// [`SimError::Value`] for no points or a step that is not above zero.
pub fn fermat_spiral(count: usize, step: Metres) -> Result<Vec<Point<Metres>>, SimError> {
    check_count(count)?;
    let step = SimError::positive("the step of the spiral", step.value(), "m")?;
    let golden_angle = std::f64::consts::PI * (3.0 - 5_f64.sqrt());
    let scale = step / std::f64::consts::PI.sqrt();
    Ok((0..count)
        .map(|n| {
            let (radius, angle) = (scale * (n as f64).sqrt(), golden_angle * n as f64);
            Point::new(Metres::new(radius * angle.sin()), Metres::new(radius * angle.cos()))
        })
        .collect())
}

fn check_count(count: usize) -> Result<(), SimError> {
    if (1..=MAX_POSITIONS).contains(&count) {
        return Ok(());
    }
    let fix = "give 1 to 10 million";
    Err(SimError::Value { quantity: "the number of positions", value: count.to_string(), fix })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raster_is_centred_and_stays_within_its_jitter() {
        let step = Point::new(Metres::new(2.0), Metres::new(3.0));
        let regular = raster((3, 4), step, 0.0, 0).unwrap();
        assert_eq!(regular[0], Point::new(Metres::new(-2.0), Metres::new(-4.5)));
        assert_eq!(regular[11], Point::new(Metres::new(2.0), Metres::new(4.5)));
        let jittered = raster((3, 4), step, 0.25, 7).unwrap();
        for (a, b) in regular.iter().zip(&jittered) {
            assert!((a.y - b.y).value().abs() <= 0.5 && (a.x - b.x).value().abs() <= 0.75);
            assert_ne!(a, b);
        }
        assert_eq!(jittered, raster((3, 4), step, 0.25, 7).unwrap());
        assert_ne!(jittered, raster((3, 4), step, 0.25, 8).unwrap());
    }

    #[test]
    fn a_spiral_gives_every_point_its_area() {
        let points = fermat_spiral(1000, Metres::new(2.0)).unwrap();
        let radius = |p: &Point<Metres>| p.y.value().hypot(p.x.value());
        // 1000 points of 4 m² fill a circle of radius √(4000/π) = 35.68 m.
        assert!((radius(&points[999]) - 35.68).abs() < 0.02);
        let nearest = |i: usize| {
            let other =
                |j: usize| (points[i].y - points[j].y).value().hypot((points[i].x - points[j].x).value());
            (0..1000).filter(|j| *j != i).map(other).fold(f64::INFINITY, f64::min)
        };
        // Sunflower packing: nearest neighbours are 1.7–2.0 c apart (Ridley 1982), c = 2/√π = 1.128.
        assert!((20..900).map(nearest).all(|d| (1.6..2.4).contains(&d)));
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(fermat_spiral(0, Metres::new(1.0)).is_err());
        assert!(fermat_spiral(5, Metres::new(0.0)).is_err());
        let step = Point::new(Metres::new(1.0), Metres::new(1.0));
        assert!(
            raster((2, 2), step, 0.7, 0).unwrap_err().to_string().contains("jitter of the raster is 0.7")
        );
        assert!(raster((usize::MAX, 2), step, 0.0, 0).is_err());
    }
}
