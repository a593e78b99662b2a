//! `φ = Π_F[p P·O + q ψ]`, `ψ ← x ψ + a P·O + b φ`, and object and probe from the overlap.

use super::light::on_probe;
use super::slots::{CHUNK, Slot, Sums, Wanted, push_own_row};
use super::{CpuKernels, Sight, Workspace, overlap, pixels_mut, residuals};
use crate::detector::ReplaceModulus;
use crate::kernels::{Averaged, Inertia, WaveStep};
use crate::model::Model;
use crate::propagator::AtSample;
use litho_lanes::blocks;
use litho_lanes::lanewise;
use litho_types::C32;
use ndarray::Array4;
use rayon::prelude::*;

pub(super) fn run(
    kernels: &CpuKernels,
    step: WaveStep,
    inertia: Inertia,
    model: &mut Model<CpuKernels>,
    waves: &mut Array4<C32>,
) -> f64 {
    let per_frame = model.waves_per_frame();
    let waves_kept = step.averaged == Averaged::Waves;
    let wanted = Wanted { light: true, probe: inertia.probe.is_some(), waves_kept };
    let mut sums = Sums::new(model, wanted);
    let mut slots = sums.slots(kernels, model, kernels.measurement.frame_count());
    let size = waves.len() / kernels.measurement.frame_count();
    for (frames, waves) in kernels.all_frames().chunks(CHUNK).zip(pixels_mut(waves).chunks_mut(CHUNK * size))
    {
        let slots = &mut slots[..frames.len()];
        slots.par_iter_mut().zip(waves.par_chunks_exact_mut(size)).zip(frames).for_each(
            |((slot, wave), &frame)| {
                kernels.with_workspace(per_frame, |workspace| {
                    move_frame(kernels, step, model, frame, wave, slot, workspace);
                });
            },
        );
        sums.add(model, slots, waves);
    }
    kernels.return_slots(slots);
    // Both come from the values before: the light on the probe is that of the old object.
    let probe = inertia.probe.map(|inertia| (inertia, on_probe(kernels, &kernels.all_frames(), model)));
    overlap::finish_object(inertia.object, &sums, model);
    if let Some((inertia, light)) = probe {
        overlap::finish_probe(kernels, inertia, &sums, &light, model);
    }
    sums.error
}

fn move_frame(
    kernels: &CpuKernels,
    step: WaveStep,
    model: &Model<CpuKernels>,
    frame: usize,
    wave: &mut [C32],
    slot: &mut Slot,
    workspace: &mut Workspace,
) {
    let Workspace { field, amplitude, beam } = workspace;
    let sight = kernels.sight(model, frame, &mut field.scratch, beam);
    let counts = kernels.counts(frame, model.background.as_ref(), amplitude);
    slot.patch = sight.patch;
    let shift = sight.shift;
    let mut moved = Move { sight, step, wave, slot };
    let displacements = model.views.displacements(frame, shift);
    let error =
        kernels.measurement.propagator().visit::<ReplaceModulus>(field, &displacements, counts, &mut moved);
    slot.error = error;
    if step.averaged == Averaged::Waves && !slot.probe.is_empty() {
        field.waves.copy_from_slice(wave);
    }
    residuals::gather_own_probe(kernels, model, frame, shift, field, slot);
}

struct Move<'a> {
    sight: Sight<'a>,
    step: WaveStep,
    /// The frame's exit waves ψ, `(wave, y, x)`.
    wave: &'a mut [C32],
    slot: &'a mut Slot,
}

impl AtSample for Move<'_> {
    fn depart(&mut self, y: usize, waves: &mut [C32]) {
        let (n, nx) = (self.sight.patch.pixels(), self.sight.patch.shape.1);
        let row = y * nx..(y + 1) * nx;
        let object = &self.sight.object[self.sight.patch.row(y)];
        let stacks =
            self.sight.beam.chunks_exact(n).zip(self.wave.chunks_exact_mut(n)).zip(waves.chunks_exact_mut(n));
        for ((beam, wave), field) in stacks {
            mix(object, &beam[row.clone()], &mut wave[row.clone()], &mut field[row.clone()], self.step);
        }
    }

    fn arrive(&mut self, y: usize, waves: &mut [C32]) {
        let (n, nx) = (self.sight.patch.pixels(), self.sight.patch.shape.1);
        let row = y * nx..(y + 1) * nx;
        for (wave, projected) in self.wave.chunks_exact_mut(n).zip(waves.chunks_exact(n)) {
            advance(self.step.next[2], &projected[row.clone()], &mut wave[row.clone()]);
        }
        for (kept, projected) in self.slot.waves.chunks_exact_mut(n).zip(waves.chunks_exact(n)) {
            kept[row.clone()].copy_from_slice(&projected[row.clone()]);
        }
        if !self.slot.object.is_empty() {
            match self.step.averaged {
                Averaged::Waves => push_own_row(&self.sight, y, self.wave, self.slot),
                Averaged::Projected => push_own_row(&self.sight, y, waves, self.slot),
            }
        }
    }
}

lanewise! {
    /// With `m = P O` along one row: `field = p m + q ψ` and `ψ ← x ψ + a m`.
    fn mix<L>(object: &[C32], beam: &[C32], wave: &mut [C32], field: &mut [C32], step: WaveStep) {
        let (p, q) = (L::splat(step.argument[0]), L::splat(step.argument[1]));
        let (x, a) = (L::splat(step.next[0]), L::splat(step.next[1]));
        let ((object, object_rest), (beam, beam_rest)) = (object.as_chunks(), beam.as_chunks());
        let ((wave, wave_rest), (field, field_rest)) = (wave.as_chunks_mut(), field.as_chunks_mut());
        for (((object, beam), wave), field) in object.iter().zip(beam).zip(wave).zip(field) {
            let overlap = L::part(beam).times(L::part(object));
            let psi = L::part(wave);
            L::join(psi.scale_add(q, overlap.scale(p)), field);
            L::join(psi.scale_add(x, overlap.scale(a)), wave);
        }
        for at in blocks(object_rest.len()) {
            let overlap = at.unordered::<L>(beam_rest).times(at.unordered(object_rest));
            let psi = at.unordered::<L>(wave_rest);
            at.put_unordered(psi.scale_add(q, overlap.scale(p)), field_rest);
            at.put_unordered(psi.scale_add(x, overlap.scale(a)), wave_rest);
        }
    }
}

lanewise! {
    /// `ψ ← ψ + b φ`.
    fn advance<L>(b: f32, projected: &[C32], wave: &mut [C32]) {
        let b = L::splat(b);
        let ((projected, projected_rest), (wave, wave_rest)) = (projected.as_chunks(), wave.as_chunks_mut());
        for (projected, wave) in projected.iter().zip(wave) {
            L::join(L::part(projected).scale_add(b, L::part(wave)), wave);
        }
        for at in blocks(wave_rest.len()) {
            let sum = at.unordered::<L>(projected_rest).scale_add(b, at.unordered(wave_rest));
            at.put_unordered(sum, wave_rest);
        }
    }
}
