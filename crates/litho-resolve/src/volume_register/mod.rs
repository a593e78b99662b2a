//! Registration of two volumes of one object whose contrast differs, as two energies make it.
//!
//! The whole-voxel shift is the peak of the cross-correlation. Shift, rotation and scale are then refined by Gauss–Newton.
//!
//! **What is minimised.** If one factor led from one volume to the other, the squares of `m − g r` would do. Two phases have
//! two factors, and a registration with one of them is biased wherever phases are not spread evenly: 0.16° and 0.4 % of the
//! size for plates of two phases. But mixtures, blur and partly filled voxels only add: the
//! point `(r, m)` of a voxel lies *between* the rays of the pure phases, `g₁ r ≤ m ≤ g₂ r`, if the volumes lie on each
//! other, and edges leave that sector if they do not. The sum of squared distances from the sector is zero at the true
//! placement whatever the distribution of phases ([`Contrast::Between`]).
//!
//! Both volumes are smoothed a little first, so that noise, which interpolation between the voxels weakens, does not
//! draw the result to whole voxels. Matter is positive, around it there is about zero.

mod coarse;
mod placement;
mod refine;
mod sample;
mod smooth;
#[cfg(test)]
mod tests;

pub use placement::VolumePlacement;
pub use sample::apply_volume;

use crate::error::ResolveError;
use ndarray::ArrayView3;

const NAME: &str = "registration of volumes";
/// Smallest side of a volume.
const MIN_SIDE: usize = 16;

/// How bright the second volume is where the first is 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Contrast {
    /// The same everywhere; the factor is fitted.
    #[default]
    Proportional,
    /// Anything from the first to the second: the ratios of the densities of the phases at both energies.
    Between([f64; 2]),
}

/// What may differ between two volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VolumeMotion {
    /// A shift.
    Shift,
    /// A shift and a rotation.
    #[default]
    Rigid,
    /// A shift, a rotation and a scale.
    Similarity,
}

impl VolumeMotion {
    /// How many numbers: shifts, rotations, scale.
    fn numbers(self) -> usize {
        match self {
            Self::Shift => 3,
            Self::Rigid => 6,
            Self::Similarity => 7,
        }
    }
}

/// Everything that decides a registration of volumes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolumeSettings {
    /// What is fitted.
    pub motion: VolumeMotion,
    /// How the contrasts relate.
    pub contrast: Contrast,
    /// Standard deviation in voxels of the Gaussian that smooths both volumes at the end; thrice as wide at first.
    pub smooth: f64,
    /// Voxels count that have at least this part of the largest value of the smoothed reference.
    pub floor: f64,
    /// Most steps at each of the two widths.
    pub steps: usize,
}

impl Default for VolumeSettings {
    fn default() -> Self {
        Self {
            motion: VolumeMotion::default(),
            contrast: Contrast::default(),
            smooth: 1.0,
            floor: 0.05,
            steps: 30,
        }
    }
}

/// Where one volume lies relative to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolumeRegistration {
    /// Where the content of the second volume must be moved to, to lie on the first: give it to [`apply_volume`].
    pub placement: VolumePlacement,
    /// Root mean square of the misfit over that of the reference, at the whole-voxel shift and at the end.
    pub misfit: [f64; 2],
    /// Voxels that counted.
    pub voxels: usize,
    /// Steps taken at the end's width.
    pub steps: usize,
    /// False if they ran out.
    pub converged: bool,
}

/// Finds where the content of `moving` must be moved to, so that it lies on `reference`; both `(z, y, x)`, of one shape.
///
/// # Errors
/// [`ResolveError`] if shapes differ, a side is below 16 voxels, a number is not finite, a volume holds nothing positive, or
/// a setting makes no sense.
pub fn register_volumes(
    reference: ArrayView3<'_, f32>,
    moving: ArrayView3<'_, f32>,
    settings: &VolumeSettings,
) -> Result<VolumeRegistration, ResolveError> {
    settings.check()?;
    let shape = reference.dim();
    if moving.dim() != shape {
        return Err(ResolveError::VolumeMismatch {
            operation: NAME,
            first_shape: shape,
            second_shape: moving.dim(),
        });
    }
    if shape.0.min(shape.1).min(shape.2) < MIN_SIDE {
        return Err(ResolveError::VolumeTooSmall { operation: NAME, shape, minimum: MIN_SIDE });
    }
    check_finite("the reference", reference)?;
    check_finite("the moving volume", moving)?;
    let mut motion = refine::Motion::shifted(coarse::whole_shift(reference, moving));
    let at_width = |width: f64, motion: &mut refine::Motion, steps: usize| {
        let (r, m) = (smooth::smoothed(reference, width), smooth::smoothed(moving, width));
        refine::refine(&r, m, motion, settings, steps)
    };
    let start = at_width(settings.smooth, &mut motion, 0)?;
    at_width(3.0 * settings.smooth, &mut motion, settings.steps)?;
    let end = at_width(settings.smooth, &mut motion, settings.steps)?;
    Ok(VolumeRegistration {
        placement: motion.placement(),
        misfit: [start.misfit, end.misfit],
        voxels: end.voxels,
        steps: end.steps,
        converged: end.converged,
    })
}

impl VolumeSettings {
    fn check(&self) -> Result<(), ResolveError> {
        let wrong = |name, value, allowed| {
            Err(ResolveError::InvalidSetting { operation: NAME, name, value, allowed })
        };
        if !(0.0..=20.0).contains(&self.smooth) {
            return wrong("the smoothing", self.smooth, "from 0 to 20 voxels");
        }
        if !(0.0..1.0).contains(&self.floor) {
            return wrong("the floor", self.floor, "from 0 to below 1");
        }
        match self.contrast {
            Contrast::Between([low, high]) if !(low.is_finite() && high.is_finite() && low < high) => {
                wrong("the lower ratio of the contrasts", low, "a number below the upper one")
            }
            _ => Ok(()),
        }
    }
}

/// Names the first voxel that is NaN or infinite.
fn check_finite(name: &'static str, volume: ArrayView3<'_, f32>) -> Result<(), ResolveError> {
    match volume.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((z, y, x), _)) => Err(ResolveError::VoxelNotFinite { operation: NAME, volume: name, z, y, x }),
        None => Ok(()),
    }
}
