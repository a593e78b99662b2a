//! Projections with their content moved, interpolated once from the raw ones.

use super::placement::Placement;
use crate::error::TomoError;
use litho_resolve::spline::{TAPS, Tap, coefficients_of_image};
use ndarray::{Array2, Array3, ArrayView3};
use rayon::prelude::*;

const NAME: &str = "moving projections";

/// The projections `(angle, y, x)` with the content of each moved by its placement: one interpolation of degree 5 from
/// the raw numbers. What would come from outside a projection is its nearest pixel at the edge; [`coverage`] tells which
/// pixels those are. A placement that moves nothing returns the same numbers to rounding.
///
/// # Errors
/// [`TomoError`] if there is not one placement for each projection, a placement cannot be used, or a number is not finite.
pub fn apply(projections: ArrayView3<'_, f32>, placements: &[Placement]) -> Result<Array3<f32>, TomoError> {
    let (count, ny, nx) = projections.dim();
    check_placements(NAME, count, placements)?;
    check_finite(NAME, projections)?;
    let mut moved = projections.as_standard_layout().into_owned();
    if count * ny * nx == 0 {
        return Ok(moved);
    }
    // in standard layout the numbers are always one slice
    if let Some(values) = moved.as_slice_mut() {
        values.par_chunks_mut(ny * nx).zip(placements).for_each_init(
            || vec![0.0; ny * nx],
            |coefficients, (image, placement)| {
                coefficients.copy_from_slice(image);
                coefficients_of_image(coefficients, nx);
                sample(coefficients, (ny, nx), placement, image);
            },
        );
    }
    Ok(moved)
}

/// 1 where a pixel of a moved projection of `(ny, nx)` pixels comes from inside the raw one, 0 where it does not.
pub fn coverage(placement: &Placement, (ny, nx): (usize, usize)) -> Array2<f32> {
    let source = Source::new(placement, (ny, nx));
    Array2::from_shape_fn((ny, nx), |(y, x)| if source.is_inside(y, x, (ny, nx)) { 1.0 } else { 0.0 })
}

/// Fills `image` with the spline of `coefficients`, moved.
pub(super) fn sample(
    coefficients: &[f32],
    (ny, nx): (usize, usize),
    placement: &Placement,
    image: &mut [f32],
) {
    let source = Source::new(placement, (ny, nx));
    if placement.is_shift() {
        sample_shifted(coefficients, (ny, nx), &source, image);
        return;
    }
    for (y, row) in image.chunks_mut(nx).enumerate() {
        for (x, value) in row.iter_mut().enumerate() {
            let (y, x) = source.of(y as f64, x as f64);
            let (along_y, along_x) = (Tap::new(y, ny), Tap::new(x, nx));
            *value = along_y
                .pixels(ny)
                .iter()
                .map(|&(line, weight)| weight * along_x.sum(&coefficients[line * nx..(line + 1) * nx]))
                .sum();
        }
    }
}

/// As [`sample`] for a shift: first along y, then along x.
fn sample_shifted(coefficients: &[f32], (ny, nx): (usize, usize), source: &Source, image: &mut [f32]) {
    let along_x: Vec<Tap> = (0..nx).map(|x| Tap::new(source.of(0.0, x as f64).1, nx)).collect();
    let mut line = vec![0.0_f32; nx];
    for (y, row) in image.chunks_mut(nx).enumerate() {
        let pixels = Tap::new(source.of(y as f64, 0.0).0, ny).pixels(ny);
        let lines: [&[f32]; TAPS] = pixels.map(|(at, _)| &coefficients[at * nx..(at + 1) * nx]);
        for (x, value) in line.iter_mut().enumerate() {
            *value = (0..TAPS).map(|tap| pixels[tap].1 * lines[tap][x]).sum();
        }
        for (value, tap) in row.iter_mut().zip(&along_x) {
            *value = tap.sum(&line);
        }
    }
}

/// Where the pixels of a moved image come from: `q = m + R(−φ)(r − m − t)/s`.
pub(super) struct Source {
    /// Place of pixel (0, 0).
    origin: (f64, f64),
    /// `cos φ/s` and `sin φ/s`.
    turn: (f64, f64),
}

impl Source {
    pub(super) fn new(placement: &Placement, (ny, nx): (usize, usize)) -> Self {
        let back = placement.inverse();
        let [y, x, rotation, scale] = back.numbers();
        let turn = (scale * rotation.cos(), -scale * rotation.sin());
        let (my, mx) = ((ny as f64 - 1.0) / 2.0, (nx as f64 - 1.0) / 2.0);
        let origin = (my + y - turn.0 * my + turn.1 * mx, mx + x - turn.0 * mx - turn.1 * my);
        Self { origin, turn }
    }

    pub(super) fn of(&self, y: f64, x: f64) -> (f64, f64) {
        let (cos, sin) = self.turn;
        (self.origin.0 + cos * y - sin * x, self.origin.1 + cos * x + sin * y)
    }

    /// True if pixel `(y, x)` comes from inside an image of `(ny, nx)` pixels; a rounding beyond the edge is the edge.
    pub(super) fn is_inside(&self, y: usize, x: usize, (ny, nx): (usize, usize)) -> bool {
        let inside = |place: f64, n: usize| (-1e-9..=n as f64 - 1.0 + 1e-9).contains(&place);
        let (y, x) = self.of(y as f64, x as f64);
        inside(y, ny) && inside(x, nx)
    }
}

