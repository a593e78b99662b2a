//! Known displacements of bodies of two phases, whose contrast differs between the volumes.

use super::*;
use ndarray::Array3;

/// Densities of two phases at two energies, per voxel: those of LFP and FP.
const FIRST: [f64; 2] = [0.054, 0.028];
const SECOND: [f64; 2] = [0.029, 0.062];
const SIDE: usize = 48;

/// Blobs of two phases, unevenly spread: one is mostly on one side. Coordinates from the middle.
fn amounts([z, y, x]: [f64; 3]) -> [f64; 2] {
    let mut sums = [0.0; 2];
    for k in 0..24 {
        let turn = f64::from(k) * 2.399_963;
        let (radius, height) = (3.0 + 0.5 * f64::from(k), 14.0 * (0.7 * f64::from(k)).sin());
        let centre = [height, radius * turn.cos(), radius * turn.sin()];
        let phase = usize::from(centre[2] > 2.0);
        // thin along one axis, like plates
        let widths = [[1.6, 3.5, 3.0], [3.2, 1.5, 3.4], [3.0, 3.3, 1.7]][k as usize % 3];
        let square: f64 = [z, y, x]
            .iter()
            .zip(centre)
            .zip(widths)
            .map(|((at, centre), width)| ((at - centre) / width).powi(2))
            .sum();
        sums[phase] += (-0.5 * square).exp();
    }
    sums
}

/// The body at one energy, its content moved by `placement`.
fn body(energy: usize, placement: &VolumePlacement) -> Array3<f32> {
    let back = placement.inverse();
    let shape = (SIDE, SIDE, SIDE);
    let half = (SIDE as f64 - 1.0) / 2.0;
    Array3::from_shape_fn(shape, |(z, y, x)| {
        let from = back.target([z as f64, y as f64, x as f64], shape).map(|at| at - half);
        let [a, b] = amounts(from);
        (a * FIRST[energy] + b * SECOND[energy]) as f32
    })
}

/// Farthest that two placements put a voxel of the body (20 voxels from the middle at most) apart.
fn apart(a: &VolumePlacement, b: &VolumePlacement) -> f64 {
    let shape = (SIDE, SIDE, SIDE);
    let half = (SIDE as f64 - 1.0) / 2.0;
    let mut most = 0.0_f64;
    for axis in 0..3 {
        for side in [-20.0, 20.0] {
            let mut at = [half; 3];
            at[axis] += side;
            let (p, q) = (a.target(at, shape), b.target(at, shape));
            most = most.max(p.iter().zip(q).map(|(p, q)| (p - q).powi(2)).sum::<f64>().sqrt());
        }
    }
    most
}

/// The ratios of both phases' densities.
fn contrast() -> Contrast {
    Contrast::Between([FIRST[1] / FIRST[0], SECOND[1] / SECOND[0]])
}

/// What moves the content back on the reference.
const TRUTHS: [VolumePlacement; 3] = [
    VolumePlacement { shift: [0.37, -4.2, 1.81], rotation: [0.0; 3], scale: 1.0 },
    VolumePlacement { shift: [-1.3, 0.45, 2.6], rotation: [0.02, -0.03, 0.015], scale: 1.0 },
    VolumePlacement { shift: [0.6, 0.2, -0.4], rotation: [-0.01, 0.02, 0.025], scale: 1.012 },
];

#[test]
fn a_volume_of_another_contrast_is_found_where_it_is() {
    let reference = body(0, &VolumePlacement::default());
    for (truth, motion) in
        TRUTHS.iter().zip([VolumeMotion::Shift, VolumeMotion::Rigid, VolumeMotion::Similarity])
    {
        let moving = body(1, &truth.inverse());
        let settings = VolumeSettings { motion, contrast: contrast(), ..VolumeSettings::default() };
        let found = register_volumes(reference.view(), moving.view(), &settings).unwrap();
        // Exact but for the smoothing, which moves with a turned and scaled volume's own voxels, and splines: a percent of a voxel.
        assert!(found.converged, "{found:?}");
        assert!(apart(&found.placement, truth) < 0.01, "{found:?} {truth:?}");
        assert!(found.misfit[1] < 0.1 * found.misfit[0], "{found:?}");
    }
}

