//! Images of a body: integrals along rays, averaged over the area of every pixel.

use super::body::{Body, Crossing, Sweep};
use super::solid::Ray;
use super::view::View;
use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// Square pixels in the plane of the detector, at the scale of the sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raster {
    /// Pixels `(ny, nx)`.
    pub shape: (usize, usize),
    /// Edge of a pixel, metres.
    pub pixel: f64,
    /// Middle of pixel `(0, 0)`, metres `(y, x)` from the place of the rotation axis.
    pub first: (f64, f64),
    /// Rays along a side of a pixel.
    pub rays: usize,
}

/// What one row of rays needs; kept from row to row.
#[derive(Default)]
struct Row {
    rays: Vec<Ray>,
    crossings: Vec<Vec<Crossing>>,
    sweep: Sweep,
}

impl Raster {
    /// Pixels around the place of the rotation axis, which is the middle of the image.
    pub fn centred(shape: (usize, usize), pixel: f64, rays: usize) -> Self {
        let first = |count: usize| -0.5 * (count as f64 - 1.0) * pixel;
        Self { shape, pixel, first: (first(shape.0), first(shape.1)), rays }
    }

    /// The image of `body` in `view`: `∫ amounts dt` in metres, one image for each of the amounts.
    pub fn project<const N: usize>(&self, body: &Body<N>, view: &View) -> [Array2<f64>; N] {
        let optic = view.optic();
        let bounds: Vec<(f64, f64, f64)> = body
            .shapes
            .iter()
            .map(|shape| {
                let ball = shape.solid.bound();
                let (y, x) = optic.image(ball.centre);
                (y, x, ball.radius * optic.scale())
            })
            .collect();
        let share = 1.0 / (self.rays * self.rays) as f64;
        let mut pixels = Array2::from_elem(self.shape, [0.0; N]);
        pixels.axis_iter_mut(Axis(0)).into_par_iter().enumerate().for_each_init(
            Row::default,
            |row, (index, mut line)| {
                for sub in 0..self.rays {
                    let y = self.at(self.first.0, index * self.rays + sub);
                    row.rays.clear();
                    row.rays.extend(
                        (0..self.shape.1 * self.rays)
                            .map(|column| optic.ray(y, self.at(self.first.1, column))),
                    );
                    self.cross(row, body, &bounds, y);
                    for (column, crossings) in row.crossings.iter().enumerate().filter(|(_, c)| !c.is_empty())
                    {
                        let total = body.total(crossings, &mut row.sweep);
                        let pixel = &mut line[column / self.rays];
                        pixel.iter_mut().zip(total).for_each(|(sum, value)| *sum += share * value);
                    }
                }
            },
        );
        std::array::from_fn(|amount| pixels.mapv(|values| values[amount]))
    }

    /// Place of a row or column of rays.
    fn at(&self, first: f64, index: usize) -> f64 {
        first + ((index as f64 + 0.5) / self.rays as f64 - 0.5) * self.pixel
    }

    /// Collects where the rays of a row at `y` cross the shapes, whose images lie within `bounds`: `(y, x, radius)`.
    fn cross<const N: usize>(&self, row: &mut Row, body: &Body<N>, bounds: &[(f64, f64, f64)], y: f64) {
        row.crossings.iter_mut().for_each(Vec::clear);
        row.crossings.resize_with(row.rays.len(), Vec::new);
        let step = self.pixel / self.rays as f64;
        let left = self.at(self.first.1, 0);
        for (shape, &(centre, middle, radius)) in bounds.iter().enumerate() {
            let half = radius * radius - (y - centre).powi(2);
            if half <= 0.0 {
                continue;
            }
            let (low, high) = ((middle - half.sqrt() - left) / step, (middle + half.sqrt() - left) / step);
            if high < 0.0 {
                continue;
            }
            let (low, high) = (low.max(0.0) as usize, (high as usize + 1).min(row.rays.len()));
            for column in low..high {
                row.crossings[column].extend(body.crossing(&row.rays[column], shape));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::body::Shape;
    use super::super::solid::{Ball, Ellipsoid, Solid};
    use super::super::vector::frame;
    use super::*;
    use litho_types::point::Point;
    use litho_types::quantity::{Metres, Radians};
    use std::f64::consts::PI;

    fn body() -> Body<1> {
        let ellipsoid = Ellipsoid::new([1.0, -2.0, 0.5], frame([1.0, 0.5, 0.2], 0.3), [4.0, 2.0, 3.0]);
        let ball = Ball { centre: [-5.0, 1.0, -1.5], radius: 2.0 };
        Body {
            shapes: vec![
                Shape { solid: Solid::Ellipsoid(ellipsoid), amounts: [1.0], label: 1 },
                Shape { solid: Solid::Ball(ball), amounts: [2.0], label: 2 },
            ],
        }
    }

    #[test]
    fn the_mass_is_the_same_at_every_angle() {
        let (body, raster) = (body(), Raster::centred((24, 30), 1.0, 6));
        // The ellipsoid and, twice as dense, the ball, which does not touch it.
        let mass = 4.0 / 3.0 * PI * (4.0 * 2.0 * 3.0 + 2.0 * 8.0);
        for degrees in [-80.0, -31.0, 0.0, 44.0, 77.0] {
            let image = &raster.project(&body, &View::straight(Radians::from_degrees(degrees)))[0];
            // 6 × 6 rays on a pixel: the integrand has slopes like a circle's edge, error some h^1.5 of h = 1/6 on the rim.
            assert!((image.sum() / mass - 1.0).abs() < 2e-3, "{degrees}: {} {mass}", image.sum());
        }
    }

    #[test]
    fn every_pixel_holds_the_chords_of_its_rays() {
        let view = View {
            angle: Radians::from_degrees(23.0),
            shift: Point::new(Metres::new(1.3), Metres::new(-0.7)),
            turn: Radians::from_degrees(3.0),
            scale: 1.1,
        };
        let (body, raster) = (body(), Raster { first: (-6.0, -9.0), ..Raster::centred((14, 20), 1.0, 2) });
        let image = &raster.project(&body, &view)[0];
        for ((row, column), value) in image.indexed_iter() {
            let mean: f64 = [(-0.25, -0.25), (-0.25, 0.25), (0.25, -0.25), (0.25, 0.25)]
                .iter()
                .map(|(dy, dx)| {
                    body.along(&view.optic().ray(-6.0 + row as f64 + dy, -9.0 + column as f64 + dx))[0] / 4.0
                })
                .sum();
            assert!((mean - value).abs() < 1e-12, "{row} {column}");
        }
    }
}
