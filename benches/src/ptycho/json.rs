//! The measured numbers for programs; all times are seconds.

use super::{MeasuredEngine, MeasuredPeer, Report, Waypoint};
use crate::clock::{Clock, Ratio, Rounds};
use serde_json::{Value, json};

impl Report {
    /// The report for programs.
    pub(crate) fn json(&self) -> String {
        let floors: Vec<Value> = self
            .floors
            .iter()
            .map(|(floor, rounds)| json!({ "name": floor.name(), "per_iteration": costs(rounds) }))
            .collect();
        let marks: Vec<Value> = self
            .verdicts()
            .iter()
            .map(|v| json!({ "what": v.what, "mark": v.mark, "found": v.found, "met": v.met }))
            .collect();
        let report = json!({
            "machine": self.machine.to_string(),
            "load": [self.machine.load, self.load_after],
            "frames": self.frames,
            "shape": [self.shape.0, self.shape.1],
            "rounds": self.settings.rounds,
            "floors": floors,
            "engines": self.engines.iter().map(|found| self.engine_json(found)).collect::<Vec<_>>(),
            "peers": self.peers.iter().map(|found| self.peer_json(found)).collect::<Vec<_>>(),
            "marks": marks,
        });
        format!("{report:#}")
    }

    fn engine_json(&self, found: &MeasuredEngine) -> Value {
        let two = found.two_threads.as_ref();
        json!({
            "key": found.engine.key,
            "name": found.engine.name,
            "iterations": found.engine.iterations(),
            "per_iteration": costs(&found.rounds),
            "per_iteration_on_two_threads": two.map(costs),
            "floor": found.engine.floor.name(),
            "in_floors": self.in_floors(found).map(ratio),
            "speed_up_on_two_threads": two.map(|two| ratio(found.rounds.ratio(two, Clock::Wall))),
            "same_bits": found.same_bits,
            "path": path(&found.path, &found.rounds),
        })
    }

    fn peer_json(&self, found: &MeasuredPeer) -> Value {
        let beside = self.beside_ours(found);
        json!({
            "key": found.peer.key,
            "name": found.peer.name,
            "absent": found.absent,
            "versions": found.versions,
            "iterations": found.peer.iterations,
            "per_iteration": costs(&found.rounds),
            "beside": beside.map(|(name, _)| name),
            "beside_ours": beside.map(|(_, found)| ratio(found)),
            "path": path(&found.path, &found.rounds),
        })
    }
}

/// Seconds per iteration, a number for each round.
fn costs(rounds: &Rounds) -> Value {
    json!({ "cpu": rounds.means(Clock::Cpu), "wall": rounds.means(Clock::Wall) })
}

fn ratio(ratio: Ratio) -> Value {
    json!({ "of_minima": ratio.of_minima, "median": ratio.paired })
}

/// The object errors, with the CPU seconds until then.
fn path(path: &[Waypoint], rounds: &Rounds) -> Value {
    let elapsed = rounds.elapsed();
    let point = |at: &Waypoint| {
        let cpu = elapsed.get(at.iteration - 1);
        json!({ "iteration": at.iteration, "cpu": cpu, "object_error": at.error })
    };
    path.iter().map(point).collect()
}
