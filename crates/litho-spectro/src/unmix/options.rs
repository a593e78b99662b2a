//! What a linear combination fit is asked for.

/// What is fitted besides the references; its coefficients may have any sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    /// Nothing.
    #[default]
    None,
    /// `b₀`.
    Constant,
    /// `b₀ + b₁ (E − Ē)/h`, Ē and h middle and half width of the range of energies.
    Linear,
}

impl Background {
    /// How many coefficients.
    pub(super) fn terms(self) -> usize {
        match self {
            Self::None => 0,
            Self::Constant => 1,
            Self::Linear => 2,
        }
    }
}

/// Whether the references' energies may be off: the model is `Σ c r(E − δ)`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Shift {
    /// `δ = 0`.
    #[default]
    None,
    /// One δ for all pixels: the least sum of squares on a grid of `step` within `±most` eV, then by golden section to a
    /// thousandth of a step.
    Common {
        /// Largest shift in eV.
        most: f64,
        /// Grid in eV, finer than the features.
        step: f64,
    },
    /// One δ for each pixel: the least sum of squares on a grid of `step` within `±most` eV, the parabola through it and
    /// its neighbours, rounded to a sixteenth of a step.
    PerPixel {
        /// Largest shift in eV.
        most: f64,
        /// Grid in eV, finer than the features.
        step: f64,
    },
}

/// A linear combination fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UnmixOptions {
    /// No reference has a negative coefficient.
    pub non_negative: bool,
    /// The references' coefficients add up to 1: for spectra normalised to one edge step.
    pub sum_to_one: bool,
    /// What else is fitted.
    pub background: Background,
    /// Whether energies may be off.
    pub shift: Shift,
    /// Lowest and highest energy of the fit in eV; all for none.
    pub range: Option<(f64, f64)>,
    /// Standard deviation of the optical density at each energy of the stack. With it, squares are weighted with 1/σ²,
    /// coefficients' errors follow from it and the reduced χ² has the expectation 1; without, from the residual.
    pub noise: Option<Vec<f64>>,
}

/// What a reader of the result should know.
#[derive(Debug, Clone, PartialEq)]
pub enum UnmixWarning {
    /// Two terms are nearly parallel: their coefficients have large, opposite errors.
    NearCollinear {
        /// Condition number of the terms, each scaled to length 1.
        condition: f64,
        /// One of the most parallel pair.
        first: String,
        /// The other.
        second: String,
    },
    /// Pixels without a number at some energy of the range; all their results are NaN.
    Missing {
        /// How many.
        pixels: usize,
    },
    /// Pixels whose shift lies at the end of its range.
    ShiftAtEnd {
        /// How many; all of them for a common shift.
        pixels: usize,
    },
}

impl std::fmt::Display for UnmixWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NearCollinear { condition, first, second } => write!(
                f,
                "linear combination: {first} and {second} are nearly the same spectrum (condition number {condition:.0}); \
                 trust their sum more than their shares"
            ),
            Self::Missing { pixels } => {
                write!(
                    f,
                    "linear combination: {pixels} pixels lack a number at some energy and have no result"
                )
            }
            Self::ShiftAtEnd { pixels } => {
                write!(
                    f,
                    "linear combination: the energy shift of {pixels} pixels is at its limit; allow a larger one"
                )
            }
        }
    }
}
