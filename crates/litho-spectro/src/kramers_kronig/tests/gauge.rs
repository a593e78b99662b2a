//! The gauge and the helpers beside it.

use super::super::{KkConstraint, KkError, Noise, apply_to_objects, fix_gauge, stack_of, unwrap_energies};
use super::vanadium;
use litho_lanes::c32;
use litho_testkit::Lcg;
use litho_types::energies::Energies;
use ndarray::{Array2, Array3, Axis, arr3};

const SIZE: usize = 96;
const NOISE: f64 = 0.1;

/// Two images of a strong object in the middle with noise, each with a gauge of its own, and the air around it. Of the air
/// 3 % is soiled: half a radian and a fifth of the amplitude missing.
fn images(noise: f64) -> (Array3<c32>, Array2<bool>, [[f64; 4]; 2]) {
    // scale, phase, ramps in radians per pixel: the second turns 3 times across the image
    let gauges = [[1.7, 0.4, 0.011, -0.2], [0.6, -2.9, 0.2, 0.004]];
    let air = Array2::from_shape_fn((SIZE, SIZE), |(y, x)| !((20..76).contains(&y) && (20..76).contains(&x)));
    let mut lcg = Lcg::new(3);
    let mut objects = Array3::zeros((2, SIZE, SIZE));
    for ((e, y, x), value) in objects.indexed_iter_mut() {
        let [scale, phase, ramp_y, ramp_x] = gauges[e];
        let soiled = (y * 31 + x * 17) % 33 == 0;
        let (amplitude, turn) = match (air[(y, x)], soiled) {
            (true, false) => (1.0, 0.0),
            (true, true) => (0.8, -0.5),
            (false, _) => (0.7, -0.05 * y as f64),
        };
        let angle = turn + phase + ramp_y * y as f64 + ramp_x * x as f64;
        let (re, im) = (noise * lcg.normal(), noise * lcg.normal());
        *value = c32::new(
            (scale * (amplitude * angle.cos() + re)) as f32,
            (scale * (amplitude * angle.sin() + im)) as f32,
        );
    }
    (objects, air, gauges)
}

#[test]
fn air_becomes_one_whatever_the_gauge() {
    let (mut objects, air, gauges) = images(NOISE);
    let found = fix_gauge(&mut objects, air.view()).unwrap();
    let pixels = air.iter().filter(|air| **air).count() as f64;
    for (found, [scale, phase, ramp_y, ramp_x]) in found.iter().zip(gauges) {
        // A mean of n has NOISE/√n, five of these. Soiled pixels at 5 σ (phase) or 2 σ (amplitude) have 3 % of the say at
        // most, and at 2 σ less than half of that by the biweight: 0.03 · 0.2 · 0.7.
        let mean = 5.0 * NOISE / pixels.sqrt();
        assert!((found.scale / scale - 1.0).abs() < mean + 0.03 * 0.2 * 0.7, "{found:?}");
        // A plane over a border of rms distance SIZE/3 has a slope error of NOISE/√n/(SIZE/3).
        let slope = mean / (SIZE as f64 / 3.0);
        assert!((found.ramp.y.value() - ramp_y).abs() < slope, "{found:?}");
        assert!((found.ramp.x.value() - ramp_x).abs() < slope, "{found:?}");
        // At the corner the errors of the slopes add over half the image.
        assert!((found.phase.value() - phase).abs() < mean + slope * SIZE as f64, "{found:?}");
        // The robust standard deviation has an error of 1.17/√(2n)·… below 2 %, and 3 % of outliers widen it by 3 %.
        assert!((found.spread.value() / NOISE - 1.0).abs() < 0.06, "{found:?}");
    }
}

#[test]
fn the_object_comes_back_without_noise() {
    let (mut objects, air, _) = images(0.0);
    fix_gauge(&mut objects, air.view()).unwrap();
    for ((_, y, x), value) in objects.indexed_iter().filter(|((_, y, x), _)| !air[(*y, *x)]) {
        let truth = c32::from_polar(0.7, -0.05 * y as f32);
        // Rounded to f32 when made and when divided, 6e-8 of 0.7 each in both parts, and the factor itself.
        assert!((value - truth).norm() < 1e-6, "{value} {truth} at {y} {x}");
    }
}

#[test]
fn too_little_air_changes_nothing_and_is_named() {
    let (mut objects, _, _) = images(NOISE);
    let before = objects.clone();
    let mut air = Array2::from_elem((SIZE, SIZE), false);
    air[(3, 4)] = true;
    let error = fix_gauge(&mut objects, air.view()).unwrap_err();
    assert!(matches!(error, KkError::TooLittleAir { energy: 0, pixels: 1, .. }), "{error}");
    assert_eq!(objects, before);
    assert!(matches!(
        fix_gauge(&mut objects, Array2::from_elem((3, 3), true).view()),
        Err(KkError::Shape { .. })
    ));
}

