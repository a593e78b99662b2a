//! How large the experiment is: energies, detector, scan and particles of each size.

use super::sample::Sample;
use crate::error::SimError;
use litho_types::energies::Energies;
use litho_types::scattering::ScatteringError;

/// How large an experiment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// One particle and one standard at 12 energies, 48² frames: for tests.
    Tiny,
    /// Four particles at 40 energies, 64² frames: minutes from frames to domains.
    Small,
    /// As in the paper: all particles and standards, 15 nm pixels, 256² frames.
    Paper,
}

/// The numbers of a size; lengths in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Pixels along a side of a frame.
    pub frame: usize,
    /// Object pixel at the highest energy.
    pub pixel: f64,
    /// Points along a side of the raster.
    pub points: usize,
    /// Mean radius of a particle.
    pub radius: f64,
    /// Thickness of a particle in its middle.
    pub thickness: f64,
    /// Distance of the middles of domain cells; neighbours of one kind make larger domains.
    pub cell: f64,
    /// Thickness of the rims of kinds 5 and 6.
    pub rim: f64,
    /// Half width of the boundary between two domains.
    pub soft: f64,
    /// Photons in the beam during one frame. With 10⁷ the brightest pixel counts half a million, which detectors can do.
    pub photons: f64,
    /// Iterations for a reconstruction; the paper's 800 at paper size.
    pub iterations: usize,
}

/// The 40 energies, eV: four before the edge, ½ eV steps over the pre-edge peak, 1 eV steps over the edge.
const ENERGIES: [f64; 40] = [
    5420.0, 5440.0, 5455.0, 5463.0, 5466.5, 5467.0, 5467.5, 5468.0, 5468.5, 5469.0, 5469.5, 5470.0, 5470.5,
    5471.0, 5472.0, 5473.0, 5474.0, 5475.0, 5476.0, 5477.0, 5478.0, 5479.0, 5480.0, 5481.0, 5482.0, 5483.0,
    5484.0, 5486.0, 5488.0, 5490.0, 5492.0, 5494.0, 5496.0, 5500.0, 5505.0, 5510.0, 5516.0, 5523.0, 5531.0,
    5540.0,
];
/// Those of the tiny experiment.
const FEW_ENERGIES: [f64; 12] =
    [5420.0, 5440.0, 5455.0, 5463.0, 5468.0, 5469.5, 5476.0, 5479.0, 5482.0, 5488.0, 5500.0, 5540.0];

impl Size {
    /// Its numbers.
    pub const fn plan(self) -> Plan {
        let paper = Plan {
            frame: 256,
            pixel: 15e-9,
            points: 22,
            radius: 1.25e-6,
            thickness: 2.2e-6,
            cell: 330e-9,
            rim: 110e-9,
            soft: 12e-9,
            photons: 1e7,
            iterations: 800,
        };
        match self {
            Self::Paper => paper,
            Self::Small => Plan {
                frame: 64,
                pixel: 30e-9,
                points: 11,
                radius: 0.68e-6,
                thickness: 1.6e-6,
                cell: 300e-9,
                soft: 20e-9,
                iterations: 160,
                ..paper
            },
            Self::Tiny => Plan {
                frame: 48,
                pixel: 36e-9,
                points: 7,
                radius: 0.42e-6,
                thickness: 1.2e-6,
                cell: 280e-9,
                soft: 24e-9,
                iterations: 80,
                ..paper
            },
        }
    }

    /// Its energies.
    ///
    /// # Errors
    /// None with the numbers given here; the signature is that of the parts it is made of.
    pub fn energies(self) -> Result<Energies, SimError> {
        let list: &[f64] = if self == Self::Tiny { &FEW_ENERGIES } else { &ENERGIES };
        Energies::new(list).map_err(|error| ScatteringError::DamagedData { reason: error.to_string() }.into())
    }

    /// Its name, as the command takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Small => "small",
            Self::Paper => "paper",
        }
    }

    /// Its samples.
    pub const fn samples(self) -> &'static [Sample] {
        match self {
            Self::Tiny => &[Sample::D1, Sample::LiVO2],
            Self::Small => &[Sample::P2, Sample::P3, Sample::D1, Sample::D2],
            Self::Paper => &Sample::ALL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energies_are_the_papers() {
        let energies = Size::Paper.energies().unwrap().electron_volts();
        let gaps: Vec<f64> = energies.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(energies.len(), 40);
        assert_eq!((energies[0], energies[39]), (5420.0, 5540.0));
        assert_eq!(gaps.iter().copied().fold(f64::INFINITY, f64::min), 0.5);
        // The paper's noise is that of the four points from 5420 to 5466 eV.
        assert_eq!(energies.iter().filter(|e| **e <= 5466.0).count(), 4);
        let few = Size::Tiny.energies().unwrap().electron_volts();
        assert!(few.iter().all(|e| energies.contains(e)));
    }

    #[test]
    fn a_scan_covers_its_particle_and_some_air() {
        for size in [Size::Tiny, Size::Small, Size::Paper] {
            let plan = size.plan();
            let reach = (plan.points as f64 - 1.0) / 2.0 * super::super::experiment::STEP;
            // The largest radius is 1.04 of the plan's and the lobes add up to 0.2 of it only where all agree.
            assert!(reach > 1.04 * plan.radius, "{size:?}");
            // Rims are three pixels wide, or they are no domains to be found.
            assert!(plan.rim >= 3.0 * plan.pixel, "{size:?}");
        }
    }
}
