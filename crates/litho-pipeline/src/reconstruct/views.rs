//! How the frames see the object: at the start of a run, of a half of the scan, and as positions in a result.

use crate::config::{Settings, Sweep};
use crate::error::PipelineError;
use litho_compute::{Measurement, Sampling, Views};
use litho_ptycho::State;
use litho_types::placement::Placement;
use litho_types::point::Point;
use litho_types::quantity::{Metres, Pixels};
use litho_types::scan::Positions;
use ndarray::{Array2, Axis};

/// The views that a run starts with.
///
/// # Errors
/// [`PipelineError::Argument`] if a sweep in metres meets a scan whose pixel is unknown.
pub(super) fn first(
    settings: &Settings,
    measurement: &Measurement,
    pixel: Option<Point<Metres>>,
) -> Result<Views, PipelineError> {
    let sampling = if settings.subpixel { Sampling::SubPixel } else { Sampling::WholePixels };
    let mut views = Views::steady(measurement, sampling);
    if let Some(fly_scan) = settings.fly_scan {
        let [y, x] = match (fly_scan.sweep, pixel) {
            (Sweep::Pixels(sweep), _) => sweep,
            (Sweep::Metres([y, x]), Some(pixel)) => [y / pixel.y.value(), x / pixel.x.value()],
            (Sweep::Metres([y, x]), None) => {
                return Err(PipelineError::argument(
                    "fly_scan.sweep_m",
                    format!("[{y}, {x}]"),
                    "energy, distance or pixel size of the scan is unknown, so metres cannot become pixels; give \
                     sweep_px, or --energy, --distance and --pixel",
                ));
            }
        };
        views.exposures = fly_scan.exposures;
        views.sweeps = vec![[y as f32, x as f32]; views.places.len()];
    }
    Ok(views)
}

/// The views of some `frames`, found on the object of `whole`, on that of `part`.
pub(super) fn of_part(views: &Views, frames: &[usize], whole: &Placement, part: &Placement) -> Views {
    // Both objects count their pixels from their own origin.
    let offset =
        [whole.origin.y.value() - part.origin.y.value(), whole.origin.x.value() - part.origin.x.value()];
    let place = |frame: &usize| [0, 1].map(|axis| views.places[*frame][axis] + offset[axis]);
    Views {
        places: frames.iter().map(place).collect(),
        sampling: views.sampling,
        amplitudes: frames.iter().map(|frame| views.amplitudes[*frame]).collect(),
        coefficients: views.coefficients.select(Axis(0), frames),
        sweeps: frames.iter().filter_map(|frame| views.sweeps.get(*frame).copied()).collect(),
        exposures: views.exposures,
    }
}

/// The beam positions that views stand for, in the unit of the positions as `read`; those themselves if nothing moved
/// them.
pub(super) fn positions(
    views: &Views,
    measurement: &Measurement,
    pixel: Option<Point<Metres>>,
    read: &Positions,
) -> Positions {
    let placement = measurement.placement();
    if views.places == placement.places {
        return read.clone();
    }
    let (ny, nx) = measurement.frame_shape();
    // A position is where the middle pixel N/2 of its patch lies.
    let in_pixels = |[y, x]: &[f64; 2]| {
        Point::new(
            Pixels::new(y + (ny / 2) as f64 + placement.origin.y.value()),
            Pixels::new(x + (nx / 2) as f64 + placement.origin.x.value()),
        )
    };
    let refined = views.places.iter().map(in_pixels);
    match (read, pixel) {
        (Positions::Metres(_), Some(pixel)) => Positions::Metres(
            refined.map(|p| Point::new(pixel.y * p.y.value(), pixel.x * p.x.value())).collect(),
        ),
        _ => Positions::Pixels(refined.collect()),
    }
}

/// How much light each object pixel saw from where the frames were found to lie.
pub(crate) fn coverage(measurement: &Measurement, state: &State) -> Array2<f32> {
    match &state.views {
        Some(views) => {
            litho_ptycho::coverage_of_views(views, measurement.placement().object_shape, &state.probe)
        }
        None => litho_ptycho::coverage(measurement, &state.probe),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_compute::Propagator;
    use litho_types::frames::Frames;
    use ndarray::Array3;

    fn measurement(positions: &[Point<Pixels>]) -> Measurement {
        let shape = (4, 6);
        let placement = Placement::plan(positions, shape, 3).expect("placed");
        let frames = Frames::U8(Array3::ones((positions.len(), 4, 6)));
        let propagator = Propagator::far_field(shape).expect("small");
        Measurement::new(frames, Array2::from_elem(shape, true), placement, propagator).expect("fits")
    }

    fn at(y: f64, x: f64) -> Point<Pixels> {
        Point::new(Pixels::new(y), Pixels::new(x))
    }

    #[test]
    fn places_become_positions_again() {
        let all = [at(-3.25, 10.5), at(4.0, 12.75), at(0.5, 11.0)];
        let whole = measurement(&all);
        let mut views = Views::steady(&whole, Sampling::SubPixel);
        let read = Positions::Pixels(all.to_vec());
        assert_eq!(positions(&views, &whole, None, &read), read);
        views.places[1][0] += 0.5;
        views.places[2][1] -= 0.25;
        let moved = Positions::Pixels(vec![all[0], at(4.5, 12.75), at(0.5, 10.75)]);
        // Quarters of small numbers are exact.
        assert_eq!(positions(&views, &whole, None, &read), moved);
        // In half the scan the same frames lie at the same positions.
        let part = measurement(&all[1..]);
        let some = of_part(&views, &[1, 2], whole.placement(), part.placement());
        let Positions::Pixels(moved) = moved else { panic!("pixels") };
        let read = Positions::Pixels(all[1..].to_vec());
        assert_eq!(positions(&some, &part, None, &read), Positions::Pixels(moved[1..].to_vec()));
    }

    #[test]
    fn metres_stay_metres() {
        let whole = measurement(&[at(0.0, 0.0), at(1.0, 1.0)]);
        let mut views = Views::steady(&whole, Sampling::SubPixel);
        views.places[0][1] += 2.0;
        let pixel = Some(Point::new(Metres::new(0.5), Metres::new(0.25)));
        let read = Positions::Metres(vec![Point::new(Metres::new(0.0), Metres::new(0.0)); 2]);
        let expected = vec![
            Point::new(Metres::new(0.0), Metres::new(0.5)),
            Point::new(Metres::new(0.5), Metres::new(0.25)),
        ];
        assert_eq!(positions(&views, &whole, pixel, &read), Positions::Metres(expected));
    }
}