#[test]
fn one_factor_would_be_wrong_where_the_phases_are_on_two_sides() {
    let reference = body(0, &VolumePlacement::default());
    let moving = body(1, &VolumePlacement::default());
    let settings = VolumeSettings { motion: VolumeMotion::Rigid, ..VolumeSettings::default() };
    let one = register_volumes(reference.view(), moving.view(), &settings).unwrap();
    let two = register_volumes(
        reference.view(),
        moving.view(),
        &VolumeSettings { contrast: contrast(), ..settings },
    )
    .unwrap();
    let still = VolumePlacement::default();
    // The reason for the sector: five times nearer at least.
    assert!(apart(&two.placement, &still) < 0.2 * apart(&one.placement, &still), "{one:?} {two:?}");
}

#[test]
fn volumes_of_one_contrast_need_no_ratios() {
    let reference = body(0, &VolumePlacement::default());
    let moving = body(0, &TRUTHS[1].inverse()).mapv(|v| 1.7 * v);
    let found = register_volumes(reference.view(), moving.view(), &VolumeSettings::default()).unwrap();
    assert!(apart(&found.placement, &TRUTHS[1]) < 0.01, "{found:?}");
}

#[test]
fn moved_content_is_where_the_placement_says() {
    let truth = TRUTHS[2];
    let moved = apply_volume(body(0, &VolumePlacement::default()).view(), &truth).unwrap();
    let wanted = body(0, &truth);
    let most = wanted.iter().fold(0.0_f32, |most, v| most.max(*v));
    for (at, value) in moved.indexed_iter() {
        let deep = [at.0, at.1, at.2].iter().all(|&k| (8..SIDE - 8).contains(&k));
        // Gaussians of 1.5 voxels hold waves of 4 voxels (0.003 wrong) to exp(−½(1.5·2π/4)²) = 0.06 of their height.
        assert!(!deep || (value - wanted[at]).abs() < 1e-3 * most, "{at:?}: {value} {}", wanted[at]);
    }
    // A still placement is exact.
    let volume = body(1, &truth);
    assert_eq!(apply_volume(volume.view(), &VolumePlacement::default()).unwrap(), volume);
}

#[test]
fn bad_input_is_named() {
    let settings = VolumeSettings::default();
    let zeros = Array3::<f32>::zeros((20, 20, 20));
    let mut volume = body(0, &VolumePlacement::default());
    let found = register_volumes(zeros.view(), volume.view(), &settings);
    assert!(matches!(found, Err(ResolveError::VolumeMismatch { .. })));
    let small = Array3::<f32>::zeros((20, 8, 20));
    let found = register_volumes(small.view(), small.view(), &settings);
    assert!(matches!(found, Err(ResolveError::VolumeTooSmall { .. })));
    let found = register_volumes(zeros.view(), zeros.view(), &settings);
    assert!(matches!(found, Err(ResolveError::NoSignal { .. })));
    let wrong = VolumeSettings { contrast: Contrast::Between([2.0, 1.0]), ..settings };
    let found = register_volumes(volume.view(), volume.view(), &wrong);
    assert!(matches!(found, Err(ResolveError::InvalidSetting { .. })));
    volume[(1, 2, 3)] = f32::NAN;
    let found = register_volumes(volume.view(), volume.view(), &settings);
    assert!(matches!(found, Err(ResolveError::VoxelNotFinite { z: 1, y: 2, x: 3, .. })));
    assert!(
        apply_volume(zeros.view(), &VolumePlacement { scale: -1.0, ..VolumePlacement::default() }).is_err()
    );
}
