//! A plate with soft faces: how much of each voxel it fills at the resolution of the volume, and how that changes as the
//! plate moves.
//!
//! The blur is a Gaussian cut at three standard deviations, so that a plate fills nothing beyond them. Eight voxels are
//! worked on together, in single precision; sums end in double precision.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
#![expect(clippy::needless_range_loop, reason = "indices of a symmetric matrix")]

use super::rows::Packed;
use super::shape::{PARAMETERS, Plate, REACH};
use litho_lanes::{LANES, Lanes, lanewise, sum_of};
use ndarray::{Array3, ArrayView3};

/// `½ erf(t/√2)/(t c)` and `exp(−t²/2)/(√2π c)` in powers of `2t²/9 − 1`, with `c = erf(3/√2)`: Chebyshev's series on |t| ≤ 3,
/// which err by 2·10⁻⁷ (times t) and 9·10⁻⁷.
const STEP: [f32; 9] = [
    0.228_329_62,
    -0.093_083_35,
    0.046_096_454,
    -0.020_632_632,
    0.008_045_126,
    -0.002_715_732_7,
    0.000_814_757_26,
    -0.000_246_034_26,
    5.850_559e-5,
];
const BELL: [f32; 9] = [
    0.042_162_12,
    -0.094_857_83,
    0.106_718_48,
    -0.080_131_41,
    0.045_056_804,
    -0.019_942_37,
    0.007_505_774,
    -0.002_856_827,
    0.000_789_789_94,
];
/// Groups of eight voxels after which sums go to double precision.
const CHUNK: usize = 64;

/// The normal equations of a plate: what it explains, and the slopes of that.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Normal {
    /// By how much the plate lowers the sum of squares of what is left.
    pub(super) gain: f64,
    /// `Σ s sᵀ` of the slopes of the filling.
    pub(super) matrix: [[f64; PARAMETERS]; PARAMETERS],
    /// `Σ s r` with what stays unexplained.
    pub(super) right: [f64; PARAMETERS],
}

impl Normal {
    /// Those of a plate in `left`, in its centre, its turn about its own axes, and its half edges.
    pub(super) fn at(plate: &Plate, left: ArrayView3<f32>, width: f64, packed: &mut Packed) -> Self {
        packed.read(plate, width, left);
        let mut own = Self { gain: 0.0, matrix: [[0.0; PARAMETERS]; PARAMETERS], right: [0.0; PARAMETERS] };
        accumulate(packed, &Faces::new(plate, width), &mut own);
        own.about(plate)
    }

    /// The centre's moves turned from the plate's frame into the volume's, and the upper half of the matrix.
    fn about(mut self, plate: &Plate) -> Self {
        let axes = plate.axes;
        let turn = |own: [f64; 3]| -> [f64; 3] {
            std::array::from_fn(|d| (0..3).map(|k| axes[k][d] * own[k]).sum::<f64>())
        };
        for i in 0..PARAMETERS {
            for j in 0..i {
                self.matrix[j][i] = self.matrix[i][j];
            }
        }
        for row in &mut self.matrix {
            let turned = turn([row[0], row[1], row[2]]);
            row[..3].copy_from_slice(&turned);
        }
        for column in 0..PARAMETERS {
            let turned = turn(std::array::from_fn(|k| self.matrix[k][column]));
            for d in 0..3 {
                self.matrix[d][column] = turned[d];
            }
        }
        let turned = turn([self.right[0], self.right[1], self.right[2]]);
        self.right[..3].copy_from_slice(&turned);
        self
    }
}

/// What a plate as it is explains of `left`: by how much it lowers the sum of squares.
pub(super) fn gain(plate: &Plate, left: ArrayView3<f32>, width: f64) -> f64 {
    let mut packed = Packed::default();
    packed.read(plate, width, left);
    fills(&mut packed, &Faces::new(plate, width));
    let voxels = packed.fill.iter().zip(&packed.left);
    voxels.map(|(fill, left)| f64::from(*fill) * (2.0 * f64::from(*left) - f64::from(*fill))).sum()
}

/// The voxels that a plate can fill, and how much of each it does.
pub(super) fn filled(plate: &Plate, width: f64, shape: (usize, usize, usize)) -> Packed {
    let mut packed = Packed::default();
    packed.places(plate, width, shape);
    fills(&mut packed, &Faces::new(plate, width));
    packed
}

/// Adds `sign` times the filling of a plate.
pub(super) fn put(left: &mut Array3<f32>, plate: &Plate, width: f64, sign: f32) {
    filled(plate, width, left.dim()).add_to(left, sign);
}

/// Half edges of a plate, and one over the width of its faces.
struct Faces {
    half: [f32; 3],
    per: f32,
}

impl Faces {
    fn new(plate: &Plate, width: f64) -> Self {
        Self { half: plate.half.map(|half| half as f32), per: (1.0 / width) as f32 }
    }
}

