//! The beams of common X-ray optics: zone plate, Kirkpatrick–Baez mirrors, pinhole.
//!
//! They illuminate simulated scans and are the starting probes of reconstructions.

use crate::C64;
use crate::aperture::{Aperture, disk};
use crate::error::SimError;
use crate::fourier::{Fourier, power, to_centre, to_single};
use crate::grid::Grid;
use crate::propagation::FreeSpace;
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::Array2;

/// What forms the beam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Optics {
    /// Fresnel zone plate in first order; an order-sorting aperture is assumed to stop all other orders.
    ZonePlate {
        /// Diameter of the zone plate, `D`.
        diameter: Metres,
        /// Width of the outermost zone, `Δr`: the aperture is `NA = λ/(2Δr)`, the focal length `DΔr/λ`.
        outermost_zone: Metres,
        /// Diameter of the central stop; zero for none.
        stop_diameter: Metres,
        /// Focus to sample; positive when the sample stands downstream.
        defocus: Metres,
    },
    /// Pair of crossed mirrors.
    KirkpatrickBaez {
        /// What the mirrors accept.
        aperture: MirrorAperture,
        /// Focus to sample; positive when the sample stands downstream.
        defocus: Metres,
    },
    /// Round hole in a coherent plane wave.
    Pinhole {
        /// Diameter of the hole.
        diameter: Metres,
        /// Hole to sample.
        distance: Metres,
    },
}

/// The aperture of a mirror pair, `(y, x)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MirrorAperture {
    /// Rectangular, with these numerical apertures (half-angles in radians).
    NumericalAperture(Point<f64>),
    /// Rectangular, with a focus `sinc²` of this full width at half maximum.
    FocusWidth(Point<Metres>),
    /// Gaussian, with a focus of this full width at half maximum of intensity.
    GaussianFocus(Point<Metres>),
}

/// Full width at half maximum of `sinc²(u)`, `u = 2 NA x/λ`.
const SINC_SQUARED_FWHM: f64 = 0.885_892_941;

impl Optics {
    /// The wave at the sample, `(y, x)`, centred, of unit power `Σ|P|² = 1`.
    ///
    /// Focusing optics: `P = F⁻¹[A(λq) H_z(q)]` with aperture `A` and defocus `z`. A pinhole: its
    /// disk, propagated. No noise, no aberration, fully coherent.
    ///
    /// # Errors
    /// [`SimError::Value`] for impossible numbers, [`SimError::ApertureTooWide`] if the beam's angles
    /// exceed what the pixel holds, [`SimError::BeamTooLarge`] if the beam is wider than the grid.
    pub fn probe(&self, grid: &Grid, wavelength: Metres) -> Result<Array2<C32>, SimError> {
        Ok(to_single(&self.wave(grid, wavelength)?))
    }

    /// The same in double precision.
    pub(crate) fn wave(&self, grid: &Grid, wavelength: Metres) -> Result<Array2<C64>, SimError> {
        self.check_sampling(grid, wavelength)?;
        let mut wave = match self.aperture(wavelength)? {
            Some(aperture) => focused(aperture, self.distance_to_sample(), grid, wavelength)?,
            None => self.behind_pinhole(grid, wavelength)?,
        };
        normalise(&mut wave)?;
        Ok(wave)
    }

