//! What a detector pixel says to the wave that arrives there.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use crate::fft::{ColumnOp, ColumnTile, Lanes};
use litho_lanes::lanewise;
use litho_lanes::{blocks, sum_of};
use litho_types::C32;

/// How a modelled intensity `I_m = Σ_k|F_k|² + b` is held against the counts `I`, and so how a wave is brought to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Likelihood {
    /// `Σ(√I_m − √I)²`: counting noise has the variance ¼ after the square root, whatever the counts.
    Amplitude,
    /// `Σ(I_m − I)²/(2(I + 1))`: Gaussian noise with the counts' own variance (Thibault & Guizar-Sicairos,
    /// New J. Phys. 14, 063004 (2012), eq. 4).
    Intensity,
    /// `Σ I_m − I ln I_m`: counting noise (ibid., eq. 3).
    Poisson,
}

/// Modulus below which a wave has no direction worth keeping, in √counts.
const DARK: f32 = 1e-10;

/// One frame as the detector kernels see it, `(y, x)` in kernel order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts<'a> {
    /// `√I`; negative where nothing was measured.
    pub(crate) amplitude: &'a [f32],
    /// Incoherent background `b` in counts; empty for none.
    pub(crate) background: &'a [f32],
    /// `√I` from which on a pixel is saturated: then it only says that the intensity is at least this.
    pub(crate) saturation: f32,
}

impl Counts<'_> {
    /// The pixels of a range.
    pub(crate) fn part(&self, range: std::ops::Range<usize>) -> Self {
        let background = if self.background.is_empty() { &[][..] } else { &self.background[range.clone()] };
        Self { amplitude: &self.amplitude[range], background, saturation: self.saturation }
    }
}

/// Counts added to both sides of a ratio of intensities, so that a pixel without light does not divide by nothing.
const DARK_COUNTS: f32 = 0.1;

/// What multiplies the wave at a measured pixel.
pub(crate) trait Rule: Copy {
    /// The factor where nothing was measured.
    const UNMEASURED: f32;
    /// The factor from the coherent intensity `Σ_k|F_k|²`, the background if there is one, `√I_m` and `√I`.
    fn factor<L: Lanes>(coherent: L, background: Option<L>, modulus: L, amplitude: L) -> L;
}

/// The Fourier projection `F ← F √max(I − b, 0)/√Σ_k|F_k|²`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReplaceModulus;
/// Half a gradient step of [`Likelihood::Intensity`], `F ← F [1 + ½(I − I_m)/(I + 1)]`: for small misses the
/// step that meets the counts. A factor below 0 is 0: no step turns a wave round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IntensityStep;
/// Half a gradient step of [`Likelihood::Poisson`], `F ← F [1 + ½(I/I_m − 1)]`: for small misses the step that meets the
/// counts, and on the average unmoved by their noise however few they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoissonStep;
/// `F ← ∂L/∂F*` of [`Likelihood::Amplitude`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct AmplitudeGradient;
/// `F ← ∂L/∂F*` of [`Likelihood::Intensity`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct IntensityGradient;
/// `F ← ∂L/∂F*` of [`Likelihood::Poisson`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoissonGradient;

impl Rule for ReplaceModulus {
    const UNMEASURED: f32 = 1.0;
    #[inline(always)]
    fn factor<L: Lanes>(coherent: L, background: Option<L>, modulus: L, amplitude: L) -> L {
        match background {
            None => amplitude.div(modulus.max(L::splat(DARK))),
            Some(background) => {
                let light = amplitude.mul_sub(amplitude, background).max(L::splat(0.0));
                light.div(coherent.max(L::splat(DARK * DARK))).sqrt()
            }
        }
    }
}

impl Rule for IntensityStep {
    const UNMEASURED: f32 = 1.0;
    #[inline(always)]
    fn factor<L: Lanes>(_: L, _: Option<L>, modulus: L, amplitude: L) -> L {
        let counts = amplitude.mul(amplitude);
        let miss = modulus.neg_mul_add(modulus, counts);
        miss.div(counts.add(L::splat(1.0))).mul_add(L::splat(0.5), L::splat(1.0)).max(L::splat(0.0))
    }
}

impl Rule for PoissonStep {
    const UNMEASURED: f32 = 1.0;
    #[inline(always)]
    fn factor<L: Lanes>(_: L, _: Option<L>, modulus: L, amplitude: L) -> L {
        let dark = L::splat(DARK_COUNTS);
        let ratio = amplitude.mul_add(amplitude, dark).div(modulus.mul_add(modulus, dark));
        ratio.mul_add(L::splat(0.5), L::splat(0.5))
    }
}

impl Rule for AmplitudeGradient {
    const UNMEASURED: f32 = 0.0;
    #[inline(always)]
    fn factor<L: Lanes>(_: L, _: Option<L>, modulus: L, amplitude: L) -> L {
        L::splat(1.0).sub(amplitude.div(modulus.max(L::splat(DARK))))
    }
}

impl Rule for IntensityGradient {
    const UNMEASURED: f32 = 0.0;
    #[inline(always)]
    fn factor<L: Lanes>(_: L, _: Option<L>, modulus: L, amplitude: L) -> L {
        let counts = amplitude.mul(amplitude);
        modulus.mul_sub(modulus, counts).div(counts.add(L::splat(1.0)))
    }
}

