//! Colour maps: sequential, diverging, cyclic, the domain colouring of complex
//! fields, and colours of categories.

mod category;
mod oklab;

pub(crate) use category::CURVES;
pub use category::category;

use std::f64::consts::{PI, TAU};

/// Red, green and blue as sRGB bytes.
pub type Rgb = [u8; 3];

/// Hue of phase 0 in degrees: red.
const HUE_OF_ZERO: f64 = 29.0;
/// `OKLab` lightness of the cyclic map, chosen where the sRGB gamut is widest over all hues.
const CYCLIC_LIGHTNESS: f64 = 0.72;
/// Swing of the cyclic map's lightness: opposite phases stay apart in grey print
/// and for colour-blind readers, yet no false edge appears.
const CYCLIC_SWING: f64 = 0.05;
/// Chroma of the cyclic map; every colour stays inside sRGB.
const CYCLIC_CHROMA: f64 = 0.125;
/// Lightness of a domain colour at full brightness.
const DOMAIN_LIGHTNESS: f64 = 0.74;
/// Chroma of a domain colour at full brightness; every hue stays inside sRGB.
const DOMAIN_CHROMA: f64 = 0.124;

/// How a number becomes a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColourMap {
    /// Sequential, dark blue to yellow.
    Viridis,
    /// Sequential, blue to yellow, the same to colour-blind readers.
    Cividis,
    /// Sequential, black to white.
    Grey,
    /// For signed values: blue below, white at the middle, red above.
    Diverging,
    /// For wrapped phase: a hue circle of nearly constant lightness; 0 and 1
    /// are the same colour.
    Cyclic,
    /// From one phase to another: red, at the middle green, blue; the colours of [`PHASES`].
    Composition,
    /// Three equal parts in the colours of [`PHASES`], without any between.
    Classes,
}

/// Colours of a phase, of a mixture, and of the other phase; they differ in lightness too.
pub const PHASES: [Rgb; 3] = [[203, 45, 38], [118, 190, 88], [38, 78, 186]];

impl ColourMap {
    /// The colour at `t`, 0 at the low end and 1 at the high end. Values
    /// outside are clamped, by [`ColourMap::Cyclic`] wrapped; NaN gives
    /// [`no_data`](Self::no_data).
    pub fn colour(self, t: f64) -> Rgb {
        if t.is_nan() {
            return self.no_data();
        }
        let clamped = t.clamp(0.0, 1.0);
        match self {
            Self::Viridis => colorous::VIRIDIS.eval_continuous(clamped).as_array(),
            Self::Cividis => colorous::CIVIDIS.eval_continuous(clamped).as_array(),
            Self::Grey => [(255.0 * clamped).round() as u8; 3],
            Self::Diverging => colorous::RED_BLUE.eval_continuous(1.0 - clamped).as_array(),
            Self::Cyclic => cyclic_colour(TAU * t - PI),
            Self::Composition => composition_colour(clamped),
            Self::Classes => PHASES[((3.0 * clamped) as usize).min(2)],
        }
    }

    /// The colour of pixels without a value: a neutral grey, but a pale blue
    /// where grey itself is a value.
    pub fn no_data(self) -> Rgb {
        match self {
            Self::Grey => [186, 201, 219],
            Self::Composition | Self::Classes => [255; 3],
            _ => [150, 150, 150],
        }
    }
}

/// Colour of a wrapped phase in radians: red at 0, cyan at ±π.
fn cyclic_colour(phase: f64) -> Rgb {
    // L = L₀ − ΔL·cos φ: darkest at 0, lightest at ±π
    let lightness = CYCLIC_LIGHTNESS - CYCLIC_SWING * phase.cos();
    oklab::from_lch(lightness, CYCLIC_CHROMA, phase + HUE_OF_ZERO.to_radians())
}

