//! Exact zeros anywhere must never become NaN, and holes in single frames must be left out.

use crate::measures::directions;
use crate::reference::Reference;
use crate::scene::{Field, Scene, Sizes};
use litho_compute::{Averaged, Inertia, Kernels, Likelihood, PieWeights, WaveStep};
use litho_types::C32;
use ndarray::s;

/// The total of a frame is a sum of roots squared: relative error ε/2 each, ε allowed.
const TOTAL: f64 = f32::EPSILON as f64;

fn scene(field: Field, modes: usize) -> Scene {
    Scene::random(field, Sizes { frame: (12, 10), frames: 4, modes, object: (22, 21) }, 21)
}

fn finite<'a>(waves: impl IntoIterator<Item = &'a C32>) -> bool {
    waves.into_iter().all(|w| w.re.is_finite() && w.im.is_finite())
}

/// Runs every kernel and asserts that what comes out is numbers.
fn assert_numbers(scene: &Scene, what: &str) {
    let kernels = scene.kernels();
    let order: Vec<usize> = (0..scene.frame_count()).collect();
    for gamma in [1.0, 0.1] {
        let weights =
            PieWeights { object_step: 1.0, probe_step: 1.0, object_gamma: gamma, probe_gamma: gamma };
        for likelihood in [Likelihood::Amplitude, Likelihood::Intensity, Likelihood::Poisson] {
            let mut model = scene.model(&kernels);
            let error = kernels.pie_sweep(&order, likelihood, weights, &mut model);
            assert!(
                error.is_finite() && finite(&model.object) && finite(&model.probe),
                "pie_sweep {likelihood:?}, γ = {gamma}: {what}"
            );
        }
    }
    for step in [
        WaveStep { argument: [2.0, -1.0], next: [1.0, -1.0, 1.0], averaged: Averaged::Waves },
        WaveStep { argument: [1.0, 0.0], next: [0.0, 0.0, 1.0], averaged: Averaged::Projected },
    ] {
        for inertia in [0.0, 0.01] {
            let mut model = scene.model(&kernels);
            let mut waves = kernels.exit_waves(&model);
            let hold = Inertia { object: inertia, probe: Some(inertia) };
            let error = kernels.wave_step(step, hold, &mut model, &mut waves);
            assert!(error.is_finite() && finite(&waves), "wave_step: {what}");
            assert!(finite(&model.object) && finite(&model.probe), "wave_step, {inertia}: {what}");
            let mut model = scene.model(&kernels);
            kernels.overlap_object(inertia, &waves, &mut model);
            let change = kernels.overlap_probe(inertia, &waves, &mut model);
            assert!(
                finite(&model.object) && finite(&model.probe) && change.is_finite(),
                "overlap, {inertia}: {what}"
            );
        }
    }
    assert_numbers_of_sums(scene, what);
}

/// The kernels that leave the model as it is.
fn assert_numbers_of_sums(scene: &Scene, what: &str) {
    let kernels = scene.kernels();
    let model = scene.model(&kernels);
    let order: Vec<usize> = (0..scene.frame_count()).collect();
    let (object, probe) = directions(scene, 22);
    for likelihood in [Likelihood::Amplitude, Likelihood::Intensity, Likelihood::Poisson] {
        let batch = kernels.batch(&order, likelihood, &model, None);
        assert!(finite(&batch.residuals) && finite(&batch.object_push), "batch {likelihood:?}: {what}");
        assert!(finite(&batch.probe_push) && batch.error.is_finite(), "batch {likelihood:?}: {what}");
        let gradient = kernels.gradient(likelihood, &model);
        assert!(finite(&gradient.object) && finite(&gradient.probe), "gradient {likelihood:?}: {what}");
        let slopes = kernels.slopes(likelihood, &model, &object, &probe, &[0.0, 0.5, -1.0]);
        assert!(slopes.iter().all(|s| s.is_finite()), "slopes {likelihood:?}: {what}");
    }
    let light = kernels.light(&order, &model);
    for gamma in [0.0, 0.1, 1.0] {
        let (mut object, mut probe) = (object.clone(), probe.clone());
        kernels.divide_object(&mut object, &light.on_object, gamma);
        kernels.divide_probe(&mut probe, &light.on_probe, gamma);
        // Without light and without a floor the quotient may be infinite, but not undefined.
        let numbers = |v: &C32| !v.re.is_nan() && !v.im.is_nan();
        assert!(object.iter().all(numbers) && probe.iter().all(numbers), "divide, γ = {gamma}: {what}");
    }
    let sums = kernels.detector_sums(&model);
    assert!(sums.weight.iter().chain(&sums.excess).all(|v| v.is_finite()), "detector_sums: {what}");
    let positions = kernels.position_sums(&model);
    assert!(positions.iter().all(|p| p.right.iter().all(|v| v.is_finite())), "position_sums: {what}");
    let comparison = kernels.compare(&model);
    assert!(comparison.frame_error.iter().all(|e| e.is_finite()), "compare: {what}");
    assert!(comparison.model_modulus.iter().all(|e| e.is_finite()), "compare: {what}");
}

