//! Every kernel against the same equation in double precision with direct sums.

use crate::reference::{C64, Reference};
use crate::scene::{Field, Scene, Sizes, widen};
use litho_compute::{Kernels, PieWeights, RelaxedProjection};
use litho_types::C32;
use ndarray::{Array, Array2, ArrayView, Dimension};

const EPSILON: f64 = f32::EPSILON as f64;
/// Exit waves are two products and a sum, and inputs are exact: at most 3 roundings of ε/2.
const PRODUCT: f64 = 1.5 * EPSILON;
/// A transform and its inverse round 2·log₂ 256 = 16 times and the rest of an update about as often; errors of
/// ε/2 each that add at random stay near ε·√32/2 = 3 ε of the whole array.
const PIE: f64 = 5.0 * EPSILON;
/// Where a wave is nearly dark its rounding becomes an error of direction, which the step of a difference map passes on
/// whole. Over some thousand Rayleigh-distributed moduli that multiplies the 3 ε by up to √(ln 10³) ≈ 2.6 in the mean
/// square, and twice that where a single dark pixel weighs on a small frame. The same bound holds for the modulus of a
/// single pixel that is a tenth of the typical one.
const PROJECTION: f64 = 20.0 * EPSILON;
/// Sums over at most 6 frames × 3 modes: 18 products and additions of ε/2 each, at random √36/2 ε = 3 ε.
const OVERLAP: f64 = 3.0 * EPSILON;
/// `Σ(|F| − √I)²` over 100 and more pixels: a miss is as large as the modulus, whose relative error is that of one
/// transform, 2 ε; the square doubles it. Room of 2.
const ERROR: f64 = 8.0 * EPSILON;

/// Mixed radices not a multiple of the vector width, powers of two, and primes, each with one and three modes.
fn scenes() -> Vec<Scene> {
    let mut all = Vec::new();
    for (frame, object) in [((12, 10), (21, 19)), ((16, 16), (23, 30)), ((11, 13), (20, 17))] {
        for field in [Field::Far, Field::Near] {
            for modes in [1, 3] {
                let seed = 100 + all.len() as u64;
                all.push(Scene::random(field, Sizes { frame, frames: 6, modes, object }, seed));
            }
        }
    }
    all
}

fn name(scene: &Scene) -> String {
    format!("{:?} field, {:?} pixels, {} modes", scene.field, scene.frame_shape(), scene.probe.dim().0)
}

/// `‖a − b‖/‖b‖`.
fn distance<D: Dimension>(a: ArrayView<'_, C32, D>, b: &Array<C64, D>) -> f64 {
    assert_eq!(a.shape(), b.shape());
    let difference: f64 = a.iter().zip(b).map(|(a, b)| (widen(*a) - b).norm_sqr()).sum();
    (difference / b.iter().map(C64::norm_sqr).sum::<f64>()).sqrt()
}

fn close(what: &str, got: f64, want: f64, tolerance: f64, scene: &Scene) {
    assert!((got / want - 1.0).abs() < tolerance, "{what}: {got} instead of {want} ({})", name(scene));
}

fn check_pie(scene: &Scene, order: &[usize], weights: PieWeights) {
    let kernels = scene.kernels();
    let mut reference = Reference::new(scene);
    let (mut object, mut probe) = (kernels.load_object(&scene.object), kernels.load_probe(&scene.probe));
    let error = kernels.pie_sweep(order, weights, &mut object, &mut probe);
    let expected = reference.pie_sweep(order, weights);
    // Every frame starts from the rounding errors of the one before; they add at random.
    let growth = (order.len() as f64).sqrt();
    let apart = distance(kernels.store_object(&object).view(), &reference.object);
    assert!(apart < growth * PIE, "object off by {apart:e} ({}, {weights:?})", name(scene));
    let apart = distance(kernels.store_probe(&probe).view(), &reference.probe);
    assert!(apart < growth * PIE, "probe off by {apart:e} ({}, {weights:?})", name(scene));
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
        let (mut object, mut probe) = (scene.object.clone(), scene.probe.clone());
        kernels.pie_sweep(&[1, 0], weights, &mut object, &mut probe);
        assert_eq!(probe, scene.probe, "{}", name(&scene));
    }
}

