//! The experiment: particle, views and gauges from a seed; series, scans and truth from those.

use super::optics::{ENERGY, ElectronOptics, electron_density};
use super::particle::Particle;
use super::plan::Plan;
use super::truth::Truth;
use crate::error::SimError;
use crate::scan::ScanSimulation;
use crate::tilts::seeds::{Purpose, derived, generator};
use crate::tilts::{Gauge, Projected, Size, View, Voxels};
use litho_types::C32;
use litho_types::quantity::{ElectronVolts, Radians};
use ndarray::{Array2, Array3, Axis};

/// The whole experiment of one size and seed.
#[derive(Debug, Clone)]
pub struct Experiment {
    plan: Plan,
    seed: u64,
    optics: ElectronOptics,
    particle: Particle,
    angles: Vec<Radians>,
    views: Vec<View>,
    gauges: Vec<Gauge>,
}

impl Experiment {
    /// The experiment; `seed` draws particle, strays, gauges, stage jitter and noise.
    ///
    /// # Errors
    /// [`SimError::Scattering`] if the embedded tables cannot be read.
    pub fn new(size: Size, seed: u64) -> Result<Self, SimError> {
        Self::from_plan(Plan::new(size), seed)
    }

    /// The same with other numbers.
    ///
    /// # Errors
    /// [`SimError::Scattering`] if the embedded tables cannot be read.
    pub fn from_plan(mut plan: Plan, seed: u64) -> Result<Self, SimError> {
        let optics = ElectronOptics::new()?;
        let particle =
            Particle::new(&plan.recipe, electron_density()?, &mut generator(seed, Purpose::Sample));
        plan.acquisition.make_room(particle.reach());
        let acquisition = &plan.acquisition;
        let angles = acquisition.tilts();
        let views =
            acquisition.motion.views(&angles, acquisition.pixel, &mut generator(seed, Purpose::Motion(0)));
        let gauges = acquisition.gauge.draw(angles.len(), &mut generator(seed, Purpose::Gauge(0)));
        Ok(Self { plan, seed, optics, particle, angles, views, gauges })
    }

    /// The numbers of its size.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What electrons do to the beam.
    pub const fn optics(&self) -> &ElectronOptics {
        &self.optics
    }

    /// The particle.
    pub const fn particle(&self) -> &Particle {
        &self.particle
    }

    /// The tilt angles, ascending.
    pub fn angles(&self) -> &[Radians] {
        &self.angles
    }

    /// How each projection sees the sample.
    pub fn views(&self) -> &[View] {
        &self.views
    }

    /// Factor and ramp of each projection of the series.
    pub fn gauges(&self) -> &[Gauge] {
        &self.gauges
    }

    /// The tilt series, `(angle, y, x)`.
    pub fn series(&self) -> Array3<C32> {
        let acquisition = &self.plan.acquisition;
        let raster = acquisition.raster();
        let mut series = Array3::zeros((self.angles.len(), raster.shape.0, raster.shape.1));
        let seed = derived(self.seed, Purpose::SeriesNoise(0));
        for (index, image) in series.axis_iter_mut(Axis(0)).enumerate() {
            let wave = self.wave(raster.project(self.particle.body(), &self.views[index]));
            wave.record(&self.gauges[index], acquisition.photons_per_pixel, (seed, index as u64), image);
        }
        series
    }

    /// The ptychographic scan at angle number `index`.
    ///
    /// # Errors
    /// [`SimError`] if the plan's numbers make no scan.
    pub fn scan(&self, index: usize) -> Result<ScanSimulation, SimError> {
        let seeds =
            (derived(self.seed, Purpose::Positions(index)), derived(self.seed, Purpose::FrameNoise(index)));
        let (body, view) = (self.particle.body(), &self.views[index]);
        self.plan.acquisition.scan(body, view, ElectronVolts::new(ENERGY), seeds, |paths| self.wave(paths))
    }

    /// What an analysis should find.
    pub fn truth(&self) -> Truth {
        let acquisition = &self.plan.acquisition;
        let (slices, size) = acquisition.field;
        Truth::new(&self.particle, &Voxels { slices, size, edge: acquisition.pixel })
    }

