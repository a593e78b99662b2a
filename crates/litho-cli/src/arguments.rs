//! The command line, as it is typed. The doc comments are its help texts.
#![expect(clippy::doc_markdown, reason = "help texts are printed as they stand, not rendered")]

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// From X-ray ptychography frames to images with a known resolution.
#[derive(Debug, Parser)]
#[command(name = "lithoscope", version, about, disable_help_subcommand = true)]
pub(crate) struct Lithoscope {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what is in a scan file: format, geometry with units, counts, orientation, warnings
    #[command(allow_negative_numbers = true)]
    Inspect(InspectArguments),
    /// Reconstruct object and probe from a scan
    #[command(allow_negative_numbers = true)]
    Reconstruct(ReconstructArguments),
    /// Estimate what reconstruct would take in memory and time, and whether frames stream, without running it
    #[command(allow_negative_numbers = true)]
    Estimate(EstimateArguments),
    /// Resolution: ring correlation of two results, transfer function of one, or of a scan with --split
    #[command(allow_negative_numbers = true)]
    Resolution(ResolutionArguments),
    /// Simulate an experiment with known truth
    #[command(allow_negative_numbers = true)]
    Simulate(SimulateArguments),
    /// Reconstruct all energies of one sample to a stack of images
    SpectrumScan(SpectrumScanArguments),
    /// Run a whole experiment from its scans to its report; what is done already is not done again
    Run(RunArguments),
    /// Export a part of a result as PNG, TIFF, NPY or CSV
    Export(ExportArguments),
    /// Write the HTML report of a result
    Report(ReportArguments),
    /// Check what this machine can do
    Doctor(DoctorArguments),
    /// Print the JSON Schema of a configuration file
    Schema(SchemaArguments),
}

