//! Tests that slabs give the bits of the volume in memory.

use super::{MaskSlabs, components_by_slabs, distance_by_slabs};
use crate::components::components;
use crate::connectivity::Connectivity;
use crate::distance::{Border, distance};
use crate::error::MorphError;
use crate::spacing::Spacing;
use crate::test_volumes::random;
use ndarray::Array3;
use std::ops::Range;

#[test]
fn any_slabs_give_the_components_of_the_whole() -> Result<(), MorphError> {
    let mask = random((23, 14, 35), 3, 4).mapv(|kind| kind == 0);
    for connectivity in [Connectivity::Six, Connectivity::Eighteen, Connectivity::TwentySix] {
        let whole = components(mask.view(), connectivity)?;
        for depth in [1, 2, 7, 23, 100] {
            let mut labels = Array3::from_elem(mask.dim(), u32::MAX);
            let count = components_by_slabs(&mut mask.view(), &mut labels, connectivity, depth)?;
            assert_eq!((labels, count), (whole.labels.clone(), whole.count), "{depth}");
        }
    }
    Ok(())
}

#[test]
fn any_slabs_give_the_distances_of_the_whole() -> Result<(), MorphError> {
    let mask = random((23, 14, 35), 30, 4).mapv(|kind| kind != 0);
    let spacing = Spacing::new([1.4, 0.9, 1.1])?;
    for border in [Border::Outside, Border::Ignored] {
        let whole = distance(mask.view(), spacing, border)?;
        for (depth, rows) in [(1, 1), (5, 3), (23, 14), (100, 100)] {
            let mut store = Array3::from_elem(mask.dim(), f32::NAN);
            distance_by_slabs(&mut mask.view(), &mut store, spacing, border, depth, rows)?;
            assert_eq!(store, whole, "{depth} {rows}");
        }
    }
    Ok(())
}

/// A source that gives one plane less than asked for, or nothing at all.
struct Broken {
    says: Option<MorphError>,
}

impl MaskSlabs for Broken {
    fn shape(&self) -> (usize, usize, usize) {
        (4, 2, 2)
    }

    fn read(&mut self, planes: Range<usize>) -> Result<Array3<bool>, MorphError> {
        match self.says.take() {
            Some(error) => Err(error),
            None => Ok(Array3::from_elem((planes.len() - 1, 2, 2), true)),
        }
    }
}

#[test]
fn a_source_that_fails_is_reported() {
    let error = MorphError::Slabs { operation: "reading slabs", message: "the disk is gone".to_owned() };
    let mut labels = Array3::zeros((4, 2, 2));
    let mut run = |says| components_by_slabs(&mut Broken { says }, &mut labels, Connectivity::Six, 2);
    assert_eq!(run(Some(error.clone())), Err(error));
    assert!(matches!(run(None), Err(MorphError::Shape { .. })));
    let mask = Array3::from_elem((4, 2, 2), true);
    assert!(components_by_slabs(&mut mask.view(), &mut labels, Connectivity::Six, 0).is_err());
    let mut store = Array3::zeros((4, 2, 2));
    let mut run = |depth, rows| {
        distance_by_slabs(&mut mask.view(), &mut store, Spacing::UNIT, Border::Ignored, depth, rows)
    };
    assert!(run(0, 1).is_err() && run(1, 0).is_err() && run(1, 1).is_ok());
}