#[test]
fn a_stack_has_the_density_of_intensity_and_a_phase_without_jumps() {
    let energies = Energies::new(&[10.0, 11.0, 12.0]).unwrap();
    // −2.9, −3.3 (seen as 2.98), −3.7 rad: two pixels, one misses its middle
    let mut objects = Array3::from_shape_fn((3, 1, 2), |(e, _, _)| {
        c32::from_polar((-0.5_f32).exp(), -2.9 - 0.4 * e as f32)
    });
    objects[(1, 0, 1)] = c32::new(0.0, 0.0);
    let stack = stack_of(objects.view(), &energies, None).unwrap();
    let phase = stack.phase().unwrap();
    for e in 0..3 {
        // μt = −2 ln e^(−½) = 1; a rounding of ln and of the norm each, of 1 and of 3.7 rad.
        assert!((stack.optical_density()[(e, 0, 0)] - 1.0).abs() < 4.0 * f32::EPSILON);
        assert!((phase[(e, 0, 0)] - (-2.9 - 0.4 * e as f32)).abs() < 4.0 * f32::EPSILON * 3.7);
    }
    assert!(phase[(1, 0, 1)].is_nan() && stack.optical_density()[(1, 0, 1)].is_nan());
    assert!((phase[(2, 0, 1)] + 3.7).abs() < 4.0 * f32::EPSILON * 3.7);
    let two = objects.slice_axis(Axis(0), (0..2).into());
    assert!(stack_of(two, &energies, None).is_err());
}

#[test]
fn a_phase_without_numbers_is_left() {
    let mut phase = arr3(&[[[f32::NAN]], [[f32::NAN]]]);
    unwrap_energies(&mut phase);
    assert!(phase.iter().all(|v| v.is_nan()));
}

#[test]
fn noise_is_the_spread_of_air() {
    let mut lcg = Lcg::new(9);
    let mut density = Array3::from_shape_simple_fn((2, 64, 64), || (2.0 + 0.3 * lcg.normal()) as f32);
    let phase = Array3::from_shape_simple_fn((2, 64, 64), || (0.1 * lcg.normal()) as f32);
    density[(0, 0, 0)] = f32::NAN;
    density.slice_mut(ndarray::s![.., 32.., ..]).fill(99.0);
    let air = Array2::from_shape_fn((64, 64), |(y, _)| y < 32);
    let noise = Noise::in_air(density.view(), phase.view(), air.view()).unwrap();
    for (found, truth) in noise.optical_density.iter().zip([0.3; 2]).chain(noise.phase.iter().zip([0.1; 2])) {
        // 2048 pixels: 1/√(2n) = 1.6 %, three of these
        assert!((found / truth - 1.0).abs() < 0.048, "{noise:?}");
    }
    let none = Array2::from_elem((64, 64), false);
    assert!(matches!(
        Noise::in_air(density.view(), phase.view(), none.view()),
        Err(KkError::TooLittleAir { operation: "noise in air", .. })
    ));
}

#[test]
fn objects_are_drawn_as_their_stack_is() {
    let axis = super::energies();
    let plan = KkConstraint::new(&[vanadium()]).plan(&axis, &Noise::uniform(40, 0.2, 0.1)).unwrap();
    let mut lcg = Lcg::new(11);
    // Phases of −3.1 ± 0.1 rad wrap at every other energy.
    let mut objects = Array3::from_shape_simple_fn((40, 2, 5), || {
        c32::from_polar((-0.3 + 0.1 * lcg.normal()).exp() as f32, (-3.1 + 0.1 * lcg.normal()) as f32)
    });
    objects[(4, 1, 1)] = c32::new(0.0, 0.0);
    let start = objects.clone();
    let stack = stack_of(objects.view(), &axis, None).unwrap();
    let (mut density, mut phase) = (stack.optical_density().clone(), stack.phase().unwrap().clone());
    let expected = plan.apply(&mut density, &mut phase).unwrap();
    let residual = apply_to_objects(&plan, &mut objects).unwrap();
    for ((e, y, x), value) in objects.indexed_iter() {
        if (y, x) == (1, 1) {
            assert_eq!(*value, start[(e, y, x)]);
            assert!(residual[(y, x)].is_nan());
        } else {
            let wanted = c32::from_polar((-0.5 * density[(e, y, x)]).exp(), phase[(e, y, x)]);
            // Some ten roundings of numbers up to 3.
            assert!((value - wanted).norm() < 30.0 * f32::EPSILON, "{value} {wanted}");
            assert_eq!(residual[(y, x)], expected[(y, x)]);
        }
    }
    let mut few = Array3::from_elem((3, 1, 1), c32::new(1.0, 0.0));
    assert!(matches!(apply_to_objects(&plan, &mut few), Err(KkError::Shape { .. })));
}
