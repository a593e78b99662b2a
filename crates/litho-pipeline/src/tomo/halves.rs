//! Odd and even projections by themselves: resolution and noise.

use crate::error::PipelineError;
use crate::resolution::describe;
use litho_resolve::fsc::{Direction, Fsc, FscOptions, Measured, fourier_shell_correlation};
use litho_tomo::halves::{noise, sigma_map};
use litho_types::quantity::Metres;
use litho_types::tilt::TiltAngles;
use ndarray::Array3;

/// What two halves say of a volume.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Halves {
    pub(crate) fsc: Fsc,
    /// Standard deviation around each voxel `(z, y, x)`, in the quantity that is written.
    pub(crate) sigma: Array3<f32>,
    /// The same over all voxels, little moved by streaks.
    pub(crate) typical_sigma: f64,
}

/// Voxels on each side of one whose differences give its σ: 125 voxels know it to 6 %.
const REACH: usize = 2;

impl Halves {
    /// Compares the volumes of two halves.
    ///
    /// # Errors
    /// [`PipelineError`] if they are too small for shells.
    pub(crate) fn compare(
        [first, second]: &[Array3<f32>; 2],
        angles: &TiltAngles,
        voxel: Option<Metres>,
    ) -> Result<Self, PipelineError> {
        let options = FscOptions {
            measured: Measured::tilts(angles),
            directions: Direction::of_wedge(angles),
            voxel,
            ..FscOptions::default()
        };
        let fsc = fourier_shell_correlation(first.view(), second.view(), &options)?;
        let sigma = sigma_map(first.view(), second.view(), REACH)?;
        let typical_sigma = noise(first.view(), second.view(), None)?.robust_sigma;
        Ok(Self { fsc, sigma, typical_sigma })
    }
}

/// Lines about the resolution.
pub(crate) fn fsc_lines(fsc: &Fsc) -> Vec<String> {
    let voxel = fsc.options.voxel;
    let mut lines = vec![
        describe("FSC ½-bit", &fsc.whole.half_bit_limits, voxel),
        describe("FSC 1-bit", &fsc.whole.one_bit_limits, voxel),
    ];
    lines.extend(fsc.directions.iter().map(|(direction, curve)| {
        describe(&format!("FSC ½-bit {}", direction.name), &curve.half_bit_limits, voxel)
    }));
    lines
}
