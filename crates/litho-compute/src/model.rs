//! The unknowns of a scan: what an engine moves.

use crate::kernels::Kernels;
use crate::measurement::Measurement;
use ndarray::Array2;

/// Object, beam and everything else that is to be found, on the device of `K`.
///
/// Frame j sees the exit waves `ψ_jk = c_j P_jk(r − s_j) O(r + r_j)` and the detector `I_j = Σ_k|F ψ_jk|² + b`.
#[derive(Debug)]
pub struct Model<K: Kernels + ?Sized> {
    /// Transmission of the object, `(y, x)`.
    pub object: K::Object,
    /// Probe modes, `(mode, y, x)`.
    pub probe: K::Probe,
    /// Directions `U_e` in which the first mode varies from frame to frame, `(variation, y, x)`.
    pub variations: Option<K::Probe>,
    /// Background `b` in counts, `(y, x)` in kernel order.
    pub background: Option<K::Image>,
    /// How each frame sees the object.
    pub views: Views,
}

/// Whether frames lie on whole object pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// Places are rounded; the probe stays where it is.
    WholePixels,
    /// The patch lies on whole pixels and the probe moves by the rest, by a phase in Fourier space.
    SubPixel,
}

/// How each frame sees the object; host data, a few numbers per frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Views {
    /// Where each patch begins on the object, `(y, x)` in object pixels, not rounded.
    pub places: Vec<[f64; 2]>,
    /// Whether the fractions of `places` count.
    pub sampling: Sampling,
    /// Amplitude `c_j` of the beam in each frame relative to the probe.
    pub amplitudes: Vec<f32>,
    /// Coefficients of the probe's variations, `(frame, variation)`: `P_j0 = P_0 + Σ_e a_je U_e`.
    pub coefficients: Array2<f32>,
    /// How far the beam moved over the object during each exposure, `(y, x)` in object pixels; empty for a stepped scan.
    pub sweeps: Vec<[f32; 2]>,
    /// Incoherent sub-exposures that stand for a sweep.
    pub exposures: usize,
}

impl Views {
    /// A stepped scan with a steady beam and the measurement's positions.
    pub fn steady(measurement: &Measurement, sampling: Sampling) -> Self {
        let places = measurement.placement().places.clone();
        let frames = places.len();
        Self {
            places,
            sampling,
            amplitudes: vec![1.0; frames],
            coefficients: Array2::zeros((frames, 0)),
            sweeps: Vec::new(),
            exposures: 1,
        }
    }

    /// First pixel `(y, x)` of a frame's patch on an object of `object` pixels, and the probe's shift `(y, x)` in pixels
    /// that stands for the rest. A place outside the object leaves a large shift rather than a patch out of bounds.
    pub fn locate(
        &self,
        frame: usize,
        object: (usize, usize),
        shape: (usize, usize),
    ) -> ([usize; 2], [f32; 2]) {
        let place = self.places[frame];
        let last = [object.0.saturating_sub(shape.0), object.1.saturating_sub(shape.1)];
        let corner = [0, 1].map(|axis| place[axis].round().clamp(0.0, last[axis] as f64) as usize);
        let shift = match self.sampling {
            Sampling::WholePixels => [0.0; 2],
            Sampling::SubPixel => [0, 1].map(|axis| (place[axis] - corner[axis] as f64) as f32),
        };
        (corner, shift)
    }

    /// How far the beam of wave `wave` lies from the patch of a frame whose probe is moved by `shift`, `(y, x)` in pixels:
    /// with several exposures wave `k·T + t` is at `(t + ½)/T − ½` of the sweep.
    pub fn displacement(&self, frame: usize, wave: usize, shift: [f32; 2]) -> [f32; 2] {
        let Some(sweep) = self.sweeps.get(frame) else { return shift };
        let along = ((wave % self.exposures) as f32 + 0.5) / self.exposures as f32 - 0.5;
        [shift[0] + along * sweep[0], shift[1] + along * sweep[1]]
    }

    /// The displacements of a frame's waves, in turn; none if all lie on the patch.
    pub fn displacements(&self, frame: usize, shift: [f32; 2]) -> Vec<[f32; 2]> {
        let all = (0..self.exposures).map(|exposure| self.displacement(frame, exposure, shift));
        if self.sweeps.is_empty() && shift == [0.0; 2] { Vec::new() } else { all.collect() }
    }

    /// True if every frame sees the probe itself: nothing moves, scales or varies it.
    pub fn share_the_probe(&self) -> bool {
        self.sampling == Sampling::WholePixels
            && self.sweeps.is_empty()
            && self.exposures == 1
            && self.coefficients.is_empty()
            && self.amplitudes.iter().all(|&c| c == 1.0)
    }

    /// Waves per frame for `modes` probe modes.
    pub fn waves(&self, modes: usize) -> usize {
        modes * self.exposures
    }
}

impl<K: Kernels + ?Sized> Model<K> {
    /// A model without variations and background.
    pub fn new(object: K::Object, probe: K::Probe, views: Views) -> Self {
        Self { object, probe, variations: None, background: None, views }
    }
}
