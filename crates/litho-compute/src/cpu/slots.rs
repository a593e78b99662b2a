//! Contributions of the frames of a chunk to the object and the probe, and their sums row by row.
//!
//! Where all frames see the probe itself, what a frame contributes is its waves, and the sums multiply them with probe
//! and object on the way. Where each has a beam of its own, the frame makes its pushes while the beam is at hand.

use super::{CpuKernels, Patch, Sight, pixels};
use crate::model::Model;
use litho_lanes::blocks;
use litho_lanes::lanewise;
use litho_types::C32;
use rayon::prelude::*;
use std::ops::Range;

/// Frames of a chunk: enough to keep many threads busy, few enough to stay in the last-level cache at usual sizes.
pub(super) const CHUNK: usize = 32;
/// Object rows that one task sums. Any split gives the same bits.
const OBJECT_BAND: usize = 16;
/// Probe rows that one task sums.
const PROBE_BAND: usize = 8;

/// What one frame contributes.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) patch: Patch,
    /// Waves `(wave, y, x)`; empty where they are kept elsewhere, or each frame has a beam of its own.
    pub(super) waves: Vec<C32>,
    /// `Σ_k P_jk* ψ_k`, `(y, x)`, of a frame with a beam of its own.
    pub(super) object: Vec<C32>,
    /// `Σ_k|P_jk|²`, `(y, x)`, of a frame with a beam of its own.
    pub(super) light: Vec<f32>,
    /// `O* ψ` brought back to the probe's modes, `(mode, y, x)`, of a frame with a beam of its own.
    pub(super) probe: Vec<C32>,
    /// `Σ(√I_m − √I)²`.
    pub(super) error: f64,
}

/// Which sums are wanted of the frames' waves, and where the waves are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// `Σ|P|²` beside the push on the object.
    pub(super) light: bool,
    /// The push on the probe.
    pub(super) probe: bool,
    /// True where the caller keeps the waves of all frames.
    pub(super) waves_kept: bool,
}

/// Sums over frames.
pub(super) struct Sums {
    wanted: Wanted,
    /// `Σ_jk P_jk* ψ_jk`, as the object.
    pub(super) object: Vec<C32>,
    /// `Σ_jk|P_jk|²`, as the object; empty unless wanted.
    pub(super) light: Vec<f32>,
    /// `Σ_j O_j* ψ_jk`, as the probe; empty unless wanted.
    pub(super) probe: Vec<C32>,
    pub(super) error: f64,
    /// `Σ_k|P_k|²` where all frames see the probe itself, else empty.
    shared: Vec<f32>,
    /// True as long as nothing was added: the first chunk finds what was in the memory before.
    fresh: bool,
}

impl Sums {
    pub(super) fn new(model: &Model<CpuKernels>, wanted: Wanted) -> Self {
        Self::in_memory_of(model, wanted, Vec::new(), Vec::new())
    }

    /// Sums in the memory of earlier ones of object and probe.
    pub(super) fn in_memory_of(
        model: &Model<CpuKernels>,
        wanted: Wanted,
        mut object: Vec<C32>,
        mut probe: Vec<C32>,
    ) -> Self {
        let len = model.object.len();
        object.resize(len, C32::default());
        probe.resize(if wanted.probe { model.probe.len() } else { 0 }, C32::default());
        let light = vec![0.0; if wanted.light { len } else { 0 }];
        Self { wanted, object, light, probe, error: 0.0, shared: shared_light(model), fresh: true }
    }

    /// Slots for one chunk, from the kernels' spare ones.
    pub(super) fn slots(&self, kernels: &CpuKernels, model: &Model<CpuKernels>, frames: usize) -> Vec<Slot> {
        let n = kernels.measurement.frame_shape().0 * kernels.measurement.frame_shape().1;
        let own = self.shared.is_empty();
        let waves = if own || self.wanted.waves_kept { 0 } else { model.waves_per_frame() * n };
        let mut slots = kernels.spare_slots();
        slots.resize_with(frames.min(CHUNK), Slot::default);
        for slot in &mut slots {
            slot.waves.resize(waves, C32::default());
            slot.object.resize(if own { n } else { 0 }, C32::default());
            slot.light.resize(if own && self.wanted.light { n } else { 0 }, 0.0);
            slot.probe.resize(if own && self.wanted.probe { model.probe.len() } else { 0 }, C32::default());
        }
        slots
    }

