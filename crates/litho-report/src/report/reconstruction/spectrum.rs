//! Curves over spatial frequency: ring correlation and transfer function.

use crate::ReportError;
use crate::format::{LengthUnit, format_length, round_down_125};
use crate::plot::{Axis, LinePlot, Marker, Series, Stroke, TopAxis};
use crate::report::{Block, Plate};
use std::f64::consts::E;

/// Width and height of a plot in CSS pixels.
const SIZE: (f64, f64) = (720.0, 380.0);
/// Pixels beside the abscissa: labels of the ordinate, the right margin.
const AXIS_ROOM: f64 = 84.0;

/// Unit of a spatial frequency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrequencyUnit {
    /// Cycles per metre.
    PerMetre,
    /// Cycles per object pixel, 0.5 at Nyquist: the pixel size is unknown.
    PerPixel,
}

/// Which length a frequency `f` is said to resolve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// `1/f`.
    Full,
    /// `1/(2f)`.
    Half,
}

impl Period {
    fn length(self, frequency: f64) -> f64 {
        match self {
            Self::Full => 1.0 / frequency,
            Self::Half => 0.5 / frequency,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Full => "full-period",
            Self::Half => "half-period",
        }
    }
}

/// The abscissa of a curve over spatial frequency.
#[derive(Debug, Clone, Copy)]
pub struct Spectrum<'a> {
    /// Frequencies in growing order.
    pub frequencies: &'a [f64],
    /// Their unit.
    pub unit: FrequencyUnit,
    /// How resolutions are stated.
    pub period: Period,
}

impl Spectrum<'_> {
    /// A resolution in words: `23.1 nm`.
    pub(in crate::report) fn resolution(&self, frequency: f64) -> String {
        let length = self.period.length(frequency);
        match self.unit {
            FrequencyUnit::PerMetre => format_length(length, 3),
            FrequencyUnit::PerPixel => format!("{length:.2} px"),
        }
    }

    fn end(&self) -> f64 {
        self.frequencies.iter().copied().filter(|f| f.is_finite()).fold(0.0, f64::max)
    }

    /// Frequency of one unit of the abscissa, and the abscissa's label.
    fn unit(&self) -> (f64, String) {
        match self.unit {
            FrequencyUnit::PerPixel => (1.0, "spatial frequency (1/px)".to_owned()),
            FrequencyUnit::PerMetre => {
                // 1/nm only where there are several of them: 43 /µm reads better than 0.043 /nm.
                let unit = LengthUnit::for_length(1e3 / self.end().clamp(f64::MIN_POSITIVE, 1e15));
                let unit = unit.clamp(LengthUnit::Nanometre, LengthUnit::Metre);
                (1.0 / unit.metres(), format!("spatial frequency (1/{})", unit.symbol()))
            }
        }
    }

    /// Round resolutions along the upper edge, spaced so that they can be read.
    fn top_axis(&self, unit: f64, width: f64) -> TopAxis {
        // Least distance of two labels in pixels.
        const APART: f64 = 56.0;
        let apart = APART / (width - AXIS_ROOM);
        let end = self.end();
        let mut ticks: Vec<(f64, String)> = Vec::new();
        let mut place = end * 1.0001;
        while end > 0.0 && place > apart * end && ticks.len() < 12 {
            // The finest 1-2-5 length that lies at `place` or left of it.
            let length = round_up_125(self.period.length(place));
            let frequency = self.period.length(length);
            if frequency < apart * end {
                break;
            }
            let label = match self.unit {
                FrequencyUnit::PerMetre => format_length(length, 1),
                FrequencyUnit::PerPixel => format!("{length} px"),
            };
            ticks.push((frequency / unit, label));
            place = frequency - apart * end;
        }
        ticks.reverse();
        TopAxis { label: format!("{} resolution", self.period.name()), ticks }
    }

    /// An empty plot of this size over this abscissa, and the abscissa's unit.
    fn plot(&self, ordinate: &str, size: (f64, f64)) -> (LinePlot, f64) {
        let (unit, label) = self.unit();
        let x = Axis::new(label).between(0.0, self.end() / unit);
        let plot = LinePlot::new(x, Axis::new(ordinate).between(-0.05, 1.05));
        (LinePlot { top: Some(self.top_axis(unit, size.0)), size, ..plot }, unit)
    }

    /// Points of a curve over this abscissa, in its unit.
    pub(in crate::report) fn points_of(
        &self,
        what: &'static str,
        values: &[f64],
    ) -> Result<Vec<(f64, f64)>, ReportError> {
        self.points(what, values, self.unit().0)
    }

    /// Points of a curve over this abscissa.
    fn points(&self, what: &'static str, values: &[f64], unit: f64) -> Result<Vec<(f64, f64)>, ReportError> {
        if values.len() != self.frequencies.len() {
            return Err(ReportError::Mismatch {
                what,
                first: format!("{} values", values.len()),
                second: format!("{} frequencies", self.frequencies.len()),
            });
        }
        Ok(self.frequencies.iter().map(|f| f / unit).zip(values.iter().copied()).collect())
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `value`.
fn round_up_125(value: f64) -> f64 {
    // 1, 2, 5 have the inverses 1, 0.5, 0.2 of the same kind.
    1.0 / round_down_125(1.0 / value)
}

/// A threshold of a ring correlation.
#[derive(Debug, Clone)]
pub struct Threshold<'a> {
    /// Its name: `½-bit`.
    pub name: &'a str,
    /// Its value at each frequency.
    pub values: &'a [f64],
    /// Frequencies at which the correlation crosses it, growing, in the spectrum's unit.
    pub crossings: &'a [f64],
}

