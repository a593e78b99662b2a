//! The waves that come back from the detector, and what they say about object and probe.

use super::slots::{Slot, push_own_row};
use super::{CpuKernels, Sight, Workspace, beam};
use crate::detector::Rule;
use crate::model::Model;
use crate::propagator::{AtSample, Wavefield};
use litho_lanes::blocks;
use litho_lanes::lanewise;
use litho_types::C32;

/// What becomes of the wave that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Residual {
    /// `χ = ψ' − ψ`: the exit wave is taken off.
    Change,
    /// A gradient: nothing is taken off.
    Whole,
}

/// Carries one frame's exit waves to the detector under rule `R` and back. What it says is left in `slot`; the waves χ
/// `(wave, y, x)` in `keep`, or in the slot if it has room for them.
pub(super) fn visit<R: Rule>(
    kernels: &CpuKernels,
    model: &Model<CpuKernels>,
    frame: usize,
    residual: Residual,
    keep: &mut [C32],
    slot: &mut Slot,
    workspace: &mut Workspace,
) {
    let Workspace { field, amplitude, beam } = workspace;
    let sight = kernels.sight(model, frame, &mut field.scratch, beam);
    let counts = kernels.counts(frame, model.background.as_ref(), amplitude);
    slot.patch = sight.patch;
    let shift = sight.shift;
    let mut gathering = Gathering { sight, residual, keep, slot };
    let displacements = model.views.displacements(frame, shift);
    let error = kernels.measurement.propagator().visit::<R>(field, &displacements, counts, &mut gathering);
    slot.error = error;
    gather_own_probe(kernels, model, frame, shift, field, slot);
}

/// Turns the waves in `field` of a frame with a beam of its own into its push on the probe, if the slot has room for it.
pub(super) fn gather_own_probe(
    kernels: &CpuKernels,
    model: &Model<CpuKernels>,
    frame: usize,
    shift: [f32; 2],
    field: &mut Wavefield,
    slot: &mut Slot,
) {
    if slot.probe.is_empty() {
        return;
    }
    let nx = slot.patch.shape.1;
    let object = super::pixels(&model.object);
    for (row, wave) in field.waves.chunks_exact_mut(nx).enumerate() {
        conj_multiply(&object[slot.patch.row(row % slot.patch.shape.0)], wave);
    }
    slot.probe.fill(C32::default());
    let fft = kernels.measurement.propagator().fft();
    beam::gather(&model.views, frame, shift, fft, &mut field.scratch, &mut field.waves, &mut slot.probe);
}

struct Gathering<'a> {
    sight: Sight<'a>,
    residual: Residual,
    keep: &'a mut [C32],
    slot: &'a mut Slot,
}

impl AtSample for Gathering<'_> {
    fn depart(&mut self, y: usize, waves: &mut [C32]) {
        super::exit_waves::illuminate(&self.sight, y, waves);
    }

    fn arrive(&mut self, y: usize, waves: &mut [C32]) {
        let (n, nx) = (self.sight.patch.pixels(), self.sight.patch.shape.1);
        let row = y * nx..(y + 1) * nx;
        let object = &self.sight.object[self.sight.patch.row(y)];
        if self.residual == Residual::Change {
            for (beam, wave) in self.sight.beam.chunks_exact(n).zip(waves.chunks_exact_mut(n)) {
                subtract_model(object, &beam[row.clone()], &mut wave[row.clone()]);
            }
        }
        let keep = if self.keep.is_empty() { &mut self.slot.waves } else { &mut *self.keep };
        for (kept, wave) in keep.chunks_exact_mut(n).zip(waves.chunks_exact(n)) {
            kept[row.clone()].copy_from_slice(&wave[row.clone()]);
        }
        if !self.slot.object.is_empty() {
            push_own_row(&self.sight, y, waves, self.slot);
        }
    }
}

lanewise! {
    /// `wave ← wave − P O` along one row.
    fn subtract_model<L>(object: &[C32], beam: &[C32], wave: &mut [C32]) {
        let ((object, object_rest), (beam, beam_rest)) = (object.as_chunks(), beam.as_chunks());
        let (wave, wave_rest) = wave.as_chunks_mut();
        for ((object, beam), wave) in object.iter().zip(beam).zip(wave) {
            L::join(L::part(beam).times_from(L::part(object), L::part(wave)), wave);
        }
        for at in blocks(object_rest.len()) {
            let change =
                at.unordered::<L>(beam_rest).times_from(at.unordered(object_rest), at.unordered(wave_rest));
            at.put_unordered(change, wave_rest);
        }
    }
}

lanewise! {
    /// `χ ← O* χ` along one row.
    fn conj_multiply<L>(object: &[C32], wave: &mut [C32]) {
        for at in blocks(object.len()) {
            at.put_unordered(at.unordered::<L>(object).conj_times(at.unordered(wave)), wave);
        }
    }
}
