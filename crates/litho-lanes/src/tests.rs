//! The lanes of every instruction set against plain arithmetic, and rows of every length.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use super::{LANES, Lanes, PortableLanes, Split, blocks, sum_of};
use crate::c32;
use crate::lanewise;

type Row = [f32; LANES];

/// No two products or quotients alike.
const A: Row = [1.0, -2.5, 3.25, 0.1, -7.3, 1e-3, 300.0, -0.0];
const B: Row = [0.3, 4.0, -1.7, 0.1, 2.2, -5e2, 7.0, 0.0];
const C: Row = [-1.0, 0.5, 9.1, -0.01, 16.06, 0.5, -2100.0, 3.0];

/// What every operation gives: of two and three rows, and of a NaN.
#[inline(always)]
fn operations<L: Lanes>() -> Vec<Row> {
    let (a, b, c) = (L::load(&A), L::load(&B), L::load(&C));
    let nan = L::splat(f32::NAN);
    let results = [
        a.add(b),
        a.sub(b),
        a.mul(b),
        a.div(c),
        b.mul(b).sqrt(),
        a.max(b),
        nan.max(b),
        a.max(nan),
        a.choose(b, c),
        a.mul_add(b, c),
        a.mul_sub(b, c),
        a.neg_mul_add(b, c),
    ];
    results
        .map(|lanes| {
            let mut row = [0.0; LANES];
            lanes.store(&mut row);
            row
        })
        .to_vec()
}

lanewise! {
    /// By the best instructions of this processor.
    fn best_operations<L>() -> Vec<Row> {
        operations::<L>()
    }
}

#[test]
fn lanes_do_plain_arithmetic() {
    let each = |f: fn(f32, f32) -> f32| -> Row { std::array::from_fn(|l| f(A[l], B[l])) };
    let exact = [
        each(|a, b| a + b),
        each(|a, b| a - b),
        each(|a, b| a * b),
        std::array::from_fn(|l| A[l] / C[l]),
        std::array::from_fn(|l| (B[l] * B[l]).sqrt()),
        each(|a, b| if a > b { a } else { b }),
        // Whichever is NaN, the other operand's place wins: a count that is NaN can be told by a maximum.
        B,
        [f32::NAN; LANES],
        // −0 is on the negative side.
        std::array::from_fn(|l| if A[l].is_sign_negative() { C[l] } else { B[l] }),
    ];
    let fused: [fn(f64, f64, f64) -> f64; 3] =
        [|a, b, c| a * b + c, |a, b, c| a * b - c, |a, b, c| c - a * b];
    for results in [operations::<PortableLanes>(), best_operations()] {
        for (index, (got, want)) in results.iter().zip(&exact).enumerate() {
            let bits = |row: &Row| row.map(f32::to_bits);
            let nan = |row: &Row| row.iter().all(|v| v.is_nan());
            assert!(bits(got) == bits(want) || nan(got) && nan(want), "operation {index}: {got:?}, {want:?}");
        }
        for (got, f) in results[exact.len()..].iter().zip(fused) {
            for l in 0..LANES {
                let want = f(f64::from(A[l]), f64::from(B[l]), f64::from(C[l]));
                // One rounding or two, of the product and of the sum: ε/2 of each.
                let product = f64::from(A[l]) * f64::from(B[l]);
                let bound = f64::from(f32::EPSILON) / 2.0 * (product.abs() + want.abs());
                assert!((f64::from(got[l]) - want).abs() <= bound, "{} instead of {want}", got[l]);
            }
        }
    }
}

fn row(len: usize) -> Vec<c32> {
    (0..len).map(|i| c32::new(i as f32 + 1.0, -0.5 * i as f32 - 1.0)).collect()
}

/// `z·w` of two rows through both orders of lanes, `|z|²` and the sum of the squares.
type Products = (Vec<c32>, Vec<c32>, Vec<f32>, f64);

#[inline(always)]
fn products<L: Lanes>(z: &[c32], w: &[c32]) -> Products {
    let (mut ordered, mut unordered) = (vec![c32::default(); z.len()], vec![c32::default(); z.len()]);
    let mut squares = vec![0.0; z.len()];
    let mut total = L::splat(0.0);
    for at in blocks(z.len()) {
        at.put_complex(at.complex::<L>(z).times(at.complex(w)), &mut ordered);
        at.put_unordered(at.unordered::<L>(z).times(at.unordered(w)), &mut unordered);
        at.put_real(at.complex::<L>(z).norm_sqr(), &mut squares);
        total = total.add(at.unordered::<L>(z).norm_sqr());
    }
    (ordered, unordered, squares, sum_of(total))
}

lanewise! {
    fn best_products<L>(z: &[c32], w: &[c32]) -> Products {
        products::<L>(z, w)
    }
}

