//! How much arithmetic and how many bytes an iteration cannot do without.

/// Operations per pixel and frame of ePIE outside the transforms, counted from its equations; a square root,
/// a division or a maximum is one:
///
/// | step | operations |
/// |---|---|
/// | `ψ = P O` | 6 |
/// | `√I` | 1 |
/// | `F √I/abs(F)` with its error | 13 |
/// | `max abs(P)²`, `max abs(O)²` | 9 |
/// | `Δψ = ψ' − P O` | 8 |
/// | `P + β O* Δψ/…` | 16 |
/// | `O + α P* Δψ/…` | 19 |
const EPIE_POINTWISE_FLOPS: f64 = 72.0;

/// Bytes per pixel and frame that ePIE must touch outside the transforms if it passes once over each array:
/// `P` and `O` read and written (32), the wave written and read (16), the counts read (4).
const EPIE_POINTWISE_BYTES: f64 = 52.0;

/// Bytes per pixel and frame of a forward and an inverse transform: rows, columns both ways in one go, and rows
/// again each read and write 8 bytes.
const TRANSFORM_BYTES: f64 = 48.0;

/// Bytes of one count of the benchmark's frames.
const COUNT_BYTES: f64 = 4.0;

/// The work of one iteration of ePIE with one mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EpieWork {
    /// Floating-point operations of the transforms: `5 n log₂ n` for each, `n` the pixels of a frame.
    pub(super) transform_flops: f64,
    /// Floating-point operations outside the transforms.
    pub(super) pointwise_flops: f64,
    /// Bytes that the transforms move, in cache.
    pub(super) transform_bytes: f64,
    /// Bytes that the rest moves, in cache.
    pub(super) pointwise_bytes: f64,
    /// Bytes that must come from memory: every frame once.
    pub(super) memory_bytes: f64,
}

impl EpieWork {
    /// The work for `frames` frames of `shape` = (ny, nx).
    pub(super) fn new(frames: usize, shape: (usize, usize)) -> Self {
        let n = (shape.0 * shape.1) as f64;
        let pixels = frames as f64 * n;
        Self {
            transform_flops: 2.0 * 5.0 * pixels * n.log2(),
            pointwise_flops: EPIE_POINTWISE_FLOPS * pixels,
            transform_bytes: TRANSFORM_BYTES * pixels,
            pointwise_bytes: EPIE_POINTWISE_BYTES * pixels,
            memory_bytes: COUNT_BYTES * pixels,
        }
    }

    /// Cost of ePIE relative to the transforms alone, if it ran at their rate of operations and of bytes.
    pub(super) fn ratio_by_flops(&self) -> f64 {
        1.0 + self.pointwise_flops / self.transform_flops
    }

    /// The same by the rate of bytes moved in cache.
    pub(super) fn ratio_by_bytes(&self) -> f64 {
        1.0 + self.pointwise_bytes / self.transform_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_transforms_of_128_squared_are_140_operations_per_pixel() {
        // 2 × 5 log₂(2¹⁴) = 140; 400 × 2¹⁴ pixels: 0.9175 Gflop.
        let work = EpieWork::new(400, (128, 128));
        assert_eq!(work.transform_flops, 140.0 * 400.0 * 16_384.0);
        assert_eq!(work.ratio_by_flops(), 1.0 + 72.0 / 140.0);
        assert_eq!(work.memory_bytes, 26_214_400.0);
    }
}
