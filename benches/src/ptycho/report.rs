//! The measured numbers as Markdown.

use super::engines::Floor;
use super::peers::Beside;
use super::work::EpieWork;
use super::{MeasuredPeer, Report, Waypoint};
use crate::clock::{Clock, Rounds};
use crate::table;
use std::collections::BTreeMap;

/// A row of the table of costs.
type Row = [String; 8];

impl Report {
    /// The report for people.
    pub(crate) fn markdown(&self) -> String {
        let (ny, nx) = self.shape;
        let load = |load: Option<f64>| load.map_or("unknown".to_owned(), |load| format!("{load:.1}"));
        let mut text = format!(
            "Machine: {}. Load {} before, {} after.{}\n\
             {} frames of {ny} × {nx}, one mode; rounds taking turns: {}.\n\n\
             Milliseconds per iteration, on one thread unless it says otherwise:\n\n{}\n",
            self.machine,
            load(self.machine.load),
            load(self.load_after),
            self.versions(),
            self.frames,
            self.settings.rounds,
            self.cost_table(),
        );
        let parts = [self.absent(), self.mark_table(), self.peer_table(), self.limit()];
        text.extend(parts.into_iter().flatten().flat_map(|part| [part, "\n".to_owned()]));
        text
    }

    /// What the peers computed with: ` numpy 2.4.6, scipy 1.17.1.`
    fn versions(&self) -> String {
        let all: BTreeMap<&String, &String> = self.peers.iter().flat_map(|peer| &peer.versions).collect();
        let all: Vec<String> = all.into_iter().map(|(name, version)| format!("{name} {version}")).collect();
        if all.is_empty() { String::new() } else { format!(" {}.", all.join(", ")) }
    }

    fn cost_table(&self) -> String {
        let floors = self.floors.iter().map(|(floor, rounds)| {
            row(format!("our transforms, {}", floor.name()), rounds, 1, None, String::new())
        });
        let name = format!("our transforms, {}, 2 threads", Floor::InCache.name());
        let two_threads = row(name, &self.two_thread_floor, 1, None, String::new());
        let engines = self.engines.iter().flat_map(|found| {
            let name = format!("our {}", found.engine.name);
            let iterations = found.engine.iterations();
            let ratio = self.in_floors(found);
            let ratio = ratio.map_or(String::new(), |r| format!("{:.2} / {:.2}", r.of_minima, r.paired));
            let last = found.path.last();
            let one = row(name.clone(), &found.rounds, iterations, last, ratio);
            let two = found.two_threads.as_ref();
            let two =
                two.map(|rounds| row(format!("{name}, 2 threads"), rounds, iterations, last, String::new()));
            std::iter::once(one).chain(two)
        });
        let present = self.peers.iter().filter(|found| found.absent.is_none());
        let peers = present.map(|found| {
            let name = found.peer.name.to_owned();
            row(name, &found.rounds, found.peer.iterations, found.path.last(), String::new())
        });
        let rows: Vec<Row> = floors.chain([two_threads]).chain(engines).chain(peers).collect();
        let header = [
            "",
            "CPU min",
            "CPU median",
            "wall min",
            "wall median",
            "iterations",
            "object error",
            "CPU / floor",
        ];
        table::markdown(header, &rows)
    }

    /// The peers that were not measured and why.
    fn absent(&self) -> Option<String> {
        let line = |name: &str, why: &str| format!("- {name}: {why}\n");
        let lines: String = self
            .peers
            .iter()
            .filter_map(|found| Some(line(found.peer.name, found.absent.as_deref()?)))
            .collect();
        (!lines.is_empty()).then(|| format!("Not measured:\n\n{lines}"))
    }

    fn mark_table(&self) -> Option<String> {
        let rows: Vec<[String; 5]> = self
            .verdicts()
            .into_iter()
            .map(|verdict| {
                let digits = verdict.digits;
                let mut found = verdict.found.iter().map(|value| format!("{value:.digits$}"));
                let mut next = || found.next().unwrap_or_default();
                let met = if verdict.met { "yes" } else { "**no**" };
                [verdict.what, verdict.mark, next(), next(), met.to_owned()]
            })
            .collect();
        let header = ["mark", "", "of minima", "median of rounds", "met"];
        (!rows.is_empty()).then(|| table::markdown(header, &rows))
    }

    fn peer_table(&self) -> Option<String> {
        let error =
            |path: &[Waypoint]| path.last().map_or(String::new(), |last| format!("{:.4}", last.error));
        let row = |found: &MeasuredPeer| {
            let (ours, ratio) = self.beside_ours(found)?;
            let path = match found.peer.beside {
                Beside::Engine(key) => self.engine(key).map_or(&[][..], |ours| &ours.path),
                Beside::Floor(_) => &[],
            };
            Some([
                format!("{} / our {ours}", found.peer.name),
                format!("{:.2}", ratio.of_minima),
                format!("{:.2}", ratio.paired),
                error(&found.path),
                error(path),
            ])
        };
        let rows: Vec<[String; 5]> = self.peers.iter().filter_map(row).collect();
        let header = [
            "peer / ours, CPU time",
            "of minima",
            "median of rounds",
            "object error, peer",
            "object error, ours",
        ];
        (!rows.is_empty()).then(|| table::markdown(header, &rows))
    }

    /// How far ePIE is from what its arithmetic and its bytes allow.
    fn limit(&self) -> Option<String> {
        let work = EpieWork::new(self.frames, self.shape);
        let floor = self.floor(Floor::InCache)?.minimum(Clock::Cpu);
        let epie = self.engine("epie")?.rounds.minimum(Clock::Cpu);
        Some(format!(
            "One ePIE iteration: transforms {:.2} Gflop and {:.2} GB moved in cache, pointwise {:.2} Gflop and at \
             least {:.2} GB; {:.0} MB of frames from memory.\n\
             The floor runs at {:.0} Gflop/s and {:.0} GB/s; at these rates ePIE would cost {:.2} floors by its \
             operations and {:.2} by its bytes. It costs {:.2} ({:.0} Gflop/s, {:.0} GB/s).\n",
            1e-9 * work.transform_flops,
            1e-9 * work.transform_bytes,
            1e-9 * work.pointwise_flops,
            1e-9 * work.pointwise_bytes,
            1e-6 * work.memory_bytes,
            1e-9 * work.transform_flops / floor,
            1e-9 * work.transform_bytes / floor,
            work.ratio_by_flops(),
            work.ratio_by_bytes(),
            epie / floor,
            1e-9 * (work.transform_flops + work.pointwise_flops) / epie,
            1e-9 * (work.transform_bytes + work.pointwise_bytes) / epie,
        ))
    }
}

/// A row of the table of costs.
fn row(name: String, rounds: &Rounds, iterations: usize, last: Option<&Waypoint>, ratio: String) -> Row {
    let milliseconds = |seconds: f64| format!("{:.1}", 1e3 * seconds);
    [
        name,
        milliseconds(rounds.minimum(Clock::Cpu)),
        milliseconds(rounds.median(Clock::Cpu)),
        milliseconds(rounds.minimum(Clock::Wall)),
        milliseconds(rounds.median(Clock::Wall)),
        last.map_or(String::new(), |_| iterations.to_string()),
        last.map_or(String::new(), |last| format!("{:.4}", last.error)),
        ratio,
    ]
}
