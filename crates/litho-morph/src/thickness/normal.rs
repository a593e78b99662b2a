//! The normal distribution.

use std::f64::consts::{PI, SQRT_2};

/// `φ(x) = exp(−x²/2)/√2π`.
pub(super) fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// `Φ(x) = ½ [1 + erf(x/√2)]`, by the series `erf z = 2/√π exp(−z²) Σ 2ⁿ z²ⁿ⁺¹/(2n+1)!!` (Abramowitz & Stegun 7.1.6).
pub(super) fn cumulative(x: f64) -> f64 {
    let z = x / SQRT_2;
    if z.abs() > 6.0 {
        return if z > 0.0 { 1.0 } else { 0.0 }; // 1 − erf 6 = 2·10⁻¹⁷
    }
    let (mut term, mut sum, mut n) = (z, z, 0.0);
    while term.abs() > 1e-17 * sum.abs() {
        n += 1.0;
        term *= 2.0 * z * z / (2.0 * n + 1.0);
        sum += term;
    }
    0.5 + sum * (-z * z).exp() / PI.sqrt()
}

/// A slab of this thickness seen with a Gaussian, at `x` from its middle: `Φ((x + t/2)/σ) − Φ((x − t/2)/σ)`.
pub(super) fn slab(x: f64, thickness: f64, sigma: f64) -> f64 {
    cumulative((x + 0.5 * thickness) / sigma) - cumulative((x - 0.5 * thickness) / sigma)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabulated_values() {
        // Abramowitz & Stegun, table 26.1.
        for (x, wanted) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_543),
            (-2.0, 0.022_750_131_948_179),
            (4.0, 0.999_968_328_758_167),
        ] {
            assert!((cumulative(x) - wanted).abs() < 1e-14, "{x}: {}", cumulative(x));
        }
        assert!((density(1.0) - 0.241_970_724_519_143).abs() < 1e-14);
        assert_eq!((cumulative(20.0), cumulative(-20.0)), (1.0, 0.0));
    }
}
