//! Fourier ring correlation of two images of one object.
//!
//! `C(q) = Re Σ F₁F₂* / √(Σ|F₁|² Σ|F₂|²)` over rings one Fourier pixel wide
//! (Saxton & Baumeister 1982; van Heel et al. 1982). The real part is used: the
//! modulus of pure noise would average 0.8/√n instead of 0.
//!
//! # The number n in the thresholds
//!
//! The information thresholds of van Heel & Schatz (J. Struct. Biol. 151, 250
//! (2005)) rest on the scatter `1/√n` of the correlation of pure noise. For
//! **real** images that is the full count of pixels in the ring: half of them
//! repeat the other half (Hermitian symmetry), but each of the n/2 that remain
//! has a real and an imaginary part, n independent numbers. For **complex**
//! images nothing is repeated and n pixels hold 2n independent numbers, so the
//! scatter is `1/√(2n)` and **n counts double**. The tests measure both.
//!
//! Apodisation blurs the spectrum and makes neighbouring pixels dependent:
//! see [`Counting::Apodised`].

use crate::apodised::{Apodised, MIN_SIDE, Overlap};
use crate::crossing::{Limits, crossings};
use crate::error::ResolveError;
use crate::fourier::{C64, check_finite, check_shapes};
use crate::region::Rectangle;
use crate::register::{ImageKind, Registration, register};
use crate::rings::Rings;
use crate::window::Window;
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::scan::FrameOrigin;
use ndarray::ArrayView2;

/// How the two images are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alignment {
    /// Register to a fraction of a pixel and, for complex images, remove ramp and factor.
    #[default]
    Register,
    /// Compare them as they are.
    AsGiven,
}

/// What counts as an independent number in a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counting {
    /// Every Fourier pixel, as usual in X-ray imaging.
    #[default]
    AllPixels,
    /// Corrected for the window, that is for the part of the field the object
    /// is allowed to fill: with `W` the transform of the squared window,
    /// `n_eff = n² / Σ_{k,k' in the ring} |W(k − k')|²/|W(0)|²`, the exact count
    /// for white noise under the window. Never more than `n`.
    Apodised,
}

/// Everything that decides a Fourier ring correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrcOptions {
    /// The common, well-illuminated part of both images; `None` for all. See
    /// [`well_covered`](crate::region::well_covered).
    pub region: Option<Rectangle>,
    /// Complex transmissions or real maps.
    pub kind: ImageKind,
    /// Alignment before the correlation.
    pub alignment: Alignment,
    /// Apodisation.
    pub window: Window,
    /// Count of independent numbers in the thresholds.
    pub counting: Counting,
    /// Pixel of the images, if known.
    pub pixel: Option<Point<Metres>>,
}

impl Default for FrcOptions {
    /// Whole complex images, registered, Hann window, every pixel counted, pixel unknown.
    fn default() -> Self {
        Self {
            region: None,
            kind: ImageKind::default(),
            alignment: Alignment::default(),
            window: Window::Hann,
            counting: Counting::default(),
            pixel: None,
        }
    }
}

/// A Fourier ring correlation and what it was made with. The curves run over
/// rings 1, 2, … up to Nyquist; ring 0 (the mean) is free gauge.
#[derive(Debug, Clone, PartialEq)]
pub struct Frc {
    /// Spatial frequency of each ring, cycles per pixel (the larger one, if they differ).
    pub frequency: Vec<f64>,
    /// `Re C` of each ring; NaN where an image has no power.
    pub correlation: Vec<f64>,
    /// ½-bit threshold: resolution of the mean of both images (split data).
    pub half_bit: Vec<f64>,
    /// 1-bit threshold: resolution of each image by itself.
    pub one_bit: Vec<f64>,
    /// Fourier pixels in each ring.
    pub counts: Vec<usize>,
    /// The independent numbers n used in the thresholds.
    pub independent: Vec<f64>,
    /// Crossings of the ½-bit threshold.
    pub half_bit_limits: Limits,
    /// Crossings of the 1-bit threshold.
    pub one_bit_limits: Limits,
    /// The pixel that "cycles per pixel" refers to.
    pub pixel: Option<Metres>,
    /// The region cut from both images before registration.
    pub region: Rectangle,
    /// What registration found and removed, counted from the region's corner.
    pub registration: Option<Registration>,
    /// The options in force.
    pub options: FrcOptions,
}

impl Frc {
    /// Spatial frequency of each ring in 1/m, if the pixel is known.
    pub fn frequency_per_metre(&self) -> Option<Vec<f64>> {
        let pixel = self.pixel?;
        Some(self.frequency.iter().map(|q| q / pixel.value()).collect())
    }
}

/// Signal-to-noise ratio at which both halves together carry ½ bit per Fourier pixel: (√2 − 1)/2.
const HALF_BIT_SNR: f64 = (std::f64::consts::SQRT_2 - 1.0) / 2.0;
/// … at which they carry 1 bit.
const ONE_BIT_SNR: f64 = 0.5;
const NAME: &str = "Fourier ring correlation";

/// ½-bit threshold for `n` independent numbers: `(0.2071 + 1.9102/√n)/(1.2071 + 0.9102/√n)`.
pub fn half_bit_threshold(n: f64) -> f64 {
    information_threshold(HALF_BIT_SNR, n)
}

/// 1-bit threshold for `n` independent numbers: `(0.5 + 2.4142/√n)/(1.5 + 1.4142/√n)`.
pub fn one_bit_threshold(n: f64) -> f64 {
    information_threshold(ONE_BIT_SNR, n)
}

