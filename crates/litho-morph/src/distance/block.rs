//! A block of neighbouring columns, copied together so that whole cache lines are used and the search stays in the
//! first-level cache.

use super::Border;
use super::columns::{Costs, GROUP, Group, search};
use super::parabolas::Envelope;
use super::rows::Matter;

/// Columns copied at once: four cache lines of squares.
pub(crate) const BLOCK: usize = 4 * GROUP;

/// Squares, labels and minima of a block, group after group.
#[derive(Default)]
pub(crate) struct Block<K> {
    length: usize,
    columns: usize,
    squares: Vec<Group<f32>>,
    labels: Vec<Group<K>>,
    minima: Vec<Group<f32>>,
    envelope: Envelope,
}

impl<K: Copy + Default + PartialEq + Send + Sync> Block<K> {
    /// Copies the columns from `start`, at most [`BLOCK`] of them; columns past the last are outside.
    pub(crate) fn load<T: Matter<Label = K>>(
        &mut self,
        squares: &[&mut [f32]],
        volume: &[&[T]],
        start: usize,
    ) {
        let end = squares.first().map_or(start, |row| row.len().min(start + BLOCK));
        self.length = squares.len();
        self.columns = end - start;
        let groups = self.columns.div_ceil(GROUP);
        self.squares.resize(groups * self.length, [0.0; GROUP]);
        self.labels.resize(groups * self.length, [K::default(); GROUP]);
        self.minima.resize(groups * self.length, [0.0; GROUP]);
        for (place, (squares, volume)) in squares.iter().zip(volume).enumerate() {
            let pieces = squares[start..end].chunks(GROUP).zip(volume[start..end].chunks(GROUP));
            for (group, (squares, volume)) in pieces.enumerate() {
                let index = group * self.length + place;
                let (to, kinds) = (&mut self.squares[index], &mut self.labels[index]);
                if let (Ok(squares), Ok(volume)) =
                    (<&Group<f32>>::try_from(squares), <&Group<T>>::try_from(volume))
                {
                    (*to, *kinds) = (*squares, volume.map(T::label));
                } else {
                    (*to, *kinds) = ([0.0; GROUP], [K::default(); GROUP]);
                    to[..squares.len()].copy_from_slice(squares);
                    for (kind, voxel) in kinds.iter_mut().zip(volume) {
                        *kind = voxel.label();
                    }
                }
            }
        }
    }

    /// The minima of every column.
    pub(crate) fn minimise<T: Matter<Label = K>>(&mut self, costs: &Costs, border: Border) {
        let length = self.length.max(1);
        let groups = self.squares.chunks(length).zip(self.labels.chunks(length));
        for ((squares, labels), minima) in groups.zip(self.minima.chunks_mut(length)) {
            let found = search(&T::source(squares, labels), costs, border, minima);
            if !found {
                for column in 0..GROUP {
                    self.envelope.minima(squares, labels, column, costs, border, minima);
                }
            }
        }
    }

    /// Writes the minima to the columns from `start`.
    pub(crate) fn store(&self, to: &mut [&mut [f32]], start: usize, finish: impl Fn(f32) -> f32) {
        for (place, row) in to.iter_mut().enumerate() {
            for (group, to) in row[start..start + self.columns].chunks_mut(GROUP).enumerate() {
                for (to, &minimum) in to.iter_mut().zip(&self.minima[group * self.length + place]) {
                    *to = finish(minimum);
                }
            }
        }
    }
}
