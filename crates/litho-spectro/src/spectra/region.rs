//! The mean spectrum of a region.

use crate::SpectroError;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, Array3, ArrayView2, s};

/// Mean spectra of a region's complete pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionSpectrum {
    /// Complete pixels in the region.
    pub pixels: usize,
    /// Mean optical density at each energy.
    pub optical_density: Vec<f64>,
    /// Standard error of that mean, `√(Σ(x − x̄)²/(n (n − 1)))`; NaN for one pixel.
    pub optical_density_error: Vec<f64>,
    /// Mean phase at each energy, radians; empty without phases.
    pub phase: Vec<f64>,
    /// Standard error of that mean.
    pub phase_error: Vec<f64>,
}

/// The mask `(y, x)` of a rectangle of an image of `shape`: `size` pixels from `first` on, both `(y, x)`.
///
/// # Errors
/// [`SpectroError::Shape`] if it reaches beyond the image.
pub fn rectangle_mask(
    shape: (usize, usize),
    first: (usize, usize),
    size: (usize, usize),
) -> Result<Array2<bool>, SpectroError> {
    let found = (first.0.saturating_add(size.0), first.1.saturating_add(size.1));
    if found.0 > shape.0 || found.1 > shape.1 {
        let operation = "region spectrum";
        return Err(SpectroError::Shape { operation, map: "the rectangle's end", found, wanted: shape });
    }
    let mut mask = Array2::from_elem(shape, false);
    mask.slice_mut(s![first.0..found.0, first.1..found.1]).fill(true);
    Ok(mask)
}

/// The mean spectrum of the complete pixels of `mask` `(y, x)`.
///
/// # Errors
/// [`SpectroError::Shape`] if mask and images differ, [`SpectroError::EmptyRegion`] without a complete pixel.
pub fn mask_spectrum(
    stack: &EnergyStack,
    mask: ArrayView2<'_, bool>,
) -> Result<RegionSpectrum, SpectroError> {
    let operation = "region spectrum";
    if mask.dim() != stack.shape() {
        return Err(SpectroError::Shape {
            operation,
            map: "the mask",
            found: mask.dim(),
            wanted: stack.shape(),
        });
    }
    let mut chosen = stack.complete();
    chosen.zip_mut_with(&mask, |chosen, &inside| *chosen &= inside);
    let pixels = chosen.iter().filter(|&&chosen| chosen).count();
    if pixels == 0 {
        return Err(SpectroError::EmptyRegion { operation, region: 1 });
    }
    let (optical_density, optical_density_error) = means(stack.optical_density(), &chosen, pixels);
    let (phase, phase_error) = stack.phase().map(|phase| means(phase, &chosen, pixels)).unwrap_or_default();
    Ok(RegionSpectrum { pixels, optical_density, optical_density_error, phase, phase_error })
}

fn means(images: &Array3<f32>, chosen: &Array2<bool>, pixels: usize) -> (Vec<f64>, Vec<f64>) {
    let n = pixels as f64;
    let of_image = |image: ArrayView2<'_, f32>| {
        let values =
            || image.iter().zip(chosen).filter(|(_, chosen)| **chosen).map(|(&value, _)| f64::from(value));
        let mean = values().sum::<f64>() / n;
        let squares: f64 = values().map(|value| (value - mean).powi(2)).sum();
        (mean, (squares / (n * (n - 1.0))).sqrt())
    };
    images.outer_iter().map(of_image).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_types::energies::Energies;

    #[test]
    fn mean_and_standard_error_of_a_rectangle_leave_incomplete_pixels_out() -> Result<(), SpectroError> {
        let mut density = Array3::zeros((2, 2, 3));
        for (x, value) in [1.0, 2.0, 6.0].into_iter().enumerate() {
            density[(0, 0, x)] = value;
            density[(0, 1, x)] = 100.0;
        }
        density[(1, 0, 2)] = f32::NAN;
        let energies = Energies::new(&[1.0, 2.0]).expect("ascending");
        let stack = EnergyStack::new(energies, density, None, None).expect("two images");
        let mask = rectangle_mask((2, 3), (0, 0), (1, 3))?;
        let found = mask_spectrum(&stack, mask.view())?;
        // 1 and 2: mean 1.5, Σ(x − x̄)² = ½, over n (n − 1) = 2.
        assert_eq!((found.pixels, found.optical_density[0], found.optical_density_error[0]), (2, 1.5, 0.5));
        assert!(found.phase.is_empty());
        assert!(matches!(rectangle_mask((2, 3), (1, 0), (2, 1)), Err(SpectroError::Shape { .. })));
        let nothing = Array2::from_elem((2, 3), false);
        assert!(matches!(mask_spectrum(&stack, nothing.view()), Err(SpectroError::EmptyRegion { .. })));
        Ok(())
    }
}