/// How to read a scan: overrides and dataset names.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading the scan")]
pub(crate) struct InputArguments {
    /// File format: cxi, nxcxi_ptycho, ptyd, ptychodus, ptylab, tike, eiger, hdf5 [default: recognised]
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<String>,
    /// Photon energy, eV
    #[arg(long, value_name = "EV")]
    pub(crate) energy: Option<f64>,
    /// Sample to detector, m
    #[arg(long, value_name = "M")]
    pub(crate) distance: Option<f64>,
    /// Detector pixel, m
    #[arg(long, value_name = "M")]
    pub(crate) pixel: Option<f64>,
    /// Focus to sample, m; makes it a near-field scan
    #[arg(long, value_name = "M")]
    pub(crate) focus_distance: Option<f64>,
    /// Propagation: far or near [default: far, or near with --focus-distance]
    #[arg(long, value_name = "FIELD")]
    pub(crate) regime: Option<String>,
    /// Where frames hold the zero frequency: centre or corner [default: found from the mean frame]
    #[arg(long, value_name = "WHERE")]
    pub(crate) zero_frequency: Option<String>,
    /// Positions from another file: FILE:/path, or a text table of y x
    #[arg(long, value_name = "FILE")]
    pub(crate) positions: Option<String>,
    /// Stored positions are of the beam on the object, or of the sample: beam, sample
    #[arg(long, value_name = "OF")]
    pub(crate) position_sense: Option<String>,
    /// Unit of stored positions: m, mm, um, nm, angstrom, px
    #[arg(long, value_name = "UNIT")]
    pub(crate) position_unit: Option<String>,
    /// Second file of a ptychodus pair
    #[arg(long, value_name = "FILE")]
    pub(crate) companion: Option<String>,
    /// Impossible counts (NaN, negative): reject, mask, zero [default: reject]
    #[arg(long, value_name = "HOW")]
    pub(crate) bad_counts: Option<String>,
    /// Read only the first N frames
    #[arg(long, value_name = "N")]
    pub(crate) frame_limit: Option<usize>,
    /// Dataset of the frames
    #[arg(long, value_name = "KEY")]
    pub(crate) frames_key: Option<String>,
    /// Dataset of the positions (N, 2) as y, x; or of y alone
    #[arg(long, value_name = "KEY")]
    pub(crate) positions_key: Option<String>,
    /// Dataset of the x positions, if stored by themselves
    #[arg(long, value_name = "KEY")]
    pub(crate) positions_x_key: Option<String>,
    /// Dataset of the detector mask
    #[arg(long, value_name = "KEY")]
    pub(crate) mask_key: Option<String>,
    /// Meaning of the mask: cxi, nexus, nonzero-good, nonzero-bad
    #[arg(long, value_name = "MEANING")]
    pub(crate) mask_polarity: Option<String>,
    /// Dataset of a starting probe
    #[arg(long, value_name = "KEY")]
    pub(crate) probe_key: Option<String>,
    /// Dataset of the photon energy
    #[arg(long, value_name = "KEY")]
    pub(crate) energy_key: Option<String>,
    /// Dataset of the distance
    #[arg(long, value_name = "KEY")]
    pub(crate) distance_key: Option<String>,
    /// Dataset of the pixel size
    #[arg(long, value_name = "KEY")]
    pub(crate) pixel_key: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The experiment: samples, settings of the stages (`lithoscope schema run`)
    #[arg(value_name = "EXPERIMENT.toml")]
    pub(crate) experiment: PathBuf,
    /// Folder for the results [default: the experiment's name, beside it]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Repeat this stage and all after it: spectrum-scan, xanes, cluster, report
    #[arg(long, value_name = "STAGE")]
    pub(crate) from: Option<String>,
    /// Threads; results have the same bits for any number [default: one per core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct SpectrumScanArguments {
    /// The experiment: sample, the scan of each energy, settings (`lithoscope schema experiment`)
    #[arg(value_name = "EXPERIMENT.toml")]
    pub(crate) experiment: PathBuf,
    /// Folder for stack.h5
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Threads; results have the same bits for any number [default: one per core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
    /// Go on where an interrupted run stopped
    #[arg(long)]
    pub(crate) resume: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// Scan file, or example:NAME
    pub(crate) file: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Do not score the detector's orientation
    #[arg(long)]
    pub(crate) no_orientation: bool,
    #[command(flatten)]
    pub(crate) input: InputArguments,
}

/// Settings of a reconstruction, shared by `reconstruct` and `resolution --split`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reconstruction")]
pub(crate) struct EngineArguments {
    /// Engine or chain, "dm:100,ml:50": epie, rpie, mpie (sequential), batch (PIE over batches), wasp, dm (difference map),
    /// raar, ml (maximum likelihood), lsqml (least-squares maximum likelihood) [default: epie]
    #[arg(long, value_name = "ENGINE")]
    pub(crate) engine: Option<String>,
    /// Iterations of an engine named without a number [default: 100]
    #[arg(long, value_name = "N")]
    pub(crate) iterations: Option<usize>,
    /// Mutually incoherent probe modes [default: those of the starting probe]
    #[arg(long, value_name = "K")]
    pub(crate) modes: Option<usize>,
    /// How intensities are held against counts: amplitude, poisson, intensity [default: each engine's own]
    #[arg(long, value_name = "HOW")]
    pub(crate) likelihood: Option<String>,
    /// Stop when the error no longer falls: by a thousandth from ten iterations to the next ten; more in the table `stop` of --config
    #[arg(long)]
    pub(crate) stop: bool,
    /// Detector orientation: auto or 0 to 7 [default: auto]
    #[arg(long, value_name = "O")]
    pub(crate) orientation: Option<String>,
    /// Starting probe: auto, mean, optics.toml, or FILE:/path [default: auto]
    #[arg(long, value_name = "PROBE")]
    pub(crate) probe: Option<String>,
    /// Seed of everything random [default: 1]
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Threads, 0 for one per core; results do not depend on it [default: 0]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
    /// Let frames stream from disk instead of keeping them in memory: auto, always, never; results do not depend
    /// on it [default: auto, when they do not fit]
    #[arg(long, value_name = "WHEN")]
    pub(crate) stream: Option<String>,
    /// Memory to do with for --stream auto, MB [default: what is available]
    #[arg(long, value_name = "MB")]
    pub(crate) memory_limit: Option<u64>,
    /// Configuration file; flags win over it
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) corrections: CorrectionArguments,
}

