//! Joint reprojection: every projection is laid on what the volume of all of them shows at its angle, again and again
//! (Odstrčil et al., Opt. Express 27, 36637 (2019)), from coarse to fine.

use super::Alignment;
use super::flow::{Flow, Offset};
use super::gauge::Sinusoid;
use super::level::{Level, Model};
use super::placement::Placement;
use super::quality::{outliers, quantile};
use super::settings::{AlignSettings, Motion, OPERATION};
use crate::error::TomoError;
use litho_types::observer::{CancelToken, Observer, Step};
use litho_types::tilt::TiltAngles;
use ndarray::{Array3, Axis};
use rayon::prelude::*;

/// Part of the steps that may be longer than the tolerance at rest.
const AT_REST: f64 = 0.995;

/// An alignment under way.
pub(super) struct Joint<'a> {
    angles: &'a TiltAngles,
    settings: &'a AlignSettings,
    cancel: &'a CancelToken,
    /// For the raw projections.
    placements: Vec<Placement>,
    flagged: Vec<bool>,
    /// Those that were flagged before the last level.
    left_out: Vec<bool>,
    misfit: Vec<f64>,
    convergence: Vec<f64>,
}

impl<'a> Joint<'a> {
    /// Starts from `placements`.
    pub(super) fn new(
        angles: &'a TiltAngles,
        settings: &'a AlignSettings,
        cancel: &'a CancelToken,
        placements: Vec<Placement>,
    ) -> Self {
        let none = vec![false; placements.len()];
        let (flagged, left_out) = (none.clone(), none);
        Self {
            angles,
            settings,
            cancel,
            placements,
            flagged,
            left_out,
            misfit: Vec::new(),
            convergence: Vec::new(),
        }
    }

    /// True if the last level flagged projections that were part of its volume.
    pub(super) fn has_new_flags(&self) -> bool {
        self.flagged.iter().zip(&self.left_out).any(|(&now, &before)| now && !before)
    }

    /// What was found, with the axis at `axis`.
    pub(super) fn into_alignment(self, axis: f64) -> Alignment {
        let Self { placements, convergence, misfit, flagged, .. } = self;
        Alignment { placements, axis, convergence, misfit, flagged }
    }

    /// Iterates on one level until the placements rest.
    pub(super) fn run(
        &mut self,
        level: &Level,
        observer: &mut (dyn Observer + Send),
    ) -> Result<(), TomoError> {
        let settings = self.settings;
        let flow = Flow::new(level.shape(), settings.motion, settings.high_pass, settings.window);
        let mut placements: Vec<Placement> = self.placements.iter().map(|p| level.in_level(p)).collect();
        let mut model = Model::default();
        let mut last = vec![[0.0; 4]; placements.len()];
        observer.begin(&format!("alignment, pixels averaged {}", level.bin()), 0, settings.iterations);
        for iteration in 1..=settings.iterations {
            if self.cancel.is_cancelled() {
                return Err(TomoError::Interrupted { operation: OPERATION });
            }
            let offsets = self.offsets(level, &mut model, &flow, &placements)?;
            let mut steps = self.steps(&offsets);
            for (step, last) in steps.iter_mut().zip(&mut last) {
                for (step, last) in step.iter_mut().zip(last) {
                    *step += settings.momentum * *last;
                    *last = *step;
                }
            }
            for (placement, &[y, x, rotation, scale]) in placements.iter_mut().zip(&steps) {
                *placement = placement.then(&Placement::from_numbers([y, x, rotation, scale.exp()]));
            }
            // a projection that fits nothing may never rest
            let lengths: Vec<f64> = steps
                .iter()
                .zip(&self.flagged)
                .filter(|(_, flagged)| !**flagged)
                .map(|(step, _)| length(step, settings.motion, level.shape()))
                .collect();
            let longest = lengths.iter().copied().fold(0.0, f64::max);
            self.convergence.push(longest * level.bin());
            observer.step(Step { iteration, iterations: settings.iterations, loss: total_misfit(&offsets) });
            if quantile(lengths, AT_REST) < settings.tolerance {
                break;
            }
        }
        observer.end();
        self.placements = placements.iter().map(|p| level.in_raw(p)).collect();
        let offsets = self.offsets(level, &mut model, &flow, &placements)?;
        self.misfit = offsets.iter().map(Offset::relative).collect();
        self.left_out.clone_from(&self.flagged);
        self.flagged = outliers(&self.misfit, settings.outlier);
        Ok(())
    }

