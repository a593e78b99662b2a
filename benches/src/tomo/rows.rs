//! What is measured, and its marks.

use super::phantom::SIZE;
use litho_tomo::{Filter, Method, Settings, Support};

/// A method of ours, the method of ASTRA beside it, and marks.
#[derive(Debug, Clone)]
pub(super) struct Row {
    method: Method,
    positive: bool,
    /// Largest CPU seconds for 256 slices, and largest error; infinite where nothing is asked.
    marks: (f64, f64),
}

/// Marks on errors are given to this.
const ROUNDING: f64 = 5e-4;
const NONE: f64 = f64::INFINITY;

fn row(method: Method, marks: (f64, f64)) -> Row {
    Row { method, positive: false, marks }
}

/// Rows with all angles.
pub(super) fn full() -> Vec<Row> {
    vec![
        row(Method::Fbp { filter: Filter::RamLak }, (0.7, 0.063)),
        row(Method::Sirt { iterations: 20 }, (16.0, NONE)),
        row(Method::Cgls { iterations: 20 }, (18.0, 0.058)),
        row(Method::Art { iterations: 20, relaxation: 0.1 }, (32.0, 0.057)),
    ]
}

/// Rows with a missing wedge. Priors must beat ART's.
pub(super) fn wedge() -> Vec<Row> {
    const ART: f64 = 0.158;
    let positive = |method| Row { method, positive: true, marks: (NONE, ART) };
    vec![
        row(Method::Fbp { filter: Filter::RamLak }, (NONE, NONE)),
        row(Method::Sirt { iterations: 20 }, (NONE, NONE)),
        row(Method::Cgls { iterations: 20 }, (NONE, NONE)),
        row(Method::Art { iterations: 20, relaxation: 0.1 }, (NONE, NONE)),
        positive(Method::Tv { iterations: 30, strength: 0.01, block: 10 }),
        positive(Method::Wedge { iterations: 30, strength: 0.02, block: 10 }),
    ]
}

/// Of one operation on all slices.
pub(super) fn flops(angles: usize) -> f64 {
    4.0 * (angles * SIZE.pow(3)) as f64
}

impl Row {
    pub(super) fn settings(&self) -> Settings {
        let mut settings = Settings::new(self.method);
        if self.positive {
            settings.range = Some([0.0, f32::INFINITY]);
            settings.support = Support::Circle;
        }
        settings
    }

    pub(super) fn name(&self) -> String {
        let prior = if self.positive { ", positive, in the circle" } else { "" };
        match self.method.iterations() {
            1 => self.method.name().to_owned(),
            iterations => format!("{}, {iterations} iterations{prior}", self.method.name()),
        }
    }

    /// ASTRA's name for the method.
    pub(super) fn key(&self) -> &'static str {
        match self.method {
            Method::Sirt { .. } => "sirt",
            Method::Cgls { .. } => "cgls",
            Method::Art { .. } => "art",
            _ => "fbp",
        }
    }

    /// Slices for ASTRA: more for the quick method.
    pub(super) fn peer_slices(&self, slow: usize) -> usize {
        match self.method {
            Method::Fbp { .. } => (slow * 16).min(SIZE),
            Method::Art { .. } => slow.div_ceil(2),
            _ => slow,
        }
    }

    /// Operations, A or Aᵀ, on all rays.
    pub(super) fn operations(&self) -> f64 {
        match self.method {
            Method::Fbp { .. } => 1.0,
            Method::Cgls { iterations } => (2 * iterations) as f64,
            Method::Sirt { iterations } => (2 * iterations + 1) as f64,
            _ => 2.0 * self.method.iterations() as f64,
        }
    }

    /// Whether the marks are met.
    pub(super) fn judge(&self, cpu: f64, error: f64) -> String {
        let judge = |value: f64, mark: f64, rounding: f64, text: String| {
            if mark == NONE {
                return String::new();
            }
            let met = if value <= mark + rounding { "met" } else { "**not met**" };
            format!("{text} {met}")
        };
        let (seconds, largest) = self.marks;
        let parts = [
            judge(cpu, seconds, 0.0, format!("≤ {seconds} s")),
            judge(error, largest, ROUNDING, format!("≤ {largest}")),
        ];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}
