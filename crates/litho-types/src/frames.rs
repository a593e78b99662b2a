//! Diffraction frames in the detector's own number type.

use crate::frame_store::StoredFrames;
use ndarray::{Array2, Array3, ArrayView2, s};

/// A stack of frames `(position, y, x)`, kept in the type the detector wrote:
/// a scan of 16-bit counts stays half the size of one in floats. A stack larger than the memory is
/// [`Stored`](Self::Stored) elsewhere and read frame by frame, with the same bits.
#[derive(Debug, Clone, PartialEq)]
pub enum Frames {
    /// 8-bit counts.
    U8(Array3<u8>),
    /// 16-bit counts.
    U16(Array3<u16>),
    /// 32-bit counts.
    U32(Array3<u32>),
    /// Intensities that are no longer integers (dark-subtracted, normalised).
    F32(Array3<f32>),
    /// Not in memory.
    Stored(StoredFrames),
}

/// The number types that counts are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountType {
    /// 8-bit counts.
    U8,
    /// 16-bit counts.
    U16,
    /// 32-bit counts.
    U32,
    /// 32-bit floats.
    F32,
}

impl CountType {
    /// Bytes of one pixel.
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U32 | Self::F32 => 4,
        }
    }

    /// The name of the type, as NumPy spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::U8 => "uint8",
            Self::U16 => "uint16",
            Self::U32 => "uint32",
            Self::F32 => "float32",
        }
    }
}

/// A number that a detector pixel can hold.
pub trait Count: Copy + Send + Sync + 'static {
    /// The intensity as a float.
    fn to_f32(self) -> f32;
}

impl Count for u8 {
    fn to_f32(self) -> f32 {
        f32::from(self)
    }
}
impl Count for u16 {
    fn to_f32(self) -> f32 {
        f32::from(self)
    }
}
impl Count for u32 {
    fn to_f32(self) -> f32 {
        self as f32
    }
}
impl Count for f32 {
    fn to_f32(self) -> f32 {
        self
    }
}

/// Runs `$body` with `$array` bound to the typed array inside a [`Frames`], or `$other` with
/// `$stored` bound to the [`StoredFrames`] of a stack that is not in memory.
#[macro_export]
macro_rules! with_frames {
    ($frames:expr, $array:ident => $body:expr, $stored:pat => $other:expr) => {
        match $frames {
            $crate::frames::Frames::U8($array) => $body,
            $crate::frames::Frames::U16($array) => $body,
            $crate::frames::Frames::U32($array) => $body,
            $crate::frames::Frames::F32($array) => $body,
            $crate::frames::Frames::Stored($stored) => $other,
        }
    };
}

impl Frames {
    /// Number of frames.
    pub fn len(&self) -> usize {
        with_frames!(self, a => a.dim().0, stored => stored.len())
    }

    /// True if there is no frame.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Shape `(ny, nx)` of one frame.
    pub fn shape(&self) -> (usize, usize) {
        with_frames!(self, a => (a.dim().1, a.dim().2), stored => stored.shape())
    }

    /// Bytes held in memory; none if the frames are stored elsewhere.
    pub fn bytes(&self) -> usize {
        let frame = self.shape().0 * self.shape().1 * self.bytes_per_pixel();
        with_frames!(self, a => a.dim().0 * frame, _ => 0)
    }

    /// Bytes of one pixel.
    pub fn bytes_per_pixel(&self) -> usize {
        self.count_type().bytes()
    }

    /// The number type.
    pub fn count_type(&self) -> CountType {
        match self {
            Self::U8(_) => CountType::U8,
            Self::U16(_) => CountType::U16,
            Self::U32(_) => CountType::U32,
            Self::F32(_) => CountType::F32,
            Self::Stored(stored) => stored.count_type(),
        }
    }

