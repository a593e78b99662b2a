//! The command line, as it is typed. The doc comments are its help texts.
#![expect(clippy::doc_markdown, reason = "help texts are printed as they stand, not rendered")]

use crate::chemistry::{ChemistryArguments, ParticlesArguments};
use crate::tilt_arguments::{AlignArguments, TomoArguments};
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
    /// Fit the spectrum of every pixel of a stack: edge energy, pre-edge peak, composition
    #[command(allow_negative_numbers = true)]
    Xanes(XanesArguments),
    /// Sort pixels of one or more particles into chemical domains
    Cluster(ClusterArguments),
    /// Fit every pixel of a stack with reference spectra
    #[command(allow_negative_numbers = true)]
    Unmix(UnmixArguments),
    /// Prepare and align the projections of a tilt series
    #[command(allow_negative_numbers = true)]
    Align(AlignArguments),
    /// Reconstruct a volume from a tilt series
    #[command(allow_negative_numbers = true)]
    Tomo(TomoArguments),
    /// Find what every voxel is made of, from volumes at two energies or more
    Chemistry(ChemistryArguments),
    /// Find, measure and count the particles of a volume
    Particles(ParticlesArguments),
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
    /// The experiment: samples, settings of the stages (`lithoscope schema run`, `lithoscope schema tomography`)
    #[arg(value_name = "EXPERIMENT.toml")]
    pub(crate) experiment: PathBuf,
    /// Folder for the results [default: the experiment's name, beside it]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Repeat this stage and all after it: spectrum-scan, xanes, cluster, report; of tomography: projections, align, tomo,
    /// report
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

/// How to read a stack that lithoscope did not write.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading the stack")]
pub(crate) struct StackArguments {
    /// File format: lithoscope, nxstxm, exchange, hdf5, tiff [default: recognised]
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<String>,
    /// HDF5 dataset of the images
    #[arg(long, value_name = "KEY")]
    pub(crate) dataset: Option<String>,
    /// Energies, eV: a dataset, FILE:/path or a text table, in the order of the images
    #[arg(long, value_name = "FROM")]
    pub(crate) energies: Option<String>,
    /// Pixel on the sample, m
    #[arg(long, value_name = "M")]
    pub(crate) pixel: Option<f64>,
    /// What the numbers are: optical-density, transmission, intensity, complex [default: what the file says]
    #[arg(long, value_name = "WHAT")]
    pub(crate) quantity: Option<String>,
    /// Incident intensity: a dataset, FILE:/path or a text table
    #[arg(long, value_name = "FROM")]
    pub(crate) incident: Option<String>,
    /// Or air beside the sample, whose mean is the incident intensity: Y0,X0,Y1,X1 in pixels
    #[arg(long, value_name = "RECTANGLE", value_delimiter = ',', num_args = 4)]
    pub(crate) air: Option<Vec<usize>>,
    /// Order of the axes of a dataset: eyx, yxe, xye
    #[arg(long, value_name = "ORDER")]
    pub(crate) axes: Option<String>,
    /// Align the images to each other first
    #[arg(long)]
    pub(crate) align: bool,
}

