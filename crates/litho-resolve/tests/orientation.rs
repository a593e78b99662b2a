//! The curl test on simulated deflections, for each of the eight orientations.

use litho_resolve::ResolveError;
use litho_resolve::orientation::{OrientationRanking, rank_orientations};
use litho_testkit::{Lcg, TestObject};
use litho_types::orientation::Orientation;
use litho_types::point::Point;

/// Step of the central differences, px: short against the probe of 8 px.
const STEP: f64 = 0.1;

/// A jittered raster of 20 × 20 positions, 6 px apart.
fn positions(random: &mut Lcg) -> Vec<Point<f64>> {
    (0..400)
        .map(|i| {
            let mut jitter = || 3.0 * (random.uniform() - 0.5);
            Point::new(f64::from(6 * (i / 20)) + jitter(), f64::from(6 * (i % 20)) + jitter())
        })
        .collect()
}

/// Gradient of the test object's thickness blurred by a probe of 8 px, plus noise of the given relative size.
fn deflections(positions: &[Point<f64>], noise: f64, random: &mut Lcg) -> Vec<(f64, f64)> {
    let object = TestObject::new(120, 31);
    let blurred = |y: f64, x: f64| -> f64 {
        let offsets = || [-12.0, -8.0, -4.0, 0.0, 4.0, 8.0, 12.0_f64];
        let weight = |a: f64, b: f64| (-(a * a + b * b) / 128.0).exp();
        let terms = offsets().into_iter().flat_map(|a| offsets().map(|b| (a, b)));
        terms.map(|(a, b)| weight(a, b) * object.thickness(y + a, x + b)).sum()
    };
    let clean: Vec<(f64, f64)> = positions
        .iter()
        .map(|p| {
            let gy = blurred(p.y + STEP, p.x) - blurred(p.y - STEP, p.x);
            let gx = blurred(p.y, p.x + STEP) - blurred(p.y, p.x - STEP);
            (gy, gx)
        })
        .collect();
    let rms = (clean.iter().map(|g| g.0 * g.0 + g.1 * g.1).sum::<f64>() / clean.len() as f64).sqrt();
    clean
        .into_iter()
        .map(|(y, x)| (y + noise * rms * random.normal(), x + noise * rms * random.normal()))
        .collect()
}

/// The vectors as a detector that lies in `truth` would store them: found by trying
/// which stored vector `apply_to_vector` turns into the wanted one.
fn as_stored(truth: Orientation, wanted: (f64, f64)) -> (f64, f64) {
    let candidates = Orientation::ALL.map(|o| o.apply_to_vector(wanted));
    *candidates
        .iter()
        .find(|stored| truth.apply_to_vector(**stored) == wanted)
        .expect("a symmetry has an inverse")
}

fn ranking(truth: Orientation, noise: f64) -> OrientationRanking {
    let mut random = Lcg::new(32);
    let positions = positions(&mut random);
    let stored: Vec<_> =
        deflections(&positions, noise, &mut random).into_iter().map(|g| as_stored(truth, g)).collect();
    rank_orientations(&positions, &stored).unwrap()
}

#[test]
fn the_true_pair_wins_for_every_orientation() {
    for truth in Orientation::ALL {
        for noise in [0.0, 0.1] {
            let found = ranking(truth, noise);
            let best = [found.scores[0].orientation, found.scores[1].orientation];
            assert!(best.contains(&truth) && best.contains(&truth.rotated_half_turn()), "{truth}: {found:?}");
            assert_eq!(found.scores[0].curl, found.scores[1].curl);
            assert!(found.reliability > 2.0, "{truth}, noise {noise}: {found:?}");
        }
    }
}

#[test]
fn a_field_of_pure_curl_scores_the_most_it_can() {
    // g = (−x, y): curl ∂g_x/∂y − ∂g_y/∂x = 2 everywhere, four derivatives of power 2: √(4/2). Exactly linear,
    // so the fits are exact to rounding.
    let positions: Vec<_> = (0..100).map(|i| Point::new(f64::from(i / 10), f64::from(i % 10))).collect();
    let field: Vec<_> = positions.iter().map(|p| (-p.x, p.y)).collect();
    let found = rank_orientations(&positions, &field).unwrap();
    let identity = found.scores.iter().find(|s| s.orientation == Orientation::IDENTITY).unwrap();
    assert!((identity.curl - 2.0_f64.sqrt()).abs() < 1e-12, "{found:?}");
    // Flipping one component makes it (x, y), the gradient of xy: no curl.
    let flipped = found.scores.iter().find(|s| s.orientation.index() == 1).unwrap();
    assert!(flipped.curl < 1e-12, "{found:?}");
}

#[test]
fn dense_scan_lines_still_have_two_directions() {
    // 0.5 along the line, 6 between the lines: the twelve nearest neighbours all lie on one line.
    let positions: Vec<_> =
        (0..800).map(|i| Point::new(f64::from(6 * (i / 80)), 0.5 * f64::from(i % 80))).collect();
    let mut random = Lcg::new(33);
    let field = deflections(&positions, 0.02, &mut random);
    let found = rank_orientations(&positions, &field).unwrap();
    assert_eq!(found.scores[0].orientation, Orientation::IDENTITY, "{found:?}");
}

#[test]
fn lines_and_constants_are_refused() {
    let line: Vec<_> = (0..100).map(|i| Point::new(0.0, f64::from(i))).collect();
    let field: Vec<_> = (0..100).map(|i| (0.0, f64::from(i).sin())).collect();
    assert!(matches!(rank_orientations(&line, &field), Err(ResolveError::TooFewPositions { usable: 0, .. })));
    let mut random = Lcg::new(34);
    let raster = positions(&mut random);
    assert!(matches!(rank_orientations(&raster, &vec![(0.0, 0.0); 400]), Err(ResolveError::NoSignal { .. })));
    assert!(rank_orientations(&raster, &field).is_err());
    // Frames without a centre of mass are left out, not fatal.
    let mut some = deflections(&raster, 0.0, &mut random);
    some[17] = (f64::NAN, f64::NAN);
    assert!(rank_orientations(&raster, &some).unwrap().reliability.is_finite());
}