/// Between neighbouring colours of [`PHASES`] along a straight line of `OKLab`.
fn composition_colour(t: f64) -> Rgb {
    let (ends, part) =
        if t < 0.5 { ([PHASES[0], PHASES[1]], 2.0 * t) } else { ([PHASES[1], PHASES[2]], 2.0 * t - 1.0) };
    let [a, b] = ends.map(oklab::to_lab);
    oklab::from_lab(std::array::from_fn(|k| a[k] + part * (b[k] - a[k])))
}

/// Colour number `index`, from 0, of things of which there may be hundreds: neighbouring numbers differ most.
pub fn distinct(index: usize) -> Rgb {
    /// The golden angle in turns: no two of many hues come close.
    const GOLDEN: f64 = 0.381_966_011_250_105;
    const SHADES: [(f64, f64); 3] = [(0.66, 0.125), (0.80, 0.115), (0.52, 0.115)];
    let (lightness, chroma) = SHADES[index % SHADES.len()];
    oklab::from_lch(lightness, chroma, TAU * (index as f64 * GOLDEN).fract())
}

/// `colour` mixed with `other`, of which it keeps `share`; in `OKLab`, so that the hue stays.
pub(crate) fn mixed(colour: Rgb, other: Rgb, share: f64) -> Rgb {
    let [a, b] = [colour, other].map(oklab::to_lab);
    oklab::from_lab(std::array::from_fn(|k| b[k] + share.clamp(0.0, 1.0) * (a[k] - b[k])))
}

/// Domain colouring of a complex number: the hue is its `phase` in radians
/// (red at 0), the lightness grows linearly with `brightness`, clamped to 0–1.
pub fn domain_colour(phase: f64, brightness: f64) -> Rgb {
    let s = if brightness.is_nan() { 0.0 } else { brightness.clamp(0.0, 1.0) };
    // OKLab is homogeneous: scaling (L, a, b) by s scales linear RGB by s³,
    // so a colour inside the gamut stays inside.
    oklab::from_lch(s * DOMAIN_LIGHTNESS, s * DOMAIN_CHROMA, phase + HUE_OF_ZERO.to_radians())
}

/// Linear light, 0 to 1, of an sRGB channel.
pub(crate) fn to_linear(channel: u8) -> f64 {
    oklab::decode(channel)
}

/// The sRGB colour of linear light, clipped to 0 to 1.
pub(crate) fn from_linear(light: [f64; 3]) -> Rgb {
    light.map(oklab::encode)
}

