//! The settings of `unmix`, complete and checked.

use super::config::UnmixConfig;
use crate::config::{Allowed, ConfigError, Mistakes};
use crate::stack_input::StackRequest;
use litho_spectro::unmix::{Background, Shift, UnmixOptions};

/// Everything `unmix` needs to know beside stack and references.
#[derive(Debug, Clone, PartialEq)]
pub struct UnmixSettings {
    /// How the stack is read.
    pub stack: StackRequest,
    /// The fit, noise left open.
    pub options: UnmixOptions,
    /// Whether energies are weighted by the noise that the stack states.
    pub weighted: bool,
    /// Components that references are looked for in, if said.
    pub components: Option<usize>,
    /// Whether the mean spectrum is taken off before components are found.
    pub centred: bool,
    /// Threads, 0 for one per core.
    pub threads: usize,
    /// The configuration for the record.
    pub config: UnmixConfig,
}

/// Method: (non-negative, sum to one).
const METHODS: [(&str, (bool, bool)); 3] =
    [("ols", (false, false)), ("nnls", (true, false)), ("sum-to-one", (true, true))];
const BACKGROUNDS: [(&str, Background); 3] =
    [("none", Background::None), ("constant", Background::Constant), ("linear", Background::Linear)];

impl UnmixSettings {
    /// Completes and checks a configuration.
    ///
    /// # Errors
    /// Every value that makes no sense.
    pub fn resolve(config: UnmixConfig) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Mistakes::default();
        let method = mistakes.choose("method", config.method.as_ref(), &METHODS);
        let (non_negative, sum_to_one) = method.unwrap_or((true, false));
        let background = mistakes.choose("background", config.background.as_ref(), &BACKGROUNDS);
        if let Some([low, high]) = config.range_ev
            && !(low.is_finite() && high.is_finite() && low < high)
        {
            mistakes.add("range_ev", format!("[{low}, {high}]"), "give [lowest, highest]");
        }
        let (mut most, mut step) = (1.0, 0.1);
        mistakes.set("shift.most_ev", config.shift.most_ev, Allowed::Positive, &mut most);
        mistakes.set("shift.step_ev", config.shift.step_ev, Allowed::Positive, &mut step);
        let shifts = [
            ("none", Shift::None),
            ("shared", Shift::Common { most, step }),
            ("per-pixel", Shift::PerPixel { most, step }),
        ];
        let shift = mistakes.choose("shift.of", config.shift.of.as_ref(), &shifts);
        let mut count = 1;
        mistakes.count("components.count", config.components.count, (1, usize::MAX), &mut count);
        let settings = Self {
            stack: config.stack.resolve(&mut mistakes),
            options: UnmixOptions {
                non_negative,
                sum_to_one,
                background: background.unwrap_or(Background::Constant),
                shift: shift.unwrap_or(Shift::None),
                range: config.range_ev.map(|[low, high]| (low, high)),
                noise: None,
            },
            weighted: config.weighted.unwrap_or(true),
            components: config.components.count.map(|_| count),
            centred: config.components.centred.unwrap_or(false),
            threads: config.threads.unwrap_or(0),
            config,
        };
        if mistakes.0.is_empty() { Ok(settings) } else { Err(mistakes.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named_at_once() {
        let text = "method = \"lasso\"\nbackground = \"quadratic\"\nrange_ev = [720.0, 700.0]\n\
                    [shift]\nof = \"all\"\nstep_ev = 0.0\n[components]\ncount = 0\n";
        let mistakes = UnmixSettings::resolve(toml::from_str(text).expect("TOML")).unwrap_err();
        assert_eq!(mistakes.len(), 6, "{mistakes:?}");
    }

    #[test]
    fn a_plain_fit_has_coefficients_above_zero_and_a_constant() {
        let settings = UnmixSettings::resolve(UnmixConfig::default()).unwrap();
        let expected =
            UnmixOptions { non_negative: true, background: Background::Constant, ..UnmixOptions::default() };
        assert_eq!(settings.options, expected);
    }
}