    /// Optical density and phase of paths through electrons.
    fn wave(&self, [electrons]: [Array2<f64>; 1]) -> Projected {
        Projected {
            optical_density: self.optics.absorption * &electrons,
            phase: self.optics.phase * &electrons,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::particle::Part;
    use super::*;
    use crate::tilts::{GaugeSpread, Motion};
    use std::f64::consts::TAU;

    #[test]
    fn the_particle_is_like_the_papers() {
        let experiment = Experiment::new(Size::Small, 1).unwrap();
        let truth = experiment.truth();
        let (mut sum, mut count, mut core, mut inner) = (0.0, 0.0, 0.0, 0.0);
        for (density, depth) in truth.electron_density.iter().zip(&truth.depth) {
            if *depth > 0.0 {
                (sum, count) = (sum + f64::from(*density), count + 1.0);
            }
            if *depth > 0.5 * experiment.particle.radius() as f32 {
                (core, inner) = (core + f64::from(*density), inner + 1.0);
            }
        }
        // Paper, long-term cycled: some 0.85 e/Å³ on average, less towards the core of large particles.
        assert!((0.80..0.90).contains(&(sum / count)) && core / inner < sum / count - 0.01);
        let grains = truth.grain.iter().filter(|label| **label > 0).count() as f64;
        assert!(grains / count > 0.6, "{grains} of {count} voxels are grains");
        assert!(truth.pore.iter().any(|label| *label as usize > experiment.particle.pores()), "no crack");
    }

    #[test]
    fn the_phase_passes_a_whole_turn() {
        // The tiny one is smaller: its phase wraps, beyond half a turn.
        for (size, turns) in [(Size::Tiny, 0.55), (Size::Small, 0.95)] {
            let experiment = Experiment::new(size, 1).unwrap();
            let acquisition = &experiment.plan.acquisition;
            let paths = acquisition.raster().project(experiment.particle.body(), &experiment.views[0]);
            let deepest = experiment.wave(paths).phase.into_iter().fold(0.0, f64::min);
            assert!(deepest < -turns * TAU, "{size:?} {deepest}");
        }
    }

    #[test]
    fn the_series_is_the_truth_projected() {
        let mut plan = Plan::new(Size::Tiny);
        plan.acquisition.angles = 2;
        plan.acquisition.range = (0.0, 90.0);
        plan.acquisition.motion =
            Motion { jitter: 0.0, drift: 0.0, axis: 0.0, turn: Radians::new(0.0), scale: 0.0 };
        plan.acquisition.gauge = GaugeSpread { amplitude: 0.0, ramp: 0.0 };
        let experiment = Experiment::from_plan(plan, 1).unwrap();
        let (truth, raster) = (experiment.truth(), plan.acquisition.raster());
        let image = &raster.project(experiment.particle.body(), &experiment.views[0])[0];
        let whole = experiment.particle.radius() * 2.0;
        for ((row, column), value) in image.indexed_iter() {
            let sum = truth.electron_density.slice(ndarray::s![row, .., column]).sum();
            let sum = f64::from(sum) * truth.voxel;
            // 3 × 3 rays here and 4 × 4 lines there see the rim and the pores to a sixth of a voxel.
            assert!((sum - value).abs() < 0.05 * whole, "{row} {column}: {sum} {value} of {whole}");
        }
    }

    #[test]
    fn labels_tell_what_they_stand_for() {
        let particle = Particle::new(&Plan::new(Size::Tiny).recipe, 1.0, &mut generator(3, Purpose::Sample));
        let shapes = &particle.body().shapes;
        assert_eq!(particle.part(0), Part::Air);
        assert_eq!(particle.part(shapes[0].label), Part::Between);
        assert_eq!(particle.part(shapes[1].label), Part::Grain(0));
        assert_eq!(particle.part(shapes[particle.grains() + 1].label), Part::Pore(0));
        assert_eq!(particle.part(shapes[particle.grains() + particle.pores() + 1].label), Part::Crack(0));
        assert!(particle.grain_densities().all(|density| (0.97..1.03).contains(&density)));
    }
}
