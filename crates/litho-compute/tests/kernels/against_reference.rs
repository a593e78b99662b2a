//! Every kernel against the same equation in double precision with direct sums.

use crate::measures::{
    ERROR, OVERLAP, PIE, PRODUCT, PROJECTION, close, distance, same, scenes, special_scenes,
};
use crate::reference::Reference;
use crate::scene::Scene;
use litho_compute::{Kernels, Likelihood, PieWeights};
use ndarray::Array2;

fn check_pie(scene: &Scene, order: &[usize], weights: PieWeights) {
    let kernels = scene.kernels();
    let mut reference = Reference::new(scene);
    let mut model = scene.model(&kernels);
    let error = kernels.pie_sweep(order, Likelihood::Amplitude, weights, &mut model);
    let expected = reference.pie_sweep(order, Likelihood::Amplitude, weights);
    // Every frame starts from the rounding errors of the one before; they add at random.
    let growth = (order.len() as f64).sqrt();
    let apart = distance(kernels.store_object(&model.object).view(), &reference.object);
    assert!(apart < growth * PIE, "object off by {apart:e} ({}, {weights:?})", scene.name());
    let apart = distance(kernels.store_probe(&model.probe).view(), &reference.probe);
    assert!(apart < growth * PIE, "probe off by {apart:e} ({}, {weights:?})", scene.name());
    close("error", error, expected, growth * ERROR, scene);
}

#[test]
fn one_pie_update_is_its_equation() {
    let general = PieWeights { object_step: 0.7, probe_step: 0.4, object_gamma: 0.3, probe_gamma: 0.6 };
    let epie = PieWeights { object_step: 1.0, probe_step: 1.0, object_gamma: 1.0, probe_gamma: 1.0 };
    for scene in scenes() {
        for weights in [general, epie] {
            check_pie(&scene, &[3], weights);
        }
    }
}

#[test]
fn a_pie_sweep_takes_frames_in_the_order_given() {
    let weights = PieWeights { object_step: 0.7, probe_step: 0.4, object_gamma: 0.3, probe_gamma: 0.6 };
    for scene in scenes() {
        for order in [[0, 1, 2, 3, 4, 5], [4, 0, 5, 2, 2, 1]] {
            check_pie(&scene, &order, weights);
        }
    }
}

#[test]
fn a_probe_step_of_zero_leaves_the_probe() {
    let weights = PieWeights { object_step: 0.7, probe_step: 0.0, object_gamma: 0.3, probe_gamma: 1.0 };
    for scene in scenes() {
        check_pie(&scene, &[1, 0], weights);
        let kernels = scene.kernels();
        let mut model = scene.model(&kernels);
        kernels.pie_sweep(&[1, 0], Likelihood::Amplitude, weights, &mut model);
        assert_eq!(model.probe, scene.probe, "{}", scene.name());
    }
}

#[test]
fn exit_waves_are_products() {
    for scene in scenes() {
        let kernels = scene.kernels();
        let reference = Reference::new(&scene);
        let waves = kernels.exit_waves(&kernels.model(&scene.object, &scene.probe));
        for (frame, wave) in kernels.store_waves(&waves).outer_iter().enumerate() {
            let apart = distance(wave, &reference.exit_wave(frame));
            assert!(apart < PRODUCT, "frame {frame} off by {apart:e} ({})", scene.name());
        }
    }
}

#[test]
fn the_overlap_object_is_its_equation() {
    for scene in scenes() {
        let kernels = scene.kernels();
        for inertia in [0.01_f32, 0.5] {
            let mut reference = Reference::new(&scene);
            let mut model = scene.model(&kernels);
            kernels.overlap_object(inertia, &scene.waves, &mut model);
            reference.overlap_object(f64::from(inertia));
            same(&format!("object, inertia {inertia}"), &model.object, &reference.object, OVERLAP, &scene);
        }
    }
}

#[test]
fn the_overlap_probe_and_its_change_are_their_equations() {
    for scene in scenes() {
        let kernels = scene.kernels();
        for inertia in [1e-9_f32, 0.5] {
            let mut reference = Reference::new(&scene);
            let mut model = scene.model(&kernels);
            let change = kernels.overlap_probe(inertia, &scene.waves, &mut model);
            let expected = reference.overlap_probe(f64::from(inertia));
            same(&format!("probe, inertia {inertia}"), &model.probe, &reference.probe, OVERLAP, &scene);
            // The change is as large as the probe here, so its relative error is the probe's.
            close("change", change, expected, OVERLAP, &scene);
        }
    }
}

#[test]
fn a_comparison_adds_what_the_model_predicts() {
    for scene in scenes().into_iter().chain(special_scenes()) {
        let kernels = scene.kernels();
        let reference = Reference::new(&scene);
        let comparison = kernels.compare(&scene.model(&kernels));
        let mut model = Array2::<f64>::zeros(scene.frame_shape());
        let mut measured = Array2::<f64>::zeros(scene.frame_shape());
        let (mut all_errors, mut all_totals) = (0.0, 0.0);
        assert_eq!(comparison.frame_error.len(), scene.frame_count());
        for frame in 0..scene.frame_count() {
            let (modulus, amplitude) = (reference.model_modulus(frame), reference.amplitude(frame));
            let (mut error, mut total, mut predicted) = (0.0, 0.0, 0.0);
            for (at, a) in amplitude.indexed_iter() {
                let Some(a) = *a else { continue };
                error += (modulus[at] - a).powi(2);
                total += a * a;
                predicted += modulus[at].powi(2);
                measured[at] += a;
            }
            model += &modulus;
            close("frame error", comparison.frame_error[frame], error, ERROR, &scene);
            close("frame total", comparison.frame_total[frame], total, PRODUCT, &scene);
            close("frame model", comparison.frame_model[frame], predicted, ERROR, &scene);
            all_errors += error;
            all_totals += total;
        }
        close("error", comparison.error(), all_errors / all_totals, ERROR, &scene);
        close("total intensity", kernels.total_intensity(), all_totals, PRODUCT, &scene);
        for (at, expected) in model.indexed_iter() {
            close("model modulus", comparison.model_modulus[at], *expected, PROJECTION, &scene);
            let got = comparison.measured_modulus[at];
            assert!(
                (got - measured[at]).abs() <= PRODUCT * measured[at],
                "{got} instead of {}",
                measured[at]
            );
        }
    }
}
