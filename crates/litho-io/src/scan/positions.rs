//! Positions: read from anywhere, counted, and held against the object grid.

use super::draft::RawPositions;
use super::options::{LengthUnit, PositionSense, ReadOptions};
use super::plan::{FramesPlan, Ingredient};
use super::table::read_positions_table;
use super::units::length_unit_of;
use crate::error::IoError;
use crate::h5::{H5File, PathSpec};
use litho_types::geometry::Geometry;
use litho_types::placement::Placement;
use litho_types::point::Point;
use litho_types::quantity::{Metres, Pixels};
use litho_types::scan::Positions;
use ndarray::Array2;
use std::path::Path;

/// Positions whose whole span is less than this many object pixels are no scan.
const LEAST_SPAN: f64 = 1.0;

/// Positions from `FILE:/path` (N, 2) or from a text table; (y, x) of the beam unless the options
/// say they are the sample's.
pub(super) fn external_positions(spec: &str, options: &ReadOptions) -> Result<RawPositions, IoError> {
    let parsed = PathSpec::parse(spec);
    let is_table = parsed.dataset.is_none() && !starts_as_hdf5(&parsed.file)?;
    let (mut values, stated) = if is_table {
        (read_positions_table(&parsed.file)?, None)
    } else {
        let file = H5File::open(&parsed.file)?;
        let dataset = parsed.dataset_in(&file)?;
        let unit = length_unit_of(file.path(), &dataset, file.attr_text(&dataset, "units").as_deref())?;
        (columns(&file, &dataset)?, unit)
    };
    let sense = options.position_sense.unwrap_or(PositionSense::Beam);
    if sense == PositionSense::Sample {
        negate(&mut values);
    }
    Ok(RawPositions {
        values,
        unit: options.keys.position_unit.or(stated).unwrap_or(LengthUnit::Metre),
        source: spec.to_owned(),
        meaning: format!("(y, x), {sense:?}").to_lowercase(),
        object_pixel: None,
    })
}

fn starts_as_hdf5(path: &Path) -> Result<bool, IoError> {
    use std::io::Read;
    let mut head = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    file.take(4).read_to_end(&mut head).map_err(|e| IoError::file("read", path, &e))?;
    Ok(head == b"\x89HDF")
}

/// Reverses the sign of every coordinate.
pub(super) fn negate(values: &mut [Point<f64>]) {
    for value in values {
        *value = value.map(|v| -v);
    }
}

/// A dataset (N, 2) or (2, N) of two columns as points: first column (row) `y`, second `x`.
pub(crate) fn columns(file: &H5File, dataset: &str) -> Result<Vec<Point<f64>>, IoError> {
    let matrix = file.matrix(dataset)?;
    let point = |y: &f64, x: &f64| Point::new(*y, *x);
    match matrix.dim() {
        (_, 2) => Ok(matrix.rows().into_iter().map(|row| point(&row[0], &row[1])).collect()),
        (2, _) => Ok(matrix.columns().into_iter().map(|column| point(&column[0], &column[1])).collect()),
        _ => Err(file.wrong_shape(dataset, matrix.shape().to_vec(), "(N, 2): y and x of every frame")),
    }
}

/// A dataset (N, 3) of x, y, z, or (N, 2) of x, y (then z = 0), as an (N, 3) array.
pub(crate) fn xyz_rows(file: &H5File, dataset: &str) -> Result<Array2<f64>, IoError> {
    let matrix = file.matrix(dataset)?;
    match matrix.dim() {
        (_, 3) => Ok(matrix),
        (rows, 2) => Ok(Array2::from_shape_fn(
            (rows, 3),
            |(row, axis)| if axis < 2 { matrix[(row, axis)] } else { 0.0 },
        )),
        _ => Err(file.wrong_shape(dataset, matrix.shape().to_vec(), "(N, 3): x, y, z of every frame")),
    }
}

