//! Starting probes, scales and coverage against what they are said to be.

use crate::exact::Exact;
use litho_compute::Measurement;
use litho_ptycho::{coverage, mean_frame_probe, prepare, scale_to_frames};
use litho_sim::example::{tiny_far_field, tiny_near_field};
use litho_types::orientation::Orientation;
use ndarray::{Array2, Axis};

/// One transform back and one forth: 2·log₂(48²) ≈ 22 roundings of ε/2 that add at random stay near 2.5 ε of the root
/// mean square modulus; the largest of 2304 pixels is 4 times that, and room of 2.
const ROUND_TRIP: f64 = 20.0 * f32::EPSILON as f64;
/// A sum of some hundred squares in double precision of values rounded twice.
const POWER: f64 = 2.0 * f32::EPSILON as f64;

/// Measurements in the far and the near field, and one with masked pixels and odd sides.
fn measurements() -> Vec<Measurement> {
    let simulated = [tiny_far_field(), tiny_near_field()].into_iter().map(|description| {
        description.and_then(|description| description.simulate()).expect("the example is valid").0
    });
    let odd = Exact::new((15, 21), 1).scan;
    let all = simulated.chain([odd]);
    all.map(|scan| prepare(&scan, Orientation::IDENTITY).expect("the scan's parts fit")).collect()
}

/// `√⟨I⟩` over measured pixels, 0 elsewhere: the plain sum over frames.
fn root_mean(measurement: &Measurement) -> Array2<f64> {
    let frames = measurement.frames();
    let mut sum = Array2::<f64>::zeros(measurement.frame_shape());
    for index in 0..frames.len() {
        sum += &frames.frame(index).mapv(f64::from);
    }
    let mut root = sum.mapv(|s| (s / frames.len() as f64).sqrt());
    root.zip_mut_with(measurement.good(), |r, good| *r = if *good { *r } else { 0.0 });
    root
}

#[test]
fn the_mean_frame_probe_propagates_to_the_mean_frame() {
    for measurement in measurements() {
        for curvature in [0.0, -8.0, 3.0] {
            let probe = mean_frame_probe(&measurement, curvature);
            let propagator = measurement.propagator();
            let mut field = propagator.wavefield(1);
            field.waves.iter_mut().zip(&probe).for_each(|(to, from)| *to = *from);
            propagator.to_detector(&mut field);
            let expected = root_mean(&measurement);
            let typical = (expected.mapv(|a| a * a).mean().expect("frames have pixels")).sqrt();
            for (wave, expected) in field.waves.iter().zip(&expected) {
                let apart = (f64::from(wave.norm()) - expected).abs();
                assert!(apart < ROUND_TRIP * typical, "{apart:e} of {typical}, curvature {curvature}");
            }
        }
    }
}

#[test]
fn the_mean_frame_probe_is_in_the_middle() {
    // A mean frame of zero phase has its beam on the axis: in the far field the brightest pixel is (ny/2, nx/2).
    for measurement in measurements().into_iter().filter(|m| m.propagator().is_far_field()) {
        let (ny, nx) = measurement.frame_shape();
        let probe = mean_frame_probe(&measurement, 0.0);
        let brightest = probe.indexed_iter().max_by(|a, b| a.1.norm().total_cmp(&b.1.norm()));
        assert_eq!(brightest.map(|(place, _)| place), Some((ny / 2, nx / 2)));
    }
}

#[test]
fn a_scaled_probe_has_the_power_of_the_brightest_frame() {
    for measurement in measurements() {
        let mut probe = mean_frame_probe(&measurement, 0.0).insert_axis(Axis(0));
        probe.mapv_inplace(|p| p * 7.0);
        scale_to_frames(&mut probe, &measurement);
        let power: f64 = probe.iter().map(|p| f64::from(p.norm_sqr())).sum();
        let brightest = (0..measurement.frames().len())
            .map(|index| {
                let frame = measurement.frames().frame(index);
                let lit = frame.iter().zip(measurement.good()).filter(|(_, good)| **good);
                lit.map(|(value, _)| f64::from(*value)).sum::<f64>()
            })
            .fold(0.0, f64::max);
        assert!((power / brightest - 1.0).abs() < POWER, "{power} of {brightest}");
    }
}

#[test]
fn coverage_is_the_light_of_all_frames_relative_to_its_largest() {
    for measurement in measurements() {
        let probe = mean_frame_probe(&measurement, 0.0).insert_axis(Axis(0));
        let seen = coverage(&measurement, &probe);
        let mut expected = Array2::<f64>::zeros(measurement.placement().object_shape);
        for [cy, cx] in &measurement.placement().corners {
            for ((_, y, x), p) in probe.indexed_iter() {
                expected[(cy + y, cx + x)] += f64::from(p.norm_sqr());
            }
        }
        let largest = expected.iter().copied().fold(0.0, f64::max);
        assert_eq!(seen.iter().copied().fold(0.0, f32::max), 1.0);
        // Sums of at most 64 positive terms in single precision: 64 roundings of ε/2.
        let tolerance = 32.0 * f64::from(f32::EPSILON);
        for (seen, expected) in seen.iter().zip(&expected) {
            let (seen, expected) = (f64::from(*seen), expected / largest);
            assert!((seen - expected).abs() <= tolerance * expected, "{seen} instead of {expected}");
        }
        assert_eq!(seen[(0, 0)], 0.0, "the margin saw no light");
    }
}
