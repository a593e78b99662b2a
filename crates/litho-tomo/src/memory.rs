//! How much memory a reconstruction takes.

use crate::fourier::{Gridding, PlaneFilter};
use crate::geometry::Geometry;
use crate::settings::{Method, Settings};
use crate::sheet::{SLICES, Sheet};

/// Bytes that [`reconstruct_layers`](crate::reconstruct_layers) takes at most for a volume of `depth` slices on this many
/// threads, with weights or without: all but the projections and slices that its source and sink keep themselves.
pub fn memory(geometry: &Geometry, settings: &Settings, depth: usize, weighted: bool, threads: usize) -> u64 {
    let (angles, detector, size) = (geometry.angles().len(), geometry.detector(), geometry.size());
    let (rays, slices) = (Sheet::bytes_of_rays(angles, detector), Sheet::bytes_of_slices(size));
    let layers = depth.div_ceil(SLICES).clamp(1, settings.method.layers_at_once(threads));
    // What a layer keeps: its data, their weights, the slices it gives as a volume.
    let data = rays * (1 + usize::from(weighted)) + size * size * SLICES * size_of::<f32>();
    // While it is read: rows as they come and with missing pixels taken out.
    let reading = angles * detector * SLICES * size_of::<f32>() * (1 + 2 * usize::from(weighted));
    let subset = |block: usize| Sheet::bytes_of_rays(block.min(angles), detector);
    let work = match settings.method {
        Method::Fbp { .. } | Method::FbpFromDerivative { .. } => rays + slices,
        Method::Fourier { .. } => {
            slices + rays * usize::from(weighted) + Gridding::bytes(geometry, threads.max(1))
        }
        Method::Cgls { .. } => 2 * rays + 3 * slices,
        Method::Sirt { .. } => rays + 2 * slices,
        Method::Art { .. } => slices,
        Method::Sart { block, .. } => subset(block) + 2 * slices,
        Method::Tv { block, .. } => subset(block) + 5 * slices,
        Method::Wedge { block, .. } => subset(block) + 4 * slices + PlaneFilter::bytes(size),
    };
    // Sums of rows and columns, and the support, one number each for all slices.
    let shared = (rays + slices) / SLICES + size * size * size_of::<u32>();
    (layers * (data + work) + reading + shared) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_types::tilt::TiltAngles;

    /// CGLS on 1000 × 1000 voxels and 800 angles: 3 slices and 3 rays of 32 × 4 bytes each are 0.38 + 0.31 GB; the volume
    /// given out is another 0.13 GB, the rows read 0.1 GB.
    #[test]
    fn a_layer_of_a_large_volume_fits() {
        let degrees: Vec<f64> = (0..800).map(|k| 0.225 * f64::from(k)).collect();
        let angles = TiltAngles::from_degrees(&degrees).expect("ascending");
        let geometry = Geometry::centred(&angles, 1000).expect("not empty");
        let settings = Settings::new(Method::Cgls { iterations: 20 });
        let bytes = memory(&geometry, &settings, 700, false, 16) as f64;
        let wanted = 128.0 * (4.0e6 + 3.0 * 0.8e6) + 0.1024e9;
        // Margins and the shared sums are what is left.
        assert!(bytes > wanted && bytes < 1.03 * wanted, "{bytes:e} for {wanted:e}");
        assert_eq!(memory(&geometry, &settings, 10_000, false, 16), bytes as u64, "the depth does not count");
    }
}
