//! Forward and inverse transforms against definitions, other code and identities.

use std::f64::consts::TAU;

use rustfft::num_complex::Complex;

use super::{SHAPES, error_bound, noise, plans, reference, relative_error, widened};
use crate::fft::{Direction, Fft2, Fft2Scratch, InstructionSet, WaveBuffer, c32};

#[test]
fn transforms_agree_with_double_precision() {
    for shape in SHAPES {
        let frame = noise(shape.0 * shape.1, 1);
        let (forward, inverse) = (reference(&frame, shape, false), reference(&frame, shape, true));
        for plan in plans(shape) {
            let mut scratch = plan.scratch(1);
            let mut out = frame.clone();
            plan.forward(&mut out, &mut scratch);
            let error = relative_error(&out, &forward);
            assert!(error <= error_bound(out.len()), "forward {plan:?}: {error:e}");
            out.clone_from(&frame);
            plan.inverse(&mut out, &mut scratch);
            let error = relative_error(&out, &inverse);
            assert!(error <= error_bound(out.len()), "inverse {plan:?}: {error:e}");
        }
    }
}

/// The definition, term by term, for the sign of the exponent and the order of the axes.
#[test]
fn transforms_agree_with_the_direct_sum() {
    let (ny, nx) = (6, 10);
    let frame = noise(ny * nx, 2);
    for (direction, sign) in [(Direction::Forward, -1.0), (Direction::Inverse, 1.0)] {
        let direct: Vec<Complex<f64>> = (0..ny * nx)
            .map(|k| {
                let (ky, kx) = (k / nx, k % nx);
                let term = |(i, z): (usize, &c32)| {
                    let turns = (ky * (i / nx)) as f64 / ny as f64 + (kx * (i % nx)) as f64 / nx as f64;
                    Complex::new(f64::from(z.re), f64::from(z.im)) * Complex::cis(sign * TAU * turns)
                };
                frame.iter().enumerate().map(term).sum()
            })
            .collect();
        for plan in plans((ny, nx)) {
            let mut out = frame.clone();
            let mut scratch = plan.scratch(1);
            plan.transform(direction, &mut out, &mut scratch);
            let error = relative_error(&out, &direct);
            assert!(error <= error_bound(out.len()), "{plan:?}: {error:e}");
        }
    }
}

#[test]
fn inverse_after_forward_multiplies_by_the_number_of_pixels() {
    for shape in SHAPES {
        let frame = noise(shape.0 * shape.1, 3);
        let expected = widened(&frame, frame.len() as f64);
        for plan in plans(shape) {
            let mut scratch = plan.scratch(1);
            let mut out = frame.clone();
            plan.forward(&mut out, &mut scratch);
            plan.inverse(&mut out, &mut scratch);
            let error = relative_error(&out, &expected);
            assert!(error <= 2.0 * error_bound(out.len()), "{plan:?}: {error:e}");
        }
    }
}

/// Parseval: `Σ|F|² = ny·nx Σ|f|²`, so the unitary scale keeps the energy.
#[test]
fn unitary_scale_keeps_the_energy() {
    for shape in [(1, 1), (30, 7), (100, 128), (128, 128)] {
        let frame = noise(shape.0 * shape.1, 4);
        let energy =
            |frame: &[c32]| frame.iter().map(|z| f64::from(z.re).powi(2) + f64::from(z.im).powi(2)).sum();
        let before: f64 = energy(&frame);
        for plan in plans(shape) {
            let mut out = frame.clone();
            plan.forward(&mut out, &mut plan.scratch(1));
            let after = energy(&out) * f64::from(plan.unitary_scale()).powi(2);
            // The energy is off by at most twice the error of the amplitude and that of the scale.
            let bound = 2.0 * error_bound(out.len()) + 2.0 * super::ROUNDOFF;
            assert!((after / before - 1.0).abs() <= bound, "{plan:?}: {after} after, {before} before");
        }
    }
}

#[test]
fn transform_of_a_sum_is_the_sum_of_transforms() {
    let shape = (96, 40);
    let (a, b) = (noise(96 * 40, 5), noise(96 * 40, 6));
    let factor = c32::new(0.25, -1.5);
    let sum: Vec<c32> = a.iter().zip(&b).map(|(a, b)| a + factor * b).collect();
    for plan in plans(shape) {
        let mut scratch = plan.scratch(1);
        let [a, b, sum] = [&a, &b, &sum].map(|frame| {
            let mut out = frame.clone();
            plan.forward(&mut out, &mut scratch);
            out
        });
        let expected: Vec<_> = a.iter().zip(&b).map(|(a, b)| a + factor * b).collect();
        let error = relative_error(&sum, &widened(&expected, 1.0));
        // One transform on either side, and the rounded sums.
        assert!(error <= 3.0 * error_bound(sum.len()), "{plan:?}: {error:e}");
    }
}

/// Both 256-bit sets contract the same products.
#[test]
#[expect(clippy::print_stderr, reason = "says why nothing was tested")]
fn vector_sets_agree_bit_for_bit() {
    if !InstructionSet::Avx512Vl.is_supported() {
        eprintln!("skipped: this processor has no AVX-512VL to compare with AVX2");
        return;
    }
    for (ny, nx) in SHAPES {
        let [a, b] = [InstructionSet::Avx2Fma, InstructionSet::Avx512Vl].map(|set| {
            let plan = Fft2::with_instruction_set(ny, nx, set).expect("the set is supported");
            let mut out = noise(ny * nx, 7);
            let mut scratch = plan.scratch(1);
            plan.forward(&mut out, &mut scratch);
            let spectrum = out.clone();
            plan.inverse(&mut out, &mut scratch);
            (spectrum, out)
        });
        assert_eq!(a, b, "shape ({ny}, {nx})");
    }
}

/// A scratch of another plan, smaller or larger and used, changes no bit.
#[test]
fn scratch_carries_nothing_over() {
    let mut used = Fft2Scratch::default();
    for shape in [(128, 128), (8, 8), (104, 30), (210, 13), (97, 3)] {
        for plan in plans(shape) {
            let mut fresh = noise(shape.0 * shape.1, 8);
            let mut reused = fresh.clone();
            plan.forward(&mut fresh, &mut plan.scratch(1));
            plan.forward(&mut reused, &mut used);
            assert_eq!(fresh, reused, "{plan:?}");
        }
    }
}

#[test]
fn wave_buffers_start_on_a_cache_line() {
    for len in [0, 1, 8, 9, 100] {
        let mut buffer = WaveBuffer::zeros(len);
        buffer.fill(c32::new(1.0, 2.0));
        assert_eq!(buffer.to_vec(), vec![c32::new(1.0, 2.0); len]);
        assert_eq!(buffer.as_ptr().align_offset(64), 0);
    }
}
