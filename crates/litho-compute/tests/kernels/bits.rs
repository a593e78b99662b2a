//! Bits that must not depend on the number of threads or on the frames' number type.

use crate::scene::{Field, Scene, Sizes};
use litho_compute::cpu::CpuKernels;
use litho_compute::{Kernels, PieWeights, RelaxedProjection};
use litho_types::C32;
use litho_types::frames::Frames;
use ndarray::{Array2, s};

const WEIGHTS: PieWeights =
    PieWeights { object_step: 0.7, probe_step: 0.4, object_gamma: 0.3, probe_gamma: 0.6 };
const DIFFERENCE_MAP: RelaxedProjection = RelaxedProjection { a: -1.0, b: 1.0, c: 2.0 };

/// Enough frames, rows and modes that every kernel has several tasks for each of three threads.
fn large(field: Field) -> Scene {
    Scene::random(field, Sizes { frame: (24, 20), frames: 100, modes: 3, object: (90, 70) }, 11)
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
fn results(scene: &Scene, kernels: &CpuKernels) -> Vec<(&'static str, Vec<u64>)> {
    let (object, probe) = (&scene.object, &scene.probe);
    let mut all = vec![("exit_waves", bits(&kernels.exit_waves(object, probe)))];

    let mut waves = scene.waves.clone();
    let error = kernels.relaxed_projection(DIFFERENCE_MAP, object, probe, &mut waves);
    all.push(("relaxed_projection", [bits(&waves), wide_bits(&[error])].concat()));

    let mut overlap = object.clone();
    kernels.overlap_object(0.01, probe, &scene.waves, &mut overlap);
    all.push(("overlap_object", bits(&overlap)));

    let mut overlap = probe.clone();
    let change = kernels.overlap_probe(0.01, object, &scene.waves, &mut overlap);
    all.push(("overlap_probe", [bits(&overlap), wide_bits(&[change])].concat()));

    let comparison = kernels.compare(object, probe);
    let images: Vec<&Array2<f64>> = vec![&comparison.model_modulus, &comparison.measured_modulus];
    all.push(("compare", images.into_iter().flat_map(wide_bits).collect()));
    all.push((
        "compare, frames",
        [wide_bits(&comparison.frame_error), wide_bits(&comparison.frame_total)].concat(),
    ));

    let (mut object, mut probe) = (object.clone(), probe.clone());
    let order: Vec<usize> = (0..scene.frame_count()).rev().collect();
    let error = kernels.pie_sweep(&order, WEIGHTS, &mut object, &mut probe);
    all.push(("pie_sweep", [bits(&object), bits(&probe), wide_bits(&[error])].concat()));

    all.push(("total_intensity", wide_bits(&[kernels.total_intensity()])));
    all
}

fn assert_same(what: &str, first: &[(&str, Vec<u64>)], second: &[(&str, Vec<u64>)]) {
    for ((kernel, a), (_, b)) in first.iter().zip(second) {
        assert!(a == b, "{kernel} gives other bits {what}");
    }
}

#[test]
fn threads_change_no_bit() {
    for field in [Field::Far, Field::Near] {
        let scene = large(field);
        let with_threads = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
            pool.install(|| results(&scene, &scene.kernels()))
        };
        let one = with_threads(1);
        for threads in [2, 3] {
            assert_same(&format!("with {threads} threads"), &one, &with_threads(threads));
        }
    }
}

#[test]
fn a_second_run_with_used_buffers_changes_no_bit() {
    // Buffers go from call to call: what the first left in them must not be seen. Another number of modes needs others.
    let scene = small(Field::Far);
    let kernels = scene.kernels();
    let first = results(&scene, &kernels);
    let one_mode = Scene { probe: scene.probe.slice(s![..1, .., ..]).to_owned(), ..scene.clone() };
    kernels.compare(&one_mode.object, &one_mode.probe);
    assert_same("the second time", &first, &results(&scene, &kernels));
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
