//! Convergence and orientation: the curve and the table.

use crate::format::short_number;
use crate::plot::{Axis, LinePlot, Stroke};
use crate::report::{Align, Block, Column, Plate, Table};

/// A loss that falls by more than this factor is drawn on a logarithmic axis.
const LOG_SPAN: f64 = 10.0;

/// The error over the iterations.
#[derive(Debug, Clone)]
pub struct Loss<'a> {
    /// Quantity and unit: `negative log-likelihood per pixel`.
    pub label: &'a str,
    /// Each curve's name and values; the first value belongs to iteration 1.
    pub curves: Vec<(String, &'a [f64])>,
}

impl Loss<'_> {
    pub(super) fn blocks(&self) -> Vec<Block> {
        let values = || self.curves.iter().flat_map(|(_, values)| values.iter().copied());
        let (min, max) = values()
            .filter(|v| v.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let y = Axis::new(self.label);
        let y = if min > 0.0 && max > LOG_SPAN * min { y.logarithmic() } else { y };
        let mut plot = LinePlot::new(Axis::new("iteration"), y);
        for (name, values) in &self.curves {
            let points = values.iter().enumerate().map(|(i, v)| (i as f64 + 1.0, *v)).collect();
            plot = plot.with_series(name.as_str(), points, Stroke::Solid);
        }
        let lost = values().filter(|v| !v.is_finite()).count();
        let broken =
            if lost > 0 { format!(" {lost} values are not finite and left out.") } else { String::new() };
        let caption = format!("{} over the iterations.{}{broken}", capitalised(self.label), self.end_words());
        let alt = format!("Curve of {} over the iterations", self.label);
        vec![Block::Plates(vec![Plate { svg: plot.to_svg(), alt, caption }])]
    }

    /// Where the curves end, as a sentence.
    fn end_words(&self) -> String {
        let one = |(name, values): &(String, &[f64])| {
            values.last().map(|last| format!("{name} {} after {}", short_number(*last), values.len()))
        };
        let ends: Vec<String> = self.curves.iter().filter_map(one).collect();
        if ends.is_empty() { String::new() } else { format!(" Final values: {}.", ends.join("; ")) }
    }
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// How well each detector orientation explains the data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OrientationScores {
    /// What the score is and which end is better, a full sentence.
    pub metric: String,
    /// Each orientation in words, and its score.
    pub scores: Vec<(String, f64)>,
    /// Index of the orientation in use, if one was chosen.
    pub chosen: Option<usize>,
}

impl OrientationScores {
    pub(super) fn blocks(&self) -> Vec<Block> {
        if self.scores.is_empty() {
            return vec![Block::Absent("No orientation was scored.".to_owned())];
        }
        let column = |name: &str, align| Column { name: name.to_owned(), align };
        let row = |(k, (name, score)): (usize, &(String, f64))| {
            let mark = if self.chosen == Some(k) { "in use" } else { "" };
            let score = if score.is_finite() { short_number(*score) } else { "not finite".to_owned() };
            vec![name.clone(), score, mark.to_owned()]
        };
        vec![Block::Table(Table {
            caption: format!("Detector orientations compared. {}", self.metric),
            columns: vec![
                column("orientation", Align::Left),
                column("score", Align::Right),
                column("", Align::Left),
            ],
            rows: self.scores.iter().enumerate().map(row).collect(),
            highlighted: self.chosen,
        })]
    }
}
