//! The command line of tomography, as it is typed. The doc comments are its help texts.
#![expect(clippy::doc_markdown, reason = "help texts are printed as they stand, not rendered")]

use clap::Args;
use std::path::PathBuf;

/// How to read a tilt series that lithoscope did not write.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading the tilt series")]
pub(crate) struct TiltsArguments {
    /// File format: lithoscope, nxtomo, exchange, hdf5, tiff [default: recognised]
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<String>,
    /// HDF5 dataset of the projections
    #[arg(long, value_name = "KEY")]
    pub(crate) dataset: Option<String>,
    /// Angles in the order of the projections: FIRST..LAST, a dataset, FILE:/path or a text table
    #[arg(long, value_name = "FROM")]
    pub(crate) angles: Option<String>,
    /// Unit of the angles: deg, rad [default: what the file says, else told from their size]
    #[arg(long, value_name = "UNIT")]
    pub(crate) angle_unit: Option<String>,
    /// Order of the axes of a dataset: ayx (angle, y, x), yax (sinograms), yxa
    #[arg(long, value_name = "ORDER")]
    pub(crate) axes: Option<String>,
    /// Pixel on the sample, m
    #[arg(long, value_name = "M")]
    pub(crate) pixel: Option<f64>,
    /// Photon energy, eV
    #[arg(long, value_name = "EV")]
    pub(crate) energy: Option<f64>,
    /// What the numbers are: complex, phase, optical-density, transmission, intensity [default: what the file says]
    #[arg(long, value_name = "WHAT")]
    pub(crate) numbers: Option<String>,
    /// Flat fields of intensities: a dataset, FILE:/path, a TIFF file or folder
    #[arg(long, value_name = "FROM")]
    pub(crate) flat: Option<String>,
    /// Dark fields, likewise
    #[arg(long, value_name = "FROM")]
    pub(crate) dark: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AlignArguments {
    /// Tilt series: HDF5, NXtomo, Data Exchange, TIFF
    #[arg(value_name = "TILTS")]
    pub(crate) tilts: PathBuf,
    /// File of aligned projections to write
    #[arg(short, long, value_name = "ALIGNED.h5")]
    pub(crate) output: PathBuf,
    /// Configuration file (`lithoscope schema align`); flags win over it
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    /// What complex projections become: phase, od [default: phase]
    #[arg(long, value_name = "WHAT")]
    pub(crate) quantity: Option<String>,
    /// What moves from projection to projection: shift, similarity (shift, rotation, scale), none [default: shift]
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Take the placements of this result of align, for another energy or channel
    #[arg(long, value_name = "ALIGNED.h5")]
    pub(crate) placements: Option<String>,
    /// Air in every projection: Y0,X0,Y1,X1 in pixels [default: found]
    #[arg(long, value_name = "RECTANGLE", value_delimiter = ',', num_args = 4)]
    pub(crate) air: Option<Vec<usize>>,
    /// Projections that are left out: none, flagged [default: none]
    #[arg(long, value_name = "WHICH")]
    pub(crate) leave_out: Option<String>,
    /// Threads; results have the same bits for any number [default: one per core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) input: TiltsArguments,
}

#[derive(Debug, Args)]
pub(crate) struct TomoArguments {
    /// Tilt series, usually aligned
    #[arg(value_name = "TILTS")]
    pub(crate) tilts: PathBuf,
    /// Volume to write: .h5, .tif, .zarr, .mrc
    #[arg(short, long, value_name = "VOLUME")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) volume: VolumeArguments,
    #[command(flatten)]
    pub(crate) input: TiltsArguments,
}

/// How a volume is reconstructed, shared by `tomo` and `resolution --split`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reconstruction of the volume")]
pub(crate) struct VolumeArguments {
    /// Configuration file (`lithoscope schema tomo`); flags win over it
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    /// fbp, derivative (fbp from phase gradients), fourier, art, sart, sirt, cgls, tv, wedge [default: fbp]
    #[arg(long, value_name = "METHOD")]
    pub(crate) method: Option<String>,
    /// Iterations [default: 20; 100 for tv and wedge]
    #[arg(long, value_name = "N")]
    pub(crate) iterations: Option<usize>,
    /// Share of each correction that art and sart apply
    #[arg(long, value_name = "LAMBDA")]
    pub(crate) relaxation: Option<f64>,
    /// Window of the ramp filter: ramp, shepp-logan, cosine, hamming, hann [default: ramp]
    #[arg(long, value_name = "WINDOW")]
    pub(crate) filter: Option<String>,
    /// What is written: od, phase, delta, electron-density, mass-density
    #[arg(long, value_name = "QUANTITY")]
    pub(crate) quantity: Option<String>,
    /// Chemical formula for mass-density
    #[arg(long, value_name = "FORMULA")]
    pub(crate) formula: Option<String>,
    /// Column of the rotation axis: middle, auto, or pixels from the middle of column 0
    #[arg(long, value_name = "COLUMN")]
    pub(crate) axis: Option<String>,
    /// No voxel below 0
    #[arg(long)]
    pub(crate) positive: bool,
    /// Also reconstruct odd and even projections, for the resolution and σ
    #[arg(long)]
    pub(crate) split: bool,
    /// Threads; results have the same bits for any number [default: one per core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
}
