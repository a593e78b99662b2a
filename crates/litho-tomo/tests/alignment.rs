//! Projections that are misplaced by known amounts are brought back: analytic projections of spheres, so that the truth has no
//! interpolation and no projector in it.

use litho_testkit::{Lcg, Spheres, View};
use litho_tomo::TomoError;
use litho_tomo::align::{
    AlignSettings, Alignment, Motion, Placement, Start, align, apply, find_axis, without_gauge,
};
use litho_types::observer::{CancelToken, Silent};
use litho_types::point::Point;
use litho_types::quantity::Pixels;
use litho_types::tilt::TiltAngles;
use ndarray::{Array3, Axis, s};

/// Sixty spheres in the inner 60 % of a cube, projected at `degrees` and misplaced.
struct Series {
    angles: TiltAngles,
    views: Vec<View>,
    projections: Array3<f32>,
}

impl Series {
    fn new(n: usize, degrees: Vec<f64>, view: impl FnMut(usize) -> View) -> Self {
        let angles = TiltAngles::from_degrees(&degrees).unwrap();
        let views: Vec<View> = (0..degrees.len()).map(view).collect();
        let middle = (n as f64 - 1.0) / 2.0;
        let spheres = Spheres::random(60, n as f64, n as f64, 5).shrunk(0.6);
        let projections = spheres.projections(&angles.radians(), (n, n), middle, &views);
        Self { angles, views, projections }
    }

    /// White noise of this part of the largest value.
    fn with_noise(mut self, part: f64) -> Self {
        let mut random = Lcg::new(11);
        let top = f64::from(self.projections.iter().copied().fold(0.0, f32::max));
        self.projections.mapv_inplace(|value| value + (part * top * random.normal()) as f32);
        self
    }

    fn align(&self, settings: &AlignSettings) -> Alignment {
        align(self.projections.view(), &self.angles, settings, &mut Silent, &CancelToken::new()).unwrap()
    }

    /// Root mean squares of the errors along y and x, without what no projection can tell; the axis is not free.
    fn errors(&self, found: &Alignment, places: &[usize]) -> (f64, f64) {
        let truth = self.views.iter().map(|view| {
            Placement::from_numbers([view.shift.0, view.shift.1, view.rotation, view.scale]).inverse()
        });
        let errors: Vec<Point<Pixels>> = found
            .placements
            .iter()
            .zip(truth)
            .map(|(found, truth)| Point::new(found.shift.y - truth.shift.y, found.shift.x - truth.shift.x))
            .collect();
        let chosen: Vec<_> = places.iter().map(|&place| errors[place]).collect();
        let left = without_gauge(&chosen, &self.angles.select(places).unwrap(), false);
        let rms = |part: fn(&Point<Pixels>) -> Pixels| {
            (left.iter().map(|e| part(e).value().powi(2)).sum::<f64>() / left.len() as f64).sqrt()
        };
        (rms(|e| e.y), rms(|e| e.x))
    }

    fn all(&self) -> Vec<usize> {
        (0..self.views.len()).collect()
    }
}

fn half_turn(count: usize) -> Vec<f64> {
    (0..count).map(|k| 180.0 * k as f64 / count as f64).collect()
}

/// The tilts of the LFP measurement.
fn wedge() -> Vec<f64> {
    (-80..=77).map(f64::from).collect()
}

fn within(random: &mut Lcg, reach: f64) -> f64 {
    reach * (2.0 * random.uniform() - 1.0)
}

fn jitter(reach: f64) -> impl FnMut(usize) -> View {
    let mut random = Lcg::new(3);
    move |_| View { shift: (within(&mut random, reach), within(&mut random, reach)), ..View::default() }
}

/// Published joint reprojection, with the volume anew in each iteration, stops at 0.005 px without noise and at 0.014 px with 2 %
/// on such a series (shifts within ±4 px, 96³); its limit of acceptance is 0.02 px, and 0.03 px for the wedge.
const CLEAN: f64 = 0.006;
const NOISY: f64 = 0.014;

