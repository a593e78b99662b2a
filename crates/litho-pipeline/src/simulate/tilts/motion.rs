//! `truth.h5` of a simulated tomographic experiment.
//!
//! What each experiment knows of its sample is beside it; here is what all have, for each channel NAME:
//! `/entry/NAME/alignment/{shift (angle, 2) px, rotation_deg, scale}`, in the layout and meaning of an `align` result: what
//! lies at `p` in a projection, in pixels from the middle of the image, belongs at `scale·R(rotation) p + shift`, `(y, x)`;
//! and `/entry/NAME/gauge/{amplitude, phase, ramp (angle, 2)}` of the series.

use super::{Channel, DEFAULT_SEED, Request, Tomography, tables};
use crate::error::PipelineError;
use litho_io::NexusWriter;
use litho_sim::tilts::View;
use ndarray::Array2;
use std::path::Path;

/// Writes the truth of an experiment.
pub(super) fn write_truth(
    path: &Path,
    experiment: &dyn Tomography,
    request: &Request,
) -> Result<(), PipelineError> {
    let mut file = NexusWriter::create(path)?;
    experiment.put_truth(&mut file)?;
    let degrees: Vec<f64> = experiment.angles().iter().map(|angle| angle.value().to_degrees()).collect();
    file.array("/entry/angle", &degrees, "deg")?;
    for channel in experiment.channels() {
        put_views(&mut file, &channel, experiment.acquisition().pixel)?;
        put_gauges(&mut file, &channel)?;
        file.dataset(&format!("/entry/{}/energy", channel.name), channel.energy.value(), "eV")?;
    }
    let process = "/entry/process";
    file.group(process, "NXprocess")?;
    file.dataset(&format!("{process}/version"), env!("CARGO_PKG_VERSION"), "")?;
    file.dataset(&format!("{process}/command"), tables::command(request), "")?;
    file.dataset(&format!("{process}/seed"), request.seed.unwrap_or(DEFAULT_SEED) as i64, "")?;
    let photons = experiment.acquisition().photons_per_pixel;
    file.dataset(&format!("{process}/photons_per_pixel"), photons, "photons")?;
    Ok(file.commit()?)
}

/// How the images must be moved to be in place.
fn put_views(file: &mut NexusWriter, channel: &Channel<'_>, pixel: f64) -> Result<(), PipelineError> {
    let undone: Vec<View> = channel.views.iter().map(View::undone).collect();
    let group = format!("/entry/{}/alignment", channel.name);
    let shift = Array2::from_shape_fn((undone.len(), 2), |(index, axis)| {
        let shift = undone[index].shift;
        (if axis == 0 { shift.y } else { shift.x }).value() / pixel
    });
    let rotation: Vec<f64> = undone.iter().map(|view| view.turn.value().to_degrees()).collect();
    let scale: Vec<f64> = undone.iter().map(|view| view.scale).collect();
    file.array(&format!("{group}/shift"), &shift, "px")?;
    file.array(&format!("{group}/rotation_deg"), &rotation, "deg")?;
    file.array(&format!("{group}/scale"), &scale, "")?;
    Ok(())
}

/// What the projections of the series are multiplied with.
fn put_gauges(file: &mut NexusWriter, channel: &Channel<'_>) -> Result<(), PipelineError> {
    let group = format!("/entry/{}/gauge", channel.name);
    let gauges = channel.gauges;
    let amplitude: Vec<f64> = gauges.iter().map(|gauge| gauge.amplitude).collect();
    let phase: Vec<f64> = gauges.iter().map(|gauge| gauge.phase.value()).collect();
    let ramp = Array2::from_shape_fn((gauges.len(), 2), |(index, axis)| {
        let ramp = gauges[index].ramp;
        if axis == 0 { ramp.y } else { ramp.x }
    });
    file.array(&format!("{group}/amplitude"), &amplitude, "")?;
    file.array(&format!("{group}/phase"), &phase, "rad")?;
    file.array(&format!("{group}/ramp"), &ramp, "rad/px")?;
    Ok(())
}