/// Fourier ring correlation of two independent reconstructions.
#[derive(Debug, Clone)]
pub struct FourierRing<'a> {
    /// The abscissa.
    pub spectrum: Spectrum<'a>,
    /// The correlation at each frequency.
    pub correlation: &'a [f64],
    /// The ½-bit and 1-bit thresholds (van Heel & Schatz 2005), or others.
    pub thresholds: Vec<Threshold<'a>>,
}

impl FourierRing<'_> {
    pub(super) fn blocks(&self) -> Result<Vec<Block>, ReportError> {
        const WHAT: &str = "Fourier ring correlation";
        let curve = (&self.spectrum, self.correlation);
        let (plot, sentences) = correlation_plot(WHAT, "reconstructions", curve, &self.thresholds, SIZE)?;
        let caption = sentences.join(" ");
        let alt = format!("Curve of the Fourier ring correlation with its thresholds. {caption}");
        Ok(vec![Block::Plates(vec![Plate { svg: plot.to_svg(), alt, caption }])])
    }
}

/// The correlation of two independent `things` with its thresholds and their crossings, and what it says in sentences.
pub(in crate::report) fn correlation_plot(
    what: &'static str,
    things: &str,
    (spectrum, correlation): (&Spectrum<'_>, &[f64]),
    thresholds: &[Threshold<'_>],
    size: (f64, f64),
) -> Result<(LinePlot, Vec<String>), ReportError> {
    let (plot, unit) = spectrum.plot(what, size);
    let curve = spectrum.points(what, correlation, unit)?;
    let mut plot = plot.with_series("correlation", curve, Stroke::Solid);
    let mut sentences = vec![
        format!("{what} of two independent {things}."),
        format!("Resolutions are {} lengths.", spectrum.period.name()),
    ];
    for threshold in thresholds {
        let points = spectrum.points("threshold of the correlation", threshold.values, unit)?;
        plot = plot.with_series(format!("{} threshold", threshold.name), points, Stroke::Dashed);
        let series = plot.series.len() - 1;
        plot.markers.extend(threshold.markers(spectrum, unit, series));
        sentences.push(threshold.sentence(spectrum, correlation));
    }
    Ok((plot, sentences))
}

impl Threshold<'_> {
    /// A line at the first crossing, and at the last if there are several, in
    /// the colour of the threshold's curve.
    fn markers(&self, spectrum: &Spectrum<'_>, unit: f64, series: usize) -> Vec<Marker> {
        let name = self.name;
        let marker = |f: &f64, which: &str| Marker {
            x: f / unit,
            label: format!("{name}{which}: {}", spectrum.resolution(*f)),
            series: Some(series),
        };
        match self.crossings {
            [] => Vec::new(),
            [only] => vec![marker(only, "")],
            [first, .., last] => vec![marker(first, ", first"), marker(last, ", last")],
        }
    }

    fn sentence(&self, spectrum: &Spectrum<'_>, correlation: &[f64]) -> String {
        let (name, resolution) = (self.name, |f: &f64| spectrum.resolution(*f));
        match self.crossings {
            [only] => format!("It crosses the {name} threshold at {}.", resolution(only)),
            [first, .., last] => format!(
                "It crosses the {name} threshold {} times, first at {} and last at {}.",
                self.crossings.len(),
                resolution(first),
                resolution(last),
            ),
            [] => match correlation.last().zip(self.values.last()) {
                Some((c, t)) if c >= t => format!(
                    "It is above the {name} threshold at the highest frequency and no crossing was found: \
                     {} or better.",
                    resolution(&spectrum.end())
                ),
                _ => format!("No crossing of the {name} threshold was found."),
            },
        }
    }
}

/// Phase retrieval transfer function.
#[derive(Debug, Clone)]
pub struct Prtf<'a> {
    /// The abscissa.
    pub spectrum: Spectrum<'a>,
    /// The function at each frequency, 0–1.
    pub values: &'a [f64],
    /// Frequency at which it falls below 1/e, in the spectrum's unit.
    pub crossing: Option<f64>,
}

