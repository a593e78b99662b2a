//! Where a curve over spatial frequency falls below its threshold.

use litho_types::quantity::Metres;

/// The spatial frequency up to which an image is resolved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// The curve crosses its threshold here, cycles per pixel.
    Crossing(f64),
    /// It stays above up to Nyquist: the pixel limits the resolution.
    PixelLimit,
    /// It is below the threshold from the lowest frequency on: nothing is resolved.
    Unresolved,
}

impl Limit {
    /// The frequency in cycles per pixel; Nyquist (0.5) at the pixel limit.
    pub fn frequency(self) -> Option<f64> {
        match self {
            Self::Crossing(frequency) => Some(frequency),
            Self::PixelLimit => Some(0.5),
            Self::Unresolved => None,
        }
    }

    /// Full-period resolution `1/q` in pixels; 2 at the pixel limit.
    pub fn full_period_pixels(self) -> Option<f64> {
        self.frequency().map(f64::recip)
    }

    /// Half-period resolution `1/2q` in pixels; 1 at the pixel limit.
    pub fn half_period_pixels(self) -> Option<f64> {
        self.full_period_pixels().map(|period| period / 2.0)
    }

    /// Full-period resolution for this `pixel`.
    pub fn full_period(self, pixel: Metres) -> Option<Metres> {
        self.full_period_pixels().map(|period| pixel * period)
    }

    /// Half-period resolution for this `pixel`.
    pub fn half_period(self, pixel: Metres) -> Option<Metres> {
        self.half_period_pixels().map(|period| pixel * period)
    }
}

/// First and last crossing of a noisy curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Where the curve falls below its threshold for the first time.
    pub first: Limit,
    /// Where it falls below for the last time.
    pub last: Limit,
}

/// Lowest frequency at which a crossing counts, cycles per pixel: 2 % of
/// Nyquist. The few rings below hold a handful of pixels and what is left of the ramp.
pub const LOWEST_FREQUENCY: f64 = 0.01;

/// Crossings of `curve` with `threshold`, both over `frequency` (cycles per
/// pixel, rising), by linear interpolation of their difference. Points that are
/// NaN or below [`LOWEST_FREQUENCY`] are passed over.
pub fn crossings(frequency: &[f64], curve: &[f64], threshold: &[f64]) -> Limits {
    crossings_from(LOWEST_FREQUENCY, frequency, curve, threshold)
}

/// [`crossings`] of which only those at `lowest` and above count.
pub fn crossings_from(lowest: f64, frequency: &[f64], curve: &[f64], threshold: &[f64]) -> Limits {
    let points: Vec<(f64, f64)> = frequency
        .iter()
        .zip(curve.iter().zip(threshold))
        .map(|(&f, (c, t))| (f, c - t))
        .filter(|(f, d)| *f >= lowest && d.is_finite())
        .collect();
    let between = |i: usize| {
        let ((f0, d0), (f1, d1)) = (points[i], points[i + 1]);
        Limit::Crossing(f0 + (f1 - f0) * d0 / (d0 - d1))
    };
    let first = match points.iter().position(|(_, d)| *d < 0.0) {
        Some(0) => Limit::Unresolved,
        Some(i) => between(i - 1),
        None if points.is_empty() => Limit::Unresolved,
        None => Limit::PixelLimit,
    };
    let last = match points.iter().rposition(|(_, d)| *d >= 0.0) {
        None => Limit::Unresolved,
        Some(i) if i + 1 == points.len() => Limit::PixelLimit,
        Some(i) => between(i),
    };
    Limits { first, last }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREQUENCY: [f64; 5] = [0.1, 0.2, 0.3, 0.4, 0.5];
    const HALF: [f64; 5] = [0.5; 5];

    #[test]
    fn first_and_last_are_interpolated() {
        // 0.9 → 0.4 crosses 0.5 after 4/5 of the way from 0.1; 0.6 → 0.1 after 1/5 of the way from 0.3.
        let limits = crossings(&FREQUENCY, &[0.9, 0.4, 0.6, 0.1, 0.0], &HALF);
        let near = |limit: Limit, f: f64| (limit.frequency().unwrap() - f).abs() < 1e-12;
        assert!(near(limits.first, 0.18) && near(limits.last, 0.32), "{limits:?}");
        // 1/0.32 = 3.125 px full period.
        let period = limits.last.full_period(Metres::new(10e-9)).unwrap();
        assert!((period.value() - 31.25e-9).abs() < 1e-20);
        assert!((limits.last.half_period_pixels().unwrap() - 1.5625).abs() < 1e-12);
    }

    #[test]
    fn without_a_crossing_the_pixel_or_nothing_limits() {
        let above = crossings(&FREQUENCY, &[1.0, f64::NAN, 0.9, 0.8, 0.5], &HALF);
        assert_eq!((above.first, above.last), (Limit::PixelLimit, Limit::PixelLimit));
        assert_eq!(above.first.half_period_pixels(), Some(1.0));
        let below = crossings(&FREQUENCY, &[0.1; 5], &HALF);
        assert_eq!((below.first, below.last), (Limit::Unresolved, Limit::Unresolved));
        assert_eq!(below.first.half_period_pixels(), None);
        assert_eq!(crossings(&[], &[], &[]).first, Limit::Unresolved);
    }
}
