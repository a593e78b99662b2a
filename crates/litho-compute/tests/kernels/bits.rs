//! Bits that must not depend on the number of threads or on the frames' number type.

use crate::measures::directions;
use crate::scene::{Beams, Field, Scene, Sizes};
use litho_compute::cpu::CpuKernels;
use litho_compute::{Averaged, Inertia, Kernels, Likelihood, PieWeights, WaveStep};
use litho_types::C32;
use litho_types::frames::Frames;
use ndarray::{Array2, s};

const WEIGHTS: PieWeights =
    PieWeights { object_step: 0.7, probe_step: 0.4, object_gamma: 0.3, probe_gamma: 0.6 };
const DIFFERENCE_MAP: WaveStep =
    WaveStep { argument: [2.0, -1.0], next: [1.0, -1.0, 1.0], averaged: Averaged::Waves };
const INERTIA: Inertia = Inertia { object: 0.01, probe: Some(0.01) };
const LIKELIHOODS: [Likelihood; 3] = [Likelihood::Amplitude, Likelihood::Intensity, Likelihood::Poisson];

/// Enough frames, rows and modes that every kernel has several tasks for each of three threads, and several chunks of
/// frames.
fn large(field: Field) -> Scene {
    Scene::random(field, Sizes { frame: (24, 20), frames: 100, modes: 3, object: (90, 70) }, 11)
}

/// The same with beams of their own, a background and saturated pixels.
fn large_and_special(field: Field) -> Scene {
    let mut scene = large(field).with_beams(Beams::Everything, 13).with_background(14);
    scene.saturation = Some(30.0);
    scene
}

fn small(field: Field) -> Scene {
    Scene::random(field, Sizes { frame: (12, 10), frames: 5, modes: 2, object: (20, 19) }, 12)
}

fn bits<'a>(waves: impl IntoIterator<Item = &'a C32>) -> Vec<u64> {
    waves.into_iter().flat_map(|w| [u64::from(w.re.to_bits()), u64::from(w.im.to_bits())]).collect()
}

fn wide_bits<'a>(values: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    values.into_iter().map(|v| v.to_bits()).collect()
}

/// What every kernel gives, bit for bit, by the kernel's name.
fn results(scene: &Scene, kernels: &CpuKernels) -> Vec<(String, Vec<u64>)> {
    let mut all = Vec::new();
    let mut keep = |name: &str, bits: Vec<Vec<u64>>| all.push((name.to_owned(), bits.concat()));
    let model = scene.model(kernels);
    keep("exit_waves", vec![bits(&kernels.exit_waves(&model))]);

    for averaged in [Averaged::Waves, Averaged::Projected] {
        let (mut model, mut waves) = (scene.model(kernels), scene.waves.clone());
        let error =
            kernels.wave_step(WaveStep { averaged, ..DIFFERENCE_MAP }, INERTIA, &mut model, &mut waves);
        let parts = vec![bits(&waves), bits(&model.object), bits(&model.probe), wide_bits(&[error])];
        keep(&format!("wave_step {averaged:?}"), parts);
    }

    let mut overlap = scene.model(kernels);
    kernels.overlap_object(0.01, &scene.waves, &mut overlap);
    let change = kernels.overlap_probe(0.01, &scene.waves, &mut overlap);
    keep("overlap", vec![bits(&overlap.object), bits(&overlap.probe), wide_bits(&[change])]);

    let comparison = kernels.compare(&model);
    let images: Vec<&Array2<f64>> = vec![&comparison.model_modulus, &comparison.measured_modulus];
    keep("compare", images.into_iter().map(wide_bits).collect());
    let numbers = [&comparison.frame_error, &comparison.frame_total, &comparison.frame_model];
    keep("compare, frames", numbers.map(wide_bits).to_vec());

    let order: Vec<usize> = (0..scene.frame_count()).rev().collect();
    for likelihood in LIKELIHOODS {
        let mut swept = scene.model(kernels);
        let error = kernels.pie_sweep(&order, likelihood, WEIGHTS, &mut swept);
        let name = format!("pie_sweep {likelihood:?}");
        keep(&name, vec![bits(&swept.object), bits(&swept.probe), wide_bits(&[error])]);
    }
    keep("total_intensity", vec![wide_bits(&[kernels.total_intensity()])]);
    keep_sums(scene, kernels, &mut keep);
    all
}