#[test]
fn exit_waves_are_products() {
    for scene in scenes() {
        let kernels = scene.kernels();
        let reference = Reference::new(&scene);
        let waves =
            kernels.exit_waves(&kernels.load_object(&scene.object), &kernels.load_probe(&scene.probe));
        for (frame, wave) in kernels.store_waves(&waves).outer_iter().enumerate() {
            let apart = distance(wave, &reference.exit_wave(frame));
            assert!(apart < PRODUCT, "frame {frame} off by {apart:e} ({})", name(&scene));
        }
    }
}

#[test]
fn a_relaxed_projection_is_its_equation() {
    let difference_map = RelaxedProjection { a: -1.0, b: 1.0, c: 2.0 };
    let alternating = RelaxedProjection { a: 0.0, b: 1.0, c: 1.0 };
    let general = RelaxedProjection { a: 0.3, b: 0.6, c: 1.4 };
    for scene in scenes() {
        let kernels = scene.kernels();
        for coefficients in [difference_map, alternating, general] {
            let mut reference = Reference::new(&scene);
            let mut waves = kernels.load_waves(&scene.waves);
            let error = kernels.relaxed_projection(coefficients, &scene.object, &scene.probe, &mut waves);
            let expected = reference.relaxed_projection(coefficients);
            let apart = distance(kernels.store_waves(&waves).view(), &reference.waves);
            assert!(apart < PROJECTION, "waves off by {apart:e} ({}, {coefficients:?})", name(&scene));
            close("error", error, expected, ERROR, &scene);
        }
    }
}

#[test]
fn the_overlap_object_is_its_equation() {
    for scene in scenes() {
        let kernels = scene.kernels();
        for inertia in [0.01_f32, 0.5] {
            let mut reference = Reference::new(&scene);
            let mut object = kernels.load_object(&scene.object);
            kernels.overlap_object(inertia, &scene.probe, &scene.waves, &mut object);
            reference.overlap_object(f64::from(inertia));
            let apart = distance(kernels.store_object(&object).view(), &reference.object);
            assert!(apart < OVERLAP, "object off by {apart:e} ({}, inertia {inertia})", name(&scene));
        }
    }
}

#[test]
fn the_overlap_probe_and_its_change_are_their_equations() {
    for scene in scenes() {
        let kernels = scene.kernels();
        for inertia in [1e-9_f32, 0.5] {
            let mut reference = Reference::new(&scene);
            let mut probe = kernels.load_probe(&scene.probe);
            let change = kernels.overlap_probe(inertia, &scene.object, &scene.waves, &mut probe);
            let expected = reference.overlap_probe(f64::from(inertia));
            let apart = distance(kernels.store_probe(&probe).view(), &reference.probe);
            assert!(apart < OVERLAP, "probe off by {apart:e} ({}, inertia {inertia})", name(&scene));
            // The change is as large as the probe here, so its relative error is the probe's.
            close("change", change, expected, OVERLAP, &scene);
        }
    }
}

#[test]
fn a_comparison_adds_what_the_model_predicts() {
    for scene in scenes() {
        let kernels = scene.kernels();
        let reference = Reference::new(&scene);
        let comparison = kernels.compare(&scene.object, &scene.probe);
        let mut model = Array2::<f64>::zeros(scene.frame_shape());
        let mut measured = Array2::<f64>::zeros(scene.frame_shape());
        let (mut all_errors, mut all_totals) = (0.0, 0.0);
        assert_eq!(comparison.frame_error.len(), scene.frame_count());
        for frame in 0..scene.frame_count() {
            let (modulus, amplitude) = (reference.model_modulus(frame), reference.amplitude(frame));
            let (mut error, mut total) = (0.0, 0.0);
            for (at, a) in amplitude.indexed_iter() {
                let Some(a) = *a else { continue };
                error += (modulus[at] - a).powi(2);
                total += a * a;
                measured[at] += a;
            }
            model += &modulus;
            close("frame error", comparison.frame_error[frame], error, ERROR, &scene);
            close("frame total", comparison.frame_total[frame], total, PRODUCT, &scene);
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
