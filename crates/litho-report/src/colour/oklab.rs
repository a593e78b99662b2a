//! `OKLab`, a colour space whose distances follow perception
//! (B. Ottosson, "A perceptual color space for image processing", 2020).

use super::Rgb;

/// sRGB bytes of lightness `l`, chroma `c` and hue `h` in radians. Colours
/// outside the gamut are clipped channel by channel.
pub(super) fn from_lch(l: f64, c: f64, h: f64) -> Rgb {
    // a = C·cos h, b = C·sin h
    from_lab([l, c * h.cos(), c * h.sin()])
}

/// sRGB bytes of `(L, a, b)`. Colours outside the gamut are clipped channel by channel.
pub(super) fn from_lab([l, a, b]: [f64; 3]) -> Rgb {
    // (l', m', s') = M₂⁻¹ (L, a, b), then the cone responses are their cubes
    let long = (l + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let medium = (l - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (l - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    // linear sRGB = M₁⁻¹ (l, m, s)
    [
        4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short,
    ]
    .map(encode)
}

/// `(L, a, b)` of an sRGB colour.
pub(super) fn to_lab(colour: Rgb) -> [f64; 3] {
    let [r, g, b] = colour.map(decode);
    // (l, m, s) = M₁ (r, g, b), then cube roots
    let long = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let medium = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let short = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    // (L, a, b) = M₂ (l', m', s')
    [
        0.210_454_255_3 * long + 0.793_617_785_0 * medium - 0.004_072_046_8 * short,
        1.977_998_495_1 * long - 2.428_592_205_0 * medium + 0.450_593_709_9 * short,
        0.025_904_037_1 * long + 0.782_771_766_2 * medium - 0.808_675_766_0 * short,
    ]
}

/// sRGB transfer function (IEC 61966-2-1), linear light to byte.
pub(crate) fn encode(linear: f64) -> u8 {
    let v = linear.clamp(0.0, 1.0);
    let encoded = if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
    (255.0 * encoded).round() as u8
}

/// sRGB transfer function (IEC 61966-2-1), byte to linear light.
pub(crate) fn decode(byte: u8) -> f64 {
    let v = f64::from(byte) / 255.0;
    if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ottosson gives the matrices to ten digits; white comes out at 1 to seven.
    const MATRIX_DIGITS: f64 = 1e-6;

    #[test]
    fn white_black_and_red_have_their_published_coordinates() {
        let [l, a, b] = to_lab([255, 255, 255]);
        assert!((l - 1.0).abs() < MATRIX_DIGITS && a.abs() < MATRIX_DIGITS && b.abs() < MATRIX_DIGITS);
        assert_eq!(to_lab([0, 0, 0]), [0.0; 3]);
        // CSS Color 4: red is oklch(0.62796 0.25768 29.234°), printed to five digits.
        let [l, a, b] = to_lab([255, 0, 0]);
        assert!((l - 0.627_96).abs() < 2e-5 && (a.hypot(b) - 0.257_68).abs() < 2e-5);
        assert!((b.atan2(a).to_degrees() - 29.234).abs() < 5e-3);
    }

    #[test]
    fn bytes_survive_the_round_trip() {
        for colour in [[0, 0, 0], [12, 200, 99], [255, 255, 255], [128, 128, 128], [240, 30, 220]] {
            let [l, a, b] = to_lab(colour);
            assert_eq!(from_lch(l, a.hypot(b), b.atan2(a)), colour);
        }
    }
}
