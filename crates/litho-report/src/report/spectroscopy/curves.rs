//! Spectra of regions and of clusters.

use super::SpectroscopyReport;
use crate::format::{round_down_125, short_number};
use crate::plot::{Axis, LinePlot, Series, Stroke};
use crate::report::drawing::{Drawing, Piece};

/// Width of a plot of spectra in CSS pixels; two stand side by side.
pub(super) const WIDTH: f64 = 470.0;

/// A spectrum, perhaps with its error and a fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// Energies in eV, growing.
    pub energies: Vec<f64>,
    /// A value for each energy; NaN where there is none.
    pub values: Vec<f64>,
    /// Standard deviation of each value; empty if unknown.
    pub sigma: Vec<f64>,
    /// Energy in eV and value of a fitted curve, on any energies; empty without a fit.
    pub fit: Vec<(f64, f64)>,
}

impl Curve {
    /// Largest minus smallest value.
    fn span(&self) -> f64 {
        let finite = self.values.iter().filter(|v| v.is_finite());
        let (low, high) =
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
        if low <= high { high - low } else { 0.0 }
    }

    /// The curve raised by `offset`: points and the line of the fit, or points joined without one.
    fn series(&self, name: &str, colour: usize, offset: f64) -> Vec<Series> {
        let raised = |(e, v): (&f64, &f64)| (*e, v + offset);
        let points: Vec<(f64, f64)> = self.energies.iter().zip(&self.values).map(raised).collect();
        let band = points.iter().zip(&self.sigma).map(|(&(e, v), sigma)| (e, v - sigma, v + sigma)).collect();
        let stroke = if self.fit.is_empty() { Stroke::Joined } else { Stroke::Points };
        let measured = Series { name: name.to_owned(), points, stroke, colour, band };
        if self.fit.is_empty() {
            return vec![measured];
        }
        let points = self.fit.iter().map(|(e, v)| (*e, v + offset)).collect();
        vec![
            measured,
            Series { name: String::new(), points, stroke: Stroke::Solid, colour, band: Vec::new() },
        ]
    }
}

/// The spectra of one region of a sample.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Region {
    /// Its name in the key: `P1`, or `D1, rim`.
    pub name: String,
    /// Optical density.
    pub absorption: Option<Curve>,
    /// Phase in radians.
    pub phase: Option<Curve>,
}

/// Curves above each other, and the distance between them; 0 leaves them where they are.
pub(super) fn stacked(plot: LinePlot, curves: &[(&str, &Curve)], apart: f64) -> LinePlot {
    let of = |(k, (name, curve)): (usize, &(&str, &Curve))| curve.series(name, k, k as f64 * apart);
    let series = curves.iter().enumerate().flat_map(of).collect();
    LinePlot { series, ..plot }
}

/// A round distance at which curves come apart: about a third of the tallest.
pub(super) fn distance(curves: &[(&str, &Curve)]) -> f64 {
    const PART: f64 = 0.45;
    let tallest = curves.iter().map(|(_, curve)| curve.span()).fold(0.0, f64::max);
    if tallest > 0.0 && tallest.is_finite() { round_down_125(PART * tallest) } else { 0.0 }
}

/// How the curves were raised, as a sentence.
pub(super) fn offset_words(apart: f64, count: usize) -> String {
    if apart == 0.0 || count < 2 {
        return String::new();
    }
    format!(" Each curve stands {} above the one before it.", short_number(apart))
}

/// Height of a plot of so many stacked curves.
pub(super) fn height(count: usize) -> f64 {
    300.0 + 24.0 * (count.min(12)) as f64
}

/// Figure 1 (d, e) of the paper: absorption and phase spectra of regions.
pub(super) fn regions(report: &SpectroscopyReport<'_>) -> Vec<Piece> {
    let all = || report.samples.iter().flat_map(|sample| &sample.regions);
    let absorption: Vec<(&str, &Curve)> =
        all().filter_map(|r| Some((r.name.as_str(), r.absorption.as_ref()?))).collect();
    let phase: Vec<(&str, &Curve)> =
        all().filter_map(|r| Some((r.name.as_str(), r.phase.as_ref()?))).collect();
    let mut drawings = Vec::new();
    let plot = |ordinate: &str, count| LinePlot {
        size: (WIDTH, height(count)),
        ..LinePlot::new(Axis::new("energy (eV)"), Axis::new(ordinate))
    };
    let tallest = absorption.len().max(phase.len());
    if !absorption.is_empty() {
        let apart = distance(&absorption);
        let plot = stacked(plot("optical density, with offset", tallest), &absorption, apart);
        let caption = format!(
            "Absorption spectra of regions.{}{}",
            words(&absorption),
            offset_words(apart, absorption.len())
        );
        let alt = "Absorption spectra of regions of the samples over the energy".to_owned();
        drawings.push(Drawing::of_plot("spectra_absorption", &plot, alt, caption));
    }
    if !phase.is_empty() {
        let plot = stacked(plot("phase (rad)", tallest), &phase, 0.0);
        let caption = format!("Phase spectra of the same regions.{}", words(&phase));
        let alt = "Phase spectra of regions of the samples over the energy".to_owned();
        drawings.push(Drawing::of_plot("spectra_phase", &plot, alt, caption));
    }
    if drawings.is_empty() { Vec::new() } else { vec![Piece::Drawings(drawings)] }
}

/// What points, lines and bands are.
fn words(curves: &[(&str, &Curve)]) -> String {
    let mut words = String::new();
    if curves.iter().any(|(_, curve)| !curve.fit.is_empty()) {
        words.push_str(" Points are measured, lines are fits.");
    }
    if curves.iter().any(|(_, curve)| !curve.sigma.is_empty()) {
        words.push_str(" Bands are one standard deviation each way.");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(values: Vec<f64>) -> Curve {
        Curve { energies: (0..values.len()).map(|e| e as f64).collect(), values, ..Curve::default() }
    }

    #[test]
    fn curves_are_raised_by_a_round_distance() {
        let (a, b) = (curve(vec![0.0, 1.0]), curve(vec![0.0, f64::NAN, 0.5]));
        let curves = [("a", &a), ("b", &b)];
        let apart = distance(&curves);
        assert_eq!(apart, 0.2, "0.45 of the tallest, rounded down to 1, 2 or 5");
        let plot = stacked(LinePlot::new(Axis::new(""), Axis::new("")), &curves, apart);
        assert_eq!(plot.series[0].points, [(0.0, 0.0), (1.0, 1.0)]);
        assert_eq!(plot.series[1].points[2], (2.0, 0.7));
        assert_eq!(distance(&[("empty", &curve(vec![]))]), 0.0);
        assert_eq!(offset_words(apart, 1), "");
    }

    #[test]
    fn a_fit_is_a_line_through_points_of_its_colour_and_errors_are_a_band() {
        let measured = Curve { sigma: vec![0.1, 0.2], fit: vec![(0.0, 0.5)], ..curve(vec![0.0, 1.0]) };
        let series = measured.series("P1", 3, 1.0);
        assert_eq!(series.iter().map(|s| s.stroke).collect::<Vec<_>>(), [Stroke::Points, Stroke::Solid]);
        assert!(series.iter().all(|s| s.colour == 3));
        assert_eq!(series[0].band, [(0.0, 0.9, 1.1), (1.0, 1.8, 2.2)]);
        assert_eq!(series[1].points, [(0.0, 1.5)]);
        assert!(words(&[("P1", &measured)]).contains("fits"));
    }
}