/// The kernels that leave the model as it is.
fn keep_sums(scene: &Scene, kernels: &CpuKernels, keep: &mut impl FnMut(&str, Vec<Vec<u64>>)) {
    let model = scene.model(kernels);
    let (object, probe) = directions(scene, 15);
    let order: Vec<usize> = (0..scene.frame_count()).rev().collect();
    for likelihood in LIKELIHOODS {
        let batch = kernels.batch(&order, likelihood, &model, None);
        let pushes = vec![bits(&batch.residuals), bits(&batch.object_push), bits(&batch.probe_push)];
        keep(&format!("batch {likelihood:?}"), [pushes, vec![wide_bits(&[batch.error])]].concat());
        let sums = kernels.step_sums(&batch, &model, &object, &probe);
        let numbers = |s: &litho_compute::StepSums| {
            wide_bits(&[s.object, s.probe, s.mixed[0], s.mixed[1], s.object_right, s.probe_right])
        };
        keep(&format!("step_sums {likelihood:?}"), sums.iter().map(numbers).collect());
        let gradient = kernels.gradient(likelihood, &model);
        let parts = vec![bits(&gradient.object), bits(&gradient.probe), wide_bits(&[gradient.error])];
        keep(&format!("gradient {likelihood:?}"), parts);
        let slopes = kernels.slopes(likelihood, &model, &object, &probe, &[0.0, 0.5, -1.0]);
        keep(&format!("slopes {likelihood:?}"), vec![wide_bits(&slopes)]);
    }
    let light = kernels.light(&order, &model);
    let narrow = |image: &Array2<f32>| image.iter().map(|v| u64::from(v.to_bits())).collect::<Vec<_>>();
    keep("light", vec![narrow(&light.on_object), narrow(&light.on_probe)]);
    let (mut object_push, mut probe_push) = (object.clone(), probe.clone());
    kernels.divide_object(&mut object_push, &light.on_object, 0.1);
    kernels.divide_probe(&mut probe_push, &light.on_probe, 0.1);
    keep("divide", vec![bits(&object_push), bits(&probe_push)]);
    let sums = kernels.detector_sums(&model);
    let images = [&sums.frames, &sums.counts, &sums.weight, &sums.excess];
    keep("detector_sums", images.map(wide_bits).to_vec());
    let positions = kernels.position_sums(&model);
    let numbers = positions.iter().map(|p| [wide_bits(&p.normal), wide_bits(&p.right)].concat());
    keep("position_sums", numbers.collect());
    let direction = probe.slice(s![..1, .., ..]).to_owned();
    let weights: Vec<f32> = (0..scene.frame_count()).map(|frame| frame as f32 - 2.5).collect();
    let (variation, push) = kernels.variation_sums(&model, &direction, &weights);
    let numbers = variation.iter().map(|v| wide_bits(&[v.right, v.normal]));
    keep("variation_sums", numbers.chain([bits(&push)]).collect());
}

fn assert_same(what: &str, first: &[(String, Vec<u64>)], second: &[(String, Vec<u64>)]) {
    for ((kernel, a), (_, b)) in first.iter().zip(second) {
        assert!(a == b, "{kernel} gives other bits {what}");
    }
}

#[test]
fn threads_change_no_bit() {
    for (field, scene) in [
        (Field::Far, large as fn(Field) -> Scene),
        (Field::Near, large),
        (Field::Far, large_and_special),
        (Field::Near, large_and_special),
    ] {
        let scene = scene(field);
        let with_threads = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
            pool.install(|| results(&scene, &scene.kernels()))
        };
        let one = with_threads(1);
        for threads in [2, 5] {
            assert_same(&format!("with {threads} threads"), &one, &with_threads(threads));
        }
    }
}

