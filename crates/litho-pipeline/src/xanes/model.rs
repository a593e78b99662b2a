//! The model of a spectrum from its settings.

use super::config::{ModelConfig, ParameterConfig, TermConfig};
use crate::config::{Allowed, Mistakes};
use crate::error::PipelineError;
use litho_spectro::fit::{Model, Parameter, Role, Shape, Term};

/// The edge that the bounds of [`Model::vanadium`] belong to, eV.
const VANADIUM_K_EV: f64 = 5465.0;
const EDGES: [(&str, Shape); 2] = [("erf", Shape::ErfEdge), ("arctan", Shape::ArctanEdge)];
const PEAKS: [(&str, Shape); 2] = [("lorentzian", Shape::Lorentzian), ("gaussian", Shape::Gaussian)];
const SHAPES: [(&str, Shape); 4] = [EDGES[0], EDGES[1], PEAKS[0], PEAKS[1]];
const WIDTH_ROLES: [(&str, Role); 3] =
    [("shared", Role::Shared), ("free", Role::Free), ("empirical-prior", Role::EmpiricalPrior)];

/// What is known of a model before the edge's energy is.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelPlan {
    edge: Shape,
    peaks: usize,
    peak: Shape,
    widths: Role,
    edge_width: Role,
    offset: ParameterConfig,
    terms: Vec<(TermConfig, Option<Shape>)>,
}

impl ModelPlan {
    /// Checks what can be checked without the stack.
    pub(super) fn resolve(config: &ModelConfig, mistakes: &mut Mistakes) -> Self {
        let mut peaks = 2;
        mistakes.count("model.peaks", config.peaks, (0, 2), &mut peaks);
        check_parameter(&config.offset, mistakes);
        let mut terms = Vec::new();
        for term in &config.terms {
            let shape = mistakes.choose("model.terms.shape", term.shape.as_ref(), &SHAPES);
            let changes =
                ["edge", "pre-edge", "second"].iter().take(1 + peaks).any(|name| *name == term.name);
            if !changes && term.shape.is_none() {
                mistakes.add("model.terms.shape", &term.name, "give a new term a shape");
            }
            for parameter in [&term.height, &term.centre, &term.width] {
                check_parameter(parameter, mistakes);
                if !changes && (parameter.lower.is_none() || parameter.upper.is_none()) {
                    let fix = "give height, centre and width of a new term `lower` and `upper`";
                    mistakes.add("model.terms", &term.name, fix);
                }
            }
            terms.push((term.clone(), shape));
        }
        Self {
            edge: mistakes.choose("model.edge", config.edge.as_ref(), &EDGES).unwrap_or(Shape::ErfEdge),
            peaks,
            peak: mistakes
                .choose("model.peak_shape", config.peak_shape.as_ref(), &PEAKS)
                .unwrap_or(Shape::Lorentzian),
            widths: mistakes
                .choose("model.peak_widths", config.peak_widths.as_ref(), &WIDTH_ROLES)
                .unwrap_or(Role::EmpiricalPrior),
            edge_width: mistakes
                .choose("model.edge_width", config.edge_width.as_ref(), &WIDTH_ROLES)
                .unwrap_or(Role::EmpiricalPrior),
            offset: config.offset.clone(),
            terms,
        }
    }

    /// The model for an edge at `edge_ev`: the vanadium paper's moved there, with the changes asked for.
    pub(super) fn at(&self, edge_ev: f64) -> Result<Model, PipelineError> {
        let standard = Model::vanadium().with_peak_widths(self.widths);
        let offset = standard.parameters().next().copied().unwrap_or(Parameter::between(-1.0, 2.0));
        let mut terms: Vec<Term> = standard.terms()[..=self.peaks].to_vec();
        let moved = edge_ev - VANADIUM_K_EV;
        for term in &mut terms {
            if term.shape.is_edge() {
                (term.shape, term.width.role) = (self.edge, self.edge_width);
            } else {
                term.shape = self.peak;
            }
            term.centre.lower += moved;
            term.centre.upper += moved;
        }
        for (change, shape) in &self.terms {
            let at = terms.iter().position(|term| term.name == change.name).unwrap_or_else(|| {
                let nothing = Parameter::between(0.0, 1.0);
                terms.push(Term {
                    name: change.name.clone(),
                    shape: Shape::Lorentzian,
                    height: nothing,
                    centre: nothing,
                    width: nothing,
                });
                terms.len() - 1
            });
            let term = &mut terms[at];
            term.shape = shape.unwrap_or(term.shape);
            term.height = changed(term.height, &change.height);
            term.centre = changed(term.centre, &change.centre);
            term.width = changed(term.width, &change.width);
        }
        Ok(Model::new(changed(offset, &self.offset), terms)?)
    }
}

