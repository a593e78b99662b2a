//! A volume made small enough to be looked at: averaged, sampled between its voxels, its empty parts known.

use ndarray::{ArrayView3, s};
use rayon::prelude::*;

/// Edge of a brick, the unit of empty space, in voxels.
const BRICK: usize = 8;

/// A place or a direction `(z, y, x)` in voxels; the centre of the first voxel is the origin.
pub(super) type Vector = [f32; 3];

/// Where rows and planes of a padded volume begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Voxels each way, `(z, y, x)`, without the border of one voxel.
    pub(super) voxels: [usize; 3],
}

impl Extent {
    fn padded(self) -> [usize; 3] {
        self.voxels.map(|n| n + 2)
    }

    fn strides(self) -> [usize; 3] {
        let [_, ny, nx] = self.padded();
        [ny * nx, nx, 1]
    }

    /// The voxel below `place` each way as an index, and how far above it the place lies. Places outside are moved to
    /// the surface.
    fn corner(self, place: Vector) -> (usize, Vector) {
        let strides = self.strides();
        let (mut index, mut part) = (0, [0.0; 3]);
        for k in 0..3 {
            // Voxel i has the padded index i + 1.
            let at = (place[k] + 1.0).clamp(0.5, self.voxels[k] as f32 + 0.5);
            let below = at.floor();
            index += below as usize * strides[k];
            part[k] = at - below;
        }
        (index, part)
    }

    /// The eight voxels around `place` with their weights: `w = Π (1 − p) or p`.
    pub(super) fn around(self, place: Vector) -> [(usize, f32); 8] {
        let (index, [z, y, x]) = self.corner(place);
        let [sz, sy, sx] = self.strides();
        std::array::from_fn(|k| {
            let up = [(k >> 2) & 1, (k >> 1) & 1, k & 1];
            let weight = [(up[0], z), (up[1], y), (up[2], x)]
                .iter()
                .fold(1.0, |w, &(up, part)| w * if up == 1 { part } else { 1.0 - part });
            (index + up[0] * sz + up[1] * sy + up[2] * sx, weight)
        })
    }
}

/// Real numbers on voxels.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) extent: Extent,
    /// With a border that repeats the outermost voxels.
    values: Vec<f32>,
    /// The smallest value of the volume.
    pub(super) least: f32,
    /// Bricks each way.
    bricks: [usize; 3],
    /// Largest value that a sample inside of each brick can have.
    highest: Vec<f32>,
}

impl Field {
    /// The means of `volume` `(z, y, x)` over cubes of `factor` voxels. Values that are not finite do not count; where no
    /// other is, the field has the volume's smallest value.
    pub(super) fn reduced(volume: ArrayView3<'_, f32>, factor: usize) -> Self {
        let finite = volume.iter().copied().filter(|v| v.is_finite());
        let least = finite.fold(f32::INFINITY, f32::min);
        let nothing = if least.is_finite() { least } else { 0.0 };
        let mean = |cube: ArrayView3<'_, f32>| {
            let (mut sum, mut count) = (0.0f64, 0u32);
            for value in cube.iter().filter(|v| v.is_finite()) {
                sum += f64::from(*value);
                count += 1;
            }
            if count == 0 { nothing } else { (sum / f64::from(count)) as f32 }
        };
        let (extent, values) = reduce(volume, factor, mean);
        let (bricks, highest) = highest(extent, &values);
        Self { extent, values, least: nothing, bricks, highest }
    }

    /// The value at `place`, linear between voxels.
    pub(super) fn at(&self, place: Vector) -> f32 {
        let (index, [z, y, x]) = self.extent.corner(place);
        let [sz, sy, _] = self.extent.strides();
        let row = |i: usize| self.values[i] + x * (self.values[i + 1] - self.values[i]);
        let plane = |i: usize| {
            let (a, b) = (row(i), row(i + sy));
            a + y * (b - a)
        };
        let (a, b) = (plane(index), plane(index + sz));
        a + z * (b - a)
    }

    /// The gradient at `place` from differences over `reach` voxels each way.
    pub(super) fn gradient(&self, place: Vector, reach: f32) -> Vector {
        std::array::from_fn(|k| {
            let moved = |by: f32| {
                let mut at = place;
                at[k] += by;
                self.at(at)
            };
            (moved(reach) - moved(-reach)) / (2.0 * reach)
        })
    }

    /// The largest value near `place`, and how far along `direction` its brick ends.
    pub(super) fn brick(&self, place: Vector, direction: Vector) -> (f32, f32) {
        let edge = BRICK as f32;
        let (mut index, mut out) = (0, f32::INFINITY);
        for k in 0..3 {
            let at = (place[k] + 1.0).max(0.0);
            let brick = ((at / edge) as usize).min(self.bricks[k] - 1);
            index = index * self.bricks[k] + brick;
            let wall = if direction[k] > 0.0 { (brick + 1) as f32 * edge } else { brick as f32 * edge };
            if direction[k] != 0.0 {
                out = out.min((wall - at) / direction[k]);
            }
        }
        (self.highest[index], out.max(0.0))
    }

    /// Every voxel `(z, y, x)` with its value.
    pub(super) fn voxels(&self) -> impl Iterator<Item = ([usize; 3], f32)> + '_ {
        let [nz, ny, nx] = self.extent.voxels;
        let [sz, sy, _] = self.extent.strides();
        (0..nz).flat_map(move |z| {
            (0..ny).flat_map(move |y| {
                let start = (z + 1) * sz + (y + 1) * sy + 1;
                self.values[start..start + nx].iter().enumerate().map(move |(x, v)| ([z, y, x], *v))
            })
        })
    }
}

