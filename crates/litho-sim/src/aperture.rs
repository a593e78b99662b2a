//! The angular apertures of focusing optics, with anti-aliased edges.

/// Amplitude that an optic passes at each angle to the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Aperture {
    /// Between two half-angles, radians.
    Annulus { outer: f64, inner: f64 },
    /// Within half-angles `(y, x)`, radians.
    Rectangle { half: (f64, f64) },
    /// `exp(−(θ/width)²)` with `width` = (y, x), radians.
    Gaussian { width: (f64, f64) },
}

/// Where a Gaussian amplitude falls below 10⁻³, in units of its width: √(ln 1000).
const GAUSSIAN_REACH: f64 = 2.628;

impl Aperture {
    /// Amplitude at `angle` = (y, x), averaged over a cell of the sampling (radians).
    pub(crate) fn amplitude(&self, angle: (f64, f64), cell: (f64, f64)) -> f64 {
        match *self {
            Self::Annulus { outer, inner } => disk(outer, angle, cell) - disk(inner, angle, cell),
            Self::Rectangle { half } => slit(half.0, angle.0, cell.0) * slit(half.1, angle.1, cell.1),
            Self::Gaussian { width } => (-(angle.0 / width.0).powi(2) - (angle.1 / width.1).powi(2)).exp(),
        }
    }

    /// Half-angles `(y, x)` beyond which nothing passes, radians.
    pub(crate) fn half_angles(&self) -> (f64, f64) {
        match *self {
            Self::Annulus { outer, .. } => (outer, outer),
            Self::Rectangle { half } => half,
            Self::Gaussian { width } => (GAUSSIAN_REACH * width.0, GAUSSIAN_REACH * width.1),
        }
    }
}

/// Fraction of a cell inside a disk about the axis: the edge is a straight line seen along its normal.
pub(crate) fn disk(radius: f64, at: (f64, f64), cell: (f64, f64)) -> f64 {
    if radius <= 0.0 {
        return 0.0;
    }
    let distance = at.0.hypot(at.1);
    // Width of the cell along the direction to the axis.
    let width = if distance > 0.0 {
        (at.0.abs() * cell.0 + at.1.abs() * cell.1) / distance
    } else {
        cell.0.max(cell.1)
    };
    ((radius - distance) / width + 0.5).clamp(0.0, 1.0)
}

/// Fraction of a cell of width `cell` at `at` inside `|x| ≤ half`.
pub(crate) fn slit(half: f64, at: f64, cell: f64) -> f64 {
    let (low, high) = ((at - cell / 2.0).max(-half), (at + cell / 2.0).min(half));
    ((high - low) / cell).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_those_of_geometry() {
        let cell = (0.5, 0.25);
        let sum = |amplitude: &dyn Fn(f64, f64) -> f64| -> f64 {
            let cells =
                (-60..=60).flat_map(|y| (-120..=120).map(move |x| (f64::from(y) * 0.5, f64::from(x) * 0.25)));
            cells.map(|(y, x)| amplitude(y, x)).sum::<f64>() * cell.0 * cell.1
        };
        // A slit is exact.
        let rectangle = Aperture::Rectangle { half: (7.3, 4.1) };
        assert!((sum(&|y, x| rectangle.amplitude((y, x), cell)) - 4.0 * 7.3 * 4.1).abs() < 1e-9);
        // The straight-edge rule errs by the curvature within a cell, of order (cell/radius)² = 0.2 %.
        let annulus = Aperture::Annulus { outer: 12.3, inner: 4.4 };
        let area = std::f64::consts::PI * (12.3 * 12.3 - 4.4 * 4.4);
        assert!((sum(&|y, x| annulus.amplitude((y, x), cell)) / area - 1.0).abs() < 2e-3);
    }

    #[test]
    fn a_gaussian_ends_where_it_says() {
        let gaussian = Aperture::Gaussian { width: (2.0, 3.0) };
        let (y, x) = gaussian.half_angles();
        for angle in [(y, 0.0), (0.0, x)] {
            assert!((gaussian.amplitude(angle, (1.0, 1.0)) - 1e-3).abs() < 1e-5);
        }
    }
}
