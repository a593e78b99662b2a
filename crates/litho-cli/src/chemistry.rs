//! Commands of three-dimensional chemistry.

use crate::tilts::tell;
use clap::Args;
use litho_pipeline::PipelineError;
use litho_pipeline::chemistry::{self, ChemistryConfig, MatterSetting};
use litho_pipeline::config;
use litho_pipeline::particles::{self, ParticlesConfig};
use litho_types::observer::CancelToken;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct ChemistryArguments {
    /// Volumes of optical density, one per energy
    #[arg(value_name = "VOLUME", required = true, num_args = 1..)]
    pub(crate) volumes: Vec<PathBuf>,
    /// Optical density of one nanometre of each phase (`lithoscope schema references`)
    #[arg(long, value_name = "R.toml")]
    pub(crate) references: PathBuf,
    /// File of maps to write
    #[arg(short, long, value_name = "CHEMISTRY.h5")]
    pub(crate) output: PathBuf,
    /// Configuration file (`lithoscope schema chemistry`); flags win over it
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    /// Photon energies of the volumes, eV, in their order [default: what the files say]
    #[arg(long, value_name = "EV,EV", value_delimiter = ',')]
    pub(crate) energies: Option<Vec<f64>>,
    /// What differs in place between the volumes: none, shift, rigid, similarity [default: similarity]
    #[arg(long, value_name = "MOTION")]
    pub(crate) register: Option<String>,
    /// What makes a voxel matter: half-plateau, otsu, or a share of a full voxel [default: half-plateau]
    #[arg(long, value_name = "HOW")]
    pub(crate) matter: Option<String>,
    /// Fractions of the second phase between which a voxel is mixed [default: 0.3,0.7]
    #[arg(long, value_name = "LOW,HIGH", value_delimiter = ',', num_args = 2)]
    pub(crate) mixed: Option<Vec<f64>>,
    /// Stack of images of the same sample at tilt 0, to compare the projected volume with
    #[arg(long, value_name = "STACK.h5")]
    pub(crate) stack: Option<String>,
    /// Threads; results have the same bits for any number [default: one per core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct ParticlesArguments {
    /// Result of chemistry
    #[arg(value_name = "CHEMISTRY.h5")]
    pub(crate) chemistry: PathBuf,
    /// File of particles to write; the table lies beside it as .csv
    #[arg(short, long, value_name = "PARTICLES.h5")]
    pub(crate) output: PathBuf,
    /// Configuration file (`lithoscope schema particles`); flags win over it
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    /// How touching particles are told apart: plates, watershed, components [default: plates]
    #[arg(long, value_name = "HOW")]
    pub(crate) split: Option<String>,
    /// Resolution of the volume, full width at half maximum, nm [default: 1.2 voxels]
    #[arg(long, value_name = "NM")]
    pub(crate) resolution: Option<f64>,
    /// Particles of fewer voxels are left out [default: 60]
    #[arg(long, value_name = "VOXELS")]
    pub(crate) smallest: Option<usize>,
    /// Fractions of the second phase from which a particle is active [default: 0.15,0.25]
    #[arg(long, value_name = "FRACTION,…", value_delimiter = ',')]
    pub(crate) active: Option<Vec<f64>>,
    /// Threads; results have the same bits for any number [default: one per core]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
}

pub(crate) fn chemistry(arguments: &ChemistryArguments) -> Result<u8, PipelineError> {
    let file: ChemistryConfig = config::read_or_default(arguments.config.as_deref())?;
    let matter = arguments.matter.as_ref().map(|text| match text.parse() {
        Ok(share) => MatterSetting::Share(share),
        Err(_) => MatterSetting::Word(text.clone()),
    });
    let mixed = arguments.mixed.as_deref().and_then(|pair| pair.try_into().ok());
    let request = chemistry::Request {
        volumes: arguments.volumes.clone(),
        references: arguments.references.clone(),
        projections: Vec::new(),
        output: arguments.output.clone(),
        config: ChemistryConfig {
            energies_ev: arguments.energies.clone().or(file.energies_ev),
            register: arguments.register.clone().or(file.register),
            matter: matter.or(file.matter),
            mixed: mixed.or(file.mixed),
            stack: arguments.stack.clone().or(file.stack),
            threads: arguments.threads.or(file.threads),
            ..file
        },
    };
    Ok(tell(&chemistry::chemistry(&request)?))
}

pub(crate) fn particles(arguments: &ParticlesArguments, cancel: &CancelToken) -> Result<u8, PipelineError> {
    let file: ParticlesConfig = config::read_or_default(arguments.config.as_deref())?;
    let request = particles::Request {
        chemistry: arguments.chemistry.clone(),
        output: arguments.output.clone(),
        config: ParticlesConfig {
            split: arguments.split.clone().or(file.split),
            resolution_nm: arguments.resolution.or(file.resolution_nm),
            smallest_voxels: arguments.smallest.or(file.smallest_voxels),
            active: arguments.active.clone().or(file.active),
            threads: arguments.threads.or(file.threads),
            ..file
        },
    };
    Ok(tell(&particles::particles(&request, cancel)?))
}