impl Rule for PoissonGradient {
    const UNMEASURED: f32 = 0.0;
    #[inline(always)]
    fn factor<L: Lanes>(_: L, _: Option<L>, modulus: L, amplitude: L) -> L {
        let dark = L::splat(DARK_COUNTS);
        let ratio = amplitude.mul_add(amplitude, dark).div(modulus.mul_add(modulus, dark));
        L::splat(1.0).sub(ratio)
    }
}

/// The factor at eight pixels and their `(√I_m − √I)²`, both as nothing where nothing was measured, or where a saturated
/// pixel already has its due.
#[inline(always)]
pub(crate) fn judge<R: Rule, L: Lanes>(
    coherent: L,
    background: Option<L>,
    amplitude: L,
    saturation: f32,
) -> (L, L) {
    let intensity = match background {
        None => coherent,
        Some(background) => coherent.add(background),
    };
    let modulus = intensity.sqrt();
    let miss = modulus.sub(amplitude);
    // Negative for a saturated pixel (√I ≥ saturation) of a model at least as bright.
    let demand = L::splat(saturation).sub(amplitude).max(amplitude.sub(modulus));
    let factor = R::factor(coherent, background, modulus, amplitude);
    let (idle, zero) = (L::splat(R::UNMEASURED), L::splat(0.0));
    (
        amplitude.choose(demand.choose(factor, idle), idle),
        amplitude.choose(demand.choose(miss.mul(miss), zero), zero),
    )
}

/// A [`Rule`] applied tile by tile between a forward and an inverse transform.
pub(crate) struct AtDetector<'a, R> {
    counts: Counts<'a>,
    /// `1/√(ny nx)`: what makes the forward transform unitary.
    scale: f32,
    error: f64,
    rule: std::marker::PhantomData<R>,
}

impl<'a, R: Rule> AtDetector<'a, R> {
    pub(crate) fn new(counts: Counts<'a>, scale: f32) -> Self {
        Self { counts, scale, error: 0.0, rule: std::marker::PhantomData }
    }

    /// `Σ(√I_m − √I)²` over the measured pixels seen so far.
    pub(crate) fn error(&self) -> f64 {
        self.error
    }
}

impl<R: Rule> ColumnOp for AtDetector<'_, R> {
    #[inline(always)]
    fn apply<L: Lanes>(&mut self, mut tile: ColumnTile<'_>) {
        let square = L::splat(self.scale * self.scale);
        let mut tile_error = L::splat(0.0);
        for row in 0..tile.rows() {
            let amplitude = L::load(&tile.pixels(self.counts.amplitude, row));
            let mut coherent = L::splat(0.0);
            for wave in tile.row_of_modes(row) {
                coherent = wave.load::<L>().norm_sqr_add(coherent);
            }
            let background = if self.counts.background.is_empty() {
                None
            } else {
                Some(L::load(&tile.pixels(self.counts.background, row)))
            };
            let coherent = coherent.mul(square);
            let (factor, error) = judge::<R, L>(coherent, background, amplitude, self.counts.saturation);
            tile_error = tile_error.add(error);
            // The 1/N of the round trip is folded in.
            let factor = factor.mul(square);
            for wave in tile.row_of_modes(row) {
                wave.store(wave.load::<L>().scale(factor));
            }
        }
        // Lanes past the last column hold waves of zero against amplitudes of zero: no error.
        self.error += sum_of(tile_error);
    }
}

/// Pixels worked on together: their intensities stay in the first-level cache.
const BLOCK: usize = 256;

/// A [`Rule`] applied to waves `(mode, y, x)` that already are at the detector; returns `Σ(√I_m − √I)²`.
pub(crate) fn apply_rule<R: Rule>(waves: &mut [C32], counts: Counts<'_>) -> f64 {
    let pixels = counts.amplitude.len();
    let mut model = [0.0_f32; BLOCK];
    let mut error = 0.0;
    for start in (0..pixels).step_by(BLOCK) {
        let range = start..(start + BLOCK).min(pixels);
        let model = &mut model[..range.len()];
        model.fill(0.0);
        for mode in waves.chunks_exact(pixels) {
            add_intensity(&mode[range.clone()], model);
        }
        error += to_factors::<R>(model, counts.part(range.clone()));
        for mode in waves.chunks_exact_mut(pixels) {
            multiply(&mut mode[range.clone()], model);
        }
    }
    error
}

lanewise! {
    /// `I ← I + |F|²`.
    fn add_intensity<L>(wave: &[C32], intensity: &mut [f32]) {
        for at in blocks(wave.len()) {
            let sum = at.complex::<L>(wave).norm_sqr_add(at.real(intensity));
            at.put_real(sum, intensity);
        }
    }
}

lanewise! {
    /// Replaces coherent intensities by the rule's factors; returns `Σ(√I_m − √I)²`.
    fn to_factors<L, R: Rule>(coherent: &mut [f32], counts: Counts<'_>) -> f64 {
        let mut total = L::splat(0.0);
        for at in blocks(counts.amplitude.len()) {
            let background = if counts.background.is_empty() { None } else { Some(at.real(counts.background)) };
            let amplitude = at.real(counts.amplitude);
            let (factor, error) = judge::<R, L>(at.real(coherent), background, amplitude, counts.saturation);
            total = total.add(error);
            at.put_real(factor, coherent);
        }
        sum_of(total)
    }
}

lanewise! {
    /// `F ← F · factor`.
    fn multiply<L>(wave: &mut [C32], factor: &[f32]) {
        for at in blocks(factor.len()) {
            let product = at.complex::<L>(wave).scale(at.real(factor));
            at.put_complex(product, wave);
        }
    }
}
