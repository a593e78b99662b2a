//! The experiment: plates, views and gauges from a seed; series, scans and truth from those.

use super::agglomerate::{agglomerate, centred};
use super::chemistry::react;
use super::optics::{ENERGIES, Phase, PhaseOptics};
use super::plan::Plan;
use super::plate::Plate;
use super::truth::Truth;
use crate::error::SimError;
use crate::scan::ScanSimulation;
use crate::tilts::seeds::{Purpose, derived, generator};
use crate::tilts::{Body, Gauge, Projected, Shape, Size, View, Voxels};
use litho_types::C32;
use litho_types::quantity::{ElectronVolts, Radians};
use ndarray::{Array2, Array3, Axis};

/// The whole experiment of one size and seed.
#[derive(Debug, Clone)]
pub struct Experiment {
    plan: Plan,
    seed: u64,
    optics: [PhaseOptics; 2],
    plates: Vec<Plate>,
    body: Body<2>,
    angles: Vec<Radians>,
    views: [Vec<View>; 2],
    gauges: [Vec<Gauge>; 2],
}

impl Experiment {
    /// The experiment; `seed` draws plates, strays, gauges, stage jitter and noise.
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
        let optics = [Phase::Lfp.optics()?, Phase::Fp.optics()?];
        let mut rng = generator(seed, Purpose::Sample);
        let mut plates = agglomerate(plan.plates, &plan.class, &mut rng);
        centred(&mut plates);
        react(&mut plates, &mut rng);
        plan.acquisition.make_room(plates.iter().map(Plate::far_corner).fold(0.0, f64::max));
        let acquisition = &plan.acquisition;
        let angles = acquisition.tilts();
        let views = [0, 1].map(|energy| {
            acquisition.motion.views(
                &angles,
                acquisition.pixel,
                &mut generator(seed, Purpose::Motion(energy)),
            )
        });
        let gauges = [0, 1]
            .map(|energy| acquisition.gauge.draw(angles.len(), &mut generator(seed, Purpose::Gauge(energy))));
        let body = body(&plates);
        Ok(Self { plan, seed, optics, plates, body, angles, views, gauges })
    }

    /// The numbers of its size.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What the phases do to the beam: LFP and FP.
    pub const fn optics(&self) -> &[PhaseOptics; 2] {
        &self.optics
    }

    /// The plates; label `k` of the truth is number `k − 1`.
    pub fn plates(&self) -> &[Plate] {
        &self.plates
    }

    /// Shares of LFP and FP in space.
    pub const fn body(&self) -> &Body<2> {
        &self.body
    }

    /// The tilt angles, ascending.
    pub fn angles(&self) -> &[Radians] {
        &self.angles
    }

    /// How each projection at energy 0 or 1 sees the sample.
    pub fn views(&self, energy: usize) -> &[View] {
        &self.views[energy]
    }

    /// Factor and ramp of each projection of the series at energy 0 or 1.
    pub fn gauges(&self, energy: usize) -> &[Gauge] {
        &self.gauges[energy]
    }

    /// The tilt series at energy 0 or 1, `(angle, y, x)`.
    pub fn series(&self, energy: usize) -> Array3<C32> {
        let acquisition = &self.plan.acquisition;
        let raster = acquisition.raster();
        let mut series = Array3::zeros((self.angles.len(), raster.shape.0, raster.shape.1));
        let seed = derived(self.seed, Purpose::SeriesNoise(energy));
        for (index, image) in series.axis_iter_mut(Axis(0)).enumerate() {
            let wave = self.wave(energy, raster.project(&self.body, &self.views[energy][index]));
            let gauge = &self.gauges[energy][index];
            wave.record(gauge, acquisition.photons_per_pixel, (seed, index as u64), image);
        }
        series
    }

    /// The ptychographic scan at energy 0 or 1 and angle number `index`.
    ///
    /// # Errors
    /// [`SimError`] if the plan's numbers make no scan.
    pub fn scan(&self, energy: usize, index: usize) -> Result<ScanSimulation, SimError> {
        let scan = 2 * index + energy;
        let seeds =
            (derived(self.seed, Purpose::Positions(scan)), derived(self.seed, Purpose::FrameNoise(scan)));
        let view = &self.views[energy][index];
        let energy_of = ElectronVolts::new(ENERGIES[energy]);
        self.plan.acquisition.scan(&self.body, view, energy_of, seeds, |paths| self.wave(energy, paths))
    }

    /// What an analysis should find.
    pub fn truth(&self) -> Truth {
        let acquisition = &self.plan.acquisition;
        let (slices, size) = acquisition.field;
        Truth::new(&self.body, &Voxels { slices, size, edge: acquisition.pixel }, &self.optics)
    }

    /// Optical density and phase of paths through LFP and FP.
    fn wave(&self, energy: usize, paths: [Array2<f64>; 2]) -> Projected {
        let [lfp, fp] = &self.optics;
        let sum = |a: f64, b: f64| a * &paths[0] + b * &paths[1];
        Projected {
            optical_density: sum(lfp.absorption[energy], fp.absorption[energy]),
            phase: sum(lfp.phase[energy], fp.phase[energy]),
        }
    }
}

