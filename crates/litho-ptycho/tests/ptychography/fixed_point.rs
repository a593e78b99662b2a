//! The truth must be where every engine rests.

use crate::engines::every_engine;
use crate::exact::{Exact, run, stage};
use litho_compute::Kernels;
use litho_testkit::relative_rms;

/// A frame's update moves object and probe by the rounding error of one way to the detector and back, at most 20 ε
/// (see the kernels' own tests); 25 frames in a row, whose errors each meet a part of the object and may add up.
const REST: f64 = 25.0 * 20.0 * f32::EPSILON as f64;
/// Relative modulus error of one transform, and of the intensity that was rounded to single precision: 10 ε, squared.
const LOSS: f64 = (10.0 * f32::EPSILON as f64) * (10.0 * f32::EPSILON as f64);

#[test]
fn the_truth_explains_exact_frames() {
    // Masked pixels read 1e7 photons: a single one that counted would be seen.
    for (shape, modes) in [((24, 20), 1), ((24, 20), 2), ((15, 21), 2)] {
        let exact = Exact::new(shape, modes);
        let kernels = exact.kernels();
        let error = kernels.compare(&kernels.model(&exact.object, &exact.probe)).error();
        assert!(error < LOSS, "{shape:?}, {modes} modes: {error:e}");
    }
}

#[test]
fn the_truth_is_a_fixed_point_of_every_engine() {
    for modes in [1, 2] {
        let exact = Exact::new((24, 20), modes);
        let kernels = exact.kernels();
        for (name, engine) in every_engine() {
            let state = run(&kernels, &[stage(engine, 1)], exact.truth()).state;
            let object = relative_rms(state.object.view(), exact.object.view());
            let probe = relative_rms(state.probe.view(), exact.probe.view());
            assert!(object < REST && probe < REST, "{name}, {modes} modes: {object:e}, {probe:e}");
            assert!(state.losses[0] < LOSS, "{name}, {modes} modes: loss {:e}", state.losses[0]);
        }
    }
}

#[test]
fn away_from_the_truth_every_engine_moves_towards_it() {
    // The counterpart: an engine that does nothing would pass the test above.
    let exact = Exact::new((24, 20), 1);
    let kernels = exact.kernels();
    let guess = exact.guess();
    let start = kernels.compare(&guess.model(&kernels)).error();
    for (name, engine) in every_engine() {
        let state = run(&kernels, &[stage(engine, 30)], exact.guess()).state;
        let end = kernels.compare(&state.model(&kernels)).error();
        assert!(end < 0.1 * start, "{name}: {start:e} became {end:e}");
    }
}
