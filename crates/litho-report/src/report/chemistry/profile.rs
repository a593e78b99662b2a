//! Profiles through the volume: a plate along its thickness, and an edge.

use crate::format::format_length;
use crate::plot::{Axis, LinePlot, Marker, Series, Stroke};
use crate::report::Drawing;

/// Size in CSS pixels; two stand side by side.
const HALF: (f64, f64) = (470.0, 300.0);

/// The density of one plate along its thickness, averaged over its facet, with what was fitted to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThicknessProfile<'a> {
    /// Number of the particle.
    pub id: u32,
    /// Places along the thickness in m.
    pub positions: &'a [f64],
    /// Density there.
    pub values: &'a [f64],
    /// The slab ⊗ point spread function there.
    pub fit: &'a [f64],
    /// Quantity and unit of the density.
    pub label: &'a str,
    /// Thickness of the slab in m.
    pub thickness: f64,
    /// Its standard deviation in m; NaN if unknown.
    pub sigma: f64,
    /// Full width at half maximum of the profile in m.
    pub fwhm: f64,
    /// Full width at half maximum of the point spread function in m.
    pub resolution: f64,
    /// The true thickness in m, where known.
    pub truth: Option<f64>,
}

impl ThicknessProfile<'_> {
    pub(super) fn drawing(&self) -> Drawing {
        let mut plot = profile(self.positions, self.values, self.label);
        let points = in_nanometres(self.positions, self.fit);
        let name = "slab ⊗ point spread function".to_owned();
        plot.series.push(Series { name, points, stroke: Stroke::Solid, colour: 1, band: Vec::new() });
        let sigma =
            if self.sigma.is_finite() { format!(" ± {:.1} nm", 1e9 * self.sigma) } else { String::new() };
        let truth =
            self.truth.map_or_else(String::new, |t| format!(" The truth is {}.", format_length(t, 3)));
        let caption = format!(
            "Density of particle {} along its thickness, averaged over its facet. The slab is {}{sigma} thick, seen with \
             a resolution of {}; the full width at half maximum of the profile is {}.{truth}",
            self.id,
            format_length(self.thickness, 3),
            format_length(self.resolution, 2),
            format_length(self.fwhm, 3)
        );
        let alt = format!("Density of particle {} along its thickness with the fitted slab", self.id);
        Drawing::of_plot("thickness_profile", &plot, alt, caption)
    }
}

/// The density across an edge: Figure 1 (d) of the paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeProfile<'a> {
    /// Places along the line in m.
    pub positions: &'a [f64],
    /// Density there.
    pub values: &'a [f64],
    /// Quantity and unit of the density.
    pub label: &'a str,
    /// Where the density reaches 10 % and 90 % of the step, in m.
    pub ends: (f64, f64),
    /// Where the line lies, a few words: `x–y plane at z = 65`.
    pub place: &'a str,
}

impl EdgeProfile<'_> {
    pub(super) fn drawing(&self) -> Drawing {
        let mut plot = profile(self.positions, self.values, self.label);
        let mark = |x: f64, label: &str| Marker { x: 1e9 * x, label: label.to_owned(), series: None };
        plot.markers = vec![mark(self.ends.0, "10 %"), mark(self.ends.1, "90 %")];
        let width = format_length((self.ends.1 - self.ends.0).abs(), 2);
        let caption =
            format!("Density across an edge, {}. It rises from 10 % to 90 % over {width}.", self.place);
        let alt = "Density along a line across an edge".to_owned();
        Drawing::of_plot("edge_profile", &plot, alt, caption)
    }
}

fn in_nanometres(positions: &[f64], values: &[f64]) -> Vec<(f64, f64)> {
    positions.iter().map(|x| 1e9 * x).zip(values.iter().copied()).collect()
}

/// A plot of measured points, joined.
fn profile(positions: &[f64], values: &[f64], label: &str) -> LinePlot {
    let (x, y) = (Axis::new("place (nm)"), Axis::new(label));
    let plot = LinePlot { size: HALF, ..LinePlot::new(x, y) };
    plot.with_series("measured", in_nanometres(positions, values), Stroke::Joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thickness_and_its_truth_are_told() {
        let positions: Vec<f64> = (-10..=10).map(|k| 2e-9 * f64::from(k)).collect();
        let values: Vec<f64> = positions.iter().map(|x| (-(x / 1e-8).powi(2)).exp()).collect();
        let profile = ThicknessProfile {
            id: 12,
            positions: &positions,
            values: &values,
            fit: &values,
            label: "OD of a voxel",
            thickness: 19.6e-9,
            sigma: 0.7e-9,
            fwhm: 22.1e-9,
            resolution: 11e-9,
            truth: Some(20e-9),
        };
        let drawing = profile.drawing();
        assert!(drawing.caption.contains("The slab is 19.6 nm ± 0.7 nm thick"), "{}", drawing.caption);
        assert!(drawing.caption.contains("The truth is 20.0 nm."));
        roxmltree::Document::parse(&drawing.to_svg_document()).expect("well formed");
        let edge = EdgeProfile {
            positions: &positions,
            values: &values,
            label: "OD of a voxel",
            ends: (-12e-9, -1e-9),
            place: "x–y plane at z = 65",
        };
        assert!(edge.drawing().caption.ends_with("from 10 % to 90 % over 11 nm."));
    }
}
