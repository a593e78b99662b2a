//! From beam and object to the photons expected on each detector pixel.

use crate::C64;
use crate::error::SimError;
use crate::fourier::{Fourier, apply_shift, to_corner};
use crate::grid::Grid;
use crate::illumination::fine_modes;
use crate::phantom::Scene;
use crate::propagation::FreeSpace;
use crate::scan::ScanSimulation;
use crate::validate::{canvas, checked_grid};
use litho_types::geometry::Propagation;
use ndarray::{Array2, Zip, s};

/// Remainders of positions below this, in fine pixels, are rounding errors of their conversion from metres.
const ON_GRID: f64 = 1e-6;

/// Everything that is the same for all frames.
pub(crate) struct Forward {
    shape: (usize, usize),
    fine: (usize, usize),
    oversampling: usize,
    fourier: Fourier,
    modes: Vec<Array2<C64>>,
    /// Spectra of the modes, zero frequency and beam axis at the corner.
    spectra: Vec<Array2<C64>>,
    scene: Scene,
    places: Vec<Place>,
    /// Near-field transfer function; `None` in the far field.
    transfer: Option<Array2<C64>>,
}

/// Where a frame lies on the fine object.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// First fine pixel of the patch.
    corner: (usize, usize),
    /// Beam position minus the patch's middle, fine pixels.
    remainder: (f64, f64),
}

impl Forward {
    pub(crate) fn new(scan: &ScanSimulation) -> Result<Self, SimError> {
        let coarse = checked_grid(scan)?;
        let fine = coarse.refined(scan.oversampling);
        let canvas = canvas(&scan.positions, scan.oversampling, &coarse)?;
        let modes = fine_modes(scan, &coarse)?;
        let wavelength = scan.geometry.wavelength();
        let scene = scan.object.scene(&canvas, wavelength)?;
        let places = places(scan, &scene, &coarse)?;
        let transfer = match scan.geometry.propagation {
            Propagation::FarField => None,
            Propagation::NearField { .. } => {
                let distance = scan.geometry.effective_distance();
                Some(FreeSpace { wavelength, pixel: fine.pixel, distance }.transfer(fine.shape)?)
            }
        };
        let fourier = Fourier::new(fine.shape);
        let spectra = modes
            .iter()
            .map(|mode| {
                let mut spectrum = to_corner(mode.view());
                fourier.forward(&mut spectrum);
                spectrum
            })
            .collect();
        let (shape, oversampling) = (scan.shape, scan.oversampling);
        Ok(Self { shape, fine: fine.shape, oversampling, fourier, modes, spectra, scene, places, transfer })
    }

    pub(crate) fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The probe modes on the fine grid, centred.
    pub(crate) fn modes(&self) -> &[Array2<C64>] {
        &self.modes
    }

    /// Photons expected in frame `index`, `(y, x)`, zero frequency in the middle: `Σ_k |D[P_k(r − r_j) O(r)]|²`.
    pub(crate) fn intensity(&self, index: usize) -> Array2<f64> {
        let Place { corner: (y, x), remainder } = self.places[index];
        let patch = self.scene.transmission.slice(s![y..y + self.fine.0, x..x + self.fine.1]);
        let mut total = Array2::<f64>::zeros(self.fine);
        for mode in 0..self.modes.len() {
            let mut wave = self.shifted_mode(mode, remainder);
            wave *= &patch;
            self.fourier.forward(&mut wave);
            if let Some(transfer) = &self.transfer {
                wave *= transfer;
                // Beam and detector stand still while the object moves: undo the shift of the beam.
                apply_shift(&mut wave, (-remainder.0, -remainder.1));
                self.fourier.inverse(&mut wave);
            }
            Zip::from(&mut total).and(&wave).for_each(|t, w| *t += w.norm_sqr());
        }
        if self.transfer.is_some() { self.binned(&total) } else { self.central_frequencies(&total) }
    }

    /// The mode with its axis on the middle of the patch plus `remainder`, in fine pixels.
    fn shifted_mode(&self, mode: usize, remainder: (f64, f64)) -> Array2<C64> {
        let shift = (
            axis_index(self.shape.0, self.oversampling) + remainder.0,
            axis_index(self.shape.1, self.oversampling) + remainder.1,
        );
        if shift == ((self.fine.0 / 2) as f64, (self.fine.1 / 2) as f64) {
            return self.modes[mode].clone();
        }
        let mut wave = self.spectra[mode].clone();
        apply_shift(&mut wave, shift);
        self.fourier.inverse(&mut wave);
        wave
    }

    /// The detector's frequencies: the fine grid has the same field of view, so the same frequency step.
    fn central_frequencies(&self, fine: &Array2<f64>) -> Array2<f64> {
        let bin = |index: usize, count: usize, fine: usize| (index + fine - count / 2) % fine;
        Array2::from_shape_fn(self.shape, |(y, x)| {
            fine[(bin(y, self.shape.0, self.fine.0), bin(x, self.shape.1, self.fine.1))]
        })
    }

    /// Detector pixels collect what falls on them.
    fn binned(&self, fine: &Array2<f64>) -> Array2<f64> {
        let s = self.oversampling;
        Array2::from_shape_fn(self.shape, |(y, x)| {
            fine.slice(s![y * s..(y + 1) * s, x * s..(x + 1) * s]).sum()
        })
    }
}

/// Fine index of the optical axis in a patch: reconstruction pixel `N/2` is `s` fine pixels, and the axis is in their middle.
fn axis_index(count: usize, oversampling: usize) -> f64 {
    (oversampling * (count / 2)) as f64 + (oversampling as f64 - 1.0) / 2.0
}

fn places(scan: &ScanSimulation, scene: &Scene, coarse: &Grid) -> Result<Vec<Place>, SimError> {
    let s = scan.oversampling;
    let (rows, columns) = scene.transmission.dim();
    // Fine pixels from the first patch position possible, whole and remainder, or nothing if it is outside.
    let place = |position: f64, origin: f64, pixel: f64, count: usize, limit: usize| {
        let fine = (position - origin) * s as f64 / pixel;
        let whole = fine.round();
        let remainder = if (fine - whole).abs() < ON_GRID { 0.0 } else { fine - whole };
        let corner = whole - (s * (count / 2)) as f64;
        (corner >= 0.0 && corner + (s * count) as f64 <= limit as f64).then_some((corner as usize, remainder))
    };
    let mut all = Vec::with_capacity(scan.positions.len());
    for (index, position) in scan.positions.iter().enumerate() {
        let (y, x) = (position.y.value(), position.x.value());
        let along_y = place(y, scene.origin.0, coarse.pixel.y.value(), scan.shape.0, rows);
        let along_x = place(x, scene.origin.1, coarse.pixel.x.value(), scan.shape.1, columns);
        let (Some(in_y), Some(in_x)) = (along_y, along_x) else {
            return Err(SimError::OutsideObject { index, y, x, rows, columns });
        };
        all.push(Place { corner: (in_y.0, in_x.0), remainder: (in_y.1, in_x.1) });
    }
    Ok(all)
}
