//! What projections and propagators must satisfy whatever the numbers are.

use crate::reference::C64;
use crate::scene::{Field, Scene, Sizes, propagator, widen};
use litho_compute::{Averaged, Inertia, Kernels, Propagator, WaveStep, Wavefield};
use litho_testkit::{Lcg, relative_rms};
use litho_types::C32;
use ndarray::{Array2, Array4, ArrayView1};

const EPSILON: f64 = f32::EPSILON as f64;
/// A way there and back: 2·log₂(240) ≈ 16 roundings of ε/2 that add at random, 2 ε; room of 4.
const ROUND_TRIP: f64 = 8.0 * EPSILON;
/// `ψ ← Π_F ψ` and nothing else.
const PROJECT: WaveStep = WaveStep { argument: [0.0, 1.0], next: [0.0, 0.0, 1.0], averaged: Averaged::Waves };
/// Object and probe do not matter to a projection.
const INERTIA: Inertia = Inertia { object: 0.1, probe: None };
/// Mixed radices, powers of two, primes: every kind of transform.
const SHAPES: [(usize, usize); 4] = [(12, 10), (16, 16), (11, 13), (12, 20)];
const MODES: usize = 2;

fn noise(shape: (usize, usize), seed: u64) -> Vec<C32> {
    Lcg::new(seed).complex_noise((MODES * shape.0, shape.1), 1.0).into_raw_vec_and_offset().0
}

fn loaded(propagator: &Propagator, waves: &[C32]) -> Wavefield {
    let mut field = propagator.wavefield(MODES);
    field.waves.copy_from_slice(waves);
    field
}

fn inner(a: &[C32], b: &[C32]) -> C64 {
    a.iter().zip(b).map(|(a, b)| widen(*a).conj() * widen(*b)).sum()
}

fn propagators() -> impl Iterator<Item = ((usize, usize), Propagator)> {
    SHAPES
        .into_iter()
        .flat_map(|shape| [Field::Far, Field::Near].map(|field| (shape, propagator(field, shape))))
}

#[test]
fn there_and_back_is_the_same_wave() {
    for (shape, propagator) in propagators() {
        let waves = noise(shape, 1);
        let mut field = loaded(&propagator, &waves);
        propagator.to_detector(&mut field);
        assert!(relative(&field.waves, &waves) > 0.1, "the wave must have gone somewhere");
        propagator.to_sample(&mut field);
        let apart = relative(&field.waves, &waves);
        assert!(apart < ROUND_TRIP, "{shape:?}, far field {}: {apart:e}", propagator.is_far_field());
    }
}

#[test]
fn energy_arrives_whole() {
    // Parseval: the transforms are unitary, and no wave of these scenes is evanescent.
    for (shape, propagator) in propagators() {
        let waves = noise(shape, 2);
        let mut field = loaded(&propagator, &waves);
        propagator.to_detector(&mut field);
        let ratio = inner(&field.waves, &field.waves).re / inner(&waves, &waves).re;
        assert!((ratio - 1.0).abs() < ROUND_TRIP, "{shape:?}: {ratio}");
    }
}

#[test]
fn the_way_back_is_the_adjoint() {
    // ⟨Fψ, φ⟩ = ⟨ψ, F*φ⟩; the error of either side is relative to ‖ψ‖‖φ‖, not to their small product.
    for (shape, propagator) in propagators() {
        let (psi, phi) = (noise(shape, 3), noise(shape, 4));
        let (mut forth, mut back) = (loaded(&propagator, &psi), loaded(&propagator, &phi));
        propagator.to_detector(&mut forth);
        propagator.to_sample(&mut back);
        let apart = (inner(&forth.waves, &phi) - inner(&psi, &back.waves)).norm();
        let scale = (inner(&psi, &psi).re * inner(&phi, &phi).re).sqrt();
        assert!(apart < ROUND_TRIP * scale, "{shape:?}: {apart:e} of {scale}");
    }
}

#[test]
fn projecting_twice_is_projecting_once() {
    for (scene, once) in projected() {
        let kernels = scene.kernels();
        let mut twice = once.clone();
        let error = kernels.wave_step(PROJECT, INERTIA, &mut scene.model(&kernels), &mut twice);
        let apart = relative_rms(twice.view(), once.view());
        assert!(apart < ROUND_TRIP, "{:?} {:?}: {apart:e}", scene.field, scene.frame_shape());
        // The projected wave has the measured modulus up to the rounding of a way there and back, so the squares
        // add up to the square of that share of its own power.
        let power: f64 = once.iter().map(|w| f64::from(w.norm_sqr())).sum();
        assert!(error < ROUND_TRIP.powi(2) * power, "{error:e} of {power}");
    }
}

#[test]
fn a_projection_sets_measured_moduli_and_leaves_masked_pixels() {
    for (scene, after) in projected() {
        let kernels = scene.kernels();
        let (ny, nx) = scene.frame_shape();
        let detector = |waves: &Array4<C32>, frame: usize| {
            let propagator = kernels.measurement().propagator();
            let mut field = propagator.wavefield(MODES);
            let one = waves.index_axis(ndarray::Axis(0), frame);
            field.waves.iter_mut().zip(one).for_each(|(to, from)| *to = *from);
            propagator.to_detector(&mut field);
            Array2::from_shape_vec((MODES, ny * nx), field.waves.to_vec()).expect("as many pixels as waves")
        };
        let mut masked = 0;
        for frame in 0..scene.frame_count() {
            let (before, after) = (detector(&scene.waves, frame), detector(&after, frame));
            // Rounding errors of a pixel come from all pixels: relative to the root mean square modulus.
            let typical = (modulus_squares(&before.view().flatten().view()) / (ny * nx) as f64).sqrt();
            for (pixel, good) in scene.good.iter().enumerate() {
                let (f, g) = (before.column(pixel), after.column(pixel));
                if *good {
                    let measured = f64::from(scene.intensities[(frame, pixel / nx, pixel % nx)]).sqrt();
                    let modulus = modulus_squares(&g).sqrt();
                    assert!((modulus - measured).abs() < 4.0 * ROUND_TRIP * typical, "{modulus}, {measured}");
                } else {
                    let moved = modulus_squares(&(&f - &g).view()).sqrt();
                    assert!(moved < 4.0 * ROUND_TRIP * typical, "masked pixel {pixel} moved by {moved:e}");
                    masked += 1;
                }
            }
        }
        assert!(masked > 0, "the scene must have masked pixels");
    }
}

fn projected() -> impl Iterator<Item = (Scene, Array4<C32>)> {
    SHAPES.into_iter().flat_map(|frame| {
        [Field::Far, Field::Near].map(|field| {
            let sizes = Sizes { frame, frames: 3, modes: MODES, object: (frame.0 + 5, frame.1 + 4) };
            let scene = Scene::random(field, sizes, 7);
            let mut waves = scene.waves.clone();
            let kernels = scene.kernels();
            kernels.wave_step(PROJECT, INERTIA, &mut scene.model(&kernels), &mut waves);
            (scene, waves)
        })
    })
}

fn modulus_squares(modes: &ArrayView1<'_, C32>) -> f64 {
    modes.iter().map(|f| f64::from(f.norm_sqr())).sum()
}

fn relative(a: &[C32], b: &[C32]) -> f64 {
    relative_rms(ArrayView1::from(a), ArrayView1::from(b))
}
