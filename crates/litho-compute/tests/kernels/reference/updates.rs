//! The kernels that replace the unknowns.

use super::detector::Rule;
use super::{C64, Reference, largest};
use litho_compute::{Averaged, Inertia, Likelihood, PieWeights, WaveStep};
use ndarray::{Array2, Array3, Axis};

impl Reference {
    /// Frame after frame: `O ← O + α Σ_k P_k* Δψ_k / [(1−γ) Σ_k|P_k|² + γ max Σ_k|P_k|²]`,
    /// `P_k ← P_k + β O* Δψ_k / [(1−γ)|O|² + γ max|O|²]`, both by their values before; the step of a beam that is not the
    /// probe itself goes the beam's way back.
    pub(crate) fn pie_sweep(&mut self, order: &[usize], likelihood: Likelihood, weights: PieWeights) -> f64 {
        let [alpha, beta, object_gamma, probe_gamma] =
            [weights.object_step, weights.probe_step, weights.object_gamma, weights.probe_gamma]
                .map(f64::from);
        let mut total = 0.0;
        for &frame in order {
            let (before, beam, object) = (self.exit_wave(frame), self.beam(frame), self.patch(frame));
            let (after, error) = self.visit(Rule::Step, likelihood, frame, &before);
            total += error;
            let difference = after - before;
            let light = beam.mapv(|p| p.norm_sqr()).sum_axis(Axis(0));
            let matter = object.mapv(|o| o.norm_sqr());
            let (most_light, most_matter) = (largest(&light), largest(&matter));
            let [cy, cx] = self.corner(frame);
            for ((k, y, x), d) in difference.indexed_iter() {
                let at = (y, x);
                let step = alpha / ((1.0 - object_gamma) * light[at] + object_gamma * most_light);
                self.object[(cy + y, cx + x)] += beam[(k, y, x)].conj() * d * step;
            }
            let mut step = difference;
            for ((_, y, x), d) in step.indexed_iter_mut() {
                let at = (y, x);
                let size = beta / ((1.0 - probe_gamma) * matter[at] + probe_gamma * most_matter);
                *d *= object[at].conj() * size;
            }
            self.probe += &self.gather(frame, &step);
        }
        total
    }

    /// `φ = Π_F[p P·O + q ψ]`, `ψ ← x ψ + a P·O + b φ`, and object and probe from the overlap of the waves that the step
    /// names, both by their values before.
    pub(crate) fn wave_step(&mut self, step: WaveStep, inertia: Inertia) -> f64 {
        let ([p, q], [x, a, b]) = (step.argument.map(f64::from), step.next.map(f64::from));
        let mut total = 0.0;
        let mut averaged = self.waves.clone();
        for frame in 0..self.frame_count() {
            let model = self.exit_wave(frame);
            let wave = self.waves.index_axis(Axis(0), frame).to_owned();
            let (projected, error) = self.project(frame, &(&model * p + &wave * q));
            total += error;
            let moved = wave * x + model * a + &projected * b;
            let seen = if step.averaged == Averaged::Waves { &moved } else { &projected };
            averaged.index_axis_mut(Axis(0), frame).assign(seen);
            self.waves.index_axis_mut(Axis(0), frame).assign(&moved);
        }
        let moved = std::mem::replace(&mut self.waves, averaged);
        let mut probe_side = self.clone();
        self.overlap_object(f64::from(inertia.object));
        if let Some(inertia) = inertia.probe {
            probe_side.overlap_probe(f64::from(inertia));
            self.probe = probe_side.probe;
        }
        self.waves = moved;
        total
    }

    /// `O ← (Σ_jk P_jk* ψ_jk + c O)/(Σ_jk |P_jk|² + c)`, `c = inertia · max Σ_jk |P_jk|²`.
    pub(crate) fn overlap_object(&mut self, inertia: f64) {
        let mut sum = Array2::<C64>::zeros(self.object.dim());
        for (frame, wave) in self.waves.outer_iter().enumerate() {
            self.push_object(frame, &wave.to_owned(), &mut sum);
        }
        let weight = self.light_on_object(&self.all_frames());
        let c = inertia * largest(&weight);
        for (at, o) in self.object.indexed_iter_mut() {
            *o = (sum[at] + *o * c) / (weight[at] + c);
        }
    }

    /// `P_k ← (Σ_j O_j* ψ_jk + c P_k)/(Σ_j c_j²|O_j|² + c)`, `c = inertia · frame count`; returns `‖P' − P‖/‖P‖`.
    pub(crate) fn overlap_probe(&mut self, inertia: f64) -> f64 {
        let before = self.probe.clone();
        let c = inertia * self.frame_count() as f64;
        let mut sum = Array3::<C64>::zeros(self.probe.dim());
        for (frame, wave) in self.waves.outer_iter().enumerate() {
            sum += &self.probe_push(frame, &wave.to_owned());
        }
        let weight = self.light_on_probe(&self.all_frames());
        for ((k, y, x), p) in self.probe.indexed_iter_mut() {
            *p = (sum[(k, y, x)] + *p * c) / (weight[(y, x)] + c);
        }
        let power = |probe: &Array3<C64>| probe.iter().map(C64::norm_sqr).sum::<f64>();
        (power(&(&self.probe - &before)) / power(&before)).sqrt()
    }
}
