//! The model of every frame against its measurement.

use super::CpuKernels;
use super::detector_sums::{BATCH, GROUP, at_detector};
use crate::kernels::Comparison;
use crate::model::Model;
use ndarray::Array2;
use rayon::prelude::*;

/// Sums over one group of frames.
struct GroupSums {
    frame_error: Vec<f64>,
    frame_total: Vec<f64>,
    frame_model: Vec<f64>,
    model: Vec<f64>,
    measured: Vec<f64>,
}

pub(super) fn run(kernels: &CpuKernels, model: &Model<CpuKernels>) -> Comparison {
    let (ny, nx) = kernels.measurement.frame_shape();
    let background = model.background.as_ref().map(|b| b.iter().copied().collect::<Vec<f32>>());
    let saturation = kernels.measurement.saturation();
    let mut total = Comparison {
        frame_error: Vec::new(),
        frame_total: Vec::new(),
        frame_model: Vec::new(),
        model_modulus: Array2::zeros((ny, nx)),
        measured_modulus: Array2::zeros((ny, nx)),
    };
    for batch in kernels.all_frames().chunks(BATCH) {
        let groups: Vec<GroupSums> = batch
            .par_chunks(GROUP)
            .map(|group| {
                let mut sums = GroupSums::new(ny * nx);
                for &frame in group {
                    at_detector(kernels, model, frame, |coherent, amplitude| {
                        sums.add(coherent, amplitude, background.as_deref(), saturation);
                    });
                }
                sums
            })
            .collect();
        for group in groups {
            total.frame_error.extend(group.frame_error);
            total.frame_total.extend(group.frame_total);
            total.frame_model.extend(group.frame_model);
            total.model_modulus.iter_mut().zip(group.model).for_each(|(sum, v)| *sum += v);
            total.measured_modulus.iter_mut().zip(group.measured).for_each(|(sum, v)| *sum += v);
        }
    }
    total
}

impl GroupSums {
    fn new(pixels: usize) -> Self {
        Self {
            frame_error: Vec::with_capacity(GROUP),
            frame_total: Vec::with_capacity(GROUP),
            frame_model: Vec::with_capacity(GROUP),
            model: vec![0.0; pixels],
            measured: vec![0.0; pixels],
        }
    }

    fn add(&mut self, coherent: &[f32], amplitude: &[f32], background: Option<&[f32]>, saturation: f32) {
        let (mut error, mut total, mut model) = (0.0_f64, 0.0_f64, 0.0_f64);
        for (pixel, (&f, &a)) in coherent.iter().zip(amplitude).enumerate() {
            let intensity = f + background.map_or(0.0, |b| b[pixel]);
            let modulus = f64::from(intensity.sqrt());
            self.model[pixel] += modulus;
            // A saturated pixel of a model at least as bright has nothing to say.
            let sated = a >= saturation && modulus >= f64::from(a);
            if a >= 0.0 && !sated {
                let a = f64::from(a);
                self.measured[pixel] += a;
                error += (modulus - a).powi(2);
                total += a * a;
                model += f64::from(intensity);
            }
        }
        self.frame_error.push(error);
        self.frame_total.push(total);
        self.frame_model.push(model);
    }
}
