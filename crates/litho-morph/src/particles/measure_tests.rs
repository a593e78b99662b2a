//! Bodies whose numbers are known.

use super::*;
use crate::small::dot;
use litho_testkit::Lcg;
use ndarray::{Array3, s};

/// Sums of a few hundred products of whole numbers, in double precision.
const ROUNDING: f64 = 1e-10;
/// Turned cuboids.
const TURNS: usize = 8;

/// The axes of a symmetric matrix of random numbers.
fn random_axes(lcg: &mut Lcg) -> [[f64; 3]; 3] {
    let [a, b, c, d, e, f] = std::array::from_fn(|_| lcg.normal());
    principal([[a, b, c], [b, d, e], [c, e, f]]).1
}

#[test]
fn a_block_of_voxels_is_what_it_is() {
    let mut labels = Array3::zeros((8, 12, 16));
    labels.slice_mut(s![2..5, 1..11, 4..10]).fill(5);
    labels[(0, 0, 0)] = 9;
    let spacing = Spacing::new([2.0, 1.0, 0.5]).unwrap();
    let found = measure(labels.view(), spacing, None).unwrap();
    assert_eq!(found.iter().map(|p| (p.id, p.voxels)).collect::<Vec<_>>(), [(5, 180), (9, 1)]);
    let block = &found[0];
    assert_eq!(block.volume, 180.0);
    assert_eq!(block.occupied, None);
    assert_eq!(block.centroid, [6.0, 5.5, 3.25]);
    assert_eq!(block.bounds, Bounds { low: [2, 1, 4], high: [5, 11, 10] });
    assert!(!block.touches_border && found[1].touches_border);
    // Along the lattice n voxels of edge h have the variance h²(n² − 1)/12.
    assert_eq!(block.axes, [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]]);
    for (found, wanted) in
        block.cuboid.into_iter().zip([99.0_f64.sqrt(), 2.0 * 8.0_f64.sqrt(), 0.5 * 35.0_f64.sqrt()])
    {
        assert!((found - wanted).abs() < ROUNDING, "{found} {wanted}");
    }
    assert!((block.ellipsoid[0] - (99.0_f64 * 5.0 / 3.0).sqrt()).abs() < ROUNDING);
    // The corners of the voxels span the whole block.
    for (found, wanted) in block.enclosing.lengths.into_iter().zip([10.0, 6.0, 3.0]) {
        assert!((found / (3.0_f64.sqrt() * wanted) - 1.0).abs() < 1e-4, "{found} {wanted}"); // its tolerance
    }
    assert_eq!(found[1].cuboid, [0.0; 3]);
}

/// Share of each voxel inside a turned cuboid, by 6³ points, and which centres are inside.
fn cuboid(edges: [f64; 3], axes: [[f64; 3]; 3], centre: [f64; 3]) -> (Array3<u32>, Array3<f32>) {
    let inside = |p: [f64; 3]| {
        let off: [f64; 3] = std::array::from_fn(|i| p[i] - centre[i]);
        (0..3).all(|k| dot(axes[k], off).abs() < 0.5 * edges[k])
    };
    let shape = (36, 36, 36);
    let labels = Array3::from_shape_fn(shape, |(z, y, x)| u32::from(inside([z as f64, y as f64, x as f64])));
    let share = Array3::from_shape_fn(shape, |(z, y, x)| {
        let at = |voxel: usize, i: usize| voxel as f64 + (i as f64 + 0.5) / 6.0 - 0.5;
        let count = (0..216).filter(|i| inside([at(z, i / 36), at(y, i / 6 % 6), at(x, i % 6)])).count();
        count as f32 / 216.0
    });
    (labels, share)
}

#[test]
fn moments_of_turned_cuboids_are_unbiased() {
    // Over orientations and places the mean of the edges is the truth. One thickness of 3 voxels scatters by some 2 % with
    // labels and far less with shares, so the mean of eight is good to a per cent; the other edges are better.
    let edges = [16.0, 12.0, 3.0];
    let mut lcg = Lcg::new(4);
    let (mut hard, mut soft, mut volume) = ([0.0; 3], [0.0; 3], 0.0);
    for _ in 0..TURNS {
        let axes = random_axes(&mut lcg);
        let centre = std::array::from_fn(|_| 17.5 + lcg.uniform());
        let (labels, share) = cuboid(edges, axes, centre);
        let whole = share.mapv(|s| u32::from(s > 0.0));
        let found = measure(labels.view(), Spacing::UNIT, None).unwrap();
        let weighted = measure(whole.view(), Spacing::UNIT, Some(share.view())).unwrap();
        for k in 0..3 {
            hard[k] += found[0].cuboid[k] / (edges[k] * TURNS as f64);
            soft[k] += weighted[0].cuboid[k] / (edges[k] * TURNS as f64);
            assert!(
                (weighted[0].centroid[k] - centre[k]).abs() < 0.02,
                "{:?} {centre:?}",
                weighted[0].centroid
            );
        }
        assert!(dot(weighted[0].axes[2], axes[2]).abs() > 0.9998); // one degree
        volume += weighted[0].occupied.unwrap() / (576.0 * TURNS as f64);
    }
    for k in 0..3 {
        assert!((hard[k] - 1.0).abs() < 0.015, "{hard:?}");
        assert!((soft[k] - 1.0).abs() < 0.004, "{soft:?}");
    }
    assert!((volume - 1.0).abs() < 0.002, "{volume}");
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let mut lcg = Lcg::new(8);
    let labels = Array3::from_shape_fn((20, 20, 20), |(z, y, x)| {
        ((z / 5) * 16 + (y / 5) * 4 + x / 5) as u32 * u32::from(lcg.uniform() < 0.8)
    });
    let weight = Array3::from_shape_simple_fn((20, 20, 20), || lcg.uniform() as f32);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| measure(labels.view(), Spacing::UNIT, Some(weight.view())).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn bad_weights_are_told() {
    let labels = Array3::ones((2, 2, 2));
    let mut weight = Array3::zeros((2, 2, 2));
    // Without matter a particle still has a place.
    let found = measure(labels.view(), Spacing::UNIT, Some(weight.view())).unwrap();
    assert_eq!((found[0].occupied, found[0].centroid, found[0].cuboid), (Some(0.0), [0.5; 3], [0.0; 3]));
    weight[(1, 0, 1)] = f32::NAN;
    let error = measure(labels.view(), Spacing::UNIT, Some(weight.view())).unwrap_err();
    assert!(matches!(error, MorphError::NotFinite { voxel: [1, 0, 1], .. }));
    assert!(measure(labels.view(), Spacing::UNIT, Some(Array3::zeros((2, 2, 1)).view())).is_err());
    assert!(measure(Array3::zeros((0, 3, 3)).view(), Spacing::UNIT, None).unwrap().is_empty());
}