/// Perceived lightness of a colour, 0 (black) to 1 (white): `L` of `OKLab`.
pub fn lightness(colour: Rgb) -> f64 {
    oklab::to_lab(colour)[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One step of an 8-bit channel moves L by at most about 1/255 for greys
    /// and less elsewhere; two roundings may add.
    const BYTE_STEP: f64 = 2.0 / 255.0;

    fn table(map: ColourMap) -> Vec<Rgb> {
        (0..=256).map(|i| map.colour(f64::from(i) / 256.0)).collect()
    }

    #[test]
    fn sequential_maps_grow_lighter_throughout() {
        for map in [ColourMap::Viridis, ColourMap::Cividis, ColourMap::Grey] {
            let light: Vec<f64> = table(map).into_iter().map(lightness).collect();
            assert!(light.windows(2).all(|w| w[1] > w[0] - BYTE_STEP), "{map:?} goes back");
            // Steps of 1/16 exceed the rounding: there it must truly grow.
            assert!(light.iter().step_by(16).collect::<Vec<_>>().windows(2).all(|w| w[1] > w[0]), "{map:?}");
            assert!(light[256] - light[0] > 0.5, "{map:?} uses little of the lightness scale");
        }
    }

    #[test]
    fn diverging_map_is_lightest_in_the_middle_and_darkens_outward() {
        let light: Vec<f64> = table(ColourMap::Diverging).into_iter().map(lightness).step_by(16).collect();
        assert!(light[..9].windows(2).all(|w| w[1] > w[0]));
        assert!(light[8..].windows(2).all(|w| w[1] < w[0]));
        let [low, high] = [0.1, 0.9].map(|t| ColourMap::Diverging.colour(t));
        assert!(low[2] > low[0] && high[0] > high[2], "blue is negative, red positive");
    }

    #[test]
    fn cyclic_map_closes_and_keeps_its_lightness() {
        let map = ColourMap::Cyclic;
        assert_eq!(map.colour(0.0), map.colour(1.0));
        assert_eq!(map.colour(0.25), map.colour(1.25));
        for colour in table(map) {
            assert!((lightness(colour) - CYCLIC_LIGHTNESS).abs() <= CYCLIC_SWING + BYTE_STEP);
        }
    }

    #[test]
    fn cyclic_map_is_inside_the_gamut_and_evenly_spaced() {
        let lab: Vec<[f64; 3]> = table(ColourMap::Cyclic).into_iter().map(oklab::to_lab).collect();
        // A clipped colour would lose chroma; one byte moves it by a few thousandths.
        for [_, a, b] in &lab {
            assert!((a.hypot(*b) - CYCLIC_CHROMA).abs() < 0.006, "chroma {}", a.hypot(*b));
        }
        // Colour distance of 16 equal steps: hue arc C·Δφ and lightness slope at most ΔL·Δφ.
        let arc = CYCLIC_CHROMA * TAU / 16.0;
        let steps: Vec<_> = lab.iter().step_by(16).collect();
        for w in steps.windows(2) {
            let d = (0..3).map(|k| (w[1][k] - w[0][k]).powi(2)).sum::<f64>().sqrt();
            assert!(d > 0.85 * arc && d < 1.25 * arc, "step {d} against {arc}");
        }
    }

    #[test]
    fn domain_colour_scales_lightness_with_amplitude() {
        for degrees in (0..360).step_by(15) {
            let phase = f64::from(degrees).to_radians();
            for tenth in 0..=10 {
                let s = f64::from(tenth) / 10.0;
                let l = lightness(domain_colour(phase, s));
                assert!((l - s * DOMAIN_LIGHTNESS).abs() < BYTE_STEP, "phase {degrees}° brightness {s}: {l}");
            }
        }
        assert_eq!(domain_colour(1.0, 0.0), [0, 0, 0]);
        assert_eq!(domain_colour(1.0, f64::NAN), [0, 0, 0]);
    }

    #[test]
    fn composition_goes_through_the_colours_of_the_classes() {
        let at = [0.0, 0.5, 1.0].map(|t| ColourMap::Composition.colour(t));
        assert_eq!(at, PHASES);
        let steps = [0.0, 0.33, 0.34, 0.66, 0.67, 1.0].map(|t| ColourMap::Classes.colour(t));
        assert_eq!(steps, [0, 0, 1, 1, 2, 2].map(|k: usize| PHASES[k]));
        // Red, green and blue can be told apart without their hues.
        let light = PHASES.map(lightness);
        assert!(light[1] > light[0] + 0.1 && light[0] > light[2] + 0.05, "{light:?}");
    }

    #[test]
    fn a_hundred_distinct_colours_differ() {
        let lab: Vec<[f64; 3]> = (0..100).map(|k| oklab::to_lab(distinct(k))).collect();
        for (i, a) in lab.iter().enumerate() {
            for (j, b) in lab[..i].iter().enumerate() {
                let d = (0..3).map(|k| (a[k] - b[k]).powi(2)).sum::<f64>().sqrt();
                // Of neighbouring numbers a glance tells, of others a look: the just noticeable distance is 0.02.
                let least = if i - j < 3 { 0.08 } else { 0.003 };
                assert!(d > least, "{i} and {j} are {d} apart");
            }
        }
    }

    #[test]
    fn no_data_colour_is_none_of_the_map() {
        for map in [
            ColourMap::Viridis,
            ColourMap::Cividis,
            ColourMap::Grey,
            ColourMap::Diverging,
            ColourMap::Cyclic,
            ColourMap::Composition,
            ColourMap::Classes,
        ] {
            assert!(!table(map).contains(&map.no_data()), "{map:?}");
            assert_eq!(map.colour(f64::NAN), map.no_data());
        }
    }
}
