//! The flood from markers.

use super::queue::Queue;
use super::terrain::Terrain;
use crate::connectivity::Connectivity;
use ndarray::{Array3, ArrayView3};

/// The label of every voxel of the terrain that a marker reaches.
pub(super) fn flood(terrain: Terrain, markers: ArrayView3<u32>, connectivity: Connectivity) -> Array3<u32> {
    let neighbours = terrain.neighbours(connectivity);
    let frame = terrain.frame();
    // A voxel that has its label is as good as outside: one look tells whether a neighbour is to be flooded.
    let mut steps = terrain.steps;
    let mut labels = vec![0; frame.size()];
    let mut queue = Queue::new(&terrain.starts);
    for (places, row) in frame.rows().zip(markers.rows()) {
        for (place, &marker) in places.zip(row) {
            if marker != 0 && steps[place] != 0 {
                queue.put(place as u32, steps[place] as usize - 1);
                labels[place] = marker;
                steps[place] = 0;
            }
        }
    }
    while let Some(voxel) = queue.take() {
        let label = labels[voxel as usize];
        for &neighbour in &neighbours {
            let place = (voxel as usize).wrapping_add_signed(neighbour);
            let step = std::mem::take(&mut steps[place]);
            if step != 0 {
                labels[place] = label;
                queue.put(place as u32, step as usize - 1);
            }
        }
    }
    frame.inner(&labels)
}
