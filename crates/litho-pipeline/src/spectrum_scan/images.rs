//! The images of all energies on common pixels, and the way back.

use super::resample::{Samples, resampled};
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::{Metres, Pixels};
use ndarray::{Array2, Array3, Axis, Zip};
use rayon::prelude::*;

/// The pixels of an image on the sample. Its pixel (0, 0) is where the beam is at `first`, m.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Raster {
    pub(super) pixel: Point<Metres>,
    pub(super) first: Point<Metres>,
    pub(super) shape: (usize, usize),
}

/// What is known of one energy's image beside its pixels' values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) raster: Raster,
    /// Relative illumination `(y, x)`.
    pub(super) coverage: Array2<f32>,
}

/// Least illumination, relative to the largest, of a pixel that counts as seen.
const LEAST_LIGHT: f32 = 0.05;

impl Raster {
    /// The raster of an object whose pixel (0, 0) lies at scan position `origin`, counted in pixels.
    pub(super) fn of_object(pixel: Point<Metres>, origin: Point<Pixels>, shape: (usize, usize)) -> Self {
        let first = Point::new(pixel.y * origin.y.value(), pixel.x * origin.x.value());
        Self { pixel, first, shape }
    }

    /// Where the pixels of `self` lie among those of `other`, whose content is displaced by `shift`.
    fn samples_in(&self, other: &Self, shift: Point<Metres>) -> [Samples; 2] {
        let axis = |own: Metres, first: Metres, step: Metres, begin: Metres, shift: Metres, count, length| {
            let at = (first.value() + shift.value() - begin.value()) / own.value();
            Samples::new(count, at, step.value() / own.value(), length)
        };
        [
            axis(
                other.pixel.y,
                self.first.y,
                self.pixel.y,
                other.first.y,
                shift.y,
                self.shape.0,
                other.shape.0,
            ),
            axis(
                other.pixel.x,
                self.first.x,
                self.pixel.x,
                other.first.x,
                shift.x,
                self.shape.1,
                other.shape.1,
            ),
        ]
    }

    /// The smallest raster of `pixel` around what every energy has seen.
    pub(super) fn around(all: &[Seen], pixel: Point<Metres>) -> Self {
        let (mut low, mut high) = ([f64::NEG_INFINITY; 2], [f64::INFINITY; 2]);
        for seen in all {
            let Raster { pixel, first, .. } = seen.raster;
            let lit = seen.lit();
            for (axis, (step, first)) in
                [(pixel.y.value(), first.y.value()), (pixel.x.value(), first.x.value())]
                    .into_iter()
                    .enumerate()
            {
                let any = |index: usize| lit.index_axis(Axis(axis), index).iter().any(|lit| *lit);
                let count = lit.len_of(Axis(axis));
                let begin = (0..count).find(|index| any(*index)).unwrap_or(0);
                let end = (0..count).rev().find(|index| any(*index)).unwrap_or(0);
                low[axis] = low[axis].max(first + step * begin as f64);
                high[axis] = high[axis].min(first + step * end as f64);
            }
        }
        let steps = [pixel.y.value(), pixel.x.value()];
        let count = |axis: usize| (((high[axis] - low[axis]) / steps[axis]).floor().max(0.0)) as usize + 1;
        Self {
            pixel,
            first: Point::new(Metres::new(low[0]), Metres::new(low[1])),
            shape: (count(0), count(1)),
        }
    }
}

impl Seen {
    fn lit(&self) -> Array2<bool> {
        let largest = self.coverage.iter().copied().fold(0.0, f32::max);
        self.coverage.mapv(|light| light > LEAST_LIGHT * largest)
    }

    /// Pixels of `raster` that this energy has seen.
    pub(super) fn lit_on(&self, raster: &Raster, shift: Point<Metres>) -> Array2<bool> {
        let lit = self.lit().mapv(|lit| if lit { 1.0_f32 } else { 0.0 });
        let [rows, columns] = raster.samples_in(&self.raster, shift);
        resampled(lit.view(), &rows, &columns).mapv(|share| share > 0.5)
    }
}

/// The images of all energies `(energy, y, x)` on `raster`, each moved back by its shift.
pub(super) fn gathered(
    objects: &[&Array2<C32>],
    seen: &[Seen],
    shifts: &[Point<Metres>],
    raster: &Raster,
) -> Array3<C32> {
    let images: Vec<Array2<C32>> = objects
        .par_iter()
        .zip(seen)
        .zip(shifts)
        .map(|((object, seen), shift)| {
            let [rows, columns] = raster.samples_in(&seen.raster, *shift);
            resampled(object.view(), &rows, &columns)
        })
        .collect();
    let mut stack = Array3::from_elem((images.len(), raster.shape.0, raster.shape.1), C32::default());
    for (mut to, image) in stack.outer_iter_mut().zip(&images) {
        to.assign(image);
    }
    stack
}