/// The domains of all plates.
fn body(plates: &[Plate]) -> Body<2> {
    let shapes = plates.iter().zip(1..).flat_map(|(plate, label)| {
        plate.domains.iter().map(move |domain| Shape {
            solid: plate.solid(domain),
            amounts: [1.0 - domain.fraction, domain.fraction],
            label,
        })
    });
    Body { shapes: shapes.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_stays_in_the_image() {
        for size in [Size::Tiny, Size::Small, Size::Paper] {
            for seed in 1..6 {
                let experiment = Experiment::new(size, seed).unwrap();
                let acquisition = &experiment.plan.acquisition;
                let radius =
                    experiment.plates.iter().map(Plate::far_corner).fold(0.0, f64::max) / acquisition.pixel;
                let side = acquisition.field.0.min(acquisition.field.1) as f64;
                assert!(radius + acquisition.motion.reach() < 0.5 * side, "{size:?} {seed}: {radius} {side}");
            }
        }
    }

    #[test]
    fn the_series_is_the_truth_projected() {
        // Without strays, gauges and noise: the voxels' sums along the rays at 0° are the optical densities there.
        let mut plan = Plan::new(Size::Tiny);
        plan.acquisition.angles = 2;
        plan.acquisition.range = (0.0, 90.0);
        plan.acquisition.motion =
            crate::tilts::Motion { jitter: 0.0, drift: 0.0, axis: 0.0, turn: Radians::new(0.0), scale: 0.0 };
        plan.acquisition.gauge = crate::tilts::GaugeSpread { amplitude: 0.0, ramp: 0.0 };
        plan.acquisition.photons_per_pixel = 1e12;
        let experiment = Experiment::from_plan(plan, 1).unwrap();
        let truth = experiment.truth();
        for energy in [0, 1] {
            let density = experiment.series(energy).mapv(|t| -2.0 * t.norm().ln());
            let (ahead, aside) = (density.index_axis(Axis(0), 0), density.index_axis(Axis(0), 1));
            let volume = &truth.optical_density[energy];
            let largest = ahead.iter().copied().fold(0.0, f32::max);
            // 4 × 4 rays here and 4 × 4 lines there see edges of plates to an eighth of a pixel: some per cent of a plate.
            let tolerance = 0.05 * largest;
            for ((row, column), value) in ahead.indexed_iter() {
                let sum = volume.slice(ndarray::s![row, .., column]).sum();
                assert!((sum - value).abs() < tolerance, "{row} {column}: {sum} {value} of {largest}");
            }
            let side = aside.dim().1;
            for ((row, column), value) in aside.indexed_iter() {
                let sum = volume.slice(ndarray::s![row, side - 1 - column, ..]).sum();
                assert!((sum - value).abs() < tolerance, "{row} {column}: {sum} {value} of {largest}");
            }
        }
    }

    #[test]
    fn a_seed_gives_one_experiment() {
        let one = Experiment::new(Size::Tiny, 4).unwrap();
        let same = Experiment::new(Size::Tiny, 4).unwrap();
        assert_eq!(one.series(1), same.series(1));
        assert_ne!(one.series(1), Experiment::new(Size::Tiny, 5).unwrap().series(1));
        assert_eq!(one.scan(0, 3).unwrap(), same.scan(0, 3).unwrap());
    }
}