    /// Name of the optics, as messages use it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ZonePlate { .. } => "zone plate",
            Self::KirkpatrickBaez { .. } => "mirror pair",
            Self::Pinhole { .. } => "pinhole",
        }
    }

    /// Focus (or hole) to sample, positive downstream.
    pub const fn distance_to_sample(&self) -> Metres {
        match *self {
            Self::ZonePlate { defocus, .. } | Self::KirkpatrickBaez { defocus, .. } => defocus,
            Self::Pinhole { distance, .. } => distance,
        }
    }

    /// The same optics with the sample moved to `distance` from the focus (or hole).
    #[must_use]
    pub const fn at_distance(self, distance: Metres) -> Self {
        match self {
            Self::ZonePlate { diameter, outermost_zone, stop_diameter, .. } => {
                Self::ZonePlate { diameter, outermost_zone, stop_diameter, defocus: distance }
            }
            Self::KirkpatrickBaez { aperture, .. } => Self::KirkpatrickBaez { aperture, defocus: distance },
            Self::Pinhole { diameter, .. } => Self::Pinhole { diameter, distance },
        }
    }

    /// Width of the beam at the sample, `(y, x)`: geometric shadow `2 NA |z|` plus the diffraction width `λ/(2 NA)`;
    /// for a pinhole its diameter plus the Airy disk `2.44 λz/D`.
    ///
    /// # Errors
    /// [`SimError::Value`] for impossible numbers.
    pub fn beam_size(&self, wavelength: Metres) -> Result<Point<Metres>, SimError> {
        let lambda = wavelength.value();
        let z = self.distance_to_sample().value().abs();
        if let Some(aperture) = self.aperture(wavelength)? {
            let (y, x) = aperture.half_angles();
            let size = |half_angle: f64| Metres::new(2.0 * half_angle * z + lambda / (2.0 * half_angle));
            return Ok(Point::new(size(y), size(x)));
        }
        let diameter = self.pinhole_diameter()?;
        let size = Metres::new(diameter + 2.44 * lambda * z / diameter);
        Ok(Point::new(size, size))
    }

    /// The angular aperture of focusing optics; `None` for a pinhole.
    pub(crate) fn aperture(&self, wavelength: Metres) -> Result<Option<Aperture>, SimError> {
        let lambda = SimError::positive("the wavelength", wavelength.value(), "m")?;
        SimError::finite("the distance from focus to sample", self.distance_to_sample().value(), "m")?;
        let aperture = match *self {
            Self::ZonePlate { diameter, outermost_zone, stop_diameter, .. } => {
                zone_plate_aperture(diameter, outermost_zone, stop_diameter, lambda)?
            }
            Self::KirkpatrickBaez { aperture, .. } => mirror_aperture(aperture, lambda)?,
            Self::Pinhole { .. } => return Ok(None),
        };
        let (y, x) = aperture.half_angles();
        if y.max(x) >= 0.5 {
            return Err(SimError::Value {
                quantity: "the half-angle of the beam",
                value: format!("{:.3} rad", y.max(x)),
                fix: "X-ray optics stay far below 0.5 rad: check zone width, focus size and energy",
            });
        }
        Ok(Some(aperture))
    }

    fn check_sampling(&self, grid: &Grid, wavelength: Metres) -> Result<(), SimError> {
        let optics = self.name();
        if let Some(aperture) = self.aperture(wavelength)? {
            let (y, x) = aperture.half_angles();
            for (axis, angle, pixel) in [('y', y, grid.pixel.y), ('x', x, grid.pixel.x)] {
                // The highest frequency of the grid is 1/(2Δ), at angle λ/(2Δ).
                let limit = wavelength.value() / (2.0 * pixel.value());
                if angle > limit {
                    return Err(SimError::ApertureTooWide {
                        optics,
                        axis,
                        angle,
                        limit,
                        pixel: pixel.to_string(),
                    });
                }
            }
        }
        check_fits(optics, self.beam_size(wavelength)?, grid)
    }

    fn pinhole_diameter(&self) -> Result<f64, SimError> {
        match *self {
            Self::Pinhole { diameter, .. } => {
                SimError::positive("the diameter of the pinhole", diameter.value(), "m")
            }
            _ => Ok(0.0),
        }
    }

    fn behind_pinhole(&self, grid: &Grid, wavelength: Metres) -> Result<Array2<C64>, SimError> {
        let radius = self.pinhole_diameter()? / 2.0;
        let (y, x) = grid.coordinates();
        let cell = (grid.pixel.y.value(), grid.pixel.x.value());
        let mut wave =
            Array2::from_shape_fn(grid.shape, |(i, j)| C64::from(disk(radius, (y[i], x[j]), cell)));
        let distance = self.distance_to_sample();
        FreeSpace { wavelength, pixel: grid.pixel, distance }.propagate_in_place(&mut wave)?;
        Ok(wave)
    }
}