/// One placement for each projection, each with numbers that can be used.
pub(super) fn check_placements(
    operation: &'static str,
    count: usize,
    placements: &[Placement],
) -> Result<(), TomoError> {
    if placements.len() != count {
        return Err(TomoError::Shape {
            operation,
            array: "the list of placements",
            found: vec![placements.len()],
            wanted: vec![count],
        });
    }
    match placements.iter().find(|placement| !placement.is_usable()) {
        None => Ok(()),
        Some(placement) => {
            let value = placement.numbers().into_iter().find(|v| !v.is_finite()).unwrap_or(placement.scale);
            Err(TomoError::Setting {
                operation,
                setting: "a number of a placement",
                value,
                fix: "give finite shifts and rotations and a scale above 0",
            })
        }
    }
}

/// Names the first number that is not finite.
pub(super) fn check_finite(
    operation: &'static str,
    projections: ArrayView3<'_, f32>,
) -> Result<(), TomoError> {
    match projections.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((projection, y, x), &value)) => {
            Err(TomoError::NotFinite { operation, projection, y, x, value })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Axis;

    /// A band-limited picture known between the pixels: waves of 9 pixels and longer.
    fn picture(y: f64, x: f64) -> f64 {
        let tau = std::f64::consts::TAU;
        (tau * (y / 17.0 + x / 12.0)).sin() + 0.5 * (tau * (y / 13.0 - x / 14.0)).cos()
    }

    fn stack(ny: usize, nx: usize) -> Array3<f32> {
        Array3::from_shape_fn((1, ny, nx), |(_, y, x)| picture(y as f64, x as f64) as f32)
    }

    #[test]
    fn content_moves_where_the_placement_says() {
        let (ny, nx) = (60, 71);
        let raw = stack(ny, nx);
        // whole, fractional, turned and magnified; waves of 9 pixels are wrong by less than
        // 2·(1/8)⁶ = 8e-6 of their height.
        for numbers in
            [[0.0, 0.0, 0.0, 1.0], [2.0, -3.0, 0.0, 1.0], [0.31, 1.77, 0.0, 1.0], [-1.2, 0.4, 0.05, 1.03]]
        {
            let placement = Placement::from_numbers(numbers);
            let moved = apply(raw.view(), &[placement]).unwrap();
            let covered = coverage(&placement, (ny, nx));
            let source = Source::new(&placement, (ny, nx));
            let mut seen = 0;
            for ((y, x), value) in moved.index_axis(Axis(0), 0).indexed_iter() {
                let place = source.of(y as f64, x as f64);
                // mirrored edges bend the spline within a few pixels of them: |z|⁸ = 1e-3 · height there
                let deep = |p: f64, n: usize| p > 8.0 && p < n as f64 - 9.0;
                if deep(place.0, ny) && deep(place.1, nx) {
                    assert_eq!(covered[(y, x)], 1.0);
                    let wanted = picture(place.0, place.1);
                    assert!((f64::from(*value) - wanted).abs() < 1e-3, "{numbers:?} ({y}, {x})");
                    seen += 1;
                }
            }
            assert!(seen > 1000);
        }
    }

    #[test]
    fn a_source_is_the_inverse_of_the_placement() {
        let placement = Placement::from_numbers([1.5, -2.5, 0.2, 1.1]);
        let (ny, nx) = (30, 41);
        let (my, mx) = (14.5, 20.0);
        let (y, x) = Source::new(&placement, (ny, nx)).of(7.0, 33.0);
        // r = m + t + s R (q − m)
        let (sin, cos) = 0.2_f64.sin_cos();
        let (qy, qx) = (y - my, x - mx);
        let r = (my + 1.5 + 1.1 * (qx * sin + qy * cos), mx - 2.5 + 1.1 * (qx * cos - qy * sin));
        assert!((r.0 - 7.0).abs() < 1e-12 && (r.1 - 33.0).abs() < 1e-12, "{r:?}");
    }

    #[test]
    fn nothing_wraps_around_the_edges() {
        let mut raw = Array3::<f32>::zeros((1, 20, 20));
        raw.slice_mut(ndarray::s![0, 8..12, 17..20]).fill(1.0);
        let moved = apply(raw.view(), &[Placement::shifted(0.0, 5.5)]).unwrap();
        // the bright edge has left to the right; the empty left edge goes on
        assert!(moved.iter().all(|v| v.abs() < 0.2), "the spline's ringing at most");
        // ten pixels and more from the bright edge the ringing is 0.43¹⁰ = 2e-4
        assert!(moved.slice(ndarray::s![0, .., ..12]).iter().all(|v| v.abs() < 3e-4));
        let far = apply(raw.view(), &[Placement::shifted(1e12, -1e12)]).unwrap();
        assert!(far.iter().all(|v| v.is_finite()));
    }

    #[test]
    fn bad_input_is_named() {
        let mut raw = stack(4, 5);
        assert!(matches!(apply(raw.view(), &[]), Err(TomoError::Shape { .. })));
        let bad = Placement::shifted(f64::NAN, 0.0);
        assert!(matches!(apply(raw.view(), &[bad]), Err(TomoError::Setting { .. })));
        let bad = Placement { scale: 0.0, ..Placement::default() };
        assert!(matches!(apply(raw.view(), &[bad]), Err(TomoError::Setting { value: 0.0, .. })));
        raw[(0, 2, 3)] = f32::NAN;
        assert!(matches!(
            apply(raw.view(), &[Placement::default()]),
            Err(TomoError::NotFinite { projection: 0, y: 2, x: 3, .. })
        ));
    }
}
