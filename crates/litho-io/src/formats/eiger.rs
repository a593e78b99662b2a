//! EIGER master files (DECTRIS file format): `/entry/data/data_000001…` are links
//! to files beside the master, some of which may be missing.
//!
//! A pixel without a reading holds the largest number of the image's bit depth.
//! Positions are not in the master: they come from the caller, or from a table
//! `…_positions.csv` beside it.

use crate::error::IoError;
use crate::h5::{H5File, H5Writer};
use crate::scan::{
    Draft, EnergyUnit, FramesPlan, LengthUnit, MaskPlan, RawEnergy, RawLength, RawPositions, ReadOptions,
    StoredType, inspect_frames, length_unit_of, read_positions_table,
};
use litho_types::mask::{MaskPolarity, bits};
use litho_types::point::Point;
use litho_types::scan::Scan;
use ndarray::Array2;
use std::path::{Path, PathBuf};

const DATA: &str = "/entry/data";
const DETECTOR: &str = "/entry/instrument/detector";
const SPECIFIC: &str = "/entry/instrument/detector/detectorSpecific";

/// What a master file and the files it links to hold.
pub(crate) fn draft(file: &H5File, options: &ReadOptions) -> Result<Draft, IoError> {
    let links = data_links(file);
    let Some((first, _)) = links.first() else { return Err(file.missing(&format!("{DATA}/data_000001"))) };
    let mut found = Vec::new();
    let mut dangling = Vec::new();
    for (link, slot) in &links {
        match inspect_frames(file, link) {
            Ok(plan) => found.push((*slot, plan)),
            Err(IoError::Dangling { reason, .. }) => dangling.push(format!("{link} ({reason})")),
            Err(other) => return Err(other),
        }
    }
    if found.is_empty() {
        return Err(IoError::Dangling {
            path: file.path().to_owned(),
            dataset: first.clone(),
            reason: format!(
                "none of its {} data links can be followed: {}",
                links.len(),
                dangling.join("; ")
            ),
        });
    }
    let (frames, survivors) = assemble(file, found)?;
    let acquired = acquired_frames(file)?.unwrap_or(0).max(survivors.last().map_or(0, |last| last + 1));
    let mut draft = Draft::new(frames);
    if !dangling.is_empty() {
        let lost = acquired - survivors.len();
        draft.warnings.push(format!("{lost} of {acquired} frames are lost: {}", dangling.join("; ")));
    }
    draft.survivors = Some((survivors, acquired));
    draft.frames.no_reading = no_reading(file, draft.frames.stored)?;
    geometry(file, &mut draft)?;
    let masks = [format!("{SPECIFIC}/pixel_mask"), format!("{DETECTOR}/pixel_mask")];
    draft.mask = masks.into_iter().find(|name| file.link_exists(name)).map(|dataset| MaskPlan {
        file: file.path().to_owned(),
        datasets: vec![dataset],
        polarity: MaskPolarity::NexusBits,
    });
    let table = beside(file.path(), "_positions.csv");
    if options.positions.is_none() && table.is_file() {
        draft.positions = Some(RawPositions {
            values: read_positions_table(&table)?,
            unit: options.keys.position_unit.unwrap_or(LengthUnit::Metre),
            source: table.display().to_string(),
            meaning: "beam (y, x)".to_owned(),
            object_pixel: None,
        });
    }
    Ok(draft)
}

/// The data links with their place in the series, which is numbered from 0 or from 1;
/// a single `data` where there are none.
fn data_links(file: &H5File) -> Vec<(String, usize)> {
    let mut numbered: Vec<(usize, String)> = file
        .children(DATA)
        .into_iter()
        .filter_map(|name| Some((name.strip_prefix("data_")?.parse().ok()?, format!("{DATA}/{name}"))))
        .collect();
    numbered.sort();
    if numbered.is_empty() {
        let whole = format!("{DATA}/data");
        return if file.link_exists(&whole) { vec![(whole, 0)] } else { Vec::new() };
    }
    let from = usize::from(numbered[0].0 != 0);
    numbered.into_iter().map(|(number, link)| (link, number - from)).collect()
}

/// Joins the datasets and tells which frames of the acquisition they are: every
/// file but the last holds as many as the first.
fn assemble(file: &H5File, found: Vec<(usize, FramesPlan)>) -> Result<(FramesPlan, Vec<usize>), IoError> {
    let per_file = found.first().map_or(0, |(_, plan)| plan.count);
    let mut survivors = Vec::new();
    let mut joined: Option<FramesPlan> = None;
    for (slot, plan) in found {
        let start = slot.saturating_mul(per_file).max(survivors.last().map_or(0, |last| last + 1));
        survivors.extend(start..start.saturating_add(plan.count));
        joined = Some(match joined {
            None => plan,
            Some(mut all) => {
                let name = plan.parts.first().map(|part| part.dataset.clone()).unwrap_or_default();
                if plan.shape != all.shape || plan.stored != all.stored {
                    let (ny, nx) = plan.shape;
                    let expected = format!(
                        "(N, {}, {}) of {:?}, as in the first file",
                        all.shape.0, all.shape.1, all.stored
                    );
                    return Err(file.wrong_shape(&name, vec![plan.count, ny, nx], &expected));
                }
                all.count += plan.count;
                all.parts.extend(plan.parts);
                all
            }
        });
    }
    joined.map(|plan| (plan, survivors)).ok_or_else(|| file.missing(DATA))
}

