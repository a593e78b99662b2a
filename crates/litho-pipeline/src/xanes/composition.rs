//! Which element and edge a stack is about, its scattering factors, and its phase image.

use super::settings::{ConstantsChoice, XanesSettings};
use crate::error::PipelineError;
use crate::stack_input::LoadedStack;
use litho_spectro::composition::{AbsorberConstants, CompositionMaps, PhaseImage, composition_maps};
use litho_spectro::fit::{FitMaps, Status};
use litho_types::quantity::ElectronVolts;
use litho_types::scattering::{Element, tabulated_edges};
use ndarray::{ArrayView2, Axis};

/// The element whose edge was scanned, if known, and the edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Subject {
    pub(super) absorber: Option<Element>,
    pub(super) edge: ElectronVolts,
}

/// What the settings say, else the stack, else vanadium if its K edge lies within the energies.
pub(super) fn subject(
    settings: &XanesSettings,
    loaded: &LoadedStack,
    warnings: &mut Vec<String>,
) -> Result<Subject, PipelineError> {
    let energies = loaded.stack.energies();
    let within = |energy: ElectronVolts| energies.first() <= energy && energy <= energies.last();
    let of_stack = loaded.absorber.as_ref().and_then(|symbol| Element::from_symbol(symbol).ok());
    let edge_of = |element: Element| {
        let edges = tabulated_edges(element).unwrap_or_default().into_iter();
        let inside = edges.filter(|edge| within(edge.below));
        inside.max_by(|a, b| a.jump().total_cmp(&b.jump())).map(|edge| edge.below)
    };
    let mut absorber = settings.absorber.or(of_stack);
    if absorber.is_none() && settings.edge.is_none() {
        let vanadium = Element::from_symbol("V").ok().filter(|element| edge_of(*element).is_some());
        absorber = vanadium;
        if vanadium.is_some() {
            warnings
                .push("no absorber is stated; the energies span the K edge of V, which is taken".to_owned());
        }
    }
    let edge = settings.edge.or_else(|| absorber.and_then(edge_of));
    let Some(edge) = edge else {
        let range = format!("{} to {}", energies.first(), energies.last());
        let reason = match absorber {
            None => {
                "no absorber is stated; give `absorber` (--absorber) and, if need be, `edge_ev`".to_owned()
            }
            Some(element) => {
                format!("{} has no tabulated edge within the energies; give `edge_ev`", element.symbol())
            }
        };
        return Err(PipelineError::argument("xanes: energies", range, reason));
    };
    Ok(Subject { absorber, edge })
}

/// Areal densities and their ratio, as far as absorber and phase are known.
pub(super) struct Composition {
    /// Atoms, electrons and ratio; without a phase the atoms alone hold.
    pub(super) maps: CompositionMaps,
    /// Energy and standard deviation of the phase image; none without phase.
    pub(super) phase: Option<(ElectronVolts, f64)>,
}

/// The composition, none if the absorber is not known.
pub(super) fn composition(
    settings: &XanesSettings,
    loaded: &LoadedStack,
    subject: Subject,
    fit: &FitMaps,
    warnings: &mut Vec<String>,
) -> Result<Option<Composition>, PipelineError> {
    let Some(absorber) = subject.absorber else {
        warnings.push(
            "no absorber is stated: there are no maps n_absorber and n_eff_ratio; give `absorber`".to_owned(),
        );
        return Ok(None);
    };
    let stack = &loaded.stack;
    let energies = stack.energies();
    let at = settings.phase_energy.map_or(0, |wanted| energies.nearest(wanted));
    let energy = ElectronVolts::new(energies.electron_volts()[at]);
    let constants = match &settings.constants {
        ConstantsChoice::Paper if absorber.symbol() != "V" => {
            let reason = "the paper's constants are those of V; take \"table\"";
            return Err(PipelineError::argument("constants.source", "paper", reason));
        }
        ConstantsChoice::Paper => AbsorberConstants::vanadium_paper()?,
        ConstantsChoice::Table(table, others) => {
            AbsorberConstants::from_table(*table, absorber, others, (subject.edge, energy))?
        }
    };
    let (jump, jump_sigma) = jump(fit);
    let missing = ndarray::Array2::from_elem(stack.shape(), f32::NAN);
    let (image, phase) = if let Some(phase) = stack.phase() {
        let image = phase.index_axis(Axis(0), at);
        let known = settings.phase_sigma.or_else(|| loaded.phase_noise.as_ref().map(|noise| noise[at]));
        let sigma = known.or_else(|| scatter_beside(image, fit));
        if sigma.is_none() {
            warnings.push("the noise of the phase is not known: n_eff_sigma and n_eff_ratio_sigma are NaN; give `phase.sigma_rad`".to_owned());
        }
        (image, Some((energy, sigma.unwrap_or(f64::NAN))))
    } else {
        warnings.push("the stack has no phase: there are no maps n_eff and n_eff_ratio".to_owned());
        (missing.view(), None)
    };
    let image = PhaseImage { phase: image, sigma: phase.map_or(f64::NAN, |(_, sigma)| sigma), energy };
    let maps = composition_maps((jump.view(), jump_sigma.view()), image, &constants, settings.guard)?;
    Ok(Some(Composition { maps, phase }))
}

/// The edge jump and its standard deviation where they may be used.
fn jump(fit: &FitMaps) -> (ndarray::Array2<f64>, ndarray::Array2<f32>) {
    let mut sigma = fit.edge_jump_sigma.clone();
    sigma.zip_mut_with(&fit.status, |sigma, status| {
        if !status.is_usable() {
            *sigma = f32::NAN;
        }
    });
    (fit.where_usable(fit.edge_jump.view()), sigma)
}

/// Fewest pixels without an edge that tell the noise of the phase.
const FEWEST: usize = 32;

/// Standard deviation of the phase, as 1.4826 times the median deviation, over the pixels without an edge.
fn scatter_beside(image: ArrayView2<'_, f32>, fit: &FitMaps) -> Option<f64> {
    let beside = image.iter().zip(&fit.status).filter(|(_, status)| **status == Status::BelowNoise);
    let mut values: Vec<f64> =
        beside.map(|(phase, _)| f64::from(*phase)).filter(|phase| phase.is_finite()).collect();
    if values.len() < FEWEST {
        return None;
    }
    let middle = median(&mut values);
    let mut off: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    Some(1.4826 * median(&mut off)).filter(|sigma| *sigma > 0.0)
}

fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}
