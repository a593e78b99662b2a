//! The rays of one angle, in steps along the rows or the columns of a slice.

use crate::geometry::Geometry;
use crate::sheet::Sheet;

/// Rows (or columns) that a ray crosses at a time.
pub(crate) const STEPS: usize = 16;

/// The parallel rays of one angle. Rays steeper than 45° go down the rows of the slice, the others along its columns;
/// `step` counts the rows (columns) a ray crosses, `across` is where it crosses them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    /// Detector position of voxel (0, 0).
    u0: f64,
    /// By how much it grows from one column to the next: `cos θ`.
    u_column: f64,
    /// By how much it grows from one row to the next: `−sin θ`.
    u_row: f64,
    steep: bool,
    /// `c = max(|cos θ|, |sin θ|)`, the half width of a voxel on the detector.
    c: f64,
}

/// From one voxel to the next, in cells of a sheet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strides {
    pub(crate) step: usize,
    pub(crate) across: usize,
}

/// Where a ray crosses [`STEPS`] rows (columns) and with which weights it sums the two voxels on either side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crossings {
    /// Place of the first of the two voxels among a sheet's cells; past the slice's end, of a margin.
    pub(crate) place: [i32; STEPS],
    pub(crate) first: [f32; STEPS],
    pub(crate) second: [f32; STEPS],
}

impl Line {
    pub(crate) fn new(angle: f64, geometry: &Geometry) -> Self {
        let (sin, cos) = angle.sin_cos();
        // x = j − h, y = h − i, u = axis + x cos θ + y sin θ
        let h = (geometry.size() as f64 - 1.0) / 2.0;
        let u0 = geometry.axis() - h * cos + h * sin;
        Self { u0, u_column: cos, u_row: -sin, steep: cos.abs() >= sin.abs(), c: cos.abs().max(sin.abs()) }
    }

    /// True if the rays go down the rows.
    pub(crate) fn steep(&self) -> bool {
        self.steep
    }

    /// Half width of a voxel on the detector.
    pub(crate) fn c(&self) -> f64 {
        self.c
    }

    /// The same rays with voxels one pixel wide at every angle.
    pub(crate) fn with_unit_width(&self) -> Self {
        Self { c: 1.0, ..*self }
    }

    /// Detector position of the voxel in this row and column.
    #[inline]
    pub(crate) fn u(&self, row: usize, column: usize) -> f64 {
        self.u0 + row as f64 * self.u_row + column as f64 * self.u_column
    }

    /// By how much the detector position grows from one column to the next.
    pub(crate) fn u_column(&self) -> f64 {
        self.u_column
    }

    /// By how much it grows from one row to the next.
    pub(crate) fn u_row(&self) -> f64 {
        self.u_row
    }

    fn u_across(&self) -> f64 {
        if self.steep { self.u_column } else { self.u_row }
    }

    fn u_step(&self) -> f64 {
        if self.steep { self.u_row } else { self.u_column }
    }

    /// How far a ray moves across from one step to the next; at most 1 in size.
    pub(crate) fn slope(&self) -> f64 {
        -self.u_step() / self.u_across()
    }

    /// Where ray `d` crosses row (column) `step`.
    #[inline]
    pub(crate) fn across(&self, d: f64, step: f64) -> f64 {
        (d - self.u0 - step * self.u_step()) / self.u_across()
    }

    /// The first ray, of `detector` rays, that crosses at or after `across`, in the order of growing crossings; as a
    /// place from the first ray for rays in growing order, from behind the last for falling order.
    #[inline]
    pub(crate) fn rays_before(&self, across: f64, step: f64, detector: usize) -> usize {
        let d = across * self.u_across() + self.u0 + step * self.u_step();
        d.ceil().clamp(0.0, detector as f64) as usize
    }

    /// Strides of the steps of these rays through a sheet.
    pub(crate) fn strides(&self, slices: &Sheet) -> Strides {
        if self.steep {
            Strides { step: slices.stride(), across: 1 }
        } else {
            Strides { step: 1, across: slices.stride() }
        }
    }

    /// Crossings of ray `d` with the steps from `start` through slices of `size` voxels whose first cell is at `origin`.
    /// Outside they fall on the margin.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
    pub(crate) fn crossings(
        &self,
        d: usize,
        start: usize,
        size: usize,
        origin: usize,
        strides: Strides,
    ) -> Crossings {
        self.find::<false>(d, start, size, origin, strides)
    }

    /// As [`crossings`](Self::crossings), with no weight on the margin.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
    pub(crate) fn crossings_inside(
        &self,
        d: usize,
        start: usize,
        size: usize,
        origin: usize,
        strides: Strides,
    ) -> Crossings {
        self.find::<true>(d, start, size, origin, strides)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
    fn find<const INSIDE: bool>(
        &self,
        d: usize,
        start: usize,
        size: usize,
        origin: usize,
        strides: Strides,
    ) -> Crossings {
        let begin = self.across(d as f64, start as f64);
        // Positions are counted from the whole number below the first crossing, so that f32 loses nothing.
        let whole = begin.floor();
        let (slope, inverse) = (self.slope() as f32, (1.0 / self.c) as f32);
        let fraction = (begin - whole) as f32;
        let (low, high) = ((-1.0 - whole) as f32, (size as f64 - whole) as f32);
        let (step, across) = (strides.step as i32, strides.across as i32);
        let base = origin as i32 + start as i32 * step + whole as i32 * across;
        let steps = (size - start) as i32;
        let mut crossings = Crossings { place: [0; STEPS], first: [0.0; STEPS], second: [0.0; STEPS] };
        for k in 0..STEPS {
            let at = clamp(fraction + slope * k as f32, low, high);
            let (below, part) = split(at, low);
            let place = base + below * across + k as i32 * step;
            let there = (k as i32) < steps;
            crossings.place[k] = if there { place } else { 0 };
            let (mut first, mut second) = ((1.0 - part) * inverse, part * inverse);
            if INSIDE {
                let index = whole as i32 + below;
                first = if there && (0..size as i32).contains(&index) { first } else { 0.0 };
                second = if there && (0..size as i32).contains(&(index + 1)) { second } else { 0.0 };
            }
            crossings.first[k] = first;
            crossings.second[k] = second;
        }
        crossings
    }
}

/// A whole number, at least `low`, and a part from 0 to 1 whose sum is `at`; all are below 2²² in size.
#[inline(always)]
pub(crate) fn split(at: f32, low: f32) -> (i32, f32) {
    // 1.5·2²³: the last bit of a sum with it counts ones, so the sum rounds to the nearest whole number.
    const ONES: f32 = 12_582_912.0;
    let rounded = clamp((at - 0.5) + ONES, low + ONES, f32::INFINITY);
    let whole = rounded.to_bits() as i32 - ONES.to_bits() as i32;
    (whole, at - (rounded - ONES))
}

/// `at` between `low` and `high`; as two selections, which vectors have, of numbers that are not NaN.
#[inline(always)]
#[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
pub(crate) fn clamp(at: f32, low: f32, high: f32) -> f32 {
    let at = if at > low { at } else { low };
    if at < high { at } else { high }
}
