//! What a reconstruction is asked to do.

use crate::error::TomoError;
use crate::geometry::Geometry;
use ndarray::Array3;

/// Name of the operation in errors.
pub(crate) const OPERATION: &str = "reconstructing a volume";

/// How slices are found from their projections.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The method.
    pub method: Method,
    /// Smallest and largest value a voxel may have; `[0, ∞]` keeps voxels positive. Linear methods obey it at their end.
    pub range: Option<[f32; 2]>,
    /// Voxels outside are zero.
    pub support: Support,
    /// When iterations end before their number is reached.
    pub stop: Stop,
}

impl Settings {
    /// A method without bounds, support and stopping rule.
    pub fn new(method: Method) -> Self {
        Self { method, range: None, support: Support::Everywhere, stop: Stop::default() }
    }
}

/// A method of reconstruction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// Filtered back-projection.
    Fbp {
        /// Window of the ramp filter.
        filter: Filter,
    },
    /// Filtered back-projection of the derivative of the projections along x: a pixel holds what the line integral gains
    /// across it. A phase needs no unwrapping for it.
    FbpFromDerivative {
        /// Window of the Hilbert filter.
        filter: Filter,
    },
    /// Filtered back-projection by Fourier transforms: quicker for slices of about a thousand voxels and more.
    Fourier {
        /// Window of the ramp filter.
        filter: Filter,
    },
    /// Conjugate gradients on the normal equations, each slice with its own steps.
    Cgls {
        /// Iterations.
        iterations: usize,
    },
    /// Kaczmarz: one ray after the other, with the angles in golden-ratio order.
    Art {
        /// Iterations, each over all rays.
        iterations: usize,
        /// Part of a ray's residual that is corrected, in (0, 2).
        relaxation: f32,
    },
    /// Simultaneous iterations over some angles at a time, evenly spread.
    Sart {
        /// Iterations, each over all angles.
        iterations: usize,
        /// Part of the residual that is corrected, in (0, 2).
        relaxation: f32,
        /// Angles corrected together; 1 is SART, more are ordered subsets.
        block: usize,
    },
    /// Least squares with small total variation of every slice.
    Tv {
        /// Iterations, each over all angles.
        iterations: usize,
        /// By how much an iteration flattens, in the unit of voxels: a hundredth of the object's values is much.
        strength: f32,
        /// Angles corrected together.
        block: usize,
    },
    /// For a missing wedge: small total variation, bounds and support, taken over only at frequencies no projection measured.
    Wedge {
        /// Iterations, each over all angles.
        iterations: usize,
        /// By how much an iteration flattens, in the unit of voxels: a hundredth of the object's values is much.
        strength: f32,
        /// Angles corrected together.
        block: usize,
    },
    /// Simultaneous iterations: `x += C Aᵀ R (b − A x)`, R and C the inverse sums of A's rows and columns.
    Sirt {
        /// Iterations.
        iterations: usize,
    },
}

/// Window on the ramp filter, by what is left of a spatial frequency `f` in units of Nyquist's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// The ramp alone.
    #[default]
    RamLak,
    /// `sinc(f/2)`.
    SheppLogan,
    /// `cos(πf/2)`.
    Cosine,
    /// `0.54 + 0.46 cos(πf)`.
    Hamming,
    /// `(1 + cos(πf))/2`.
    Hann,
}

/// Voxels that may differ from zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Support {
    /// All.
    #[default]
    Everywhere,
    /// Those that every projection sees: within the circle around the axis that touches the nearer edge of the detector.
    Circle,
    /// True voxels of a mask `(z, y, x)`.
    Mask(Array3<bool>),
}

/// When iterations end before their number is reached. Slices that are worked on together end together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stop {
    /// Once the residual falls by less than this part of itself.
    pub change: Option<f64>,
    /// Once the residual rises.
    pub rise: bool,
}

impl Method {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fbp { .. } => "filtered back-projection",
            Self::FbpFromDerivative { .. } => "filtered back-projection of derivatives",
            Self::Fourier { .. } => "Fourier method",
            Self::Cgls { .. } => "CGLS",
            Self::Sirt { .. } => "SIRT",
            Self::Art { .. } => "ART",
            Self::Sart { .. } => "SART",
            Self::Tv { .. } => "total variation",
            Self::Wedge { .. } => "wedge prior",
        }
    }

    /// Layers of slices that are worked on side by side: methods that cannot share a layer's work among threads share
    /// layers.
    pub(crate) fn layers_at_once(&self, threads: usize) -> usize {
        match self {
            Self::Art { .. } | Self::Sart { .. } | Self::Tv { .. } | Self::Wedge { .. } => threads.max(1),
            _ => 1,
        }
    }

    /// Iterations asked for; 1 for methods without.
    pub fn iterations(&self) -> usize {
        match *self {
            Self::Fbp { .. } | Self::FbpFromDerivative { .. } | Self::Fourier { .. } => 1,
            Self::Cgls { iterations }
            | Self::Sirt { iterations }
            | Self::Art { iterations, .. }
            | Self::Sart { iterations, .. }
            | Self::Tv { iterations, .. }
            | Self::Wedge { iterations, .. } => iterations,
        }
    }
}

impl Settings {
    /// Fails where a setting cannot be used; `depth` is the number of slices.
    pub(crate) fn check(&self, geometry: &Geometry, depth: usize) -> Result<(), TomoError> {
        if self.method.iterations() == 0 {
            return Err(setting("the number of iterations", 0.0, "give at least 1"));
        }
        if let Method::Art { relaxation, .. } | Method::Sart { relaxation, .. } = self.method
            && !(relaxation > 0.0 && relaxation < 2.0)
        {
            return Err(setting("the relaxation", relaxation.into(), "give a number between 0 and 2"));
        }
        if let Method::Tv { strength, .. } | Method::Wedge { strength, .. } = self.method
            && !(strength > 0.0 && strength.is_finite())
        {
            return Err(setting(
                "the strength of flattening",
                strength.into(),
                "give a positive number; CGLS flattens nothing",
            ));
        }
        if let Method::Sart { block: 0, .. } | Method::Tv { block: 0, .. } | Method::Wedge { block: 0, .. } =
            self.method
        {
            return Err(setting("the number of angles corrected together", 0.0, "give at least 1"));
        }
        if let Some([low, high]) = self.range {
            if low.is_nan() || low > 0.0 && !matches!(self.support, Support::Everywhere) {
                return Err(setting(
                    "the smallest value of a voxel",
                    low.into(),
                    "give a number, at most 0 with a support",
                ));
            }
            if high.is_nan() || high <= low {
                return Err(setting(
                    "the largest value of a voxel",
                    high.into(),
                    "give a number above the smallest",
                ));
            }
        }
        if let Some(change) = self.stop.change
            && !(change > 0.0 && change < 1.0)
        {
            return Err(setting("the change that ends iterations", change, "give a part between 0 and 1"));
        }
        let size = geometry.size();
        match &self.support {
            Support::Mask(mask) if mask.dim() != (depth, size, size) => Err(TomoError::Shape {
                operation: OPERATION,
                array: "the support's mask",
                found: mask.shape().to_vec(),
                wanted: vec![depth, size, size],
            }),
            _ => Ok(()),
        }
    }
}

fn setting(setting: &'static str, value: f64, fix: &'static str) -> TomoError {
    TomoError::Setting { operation: OPERATION, setting, value, fix }
}