#[derive(Debug, Args)]
pub(crate) struct XanesArguments {
    /// Stack of images over energy
    #[arg(value_name = "STACK.h5")]
    pub(crate) stack: PathBuf,
    /// File of maps to write
    #[arg(short, long, value_name = "MAPS.h5")]
    pub(crate) output: PathBuf,
    /// Configuration file (`lithoscope schema xanes`); flags win over it
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    /// Element whose edge was scanned [default: what the stack says]
    #[arg(long, value_name = "SYMBOL")]
    pub(crate) absorber: Option<String>,
    /// Scattering factors: table, or paper for those of the vanadium paper [default: table]
    #[arg(long, value_name = "SOURCE")]
    pub(crate) constants: Option<String>,
    /// Repeat the last steps of every fit in double precision
    #[arg(long)]
    pub(crate) polish: bool,
    /// Threads; results have the same bits for any number [default: one per core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) input: StackArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ClusterArguments {
    /// Maps written by xanes, one file per particle
    #[arg(value_name = "MAPS.h5", required = true)]
    pub(crate) maps: Vec<PathBuf>,
    /// File of domains to write
    #[arg(short, long, value_name = "DOMAINS.h5")]
    pub(crate) output: PathBuf,
    /// Number of clusters, or auto [default: auto]
    #[arg(long, value_name = "K")]
    pub(crate) k: Option<String>,
    /// Configuration file (`lithoscope schema cluster`); flags win over it
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    /// Maps to sort by [default: edge_energy,pre_edge_ratio,n_eff_ratio]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) descriptors: Option<Vec<String>>,
    /// Map that fractions and spectra are weighted by, or none [default: n_absorber]
    #[arg(long, value_name = "NAME")]
    pub(crate) weight: Option<String>,
    /// kmeans, or gmm for a Gaussian mixture [default: kmeans]
    #[arg(long, value_name = "HOW")]
    pub(crate) method: Option<String>,
    /// Particles that count together: NAME=FILE,FILE; may be given several times [default: each by itself]
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Vec<String>,
    /// Stacks of the inputs, in their order, for mean spectra [default: those the maps were made from]
    #[arg(long, value_name = "FILES", value_delimiter = ',')]
    pub(crate) stack: Vec<String>,
    /// Take over the labels of a previous result
    #[arg(long = "match", value_name = "DOMAINS.h5")]
    pub(crate) match_labels: Option<String>,
    /// Seed of everything random [default: 1]
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Threads; results have the same bits for any number [default: one per core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct UnmixArguments {
    /// Stack of images over energy
    #[arg(value_name = "STACK.h5")]
    pub(crate) stack: PathBuf,
    /// Reference spectra (`lithoscope schema references`)
    #[arg(long, value_name = "R.toml")]
    pub(crate) references: PathBuf,
    /// File of maps to write
    #[arg(short, long, value_name = "LCF.h5")]
    pub(crate) output: PathBuf,
    /// Configuration file (`lithoscope schema unmix`); flags win over it
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    /// ols, nnls (no coefficient below 0), sum-to-one [default: nnls]
    #[arg(long, value_name = "HOW")]
    pub(crate) method: Option<String>,
    /// Fitted besides: none, constant, linear [default: constant]
    #[arg(long, value_name = "WHAT")]
    pub(crate) background: Option<String>,
    /// Energies to fit, eV: LOW,HIGH [default: all]
    #[arg(long, value_name = "RANGE", value_delimiter = ',', num_args = 2)]
    pub(crate) range: Option<Vec<f64>>,
    /// Energy shift of the references: none, shared, per-pixel [default: none]
    #[arg(long, value_name = "OF")]
    pub(crate) shift: Option<String>,
    /// Threads; results have the same bits for any number [default: one per core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) input: StackArguments,
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
    /// Scan file, example:NAME, or a tilt series
    pub(crate) file: String,
    /// How a volume would be reconstructed from a tilt series, as in tomo [default: fbp]
    #[arg(long, value_name = "METHOD")]
    pub(crate) method: Option<String>,
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
    /// Result file or volume; with --split a scan file, example:NAME, or a tilt series
    pub(crate) first: String,
    /// A second result to correlate with the first
    #[arg(conflicts_with = "split")]
    pub(crate) second: Option<PathBuf>,
    /// Split the scan or tilt series FIRST into halves and reconstruct them
    #[arg(long)]
    pub(crate) split: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// How halves of a tilt series are reconstructed, as in tomo [default: fbp]
    #[arg(long, value_name = "METHOD")]
    pub(crate) method: Option<String>,
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
    /// Tomography of lithium iron phosphate plates at two energies of the Fe L3 edge
    Lfp,
    /// Tomography of a lithium-rich NMC particle at 7 keV
    Nmc,
}

/// Size of a simulated experiment.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SizeArgument {
    /// Seconds to reconstruct
    Tiny,
    /// The example data sets; vanadium: four particles at 40 energies; lfp, nmc: frames at every angle
    Small,
    /// Four times the field; vanadium: as published, some 20 GB; lfp, nmc: as published, without frames
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
    /// lfp, nmc: only tilt series, no frames [default at paper size]
    #[arg(long, conflicts_with = "object")]
    pub(crate) projections: bool,
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
    /// Result file or volume
    pub(crate) file: PathBuf,
    /// File to write; its ending (png, tif, npy, csv; of a volume h5, tif, npy, mrc, zarr, png) says how
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
    /// A whole spectroscopic experiment (run)
    Run,
    /// A whole tomographic experiment (run)
    Tomography,
    /// Settings of align (--config)
    Align,
    /// Settings of tomo (--config)
    Tomo,
    /// Settings of chemistry (--config)
    Chemistry,
    /// Settings of particles (--config)
    Particles,
    /// Settings of xanes (--config)
    Xanes,
    /// Settings of cluster (--config)
    Cluster,
    /// Settings of unmix (--config)
    Unmix,
    /// Reference spectra of unmix and chemistry (--references)
    References,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// Which configuration
    #[arg(value_enum, default_value = "reconstruct")]
    pub(crate) config: SchemaArgument,
}
