//! The bar that tells how long things are.

use crate::format::{format_length, round_down_125};

/// Longest part of the image's width the bar may take.
const LARGEST_PART: f64 = 0.3;

/// A bar of round length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScaleBar {
    /// Length as a part of the image's width.
    pub(crate) part: f64,
    /// Its length in words.
    pub(crate) label: String,
}

impl ScaleBar {
    /// The longest bar of 1, 2 or 5 times a power of ten within 30 % of an image
    /// of `columns` pixels, `pixel` metres wide each (`None`: the bar counts pixels).
    pub(crate) fn new(columns: usize, pixel: Option<f64>) -> Self {
        let columns = columns as f64;
        if let Some(pixel) = pixel {
            let length = round_down_125(LARGEST_PART * columns * pixel);
            return Self { part: length / (columns * pixel), label: format_length(length, 1) };
        }
        let length = round_down_125(LARGEST_PART * columns).max(1.0);
        Self { part: length / columns, label: format!("{length:.0} px") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_round_lengths_below_a_third_of_the_image() {
        for (columns, pixel, label, part) in [
            (1000, Some(1e-9), "200 nm", 0.2),
            (512, Some(13.3e-9), "2 µm", 0.293_7),
            (400, Some(10e-9), "1 µm", 0.25),
            (256, Some(75e-6), "5 mm", 0.260_4),
            (100, Some(2e-11), "500 pm", 0.25),
            (100, Some(1e-12), "20 pm", 0.2),
            (512, None, "100 px", 0.195_3),
            (3, None, "1 px", 0.333_3),
            (1, None, "1 px", 1.0),
        ] {
            let bar = ScaleBar::new(columns, pixel);
            assert_eq!(bar.label, label);
            assert!((bar.part - part).abs() < 1e-4, "{label}: {}", bar.part);
        }
    }

    #[test]
    fn bars_of_known_pixels_take_an_eighth_to_a_third() {
        for k in 1..200 {
            let part = ScaleBar::new(300, Some(1.07f64.powi(k) * 1e-12)).part;
            assert!(part > LARGEST_PART / 2.5 * 0.999 && part <= LARGEST_PART * 1.001, "{part}");
        }
    }
}
