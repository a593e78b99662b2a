//! How far results may be from the reference, and the scenes that all kernels are held against.

use crate::reference::C64;
use crate::scene::{Field, Scene, Sizes, widen};
use litho_testkit::Lcg;
use litho_types::C32;
use ndarray::{Array, Array2, Array3, ArrayView, Dimension};

pub(crate) const EPSILON: f64 = f32::EPSILON as f64;
/// Exit waves are two products and a sum, and inputs are exact: at most 3 roundings of ε/2.
pub(crate) const PRODUCT: f64 = 1.5 * EPSILON;
/// A transform and its inverse round 2·log₂ 256 = 16 times and the rest of an update about as often; errors of
/// ε/2 each that add at random stay near ε·√32/2 = 3 ε of the whole array.
pub(crate) const PIE: f64 = 5.0 * EPSILON;
/// Where a wave is nearly dark its rounding becomes an error of direction, which the step of a difference map passes on
/// whole. Over some thousand Rayleigh-distributed moduli that multiplies the 3 ε by up to √(ln 10³) ≈ 2.6 in the mean
/// square, and twice that where a single dark pixel weighs on a small frame. The same bound holds for the modulus of a
/// single pixel that is a tenth of the typical one.
pub(crate) const PROJECTION: f64 = 20.0 * EPSILON;
/// Sums over at most 6 frames × 3 modes: 18 products and additions of ε/2 each, at random √36/2 ε = 3 ε.
pub(crate) const OVERLAP: f64 = 3.0 * EPSILON;
/// `Σ(|F| − √I)²` over 100 and more pixels: a miss is as large as the modulus, whose relative error is that of one
/// transform, 2 ε; the square doubles it. Room of 2.
pub(crate) const ERROR: f64 = 8.0 * EPSILON;
/// A beam of its own goes through one more transform and back: 16 roundings of ε/2 at random, 2 ε, and some of its phases.
pub(crate) const BEAM: f64 = 3.0 * EPSILON;

/// Mixed radices not a multiple of the vector width, powers of two, and primes, each with one and three modes.
pub(crate) fn scenes() -> Vec<Scene> {
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

/// More frames than are worked on in one go.
pub(crate) fn long_scene(field: Field) -> Scene {
    Scene::random(field, Sizes { frame: (8, 10), frames: 70, modes: 2, object: (40, 35) }, 31)
}

/// Every way to differ from the plain scenes, on one scene each: frames with beams of their own, a background, saturation.
pub(crate) fn special_scenes() -> Vec<Scene> {
    use crate::scene::Beams;
    let mut all = Vec::new();
    for field in [Field::Far, Field::Near] {
        for (index, beams) in Beams::OWN.into_iter().enumerate() {
            let (seed, modes) = (200 + index as u64, 1 + index % 2);
            let sizes = Sizes { frame: (12, 10), frames: 6, modes, object: (21, 19) };
            all.push(Scene::random(field, sizes, seed).with_beams(beams, seed + 50));
        }
        let sizes = Sizes { frame: (11, 16), frames: 6, modes: 2, object: (21, 23) };
        let plain = || Scene::random(field, sizes, 300);
        all.push(plain().with_background(301));
        all.push(Scene { saturation: Some(25.0), ..plain() });
        all.push(Scene {
            saturation: Some(25.0),
            ..plain().with_beams(Beams::Everything, 302).with_background(303)
        });
    }
    all
}

/// `‖a − b‖/‖b‖`.
pub(crate) fn distance<D: Dimension>(a: ArrayView<'_, C32, D>, b: &Array<C64, D>) -> f64 {
    assert_eq!(a.shape(), b.shape());
    let difference: f64 = a.iter().zip(b).map(|(a, b)| (widen(*a) - b).norm_sqr()).sum();
    (difference / norm_sqr(b)).sqrt()
}

/// `‖a‖²`.
pub(crate) fn norm_sqr<D: Dimension>(a: &Array<C64, D>) -> f64 {
    a.iter().map(C64::norm_sqr).sum()
}

pub(crate) fn close(what: &str, got: f64, want: f64, tolerance: f64, scene: &Scene) {
    within(what, got, want, tolerance * want.abs(), scene);
}

/// As [`close`], with an absolute tolerance for numbers that may be small differences.
pub(crate) fn within(what: &str, got: f64, want: f64, tolerance: f64, scene: &Scene) {
    let apart = (got - want).abs();
    assert!(
        apart <= tolerance,
        "{what}: {got} instead of {want}, {apart:e} > {tolerance:e} ({})",
        scene.name()
    );
}

/// Asserts that `a` is `b` but for a relative rms error.
pub(crate) fn same<D: Dimension>(
    what: &str,
    a: &Array<C32, D>,
    b: &Array<C64, D>,
    tolerance: f64,
    scene: &Scene,
) {
    let apart = distance(a.view(), b);
    assert!(apart <= tolerance, "{what} off by {apart:e} > {tolerance:e} ({})", scene.name());
}

/// Directions of complex noise for object and probe, about as large as a tenth of both.
pub(crate) fn directions(scene: &Scene, seed: u64) -> (Array2<C32>, Array3<C32>) {
    let mut random = Lcg::new(seed);
    let object = random.complex_noise(scene.object.dim(), 0.1);
    let (modes, ny, nx) = scene.probe.dim();
    let probe = random.complex_noise((modes * ny, nx), 0.4);
    (object, probe.into_shape_with_order((modes, ny, nx)).expect("as many pixels"))
}
