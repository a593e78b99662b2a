//! The edge model as a value: what is fitted, between which bounds, and what is known beforehand.

use crate::SpectroError;

/// The form of a term of [`Model`], a function of `u = (E − centre)/width`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `height/2 [1 + erf u]`.
    ErfEdge,
    /// `height [½ + arctan(u)/π]`.
    ArctanEdge,
    /// `height / (1 + u²)`; the width is half the full width at half height.
    Lorentzian,
    /// `height exp(−u² ln 2)`; the width is half the full width at half height.
    Gaussian,
}

impl Shape {
    /// True for the steps, false for the peaks.
    pub const fn is_edge(self) -> bool {
        matches!(self, Self::ErfEdge | Self::ArctanEdge)
    }

    /// Area of a peak divided by height × width, zero for an edge.
    pub fn unit_area(self) -> f64 {
        match self {
            Self::ErfEdge | Self::ArctanEdge => 0.0,
            // ∫ du/(1 + u²) = π
            Self::Lorentzian => std::f64::consts::PI,
            // ∫ exp(−u² ln 2) du = √(π/ln 2)
            Self::Gaussian => (std::f64::consts::PI / std::f64::consts::LN_2).sqrt(),
        }
    }
}

/// What is known of a parameter before a pixel is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role {
    /// Nothing but the bounds.
    Free,
    /// Its value.
    Held(f64),
    /// That it is the same in all pixels of a region: estimated from the region's mean spectrum, then held.
    Shared,
    /// That it scatters normally around a value.
    Prior {
        /// The value expected.
        value: f64,
        /// Standard deviation around it.
        sigma: f64,
    },
    /// That it scatters normally, around the value of the region's mean spectrum with the width found in a sample of the
    /// region's own pixels (empirical Bayes).
    EmpiricalPrior,
}

/// One parameter of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Where the fit of a region's mean spectrum starts; found from that spectrum if `None`. Pixels start from the fit of
    /// the mean spectrum.
    pub start: Option<f64>,
    /// Lowest value allowed.
    pub lower: f64,
    /// Highest value allowed.
    pub upper: f64,
    /// What is known beforehand.
    pub role: Role,
}

impl Parameter {
    /// A free parameter between two bounds, with a start of the fit's own.
    pub const fn between(lower: f64, upper: f64) -> Self {
        Self { start: None, lower, upper, role: Role::Free }
    }

    /// The same with this start.
    #[must_use]
    pub const fn starting_at(self, start: f64) -> Self {
        Self { start: Some(start), ..self }
    }

    /// The same in another role.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self { role, ..self }
    }

    fn check(&self, name: &str, positive: bool) -> Result<(), SpectroError> {
        let wrong =
            |problem: String, fix| Err(SpectroError::Parameter { parameter: name.to_owned(), problem, fix });
        let Self { start, lower, upper, role } = *self;
        if !(lower.is_finite() && upper.is_finite() && lower < upper) {
            return wrong(format!("has bounds {lower} to {upper}"), "give finite ascending bounds");
        }
        if positive && lower <= 0.0 {
            return wrong(format!("is a width with lower bound {lower}"), "give a lower bound above zero");
        }
        let value = match role {
            Role::Held(value) | Role::Prior { value, .. } => Some(value),
            _ => None,
        };
        for value in start.iter().chain(&value) {
            if !(lower..=upper).contains(value) {
                return wrong(
                    format!("is {value}, outside its bounds {lower} to {upper}"),
                    "move the value or the bounds",
                );
            }
        }
        match role {
            Role::Prior { sigma, .. } if !(sigma.is_finite() && sigma > 0.0) => wrong(
                format!("has a prior of width {sigma}"),
                "give a positive standard deviation, or hold it",
            ),
            _ => Ok(()),
        }
    }
}

/// An edge or a peak.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// What reports call it.
    pub name: String,
    /// Its form.
    pub shape: Shape,
    /// Height of the step or the peak, in units of optical density.
    pub height: Parameter,
    /// Energy of the middle, eV.
    pub centre: Parameter,
    /// Width, eV.
    pub width: Parameter,
}

/// `μt(E) = offset + Σ edges + Σ peaks`, the vanadium paper's eq. 1 with any number of terms.
///
/// Parameters are counted offset first, then height, centre and width of each term.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    offset: Parameter,
    terms: Vec<Term>,
}

impl Model {
    /// The model of these terms.
    ///
    /// # Errors
    /// [`SpectroError::Model`] without an edge or without a free parameter, [`SpectroError::Parameter`] for bounds, starts
    /// or priors that contradict each other.
    pub fn new(offset: Parameter, terms: Vec<Term>) -> Result<Self, SpectroError> {
        let model = Self { offset, terms };
        if !model.terms.iter().any(|term| term.shape.is_edge()) {
            return Err(SpectroError::Model { problem: "there is no edge among the terms", fix: "add one" });
        }
        for (index, (name, parameter)) in model.names().iter().zip(model.parameters()).enumerate() {
            parameter.check(name, index > 0 && index % 3 == 0)?;
        }
        if model.parameters().all(|parameter| matches!(parameter.role, Role::Held(_) | Role::Shared)) {
            return Err(SpectroError::Model {
                problem: "every parameter is held or shared",
                fix: "free the edge's height",
            });
        }
        Ok(model)
    }

    /// The vanadium paper's model at the K edge: an erf edge near 5479 eV, the pre-edge peak near 5468.6 eV and a second
    /// Lorentzian near 5485.5 eV, ten parameters in the order a, b1, b2, b3, c11, c12, c13, c21, c22, c23 of its eq. 1.
    /// The bounds are ours: the paper states none. No peak is narrower than the 1.01 eV that the lifetime of the 1s hole makes
    /// of a line (Krause and Oliver 1979), half of which is the least width of the pre-edge peak: below the step of the
    /// energies, a narrower one would fit the noise of single points.
    pub fn vanadium() -> Self {
        let term = |name: &str, shape, height, centre, width| Term {
            name: name.to_owned(),
            shape,
            height,
            centre,
            width,
        };
        let between = Parameter::between;
        Self {
            offset: between(-1.0, 2.0),
            terms: vec![
                term("edge", Shape::ErfEdge, between(0.0, 3.0), between(5470.0, 5490.0), between(0.5, 15.0)),
                term(
                    "pre-edge",
                    Shape::Lorentzian,
                    between(0.0, 2.0),
                    between(5464.0, 5473.0),
                    between(0.5, 4.0),
                ),
                term(
                    "second",
                    Shape::Lorentzian,
                    between(0.0, 3.0),
                    between(5480.0, 5495.0),
                    between(1.0, 15.0),
                ),
            ],
        }
    }

    /// The same model with the width of every peak in another role.
    #[must_use]
    pub fn with_peak_widths(mut self, role: Role) -> Self {
        for term in self.terms.iter_mut().filter(|term| !term.shape.is_edge()) {
            term.width.role = role;
        }
        self
    }

    /// Edges and peaks, in order.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// All parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        std::iter::once(&self.offset)
            .chain(self.terms.iter().flat_map(|term| [&term.height, &term.centre, &term.width]))
    }

    /// Names of the parameters: `offset`, `edge height`, …
    pub fn names(&self) -> Vec<String> {
        let terms = self.terms.iter();
        let names =
            terms.flat_map(|term| ["height", "centre", "width"].map(|part| format!("{} {part}", term.name)));
        std::iter::once("offset".to_owned()).chain(names).collect()
    }
}