lanewise! {
    /// How much of each packed voxel is filled.
    fn fills<L>(packed: &mut Packed, faces: &Faces) {
        packed.fill.clear();
        packed.fill.resize(packed.own[0].len(), 0.0);
        let [u, v, w] = &packed.own;
        let (u, v, w) = (u.as_chunks::<LANES>().0, v.as_chunks::<LANES>().0, w.as_chunks::<LANES>().0);
        let fill = packed.fill.as_chunks_mut::<LANES>().0;
        for (((u, v), w), fill) in u.iter().zip(v).zip(w).zip(fill) {
            let [a, b, c] = [
                edge::<L>(L::load(u), faces.half[0], faces.per),
                edge::<L>(L::load(v), faces.half[1], faces.per),
                edge::<L>(L::load(w), faces.half[2], faces.per),
            ];
            a.mul(b).mul(c).store(fill);
        }
    }
}

lanewise! {
    /// Adds the sums over all packed voxels, the centre's moves in the plate's own frame.
    fn accumulate<L>(packed: &Packed, faces: &Faces, normal: &mut Normal) {
        let [u, v, w] = &packed.own;
        let (u, v, w) = (u.as_chunks::<LANES>().0, v.as_chunks::<LANES>().0, w.as_chunks::<LANES>().0);
        let left = packed.left.as_chunks::<LANES>().0;
        let mut slopes = [[L::splat(0.0); PARAMETERS]; CHUNK];
        let mut rest = [L::splat(0.0); CHUNK];
        let mut first = 0;
        while first < left.len() {
            let count = CHUNK.min(left.len() - first);
            let mut gain = L::splat(0.0);
            for k in 0..count {
                let own = [L::load(&u[first + k]), L::load(&v[first + k]), L::load(&w[first + k])];
                let here = L::load(&left[first + k]);
                let fill = slopes_at(own, faces, &mut slopes[k]);
                rest[k] = here.sub(fill);
                gain = fill.mul_add(here.add(rest[k]), gain);
            }
            normal.gain += sum_of(gain);
            for row in 0..3 {
                project(&slopes[..count], &rest[..count], 3 * row, &mut normal.right);
                for column in 0..=row {
                    tile(&slopes[..count], [3 * row, 3 * column], &mut normal.matrix);
                }
            }
            first += count;
        }
    }
}

/// The filling between two faces at places along their axis.
#[inline(always)]
fn edge<L: Lanes>(own: L, half: f32, per: f32) -> L {
    let (half, per) = (L::splat(half), L::splat(per));
    step(clamped(half.add(own).mul(per))).add(step(clamped(half.sub(own).mul(per))))
}

/// The filling, and its slopes in centre, turn and half edges, all in the plate's own frame.
#[inline(always)]
fn slopes_at<L: Lanes>(own: [L; 3], faces: &Faces, slopes: &mut [L; PARAMETERS]) -> L {
    let per = L::splat(faces.per);
    let (mut edges, mut along, mut spread) = (own, own, own);
    for i in 0..3 {
        let half = L::splat(faces.half[i]);
        let (low, high) = (clamped(half.add(own[i]).mul(per)), clamped(half.sub(own[i]).mul(per)));
        edges[i] = step(low).add(step(high));
        let (low, high) = (bell(low).mul(per), bell(high).mul(per));
        along[i] = low.sub(high);
        spread[i] = low.add(high);
    }
    let none = L::splat(0.0);
    for i in 0..3 {
        let others = edges[(i + 1) % 3].mul(edges[(i + 2) % 3]);
        along[i] = along[i].mul(others);
        slopes[i] = none.sub(along[i]);
        slopes[6 + i] = spread[i].mul(others);
    }
    // Turning the plate by ω about its own axes moves a place in its frame by own × ω.
    for i in 0..3 {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        slopes[3 + i] = along[k].neg_mul_add(own[j], along[j].mul(own[k]));
    }
    edges[0].mul(edges[1]).mul(edges[2])
}

/// No further than the reach.
#[inline(always)]
fn clamped<L: Lanes>(t: L) -> L {
    let (zero, least) = (L::splat(0.0), L::splat(-REACH as f32));
    zero.sub(zero.sub(t.max(least)).max(least))
}

/// The blurred step less a half, within the reach.
#[inline(always)]
fn step<L: Lanes>(t: L) -> L {
    series(t, &STEP).mul(t)
}

/// The slope of the step within the reach, none at its ends.
#[inline(always)]
fn bell<L: Lanes>(t: L) -> L {
    let inside = t.neg_mul_add(t, L::splat(0.999_999 * (REACH * REACH) as f32));
    inside.choose(series(t, &BELL), L::splat(0.0))
}

#[inline(always)]
fn series<L: Lanes>(t: L, terms: &[f32; 9]) -> L {
    let v = t.mul(t).mul_sub(L::splat((2.0 / (REACH * REACH)) as f32), L::splat(1.0));
    let mut sum = L::splat(terms[8]);
    for k in (0..8).rev() {
        sum = sum.mul_add(v, L::splat(terms[k]));
    }
    sum
}