#[test]
fn rows_of_every_length_are_taken_whole() {
    for len in 0..=3 * LANES + 1 {
        let (z, mut w) = (row(len), row(len));
        w.reverse();
        // Small whole and half numbers: all products are exact, whatever is fused.
        let want: Vec<c32> = z.iter().zip(&w).map(|(z, w)| z * w).collect();
        let squares: Vec<f32> = z.iter().map(c32::norm_sqr).collect();
        let total: f64 = squares.iter().map(|&v| f64::from(v)).sum();
        for got in [products::<PortableLanes>(&z, &w), best_products(&z, &w)] {
            assert_eq!(got, (want.clone(), want.clone(), squares.clone(), total), "{len} numbers");
        }
    }
}

#[test]
fn blocks_cover_a_row_once_and_in_order() {
    for len in 0..40 {
        let numbers: Vec<f32> = (0..len).map(|i| i as f32 + 1.0).collect();
        let counts: Vec<u16> = (1..=len as u16).collect();
        let mut seen = Vec::new();
        for at in blocks(len) {
            let mut lanes = [0.0; LANES];
            at.real::<PortableLanes>(&numbers).store(&mut lanes);
            let mut converted = [0.0; LANES];
            at.converted::<PortableLanes, u16>(&counts).store(&mut converted);
            assert_eq!(lanes, converted);
            seen.extend(lanes);
        }
        // Lanes past the end are zero.
        assert_eq!(seen.len(), len.next_multiple_of(LANES));
        assert!(seen[len..].iter().all(|&v| v == 0.0));
        assert_eq!(seen[..len], numbers[..]);
    }
}

/// `[z w, z* w, |z|², …]` of the compound operations on eight complex numbers.
#[inline(always)]
fn compounds<L: Lanes>(z: &[c32; LANES], w: &[c32; LANES], sum: &[c32; LANES]) -> Vec<[c32; LANES]> {
    let [z, w, sum] = [z, w, sum].map(|row| L::deinterleave(row));
    let factor = L::splat(0.5);
    let real = |lanes: L| Split { re: lanes, im: L::splat(0.0) };
    [
        z.add(w),
        z.sub(w),
        z.sub_i(w),
        z.add_i(w),
        z.scale(factor),
        z.scale_add(factor, sum),
        z.times(w),
        z.conj_times(w),
        z.times_from(w, sum),
        z.conj_times_add(w, sum),
        z.times_add(w, sum),
        real(z.norm_sqr()),
        real(z.norm_sqr_add(factor)),
        z.twiddle(c32::new(0.5, -2.0)),
    ]
    .map(|value| {
        let mut row = [c32::default(); LANES];
        L::interleave(value, &mut row);
        row
    })
    .to_vec()
}

lanewise! {
    fn best_compounds<L>(z: &[c32; LANES], w: &[c32; LANES], sum: &[c32; LANES]) -> Vec<[c32; LANES]> {
        compounds::<L>(z, w, sum)
    }
}

/// Of `z`, `w`, `sum` and the imaginary unit.
type Formula = fn(c32, c32, c32, c32) -> c32;

#[test]
fn complex_operations_are_their_formulas() {
    // Small whole and half numbers: exact, whatever is fused.
    let numbers = row(3 * LANES);
    let cut = |start: usize| -> [c32; LANES] { std::array::from_fn(|l| numbers[start + (3 * l) % LANES]) };
    let (z, w, sum) = (cut(0), cut(LANES), cut(2 * LANES));
    let i = c32::new(0.0, 1.0);
    let formulas: [Formula; 14] = [
        |z, w, _, _| z + w,
        |z, w, _, _| z - w,
        |z, w, _, i| z - i * w,
        |z, w, _, i| z + i * w,
        |z, _, _, _| z * 0.5,
        |z, _, sum, _| z * 0.5 + sum,
        |z, w, _, _| z * w,
        |z, w, _, _| z.conj() * w,
        |z, w, sum, _| sum - z * w,
        |z, w, sum, _| sum + z.conj() * w,
        |z, w, sum, _| sum + z * w,
        |z, _, _, _| c32::from(z.norm_sqr()),
        |z, _, _, _| c32::from(z.norm_sqr() + 0.5),
        |z, _, _, _| z * c32::new(0.5, -2.0),
    ];
    for results in [compounds::<PortableLanes>(&z, &w, &sum), best_compounds(&z, &w, &sum)] {
        for (index, (got, formula)) in results.iter().zip(formulas).enumerate() {
            let want: [c32; LANES] = std::array::from_fn(|l| formula(z[l], w[l], sum[l], i));
            assert_eq!(*got, want, "operation {index}");
        }
    }
}

lanewise! {
    fn best_powers<L>(numbers: &[f32; LANES]) -> [f32; LANES] {
        powers::<L>(numbers)
    }
}

#[inline(always)]
fn powers<L: Lanes>(numbers: &[f32; LANES]) -> [f32; LANES] {
    let mut out = [0.0; LANES];
    L::load(numbers).power_of_two().store(&mut out);
    out
}

#[test]
fn powers_of_two_are_exact() {
    let numbers = [-126.0, -30.0, -1.0, 0.0, 1.0, 2.0, 23.0, 127.0];
    let want = numbers.map(|number| f64::exp2(f64::from(number)) as f32);
    assert_eq!(powers::<PortableLanes>(&numbers), want);
    assert_eq!(best_powers(&numbers), want);
}
