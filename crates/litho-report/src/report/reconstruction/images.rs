//! Object, probe, diffraction data and scan as figures.

use crate::colour::ColourMap;
use crate::figure::{ComplexStyle, Figure, MapStyle, PixelSize};
use crate::format::{format_length, short_number};
use crate::plot::ScanPlot;
use crate::report::{Block, Plate};
use crate::{C32, ReportError};
use ndarray::{ArrayView2, ArrayView3, Axis, Zip};
use std::f64::consts::PI;

/// Longest side of an object figure in the report, CSS pixels.
const OBJECT_SIDE: f64 = 380.0;
/// Longest side of a diffraction frame.
const FRAME_SIDE: f64 = 320.0;
/// Longest side of a probe mode.
const MODE_SIDE: f64 = 160.0;
/// A phase whose middle 99 % keep this far within ±π does not wrap.
const UNWRAPPED: f64 = 0.9 * PI;

/// A figure with the name of a file to put it in.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedFigure {
    /// Lower-case words joined by `_`, without an extension.
    pub name: String,
    /// The figure.
    pub figure: Figure,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// What it shows and how to read it; empty where the figure's title says it all.
    pub caption: String,
}

impl NamedFigure {
    pub(super) fn plate(&self, side: f64) -> Result<Plate, ReportError> {
        let svg = self.figure.to_svg(side)?;
        Ok(Plate { svg, alt: self.alt.clone(), caption: self.caption.clone() })
    }
}

fn plates(figures: &[NamedFigure], side: f64) -> Result<Block, ReportError> {
    Ok(Block::Plates(figures.iter().map(|f| f.plate(side)).collect::<Result<_, _>>()?))
}

fn mismatch(what: &'static str, first: (usize, usize), second: (usize, usize)) -> ReportError {
    let extent = |(ny, nx): (usize, usize)| format!("shape {ny} × {nx}");
    ReportError::Mismatch { what, first: extent(first), second: extent(second) }
}

/// The complex object.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    /// Transmission `(y, x)`; a linear phase is the caller's to remove.
    pub values: ArrayView2<'a, C32>,
    /// True where the object was illuminated `(y, x)`; elsewhere nothing is shown.
    pub illuminated: Option<ArrayView2<'a, bool>>,
    /// The phase without wraps `(y, x)` in radians, where it is known.
    pub continuous_phase: Option<ArrayView2<'a, f32>>,
    /// Size of a pixel; without it the scale bars count pixels.
    pub pixel: Option<PixelSize>,
}

