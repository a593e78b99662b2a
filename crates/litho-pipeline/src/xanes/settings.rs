//! The settings of `xanes`, complete and checked.

use super::config::{RoiConfig, XanesConfig};
use super::model::ModelPlan;
use crate::config::{Allowed, ConfigError, Mistakes};
use crate::stack_input::StackRequest;
use litho_spectro::composition::Guard;
use litho_spectro::fit::{NoiseRule, Settings};
use litho_types::quantity::ElectronVolts;
use litho_types::scattering::{Element, TableSource};

/// Everything `xanes` needs to know beside the stack.
#[derive(Debug, Clone, PartialEq)]
pub struct XanesSettings {
    /// How the stack is read.
    pub stack: StackRequest,
    /// The element whose edge was scanned, if said.
    pub absorber: Option<Element>,
    /// Its edge, if said.
    pub edge: Option<ElectronVolts>,
    /// Edge and peaks.
    pub model: ModelPlan,
    /// How pixels are fitted and judged.
    pub fit: Settings,
    /// Rectangles whose spectra are written.
    pub roi: Vec<RoiConfig>,
    /// Scattering factors.
    pub constants: ConstantsChoice,
    /// Energy of the phase image, if said.
    pub phase_energy: Option<ElectronVolts>,
    /// Its standard deviation, rad, if said.
    pub phase_sigma: Option<f64>,
    /// Below which edge jump no ratio is formed.
    pub guard: Guard,
    /// Label image of the particles.
    pub regions: Option<String>,
    /// Threads, 0 for one per core.
    pub threads: usize,
    /// The configuration for the record.
    pub config: XanesConfig,
}

/// Where scattering factors come from.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstantsChoice {
    /// A table, with the f' of further elements.
    Table(TableSource, Vec<Element>),
    /// The vanadium paper's.
    Paper,
}

const TABLES: [(&str, TableSource); 2] = [("henke", TableSource::Henke), ("chantler", TableSource::Chantler)];

impl XanesSettings {
    /// Completes and checks a configuration.
    ///
    /// # Errors
    /// Every value that makes no sense.
    pub fn resolve(config: XanesConfig) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Mistakes::default();
        let element = |key, symbol: &String, mistakes: &mut Mistakes| match Element::from_symbol(symbol) {
            Ok(element) => Some(element),
            Err(error) => {
                mistakes.add(key, symbol, error.to_string());
                None
            }
        };
        let absorber = config.absorber.as_ref().and_then(|symbol| element("absorber", symbol, &mut mistakes));
        let mut others = Vec::new();
        for symbol in &config.constants.elements {
            others.extend(element("constants.elements", symbol, &mut mistakes));
        }
        let edge = mistakes.number("edge_ev", config.edge_ev, Allowed::Positive);
        let table = mistakes.choose("constants.table", config.constants.table.as_ref(), &TABLES);
        let constants = constants(&config, table, others, absorber, &mut mistakes);
        let mut guard = Guard::default();
        mistakes.set("guard.sigmas", config.guard.sigmas, Allowed::NotNegative, &mut guard.sigmas);
        mistakes.set("guard.jump", config.guard.jump, Allowed::NotNegative, &mut guard.jump);
        for roi in &config.roi {
            check_roi(roi, &mut mistakes);
        }
        let fit = fit_settings(&config, &mut mistakes);
        let settings = Self {
            stack: config.stack.resolve(&mut mistakes),
            absorber,
            edge: edge.map(ElectronVolts::new),
            model: ModelPlan::resolve(&config.model, &mut mistakes),
            fit,
            roi: config.roi.clone(),
            constants,
            phase_energy: mistakes
                .number("phase.energy_ev", config.phase.energy_ev, Allowed::Positive)
                .map(ElectronVolts::new),
            phase_sigma: mistakes.number("phase.sigma_rad", config.phase.sigma_rad, Allowed::Positive),
            guard,
            regions: config.regions.clone(),
            threads: config.threads.unwrap_or(0),
            config,
        };
        if mistakes.0.is_empty() { Ok(settings) } else { Err(mistakes.0) }
    }
}

fn constants(
    config: &XanesConfig,
    table: Option<TableSource>,
    others: Vec<Element>,
    absorber: Option<Element>,
    mistakes: &mut Mistakes,
) -> ConstantsChoice {
    let paper = mistakes.choose(
        "constants.source",
        config.constants.source.as_ref(),
        &[("table", false), ("paper", true)],
    );
    if paper != Some(true) {
        return ConstantsChoice::Table(table.unwrap_or(TableSource::Henke), others);
    }
    if absorber.is_some_and(|absorber| absorber.symbol() != "V") {
        mistakes.add("constants.source", "paper", "the paper's constants are those of V; take \"table\"");
    }
    ConstantsChoice::Paper
}

fn fit_settings(config: &XanesConfig, mistakes: &mut Mistakes) -> Settings {
    let mut fit = Settings { polish: config.polish.unwrap_or(false), ..Settings::default() };
    let mut factor = 3.0;
    mistakes.set("noise.factor", config.noise.factor, Allowed::NotNegative, &mut factor);
    let rules =
        [("pooled", NoiseRule::Pooled(factor)), ("paper", NoiseRule::Paper), ("none", NoiseRule::None)];
    fit.noise = mistakes
        .choose("noise.rule", config.noise.rule.as_ref(), &rules)
        .unwrap_or(NoiseRule::Pooled(factor));
    mistakes.count("noise.pre_edge_points", config.noise.pre_edge_points, (3, usize::MAX), &mut fit.pre_edge);
    if let Some(saturation) = mistakes.number("saturation", config.saturation, Allowed::Positive) {
        fit.saturation = saturation as f32;
    }
    fit
}

fn check_roi(roi: &RoiConfig, mistakes: &mut Mistakes) {
    if roi.name.is_empty() || roi.name.contains('/') || roi.name == "." {
        mistakes.add("roi.name", &roi.name, "give every rectangle a name without /");
    }
    let ascending = match (roi.rectangle_m, roi.rectangle_px) {
        (Some([y0, x0, y1, x1]), None) => {
            y0 < y1 && x0 < x1 && y0 >= 0.0 && x0 >= 0.0 && (y1 + x1).is_finite()
        }
        (None, Some([y0, x0, y1, x1])) => y0 < y1 && x0 < x1,
        _ => {
            mistakes.add("roi", &roi.name, "give `rectangle_m` or `rectangle_px`");
            return;
        }
    };
    if !ascending {
        mistakes.add("roi", &roi.name, "give [y0, x0, y1, x1] with 0 ≤ y0 < y1 and 0 ≤ x0 < x1");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named_at_once() {
        let text = "absorber = \"Vx\"\nedge_ev = -1.0\nroi = [{ name = \"a/b\" }]\n[noise]\nrule = \"poled\"\npre_edge_points = 2\n\
                    [constants]\ntable = \"nist\"\n[guard]\nsigmas = -1.0\n[model]\nedge = \"step\"\n";
        let mistakes = XanesSettings::resolve(toml::from_str(text).expect("TOML")).unwrap_err();
        // absorber, edge, table, guard, name and rectangle of the ROI, rule, points, edge shape.
        assert_eq!(mistakes.len(), 9, "{mistakes:?}");
    }

    #[test]
    fn the_papers_constants_are_for_vanadium() {
        let text = "absorber = \"Fe\"\nconstants = { source = \"paper\" }\n";
        let mistakes = XanesSettings::resolve(toml::from_str(text).expect("TOML")).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    }
}
