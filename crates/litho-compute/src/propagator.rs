//! From the exit wave to the detector and back.

use crate::detector::{AtDetector, Counts, Rule, apply_rule};
use crate::fft::{ColumnOp, ColumnTile, Fft2, Fft2Scratch, FftError, Lanes, Split, SplitRow, WaveBuffer};
use crate::ramp::PhaseRamp;
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
    ///
    /// `displacements` are those of [`to_displaced_detector`](Self::to_displaced_detector).
    pub(crate) fn visit<R: Rule>(
        &self,
        field: &mut Wavefield,
        displacements: &[[f32; 2]],
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
                let mut carry = Transfer::new(fft, transfer, displacements);
                fft.filter_columns(waves, &mut carry, scratch);
                fft.inverse_rows(waves, scratch);
                let error = apply_rule::<R>(waves, counts);
                fft.forward_rows(waves, scratch);
                carry.direction = Direction::Back;
                fft.filter_columns(waves, &mut carry, scratch);
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
        self.carry(field, &[], Direction::Back);
    }

    /// Carries the waves to the detector and leaves them there.
    pub fn to_detector(&self, field: &mut Wavefield) {
        self.carry(field, &[], Direction::Forth);
    }

    /// As [`to_detector`](Self::to_detector), for waves on a patch from which their beams lie `displacements` away, in turn
    /// (`(y, x)` in pixels; none if all lie on it). The detector stays with the beam, so that a near-field image is moved
    /// back by as much. In the far field no intensity knows.
    pub fn to_displaced_detector(&self, field: &mut Wavefield, displacements: &[[f32; 2]]) {
        self.carry(field, displacements, Direction::Forth);
    }

    fn carry(&self, field: &mut Wavefield, displacements: &[[f32; 2]], direction: Direction) {
        let (ny, nx) = self.fft().shape();
        match self {
            Self::FarField { fft } => {
                let scale = fft.unitary_scale();
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
                let mut carry = Transfer { direction, ..Transfer::new(fft, transfer, displacements) };
                fft.filter(&mut field.waves, &mut carry, &mut field.scratch);
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

/// Multiplies the transformed waves by `H(q) exp(2πi q·s)` or its conjugate, tile by tile.
struct Transfer<'a> {
    /// `H`, `(y, x)`.
    h: &'a [C32],
    /// `exp(2πi q·s)` of the waves, in turn; none where no wave is displaced.
    ramps: Vec<PhaseRamp>,
    /// Takes the norm off the transform and its inverse.
    normalise: f32,
    direction: Direction,
}

impl<'a> Transfer<'a> {
    fn new(fft: &Fft2, h: &'a [C32], displacements: &[[f32; 2]]) -> Self {
        let back = |s: &[f32; 2]| PhaseRamp::of_shift(s.map(|s| -s), fft.shape());
        Self {
            h,
            ramps: displacements.iter().map(back).collect(),
            normalise: fft.unitary_scale().powi(2),
            direction: Direction::Forth,
        }
    }
}

impl ColumnOp for Transfer<'_> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled with the features of the transform that calls it")]
    fn apply<L: Lanes>(&mut self, mut tile: ColumnTile<'_>) {
        let normalise = L::splat(self.normalise);
        let first = tile.first_column();
        for row in 0..tile.rows() {
            let h = L::deinterleave(&tile.pixels(self.h, row)).scale(normalise);
            if self.ramps.is_empty() {
                for wave in tile.row_of_modes(row) {
                    multiply(wave, h, self.direction);
                }
                continue;
            }
            for (wave, ramp) in tile.row_of_modes(row).zip(self.ramps.iter().cycle()) {
                multiply(wave, h.times(ramp.along_y(row)).times(ramp.along_x(first)), self.direction);
            }
        }
    }
}

/// Multiplies a row of a wave by `factor` on the way forth, by its conjugate on the way back.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled with the features of the transform that calls it")]
fn multiply<L: Lanes>(wave: &mut SplitRow, factor: Split<L>, direction: Direction) {
    wave.store(match direction {
        Direction::Forth => factor.times(wave.load::<L>()),
        Direction::Back => factor.conj_times(wave.load::<L>()),
    });
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
