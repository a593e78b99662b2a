//! What each command does with its arguments.

use crate::arguments::{
    DoctorArguments, EngineArguments, EstimateArguments, Experiment, ExportArguments, FieldArgument,
    InputArguments, InspectArguments, ReconstructArguments, ReportArguments, ResolutionArguments,
    SchemaArgument, SchemaArguments, SimulateArguments, SizeArgument,
};
use crate::progress::{Progress, say, warn};
use litho_pipeline::PipelineError;
use litho_pipeline::config::{
    self, BackgroundConfig, InputConfig, OrientationSetting, PositionsConfig, ReconstructConfig, Settings,
    StopConfig,
};
use litho_pipeline::error::{EXIT_DONE, EXIT_INTERRUPTED, EXIT_NOT_CONVERGED};
use litho_pipeline::estimate::Estimate;
use litho_pipeline::inspect::{Inspection, OrientationScoring};
use litho_pipeline::reconstruct::{Request, Resume, Status, Summary};
use litho_pipeline::simulate::{Field, GivenScan, Size, Subject, tilts, vanadium};
use litho_pipeline::tilt_input::is_tilt_series;
use litho_pipeline::tomo::TomoConfig;
use litho_pipeline::{doctor as health, export as exporting, report as reporting, resolution as resolving};
use litho_types::observer::CancelToken;
use std::path::Path;

pub(crate) fn inspect(arguments: &InspectArguments) -> Result<u8, PipelineError> {
    let config = ReconstructConfig { input: input(&arguments.input), ..ReconstructConfig::default() };
    let settings = Settings::resolve(&config).map_err(PipelineError::Config)?;
    let scoring = if arguments.no_orientation { OrientationScoring::Skip } else { OrientationScoring::Score };
    let Inspection { rows, warnings, json } =
        litho_pipeline::inspect::inspect(&arguments.file, &settings.read, scoring)?;
    Ok(tell_table(arguments.json, &rows, &warnings, &json))
}

pub(crate) fn estimate(arguments: &EstimateArguments) -> Result<u8, PipelineError> {
    let file = Path::new(&arguments.file);
    if arguments.method.is_some() || is_tilt_series(file) {
        let config = tomo_config(arguments.method.as_ref(), &arguments.engine);
        let config = TomoConfig { split: arguments.split.then_some(true), ..config };
        let Estimate { rows, warnings, json } = litho_pipeline::tomo::estimate(file, &config)?;
        return Ok(tell_table(arguments.json, &rows, &warnings, &json));
    }
    let flags = ReconstructConfig {
        split: arguments.split.then_some(true),
        checkpoint_every: arguments.checkpoint_every,
        ..engine(&arguments.engine, &arguments.input)
    };
    let config = with_file(flags, arguments.engine.config.as_deref())?;
    let Estimate { rows, warnings, json } = litho_pipeline::estimate::estimate(&arguments.file, &config)?;
    Ok(tell_table(arguments.json, &rows, &warnings, &json))
}

pub(crate) fn reconstruct(
    arguments: &ReconstructArguments,
    cancel: &CancelToken,
) -> Result<u8, PipelineError> {
    let flags = ReconstructConfig {
        split: arguments.split.then_some(true),
        checkpoint_every: arguments.checkpoint_every,
        ..engine(&arguments.engine, &arguments.input)
    };
    let request = Request {
        dataset: arguments.file.clone(),
        config: with_file(flags, arguments.engine.config.as_deref())?,
        output: arguments.output.clone(),
        resume: if arguments.resume { Resume::FromCheckpoint } else { Resume::No },
    };
    let summary = litho_pipeline::reconstruct::reconstruct(&request, &mut Progress::new(), cancel)?;
    Ok(tell(&summary))
}

