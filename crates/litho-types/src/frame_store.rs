//! Frames that are not in memory: where they are read from, and a stack of them.

use crate::frames::CountType;
use ndarray::{Array2, ArrayView2};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

/// A place that holds frames and gives them out one by one, in any order, to several threads at once.
///
/// Implemented above the core, where files may be opened.
pub trait FrameStore: Debug + Send + Sync {
    /// Number of frames.
    fn len(&self) -> usize;

    /// True if there is no frame.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Shape `(ny, nx)` of a frame.
    fn shape(&self) -> (usize, usize);

    /// The type the counts are kept in.
    fn count_type(&self) -> CountType;

    /// Writes the counts of frame `index` into `counts` `(y, x)`: pixel `i` is the stored pixel `order[i]`,
    /// or the stored pixel `i` without an order.
    ///
    /// A frame that cannot be read is one without a count anywhere: NaN in every pixel, which every user of
    /// frames leaves out. The store remembers the first such failure for whoever opened it.
    fn read(&self, index: usize, order: Option<&[u32]>, counts: &mut [f32]);
}

/// A stack of frames `(position, y, x)` in a [`FrameStore`]: which of its frames, and their pixels in which
/// order. Selecting and rearranging make another view; nothing is read until a frame is asked for.
#[derive(Debug, Clone)]
pub struct StoredFrames {
    store: Arc<dyn FrameStore>,
    /// Number in the store of each frame of this stack.
    indices: Arc<[usize]>,
    shape: (usize, usize),
    /// The stored pixel of each pixel; `None` if they lie as stored.
    order: Option<Arc<[u32]>>,
    /// Buffers of one frame; as many as frames were ever looked at at once.
    buffers: Arc<Mutex<Vec<Vec<f32>>>>,
}

impl StoredFrames {
    /// All frames of a store, as they lie there.
    pub fn new(store: Arc<dyn FrameStore>) -> Self {
        let (indices, shape) = ((0..store.len()).collect(), store.shape());
        Self { store, indices, shape, order: None, buffers: Arc::default() }
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// True if there is no frame.
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// Shape `(ny, nx)` of one frame.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// The type the counts are kept in.
    pub fn count_type(&self) -> CountType {
        self.store.count_type()
    }

    /// Reads frame `index` of this stack and hands it, `(y, x)` in standard layout, to `look`.
    ///
    /// # Panics
    /// If there is no such frame.
    pub fn with_frame<R>(&self, index: usize, look: impl FnOnce(ArrayView2<'_, f32>) -> R) -> R {
        let (ny, nx) = self.shape;
        let spare = || self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = spare().pop().filter(|buffer| buffer.len() == ny * nx);
        let buffer = kept.unwrap_or_else(|| vec![0.0; ny * nx]);
        let mut frame = Array2::from_shape_vec((ny, nx), buffer).expect("as many pixels as the shape says");
        let pixels = frame.as_slice_mut().expect("a new array is in standard layout");
        self.store.read(self.indices[index], self.order.as_deref(), pixels);
        let result = look(frame.view());
        spare().push(frame.into_raw_vec_and_offset().0);
        result
    }

    /// Reads the frames one after the other and hands each, `(y, x)`, to `look`.
    pub fn for_each(&self, mut look: impl FnMut(ArrayView2<'_, f32>)) {
        for index in 0..self.len() {
            self.with_frame(index, &mut look);
        }
    }

    /// The frames at `indices`, in that order.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self { indices: indices.iter().map(|&index| self.indices[index]).collect(), ..self.clone() }
    }

    /// Every frame with its pixels rearranged to `shape` = (ny, nx): pixel `(y, x)` is pixel `source(y, x)` of
    /// this stack.
    #[must_use]
    pub fn rearranged(
        &self,
        (ny, nx): (usize, usize),
        source: &dyn Fn(usize, usize) -> (usize, usize),
    ) -> Self {
        let stored = (0..ny * nx).map(|pixel| {
            let (y, x) = source(pixel / nx, pixel % nx);
            let here = y * self.shape.1 + x;
            self.order.as_ref().map_or(here as u32, |order| order[here])
        });
        Self { order: Some(stored.collect()), shape: (ny, nx), buffers: Arc::default(), ..self.clone() }
    }
}

/// Equal if they show the same frames of the same store in the same way; what they hold is not read.
impl PartialEq for StoredFrames {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.store), Arc::as_ptr(&other.store))
            && (&self.indices, self.shape, &self.order) == (&other.indices, other.shape, &other.order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Frames;
    use ndarray::Array3;

    /// A store in memory.
    #[derive(Debug)]
    struct InMemory(Array3<f32>);

    impl FrameStore for InMemory {
        fn len(&self) -> usize {
            self.0.dim().0
        }
        fn shape(&self) -> (usize, usize) {
            (self.0.dim().1, self.0.dim().2)
        }
        fn count_type(&self) -> CountType {
            CountType::F32
        }
        fn read(&self, index: usize, order: Option<&[u32]>, counts: &mut [f32]) {
            let frame = self.0.index_axis(ndarray::Axis(0), index);
            let stored: Vec<f32> = frame.iter().copied().collect();
            for (i, count) in counts.iter_mut().enumerate() {
                *count = stored[order.map_or(i, |order| order[i] as usize)];
            }
        }
    }

    /// The same frames in memory and in a store; one pixel holds no count.
    fn both() -> [Frames; 2] {
        let mut stack = Array3::from_shape_fn((5, 3, 4), |(n, y, x)| 0.1 * (n * 100 + y * 10 + x) as f32);
        stack[(2, 1, 3)] = f32::NAN;
        [Frames::F32(stack.clone()), Frames::Stored(StoredFrames::new(Arc::new(InMemory(stack))))]
    }

    fn contents(frames: &Frames) -> Vec<Array2<u32>> {
        (0..frames.len()).map(|n| frames.frame(n).mapv(f32::to_bits)).collect()
    }

    #[test]
    fn a_stored_stack_answers_as_one_in_memory_does_to_the_bit() {
        let [memory, stored] = both();
        let good = Array2::from_shape_fn((3, 4), |(y, x)| (y, x) != (0, 2));
        assert_eq!(contents(&stored), contents(&memory));
        assert_eq!(stored.totals(good.view()), memory.totals(good.view()));
        assert_eq!(stored.mean(), memory.mean());
        assert_eq!((stored.type_name(), stored.bytes()), ("float32", 0));
    }

    #[test]
    fn views_of_views_show_what_copies_of_copies_hold() {
        let turned = |y: usize, x: usize| (2 - x, y);
        let mirrored = |y: usize, x: usize| (y, 2 - x);
        let [memory, stored] = both().map(|frames| {
            frames
                .select(&[4, 2, 0, 2])
                .rearranged((4, 3), &turned)
                .select(&[1, 3, 0])
                .rearranged((4, 3), &mirrored)
        });
        assert_eq!(stored.shape(), (4, 3));
        assert_eq!(contents(&stored), contents(&memory));
        assert_eq!(stored.clone(), stored);
        assert_ne!(stored, stored.select(&[0, 1]));
    }
}