/// `P = F⁻¹[A(λq) H_z(q)]`, centred.
fn focused(
    aperture: Aperture,
    defocus: Metres,
    grid: &Grid,
    wavelength: Metres,
) -> Result<Array2<C64>, SimError> {
    let lambda = wavelength.value();
    let (qy, qx) = grid.frequencies();
    let field = grid.field_of_view();
    let cell = (lambda / field.y.value(), lambda / field.x.value());
    let mut wave = FreeSpace { wavelength, pixel: grid.pixel, distance: defocus }.transfer(grid.shape)?;
    for ((y, x), value) in wave.indexed_iter_mut() {
        *value *= aperture.amplitude((lambda * qy[y], lambda * qx[x]), cell);
    }
    Fourier::new(grid.shape).inverse(&mut wave);
    Ok(to_centre(wave.view()))
}

fn zone_plate_aperture(
    diameter: Metres,
    outermost_zone: Metres,
    stop_diameter: Metres,
    lambda: f64,
) -> Result<Aperture, SimError> {
    let diameter = SimError::positive("the diameter of the zone plate", diameter.value(), "m")?;
    let zone = SimError::positive("the outermost zone of the zone plate", outermost_zone.value(), "m")?;
    let stop = SimError::not_negative("the diameter of the central stop", stop_diameter.value(), "m")?;
    if stop >= diameter {
        let value = stop_diameter.to_string();
        let fix = "give one smaller than the zone plate, or 0 for none";
        return Err(SimError::Value { quantity: "the diameter of the central stop", value, fix });
    }
    if zone > diameter / 4.0 {
        let value = outermost_zone.to_string();
        let fix = "give the width of the outermost zone, far smaller than the diameter";
        return Err(SimError::Value { quantity: "the outermost zone of the zone plate", value, fix });
    }
    // NA = λ/(2Δr) (Attwood & Sakdinawat, X-Rays and EUV Radiation, ch. 10)
    let outer = lambda / (2.0 * zone);
    Ok(Aperture::Annulus { outer, inner: outer * stop / diameter })
}

fn mirror_aperture(aperture: MirrorAperture, lambda: f64) -> Result<Aperture, SimError> {
    let width = |focus: Point<Metres>| -> Result<(f64, f64), SimError> {
        let y = SimError::positive("the focus width of the mirrors along y", focus.y.value(), "m")?;
        Ok((y, SimError::positive("the focus width of the mirrors along x", focus.x.value(), "m")?))
    };
    match aperture {
        MirrorAperture::NumericalAperture(angle) => {
            let y = SimError::positive("the numerical aperture of the mirrors along y", angle.y, "rad")?;
            let x = SimError::positive("the numerical aperture of the mirrors along x", angle.x, "rad")?;
            Ok(Aperture::Rectangle { half: (y, x) })
        }
        MirrorAperture::FocusWidth(focus) => {
            let (y, x) = width(focus)?;
            // |F⁻¹ slit|² = sinc²(2 NA x/λ), so NA = 0.886 λ/(2 FWHM).
            let half = |fwhm: f64| SINC_SQUARED_FWHM * lambda / (2.0 * fwhm);
            Ok(Aperture::Rectangle { half: (half(y), half(x)) })
        }
        MirrorAperture::GaussianFocus(focus) => {
            let (y, x) = width(focus)?;
            // Focus amplitude exp(−2 ln2 x²/w²) has the spectrum exp(−π²q²w²/(2 ln2)), q = θ/λ.
            let scale =
                |fwhm: f64| lambda * (2.0 * std::f64::consts::LN_2).sqrt() / (std::f64::consts::PI * fwhm);
            Ok(Aperture::Gaussian { width: (scale(y), scale(x)) })
        }
    }
}

/// An error unless a beam of `size` fits into the grid.
pub(crate) fn check_fits(optics: &'static str, size: Point<Metres>, grid: &Grid) -> Result<(), SimError> {
    let field = grid.field_of_view();
    for (axis, size, field) in [('y', size.y, field.y), ('x', size.x, field.x)] {
        if size > field {
            let (size, field) = (size.to_string(), field.to_string());
            return Err(SimError::BeamTooLarge { optics, axis, size, field });
        }
    }
    Ok(())
}

/// Scales the wave to `Σ|P|² = 1`.
pub(crate) fn normalise(wave: &mut Array2<C64>) -> Result<(), SimError> {
    let total = SimError::positive("the power of the beam", power(wave), "")?;
    let scale = total.sqrt().recip();
    wave.mapv_inplace(|v| v * scale);
    Ok(())
}
