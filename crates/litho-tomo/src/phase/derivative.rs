//! The slope of the phase along a row, without unwrapping.
//!
//! For filtered back-projection from derivatives. A slope has no offset, so that air is needed only for the ramp.

use litho_types::C32;
use ndarray::{Array2, ArrayView2, Axis, Zip};
use rustfft::FftPlanner;
use std::cmp::Ordering;

/// How the slope is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Slope {
    /// `½ arg(T(x+1) T*(x−1))`, to one side at the ends. Weakens a wave of frequency q by `sin(2πq)/2πq`. Right where the phase
    /// changes by less than half a turn over two pixels.
    #[default]
    Central,
    /// `Im(T* ∂T)/|T|²` with `∂` taken in Fourier space, exact for a periodic row: the ramp must be gone and air must lie
    /// at both ends.
    Fourier,
}

/// `∂φ/∂x` of a transmission `(y, x)`, radians per pixel; 0 where the pixels it is made of are not all lit.
pub fn phase_slope(
    transmission: ArrayView2<'_, C32>,
    lit: ArrayView2<'_, bool>,
    slope: Slope,
) -> Array2<f32> {
    match slope {
        Slope::Central => central(transmission, lit),
        Slope::Fourier => fourier(transmission, lit),
    }
}

fn central(transmission: ArrayView2<'_, C32>, lit: ArrayView2<'_, bool>) -> Array2<f32> {
    let nx = transmission.ncols();
    Array2::from_shape_fn(transmission.dim(), |(y, x)| {
        let (before, after) = (x.saturating_sub(1), (x + 1).min(nx - 1));
        if after == before || !(lit[(y, before)] && lit[(y, after)]) {
            return 0.0;
        }
        let turn = transmission[(y, after)] * transmission[(y, before)].conj();
        turn.arg() / (after - before) as f32
    })
}

fn fourier(transmission: ArrayView2<'_, C32>, lit: ArrayView2<'_, bool>) -> Array2<f32> {
    let nx = transmission.ncols();
    let mut slopes = Array2::zeros(transmission.dim());
    let mut planner = FftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(nx), planner.plan_fft_inverse(nx));
    let mut line = vec![C32::default(); nx];
    let rows = slopes.axis_iter_mut(Axis(0)).zip(transmission.outer_iter()).zip(lit.outer_iter());
    for ((mut slopes, row), lit) in rows {
        // unit modulus: absorption has slopes too
        for (value, (t, lit)) in line.iter_mut().zip(row.iter().zip(lit)) {
            *value = if *lit { t / t.norm() } else { C32::new(1.0, 0.0) };
        }
        let unit = line.clone();
        forward.process(&mut line);
        for (k, value) in line.iter_mut().enumerate() {
            // the Nyquist frequency of an even row has no sign, and no derivative
            let signed = match (2 * k).cmp(&nx) {
                Ordering::Equal => 0.0,
                Ordering::Less => k as f64,
                Ordering::Greater => k as f64 - nx as f64,
            };
            *value *= C32::new(0.0, (std::f64::consts::TAU * signed / (nx * nx) as f64) as f32);
        }
        inverse.process(&mut line);
        Zip::from(&mut slopes)
            .and(lit)
            .and(&ndarray::ArrayView1::from(&unit))
            .and(&ndarray::ArrayView1::from(&line))
            .for_each(|slope, lit, unit, derivative| {
                if *lit {
                    *slope = (unit.conj() * derivative).im;
                }
            });
    }
    slopes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Gaussian bump of 9 rad: slopes up to 9/(σ√e) = 0.55 rad, many turns in all.
    fn bump() -> (Array2<C32>, Array2<f64>) {
        let phase = |x: f64| -9.0 * (-0.5 * ((x - 60.0) / 10.0_f64).powi(2)).exp();
        let transmission = Array2::from_shape_fn((3, 128), |(_, x)| {
            let (modulus, angle) = (0.5 + 0.3 * (x as f64 / 7.0).sin(), phase(x as f64));
            C32::from_polar(modulus as f32, angle as f32)
        });
        let slope = Array2::from_shape_fn((3, 128), |(_, x)| -(x as f64 - 60.0) / 100.0 * phase(x as f64));
        (transmission, slope)
    }

    #[test]
    fn both_ways_find_the_slope_of_a_wrapped_bump() {
        let (transmission, truth) = bump();
        let lit = Array2::from_elem(truth.dim(), true);
        for (slope, tolerance) in [
            // φ'''/6 = 9·1.38/(6σ³) = 0.0021 for a step of one pixel
            (Slope::Central, 2.2e-3),
            // single precision of a spectrum of 128 numbers times 2π/2 at its end, and its square root: 1e-4
            (Slope::Fourier, 1e-4),
        ] {
            let found = phase_slope(transmission.view(), lit.view(), slope);
            // The first and the last pixel have the slope to one side, half a pixel away.
            for (at, value) in found.indexed_iter().filter(|(at, _)| (1..127).contains(&at.1)) {
                assert!(
                    (f64::from(*value) - truth[at]).abs() < tolerance,
                    "{slope:?} {at:?}: {value} {}",
                    truth[at]
                );
            }
        }
    }

    #[test]
    fn unlit_pixels_have_no_slope() {
        let (mut transmission, truth) = bump();
        let mut lit = Array2::from_elem(truth.dim(), true);
        lit[(1, 50)] = false;
        transmission[(1, 50)] = C32::new(f32::NAN, 0.0);
        let found = phase_slope(transmission.view(), lit.view(), Slope::Central);
        assert_eq!((found[(1, 49)], found[(1, 51)]), (0.0, 0.0));
        let found = phase_slope(transmission.view(), lit.view(), Slope::Fourier);
        assert_eq!(found[(1, 50)], 0.0);
        assert!(found.iter().all(|slope| slope.is_finite()));
    }
}
