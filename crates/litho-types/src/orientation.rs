//! The eight ways a detector image can lie relative to the scan axes.

use ndarray::{ArrayView2, Axis};

/// One of the eight symmetries of the square, applied to a detector frame so
/// that its rows and columns run along the scan's `y` and `x`.
///
/// Numbered as ptypy does: bit 2 transposes (first), bit 1 flips rows
/// (up–down), bit 0 flips columns (left–right).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Orientation(u8);

impl Orientation {
    /// The frame as it is stored.
    pub const IDENTITY: Self = Self(0);

    /// All eight, in the order of their numbers.
    pub const ALL: [Self; 8] = [Self(0), Self(1), Self(2), Self(3), Self(4), Self(5), Self(6), Self(7)];

    /// The orientation with this number, `None` above 7.
    pub const fn from_index(index: u8) -> Option<Self> {
        if index < 8 { Some(Self(index)) } else { None }
    }

    /// The number, 0–7.
    pub const fn index(self) -> u8 {
        self.0
    }

    /// True if rows and columns change places.
    pub const fn transposes(self) -> bool {
        self.0 & 4 != 0
    }

    /// What it does, in words.
    pub const fn name(self) -> &'static str {
        match self.0 {
            0 => "as stored",
            1 => "columns flipped",
            2 => "rows flipped",
            3 => "rotated 180°",
            4 => "transposed",
            5 => "transposed, then columns flipped",
            6 => "transposed, then rows flipped",
            _ => "transposed, then rotated 180°",
        }
    }

    /// This orientation followed by a rotation by 180°, which is the same as
    /// reversing the sign of every scan position.
    #[must_use]
    pub const fn rotated_half_turn(self) -> Self {
        Self(self.0 ^ 3)
    }

    /// The frame seen in this orientation; no data is moved.
    pub fn apply<T>(self, frame: ArrayView2<'_, T>) -> ArrayView2<'_, T> {
        let mut view = if self.transposes() { frame.reversed_axes() } else { frame };
        if self.0 & 2 != 0 {
            view.invert_axis(Axis(0));
        }
        if self.0 & 1 != 0 {
            view.invert_axis(Axis(1));
        }
        view
    }

    /// The vector `(y, x)` of detector coordinates in the oriented frame.
    pub fn apply_to_vector(self, vector: (f64, f64)) -> (f64, f64) {
        let (y, x) = if self.transposes() { (vector.1, vector.0) } else { vector };
        (if self.0 & 2 != 0 { -y } else { y }, if self.0 & 1 != 0 { -x } else { x })
    }

    /// Shape `(ny, nx)` of the oriented frame.
    pub const fn apply_to_shape(self, shape: (usize, usize)) -> (usize, usize) {
        if self.transposes() { (shape.1, shape.0) } else { shape }
    }
}

impl std::fmt::Display for Orientation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.0, self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn the_eight_are_distinct_and_half_turn_pairs() {
        let frame = arr2(&[[1, 2], [3, 4]]);
        let all: Vec<_> = Orientation::ALL.iter().map(|o| o.apply(frame.view()).to_owned()).collect();
        for (i, a) in all.iter().enumerate() {
            for b in &all[..i] {
                assert_ne!(a, b);
            }
        }
        for o in Orientation::ALL {
            let turned = Orientation(3).apply(o.apply(frame.view()));
            assert_eq!(turned, o.rotated_half_turn().apply(frame.view()));
        }
    }

    #[test]
    fn vectors_turn_with_the_frame() {
        // A bright pixel at offset (1, 0) from the centre of a 3 × 3 frame must be found where the vector points.
        let mut frame = ndarray::Array2::<u8>::zeros((3, 3));
        frame[(2, 1)] = 1;
        for o in Orientation::ALL {
            let (dy, dx) = o.apply_to_vector((1.0, 0.0));
            let seen = o.apply(frame.view());
            assert_eq!(seen[((1.0 + dy) as usize, (1.0 + dx) as usize)], 1, "orientation {o}");
        }
    }
}
