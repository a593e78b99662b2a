//! Two halves of one scan that cover the same field.

use litho_types::scan::Positions;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Deals the frames into two halves: each frame is paired with its nearest
/// free neighbour on the object, and one of each pair, by lot, goes to each
/// half. Both halves then cover the field evenly whatever the scan pattern.
/// Indices in each half are in scan order.
pub fn halves(positions: &Positions, seed: u64) -> [Vec<usize>; 2] {
    let places: Vec<(f64, f64)> = match positions {
        Positions::Metres(all) => all.iter().map(|p| (p.y.value(), p.x.value())).collect(),
        Positions::Pixels(all) => all.iter().map(|p| (p.y.value(), p.x.value())).collect(),
    };
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut free: Vec<usize> = (0..places.len()).collect();
    let mut halves = [Vec::new(), Vec::new()];
    while let Some(first) = free.first().copied() {
        free.remove(0);
        let distance = |&i: &usize| (places[i].0 - places[first].0).hypot(places[i].1 - places[first].1);
        let nearest = (0..free.len()).min_by(|&a, &b| distance(&free[a]).total_cmp(&distance(&free[b])));
        let mut pair = vec![first];
        pair.extend(nearest.map(|index| free.remove(index)));
        pair.shuffle(&mut random);
        for (half, frame) in pair.into_iter().enumerate() {
            halves[half].push(frame);
        }
    }
    for half in &mut halves {
        half.sort_unstable();
    }
    halves
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_types::point::Point;
    use litho_types::quantity::Pixels;

    #[test]
    fn halves_are_disjoint_complete_and_cover_the_field_evenly() {
        // A 10 × 10 raster: in every quarter of the field each half must have close to half of the 25 frames.
        let places =
            (0..100).map(|i| Point::new(Pixels::new(f64::from(i / 10)), Pixels::new(f64::from(i % 10))));
        let [a, b] = halves(&Positions::Pixels(places.collect()), 3);
        let mut all: Vec<usize> = a.iter().chain(&b).copied().collect();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_eq!(a.len(), 50);
        for quarter in 0..4 {
            let inside = |&&i: &&usize| i / 50 == quarter / 2 && (i % 10) / 5 == quarter % 2;
            let count = a.iter().filter(inside).count();
            // Pairs of neighbours straddle a border at most five times per side.
            assert!((8..=17).contains(&count), "quarter {quarter} has {count} of 25");
        }
    }
}
