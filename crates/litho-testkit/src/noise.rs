//! A small deterministic random number generator, the same on every machine.

use litho_types::C32;
use ndarray::Array2;

/// Linear congruential generator (Knuth's MMIX constants), upper bits used.
/// Good enough for test noise, and four lines long.
#[derive(Debug, Clone)]
pub struct Lcg(u64);

impl Lcg {
    /// A generator whose sequence is fixed by `seed`.
    pub fn new(seed: u64) -> Self {
        let mut generator = Self(seed ^ 0x9E37_79B9_7F4A_7C15);
        generator.uniform(); // neighbouring seeds start with neighbouring states: two steps part them
        generator.uniform();
        generator
    }

    /// Uniform in [0, 1), 53 bits.
    pub fn uniform(&mut self) -> f64 {
        // s ← 6364136223846793005 s + 1442695040888963407 mod 2⁶⁴ (Knuth, TAOCP 2, 3.3.4)
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normal with mean 0 and variance 1 (Box–Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// White complex noise `(y, x)` of total variance `E|v|² = sigma²`.
    pub fn complex_noise(&mut self, shape: (usize, usize), sigma: f64) -> Array2<C32> {
        let part = sigma * std::f64::consts::FRAC_1_SQRT_2;
        Array2::from_shape_simple_fn(shape, || {
            C32::new((part * self.normal()) as f32, (part * self.normal()) as f32)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_variance_it_claims() {
        // Mean of |v|² over n exponential variates of mean 4: standard error 4/√n = 0.0625; 4 of those allowed.
        let noise = Lcg::new(1).complex_noise((64, 64), 2.0);
        let power = noise.iter().map(|v| f64::from(v.norm_sqr())).sum::<f64>() / 4096.0;
        assert!((power - 4.0).abs() < 0.25, "{power}");
        let mean: C32 = noise.iter().sum::<C32>() / 4096.0;
        assert!(f64::from(mean.norm()) < 4.0 * 2.0 / 64.0, "{mean}");
    }
}
