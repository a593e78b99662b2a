//! Detector masks with the bit meanings of CXI 1.6; polarity is in the type.

use ndarray::{Array2, ArrayView2};

/// Meaning of the bits of a CXI pixel mask (CXI 1.6, "Pixel mask").
pub mod bits {
    /// The pixel holds no valid value.
    pub const INVALID: u32 = 0x1;
    /// The pixel was saturated.
    pub const SATURATED: u32 = 0x2;
    /// The pixel always reads high.
    pub const HOT: u32 = 0x4;
    /// The pixel never counts.
    pub const DEAD: u32 = 0x8;
    /// Something stood in front of the pixel.
    pub const SHADOWED: u32 = 0x10;
    /// Bad for a reason not listed.
    pub const BAD: u32 = 0x80;
    /// There is no pixel here (a gap between modules).
    pub const MISSING: u32 = 0x200;
    /// The pixel is noisy.
    pub const NOISY: u32 = 0x400;
    /// The pixel contains signal: says nothing against it.
    pub const HAS_SIGNAL: u32 = 0x1000;
    /// The pixel is inside a support: says nothing against it.
    pub const INSIDE_SUPPORT: u32 = 0x1_0000;
    /// Every bit that makes a pixel unusable.
    pub const UNUSABLE: u32 = !(HAS_SIGNAL | INSIDE_SUPPORT);
}

/// What a stored mask means by its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaskPolarity {
    /// CXI 1.6 bits: 0 is good, and so is a pixel with only the "signal" or "support" bit.
    CxiBits,
    /// NeXus `NXdetector/pixel_mask`: any of the low 16 bits rejects the pixel.
    NexusBits,
    /// Non-zero (true) marks a **good** pixel, as in ptypy weights and pty-chi.
    NonZeroIsGood,
    /// Non-zero (true) marks a **bad** pixel, as in ptychodus.
    NonZeroIsBad,
}

/// Which pixels of the detector were measured, shape `(y, x)`, as CXI bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectorMask {
    bits: Array2<u32>,
}

impl DetectorMask {
    /// Every pixel of a `(ny, nx)` detector is good.
    pub fn all_good(shape: (usize, usize)) -> Self {
        Self { bits: Array2::zeros(shape) }
    }

    /// A mask from stored values read with the given polarity.
    pub fn from_values(values: ArrayView2<'_, u32>, polarity: MaskPolarity) -> Self {
        let bits = values.mapv(|value| match polarity {
            MaskPolarity::CxiBits => value,
            MaskPolarity::NexusBits => nexus_to_cxi(value),
            MaskPolarity::NonZeroIsGood => u32::from(value == 0) * bits::INVALID,
            MaskPolarity::NonZeroIsBad => u32::from(value != 0) * bits::INVALID,
        });
        Self { bits }
    }

    /// The CXI bits, shape `(y, x)`.
    pub fn bits(&self) -> ArrayView2<'_, u32> {
        self.bits.view()
    }

    /// Adds `reason` (one of [`bits`]) to pixel `(y, x)`.
    pub fn flag(&mut self, pixel: (usize, usize), reason: u32) {
        self.bits[pixel] |= reason;
    }

    /// True where the pixel was measured, shape `(y, x)`.
    pub fn good(&self) -> Array2<bool> {
        self.bits.mapv(|value| value & bits::UNUSABLE == 0)
    }

    /// Number of measured pixels.
    pub fn good_count(&self) -> usize {
        self.bits.iter().filter(|&&value| value & bits::UNUSABLE == 0).count()
    }
}

/// `NXdetector/pixel_mask`: 0 gap, 1 dead, 2 under-, 3 over-responding, 4 noisy, 6 cluster, 8 user.
fn nexus_to_cxi(value: u32) -> u32 {
    const PAIRS: [(u32, u32); 5] = [
        (1 << 0, bits::MISSING),
        (1 << 1, bits::DEAD),
        (1 << 2, bits::BAD),
        (1 << 3, bits::HOT),
        (1 << 4, bits::NOISY),
    ];
    let rejected = value & 0xFFFF;
    let named = PAIRS.iter().filter(|(nexus, _)| rejected & nexus != 0).fold(0, |all, (_, cxi)| all | cxi);
    if rejected != 0 && named == 0 { bits::BAD } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn a_pixel_with_signal_is_a_good_pixel() {
        let stored = arr2(&[[0, bits::HAS_SIGNAL], [bits::HAS_SIGNAL | bits::HOT, bits::MISSING]]);
        let mask = DetectorMask::from_values(stored.view(), MaskPolarity::CxiBits);
        assert_eq!(mask.good(), arr2(&[[true, true], [false, false]]));
        assert_eq!(mask.good_count(), 2);
    }

    #[test]
    fn polarity_decides_what_one_means() {
        let stored = arr2(&[[0, 1]]);
        let good = |polarity| DetectorMask::from_values(stored.view(), polarity).good();
        assert_eq!(good(MaskPolarity::NonZeroIsGood), arr2(&[[false, true]]));
        assert_eq!(good(MaskPolarity::NonZeroIsBad), arr2(&[[true, false]]));
        assert_eq!(good(MaskPolarity::CxiBits), arr2(&[[true, false]]));
    }

    #[test]
    fn nexus_bits_above_sixteen_do_not_reject() {
        let stored = arr2(&[[1_u32 << 16, 1 << 1, 1 << 8]]);
        let mask = DetectorMask::from_values(stored.view(), MaskPolarity::NexusBits);
        assert_eq!(mask.good(), arr2(&[[true, false, false]]));
        assert_eq!(mask.bits()[(0, 1)], bits::DEAD);
    }
}