    /// The name of the number type, as NumPy spells it.
    pub fn type_name(&self) -> &'static str {
        self.count_type().name()
    }

    /// Frame `index` as floats, shape `(y, x)`.
    pub fn frame(&self, index: usize) -> Array2<f32> {
        with_frames!(self,
            a => a.slice(s![index, .., ..]).mapv(Count::to_f32),
            stored => stored.with_frame(index, |frame| frame.to_owned()))
    }

    /// Sum of each frame's counts over the pixels where `good` is true and a count is held
    /// (NaN and negative numbers are none).
    pub fn totals(&self, good: ArrayView2<'_, bool>) -> Vec<f64> {
        with_frames!(self, a => a.outer_iter().map(|frame| total(frame, good)).collect(), stored => {
            (0..stored.len()).map(|index| stored.with_frame(index, |frame| total(frame, good))).collect()
        })
    }

    /// Mean of each pixel over the frames that hold a count there, shape `(y, x)`,
    /// accumulated in double precision; 0 where none does.
    pub fn mean(&self) -> Array2<f64> {
        let mut sum = Array2::<f64>::zeros(self.shape());
        let mut held = Array2::<u32>::zeros(self.shape());
        with_frames!(self,
            a => a.outer_iter().for_each(|frame| add(frame, &mut sum, &mut held)),
            stored => stored.for_each(|frame| add(frame, &mut sum, &mut held)));
        sum.zip_mut_with(&held, |s, n| *s /= f64::from((*n).max(1)));
        sum
    }

    /// The frames at `indices`, in that order.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let axis = ndarray::Axis(0);
        match self {
            Self::U8(a) => Self::U8(a.select(axis, indices)),
            Self::U16(a) => Self::U16(a.select(axis, indices)),
            Self::U32(a) => Self::U32(a.select(axis, indices)),
            Self::F32(a) => Self::F32(a.select(axis, indices)),
            Self::Stored(stored) => Self::Stored(stored.select(indices)),
        }
    }

    /// Every frame with its pixels rearranged (flipped, transposed, cropped) to
    /// `shape` = (ny, nx): pixel `(y, x)` of the result is pixel `source(y, x)` of the stored frame.
    #[must_use]
    pub fn rearranged(&self, shape: (usize, usize), source: &dyn Fn(usize, usize) -> (usize, usize)) -> Self {
        match self {
            Self::U8(a) => Self::U8(rearrange(a, shape, source)),
            Self::U16(a) => Self::U16(rearrange(a, shape, source)),
            Self::U32(a) => Self::U32(rearrange(a, shape, source)),
            Self::F32(a) => Self::F32(rearrange(a, shape, source)),
            Self::Stored(stored) => Self::Stored(stored.rearranged(shape, source)),
        }
    }
}

/// Sum of a frame's counts over good pixels.
fn total<T: Count>(frame: ArrayView2<'_, T>, good: ArrayView2<'_, bool>) -> f64 {
    let counts = frame.into_iter().zip(good).filter(|(_, good)| **good);
    counts.map(|(v, _)| v.to_f32()).filter(|v| *v >= 0.0).map(f64::from).sum()
}

/// Adds a frame's counts to `sum` and what holds one to `held`.
fn add<T: Count>(frame: ArrayView2<'_, T>, sum: &mut Array2<f64>, held: &mut Array2<u32>) {
    ndarray::Zip::from(sum).and(held).and(frame).for_each(|s, n, v| {
        let value = v.to_f32();
        if value >= 0.0 {
            *s += f64::from(value);
            *n += 1;
        }
    });
}

fn rearrange<T: Count>(
    frames: &Array3<T>,
    (ny, nx): (usize, usize),
    source: &dyn Fn(usize, usize) -> (usize, usize),
) -> Array3<T> {
    let sources: Vec<(usize, usize)> = (0..ny * nx).map(|pixel| source(pixel / nx, pixel % nx)).collect();
    Array3::from_shape_fn((frames.dim().0, ny, nx), |(frame, y, x)| {
        let (sy, sx) = sources[y * nx + x];
        frames[(frame, sy, sx)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_without_a_count_are_left_out() {
        let nan = f32::NAN;
        let stack = ndarray::arr3(&[[[1.0, nan], [4.0, -2.0]], [[3.0, 5.0], [nan, -1.0]]]);
        let frames = Frames::F32(stack);
        let good = ndarray::arr2(&[[true, true], [true, true]]);
        assert_eq!(frames.totals(good.view()), vec![5.0, 8.0]);
        assert_eq!(frames.mean(), ndarray::arr2(&[[2.0, 5.0], [4.0, 0.0]]));
    }
}
