//! From the exit wave to the detector and back, with the modulus replaced there.

use crate::fft::{ColumnOp, ColumnTile, Fft2, Fft2Scratch, FftError, LANES, WaveBuffer};
use litho_types::C32;
use litho_types::geometry::{Geometry, Propagation};

/// How a wave reaches the detector.
#[derive(Debug)]
pub enum Propagator {
    /// Fraunhofer: one Fourier transform.
    FarField {
        /// Transform of a frame.
        fft: Fft2,
    },
    /// Fresnel: angular spectrum over the effective distance.
    NearField {
        /// Transform of a frame.
        fft: Fft2,
        /// Transfer function `H(q)`, `(y, x)`, zero frequency at the corner.
        transfer: Vec<C32>,
    },
}

/// A stack of probe modes' waves on their way, with the buffers the way needs.
#[derive(Debug)]
pub struct Wavefield {
    /// Waves `(mode, y, x)`.
    pub waves: WaveBuffer,
    scratch: Fft2Scratch,
}

impl Propagator {
    /// Far-field propagation of frames of `shape` = (ny, nx).
    ///
    /// # Errors
    /// [`FftError`] if a side is zero.
    pub fn far_field(shape: (usize, usize)) -> Result<Self, FftError> {
        Ok(Self::FarField { fft: Fft2::new(shape.0, shape.1)? })
    }

    /// The propagator of a measured geometry, for frames of `shape` = (ny, nx).
    ///
    /// # Errors
    /// [`FftError`] if a side is zero.
    pub fn from_geometry(geometry: &Geometry, shape: (usize, usize)) -> Result<Self, FftError> {
        match geometry.propagation {
            Propagation::FarField => Self::far_field(shape),
            Propagation::NearField { .. } => {
                let fft = Fft2::new(shape.0, shape.1)?;
                let distance = geometry.effective_distance().value();
                Ok(Self::NearField { transfer: angular_spectrum(geometry, shape, distance), fft })
            }
        }
    }

    /// Buffers for `modes` waves.
    pub fn wavefield(&self, modes: usize) -> Wavefield {
        let fft = self.fft();
        let (ny, nx) = fft.shape();
        Wavefield { waves: WaveBuffer::zeros(modes * ny * nx), scratch: fft.scratch(modes) }
    }

    /// True for Fraunhofer diffraction, where the detector sees frequencies.
    pub fn is_far_field(&self) -> bool {
        matches!(self, Self::FarField { .. })
    }

    fn fft(&self) -> &Fft2 {
        match self {
            Self::FarField { fft } | Self::NearField { fft, .. } => fft,
        }
    }

    /// Carries the waves to the detector, replaces `√Σ_k|F_k|²` by `amplitude`
    /// (y, x; negative where nothing was measured, which leaves the wave), and
    /// carries them back. Returns `Σ (√Σ_k|F_k|² − amplitude)²` over measured pixels.
    pub(crate) fn project(&self, field: &mut Wavefield, amplitude: &[f32]) -> f64 {
        match self {
            Self::FarField { fft } => {
                let scale = fft.unitary_scale();
                let mut modulus = FarFieldModulus { amplitude, scale, error: 0.0 };
                fft.filter(&mut field.waves, &mut modulus, &mut field.scratch);
                modulus.error
            }
            Self::NearField { .. } => {
                self.to_detector(field);
                let error = crate::cpu::replace_modulus(&mut field.waves, amplitude);
                self.to_sample(field);
                error
            }
        }
    }

    /// Carries waves from the detector back to the sample.
    pub fn to_sample(&self, field: &mut Wavefield) {
        self.carry(field, Direction::Back);
    }

    /// Carries the waves to the detector and leaves them there.
    pub fn to_detector(&self, field: &mut Wavefield) {
        self.carry(field, Direction::Forth);
    }

    fn carry(&self, field: &mut Wavefield, direction: Direction) {
        let scale = self.fft().unitary_scale();
        let (ny, nx) = self.fft().shape();
        match self {
            Self::FarField { fft } => {
                for wave in field.waves.chunks_exact_mut(ny * nx) {
                    match direction {
                        Direction::Forth => fft.forward(wave, &mut field.scratch),
                        Direction::Back => fft.inverse(wave, &mut field.scratch),
                    }
                    for w in wave.iter_mut() {
                        *w *= scale;
                    }
                }
            }
            Self::NearField { fft, transfer } => {
                let conjugate = match direction {
                    Direction::Forth => 1.0,
                    Direction::Back => -1.0,
                };
                let mut multiply = Transfer { h: transfer, nx, scale, conjugate };
                fft.filter(&mut field.waves, &mut multiply, &mut field.scratch);
            }
        }
    }
}

/// From the sample to the detector, or back.
#[derive(Clone, Copy)]
enum Direction {
    Forth,
    Back,
}

