//! Two images cut to their common part, apodised and transformed: what
//! registration and ring correlation both work on.

use crate::error::ResolveError;
use crate::fourier::{C64, centred, fft2, ifft2, shift_spectrum, widen, widened};
use crate::gauge::{Gauge, PhaseRamp};
use crate::peak::{Refinement, spectral_peak};
use crate::rings::Rings;
use crate::window::Window;
use litho_types::C32;
use ndarray::{Array2, ArrayView2, Zip, s};

/// Smallest side of two images that can be registered.
pub(crate) const MIN_SIDE: usize = 16;
/// Pixels left empty at the window's edge, so that it can follow a fraction of a pixel.
const INSET: f64 = 1.0;
const NAME: &str = "registration";

/// `(f − ⟨f⟩_w) w` with the weighted mean `⟨f⟩_w = Σ w f/Σ w`.
pub(crate) fn mean_free(mut field: Array2<C64>, [wy, wx]: &[Vec<f64>; 2]) -> Array2<C64> {
    let weighted: C64 = field.indexed_iter().map(|((y, x), v)| v * (wy[y] * wx[x])).sum();
    let mean = weighted / (wy.iter().sum::<f64>() * wx.iter().sum::<f64>());
    for ((y, x), value) in field.indexed_iter_mut() {
        *value = (*value - mean) * (wy[y] * wx[x]);
    }
    field
}

/// The common part of two images under a trial shift.
pub(crate) struct Overlap<'a> {
    reference: ArrayView2<'a, C32>,
    image: ArrayView2<'a, C32>,
    /// Corner of the common part in the image.
    corner: (usize, usize),
    /// What remains of the shift beyond whole pixels.
    fraction: (f64, f64),
}

/// Spectra of the common part, mean-free, apodised, the second moved onto the first.
pub(crate) struct Apodised {
    /// Of the reference, zero frequency at the corner.
    pub(crate) reference: Array2<C64>,
    /// Of the image.
    pub(crate) image: Array2<C64>,
    /// The window's factors along y and x.
    pub(crate) window: [Vec<f64>; 2],
}

/// One step of the refinement.
pub(crate) struct ShiftStep {
    /// How much further the image's content lies, pixels.
    pub(crate) shift: (f64, f64),
    /// Normalised correlation before the step.
    pub(crate) correlation: f64,
}

impl<'a> Overlap<'a> {
    /// Cuts both images to what they share if the image's content lies `shift` pixels further.
    pub(crate) fn new(
        reference: ArrayView2<'a, C32>,
        image: ArrayView2<'a, C32>,
        shift: (f64, f64),
    ) -> Result<Self, ResolveError> {
        let (ny, nx) = reference.dim();
        // reference index r and image index r + s must both lie in 0..n
        let common = |n: usize, shift: f64| {
            let whole = shift.round() as isize;
            let start = whole.min(0).unsigned_abs().min(n);
            let end = n - whole.max(0).unsigned_abs().min(n - start);
            (start, end, start.saturating_add_signed(whole))
        };
        let ((y0, y1, iy), (x0, x1, ix)) = (common(ny, shift.0), common(nx, shift.1));
        let shape = (y1 - y0, x1 - x0);
        if shape.0 < MIN_SIDE || shape.1 < MIN_SIDE {
            return Err(ResolveError::TooSmall { operation: NAME, shape, minimum: MIN_SIDE });
        }
        Ok(Self {
            reference: reference.slice_move(s![y0..y1, x0..x1]),
            image: image.slice_move(s![iy..iy + shape.0, ix..ix + shape.1]),
            corner: (iy, ix),
            fraction: (shift.0 - shift.0.round(), shift.1 - shift.1.round()),
        })
    }

    /// Windows for the reference (`moved` = 0) or the image (`moved` = 1).
    fn windows(&self, window: Window, moved: f64) -> [Vec<f64>; 2] {
        let (ny, nx) = self.reference.dim();
        [
            window.samples(ny, moved * self.fraction.0, INSET),
            window.samples(nx, moved * self.fraction.1, INSET),
        ]
    }

    fn image_without(&self, ramp: PhaseRamp) -> Array2<C64> {
        Array2::from_shape_fn(self.image.dim(), |(y, x)| widen(self.image[(y, x)]) * ramp.at(y, x).conj())
    }

    /// `image · reference*`, apodised, the image freed of `ramp` and moved onto the reference.
    pub(crate) fn product(&self, ramp: PhaseRamp, window: Window) -> Array2<C64> {
        let [wy, wx] = self.windows(window, 1.0);
        let mut image = self.image_without(ramp);
        image.indexed_iter_mut().for_each(|((y, x), v)| *v *= wy[y] * wx[x]);
        let mut spectrum = fft2(image);
        shift_spectrum(&mut spectrum, (-self.fraction.0, -self.fraction.1));
        let mut product = ifft2(spectrum);
        let [wy, wx] = self.windows(window, 0.0);
        for ((y, x), value) in product.indexed_iter_mut() {
            *value *= widen(self.reference[(y, x)]).conj() * (wy[y] * wx[x]);
        }
        product
    }

