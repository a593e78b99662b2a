//! What is known of the object.

use super::Correct;
use crate::engine::Fields;
use litho_compute::Kernels;
use litho_types::C32;
use ndarray::Array2;

/// Keeps `|O|` within limits; both 1 for an object that does not absorb.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmplitudeLimits {
    /// Smallest amplitude.
    pub smallest: f32,
    /// Largest amplitude.
    pub largest: f32,
}

impl<K: Kernels> Correct<K> for AmplitudeLimits {
    fn correct(&self, kernels: &K, _: usize, fields: &mut Fields<K>) {
        let mut object = kernels.store_object(&fields.model.object);
        object.mapv_inplace(|o| {
            let amplitude = o.norm();
            let wanted = amplitude.clamp(self.smallest, self.largest);
            if amplitude > 0.0 { o * (wanted / amplitude) } else { C32::new(wanted, 0.0) }
        });
        fields.model.object = kernels.load_object(&object);
    }
}

/// A step of diffusion, `O ← O + s ΔO/4`: descends `Σ|∇O|²`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Smoothness {
    /// Step s in (0, 1]; at 1 a pixel becomes the mean of its neighbours.
    pub strength: f32,
}

impl<K: Kernels> Correct<K> for Smoothness {
    fn correct(&self, kernels: &K, _: usize, fields: &mut Fields<K>) {
        let object = kernels.store_object(&fields.model.object);
        let flow = divergence(&object, |_| 1.0);
        let moved = object + flow.mapv(|f| f * (self.strength / 4.0));
        fields.model.object = kernels.load_object(&moved);
    }
}

/// A step down the total variation `Σ|∇O|`, rounded off below a contrast (Rudin, Osher & Fatemi, Physica D 60, 259 (1992)):
/// `O ← O + s ∇·(∇O/√(|∇O|² + c²))`. Edges of more than the contrast stay, noise below it is evened out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TotalVariation {
    /// Step s; stable below a quarter of the contrast.
    pub strength: f32,
    /// Contrast c of the object below which differences count as noise.
    pub contrast: f32,
}

impl<K: Kernels> Correct<K> for TotalVariation {
    fn correct(&self, kernels: &K, _: usize, fields: &mut Fields<K>) {
        let object = kernels.store_object(&fields.model.object);
        let square = self.contrast * self.contrast;
        let flow = divergence(&object, |slope| 1.0 / (slope + square).sqrt());
        // Larger steps than the stable one overshoot.
        let strength = self.strength.min(0.25 * self.contrast);
        fields.model.object = kernels.load_object(&(object + flow.mapv(|f| f * strength)));
    }
}

/// `∇·(g ∇O)` with forward differences, nothing flowing across the rim; `g` from `|∇O|²`.
fn divergence(object: &Array2<C32>, g: impl Fn(f32) -> f32) -> Array2<C32> {
    let (ny, nx) = object.dim();
    let mut flow = Array2::<C32>::zeros((ny, nx));
    for y in 0..ny {
        for x in 0..nx {
            let here = object[(y, x)];
            let down = if y + 1 < ny { object[(y + 1, x)] - here } else { C32::default() };
            let right = if x + 1 < nx { object[(y, x + 1)] - here } else { C32::default() };
            let weight = g(down.norm_sqr() + right.norm_sqr());
            flow[(y, x)] += (down + right) * weight;
            if y + 1 < ny {
                flow[(y + 1, x)] -= down * weight;
            }
            if x + 1 < nx {
                flow[(y, x + 1)] -= right * weight;
            }
        }
    }
    flow
}
