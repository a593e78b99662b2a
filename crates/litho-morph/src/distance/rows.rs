//! Squares of distances along a row.

use super::Border;
use super::columns::{Group, Marked, Plain, Source};

/// What a voxel of a volume says: inside or not, or to which label it belongs.
pub(crate) trait Matter: Copy + Sync + Send {
    /// What must be kept of a voxel beside the square of its distance; nothing for masks, whose outside has square 0.
    type Label: Copy + Default + PartialEq + Send + Sync;

    /// The label of a voxel.
    fn label(self) -> Self::Label;

    /// Squares of distances along a row, in voxels.
    fn squares(row: &[Self], border: Border, squares: &mut [f32]);

    /// The squares of a group of columns as seen from one of their voxels.
    fn source<'a>(squares: &'a [Group<f32>], labels: &'a [Group<Self::Label>]) -> impl Source + 'a;
}

/// Steps to a voxel outside that is farther than any row is long: its square is +∞.
const NEVER: u32 = 1 << 31;

fn square(steps: u32) -> f32 {
    if steps >= NEVER { f32::INFINITY } else { steps as f32 * steps as f32 }
}

fn beyond(border: Border) -> u32 {
    match border {
        Border::Outside => 0,
        Border::Ignored => NEVER,
    }
}

impl Matter for bool {
    type Label = ();

    fn label(self) {}

    fn squares(row: &[Self], border: Border, squares: &mut [f32]) {
        let mut steps = beyond(border);
        for (square, &inside) in squares.iter_mut().zip(row) {
            steps = if inside { steps + 1 } else { 0 };
            // Whole numbers below 2³¹ pass through the bits of the float unchanged.
            *square = f32::from_bits(steps);
        }
        let mut steps = beyond(border);
        for (value, &inside) in squares.iter_mut().zip(row).rev() {
            steps = if inside { steps + 1 } else { 0 };
            *value = square(steps.min(value.to_bits()));
        }
    }

    fn source<'a>(squares: &'a [Group<f32>], _: &'a [Group<()>]) -> impl Source + 'a {
        Plain { squares }
    }
}

impl Matter for u32 {
    type Label = u32;

    fn label(self) -> u32 {
        self
    }

    fn squares(row: &[Self], border: Border, squares: &mut [f32]) {
        let ends = (beyond(border), beyond(border));
        let mut start = 0;
        for run in row.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            let before = if start == 0 { ends.0 } else { 0 };
            let after = if end == row.len() { ends.1 } else { 0 };
            for (i, value) in squares[start..end].iter_mut().enumerate() {
                let (i, back) = (i as u32, (run.len() - i) as u32);
                *value = if run[0] == 0 { 0.0 } else { square((before + i + 1).min(after + back)) };
            }
            start = end;
        }
    }

    fn source<'a>(squares: &'a [Group<f32>], labels: &'a [Group<u32>]) -> impl Source + 'a {
        Marked { squares, labels }
    }
}