/// van Heel & Schatz (2005), eq. 13–17: `T = (S + 2√S/√n + 1/√n)/(S + 1 + 2√S/√n)`.
fn information_threshold(snr: f64, n: f64) -> f64 {
    let scatter = 1.0 / n.sqrt();
    (snr + (2.0 * snr.sqrt() + 1.0) * scatter) / (snr + 1.0 + 2.0 * snr.sqrt() * scatter)
}

/// Fourier ring correlation of `first` and `second`, both `(y, x)` of one shape.
///
/// # Errors
/// [`ResolveError`] if shapes differ, the region lies outside or is below 16
/// pixels, a pixel inside is not finite, or registration fails.
pub fn fourier_ring_correlation(
    first: ArrayView2<'_, C32>,
    second: ArrayView2<'_, C32>,
    options: &FrcOptions,
) -> Result<Frc, ResolveError> {
    check_shapes(NAME, ("the first image", first.dim()), ("the second image", second.dim()))?;
    options.window.check(NAME)?;
    let region =
        options.region.unwrap_or(Rectangle::whole(first.dim())).check(NAME, first.dim(), MIN_SIDE)?;
    let (first, second) = (region.of(first), region.of(second));
    check_finite(NAME, "the first image", first)?;
    check_finite(NAME, "the second image", second)?;
    let registration = match options.alignment {
        Alignment::AsGiven => None,
        Alignment::Register => Some(register(first, second, options.window, options.kind)?),
    };
    let spectra = match registration {
        None => Apodised::unaligned(first, second, options.window),
        Some(found) => {
            let shift = (found.shift.y.value(), found.shift.x.value());
            Overlap::new(first, second, shift)?.apodised(found.gauge.ramp, options.window)
        }
    };
    // The phase of the factor between the images; 1 where nothing is to be removed.
    let phase = match (options.kind, options.alignment) {
        (ImageKind::Complex, Alignment::Register) => C64::cis(-spectra.correlation().0.arg()),
        _ => C64::new(1.0, 0.0),
    };
    let rings = Rings::new(spectra.reference.dim(), FrameOrigin::Corner, options.pixel)?;
    let correlation = spectra.ring_correlation(phase, &rings).split_off(1);
    let independent = independent_numbers(&spectra, &rings, options);
    let frequency = rings.frequencies().split_off(1);
    let half_bit: Vec<f64> = independent.iter().map(|&n| half_bit_threshold(n)).collect();
    let one_bit: Vec<f64> = independent.iter().map(|&n| one_bit_threshold(n)).collect();
    Ok(Frc {
        half_bit_limits: crossings(&frequency, &correlation, &half_bit),
        one_bit_limits: crossings(&frequency, &correlation, &one_bit),
        counts: rings.counts()[1..].to_vec(),
        pixel: rings.pixel(),
        options: *options,
        frequency,
        correlation,
        half_bit,
        one_bit,
        independent,
        region,
        registration,
    })
}

/// The n of the thresholds for rings 1, 2, …
fn independent_numbers(spectra: &Apodised, rings: &Rings, options: &FrcOptions) -> Vec<f64> {
    let per_pixel = match options.kind {
        ImageKind::Complex => 2.0,
        ImageKind::Real => 1.0,
    };
    let counts = match options.counting {
        Counting::AllPixels => rings.counts().iter().map(|&n| n as f64).collect(),
        Counting::Apodised => effective_counts(&spectra.window, rings),
    };
    counts[1..].iter().map(|n| n * per_pixel).collect()
}

/// `n²/Σ_{k,k'} |W(k − k')|²/|W(0)|²` for every ring; terms below 10⁻⁴ are left out.
fn effective_counts(window: &[Vec<f64>; 2], rings: &Rings) -> Vec<f64> {
    const NEGLIGIBLE: f64 = 1e-4;
    let (ny, nx) = rings.index().dim();
    let [along_y, along_x] = window.each_ref().map(|factor| squared_window_spectrum(factor));
    let offsets: Vec<(usize, usize, f64)> = along_y
        .iter()
        .flat_map(|&(dy, wy)| along_x.iter().map(move |&(dx, wx)| (dy, dx, wy * wx)))
        .filter(|(_, _, weight)| *weight > NEGLIGIBLE)
        .collect();
    let mut dependence = vec![0.0; rings.counts().len()];
    for ((y, x), &ring) in rings.index().indexed_iter() {
        let Some(sum) = dependence.get_mut(ring as usize) else { continue };
        for &(dy, dx, weight) in &offsets {
            if rings.index()[((y + dy) % ny, (x + dx) % nx)] == ring {
                *sum += weight;
            }
        }
    }
    rings.counts().iter().zip(dependence).map(|(&n, sum)| (n * n) as f64 / sum).collect()
}

/// `|W(d)|²/|W(0)|²` of `W(d) = Σ w² exp(−2πi d i/n)` for offsets d up to ±8 pixels (as d mod n).
fn squared_window_spectrum(window: &[f64]) -> Vec<(usize, f64)> {
    const REACH: usize = 8;
    let n = window.len();
    let reach = REACH.min((n - 1) / 2);
    let total: f64 = window.iter().map(|w| w * w).sum();
    (0..=reach)
        .chain(n - reach..n)
        .map(|d| {
            let turn = -std::f64::consts::TAU * d as f64 / n as f64;
            let sum: C64 = window.iter().enumerate().map(|(i, w)| C64::cis(turn * i as f64) * (w * w)).sum();
            (d, sum.norm_sqr() / (total * total))
        })
        .collect()
}
