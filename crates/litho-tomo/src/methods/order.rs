//! The order in which angles are taken.

/// Places `0..count` so that each is far from the ones before it: sorted by the fractional part of their number times the
/// golden ratio's inverse.
pub(crate) fn golden(count: usize) -> Vec<usize> {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| (a as f64 * GOLDEN).fract().total_cmp(&(b as f64 * GOLDEN).fract()));
    order
}

/// Splits `count` angles into subsets of at most `block`, each spread over all of them, in golden-ratio order.
pub(crate) fn subsets(count: usize, block: usize) -> Vec<Vec<usize>> {
    let number = count.div_ceil(block);
    golden(number).into_iter().map(|first| (first..count).step_by(number).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_angle_is_in_one_subset() {
        for (count, block) in [(7, 1), (7, 3), (180, 10), (5, 9)] {
            let mut all: Vec<usize> = subsets(count, block)
                .into_iter()
                .inspect(|set| assert!(set.len() <= block))
                .flatten()
                .collect();
            all.sort_unstable();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
        }
    }
}
