//! Voxels from high to low.

/// Bits of a digit: three digits make a key.
const DIGIT: u32 = 11;
const DIGITS: usize = 3;
const MANY: usize = 1 << DIGIT;

/// Sorts voxels by height, the highest first, equals in the order given: by digits, from the lowest.
pub(super) fn by_height(voxels: Vec<(f32, u32)>) -> Vec<(f32, u32)> {
    let mut counts = vec![[0_u32; MANY]; DIGITS];
    for &(height, _) in &voxels {
        for (digit, counts) in counts.iter_mut().enumerate() {
            counts[digit_of(height, digit)] += 1;
        }
    }
    let (mut from, mut to) = (voxels, Vec::new());
    for (digit, counts) in counts.iter_mut().enumerate() {
        if counts.iter().any(|&count| count as usize == from.len()) {
            continue;
        }
        let mut start = 0;
        for count in counts.iter_mut() {
            (*count, start) = (start, start + *count);
        }
        to.resize(from.len(), (0.0, 0));
        for &voxel in &from {
            let place = &mut counts[digit_of(voxel.0, digit)];
            to[*place as usize] = voxel;
            *place += 1;
        }
        std::mem::swap(&mut from, &mut to);
    }
    from
}

/// A digit of a whole number that falls as the height grows; −0 counts as 0.
fn digit_of(height: f32, digit: usize) -> usize {
    let bits = (height + 0.0).to_bits();
    // Positive numbers grow with their bits, negative ones fall.
    let key = if bits >> 31 == 0 { !(bits | 1 << 31) } else { bits };
    (key >> (digit as u32 * DIGIT)) as usize % MANY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_fall_and_equals_keep_their_order() {
        let heights = [0.5, -2.0, 1e30, 0.0, -0.0, 0.5, -1e-30, 3.0, -2.0, 1e-30, f32::MAX, f32::MIN];
        let voxels: Vec<(f32, u32)> = heights.into_iter().zip(0..).collect();
        let mut wanted = voxels.clone();
        wanted.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(std::cmp::Ordering::Equal));
        assert_eq!(by_height(voxels), wanted);
        assert_eq!(by_height(Vec::new()), []);
    }
}