/// What is corrected while engines run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Corrections")]
pub(crate) struct CorrectionArguments {
    /// Refine the beam's positions; more in the table `positions` of --config
    #[arg(long)]
    pub(crate) refine_positions: bool,
    /// Use fractions of object pixels of the positions without refining them [default: rounded]
    #[arg(long)]
    pub(crate) subpixel: bool,
    /// Retrieve an incoherent background; more in the table `background` of --config
    #[arg(long)]
    pub(crate) background: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReconstructArguments {
    /// Scan file, or example:NAME
    pub(crate) file: String,
    /// Result file to write
    #[arg(short, long, value_name = "OUT.h5")]
    pub(crate) output: PathBuf,
    /// Also reconstruct two halves of the scan and correlate them
    #[arg(long)]
    pub(crate) split: bool,
    /// Go on from the checkpoint of an interrupted run
    #[arg(long)]
    pub(crate) resume: bool,
    /// Save a checkpoint every N iterations [default: only when interrupted]
    #[arg(long, value_name = "N")]
    pub(crate) checkpoint_every: Option<usize>,
    #[command(flatten)]
    pub(crate) engine: EngineArguments,
    #[command(flatten)]
    pub(crate) input: InputArguments,
}

/// Those of `reconstruct`, so that one word changes one command into the other.
#[derive(Debug, Args)]
pub(crate) struct EstimateArguments {
    /// Scan file, or example:NAME
    pub(crate) file: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Result file; not written
    #[arg(short, long, value_name = "OUT.h5")]
    pub(crate) output: Option<PathBuf>,
    /// Also reconstruct two halves of the scan and correlate them
    #[arg(long)]
    pub(crate) split: bool,
    /// Save a checkpoint every N iterations [default: only when interrupted]
    #[arg(long, value_name = "N")]
    pub(crate) checkpoint_every: Option<usize>,
    #[command(flatten)]
    pub(crate) engine: EngineArguments,
    #[command(flatten)]
    pub(crate) input: InputArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ResolutionArguments {
    /// Result file; with --split a scan file or example:NAME
    pub(crate) first: String,
    /// A second result to correlate with the first
    #[arg(conflicts_with = "split")]
    pub(crate) second: Option<PathBuf>,
    /// Split the scan FIRST into halves and reconstruct them
    #[arg(long)]
    pub(crate) split: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArguments,
    #[command(flatten)]
    pub(crate) input: InputArguments,
}

/// What can be simulated.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Experiment {
    /// One ptychographic scan
    Scan,
    /// Lithium vanadium oxide particles at many energies of the V K edge
    Vanadium,
}

/// Size of a simulated experiment.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SizeArgument {
    /// Seconds to reconstruct
    Tiny,
    /// The example data sets; vanadium: four particles at 40 energies
    Small,
    /// Four times the field; vanadium: as published, some 20 GB
    Paper,
}

/// Far or near field.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FieldArgument {
    /// Fraunhofer
    Far,
    /// Fresnel
    Near,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArguments {
    /// What to simulate
    pub(crate) experiment: Experiment,
    /// Folder for the scans, the experiment files and truth.h5
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// How large
    #[arg(long, value_enum, default_value = "small")]
    pub(crate) size: SizeArgument,
    /// Far or near field
    #[arg(long, value_enum, default_value = "far")]
    pub(crate) regime: FieldArgument,
    /// Seed of the noise
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Photons per frame [default: the experiment's own, 1e5 to 1e7]
    #[arg(long, value_name = "N")]
    pub(crate) photons: Option<f64>,
    /// Share of the photons in a structured incoherent background [default: none]
    #[arg(long, value_name = "SHARE")]
    pub(crate) background: Option<f64>,
    /// vanadium: factor on the photons per frame, 0.1 for a tenth of the dose [default: 1]
    #[arg(long, value_name = "FACTOR", conflicts_with = "object")]
    pub(crate) dose: Option<f64>,
    /// vanadium: samples to simulate, of P1,P2,P3,D1,D2,D3,LiVO2,LiVO3 [default: those of the size]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with = "object")]
    pub(crate) samples: Option<Vec<String>>,
    /// Your own object instead: complex (y, x), FILE:/path
    #[arg(long, value_name = "FILE:/path", requires_all = ["probe", "positions", "energy", "object_pixel"])]
    pub(crate) object: Option<String>,
    /// Probe modes for --object: complex (mode, y, x), FILE:/path
    #[arg(long, value_name = "FILE:/path", requires = "object")]
    pub(crate) probe: Option<String>,
    /// Corners of the patches on --object: (N, 2) as y, x in pixels, FILE:/path
    #[arg(long, value_name = "FILE:/path", requires = "object")]
    pub(crate) positions: Option<String>,
    /// Photon energy for --object, eV
    #[arg(long, value_name = "EV", requires = "object")]
    pub(crate) energy: Option<f64>,
    /// Pixel of --object, m
    #[arg(long, value_name = "M", requires = "object")]
    pub(crate) object_pixel: Option<f64>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// Result file
    pub(crate) file: PathBuf,
    /// File to write; its ending (png, tif, npy, csv) says how
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// phase, amplitude, object, probe, coverage, background, positions, loss, frc, prtf
    #[arg(long, default_value = "phase")]
    pub(crate) what: String,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Result file
    pub(crate) file: PathBuf,
    /// Report to write [default: beside the result, ending in .html]
    #[arg(short, long, value_name = "OUT.html")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Configuration files with a schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SchemaArgument {
    /// Settings of reconstruct (--config)
    Reconstruct,
    /// A beam's optics (--probe)
    Optics,
    /// A multi-energy experiment (spectrum-scan)
    Experiment,
    /// A whole experiment (run)
    Run,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// Which configuration
    #[arg(value_enum, default_value = "reconstruct")]
    pub(crate) config: SchemaArgument,
}
