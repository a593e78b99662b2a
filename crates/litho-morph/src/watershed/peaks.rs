//! Domes by their dynamics.

use super::terrain::Terrain;
use crate::components::{Components, renumber};
use crate::connectivity::Connectivity;

/// A place with nothing higher beside it when the flood came down to it. Peaks are numbered as they were met, so a lower
/// number is a higher peak, or one as high that comes first in memory.
struct Peak {
    height: f32,
    /// The peak to which the flood leads from here, itself if it is the highest of its region.
    leader: u32,
    /// Where the region met that of a higher peak: its number and the height, if `h` or less lies above it.
    lost: Option<(u32, f32)>,
}

/// Regions that grow together as the flood comes down.
struct Peaks {
    peaks: Vec<Peak>,
    h: f32,
}

impl Peaks {
    fn leader(&mut self, of: u32) -> u32 {
        let mut here = of;
        loop {
            let next = self.peaks[here as usize].leader;
            if next == here {
                return here;
            }
            let after = self.peaks[next as usize].leader;
            self.peaks[here as usize].leader = after;
            here = after;
        }
    }

    /// Makes the regions of two leaders one, at this height; gives its leader.
    fn unite(&mut self, a: u32, b: u32, height: f32) -> u32 {
        let (high, low) = (a.min(b), a.max(b));
        let peak = &mut self.peaks[low as usize];
        let dynamics = peak.height - height;
        peak.leader = high;
        if dynamics < self.h || dynamics == 0.0 {
            peak.lost = Some((high, height));
        }
        high
    }

    /// For each peak, the dome it is part of and the height down to which it is.
    fn domes(&self) -> Vec<(u32, f32)> {
        let mut domes: Vec<(u32, f32)> = Vec::with_capacity(self.peaks.len());
        for (number, peak) in (0..).zip(&self.peaks) {
            domes.push(match peak.lost {
                // Regions met further down later, so the last meeting is the lowest on the way.
                Some((higher, met)) => {
                    let (dome, lowest) = domes[higher as usize];
                    (dome, lowest.min(met))
                }
                None => (number, f32::INFINITY),
            });
        }
        domes
    }
}

/// The domes with dynamics of at least `h`.
pub(super) fn h_maxima(terrain: &Terrain, h: f32, connectivity: Connectivity) -> Components {
    const NONE: u32 = u32::MAX;
    let neighbours = terrain.neighbours(connectivity);
    let mut peaks = Peaks { peaks: Vec::new(), h };
    let mut peak_of = vec![NONE; terrain.frame().size()];
    for (step, &height) in terrain.heights.iter().enumerate() {
        for &place in terrain.on(step) {
            let mut leader = NONE;
            for &neighbour in &neighbours {
                let peak = peak_of[(place as usize).wrapping_add_signed(neighbour)];
                if peak == NONE || peak == leader {
                    continue;
                }
                let other = peaks.leader(peak);
                if leader == NONE || leader == other {
                    leader = other;
                } else {
                    leader = peaks.unite(leader, other, height);
                }
            }
            if leader == NONE {
                leader = peaks.peaks.len() as u32;
                peaks.peaks.push(Peak { height, leader, lost: None });
            }
            peak_of[place as usize] = leader;
        }
    }
    let domes = peaks.domes();
    let mut labels = vec![0; terrain.frame().size()];
    for (step, &height) in terrain.heights.iter().enumerate() {
        for &place in terrain.on(step) {
            let (dome, lowest) = domes[peak_of[place as usize] as usize];
            let top = peaks.peaks[dome as usize].height;
            let reached = height.min(lowest);
            if reached > top - h || reached == top {
                labels[place as usize] = dome + 1;
            }
        }
    }
    renumber(terrain.frame().inner(&labels))
}
