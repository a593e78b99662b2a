//! The settings of `xanes`, as a person writes them.

use crate::stack_input::StackConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the fits of spectra; everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct XanesConfig {
    /// How the stack is read.
    pub stack: StackConfig,
    /// Symbol of the element whose edge was scanned. Default: what the stack says; V if its K edge is within the energies.
    pub absorber: Option<String>,
    /// Energy of the edge, eV. Default: the absorber's tabulated edge within the energies.
    pub edge_ev: Option<f64>,
    /// Edge and peaks.
    pub model: ModelConfig,
    /// When an edge counts as absent.
    pub noise: NoiseConfig,
    /// Rectangles whose mean spectra are written.
    pub roi: Vec<RoiConfig>,
    /// Scattering factors.
    pub constants: ConstantsConfig,
    /// The phase image that electrons are counted in.
    pub phase: PhaseConfig,
    /// Below which edge jump no ratio to it is formed.
    pub guard: GuardConfig,
    /// Label image `FILE:/path` (y, x): each label above 0 is a particle with shared parameters of its own, 0 is not fitted.
    /// Default: all one particle.
    pub regions: Option<String>,
    /// Optical density from which on a pixel is saturated. Default: none.
    pub saturation: Option<f64>,
    /// Repeat the last steps in double precision. Default false.
    pub polish: Option<bool>,
    /// Threads; results do not depend on it. Default: one per core.
    pub threads: Option<usize>,
}

/// Edge and peaks. The default is an erf edge, the pre-edge peak and a second Lorentzian (the vanadium paper's eq. 1),
/// bounds relative to the edge. Widths scatter around those of the particle's own strong pixels ("empirical-prior"). Held
/// at the width of the particle's mean spectrum ("shared"), peaks of compounds that lie apart come out too broad and their
/// areas too large.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModelConfig {
    /// Form of the edge: "erf", "arctan". Default "erf".
    pub edge: Option<String>,
    /// How many of the default peaks, 0 to 2: "pre-edge", "second". Default 2.
    pub peaks: Option<usize>,
    /// Form of the default peaks: "lorentzian", "gaussian". Default "lorentzian".
    pub peak_shape: Option<String>,
    /// Role of the widths of the peaks: "empirical-prior", "shared", "free". Default "empirical-prior".
    pub peak_widths: Option<String>,
    /// Role of the width of the edge, the same words. Default "empirical-prior".
    pub edge_width: Option<String>,
    /// The constant.
    pub offset: ParameterConfig,
    /// Changes to the terms "edge", "pre-edge", "second", and further terms.
    pub terms: Vec<TermConfig>,
}

/// A term to change or to add.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TermConfig {
    /// Its name.
    pub name: String,
    /// Its form: "erf", "arctan", "lorentzian", "gaussian". A new term needs one.
    pub shape: Option<String>,
    /// Height, optical density.
    pub height: ParameterConfig,
    /// Energy of its middle, eV.
    pub centre: ParameterConfig,
    /// Width, eV; of a peak half that at half height.
    pub width: ParameterConfig,
}

/// A parameter of the model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ParameterConfig {
    /// Lowest value allowed.
    pub lower: Option<f64>,
    /// Highest value allowed.
    pub upper: Option<f64>,
    /// Start of the fit of the mean spectrum. Default: found.
    pub start: Option<f64>,
    /// "free", "held" (at `value`), "shared" (by all pixels of a particle), "prior" (around `value` with `sigma`),
    /// "empirical-prior" (found from the pixels). Default "free".
    pub role: Option<String>,
    /// Value of "held" and "prior".
    pub value: Option<f64>,
    /// Standard deviation of "prior".
    pub sigma: Option<f64>,
}

/// When an edge counts as absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NoiseConfig {
    /// "pooled": below `factor` standard deviations of the stack's noise, that before the edge or, if larger, that in air
    /// as the stack states it; "paper": below the standard deviation of the
    /// pixel's own pre-edge points, which keeps one in six empty pixels; "none". Default "pooled".
    pub rule: Option<String>,
    /// Standard deviations of "pooled". Default 3.
    pub factor: Option<f64>,
    /// Energies before the edge, at least 3. Default 4.
    pub pre_edge_points: Option<usize>,
}

/// A rectangle whose mean spectrum is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoiConfig {
    /// Its name.
    pub name: String,
    /// `[y0, x0, y1, x1]` from the middle of pixel (0, 0), m.
    pub rectangle_m: Option<[f64; 4]>,
    /// Or in pixels, the last row and column not included.
    pub rectangle_px: Option<[usize; 4]>,
}

/// Where scattering factors come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConstantsConfig {
    /// "table", or "paper" for the vanadium paper's own. Default "table".
    pub source: Option<String>,
    /// "henke", "chantler". Default "henke".
    pub table: Option<String>,
    /// Other elements of the sample, whose f' goes on record.
    pub elements: Vec<String>,
}

/// The phase image that electrons are counted in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PhaseConfig {
    /// Its energy, eV; the nearest of the stack is taken. Default: the lowest.
    pub energy_ev: Option<f64>,
    /// Standard deviation of the phase, rad. Default: what the stack says, else that of pixels without an edge.
    pub sigma_rad: Option<f64>,
}

/// Below which edge jump no ratio to it is formed. Both must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GuardConfig {
    /// Jump in its own standard deviations. Default 5.
    pub sigmas: Option<f64>,
    /// Jump in optical density. Default 0.
    pub jump: Option<f64>,
}