/// Roles by name; "held" and "prior" need more than a name.
const ROLES: [(&str, ()); 5] =
    [("free", ()), ("held", ()), ("shared", ()), ("prior", ()), ("empirical-prior", ())];

fn check_parameter(config: &ParameterConfig, mistakes: &mut Mistakes) {
    let role = config.role.as_ref();
    mistakes.choose("model … role", role, &ROLES);
    let is = |name: &str| role.is_some_and(|role| role == name);
    if (is("held") || is("prior")) && config.value.is_none() {
        mistakes.add("model … value", "none", "give \"held\" and \"prior\" a `value`");
    }
    if is("prior") {
        match config.sigma {
            None => mistakes.add("model … sigma", "none", "give \"prior\" a `sigma`"),
            sigma => {
                mistakes.number("model … sigma", sigma, Allowed::Positive);
            }
        }
    }
}

/// A parameter with the changes asked for.
fn changed(parameter: Parameter, config: &ParameterConfig) -> Parameter {
    let value = config.value.unwrap_or(f64::NAN);
    let role = match config.role.as_deref() {
        Some("held") => Role::Held(value),
        Some("shared") => Role::Shared,
        Some("prior") => Role::Prior { value, sigma: config.sigma.unwrap_or(f64::NAN) },
        Some("empirical-prior") => Role::EmpiricalPrior,
        Some(_) => Role::Free,
        None => parameter.role,
    };
    Parameter {
        start: config.start.or(parameter.start),
        lower: config.lower.unwrap_or(parameter.lower),
        upper: config.upper.unwrap_or(parameter.upper),
        role,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Result<ModelPlan, Vec<String>> {
        let config: ModelConfig = toml::from_str(text).expect("TOML");
        let mut mistakes = Mistakes::default();
        let plan = ModelPlan::resolve(&config, &mut mistakes);
        if mistakes.0.is_empty() {
            Ok(plan)
        } else {
            Err(mistakes.0.iter().map(ToString::to_string).collect())
        }
    }

    #[test]
    fn without_settings_it_is_the_papers_model_with_priors_on_all_widths() {
        let model = plan("").unwrap().at(VANADIUM_K_EV).unwrap();
        let bare = plan("edge_width = \"free\"\npeak_widths = \"free\"").unwrap().at(VANADIUM_K_EV).unwrap();
        assert_eq!(bare, Model::vanadium());
        assert!(model.terms().iter().all(|term| term.width.role == Role::EmpiricalPrior));
    }

    #[test]
    fn bounds_move_with_the_edge_and_changes_apply() {
        let text = "edge = \"arctan\"\npeaks = 1\n[[terms]]\nname = \"edge\"\nwidth = { role = \"held\", value = 2.0 }\n\
                    [[terms]]\nname = \"white line\"\nshape = \"gaussian\"\nheight = { lower = 0.0, upper = 1.0 }\n\
                    centre = { lower = 7125.0, upper = 7140.0 }\nwidth = { lower = 1.0, upper = 5.0 }\n";
        let model = plan(text).unwrap().at(7112.0).unwrap();
        let terms = model.terms();
        assert_eq!(terms.len(), 3);
        assert_eq!((terms[0].shape, terms[0].width.role), (Shape::ArctanEdge, Role::Held(2.0)));
        assert_eq!((terms[0].centre.lower, terms[0].centre.upper), (7117.0, 7137.0));
        assert_eq!((terms[2].shape, terms[2].centre.upper), (Shape::Gaussian, 7140.0));
    }

    #[test]
    fn what_a_term_lacks_is_said() {
        let said = plan("[[terms]]\nname = \"x\"\nwidth = { lower = 1.0, upper = 2.0, role = \"prior\" }\n")
            .unwrap_err();
        // No shape, no bounds of height and of centre, neither value nor sigma of the prior.
        assert_eq!(said.len(), 5, "{said:?}");
    }
}
