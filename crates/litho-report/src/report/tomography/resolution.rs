//! Fourier shell correlation of two independent volumes.

use super::curves::FULL;
use crate::ReportError;
use crate::plot::{Series, Stroke};
use crate::report::Drawing;
use crate::report::reconstruction::{Spectrum, Threshold, correlation_plot};

/// The correlation within a cone about one direction.
#[derive(Debug, Clone, Copy)]
pub struct Direction<'a> {
    /// Its name: `along z`.
    pub name: &'a str,
    /// The correlation at each frequency.
    pub correlation: &'a [f64],
    /// Where it crosses the first threshold, in the spectrum's unit.
    pub crossing: Option<f64>,
}

/// Fourier shell correlation of two independent volumes.
#[derive(Debug, Clone)]
pub struct FourierShell<'a> {
    /// The abscissa.
    pub spectrum: Spectrum<'a>,
    /// The correlation at each frequency.
    pub correlation: &'a [f64],
    /// The ½-bit and 1-bit thresholds (van Heel & Schatz 2005), or others.
    pub thresholds: Vec<Threshold<'a>>,
    /// Correlations of single directions; may be empty.
    pub directions: Vec<Direction<'a>>,
}

impl FourierShell<'_> {
    /// The curve with its thresholds and crossings, the directions behind it.
    ///
    /// # Errors
    /// If a curve has another length than that of the frequencies.
    pub fn drawing(&self) -> Result<Drawing, ReportError> {
        const WHAT: &str = "Fourier shell correlation";
        let size = (FULL.0, 400.0);
        let (mut plot, mut sentences) =
            correlation_plot(WHAT, "volumes", (&self.spectrum, self.correlation), &self.thresholds, size)?;
        for (k, direction) in self.directions.iter().enumerate() {
            let points = self.spectrum.points_of(WHAT, direction.correlation)?;
            // The first colours are those of the mean and of the thresholds.
            let (colour, name) = (1 + self.thresholds.len() + k, direction.name.to_owned());
            plot.series.push(Series { name, points, stroke: Stroke::Dotted, colour, band: Vec::new() });
        }
        let known = self
            .directions
            .iter()
            .filter_map(|d| d.crossing.map(|f| format!("{} {}", d.name, self.spectrum.resolution(f))));
        let known: Vec<String> = known.collect();
        if let Some(first) = self.thresholds.first().filter(|_| !known.is_empty()) {
            sentences.push(format!(
                "Single directions cross the {} threshold at: {}.",
                first.name,
                known.join(", ")
            ));
        }
        let caption = sentences.join(" ");
        let alt = format!("Curve of the Fourier shell correlation with its thresholds. {caption}");
        Ok(Drawing::of_plot("fsc", &plot, alt, caption))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::reconstruction::{FrequencyUnit, Period};

    #[test]
    fn directions_are_named_with_their_crossings() {
        let frequencies = [0.0, 1e7, 2e7, 2.5e7];
        let spectrum =
            Spectrum { frequencies: &frequencies, unit: FrequencyUnit::PerMetre, period: Period::Half };
        let direction = |name, crossing| Direction { name, correlation: &[1.0, 0.8, 0.3, 0.1], crossing };
        let fsc = FourierShell {
            spectrum,
            correlation: &[1.0, 0.9, 0.4, 0.1],
            thresholds: vec![Threshold {
                name: "½-bit",
                values: &[1.0, 0.4, 0.3, 0.25],
                crossings: &[2.2e7],
            }],
            directions: vec![direction("along x", Some(2e7)), direction("along z", None)],
        };
        let drawing = fsc.drawing().expect("draws");
        assert!(drawing.caption.contains("Fourier shell correlation of two independent volumes."));
        assert!(drawing.caption.ends_with("½-bit threshold at: along x 25.0 nm."), "{}", drawing.caption);
        let text = drawing.to_svg_document();
        assert!(text.contains("along z") && text.contains("½-bit: 22.7 nm"));
        let short = FourierShell {
            directions: vec![Direction { correlation: &[1.0], ..direction("z", None) }],
            ..fsc
        };
        assert!(matches!(short.drawing(), Err(ReportError::Mismatch { .. })));
    }
}
