//! Beams that differ from frame to frame: against formulas, direct sums, and by adjoint and energy.

use crate::likelihoods::LIKELIHOODS;
use crate::measures::{BEAM, EPSILON, OVERLAP, PRODUCT, directions, same, special_scenes};
use crate::reference::{C64, Reference};
use crate::scene::{Beams, Field, Scene, Sizes, widen};
use litho_compute::{Kernels, Likelihood, Model, PieWeights, Sampling};
use litho_types::C32;
use ndarray::{Array2, Array3, Array4, Axis, Dimension, s};

/// Sums of products of `n` numbers whose errors are one way of a beam and back, at random: [`BEAM`] of the norms.
const ADJOINT: f64 = 2.0 * BEAM;

fn inner<D: Dimension>(a: &ndarray::Array<C32, D>, b: &ndarray::Array<C32, D>) -> C64 {
    assert_eq!(a.shape(), b.shape());
    a.iter().zip(b).map(|(a, b)| widen(*a).conj() * widen(*b)).sum()
}

fn norm<D: Dimension>(a: &ndarray::Array<C32, D>) -> f64 {
    inner(a, a).re.sqrt()
}

/// A Gaussian beam whose tails have fallen to exp(−(11.5/3)²) = 4e-7 of its height at the rim of the frame, and whose
/// spectrum has fallen to exp(−(3π/2)²) of it there.
fn gaussian(y: f64, x: f64) -> C32 {
    C32::new((-(y * y + x * x) / 9.0).exp() as f32, 0.0)
}

#[test]
fn a_gaussian_beam_moves_by_fractions_of_a_pixel() {
    // Analytic. The tails of 4e-7 are cut off or come round: relative to the beam's norm less than ε.
    const TAILS: f64 = 4e-7;
    let shape = (24, 26);
    let sizes = Sizes { frame: shape, frames: 3, modes: 1, object: (34, 35) };
    let mut scene = Scene::random(Field::Far, sizes, 61);
    scene.object.fill(C32::new(1.0, 0.0));
    let centred = |dy: f64, dx: f64| {
        Array2::from_shape_fn(shape, |(y, x)| gaussian(y as f64 - 12.0 - dy, x as f64 - 13.0 - dx))
    };
    scene.probe.index_axis_mut(Axis(0), 0).assign(&centred(0.0, 0.0));
    scene.views.places = vec![[2.25, 3.0], [4.0, 1.375], [5.625, 6.75]];
    let kernels = scene.kernels();
    let mut model = scene.model(&kernels);
    let whole = kernels.exit_waves(&model);
    model.views.sampling = Sampling::SubPixel;
    let moved = kernels.exit_waves(&model);
    // Rounded to 2, 3; 4, 1; 6, 7.
    for (frame, [dy, dx]) in [[0.25, 0.0], [0.0, 0.375], [-0.375, -0.25]].into_iter().enumerate() {
        let expected = centred(dy, dx);
        let apart = norm(&(&moved.slice(s![frame, 0, .., ..]) - &expected)) / norm(&expected);
        assert!(apart < TAILS + BEAM, "frame {frame} off by {apart:e}");
        assert_eq!(whole.slice(s![frame, 0, .., ..]), scene.probe.slice(s![0, .., ..]));
    }
}

#[test]
fn a_place_outside_the_object_leaves_a_large_shift() {
    let scene =
        Scene::random(Field::Far, Sizes { frame: (8, 10), frames: 1, modes: 1, object: (20, 21) }, 62);
    let mut views = scene.views;
    for (place, corner, shift) in [
        ([-2.5, 3.25], [0, 3], [-2.5, 0.25]),
        ([13.5, 11.0], [12, 11], [1.5, 0.0]),
        ([4.75, 11.75], [5, 11], [-0.25, 0.75]),
    ] {
        views.places = vec![place];
        views.sampling = Sampling::SubPixel;
        assert_eq!(views.locate(0, (20, 21), (8, 10)), (corner, shift), "{place:?}");
        views.sampling = Sampling::WholePixels;
        assert_eq!(views.locate(0, (20, 21), (8, 10)), (corner, [0.0; 2]), "{place:?}");
    }
}

#[test]
fn exit_waves_are_the_products_of_the_frames_beams() {
    for scene in special_scenes() {
        let kernels = scene.kernels();
        let reference = Reference::new(&scene);
        let waves = kernels.exit_waves(&scene.model(&kernels));
        for (frame, wave) in kernels.store_waves(&waves).outer_iter().enumerate() {
            same(
                &format!("frame {frame}"),
                &wave.to_owned(),
                &reference.exit_wave(frame),
                PRODUCT + BEAM,
                &scene,
            );
        }
    }
}

#[test]
fn moved_and_swept_beams_keep_their_energy() {
    // Through an empty object frame j sees c_j²‖P‖², however its beam lies and sweeps.
    for beams in [Beams::SubPixel, Beams::Amplitudes, Beams::Swept] {
        for frame in [(12, 10), (16, 16), (11, 13)] {
            let sizes = Sizes { frame, frames: 5, modes: 2, object: (24, 23) };
            let mut scene = Scene::random(Field::Far, sizes, 63).with_beams(beams, 64);
            scene.object.fill(C32::new(1.0, 0.0));
            let kernels = scene.kernels();
            let waves = kernels.exit_waves(&scene.model(&kernels));
            for (wave, c) in waves.outer_iter().zip(&scene.views.amplitudes) {
                let expected = f64::from(*c).powi(2) * norm(&scene.probe).powi(2);
                let ratio = norm(&wave.to_owned()).powi(2) / expected;
                assert!((ratio - 1.0).abs() < 2.0 * BEAM, "{beams:?} {frame:?}: {ratio}");
            }
        }
    }
}

