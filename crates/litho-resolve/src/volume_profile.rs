//! Values along a line through a volume, for the width of an edge in it.

use crate::edge::LineProfile;
use crate::error::ResolveError;
use ndarray::ArrayView3;

const NAME: &str = "line profile through a volume";
/// Shortest line, voxels.
const SHORTEST: f64 = 8.0;

/// The profile of `volume` from `from` to `to`, both `(z, y, x)` with voxel centres at whole numbers, trilinear between the
/// voxels, averaged over `lines × lines` parallel lines one voxel apart that lie symmetrically about it.
/// [`fit_edge`](crate::edge::fit_edge) finds the 10–90 % width of an edge in it.
///
/// # Errors
/// [`ResolveError`] if the line is shorter than 8 voxels, a line leaves the volume, or `lines` is zero.
pub fn volume_profile(
    volume: ArrayView3<'_, f32>,
    from: [f64; 3],
    to: [f64; 3],
    lines: usize,
) -> Result<LineProfile, ResolveError> {
    let along: [f64; 3] = std::array::from_fn(|i| to[i] - from[i]);
    let length = dot(along, along).sqrt();
    if length < SHORTEST || !length.is_finite() || lines == 0 {
        let (name, value, allowed) = if lines == 0 {
            ("the number of lines", 0.0, "at least 1")
        } else {
            ("the length of the line", length, "at least 8 voxels")
        };
        return Err(ResolveError::InvalidSetting { operation: NAME, name, value, allowed });
    }
    let (first, second) = across(along.map(|v| v / length));
    let offset = |line: usize| line as f64 - (lines - 1) as f64 / 2.0;
    let steps = length.ceil();
    let mut profile = LineProfile { distance: Vec::new(), value: Vec::new() };
    for step in 0..=steps as usize {
        let t = step as f64 / steps;
        let mut sum = 0.0;
        for (u, v) in (0..lines).flat_map(|a| (0..lines).map(move |b| (offset(a), offset(b)))) {
            sum += trilinear(
                volume,
                std::array::from_fn(|i| from[i] + t * along[i] + u * first[i] + v * second[i]),
            )?;
        }
        profile.distance.push(t * length);
        profile.value.push(sum / (lines * lines) as f64);
    }
    Ok(profile)
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// Two directions at right angles to a line and to each other.
fn across(line: [f64; 3]) -> ([f64; 3], [f64; 3]) {
    // the axis that is least along the line
    let least = (1..3).fold(0, |best, i| if line[i].abs() < line[best].abs() { i } else { best });
    let axis: [f64; 3] = std::array::from_fn(|i| if i == least { 1.0 } else { 0.0 });
    let first = cross(line, axis);
    let length = dot(first, first).sqrt();
    let first = first.map(|v| v / length);
    (first, cross(line, first))
}

fn trilinear(volume: ArrayView3<'_, f32>, point: [f64; 3]) -> Result<f64, ResolveError> {
    let shape = volume.dim();
    let sides = [shape.0, shape.1, shape.2];
    if point.iter().zip(sides).any(|(&p, n)| !(p >= 0.0 && p <= n as f64 - 1.0)) {
        return Err(ResolveError::OutsideVolume { operation: NAME, point, shape });
    }
    let low = point.map(|p| p.floor() as usize);
    let part: [f64; 3] = std::array::from_fn(|i| point[i] - low[i] as f64);
    let corner = |bits: usize| {
        let up = |i: usize| (bits >> i) & 1;
        let weight: f64 = (0..3).map(|i| if up(i) == 1 { part[i] } else { 1.0 - part[i] }).product();
        let place: [usize; 3] = std::array::from_fn(|i| (low[i] + up(i)).min(sides[i] - 1));
        weight * f64::from(volume[place])
    };
    Ok((0..8).map(corner).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::fit_edge;
    use litho_types::erf::erf;
    use ndarray::Array3;

    #[test]
    fn a_blurred_slanted_edge_has_its_width() -> Result<(), ResolveError> {
        // Plane with normal (2, 1, 2)/3 through (15, 16, 17), blurred with σ = 2 voxels.
        let height = |z: f64, y: f64, x: f64| (2.0 * (z - 15.0) + (y - 16.0) + 2.0 * (x - 17.0)) / 3.0;
        let volume = Array3::from_shape_fn((32, 33, 34), |(z, y, x)| {
            let height = height(z as f64, y as f64, x as f64);
            (1.0 + 0.5 * (1.0 + erf(height / (2.0 * std::f64::consts::SQRT_2)))) as f32
        });
        let at = |t: f64| [15.0 + 2.0 * t / 3.0, 16.0 + t / 3.0, 17.0 + 2.0 * t / 3.0];
        let fit = fit_edge(&volume_profile(volume.view(), at(-12.0), at(12.0), 3)?)?;
        // Linear interpolation between voxels blurs by at most σ² = 1/4 of the curvature term: f(1−f)/2 ≤ 1/8 per
        // axis and thus 3/8 at most, of 4: 5 % of the variance, 2.5 % of the width from above; never below.
        let expected = 2.0 * crate::edge::WIDTH_PER_SIGMA;
        assert!(fit.width > expected * 0.998 && fit.width < expected * 1.045, "{} {expected}", fit.width);
        assert!((fit.centre - 12.0).abs() < 0.02 && (fit.after - 2.0).abs() < 0.01, "{fit:?}");
        assert!(matches!(
            volume_profile(volume.view(), at(-40.0), at(0.0), 1),
            Err(ResolveError::OutsideVolume { .. })
        ));
        assert!(volume_profile(volume.view(), at(-2.0), at(2.0), 1).is_err());
        Ok(())
    }
}
