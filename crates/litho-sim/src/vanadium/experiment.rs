//! The experiment: for each sample and energy a scan, and for each sample the truth.

use super::factors::EnergyFactors;
use super::particle::Particle;
use super::plan::{Plan, Size};
use super::sample::Sample;
use super::truth::SampleTruth;
use crate::background::Background;
use crate::detector::Detector;
use crate::error::SimError;
use crate::grid::Grid;
use crate::optics::{MirrorAperture, Optics};
use crate::phantom::{Canvas, Object};
use crate::positions::raster;
use crate::scan::{Illumination, ScanSimulation};
use crate::validate::canvas;
use litho_types::C32;
use litho_types::energies::Energies;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::mask::DetectorMask;
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Step of the raster, metres.
pub const STEP: f64 = 150e-9;
/// Full width of the focus at half maximum, metres.
pub const FOCUS: f64 = 300e-9;
/// Sample behind the focus, metres: a third of the depth of focus λ/NA², so that the beam is curved but hardly wider.
pub const DEFOCUS: f64 = 0.7e-3;
/// Energy at which the focus has its nominal width, eV.
const FOCUS_ENERGY: f64 = 5480.0;
/// Stage jitter about the raster, in steps; it is in the recorded positions, and different at each energy.
const JITTER: f64 = 0.2;
/// Drift of the sample from energy to energy along each axis, in object pixels (standard deviation). Not recorded.
const DRIFT: f64 = 1.0;
/// Pixel of the detector (EIGER), metres.
const DETECTOR_PIXEL: f64 = 75e-6;
/// Fine pixels along an object pixel.
const OVERSAMPLING: usize = 2;

/// What random numbers are for; each purpose has its own.
#[derive(Clone, Copy)]
enum Purpose {
    Particle,
    Drift,
    Positions(usize),
    Noise(usize),
}

/// The whole experiment of one size and seed.
#[derive(Debug, Clone)]
pub struct Experiment {
    plan: Plan,
    seed: u64,
    energies: Energies,
    factors: Vec<EnergyFactors>,
}

impl Experiment {
    /// The experiment; `seed` draws particles, drifts, stage jitter and noise.
    ///
    /// # Errors
    /// [`SimError::Scattering`] if the embedded tables cannot be read.
    pub fn new(size: Size, seed: u64) -> Result<Self, SimError> {
        let energies = size.energies()?;
        let factors = EnergyFactors::at_all(&energies)?;
        Ok(Self { plan: size.plan(), seed, energies, factors })
    }

    /// The numbers of its size.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The photon energies, ascending.
    pub const fn energies(&self) -> &Energies {
        &self.energies
    }

    /// Scattering factors at each energy.
    pub fn factors(&self) -> &[EnergyFactors] {
        &self.factors
    }

    /// The particle of a sample, without drift.
    pub fn particle(&self, sample: Sample) -> Particle {
        Particle::new(sample, &self.plan, self.derived(sample, Purpose::Particle))
    }

