//! How the number of clusters was chosen.

use super::distribution::SIZE;
use crate::plot::{Axis, LinePlot, Marker, Series, Stroke};
use crate::report::Block;
use crate::report::drawing::{Drawing, Piece};

/// What was seen for each number of clusters that was tried.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChoiceOfK {
    /// Numbers of clusters, growing.
    pub k: Vec<usize>,
    /// Sum of squared distances within the clusters, for each.
    pub wcss: Vec<f64>,
    /// Mean silhouette, for each; NaN for one cluster.
    pub silhouette: Vec<f64>,
    /// Gap statistic, for each.
    pub gap: Vec<f64>,
    /// Its standard error, for each; empty if unknown.
    pub gap_sigma: Vec<f64>,
    /// The number chosen.
    pub chosen: usize,
    /// Why, a full sentence; may be empty.
    pub reason: String,
}

impl ChoiceOfK {
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let known = |values: &[f64]| values.iter().any(|v| v.is_finite());
        let mut drawings = Vec::new();
        if known(&self.wcss) {
            let caption =
                "Sum of squared distances within the clusters. The elbow is where it begins to fall slowly.";
            let positive = self.wcss.iter().all(|v| !v.is_finite() || *v > 0.0);
            let y = Axis::new("within-cluster sum of squares");
            let y = if positive { y.logarithmic() } else { y };
            drawings.push(self.drawing("choice_wcss", y, &self.wcss, &[], caption));
        }
        if known(&self.silhouette) {
            let caption = "Mean silhouette: high where clusters are compact and apart (Rousseeuw 1987).";
            let y = Axis::new("mean silhouette");
            drawings.push(self.drawing("choice_silhouette", y, &self.silhouette, &[], caption));
        }
        if known(&self.gap) {
            let caption = "Gap statistic with its standard error: how much tighter than structureless data \
                           (Tibshirani, Walther & Hastie 2001).";
            drawings.push(self.drawing("choice_gap", Axis::new("gap"), &self.gap, &self.gap_sigma, caption));
        }
        let mut pieces = Vec::new();
        if !self.reason.is_empty() {
            pieces.push(Piece::Block(Block::Text(self.reason.clone())));
        }
        if drawings.is_empty() {
            pieces.push(Piece::absent("No number of clusters was scored."));
        } else {
            pieces.push(Piece::Drawings(drawings));
        }
        pieces
    }

    fn drawing(&self, name: &str, y: Axis, values: &[f64], sigma: &[f64], caption: &str) -> Drawing {
        let points: Vec<(f64, f64)> = self.k.iter().map(|k| *k as f64).zip(values.iter().copied()).collect();
        let band = points.iter().zip(sigma).map(|(&(k, v), sigma)| (k, v - sigma, v + sigma)).collect();
        let series = Series { name: String::new(), points, stroke: Stroke::Joined, colour: 0, band };
        let ends = (self.k.first().copied().unwrap_or(1), self.k.last().copied().unwrap_or(1));
        let x =
            Axis::new("number of clusters k").between(ends.0 as f64 - 0.4, ends.1 as f64 + 0.4).counting();
        let label = format!("k = {}", self.chosen);
        let markers = vec![Marker { x: self.chosen as f64, label, series: None }];
        let plot = LinePlot { series: vec![series], markers, size: SIZE, ..LinePlot::new(x, y) };
        let alt = format!("{caption} Marked: {} clusters.", self.chosen);
        Drawing::of_plot(name, &plot, alt, caption.to_owned())
    }
}
