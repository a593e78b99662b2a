//! Volumes for the tests of this crate.

use ndarray::Array3;

/// Numbers from 0 to `below − 1`, the same for one seed: a linear congruential generator (Knuth's MMIX), high bits.
pub(crate) fn random(shape: (usize, usize, usize), below: u64, seed: u64) -> Array3<u32> {
    let mut state = seed;
    Array3::from_shape_simple_fn(shape, || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % below) as u32
    })
}

/// A ball about the middle of a cube of `size` voxels, moved by a fraction of a voxel so that no plane of symmetry helps.
pub(crate) fn ball(size: usize, radius: f64) -> Array3<bool> {
    let centre = [0.13, 0.29, -0.21].map(|part: f64| 0.5 * (size as f64 - 1.0) + part);
    Array3::from_shape_fn((size, size, size), |(z, y, x)| {
        let square: f64 =
            [z, y, x].iter().zip(centre).map(|(&at, centre)| (at as f64 - centre).powi(2)).sum();
        square <= radius * radius
    })
}
