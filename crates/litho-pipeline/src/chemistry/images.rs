//! Images of the sample at tilt 0, which the projected volume is held against.

use super::input::{at_energies, unsuitable};
use super::run::Request;
use super::settings::ChemistrySettings;
use crate::error::PipelineError;
use crate::provenance::fingerprint;
use crate::stack_input;
use crate::volume_input::fitted;
use litho_io::{TiltOptions, TiltQuantity, plan_tilts, read_tilt_rows};
use litho_spectro::chemistry::PhaseReferences;
use litho_types::quantity::Metres;
use ndarray::{Array3, Axis};
use std::path::{Path, PathBuf};

/// Where images come from, and with that what their agreement proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A stack of its own: an independent measurement. Its images lie on each other.
    Stack,
    /// The projections nearest to 0° that the volumes are made of: that tests reconstruction and registration. Every energy was
    /// aligned by itself.
    Projections,
}

/// Optical densities `(energy, z, x)` as large as the projected volume; NaN where nothing was measured.
#[derive(Debug)]
pub(super) struct Images {
    pub(super) origin: Origin,
    pub(super) energies: Vec<f64>,
    pub(super) density: Array3<f32>,
    pub(super) references: PhaseReferences,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) hash: String,
    pub(super) warnings: Vec<String>,
}

/// What images have to fit to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) shape: (usize, usize, usize),
    pub(super) voxel: Metres,
    pub(super) energies: &'a [f64],
}

/// An angle further from 0° than this is told, degrees: over a hundred voxels of depth it moves the ends by a voxel.
const STRAIGHT: f64 = 1.0;

impl Images {
    /// The stack if one is named, else the projections if there are any.
    ///
    /// # Errors
    /// [`PipelineError`] if a file cannot be read, has pixels of another size than the voxels, or an energy that the references do
    /// not reach.
    pub(super) fn read(
        request: &Request,
        settings: &ChemistrySettings,
        frame: Frame<'_>,
    ) -> Result<Option<Self>, PipelineError> {
        match &settings.config.stack {
            Some(stack) => Self::of_stack(Path::new(stack), &request.references, settings, frame).map(Some),
            None if request.projections.is_empty() => Ok(None),
            None => Self::of_projections(&request.projections, &request.references, frame).map(Some),
        }
    }

    fn of_stack(
        path: &Path,
        references: &Path,
        settings: &ChemistrySettings,
        frame: Frame<'_>,
    ) -> Result<Self, PipelineError> {
        let loaded = stack_input::load(path, &settings.stack)?;
        let mut warnings = loaded.warnings;
        match loaded.stack.pixel() {
            Some(pixel) => {
                [pixel.y, pixel.x].into_iter().try_for_each(|edge| same_pixel(path, edge, frame.voxel))?;
            }
            None => warnings.push(format!(
                "{} does not state its pixels: they are taken to be as large as the voxels",
                path.display()
            )),
        }
        let energies = loaded.stack.energies().electron_volts();
        let references = at_energies(references, &energies)?;
        let density = framed(loaded.stack.optical_density(), frame);
        let (name, size, hash) = (path.display().to_string(), loaded.size, loaded.hash);
        Ok(Self { origin: Origin::Stack, energies, density, references, name, size, hash, warnings })
    }

    /// The projection nearest to 0° of every energy.
    fn of_projections(files: &[PathBuf], references: &Path, frame: Frame<'_>) -> Result<Self, PipelineError> {
        if files.len() != frame.energies.len() {
            let reason = format!(
                "gives {} series for {} volumes; give one for each",
                files.len(),
                frame.energies.len()
            );
            return Err(PipelineError::argument("projections", format!("{files:?}"), reason));
        }
        let (nz, _, nx) = frame.shape;
        let mut density = Array3::from_elem((files.len(), nz, nx), f32::NAN);
        let (mut size, mut hashes, mut warnings) = (0, String::new(), Vec::new());
        for (path, mut place) in files.iter().zip(density.outer_iter_mut()) {
            let (image, degrees) = straight(path, frame.voxel)?;
            if degrees.abs() > STRAIGHT {
                let path = path.display();
                warnings.push(format!("the projection of {path} nearest to 0° is at {degrees:.1}°"));
            }
            place.assign(&framed(&image, frame).index_axis(Axis(0), 0));
            let (bytes, hash) = fingerprint(path)?;
            size += bytes;
            hashes += &hash;
        }
        Ok(Self {
            origin: Origin::Projections,
            energies: frame.energies.to_vec(),
            density,
            references: at_energies(references, frame.energies)?,
            name: files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
            size,
            hash: hashes,
            warnings,
        })
    }
}

/// The projection nearest to 0° as a stack of one image, and its angle in degrees.
fn straight(path: &Path, voxel: Metres) -> Result<(Array3<f32>, f64), PipelineError> {
    let plan = plan_tilts(path, &TiltOptions::default())?;
    if plan.quantity != TiltQuantity::OpticalDensity {
        let reason = format!("holds {}; the comparison needs optical densities", plan.quantity.name());
        return unsuitable(path, &reason);
    }
    if let Some(pixel) = plan.pixel {
        same_pixel(path, pixel, voxel)?;
    }
    let angles = plan.angles.radians();
    let nearest = (0..angles.len()).min_by(|a, b| angles[*a].abs().total_cmp(&angles[*b].abs())).unwrap_or(0);
    let image = read_tilt_rows(&plan, 0..plan.shape.0)?.index_axis_move(Axis(0), nearest);
    Ok((image.insert_axis(Axis(0)), angles.get(nearest).copied().unwrap_or(0.0).to_degrees()))
}

/// Images of the frame's size with their middle in its middle.
fn framed(images: &Array3<f32>, frame: Frame<'_>) -> Array3<f32> {
    let (nz, _, nx) = frame.shape;
    let known = images.mapv(Some);
    fitted((images.dim().0, nz, nx), known.view()).mapv(|value| value.unwrap_or(f32::NAN))
}

fn same_pixel(path: &Path, pixel: Metres, voxel: Metres) -> Result<(), PipelineError> {
    // one per mille, a tenth of a pixel over a hundred: what voxels may differ by
    if (pixel / voxel - 1.0).abs() <= 1e-3 {
        return Ok(());
    }
    let [pixel, voxel] = [pixel, voxel].map(|edge| edge.value() * 1e9);
    unsuitable(
        path,
        &format!("has pixels of {pixel} nm, the volume voxels of {voxel} nm; bring both to one size"),
    )
}
