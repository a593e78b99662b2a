//! Commands of spectroscopic ptychography.

use crate::arguments::{
    ClusterArguments, RunArguments, SpectrumScanArguments, StackArguments, UnmixArguments, XanesArguments,
};
use crate::progress::{Progress, say, warn};
use litho_pipeline::PipelineError;
use litho_pipeline::cluster::{self, ClusterConfig, GroupConfig, KSetting};
use litho_pipeline::error::{EXIT_DONE, EXIT_INTERRUPTED, EXIT_NOT_CONVERGED};
use litho_pipeline::reconstruct::{Resume, Status};
use litho_pipeline::stack_input::{EnergiesSetting, StackConfig};
use litho_pipeline::unmix::{self, ShiftConfig, UnmixConfig};
use litho_pipeline::xanes::{self, ConstantsConfig, XanesConfig};
use litho_pipeline::{config, run as experiment, spectrum_scan};
use litho_types::observer::CancelToken;
use std::path::Path;

pub(crate) fn spectrum_scan(
    arguments: &SpectrumScanArguments,
    cancel: &CancelToken,
) -> Result<u8, PipelineError> {
    let request = spectrum_scan::Request {
        experiment: arguments.experiment.clone(),
        folder: arguments.output.clone(),
        resume: if arguments.resume { Resume::FromCheckpoint } else { Resume::No },
        threads: arguments.threads.unwrap_or(0),
    };
    let summary = spectrum_scan::spectrum_scan(&request, &mut Progress::new(), cancel)?;
    tell_lines(&summary.warnings, &summary.lines);
    say(&format!("wrote {}", summary.output.display()));
    Ok(code_of(summary.status))
}

pub(crate) fn run(arguments: &RunArguments, cancel: &CancelToken) -> Result<u8, PipelineError> {
    let request = experiment::Request {
        experiment: arguments.experiment.clone(),
        folder: arguments.output.clone().unwrap_or_else(|| arguments.experiment.with_extension("")),
        from: arguments.from.clone(),
        threads: arguments.threads.unwrap_or(0),
    };
    let summary = experiment::run(&request, &mut Progress::new(), cancel)?;
    tell_lines(&summary.warnings, &summary.lines);
    say(&match summary.status {
        Status::Interrupted => {
            format!("interrupted; the same command goes on in {}", summary.output.display())
        }
        _ => format!("wrote {}", summary.output.display()),
    });
    Ok(code_of(summary.status))
}

pub(crate) fn code_of(status: Status) -> u8 {
    match status {
        Status::Done => EXIT_DONE,
        Status::NotConverged => EXIT_NOT_CONVERGED,
        Status::Interrupted => EXIT_INTERRUPTED,
    }
}

pub(crate) fn xanes(arguments: &XanesArguments) -> Result<u8, PipelineError> {
    let file: XanesConfig = config::read_or_default(arguments.config.as_deref())?;
    let request = xanes::Request {
        stack: arguments.stack.clone(),
        output: arguments.output.clone(),
        config: XanesConfig {
            stack: stack(&arguments.input).or(file.stack),
            absorber: arguments.absorber.clone().or(file.absorber),
            constants: ConstantsConfig {
                source: arguments.constants.clone().or(file.constants.source),
                ..file.constants
            },
            polish: arguments.polish.then_some(true).or(file.polish),
            threads: arguments.threads.or(file.threads),
            ..file
        },
    };
    let summary = xanes::xanes(&request)?;
    Ok(tell(&summary.warnings, &summary.lines, &summary.output))
}

pub(crate) fn cluster(arguments: &ClusterArguments) -> Result<u8, PipelineError> {
    let file: ClusterConfig = config::read_or_default(arguments.config.as_deref())?;
    let k = arguments.k.as_ref().map(|text| match text.parse() {
        Ok(number) => KSetting::Number(number),
        Err(_) => KSetting::Word(text.clone()),
    });
    let groups = arguments.group.iter().map(|text| group(text)).collect::<Result<Vec<_>, _>>()?;
    let request = cluster::Request {
        maps: arguments.maps.clone(),
        output: arguments.output.clone(),
        config: ClusterConfig {
            k: k.or(file.k),
            descriptors: arguments.descriptors.clone().or(file.descriptors),
            weight: arguments.weight.clone().or(file.weight),
            method: arguments.method.clone().or(file.method),
            group: if groups.is_empty() { file.group } else { groups },
            stacks: if arguments.stack.is_empty() { file.stacks } else { arguments.stack.clone() },
            match_labels: arguments.match_labels.clone().or(file.match_labels),
            seed: arguments.seed.or(file.seed),
            threads: arguments.threads.or(file.threads),
            ..file
        },
    };
    let summary = cluster::cluster(&request)?;
    Ok(tell(&summary.warnings, &summary.lines, &summary.output))
}

pub(crate) fn unmix(arguments: &UnmixArguments) -> Result<u8, PipelineError> {
    let file: UnmixConfig = config::read_or_default(arguments.config.as_deref())?;
    let range = match arguments.range.as_deref() {
        Some(&[low, high]) => Some([low, high]),
        _ => file.range_ev,
    };
    let request = unmix::Request {
        stack: arguments.stack.clone(),
        references: arguments.references.clone(),
        output: arguments.output.clone(),
        config: UnmixConfig {
            stack: stack(&arguments.input).or(file.stack),
            method: arguments.method.clone().or(file.method),
            background: arguments.background.clone().or(file.background),
            range_ev: range,
            shift: ShiftConfig { of: arguments.shift.clone().or(file.shift.of), ..file.shift },
            threads: arguments.threads.or(file.threads),
            ..file
        },
    };
    let summary = unmix::unmix(&request)?;
    Ok(tell(&summary.warnings, &summary.lines, &summary.output))
}

pub(crate) fn tell_lines(warnings: &[String], lines: &[String]) {
    for warning in warnings {
        warn(warning);
    }
    for line in lines {
        say(line);
    }
}

fn tell(warnings: &[String], lines: &[String], output: &Path) -> u8 {
    tell_lines(warnings, lines);
    say(&format!("wrote {}", output.display()));
    EXIT_DONE
}

fn stack(arguments: &StackArguments) -> StackConfig {
    StackConfig {
        format: arguments.format.clone(),
        dataset: arguments.dataset.clone(),
        energies: arguments.energies.clone().map(EnergiesSetting::Named),
        pixel_m: arguments.pixel,
        quantity: arguments.quantity.clone(),
        incident: arguments.incident.clone(),
        air_px: arguments.air.as_deref().and_then(|air| air.try_into().ok()),
        axes: arguments.axes.clone(),
        align: arguments.align.then_some(true),
        align_components: None,
    }
}

/// A group as it is typed: `NAME=FILE,FILE`.
fn group(text: &str) -> Result<GroupConfig, PipelineError> {
    match text.split_once('=') {
        Some((name, inputs)) if !name.is_empty() && !inputs.is_empty() => {
            Ok(GroupConfig { name: name.to_owned(), inputs: inputs.split(',').map(str::to_owned).collect() })
        }
        _ => Err(PipelineError::Argument {
            what: "--group",
            value: text.to_owned(),
            reason: "give NAME=FILE,FILE".to_owned(),
        }),
    }
}