#[test]
fn a_half_turn_is_aligned_to_a_hundredth_of_a_pixel() {
    let series = Series::new(96, half_turn(120), jitter(4.0));
    let found = series.align(&AlignSettings::default());
    let (y, x) = series.errors(&found, &series.all());
    assert!(y < CLEAN && x < CLEAN, "{y} {x}");
    assert_eq!(found.kept().len(), 120);
    assert_eq!(found.axis, 47.5);
    assert!(found.convergence.last().is_some_and(|&step| step < 0.05), "{:?}", found.convergence);
    // phases are negative: the same numbers with the other sign have the same placements, bit for bit
    let negative = -&series.projections;
    let again =
        align(negative.view(), &series.angles, &AlignSettings::default(), &mut Silent, &CancelToken::new());
    assert_eq!(again.unwrap().placements, found.placements);
}

#[test]
fn a_wedge_is_aligned_through_noise() {
    let series = Series::new(96, wedge(), jitter(4.0)).with_noise(0.02);
    let found = series.align(&AlignSettings::default());
    let (y, x) = series.errors(&found, &series.all());
    assert!(y < NOISY && x < NOISY, "{y} {x}");
    assert!(found.flagged.iter().all(|flag| !flag));
}

#[test]
fn rotations_and_scales_are_found() {
    let mut random = Lcg::new(3);
    let series = Series::new(72, wedge(), |_| View {
        shift: (within(&mut random, 3.0), within(&mut random, 3.0)),
        rotation: within(&mut random, 0.2_f64.to_radians()),
        scale: 1.0 + within(&mut random, 0.002),
    });
    let found = series.align(&AlignSettings { motion: Motion::Similarity, ..AlignSettings::default() });
    let (y, x) = series.errors(&found, &series.all());
    assert!(y < 0.02 && x < 0.02, "{y} {x}");
    let rms = |error: &dyn Fn(&Placement, &View) -> f64| {
        let errors: Vec<f64> = found.placements.iter().zip(&series.views).map(|(p, v)| error(p, v)).collect();
        let mean = errors.iter().sum::<f64>() / errors.len() as f64;
        (errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / errors.len() as f64).sqrt()
    };
    let rotation = rms(&|p, v| (p.rotation.value() + v.rotation).to_degrees());
    let scale = rms(&|p, v| p.scale * v.scale - 1.0);
    // the jitter itself has rms 0.2°/√3 = 0.115° and 0.115 %
    assert!(rotation < 0.05 && scale < 0.0005, "{rotation} {scale}");
}

#[test]
fn a_drift_of_twenty_pixels_is_no_obstacle() {
    let mut random = Lcg::new(6);
    let series = Series::new(112, half_turn(60), |k| {
        let drift = (20.0 * (0.1 * k as f64).sin(), 20.0 * (0.07 * k as f64).cos());
        View {
            shift: (drift.0 + within(&mut random, 1.0), drift.1 + within(&mut random, 1.0)),
            ..View::default()
        }
    });
    let found = series.align(&AlignSettings::default());
    let (y, x) = series.errors(&found, &series.all());
    assert!(y < 2.0 * CLEAN && x < 2.0 * CLEAN, "half as many angles: {y} {x}");
}

#[test]
fn a_bad_projection_is_left_out() {
    let mut series = Series::new(64, half_turn(80), jitter(2.0));
    let (bad, other) = (31, 60);
    let wrong = series.projections.index_axis(Axis(0), other).to_owned();
    series.projections.index_axis_mut(Axis(0), bad).assign(&wrong);
    let found = series.align(&AlignSettings::default());
    assert!((0..80).all(|place| found.flagged[place] == (place == bad)), "{:?}", found.misfit);
    let (y, x) = series.errors(&found, &found.kept());
    assert!(y < 2.0 * CLEAN && x < 2.0 * CLEAN, "{y} {x}");
}

#[test]
fn placements_serve_another_energy() {
    let series = Series::new(64, half_turn(60), jitter(3.0));
    let found = series.align(&AlignSettings::default());
    // the other energy: the same sample, twice as dense
    let other = 2.0 * &series.projections;
    let (first, second) = (
        apply(series.projections.view(), &found.placements).unwrap(),
        apply(other.view(), &found.placements).unwrap(),
    );
    for (a, b) in first.iter().zip(&second) {
        assert_eq!(2.0 * a, *b, "a factor of two is exact");
    }
    // aligned projections are aligned: started from there, nothing moves by more than the tolerance allows
    let settings = AlignSettings {
        start: Start::Given(found.placements.clone()),
        binnings: vec![1],
        ..AlignSettings::default()
    };
    let again = series.align(&settings);
    for (a, b) in again.placements.iter().zip(&found.placements) {
        assert!((a.shift.x - b.shift.x).value().abs() < 0.02 && (a.shift.y - b.shift.y).value().abs() < 0.02);
    }
}