impl Prtf<'_> {
    pub(super) fn blocks(&self) -> Result<Vec<Block>, ReportError> {
        let (plot, sentence) = self.plot("PRTF", &[], SIZE)?;
        let caption = format!("Phase retrieval transfer function (PRTF). {sentence}");
        let alt = format!("Curve of the phase retrieval transfer function. {sentence}");
        Ok(vec![Block::Plates(vec![Plate { svg: plot.to_svg(), alt, caption }])])
    }

    /// The curve as `name` over those of `many` others, and where it crosses 1/e as a sentence.
    pub(in crate::report) fn plot(
        &self,
        name: &str,
        many: &[&[f64]],
        size: (f64, f64),
    ) -> Result<(LinePlot, String), ReportError> {
        const WHAT: &str = "phase retrieval transfer function";
        let (plot, unit) = self.spectrum.plot("PRTF", size);
        let curve = self.spectrum.points(WHAT, self.values, unit)?;
        let level = 1.0 / E;
        let threshold = vec![(0.0, level), (self.spectrum.end() / unit, level)];
        let mut plot =
            plot.with_series(name, curve, Stroke::Solid).with_series("1/e", threshold, Stroke::Dashed);
        for (k, values) in many.iter().enumerate() {
            let points = self.spectrum.points(WHAT, values, unit)?;
            let name = if k == 0 { "single energies" } else { "" };
            let (name, stroke, band) = (name.to_owned(), Stroke::Thin, Vec::new());
            plot.series.push(Series { name, points, stroke, colour: 0, band });
        }
        let sentence = match self.crossing {
            Some(f) => {
                let resolution = self.spectrum.resolution(f);
                plot.markers.push(Marker {
                    x: f / unit,
                    label: format!("1/e: {resolution}"),
                    series: Some(1),
                });
                format!("It falls below 1/e at {resolution} ({} resolution).", self.spectrum.period.name())
            }
            None => "No crossing of 1/e was found.".to_owned(),
        };
        Ok((plot, sentence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spectrum(frequencies: &[f64]) -> Spectrum<'_> {
        Spectrum { frequencies, unit: FrequencyUnit::PerMetre, period: Period::Half }
    }

    #[test]
    fn resolutions_follow_the_period() {
        let half = spectrum(&[5e7]);
        assert_eq!(half.resolution(5e7), "10.0 nm");
        assert_eq!(Spectrum { period: Period::Full, ..half }.resolution(5e7), "20.0 nm");
        assert_eq!(Spectrum { unit: FrequencyUnit::PerPixel, ..half }.resolution(0.25), "2.00 px");
    }

    #[test]
    fn upper_axis_has_round_resolutions_apart() {
        for end in [5e7, 4.3e6, 9.99e8] {
            let frequencies = [0.0, end];
            let axis = spectrum(&frequencies).top_axis(1.0, SIZE.0);
            assert!(axis.ticks.len() >= 3, "{axis:?}");
            assert!(axis.ticks.windows(2).all(|w| w[1].0 - w[0].0 >= 0.08 * end), "{axis:?}");
            assert!(axis.ticks.iter().all(|t| t.0 <= end * 1.001));
        }
        let labels: Vec<_> =
            spectrum(&[0.0, 5e7]).top_axis(1.0, SIZE.0).ticks.into_iter().map(|t| t.1).collect();
        // half-period 10 nm at the end; 50 nm at a fifth, 100 nm at a tenth of it
        assert_eq!(labels, ["100 nm", "50 nm", "20 nm", "10 nm"]);
        assert_eq!(spectrum(&[]).top_axis(1.0, SIZE.0).ticks, []);
    }

    #[test]
    fn crossings_are_told_first_and_last() {
        let frequencies = [0.0, 1e7, 2e7];
        let frc = |correlation, crossings| FourierRing {
            spectrum: spectrum(&frequencies),
            correlation,
            thresholds: vec![Threshold { name: "½-bit", values: &[0.5, 0.4, 0.3], crossings }],
        };
        let told = |frc: FourierRing<'_>| frc.thresholds[0].sentence(&frc.spectrum, frc.correlation);
        assert!(told(frc(&[1.0, 0.5, 0.0], &[1.25e7])).contains("at 40.0 nm."));
        let several = told(frc(&[1.0, 0.5, 0.0], &[1e7, 1.1e7, 1.25e7]));
        assert!(several.contains("3 times, first at 50.0 nm and last at 40.0 nm"), "{several}");
        assert!(told(frc(&[1.0, 0.9, 0.8], &[])).contains("25.0 nm or better"));
        assert!(told(frc(&[0.1, 0.1, 0.1], &[])).contains("No crossing"));
    }

    #[test]
    fn lengths_must_agree() {
        let frc = FourierRing { spectrum: spectrum(&[0.0, 1.0]), correlation: &[1.0], thresholds: vec![] };
        let error = frc.blocks().expect_err("one value for two frequencies").to_string();
        assert!(error.contains("1 values") && error.contains("2 frequencies"), "{error}");
    }
}
