//! Parts of Fourier space: cones around a direction, and what a tilt series measures.

use crate::error::ResolveError;
use litho_types::quantity::Radians;
use litho_types::tilt::TiltAngles;

/// A double cone of spatial frequencies around an axis through zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// What reports call it.
    pub name: String,
    /// The axis `(z, y, x)`, of any length but zero.
    pub axis: [f64; 3],
    /// Angle between the axis and the cone's surface, at most a quarter turn.
    pub half_angle: Radians,
}

impl Direction {
    /// Half angle that leaves the three cones around z, y and x apart.
    pub const USUAL_HALF_ANGLE: f64 = std::f64::consts::FRAC_PI_6;

    /// The cones around z, y and x.
    pub fn axes() -> Vec<Self> {
        [("z", [1.0, 0.0, 0.0]), ("y", [0.0, 1.0, 0.0]), ("x", [0.0, 0.0, 1.0])]
            .map(|(name, axis)| Self::new(name, axis))
            .into()
    }

    /// The cone around the frequencies that the projection at `tilt` measures within a slice: `x cos θ + y sin θ`, where
    /// y grows against the rows.
    pub fn at_tilt(name: &str, tilt: Radians) -> Self {
        let (sin, cos) = tilt.value().sin_cos();
        Self::new(name, [0.0, -sin, cos])
    }

    /// Cones around z, the middle of the measured tilts (`along`) and the middle of the missing ones (`across`).
    pub fn of_wedge(angles: &TiltAngles) -> Vec<Self> {
        let middle = Measured::tilts(angles).middle().unwrap_or(0.0);
        let at = |name: &str, tilt: f64| Self::at_tilt(name, Radians::new(tilt));
        vec![
            Self::new("z", [1.0, 0.0, 0.0]),
            at("along", middle),
            at("across", middle + std::f64::consts::FRAC_PI_2),
        ]
    }

    fn new(name: &str, axis: [f64; 3]) -> Self {
        Self { name: name.to_owned(), axis, half_angle: Radians::new(Self::USUAL_HALF_ANGLE) }
    }

    /// The axis of length one and the cosine of the half angle.
    pub(super) fn unit(&self, operation: &'static str) -> Result<([f64; 3], f64), ResolveError> {
        let length = self.axis.iter().map(|v| v * v).sum::<f64>().sqrt();
        if !(length.is_finite() && length > 0.0) {
            let (name, allowed) = ("the length of a direction's axis", "a positive number");
            return Err(ResolveError::InvalidSetting { operation, name, value: length, allowed });
        }
        let angle = self.half_angle.value();
        if !(angle > 0.0 && angle <= std::f64::consts::FRAC_PI_2) {
            let (name, allowed) = ("a direction's half angle in radians", "above 0 and at most π/2");
            return Err(ResolveError::InvalidSetting { operation, name, value: angle, allowed });
        }
        Ok((self.axis.map(|v| v / length), angle.cos()))
    }
}

/// Which spatial frequencies were measured at all; the others do not count.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Measured {
    /// All of them.
    #[default]
    Everywhere,
    /// Those within a slice at tilt angles from `first` to `last`, less than half a turn apart.
    Tilts {
        /// Lowest tilt.
        first: Radians,
        /// Highest tilt.
        last: Radians,
    },
}

impl Measured {
    /// What a tilt series measures: from half a mean step before the first angle to half a step beyond the last one;
    /// everything if that is half a turn or more.
    pub fn tilts(angles: &TiltAngles) -> Self {
        let angles = angles.radians();
        let (first, last) = (angles[0], angles[angles.len() - 1]);
        let step = (last - first) / (angles.len() - 1) as f64;
        if last - first + step >= std::f64::consts::PI {
            return Self::Everywhere;
        }
        Self::Tilts { first: Radians::new(first - 0.5 * step), last: Radians::new(last + 0.5 * step) }
    }

    /// Middle of the measured tilts.
    fn middle(self) -> Option<f64> {
        match self {
            Self::Everywhere => None,
            Self::Tilts { first, last } => Some(0.5 * (first.value() + last.value())),
        }
    }

    /// Was the frequency (z, y, x) measured? The rotation axis itself belongs to every projection.
    pub(super) fn holds(self, [_, qy, qx]: [f64; 3]) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Tilts { .. } if qy == 0.0 && qx == 0.0 => true,
            Self::Tilts { first, last } => {
                // a frequency and its opposite are one: modulo half a turn
                let tilt = (-qy).atan2(qx) - first.value();
                tilt.rem_euclid(std::f64::consts::PI) <= last.value() - first.value()
            }
        }
    }

    pub(super) fn check(self, operation: &'static str) -> Result<(), ResolveError> {
        let Self::Tilts { first, last } = self else { return Ok(()) };
        let range = last.value() - first.value();
        if range > 0.0 && range < std::f64::consts::PI {
            return Ok(());
        }
        let (name, allowed) = ("the range of measured tilts in radians", "above 0 and below π");
        Err(ResolveError::InvalidSetting { operation, name, value: range, allowed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wedge_of_tilts_is_a_wedge_of_frequencies() {
        let degrees: Vec<f64> = (-80..=77).map(f64::from).collect();
        let measured = Measured::tilts(&TiltAngles::from_degrees(&degrees).expect("angles"));
        let at = |tilt: f64| {
            let (sin, cos) = f64::to_radians(tilt).sin_cos();
            measured.holds([0.3, -sin, cos])
        };
        // Half a degree is added at both ends; 100° is the opposite of −80°.
        assert!(at(0.0) && at(77.4) && at(-80.4) && at(100.0) && at(99.6));
        assert!(!at(78.0) && !at(90.0) && !at(99.4) && !at(-81.0));
        assert!(measured.holds([0.3, 0.0, 0.0]));
        let full: Vec<f64> = (0..180).map(f64::from).collect();
        assert_eq!(Measured::tilts(&TiltAngles::from_degrees(&full).expect("angles")), Measured::Everywhere);
        // The missing direction lies a quarter turn from the middle, −1.5°.
        let across = &Direction::of_wedge(&TiltAngles::from_degrees(&degrees).expect("angles"))[2];
        assert!((across.axis[1].abs() - f64::to_radians(1.5).cos()).abs() < 1e-12, "{across:?}");
    }
}
