//! Far-field frames brought to the object pixel of the longest wavelength.
//!
//! The object pixel is `λz/(Np)`. Frames whose frequencies are sampled more coarsely are interpolated (the pixel becomes the
//! same), or cropped to the number of pixels that comes nearest.

use super::resample::{Samples, resampled as resample};
use litho_types::frames::Frames;
use litho_types::geometry::Propagation;
use litho_types::mask::{DetectorMask, MaskPolarity};
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::scan::{FrameOrigin, Scan};
use ndarray::{Array2, Array3, Axis};

/// The scan as a detector would have seen it on which a pixel means the frequency it means at energy `longest`. Counts are
/// interpolated and no longer whole; noise of neighbours is shared. Masked pixels spread to their neighbours.
pub(super) fn resampled(scan: Scan, longest: ElectronVolts) -> Scan {
    let Some(ratio) = ratio(&scan, longest) else { return scan };
    let (ny, nx) = scan.frames.shape();
    let samples = |n: usize| {
        // Frequency k at the common pixel is frequency k λ/λ_longest on the detector.
        let zero = (n / 2) as f64;
        Samples::new(n, zero - zero * ratio, ratio, n)
    };
    let centred = |image: Array2<f32>| match scan.origin {
        FrameOrigin::Centre => image,
        FrameOrigin::Corner => rolled(&image, (ny / 2, nx / 2)),
    };
    let (rows, columns) = (samples(ny), samples(nx));
    let mut frames = Array3::zeros((scan.frames.len(), ny, nx));
    for (index, mut frame) in frames.axis_iter_mut(Axis(0)).enumerate() {
        let counts = resample(centred(scan.frames.frame(index)).view(), &rows, &columns);
        // A larger share of the detector's pixel area, and no count below zero from the interpolation.
        frame.assign(&counts.mapv(|count| (count * (ratio * ratio) as f32).max(0.0)));
    }
    let good = centred(scan.mask.good().mapv(|good| if good { 1.0_f32 } else { 0.0 }));
    let good = resample(good.view(), &rows, &columns).mapv(|share| share > ALL_GOOD);
    let mut scan =
        Scan { frames: Frames::F32(frames), origin: FrameOrigin::Centre, mask: mask_of(&good), ..scan };
    if let Some(geometry) = &mut scan.geometry {
        geometry.distance = Metres::new(geometry.distance.value() / ratio);
    }
    scan
}

/// A resampled mask of ones and zeros is at least this where no masked pixel has a share of a hundredth.
const ALL_GOOD: f32 = 0.99;

/// The scan with as many pixels around zero frequency as make its object pixel most like that at energy `longest`.
pub(super) fn cropped(scan: Scan, longest: ElectronVolts) -> Scan {
    let Some(ratio) = ratio(&scan, longest) else { return scan };
    let stored = scan.frames.shape();
    let shape = (cropped_side(stored.0, ratio), cropped_side(stored.1, ratio));
    if shape == stored {
        return scan;
    }
    let source = |from: usize, n: usize, kept: usize| match scan.origin {
        FrameOrigin::Centre => from + n / 2 - kept / 2,
        FrameOrigin::Corner => {
            if from < kept.div_ceil(2) {
                from
            } else {
                from + n - kept
            }
        }
    };
    let source = |y: usize, x: usize| (source(y, stored.0, shape.0), source(x, stored.1, shape.1));
    let good = scan.mask.good();
    let good = Array2::from_shape_fn(shape, |(y, x)| good[source(y, x)]);
    Scan { frames: scan.frames.rearranged(shape, &source), mask: mask_of(&good), probe: None, ..scan }
}

/// `N λ/λ_longest`, a whole number of the same parity, so that zero frequency stays the middle pixel.
fn cropped_side(n: usize, ratio: f64) -> usize {
    n - 2 * ((n as f64 * (1.0 - ratio)) / 2.0).round() as usize
}

/// `λ/λ_longest` of a far-field scan that is not at that energy itself.
fn ratio(scan: &Scan, longest: ElectronVolts) -> Option<f64> {
    let geometry = scan.geometry.filter(|geometry| geometry.propagation == Propagation::FarField)?;
    let ratio = longest / geometry.energy;
    (ratio < 1.0).then_some(ratio)
}

fn mask_of(good: &Array2<bool>) -> DetectorMask {
    DetectorMask::from_values(good.mapv(u32::from).view(), MaskPolarity::NonZeroIsGood)
}

fn rolled(image: &Array2<f32>, by: (usize, usize)) -> Array2<f32> {
    let (ny, nx) = image.dim();
    Array2::from_shape_fn((ny, nx), |(y, x)| image[((y + ny - by.0) % ny, (x + nx - by.1) % nx)])
}
