//! Where source, sample and detector stand, and what pixel on the object follows.

use crate::point::Point;
use crate::quantity::{ElectronVolts, Metres};

/// How the wave travels from the sample to the detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Propagation {
    /// Fraunhofer diffraction: the detector sees the Fourier transform.
    FarField,
    /// Fresnel diffraction. A finite distance from focus to sample magnifies.
    NearField {
        /// Focus (or source) to sample; `None` for a parallel beam.
        focus_to_sample: Option<Metres>,
    },
}

/// The measured geometry of a scan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    /// Photon energy.
    pub energy: ElectronVolts,
    /// Sample to detector.
    pub distance: Metres,
    /// Physical pixel of the detector, `(y, x)`.
    pub detector_pixel: Point<Metres>,
    /// Far or near field.
    pub propagation: Propagation,
}

impl Geometry {
    /// Photon wavelength.
    pub fn wavelength(&self) -> Metres {
        self.energy.wavelength()
    }

    /// Geometric magnification `M = (z₁ + z₂)/z₁` of a near-field set-up; 1 otherwise.
    pub fn magnification(&self) -> f64 {
        match self.propagation {
            Propagation::NearField { focus_to_sample: Some(z1) } => {
                (z1.value() + self.distance.value()) / z1.value()
            }
            _ => 1.0,
        }
    }

    /// Distance over which the equivalent parallel beam travels: `z₂/M = z₁ z₂/(z₁ + z₂)`
    /// (Fresnel scaling theorem). For the far field this is the distance itself.
    pub fn effective_distance(&self) -> Metres {
        Metres::new(self.distance.value() / self.magnification())
    }

    /// Pixel of the object grid for frames of `shape` = (ny, nx) pixels.
    ///
    /// Far field `Δ = λ z/(N p)`; near field `Δ = p/M`.
    pub fn object_pixel(&self, shape: (usize, usize)) -> Point<Metres> {
        let far = |count: usize, pixel: Metres| {
            Metres::new(self.wavelength().value() * self.distance.value() / (count as f64 * pixel.value()))
        };
        match self.propagation {
            Propagation::FarField => {
                Point::new(far(shape.0, self.detector_pixel.y), far(shape.1, self.detector_pixel.x))
            }
            Propagation::NearField { .. } => {
                self.detector_pixel.map(|pixel| Metres::new(pixel.value() / self.magnification()))
            }
        }
    }

    /// The geometry of the transposed frames: the detector's pixel axes swap.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self { detector_pixel: self.detector_pixel.transposed(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_field_magnifies_as_published() {
        // DESY P25 near-field data set: 3.65 mm focus-to-sample, 1.12 m to the detector, 55 µm pixel:
        // magnification 307.85, object pixel 178.66 nm, effective distance 3.638 mm.
        let geometry = Geometry {
            energy: ElectronVolts::new(12_658.0),
            distance: Metres::new(1.12),
            detector_pixel: Point::new(Metres::new(55e-6), Metres::new(55e-6)),
            propagation: Propagation::NearField { focus_to_sample: Some(Metres::new(3.65e-3)) },
        };
        assert!((geometry.magnification() - 307.85).abs() < 0.005);
        assert!((geometry.object_pixel((100, 100)).y.value() - 178.66e-9).abs() < 0.005e-9);
        assert!((geometry.effective_distance().value() - 3.638e-3).abs() < 0.0005e-3);
    }

    #[test]
    fn far_field_pixel_is_lambda_z_over_aperture() {
        // λ = 1 Å, z = 2 m, 200 × 100 pixels of 50 µm: Δ = 1e-10·2/(200·50e-6) = 20 nm in y, 40 nm in x.
        let geometry = Geometry {
            energy: ElectronVolts::from_wavelength(Metres::new(1e-10)),
            distance: Metres::new(2.0),
            detector_pixel: Point::new(Metres::new(50e-6), Metres::new(50e-6)),
            propagation: Propagation::FarField,
        };
        let pixel = geometry.object_pixel((200, 100));
        assert!((pixel.y.value() - 20e-9).abs() < 1e-18);
        assert!((pixel.x.value() - 40e-9).abs() < 1e-18);
    }
}