    /// How far every projection lies from the volume of those that are not flagged.
    fn offsets(
        &self,
        level: &Level,
        model: &mut Model,
        flow: &Flow,
        placements: &[Placement],
    ) -> Result<Vec<Offset>, TomoError> {
        let aligned = level.aligned(placements);
        let mut used: Vec<usize> = (0..placements.len()).filter(|&place| !self.flagged[place]).collect();
        if used.len() < 2 {
            used = (0..placements.len()).collect();
        }
        level.improve(model, &aligned, &used, self.settings.one_sign, self.cancel)?;
        Ok(compare(flow, &model.projections, &aligned, placements))
    }

    /// The steps `[dy, dx, φ, ln s]` that undo the offsets, clipped and without what no projection can tell.
    fn steps(&self, offsets: &[Offset]) -> Vec<[f64; 4]> {
        let longest = self.settings.longest_step;
        let mut steps: Vec<[f64; 4]> = offsets.iter().map(|offset| offset.by.map(|by| -by)).collect();
        for step in &mut steps {
            step[0] = step[0].clamp(-longest, longest);
            step[1] = step[1].clamp(-longest, longest);
            step[2] = step[2].clamp(-TURN, TURN);
            step[3] = step[3].clamp(-TURN, TURN);
        }
        let x: Vec<f64> = steps.iter().map(|step| step[1]).collect();
        let gauge = Sinusoid::fit(&x, self.angles, false);
        let count = steps.len() as f64;
        let mean = |part: usize| steps.iter().map(|step| step[part]).sum::<f64>() / count;
        let (mean_y, mean_scale) = (mean(0), mean(3));
        for (step, angle) in steps.iter_mut().zip(self.angles.radians()) {
            step[0] -= mean_y;
            step[1] -= gauge.at(angle);
            step[3] -= mean_scale;
        }
        steps
    }
}

/// Largest rotation, radians, and change of scale in one step.
const TURN: f64 = 0.01;

/// The offset of every projection from its model.
pub(super) fn compare(
    flow: &Flow,
    model: &Array3<f32>,
    aligned: &Array3<f32>,
    placements: &[Placement],
) -> Vec<Offset> {
    (0..placements.len())
        .into_par_iter()
        .map_init(
            || flow.scratch(),
            |scratch, place| {
                let (model, data) = (model.index_axis(Axis(0), place), aligned.index_axis(Axis(0), place));
                // images of arrays in standard layout are slices
                let (model, data) = (model.to_slice().unwrap_or(&[]), data.to_slice().unwrap_or(&[]));
                flow.offset(model, data, &placements[place], scratch)
            },
        )
        .collect()
}

/// How far the pixel that moves most, half the width or height away from the middle, moves.
fn length(step: &[f64; 4], motion: Motion, (ny, nx): (usize, usize)) -> f64 {
    let shift = step[0].abs().max(step[1].abs());
    match motion {
        Motion::Shift => shift,
        Motion::Similarity => shift.max(0.5 * ny.max(nx) as f64 * step[2].abs().max(step[3].abs())),
    }
}

/// `‖H(q − d)‖/‖H d‖` of all projections together.
pub(super) fn total_misfit(offsets: &[Offset]) -> f64 {
    let sum = |part: fn(&Offset) -> f64| offsets.iter().map(part).sum::<f64>();
    let (misfit, signal) = (sum(|offset| offset.misfit), sum(|offset| offset.signal));
    if signal > 0.0 { (misfit / signal).sqrt() } else { 0.0 }
}
