//! What a fit leaves: one map per parameter, and a reason for every pixel.

use ndarray::{Array2, Array3, ArrayView2, Axis};

/// What became of a pixel. The numbers are those stored in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// Fitted, every free parameter inside its bounds.
    Ok = 0,
    /// The edge jump drowns in the noise ([`super::NoiseRule`]).
    BelowNoise = 1,
    /// Fitted, but a free parameter ended at a bound: its σ is NaN, the others' hold with it there.
    OnBound = 2,
    /// No minimum was found within the iterations allowed, in double precision neither, or the spectrum does not determine
    /// the parameters.
    NotConverged = 3,
    /// An optical density is infinite or above [`super::Settings::saturation`].
    Saturated = 4,
    /// A value is NaN.
    MissingData = 5,
    /// In no region: nobody asked.
    Outside = 6,
}

impl Status {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Ok,
        Self::BelowNoise,
        Self::OnBound,
        Self::NotConverged,
        Self::Saturated,
        Self::MissingData,
        Self::Outside,
    ];

    /// The number stored in files.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What the number means, for files and reports.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::BelowNoise => "below noise",
            Self::OnBound => "on bound",
            Self::NotConverged => "not converged",
            Self::Saturated => "saturated",
            Self::MissingData => "missing data",
            Self::Outside => "outside",
        }
    }

    /// True if the pixel's numbers may be used.
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Ok | Self::OnBound)
    }
}

/// The fit of a region's mean spectrum.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionMean {
    /// Label of the region.
    pub region: u32,
    /// Complete pixels the mean is taken over.
    pub pixels: usize,
    /// Its parameters, in the order of [`super::Model::parameters`]. Shared ones are held at these in every pixel.
    pub parameters: Vec<f64>,
    /// False if the mean spectrum's fit found no minimum; the pixels were fitted all the same.
    pub converged: bool,
    /// Priors found in the region's own pixels: parameter, value, σ.
    pub priors: Vec<(usize, f64, f64)>,
}

/// Maps of a fit. Numbers of pixels that were fitted stand here whatever their status; [`Self::usable`] says which
/// to use. Pixels that [`super::NoiseRule`] dismissed before the fit have a jump and its σ alone.
#[derive(Debug, Clone, PartialEq)]
pub struct FitMaps {
    /// Names of the parameters.
    pub names: Vec<String>,
    /// `(parameter, y, x)`, NaN where nothing was fitted.
    pub parameters: Array3<f64>,
    /// Standard deviations `√(diag (JᵀJ)⁻¹ SSE/(m − n))`, `(parameter, y, x)`; zero for held and shared parameters, NaN for
    /// one at a bound.
    pub sigma: Array3<f32>,
    /// `Δμt`, the sum of the edges' heights.
    pub edge_jump: Array2<f64>,
    /// Its standard deviation.
    pub edge_jump_sigma: Array2<f32>,
    /// Areas of the peaks in order of the terms (optical density × eV), `(peak, y, x)`; the paper's PE = π c11 c13 is the
    /// first.
    pub peak_area: Array3<f64>,
    /// Their standard deviations.
    pub peak_area_sigma: Array3<f32>,
    /// Areas divided by `Δμt` (eV), `(peak, y, x)`.
    pub peak_ratio: Array3<f64>,
    /// Their standard deviations, with the covariance of area and jump.
    pub peak_ratio_sigma: Array3<f32>,
    /// `√(SSE/m)`, optical density.
    pub residual: Array2<f32>,
    /// Steps taken in single precision.
    pub iterations: Array2<u32>,
    /// Why, for every pixel.
    pub status: Array2<Status>,
    /// One per region, in the order of their labels.
    pub means: Vec<RegionMean>,
    /// Pooled standard deviation of the noise before the edge, optical density.
    pub noise: f64,
}

impl FitMaps {
    /// Pixels whose numbers may be used.
    pub fn usable(&self) -> Array2<bool> {
        self.status.mapv(Status::is_usable)
    }

    /// A parameter's map where it may be used, NaN elsewhere.
    ///
    /// # Panics
    /// If there is no such parameter.
    pub fn parameter(&self, index: usize) -> Array2<f64> {
        self.where_usable(self.parameters.index_axis(Axis(0), index))
    }

    /// A map where it may be used, NaN elsewhere.
    pub fn where_usable(&self, map: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut out = map.to_owned();
        out.zip_mut_with(&self.status, |value, status| {
            if !status.is_usable() {
                *value = f64::NAN;
            }
        });
        out
    }

    /// How many pixels have this status.
    pub fn count(&self, status: Status) -> usize {
        self.status.iter().filter(|&&found| found == status).count()
    }
}
