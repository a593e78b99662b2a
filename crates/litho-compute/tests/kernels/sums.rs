//! Equations of steps, light, sums at the detector, by position and by variation, and the arithmetic of arrays.

use crate::likelihoods::LIKELIHOODS;
use crate::measures::{
    BEAM, EPSILON, ERROR, OVERLAP, PROJECTION, close, directions, long_scene, norm_sqr, same, scenes,
    special_scenes, within,
};
use crate::reference::Reference;
use crate::scene::{Field, Scene, Sizes, widen};
use litho_compute::{DeviceArray, Kernels, Likelihood, Sampling};
use litho_testkit::{Lcg, TestObject};
use litho_types::C32;
use ndarray::{Array2, Array3, s};

/// Squares of products of three roundings, at most 16 of a row added in each lane: √16/2 + 3 roundings.
const SQUARES: f64 = 5.0 * EPSILON;

fn all_scenes() -> impl Iterator<Item = Scene> {
    scenes().into_iter().chain(special_scenes())
}

#[test]
fn step_sums_are_their_equations() {
    for scene in all_scenes() {
        let kernels = scene.kernels();
        let (reference, model) = (Reference::new(&scene), scene.model(&kernels));
        let (object, probe) = directions(&scene, 81);
        let frames = [4, 1, 5];
        for likelihood in LIKELIHOODS {
            // With the kernel's residuals: their own errors are tested with the batch.
            let batch = kernels.batch(&frames, likelihood, &model, None);
            let sums = kernels.step_sums(&batch, &model, &object, &probe);
            assert_eq!(sums.len(), frames.len());
            for (index, (got, frame)) in sums.into_iter().zip(frames).enumerate() {
                let residual = batch.residuals.slice(s![index, .., .., ..]).mapv(widen);
                let want = reference.step_sums(frame, &residual, &object.mapv(widen), &probe.mapv(widen));
                let (u, v, chi) = (want.object.sqrt(), want.probe.sqrt(), norm_sqr(&residual).sqrt());
                let tolerance = SQUARES + 2.0 * BEAM;
                close("⟨u,u⟩", got.object, want.object, tolerance, &scene);
                close("⟨v,v⟩", got.probe, want.probe, tolerance, &scene);
                within("Re⟨u,v⟩", got.mixed[0], want.mixed[0], tolerance * u * v, &scene);
                within("Im⟨u,v⟩", got.mixed[1], want.mixed[1], tolerance * u * v, &scene);
                within("Re⟨u,χ⟩", got.object_right, want.object_right, tolerance * u * chi, &scene);
                within("Re⟨v,χ⟩", got.probe_right, want.probe_right, tolerance * v * chi, &scene);
            }
        }
    }
}

#[test]
fn light_is_its_sums() {
    for scene in all_scenes().chain([long_scene(Field::Far)]) {
        let kernels = scene.kernels();
        let (reference, model) = (Reference::new(&scene), scene.model(&kernels));
        let all: Vec<usize> = (0..scene.frame_count()).collect();
        for frames in [&all[..], &[4, 1], &[2]] {
            let light = kernels.light(frames, &model);
            let on_object = reference.light_on_object(frames);
            // Pixels of a moved beam have the rounding of its largest.
            let largest = on_object.iter().copied().fold(0.0, f64::max);
            for (got, want) in kernels.store_image(&light.on_object).iter().zip(&on_object) {
                within("on object", f64::from(*got), *want, OVERLAP * want + 2.0 * BEAM * largest, &scene);
            }
            for (got, want) in
                kernels.store_image(&light.on_probe).iter().zip(&reference.light_on_probe(frames))
            {
                // As many as 70 frames: √70/2 = 4 roundings.
                close("on probe", f64::from(*got), *want, 2.0 * OVERLAP, &scene);
            }
        }
    }
}

#[test]
fn divided_pushes_are_their_equation() {
    for scene in all_scenes() {
        let kernels = scene.kernels();
        let light = kernels.light(&[0, 1, 2], &scene.model(&kernels));
        let (object, probe) = directions(&scene, 82);
        for gamma in [0.05_f32, 0.5, 1.0] {
            let down = |light: &Array2<f32>| {
                let largest = f64::from(light.iter().copied().fold(0.0, f32::max));
                let gamma = f64::from(gamma);
                light.mapv(|l| (1.0 - gamma) * f64::from(l) + gamma * largest)
            };
            let (mut got_object, mut got_probe) = (object.clone(), probe.clone());
            kernels.divide_object(&mut got_object, &light.on_object, gamma);
            kernels.divide_probe(&mut got_probe, &light.on_probe, gamma);
            // Two products, a sum, a quotient and a product: 5 roundings of ε/2.
            let bound = 2.5 * EPSILON;
            same("object", &got_object, &(object.mapv(widen) / down(&light.on_object)), bound, &scene);
            same("probe", &got_probe, &(probe.mapv(widen) / down(&light.on_probe)), bound, &scene);
        }
    }
}

