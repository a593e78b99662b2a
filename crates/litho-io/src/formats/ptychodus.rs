//! The pair that ptychodus and pty-chi exchange: frames in `*_dp.hdf5:/dp`, and a
//! parameter or product file with the probe, positions in metres and the pixel of
//! the object.
//!
//! A product also tells energy and distance; with the pixel `Δ` of the object the
//! pixel of the detector follows from `Δ = λz/(N p)`.

use crate::error::IoError;
use crate::h5::{H5File, H5Writer, Located};
use crate::scan::{
    Draft, EnergyUnit, LengthUnit, MaskPlan, ProbePlan, RawEnergy, RawLength, RawPositions, ReadOptions,
    inspect_frames,
};
use litho_types::mask::MaskPolarity;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::scan::Scan;
use std::path::{Path, PathBuf};

/// Endings of the parameter file beside `NAME_dp.hdf5`.
const COMPANIONS: [&str; 4] = ["_para.hdf5", "_para.h5", "_product.h5", "_product.hdf5"];

/// What a pair of files holds; `file` is the one with the frames.
pub(crate) fn draft(file: &H5File, options: &ReadOptions) -> Result<Draft, IoError> {
    let mut draft = Draft::new(inspect_frames(file, "/dp")?);
    let bad = file.has_dataset("/bad_pixels");
    let named = if bad { "/bad_pixels" } else { "/valid_pixel_mask" };
    if file.has_dataset(named) {
        draft.mask = Some(MaskPlan {
            file: file.path().to_owned(),
            datasets: vec![named.to_owned()],
            polarity: if bad { MaskPolarity::NonZeroIsBad } else { MaskPolarity::NonZeroIsGood },
        });
    }
    let Some(companion) = companion(file.path(), options)? else { return Ok(draft) };
    let para = H5File::open(&companion)?;
    let object_pixel = object_pixel(&para);
    draft.energy = para
        .attr_number("/", "probe_energy_eV")
        .map(|stored| RawEnergy { stored, unit: EnergyUnit::ElectronVolt });
    draft.distance = para.attr_number("/", "detector_object_distance_m").map(RawLength::in_metres);
    draft.pixel = detector_pixel(&draft, object_pixel);
    if draft.pixel.is_none() {
        // Part of a geometry is none: positions in pixels do without it.
        (draft.energy, draft.distance) = (None, None);
    }
    if options.positions.is_none() {
        draft.positions = Some(positions(&para, object_pixel)?);
    }
    if para.has_dataset("/probe") {
        draft.probe = Some(ProbePlan { file: companion, dataset: "/probe".to_owned() });
    }
    Ok(draft)
}

/// The parameter file: the caller's, or one beside the frames.
fn companion(frames: &Path, options: &ReadOptions) -> Result<Option<PathBuf>, IoError> {
    if let Some(companion) = &options.companion {
        return Ok(Some(companion.clone()));
    }
    let stem = stem_of(frames);
    let candidates: Vec<PathBuf> =
        COMPANIONS.iter().map(|ending| frames.with_file_name(format!("{stem}{ending}"))).collect();
    match candidates.iter().find(|path| path.is_file()) {
        Some(found) => Ok(Some(found.clone())),
        None if options.positions.is_some() => Ok(None),
        None => Err(IoError::Incomplete {
            path: frames.to_owned(),
            what: "positions and probe; they are in a second file".to_owned(),
            fix: format!("put {} beside it, or name the parameter file", candidates[0].display()),
        }),
    }
}

/// The name without `_dp` and extension.
fn stem_of(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    stem.strip_suffix("_dp").map_or(stem.clone(), str::to_owned)
}

fn object_pixel(para: &H5File) -> Option<Point<Metres>> {
    let attribute = |name: &str| {
        ["/object", "/probe"]
            .iter()
            .find_map(|object| para.attr_number(object, name))
            .map(|found| found.value)
    };
    let (height, width) = (attribute("pixel_height_m"), attribute("pixel_width_m"));
    let (y, x) = (height.or(width)?, width.or(height)?);
    Some(Point::new(Metres::new(y), Metres::new(x)))
}

/// `p = λz/(N Δ)` along both axes.
fn detector_pixel(draft: &Draft, object_pixel: Option<Point<Metres>>) -> Option<Point<RawLength>> {
    let (energy, distance, pixel) = (draft.energy.as_ref()?, draft.distance.as_ref()?, object_pixel?);
    let side = |count: usize, pixel: Metres| {
        let aperture = count as f64 * pixel.value();
        let value = energy.energy().wavelength().value() * distance.metres().value() / aperture;
        let dataset = "/object@pixel_height_m, with λz/(NΔ)".to_owned();
        RawLength::in_metres(Located { dataset, value, unit: None })
    };
    Some(Point::new(side(draft.frames.shape.0, pixel.y), side(draft.frames.shape.1, pixel.x)))
}

fn positions(para: &H5File, object_pixel: Option<Point<Metres>>) -> Result<RawPositions, IoError> {
    let (shape, y) = para.numbers::<f64>("/probe_position_y_m")?;
    let (_, x) = para.numbers::<f64>("/probe_position_x_m")?;
    if x.len() != y.len() {
        let expected = format!("({}), as many as /probe_position_x_m", x.len());
        return Err(para.wrong_shape("/probe_position_y_m", shape, &expected));
    }
    Ok(RawPositions {
        values: y.into_iter().zip(x).map(|(y, x)| Point::new(y, x)).collect(),
        unit: LengthUnit::Metre,
        source: format!("{}:/probe_position_{{y,x}}_m", para.path().display()),
        meaning: "beam".to_owned(),
        object_pixel,
    })
}

/// Writes frames and mask to the file, everything else to `…_para.hdf5` beside it.
pub(super) fn write(writer: &H5Writer, scan: &Scan) -> Result<(), IoError> {
    let (geometry, beam) = super::write::in_far_field(scan, writer.path())?;
    super::write::frames(writer, "/dp", scan)?;
    writer.array("/valid_pixel_mask", &super::write::good_flags(scan))?;
    let path = writer.path().with_file_name(format!("{}{}", stem_of(writer.path()), COMPANIONS[0]));
    let para = H5Writer::create(&path)?;
    para.attr("/", "probe_energy_eV", geometry.energy.value())?;
    para.attr("/", "detector_object_distance_m", geometry.distance.value())?;
    let coordinates =
        |coordinate: fn(&Point<Metres>) -> f64| beam.iter().map(coordinate).collect::<Vec<f64>>();
    para.array("/probe_position_y_m", &coordinates(|p| p.y.value()))?;
    para.array("/probe_position_x_m", &coordinates(|p| p.x.value()))?;
    let empty = ndarray::Array3::<litho_types::C32>::zeros((0, 0, 0));
    para.array("/object", &empty)?;
    let pixel = geometry.object_pixel(scan.frames.shape());
    para.attr("/object", "pixel_height_m", pixel.y.value())?;
    para.attr("/object", "pixel_width_m", pixel.x.value())?;
    if let Some(probe) = &scan.probe {
        para.array("/probe", probe)?;
    }
    para.commit()
}