#[test]
fn a_second_run_with_used_buffers_changes_no_bit() {
    // Buffers go from call to call: what the first left in them must not be seen. Another number of modes needs others.
    // A scene with beams of their own in between leaves buffers of another kind.
    let scene = small(Field::Far);
    let kernels = scene.kernels();
    let first = results(&scene, &kernels);
    let one_mode = Scene { probe: scene.probe.slice(s![..1, .., ..]).to_owned(), ..scene.clone() };
    kernels.compare(&one_mode.model(&kernels));
    let other = scene.clone().with_beams(Beams::Everything, 16).with_background(17);
    let first_other = results(&other, &kernels);
    assert_same("the second time", &first, &results(&scene, &kernels));
    assert_same("the second time, beams of their own", &first_other, &results(&other, &kernels));
}

#[test]
fn number_types_of_equal_values_give_equal_bits() {
    for field in [Field::Far, Field::Near] {
        let scene = small(field);
        let floats = results(&scene, &scene.kernels());
        let counts = &scene.intensities;
        let types = [
            Frames::U8(counts.mapv(|v| v as u8)),
            Frames::U16(counts.mapv(|v| v as u16)),
            Frames::U32(counts.mapv(|v| v as u32)),
        ];
        for frames in types {
            let name = frames.type_name();
            assert_same(&format!("of {name}"), &floats, &results(&scene, &scene.kernels_of(frames)));
        }
    }
}

#[test]
fn frames_in_another_memory_order_give_equal_bits() {
    let scene = small(Field::Far);
    let mut turned = scene.intensities.clone().permuted_axes([2, 1, 0]).as_standard_layout().into_owned();
    turned = turned.permuted_axes([2, 1, 0]);
    assert!(!turned.is_standard_layout() && turned == scene.intensities);
    let got = results(&scene, &scene.kernels_of(Frames::F32(turned)));
    assert_same("in Fortran order", &results(&scene, &scene.kernels()), &got);
}

#[test]
fn a_pixel_that_is_never_a_number_is_a_masked_pixel() {
    for field in [Field::Far, Field::Near] {
        let mut masked = small(field);
        let mut holed = masked.clone();
        for pixel in [(0, 0), (3, 7), (11, 9)] {
            masked.good[pixel] = false;
            holed.good[pixel] = true;
            holed.intensities.slice_mut(s![.., pixel.0, pixel.1]).fill(f32::NAN);
        }
        assert_same(
            "with NaN in place of a mask",
            &results(&masked, &masked.kernels()),
            &results(&holed, &holed.kernels()),
        );
    }
}

#[test]
fn a_negative_zero_is_zero_and_a_negative_count_is_none() {
    for field in [Field::Far, Field::Near] {
        let plain = small(field);
        let mut signed = plain.clone();
        signed.intensities.iter_mut().filter(|v| **v == 0.0).for_each(|v| *v = -0.0);
        assert!(signed.intensities.iter().any(|v| v.is_sign_negative()), "the scene must have dark pixels");
        let zero = results(&plain, &plain.kernels());
        assert_same("with −0 in place of 0", &zero, &results(&signed, &signed.kernels()));

        let with = |value: f32| {
            let mut scene = plain.clone();
            scene.good.fill(true);
            scene.intensities.iter_mut().step_by(7).for_each(|v| *v = value);
            results(&scene, &scene.kernels())
        };
        let none = with(f32::NAN);
        for negative in [-0.25, -1.0, -300.0, f32::NEG_INFINITY, -f32::NAN] {
            assert_same(&format!("with {negative} in place of NaN"), &none, &with(negative));
        }
    }
}

#[test]
fn the_memory_of_an_earlier_batch_changes_no_bit() {
    let scene = small(Field::Far);
    let kernels = scene.kernels();
    let model = scene.model(&kernels);
    for frames in [vec![0, 2], vec![4, 0, 1]] {
        let fresh = kernels.batch(&frames, Likelihood::Amplitude, &model, None);
        let spare = kernels.batch(&[3, 1], Likelihood::Poisson, &model, None);
        let reused = kernels.batch(&frames, Likelihood::Amplitude, &model, Some(spare));
        assert_eq!(reused.frames, frames);
        assert_eq!(bits(&fresh.residuals), bits(&reused.residuals));
        assert_eq!(bits(&fresh.object_push), bits(&reused.object_push));
        assert_eq!(bits(&fresh.probe_push), bits(&reused.probe_push));
    }
}
