//! Which voxels are neighbours.

/// Which of the 26 voxels around a voxel belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Connectivity {
    /// Those that share a face.
    #[default]
    Six,
    /// Those that share a face or an edge.
    Eighteen,
    /// Those that share a face, an edge or a corner.
    TwentySix,
}

impl Connectivity {
    /// Steps `(z, y, x)` to every neighbour, in the order of memory.
    pub fn steps(self) -> impl Iterator<Item = [isize; 3]> {
        let reach = match self {
            Self::Six => 1,
            Self::Eighteen => 2,
            Self::TwentySix => 3,
        };
        (0..27)
            .map(|index: isize| [index / 9 - 1, index / 3 % 3 - 1, index % 3 - 1])
            .filter(move |step| (1..=reach).contains(&step.iter().map(|s| s.abs()).sum::<isize>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_as_many_as_the_names_say() {
        for (connectivity, count) in
            [(Connectivity::Six, 6), (Connectivity::Eighteen, 18), (Connectivity::TwentySix, 26)]
        {
            assert_eq!(connectivity.steps().count(), count);
        }
    }
}
