//! Exponential, error function and arctangent on eight lanes, and the shapes made of them.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use litho_lanes::Lanes;
use std::f32::consts::{FRAC_1_PI, FRAC_PI_2, LN_2, LOG2_E};

/// `1/√π`.
const FRAC_1_SQRT_PI: f32 = 0.564_189_6;

#[inline(always)]
fn polynomial<L: Lanes, const N: usize>(x: L, from_highest: [f32; N]) -> L {
    let mut sum = L::splat(from_highest[0]);
    for coefficient in &from_highest[1..] {
        sum = sum.mul_add(x, L::splat(*coefficient));
    }
    sum
}

#[inline(always)]
fn negated<L: Lanes>(x: L) -> L {
    L::splat(0.0).sub(x)
}

/// `exp(−x)` for `x ≥ 0`; from 30 on as for 30, which is 10⁻¹³: products of two smaller numbers would be subnormal, and slow.
#[inline(always)]
pub(super) fn exp_minus<L: Lanes>(x: L) -> L {
    // 1.5·2²³: adding it leaves no bits for the fraction, so the sum is rounded to a whole number.
    let round = L::splat(12_582_912.0);
    let x = negated(negated(x).max(L::splat(-30.0)));
    let whole = x.mul_add(L::splat(LOG2_E), round).sub(round);
    // x = n ln 2 + f with ln 2 in two parts, |f| ≤ ln(2)/2; exp(−f) by its Taylor series to f⁷.
    let f = whole.neg_mul_add(L::splat(0.693_359_4), x);
    let f = whole.neg_mul_add(L::splat(-2.121_944_4e-4), f);
    let series = polynomial(
        negated(f),
        [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0],
    );
    series.mul(negated(whole).power_of_two())
}

/// `½ (1 + erf u)` and `exp(−u²)`.
#[inline(always)]
fn erf_step<L: Lanes>(u: L) -> (L, L) {
    let size = u.max(negated(u));
    let bell = exp_minus(u.mul(u));
    // erfc x ≈ t (a₁ + t (a₂ + …)) exp(−x²), t = 1/(1 + p x), to 1.5·10⁻⁷ (Abramowitz and Stegun 7.1.26)
    let t = L::splat(1.0).div(size.mul_add(L::splat(0.327_591_1), L::splat(1.0)));
    let a = [1.061_405_4, -1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6];
    let half_tail = polynomial(t, a).mul(t).mul(bell).mul(L::splat(0.5));
    (u.choose(L::splat(1.0).sub(half_tail), half_tail), bell)
}

/// `arctan u`, to 2·10⁻⁷.
#[inline(always)]
fn arctan<L: Lanes>(u: L) -> L {
    let one = L::splat(1.0);
    let size = u.max(negated(u));
    let inside = one.sub(size);
    let z = inside.choose(size, one.div(size.max(one)));
    // arctan z = z (1 − z²/3 + …) on [0, 1]; coefficients of the minimax polynomial of Hastings, sheet 13 (2·10⁻⁸)
    let odd = [
        0.002_866_225_7,
        -0.016_165_737,
        0.042_909_615,
        -0.075_289_64,
        0.106_562_64,
        -0.142_089,
        0.199_935_51,
        -0.333_331_45,
        1.0,
    ];
    let first = polynomial(z.mul(z), odd).mul(z);
    let value = inside.choose(first, L::splat(FRAC_PI_2).sub(first));
    u.choose(value, negated(value))
}

/// A shape of unit height: `v(u)` and `−v'(u)`, as `Resolved::evaluate` needs them.
pub(super) trait LaneShape {
    fn value_and_fall<L: Lanes>(u: L) -> (L, L);
}

pub(super) struct Erf;
pub(super) struct Arctan;
pub(super) struct Lorentz;
pub(super) struct Gauss;

impl LaneShape for Erf {
    #[inline(always)]
    fn value_and_fall<L: Lanes>(u: L) -> (L, L) {
        let (step, bell) = erf_step(u);
        (step, bell.mul(L::splat(-FRAC_1_SQRT_PI)))
    }
}

impl LaneShape for Arctan {
    #[inline(always)]
    fn value_and_fall<L: Lanes>(u: L) -> (L, L) {
        let step = arctan(u).mul_add(L::splat(FRAC_1_PI), L::splat(0.5));
        (step, L::splat(-FRAC_1_PI).div(u.mul_add(u, L::splat(1.0))))
    }
}

impl LaneShape for Lorentz {
    #[inline(always)]
    fn value_and_fall<L: Lanes>(u: L) -> (L, L) {
        let one = L::splat(1.0);
        let d = one.div(u.mul_add(u, one));
        (d, d.add(d).mul(d).mul(u))
    }
}

impl LaneShape for Gauss {
    #[inline(always)]
    fn value_and_fall<L: Lanes>(u: L) -> (L, L) {
        let d = exp_minus(u.mul(u).mul(L::splat(LN_2)));
        (d, d.mul(u).mul(L::splat(2.0 * LN_2)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_lanes::{LANES, PortableLanes};
    use litho_types::erf::erf;

    /// Largest distance of both parts from double precision over −12 … 12.
    fn distance<S: LaneShape>(exact: impl Fn(f64) -> (f64, f64)) -> f64 {
        let mut largest = 0.0_f64;
        for step in -1200..1200 {
            let u = step as f32 * 0.01;
            let (value, fall) = S::value_and_fall(PortableLanes::splat(u));
            let (mut v, mut f) = ([0.0; LANES], [0.0; LANES]);
            value.store(&mut v);
            fall.store(&mut f);
            let want = exact(f64::from(u));
            largest = largest.max((f64::from(v[3]) - want.0).abs()).max((f64::from(f[3]) - want.1).abs());
        }
        largest
    }

    /// Values are at most one: the approximations' 1.5·10⁻⁷ and a few roundings of 6·10⁻⁸.
    const CLOSE: f64 = 4e-7;

    #[test]
    fn shapes_are_those_of_double_precision() {
        let pi = std::f64::consts::PI;
        let ln2 = std::f64::consts::LN_2;
        let erf = distance::<Erf>(|u| (0.5 * (1.0 + erf(u)), -(-u * u).exp() / pi.sqrt()));
        let arctan = distance::<Arctan>(|u| (0.5 + u.atan() / pi, -1.0 / (pi * (1.0 + u * u))));
        let lorentz = distance::<Lorentz>(|u| ((1.0 + u * u).recip(), 2.0 * u / (1.0 + u * u).powi(2)));
        let gauss = distance::<Gauss>(|u| ((-ln2 * u * u).exp(), 2.0 * ln2 * u * (-ln2 * u * u).exp()));
        assert!([erf, arctan, lorentz, gauss].iter().all(|&d| d < CLOSE), "{erf} {arctan} {lorentz} {gauss}");
    }
}