impl Object<'_> {
    pub(super) fn blocks(&self) -> Result<Vec<Block>, ReportError> {
        Ok(vec![plates(&self.figures()?, OBJECT_SIDE)?])
    }

    pub(super) fn figures(&self) -> Result<Vec<NamedFigure>, ReportError> {
        let dim = self.values.dim();
        if let Some(mask) = self.illuminated.filter(|m| m.dim() != dim) {
            return Err(mismatch("object and its illuminated area", dim, mask.dim()));
        }
        if let Some(phase) = self.continuous_phase.filter(|p| p.dim() != dim) {
            return Err(mismatch("object and its continuous phase", dim, phase.dim()));
        }
        let mut figures = vec![self.phase()?];
        if let Some(phase) = self.continuous_phase {
            let title = "Object phase, continuous";
            let style = MapStyle::new(ColourMap::Grey, "phase (rad)");
            let figure = self.figure(title, phase, &style)?;
            let caption =
                format!("Phase of the object with its wraps removed.{}", range_words(&figure, "rad"));
            let alt = "Grey-scale map of the continuous object phase".to_owned();
            figures.push(NamedFigure { name: "object_phase_continuous".to_owned(), figure, alt, caption });
        }
        let style = MapStyle::new(ColourMap::Grey, "amplitude");
        let amplitude = self.values.map(|v| v.norm());
        let figure = self.figure("Object amplitude", amplitude.view(), &style)?;
        let caption = format!("Amplitude of the object.{}", range_words(&figure, ""));
        let alt = "Grey-scale map of the object amplitude".to_owned();
        figures.push(NamedFigure { name: "object_amplitude".to_owned(), figure, alt, caption });
        Ok(figures)
    }

    /// The phase on the cyclic map if it wraps, in greys of higher contrast if it does not.
    fn phase(&self) -> Result<NamedFigure, ReportError> {
        let phase = self.values.map(|v| v.arg());
        let grey = MapStyle::new(ColourMap::Grey, "phase (rad)");
        let linear = self.figure("Object phase", phase.view(), &grey)?;
        let wraps = linear.shown_range().is_some_and(|(min, max)| min < -UNWRAPPED || max > UNWRAPPED);
        let (figure, caption, alt) = if wraps {
            let figure = self.figure("Object phase, wrapped", phase.view(), &MapStyle::wrapped_phase())?;
            let caption = "Phase of the object modulo 2π. −π and π are the same phase and the same colour.";
            (figure, caption.to_owned(), "Map of the wrapped object phase in cyclic colours")
        } else {
            let words = range_words(&linear, "rad");
            let caption = format!("Phase of the object; matter has the more negative phase.{words}");
            (linear, caption, "Grey-scale map of the object phase")
        };
        let extent = self.extent_words();
        let (name, alt) = ("object_phase".to_owned(), alt.to_owned());
        Ok(NamedFigure { name, figure, alt, caption: format!("{caption}{extent}") })
    }

    fn figure(
        &self,
        title: &str,
        values: ArrayView2<'_, f32>,
        style: &MapStyle,
    ) -> Result<Figure, ReportError> {
        let figure = match self.illuminated {
            None => Figure::map(title, values, style)?,
            Some(mask) => {
                let shown = |v: &f32, lit: &bool| if *lit { *v } else { f32::NAN };
                Figure::map(title, Zip::from(values).and(mask).map_collect(shown).view(), style)?
            }
        };
        figure.with_pixel_size(self.pixel)
    }

    fn extent_words(&self) -> String {
        let (ny, nx) = self.values.dim();
        let pixel = match self.pixel {
            Some(p) if p.y == p.x => format!(" of {}", format_length(p.x, 3)),
            Some(p) => format!(" of {} × {}", format_length(p.y, 3), format_length(p.x, 3)),
            None => String::new(),
        };
        format!(" {ny} × {nx} pixels{pixel} (rows × columns).")
    }
}

/// What the greys span, as a sentence.
fn range_words(figure: &Figure, unit: &str) -> String {
    let space = if unit.is_empty() { "" } else { " " };
    figure.shown_range().map_or_else(String::new, |(min, max)| {
        let [min, max] = [min, max].map(short_number);
        format!(" Shown from {min} to {max}{space}{unit}, the middle 99 % of the pixels.")
    })
}

/// A fraction in per cent, small ones with more digits.
fn percent(fraction: f64) -> String {
    match 100.0 * fraction {
        p if p >= 1.0 => format!("{p:.1} %"),
        p if p >= 0.01 => format!("{p:.2} %"),
        _ => "below 0.01 %".to_owned(),
    }
}

/// The incoherent modes of the probe.
#[derive(Debug, Clone)]
pub struct Probe<'a> {
    /// Modes `(mode, y, x)` in the order they are shown.
    pub modes: ArrayView3<'a, C32>,
    /// Quantity and unit of the amplitude, short: `|P|`.
    pub label: &'a str,
    /// Size of a pixel; without it the scale bars count pixels.
    pub pixel: Option<PixelSize>,
}