#[test]
fn detector_sums_are_their_equations() {
    for scene in all_scenes().chain([long_scene(Field::Far), long_scene(Field::Near)]) {
        let kernels = scene.kernels();
        let got = kernels.detector_sums(&scene.model(&kernels));
        let want = Reference::new(&scene).detector_sums();
        assert_eq!(got.frames, want.frames, "{}", scene.name());
        // A dark pixel weighs most: 1/(f + b + 0.05) with f of the error 2·(2 ε)·√f·typical modulus; at f = 0.05 and
        // moduli around 5 that is 2·2 ε·√0.05·5/0.1 = 50 ε. The excess adds counts up to 40 with these weights.
        let weight = 50.0 * EPSILON;
        for at in ndarray::indices(scene.frame_shape()) {
            // A root of single precision squared: ε.
            close("counts", got.counts[at], want.counts[at], EPSILON, &scene);
            close("weight", got.weight[at], want.weight[at], weight + BEAM, &scene);
            let scale = 40.0 * want.weight[at] + want.frames[at];
            within("excess", got.excess[at], want.excess[at], (weight + BEAM) * scale, &scene);
        }
    }
}

#[test]
fn position_sums_are_their_equations() {
    for scene in all_scenes() {
        let kernels = scene.kernels();
        let (reference, model) = (Reference::new(&scene), scene.model(&kernels));
        let sums = kernels.position_sums(&model);
        let batch = kernels.batch(&reference.all_frames(), Likelihood::Amplitude, &model, None);
        assert_eq!(sums.len(), scene.frame_count());
        for (frame, got) in sums.into_iter().enumerate() {
            let want = reference.position_sums(frame);
            let [yy, yx, xx] = want.normal;
            let chi = norm_sqr(&batch.residuals.slice(s![frame, .., .., ..]).mapv(widen)).sqrt();
            let tolerance = SQUARES + 2.0 * BEAM;
            close("⟨gy,gy⟩", got.normal[0], yy, tolerance, &scene);
            within("⟨gy,gx⟩", got.normal[1], yx, tolerance * (yy * xx).sqrt(), &scene);
            close("⟨gx,gx⟩", got.normal[2], xx, tolerance, &scene);
            // χ has the error of a projection, of which a product with another wave sees a part.
            for (got, want, size) in [(got.right[0], want.right[0], yy), (got.right[1], want.right[1], xx)] {
                within("⟨g,χ⟩", got, want, (tolerance + PROJECTION) * size.sqrt() * chi, &scene);
            }
        }
    }
}

#[test]
fn a_moved_beam_asks_for_its_way_back() {
    // Analytic, to first order in the slopes: measured with the object moved by δ under its beam, frame j has the residual
    // P (O(r + δ) − O(r)) ≈ g·δ, of which the projection finds the part along the wave at the detector, and so
    // 0 < right·δ ≤ δᵀ normal δ. The second order, |O''|δ/|O'|, is below a tenth for this object and δ of 0.1 pixels.
    // In the near field, at this short distance, most of the object's phase does not show in moduli: the share is smaller.
    const SECOND_ORDER: f64 = 0.1;
    let fields = [Field::Far, Field::Near].into_iter();
    for (field, delta) in fields.flat_map(|field| [[0.1, 0.0], [0.0, -0.1], [-0.1, 0.06]].map(|d| (field, d)))
    {
        let measured = moved_scene(field, delta);
        let kernels = measured.kernels();
        for (frame, sums) in kernels.position_sums(&measured.model(&kernels)).into_iter().enumerate() {
            let [yy, yx, xx] = sums.normal;
            let [dy, dx] = delta;
            let (found, all) =
                (sums.right[0] * dy + sums.right[1] * dx, yy * dy * dy + 2.0 * yx * dy * dx + xx * dx * dx);
            let share = found / all;
            let least = if field == Field::Far { SECOND_ORDER } else { 0.0 };
            assert!(
                share > least && share < 1.0 + SECOND_ORDER,
                "frame {frame}, {field:?} field, {delta:?}: {share}"
            );
        }
    }
}

#[test]
fn a_beam_at_its_place_between_pixels_predicts_what_was_measured() {
    // Analytic: the object moved by δ under the beam is the beam moved by δ over the object. A beam left on whole pixels is
    // off by the slope of the object. What is left comes from the beam's tails, which come round
    // at the frame's edge and meet another part of the object: 1e-6 of the light lies in the outermost rows.
    const TAILS: f64 = 1e-6;
    for field in [Field::Far, Field::Near] {
        for delta in [[0.4, 0.0], [0.0, -0.3], [-0.25, 0.2]] {
            let scene = moved_scene(field, delta);
            let kernels = scene.kernels();
            let mut model = scene.model(&kernels);
            let whole = kernels.compare(&model).error();
            model
                .views
                .places
                .iter_mut()
                .for_each(|place| *place = [place[0] + delta[0], place[1] + delta[1]]);
            model.views.sampling = Sampling::SubPixel;
            let between = kernels.compare(&model).error();
            assert!(
                between < TAILS && whole > 10.0 * TAILS,
                "{field:?} field, {delta:?}: {between:e}, whole pixels {whole:e}"
            );
        }
    }
}

