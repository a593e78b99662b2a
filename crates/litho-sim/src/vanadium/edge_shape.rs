//! The shape of an absorption edge: eq. 1 of the vanadium paper in units of its jump.

use std::f64::consts::PI;

/// Parameters of eq. 1 with the jump `b1` divided out; energies in eV.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeShape {
    /// Edge energy `b2`, where the error function is at half its height.
    pub edge_energy: f64,
    /// Width `b3` of the error function.
    pub edge_width: f64,
    /// Area of the pre-edge peak over the jump, `π c11 c13/b1`, eV.
    pub pre_edge_ratio: f64,
    /// Centre `c12` of the pre-edge peak.
    pub pre_edge_energy: f64,
    /// Half width `c13` of the pre-edge peak.
    pub pre_edge_width: f64,
    /// Height of the white line over the jump, `c21/b1`.
    pub white_line_height: f64,
    /// Centre `c22` of the white line.
    pub white_line_energy: f64,
    /// Half width `c23` of the white line.
    pub white_line_width: f64,
}

impl EdgeShape {
    /// `(μt(E) − a)/b1` at `energy` in eV.
    pub fn at(&self, energy: f64) -> f64 {
        // eq. 1: ½[1 + erf((E − b2)/b3)] + Σ c_i1/[1 + ((E − c_i2)/c_i3)²]
        let step = 0.5 * (1.0 + erf((energy - self.edge_energy) / self.edge_width));
        let pre_edge_height = self.pre_edge_ratio / (PI * self.pre_edge_width);
        let peak =
            |height: f64, centre: f64, width: f64| height / (1.0 + ((energy - centre) / width).powi(2));
        step + peak(pre_edge_height, self.pre_edge_energy, self.pre_edge_width)
            + peak(self.white_line_height, self.white_line_energy, self.white_line_width)
    }

    /// The same shape with edge and white line moved by `shift` eV; the pre-edge peak stays.
    #[must_use]
    pub fn with_edge_moved(self, shift: f64) -> Self {
        Self {
            edge_energy: self.edge_energy + shift,
            white_line_energy: self.white_line_energy + shift,
            ..self
        }
    }

    /// The same shape with another area of the pre-edge peak.
    #[must_use]
    pub const fn with_pre_edge_ratio(self, pre_edge_ratio: f64) -> Self {
        Self { pre_edge_ratio, ..self }
    }
}

/// The error function, to a few units in the last place.
fn erf(x: f64) -> f64 {
    /// Beyond this 1 − |erf| is below 2·10⁻¹⁷.
    const FLAT: f64 = 6.0;
    if x.abs() > FLAT {
        return x.signum();
    }
    // erf x = (2/√π) exp(−x²) Σ 2ⁿ x^(2n+1)/(1·3·…·(2n+1)): all terms of one sign (DLMF 7.6.2).
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        odd += 2.0;
        term *= 2.0 * x * x / odd;
        sum += term;
    }
    2.0 / PI.sqrt() * (-x * x).exp() * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vanadium::Kind;

    #[test]
    fn the_error_function_has_its_published_values() {
        // Abramowitz & Stegun, table 7.1.
        for (x, value) in [(0.0, 0.0), (0.5, 0.520_499_877_8), (1.0, 0.842_700_792_9), (2.0, 0.995_322_265_0)]
        {
            assert!((erf(x) - value).abs() < 1e-10, "{x}: {}", erf(x));
            assert_eq!(erf(-x), -erf(x));
        }
        assert_eq!(erf(7.0), 1.0);
    }

    #[test]
    fn every_kind_has_the_edge_and_the_pre_edge_area_it_states() {
        for kind in Kind::ALL {
            let shape = kind.edge();
            let without_peaks = EdgeShape { pre_edge_ratio: 0.0, white_line_height: 0.0, ..shape };
            // The error function passes its half height at b2, with the slope 1/(b3 √π).
            assert_eq!(without_peaks.at(shape.edge_energy), 0.5);
            let h = 1e-3;
            let slope = (without_peaks.at(shape.edge_energy + h) - without_peaks.at(shape.edge_energy - h))
                / (2.0 * h);
            // The second difference misses the slope by h²/b3² of it, 10⁻⁷; rounding adds 10⁻¹³/h.
            assert!((slope * shape.edge_width * PI.sqrt() - 1.0).abs() < 1e-6, "{kind:?}: {slope}");
            // Area of the pre-edge alone by the midpoint rule on ±L: all but 2 c13/(πL) of it.
            let alone = |e: f64| shape.at(e) - shape.with_pre_edge_ratio(0.0).at(e);
            let (reach, step) = (2000.0, 0.05);
            let area: f64 = (0..(2.0 * reach / step) as usize)
                .map(|i| alone(shape.pre_edge_energy - reach + (i as f64 + 0.5) * step) * step)
                .sum();
            let held = 1.0 - 2.0 * shape.pre_edge_width / (PI * reach);
            assert!((area / (shape.pre_edge_ratio * held) - 1.0).abs() < 1e-6, "{kind:?}: {area}");
        }
    }

    #[test]
    fn a_moved_edge_keeps_its_pre_edge() {
        let shape = Kind::OctahedralV3.edge();
        let moved = shape.with_edge_moved(0.5);
        assert_eq!(moved.pre_edge_energy, shape.pre_edge_energy);
        assert_eq!(moved.white_line_energy - shape.white_line_energy, 0.5);
        assert_eq!(moved.edge_energy - shape.edge_energy, 0.5);
    }
}
