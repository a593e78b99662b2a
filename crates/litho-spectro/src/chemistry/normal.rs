//! The normal distribution.

/// Standard deviations beyond which a tail is nothing in single precision.
const FAR: f64 = 8.0;

/// `Φ(z)` by its series `½ + φ(z)(z + z³/3 + z⁵/(3·5) + …)` (Marsaglia, J. Stat. Softw. 11(4), 2004).
pub(super) fn normal(z: f64) -> f64 {
    let z = z.clamp(-FAR, FAR);
    let (mut term, mut sum, mut k) = (z, z, 1.0);
    while sum + term != sum {
        k += 2.0;
        term *= z * z / k;
        sum += term;
    }
    (0.5 + sum * (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution_is_the_tabulated_one() {
        // Abramowitz & Stegun, table 26.1
        let table = [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_543),
            (-2.0, 0.022_750_131_948_179),
            (5.0, 0.999_999_713_348_428),
        ];
        for (z, p) in table {
            assert!((normal(z) - p).abs() < 1e-14, "{z}: {}", normal(z));
        }
        assert!(normal(f64::INFINITY) > 1.0 - 1e-14 && normal(f64::NEG_INFINITY) < 1e-14);
    }
}
