//! Runs of voxels of one kind along x.

/// Neighbouring voxels of one kind in a row, from `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run<M> {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The kind: nothing for a mask, the label for labels.
    pub(crate) mark: M,
}

/// What a voxel is: outside, or of a kind that only its equals belong to.
pub(crate) trait Kind: Copy + Send + Sync {
    /// The kinds that are inside.
    type Mark: Copy + PartialEq + Send + Sync;

    /// Adds the runs of a row.
    fn runs(row: &[Self], runs: &mut Vec<Run<Self::Mark>>);
}

impl Kind for bool {
    type Mark = ();

    fn runs(row: &[Self], runs: &mut Vec<Run<()>>) {
        let mut before = 0;
        let mut start = 0;
        for (index, voxels) in row.chunks(64).enumerate() {
            let bits = bits_of(voxels);
            // A bit at every voxel that differs from the one before it.
            let mut edges = bits ^ (bits << 1 | before);
            before = bits >> 63;
            while edges != 0 {
                let place = edges.trailing_zeros();
                edges &= edges - 1;
                let x = 64 * index as u32 + place;
                if bits >> place & 1 == 1 {
                    start = x;
                } else {
                    runs.push(Run { start, end: x, mark: () });
                }
            }
        }
        if row.last() == Some(&true) && row.len().is_multiple_of(64) {
            runs.push(Run { start, end: row.len() as u32, mark: () });
        }
    }
}

/// The voxels of a word, the first in the lowest bit; those missing are outside.
fn bits_of(voxels: &[bool]) -> u64 {
    let (eights, rest) = voxels.as_chunks::<8>();
    // Every byte is 0 or 1; the factor brings byte k to bit 56 + k, and nothing else there.
    let byte =
        |eight: &[bool; 8]| u64::from_le_bytes(eight.map(u8::from)).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let mut bits = 0;
    for (index, eight) in eights.iter().enumerate() {
        bits |= byte(eight) << (8 * index);
    }
    for (index, &voxel) in rest.iter().enumerate() {
        bits |= u64::from(voxel) << (8 * eights.len() + index);
    }
    bits
}

impl Kind for u32 {
    type Mark = u32;

    fn runs(row: &[Self], runs: &mut Vec<Run<u32>>) {
        let mut start = 0;
        for run in row.chunk_by(|a, b| a == b) {
            let end = start + run.len() as u32;
            if run[0] != 0 {
                runs.push(Run { start, end, mark: run[0] });
            }
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_a_mask_are_those_of_its_voxels_as_labels() {
        // Lengths around one and two words; a pattern with single voxels, gaps and runs over the words' seams.
        for len in [0, 1, 7, 8, 63, 64, 65, 127, 128, 130, 200] {
            for step in [1, 2, 3, 5, 61, 64, 300] {
                let mask: Vec<bool> = (0..len).map(|x| x / step % 2 == 0).collect();
                let labels: Vec<u32> = mask.iter().map(|&inside| inside.into()).collect();
                let (mut of_mask, mut of_labels) = (Vec::new(), Vec::new());
                bool::runs(&mask, &mut of_mask);
                u32::runs(&labels, &mut of_labels);
                let places = |run: (u32, u32)| run;
                let of_mask: Vec<_> = of_mask.iter().map(|run| places((run.start, run.end))).collect();
                let of_labels: Vec<_> = of_labels.iter().map(|run| places((run.start, run.end))).collect();
                assert_eq!(of_mask, of_labels, "{len} {step}");
            }
        }
    }
}