pub(crate) fn resolution(arguments: &ResolutionArguments, cancel: &CancelToken) -> Result<u8, PipelineError> {
    let first = Path::new(&arguments.first);
    let (report, code) = if arguments.split && is_tilt_series(first) {
        let config = tomo_config(arguments.method.as_ref(), &arguments.engine);
        let Some(report) = resolving::of_tilts(first, config, &mut Progress::new(), cancel)? else {
            return Ok(EXIT_INTERRUPTED);
        };
        (report, EXIT_DONE)
    } else if arguments.split {
        let flags = engine(&arguments.engine, &arguments.input);
        let config = with_file(flags, arguments.engine.config.as_deref())?;
        let (summary, report) = resolving::of_scan(&arguments.first, config, &mut Progress::new(), cancel)?;
        tell_warnings(&summary.warnings);
        let Some(report) = report else { return Ok(EXIT_INTERRUPTED) };
        (report, code_of(summary.status))
    } else {
        (resolving::of_results(first, arguments.second.as_deref())?, EXIT_DONE)
    };
    if arguments.json {
        say(&pretty(&report.json));
    } else {
        say(&report.lines.join("\n"));
    }
    Ok(code)
}

/// Settings of a volume among the flags of a reconstruction.
fn tomo_config(method: Option<&String>, engine: &EngineArguments) -> TomoConfig {
    TomoConfig {
        method: method.cloned(),
        iterations: engine.iterations,
        threads: engine.threads,
        ..TomoConfig::default()
    }
}

pub(crate) fn simulate(arguments: &SimulateArguments, cancel: &CancelToken) -> Result<u8, PipelineError> {
    match arguments.experiment {
        Experiment::Scan => simulate_scan(arguments),
        Experiment::Vanadium => simulate_vanadium(arguments, cancel),
        Experiment::Lfp => simulate_tilts(tilts::Subject::Lfp, arguments, cancel),
        Experiment::Nmc => simulate_tilts(tilts::Subject::Nmc, arguments, cancel),
    }
}

fn simulate_tilts(
    subject: tilts::Subject,
    arguments: &SimulateArguments,
    cancel: &CancelToken,
) -> Result<u8, PipelineError> {
    let name = subject.name();
    let of_scans = [
        ("--object", arguments.object.is_some()),
        ("--regime", matches!(arguments.regime, FieldArgument::Near)),
    ];
    refuse(name, "scan", &of_scans)?;
    let of_vanadium = [
        ("--dose", arguments.dose.is_some()),
        ("--samples", arguments.samples.is_some()),
        ("--background", arguments.background.is_some()),
    ];
    refuse(name, "vanadium", &of_vanadium)?;
    let request = tilts::Request {
        subject,
        size: match arguments.size {
            SizeArgument::Tiny => tilts::Size::Tiny,
            SizeArgument::Small => tilts::Size::Small,
            SizeArgument::Paper => tilts::Size::Paper,
        },
        seed: arguments.seed,
        photons: arguments.photons,
        projections: arguments.projections,
        folder: arguments.output.clone(),
    };
    let mut wrote = |path: &Path| say(&format!("wrote {}", path.display()));
    Ok(match tilts::simulate(&request, cancel, &mut wrote)? {
        tilts::Ending::Complete => EXIT_DONE,
        tilts::Ending::Interrupted => {
            warn(&format!("interrupted: {name}.toml is not written; repeat the command for the rest"));
            EXIT_INTERRUPTED
        }
    })
}

fn simulate_vanadium(arguments: &SimulateArguments, cancel: &CancelToken) -> Result<u8, PipelineError> {
    let elsewhere = [
        ("--object", arguments.object.is_some()),
        ("--regime", matches!(arguments.regime, FieldArgument::Near)),
    ];
    refuse("vanadium", "scan", &elsewhere)?;
    refuse("vanadium", "lfp", &[("--projections", arguments.projections)])?;
    let request = vanadium::Request {
        size: match arguments.size {
            SizeArgument::Tiny => vanadium::Size::Tiny,
            SizeArgument::Small => vanadium::Size::Small,
            SizeArgument::Paper => vanadium::Size::Paper,
        },
        samples: arguments.samples.clone(),
        seed: arguments.seed,
        photons: arguments.photons,
        dose: arguments.dose,
        background: arguments.background,
        folder: arguments.output.clone(),
    };
    let mut wrote = |path: &Path| say(&format!("wrote {}", path.display()));
    Ok(match vanadium::simulate(&request, cancel, &mut wrote)? {
        vanadium::Ending::Complete => EXIT_DONE,
        vanadium::Ending::Interrupted => {
            warn("interrupted: vanadium.toml is not written; repeat the command for the rest");
            EXIT_INTERRUPTED
        }
    })
}

