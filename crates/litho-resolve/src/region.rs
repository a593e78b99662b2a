//! The part of an image that is worth comparing.

use crate::error::ResolveError;
use ndarray::{ArrayView2, s};

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    /// First row.
    pub y: usize,
    /// First column.
    pub x: usize,
    /// Number of rows.
    pub height: usize,
    /// Number of columns.
    pub width: usize,
}

impl Rectangle {
    /// All of an image of `shape` = (ny, nx).
    pub fn whole(shape: (usize, usize)) -> Self {
        Self { y: 0, x: 0, height: shape.0, width: shape.1 }
    }

    /// The rectangle inside `image`.
    pub(crate) fn of<T>(self, image: ArrayView2<'_, T>) -> ArrayView2<'_, T> {
        image.slice_move(s![self.y..self.y + self.height, self.x..self.x + self.width])
    }

    /// An error unless the rectangle lies inside `shape` and is at least `minimum` pixels each way.
    pub(crate) fn check(
        self,
        operation: &'static str,
        shape: (usize, usize),
        minimum: usize,
    ) -> Result<Self, ResolveError> {
        let ends = (self.y.checked_add(self.height), self.x.checked_add(self.width));
        if !matches!(ends, (Some(bottom), Some(right)) if bottom <= shape.0 && right <= shape.1) {
            return Err(ResolveError::OutsideImage { operation, rectangle: self.to_string(), shape });
        }
        if self.height < minimum || self.width < minimum {
            return Err(ResolveError::TooSmall { operation, shape: (self.height, self.width), minimum });
        }
        Ok(self)
    }
}

impl std::fmt::Display for Rectangle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (bottom, right) = (self.y.saturating_add(self.height), self.x.saturating_add(self.width));
        write!(f, "rows {}..{bottom}, columns {}..{right}", self.y, self.x)
    }
}

/// The largest rectangle, by area, in which every pixel of `coverage` `(y, x)`
/// (illuminating intensity, number of visits, …) is at least `minimum`.
/// For two reconstructions give the pixel-wise smaller coverage.
///
/// # Errors
/// [`ResolveError::NoSignal`] if no pixel reaches `minimum`.
pub fn well_covered(coverage: ArrayView2<'_, f32>, minimum: f32) -> Result<Rectangle, ResolveError> {
    let (ny, nx) = coverage.dim();
    let mut heights = vec![0_usize; nx + 1]; // one empty column at the end closes every rectangle
    let mut best = Rectangle { y: 0, x: 0, height: 0, width: 0 };
    for y in 0..ny {
        for x in 0..nx {
            heights[x] = if coverage[(y, x)] >= minimum { heights[x] + 1 } else { 0 };
        }
        let candidate = largest_under(&heights, y);
        if candidate.height * candidate.width > best.height * best.width {
            best = candidate;
        }
    }
    if best.height == 0 {
        return Err(ResolveError::NoSignal {
            operation: "well-covered region",
            what: "no pixel reaches the smallest coverage asked for",
        });
    }
    Ok(best)
}

/// The largest rectangle standing on row `y` under a histogram whose last bar is empty.
fn largest_under(heights: &[usize], y: usize) -> Rectangle {
    let mut best = Rectangle { y: 0, x: 0, height: 0, width: 0 };
    let mut open: Vec<(usize, usize)> = Vec::new(); // (first column, height), heights rising
    for (x, &height) in heights.iter().enumerate() {
        let mut start = x;
        while let Some(&(first, tall)) = open.last().filter(|(_, tall)| *tall > height) {
            if tall * (x - first) > best.height * best.width {
                best = Rectangle { y: y + 1 - tall, x: first, height: tall, width: x - first };
            }
            start = first;
            open.pop();
        }
        if height > 0 && open.last().is_none_or(|&(_, tall)| tall < height) {
            open.push((start, height));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    #[test]
    fn the_largest_rectangle_wins_over_every_other() {
        // Checked by hand: rows 1..3 × columns 1..4 (area 6) beat the column of 4 and the row of 4.
        let coverage =
            arr2(&[[0., 9., 0., 0., 1.], [0., 9., 5., 5., 0.], [5., 9., 5., 5., 0.], [0., 9., 0., 0., 1.]])
                .mapv(|v: f64| v as f32);
        let found = well_covered(coverage.view(), 5.0).unwrap();
        assert_eq!(found, Rectangle { y: 1, x: 1, height: 2, width: 3 });
        assert_eq!(found.of(coverage.view()).dim(), (2, 3));
        assert!(well_covered(coverage.view(), 10.0).is_err());
    }

    #[test]
    fn agrees_with_trying_all_rectangles() {
        let mut random = litho_testkit::Lcg::new(4);
        let coverage =
            Array2::from_shape_simple_fn((9, 8), || if random.uniform() < 0.75 { 1.0 } else { 0.0 });
        let mut area = 0;
        for (y, x) in (0..9).flat_map(|y| (0..8).map(move |x| (y, x))) {
            for (height, width) in (1..=9 - y).flat_map(|h| (1..=8 - x).map(move |w| (h, w))) {
                let candidate = Rectangle { y, x, height, width };
                if candidate.of(coverage.view()).iter().all(|&v| v > 0.5_f32) {
                    area = area.max(height * width);
                }
            }
        }
        let found = well_covered(coverage.view(), 0.5).unwrap();
        assert_eq!(found.height * found.width, area);
        assert!(found.of(coverage.view()).iter().all(|&v| v > 0.5));
    }

    #[test]
    fn rectangles_outside_are_refused() {
        let rectangle = Rectangle { y: 4, x: 0, height: usize::MAX, width: 3 };
        assert!(rectangle.check("test", (8, 8), 1).is_err());
        assert!(Rectangle::whole((8, 8)).check("test", (8, 8), 16).is_err());
    }
}
