//! The measured numbers as Markdown and as JSON.

use super::work::EpieWork;
use super::{Measured, Report, Subject};
use crate::clock::{Cost, median, minimum};
use crate::table;
use serde_json::{Value, json};

/// Which seconds are compared.
#[derive(Debug, Clone, Copy)]
enum Clock {
    Cpu,
    Wall,
}

impl Clock {
    fn of(self, cost: &Cost) -> f64 {
        match self {
            Self::Cpu => cost.cpu,
            Self::Wall => cost.wall,
        }
    }
}

/// One subject's seconds divided by another's.
struct Ratio {
    name: &'static str,
    above: Subject,
    below: Subject,
    clock: Clock,
    /// What it has to be.
    mark: &'static str,
}

const RATIOS: [Ratio; 5] = [
    Ratio {
        name: "our ePIE / floor in cache (CPU)",
        above: Subject::Epie,
        below: Subject::Floor,
        clock: Clock::Cpu,
        mark: "≤ 3",
    },
    Ratio {
        name: "our difference map / floor in memory (CPU)",
        above: Subject::DifferenceMap,
        below: Subject::FloorInMemory,
        clock: Clock::Cpu,
        mark: "",
    },
    Ratio {
        name: "NumPy ePIE / our ePIE, both α = β = 1 (CPU)",
        above: Subject::NumpyEpie,
        below: Subject::EpiePublished,
        clock: Clock::Cpu,
        mark: "",
    },
    Ratio {
        name: "SciPy transforms one by one / floor in cache (CPU)",
        above: Subject::ScipyFloor,
        below: Subject::Floor,
        clock: Clock::Cpu,
        mark: "",
    },
    Ratio {
        name: "difference map, 1 thread / 2 threads (wall)",
        above: Subject::DifferenceMap,
        below: Subject::DifferenceMapTwoThreads,
        clock: Clock::Wall,
        mark: "≥ 1.8",
    },
];

impl Measured {
    fn minimum(&self, clock: Clock) -> f64 {
        minimum(self.costs.iter().map(|cost| clock.of(cost)))
    }

    fn median(&self, clock: Clock) -> f64 {
        median(self.costs.iter().map(|cost| clock.of(cost)))
    }
}

impl Report {
    /// The report for people.
    pub(crate) fn markdown(&self) -> String {
        let (ny, nx) = self.shape;
        let load = |load: Option<f64>| load.map_or("unknown".to_owned(), |load| format!("{load:.1}"));
        format!(
            "Machine: {}. Load {} before, {} after. NumPy {}, SciPy {}.\n\
             {} frames of {ny} × {nx}, one mode, {} iterations, {} rounds taking turns.\n\n\
             Milliseconds per iteration:\n\n{}\n{}\n{}",
            self.machine,
            load(self.machine.load),
            load(self.load_after),
            self.versions.numpy,
            self.versions.scipy,
            self.frames,
            self.settings.iterations,
            self.settings.rounds,
            self.cost_table(),
            self.ratio_table(),
            self.limit(),
        )
    }

    /// The report for programs; seconds per iteration.
    pub(crate) fn json(&self) -> String {
        let costs: Vec<Value> = self.measured.iter().map(measured_json).collect();
        let ratios: Vec<Value> = RATIOS
            .iter()
            .map(|ratio| {
                json!({ "name": ratio.name, "of_minima": self.of_minima(ratio), "median": self.paired(ratio) })
            })
            .collect();
        let report = json!({
            "machine": self.machine.to_string(),
            "load": [self.machine.load, self.load_after],
            "versions": { "numpy": self.versions.numpy, "scipy": self.versions.scipy },
            "frames": self.frames,
            "shape": [self.shape.0, self.shape.1],
            "iterations": self.settings.iterations,
            "rounds": self.settings.rounds,
            "measured": costs,
            "ratios": ratios,
        });
        format!("{report:#}")
    }

    fn cost_table(&self) -> String {
        let milliseconds = |seconds: f64| format!("{:.1}", 1e3 * seconds);
        let rows: Vec<[String; 6]> = self
            .measured
            .iter()
            .map(|m| {
                [
                    m.subject.name().to_owned(),
                    milliseconds(m.minimum(Clock::Cpu)),
                    milliseconds(m.median(Clock::Cpu)),
                    milliseconds(m.minimum(Clock::Wall)),
                    milliseconds(m.median(Clock::Wall)),
                    m.object_error.map_or(String::new(), |error| format!("{error:.4}")),
                ]
            })
            .collect();
        let header = ["", "CPU min", "CPU median", "wall min", "wall median", "object error"];
        table::markdown(header, &rows)
    }

    fn ratio_table(&self) -> String {
        let rows = RATIOS.map(|ratio| {
            [
                ratio.name.to_owned(),
                format!("{:.2}", self.of_minima(&ratio)),
                format!("{:.2}", self.paired(&ratio)),
                ratio.mark.to_owned(),
            ]
        });
        table::markdown(["ratio", "of minima", "median of rounds", "mark"], &rows)
    }

    /// How far ePIE is from what its arithmetic and its bytes allow.
    fn limit(&self) -> String {
        let work = EpieWork::new(self.frames, self.shape);
        let floor = self.subject(Subject::Floor).minimum(Clock::Cpu);
        let epie = self.subject(Subject::Epie).minimum(Clock::Cpu);
        format!(
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
        )
    }

    fn subject(&self, subject: Subject) -> &Measured {
        &self.measured[subject as usize]
    }

    /// Ratio of the smallest costs of all rounds.
    fn of_minima(&self, ratio: &Ratio) -> f64 {
        self.subject(ratio.above).minimum(ratio.clock) / self.subject(ratio.below).minimum(ratio.clock)
    }

    /// Median of the ratios within each round.
    fn paired(&self, ratio: &Ratio) -> f64 {
        let (above, below) = (&self.subject(ratio.above).costs, &self.subject(ratio.below).costs);
        median(above.iter().zip(below).map(|(a, b)| ratio.clock.of(a) / ratio.clock.of(b)))
    }
}

fn measured_json(measured: &Measured) -> Value {
    json!({
        "name": measured.subject.name(),
        "cpu": measured.costs.iter().map(|cost| cost.cpu).collect::<Vec<_>>(),
        "wall": measured.costs.iter().map(|cost| cost.wall).collect::<Vec<_>>(),
        "object_error": measured.object_error,
    })
}