/// Classes on voxels.
#[derive(Debug, Clone)]
pub(super) struct Classes {
    pub(super) extent: Extent,
    pub(super) labels: Vec<u16>,
}

impl Classes {
    /// The most frequent label other than 0 of each cube of `factor` voxels, the smaller one of equals.
    pub(super) fn reduced(labels: ArrayView3<'_, u16>, factor: usize) -> Self {
        let majority = |cube: ArrayView3<'_, u16>| {
            let mut inside: Vec<u16> = cube.iter().copied().filter(|label| *label > 0).collect();
            inside.sort_unstable();
            let runs = inside.chunk_by(|a, b| a == b);
            runs.fold((0, 0), |best, run| if run.len() > best.0 { (run.len(), run[0]) } else { best }).1
        };
        let (extent, labels) = reduce(labels, factor, majority);
        Self { extent, labels }
    }
}

/// One number for each cube of `factor` voxels, with a border that repeats the outermost ones.
fn reduce<T: Copy + Send + Sync + Default>(
    volume: ArrayView3<'_, T>,
    factor: usize,
    of: impl Fn(ArrayView3<'_, T>) -> T + Sync,
) -> (Extent, Vec<T>) {
    let factor = factor.max(1);
    let full: [usize; 3] = volume.dim().into();
    let extent = Extent { voxels: full.map(|n| n.div_ceil(factor)) };
    let ([_, ny, nx], [plane, row, _]) = (extent.padded(), extent.strides());
    let mut values = vec![T::default(); extent.padded().iter().product()];
    // From a padded index to the voxels of the cube it stands for.
    let span = |padded: usize, k: usize| {
        let cube = padded.saturating_sub(1).min(extent.voxels[k] - 1);
        cube * factor..((cube + 1) * factor).min(full[k])
    };
    values.par_chunks_mut(plane).enumerate().for_each(|(z, slice)| {
        for y in 0..ny {
            for x in 0..nx {
                slice[y * row + x] = of(volume.slice(s![span(z, 0), span(y, 1), span(x, 2)]));
            }
        }
    });
    (extent, values)
}

/// The bricks each way, and the largest value that samples inside each can have.
fn highest(extent: Extent, values: &[f32]) -> ([usize; 3], Vec<f32>) {
    let padded = extent.padded();
    let [sz, sy, _] = extent.strides();
    let bricks = padded.map(|n| n.div_ceil(BRICK));
    let mut highest = vec![f32::NEG_INFINITY; bricks.iter().product()];
    let plane = bricks[1] * bricks[2];
    highest.par_chunks_mut(plane).enumerate().for_each(|(bz, slice)| {
        // A sample between two bricks needs the first voxel of the next one.
        let span = |brick: usize, k: usize| brick * BRICK..((brick + 1) * BRICK + 1).min(padded[k]);
        for (i, most) in slice.iter_mut().enumerate() {
            let (by, bx) = (i / bricks[2], i % bricks[2]);
            for (z, y) in span(bz, 0).flat_map(|z| span(by, 1).map(move |y| (z, y))) {
                let start = z * sz + y * sy;
                let row = &values[start + span(bx, 2).start..start + span(bx, 2).end];
                *most = row.iter().copied().fold(*most, f32::max);
            }
        }
    });
    (bricks, highest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    /// A linear function of the place.
    fn ramp() -> Array3<f32> {
        Array3::from_shape_fn((9, 10, 11), |(z, y, x)| (z as f32) - 2.0 * (y as f32) + 0.5 * (x as f32))
    }

    #[test]
    fn samples_of_a_linear_function_are_exact() {
        let field = Field::reduced(ramp().view(), 1);
        // Halves and quarters are exact in binary.
        for place in [[0.0, 0.0, 0.0], [1.5, 2.25, 3.75], [8.0, 9.0, 10.0], [0.25, 8.5, 0.5]] {
            assert_eq!(field.at(place), place[0] - 2.0 * place[1] + 0.5 * place[2]);
        }
        assert_eq!(field.gradient([4.0, 5.0, 6.0], 1.5), [1.0, -2.0, 0.5]);
        // Outside the outermost voxels are repeated.
        assert_eq!(field.at([-3.0, 0.0, 0.0]), 0.0);
    }

    #[test]
    fn means_of_cubes_leave_out_what_is_missing() {
        let mut volume = Array3::from_elem((4, 4, 4), 2.0f32);
        volume.slice_mut(s![..2, ..2, ..2]).fill(f32::NAN);
        volume[[0, 0, 0]] = 7.0;
        volume.slice_mut(s![2.., 2.., 2..]).fill(f32::NAN);
        let field = Field::reduced(volume.view(), 2);
        let values: Vec<f32> = field.voxels().map(|(_, v)| v).collect();
        assert_eq!(values, [7.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]);
        // A part of a cube is averaged alone.
        assert_eq!(Field::reduced(volume.view(), 3).extent.voxels, [2, 2, 2]);
    }

    #[test]
    fn no_sample_exceeds_its_brick_and_bricks_end_ahead() {
        let volume = Array3::from_shape_fn((20, 17, 30), |(z, y, x)| ((z * 7 + y * 13 + x * 29) % 31) as f32);
        let field = Field::reduced(volume.view(), 1);
        let direction = [0.6f32, -0.64, 0.48];
        for k in 0..5000u32 {
            let part = |step: f64, n: f64| (f64::from(k) * step).fract() * n - 0.5;
            let place =
                [part(0.618_034, 20.0), part(0.414_214, 17.0), part(0.732_051, 30.0)].map(|v| v as f32);
            let (most, out) = field.brick(place, direction);
            assert!(field.at(place) <= most, "{place:?}");
            assert!((0.0..=14.0).contains(&out), "√3·8 is the longest way through: {out}");
        }
    }

    #[test]
    fn the_most_frequent_class_of_a_cube_is_taken() {
        let mut labels = Array3::<u16>::zeros((2, 2, 4));
        labels[[0, 0, 0]] = 3;
        labels.slice_mut(s![.., 0, 2]).fill(5);
        labels.slice_mut(s![.., 1, 3]).fill(2);
        let classes = Classes::reduced(labels.view(), 2);
        let around = classes.extent.around([0.0, 0.0, 0.5]);
        let mut seen: Vec<(u16, f32)> = around.iter().map(|(i, w)| (classes.labels[*i], *w)).collect();
        seen.retain(|(_, weight)| *weight > 0.0);
        assert_eq!(seen, [(3, 0.5), (2, 0.5)]);
    }
}
