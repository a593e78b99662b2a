//! Every method finds an off-centre sphere from its analytic projections: its density and its place.

use litho_tomo::{Filter, Geometry, Method, Settings, TomoError, reconstruct};
use litho_types::observer::{CancelToken, Silent};
use litho_types::tilt::TiltAngles;
use ndarray::Array3;

const SIZE: usize = 64;
const DEPTH: usize = 5;
const AXIS: f64 = 30.7;
/// Voxel coordinates from the middle of the volume, y upward.
const CENTRE: (f64, f64) = (7.3, -4.6);
const RADIUS: f64 = 14.0;
const DENSITY: f64 = 0.7;

/// What is asked of every method: 0.1 % of the density, 0.01 px.
const DENSITY_ERROR: f64 = 1e-3;
const CENTRE_ERROR: f64 = 0.01;

/// Subdivisions of a detector pixel along each direction.
const PARTS: usize = 4;

fn angles(degrees: impl IntoIterator<Item = f64>) -> TiltAngles {
    TiltAngles::from_degrees(&degrees.into_iter().collect::<Vec<_>>()).expect("ascending")
}

fn half_turn() -> TiltAngles {
    angles((0..120).map(|k| 1.5 * f64::from(k)))
}

fn parts(middle: f64) -> impl Iterator<Item = f64> {
    (0..PARTS).map(move |k| middle + (k as f64 + 0.5) / PARTS as f64 - 0.5)
}

/// Mean of `f(distance from the sphere's middle in x, in z)` over the pixels of all projections.
fn projections(geometry: &Geometry, f: impl Fn(f64, f64) -> f64) -> Array3<f32> {
    let angles = geometry.angles();
    Array3::from_shape_fn((angles.len(), DEPTH, geometry.detector()), |(angle, z, d)| {
        let (sin, cos) = angles[angle].sin_cos();
        let middle = CENTRE.0 * cos + CENTRE.1 * sin + geometry.axis();
        let depth = z as f64 - (DEPTH as f64 - 1.0) / 2.0;
        let sum: f64 = parts(depth)
            .flat_map(|z| parts(d as f64).map(move |u| (u, z)))
            .map(|(u, z)| f(u - middle, z))
            .sum();
        (sum / (PARTS * PARTS) as f64) as f32
    })
}

fn chord(u: f64, z: f64) -> f64 {
    2.0 * DENSITY * (RADIUS * RADIUS - u * u - z * z).max(0.0).sqrt()
}

/// Mean density well inside the sphere, and the centroid, of the middle slice.
fn look(volume: &Array3<f32>) -> (f64, f64, f64) {
    let middle = (SIZE as f64 - 1.0) / 2.0;
    let (mut inside, mut count) = (0.0, 0.0);
    let (mut mass, mut mx, mut my) = (0.0, 0.0, 0.0);
    for ((z, row, column), &value) in volume.indexed_iter() {
        if z != DEPTH / 2 {
            continue;
        }
        let (x, y) = (column as f64 - middle, middle - row as f64);
        let distance = (x - CENTRE.0).hypot(y - CENTRE.1);
        let value = f64::from(value);
        if distance < RADIUS - 4.0 {
            inside += value;
            count += 1.0;
        }
        if distance < RADIUS + 4.0 {
            mass += value;
            mx += value * x;
            my += value * y;
        }
    }
    (inside / count, mx / mass, my / mass)
}

fn check(name: &str, settings: &Settings, geometry: &Geometry, data: &Array3<f32>) -> Result<(), TomoError> {
    let found = reconstruct(data.view(), None, geometry, settings, &mut Silent, &CancelToken::new())?;
    let (density, x, y) = look(&found.volume);
    let (relative, dx, dy) = (density / DENSITY - 1.0, x - CENTRE.0, y - CENTRE.1);
    assert!(relative.abs() < DENSITY_ERROR, "{name}: density off by {relative:+.5}");
    assert!(dx.abs() < CENTRE_ERROR && dy.abs() < CENTRE_ERROR, "{name}: centre off by {dx:+.4}, {dy:+.4}");
    Ok(())
}

#[test]
fn filtered_back_projection() -> Result<(), TomoError> {
    let geometry = Geometry::new(&half_turn(), SIZE, SIZE, AXIS)?;
    let data = projections(&geometry, chord);
    check("Fourier", &Settings::new(Method::Fourier { filter: Filter::RamLak }), &geometry, &data)?;
    for filter in [Filter::RamLak, Filter::SheppLogan, Filter::Cosine, Filter::Hamming, Filter::Hann] {
        check(&format!("{filter:?}"), &Settings::new(Method::Fbp { filter }), &geometry, &data)?;
    }
    Ok(())
}

#[test]
fn filtered_back_projection_of_differences() -> Result<(), TomoError> {
    let geometry = Geometry::new(&half_turn(), SIZE, SIZE, AXIS)?;
    let data = projections(&geometry, |u, z| chord(u + 0.5, z) - chord(u - 0.5, z));
    check(
        "derivative",
        &Settings::new(Method::FbpFromDerivative { filter: Filter::RamLak }),
        &geometry,
        &data,
    )
}

#[test]
fn iterations() -> Result<(), TomoError> {
    let geometry = Geometry::new(&half_turn(), SIZE, SIZE, AXIS)?;
    let data = projections(&geometry, chord);
    check("ART", &Settings::new(Method::Art { iterations: 20, relaxation: 0.1 }), &geometry, &data)?;
    check(
        "SART",
        &Settings::new(Method::Sart { iterations: 20, relaxation: 0.5, block: 1 }),
        &geometry,
        &data,
    )?;
    check(
        "OS",
        &Settings::new(Method::Sart { iterations: 20, relaxation: 1.0, block: 10 }),
        &geometry,
        &data,
    )?;
    check("TV", &Settings::new(Method::Tv { iterations: 30, strength: 1e-4, block: 10 }), &geometry, &data)?;
    check(
        "wedge",
        &Settings::new(Method::Wedge { iterations: 20, strength: 1e-4, block: 10 }),
        &geometry,
        &data,
    )?;
    check("CGLS", &Settings::new(Method::Cgls { iterations: 20 }), &geometry, &data)?;
    check("SIRT", &Settings::new(Method::Sirt { iterations: 100 }), &geometry, &data)
}
