//! The settings of `tomo`, complete and checked.

use super::config::{AxisSetting, TomoConfig};
use crate::config::{Allowed, ConfigError, Mistakes};
use litho_io::TiltOptions;
use litho_tomo::{Filter, Method};
use litho_types::scattering::Composition;
use litho_types::volume::VolumeQuantity;

/// Everything `tomo` needs to know beside the series.
#[derive(Debug, Clone, PartialEq)]
pub struct TomoSettings {
    /// How the series is read.
    pub tilts: TiltOptions,
    /// The method; the strength of a total variation is a share of the value of dense matter.
    pub method: Method,
    /// Smallest and largest value of a voxel, in the quantity that is written.
    pub range: Option<[f64; 2]>,
    /// Where voxels may differ from 0.
    pub support: SupportSetting,
    /// What is written; `None` for what the projections allow.
    pub quantity: Option<VolumeQuantity>,
    /// Composition of the material, for its mass density.
    pub composition: Option<Composition>,
    /// Where the rotation axis is.
    pub axis: Axis,
    /// Whether odd and even projections are reconstructed by themselves, too.
    pub split: bool,
    /// Threads, 0 for one per core.
    pub threads: usize,
    /// The configuration for the record.
    pub config: TomoConfig,
}

/// Where voxels may differ from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SupportSetting {
    /// In the circle that all projections see.
    Circle,
    /// Everywhere.
    Everywhere,
    /// Where a mask `(z, y, x)`, named as `FILE:/path`, is not 0.
    Mask(String),
}

/// Where the rotation axis is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Axis {
    /// Where `align` put it; found if the series is not aligned.
    Known,
    /// In the middle of the projections.
    Middle,
    /// Found from the projections.
    Found,
    /// At this column.
    Column(f64),
}

const FILTERS: [(&str, Filter); 5] = [
    ("ramp", Filter::RamLak),
    ("shepp-logan", Filter::SheppLogan),
    ("cosine", Filter::Cosine),
    ("hamming", Filter::Hamming),
    ("hann", Filter::Hann),
];
const DEFAULT_ITERATIONS: usize = 20;
/// What an iteration of total variation flattens, as a share of the value of dense matter.
const DEFAULT_STRENGTH: f64 = 0.01;
/// Angles that total variation corrects together.
const BLOCK: usize = 8;

impl TomoSettings {
    /// Completes and checks a configuration.
    ///
    /// # Errors
    /// Every value that makes no sense.
    pub fn resolve(config: TomoConfig) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Mistakes::default();
        let composition = config.formula.as_ref().and_then(|formula| match formula.parse() {
            Ok(composition) => Some(composition),
            Err(error) => {
                let error: litho_types::scattering::ScatteringError = error;
                mistakes.add("formula", formula, error.to_string());
                None
            }
        });
        let quantity = mistakes.choose("quantity", config.quantity.as_ref(), &VolumeQuantity::ALL);
        if quantity == Some(VolumeQuantity::MassDensity) && config.formula.is_none() {
            mistakes.add("quantity", "mass-density", "needs the chemical `formula` of the material");
        }
        let settings = Self {
            tilts: config.tilts.resolve(&mut mistakes),
            method: method(&config, &mut mistakes),
            range: range(&config, &mut mistakes),
            support: support(config.support.as_deref(), &mut mistakes),
            quantity,
            composition,
            axis: axis(config.axis.as_ref(), &mut mistakes),
            split: config.split.unwrap_or(false),
            threads: config.threads.unwrap_or(0),
            config,
        };
        if mistakes.0.is_empty() { Ok(settings) } else { Err(mistakes.0) }
    }
}