#[test]
fn exposures_without_a_sweep_share_the_light() {
    // Three times the same beam with a third of the intensity: the detector sees no difference.
    let mut scene =
        Scene::random(Field::Far, Sizes { frame: (12, 10), frames: 4, modes: 2, object: (21, 19) }, 65);
    let kernels = scene.kernels();
    let one = kernels.compare(&scene.model(&kernels));
    // First with sweeps of nothing, which leaves buffers full of waves.
    for sweeps in [vec![[0.0; 2]; 4], Vec::new()] {
        scene.views.exposures = 3;
        scene.views.sweeps = sweeps;
        let three = kernels.compare(&scene.model(&kernels));
        for (a, b) in one.frame_model.iter().zip(&three.frame_model) {
            // Both are sums of 100 and more squares that have the error of a transform, 2 ε each.
            assert!((a / b - 1.0).abs() < 4.0 * EPSILON, "{a} and {b}");
        }
    }
}

/// A model like the scene's, without variations, of another object and probe.
fn linear(scene: &Scene, object: &Array2<C32>, probe: &Array3<C32>) -> Array4<C32> {
    let kernels = scene.kernels();
    let model = Model::new(kernels.load_object(object), kernels.load_probe(probe), scene.views.clone());
    kernels.exit_waves(&model)
}

#[test]
fn pushes_are_the_adjoint_of_the_way_to_the_exit_waves() {
    // ⟨A x, χ⟩ = ⟨x, A* χ⟩: exit waves are linear in the probe and in the object (for the latter with the varied beam).
    for scene in special_scenes() {
        let kernels = scene.kernels();
        let model = scene.model(&kernels);
        let frames: Vec<usize> = (0..scene.frame_count()).collect();
        let (object, probe) = directions(&scene, 66);
        for likelihood in LIKELIHOODS {
            let batch = kernels.batch(&frames, likelihood, &model, None);
            let check = |what: &str, there: &Array4<C32>, back: C64| {
                let forth = inner(there, &batch.residuals);
                let scale = norm(there) * norm(&batch.residuals);
                let apart = (forth - back).norm();
                assert!(apart < ADJOINT * scale, "{what}: {forth} and {back} of {scale} ({})", scene.name());
                assert!(forth.norm() > 100.0 * ADJOINT * scale, "{what}: the products must not vanish");
            };
            let waves = linear(&scene, &scene.object, &probe);
            check("probe", &waves, inner(&probe, &batch.probe_push));
            let mut other = scene.model(&kernels);
            other.object = kernels.load_object(&object);
            check("object", &kernels.exit_waves(&other), inner(&object, &batch.object_push));
        }
    }
}

#[test]
fn the_overlap_takes_beams_of_their_own() {
    for scene in special_scenes() {
        let kernels = scene.kernels();
        for inertia in [0.01_f32, 0.5] {
            let (mut reference, mut model) = (Reference::new(&scene), scene.model(&kernels));
            kernels.overlap_object(inertia, &scene.waves, &mut model);
            reference.overlap_object(f64::from(inertia));
            same("object", &model.object, &reference.object, OVERLAP + 2.0 * BEAM, &scene);
            let (mut reference, mut model) = (Reference::new(&scene), scene.model(&kernels));
            kernels.overlap_probe(inertia, &scene.waves, &mut model);
            reference.overlap_probe(f64::from(inertia));
            same("probe", &model.probe, &reference.probe, OVERLAP + BEAM, &scene);
        }
    }
}

#[test]
fn beams_that_are_the_probe_give_what_the_probe_gives() {
    // A sweep of nothing takes the way of the frames' own beams: the same numbers but for the order of sums.
    for field in [Field::Far, Field::Near] {
        let scene =
            Scene::random(field, Sizes { frame: (12, 10), frames: 40, modes: 2, object: (30, 29) }, 67);
        let mut own = scene.clone();
        own.views.sweeps = vec![[0.0; 2]; 40];
        assert!(scene.views.share_the_probe() && !own.views.share_the_probe());
        let kernels = scene.kernels();
        let (shared_model, own_model) = (scene.model(&kernels), own.model(&kernels));
        assert_eq!(kernels.exit_waves(&shared_model), kernels.exit_waves(&own_model));
        let frames: Vec<usize> = (0..40).collect();
        for likelihood in LIKELIHOODS {
            let [a, b] = [&shared_model, &own_model].map(|m| kernels.batch(&frames, likelihood, m, None));
            assert_eq!(a.residuals, b.residuals);
            // 40 frames of 2 modes: 80 additions of ε/2 at random, √80/2 ε = 4.5 ε of terms that do not all add up.
            let apart = norm(&(&a.object_push - &b.object_push)) / norm(&a.object_push);
            assert!(apart < 5.0 * EPSILON, "{apart:e}");
            let apart = norm(&(&a.probe_push - &b.probe_push)) / norm(&a.probe_push);
            assert!(apart < 5.0 * EPSILON, "{apart:e}");
        }
        let weights = PieWeights { object_step: 0.7, probe_step: 0.4, object_gamma: 0.3, probe_gamma: 0.6 };
        let (mut shared_model, mut own_model) = (shared_model, own_model);
        kernels.pie_sweep(&frames[..1], Likelihood::Amplitude, weights, &mut shared_model);
        kernels.pie_sweep(&frames[..1], Likelihood::Amplitude, weights, &mut own_model);
        assert_eq!(shared_model.object, own_model.object);
        assert_eq!(shared_model.probe, own_model.probe);
    }
}
