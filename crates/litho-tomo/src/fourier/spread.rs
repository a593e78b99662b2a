//! Spreading of frequencies that lie on no grid over the rows of one that has more points than the slice
//! (Dutt & Rokhlin; the kernel is Barnett's "exponential of semicircle", whose error at this width is below 10⁻⁵).

use crate::sheet::{Cell, VECTORS};
use litho_lanes::lanewise;

/// Points of the grid that a frequency is spread over, along each direction.
pub(crate) const WIDTH: usize = 6;

/// The kernel for one ratio of grid to slice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernel {
    beta: f64,
}

impl Kernel {
    /// For a grid of `points` and slices of `size`, whose ratio is above 1.
    pub(crate) fn new(points: usize, size: usize) -> Self {
        let ratio = points as f64 / size as f64;
        // β = 0.97 π w (1 − 1/(2σ)), Barnett, Magland & af Klinteberg 2019
        Self { beta: 0.97 * std::f64::consts::PI * WIDTH as f64 * (1.0 - 0.5 / ratio) }
    }

    /// At this distance in points.
    fn at(self, distance: f64) -> f64 {
        let z = 2.0 * distance / WIDTH as f64;
        let under = 1.0 - z * z;
        if under > 0.0 { (self.beta * (under.sqrt() - 1.0)).exp() } else { 0.0 }
    }

    /// The first of the [`WIDTH`] points around `position`, and their weights.
    pub(crate) fn around(self, position: f64) -> (isize, [f32; WIDTH]) {
        let first = (position - WIDTH as f64 / 2.0).ceil();
        (first as isize, std::array::from_fn(|k| self.at(position - first - k as f64) as f32))
    }

    /// Its Fourier transform at `x` of a period of `points`: what a spread frequency's wave is multiplied by.
    pub(crate) fn transform(self, x: f64, points: usize) -> f64 {
        // The trapezoidal rule is accurate here: the kernel's ends are e^{−β}, about 10⁻⁶.
        const STEPS: usize = 400;
        let half = WIDTH as f64 / 2.0;
        let step = 2.0 * half / STEPS as f64;
        let turn = std::f64::consts::TAU * x / points as f64;
        (0..=STEPS)
            .map(|k| k as f64 * step - half)
            .map(|distance| self.at(distance) * (turn * distance).cos() * step)
            .sum()
    }
}

lanewise! {
    /// Adds `value` times the weights to neighbouring cells.
    fn add<L>(value: &Cell, weight: f32, weights: &[f32; WIDTH], cells: &mut [Cell]) {
        for (cell, &along) in cells.iter_mut().zip(weights) {
            let weight = L::splat(weight * along);
            for v in 0..VECTORS {
                L::load(&value.0[v]).mul_add(weight, L::load(&cell.0[v])).store(&mut cell.0[v]);
            }
        }
    }
}