    /// Factor between the images, given their ramp: `Σ I R* / Σ |R|²` over the window.
    pub(crate) fn gauge(&self, ramp: PhaseRamp, window: Window) -> Gauge {
        let sum: C64 = self.product(ramp, window).iter().sum();
        let [wy, wx] = self.windows(window, 0.0);
        let power: f64 = self
            .reference
            .indexed_iter()
            .map(|((y, x), v)| widen(*v).norm_sqr() * (wy[y] * wx[x]).powi(2))
            .sum();
        // From the overlap's corner back to pixel (0, 0) of the image.
        Gauge { scale: sum / power * ramp.at(self.corner.0, self.corner.1).conj(), ramp }
    }

    /// Both spectra, ready to be correlated. `ramp` is taken out of the image.
    pub(crate) fn apodised(&self, ramp: PhaseRamp, window: Window) -> Apodised {
        let windows = self.windows(window, 0.0);
        let reference = fft2(mean_free(widened(self.reference), &windows));
        let mut image = fft2(mean_free(self.image_without(ramp), &self.windows(window, 1.0)));
        shift_spectrum(&mut image, (-self.fraction.0, -self.fraction.1));
        Apodised { reference, image, window: windows }
    }
}

impl Apodised {
    /// Spectra of two images that are to be compared as they are.
    pub(crate) fn unaligned(first: ArrayView2<'_, C32>, second: ArrayView2<'_, C32>, window: Window) -> Self {
        let (ny, nx) = first.dim();
        let windows = [window.samples(ny, 0.0, 0.0), window.samples(nx, 0.0, 0.0)];
        Self {
            reference: fft2(mean_free(widened(first), &windows)),
            image: fft2(mean_free(widened(second), &windows)),
            window: windows,
        }
    }

    /// `Σ F_image F_reference*` and the square root of the product of both powers.
    pub(crate) fn correlation(&self) -> (C64, f64) {
        let pairs = || self.image.iter().zip(&self.reference);
        let sum: C64 = pairs().map(|(i, r)| i * r.conj()).sum();
        let power = |spectrum: &Array2<C64>| spectrum.iter().map(C64::norm_sqr).sum::<f64>();
        (sum, (power(&self.image) * power(&self.reference)).sqrt())
    }

    /// `Re Σ F₂F₁* e^{iα} / √(Σ|F₁|² Σ|F₂|²)` of each ring; 0/0 is NaN.
    pub(crate) fn ring_correlation(&self, phase: C64, rings: &Rings) -> Vec<f64> {
        let mut sums = vec![[0.0; 3]; rings.counts().len()];
        let pairs = self.image.iter().zip(&self.reference);
        for (&ring, (second, first)) in rings.index().iter().zip(pairs) {
            if let Some([cross, power1, power2]) = sums.get_mut(ring as usize) {
                *cross += (second * first.conj() * phase).re;
                *power1 += first.norm_sqr();
                *power2 += second.norm_sqr();
            }
        }
        sums.iter().map(|[cross, power1, power2]| cross / (power1 * power2).sqrt()).collect()
    }

    /// Peak of the upsampled cross-correlation, its rings weighted if `rings` are given.
    ///
    /// With signal S and white noise N in both images the likeliest shift maximises
    /// `Re Σ F₂F₁* S/(2SN + N²)` (Knapp & Carter, IEEE Trans. ASSP 24, 320 (1976)). The
    /// expected correlation of a ring is `C = S/(S + N)`, so that weight is `C/(1 + C)`
    /// up to a constant: even for good data, zero where there is only noise.
    pub(crate) fn remaining_shift(&self, rings: Option<&Rings>) -> Result<ShiftStep, ResolveError> {
        let (sum, norm) = self.correlation();
        if norm == 0.0 {
            return Err(ResolveError::NoSignal { operation: NAME, what: "an image is constant" });
        }
        let (ny, nx) = self.reference.dim();
        let mut product = Zip::from(&self.image).and(&self.reference).map_collect(|i, r| i * r.conj());
        if let Some(rings) = rings {
            // NaN.max(0) is 0
            let weight = |c: f64| c.max(0.0) / (1.0 + c.max(0.0));
            let correlation = self.ring_correlation(C64::cis(-sum.arg()), rings);
            let weights: Vec<f64> = correlation.into_iter().map(weight).collect();
            Zip::from(&mut product).and(rings.index()).for_each(|value, &ring| {
                *value *= weights.get(ring as usize).copied().unwrap_or(0.0);
            });
        }
        // C(s) = Σ_k F_I F_R* exp(2πi k·s/n): the peak over frequencies f = −s/n of a sum over k
        let peak = spectral_peak(&centred(&product), Refinement::Fine);
        let shift = (-peak.0 * ny as f64, -peak.1 * nx as f64);
        Ok(ShiftStep { shift, correlation: sum.norm() / norm })
    }
}
