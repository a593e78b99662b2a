//! A state that was kept continues with the same bits.

use crate::engines::every_engine;
use crate::exact::{Exact, run, run_keeping, stage};
use litho_ptycho::{Algorithm, Checkpoint, DifferenceMap, Pie, Stage, State, StopReason};
use litho_types::C32;

/// Keeps every state.
#[derive(Default)]
struct All(Vec<State>);

impl Checkpoint for All {
    fn wants(&self, _iteration: usize) -> bool {
        true
    }
    fn keep(&mut self, state: &State) {
        self.0.push(state.clone());
    }
}

fn map() -> Algorithm {
    Algorithm::DifferenceMap(DifferenceMap { probe_start: 1, ..DifferenceMap::default() })
}

fn pie() -> Algorithm {
    Algorithm::Pie(Pie { probe_start: 1, ..Pie::rpie(9) })
}

fn chains() -> Vec<Vec<Stage>> {
    let mut chains: Vec<Vec<Stage>> =
        every_engine().into_iter().map(|(_, engine)| vec![stage(engine, 4)]).collect();
    chains.extend([
        vec![stage(map(), 3), stage(pie(), 3)],
        vec![stage(pie(), 2), stage(map(), 3)],
        vec![stage(map(), 2), stage(pie(), 0), stage(map(), 3)],
    ]);
    chains
}

fn bits<'a>(waves: impl IntoIterator<Item = &'a C32>) -> Vec<[u32; 2]> {
    waves.into_iter().map(|w| [w.re.to_bits(), w.im.to_bits()]).collect()
}

fn assert_same_bits(a: &State, b: &State, what: &str) {
    assert_eq!(a.iteration, b.iteration, "{what}");
    assert!(bits(&a.object) == bits(&b.object), "object: {what}");
    assert!(bits(&a.probe) == bits(&b.probe), "probe: {what}");
    let waves = |state: &State| state.waves.as_ref().map(bits);
    assert!(waves(a) == waves(b), "waves: {what}");
    let losses = |state: &State| state.losses.iter().map(|l| l.to_bits()).collect::<Vec<_>>();
    assert_eq!(losses(a), losses(b), "{what}");
}

#[test]
fn every_kept_state_continues_with_the_same_bits() {
    let exact = Exact::new((16, 12), 2);
    let kernels = exact.kernels();
    for stages in chains() {
        let mut kept = All::default();
        let whole = run_keeping(&kernels, &stages, exact.guess(), &mut kept);
        let iterations: usize = stages.iter().map(|stage| stage.iterations).sum();
        assert_eq!((whole.reason, whole.state.iteration), (StopReason::Finished, iterations));
        assert_eq!(whole.state.losses.len(), iterations);
        assert_eq!(kept.0.len(), iterations);
        for state in kept.0 {
            let what = format!("{stages:?} from iteration {}", state.iteration);
            // Other kernels, as in a new process: nothing may hide in them.
            let resumed = run(&exact.kernels(), &stages, state);
            assert_same_bits(&resumed.state, &whole.state, &what);
        }
    }
}

#[test]
fn a_run_takes_the_same_way_whether_its_states_are_kept_or_not() {
    let exact = Exact::new((16, 12), 1);
    let kernels = exact.kernels();
    for stages in chains() {
        let kept = run_keeping(&kernels, &stages, exact.guess(), &mut All::default());
        assert_same_bits(&kept.state, &run(&kernels, &stages, exact.guess()).state, &format!("{stages:?}"));
    }
}

#[test]
fn a_new_stage_starts_without_the_old_waves() {
    // Two difference maps one after the other: the second must start from object and probe alone.
    let exact = Exact::new((16, 12), 1);
    let kernels = exact.kernels();
    let first = run(&kernels, &[stage(map(), 3)], exact.guess()).state;
    assert!(first.waves.is_some(), "the difference map keeps its waves");
    let chain = run(&kernels, &[stage(map(), 3), stage(map(), 2)], exact.guess()).state;
    let alone = run(&kernels, &[stage(map(), 2)], State::start(first.object, first.probe)).state;
    assert!(bits(&chain.object) == bits(&alone.object) && bits(&chain.probe) == bits(&alone.probe));
    // The engine that keeps none leaves none behind.
    let chain = run(&kernels, &[stage(map(), 2), stage(pie(), 1)], exact.guess()).state;
    assert!(chain.waves.is_none());
}

#[test]
fn a_finished_state_is_left_alone() {
    let exact = Exact::new((16, 12), 1);
    let kernels = exact.kernels();
    let stages = [stage(map(), 2), stage(pie(), 1)];
    let whole = run(&kernels, &stages, exact.guess());
    assert_same_bits(&run(&kernels, &stages, whole.state.clone()).state, &whole.state, "finished");
}