/// Refuses options of the other experiment.
fn refuse(experiment: &str, other: &str, options: &[(&'static str, bool)]) -> Result<(), PipelineError> {
    match options.iter().find(|(_, given)| *given) {
        Some((what, _)) => Err(PipelineError::Argument {
            what,
            value: format!("with {experiment}"),
            reason: format!("this option belongs to `simulate {other}`; leave it out"),
        }),
        None => Ok(()),
    }
}

fn simulate_scan(arguments: &SimulateArguments) -> Result<u8, PipelineError> {
    let elsewhere = [("--dose", arguments.dose.is_some()), ("--samples", arguments.samples.is_some())];
    refuse("scan", "vanadium", &elsewhere)?;
    refuse("scan", "lfp", &[("--projections", arguments.projections)])?;
    let given =
        (&arguments.object, &arguments.probe, &arguments.positions, arguments.energy, arguments.object_pixel);
    let subject = match given {
        (Some(object), Some(probe), Some(positions), Some(energy), Some(pixel)) => {
            Subject::Given(GivenScan {
                object: object.clone(),
                probe: probe.clone(),
                positions: positions.clone(),
                energy,
                pixel,
            })
        }
        _ => Subject::BuiltIn(
            match arguments.regime {
                FieldArgument::Far => Field::Far,
                FieldArgument::Near => Field::Near,
            },
            match arguments.size {
                SizeArgument::Tiny => Size::Tiny,
                SizeArgument::Small => Size::Small,
                SizeArgument::Paper => Size::Paper,
            },
        ),
    };
    let request = litho_pipeline::simulate::Request {
        subject,
        photons: arguments.photons,
        background: arguments.background,
        seed: arguments.seed,
        folder: arguments.output.clone(),
    };
    for path in litho_pipeline::simulate::simulate(&request)? {
        say(&format!("wrote {}", path.display()));
    }
    Ok(EXIT_DONE)
}

pub(crate) fn export(arguments: &ExportArguments) -> Result<u8, PipelineError> {
    let part = exporting::Part::from_name(&arguments.what)?;
    exporting::export(&arguments.file, part, &arguments.output)?;
    say(&format!("wrote {}", arguments.output.display()));
    Ok(EXIT_DONE)
}

pub(crate) fn report(arguments: &ReportArguments) -> Result<u8, PipelineError> {
    let output = arguments.output.clone().unwrap_or_else(|| arguments.file.with_extension("html"));
    reporting::write(&arguments.file, &output)?;
    say(&format!("wrote {}", output.display()));
    Ok(EXIT_DONE)
}

pub(crate) fn doctor(arguments: &DoctorArguments) -> u8 {
    let findings = health::examine();
    if arguments.json {
        say(&pretty(&health::to_json(&findings)));
        return EXIT_DONE;
    }
    for finding in findings {
        say(&format!("{:<42} {}", finding.what, finding.found));
        if let Some(advice) = finding.advice {
            warn(&advice);
        }
    }
    EXIT_DONE
}

pub(crate) fn schema(arguments: &SchemaArguments) -> u8 {
    say(&pretty(&match arguments.config {
        SchemaArgument::Reconstruct => config::schema(),
        SchemaArgument::Optics => litho_pipeline::optics::schema(),
        SchemaArgument::Run => litho_pipeline::run::schema(),
        SchemaArgument::Tomography => litho_pipeline::run::tomography_schema(),
        SchemaArgument::Align => litho_pipeline::align::schema(),
        SchemaArgument::Tomo => litho_pipeline::tomo::schema(),
        SchemaArgument::Chemistry => litho_pipeline::chemistry::schema(),
        SchemaArgument::Particles => litho_pipeline::particles::schema(),
        SchemaArgument::Experiment => litho_pipeline::spectrum_scan::schema(),
        SchemaArgument::Xanes => litho_pipeline::xanes::schema(),
        SchemaArgument::Cluster => litho_pipeline::cluster::schema(),
        SchemaArgument::Unmix => litho_pipeline::unmix::schema(),
        SchemaArgument::References => litho_pipeline::unmix::references_schema(),
    }));
    EXIT_DONE
}

/// Prints rows and warnings for a person, or the same for a machine.
fn tell_table(machine: bool, rows: &[[String; 3]], warnings: &[String], json: &serde_json::Value) -> u8 {
    if machine {
        say(&pretty(json));
        return EXIT_DONE;
    }
    for [name, value, source] in rows {
        say(format!("{name:<18} {value:<28} {source}").trim_end());
    }
    tell_warnings(warnings);
    EXIT_DONE
}

fn tell_warnings(warnings: &[String]) {
    for warning in warnings {
        warn(warning);
    }
}

/// Prints how a reconstruction went; returns its exit code.
fn tell(summary: &Summary) -> u8 {
    tell_warnings(&summary.warnings);
    if summary.status == Status::Interrupted {
        say(&format!(
            "interrupted after {} iterations; checkpoint in {}; repeat the command with --resume to go on",
            summary.iterations,
            summary.output.display()
        ));
        return code_of(summary.status);
    }
    say(&format!("orientation      {} ({})", summary.orientation.chosen, summary.orientation.reason));
    say(&format!("Fourier error    {:.5} after {} iterations", summary.error, summary.iterations));
    say(&format!("stopped          {}", summary.stop_reason));
    for line in &summary.resolution {
        say(line);
    }
    say(&format!("wrote {}", summary.output.display()));
    code_of(summary.status)
}

fn code_of(status: Status) -> u8 {
    match status {
        Status::Done => EXIT_DONE,
        Status::NotConverged => EXIT_NOT_CONVERGED,
        Status::Interrupted => EXIT_INTERRUPTED,
    }
}

/// Flags laid over the configuration file, if there is one.
fn with_file(flags: ReconstructConfig, file: Option<&Path>) -> Result<ReconstructConfig, PipelineError> {
    Ok(match file {
        Some(file) => flags.or(config::from_file(file)?),
        None => flags,
    })
}

fn engine(arguments: &EngineArguments, scan: &InputArguments) -> ReconstructConfig {
    ReconstructConfig {
        engine: arguments.engine.clone(),
        iterations: arguments.iterations,
        modes: arguments.modes,
        likelihood: arguments.likelihood.clone(),
        subpixel: arguments.corrections.subpixel.then_some(true),
        positions: arguments.corrections.refine_positions.then(PositionsConfig::default),
        background: arguments.corrections.background.then(BackgroundConfig::default),
        stop: arguments.stop.then(StopConfig::default),
        seed: arguments.seed,
        threads: arguments.threads,
        orientation: arguments.orientation.clone().map(OrientationSetting::Name),
        probe: arguments.probe.clone(),
        stream: arguments.stream.clone(),
        memory_limit_mb: arguments.memory_limit,
        input: input(scan),
        ..ReconstructConfig::default()
    }
}

fn input(arguments: &InputArguments) -> InputConfig {
    InputConfig {
        format: arguments.format.clone(),
        energy_ev: arguments.energy,
        distance_m: arguments.distance,
        pixel_m: arguments.pixel,
        focus_distance_m: arguments.focus_distance,
        regime: arguments.regime.clone(),
        zero_frequency: arguments.zero_frequency.clone(),
        positions: arguments.positions.clone(),
        position_sense: arguments.position_sense.clone(),
        position_unit: arguments.position_unit.clone(),
        companion: arguments.companion.clone(),
        bad_counts: arguments.bad_counts.clone(),
        frame_limit: arguments.frame_limit,
        frames_key: arguments.frames_key.clone(),
        positions_key: arguments.positions_key.clone(),
        positions_x_key: arguments.positions_x_key.clone(),
        mask_key: arguments.mask_key.clone(),
        mask_polarity: arguments.mask_polarity.clone(),
        probe_key: arguments.probe_key.clone(),
        energy_key: arguments.energy_key.clone(),
        distance_key: arguments.distance_key.clone(),
        pixel_key: arguments.pixel_key.clone(),
    }
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}")
}
