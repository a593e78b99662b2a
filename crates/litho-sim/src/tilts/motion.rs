//! How the sample and the beam stray from projection to projection.

use super::view::View;
use litho_types::point::Point;
use litho_types::quantity::{Metres, Radians};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::TAU;

/// Periods of the slow drift over the whole series.
const PERIODS: f64 = 1.7;

/// Sizes of the strays; lengths in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Motion {
    /// Standard deviation of a projection's shift about the drift, along y and x. It ends at 2½ of it.
    pub jitter: f64,
    /// Largest drift along y and x. It is smooth.
    pub drift: f64,
    /// Distance of the rotation axis from the middle of the image, along x.
    pub axis: f64,
    /// Standard deviation of the turn of an image.
    pub turn: Radians,
    /// Standard deviation of the magnification about 1.
    pub scale: f64,
}

/// What a reconstruction of one projection leaves undetermined: factor and ramp of its transmission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gauge {
    /// Factor of the amplitude.
    pub amplitude: f64,
    /// Phase at the middle of the image.
    pub phase: Radians,
    /// Phase added from one pixel to the next, `(y, x)`, radians.
    pub ramp: Point<f64>,
}

/// Sizes of the gauges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaugeSpread {
    /// Standard deviation of the logarithm of the amplitude.
    pub amplitude: f64,
    /// Largest ramp along y and x, radians per pixel; uniform.
    pub ramp: f64,
}

/// A smooth way that stays within ±1.
#[derive(Debug, Clone, Copy)]
struct Drift {
    slope: f64,
    phase: f64,
}

impl Drift {
    fn new(rng: &mut impl Rng) -> Self {
        Self { slope: 1.2 * rng.random::<f64>() - 0.6, phase: TAU * rng.random::<f64>() }
    }

    /// The place when the share `time` of the series is done.
    fn at(self, time: f64) -> f64 {
        self.slope * (2.0 * time - 1.0) + (1.0 - self.slope.abs()) * (TAU * PERIODS * time + self.phase).sin()
    }
}

impl Motion {
    /// The largest shift there can be, pixels.
    pub fn reach(&self) -> f64 {
        self.axis.abs() + self.drift + LIMIT * self.jitter
    }

    /// Views at these angles of a sample that strays; `pixel` in metres.
    pub fn views(&self, angles: &[Radians], pixel: f64, rng: &mut impl Rng) -> Vec<View> {
        let drift = [Drift::new(rng), Drift::new(rng)];
        let count = angles.len() as f64;
        let views = angles.iter().enumerate().map(|(index, &angle)| {
            let time = (index as f64 + 0.5) / count;
            let mut along = |axis: usize| {
                Metres::new(pixel * (self.drift * drift[axis].at(time) + self.jitter * normal(rng)))
            };
            let shift = Point::new(along(0), along(1) + Metres::new(self.axis * pixel));
            let turn = Radians::new(self.turn.value() * normal(rng));
            View { angle, shift, turn, scale: 1.0 + self.scale * normal(rng) }
        });
        views.collect()
    }
}

impl GaugeSpread {
    /// `count` gauges.
    pub fn draw(&self, count: usize, rng: &mut impl Rng) -> Vec<Gauge> {
        let gauges = (0..count).map(|_| {
            let mut uniform = |largest: f64| largest * (2.0 * rng.random::<f64>() - 1.0);
            let ramp = Point::new(uniform(self.ramp), uniform(self.ramp));
            let phase = Radians::new(uniform(TAU / 2.0));
            Gauge { amplitude: (self.amplitude * normal(rng)).exp(), phase, ramp }
        });
        gauges.collect()
    }
}

/// Where the normal distribution of strays is cut off.
const LIMIT: f64 = 2.5;

/// A normal number within [`LIMIT`].
fn normal(rng: &mut impl Rng) -> f64 {
    let drawn: f64 = StandardNormal.sample(rng);
    drawn.clamp(-LIMIT, LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn strays_stay_within_their_reach() {
        let motion = Motion { jitter: 1.0, drift: 3.0, axis: -1.5, turn: Radians::new(0.01), scale: 0.002 };
        let angles: Vec<Radians> = (0..400).map(|i| Radians::new(f64::from(i) * 0.005)).collect();
        let views = motion.views(&angles, 2.0, &mut ChaCha8Rng::seed_from_u64(1));
        let reach = 2.0 * motion.reach();
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for (view, angle) in views.iter().zip(&angles) {
            assert_eq!(view.angle, *angle);
            let (y, x) = (view.shift.y.value(), view.shift.x.value());
            assert!(y.abs() <= reach && (x + 3.0).abs() <= reach - 3.0);
            assert!(view.turn.value().abs() <= 0.025 + 1e-12 && (view.scale - 1.0).abs() <= 0.005 + 1e-12);
            (low, high) = (low.min(y), high.max(y));
        }
        // Drift of more than a period: it goes from one side to the other.
        assert!(high - low > 2.0 * 3.0, "{low} {high}");
        let again = motion.views(&angles, 2.0, &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(views, again);
    }
}
