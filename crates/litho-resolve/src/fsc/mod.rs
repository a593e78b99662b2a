//! Fourier shell correlation of two real volumes of one object.
//!
//! `C(q) = Re Σ F₁F₂* / √(Σ|F₁|² Σ|F₂|²)` over shells one Fourier voxel thick (Harauz & van Heel, Optik 73, 146 (1986)),
//! for whole shells and for cones around directions: a missing wedge of tilt angles, or axes that are resolved unlike
//! each other, show there. Thresholds are those of the [ring correlation](crate::frc) with `n` = voxels in the full
//! shell: half of them repeat the other half, but each of the rest has a real and an imaginary part.
//!
//! Volumes are compared as they are. Two halves of one tilt series share their alignment, or were registered before.
//!
//! One transform takes both volumes, as real and imaginary part: it needs 8 bytes a voxel, 16 in double precision,
//! besides the two volumes.

mod apodise;
mod direction;
mod independent;
mod shells;
pub(crate) mod transform;

pub use apodise::Across;
pub use direction::{Direction, Measured};
pub use independent::Counting;

use crate::crossing::{Limits, crossings_from};
use crate::error::ResolveError;
use crate::frc::{half_bit_threshold, one_bit_threshold};
use crate::window::Window;
use apodise::Apodisation;
use litho_types::quantity::Metres;
use ndarray::{Array3, ArrayView3, Axis};
use num_complex::Complex;
use rayon::prelude::*;
use shells::{Shells, Sums};
use transform::{Real, fft3};

const NAME: &str = "Fourier shell correlation";
/// Smallest side of a volume.
const MIN_SIDE: usize = 8;
/// Lowest frequency at which a crossing counts, cycles per voxel: 5 % of Nyquist. Shells below hold a handful of voxels.
const LOWEST_FREQUENCY: f64 = 0.025;

/// Numbers the transform is computed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// 8 bytes a voxel. Roundings of 10⁻⁷ of the whole power are far below the noise of measured volumes.
    #[default]
    Single,
    /// 16 bytes a voxel.
    Double,
}

/// Everything that decides a Fourier shell correlation.
#[derive(Debug, Clone, PartialEq)]
pub struct FscOptions {
    /// Apodisation in x and y.
    pub across: Across,
    /// Apodisation along z.
    pub along: Window,
    /// Count of independent numbers in the thresholds.
    pub counting: Counting,
    /// Frequencies that count.
    pub measured: Measured,
    /// Cones with a correlation of their own.
    pub directions: Vec<Direction>,
    /// Precision of the transform.
    pub precision: Precision,
    /// Edge of a voxel, if known.
    pub voxel: Option<Metres>,
}

impl Default for FscOptions {
    /// A raised cosine of 20 voxels around the slices' circle and Hann along z; every voxel counted, cones around z, y, x.
    fn default() -> Self {
        Self {
            across: Across::Circle(Window::Tukey { taper: 20.0 }),
            along: Window::Hann,
            counting: Counting::default(),
            measured: Measured::default(),
            directions: Direction::axes(),
            precision: Precision::default(),
            voxel: None,
        }
    }
}

/// The correlation of shells, or of their parts within a cone, over shells 1, 2, … up to Nyquist.
#[derive(Debug, Clone, PartialEq)]
pub struct ShellCurve {
    /// `Re C` of each shell; NaN where a volume has no power or the cone holds no voxel.
    pub correlation: Vec<f64>,
    /// ½-bit threshold: resolution of the mean of both volumes (split data). NaN where there is no voxel.
    pub half_bit: Vec<f64>,
    /// 1-bit threshold: resolution of each volume by itself.
    pub one_bit: Vec<f64>,
    /// Fourier voxels.
    pub counts: Vec<usize>,
    /// The independent numbers n used in the thresholds.
    pub independent: Vec<f64>,
    /// Crossings of the ½-bit threshold.
    pub half_bit_limits: Limits,
    /// Crossings of the 1-bit threshold.
    pub one_bit_limits: Limits,
}

/// A Fourier shell correlation and what it was made with.
#[derive(Debug, Clone, PartialEq)]
pub struct Fsc {
    /// Spatial frequency of each shell, cycles per voxel.
    pub frequency: Vec<f64>,
    /// Of whole shells.
    pub whole: ShellCurve,
    /// Of each direction's cone.
    pub directions: Vec<(Direction, ShellCurve)>,
    /// The options in force.
    pub options: FscOptions,
}

impl Fsc {
    /// Spatial frequency of each shell in 1/m, if the voxel is known.
    pub fn frequency_per_metre(&self) -> Option<Vec<f64>> {
        let voxel = self.options.voxel?;
        Some(self.frequency.iter().map(|q| q / voxel.value()).collect())
    }
}

