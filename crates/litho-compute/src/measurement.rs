//! A scan made ready for the kernels.

use crate::fft::FftError;
use crate::propagator::Propagator;
use litho_lanes::blocks;
use litho_lanes::lanewise;
use litho_types::frames::{Count, Frames};
use litho_types::placement::Placement;
use litho_types::with_frames;
use ndarray::{Array2, Array3, ArrayView2, Axis};

/// Frames in kernel order, which of their pixels count, where each lies on
/// the object, and how waves reach the detector.
#[derive(Debug)]
pub struct Measurement {
    frames: Frames,
    good: Array2<bool>,
    /// 0 for good pixels, −1 for the others.
    good_sign: Vec<f32>,
    placement: Placement,
    propagator: Propagator,
    total: f64,
    saturation: f32,
}

/// Why a measurement cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MeasurementError {
    /// Frame count and position count differ.
    #[error("{frames} frames but {positions} positions; every frame needs exactly one position")]
    CountMismatch {
        /// Number of frames.
        frames: usize,
        /// Number of positions.
        positions: usize,
    },
    /// Mask and frames differ in shape.
    #[error("the mask is {mask:?} pixels but the frames are {frames:?}; crop or transpose the mask")]
    MaskShape {
        /// Shape of the mask.
        mask: (usize, usize),
        /// Shape of the frames.
        frames: (usize, usize),
    },
    /// Nothing was measured.
    #[error(
        "no photon was counted on any unmasked pixel; check the mask's polarity and that the frames hold counts"
    )]
    NoSignal,
    /// The frames cannot be transformed.
    #[error(transparent)]
    Transform(#[from] FftError),
}

impl Measurement {
    /// Puts together `frames` (position, y, x) with zero frequency at the
    /// corner (far field), the map of `good` pixels in the same order, and
    /// the frames' `placement` on the object.
    ///
    /// # Errors
    /// [`MeasurementError`] if the parts do not fit or hold no signal.
    pub fn new(
        frames: Frames,
        good: Array2<bool>,
        placement: Placement,
        propagator: Propagator,
    ) -> Result<Self, MeasurementError> {
        if frames.len() != placement.corners.len() {
            return Err(MeasurementError::CountMismatch {
                frames: frames.len(),
                positions: placement.corners.len(),
            });
        }
        if good.dim() != frames.shape() {
            return Err(MeasurementError::MaskShape { mask: good.dim(), frames: frames.shape() });
        }
        let frames = in_standard_layout(frames);
        let good = good.as_standard_layout().into_owned();
        let total = frames.totals(good.view()).iter().sum();
        if total <= 0.0 {
            return Err(MeasurementError::NoSignal);
        }
        let good_sign = good.iter().map(|&good| if good { 0.0 } else { -1.0 }).collect();
        Ok(Self { frames, good, good_sign, placement, propagator, total, saturation: f32::INFINITY })
    }

    /// The frames, `(position, y, x)` in kernel order.
    pub fn frames(&self) -> &Frames {
        &self.frames
    }

    /// Number of frames.
    pub fn frame_count(&self) -> usize {
        self.frames.len()
    }

    /// Which pixels were measured, `(y, x)` in kernel order.
    pub fn good(&self) -> &Array2<bool> {
        &self.good
    }

    /// Where the frames lie on the object.
    pub fn placement(&self) -> &Placement {
        &self.placement
    }

    /// How waves reach the detector.
    pub fn propagator(&self) -> &Propagator {
        &self.propagator
    }

    /// Shape `(ny, nx)` of a frame.
    pub fn frame_shape(&self) -> (usize, usize) {
        self.frames.shape()
    }

    /// `Σ I` over all frames and measured pixels.
    pub fn total_intensity(&self) -> f64 {
        self.total
    }

    /// Says from which count on a pixel is saturated: it then only tells that the intensity is at least this.
    #[must_use]
    pub fn with_saturation(self, counts: f32) -> Self {
        // Half a count below, so that the root of the level itself is above whatever its rounding.
        Self { saturation: (counts - 0.5).max(0.0).sqrt(), ..self }
    }

    /// `√I` from which on a pixel is saturated; infinite if none is known to be.
    pub(crate) fn saturation(&self) -> f32 {
        self.saturation
    }

    /// Writes `√I` of one frame into `amplitude` (y, x); −1 marks pixels that were not measured.
    pub(crate) fn amplitude_into(&self, frame: usize, amplitude: &mut [f32]) {
        let good = &self.good_sign;
        with_frames!(&self.frames, stack => {
            amplitudes(contiguous(stack.index_axis(Axis(0), frame)), good, amplitude);
        }, stored => {
            stored.with_frame(frame, |counts| amplitudes(contiguous(counts), good, amplitude));
        });
    }
}

fn in_standard_layout(frames: Frames) -> Frames {
    match frames {
        Frames::U8(a) => Frames::U8(standard(a)),
        Frames::U16(a) => Frames::U16(standard(a)),
        Frames::U32(a) => Frames::U32(standard(a)),
        Frames::F32(a) => Frames::F32(standard(a)),
        // Every frame is handed out in standard layout.
        Frames::Stored(stored) => Frames::Stored(stored),
    }
}

/// The array itself where it is in standard layout already: `as_standard_layout` alone would copy it.
fn standard<T: Clone>(stack: Array3<T>) -> Array3<T> {
    if stack.is_standard_layout() { stack } else { stack.as_standard_layout().into_owned() }
}

/// The pixels of an array that [`Measurement::new`] made contiguous.
fn contiguous<T>(image: ArrayView2<'_, T>) -> &[T] {
    image.to_slice().expect("measurement arrays are in standard layout")
}

lanewise! {
    /// `√I` where a pixel is good and holds a number, −1 elsewhere; `good` is 0 for good pixels and −1 for the others.
    fn amplitudes<L, T: Count>(counts: &[T], good: &[f32], amplitude: &mut [f32]) {
        let none = L::splat(-1.0);
        for at in blocks(amplitude.len()) {
            // The larger of NaN and −1 is −1; adding nothing takes the sign off a negative zero.
            let count = at.converted::<L, T>(counts).max(none).add(L::splat(0.0));
            let root = count.choose(count.sqrt(), none);
            at.put_real(at.real::<L>(good).choose(root, none), amplitude);
        }
    }
}
