//! Fourier plans, propagators and the kernels that the engines are written over.
//!
//! An engine never touches a pixel: it calls the dozen operations of
//! [`Kernels`], each of which is one file under [`cpu`]. A second device
//! implements the same trait and no engine changes.
//!
//! # Conventions inside kernels
//!
//! - Forward Fourier transform `exp(−2πi q·r)`, unitary, zero frequency at the **corner**.
//! - Probes are centred in real space at `(ny/2, nx/2)`; the linear phase this
//!   adds in Fourier space is invisible to a detector.
//! - Results have the same bits for any number of threads: every pixel is
//!   summed by one thread, in the order of the frames.

pub mod cpu;
mod detector;
pub mod fft;
mod kernels;
mod measurement;
mod model;
mod propagator;
mod ramp;

pub use detector::Likelihood;
pub use kernels::{
    Averaged, Batch, Comparison, DetectorSums, DeviceArray, Gradient, Inertia, Kernels, Light, PieWeights,
    PositionSums, StepSums, VariationSums, WaveStep,
};
pub use measurement::{Measurement, MeasurementError};
pub use model::{Model, Sampling, Views};
pub use propagator::{Propagator, Wavefield};