fn method(config: &TomoConfig, mistakes: &mut Mistakes) -> Method {
    let filter = mistakes.choose("filter", config.filter.as_ref(), &FILTERS).unwrap_or_default();
    let mut iterations = DEFAULT_ITERATIONS;
    mistakes.count("iterations", config.iterations, (1, usize::MAX), &mut iterations);
    let known = mistakes.number("relaxation", config.relaxation, Allowed::Within(0.0, 1.99));
    let relaxation = |default: f64| known.unwrap_or(default) as f32;
    let mut strength = DEFAULT_STRENGTH;
    mistakes.set("strength", config.strength, Allowed::UpTo(1.0), &mut strength);
    let (strength, block) = (strength as f32, BLOCK);
    let methods = [
        ("fbp", Method::Fbp { filter }),
        ("derivative", Method::FbpFromDerivative { filter }),
        ("fourier", Method::Fourier { filter }),
        ("art", Method::Art { iterations, relaxation: relaxation(0.1) }),
        ("sart", Method::Sart { iterations, relaxation: relaxation(0.5), block: 1 }),
        ("sirt", Method::Sirt { iterations }),
        ("cgls", Method::Cgls { iterations }),
        ("tv", Method::Tv { iterations, strength, block }),
        ("wedge", Method::Wedge { iterations, strength, block }),
    ];
    let method = mistakes.choose("method", config.method.as_ref(), &methods).unwrap_or(methods[0].1);
    let fits = [
        (
            "relaxation",
            config.relaxation.is_some(),
            matches!(method, Method::Art { .. } | Method::Sart { .. }),
        ),
        ("strength", config.strength.is_some(), matches!(method, Method::Tv { .. } | Method::Wedge { .. })),
        ("iterations", config.iterations.is_some(), !is_direct(method)),
        ("filter", config.filter.is_some(), is_direct(method)),
    ];
    for (key, given, fitting) in fits {
        if given && !fitting {
            mistakes.add(key, "given", format!("{} does not use it; leave it out", method.name()));
        }
    }
    method
}

fn is_direct(method: Method) -> bool {
    matches!(method, Method::Fbp { .. } | Method::FbpFromDerivative { .. } | Method::Fourier { .. })
}

fn range(config: &TomoConfig, mistakes: &mut Mistakes) -> Option<[f64; 2]> {
    let positive = config.positive.unwrap_or(false);
    let Some([low, high]) = config.range else {
        return positive.then_some([0.0, f64::INFINITY]);
    };
    let [low, high] = [if positive { low.max(0.0) } else { low }, high];
    if low.is_nan() || high.is_nan() || low >= high || low > 0.0 || high <= 0.0 {
        let fix = "give [lowest, highest] around 0, which is the value of air";
        mistakes.add("range", format!("[{low}, {high}]"), fix);
        return None;
    }
    Some([low, high])
}

fn support(word: Option<&str>, mistakes: &mut Mistakes) -> SupportSetting {
    match word {
        None | Some("circle") => SupportSetting::Circle,
        Some("everywhere") => SupportSetting::Everywhere,
        Some(named) if named.contains(":/") => SupportSetting::Mask(named.to_owned()),
        Some(other) => {
            mistakes.add("support", other, "give \"circle\", \"everywhere\" or FILE:/path of a mask");
            SupportSetting::Circle
        }
    }
}

fn axis(setting: Option<&AxisSetting>, mistakes: &mut Mistakes) -> Axis {
    match setting {
        None => Axis::Known,
        Some(AxisSetting::Pixels(column)) if column.is_finite() && *column >= 0.0 => Axis::Column(*column),
        Some(AxisSetting::Word(word)) if word == "middle" => Axis::Middle,
        Some(AxisSetting::Word(word)) if word == "auto" => Axis::Found,
        Some(other) => {
            let value = match other {
                AxisSetting::Pixels(column) => column.to_string(),
                AxisSetting::Word(word) => word.clone(),
            };
            mistakes.add("axis", value, "give \"middle\", \"auto\" or a column of the projections, from 0");
            Axis::Known
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named_at_once() {
        let text = "method = \"magic\"\niterations = 0\nfilter = \"blur\"\nrange = [1.0, 2.0]\nsupport = \"box\"\n\
                    quantity = \"mass-density\"\naxis = \"left\"\nrelaxation = 2.5\n";
        let mistakes = TomoSettings::resolve(toml::from_str(text).expect("TOML")).unwrap_err();
        let keys = ["quantity", "filter", "iterations", "relaxation", "method", "range", "support", "axis"];
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        for key in keys {
            assert!(told.iter().any(|line| line.starts_with(&format!("{key} = "))), "{key}: {told:?}");
        }
    }

    #[test]
    fn a_setting_that_the_method_does_not_use_is_refused() {
        let config = TomoConfig { method: Some("fbp".into()), iterations: Some(7), ..TomoConfig::default() };
        let told = TomoSettings::resolve(config).unwrap_err()[0].to_string();
        assert!(told.contains("iterations") && told.contains("leave it out"), "{told}");
        let config =
            TomoConfig { method: Some("art".into()), relaxation: Some(0.2), ..TomoConfig::default() };
        let settings = TomoSettings::resolve(config).expect("fits");
        assert_eq!(settings.method, Method::Art { iterations: 20, relaxation: 0.2 });
    }
}