/// Checks the positions against the frames and brings them to metres, or to pixels without a geometry.
pub(super) fn resolve_positions(
    raw: RawPositions,
    frames: &FramesPlan,
    geometry: Option<Geometry>,
    path: &Path,
    ingredients: &mut Vec<Ingredient>,
) -> Result<Positions, IoError> {
    check_count(&raw, frames, path)?;
    check_finite(&raw, path)?;
    let (pixels, positions) = convert(&raw, frames, geometry, path)?;
    check_span(&raw, &pixels, frames, path)?;
    ingredients.push(Ingredient {
        name: "positions",
        value: describe_span(&positions),
        source: raw.source,
        read_as: format!("{}, read as {}", raw.meaning, raw.unit.name()),
    });
    Ok(positions)
}

fn check_count(raw: &RawPositions, frames: &FramesPlan, path: &Path) -> Result<(), IoError> {
    if raw.values.len() == frames.count {
        return Ok(());
    }
    Err(IoError::WrongShape {
        path: path.to_owned(),
        dataset: format!("positions {}", raw.source),
        found: vec![raw.values.len(), 2],
        expected: format!(
            "one position for each of the {} frames; give the positions of these frames",
            frames.count
        ),
    })
}

fn check_finite(raw: &RawPositions, path: &Path) -> Result<(), IoError> {
    let Some(index) = raw.values.iter().position(|p| !(p.y.is_finite() && p.x.is_finite())) else {
        return Ok(());
    };
    let p = raw.values[index];
    Err(IoError::BadValue {
        path: path.to_owned(),
        dataset: raw.source.clone(),
        index: format!("position {index}"),
        value: format!("({}, {})", p.y, p.x),
        problem: "a position must be two finite numbers; remove this frame and its position from the file"
            .to_owned(),
    })
}

/// The positions in object pixels, for the checks, and as they are handed over.
fn convert(
    raw: &RawPositions,
    frames: &FramesPlan,
    geometry: Option<Geometry>,
    path: &Path,
) -> Result<(Vec<Point<Pixels>>, Positions), IoError> {
    let in_pixels = raw.unit == LengthUnit::ObjectPixel;
    let stated = geometry.map(|geometry| geometry.object_pixel(frames.shape)).or(raw.object_pixel);
    let metres = |p: &Point<f64>| p.map(|v| Metres::new(v * raw.unit.metres()));
    let over = |p: Point<Metres>, pixel: Point<Metres>| {
        Point::new(Pixels::new(p.y / pixel.y), Pixels::new(p.x / pixel.x))
    };
    match (in_pixels, geometry, stated) {
        (true, Some(_), Some(pixel)) => {
            let pixels = raw.values.iter().map(|p| p.map(Pixels::new)).collect();
            let positions = raw.values.iter().map(|p| Point::new(pixel.y * p.y, pixel.x * p.x)).collect();
            Ok((pixels, Positions::Metres(positions)))
        }
        (true, _, _) => {
            let pixels: Vec<_> = raw.values.iter().map(|p| p.map(Pixels::new)).collect();
            Ok((pixels.clone(), Positions::Pixels(pixels)))
        }
        (false, Some(_), Some(pixel)) => {
            let positions: Vec<_> = raw.values.iter().map(metres).collect();
            let pixels = positions.iter().map(|p| over(*p, pixel)).collect();
            Ok((pixels, Positions::Metres(positions)))
        }
        (false, None, Some(pixel)) => {
            let pixels: Vec<_> = raw.values.iter().map(|p| over(metres(p), pixel)).collect();
            Ok((pixels.clone(), Positions::Pixels(pixels)))
        }
        (false, _, None) => Err(IoError::Incomplete {
            path: path.to_owned(),
            what: "the photon energy, the distance and the detector pixel, which positions in metres need"
                .to_owned(),
            fix: "pass --energy EV --distance M --pixel M".to_owned(),
        }),
    }
}

