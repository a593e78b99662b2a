//! Pixels that say little or nothing: saturated ones, gaps, holes in single frames.

use crate::likelihoods::LIKELIHOODS;
use crate::measures::EPSILON;
use crate::scene::{Beams, Field, Scene, Sizes};
use litho_compute::cpu::CpuKernels;
use litho_compute::{Kernels, Likelihood};
use litho_types::C32;
use ndarray::{Array2, Array4, Axis};

/// A way there and back and there again: 24 roundings of ε/2 of the typical modulus at random, 2.5 ε; room of 6 for the
/// largest of a thousand pixels.
const WAY: f64 = 15.0 * EPSILON;
const LEVEL: f32 = 20.0;

fn saturated(field: Field) -> Scene {
    let sizes = Sizes { frame: (12, 11), frames: 5, modes: 2, object: (21, 19) };
    let mut scene = Scene { saturation: Some(LEVEL), ..Scene::random(field, sizes, 41) };
    // Models of about the level.
    scene.probe.mapv_inplace(|p| p * 1.8);
    scene
}

/// The waves of one frame at the detector, `(wave, pixel)`.
fn at_detector(scene: &Scene, kernels: &CpuKernels, waves: &Array4<C32>, frame: usize) -> Array2<C32> {
    let propagator = kernels.measurement().propagator();
    let one = waves.index_axis(Axis(0), frame);
    let mut field = propagator.wavefield(one.dim().0);
    field.waves.iter_mut().zip(one).for_each(|(to, from)| *to = *from);
    let (_, shift) = scene.views.locate(frame, scene.object.dim(), scene.frame_shape());
    propagator.to_displaced_detector(&mut field, &scene.views.displacements(frame, shift));
    Array2::from_shape_vec((one.dim().0, one.dim().1 * one.dim().2), field.waves.to_vec())
        .expect("as many pixels as waves")
}

fn power(waves: &Array2<C32>, pixel: usize) -> f64 {
    waves.column(pixel).iter().map(|f| f64::from(f.norm_sqr())).sum()
}

/// What becomes of the pixels of every frame: `(counts, measured, modulus before, modulus after, move)` in units of the
/// frame's typical modulus and with counts as they are.
fn moves(scene: &Scene, likelihood: Likelihood) -> Vec<(f64, bool, [f64; 3], f64)> {
    let kernels = scene.kernels();
    let model = scene.model(&kernels);
    let frames: Vec<usize> = (0..scene.frame_count()).collect();
    let batch = kernels.batch(&frames, likelihood, &model, None);
    let before = kernels.exit_waves(&model);
    let mut all = Vec::new();
    for frame in frames {
        let waves = at_detector(scene, &kernels, &before, frame);
        let change = at_detector(scene, &kernels, &batch.residuals, frame);
        let after = &waves + &change;
        let pixels = waves.dim().1;
        let typical = ((0..pixels).map(|p| power(&waves, p)).sum::<f64>() / pixels as f64).sqrt();
        for (pixel, good) in scene.good.iter().enumerate() {
            let at = (frame, pixel / scene.frame_shape().1, pixel % scene.frame_shape().1);
            let moduli = [power(&waves, pixel), power(&after, pixel), power(&change, pixel)].map(f64::sqrt);
            all.push((f64::from(scene.intensities[at]), *good, moduli, typical));
        }
    }
    all
}

#[test]
fn a_saturated_pixel_pulls_up_and_never_down() {
    for field in [Field::Far, Field::Near] {
        for scene in [saturated(field), saturated(field).with_beams(Beams::Everything, 42)] {
            for likelihood in LIKELIHOODS {
                let (mut up, mut idle, mut down) = (0, 0, 0);
                for (counts, good, [before, after, change], typical) in moves(&scene, likelihood) {
                    if !good {
                        continue;
                    }
                    let gap = (before * before - counts).abs();
                    if counts < f64::from(LEVEL) {
                        // A plain pixel comes down as well.
                        down += usize::from(after < before - WAY * typical);
                    } else if before * before >= counts {
                        assert!(
                            change < WAY * typical,
                            "{likelihood:?}: {counts}, {before} moved by {change:e}"
                        );
                        idle += 1;
                    } else if gap > 1e-3 * counts {
                        // The pull is at least a fifth of the gap's share in the modulus, far above rounding.
                        assert!(
                            after > before + WAY * typical,
                            "{likelihood:?}: {counts}, {before} to {after}"
                        );
                        up += 1;
                    }
                }
                assert!(
                    up > 20 && idle > 20 && down > 20,
                    "{likelihood:?}: {up} up, {idle} idle, {down} down"
                );
            }
        }
    }
}

