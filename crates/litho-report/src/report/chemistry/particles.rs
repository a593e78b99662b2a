//! The particles: which of them react, and what that depends on. Figure 3 of the paper.

use super::{Estimate, Phases};
use crate::colour::category;
use crate::format::{LengthUnit, short_number};
use crate::plot::{Axis, LinePlot, Series, StackedBin, StackedPlot, Stroke};
use crate::report::drawing::{Drawing, Piece};

/// Colours of active and inactive particles by index of category: vermillion and sky blue.
const ACTIVE: usize = 1;
const INACTIVE: usize = 5;
/// Size of half a page's width, CSS pixels.
const HALF: (f64, f64) = (470.0, 330.0);

/// One particle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Particle {
    /// Its number in the volume of labels.
    pub id: u32,
    /// Volume in m³.
    pub volume: f64,
    /// Area of its large facet in m².
    pub facet_area: f64,
    /// Thickness in m; NaN if unknown.
    pub thickness: f64,
    /// Standard deviation of the thickness in m; NaN if unknown.
    pub thickness_sigma: f64,
    /// Mean fraction of the second phase.
    pub composition: f64,
    /// Standard deviation of it; NaN if unknown.
    pub composition_sigma: f64,
    /// Whether its composition counts as changed.
    pub active: bool,
}

/// A property of particles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Volume in m³.
    Volume,
    /// Area of the large facet in m².
    FacetArea,
    /// Thickness in m.
    Thickness,
}

impl Measure {
    /// Its name in a sentence.
    fn name(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::FacetArea => "facet area",
            Self::Thickness => "thickness",
        }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::FacetArea => "facet_area",
            Self::Thickness => "thickness",
        }
    }

    fn dimension(self) -> i32 {
        match self {
            Self::Volume => 3,
            Self::FacetArea => 2,
            Self::Thickness => 1,
        }
    }

    /// Name with unit, and that unit in SI, so that values up to `largest` are written with few digits.
    fn axis(self, largest: f64) -> (String, f64) {
        let n = self.dimension();
        let length = LengthUnit::for_length(largest.abs().powf(1.0 / f64::from(n)));
        let power = ["", "²", "³"][(n - 1) as usize];
        (format!("{} ({}{power})", self.name(), length.symbol()), length.metres().powi(n))
    }

    fn of(self, particle: &Particle) -> f64 {
        match self {
            Self::Volume => particle.volume,
            Self::FacetArea => particle.facet_area,
            Self::Thickness => particle.thickness,
        }
    }
}

/// The particles whose measure lies in one bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActivityBin {
    /// Ends of the bin in SI units.
    pub ends: (f64, f64),
    /// How many particles.
    pub count: usize,
    /// How many of them are active.
    pub active: usize,
    /// Standard deviation of the active fraction, binomial; NaN without a particle.
    pub sigma: f64,
}

/// A rank correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankCorrelation {
    /// Spearman's ρ, −1 to 1.
    pub rho: f64,
    /// Probability of a ρ as large by chance.
    pub p: f64,
}

impl RankCorrelation {
    fn words(&self, of: &str) -> String {
        let p = if self.p < 1e-3 { "p < 0.001".to_owned() } else { format!("p = {:.3}", self.p) };
        format!(" Rank correlation of {of}: ρ = {}, {p}.", crate::format::decimal(self.rho, 2))
    }
}

/// How activity depends on a measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependence {
    /// On what.
    pub measure: Measure,
    /// Bins of the measure, growing.
    pub bins: Vec<ActivityBin>,
    /// Rank correlation of activity with the measure.
    pub activity: Option<RankCorrelation>,
    /// Rank correlation of composition with the measure.
    pub composition: Option<RankCorrelation>,
}

/// All particles and what is said about them.
#[derive(Debug, Clone)]
pub struct Particles<'a> {
    /// The particles.
    pub list: &'a [Particle],
    /// Fraction of the second phase from which a particle counts as active: 0.15 in the paper.
    pub threshold: f64,
    /// Fraction of active particles with its binomial error.
    pub active: Option<Estimate>,
    /// On volume, facet area, thickness: in the order they are shown.
    pub dependences: Vec<Dependence>,
    /// How well the particles agree with the true ones, full sentences; empty if unknown.
    pub agreement: String,
}

