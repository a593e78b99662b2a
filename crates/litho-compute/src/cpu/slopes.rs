//! The slope of a likelihood along a line through object and probe.

use super::{CpuKernels, beam, pixels};
use crate::detector::{
    AmplitudeGradient, Counts, IntensityGradient, Likelihood, PoissonGradient, Rule, judge,
};
use crate::kernels::Kernels;
use crate::model::Model;
use litho_lanes::lanewise;
use litho_lanes::{blocks, sum_of};
use litho_types::C32;
use ndarray::{Array2, Array3};
use rayon::prelude::*;

pub(super) fn run(
    kernels: &CpuKernels,
    likelihood: Likelihood,
    model: &Model<CpuKernels>,
    object: &Array2<C32>,
    probe: &Array3<C32>,
    lengths: &[f64],
) -> Vec<f64> {
    let rule = match likelihood {
        Likelihood::Amplitude => sum_slopes::<AmplitudeGradient>,
        Likelihood::Intensity => sum_slopes::<IntensityGradient>,
        Likelihood::Poisson => sum_slopes::<PoissonGradient>,
    };
    let lengths: Vec<f32> = lengths.iter().map(|&t| t as f32).collect();
    let frames: Vec<Vec<f64>> = (0..kernels.frame_count())
        .into_par_iter()
        .map(|frame| line_of_frame(kernels, model, object, probe, &lengths, frame, rule))
        .collect();
    let mut total = vec![0.0; lengths.len()];
    for slopes in frames {
        total.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += slope);
    }
    total
}

/// With `f = F P O`, `a = F(P ΔO + ΔP O)`, `b = F ΔP ΔO` the intensity along the line is
/// `I(t) = Σ_k|f + t a + t² b|² + background`.
fn line_of_frame(
    kernels: &CpuKernels,
    model: &Model<CpuKernels>,
    object: &Array2<C32>,
    probe: &Array3<C32>,
    lengths: &[f32],
    frame: usize,
    rule: fn(&[C32], Counts<'_>, &[f32], &mut [f64]),
) -> Vec<f64> {
    let per_frame = model.waves_per_frame();
    let propagator = kernels.measurement.propagator();
    let (_, nx) = kernels.measurement.frame_shape();
    let mut slopes = vec![0.0; lengths.len()];
    kernels.with_workspace(3 * per_frame, |workspace| {
        let super::Workspace { field, amplitude, beam: space } = workspace;
        let (patch, shift) = kernels.locate(model, frame);
        let size = per_frame * patch.pixels();
        let (beam, rest) = space.split_at_mut(size);
        let direction = &mut rest[..size];
        let fft = propagator.fft();
        beam::of_frame(model, frame, shift, fft, &mut field.scratch, beam);
        beam::spread(&model.views, frame, shift, fft, &mut field.scratch, pixels(probe), direction);
        let (f, rest) = field.waves.split_at_mut(size);
        let (a, b) = rest.split_at_mut(size);
        for row in 0..size / nx {
            let under = patch.row(row % patch.shape.0);
            let at = row * nx..(row + 1) * nx;
            expand(
                [&pixels(&model.object)[under.clone()], &pixels(object)[under]],
                [&beam[at.clone()], &direction[at.clone()]],
                [&mut f[at.clone()], &mut a[at.clone()], &mut b[at]],
            );
        }
        propagator.to_displaced_detector(field, &model.views.displacements(frame, shift));
        rule(&field.waves, kernels.counts(frame, model.background.as_ref(), amplitude), lengths, &mut slopes);
    });
    slopes
}

lanewise! {
    /// `f = P O`, `a = P ΔO + ΔP O`, `b = ΔP ΔO` along one row.
    fn expand<L>(object: [&[C32]; 2], beam: [&[C32]; 2], waves: [&mut [C32]; 3]) {
        let [f, a, b] = waves;
        for at in blocks(object[0].len()) {
            let (o, step_o) = (at.unordered::<L>(object[0]), at.unordered::<L>(object[1]));
            let (p, step_p) = (at.unordered::<L>(beam[0]), at.unordered::<L>(beam[1]));
            at.put_unordered(p.times(o), f);
            at.put_unordered(p.times_add(step_o, step_p.times(o)), a);
            at.put_unordered(step_p.times(step_o), b);
        }
    }
}

/// Adds `Σ_q dL/dI dI/dt` at each length.
fn sum_slopes<R: Rule>(waves: &[C32], counts: Counts<'_>, lengths: &[f32], slopes: &mut [f64]) {
    /// Pixels whose slopes are added in single precision before they enter the sum.
    const SEGMENT: usize = 512;
    let n = counts.amplitude.len();
    for start in (0..n).step_by(SEGMENT) {
        let range = start..(start + SEGMENT).min(n);
        segment_slopes::<R>(waves, start, n, counts.part(range), lengths, slopes);
    }
}

lanewise! {
    /// One segment that starts at pixel `start` of frames of `n` pixels.
    fn segment_slopes<L, R: Rule>(
        waves: &[C32],
        start: usize,
        n: usize,
        counts: Counts<'_>,
        lengths: &[f32],
        slopes: &mut [f64],
    ) {
        let per_frame = waves.len() / n / 3;
        let len = counts.amplitude.len();
        let two = L::splat(2.0);
        for (slope, &t) in slopes.iter_mut().zip(lengths) {
            let t = L::splat(t);
            let mut sum = L::splat(0.0);
            for at in blocks(len) {
                let background = if counts.background.is_empty() { None } else { Some(at.real(counts.background)) };
                let mut coherent = L::splat(0.0);
                let mut rise = L::splat(0.0);
                for wave in 0..per_frame {
                    let first = wave * n + start;
                    let (second, third) = (first + per_frame * n, first + 2 * per_frame * n);
                    let f = at.complex::<L>(&waves[first..first + len]);
                    let a = at.complex::<L>(&waves[second..second + len]);
                    let b = at.complex::<L>(&waves[third..third + len]);
                    // F(t) = f + t a + t² b, dF/dt = a + 2 t b, dI/dt = 2 Re F* dF/dt
                    let tb = b.scale(t);
                    let value = a.add(tb).scale_add(t, f);
                    let change = tb.scale_add(two, a);
                    coherent = value.norm_sqr_add(coherent);
                    rise = value.re.mul_add(change.re, value.im.mul_add(change.im, rise));
                }
                let (factor, _) = judge::<R, L>(coherent, background, at.real(counts.amplitude), counts.saturation);
                // Lanes past the end hold waves of zero, whose intensity does not rise.
                sum = factor.mul(rise).mul_add(two, sum);
            }
            *slope += sum_of(sum);
        }
    }
}
