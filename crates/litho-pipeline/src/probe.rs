//! The starting probe of a reconstruction.

use crate::checkpoint::with_dimension;
use crate::config::ProbeSource;
use crate::error::PipelineError;
use crate::optics;
use litho_compute::Measurement;
use litho_io::read_complex;
use litho_ptycho::{mean_frame_probe, modes, orient_probe, scale_to_frames};
use litho_types::C32;
use litho_types::orientation::Orientation;
use litho_types::scan::Scan;
use ndarray::{Array3, ArrayD, Axis, Ix2, Ix3};

/// A starting probe, before it is fitted to a measurement.
#[derive(Debug, Clone, PartialEq)]
pub enum StartingProbe {
    /// Modes `(mode, y, x)` in the orientation of the stored frames.
    Stored(Array3<C32>),
    /// Modes `(mode, y, x)` along the scan axes.
    Modelled(Array3<C32>),
    /// The mean frame with this curvature; see [`mean_frame_probe`].
    MeanFrame {
        /// Curvature of the wavefront.
        curvature: f64,
    },
}

impl StartingProbe {
    /// Reads or models the probe that `source` names.
    ///
    /// # Errors
    /// [`PipelineError`] if it cannot be read, or does not fit the frames.
    pub fn from_source(source: &ProbeSource, scan: &Scan) -> Result<Self, PipelineError> {
        match source {
            ProbeSource::Auto => Ok(match &scan.probe {
                Some(probe) => Self::Stored(probe.clone()),
                None => Self::MeanFrame { curvature: 0.0 },
            }),
            ProbeSource::MeanFrame => Ok(Self::MeanFrame { curvature: 0.0 }),
            ProbeSource::Optics(path) => {
                Ok(Self::Modelled(optics::probe_from_file(path, scan)?.insert_axis(Axis(0))))
            }
            ProbeSource::Dataset(spec) => Ok(Self::Stored(modes_of(read_complex(spec)?, spec, scan)?)),
        }
    }

    /// Modes `(mode, y, x)` for a measurement: along the scan axes, as many as
    /// asked for, with the power of the brightest frame.
    pub fn fitted(
        &self,
        measurement: &Measurement,
        orientation: Orientation,
        modes: Option<usize>,
    ) -> Array3<C32> {
        let mut probe = match self {
            Self::Stored(probe) => orient_probe(probe, orientation),
            Self::Modelled(probe) => in_shape_of(probe, measurement.frame_shape()),
            Self::MeanFrame { curvature } => mean_frame_probe(measurement, *curvature).insert_axis(Axis(0)),
        };
        if let Some(wanted) = modes.filter(|wanted| *wanted != probe.dim().0) {
            probe = if wanted < probe.dim().0 {
                probe.slice_move(ndarray::s![..wanted, .., ..])
            } else {
                modes::starting_modes(probe.index_axis(Axis(0), 0), wanted)
            };
        }
        scale_to_frames(&mut probe, measurement);
        probe
    }
}

/// A modelled beam on the grid of the frames: transposed with them where they are not square.
fn in_shape_of(probe: &Array3<C32>, shape: (usize, usize)) -> Array3<C32> {
    let (_, ny, nx) = probe.dim();
    if (ny, nx) == shape {
        return probe.clone();
    }
    probe.view().permuted_axes([0, 2, 1]).as_standard_layout().into_owned()
}

/// Any number of leading axes of length one, or of modes, before (y, x).
fn modes_of(array: ArrayD<C32>, spec: &str, scan: &Scan) -> Result<Array3<C32>, PipelineError> {
    let shape = array.shape().to_vec();
    let modes = match shape.len() {
        2 => with_dimension::<_, Ix2>(array).map(|image| image.insert_axis(Axis(0))),
        3 => with_dimension::<_, Ix3>(array),
        _ => None,
    };
    let frame = scan.frames.shape();
    modes.filter(|modes| (modes.dim().1, modes.dim().2) == frame).ok_or_else(|| {
        PipelineError::argument(
            "--probe",
            spec,
            format!(
                "has shape {shape:?}; give (y, x) or (mode, y, x) with frames' {} × {} pixels",
                frame.0, frame.1
            ),
        )
    })
}
