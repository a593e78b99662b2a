//! Energy, distance and pixel size: the caller's over the file's, each checked.

use super::draft::Draft;
use super::options::{ReadOptions, Regime};
use super::plan::Ingredient;
use super::units::{check_distance, check_energy, check_focus, check_pixel, shown};
use crate::error::IoError;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};
use std::path::Path;

/// The geometry of a scan; `None` if neither the file nor the caller tells any of it.
///
/// # Errors
/// If a quantity is implausible, or some are known and others missing.
pub(super) fn resolve_geometry(
    draft: &Draft,
    path: &Path,
    options: &ReadOptions,
    ingredients: &mut Vec<Ingredient>,
) -> Result<Option<Geometry>, IoError> {
    let energy = resolve_energy(draft, path, options, ingredients)?;
    let distance = resolve_distance(draft, path, options, ingredients)?;
    let pixel = resolve_pixel(draft, path, options, ingredients)?;
    let propagation = resolve_propagation(draft, path, options, ingredients)?;
    let missing = |what: &str, option: &str| IoError::Incomplete {
        path: path.to_owned(),
        what: what.to_owned(),
        fix: format!("pass {option}"),
    };
    match (energy, distance, pixel) {
        (Some(energy), Some(distance), Some(detector_pixel)) => {
            Ok(Some(Geometry { energy, distance, detector_pixel, propagation }))
        }
        // Positions in pixels of the object need no geometry; part of one helps nobody.
        (None, None, None) => Ok(None),
        (None, _, _) => Err(missing("the photon energy", "--energy EV")),
        (_, None, _) => Err(missing("the distance from sample to detector", "--distance M")),
        (_, _, None) => Err(missing("the size of a detector pixel", "--pixel M")),
    }
}

fn given(name: &'static str, value: String, option: &str) -> Ingredient {
    Ingredient { name, value, source: "option".to_owned(), read_as: option.to_owned() }
}

fn resolve_energy(
    draft: &Draft,
    path: &Path,
    options: &ReadOptions,
    ingredients: &mut Vec<Ingredient>,
) -> Result<Option<ElectronVolts>, IoError> {
    if let Some(energy) = options.energy {
        check_energy(path, "--energy", energy)?;
        ingredients.push(given("energy", energy.to_string(), "--energy"));
        return Ok(Some(energy));
    }
    let Some(raw) = &draft.energy else { return Ok(None) };
    let energy = raw.unit.energy(raw.stored.value);
    check_energy(path, &raw.stored.dataset, energy)?;
    ingredients.push(Ingredient {
        name: "energy",
        value: energy.to_string(),
        source: raw.stored.dataset.clone(),
        read_as: format!("{}, read as {}", shown(raw.stored.value), raw.unit.name()),
    });
    Ok(Some(energy))
}

fn resolve_distance(
    draft: &Draft,
    path: &Path,
    options: &ReadOptions,
    ingredients: &mut Vec<Ingredient>,
) -> Result<Option<Metres>, IoError> {
    if let Some(distance) = options.distance {
        check_distance(path, "--distance", distance)?;
        ingredients.push(given("distance", distance.to_string(), "--distance"));
        return Ok(Some(distance));
    }
    let Some(raw) = &draft.distance else { return Ok(None) };
    let distance = raw.metres();
    check_distance(path, &raw.stored.dataset, distance)?;
    ingredients.push(Ingredient {
        name: "distance",
        value: distance.to_string(),
        source: raw.stored.dataset.clone(),
        read_as: format!("{}, read as {}", shown(raw.stored.value), raw.unit.name()),
    });
    Ok(Some(distance))
}

fn resolve_pixel(
    draft: &Draft,
    path: &Path,
    options: &ReadOptions,
    ingredients: &mut Vec<Ingredient>,
) -> Result<Option<Point<Metres>>, IoError> {
    if let Some(pixel) = options.detector_pixel {
        check_pixel(path, "--pixel", pixel)?;
        ingredients.push(given("detector pixel", pixel.to_string(), "--pixel"));
        return Ok(Some(Point::new(pixel, pixel)));
    }
    let Some(raw) = &draft.pixel else { return Ok(None) };
    for side in [&raw.y, &raw.x] {
        check_pixel(path, &side.stored.dataset, side.metres())?;
    }
    let pixel = Point::new(raw.y.metres(), raw.x.metres());
    ingredients.push(Ingredient {
        name: "detector pixel",
        value: format!("{} × {}", pixel.y, pixel.x),
        source: raw.y.stored.dataset.clone(),
        read_as: format!("{}, read as {}", shown(raw.y.stored.value), raw.y.unit.name()),
    });
    Ok(Some(pixel))
}

fn resolve_propagation(
    draft: &Draft,
    path: &Path,
    options: &ReadOptions,
    ingredients: &mut Vec<Ingredient>,
) -> Result<Propagation, IoError> {
    if let Some(focus) = options.focus_to_sample {
        if options.regime == Some(Regime::FarField) {
            let reason = "belongs to the near field, but the far field was asked for: drop one of the two";
            return Err(IoError::argument("--focus-distance", focus, reason));
        }
        check_focus(path, "--focus-distance", focus)?;
        ingredients.push(given("focus to sample", focus.to_string(), "--focus-distance"));
        return Ok(Propagation::NearField { focus_to_sample: Some(focus) });
    }
    if options.regime.unwrap_or(draft.regime) == Regime::FarField {
        return Ok(Propagation::FarField);
    }
    let Some(raw) = &draft.focus else { return Ok(Propagation::NearField { focus_to_sample: None }) };
    check_focus(path, &raw.stored.dataset, raw.metres())?;
    ingredients.push(Ingredient {
        name: "focus to sample",
        value: raw.metres().to_string(),
        source: raw.stored.dataset.clone(),
        read_as: format!("{}, read as {}", shown(raw.stored.value), raw.unit.name()),
    });
    Ok(Propagation::NearField { focus_to_sample: Some(raw.metres()) })
}
