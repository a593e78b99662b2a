//! What a page shows of the aligned projections a volume was made from.

use super::{list, optional};
use crate::align::BEFORE;
use crate::error::PipelineError;
use litho_io::{ResultFile, TiltOptions, TiltQuantity, plan_tilts, read_result, read_tilt_rows};
use litho_report::report::tomography::{Alignment, ProjectionFit, Sinograms};
use litho_tomo::{Geometry, project};
use litho_types::quantity::Metres;
use litho_types::tilt::TiltAngles;
use litho_types::volume::Volume;
use ndarray::{Array2, Axis, Ix2, s};
use std::path::Path;

/// Projections, where they were moved to, and how the volume explains one of them.
pub(super) struct AlignedContent {
    /// Radians, ascending.
    angles: Vec<f64>,
    label: &'static str,
    pixel: Option<f64>,
    row: usize,
    before: Option<Array2<f32>>,
    after: Array2<f32>,
    shifts: Vec<(f64, f64)>,
    rotations: Vec<f64>,
    scales: Vec<f64>,
    misfit: Vec<f64>,
    flagged: Vec<bool>,
    convergence: Vec<f64>,
    shown: Shown,
}

/// A projection and that of the volume at its angle.
struct Shown {
    angle: f64,
    measured: Array2<f32>,
    computed: Array2<f32>,
}

impl AlignedContent {
    /// Reads a result of `align`; `file` and `volume` are of the volume made from it.
    ///
    /// # Errors
    /// [`PipelineError`] if it cannot be read.
    pub(super) fn read(path: &Path, file: &ResultFile, volume: &Volume) -> Result<Self, PipelineError> {
        let plan = plan_tilts(path, &TiltOptions::default())?;
        let own = read_result(path)?;
        let (ny, _) = plan.shape;
        let row = ny / 2;
        let after = read_tilt_rows(&plan, row..row + 1)?.index_axis_move(Axis(1), 0);
        let flat = |name: &str| list(&own, &format!("/entry/alignment/{name}"));
        let shift = flat("shift")?;
        let angles = plan.angles.radians();
        let nearest = |index: &usize| angles[*index].abs();
        let index = (0..angles.len()).min_by(|a, b| nearest(a).total_cmp(&nearest(b))).unwrap_or(0);
        let measured = read_tilt_rows(&plan, 0..ny)?.index_axis_move(Axis(0), index);
        let computed = reprojection(volume, &plan.angles, index, file)?;
        let rotated = flat("rotation_deg")?.iter().any(|degrees| *degrees != 0.0);
        let if_rotated = |values: Vec<f64>| if rotated { values } else { Vec::new() };
        Ok(Self {
            label: match plan.quantity {
                TiltQuantity::Phase => "phase (rad)",
                _ => "optical density",
            },
            pixel: plan.pixel.map(Metres::value),
            row,
            before: optional(&own, BEFORE)?.and_then(|all| all.into_dimensionality::<Ix2>().ok()),
            after,
            shifts: shift.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect(),
            rotations: if_rotated(flat("rotation_deg")?.into_iter().map(f64::to_radians).collect()),
            scales: if_rotated(flat("scale")?),
            misfit: flat("misfit")?,
            flagged: flat("flagged")?.into_iter().map(|flag| flag != 0.0).collect(),
            convergence: flat("convergence")?,
            shown: Shown { angle: angles[index], measured, computed },
            angles,
        })
    }

    pub(super) fn sinograms(&self) -> Sinograms<'_> {
        Sinograms {
            before: self.before.as_ref().unwrap_or(&self.after).view(),
            after: self.before.as_ref().map(|_| self.after.view()),
            angles: &self.angles,
            row: self.row,
            pixel: self.pixel,
            label: self.label.to_owned(),
        }
    }

    pub(super) fn alignment(&self) -> Alignment<'_> {
        Alignment {
            angles: &self.angles,
            shifts: &self.shifts,
            true_shifts: &[],
            rotations: &self.rotations,
            scales: &self.scales,
            misfit: &self.misfit,
            misfit_label: "relative misfit".to_owned(),
            flagged: &self.flagged,
            convergence: &self.convergence,
            pixel: self.pixel,
        }
    }

    pub(super) fn fit(&self) -> ProjectionFit<'_> {
        ProjectionFit {
            measured: self.shown.measured.view(),
            computed: self.shown.computed.view(),
            angle: self.shown.angle,
            pixel: self.pixel,
            label: self.label.to_owned(),
        }
    }
}

/// The projection of the volume at one of the angles, in the unit of the projections.
fn reprojection(
    volume: &Volume,
    angles: &TiltAngles,
    index: usize,
    file: &ResultFile,
) -> Result<Array2<f32>, PipelineError> {
    let (_, size, _) = volume.data.dim();
    let axis = file.number("/entry/axis")?;
    let factor = file.number("/entry/factor")?;
    let geometry = Geometry::centred(angles, size)?.with_axis(axis)?.select(&[index]);
    let computed = project(volume.data.view(), &geometry)?;
    Ok(computed.slice(s![0, .., ..]).mapv(|value| (f64::from(value) / factor) as f32))
}