/// Adds a 3 × 3 part of `Σ s sᵀ`.
#[inline(always)]
fn tile<L: Lanes>(
    slopes: &[[L; PARAMETERS]],
    [row, column]: [usize; 2],
    matrix: &mut [[f64; PARAMETERS]; PARAMETERS],
) {
    let mut sums = [[L::splat(0.0); 3]; 3];
    for slopes in slopes {
        for i in 0..3 {
            for j in 0..3 {
                sums[i][j] = slopes[row + i].mul_add(slopes[column + j], sums[i][j]);
            }
        }
    }
    for i in 0..3 {
        for j in 0..3 {
            matrix[row + i][column + j] += sum_of(sums[i][j]);
        }
    }
}

/// Adds three of `Σ s r`.
#[inline(always)]
fn project<L: Lanes>(slopes: &[[L; PARAMETERS]], rest: &[L], row: usize, right: &mut [f64; PARAMETERS]) {
    let mut sums = [L::splat(0.0); 3];
    for (slopes, rest) in slopes.iter().zip(rest) {
        for i in 0..3 {
            sums[i] = slopes[row + i].mul_add(*rest, sums[i]);
        }
    }
    for i in 0..3 {
        right[row + i] += sum_of(sums[i]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::moved;
    use super::*;
    use crate::test_volumes::random;
    use litho_types::erf::erf;
    use std::f64::consts::FRAC_1_SQRT_2;

    const WIDTH: f64 = 0.6;
    const SHAPE: (usize, usize, usize) = (24, 24, 27);

    fn plate() -> Plate {
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let plate = Plate { centre: [10.2, 11.7, 12.4], axes, half: [6.0, 4.5, 1.5] };
        moved(&plate, &[0.0, 0.0, 0.0, 0.4, -0.7, 0.3, 0.0, 0.0, 0.0])
    }

    fn image() -> Array3<f32> {
        let mut image = Array3::zeros(SHAPE);
        put(&mut image, &plate(), WIDTH, 1.0);
        image
    }

    #[test]
    fn faces_are_blurred_by_a_gaussian_cut_at_three_widths() {
        let all = erf(REACH * FRAC_1_SQRT_2);
        let step = |t: f64| 0.5 * erf(t.clamp(-REACH, REACH) * FRAC_1_SQRT_2) / all;
        let plate = plate();
        for ((z, y, x), have) in image().indexed_iter() {
            let own = plate.inside([z as f64, y as f64, x as f64]);
            let want: f64 = (0..3)
                .map(|i| step((plate.half[i] + own[i]) / WIDTH) + step((plate.half[i] - own[i]) / WIDTH))
                .product();
            // Two series in each of three factors, 1.3e-7 each, and places of ten voxels in single precision, 1e-6 · 0.4/0.6
            assert!((f64::from(*have) - want).abs() < 4e-6, "{z} {y} {x}: {have} {want}");
        }
    }

    #[test]
    fn a_soft_plate_fills_its_volume() {
        let sum: f64 = image().iter().map(|fill| f64::from(*fill)).sum();
        // Sampling a Gaussian of 0.6 voxels keeps its integral to exp(−2π²·0.36) = 8e-4.
        assert!((sum / plate().volume() - 1.0).abs() < 1e-3, "{sum} {}", plate().volume());
    }

    #[test]
    fn normal_equations_are_those_of_numeric_slopes() {
        let noise = random(SHAPE, 1000, 3);
        let full = image();
        let left = Array3::from_shape_fn(SHAPE, |at| full[at] * 0.7 + noise[at] as f32 * 2e-4);
        let normal = Normal::at(&plate(), left.view(), WIDTH, &mut Packed::default());
        assert!((normal.gain - gain(&plate(), left.view(), WIDTH)).abs() < 1e-5 * normal.gain); // rounding of sums
        let by = 2e-3;
        let slopes: Vec<Array3<f32>> = (0..PARAMETERS)
            .map(|index| {
                let mut step = [0.0; PARAMETERS];
                let mut difference = Array3::zeros(SHAPE);
                for sign in [1.0, -1.0] {
                    step[index] = sign * by;
                    put(&mut difference, &moved(&plate(), &step), WIDTH, sign as f32);
                }
                difference / (2.0 * by as f32)
            })
            .collect();
        let rest = &left - &full;
        // Differences err by rounding, 3e-7/2e-3, and at the cut by half of its 0.0044/0.6 over 2e-3 of a voxel: 2e-4 each,
        // 2e-3 of the largest sums.
        let size = |i: usize| normal.matrix[i][i].sqrt();
        for i in 0..PARAMETERS {
            let right: f32 = (&slopes[i] * &rest).sum();
            let room = 2e-3 * size(i) * rest.iter().map(|r| f64::from(r * r)).sum::<f64>().sqrt();
            assert!((f64::from(right) - normal.right[i]).abs() < room, "{i}: {right} {}", normal.right[i]);
            for j in 0..PARAMETERS {
                let (have, want) = (normal.matrix[i][j], f64::from((&slopes[i] * &slopes[j]).sum()));
                assert!((have - want).abs() < 2e-3 * size(i) * size(j), "{i} {j}: {have} {want}");
            }
        }
    }
}
