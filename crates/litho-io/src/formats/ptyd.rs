//! ptypy's `.ptyd` (version 0.2 and later): `meta`, and frames in `chunks/<i>`.
//!
//! Energy in keV, lengths in metres, positions (row, column) of the beam on the
//! object, weights 1 = good. Chunks may be links to files beside this one.

use crate::error::IoError;
use crate::h5::{H5File, H5Writer, Located};
use crate::scan::{
    Draft, EnergyUnit, FramesPlan, LengthUnit, MaskPlan, RawEnergy, RawLength, RawPositions, ReadOptions,
    columns, inspect_frames,
};
use litho_types::mask::MaskPolarity;
use litho_types::point::Point;
use litho_types::scan::Scan;

/// What a `.ptyd` file holds.
pub(crate) fn draft(file: &H5File, options: &ReadOptions) -> Result<Draft, IoError> {
    let chunks = chunks_in_order(file)?;
    let mut frames: Option<FramesPlan> = None;
    for chunk in &chunks {
        let found = inspect_frames(file, &format!("{chunk}/data"))?;
        frames = Some(match frames {
            None => found,
            Some(joined) => join(file, joined, found)?,
        });
    }
    let Some(frames) = frames else { return Err(file.missing("/chunks/0/data")) };
    let mut draft = Draft::new(frames);
    draft.energy = file
        .number_at(&["/meta/energy"])?
        .map(|stored| RawEnergy { stored, unit: EnergyUnit::KiloElectronVolt });
    draft.distance = file.number_at(&["/meta/distance"])?.map(RawLength::in_metres);
    draft.pixel = pixel(file)?;
    if options.positions.is_none() {
        draft.positions = Some(positions(file, &chunks)?);
    }
    let mut weights: Vec<String> =
        chunks.iter().map(|chunk| format!("{chunk}/weights")).filter(|name| file.has_dataset(name)).collect();
    weights.extend(
        ["/info/weight2d", "/meta/weight2d"].map(str::to_owned).into_iter().filter(|n| file.has_dataset(n)),
    );
    if !weights.is_empty() {
        let polarity = MaskPolarity::NonZeroIsGood;
        draft.mask = Some(MaskPlan { file: file.path().to_owned(), datasets: weights, polarity });
    }
    Ok(draft)
}

/// The chunk groups in the order of the frames they hold: by their first index.
fn chunks_in_order(file: &H5File) -> Result<Vec<String>, IoError> {
    let mut chunks = Vec::new();
    for name in file.children("/chunks") {
        let chunk = format!("/chunks/{name}");
        let indices = format!("{chunk}/indices");
        let mut first = name.parse::<f64>().unwrap_or(f64::MAX);
        if file.has_dataset(&indices) {
            let values = file.numbers::<f64>(&indices)?.1;
            // Consecutive within a chunk, or frames would have to be shuffled.
            if let Some(at) = values.windows(2).position(|pair| pair[1] <= pair[0]) {
                return Err(IoError::BadValue {
                    path: file.path().to_owned(),
                    dataset: indices,
                    index: format!("index {}", at + 1),
                    value: values[at + 1].to_string(),
                    problem: "frame indices must grow within a chunk; write the file again in order"
                        .to_owned(),
                });
            }
            first = values.first().copied().unwrap_or(first);
        }
        chunks.push((first, chunk));
    }
    chunks.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(chunks.into_iter().map(|(_, chunk)| chunk).collect())
}

fn join(file: &H5File, mut all: FramesPlan, more: FramesPlan) -> Result<FramesPlan, IoError> {
    let name = more.parts.first().map(|part| part.dataset.clone()).unwrap_or_default();
    if more.shape != all.shape {
        let expected = format!("(N, {}, {}), as in the other chunks", all.shape.0, all.shape.1);
        return Err(file.wrong_shape(&name, vec![more.count, more.shape.0, more.shape.1], &expected));
    }
    if more.stored != all.stored {
        let (found, expected) =
            (format!("{:?}", more.stored), format!("{:?}, as in the other chunks", all.stored));
        return Err(file.wrong_type(&name, &found, &expected));
    }
    all.count += more.count;
    all.parts.extend(more.parts);
    Ok(all)
}

fn positions(file: &H5File, chunks: &[String]) -> Result<RawPositions, IoError> {
    let mut values: Vec<Point<f64>> = Vec::new();
    for chunk in chunks {
        values.extend(columns(file, &format!("{chunk}/positions"))?);
    }
    Ok(RawPositions {
        values,
        unit: LengthUnit::Metre,
        source: "/chunks/*/positions".to_owned(),
        meaning: "beam (row, column)".to_owned(),
        object_pixel: None,
    })
}

/// `psize`: one number, or (row, column).
fn pixel(file: &H5File) -> Result<Option<Point<RawLength>>, IoError> {
    const NAME: &str = "/meta/psize";
    if !file.link_exists(NAME) {
        return Ok(None);
    }
    let (shape, values) = file.numbers::<f64>(NAME)?;
    let located = |value| RawLength::in_metres(Located { dataset: NAME.to_owned(), value, unit: None });
    match values[..] {
        [both] => Ok(Some(Point::new(located(both), located(both)))),
        [y, x] => Ok(Some(Point::new(located(y), located(x)))),
        _ => Err(file.wrong_shape(NAME, shape, "one number or two")),
    }
}

/// Writes a scan as one chunk.
pub(super) fn write(writer: &H5Writer, scan: &Scan) -> Result<(), IoError> {
    let (geometry, beam) = super::write::in_far_field(scan, writer.path())?;
    let (ny, nx) = scan.frames.shape();
    writer.value("/meta/version", "0.2")?;
    writer.value("/meta/num_frames", scan.frames.len() as i64)?;
    let energy = geometry.energy.value();
    writer.value("/meta/energy", super::write::storable(energy / 1e3, energy, |kev| kev * 1e3))?;
    writer.value("/meta/distance", geometry.distance.value())?;
    let psize = [geometry.detector_pixel.y.value(), geometry.detector_pixel.x.value()];
    writer.array("/meta/psize", psize.as_slice())?;
    writer.array("/meta/shape", [ny as f64, nx as f64].as_slice())?;
    writer.array("/meta/center", [(ny / 2) as f64, (nx / 2) as f64].as_slice())?;
    super::write::frames(writer, "/chunks/0/data", scan)?;
    let indices: Vec<u32> = (0..scan.frames.len() as u32).collect();
    writer.array("/chunks/0/indices", &indices)?;
    let pairs = super::write::pairs(beam.iter().map(|p| (p.y.value(), p.x.value())));
    writer.array("/chunks/0/positions", &pairs)?;
    writer.array("/chunks/0/weights", &super::write::good_flags(scan))
}
