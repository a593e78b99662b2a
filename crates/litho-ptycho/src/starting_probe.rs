//! A probe to start from, made of the data alone.

use litho_compute::{Measurement, Sampling, Views};
use litho_types::C32;
use ndarray::{Array2, Array3};

/// The probe `(y, x)` whose free propagation gives the mean frame: `F⁻¹[√⟨I⟩ exp(iπ c |u|²)]` in the far
/// field, with `u` the frequency in units of the frame's half width and `c` the `curvature` of the
/// beam's wavefront (0 for a sample in the focus). In the near field `√⟨I⟩` is propagated back and `c` is ignored.
/// Pixels that were not measured count as dark.
pub fn mean_frame_probe(measurement: &Measurement, curvature: f64) -> Array2<C32> {
    let (ny, nx) = measurement.frame_shape();
    let mean = measurement.frames().mean();
    let propagator = measurement.propagator();
    let mut field = propagator.wavefield(1);
    for (((y, x), value), wave) in mean.indexed_iter().zip(field.waves.iter_mut()) {
        let amplitude = if measurement.good()[(y, x)] && *value > 0.0 { value.sqrt() } else { 0.0 };
        let phase = if propagator.is_far_field() {
            let square = reduced_frequency(y, ny).powi(2) + reduced_frequency(x, nx).powi(2);
            std::f64::consts::PI * curvature * square
        } else {
            0.0
        };
        *wave = C32::from_polar(amplitude as f32, phase as f32);
    }
    propagator.to_sample(&mut field);
    if propagator.is_far_field() {
        // The transform puts the beam at the corner; probes are centred.
        Array2::from_shape_fn((ny, nx), |(y, x)| {
            field.waves[(y + ny - ny / 2) % ny * nx + (x + nx - nx / 2) % nx]
        })
    } else {
        Array2::from_shape_fn((ny, nx), |(y, x)| field.waves[y * nx + x])
    }
}

/// Frequency of index `i` of `n`, zero at the corner, in units of the highest.
fn reduced_frequency(i: usize, n: usize) -> f64 {
    let signed = if i < n.div_ceil(2) { i as f64 } else { i as f64 - n as f64 };
    2.0 * signed / n as f64
}

/// Scales probe modes to the power of the brightest frame: `Σ_k Σ_r |P_k|² = max_j Σ_q I_j`.
/// The object then is close to one where it is empty.
pub fn scale_to_frames(probe: &mut Array3<C32>, measurement: &Measurement) {
    let totals = measurement.frames().totals(measurement.good().view());
    let brightest = totals.into_iter().fold(0.0, f64::max);
    let power: f64 = probe.iter().map(|p| f64::from(p.norm_sqr())).sum();
    if power > 0.0 {
        let factor = (brightest / power).sqrt() as f32;
        probe.mapv_inplace(|p| p * factor);
    }
}

/// How much light each object pixel saw: `Σ_j Σ_k |P_k(r − r_j)|²`, `(y, x)`, relative to its largest value.
pub fn coverage(measurement: &Measurement, probe: &Array3<C32>) -> Array2<f32> {
    let views = Views::steady(measurement, Sampling::WholePixels);
    coverage_of_views(&views, measurement.placement().object_shape, probe)
}

/// The same for frames that see an object of `shape` as `views` say, on whole pixels: `Σ_j c_j² Σ_k |P_k(r − r_j)|²`.
pub fn coverage_of_views(views: &Views, shape: (usize, usize), probe: &Array3<C32>) -> Array2<f32> {
    let intensity = probe.mapv(|p| p.norm_sqr()).sum_axis(ndarray::Axis(0));
    let (ny, nx) = intensity.dim();
    let mut seen = Array2::<f32>::zeros(shape);
    for (frame, c) in views.amplitudes.iter().enumerate() {
        let ([y, x], _) = views.locate(frame, shape, (ny, nx));
        let mut patch = seen.slice_mut(ndarray::s![y..y + ny, x..x + nx]);
        patch.scaled_add(c * c, &intensity);
    }
    let largest = seen.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    seen / largest
}
