//! The model of every frame against its measurement.

use super::exit_waves::illuminate;
use super::{CpuKernels, Workspace, pixels};
use crate::kernels::Comparison;
use litho_types::C32;
use ndarray::{Array2, Array3};
use rayon::prelude::*;

/// Frames whose moduli one task sums: fixed, so that the sums do not depend on the number of threads.
const GROUP: usize = 32;

/// Sums over one group of frames.
struct GroupSums {
    frame_error: Vec<f64>,
    frame_total: Vec<f64>,
    model: Vec<f64>,
    measured: Vec<f64>,
}

pub(super) fn run(kernels: &CpuKernels, object: &Array2<C32>, probe: &Array3<C32>) -> Comparison {
    let (modes, ny, nx) = probe.dim();
    let frames: Vec<usize> = (0..kernels.measurement.frames().len()).collect();
    let groups: Vec<GroupSums> = frames
        .par_chunks(GROUP)
        .map(|group| {
            let mut sums = GroupSums {
                frame_error: Vec::with_capacity(group.len()),
                frame_total: Vec::with_capacity(group.len()),
                model: vec![0.0; ny * nx],
                measured: vec![0.0; ny * nx],
            };
            kernels.with_workspace(modes, |workspace| {
                for &frame in group {
                    illuminate(
                        pixels(object),
                        pixels(probe),
                        kernels.patch(frame),
                        &mut workspace.field.waves,
                    );
                    kernels.measurement.amplitude_into(frame, &mut workspace.amplitude);
                    kernels.measurement.propagator().to_detector(&mut workspace.field);
                    sums.add(workspace);
                }
            });
            sums
        })
        .collect();
    let mut total = Comparison {
        frame_error: Vec::with_capacity(frames.len()),
        frame_total: Vec::with_capacity(frames.len()),
        model_modulus: Array2::zeros((ny, nx)),
        measured_modulus: Array2::zeros((ny, nx)),
    };
    for group in groups {
        total.frame_error.extend(group.frame_error);
        total.frame_total.extend(group.frame_total);
        total.model_modulus.iter_mut().zip(group.model).for_each(|(sum, v)| *sum += v);
        total.measured_modulus.iter_mut().zip(group.measured).for_each(|(sum, v)| *sum += v);
    }
    total
}

impl GroupSums {
    fn add(&mut self, workspace: &Workspace) {
        let amplitude = &workspace.amplitude;
        let (mut error, mut total) = (0.0_f64, 0.0_f64);
        for (pixel, &a) in amplitude.iter().enumerate() {
            let intensity: f32 =
                workspace.field.waves[pixel..].iter().step_by(amplitude.len()).map(C32::norm_sqr).sum();
            let modulus = f64::from(intensity.sqrt());
            self.model[pixel] += modulus;
            if a >= 0.0 {
                let a = f64::from(a);
                self.measured[pixel] += a;
                error += (modulus - a).powi(2);
                total += a * a;
            }
        }
        self.frame_error.push(error);
        self.frame_total.push(total);
    }
}
