//! What a reconstruction would take in memory and time, from the plan alone: no frame is read.

use crate::config::{ProbeSource, ReconstructConfig, Settings};
use crate::dataset;
use crate::error::PipelineError;
use crate::orientation;
use crate::streaming::Decision;
use litho_compute::Propagator;
use litho_io::{ScanPlan, probe_modes, read_complex};
use litho_ptycho::{MARGIN, PrepareError, place};
use litho_types::C32;
use litho_types::geometry::Propagation;
use litho_types::orientation::Orientation;
use serde_json::{Value, json};
use std::time::Instant;

/// What `estimate` found.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Rows of name, value, and how it comes about.
    pub rows: Vec<[String; 3]>,
    /// What a person should know before starting the run.
    pub warnings: Vec<String>,
    /// The same for a machine: bytes and seconds.
    pub json: Value,
}

/// Estimates what `reconstruct` with this configuration would take. Memory is counted; time follows from the number
/// of Fourier transforms and from how long one takes here and now, and is good to a factor of about two.
///
/// # Errors
/// [`PipelineError`] for a bad configuration, or a file that cannot be planned or placed on an object.
pub fn estimate(dataset: &str, config: &ReconstructConfig) -> Result<Estimate, PipelineError> {
    let settings = Settings::resolve(config).map_err(PipelineError::Config)?;
    let path = dataset::locate(dataset)?;
    let plan = dataset::plan_scan(&path, &settings.read)?;
    let size = Size::of(&plan, &settings)?;
    let decision = settings.streaming.decide(&plan.frames, settings.split);
    let memory = Memory::of(&size, &plan, &settings, &decision);
    let time = Time::of(&size, &plan, &settings, config)?;
    let warnings: Vec<String> =
        plan.warnings.iter().cloned().chain(memory.warning(&decision, &settings)).collect();
    let mut rows = size_rows(&size, &plan, &decision);
    rows.extend(memory.rows(&size, &decision));
    rows.extend(time.rows());
    let (ny, nx) = size.frame;
    let json = json!({
        "file": path.display().to_string(),
        "frames": size.frames,
        "frame_shape": [ny, nx],
        "number_type": plan.frames.stored.kept().name(),
        "frames_bytes": decision.frames,
        "streams": decision.streams,
        "object_shape": [size.object.0, size.object.1],
        "modes": size.modes,
        "threads": size.threads,
        "memory_bytes": memory.json(&decision),
        "seconds": time.json(),
        "warnings": warnings,
    });
    Ok(Estimate { rows, warnings, json })
}

/// The numbers everything else follows from.
struct Size {
    frames: usize,
    frame: (usize, usize),
    object: (usize, usize),
    modes: usize,
    threads: usize,
}

impl Size {
    fn of(plan: &ScanPlan, settings: &Settings) -> Result<Self, PipelineError> {
        let stored = plan.frames.shape;
        // One that is still to be found may swap rows and columns: the sizes stay nearly the same.
        let orientation = settings.orientation.unwrap_or(Orientation::ALL[0]);
        let placement = place(&plan.positions, plan.geometry, stored, orientation, MARGIN)?;
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            frames: plan.frames.count,
            frame: orientation.apply_to_shape(stored),
            object: placement.object_shape,
            modes: modes(plan, settings)?,
            threads: if settings.threads == 0 { cores() } else { settings.threads },
        })
    }

    /// Pixels of a frame.
    fn pixels(&self) -> u64 {
        product(&[self.frame.0, self.frame.1])
    }

    /// Bytes of one wave per probe mode.
    fn waves(&self) -> u64 {
        self.pixels().saturating_mul(product(&[self.modes, size_of::<C32>()]))
    }
}

fn modes(plan: &ScanPlan, settings: &Settings) -> Result<usize, PipelineError> {
    Ok(match (settings.modes, &settings.probe) {
        (Some(modes), _) => modes,
        (None, ProbeSource::Auto) => probe_modes(plan)?.unwrap_or(1),
        (None, ProbeSource::MeanFrame | ProbeSource::Optics(_)) => 1,
        (None, ProbeSource::Dataset(spec)) => {
            let shape = read_complex(spec)?.shape().to_vec();
            shape[..shape.len().saturating_sub(2)].iter().product()
        }
    })
}

