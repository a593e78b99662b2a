//! Energy stacks whose images were moved by known fractions of a pixel while their contrast changed.

use litho_resolve::align_stack::{StackAlignment, StackShifts, apply_shifts, find_shifts};
use litho_testkit::Lcg;
use litho_types::point::Point;
use ndarray::{Array2, Array3, s};

const SIDE: usize = 96;
const COUNT: usize = 24;
/// Discs of the first compound, and of the second: as many, or a quarter.
const FIRST: usize = 60;
const EQUAL: usize = FIRST;
const MINOR: usize = FIRST / 4;
/// Accuracy asked for, pixels, root mean square over the stack.
const ACCURACY: f64 = 0.05;

/// What is reached with 1 % noise: 0.091 pixels were measured, more than without noise, because noise hides which part
/// of a misfit is a shift and which a change of contrast.
const NOISY: f64 = 0.1;

/// A thickness map of discs with soft rims, known everywhere: `Σ h_k /(1 + exp((r_k − R_k)/w))`.
struct Discs(Vec<[f64; 4]>);

impl Discs {
    fn new(seed: u64, count: usize) -> Self {
        let mut random = Lcg::new(seed);
        let mut between = |low: f64, high: f64| low + (high - low) * random.uniform();
        let side = SIDE as f64;
        // Height, place, radius: some reach beyond the image, as particles do.
        Self(
            (0..count)
                .map(|_| {
                    [
                        between(0.3, 1.0),
                        between(-5.0, side + 5.0),
                        between(-5.0, side + 5.0),
                        between(3.0, 11.0),
                    ]
                })
                .collect(),
        )
    }

    fn at(&self, y: f64, x: f64) -> f64 {
        // A rim of 1.2 pixels: what a microscope that resolves two or three pixels shows.
        self.0.iter().map(|[h, cy, cx, r]| h / (1.0 + (((y - cy).hypot(x - cx) - r) / 1.2).exp())).sum()
    }
}

/// Two compounds with edges 4 images apart, pre-edge absorption 0.2 and 0.3, after it 1.2 and 0.9; the second has a
/// white line. Around the edges the contrast between the two is inverted.
fn absorption(e: usize) -> [f64; 2] {
    let step = |centre: f64| 0.5 + ((e as f64 - centre) / 1.2).atan() / std::f64::consts::PI;
    let white = (-((e as f64 - 15.0) / 1.5).powi(2)).exp();
    [0.2 + step(9.0), 0.3 + 0.6 * step(13.0) + 1.1 * white]
}

/// Drift of 0.3 pixels per image with steps of up to 1.5 pixels on top.
fn truth() -> Vec<(f64, f64)> {
    let mut random = Lcg::new(5);
    let mut step = || 3.0 * (random.uniform() - 0.5);
    (0..COUNT)
        .map(|e| if e == 0 { (0.0, 0.0) } else { (0.3 * e as f64 + step(), -0.2 * e as f64 + step()) })
        .collect()
}

fn stack(noise: f64, second: usize) -> Array3<f32> {
    let compounds = [Discs::new(1, FIRST), Discs::new(2, second)];
    let mut random = Lcg::new(3);
    let mut stack = Array3::zeros((COUNT, SIDE, SIDE));
    for ((e, mut image), shift) in stack.outer_iter_mut().enumerate().zip(truth()) {
        let mu = absorption(e);
        let values = Array2::from_shape_fn((SIDE, SIDE), |(y, x)| {
            let (y, x) = (y as f64 - shift.0, x as f64 - shift.1);
            mu[0] * compounds[0].at(y, x) + mu[1] * compounds[1].at(y, x) + noise * random.normal()
        });
        image.assign(&values.mapv(|v| v as f32));
    }
    stack
}

