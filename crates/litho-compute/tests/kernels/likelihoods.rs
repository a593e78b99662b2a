//! Sequential updates and batches under every likelihood against their equations.

use crate::measures::{
    BEAM, EPSILON, ERROR, OVERLAP, PIE, PROJECTION, close, long_scene, norm_sqr, same, scenes, special_scenes,
};
use crate::reference::Reference;
use crate::scene::{Field, Scene};
use litho_compute::{Kernels, Likelihood, PieWeights};

pub(crate) const LIKELIHOODS: [Likelihood; 3] =
    [Likelihood::Amplitude, Likelihood::Intensity, Likelihood::Poisson];

/// The Poisson step multiplies the rounding of a dark pixel by up to ½ (I + 0.1)/0.1: over counts of 20 in the mean and
/// modelled intensities that fall off exponentially from a mean of 7, √(¼ · 20²/(0.1 · 7)) = 12 times the 1.5 ε of a transform
/// in the mean square.
const POISSON_PIE: f64 = 18.0 * EPSILON;
/// Beams of their own, a dark pixel's direction ([`PROJECTION`]) and a factor that is a small difference of large
/// intensities: whatever of them a scene has.
const SPECIAL: f64 = PROJECTION + 2.0 * BEAM;

fn check_pie(scene: &Scene, order: &[usize], likelihood: Likelihood, tolerance: f64) {
    let weights = PieWeights { object_step: 0.7, probe_step: 0.4, object_gamma: 0.3, probe_gamma: 0.6 };
    let kernels = scene.kernels();
    let (mut reference, mut model) = (Reference::new(scene), scene.model(&kernels));
    let error = kernels.pie_sweep(order, likelihood, weights, &mut model);
    let expected = reference.pie_sweep(order, likelihood, weights);
    // Every frame starts from the rounding errors of the one before; they add at random.
    let growth = (order.len() as f64).sqrt();
    let label = |part: &str| format!("{part}, {likelihood:?}, {order:?}");
    same(&label("object"), &model.object, &reference.object, growth * tolerance, scene);
    same(&label("probe"), &model.probe, &reference.probe, growth * tolerance, scene);
    close(&label("error"), error, expected, growth * (ERROR + BEAM), scene);
}

#[test]
fn pie_updates_follow_the_likelihood() {
    for scene in scenes() {
        for likelihood in LIKELIHOODS {
            let tolerance = if likelihood == Likelihood::Poisson { POISSON_PIE } else { PIE };
            check_pie(&scene, &[3], likelihood, tolerance);
            check_pie(&scene, &[4, 0, 5, 2, 2, 1], likelihood, tolerance);
        }
    }
}

#[test]
fn pie_updates_take_beams_background_and_saturation() {
    for scene in special_scenes() {
        for likelihood in LIKELIHOODS {
            check_pie(&scene, &[2], likelihood, SPECIAL);
            check_pie(&scene, &[4, 0, 5, 2, 2, 1], likelihood, SPECIAL);
        }
    }
}

/// Residuals are differences: their errors are those of the waves, before the difference.
fn check_batch(scene: &Scene, frames: &[usize], likelihood: Likelihood, tolerance: f64) {
    let kernels = scene.kernels();
    let (reference, model) = (Reference::new(scene), scene.model(&kernels));
    let batch = kernels.batch(frames, likelihood, &model, None);
    let expected = reference.batch(frames, likelihood);
    assert_eq!(batch.frames, frames);
    let before: f64 = frames.iter().map(|&frame| norm_sqr(&reference.exit_wave(frame))).sum();
    let lost = (1.0 + before / norm_sqr(&expected.waves)).sqrt();
    let label = |part: &str| format!("{part}, {likelihood:?}, {frames:?}");
    same(&label("residuals"), &batch.residuals, &expected.waves, lost * tolerance, scene);
    let sums = lost * (tolerance + OVERLAP + BEAM);
    same(&label("object push"), &batch.object_push, &expected.object, sums, scene);
    same(&label("probe push"), &batch.probe_push, &expected.probe, sums, scene);
    close(&label("error"), batch.error, expected.error, ERROR + BEAM, scene);
}

#[test]
fn a_batch_is_its_equations() {
    for scene in scenes() {
        for likelihood in LIKELIHOODS {
            check_batch(&scene, &[3], likelihood, PROJECTION);
            check_batch(&scene, &[5, 0, 4], likelihood, PROJECTION);
        }
    }
}

#[test]
fn a_batch_takes_beams_background_and_saturation() {
    for scene in special_scenes() {
        for likelihood in LIKELIHOODS {
            check_batch(&scene, &[5, 0, 4, 1], likelihood, SPECIAL);
        }
    }
}

#[test]
fn a_batch_of_many_frames_is_the_sum_of_small_ones() {
    for field in [Field::Far, Field::Near] {
        let scene = long_scene(field);
        let frames: Vec<usize> = (0..scene.frame_count()).rev().collect();
        for likelihood in LIKELIHOODS {
            check_batch(&scene, &frames, likelihood, PROJECTION);
        }
    }
}

#[test]
fn counts_that_are_met_leave_nothing_to_do() {
    // Analytic: a model that gives the counts exactly is a fixed point of every likelihood. The counts are rounded once,
    // so the residual is the rounding of a way there and back, 3 ε of the wave, in any direction at a dark pixel.
    for scene in scenes() {
        let mut met = scene.clone();
        let reference = Reference::new(&scene);
        for frame in 0..scene.frame_count() {
            let modulus = reference.model_modulus(frame);
            met.intensities.index_axis_mut(ndarray::Axis(0), frame).assign(&modulus.mapv(|m| (m * m) as f32));
        }
        let kernels = met.kernels();
        let model = met.model(&kernels);
        let power: f64 = (0..met.frame_count()).map(|frame| norm_sqr(&reference.exit_wave(frame))).sum();
        for likelihood in LIKELIHOODS {
            let frames: Vec<usize> = (0..met.frame_count()).collect();
            let batch = kernels.batch(&frames, likelihood, &model, None);
            let left: f64 = batch.residuals.iter().map(|v| f64::from(v.norm_sqr())).sum();
            assert!(
                (left / power).sqrt() < 5.0 * EPSILON,
                "{likelihood:?}: {left:e} of {power} ({})",
                met.name()
            );
            assert!(batch.error < (PROJECTION * PROJECTION) * power, "{likelihood:?}: {:e}", batch.error);
        }
    }
}
