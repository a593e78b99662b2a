//! NeXus `NXtomo`: one dataset of images in the order of their taking, an `image_key` (0 projection, 1 flat, 2 dark,
//! 3 invalid) and a `rotation_angle` for each.
//!
//! Some files keep the definition in a subentry (`entry1/tomo_entry`), some mark images that were taken again for
//! alignment by −1 in `image_key_control`; those are left out. Pixels are those of the sample where the file tells
//! them from the detector's.

use crate::error::IoError;
use crate::h5::H5File;
use crate::sample_pixel::pixel_from_two_numbers;
use crate::tilts::angles::RawAngles;
use crate::tilts::assemble::{FoundTilts, h5_projections};
use crate::tilts::options::{TiltFormat, TiltOptions, TiltQuantity};
use crate::tilts::plan::{FieldPlan, TiltPlan};

/// Values of `image_key`.
const PROJECTION: i64 = 0;
const FLAT: i64 = 1;
const DARK: i64 = 2;
const INVALID: i64 = 3;
/// In `image_key_control`: taken again for alignment.
const ALIGNMENT: i64 = -1;

/// The entry or subentry that says it is an `NXtomo`, with its leading `/`.
pub(crate) fn entry(file: &H5File) -> Option<String> {
    let says_so = |entry: &String| {
        let definition = format!("{entry}/definition");
        file.has_dataset(&definition)
            && file.texts(&definition).is_ok_and(|names| names.first().is_some_and(|name| name == "NXtomo"))
    };
    let inside = |group: &str| -> Vec<String> {
        let group = group.trim_end_matches('/');
        file.children(if group.is_empty() { "/" } else { group })
            .into_iter()
            .map(|name| format!("{group}/{name}"))
            .filter(|path| file.has_group(path))
            .collect()
    };
    let entries = inside("/");
    let found = entries.iter().find(|entry| says_so(entry)).cloned();
    found.or_else(|| entries.iter().flat_map(|entry| inside(entry)).find(says_so))
}

/// The plan of an `NXtomo` file.
pub(crate) fn plan(file: &H5File, options: &TiltOptions) -> Result<TiltPlan, IoError> {
    let Some(entry) = entry(file) else { return Err(file.missing("/entry/definition")) };
    let within =
        |names: &[&str]| -> Vec<String> { names.iter().map(|name| format!("{entry}/{name}")).collect() };
    let first = |names: &[&str]| within(names).into_iter().find(|path| file.link_exists(path));
    let dataset = match &options.dataset {
        Some(dataset) => dataset.clone(),
        None => first(&["instrument/detector/data", "data/data"])
            .ok_or_else(|| file.missing(&format!("{entry}/instrument/detector/data")))?,
    };
    let names = within(&["sample/rotation_angle", "data/rotation_angle"]);
    let angles = RawAngles::find(file, &names.iter().map(String::as_str).collect::<Vec<_>>(), options)?;
    let as_stored = TiltOptions {
        axes: options.axes.or(Some(crate::tilts::options::TiltAxes::AngleYX)),
        ..options.clone()
    };
    let (mut projections, mut warnings) = h5_projections(file, &dataset, None, &as_stored)?;
    let keys = image_keys(file, &first, projections.shape[0], &mut warnings)?;
    let of_kind = |kind: i64| -> Vec<usize> { (0..keys.len()).filter(|&k| keys[k] == kind).collect() };
    let (places, flats, darks) = (of_kind(PROJECTION), of_kind(FLAT), of_kind(DARK));
    let left_out = of_kind(INVALID).len() + of_kind(ALIGNMENT).len();
    if left_out > 0 {
        warnings.push(format!("{left_out} images are marked invalid or for alignment and were left out"));
    }
    if places.is_empty() {
        return Err(IoError::Incomplete {
            path: file.path().to_owned(),
            what: format!("which of its {} images are projections: none has image_key 0", keys.len()),
            fix: "name the dataset with --dataset and the angles with --angles".to_owned(),
        });
    }
    projections.places = Some(places);
    let pairs = [
        ("sample/y_pixel_size", "sample/x_pixel_size"),
        ("instrument/detector/y_pixel_size", "instrument/detector/x_pixel_size"),
    ];
    let pair = pairs.into_iter().find(|(y, _)| file.has_dataset(&format!("{entry}/{y}")));
    let pixel = match pair {
        Some((y, x)) if options.pixel.is_none() => {
            pixel_from_two_numbers(file, &format!("{entry}/{y}"), &format!("{entry}/{x}"))?
        }
        _ => None,
    };
    let energy = first(&[
        "beam/incident_energy",
        "instrument/beam/incident_energy",
        "instrument/monochromator/energy",
    ]);
    let energy = energy.map(|name| file.number(&name)).transpose()?;
    let has_flat = !flats.is_empty() || options.flat.is_some();
    let among = |places: Vec<usize>| (!places.is_empty()).then_some(FieldPlan::Among(places));
    FoundTilts {
        format: TiltFormat::NxTomo,
        projections,
        angles,
        quantity: has_flat.then_some(TiltQuantity::Intensity),
        usual: None,
        flat: among(flats),
        dark: among(darks),
        pixel,
        energy,
        warnings,
    }
    .finish(file.path(), Some(file), options)
}

/// What each image is; all are projections in a file that does not say.
fn image_keys(
    file: &H5File,
    first: &impl Fn(&[&str]) -> Option<String>,
    images: usize,
    warnings: &mut Vec<String>,
) -> Result<Vec<i64>, IoError> {
    let candidates =
        ["instrument/detector/image_key_control", "instrument/detector/image_key", "data/image_key"];
    let Some(name) = first(&candidates) else {
        warnings.push("the file has no image_key: all its images were taken as projections".to_owned());
        return Ok(vec![PROJECTION; images]);
    };
    let (shape, keys) = file.numbers::<i64>(&name)?;
    if keys.len() != images {
        return Err(file.wrong_shape(&name, shape, &format!("one key for each of the {images} images")));
    }
    let known = [PROJECTION, FLAT, DARK, INVALID, ALIGNMENT];
    match keys.iter().position(|key| !known.contains(key)) {
        None => Ok(keys),
        Some(at) => Err(IoError::BadValue {
            path: file.path().to_owned(),
            dataset: name,
            index: format!("image {at}"),
            value: keys[at].to_string(),
            problem: "no image key; 0 is a projection, 1 a flat, 2 a dark, 3 an invalid image".to_owned(),
        }),
    }
}
