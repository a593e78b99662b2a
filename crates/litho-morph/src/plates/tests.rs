//! Plates found in synthetic volumes.

use super::shape::moved;
use super::{Plate, PlateSettings, Plates, plates};
use crate::error::MorphError;
use crate::test_volumes::random;
use litho_types::erf::erf;
use litho_types::observer::CancelToken;
use ndarray::Array3;
use std::f64::consts::FRAC_1_SQRT_2;

const WIDTH: f64 = 0.6;
const SIZE: usize = 44;

/// Four plates in the frame of the first: one lies on it with another outline, one stands at its end and one lies below,
/// both inclined, as cuboids that meet at right angles can be cut in two ways.
fn packed() -> Vec<Plate> {
    let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let turned = |turn: [f64; 3], plate: Plate| {
        moved(&plate, &[0.0, 0.0, 0.0, turn[0], turn[1], turn[2], 0.0, 0.0, 0.0])
    };
    let first = turned([0.3, -0.5, 0.2], Plate { centre: [22.3, 21.6, 22.1], axes, half: [8.0, 6.0, 1.5] });
    let [u, v, w] = first.axes;
    let place = |own: [f64; 3]| -> [f64; 3] {
        std::array::from_fn(|d| first.centre[d] + (0..3).map(|k| own[k] * first.axes[k][d]).sum::<f64>())
    };
    vec![
        first,
        Plate { centre: place([1.0, -1.0, 3.0]), half: [5.0, 4.0, 1.5], ..first },
        turned(
            [0.35, 0.0, 0.0],
            Plate { centre: place([10.2, 0.0, 0.0]), axes: [v, w, u], half: [6.0, 5.0, 1.5] },
        ),
        turned([0.4, 0.0, 0.0], Plate { centre: place([-1.0, 0.0, -6.0]), half: [6.0, 5.0, 2.0], ..first }),
    ]
}

/// The filling of plates that do not overlap, blurred by a Gaussian, and uniform noise of standard deviation 5 %.
fn filling(plates: &[Plate]) -> Array3<f32> {
    let noise = random((SIZE, SIZE, SIZE), 1 << 20, 7);
    Array3::from_shape_fn(noise.dim(), |(z, y, x)| {
        let fill = |plate: &Plate| -> f64 {
            let own = plate.inside([z as f64, y as f64, x as f64]);
            let step = |t: f64| 0.5 * erf(t / WIDTH * FRAC_1_SQRT_2);
            (0..3).map(|i| step(plate.half[i] + own[i]) + step(plate.half[i] - own[i])).product()
        };
        let noise = f64::from(noise[[z, y, x]]) / f64::from(1 << 20) - 0.5;
        (plates.iter().map(fill).sum::<f64>() + 0.05 * 12.0_f64.sqrt() * noise) as f32
    })
}

/// Intersection over union of the voxels within a plate and those of a label.
fn overlap(plate: &Plate, label: u32, labels: &Array3<u32>) -> f64 {
    let (mut both, mut either) = (0, 0);
    for ((z, y, x), found) in labels.indexed_iter() {
        let inside = plate.distance(plate.inside([z as f64, y as f64, x as f64])) < 0.0;
        both += u32::from(inside && *found == label);
        either += u32::from(inside || *found == label);
    }
    f64::from(both) / f64::from(either)
}

fn settings() -> PlateSettings {
    PlateSettings { width: WIDTH, ..PlateSettings::default() }
}

fn far(one: &Plate, two: &Plate) -> f64 {
    (0..3).map(|d| (one.centre[d] - two.centre[d]).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn touching_plates_are_told_apart() {
    let truth = packed();
    let found = plates(filling(&truth).view(), &settings(), &CancelToken::new()).unwrap();
    assert_eq!(found.plates.len(), truth.len());
    for plate in &truth {
        let (index, fitted) = found
            .plates
            .iter()
            .enumerate()
            .min_by(|a, b| far(a.1, plate).total_cmp(&far(b.1, plate)))
            .unwrap();
        // A shell of a tenth of a voxel about the thinnest plate (3 voxels) is a tenth of it; noise of 5 % in the voxels of
        // a face moves it by some 0.05·√(2√π·0.6/100) = 0.007, so what is measured is whether the right plate was found.
        let share = overlap(plate, index as u32 + 1, &found.labels);
        assert!(share >= 0.8, "{share} {fitted:?}");
        // The same noise on the smallest face, 3 × 8 voxels, is 0.015; half a voxel is where a neighbour's matter was taken.
        for (have, want) in fitted.half.iter().zip(plate.sorted().half) {
            assert!((2.0 * have - 2.0 * want).abs() < 0.5, "{have} {want}");
        }
        assert!(far(fitted, plate) < 0.25, "{fitted:?}"); // half of that, as only one face has moved
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let volume = filling(&packed());
    let [one, two] = [1, 2].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| plates(volume.view(), &settings(), &CancelToken::new()).unwrap())
    });
    assert!(one == two);
}

#[test]
fn views_in_any_order_of_memory_give_the_same_plates() {
    let volume = filling(&packed());
    let mut turned = Array3::zeros(volume.t().dim());
    turned.assign(&volume.t());
    assert!(
        plates(turned.t(), &settings(), &CancelToken::new()).unwrap()
            == plates(volume.view(), &settings(), &CancelToken::new()).unwrap()
    );
}

#[test]
fn noise_and_nothing_have_no_plates() {
    let none = Plates { plates: Vec::new(), labels: Array3::zeros((SIZE, SIZE, SIZE)) };
    assert!(plates(filling(&[]).view(), &settings(), &CancelToken::new()).unwrap() == none);
    let empty = plates(Array3::zeros((0, 3, 3)).view(), &settings(), &CancelToken::new()).unwrap();
    assert!(empty.plates.is_empty());
}

#[test]
fn errors_name_the_number_and_its_voxel() {
    let volume = Array3::<f32>::zeros((3, 3, 3));
    let error = |settings: PlateSettings| {
        plates(volume.view(), &settings, &CancelToken::new()).unwrap_err().to_string()
    };
    for (setting, settings) in [
        ("width", PlateSettings { width: 0.0, ..settings() }),
        ("least", PlateSettings { least: f64::NAN, ..settings() }),
        ("matter", PlateSettings { matter: -1.0, ..settings() }),
    ] {
        assert!(error(settings).contains(setting), "{}", error(settings));
    }
    let mut bad = volume.clone();
    bad[[0, 1, 2]] = f32::INFINITY;
    let result = plates(bad.view(), &settings(), &CancelToken::new());
    assert!(matches!(result, Err(MorphError::NotFinite { voxel: [0, 1, 2], .. })), "{result:?}");
}

#[test]
fn a_search_that_was_stopped_has_no_plates() {
    let cancel = CancelToken::new();
    cancel.cancel();
    let result = plates(Array3::from_elem((9, 9, 9), 1.0).view(), &settings(), &cancel);
    assert!(matches!(result, Err(MorphError::Cancelled { .. })), "{result:?}");
}