/// A smooth object under a smooth beam of many counts, curved so that moduli tell of phases, with the counts of the
/// object moved by `delta`.
fn moved_scene(field: Field, delta: [f64; 2]) -> Scene {
    let object = TestObject::new(48, 5);
    let sizes = Sizes { frame: (24, 20), frames: 4, modes: 1, object: (48, 48) };
    let mut scene = Scene::random(field, sizes, 83);
    scene.good.fill(true);
    scene.probe = Array3::from_shape_fn((1, 24, 20), |(_, y, x)| {
        let (v, u) = ((y as f32 - 12.0) / 5.0, (x as f32 - 10.0) / 4.5);
        C32::from_polar(30.0 * (-(v * v + u * u)).exp(), 1.5 * (v * v + u * u))
    });
    scene.object = object.image((-delta[0], -delta[1]));
    let reference = Reference::new(&scene);
    for (frame, mut counts) in scene.intensities.outer_iter_mut().enumerate() {
        counts.assign(&reference.model_modulus(frame).mapv(|m| (m * m) as f32));
    }
    scene.object = object.image((0.0, 0.0));
    scene
}

#[test]
fn variation_sums_are_their_equations() {
    for scene in all_scenes().chain([long_scene(Field::Far), long_scene(Field::Near)]) {
        let kernels = scene.kernels();
        let (reference, model) = (Reference::new(&scene), scene.model(&kernels));
        let direction = directions(&scene, 84).1.slice(s![..1, .., ..]).to_owned();
        let weights: Vec<f32> = (0..scene.frame_count()).map(|frame| 0.5 * frame as f32 - 1.0).collect();
        let (sums, push) = kernels.variation_sums(&model, &direction, &weights);
        let batch = kernels.batch(&reference.all_frames(), Likelihood::Amplitude, &model, None);
        assert_eq!(sums.len(), scene.frame_count());
        let mut expected = Array3::zeros((1, scene.frame_shape().0, scene.frame_shape().1));
        for (frame, got) in sums.into_iter().enumerate() {
            let (want, part) = reference.variation_sums(frame, &direction.mapv(widen));
            expected.scaled_add(f64::from(weights[frame]).into(), &part);
            let chi = norm_sqr(&batch.residuals.slice(s![frame, .., .., ..]).mapv(widen)).sqrt();
            close("⟨UO,UO⟩", got.normal, want.normal, ERROR + BEAM, &scene);
            within("⟨UO,χ⟩", got.right, want.right, (PROJECTION + BEAM) * want.normal.sqrt() * chi, &scene);
        }
        // χ is a difference: as in a batch, but here at most twice as much is lost.
        same("push", &push, &expected, 2.0 * (PROJECTION + OVERLAP + BEAM), &scene);
    }
}

#[test]
fn arithmetic_of_arrays_is_that_of_numbers() {
    // Lengths around the width of vectors and of the segments that sums are taken in.
    for shape in [(1, 1), (1, 7), (3, 8), (5, 13), (32, 32), (41, 53)] {
        let mut random = Lcg::new(91);
        let (a, b) = (random.complex_noise(shape, 1.0), random.complex_noise(shape, 2.0));
        let factor = -0.7_f32;
        let mut sum = a.clone();
        sum.add_scaled(factor, &b);
        let mut scaled = a.clone();
        scaled.scale(factor);
        for ((a, b), (sum, scaled)) in a.iter().zip(&b).zip(sum.iter().zip(&scaled)) {
            let want = widen(*a) + widen(*b) * f64::from(factor);
            // A product and a sum.
            let bound = EPSILON * (widen(*a).norm() + widen(*b).norm());
            assert!((widen(*sum) - want).norm() <= bound, "{sum} instead of {want}");
            assert!((widen(*scaled) - widen(*a) * f64::from(factor)).norm() <= EPSILON * widen(*a).norm());
        }
        let want: f64 = a.iter().zip(&b).map(|(a, b)| (widen(*a).conj() * widen(*b)).re).sum();
        let (aa, bb) = (a.dot(&a), b.dot(&b));
        // At most 128 terms of two roundings are added in one lane: √256/2 ε = 8 ε of the root of their squares' sum.
        assert!((a.dot(&b) - want).abs() <= 8.0 * EPSILON * (aa * bb).sqrt(), "{} of {want}", a.dot(&b));
        let power: f64 = a.iter().map(|a| widen(*a).norm_sqr()).sum();
        assert!((aa / power - 1.0).abs() <= 8.0 * EPSILON, "{aa} of {power}");
    }
}