/// Bytes at the height of the run.
struct Memory {
    /// Copies of the frames; none if they stream.
    frames: u64,
    /// The object: at the start, in the kernels, as a result.
    object: u64,
    /// The probe, likewise.
    probe: u64,
    /// The exit waves, and a copy of them for a checkpoint or the result.
    waves: u64,
    /// Buffers of all threads, and of a chunk of frames.
    scratch: u64,
    /// Sums of the final comparison.
    comparison: u64,
    /// Blocks of frames while the file is read, before all the rest but the first copy of the frames.
    reading: u64,
}

/// Copies of object and probe: at the start, in the kernels, as a result; as many again for a half.
const FIELD_COPIES: u64 = 3;
/// Frames that share the sums of a comparison, of model and measurement in double precision.
const COMPARISON_GROUP: u64 = 32;
/// Groups that are summed before the next are begun.
const COMPARISON_GROUPS: u64 = 16;
/// Frames whose waves the engines that are parallel by nature hold at a time, beside those they keep.
const CHUNK: u64 = 32;
/// Columns that a Fourier transform works on together.
const TILE: usize = 8;

impl Memory {
    fn of(size: &Size, plan: &ScanPlan, settings: &Settings, decision: &Decision) -> Self {
        let field = size_of::<C32>();
        let copies = if settings.split { 2 * FIELD_COPIES } else { FIELD_COPIES };
        let keeps_waves = settings.stages.iter().any(|stage| stage.algorithm.keeps_waves());
        let kept = plan.frames.stored.kept().bytes() as u64;
        let frame_buffers = if decision.streams { size.pixels() * (kept + 4) } else { 0 };
        let in_chunks =
            settings.stages.iter().any(|stage| !matches!(stage.algorithm, litho_ptycho::Algorithm::Pie(_)));
        let chunk = if in_chunks { size.waves().saturating_mul(CHUNK.min(size.frames as u64)) } else { 0 };
        let tiles = product(&[size.modes + 2, TILE, size.frame.0, field]);
        let per_thread = size.waves() + tiles + 4 * size.pixels() + frame_buffers;
        let block = plan.frames.block_bytes();
        Self {
            frames: if decision.streams { 0 } else { decision.frames.saturating_mul(decision.copies) },
            object: product(&[size.object.0, size.object.1, field]).saturating_mul(copies),
            probe: size.waves().saturating_mul(copies),
            waves: if keeps_waves { size.waves().saturating_mul(2 * size.frames as u64) } else { 0 },
            scratch: per_thread.saturating_mul(size.threads as u64).saturating_add(chunk),
            comparison: (size.frames as u64)
                .div_ceil(COMPARISON_GROUP)
                .min(COMPARISON_GROUPS)
                .saturating_mul(2 * 8 * size.pixels()),
            // As stored, as HDF5 hands it over, and as converted.
            reading: block.saturating_mul(if decision.streams { 3 } else { 2 }),
        }
    }

    /// The larger of what reading and what running takes.
    fn total(&self, decision: &Decision) -> u64 {
        let first_copy = if decision.streams { 0 } else { decision.frames };
        let parts = [self.frames, self.object, self.probe, self.waves, self.scratch, self.comparison];
        let running = parts.into_iter().fold(0, u64::saturating_add);
        running.max(self.reading.saturating_add(first_copy))
    }

    fn rows(&self, size: &Size, decision: &Decision) -> Vec<[String; 3]> {
        let row = |name: &str, amount: u64, how: String| [name.to_owned(), bytes(amount), how];
        let in_memory =
            if decision.streams { "they stream".to_owned() } else { format!("{} copies", decision.copies) };
        let mut rows = vec![
            row("frames in memory", self.frames, in_memory),
            row("object", self.object, format!("{} × {}, copies included", size.object.0, size.object.1)),
            row("probe", self.probe, format!("modes: {}, copies included", size.modes)),
        ];
        if self.waves > 0 {
            rows.push(row(
                "exit waves",
                self.waves,
                "one per frame and mode, and a copy to store".to_owned(),
            ));
        }
        let threads =
            format!("threads: {}, {} each", size.threads, bytes(self.scratch / size.threads as u64));
        rows.push(row("buffers", self.scratch, threads));
        rows.push(row("comparison", self.comparison, "sums over groups of frames, at the end".to_owned()));
        rows.push(row("reading", self.reading, "blocks of frames, before the rest".to_owned()));
        let available = match decision.available {
            Some(available) => format!("of {} available", bytes(available)),
            None => "how much is available is unknown".to_owned(),
        };
        rows.push(row("memory in all", self.total(decision), available));
        rows
    }

