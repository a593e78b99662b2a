//! Gradients and slopes against finite differences of the likelihood itself, in double precision.
//!
//! The likelihoods are those of the documentation, but for one: the Poisson gradient adds 0.1 counts to both sides of
//! the ratio `I/I_m`, so it is exactly the gradient of `Σ I_m − (I + 0.1) ln(I_m + 0.1)`, and that is what is tested.
//! The likelihood of a saturated pixel is the plain one up to `I_m = I` and constant beyond.

use crate::likelihoods::LIKELIHOODS;
use crate::measures::{BEAM, OVERLAP, PROJECTION, directions, long_scene, same, scenes, special_scenes};
use crate::reference::{C64, Reference};
use crate::scene::{Field, Scene, widen};
use litho_compute::{DeviceArray, Kernels, Likelihood};
use litho_types::C32;
use ndarray::{Array2, Array3};

/// Half the step of a central difference. Its error is of the order of (h |δF|/|F|)² where a wave is darkest, say a fortieth
/// of the typical one and the direction a tenth: (1e-5 · 4)² = 2e-9; rounding adds 1e-16 L/h = 1e-11 L.
const STEP: f64 = 1e-5;
/// Errors of a gradient do not know the direction: of a relative error e of the gradient a direction of n real numbers
/// sees e‖g‖‖d‖/√n as standard deviation. Five of those.
const DEVIATIONS: f64 = 5.0;
/// What a gradient's factor adds: `1 − a/√I_m` and the like are differences, but of terms each as exact as a wave; the
/// sum of the frames and the beams' ways.
const GRADIENT: f64 = PROJECTION + OVERLAP + 2.0 * BEAM;

/// `dL/dt` at `t` by a central difference of the reference's likelihood.
fn difference(
    reference: &Reference,
    likelihood: Likelihood,
    object: Option<&Array2<C32>>,
    probe: Option<&Array3<C32>>,
    t: f64,
) -> f64 {
    let at = |t: f64| {
        let mut moved = reference.clone();
        if let Some(object) = object {
            moved.object.scaled_add(C64::from(t), &object.mapv(widen));
        }
        if let Some(probe) = probe {
            moved.probe.scaled_add(C64::from(t), &probe.mapv(widen));
        }
        moved.loss(likelihood)
    };
    (at(t + STEP) - at(t - STEP)) / (2.0 * STEP)
}

/// How far a derivative along `direction` may be off for a gradient of this size and a lost share of digits.
fn tolerance<A: DeviceArray>(gradient: &A, direction: &A, numbers: usize, lost: f64) -> f64 {
    let size = (gradient.dot(gradient) * direction.dot(direction)).sqrt();
    2.0 * DEVIATIONS * lost * GRADIENT * size / (numbers as f64).sqrt()
}

/// A gradient is the difference of what the model says and what the counts say: where they nearly agree its relative error is
/// larger by `√(‖model's part‖²/‖gradient‖²)`, which for these scenes of random counts stays below 4.
const LOST: f64 = 4.0;

fn check_gradient(scene: &Scene) {
    let kernels = scene.kernels();
    let (reference, model) = (Reference::new(scene), scene.model(&kernels));
    for likelihood in LIKELIHOODS {
        let gradient = kernels.gradient(likelihood, &model);
        for seed in [71, 72] {
            let (object, probe) = directions(scene, seed);
            // dL = 2 Re⟨∂L/∂O*, dO⟩
            let cases = [
                (
                    2.0 * gradient.object.dot(&object),
                    difference(&reference, likelihood, Some(&object), None, 0.0),
                    tolerance(&gradient.object, &object, 2 * object.len(), LOST),
                    "object",
                ),
                (
                    2.0 * gradient.probe.dot(&probe),
                    difference(&reference, likelihood, None, Some(&probe), 0.0),
                    tolerance(&gradient.probe, &probe, 2 * probe.len(), LOST),
                    "probe",
                ),
            ];
            for (got, want, tolerance, what) in cases {
                let apart = (got - want).abs();
                let name = scene.name();
                assert!(
                    apart < tolerance,
                    "{likelihood:?} by {what}: {got} instead of {want}, {apart:e} > {tolerance:e} ({name})"
                );
            }
        }
    }
}

#[test]
fn a_gradient_is_the_derivative_of_its_likelihood() {
    for scene in scenes() {
        check_gradient(&scene);
    }
}

#[test]
fn a_gradient_takes_beams_background_and_saturation() {
    for scene in special_scenes() {
        check_gradient(&scene);
    }
}

#[test]
fn a_gradient_takes_the_frames_of_every_chunk() {
    for field in [Field::Far, Field::Near] {
        check_gradient(&long_scene(field));
    }
}

#[test]
fn every_number_of_a_gradient_is_its_equation() {
    for scene in scenes().into_iter().chain(special_scenes()) {
        let kernels = scene.kernels();
        let reference = Reference::new(&scene);
        for likelihood in LIKELIHOODS {
            let gradient = kernels.gradient(likelihood, &scene.model(&kernels));
            let expected = reference.gradient(likelihood);
            let label = |part: &str| format!("{likelihood:?} by {part}");
            same(&label("object"), &gradient.object, &expected.object, LOST * GRADIENT, &scene);
            same(&label("probe"), &gradient.probe, &expected.probe, LOST * GRADIENT, &scene);
            crate::measures::close(
                &label("error"),
                gradient.error,
                expected.error,
                crate::measures::ERROR + BEAM,
                &scene,
            );
        }
    }
}

fn check_slopes(scene: &Scene) {
    let kernels = scene.kernels();
    let (reference, model) = (Reference::new(scene), scene.model(&kernels));
    let (object, probe) = directions(scene, 73);
    // Exact in single precision, which the kernel takes the lengths in.
    let lengths = [0.0, 0.25, -0.5, 1.5, 4.0];
    for likelihood in LIKELIHOODS {
        let slopes = kernels.slopes(likelihood, &model, &object, &probe, &lengths);
        for (t, got) in lengths.into_iter().zip(slopes) {
            let want = difference(&reference, likelihood, Some(&object), Some(&probe), t);
            // The gradient at the place tells how large the terms are that add up to the slope.
            let mut there = scene.model(&kernels);
            there.object.add_scaled(t as f32, &object);
            there.probe.add_scaled(t as f32, &probe);
            let gradient = kernels.gradient(likelihood, &there);
            let tolerance = tolerance(&gradient.object, &object, 2 * object.len(), LOST)
                + tolerance(&gradient.probe, &probe, 2 * probe.len(), LOST);
            // Far out the direction is part of the place: what is off there is off along it.
            let along = t.abs() * GRADIENT * want.abs();
            let apart = (got - want).abs();
            assert!(
                apart < tolerance + along,
                "{likelihood:?} at {t}: {got} instead of {want}, {apart:e} > {tolerance:e} + {along:e} ({})",
                scene.name()
            );
        }
    }
}

#[test]
fn slopes_are_derivatives_along_the_line() {
    for scene in scenes().into_iter().chain(special_scenes()) {
        check_slopes(&scene);
    }
}

#[test]
fn slopes_take_the_frames_of_every_chunk() {
    for field in [Field::Far, Field::Near] {
        check_slopes(&long_scene(field));
    }
}

#[test]
fn no_lengths_no_slopes() {
    let scene = &scenes()[0];
    let kernels = scene.kernels();
    let (object, probe) = directions(scene, 74);
    assert!(kernels.slopes(Likelihood::Poisson, &scene.model(&kernels), &object, &probe, &[]).is_empty());
}
