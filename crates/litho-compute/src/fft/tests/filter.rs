//! Operations between the forward and the inverse transform.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use super::{SHAPES, error_bound, noise, plans, relative_error, widened};
use crate::fft::{ColumnOp, ColumnTile, Fft2, InstructionSet, LANES, Lanes, c32};

/// Changes nothing, and checks the geometry of the tiles.
struct Identity {
    shape: (usize, usize),
    modes: usize,
    next_column: usize,
}

impl ColumnOp for Identity {
    fn apply<L: Lanes>(&mut self, mut tile: ColumnTile<'_>) {
        assert_eq!(
            (tile.rows(), tile.modes(), tile.first_column()),
            (self.shape.0, self.modes, self.next_column)
        );
        assert_eq!(tile.valid_lanes(), LANES.min(self.shape.1 - self.next_column));
        self.next_column += tile.valid_lanes();
        let valid = tile.valid_lanes();
        for mode in 0..self.modes {
            for row in tile.mode(mode) {
                assert!(
                    row.re[valid..].iter().chain(&row.im[valid..]).all(|&x| x == 0.0),
                    "padding lanes are zero"
                );
            }
        }
    }
}

#[test]
fn identity_multiplies_by_the_number_of_pixels() {
    for shape in SHAPES {
        for modes in [0, 1, 3] {
            let waves = noise(modes * shape.0 * shape.1, 1);
            let expected = widened(&waves, (shape.0 * shape.1) as f64);
            for plan in plans(shape) {
                let mut out = waves.clone();
                let mut op = Identity { shape, modes, next_column: 0 };
                plan.filter(&mut out, &mut op, &mut plan.scratch(modes));
                assert_eq!(op.next_column, shape.1, "every column is seen once");
                if modes > 0 {
                    let error = relative_error(&out, &expected);
                    assert!(error <= 2.0 * error_bound(shape.0 * shape.1), "{plan:?}: {error:e}");
                }
            }
        }
    }
}

/// Multiplies every mode by a transfer function.
struct Transfer<'a>(&'a [c32]);

impl ColumnOp for Transfer<'_> {
    #[inline(always)]
    fn apply<L: Lanes>(&mut self, mut tile: ColumnTile<'_>) {
        for y in 0..tile.rows() {
            let h = tile.pixels(self.0, y);
            for row in tile.row_of_modes(y) {
                for (l, h) in h.iter().enumerate() {
                    let z = c32::new(row.re[l], row.im[l]) * h;
                    (row.re[l], row.im[l]) = (z.re, z.im);
                }
            }
        }
    }
}

#[test]
fn transfer_function_equals_forward_multiply_inverse() {
    for shape in SHAPES {
        let pixels = shape.0 * shape.1;
        let (h, waves) = (noise(pixels, 2), noise(3 * pixels, 3));
        for plan in plans(shape) {
            // A scratch for one mode: the call makes it larger.
            let mut scratch = plan.scratch(1);
            let mut filtered = waves.clone();
            plan.filter(&mut filtered, &mut Transfer(&h), &mut scratch);
            let mut stepwise = waves.clone();
            for frame in stepwise.chunks_exact_mut(pixels) {
                plan.forward(frame, &mut scratch);
                frame.iter_mut().zip(&h).for_each(|(z, h)| *z *= h);
                plan.inverse(frame, &mut scratch);
            }
            let error = relative_error(&filtered, &widened(&stepwise, 1.0));
            // The same numbers but for the contraction of a few products.
            assert!(error <= 4.0 * error_bound(pixels), "{plan:?}: {error:e}");
        }
    }
}

/// Gives the modes together the measured amplitude and counts the pixels: the modulus projection.
struct Modulus<'a> {
    amplitude: &'a [f32],
    pixels: usize,
}

impl ColumnOp for Modulus<'_> {
    #[inline(always)]
    fn apply<L: Lanes>(&mut self, mut tile: ColumnTile<'_>) {
        for y in 0..tile.rows() {
            let amplitude = tile.pixels(self.amplitude, y);
            let mut intensity = [0.0; LANES];
            for row in tile.row_of_modes(y) {
                for (l, sum) in intensity.iter_mut().enumerate() {
                    *sum += row.re[l] * row.re[l] + row.im[l] * row.im[l];
                }
            }
            for row in tile.row_of_modes(y) {
                for l in 0..LANES {
                    // ψ a/√Σ|ψ|²
                    let factor = amplitude[l] / intensity[l].sqrt();
                    row.re[l] *= factor;
                    row.im[l] *= factor;
                }
            }
            self.pixels += tile.valid_lanes();
        }
    }
}

/// After the projection the intensities of the modes add up to the measured one; padding lanes (0/0) leave no trace.
#[test]
fn modulus_projection_of_modes_meets_the_amplitude() {
    for shape in [(128, 128), (30, 7), (100, 100), (104, 12), (1, 5)] {
        let pixels = shape.0 * shape.1;
        let amplitude: Vec<f32> = noise(pixels, 4).iter().map(|z| 1.5 + z.re).collect();
        let waves = noise(2 * pixels, 5);
        for plan in plans(shape) {
            let mut out = waves.clone();
            let mut scratch = plan.scratch(2);
            let mut op = Modulus { amplitude: &amplitude, pixels: 0 };
            plan.filter(&mut out, &mut op, &mut scratch);
            assert_eq!(op.pixels, pixels);
            for frame in out.chunks_exact_mut(pixels) {
                plan.forward(frame, &mut scratch);
            }
            let measured: Vec<c32> = amplitude.iter().map(|&a| c32::new(a, 0.0)).collect();
            let projected: Vec<c32> = (0..pixels)
                .map(|i| {
                    c32::new((out[i].norm_sqr() + out[pixels + i].norm_sqr()).sqrt() / pixels as f32, 0.0)
                })
                .collect();
            let error = relative_error(&projected, &widened(&measured, 1.0));
            // One inverse and one forward transform.
            assert!(error <= 2.0 * error_bound(pixels), "{plan:?}: {error:e}");
        }
    }
}

/// Filtered together or one by one, and on either vector set, modes have the same bits.
#[test]
fn modes_do_not_disturb_each_other() {
    let (ny, nx) = (96, 20);
    let (h, waves) = (noise(ny * nx, 6), noise(3 * ny * nx, 7));
    let mut vector_results = Vec::new();
    for plan in plans((ny, nx)) {
        let mut scratch = plan.scratch(3);
        let (mut together, mut apart) = (waves.clone(), waves.clone());
        plan.filter(&mut together, &mut Transfer(&h), &mut scratch);
        for frame in apart.chunks_exact_mut(ny * nx) {
            plan.filter(frame, &mut Transfer(&h), &mut scratch);
        }
        assert_eq!(together, apart, "{plan:?}");
        if plan.instruction_set() != InstructionSet::Portable {
            vector_results.push(together);
        }
    }
    assert!(
        vector_results.windows(2).all(|pair| pair[0] == pair[1]),
        "AVX2 and AVX-512VL give the same bits"
    );
}

#[test]
#[should_panic(expected = "whole number of (4, 4) frames")]
fn waves_must_be_whole_frames() {
    let plan = Fft2::new(4, 4).expect("the shape is not empty");
    plan.filter(&mut noise(17, 8), &mut Transfer(&[]), &mut plan.scratch(1));
}