/// `max(nimages, ntrigger)`, the number of frames the detector was asked for.
fn acquired_frames(file: &H5File) -> Result<Option<usize>, IoError> {
    let mut most = None;
    for name in ["nimages", "ntrigger"] {
        if let Some(found) = file.number_at(&[&format!("{SPECIFIC}/{name}")])? {
            most = most.max(Some(found.value.clamp(0.0, 1e9) as usize));
        }
    }
    Ok(most)
}

/// All bits of the image's depth set; the depth is that of the number type unless the file states another.
fn no_reading(file: &H5File, stored: StoredType) -> Result<Option<u64>, IoError> {
    let named = [format!("{DETECTOR}/bit_depth_image"), format!("{SPECIFIC}/bit_depth_image")];
    let stated = file.number_at(&[&named[0], &named[1]])?.map(|found| found.value);
    let depth = match (stated, stored) {
        (Some(depth), _) if depth == 8.0 || depth == 16.0 || depth == 32.0 => depth as u32,
        (_, StoredType::Uint16) => 16,
        (_, StoredType::Uint32 | StoredType::Uint64) => 32,
        _ => return Ok(None),
    };
    Ok(Some((1_u64 << depth) - 1))
}

fn geometry(file: &H5File, draft: &mut Draft) -> Result<(), IoError> {
    let energy = [format!("{SPECIFIC}/photon_energy"), "/entry/instrument/beam/incident_energy".to_owned()];
    let wavelength = "/entry/instrument/beam/incident_wavelength";
    draft.energy = match file.number_at(&[&energy[0], &energy[1]])? {
        Some(stored) => Some(RawEnergy { stored, unit: EnergyUnit::ElectronVolt }),
        None => file
            .number_at(&[wavelength])?
            .map(|stored| RawEnergy { stored, unit: EnergyUnit::WavelengthAngstrom }),
    };
    let length = |names: [&str; 2]| -> Result<Option<RawLength>, IoError> {
        let names = names.map(|name| format!("{DETECTOR}/{name}"));
        let Some(stored) = file.number_at(&[&names[0], &names[1]])? else { return Ok(None) };
        let unit = length_unit_of(file.path(), &stored.dataset, stored.unit.as_deref())?;
        Ok(Some(RawLength { stored, unit: unit.unwrap_or(LengthUnit::Metre) }))
    };
    draft.distance = length(["detector_distance", "distance"])?;
    let x = length(["x_pixel_size", "y_pixel_size"])?;
    let y = length(["y_pixel_size", "x_pixel_size"])?;
    draft.pixel = y.zip(x).map(|(y, x)| Point::new(y, x));
    Ok(())
}

/// A file beside the master, with `_master` and its extension replaced by `ending`.
fn beside(master: &Path, ending: &str) -> PathBuf {
    let stem = master.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    master.with_file_name(format!("{}{ending}", stem.strip_suffix("_master").unwrap_or(&stem)))
}

/// NeXus' mask bits from CXI's: each reason that has a bit of its own, 8 (user) for the rest.
fn nexus_bits(cxi: u32) -> u32 {
    const PAIRS: [(u32, u32); 4] =
        [(bits::MISSING, 1 << 0), (bits::DEAD, 1 << 1), (bits::HOT, 1 << 3), (bits::NOISY, 1 << 4)];
    let named = PAIRS.iter().filter(|(from, _)| cxi & from != 0).fold(0, |all, (_, to)| all | to);
    if named == 0 && cxi & bits::UNUSABLE != 0 { 1 << 8 } else { named }
}

/// Writes the master, one data file and a table of positions.
pub(super) fn write(writer: &H5Writer, scan: &Scan) -> Result<(), IoError> {
    let (geometry, beam) = super::write::in_far_field(scan, writer.path())?;
    let data_path = beside(writer.path(), "_data_000001.h5");
    let data = H5Writer::create(&data_path)?;
    super::write::frames(&data, "/entry/data/data", scan)?;
    data.commit()?;
    let link = data_path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    writer.group(DATA)?;
    writer.external_link(&link, "/entry/data/data", &format!("{DATA}/data_000001"))?;
    writer.value(&format!("{SPECIFIC}/nimages"), scan.frames.len() as i64)?;
    writer.value(&format!("{SPECIFIC}/ntrigger"), 1_i64)?;
    writer.value(&format!("{SPECIFIC}/photon_energy"), geometry.energy.value())?;
    let mask: Array2<u32> = scan.mask.bits().mapv(nexus_bits);
    writer.array(&format!("{SPECIFIC}/pixel_mask"), &mask)?;
    writer.value(&format!("{DETECTOR}/detector_distance"), geometry.distance.value())?;
    writer.value(&format!("{DETECTOR}/x_pixel_size"), geometry.detector_pixel.x.value())?;
    writer.value(&format!("{DETECTOR}/y_pixel_size"), geometry.detector_pixel.y.value())?;
    let depth = 8 * scan.frames.bytes_per_pixel() as i64;
    writer.value(&format!("{DETECTOR}/bit_depth_image"), depth)?;
    let rows: Vec<[f64; 2]> = beam.iter().map(|p| [p.y.value(), p.x.value()]).collect();
    crate::table::write_csv(
        &beside(writer.path(), "_positions.csv"),
        &["y_m", "x_m"],
        rows.iter().map(|r| &r[..]),
    )
}