    /// Adds the slots of a chunk. `kept` are the chunk's waves `(frame, wave, y, x)` where the caller keeps them.
    pub(super) fn add(&mut self, model: &Model<CpuKernels>, slots: &[Slot], kept: &[C32]) {
        self.error += slots.iter().map(|slot| slot.error).sum::<f64>();
        let size = kept.len() / slots.len().max(1);
        let waves_of = |index: usize, slot: &'_ Slot| -> Range<usize> {
            debug_assert!(size > 0 || !slot.waves.is_empty(), "waves are kept here or there");
            index * size..(index + 1) * size
        };
        let parts: Vec<(Patch, &[C32], &Slot)> = slots
            .iter()
            .enumerate()
            .map(|(index, slot)| {
                let waves = if self.shared.is_empty() || !self.wanted.waves_kept {
                    slot.waves.as_slice()
                } else {
                    &kept[waves_of(index, slot)]
                };
                (slot.patch, waves, slot)
            })
            .collect();
        let pitch = model.object.dim().1;
        let fresh = std::mem::take(&mut self.fresh);
        let (shared, probe, object) = (&self.shared, pixels(&model.probe), pixels(&model.object));
        let add_objects = |(band, sum): (usize, &mut [C32])| {
            if fresh {
                sum.fill(C32::default());
            }
            for (patch, waves, slot) in &parts {
                let n = patch.pixels();
                overlap_rows(*patch, band, sum.len(), pitch, |from, to| {
                    if shared.is_empty() {
                        return add(&slot.object[from], &mut sum[to]);
                    }
                    for (wave, probe) in waves.chunks_exact(n).zip(probe.chunks_exact(n)) {
                        add_conj_product(&probe[from.clone()], &wave[from.clone()], &mut sum[to.clone()]);
                    }
                });
            }
        };
        let (_, ny, nx) = model.probe.dim();
        let add_probes = |(row, sum): (usize, &mut [C32])| {
            if fresh {
                sum.fill(C32::default());
            }
            for (patch, waves, slot) in &parts {
                if shared.is_empty() {
                    add(&slot.probe[row * nx..][..nx], sum);
                } else {
                    add_conj_product(&object[patch.row(row % ny)], &waves[row * nx..][..nx], sum);
                }
            }
        };
        // All at once: threads are woken once, not three times.
        let (objects, lights, probes) = (&mut self.object, &mut self.light, &mut self.probe);
        rayon::join(
            || objects.par_chunks_mut(OBJECT_BAND * pitch).enumerate().for_each(add_objects),
            || {
                rayon::join(
                    || add_light_of(slots, shared, pitch, lights),
                    || {
                        probes
                            .par_chunks_exact_mut(nx)
                            .with_min_len(PROBE_BAND)
                            .enumerate()
                            .for_each(add_probes);
                    },
                )
            },
        );
    }
}

/// Adds the slots' light, or `shared` where they have none of their own, to `light` as the object.
pub(super) fn add_light_of(slots: &[Slot], shared: &[f32], pitch: usize, light: &mut [f32]) {
    light.par_chunks_mut(OBJECT_BAND * pitch).enumerate().for_each(|(band, light)| {
        for slot in slots {
            let seen = if shared.is_empty() { &slot.light } else { shared };
            overlap_rows(slot.patch, band, light.len(), pitch, |from, to| {
                add_real(&seen[from], &mut light[to]);
            });
        }
    });
}

/// `Σ_k|P_k|²`, `(y, x)`, where all frames see the probe itself; empty where each has its own beam.
pub(super) fn shared_light(model: &Model<CpuKernels>) -> Vec<f32> {
    if !model.views.share_the_probe() {
        return Vec::new();
    }
    let (_, ny, nx) = model.probe.dim();
    let mut light = vec![0.0; ny * nx];
    for mode in pixels(&model.probe).chunks_exact(ny * nx) {
        add_power(mode, &mut light);
    }
    light
}

/// Fills row `y` of the pushes of a frame with a beam of its own from its waves `(wave, y, x)`.
pub(super) fn push_own_row(sight: &Sight<'_>, y: usize, waves: &[C32], slot: &mut Slot) {
    let (n, nx) = (sight.patch.pixels(), sight.patch.shape.1);
    let row = y * nx..(y + 1) * nx;
    let push = &mut slot.object[row.clone()];
    push.fill(C32::default());
    for (beam, wave) in sight.beam.chunks_exact(n).zip(waves.chunks_exact(n)) {
        add_conj_product(&beam[row.clone()], &wave[row.clone()], push);
    }
    if !slot.light.is_empty() {
        let light = &mut slot.light[row.clone()];
        light.fill(0.0);
        for beam in sight.beam.chunks_exact(n) {
            add_power(&beam[row.clone()], light);
        }
    }
}

/// Calls `work` with every row of a patch that lies in a band of `len` object pixels: where it is in the patch and where
/// in the band.
fn overlap_rows(
    patch: Patch,
    band: usize,
    len: usize,
    pitch: usize,
    mut work: impl FnMut(Range<usize>, Range<usize>),
) {
    let Patch { corner, shape: (ny, nx), .. } = patch;
    let (first, last) = (band * OBJECT_BAND, band * OBJECT_BAND + len / pitch);
    for y in first.max(corner[0])..last.min(corner[0] + ny) {
        let (from, to) = ((y - corner[0]) * nx, (y - first) * pitch + corner[1]);
        work(from..from + nx, to..to + nx);
    }
}

lanewise! {
    /// `sum += part`.
    fn add<L>(part: &[C32], sum: &mut [C32]) {
        for at in blocks(part.len()) {
            at.put_unordered(at.unordered::<L>(sum).add(at.unordered(part)), sum);
        }
    }
}

lanewise! {
    /// `sum += part`.
    fn add_real<L>(part: &[f32], sum: &mut [f32]) {
        for at in blocks(part.len()) {
            at.put_real(at.real::<L>(sum).add(at.real(part)), sum);
        }
    }
}

lanewise! {
    /// `sum += a* b`.
    fn add_conj_product<L>(a: &[C32], b: &[C32], sum: &mut [C32]) {
        let ((a, a_rest), (b, b_rest)) = (a.as_chunks(), b.as_chunks());
        let (sum, sum_rest) = sum.as_chunks_mut();
        for ((a, b), sum) in a.iter().zip(b).zip(sum) {
            L::join(L::part(a).conj_times_add(L::part(b), L::part(sum)), sum);
        }
        for at in blocks(a_rest.len()) {
            let total = at.unordered::<L>(a_rest).conj_times_add(at.unordered(b_rest), at.unordered(sum_rest));
            at.put_unordered(total, sum_rest);
        }
    }
}

lanewise! {
    /// `sum += |a|²`.
    fn add_power<L>(a: &[C32], sum: &mut [f32]) {
        for at in blocks(a.len()) {
            at.put_real(at.complex::<L>(a).norm_sqr_add(at.real(sum)), sum);
        }
    }
}
