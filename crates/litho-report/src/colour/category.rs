//! Colours of things that have no order: curves, clusters.

use super::Rgb;

/// Colours that colour-blind readers can tell apart (Okabe & Ito 2008); curves take only these.
pub(crate) const CURVES: [Rgb; 6] =
    [[0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167], [230, 159, 0], [86, 180, 233]];

/// Where six are not enough: the seventh of Okabe & Ito, and darker colours that differ from all of these in lightness.
const MORE: [Rgb; 6] =
    [[240, 228, 66], [70, 70, 70], [0, 62, 100], [118, 42, 0], [0, 88, 62], [105, 48, 110]];

/// The colour of category `index`, from 0. From the twelfth on they begin again.
pub fn category(index: usize) -> Rgb {
    let all = CURVES.len() + MORE.len();
    CURVES.iter().chain(&MORE).nth(index % all).copied().unwrap_or(CURVES[0])
}

#[cfg(test)]
mod tests {
    use super::super::oklab::to_lab;
    use super::*;

    /// Distance in `OKLab` that is seen at a glance in adjacent areas: four times the just noticeable one of 0.02
    /// (Ottosson's ΔE of CSS Color 4).
    const AT_A_GLANCE: f64 = 0.08;

    #[test]
    fn twelve_categories_differ_at_a_glance_from_each_other_and_from_white() {
        let mut colours: Vec<_> = (0..12).map(|k| to_lab(category(k))).collect();
        colours.push(to_lab([255, 255, 255]));
        for (i, a) in colours.iter().enumerate() {
            for b in &colours[..i] {
                let distance = (0..3).map(|k| (a[k] - b[k]).powi(2)).sum::<f64>().sqrt();
                assert!(distance > AT_A_GLANCE, "{i}: {a:?} and {b:?} are {distance} apart");
            }
        }
        assert_eq!(category(12), category(0));
    }
}