    fn warning(&self, decision: &Decision, settings: &Settings) -> Option<String> {
        let total = self.total(decision);
        let available = decision.available.filter(|available| total > *available)?;
        let fix = if self.waves > total / 2 {
            "exit waves stay in memory even if the frames stream: use epie or rpie, fewer --modes, or fewer frames"
        } else if !decision.streams {
            "let the frames stream (--stream auto), or read fewer"
        } else if settings.split {
            "leave out --split, or read fewer frames"
        } else {
            "read fewer frames, or use a larger machine"
        };
        Some(format!(
            "the run needs {} of memory, but {} are available; {fix}",
            bytes(total),
            bytes(available)
        ))
    }

    fn json(&self, decision: &Decision) -> Value {
        json!({
            "frames": self.frames,
            "object": self.object,
            "probe": self.probe,
            "exit_waves": self.waves,
            "buffers": self.scratch,
            "comparison": self.comparison,
            "reading": self.reading,
            "total": self.total(decision),
            "available": decision.available,
        })
    }
}

/// Seconds, roughly.
struct Time {
    /// From the sample to the detector, one wave, one thread: measured.
    propagation: f64,
    /// Of each engine: name, iterations, seconds of one.
    stages: Vec<(String, usize, f64)>,
    /// Trials for orientation and start, at most.
    search: f64,
    /// All of the run, halves included.
    total: f64,
}

/// Time of one visit of a sequential engine to a frame, per mode, in propagations: there and back, which together
/// cost less than twice one, and the updates of object and probe. Measured on 240 frames of 128² pixels: 2.3 to 2.8
/// with one mode, 1.6 with three.
const SEQUENTIAL_VISIT: f64 = 2.5;
/// Likewise for engines that keep their waves, with the alternations of object and probe: 3.0 with one mode, 2.3 with
/// three.
const WAVES_VISIT: f64 = 3.0;

impl Time {
    fn of(
        size: &Size,
        plan: &ScanPlan,
        settings: &Settings,
        config: &ReconstructConfig,
    ) -> Result<Self, PipelineError> {
        let propagation = measured_propagation(size, plan, settings)?;
        let visits = (size.frames * size.modes) as f64;
        let names = config.engine.as_deref().unwrap_or("epie").split(',');
        let stages: Vec<(String, usize, f64)> = names
            .zip(&settings.stages)
            .map(|(name, stage)| {
                let name = name.split(':').next().unwrap_or(name).trim().to_owned();
                let seconds = if stage.algorithm.keeps_waves() {
                    WAVES_VISIT * propagation * visits / size.threads as f64
                } else {
                    SEQUENTIAL_VISIT * propagation * visits
                };
                (name, stage.iterations, seconds)
            })
            .collect();
        let iterations: f64 =
            stages.iter().map(|(_, iterations, seconds)| *iterations as f64 * seconds).sum();
        let far_field = plan.geometry.is_none_or(|g| g.propagation == Propagation::FarField);
        let no_probe = matches!(settings.probe, ProbeSource::Auto) && probe_modes(plan)?.is_none();
        let mean_frame = no_probe || settings.probe == ProbeSource::MeanFrame;
        let mut trials = 0;
        if settings.orientation.is_none() {
            trials += orientation::orientation_visits(size.frames);
        }
        if far_field && mean_frame {
            trials += orientation::curvature_visits(size.frames, size.frame);
        }
        let search = SEQUENTIAL_VISIT * propagation * trials as f64;
        // Two halves of the scan take together what the scan takes.
        let total = search + if settings.split { 2.0 * iterations } else { iterations };
        Ok(Self { propagation, stages, search, total })
    }

    fn rows(&self) -> Vec<[String; 3]> {
        let mut rows = vec![[
            "propagation".to_owned(),
            seconds(self.propagation),
            "one wave to the detector, measured now".to_owned(),
        ]];
        for (name, iterations, each) in &self.stages {
            rows.push([
                format!("{name} iteration"),
                format!("about {}", seconds(*each)),
                format!("{iterations} of them, about {}", seconds(each * *iterations as f64)),
            ]);
        }
        if self.search > 0.0 {
            let how = "trials for orientation and start".to_owned();
            rows.push(["search".to_owned(), format!("at most {}", seconds(self.search)), how]);
        }
        let how = "an estimate, to a factor of two; without reading the file".to_owned();
        rows.push(["time in all".to_owned(), format!("about {}", seconds(self.total)), how]);
        rows
    }

