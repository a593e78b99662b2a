//! The marks, and whether they are met.

use super::engines::{BEST_OF, Floor, SHARE_OF_GAIN_MARK, SPEED_UP_MARK};
use super::{MeasuredEngine, Report};
use crate::clock::{Clock, Ratio};

/// What a mark asks for, and what was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// What is judged.
    pub(super) what: String,
    /// What it has to be: `≤ 2.00`.
    pub(super) mark: String,
    /// What it is, one number or two; a mark is met only where all of them say so.
    pub(super) found: Vec<f64>,
    /// Digits behind the point.
    pub(super) digits: usize,
    pub(super) met: bool,
}

impl Verdict {
    fn at_most(what: String, limit: f64, found: Vec<f64>, digits: usize) -> Self {
        let met = found.iter().all(|value| *value <= limit);
        Self { what, mark: format!("≤ {limit:.digits$}"), found, digits, met }
    }

    fn at_least(what: String, limit: f64, found: Vec<f64>, digits: usize) -> Self {
        let met = found.iter().all(|value| *value >= limit);
        Self { what, mark: format!("≥ {limit:.digits$}"), found, digits, met }
    }
}

impl Report {
    /// All marks of what was measured. Object errors are judged only after the rows' own iterations.
    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        let mut verdicts: Vec<Verdict> =
            self.engines.iter().flat_map(|found| self.of_engine(found)).collect();
        verdicts.extend(self.best_of());
        verdicts
    }

    fn of_engine(&self, found: &MeasuredEngine) -> Vec<Verdict> {
        let engine = &found.engine;
        let mut verdicts = Vec::new();
        if let (Some(limit), Some(ratio)) = (engine.cost_mark, self.in_floors(found)) {
            let what = format!("{}: CPU time / {}", engine.name, engine.floor.name());
            verdicts.push(Verdict::at_most(what, limit, vec![ratio.of_minima, ratio.paired], 2));
        }
        if let Some(two) = &found.two_threads {
            let ratio = found.rounds.ratio(two, Clock::Wall);
            let what = format!("{}: wall time, 1 thread / 2 threads", engine.name);
            verdicts.push(Verdict::at_least(what, SPEED_UP_MARK, vec![ratio.of_minima, ratio.paired], 2));
            verdicts.extend(self.share_of_the_machine(engine.name, ratio));
            let what = format!("{}: same object on 1 and 2 threads, bit by bit", engine.name);
            let mark = "yes".to_owned();
            verdicts.push(Verdict { what, mark, found: Vec::new(), digits: 0, met: found.same_bits });
        }
        if let (Some(limit), Some(last), None) =
            (engine.error_mark, found.path.last(), self.settings.iterations)
        {
            let what = format!("{}: object error after {}", engine.name, last.iteration);
            verdicts.push(Verdict::at_most(what, limit, vec![last.error], 4));
        }
        verdicts
    }

    /// An engine's gain by a second thread beside that of the transforms alone, which share nothing.
    fn share_of_the_machine(&self, name: &str, gain: Ratio) -> Option<Verdict> {
        let floor = self.floor(Floor::InCache)?.ratio(&self.two_thread_floor, Clock::Wall);
        let found = vec![gain.of_minima / floor.of_minima, gain.paired / floor.paired];
        let what = format!("{name}: gain by a second thread / that of the transforms alone");
        Some(Verdict::at_least(what, SHARE_OF_GAIN_MARK, found, 2))
    }

    /// The mark that one of several engines has to meet.
    fn best_of(&self) -> Option<Verdict> {
        if self.settings.iterations.is_some() {
            return None;
        }
        let (keys, limit) = BEST_OF;
        let candidates = keys.iter().filter_map(|key| self.engine(key));
        let errors = candidates.filter_map(|found| Some((found.engine.name, found.path.last()?.error)));
        let all: Vec<(&str, f64)> = errors.collect();
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let (_, best) = all.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let what = format!("best of {}: object error", names.join(", "));
        Some(Verdict::at_most(what, limit, vec![*best], 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_met_only_where_every_number_says_so() {
        let verdict = |found| Verdict::at_most(String::new(), 2.0, found, 2);
        assert!(verdict(vec![1.9, 2.0]).met);
        assert!(!verdict(vec![1.9, 2.1]).met);
        assert!(!verdict(vec![f64::NAN]).met, "a failed measurement meets nothing");
        assert!(!Verdict::at_least(String::new(), 1.8, vec![1.7, 1.9], 2).met);
    }
}
