//! What is measured, and its marks.

use super::phantom::SIZE;
use litho_tomo::{Filter, Method, Settings, Support};

/// A method of ours, the method of ASTRA beside it, and marks.
#[derive(Debug, Clone)]
pub(super) struct Row {
    method: Method,
    positive: bool,
    marks: Marks,
}

/// What is asked of a row; infinite (a ratio: zero) where nothing is.
#[derive(Debug, Clone, Copy)]
struct Marks {
    /// Largest CPU seconds for 256 slices, on the machine where the marks were set.
    seconds: f64,
    /// Least number of times that ASTRA takes longer: its seconds there over the mark's.
    ratio: f64,
    /// Largest error, of the slices in the middle.
    error: f64,
}

/// Marks on errors are given to this.
const ROUNDING: f64 = 5e-4;
const NONE: f64 = f64::INFINITY;
const NO_MARKS: Marks = Marks { seconds: NONE, ratio: 0.0, error: NONE };

fn row(method: Method, marks: Marks) -> Row {
    Row { method, positive: false, marks }
}

/// Rows with all angles.
pub(super) fn full() -> Vec<Row> {
    let marks = |seconds, astra: f64, error| Marks { seconds, ratio: astra / seconds, error };
    vec![
        row(Method::Fbp { filter: Filter::RamLak }, marks(0.7, 12.0, 0.063)),
        row(Method::Sirt { iterations: 20 }, marks(16.0, 558.0, NONE)),
        row(Method::Cgls { iterations: 20 }, marks(18.0, 602.0, 0.058)),
        row(Method::Art { iterations: 20, relaxation: 0.1 }, marks(32.0, 2604.0, 0.057)),
    ]
}

/// Rows with a missing wedge. Priors must beat ART's.
pub(super) fn wedge() -> Vec<Row> {
    let positive = |method| Row { method, positive: true, marks: Marks { error: 0.158, ..NO_MARKS } };
    vec![
        row(Method::Fbp { filter: Filter::RamLak }, NO_MARKS),
        row(Method::Sirt { iterations: 20 }, NO_MARKS),
        row(Method::Cgls { iterations: 20 }, NO_MARKS),
        row(Method::Art { iterations: 20, relaxation: 0.1 }, NO_MARKS),
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

    /// Whether the marks are met; `ratio` is how many times ASTRA took longer, if it was measured.
    pub(super) fn judge(&self, cpu: f64, ratio: Option<f64>, error: f64) -> String {
        let judge = |met, text: String| format!("{text} {}", if met { "met" } else { "**not met**" });
        let Marks { seconds, ratio: least, error: largest } = self.marks;
        let mut parts = Vec::new();
        if seconds < NONE {
            parts.push(judge(cpu <= seconds, format!("≤ {seconds} s")));
        }
        if let Some(ratio) = ratio.filter(|_| least > 0.0) {
            parts.push(judge(ratio >= least, format!("≥ {least:.0} ×")));
        }
        if largest < NONE {
            parts.push(judge(error <= largest + ROUNDING, format!("≤ {largest}")));
        }
        parts.join(", ")
    }
}