/// Multiplies an object by `after/before` of its image on `raster`: what changed there changes here, and no pixel is
/// interpolated twice. Pixels outside, or without a number on both sides, stay.
pub(super) fn brought_back(
    object: &mut Array2<C32>,
    [before, after]: [ndarray::ArrayView2<'_, C32>; 2],
    raster: &Raster,
    seen: &Seen,
    shift: Point<Metres>,
) {
    let mut change = Array2::from_elem(raster.shape, C32::default());
    Zip::from(&mut change).and(before).and(after).for_each(|change, before, after| {
        let ratio = after / before;
        *change = if ratio.is_finite() { ratio - 1.0 } else { C32::default() };
    });
    let back = Point::new(-shift.y, -shift.x);
    let [rows, columns] = seen.raster.samples_in(raster, back);
    let change = resampled(change.view(), &rows, &columns);
    let (rows, columns) = (inside(&seen.raster, raster, back, 0), inside(&seen.raster, raster, back, 1));
    for ((y, x), value) in object.indexed_iter_mut() {
        if rows[y] && columns[x] {
            *value *= change[(y, x)] + 1.0;
        }
    }
}

/// Pixels of `own` along an axis that lie on `raster`, not beyond its ends.
fn inside(own: &Raster, raster: &Raster, shift: Point<Metres>, axis: usize) -> Vec<bool> {
    let part = |point: Point<Metres>| [point.y.value(), point.x.value()][axis];
    let side = |shape: (usize, usize)| [shape.0, shape.1][axis];
    let at = |index: usize| {
        (part(own.first) + part(shift) + index as f64 * part(own.pixel) - part(raster.first))
            / part(raster.pixel)
    };
    let last = (side(raster.shape) - 1) as f64;
    (0..side(own.shape)).map(|index| (0.0..=last).contains(&at(index))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::s;

    fn metres(y: f64, x: f64) -> Point<Metres> {
        Point::new(Metres::new(y), Metres::new(x))
    }

    /// A smooth thing at a place on the sample.
    fn thing(y: f64, x: f64) -> C32 {
        C32::from_polar(1.0, -(-((y - 3.1).powi(2) + (x - 2.7).powi(2)) / 0.8).exp() as f32)
    }

    fn image(raster: &Raster, shift: Point<Metres>) -> Array2<C32> {
        Array2::from_shape_fn(raster.shape, |(y, x)| {
            thing(
                raster.first.y.value() + y as f64 * raster.pixel.y.value() - shift.y.value(),
                raster.first.x.value() + x as f64 * raster.pixel.x.value() - shift.x.value(),
            )
        })
    }

    #[test]
    fn images_on_other_pixels_and_displaced_come_together() {
        // Analytic: a Gaussian of 0.63 m on pixels of 0.1 m has nothing beyond a tenth of the highest frequency.
        let own = Raster { pixel: metres(0.1, 0.11), first: metres(-0.4, -0.3), shape: (70, 60) };
        let shift = metres(0.13, -0.07);
        let seen = vec![Seen { raster: own, coverage: Array2::ones(own.shape) }];
        let common = Raster { pixel: metres(0.107, 0.103), first: metres(0.5, 0.6), shape: (48, 40) };
        let object = image(&own, shift);
        let stack = gathered(&[&object], &seen, &[shift], &common);
        let expected = image(&common, metres(0.0, 0.0));
        assert!(stack.index_axis(Axis(0), 0).iter().zip(&expected).all(|(a, b)| (a - b).norm() < 1e-4));
        assert!(seen[0].lit_on(&common, shift).iter().all(|lit| *lit));
        // What is multiplied there is multiplied here, and nothing outside.
        let turned = stack.mapv(|v| v * C32::from_polar(0.9, 0.2));
        let mut changed = object.clone();
        let pair = [stack.index_axis(Axis(0), 0), turned.index_axis(Axis(0), 0)];
        brought_back(&mut changed, pair, &common, &seen[0], shift);
        let ratio = &changed / &object;
        assert!((ratio[(30, 25)] - C32::from_polar(0.9, 0.2)).norm() < 1e-5);
        assert!(ratio.slice(s![..8, ..]).iter().all(|v| *v == C32::new(1.0, 0.0)));
    }

    #[test]
    fn the_common_raster_is_what_all_have_seen() {
        let raster = |first| Raster { pixel: metres(1.0, 1.0), first, shape: (20, 20) };
        let mut coverage = Array2::zeros((20, 20));
        coverage.slice_mut(s![4..16, 5..15]).fill(1.0);
        let all = [metres(0.0, 0.0), metres(2.0, -1.0)]
            .map(|first| Seen { raster: raster(first), coverage: coverage.clone() });
        let common = Raster::around(&all, metres(2.0, 1.0));
        assert_eq!(common, Raster { pixel: metres(2.0, 1.0), first: metres(6.0, 5.0), shape: (5, 9) });
    }
}
