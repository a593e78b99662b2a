//! Images of one sample at many photon energies.

use crate::energies::Energies;
use crate::point::Point;
use crate::quantity::Metres;
use ndarray::{Array2, Array3};
use thiserror::Error;

/// Registered images of one sample, one per energy, on common pixels.
///
/// A missing value is NaN. Fits and maps carry it along; none is ever replaced by a number.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyStack {
    energies: Energies,
    optical_density: Array3<f32>,
    phase: Option<Array3<f32>>,
    pixel: Option<Point<Metres>>,
}

/// Why images do not make a stack.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum EnergyStackError {
    /// As many images as energies are needed.
    #[error(
        "energy stack: {images} images for {energies} energies; one image per energy, along the first axis"
    )]
    Count {
        /// Images along the first axis.
        images: usize,
        /// Energies.
        energies: usize,
    },
    /// Optical density and phase differ in shape.
    #[error(
        "energy stack: optical density is {optical_density:?} and phase {phase:?} (energy, y, x); both must agree"
    )]
    Shape {
        /// Shape of the optical density.
        optical_density: Vec<usize>,
        /// Shape of the phase.
        phase: Vec<usize>,
    },
}

impl EnergyStack {
    /// A stack of optical densities `μt = −2 ln|T|`, `(energy, y, x)`, and if there are any of phases `φ = arg T` in
    /// radians of the same shape.
    ///
    /// # Errors
    /// [`EnergyStackError`] if counts or shapes disagree.
    pub fn new(
        energies: Energies,
        optical_density: Array3<f32>,
        phase: Option<Array3<f32>>,
        pixel: Option<Point<Metres>>,
    ) -> Result<Self, EnergyStackError> {
        if optical_density.dim().0 != energies.len() {
            return Err(EnergyStackError::Count {
                images: optical_density.dim().0,
                energies: energies.len(),
            });
        }
        if let Some(phase) = phase.as_ref().filter(|phase| phase.dim() != optical_density.dim()) {
            return Err(EnergyStackError::Shape {
                optical_density: optical_density.shape().to_vec(),
                phase: phase.shape().to_vec(),
            });
        }
        Ok(Self { energies, optical_density, phase, pixel })
    }

    /// The energy axis.
    pub fn energies(&self) -> &Energies {
        &self.energies
    }

    /// `μt`, `(energy, y, x)`.
    pub fn optical_density(&self) -> &Array3<f32> {
        &self.optical_density
    }

    /// `φ` in radians, `(energy, y, x)`.
    pub fn phase(&self) -> Option<&Array3<f32>> {
        self.phase.as_ref()
    }

    /// Size of a pixel on the sample.
    pub fn pixel(&self) -> Option<Point<Metres>> {
        self.pixel
    }

    /// Shape `(y, x)` of an image.
    pub fn shape(&self) -> (usize, usize) {
        let (_, ny, nx) = self.optical_density.dim();
        (ny, nx)
    }

    /// Pixels `(y, x)` that have a number at every energy, in every channel.
    pub fn complete(&self) -> Array2<bool> {
        let channels = std::iter::once(&self.optical_density).chain(&self.phase);
        let mut complete = Array2::from_elem(self.shape(), true);
        for image in channels.flat_map(|channel| channel.outer_iter()) {
            complete.zip_mut_with(&image, |complete, value| *complete &= value.is_finite());
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn energies() -> Energies {
        Energies::new(&[1.0, 2.0]).expect("ascending")
    }

    #[test]
    fn counts_and_shapes_must_agree() {
        let image = |n| Array3::zeros((n, 3, 4));
        assert_eq!(
            EnergyStack::new(energies(), image(3), None, None).map(|_| ()),
            Err(EnergyStackError::Count { images: 3, energies: 2 })
        );
        let phase = Some(Array3::zeros((2, 4, 3)));
        assert!(matches!(
            EnergyStack::new(energies(), image(2), phase, None),
            Err(EnergyStackError::Shape { .. })
        ));
    }

    #[test]
    fn a_pixel_is_complete_if_no_energy_misses_it() -> Result<(), EnergyStackError> {
        let mut optical_density = Array3::zeros((2, 1, 3));
        let mut phase = Array3::zeros((2, 1, 3));
        optical_density[[1, 0, 0]] = f32::NAN;
        phase[[0, 0, 2]] = f32::INFINITY;
        let stack = EnergyStack::new(energies(), optical_density, Some(phase), None)?;
        assert_eq!(stack.complete(), ndarray::arr2(&[[false, true, false]]));
        Ok(())
    }
}
