//! What a reconstruction does with weights, threads, interruptions and input that cannot be used.

use litho_testkit::Lcg;
use litho_tomo::{
    Filter, Geometry, Method, Settings, Stop, Support, TomoError, project, reconstruct, reconstruct_layers,
};
use litho_types::observer::{CancelToken, Observer, Silent, Step};
use litho_types::tilt::TiltAngles;
use ndarray::{Array3, s};

const SIZE: usize = 24;
const DEPTH: usize = 35;

fn geometry() -> Geometry {
    let degrees: Vec<f64> = (0..30).map(|k| 6.0 * f64::from(k)).collect();
    let angles = TiltAngles::from_degrees(&degrees).expect("ascending");
    Geometry::centred(&angles, SIZE).expect("not empty")
}

/// Blobs of noise inside the circle.
fn object() -> Array3<f32> {
    let mut noise = Lcg::new(4);
    let middle = (SIZE as f64 - 1.0) / 2.0;
    Array3::from_shape_fn((DEPTH, SIZE, SIZE), |(_, y, x)| {
        let inside = (y as f64 - middle).hypot(x as f64 - middle) < 9.0;
        if inside { noise.uniform() as f32 } else { 0.0 }
    })
}

fn methods() -> [Method; 9] {
    let filter = Filter::Hann;
    [
        Method::Fbp { filter },
        Method::FbpFromDerivative { filter },
        Method::Fourier { filter },
        Method::Art { iterations: 2, relaxation: 0.2 },
        Method::Sart { iterations: 2, relaxation: 0.5, block: 4 },
        Method::Sirt { iterations: 3 },
        Method::Cgls { iterations: 3 },
        Method::Tv { iterations: 2, strength: 0.01, block: 5 },
        Method::Wedge { iterations: 2, strength: 0.01, block: 5 },
    ]
}

fn run(
    data: &Array3<f32>,
    weights: Option<&Array3<f32>>,
    settings: &Settings,
) -> Result<Array3<f32>, TomoError> {
    let weights = weights.map(|weights| weights.view());
    let found = reconstruct(data.view(), weights, &geometry(), settings, &mut Silent, &CancelToken::new())?;
    Ok(found.volume)
}

#[test]
fn threads_change_no_bit() -> Result<(), TomoError> {
    let data = project(object().view(), &geometry())?;
    for method in methods() {
        let [one, three] = [1, 3].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| run(&data, None, &Settings::new(method)))
        });
        assert!(one? == three?, "{method:?}");
    }
    Ok(())
}

#[test]
fn a_missing_pixel_may_hold_anything() -> Result<(), TomoError> {
    let mut data = project(object().view(), &geometry())?;
    let weights = Array3::from_shape_fn(data.dim(), |(angle, y, x)| {
        if (angle * 7 + y * 3 + x) % 11 == 0 || angle == 4 && y == 2 { 0.0 } else { 1.0 }
    });
    let zero = {
        let mut zero = data.clone();
        zero.zip_mut_with(&weights, |value, &weight| *value = if weight > 0.0 { *value } else { 0.0 });
        zero
    };
    data.zip_mut_with(&weights, |value, &weight| *value = if weight > 0.0 { *value } else { f32::NAN });
    for method in methods() {
        let settings = Settings::new(method);
        assert!(
            run(&data, Some(&weights), &settings)? == run(&zero, Some(&weights), &settings)?,
            "{method:?}"
        );
        let found = run(&data, None, &settings);
        assert!(matches!(found, Err(TomoError::NotFinite { projection: 0, y: 0, x: 0, .. })), "{method:?}");
    }
    Ok(())
}

/// With weights, iterations find the object although a fifth of the pixels is missing; without them they would fit zeros.
#[test]
fn missing_pixels_are_not_fitted() -> Result<(), TomoError> {
    let object = object();
    let data = project(object.view(), &geometry())?;
    let weights = Array3::from_shape_fn(data.dim(), |(angle, _, x)| f32::from((angle + 2 * x) % 5 != 0));
    let holes = &data * &weights;
    let power: f64 = object.iter().map(|&value| f64::from(value).powi(2)).sum();
    let error = |found: &Array3<f32>| {
        let square: f64 = found.iter().zip(&object).map(|(a, b)| f64::from(a - b).powi(2)).sum();
        (square / power).sqrt()
    };
    let settings = Settings::new(Method::Cgls { iterations: 40 });
    let (with, without) = (run(&holes, Some(&weights), &settings)?, run(&holes, None, &settings)?);
    // 720 rays, of which 576 are left, for 576 voxels of white noise: not more than a rough picture, but no holes' image.
    assert!(error(&with) < 0.5 * error(&without), "{} {}", error(&with), error(&without));
    Ok(())
}

