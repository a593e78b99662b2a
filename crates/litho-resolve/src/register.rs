//! Sub-pixel registration of two complex images that also differ by a phase
//! ramp and a complex factor.
//!
//! A ramp moves the spectrum, so plain cross-correlation of two objects with
//! different ramps finds nothing. The first step therefore registers a quantity
//! to which a ramp does nothing but turn a constant phase: the products of
//! neighbouring pixels `O(r + e) O*(r)` along each axis, whose phase is the
//! phase gradient; the moduli of the two correlations are added. This gives the
//! whole-pixel shift. Then ramp (peak of `I R*` in Fourier space) and shift
//! (peak of the upsampled cross-correlation) are refined in turn until the shift
//! stands still (Guizar-Sicairos, Thurman & Fienup, Opt. Lett. 33, 156 (2008)).
//! From the second round on, each ring of the correlation is weighted by the
//! signal it proves to hold, so that noise beyond the resolution has no say.
//!
//! Both images are apodised by one window that moves with the content, and lose
//! their weighted mean, so that neither window nor background pulls the shift to zero.

use crate::apodised::{MIN_SIDE, Overlap, mean_free};
use crate::error::ResolveError;
use crate::fourier::{
    C64, check_finite, check_shapes, fft2, ifft2, narrow, shift_spectrum, signed_index, widen, widened,
};
use crate::gauge::{Gauge, PhaseRamp};
use crate::peak::{Refinement, spectral_peak};
use crate::rings::Rings;
use crate::window::Window;
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::Pixels;
use litho_types::scan::FrameOrigin;
use ndarray::{Array2, ArrayView2, Zip, s};

/// What the pixels of an image are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImageKind {
    /// A complex transmission, known up to a complex factor and a phase ramp.
    #[default]
    Complex,
    /// A real map (phase, optical density, …) with imaginary part zero: no ramp, no phase to remove.
    Real,
}

/// Where one image lies relative to another:
/// `image(r) = scale · ramp(r) · reference(r − shift)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Registration {
    /// How far the content of the image lies from that of the reference.
    pub shift: Point<Pixels>,
    /// Factor and ramp between them, counted from pixel `(0, 0)` of the image.
    pub gauge: Gauge,
    /// Normalised correlation of the apodised, mean-free images at that shift, 0–1.
    pub correlation: f64,
}

/// Narrowest taper that can be moved by a fraction of a pixel without ringing.
const MIN_TAPER: f64 = 8.0;
/// The shift has come to rest when it moves by less than this many pixels.
const AT_REST: f64 = 1e-3;
/// Most refinements; noise-free images need three or four.
const MAX_ROUNDS: usize = 12;
const NAME: &str = "registration";

/// Finds shift, ramp and factor of `image` relative to `reference`, both `(y, x)` of one shape.
///
/// # Errors
/// [`ResolveError`] if shapes differ, a pixel is not finite, the images are
/// constant, the window's taper is below 8 pixels or the overlap below 16.
pub fn register(
    reference: ArrayView2<'_, C32>,
    image: ArrayView2<'_, C32>,
    window: Window,
    kind: ImageKind,
) -> Result<Registration, ResolveError> {
    check_shapes(NAME, ("the reference", reference.dim()), ("the image", image.dim()))?;
    check_finite(NAME, "the reference", reference)?;
    check_finite(NAME, "the image", image)?;
    window.check(NAME)?;
    if let Window::Tukey { taper } = window
        && taper < MIN_TAPER
    {
        let (name, allowed) = ("the width of the Tukey taper", "at least 8 pixels");
        return Err(ResolveError::InvalidSetting { operation: NAME, name, value: taper, allowed });
    }
    let (ny, nx) = reference.dim();
    if ny < MIN_SIDE || nx < MIN_SIDE {
        return Err(ResolveError::TooSmall { operation: NAME, shape: (ny, nx), minimum: MIN_SIDE });
    }
    check_structure(reference)?;
    check_structure(image)?;
    let mut shift = coarse_shift(reference, image, kind);
    let mut ramp = PhaseRamp::default();
    let mut correlation = 0.0;
    for round in 0..MAX_ROUNDS {
        let overlap = Overlap::new(reference, image, shift)?;
        if kind == ImageKind::Complex {
            let change = spectral_peak(&overlap.product(ramp, window), Refinement::Fine);
            ramp = PhaseRamp { y: ramp.y + change.0, x: ramp.x + change.1 };
        }
        let spectra = overlap.apodised(ramp, window);
        // The first round stands on all rings alike: whole-pixel alignment is too coarse to tell signal from noise.
        let rings = Rings::new(spectra.reference.dim(), FrameOrigin::Corner, None)?;
        let step = spectra.remaining_shift((round > 0).then_some(&rings))?;
        shift = (shift.0 + step.shift.0, shift.1 + step.shift.1);
        correlation = step.correlation;
        if round > 0 && step.shift.0.hypot(step.shift.1) < AT_REST {
            break;
        }
    }
    let gauge = Overlap::new(reference, image, shift)?.gauge(ramp, window);
    Ok(Registration { shift: Point::new(Pixels::new(shift.0), Pixels::new(shift.1)), gauge, correlation })
}

