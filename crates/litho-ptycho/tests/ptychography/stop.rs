//! Runs that end before their last iteration.

use crate::engines::every_engine;
use crate::exact::{Exact, run, stage};
use litho_compute::PieWeights;
use litho_ptycho::{
    Algorithm, Control, DifferenceMap, NoCheckpoint, Outcome, Pie, Plan, Stage, State, StopReason,
    reconstruct,
};
use litho_types::C32;
use litho_types::frames::Frames;
use litho_types::observer::{CancelToken, Observer, Step};
use ndarray::Axis;

/// Asks for an end after some iteration, and counts what it is told.
struct Impatient {
    token: CancelToken,
    after: usize,
    begun: usize,
    steps: Vec<Step>,
    ended: usize,
}

impl Observer for Impatient {
    fn begin(&mut self, _name: &str, _done: usize, _iterations: usize) {
        self.begun += 1;
    }
    fn step(&mut self, step: Step) {
        self.steps.push(step);
        if step.iteration == self.after {
            self.token.cancel();
        }
    }
    fn end(&mut self) {
        self.ended += 1;
    }
}

fn cancelled(exact: &Exact, stages: &[Stage], after: usize) -> (Outcome, Impatient) {
    let token = CancelToken::new();
    let mut observer = Impatient { token: token.clone(), after, begun: 0, steps: Vec::new(), ended: 0 };
    let control =
        Control { name: "test", observer: &mut observer, cancel: &token, checkpoint: &mut NoCheckpoint };
    let outcome = reconstruct(&exact.kernels(), &Plan::of(stages), exact.guess(), control);
    (outcome, observer)
}

fn chain() -> [Stage; 2] {
    let map = Algorithm::DifferenceMap(DifferenceMap::default());
    [stage(map, 4), stage(Algorithm::Pie(Pie::epie(2)), 3)]
}

#[test]
fn a_cancelled_run_hands_back_a_state_that_goes_on() {
    let exact = Exact::new((16, 12), 1);
    let whole = run(&exact.kernels(), &chain(), exact.guess());
    // Within the first stage, at its end, and within the second.
    for after in [2, 4, 5] {
        let (outcome, observer) = cancelled(&exact, &chain(), after);
        assert_eq!((outcome.reason, outcome.state.iteration), (StopReason::Cancelled, after));
        assert_eq!(outcome.state.losses.len(), after);
        assert_eq!((observer.begun, observer.steps.len(), observer.ended), (1, after, 1));
        for (index, step) in observer.steps.iter().enumerate() {
            let expected = Step { iteration: index + 1, iterations: 7, loss: outcome.state.losses[index] };
            assert_eq!(*step, expected);
        }
        assert_eq!(run(&exact.kernels(), &chain(), outcome.state), whole);
    }
}

#[test]
fn cancelling_after_the_last_iteration_changes_nothing() {
    let exact = Exact::new((16, 12), 1);
    let (outcome, _) = cancelled(&exact, &chain(), 7);
    assert_eq!(outcome, run(&exact.kernels(), &chain(), exact.guess()));
}

/// Runs 1000 iterations that cannot go well, and returns after how many it stopped.
fn diverged(exact: &Exact, algorithm: Algorithm, state: State) -> usize {
    let outcome = run(&exact.kernels(), &[stage(algorithm, 1000)], state);
    assert_eq!(outcome.reason, StopReason::Diverged);
    let losses = outcome.state.losses;
    assert_eq!(losses.len(), outcome.state.iteration);
    let (last, before) = losses.split_last().expect("at least one iteration ran");
    assert!(!last.is_finite() && before.iter().all(|loss| loss.is_finite()));
    outcome.state.iteration
}

#[test]
fn absurd_steps_stop_the_run() {
    // Each update multiplies the fields' size by about the step; single precision ends at 3e38, so steps of 1e6 overflow
    // within the first few of the 25 frames' updates.
    let exact = Exact::new((16, 12), 1);
    let weights = PieWeights { object_step: 1e6, probe_step: 1e6, object_gamma: 1.0, probe_gamma: 1.0 };
    let pie = Pie { weights, ..Pie::epie(1) };
    assert_eq!(diverged(&exact, Algorithm::Pie(pie), exact.guess()), 1);
}

#[test]
fn a_state_that_is_no_number_stops_the_run_at_once() {
    let exact = Exact::new((16, 12), 1);
    for (_, algorithm) in every_engine() {
        let mut state = exact.guess();
        let (y, x) = (state.object.dim().0 / 2, state.object.dim().1 / 2);
        state.object[(y, x)] = C32::new(f32::NAN, 0.0);
        assert_eq!(diverged(&exact, algorithm, state), 1);
    }
}

/// The exact scan with `value` in the pixels of frame 7 that `chosen` picks.
fn spoiled(value: f32, chosen: impl Fn((usize, usize)) -> bool) -> Exact {
    let mut exact = Exact::new((16, 12), 1);
    if let Frames::F32(frames) = &mut exact.scan.frames {
        let mut frame = frames.index_axis_mut(Axis(0), 7);
        frame.indexed_iter_mut().filter(|(pixel, _)| chosen(*pixel)).for_each(|(_, v)| *v = value);
    }
    exact
}

#[test]
fn an_infinite_pixel_stops_the_run_at_once() {
    let exact = spoiled(f32::INFINITY, |pixel| pixel == (6, 5));
    for (_, algorithm) in every_engine() {
        assert_eq!(diverged(&exact, algorithm, exact.guess()), 1);
    }
}

#[test]
fn a_frame_without_numbers_is_a_frame_that_was_not_measured() {
    let exact = spoiled(f32::NAN, |_| true);
    for (_, algorithm) in every_engine() {
        let outcome = run(&exact.kernels(), &[stage(algorithm, 10)], exact.guess());
        assert_eq!(outcome.reason, StopReason::Finished);
        let state = outcome.state;
        assert!(state.losses.iter().all(|loss| loss.is_finite()) && state.losses[9] < state.losses[0]);
        assert!(state.object.iter().chain(&state.probe).all(|v| v.norm().is_finite()));
    }
}