/// Fourier shell correlation of `first` and `second`, both `(z, y, x)` of one shape, 8 voxels or more along each side.
/// Unequal sides have shells as thick as a Fourier voxel of the shortest.
///
/// # Errors
/// [`ResolveError`] if shapes differ, a side is too short, a voxel is not finite or an option is outside its range.
pub fn fourier_shell_correlation(
    first: ArrayView3<'_, f32>,
    second: ArrayView3<'_, f32>,
    options: &FscOptions,
) -> Result<Fsc, ResolveError> {
    check(first, second, options)?;
    let window = Apodisation::new(first.dim(), options);
    let shells = Shells::new(first.dim(), options)?;
    let sums = match options.precision {
        Precision::Single => shells.sums(&transformed::<f32>([first, second], &window)),
        Precision::Double => shells.sums(&transformed::<f64>([first, second], &window)),
    };
    let independent = independent::independent_numbers(&shells, &sums, options.counting, &window);
    let frequency = shells.frequencies().split_off(1);
    let mut curves =
        sums.iter().zip(independent).map(|(sums, n)| curve(&frequency, &sums[1..], n[1..].to_vec()));
    // there is always the part that is the whole shell
    let whole = curves.next().unwrap_or_else(|| curve(&[], &[], Vec::new()));
    let directions = options.directions.iter().cloned().zip(curves).collect();
    Ok(Fsc { whole, directions, options: options.clone(), frequency })
}

fn check(
    first: ArrayView3<'_, f32>,
    second: ArrayView3<'_, f32>,
    options: &FscOptions,
) -> Result<(), ResolveError> {
    if first.dim() != second.dim() {
        let (first_shape, second_shape) = (first.dim(), second.dim());
        return Err(ResolveError::VolumeMismatch { operation: NAME, first_shape, second_shape });
    }
    if first.shape().iter().any(|&n| n < MIN_SIDE) {
        let shape = first.dim();
        return Err(ResolveError::VolumeTooSmall { operation: NAME, shape, minimum: MIN_SIDE });
    }
    for (volume, values) in [("the first volume", first), ("the second volume", second)] {
        if let Some(((z, y, x), _)) = values.indexed_iter().find(|(_, v)| !v.is_finite()) {
            return Err(ResolveError::VoxelNotFinite { operation: NAME, volume, z, y, x });
        }
    }
    let (Across::Circle(window) | Across::Rectangle(window)) = options.across;
    window.check(NAME)?;
    options.along.check(NAME)?;
    match options.counting {
        Counting::Object { diameter } if !(diameter.is_finite() && diameter >= MIN_SIDE as f64) => {
            let (name, allowed) = ("the object's diameter", "at least 8 voxels");
            Err(ResolveError::InvalidSetting { operation: NAME, name, value: diameter, allowed })
        }
        _ => Ok(()),
    }
}

/// Transform of `a + ib`, both free of their mean and apodised.
fn transformed<T: Real>(volumes: [ArrayView3<'_, f32>; 2], window: &Apodisation) -> Array3<Complex<T>> {
    let means = volumes.map(|volume| window.mean(volume));
    let mut both = Array3::from_elem(volumes[0].dim(), Complex::new(T::zero(), T::zero()));
    both.axis_iter_mut(Axis(0)).into_par_iter().enumerate().for_each(|(z, mut plane)| {
        for ((y, x), value) in plane.indexed_iter_mut() {
            let weight = window.along[z] * window.across[(y, x)];
            let [re, im] = [0, 1].map(|i| (f64::from(volumes[i][(z, y, x)]) - means[i]) * weight);
            *value = Complex::new(T::narrow(re), T::narrow(im));
        }
    });
    fft3(&mut both);
    both
}

fn curve(frequency: &[f64], sums: &[Sums], independent: Vec<f64>) -> ShellCurve {
    let correlation: Vec<f64> =
        sums.iter().map(|sum| sum.cross / (sum.power[0] * sum.power[1]).sqrt()).collect();
    let half_bit: Vec<f64> = independent.iter().map(|&n| half_bit_threshold(n)).collect();
    let one_bit: Vec<f64> = independent.iter().map(|&n| one_bit_threshold(n)).collect();
    ShellCurve {
        half_bit_limits: crossings_from(LOWEST_FREQUENCY, frequency, &correlation, &half_bit),
        one_bit_limits: crossings_from(LOWEST_FREQUENCY, frequency, &correlation, &one_bit),
        counts: sums.iter().map(|sum| sum.count).collect(),
        correlation,
        half_bit,
        one_bit,
        independent,
    }
}
