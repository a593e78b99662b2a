//! A pair of numbers in `(y, x)` order.

/// A position, step or pixel size in `(y, x)` order. The unit is in the type:
/// `Point<Metres>` is a place on the sample, `Point<Pixels>` one on the object grid.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point<U> {
    /// Along the rows of the array, growing downward.
    pub y: U,
    /// Along the columns of the array.
    pub x: U,
}

impl<U> Point<U> {
    /// The point `(y, x)`.
    pub const fn new(y: U, x: U) -> Self {
        Self { y, x }
    }

    /// The same change of unit applied to both coordinates.
    pub fn map<V>(self, mut change: impl FnMut(U) -> V) -> Point<V> {
        Point { y: change(self.y), x: change(self.x) }
    }

    /// `(x, y)`: what a transposed array calls this point.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self { y: self.x, x: self.y }
    }
}
