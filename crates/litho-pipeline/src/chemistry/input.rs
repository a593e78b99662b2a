//! The volumes of all energies, and the references at those energies.

use super::settings::ChemistrySettings;
use crate::error::PipelineError;
use crate::provenance::{fingerprint, hash_of_text};
use crate::unmix::read_references;
use crate::volume_input::{self, fitted};
use litho_io::read_result;
use litho_spectro::chemistry::PhaseReferences;
use litho_types::quantity::Metres;
use litho_types::volume::VolumeQuantity;
use ndarray::{Array1, Array2, Array3, Ix3};
use std::path::{Path, PathBuf};

/// Unit of the references: one nanometre of material.
pub(super) const UNIT: Metres = Metres::new(1e-9);

/// Volumes of optical density, all of the first's shape.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) energies: Vec<f64>,
    pub(super) volumes: Vec<Array3<f32>>,
    /// Standard deviations of the voxels, if all files state them.
    pub(super) sigma: Option<Vec<Array3<f32>>>,
    pub(super) voxel: Metres,
    pub(super) references: PhaseReferences,
    pub(super) size: u64,
    pub(super) hash: String,
    pub(super) warnings: Vec<String>,
}

impl Input {
    /// Reads volumes and references.
    ///
    /// # Errors
    /// [`PipelineError`] if a file cannot be read, volumes differ in voxel or are no optical densities, an energy is missing or
    /// is not covered by a reference.
    pub(super) fn read(
        volumes: &[PathBuf],
        references: &Path,
        settings: &ChemistrySettings,
    ) -> Result<Self, PipelineError> {
        let energies = energies(volumes, settings.energies.as_deref())?;
        let mut warnings = Vec::new();
        let mut all = Vec::new();
        let (mut sigma, mut voxel, mut size, mut hashes) = (Some(Vec::new()), None, 0, String::new());
        for path in volumes {
            let volume = volume_input::load(path)?;
            match volume.quantity {
                VolumeQuantity::OpticalDensity => {}
                VolumeQuantity::Unknown => warnings.push(format!(
                    "{} does not say what its numbers are: they are taken for the optical density of a voxel",
                    path.display()
                )),
                other => {
                    return unsuitable(
                        path,
                        &format!(
                            "holds {}; chemistry needs the optical density: align with --quantity od",
                            other.name()
                        ),
                    );
                }
            }
            same_voxel(path, &mut voxel, volume.voxel)?;
            let shape = all.first().map_or(volume.data.dim(), |first: &Array3<f32>| first.dim());
            sigma = match (sigma, sigma_of(path)?) {
                (Some(mut list), Some(own)) => {
                    list.push(fitted(shape, own.view()));
                    Some(list)
                }
                _ => None,
            };
            all.push(fitted(shape, volume.data.view()));
            let (bytes, hash) = fingerprint(path)?;
            size += bytes;
            hashes += &hash;
        }
        let Some(voxel) = voxel else {
            let named = volumes.first().map(|path| path.display().to_string()).unwrap_or_default();
            return Err(PipelineError::argument("VOLUME", named, "give the volume of every energy"));
        };
        let references = at_energies(references, &energies)?;
        Ok(Self {
            energies,
            volumes: all,
            sigma,
            voxel,
            references,
            size,
            hash: hash_of_text(&hashes),
            warnings,
        })
    }
}

/// Energies as said, else as the files say.
fn energies(volumes: &[PathBuf], said: Option<&[f64]>) -> Result<Vec<f64>, PipelineError> {
    if let Some(said) = said {
        if said.len() != volumes.len() {
            let reason =
                format!("gives {} energies for {} volumes; give one for each", said.len(), volumes.len());
            return Err(PipelineError::argument("energies_ev", format!("{said:?}"), reason));
        }
        return Ok(said.to_vec());
    }
    let of_file = |path: &PathBuf| match read_result(path).and_then(|file| file.number("/entry/energy")) {
        Ok(energy) => Ok(energy),
        Err(_) => unsuitable(path, "does not state its photon energy; give --energies"),
    };
    let energies: Vec<f64> = volumes.iter().map(of_file).collect::<Result<_, _>>()?;
    for (index, energy) in energies.iter().enumerate() {
        if energies[..index].contains(energy) {
            return unsuitable(
                &volumes[index],
                &format!("has the same energy, {energy} eV, as another volume"),
            );
        }
    }
    Ok(energies)
}

fn same_voxel(path: &Path, known: &mut Option<Metres>, own: Option<Metres>) -> Result<(), PipelineError> {
    let Some(own) = own else { return unsuitable(path, "does not state the size of its voxels") };
    match known {
        // one per mille: what a similarity may differ by
        Some(first) if (own / *first - 1.0).abs() > 1e-3 => unsuitable(
            path,
            &format!("has voxels of {} nm, the first volume {} nm", own.value() * 1e9, first.value() * 1e9),
        ),
        Some(_) => Ok(()),
        None => {
            *known = Some(own);
            Ok(())
        }
    }
}

fn sigma_of(path: &Path) -> Result<Option<Array3<f32>>, PipelineError> {
    const AT: &str = "/entry/sigma/data";
    match read_result(path) {
        Ok(file) if file.contains(AT) => Ok(file.real_f32(AT)?.into_dimensionality::<Ix3>().ok()),
        // other formats hold a volume alone
        _ => Ok(None),
    }
}

/// Optical densities of the references at the energies of the volumes.
pub(super) fn at_energies(path: &Path, energies: &[f64]) -> Result<PhaseReferences, PipelineError> {
    let spectra = read_references(path)?;
    let mut density = Array2::zeros((energies.len(), spectra.len()));
    for (phase, spectrum) in spectra.iter().enumerate() {
        density.column_mut(phase).assign(&Array1::from(spectrum.values_at(energies)?));
    }
    let names = spectra.iter().map(|spectrum| spectrum.name().to_owned()).collect();
    Ok(PhaseReferences::new(names, density)?)
}

pub(super) fn unsuitable<T>(path: &Path, reason: &str) -> Result<T, PipelineError> {
    Err(PipelineError::Unsuitable { file: path.display().to_string(), reason: reason.to_owned() })
}
