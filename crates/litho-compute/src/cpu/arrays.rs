//! Arithmetic on whole arrays.

use crate::kernels::DeviceArray;
use litho_lanes::lanewise;
use litho_lanes::{LANES, blocks, sum_of};
use litho_types::C32;
use ndarray::{Array, Array2, Dimension};
use rayon::prelude::*;

/// Numbers whose products are added in single precision before they enter a sum in double precision.
const SEGMENT: usize = 1024;
/// Numbers that one task takes: enough that a thread is worth waking. Any split gives the same bits.
pub(super) const BAND: usize = 16 * 1024;

impl<D: Dimension> DeviceArray for Array<C32, D> {
    fn add_scaled(&mut self, factor: f32, other: &Self) {
        let bands = super::pixels_mut(self).par_chunks_mut(BAND).zip(super::pixels(other).par_chunks(BAND));
        bands.for_each(|(to, from)| add_scaled(factor, from, to));
    }

    fn scale(&mut self, factor: f32) {
        self.mapv_inplace(|v| v * factor);
    }

    fn dot(&self, other: &Self) -> f64 {
        let segments = super::pixels(self).chunks(SEGMENT).zip(super::pixels(other).chunks(SEGMENT));
        segments.map(|(a, b)| dot(a, b)).sum()
    }
}

/// `push ← push / [(1−γ) light + γ max light]`.
pub(super) fn divide(push: &mut [C32], light: &Array2<f32>, gamma: f32) {
    let light = light.as_slice().expect("kernel arrays are in standard layout");
    let floor = gamma * largest(light) + f32::MIN_POSITIVE;
    let bands = push.par_chunks_mut(BAND).zip(light.par_chunks(BAND));
    bands.for_each(|(push, light)| divide_by(push, light, 1.0 - gamma, floor));
}

lanewise! {
    /// `to ← to + factor · from`.
    fn add_scaled<L>(factor: f32, from: &[C32], to: &mut [C32]) {
        let factor = L::splat(factor);
        for at in blocks(from.len()) {
            at.put_unordered(at.unordered::<L>(from).scale_add(factor, at.unordered(to)), to);
        }
    }
}

lanewise! {
    /// The largest of numbers that are not negative.
    fn largest<L>(numbers: &[f32]) -> f32 {
        let mut lanes = L::splat(0.0);
        for at in blocks(numbers.len()) {
            lanes = at.real::<L>(numbers).max(lanes);
        }
        let mut all = [0.0; LANES];
        lanes.store(&mut all);
        all.into_iter().fold(0.0, f32::max)
    }
}

lanewise! {
    /// `Re Σ a* b`.
    fn dot<L>(a: &[C32], b: &[C32]) -> f64 {
        let mut sum = L::splat(0.0);
        for at in blocks(a.len()) {
            let (a, b) = (at.unordered::<L>(a), at.unordered::<L>(b));
            sum = a.re.mul_add(b.re, a.im.mul_add(b.im, sum));
        }
        sum_of(sum)
    }
}

lanewise! {
    /// `push ← push / (local · light + floor)`.
    fn divide_by<L>(push: &mut [C32], light: &[f32], local: f32, floor: f32) {
        let (local, floor) = (L::splat(local), L::splat(floor));
        for at in blocks(push.len()) {
            let down = L::splat(1.0).div(at.real::<L>(light).mul_add(local, floor));
            at.put_complex(at.complex::<L>(push).scale(down), push);
        }
    }
}