/// Root-mean-square distance of found and true shifts.
fn error(found: &StackShifts) -> f64 {
    let squares = found
        .shifts
        .iter()
        .zip(truth())
        .map(|(shift, truth)| (shift.y.value() - truth.0).powi(2) + (shift.x.value() - truth.1).powi(2));
    (squares.sum::<f64>() / COUNT as f64).sqrt()
}

#[test]
fn known_shifts_are_found_while_the_contrast_changes() {
    let found = find_shifts(stack(0.0, EQUAL).view(), &StackAlignment::default()).unwrap();
    assert!(error(&found) <= ACCURACY, "{}", error(&found));
    assert_eq!(found.shifts[0], Point::default());
    assert!(found.outliers.is_empty(), "{:?}", found.outliers);
    // Without the components all pairs agree on a shift that is wrong: the reason why they are there.
    let pairs = StackAlignment { components: COUNT, ..StackAlignment::default() };
    let biased = find_shifts(stack(0.0, EQUAL).view(), &pairs).unwrap();
    assert!(error(&biased) > 2.0 * ACCURACY, "{}", error(&biased));
}

#[test]
fn noise_and_missing_pixels_are_borne() {
    // A hundredth of the optical density, as from 10 000 photons per pixel; dead pixels and a gap that stay where
    // they are while the sample moves.
    let mut spoilt = stack(0.01, MINOR);
    spoilt.slice_mut(s![.., 40, 50..53]).fill(f32::NAN);
    spoilt.slice_mut(s![7, 60..64, ..]).fill(f32::INFINITY);
    let found = find_shifts(spoilt.view(), &StackAlignment::default()).unwrap();
    assert!(error(&found) <= NOISY, "{}", error(&found));
    let aligned = apply_shifts(spoilt.view(), &found.shifts).unwrap();
    // The anchor is not touched, its missing pixels are still missing.
    assert!(
        aligned
            .slice(s![0, .., ..])
            .iter()
            .zip(spoilt.slice(s![0, .., ..]))
            .all(|(a, b)| a.to_bits() == b.to_bits())
    );
    // The gap has moved with its image: rows 60..64 less the shift, which is known to a tenth of a pixel, and the
    // six rows of the kernel at most on both sides.
    let row = 61.5 - truth()[7].0;
    assert!(aligned[(7, row.round() as usize, 48)].is_nan());
    assert!(
        aligned[(7, row as usize - 9, 48)].is_finite() && aligned[(7, row as usize + 10, 48)].is_finite()
    );
}

#[test]
fn what_cannot_be_aligned_is_refused() {
    let images = || stack(0.0, EQUAL).slice(s![..4, .., ..]).to_owned();
    let refused = |stack: Array3<f32>, settings: StackAlignment, words: &str| {
        let text = find_shifts(stack.view(), &settings).unwrap_err().to_string();
        assert!(text.contains(words), "{text}");
    };
    let with = |change: fn(&mut StackAlignment)| {
        let mut settings = StackAlignment::default();
        change(&mut settings);
        settings
    };
    refused(images(), with(|s| s.anchor = 4), "place of an image");
    refused(images(), with(|s| s.lags = vec![2]), "no image is left out");
    refused(images(), with(|s| s.lags = vec![0, 1]), "at least 1");
    refused(Array3::zeros((0, 64, 64)), StackAlignment::default(), "place of an image");
    let mut empty = images();
    empty.slice_mut(s![2, .., ..]).fill(f32::NAN);
    refused(empty, StackAlignment::default(), "holds no number");
    refused(Array3::ones((3, 64, 64)), StackAlignment::default(), "constant");
    refused(Array3::ones((3, 2, 64)), StackAlignment::default(), "2×64");
    assert!(apply_shifts(images().view(), &[Point::default(); 3]).is_err());
    // One image alone lies where it lies.
    let one = find_shifts(stack(0.0, EQUAL).slice(s![..1, .., ..]), &StackAlignment::default()).unwrap();
    assert_eq!(one.shifts, [Point::default()]);
}
