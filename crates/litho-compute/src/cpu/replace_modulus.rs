//! The modulus constraint on waves that already are at the detector.

use crate::propagator::DARK;
use crate::simd::vectorised;
use litho_types::C32;

vectorised! {
    /// `F_k ← F_k a/√Σ_k|F_k|²` where `amplitude` a ≥ 0. Waves `(mode, y, x)`, amplitude `(y, x)`.
    /// Returns `Σ (√Σ_k|F_k|² − a)²` over the measured pixels.
    fn replace_modulus(waves: &mut [C32], amplitude: &[f32]) -> f64 {
        const BLOCK: usize = 256;
        let pixels = amplitude.len();
        let mut error = 0.0_f64;
        for start in (0..pixels).step_by(BLOCK) {
            let block = start..(start + BLOCK).min(pixels);
            let mut factor = [0.0_f32; BLOCK];
            for mode in waves.chunks_exact(pixels) {
                for (sum, w) in factor.iter_mut().zip(&mode[block.clone()]) {
                    *sum += w.norm_sqr();
                }
            }
            let mut block_error = 0.0_f32;
            for (f, &a) in factor.iter_mut().zip(&amplitude[block.clone()]) {
                let modulus = f.sqrt();
                let measured = a >= 0.0;
                let miss = if measured { modulus - a } else { 0.0 };
                block_error += miss * miss;
                *f = if measured { a / modulus.max(DARK) } else { 1.0 };
            }
            error += f64::from(block_error);
            for mode in waves.chunks_exact_mut(pixels) {
                for (w, f) in mode[block.clone()].iter_mut().zip(&factor) {
                    *w *= *f;
                }
            }
        }
        error
    }
}
