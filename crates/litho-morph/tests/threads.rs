//! Results have the same bits for any number of threads.

use litho_morph::{
    Border, Connectivity, MorphError, Spacing, SplitSettings, close, components, distance, distance_labels,
    split, surface_areas,
};
use ndarray::Array3;

/// Waves whose crests meet: bodies, bridges and holes of several sizes.
fn mask() -> Array3<bool> {
    Array3::from_shape_fn((90, 75, 83), |(z, y, x)| {
        let [z, y, x] = [z, y, x].map(|at| at as f64);
        (0.31 * z).sin() + (0.27 * y + 0.05 * z).sin() + (0.23 * x - 0.04 * y).sin() > 0.4
    })
}

#[test]
fn any_number_of_threads_gives_the_same_bits() -> Result<(), Box<dyn std::error::Error>> {
    let mask = mask();
    let spacing = Spacing::new([1.3, 0.8, 1.0])?;
    let work = || -> Result<_, MorphError> {
        let bodies = split(mask.view(), spacing, &SplitSettings::new(1.0))?;
        Ok((
            distance(mask.view(), spacing, Border::Outside)?,
            distance_labels(bodies.labels.view(), spacing, Border::Ignored)?,
            components(mask.view(), Connectivity::Eighteen)?,
            surface_areas(bodies.labels.view(), spacing)?,
            close(mask.view(), spacing, 2.5)?,
            bodies,
        ))
    };
    let [one, two, five] =
        [1, 2, 5].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build());
    let once = one?.install(work)?;
    assert!(once.5.count > 20, "{}", once.5.count);
    assert!(two?.install(work)? == once);
    assert!(five?.install(work)? == once);
    Ok(())
}