    /// Displacement of a sample at each energy: what is at `r` in the truth is scanned as if at `r + drift`. Zero at the
    /// first energy.
    pub fn drift(&self, sample: Sample) -> Vec<Point<Metres>> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.derived(sample, Purpose::Drift));
        let mut along = || -> Metres {
            let normal: f64 = StandardNormal.sample(&mut rng);
            Metres::new(DRIFT * self.plan.pixel * normal)
        };
        let mut drift: Vec<_> = self.energies.iter().map(|_| Point::new(along(), along())).collect();
        drift[0] = Point::new(Metres::new(0.0), Metres::new(0.0));
        drift
    }

    /// The mirrors: their angles stay, so the focus is 300 nm at 5480 eV and 1 % wider or narrower at the ends.
    pub fn optics(&self) -> Optics {
        /// Full width of sinc² at half maximum in units of `λ/2NA`.
        const SINC_SQUARED: f64 = 0.885_892_941;
        // FWHM = 0.886 λ/(2 NA)
        let angle = SINC_SQUARED * ElectronVolts::new(FOCUS_ENERGY).wavelength().value() / (2.0 * FOCUS);
        Optics::KirkpatrickBaez {
            aperture: MirrorAperture::NumericalAperture(Point::new(angle, angle)),
            defocus: Metres::new(DEFOCUS),
        }
    }

    /// The scan of a sample at energy number `index` of [`energies`](Self::energies).
    ///
    /// # Errors
    /// [`SimError::Value`] if there is no such energy.
    pub fn scan(&self, sample: Sample, index: usize) -> Result<ScanSimulation, SimError> {
        let factors = self.factors_at(index)?;
        let geometry = self.geometry(factors.energy);
        let positions = self.positions(sample, index)?;
        let canvas = self.canvas(&positions, factors.energy, OVERSAMPLING)?;
        let (particle, drift) = (self.particle(sample), self.drift(sample)[index]);
        let transmission = canvas.sampled(|y, x| {
            let wave = particle.amounts(y - drift.y.value(), x - drift.x.value()).transmission(factors);
            C32::new(wave.re as f32, wave.im as f32)
        });
        let shape = (self.plan.frame, self.plan.frame);
        Ok(ScanSimulation {
            geometry,
            shape,
            illumination: Illumination::Optics {
                optics: self.optics(),
                diffuser: None,
                mode_powers: vec![1.0],
            },
            object: Object::Array { transmission, origin: canvas.first_fine() },
            positions,
            photons_per_frame: self.plan.photons,
            mask: DetectorMask::all_good(shape),
            background: Background::NONE,
            detector: Detector::PhotonCounting,
            oversampling: OVERSAMPLING,
            seed: self.derived(sample, Purpose::Noise(index)),
        })
    }

    /// What an analysis of a sample should find.
    ///
    /// # Errors
    /// None with the numbers of the built-in sizes; the signature is that of the parts it is made of.
    pub fn truth(&self, sample: Sample) -> Result<SampleTruth, SimError> {
        let energy = self.energies.first();
        let canvas = self.canvas(&self.positions(sample, 0)?, energy, SampleTruth::SUBSAMPLES)?;
        Ok(SampleTruth::new(&self.particle(sample), &canvas, &self.factors, self.drift(sample)))
    }

    fn factors_at(&self, index: usize) -> Result<&EnergyFactors, SimError> {
        self.factors.get(index).ok_or_else(|| SimError::Value {
            quantity: "the number of the energy",
            value: format!("{index} of {}", self.energies.len()),
            fix: "count from 0 and stay below the number of energies",
        })
    }

    /// The detector stands where the object pixel at the highest energy is the plan's; lower energies have larger ones.
    fn geometry(&self, energy: ElectronVolts) -> Geometry {
        // Δ = λ z/(N p)
        let side = self.plan.frame as f64 * DETECTOR_PIXEL;
        let distance = self.plan.pixel * side / self.energies.last().wavelength().value();
        Geometry {
            energy,
            distance: Metres::new(distance),
            detector_pixel: Point::new(Metres::new(DETECTOR_PIXEL), Metres::new(DETECTOR_PIXEL)),
            propagation: Propagation::FarField,
        }
    }

    fn positions(&self, sample: Sample, index: usize) -> Result<Vec<Point<Metres>>, SimError> {
        let step = Point::new(Metres::new(STEP), Metres::new(STEP));
        let seed = self.derived(sample, Purpose::Positions(index));
        raster((self.plan.points, self.plan.points), step, JITTER, seed)
    }

    fn canvas(
        &self,
        positions: &[Point<Metres>],
        energy: ElectronVolts,
        oversampling: usize,
    ) -> Result<Canvas, SimError> {
        let shape = (self.plan.frame, self.plan.frame);
        let grid = Grid::new(shape, self.geometry(energy).object_pixel(shape))?;
        canvas(positions, oversampling, &grid)
    }

    /// The seed of one purpose: the same whatever else is simulated.
    fn derived(&self, sample: Sample, purpose: Purpose) -> u64 {
        let purpose = match purpose {
            Purpose::Particle => 0,
            Purpose::Drift => 1,
            Purpose::Positions(index) => 2 + 2 * index,
            Purpose::Noise(index) => 3 + 2 * index,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(((sample.index() as u64) << 32) | purpose as u64);
        rng.next_u64()
    }
}
