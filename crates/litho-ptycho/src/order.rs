//! Orders in which frames are visited.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// All of `frames` frames in an order of their own for every iteration. A resumed run needs the iteration's number, not
/// the generator's past: each iteration has its own stream.
pub(crate) fn shuffled(seed: u64, iteration: usize, frames: usize) -> Vec<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(iteration as u64);
    let mut order: Vec<usize> = (0..frames).collect();
    order.shuffle(&mut random);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_iteration_visits_every_frame_once_in_its_own_order() {
        let (first, second) = (shuffled(7, 0, 100), shuffled(7, 1, 100));
        assert_ne!(first, second);
        assert_eq!(first, shuffled(7, 0, 100));
        let mut sorted = second;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
    }
}
