//! The simulated scan, its truth and what everybody starts from.

use crate::error::BenchError;
use litho_types::C32;
use litho_types::frames::Frames;
use litho_types::mask::DetectorMask;
use litho_types::point::Point;
use litho_types::quantity::Pixels;
use litho_types::scan::{FrameOrigin, Positions, Scan};
use ndarray::{Array, Array2, Array3, ArrayD, Axis, Dimension, Ix2, Ix3};
use std::path::Path;

/// What `peers/make_ptycho_data.py` wrote.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scene {
    /// Frames and positions; no geometry, everything is in pixels.
    pub(super) scan: Scan,
    /// The probe to start from, `(mode, y, x)`: the right pupil, the wrong defocus.
    pub(super) probe: Array3<C32>,
    /// The true object `(y, x)`.
    pub(super) truth: Array2<C32>,
}

impl Scene {
    /// Reads the file.
    pub(super) fn read(file: &Path) -> Result<Self, BenchError> {
        let real = |dataset| litho_io::read_real(&format!("{}:/{dataset}", file.display()));
        let complex = |dataset| litho_io::read_complex(&format!("{}:/{dataset}", file.display()));
        let frames = with_axes::<_, Ix3>("frames", real("frames")?)?;
        let corners = with_axes::<_, Ix2>("pos_px", real("pos_px")?)?;
        let probe = with_axes::<_, Ix2>("probe_start", complex("probe_start")?)?;
        let positions =
            corners.outer_iter().map(|yx| Point::new(Pixels::new(yx[0]), Pixels::new(yx[1]))).collect();
        let (_, ny, nx) = frames.dim();
        let scan = Scan {
            frames: Frames::F32(frames.mapv(|counts| counts as f32)),
            origin: FrameOrigin::Centre,
            mask: DetectorMask::all_good((ny, nx)),
            positions: Positions::Pixels(positions),
            geometry: None,
            probe: None,
            warnings: Vec::new(),
        };
        let truth = with_axes("object", complex("object")?)?;
        Ok(Self { scan, probe: probe.insert_axis(Axis(0)), truth })
    }
}

/// The object `(y, x)` after `iteration` iterations that another program left in `file`.
pub(super) fn read_object(file: &Path, iteration: usize) -> Result<Array2<C32>, BenchError> {
    let dataset = format!("object_{iteration}");
    let object = litho_io::read_complex(&format!("{}:/{dataset}", file.display()))?;
    with_axes(&dataset, object)
}

fn with_axes<T, D: Dimension>(dataset: &str, array: ArrayD<T>) -> Result<Array<T, D>, BenchError> {
    let shape = array.shape().to_vec();
    let expected = D::NDIM.unwrap_or(shape.len());
    array.into_dimensionality().map_err(|_| BenchError::Axes { dataset: dataset.to_owned(), shape, expected })
}