impl Probe<'_> {
    /// Fraction of the power in each mode; `None` if the total is zero or not finite.
    pub fn power_fractions(&self) -> Option<Vec<f64>> {
        // Pₖ = Σ |ψₖ|², fraction Pₖ / Σ P
        let power = |mode: ArrayView2<'_, C32>| {
            mode.iter().map(|v| f64::from(v.re).powi(2) + f64::from(v.im).powi(2)).sum()
        };
        let powers: Vec<f64> = self.modes.axis_iter(Axis(0)).map(power).collect();
        let total: f64 = powers.iter().sum();
        (total > 0.0 && total.is_finite()).then(|| powers.into_iter().map(|p| p / total).collect())
    }

    pub(super) fn blocks(&self) -> Result<Vec<Block>, ReportError> {
        let figures = self.figures()?;
        if figures.is_empty() {
            return Ok(vec![Block::Absent("The probe has no modes.".to_owned())]);
        }
        let power = match self.power_fractions() {
            Some(_) if figures.len() > 1 => " Percentages are each mode's part of the total power.",
            Some(_) => "",
            None => " The total power is zero or not finite, so no fractions are given.",
        };
        let text = format!(
            "Hue is phase, brightness is amplitude, each mode scaled to its own maximum (the rim of the wheel).{power}"
        );
        Ok(vec![Block::Text(text), plates(&figures, MODE_SIDE)?])
    }

    pub(super) fn figures(&self) -> Result<Vec<NamedFigure>, ReportError> {
        let fractions = self.power_fractions();
        let style = ComplexStyle { label: self.label.to_owned(), percentile: 100.0 };
        let mode_figure = |(k, mode): (usize, ArrayView2<'_, C32>)| {
            let share = fractions.as_ref().map(|f| percent(f[k])).unwrap_or_default();
            let title = format!("Mode {}{}{share}", k + 1, if share.is_empty() { "" } else { ": " });
            let figure = Figure::complex(&title, mode, &style)?.with_pixel_size(self.pixel)?;
            let alt = format!("Probe mode {} by domain colouring, {share} of the power", k + 1);
            let caption = String::new();
            Ok(NamedFigure { name: format!("probe_mode_{}", k + 1), figure, alt, caption })
        };
        self.modes.axis_iter(Axis(0)).enumerate().map(mode_figure).collect()
    }
}

/// One diffraction frame, or a mean of many.
#[derive(Debug, Clone)]
pub struct DiffractionMap<'a> {
    /// What it is: `Mean pattern`.
    pub title: String,
    /// Intensities `(y, x)`; pixels without a value are NaN.
    pub values: ArrayView2<'a, f32>,
    /// Quantity and unit: `photons`.
    pub label: String,
    /// Size of a detector pixel.
    pub pixel: Option<PixelSize>,
}

pub(super) fn diffraction_figures(maps: &[DiffractionMap<'_>]) -> Result<Vec<NamedFigure>, ReportError> {
    let frame_figure = |(k, map): (usize, &DiffractionMap<'_>)| {
        let figure = Figure::map(&map.title, map.values, &MapStyle::logarithmic(map.label.as_str()))?
            .with_pixel_size(map.pixel)?;
        let alt = format!("{}, intensity on a logarithmic colour scale", map.title);
        let caption = format!("{}, logarithmic scale.", map.title);
        Ok(NamedFigure { name: format!("diffraction_{}", k + 1), figure, alt, caption })
    };
    maps.iter().enumerate().map(frame_figure).collect()
}

pub(super) fn diffraction_blocks(maps: &[DiffractionMap<'_>]) -> Result<Vec<Block>, ReportError> {
    if maps.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![plates(&diffraction_figures(maps)?, FRAME_SIDE)?])
}

/// Where the beam was, and how often each part of the object saw it.
#[derive(Debug, Clone)]
pub struct ScanCoverage<'a> {
    /// Beam positions `(y, x)` in object pixels, in the order they were taken;
    /// `(0, 0)` is the centre of the object's first pixel.
    pub positions: &'a [(f64, f64)],
    /// Illumination of each object pixel `(y, x)`.
    pub coverage: Option<ArrayView2<'a, f32>>,
    /// Quantity and unit of the coverage: `photons/pixel`.
    pub coverage_label: &'a str,
    /// Object pixel; without it the axes count pixels.
    pub pixel: Option<PixelSize>,
}

impl ScanCoverage<'_> {
    pub(super) fn blocks(&self) -> Result<Vec<Block>, ReportError> {
        let &Self { positions, coverage, coverage_label, pixel } = self;
        let count = positions.len();
        let over = if coverage.is_some() { " over the illumination of the object (grey)" } else { "" };
        let plate = Plate {
            svg: ScanPlot { positions, coverage, coverage_label, pixel }.to_svg()?,
            alt: format!("Map of the {count} scan positions coloured by their order"),
            caption: format!("The {count} scan positions, coloured in the order they were taken,{over}."),
        };
        Ok(vec![Block::Plates(vec![plate])])
    }
}