    fn json(&self) -> Value {
        let stage = |(name, iterations, each): &(String, usize, f64)| json!({ "engine": name, "iterations": iterations, "per_iteration": each });
        json!({
            "propagation": self.propagation,
            "stages": self.stages.iter().map(stage).collect::<Vec<_>>(),
            "search": self.search,
            "total": self.total,
        })
    }
}

/// Seconds to carry one wave from the sample to the detector on one thread.
fn measured_propagation(size: &Size, plan: &ScanPlan, settings: &Settings) -> Result<f64, PipelineError> {
    /// Long enough for a clock, short enough for a person; the fastest of a few is the least disturbed.
    const LEAST: f64 = 0.02;
    const TRIES: usize = 3;
    let transposes = settings.orientation.is_some_and(Orientation::transposes);
    let geometry = plan.geometry.map(|g| if transposes { g.transposed() } else { g });
    let propagator = match &geometry {
        Some(geometry) => Propagator::from_geometry(geometry, size.frame),
        None => Propagator::far_field(size.frame),
    }
    .map_err(|error| PrepareError::Measurement(error.into()))?;
    let mut field = propagator.wavefield(1);
    let mut fastest = f64::INFINITY;
    for _ in 0..TRIES {
        let (start, mut count) = (Instant::now(), 0);
        while start.elapsed().as_secs_f64() < LEAST {
            propagator.to_detector(&mut field);
            count += 1;
        }
        fastest = fastest.min(start.elapsed().as_secs_f64() / f64::from(count));
    }
    Ok(fastest)
}

fn size_rows(size: &Size, plan: &ScanPlan, decision: &Decision) -> Vec<[String; 3]> {
    let (ny, nx) = size.frame;
    let kept = plan.frames.stored.kept().name();
    let why = match (decision.streams, decision.available) {
        (true, Some(available)) => {
            format!("{} copies beside {} of memory, or as asked for", decision.copies, bytes(available))
        }
        (true, None) => "as asked for".to_owned(),
        (false, _) => "their copies fit into the memory, or as asked for".to_owned(),
    };
    let what = if decision.streams { "yes, from a scratch file beside the output" } else { "no" };
    vec![
        [
            "frames".to_owned(),
            format!("{} × {ny} × {nx}", size.frames),
            format!("{kept}, {}", bytes(decision.frames)),
        ],
        ["streams".to_owned(), what.to_owned(), why],
    ]
}

fn product(factors: &[usize]) -> u64 {
    factors.iter().fold(1, |product, factor| product.saturating_mul(*factor as u64))
}

/// Three digits and a decimal prefix: `1.28 kB`.
pub(crate) fn bytes(amount: u64) -> String {
    const PREFIXES: [(f64, &str); 4] = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    let amount = amount as f64;
    match PREFIXES.into_iter().find(|(unit, _)| amount >= *unit) {
        Some((unit, name)) => format!("{} {name}", three_digits(amount / unit)),
        None => format!("{amount} B"),
    }
}

/// Three digits and a unit for people: `12.3 ms`, `4.56 min`.
fn seconds(time: f64) -> String {
    const UNITS: [(f64, &str); 5] = [(86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms")];
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| time >= *unit).unwrap_or((1e-6, "µs"));
    format!("{} {name}", three_digits(time / unit))
}

fn three_digits(value: f64) -> String {
    let decimals = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_for_people() {
        assert_eq!((bytes(999), bytes(1280)), ("999 B".to_owned(), "1.28 kB".to_owned()));
        assert_eq!((bytes(64 << 20), bytes(123_456_789_012)), ("67.1 MB".to_owned(), "123 GB".to_owned()));
        assert_eq!((seconds(2.5e-5), seconds(0.0123)), ("25.0 µs".to_owned(), "12.3 ms".to_owned()));
        assert_eq!((seconds(90.0), seconds(9000.0)), ("1.50 min".to_owned(), "2.50 h".to_owned()));
    }
}
