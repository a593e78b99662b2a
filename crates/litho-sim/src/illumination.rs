//! The probe modes of a simulated scan on its fine grid.

use crate::C64;
use crate::aperture::Aperture;
use crate::error::SimError;
use crate::fourier::{Fourier, resize_spectrum, to_centre, to_corner, to_double};
use crate::grid::Grid;
use crate::modes::{partially_coherent, scale_to};
use crate::optics::{Optics, check_fits, normalise};
use crate::propagation::FreeSpace;
use crate::scan::{Illumination, ScanSimulation};
use litho_types::geometry::{Geometry, Propagation};
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::{Array2, Axis};

/// The modes of the beam on the fine grid, centred, `photons_per_frame` together.
pub(crate) fn fine_modes(scan: &ScanSimulation, coarse: &Grid) -> Result<Vec<Array2<C64>>, SimError> {
    let fine = coarse.refined(scan.oversampling);
    let mut modes = match &scan.illumination {
        Illumination::Optics { optics, diffuser, mode_powers } => {
            let wavelength = scan.geometry.wavelength();
            let wave = beam_at_sample(optics, &scan.geometry, &fine)?;
            let mut modes = partially_coherent(wave, mode_powers, &fine)?;
            if let Some(diffuser) = diffuser {
                modes.iter_mut().try_for_each(|mode| diffuser.apply(mode, &fine, wavelength))?;
            }
            modes
        }
        Illumination::Modes(modes) => {
            let (count, ny, nx) = modes.dim();
            if (ny, nx) != coarse.shape {
                let (array, reference) = ("the given probe", "a frame");
                return Err(SimError::Shape { array, got: (ny, nx), reference, want: coarse.shape });
            }
            SimError::positive("the number of given probe modes", count as f64, "modes")?;
            modes.axis_iter(Axis(0)).map(|mode| resampled(&to_double(mode), fine.shape)).collect()
        }
    };
    scale_to(&mut modes, scan.photons_per_frame)?;
    Ok(modes)
}

/// The centred wave on another number of samples over the same field of view, with the same power:
/// its frequencies are padded with zeros or cropped.
pub(crate) fn resampled(wave: &Array2<C64>, shape: (usize, usize)) -> Array2<C64> {
    if wave.dim() == shape {
        return wave.clone();
    }
    let mut spectrum = to_corner(wave.view());
    Fourier::new(wave.dim()).forward(&mut spectrum);
    let mut resized = resize_spectrum(&spectrum, shape);
    Fourier::new(shape).inverse(&mut resized);
    to_centre(resized.view())
}

/// The wave at the sample in the parallel frame of the geometry, of unit power.
fn beam_at_sample(optics: &Optics, geometry: &Geometry, grid: &Grid) -> Result<Array2<C64>, SimError> {
    let wavelength = geometry.wavelength();
    let Propagation::NearField { focus_to_sample: Some(focus_to_sample) } = geometry.propagation else {
        return optics.wave(grid, wavelength);
    };
    let defocus = optics.distance_to_sample();
    let Some(aperture) = optics.aperture(wavelength)? else {
        let fix = "a pinhole has no focus: give a mirror pair or zone plate, or a parallel beam";
        return Err(SimError::Value {
            quantity: "the focus-to-sample distance of a pinhole",
            value: focus_to_sample.to_string(),
            fix,
        });
    };
    if defocus.value() != 0.0 && defocus != focus_to_sample {
        let fix = "in a diverging near-field beam give 0 or the focus-to-sample distance of the geometry";
        return Err(SimError::Value {
            quantity: "the defocus of the optics",
            value: defocus.to_string(),
            fix,
        });
    }
    cone_beam(optics.name(), aperture, focus_to_sample, grid, wavelength)
}

/// A beam diverging from a focus `z₁` upstream, without its spherical phase (Fresnel scaling theorem).
///
/// With aperture `A` and focus field `F A`, Fresnel propagation over `z₁` gives
/// `exp(iπr²/λz₁) · [A(r/z₁) * exp(−iπr²/λz₁)]`: the shadow of the aperture, propagated by `−z₁`.
fn cone_beam(
    optics: &'static str,
    aperture: Aperture,
    focus_to_sample: Metres,
    grid: &Grid,
    wavelength: Metres,
) -> Result<Array2<C64>, SimError> {
    let z1 = focus_to_sample.value();
    let (half_y, half_x) = aperture.half_angles();
    let size = Point::new(Metres::new(2.0 * half_y * z1), Metres::new(2.0 * half_x * z1));
    check_fits(optics, size, grid)?;
    let (y, x) = grid.coordinates();
    let cell = (grid.pixel.y.value() / z1, grid.pixel.x.value() / z1);
    let mut wave = Array2::from_shape_fn(grid.shape, |(i, j)| {
        C64::from(aperture.amplitude((y[i] / z1, x[j] / z1), cell))
    });
    FreeSpace { wavelength, pixel: grid.pixel, distance: -focus_to_sample }.propagate_in_place(&mut wave)?;
    normalise(&mut wave)?;
    Ok(wave)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optics::MirrorAperture;
    use litho_types::quantity::ElectronVolts;

    #[test]
    fn the_shadow_is_the_defocused_beam() {
        // The defocused focus on a grid that holds its spherical phase, against the closed form. Same grid, same
        // physics, two routes; they differ by the aliasing of the aperture's edges, far below the fringes (~10 %).
        let wavelength = ElectronVolts::new(10_000.0).wavelength();
        let pixel = Point::new(Metres::new(2e-8), Metres::new(2e-8));
        let grid = Grid::new((256, 256), pixel).unwrap();
        let angle = Point::new(1e-3, 1.4e-3);
        let z1 = Metres::new(1e-3);
        let optics =
            Optics::KirkpatrickBaez { aperture: MirrorAperture::NumericalAperture(angle), defocus: z1 };
        let defocused = optics.wave(&grid, wavelength).unwrap();
        let aperture = optics.aperture(wavelength).unwrap().unwrap();
        let shadow = cone_beam("mirror pair", aperture, z1, &grid, wavelength).unwrap();
        let difference: f64 =
            defocused.iter().zip(&shadow).map(|(a, b)| (a.norm_sqr() - b.norm_sqr()).abs()).sum();
        assert!(difference < 0.02, "half the L1 distance of two unit intensities is {}", difference / 2.0);
    }
}