/// Scales that a wrong unit makes, and what to call it.
const SLIPS: [(f64, &str); 6] = [
    (1e-6, "micrometres"),
    (1e-3, "millimetres"),
    (1e-9, "nanometres"),
    (1e-10, "ångström"),
    (1e3, "a unit a thousand times larger, or the energy stands in keV"),
    (1e6, "metres, and another unit was given"),
];

/// A scan must span at least a pixel, and its object must fit into memory; a wrong unit violates one of the two.
fn check_span(
    raw: &RawPositions,
    pixels: &[Point<Pixels>],
    frames: &FramesPlan,
    path: &Path,
) -> Result<(), IoError> {
    let (span_y, span_x) =
        (extent(pixels.iter().map(|p| p.y.value())), extent(pixels.iter().map(|p| p.x.value())));
    let fits = |scale: f64| {
        let (y, x) = (span_y * scale, span_x * scale);
        let area = (y + frames.shape.0 as f64) * (x + frames.shape.1 as f64);
        (pixels.len() < 2 || y.max(x) >= LEAST_SPAN) && area <= Placement::MAX_OBJECT_PIXELS as f64
    };
    if fits(1.0) {
        return Ok(());
    }
    let likely = SLIPS.iter().find(|(scale, _)| raw.unit != LengthUnit::ObjectPixel && fits(*scale));
    let advice = "check the positions, --energy, --distance and --pixel";
    let slip = likely.map_or_else(
        || advice.to_owned(),
        |(_, unit)| {
            format!(
                "read as {} they look like {unit}: state the unit of the positions, or {advice}",
                raw.unit.name()
            )
        },
    );
    Err(IoError::Implausible {
        path: path.to_owned(),
        dataset: raw.source.clone(),
        quantity: "span of the positions",
        value: format!(
            "{span_y:.4} × {span_x:.4} object pixels, outside {LEAST_SPAN} … about {:.0}",
            (Placement::MAX_OBJECT_PIXELS as f64).sqrt()
        ),
        slip,
    })
}

/// A warning if the frames, laid side by side, would not even cover the scanned area once.
pub(super) fn sparse_scan(
    positions: &Positions,
    geometry: Option<Geometry>,
    shape: (usize, usize),
) -> Option<String> {
    let pixels: Vec<Point<f64>> = match (positions, geometry) {
        (Positions::Pixels(all), _) => all.iter().map(|p| p.map(Pixels::value)).collect(),
        (Positions::Metres(all), Some(geometry)) => {
            let pixel = geometry.object_pixel(shape);
            all.iter().map(|p| Point::new(p.y / pixel.y, p.x / pixel.x)).collect()
        }
        (Positions::Metres(_), None) => return None,
    };
    let frame = (shape.0 * shape.1) as f64;
    let area = (extent(pixels.iter().map(|p| p.y)) + shape.0 as f64)
        * (extent(pixels.iter().map(|p| p.x)) + shape.1 as f64);
    let cover = pixels.len() as f64 * frame / area;
    (cover < 1.0).then(|| {
        format!(
            "the frames cover the scanned area only {cover:.2} times, so they cannot overlap; check the units of the \
             positions, the energy, the distance and the pixel size"
        )
    })
}

fn extent(values: impl Iterator<Item = f64>) -> f64 {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    high - low
}

fn describe_span(positions: &Positions) -> String {
    match positions {
        Positions::Metres(all) => format!(
            "{} spanning {} × {}",
            all.len(),
            Metres::new(extent(all.iter().map(|p| p.y.value()))),
            Metres::new(extent(all.iter().map(|p| p.x.value())))
        ),
        Positions::Pixels(all) => format!(
            "{} spanning {} × {}",
            all.len(),
            Pixels::new(extent(all.iter().map(|p| p.y.value()))),
            Pixels::new(extent(all.iter().map(|p| p.x.value())))
        ),
    }
}
