//! From the exit wave to the detector and back.

use crate::detector::{AtDetector, Counts, Rule, apply_rule};
use crate::fft::{ColumnOp, ColumnTile, Fft2, Fft2Scratch, FftError, Lanes, Split, WaveBuffer};
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
    pub(crate) scratch: Fft2Scratch,
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

    /// The transform of a frame.
    pub(crate) fn fft(&self) -> &Fft2 {
        match self {
            Self::FarField { fft } | Self::NearField { fft, .. } => fft,
        }
    }

    /// Applies rule `R` at the detector: makes the waves row by row, carries them there and back, and hands them over row
    /// by row, so that what is done at the sample finds its row in the first-level cache. Returns `Σ(√I_m − √I)²`.
    pub(crate) fn visit<R: Rule>(
        &self,
        field: &mut Wavefield,
        counts: Counts<'_>,
        at_sample: &mut impl AtSample,
    ) -> f64 {
        let fft = self.fft();
        let (ny, nx) = fft.shape();
        let Wavefield { waves, scratch } = field;
        for y in 0..ny {
            at_sample.depart(y, waves);
            for row in row_of_waves(waves, y, (ny, nx)) {
                fft.forward_rows(row, scratch);
            }
        }
        let error = match self {
            Self::FarField { .. } => {
                let mut rule = AtDetector::<R>::new(counts, fft.unitary_scale());
                fft.filter_columns(waves, &mut rule, scratch);
                rule.error()
            }
            Self::NearField { transfer, .. } => {
                let scale = fft.unitary_scale();
                fft.filter_columns(waves, &mut Transfer { h: transfer, scale, conjugate: 1.0 }, scratch);
                fft.inverse_rows(waves, scratch);
                let error = apply_rule::<R>(waves, counts);
                fft.forward_rows(waves, scratch);
                fft.filter_columns(waves, &mut Transfer { h: transfer, scale, conjugate: -1.0 }, scratch);
                error
            }
        };
        for y in 0..ny {
            for row in row_of_waves(waves, y, (ny, nx)) {
                fft.inverse_rows(row, scratch);
            }
            at_sample.arrive(y, waves);
        }
        error
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
                let mut multiply = Transfer { h: transfer, scale, conjugate };
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

/// Multiplies the transformed waves by `H` or `H*`, tile by tile.
struct Transfer<'a> {
    /// `H`, `(y, x)`.
    h: &'a [C32],
    scale: f32,
    /// 1 for `H`, −1 for `H*`.
    conjugate: f32,
}

impl ColumnOp for Transfer<'_> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the transform that calls it")]
    fn apply<L: Lanes>(&mut self, mut tile: ColumnTile<'_>) {
        let normalise = L::splat(self.scale * self.scale);
        let conjugate = L::splat(self.scale * self.scale * self.conjugate);
        for row in 0..tile.rows() {
            let h = L::deinterleave(&tile.pixels(self.h, row));
            let h = Split { re: h.re.mul(normalise), im: h.im.mul(conjugate) };
            for wave in tile.row_of_modes(row) {
                wave.store(wave.load::<L>().times(h));
            }
        }
    }
}

/// What happens at the sample, row by row: waves leave for the detector and come back.
pub(crate) trait AtSample {
    /// Fills row `y` of every wave of the stack `(wave, y, x)`.
    fn depart(&mut self, y: usize, waves: &mut [C32]);
    /// Takes row `y` of every wave as it came back.
    fn arrive(&mut self, y: usize, waves: &mut [C32]);
}

/// Row `y` of every wave of the stack `(wave, y, x)`.
pub(crate) fn row_of_waves(
    waves: &mut [C32],
    y: usize,
    (ny, nx): (usize, usize),
) -> impl Iterator<Item = &mut [C32]> {
    waves.chunks_exact_mut(ny * nx).map(move |wave| &mut wave[y * nx..][..nx])
}
