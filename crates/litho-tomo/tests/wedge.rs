//! What priors make of a missing wedge.

use litho_tomo::{Geometry, Method, Settings, Support, TomoError, project, reconstruct};
use litho_types::observer::{CancelToken, Silent};
use litho_types::tilt::TiltAngles;
use ndarray::Array3;

const SIZE: usize = 64;
/// A disc's x, y (upward), radius and density.
const DISCS: [(f64, f64, f64, f64); 5] = [
    (2.0, 3.0, 9.0, 0.6),
    (-14.0, 8.0, 5.0, 1.0),
    (9.0, -15.0, 6.5, 0.8),
    (16.0, 10.0, 4.0, 0.5),
    (-12.0, -12.0, 7.0, 0.9),
];

fn object() -> Array3<f32> {
    let middle = (SIZE as f64 - 1.0) / 2.0;
    Array3::from_shape_fn((2, SIZE, SIZE), |(_, row, column)| {
        let (x, y) = (column as f64 - middle, middle - row as f64);
        let inside = |&&(a, b, radius, _): &&(f64, f64, f64, f64)| (x - a).hypot(y - b) < radius;
        DISCS.iter().filter(inside).map(|disc| disc.3 as f32).sum()
    })
}

fn error(settings: &Settings) -> Result<f64, TomoError> {
    let degrees: Vec<f64> = (0..79).map(|k| -80.0 + 2.0 * f64::from(k)).collect();
    let angles = TiltAngles::from_degrees(&degrees).expect("ascending");
    let geometry = Geometry::centred(&angles, SIZE)?;
    let object = object();
    let data = project(object.view(), &geometry)?;
    let found = reconstruct(data.view(), None, &geometry, settings, &mut Silent, &CancelToken::new())?.volume;
    let square =
        |values: &mut dyn Iterator<Item = f32>| values.map(|value| f64::from(value).powi(2)).sum::<f64>();
    let difference = square(&mut found.iter().zip(&object).map(|(a, b)| a - b));
    Ok((difference / square(&mut object.iter().copied())).sqrt())
}

/// 13 % of the directions are missing; least squares alone leaves their part of the picture at zero. The priors know that discs
/// are flat, positive and inside the circle.
#[test]
fn priors_fill_the_wedge() -> Result<(), TomoError> {
    let alone = error(&Settings::new(Method::Cgls { iterations: 20 }))?;
    let prior = |method| Settings {
        range: Some([0.0, f32::INFINITY]),
        support: Support::Circle,
        ..Settings::new(method)
    };
    let tv = error(&prior(Method::Tv { iterations: 30, strength: 0.01, block: 10 }))?;
    let wedge = error(&prior(Method::Wedge { iterations: 30, strength: 0.02, block: 10 }))?;
    assert!(
        tv < 0.4 * alone && wedge < 0.5 * alone,
        "CGLS {alone}, total variation {tv}, wedge prior {wedge}"
    );
    Ok(())
}