#[test]
fn dark_frames_beams_and_objects_stay_numbers() {
    for field in [Field::Far, Field::Near] {
        for modes in [1, 3] {
            let lit = scene(field, modes);
            let mut dark = lit.clone();
            dark.intensities.slice_mut(s![1, .., ..]).fill(0.0);
            assert_numbers(&dark, "a frame without photons");

            let mut dark = lit.clone();
            dark.probe.slice_mut(s![.., .., 4..]).fill(C32::default());
            assert_numbers(&dark, "a beam with exact zeros");

            let mut dark = lit.clone();
            dark.probe.slice_mut(s![0, .., ..]).fill(C32::default());
            assert_numbers(&dark, "a mode without light");

            let mut dark = lit.clone();
            dark.object.fill(C32::default());
            assert_numbers(&dark, "an opaque object");

            let mut dark = lit.clone();
            dark.good.fill(false);
            dark.good[(5, 5)] = true;
            assert_numbers(&dark, "a single good pixel");
        }
    }
}

#[test]
fn an_opaque_patch_leaves_the_probe_and_a_dark_beam_the_object() {
    // ψ = P·O = 0 has no direction that a measured modulus could be given to: nothing may move.
    let weights = PieWeights { object_step: 1.0, probe_step: 1.0, object_gamma: 1.0, probe_gamma: 1.0 };
    for field in [Field::Far, Field::Near] {
        let mut dark = scene(field, 1);
        dark.probe.fill(C32::default());
        let kernels = dark.kernels();
        for likelihood in [Likelihood::Amplitude, Likelihood::Intensity, Likelihood::Poisson] {
            let mut model = dark.model(&kernels);
            kernels.pie_sweep(&[0, 1], likelihood, weights, &mut model);
            assert_eq!((&model.object, &model.probe), (&dark.object, &dark.probe), "{likelihood:?}");
        }
    }
}

#[test]
fn object_pixels_no_frame_saw_stay_as_they_were() {
    // With no light (Σ c O)/c = O up to the rounding of a product and a quotient; without inertia c is the smallest
    // normal number, and the product's spacing there is 2⁻²³ of it: again ε.
    for inertia in [0.0, 0.01] {
        let mut scene = scene(Field::Far, 2);
        scene.views.places = vec![[0.0, 0.0], [3.0, 2.0], [4.0, 0.0], [1.0, 1.0]];
        let kernels = scene.kernels();
        let mut model = scene.model(&kernels);
        kernels.overlap_object(inertia, &scene.waves, &mut model);
        for ((y, x), o) in model.object.indexed_iter().filter(|((y, x), _)| *y >= 4 + 12 || *x >= 2 + 10) {
            let was = scene.object[(y, x)];
            assert!((o - was).norm() <= 2.0 * f32::EPSILON * was.norm().max(1.0), "{o} was {was}");
        }
    }
}

#[test]
fn a_hole_in_one_frame_is_left_out_of_that_frame_alone() {
    for field in [Field::Far, Field::Near] {
        let mut holed = scene(field, 1);
        holed.good.fill(true);
        holed.intensities[(2, 5, 3)] = f32::NAN;
        let kernels = holed.kernels();
        let comparison = kernels.compare(&holed.model(&kernels));
        let reference = Reference::new(&holed);
        for frame in 0..holed.frame_count() {
            let total: f64 = reference.amplitude(frame).iter().flatten().map(|a| a * a).sum();
            let got = comparison.frame_total[frame];
            assert!((got / total - 1.0).abs() < TOTAL, "frame {frame}: {got} instead of {total}");
        }
        assert_numbers(&holed, "a hole in one frame");
    }
}

#[test]
fn the_total_intensity_counts_every_measured_pixel() {
    // The same photons by two ways: the measurement's own total and the frames' totals of a comparison.
    // Neither a hole nor a negative number, as dark subtraction leaves them, is a measured modulus.
    let mut holed = scene(Field::Far, 1);
    holed.good.fill(true);
    holed.intensities[(2, 5, 3)] = f32::NAN;
    holed.intensities[(1, 8, 4)] = -2.0;
    let kernels = holed.kernels();
    let totals: f64 = kernels.compare(&holed.model(&kernels)).frame_total.iter().sum();
    let total = kernels.total_intensity();
    assert!((total / totals - 1.0).abs() < TOTAL, "{total} of {totals}");
}
