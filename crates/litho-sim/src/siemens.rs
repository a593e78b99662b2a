//! A Siemens star: the test pattern whose detail grows finer towards its centre.

use crate::error::SimError;
use crate::phantom::Material;
use litho_types::quantity::Metres;
use std::f64::consts::TAU;

/// A star of one material on nothing: spokes cut by a circular gap, a ring about them, and a circle of dots whose
/// diameters halve every third dot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiemensStar {
    /// Refractive index of the star.
    pub material: Material,
    /// Thickness of the star.
    pub thickness: Metres,
    /// Number of spokes; half of every turn is covered.
    pub spokes: u32,
    /// Where the spokes begin.
    pub inner_radius: Metres,
    /// Where the spokes end and the ring begins.
    pub outer_radius: Metres,
    /// Width of the ring; the gap is half as wide, the first dot as wide again.
    pub ring_width: Metres,
}

/// Number of dots about the star.
const DOTS: u32 = 12;

/// A checked star in plain numbers.
pub(crate) struct PreparedStar {
    material: Material,
    thickness: f64,
    spokes: f64,
    inner: f64,
    outer: f64,
    width: f64,
    /// Middle `(y, x)` and radius of every dot, metres.
    dots: Vec<(f64, f64, f64)>,
}

impl SiemensStar {
    pub(crate) fn prepared(&self) -> Result<PreparedStar, SimError> {
        let inner = SimError::positive("the inner radius of the star", self.inner_radius.value(), "m")?;
        let outer = SimError::positive("the outer radius of the star", self.outer_radius.value(), "m")?;
        let width = SimError::positive("the ring width of the star", self.ring_width.value(), "m")?;
        SimError::positive("the number of spokes", f64::from(self.spokes), "")?;
        if inner >= outer {
            let (quantity, value) = ("the inner radius of the star", self.inner_radius.to_string());
            return Err(SimError::Value { quantity, value, fix: "give one smaller than the outer radius" });
        }
        let dots = (0..DOTS).map(|dot| {
            let angle = TAU * f64::from(dot) / f64::from(DOTS);
            let distance = outer + 2.25 * width;
            (distance * angle.sin(), distance * angle.cos(), 0.5 * width * 0.5_f64.powf(f64::from(dot) / 3.0))
        });
        Ok(PreparedStar {
            material: self.material,
            thickness: SimError::not_negative("the thickness of the star", self.thickness.value(), "m")?,
            spokes: f64::from(self.spokes),
            inner,
            outer,
            width,
            dots: dots.collect(),
        })
    }
}

impl PreparedStar {
    pub(crate) fn material(&self) -> Material {
        self.material
    }

    /// Thickness at `(y, x)`, metres.
    pub(crate) fn thickness(&self, y: f64, x: f64) -> f64 {
        if self.covered(y, x) { self.thickness } else { 0.0 }
    }

    fn covered(&self, y: f64, x: f64) -> bool {
        let radius = y.hypot(x);
        if radius < self.inner {
            return false;
        }
        if radius < self.outer {
            // The gap lies where the period is the geometric mean of its extremes.
            let in_gap = (radius - (self.inner * self.outer).sqrt()).abs() < self.width / 4.0;
            return !in_gap && (self.spokes * y.atan2(x)).cos() > 0.0;
        }
        if radius < self.outer + self.width {
            return true;
        }
        self.dots
            .iter()
            .any(|(dot_y, dot_x, reach)| (y - dot_y).powi(2) + (x - dot_x).powi(2) < reach * reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn star() -> SiemensStar {
        SiemensStar {
            material: Material { delta: 1e-4, beta: 1e-5 },
            thickness: Metres::new(2e-7),
            spokes: 8,
            inner_radius: Metres::new(1.0),
            outer_radius: Metres::new(9.0),
            ring_width: Metres::new(1.0),
        }
    }

    #[test]
    fn spokes_gap_ring_and_dots_lie_where_they_should() {
        let star = star().prepared().unwrap();
        let at =
            |radius: f64, turn: f64| star.covered(radius * (TAU * turn).sin(), radius * (TAU * turn).cos());
        assert!(!at(0.5, 0.0), "open centre");
        assert!(at(2.0, 0.0) && !at(2.0, 1.0 / 16.0), "spoke and slot, half a period of 1/8 turn apart");
        assert!(!at(3.0, 0.0), "gap at √(1·9)");
        assert!(at(9.5, 0.03) && at(9.5, 1.0 / 16.0), "ring");
        assert!(at(11.25, 0.0) && !at(11.25, 1.0 / 24.0), "dots a twelfth of a turn apart");
        assert!(
            at(11.25 + 0.24, 0.25) && !at(11.25 + 0.26, 0.25),
            "the fourth dot is half as wide as the first"
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let error = SiemensStar { inner_radius: Metres::new(10.0), ..star() }.prepared().err().unwrap();
        assert!(error.to_string().contains("inner radius of the star is 10 m"), "{error}");
        assert!(SiemensStar { spokes: 0, ..star() }.prepared().is_err());
    }
}
