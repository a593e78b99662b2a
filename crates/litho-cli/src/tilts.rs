//! Commands of tomography.

use crate::progress::{Progress, say, warn};
use crate::tilt_arguments::{AlignArguments, TiltsArguments, TomoArguments, VolumeArguments};
use litho_pipeline::PipelineError;
use litho_pipeline::align::{self, AlignConfig, PrepareConfig};
use litho_pipeline::config;
use litho_pipeline::tilt_input::{AnglesSetting, TiltsConfig};
use litho_pipeline::tomo::{self, AxisSetting, TomoConfig};
use litho_types::observer::CancelToken;

use crate::spectral::{code_of, tell_lines};

pub(crate) fn align(arguments: &AlignArguments, cancel: &CancelToken) -> Result<u8, PipelineError> {
    let file: AlignConfig = config::read_or_default(arguments.config.as_deref())?;
    let air = arguments.air.as_deref().and_then(|air| air.try_into().ok());
    let request = align::Request {
        tilts: arguments.tilts.clone(),
        output: arguments.output.clone(),
        config: AlignConfig {
            tilts: tilts(&arguments.input).or(file.tilts),
            quantity: arguments.quantity.clone().or(file.quantity),
            prepare: PrepareConfig { air_px: air.or(file.prepare.air_px), ..file.prepare },
            model: arguments.model.clone().or(file.model),
            placements: arguments.placements.clone().or(file.placements),
            leave_out: arguments.leave_out.clone().or(file.leave_out),
            threads: arguments.threads.or(file.threads),
            ..file
        },
    };
    let summary = align::align(&request, &mut Progress::new(), cancel)?;
    Ok(tell(&summary))
}

pub(crate) fn tomo(arguments: &TomoArguments, cancel: &CancelToken) -> Result<u8, PipelineError> {
    let request = tomo::Request {
        tilts: arguments.tilts.clone(),
        output: arguments.output.clone(),
        config: volume(&arguments.volume, &arguments.input)?,
    };
    let summary = tomo::tomo(&request, &mut Progress::new(), cancel)?;
    Ok(tell(&summary))
}

pub(crate) fn tell(summary: &align::Summary) -> u8 {
    tell_lines(&summary.warnings, &summary.lines);
    match &summary.output {
        Some(output) => say(&format!("wrote {}", output.display())),
        None => warn("interrupted: nothing is written"),
    }
    code_of(summary.status)
}

/// Flags over the configuration file.
pub(crate) fn volume(
    arguments: &VolumeArguments,
    input: &TiltsArguments,
) -> Result<TomoConfig, PipelineError> {
    let file: TomoConfig = config::read_or_default(arguments.config.as_deref())?;
    let axis = arguments.axis.as_ref().map(|text| match text.parse() {
        Ok(pixels) => AxisSetting::Pixels(pixels),
        Err(_) => AxisSetting::Word(text.clone()),
    });
    Ok(TomoConfig {
        tilts: tilts(input).or(file.tilts),
        method: arguments.method.clone().or(file.method),
        iterations: arguments.iterations.or(file.iterations),
        relaxation: arguments.relaxation.or(file.relaxation),
        filter: arguments.filter.clone().or(file.filter),
        quantity: arguments.quantity.clone().or(file.quantity),
        formula: arguments.formula.clone().or(file.formula),
        axis: axis.or(file.axis),
        positive: arguments.positive.then_some(true).or(file.positive),
        split: arguments.split.then_some(true).or(file.split),
        threads: arguments.threads.or(file.threads),
        ..file
    })
}

fn tilts(arguments: &TiltsArguments) -> TiltsConfig {
    TiltsConfig {
        format: arguments.format.clone(),
        dataset: arguments.dataset.clone(),
        angles: arguments.angles.clone().map(AnglesSetting::Named),
        angle_unit: arguments.angle_unit.clone(),
        axes: arguments.axes.clone(),
        pixel_m: arguments.pixel,
        energy_ev: arguments.energy,
        quantity: arguments.numbers.clone(),
        flat: arguments.flat.clone(),
        dark: arguments.dark.clone(),
    }
}