#[test]
fn a_saturated_pixel_that_has_its_due_has_no_error_and_no_gradient() {
    // With everything saturated and a model brighter than any count nothing is left to say.
    for field in [Field::Far, Field::Near] {
        let mut scene = saturated(field);
        scene.saturation = Some(0.0);
        // Counts below those of any model: the least that a saturated pixel can ask for.
        scene.intensities.fill(1e-12);
        let kernels = scene.kernels();
        let model = scene.model(&kernels);
        for likelihood in LIKELIHOODS {
            let gradient = kernels.gradient(likelihood, &model);
            assert_eq!(gradient.error, 0.0, "{likelihood:?}");
            assert!(
                gradient.object.iter().chain(&gradient.probe).all(|g| g.norm_sqr() == 0.0),
                "{likelihood:?}"
            );
            let slopes = kernels.slopes(likelihood, &model, &scene.object, &scene.probe, &[0.0, 0.3]);
            assert_eq!(slopes, [0.0, 0.0], "{likelihood:?}");
        }
    }
}

#[test]
fn the_level_itself_is_saturated_and_one_count_less_is_not() {
    let field = Field::Far;
    let mut scene = saturated(field);
    scene.good.fill(true);
    // All pixels bright in the model, dim in the counts.
    scene.probe.mapv_inplace(|p| p * 20.0);
    for (counts, idle) in [(LEVEL, true), (LEVEL + 1.0, true), (LEVEL - 1.0, false)] {
        scene.intensities.fill(counts);
        let bright = moves(&scene, Likelihood::Amplitude).into_iter().filter(|(_, _, m, _)| m[0] > 10.0);
        let mut seen = 0;
        for (_, _, [before, after, _], typical) in bright {
            let kept = (after - before).abs() < WAY * typical;
            assert_eq!(kept, idle, "{counts} counts: {before} to {after}");
            seen += 1;
        }
        assert!(seen > 100, "{seen} bright pixels");
    }
}

#[test]
fn gaps_leave_waves_as_they_are() {
    for field in [Field::Far, Field::Near] {
        for scene in
            [saturated(field), saturated(field).with_beams(Beams::Everything, 43).with_background(44)]
        {
            for likelihood in LIKELIHOODS {
                let mut gaps = 0;
                for (_, good, [_, _, change], typical) in moves(&scene, likelihood) {
                    if !good {
                        assert!(change < WAY * typical, "{likelihood:?}: a gap moved by {change:e}");
                        gaps += 1;
                    }
                }
                assert!(gaps > 0, "the scene must have gaps");
            }
        }
    }
}

#[test]
fn a_background_above_the_counts_asks_for_darkness() {
    // Π_F: |F|² = max(I − b, 0).
    for field in [Field::Far, Field::Near] {
        let scene = Scene { saturation: None, ..saturated(field) }.with_background(45);
        let background: Vec<f64> = scene.background.iter().flatten().map(|b| f64::from(*b)).collect();
        let mut dark = 0;
        for (index, (counts, good, [_, after, _], typical)) in
            moves(&scene, Likelihood::Amplitude).into_iter().enumerate()
        {
            let light = (counts - background[index % background.len()]).max(0.0);
            if good {
                // √light is rough where counts and background cancel: their rounding ε/2 becomes its root at most.
                let slack = (EPSILON * counts).sqrt().min(EPSILON * counts / light.sqrt()) + WAY * typical;
                assert!((after - light.sqrt()).abs() < slack, "{after} instead of √{light}");
                dark += usize::from(light == 0.0);
            }
        }
        assert!(dark > 10, "{dark} pixels below the background");
    }
}