/// An error if nothing but single-precision rounding tells the pixels apart.
fn check_structure(image: ArrayView2<'_, C32>) -> Result<(), ResolveError> {
    const ROUNDING: f64 = 1e-6;
    let mean = image.iter().map(|v| widen(*v)).sum::<C64>() / image.len() as f64;
    let variance: f64 = image.iter().map(|v| (widen(*v) - mean).norm_sqr()).sum();
    let power: f64 = image.iter().map(|v| widen(*v).norm_sqr()).sum();
    if variance > ROUNDING * ROUNDING * power {
        return Ok(());
    }
    Err(ResolveError::NoSignal { operation: NAME, what: "an image is constant" })
}

/// The image with its content moved by `shift` = (dy, dx) pixels, by the Fourier
/// shift theorem: exact for periodic band-limited images; what leaves on one
/// side comes in on the other.
pub fn shift_complex(image: ArrayView2<'_, C32>, shift: (f64, f64)) -> Array2<C32> {
    let mut spectrum = fft2(widened(image));
    shift_spectrum(&mut spectrum, shift);
    ifft2(spectrum).mapv(narrow)
}

/// Whole-pixel shift from the ramp-insensitive quantity described in the module's head.
fn coarse_shift(reference: ArrayView2<'_, C32>, image: ArrayView2<'_, C32>, kind: ImageKind) -> (f64, f64) {
    let (ny, nx) = reference.dim();
    let features = |source: ArrayView2<'_, C32>| match kind {
        ImageKind::Real => vec![widened(source)],
        ImageKind::Complex => vec![
            neighbour_product(source.slice(s![1.., ..nx - 1]), source.slice(s![..ny - 1, ..nx - 1])),
            neighbour_product(source.slice(s![..ny - 1, 1..]), source.slice(s![..ny - 1, ..nx - 1])),
        ],
    };
    let mut total: Option<Array2<f64>> = None;
    for (a, b) in features(reference).into_iter().zip(features(image)) {
        let (fa, fb) = (hann_spectrum(a), hann_spectrum(b));
        // C(s) = Σ_r b(r + s) a*(r) ⇔ F_b F_a*
        let modulus = ifft2(Zip::from(&fb).and(&fa).map_collect(|b, a| b * a.conj())).mapv(C64::norm);
        total = Some(total.map_or_else(|| modulus.clone(), |sum| sum + &modulus));
    }
    let total = total.unwrap_or_default();
    let best =
        total.indexed_iter().fold(((0, 0), -1.0), |best, (at, &v)| if v > best.1 { (at, v) } else { best });
    let (y, x) = best.0;
    (signed_index(y, total.dim().0) as f64, signed_index(x, total.dim().1) as f64)
}

fn neighbour_product(next: ArrayView2<'_, C32>, here: ArrayView2<'_, C32>) -> Array2<C64> {
    Zip::from(next).and(here).map_collect(|&next, &here| widen(next) * widen(here).conj())
}

fn hann_spectrum(field: Array2<C64>) -> Array2<C64> {
    let (ny, nx) = field.dim();
    let windows = [Window::Hann.samples(ny, 0.0, 0.0), Window::Hann.samples(nx, 0.0, 0.0)];
    fft2(mean_free(field, &windows))
}
