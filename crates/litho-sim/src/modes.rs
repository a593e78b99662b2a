//! Coherent modes of a partially coherent beam.

use crate::C64;
use crate::error::SimError;
use crate::fourier::{Fourier, power};
use crate::grid::Grid;
use crate::optics::normalise;
use ndarray::Array2;

/// Most modes a simulated beam may have.
const MAX_MODES: usize = 15;

/// Orthogonal modes made from the coherent `wave` on `grid`, with `powers[k]` the relative power of
/// mode `k`; together they have unit power.
///
/// A source that is not a point moves the beam sideways. Its density matrix, expanded in the shift, is
/// spanned by the beam and its derivatives; mode `k` is the `k`-th derivative (x first, then y),
/// made orthogonal to those before it (Gram–Schmidt).
pub(crate) fn partially_coherent(
    wave: Array2<C64>,
    powers: &[f64],
    grid: &Grid,
) -> Result<Vec<Array2<C64>>, SimError> {
    if powers.is_empty() || powers.len() > MAX_MODES {
        let value = powers.len().to_string();
        return Err(SimError::Value { quantity: "the number of mode powers", value, fix: "give 1 to 15" });
    }
    for &power in powers {
        SimError::positive("the power of a probe mode", power, "")?;
    }
    let fourier = Fourier::new(grid.shape);
    let mut spectrum = wave;
    fourier.forward(&mut spectrum);
    let (qy, qx) = grid.frequencies();
    // In units of the highest frequency, so that high orders stay in range.
    let (top_y, top_x) = (0.5 / grid.pixel.y.value(), 0.5 / grid.pixel.x.value());
    let mut modes: Vec<Array2<C64>> = Vec::with_capacity(powers.len());
    for (order_y, order_x) in derivative_orders().take(powers.len()) {
        let mut mode = Array2::from_shape_fn(grid.shape, |(y, x)| {
            spectrum[(y, x)] * (qy[y] / top_y).powi(order_y) * (qx[x] / top_x).powi(order_x)
        });
        fourier.inverse(&mut mode);
        for earlier in &modes {
            let overlap: C64 = earlier.iter().zip(&mode).map(|(e, m)| e.conj() * m).sum();
            mode.zip_mut_with(earlier, |m, e| *m -= overlap * e);
        }
        normalise(&mut mode)?;
        modes.push(mode);
    }
    let total: f64 = powers.iter().sum();
    for (mode, power) in modes.iter_mut().zip(powers) {
        let scale = (power / total).sqrt();
        mode.mapv_inplace(|v| v * scale);
    }
    Ok(modes)
}

/// (0,0), (0,1), (1,0), (0,2), (1,1), (2,0), …
fn derivative_orders() -> impl Iterator<Item = (i32, i32)> {
    (0..).flat_map(|degree| (0..=degree).map(move |y| (y, degree - y)))
}

/// Scales all modes by one factor so that together they have `total` power.
pub(crate) fn scale_to(modes: &mut [Array2<C64>], total: f64) -> Result<(), SimError> {
    let now = SimError::positive("the power of the probe modes", modes.iter().map(power).sum(), "")?;
    let scale = (total / now).sqrt();
    for mode in modes {
        mode.mapv_inplace(|v| v * scale);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_types::point::Point;
    use litho_types::quantity::Metres;

    #[test]
    fn modes_are_orthogonal_and_have_the_powers_asked_for() {
        let pixel = Point::new(Metres::new(1e-8), Metres::new(2e-8));
        let grid = Grid::new((32, 24), pixel).unwrap();
        let wave = Array2::from_shape_fn(grid.shape, |(y, x)| {
            let (y, x) = (y as f64 - 16.0, x as f64 - 12.0);
            C64::cis(0.03 * (y * y + x * x)) * (-(y * y + x * x) / 30.0).exp()
        });
        let powers = [6.0, 3.0, 1.0];
        let modes = partially_coherent(wave, &powers, &grid).unwrap();
        for (i, a) in modes.iter().enumerate() {
            assert!((power(a) - powers[i] / 10.0).abs() < 1e-12);
            for b in &modes[..i] {
                let overlap: C64 = a.iter().zip(b).map(|(a, b)| a.conj() * b).sum();
                assert!(overlap.norm() < 1e-12, "{overlap}");
            }
        }
    }

    #[test]
    fn a_power_of_zero_is_refused() {
        let pixel = Point::new(Metres::new(1e-8), Metres::new(1e-8));
        let grid = Grid::new((8, 8), pixel).unwrap();
        let wave = Array2::from_elem(grid.shape, C64::from(1.0));
        let error = partially_coherent(wave, &[1.0, 0.0], &grid).unwrap_err();
        assert!(error.to_string().contains("power of a probe mode is 0"), "{error}");
    }
}
