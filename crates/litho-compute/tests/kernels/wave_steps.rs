//! Steps of all exit waves against their equation: the waves, and object and probe from their overlap.

use crate::measures::{BEAM, ERROR, OVERLAP, PROJECTION, close, long_scene, same, scenes, special_scenes};
use crate::reference::Reference;
use crate::scene::{Field, Scene};
use litho_compute::{Averaged, Inertia, Kernels, WaveStep};

/// `ψ ← (1−a−b) ψ + a P·O + b Π_F[c P·O + (1−c) ψ]`.
fn relaxed(a: f32, b: f32, c: f32, averaged: Averaged) -> WaveStep {
    WaveStep { argument: [c, 1.0 - c], next: [1.0 - a - b, a, b], averaged }
}

/// Difference map, alternating projections, and coefficients that leave no term out.
fn steps() -> Vec<WaveStep> {
    [Averaged::Waves, Averaged::Projected]
        .into_iter()
        .flat_map(|averaged| {
            let free = WaveStep { argument: [0.9, 0.3], next: [0.5, -0.4, 0.8], averaged };
            [
                relaxed(-1.0, 1.0, 2.0, averaged),
                relaxed(0.0, 1.0, 1.0, averaged),
                relaxed(0.3, 0.6, 1.4, averaged),
                free,
            ]
        })
        .collect()
}

/// `beam` is what beams of their own add to the errors.
fn check(scene: &Scene, step: WaveStep, inertia: Inertia, beam: f64) {
    let kernels = scene.kernels();
    let (mut reference, mut model) = (Reference::new(scene), scene.model(&kernels));
    let mut waves = kernels.load_waves(&scene.waves);
    let error = kernels.wave_step(step, inertia, &mut model, &mut waves);
    let expected = reference.wave_step(step, inertia);
    let label = |part: &str| format!("{part}, {step:?}, {inertia:?}");
    same(&label("waves"), &kernels.store_waves(&waves), &reference.waves, PROJECTION + beam, scene);
    // What is averaged has the waves' error, and the average the sums' besides.
    let overlap = PROJECTION + OVERLAP + 2.0 * beam;
    same(&label("object"), &kernels.store_object(&model.object), &reference.object, overlap, scene);
    same(&label("probe"), &kernels.store_probe(&model.probe), &reference.probe, overlap, scene);
    close(&label("error"), error, expected, ERROR + beam, scene);
}

#[test]
fn a_wave_step_is_its_equation() {
    let inertias = [Inertia { object: 0.01, probe: Some(0.1) }, Inertia { object: 0.3, probe: None }];
    for scene in scenes() {
        for step in steps() {
            for inertia in inertias {
                check(&scene, step, inertia, 0.0);
            }
        }
    }
}

#[test]
fn a_step_without_probe_inertia_leaves_the_probe() {
    for scene in scenes().into_iter().chain(special_scenes()) {
        let kernels = scene.kernels();
        for step in steps() {
            let (mut model, mut waves) = (scene.model(&kernels), scene.waves.clone());
            kernels.wave_step(step, Inertia { object: 0.1, probe: None }, &mut model, &mut waves);
            assert_eq!(model.probe, scene.probe, "{step:?} ({})", scene.name());
        }
    }
}

#[test]
fn a_wave_step_with_special_beams_background_and_saturation_is_its_equation() {
    for scene in special_scenes() {
        for step in steps() {
            check(&scene, step, Inertia { object: 0.01, probe: Some(0.1) }, BEAM);
        }
    }
}

#[test]
fn frames_of_every_chunk_take_part() {
    for field in [Field::Far, Field::Near] {
        for step in steps() {
            // Four times the frames per pixel: the sums' rounding doubles, which the waves' errors cover.
            check(&long_scene(field), step, Inertia { object: 0.01, probe: Some(0.1) }, 0.0);
        }
    }
}

#[test]
fn a_step_takes_object_and_probe_from_the_overlap_of_its_waves() {
    // The same as the overlap kernels on the waves it leaves, but for the order in which object and probe are taken.
    for scene in scenes().into_iter().chain(special_scenes()) {
        let kernels = scene.kernels();
        let step = relaxed(0.3, 0.6, 1.4, Averaged::Waves);
        let (mut model, mut waves) = (scene.model(&kernels), scene.waves.clone());
        kernels.wave_step(step, Inertia { object: 0.2, probe: Some(0.3) }, &mut model, &mut waves);
        let (mut object_side, mut probe_side) = (scene.model(&kernels), scene.model(&kernels));
        kernels.overlap_object(0.2, &waves, &mut object_side);
        kernels.overlap_probe(0.3, &waves, &mut probe_side);
        assert_eq!(model.object, object_side.object, "{}", scene.name());
        assert_eq!(model.probe, probe_side.probe, "{}", scene.name());
    }
}
