//! Disjoint sets whose root is the first member.

use crate::error::MorphError;

/// Sets of things numbered from 0. A parent never comes after its child.
#[derive(Debug, Default)]
pub(crate) struct Forest(Vec<u32>);

impl Forest {
    /// Every thing in a set of its own.
    ///
    /// # Errors
    /// More things than a `u32` numbers.
    pub(crate) fn new(len: usize) -> Result<Self, MorphError> {
        let len = checked(len)?;
        Ok(Self((0..len).collect()))
    }

    /// Adds things behind those there are, each in a set of its own; gives the place of the first.
    ///
    /// # Errors
    /// As [`Forest::new`].
    pub(crate) fn grow(&mut self, by: u32) -> Result<usize, MorphError> {
        let first = self.0.len();
        let len = checked(first + by as usize)?;
        self.0.extend(first as u32..len);
        Ok(first)
    }

    fn root(&mut self, of: usize) -> usize {
        let mut here = of;
        loop {
            let parent = self.0[here] as usize;
            if parent == here {
                return here;
            }
            let above = self.0[parent];
            self.0[here] = above;
            here = above as usize;
        }
    }

    /// Makes the sets of two things one.
    pub(crate) fn unite(&mut self, a: usize, b: usize) {
        // Neighbours mostly are in one set already, and know it.
        if self.0[a] == self.0[b] {
            return;
        }
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b) as u32;
    }

    /// The number of each thing's set, from 1 by the first member, and how many sets there are.
    pub(crate) fn numbers(self) -> (Vec<u32>, u32) {
        let mut numbers = self.0;
        let mut count = 0;
        for index in 0..numbers.len() {
            let parent = numbers[index] as usize;
            numbers[index] = if parent == index {
                count += 1;
                count
            } else {
                numbers[parent]
            };
        }
        (numbers, count)
    }
}

/// One less than 2³², as numbers of sets begin at 1.
fn checked(len: usize) -> Result<u32, MorphError> {
    u32::try_from(len).ok().filter(|&len| len < u32::MAX).ok_or(MorphError::TooMany {
        operation: "connected components",
        what: "runs of voxels or sets of them",
        count: len,
        most: u32::MAX as usize - 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_numbered_by_their_first_member() -> Result<(), MorphError> {
        let mut forest = Forest::new(3)?;
        forest.unite(2, 1);
        assert_eq!(forest.grow(3)?, 3);
        forest.unite(5, 0);
        forest.unite(4, 2);
        assert_eq!(forest.numbers(), (vec![1, 2, 2, 3, 2, 1], 3));
        Ok(())
    }
}