#[test]
fn voxels_obey_range_and_support() -> Result<(), TomoError> {
    let data = project(object().view(), &geometry())?;
    let mask = Array3::from_shape_fn((DEPTH, SIZE, SIZE), |(z, y, x)| (z + y + x) % 3 != 0);
    for method in methods() {
        let support = Support::Mask(mask.clone());
        let settings = Settings { range: Some([0.0, 0.4]), support, ..Settings::new(method) };
        let found = run(&data, None, &settings)?;
        assert!(found.iter().all(|value| (0.0..=0.4).contains(value)), "{method:?}");
        assert!(found.iter().zip(&mask).all(|(&value, &there)| there || value == 0.0), "{method:?}");
        assert!(found.iter().any(|&value| value > 0.1), "{method:?}");
        let circle = Settings { support: Support::Circle, ..Settings::new(method) };
        let found = run(&data, None, &circle)?;
        assert_eq!(found[(1, 0, 0)], 0.0, "{method:?}");
        assert_ne!(found[(1, SIZE / 2, 1)], 0.0, "{method:?}");
    }
    Ok(())
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let data = Array3::zeros((30, 2, SIZE));
    let named = |settings: &Settings| match run(&data, None, settings) {
        Err(TomoError::Setting { setting, .. }) => setting,
        other => panic!("{settings:?}: {other:?}"),
    };
    for method in [
        Method::Cgls { iterations: 0 },
        Method::Sirt { iterations: 0 },
        Method::Art { iterations: 0, relaxation: 1.0 },
    ] {
        assert_eq!(named(&Settings::new(method)), "the number of iterations");
    }
    for relaxation in [0.0, 2.0, -1.0, f32::NAN] {
        assert_eq!(named(&Settings::new(Method::Art { iterations: 1, relaxation })), "the relaxation");
        let sart = Method::Sart { iterations: 1, relaxation, block: 1 };
        assert_eq!(named(&Settings::new(sart)), "the relaxation");
    }
    for strength in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        let tv = Method::Tv { iterations: 1, strength, block: 1 };
        assert_eq!(named(&Settings::new(tv)), "the strength of flattening");
    }
    let block = Method::Wedge { iterations: 1, strength: 0.1, block: 0 };
    assert_eq!(named(&Settings::new(block)), "the number of angles corrected together");
    let sirt = Settings::new(Method::Sirt { iterations: 1 });
    for range in [[f32::NAN, 1.0], [1.0, f32::NAN], [1.0, 1.0], [2.0, 1.0]] {
        assert!(named(&Settings { range: Some(range), ..sirt.clone() }).ends_with("value of a voxel"));
    }
    for change in [0.0, 1.0, f64::NAN] {
        let stop = Stop { change: Some(change), rise: false };
        assert_eq!(named(&Settings { stop, ..sirt.clone() }), "the change that ends iterations");
    }
}

#[test]
fn arrays_must_fit() {
    let settings = Settings::new(Method::Fbp { filter: Filter::RamLak });
    let wrong =
        |found: Result<Array3<f32>, TomoError>| assert!(matches!(found, Err(TomoError::Shape { .. })));
    wrong(run(&Array3::zeros((29, 2, SIZE)), None, &settings));
    wrong(run(&Array3::zeros((30, 2, SIZE + 1)), None, &settings));
    wrong(run(&Array3::zeros((30, 0, SIZE)), None, &settings));
    wrong(run(&Array3::zeros((30, 2, SIZE)), Some(&Array3::zeros((30, 1, SIZE))), &settings));
    let support = Support::Mask(Array3::from_elem((3, SIZE, SIZE), true));
    wrong(run(&Array3::zeros((30, 2, SIZE)), None, &Settings { support, ..settings.clone() }));
    let negative = Array3::from_elem((30, 2, SIZE), -0.5);
    let found = run(&Array3::zeros((30, 2, SIZE)), Some(&negative), &settings);
    assert!(matches!(found, Err(TomoError::Setting { .. })));
}

/// Stops after so many steps.
struct Stopper(usize, CancelToken);

impl Observer for Stopper {
    fn step(&mut self, step: Step) {
        if step.iteration == self.0 {
            self.1.cancel();
        }
    }
}

#[test]
fn somebody_may_ask_to_stop() -> Result<(), TomoError> {
    let data = project(object().view(), &geometry())?;
    let cancel = CancelToken::new();
    let settings = Settings::new(Method::Sirt { iterations: 10 });
    let found =
        reconstruct(data.view(), None, &geometry(), &settings, &mut Stopper(3, cancel.clone()), &cancel);
    assert!(matches!(found, Err(TomoError::Interrupted { .. })));
    Ok(())
}

#[test]
fn iterations_end_when_they_are_told_to() -> Result<(), TomoError> {
    let data = project(object().view(), &geometry())?;
    let stop = Stop { change: Some(0.3), rise: true };
    let settings = Settings { stop, ..Settings::new(Method::Cgls { iterations: 30 }) };
    let found = reconstruct(data.view(), None, &geometry(), &settings, &mut Silent, &CancelToken::new())?;
    assert!(found.residual.len() < 30 && found.residual.len() > 1, "{:?}", found.residual);
    let falls = found.residual.windows(2).all(|pair| pair[1] < pair[0]);
    assert!(falls, "{:?}", found.residual);
    Ok(())
}

/// Gives the rows of an array, some at a time.
struct Source<'a>(&'a Array3<f32>, usize);

impl litho_tomo::Rows for Source<'_> {
    fn depth(&self) -> usize {
        self.0.dim().1
    }

    fn read(&mut self, rows: std::ops::Range<usize>) -> Result<Array3<f32>, TomoError> {
        self.1 = self.1.max(rows.len());
        Ok(self.0.slice(s![.., rows, ..]).to_owned())
    }
}

#[test]
fn layers_come_one_after_the_other() -> Result<(), TomoError> {
    let data = project(object().view(), &geometry())?;
    let settings = Settings::new(Method::Sirt { iterations: 2 });
    let mut source = Source(&data, 0);
    let mut volume = Array3::zeros((DEPTH, SIZE, SIZE));
    let residual = reconstruct_layers(
        &mut source,
        &mut volume,
        &geometry(),
        &settings,
        &mut Silent,
        &CancelToken::new(),
    )?;
    assert!(source.1 < DEPTH, "all rows at once");
    let whole = reconstruct(data.view(), None, &geometry(), &settings, &mut Silent, &CancelToken::new())?;
    assert!(volume == whole.volume && residual == whole.residual);
    Ok(())
}
