//! How much absorber there typically is, to scale the prior.

use super::KkError;
use super::transform::Reference;
use litho_types::energies::Energies;
use litho_types::quantity::ELECTRON_RADIUS_METRES;
use litho_types::scattering::{Element, TableSource};
use ndarray::{Array2, ArrayView2, ArrayView3, Axis, Zip};

const NAME: &str = "typical density";

/// Atoms of `absorber` per m²: root mean square over the pixels where `material` `(y, x)` is true of the rise of the optical
/// density `(energy, y, x)` through the edge over the table's. Pixels that miss a number at an energy before the edge or well
/// beyond do not count. The slow rest is taken as constant, so this is good to some ten per cent: enough for
/// [`Lifetime`](super::Lifetime).
///
/// # Errors
/// [`KkError::Shape`], [`KkError::NoEdge`], [`KkError::Scattering`]; [`KkError::NoMaterial`] if no pixel counts.
pub fn typical_density(
    optical_density: ArrayView3<'_, f32>,
    material: ArrayView2<'_, bool>,
    energies: &Energies,
    absorber: Element,
) -> Result<f64, KkError> {
    let (images, ny, nx) = optical_density.dim();
    let shape = |what, found: &[usize], expected: &[usize]| KkError::Shape {
        operation: NAME,
        what,
        found: found.to_vec(),
        expected: expected.to_vec(),
    };
    if images != energies.len() {
        let what = "the optical density (energy, y, x)";
        return Err(shape(what, optical_density.shape(), &[energies.len(), ny, nx]));
    }
    if material.dim() != (ny, nx) {
        return Err(shape("the mask of material (y, x)", material.shape(), &[ny, nx]));
    }
    let filter = filter(energies, absorber)?;
    let mut density = Array2::<f64>::zeros((ny, nx));
    for (image, factor) in
        optical_density.axis_iter(Axis(0)).zip(&filter).filter(|(_, factor)| **factor != 0.0)
    {
        density.zip_mut_with(&image, |sum, &value| *sum += factor * f64::from(value));
    }
    let (mut sum, mut pixels) = (0.0, 0);
    Zip::from(&density).and(material).for_each(|&density, &material| {
        if material && density.is_finite() {
            sum += density * density;
            pixels += 1;
        }
    });
    let typical = (sum / f64::from(pixels)).sqrt();
    if typical.is_finite() && typical > 0.0 { Ok(typical) } else { Err(KkError::NoMaterial { pixels }) }
}

/// The linear functional of μt that gives N: the mean beyond the middle between the edge and the last energy, less the mean
/// before the edge, over the same of 2 `r_e` λ f''.
fn filter(energies: &Energies, absorber: Element) -> Result<Vec<f64>, KkError> {
    let Reference { f_double_prime, edges, .. } = Reference::new(absorber, energies, TableSource::Henke)?;
    let first = edges.iter().map(|edge| edge.energy).fold(f64::INFINITY, f64::min);
    let last = edges.iter().map(|edge| edge.energy).fold(0.0, f64::max);
    let middle = 0.5 * (last + energies.last().value());
    let nodes = energies.electron_volts();
    let before = nodes.iter().filter(|e| **e < first).count() as f64;
    let beyond = nodes.iter().filter(|e| **e > middle).count() as f64;
    let step: Vec<f64> = nodes
        .iter()
        .map(|&e| match e {
            e if e < first => -1.0 / before,
            e if e > middle => 1.0 / beyond,
            _ => 0.0,
        })
        .collect();
    let waves = energies.iter().map(|e| 2.0 * ELECTRON_RADIUS_METRES * e.wavelength().value());
    let jump: f64 = step.iter().zip(waves).zip(f_double_prime).map(|((s, wave), f2)| s * wave * f2).sum();
    Ok(step.iter().map(|step| step / jump).collect())
}