/// `H(q) = exp[2πi (z/λ)(√(1 − λ²q²) − 1)]`, zero for evanescent waves; the factor
/// `exp(2πi z/λ)` common to all frequencies is dropped (Goodman, Introduction to Fourier Optics, §3.10).
fn angular_spectrum(geometry: &Geometry, (ny, nx): (usize, usize), distance: f64) -> Vec<C32> {
    let wavelength = geometry.wavelength().value();
    let pixel = geometry.object_pixel((ny, nx));
    let frequency = |i: usize, n: usize, step: f64| {
        let signed = if i < n.div_ceil(2) { i as f64 } else { i as f64 - n as f64 };
        signed / (n as f64 * step)
    };
    let mut transfer = Vec::with_capacity(ny * nx);
    for y in 0..ny {
        let ay = wavelength * frequency(y, ny, pixel.y.value());
        for x in 0..nx {
            let ax = wavelength * frequency(x, nx, pixel.x.value());
            let sine_squared = ay * ay + ax * ax;
            transfer.push(if sine_squared > 1.0 {
                C32::default()
            } else {
                // √(1−s) − 1 = −s/(1 + √(1−s)) keeps its digits for small s.
                let defect = -sine_squared / (1.0 + (1.0 - sine_squared).sqrt());
                let phase = std::f64::consts::TAU * (distance / wavelength) * defect;
                C32::new(phase.cos() as f32, phase.sin() as f32)
            });
        }
    }
    transfer
}

/// Modulus below which a wave has no direction worth keeping, in √counts.
pub(crate) const DARK: f32 = 1e-10;

/// Replaces the modulus of the transformed waves, tile by tile.
struct FarFieldModulus<'a> {
    amplitude: &'a [f32],
    /// `1/√(ny nx)`: what makes the forward transform unitary.
    scale: f32,
    error: f64,
}

/// Multiplies the transformed waves by `H` or `H*`, tile by tile.
struct Transfer<'a> {
    /// `H`, `(y, x)`.
    h: &'a [C32],
    nx: usize,
    scale: f32,
    /// 1 for `H`, −1 for `H*`.
    conjugate: f32,
}

impl ColumnOp for FarFieldModulus<'_> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the transform that calls it")]
    #[expect(
        clippy::needless_range_loop,
        reason = "lanes are indexed alike in several arrays; LLVM vectorises this form"
    )]
    fn apply(&mut self, mut tile: ColumnTile<'_>) {
        let normalise = self.scale * self.scale;
        let mut tile_error = [0.0_f32; LANES];
        for row in 0..tile.rows() {
            let amplitude = tile.pixels(self.amplitude, row);
            let mut intensity = [0.0_f32; LANES];
            for wave in tile.row_of_modes(row) {
                for l in 0..LANES {
                    intensity[l] += wave.re[l] * wave.re[l] + wave.im[l] * wave.im[l];
                }
            }
            // F_k ← F_k √I/√Σ_k|F_k|² where measured; the 1/N of the round trip is folded in.
            let mut factor = [0.0_f32; LANES];
            for l in 0..LANES {
                let modulus = intensity[l].sqrt() * self.scale;
                // Both values of each choice are computed first: a division inside a branch is not vectorised.
                let (ratio, miss) = (amplitude[l] / modulus.max(DARK), modulus - amplitude[l]);
                let measured = amplitude[l] >= 0.0;
                let ratio = if measured { ratio } else { 1.0 };
                let miss = if measured { miss } else { 0.0 };
                tile_error[l] += miss * miss;
                factor[l] = ratio * normalise;
            }
            for wave in tile.row_of_modes(row) {
                for l in 0..LANES {
                    wave.re[l] *= factor[l];
                    wave.im[l] *= factor[l];
                }
            }
        }
        self.error += tile_error.iter().map(|&e| f64::from(e)).sum::<f64>();
    }
}

impl ColumnOp for Transfer<'_> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the transform that calls it")]
    #[expect(
        clippy::needless_range_loop,
        reason = "lanes are indexed alike in several arrays; LLVM vectorises this form"
    )]
    fn apply(&mut self, mut tile: ColumnTile<'_>) {
        let normalise = self.scale * self.scale;
        let first = tile.first_column();
        let lanes = tile.valid_lanes();
        for row in 0..tile.rows() {
            let start = row * self.nx + first;
            let mut h = [C32::default(); LANES];
            h[..lanes].copy_from_slice(&self.h[start..start + lanes]);
            for wave in tile.row_of_modes(row) {
                for l in 0..LANES {
                    let (hr, hi) = (h[l].re * normalise, h[l].im * normalise * self.conjugate);
                    let (re, im) = (wave.re[l], wave.im[l]);
                    wave.re[l] = re * hr - im * hi;
                    wave.im[l] = re * hi + im * hr;
                }
            }
        }
    }
}