#[test]
fn the_axis_is_found_to_a_twentieth_of_a_pixel() {
    let spheres = Spheres::random(60, 96.0, 96.0, 5).shrunk(0.6);
    for (degrees, axis, turn) in
        [(half_turn(91), 39.3, 0.0), (half_turn(91), 50.8, 1.5_f64), (wedge(), 44.2, 0.0)]
    {
        let angles = TiltAngles::from_degrees(&degrees).unwrap();
        let turned = vec![View { rotation: turn.to_radians(), ..View::default() }; degrees.len()];
        let projections = spheres.projections(&angles.radians(), (96, 96), axis, &turned);
        let find = |projections: ndarray::ArrayView3<'_, f32>| {
            find_axis(projections, &angles, &mut Silent, &CancelToken::new()).unwrap()
        };
        let found = find(projections.view());
        // a turned image is turned about its middle, and so is its axis
        let wanted = 47.5 + (axis - 47.5) / turn.to_radians().cos();
        // A wedge blurs the minimum. A tilted axis is met where the rows with most structure are, here a few pixels off the
        // middle, and its slope is 0.026.
        let tolerance = if degrees[0] < 0.0 {
            0.2
        } else if turn == 0.0 {
            0.05
        } else {
            0.1
        };
        assert!((found.axis - wanted).abs() < tolerance, "{} {wanted} {:?}", found.axis, found.tried);
        let upright = found.upright.unwrap().value().to_degrees();
        // 0.1° moves the axis of the outermost band by 0.08 px
        assert!((upright + turn).abs() < 0.1, "{upright} {turn}");
        // two rows are enough
        if turn == 0.0 {
            let rows = find(projections.slice(s![.., 47..49, ..]));
            assert!((rows.axis - axis).abs() < 2.0 * tolerance, "{} {axis}", rows.axis);
            assert_eq!(rows.upright, None);
        }
    }
    // a full turn: mirror images agree
    let degrees: Vec<f64> = (0..90).map(|k| 4.0 * f64::from(k)).collect();
    let angles = TiltAngles::from_degrees(&degrees).unwrap();
    let projections = spheres.projections(&angles.radians(), (40, 96), 45.6, &[]);
    let found = find_axis(projections.view(), &angles, &mut Silent, &CancelToken::new()).unwrap();
    assert!((found.axis - 45.6).abs() < 0.05 && (found.mirrored.unwrap() - 45.6).abs() < 0.1, "{found:?}");
}

#[test]
fn bad_input_is_named() {
    let mut series = Series::new(32, half_turn(6), jitter(0.5));
    let run = |series: &Series, settings: &AlignSettings, cancel: &CancelToken| {
        align(series.projections.view(), &series.angles, settings, &mut Silent, cancel)
    };
    let (settings, token) = (AlignSettings::default(), CancelToken::new());
    let wrong = AlignSettings { start: Start::Given(vec![]), ..AlignSettings::default() };
    assert!(matches!(run(&series, &wrong, &token), Err(TomoError::Shape { .. })));
    let wrong = AlignSettings { momentum: 1.0, ..AlignSettings::default() };
    assert!(matches!(run(&series, &wrong, &token), Err(TomoError::Setting { value: 1.0, .. })));
    let wrong = AlignSettings { axis: Some(-1.0), ..AlignSettings::default() };
    assert!(matches!(run(&series, &wrong, &token), Err(TomoError::Setting { .. })));
    let few = TiltAngles::from_degrees(&[0.0, 1.0]).unwrap();
    assert!(matches!(
        align(series.projections.view(), &few, &settings, &mut Silent, &token),
        Err(TomoError::Shape { .. })
    ));
    let stopped = CancelToken::new();
    stopped.cancel();
    assert!(matches!(run(&series, &settings, &stopped), Err(TomoError::Interrupted { .. })));
    // an empty series has nothing to align, and stays
    series.projections.fill(0.0);
    assert!(run(&series, &settings, &token).unwrap().placements.iter().all(|p| p.shift == Point::default()));
    series.projections[(2, 3, 4)] = f32::NAN;
    assert!(matches!(
        run(&series, &settings, &token),
        Err(TomoError::NotFinite { projection: 2, y: 3, x: 4, .. })
    ));
}