impl Particles<'_> {
    pub(super) fn pieces(&self, phases: &Phases) -> Vec<Piece> {
        let mut pieces = vec![Piece::text(self.summary(phases))];
        let bars: Vec<Drawing> = self.dependences.iter().map(|d| self.bars(d, phases)).collect();
        if !bars.is_empty() {
            pieces.push(Piece::Drawings(bars));
        }
        if !self.list.is_empty() {
            pieces.push(Piece::Drawings(vec![self.scatter(phases), self.composition(phases)]));
        }
        pieces
    }

    fn summary(&self, phases: &Phases) -> String {
        let active = self.list.iter().filter(|p| p.active).count();
        let share = match &self.active {
            Some(e) if e.sigma.is_finite() => {
                format!(", {:.1} ± {:.1} %", 100.0 * e.value, 100.0 * e.sigma)
            }
            Some(e) => format!(", {:.1} %", 100.0 * e.value),
            None => String::new(),
        };
        let truth = self.active.as_ref().and_then(|e| e.truth);
        let truth = truth.map_or_else(String::new, |t| format!(" (truth: {:.1} %)", 100.0 * t));
        let space = if self.agreement.is_empty() { "" } else { " " };
        format!(
            "{} particles; {active} of them{share}{truth} are active: at least {:.0} % {}.{space}{}",
            self.list.len(),
            100.0 * self.threshold,
            phases.names[1],
            self.agreement
        )
    }

    /// Figure 3 (b): shares of active and inactive particles, and how many there are.
    fn bars(&self, dependence: &Dependence, phases: &Phases) -> Drawing {
        let measure = dependence.measure;
        let largest = dependence.bins.iter().map(|bin| bin.ends.1).fold(0.0, f64::max);
        let (label, unit) = measure.axis(largest);
        let bin = |bin: &ActivityBin| {
            let share = bin.active as f64 / bin.count.max(1) as f64;
            let shares = if bin.count == 0 { vec![0.0; 2] } else { vec![share, 1.0 - share] };
            let ends = (bin.ends.0 / unit, bin.ends.1 / unit);
            StackedBin { ends, shares, sigma: bin.sigma, count: bin.count as f64 }
        };
        let percent = 100.0 * self.threshold;
        let second = &phases.names[1];
        let plot = StackedPlot {
            x: Axis::new(label),
            y: "fraction of particles".to_owned(),
            parts: vec![
                (category(ACTIVE), format!("active, from {percent:.0} % {second} on")),
                (category(INACTIVE), "inactive".to_owned()),
            ],
            count: "number of particles".to_owned(),
            bins: dependence.bins.iter().map(bin).collect(),
            size: HALF,
        };
        let name = measure.name();
        let one = dependence.activity.map_or_else(String::new, |c| c.words(&format!("activity with {name}")));
        let two =
            dependence.composition.map_or_else(String::new, |c| c.words(&format!("composition with {name}")));
        let caption = format!(
            "Active and inactive particles against their {name}, and how many particles each bin has (line, right \
             axis). Error bars are one binomial standard deviation.{one}{two}"
        );
        let alt = format!("Bars of the fraction of active particles against {name}");
        Drawing::of_svg(&format!("activity_{}", measure.file_name()), plot.to_svg(), alt, caption)
    }

    /// Points of all particles of one kind, in the units of the axes.
    fn points(&self, active: bool, x: impl Fn(&Particle) -> f64, y: impl Fn(&Particle) -> f64) -> Series {
        let (name, colour) = if active { ("active", ACTIVE) } else { ("inactive", INACTIVE) };
        let points: Vec<(f64, f64)> =
            self.list.iter().filter(|p| p.active == active).map(|p| (x(p), y(p))).collect();
        let name = format!("{name} ({})", points.len());
        Series { name, points, stroke: Stroke::Points, colour, band: Vec::new() }
    }

    fn largest(&self, measure: Measure) -> f64 {
        self.list.iter().map(|p| measure.of(p)).filter(|v| v.is_finite()).fold(0.0, f64::max)
    }

    /// Figure 3 (c): facet area against thickness.
    fn scatter(&self, _: &Phases) -> Drawing {
        let (x, y) = (Measure::FacetArea, Measure::Thickness);
        let ((x_label, x_unit), (y_label, y_unit)) = (x.axis(self.largest(x)), y.axis(self.largest(y)));
        let mut plot = LinePlot { size: HALF, ..LinePlot::new(Axis::new(x_label), Axis::new(y_label)) };
        plot = plot.of_categories();
        plot.x.range = Some((0.0, 1.05 * self.largest(x).max(f64::MIN_POSITIVE) / x_unit));
        plot.y.range = Some((0.0, 1.15 * self.largest(y).max(f64::MIN_POSITIVE) / y_unit));
        let of = |active| self.points(active, |p| x.of(p) / x_unit, |p| y.of(p) / y_unit);
        let sigma = self.errors(|p| (x.of(p) / x_unit, y.of(p) / y_unit, p.thickness_sigma / y_unit));
        plot.series = vec![sigma, of(false), of(true)];
        let caption = "Thickness of each particle against the area of its large facet. Lines are one standard deviation \
                       each way."
            .to_owned();
        let alt =
            "Scatter plot of thickness against facet area, active and inactive particles apart".to_owned();
        Drawing::of_plot("facet_area_thickness", &plot, alt, caption)
    }

    /// Mean composition against facet area.
    fn composition(&self, phases: &Phases) -> Drawing {
        let x = Measure::FacetArea;
        let (x_label, x_unit) = x.axis(self.largest(x));
        let y_axis = Axis::new(format!("mean {}", phases.label())).between(-0.05, 1.05);
        let mut plot = LinePlot { size: HALF, ..LinePlot::new(Axis::new(x_label), y_axis) }.of_categories();
        plot.x.range = Some((0.0, 1.05 * self.largest(x).max(f64::MIN_POSITIVE) / x_unit));
        let sigma = self.errors(|p| (x.of(p) / x_unit, p.composition, p.composition_sigma));
        let of = |active| self.points(active, |p| x.of(p) / x_unit, |p| p.composition);
        let line = |p: f64| vec![(0.0, p), (2.0 * self.largest(x) / x_unit, p)];
        let threshold = Series {
            name: String::new(),
            points: line(self.threshold),
            stroke: Stroke::Dashed,
            colour: 7,
            band: Vec::new(),
        };
        plot.series = vec![threshold, sigma, of(false), of(true)];
        let found = self.dependences.iter().find(|d| d.measure == x).and_then(|d| d.composition);
        let words = found.map_or_else(String::new, |c| c.words("composition with facet area"));
        let caption = format!(
            "Mean composition of each particle against the area of its large facet; above the dashed line, {}, it counts \
             as active. Lines are one standard deviation each way.{words}",
            short_number(self.threshold)
        );
        let alt = "Scatter plot of the mean composition against the facet area".to_owned();
        Drawing::of_plot("facet_area_composition", &plot, alt, caption)
    }

    /// Error bars `(x, y, σ)` of all particles as one interrupted curve.
    fn errors(&self, of: impl Fn(&Particle) -> (f64, f64, f64)) -> Series {
        const GAP: (f64, f64) = (f64::NAN, f64::NAN);
        let bar = |p: &Particle| {
            let (x, y, sigma) = of(p);
            [(x, y - sigma), (x, y + sigma), GAP]
        };
        let points = self.list.iter().flat_map(bar).collect();
        Series { name: String::new(), points, stroke: Stroke::Thin, colour: 7, band: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn particle(id: u32, side: f64, composition: f64) -> Particle {
        Particle {
            id,
            volume: side * side * 2e-8,
            facet_area: side * side,
            thickness: 2e-8,
            thickness_sigma: 1e-9,
            composition,
            composition_sigma: 0.01,
            active: composition >= 0.15,
        }
    }

    #[test]
    fn units_fit_the_dimension() {
        assert_eq!(Measure::FacetArea.axis(2e-14).0, "facet area (nm²)");
        assert_eq!(Measure::Thickness.axis(2.5e-6).0, "thickness (µm)");
        let (label, unit) = Measure::Volume.axis(3e-22);
        assert_eq!(label, "volume (nm³)");
        assert!((unit / 1e-27 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn numbers_stand_in_the_captions_and_every_particle_is_drawn() {
        let list: Vec<Particle> =
            (1..=9).map(|k| particle(k, 2e-8 * f64::from(k), 0.05 * f64::from(k))).collect();
        let bins = vec![
            ActivityBin { ends: (0.0, 1e-14), count: 5, active: 3, sigma: 0.219 },
            ActivityBin { ends: (1e-14, 4e-14), count: 0, active: 0, sigma: f64::NAN },
        ];
        let activity = Some(RankCorrelation { rho: 0.41, p: 2e-4 });
        let composition = Some(RankCorrelation { rho: -0.3, p: 0.04 });
        let active = Estimate { name: String::new(), value: 25.0 / 83.0, sigma: 0.051, truth: Some(0.3) };
        let particles = Particles {
            list: &list,
            threshold: 0.15,
            active: Some(active),
            dependences: vec![Dependence { measure: Measure::FacetArea, bins, activity, composition }],
            agreement: "Nine were matched.".to_owned(),
        };
        let phases = Phases::default();
        let summary = particles.summary(&phases);
        assert!(
            summary.starts_with("9 particles; 7 of them, 30.1 ± 5.1 % (truth: 30.0 %) are active"),
            "{summary}"
        );
        let drawings: Vec<Drawing> =
            particles.pieces(&phases).into_iter().flat_map(Piece::into_drawings).collect();
        let names: Vec<&str> = drawings.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["activity_facet_area", "facet_area_thickness", "facet_area_composition"]);
        assert!(drawings[0].caption.contains("activity with facet area: ρ = 0.41, p < 0.001"));
        assert!(drawings[2].caption.contains("ρ = −0.30, p = 0.040"), "{}", drawings[2].caption);
        for drawing in &drawings {
            roxmltree::Document::parse(&drawing.to_svg_document()).expect("well formed");
        }
        assert!(drawings[1].to_svg_document().contains("active (7)"));
    }
}
