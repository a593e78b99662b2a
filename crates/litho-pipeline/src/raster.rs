//! Scans on a regular raster, whose translational symmetry leaves its mark on the image.

use litho_types::scan::Positions;

/// Root mean square departure from a lattice, as a share of its step, below which a scan counts as regular. Positions at
/// random have 0.4; a jitter of a fifth of a step either way, which breaks the symmetry, has 0.16.
const REGULAR: f64 = 0.1;
/// Rows and columns that make a raster.
const FEWEST_LINES: i64 = 4;
/// Share of the lattice's places, in the parallelogram that holds them all, that a raster uses: a round field of a
/// hexagonal lattice uses half.
const LEAST_FILLED: f64 = 0.25;
/// Radius, in steps, within which the lattice is first guessed, and its growth: a step that is off by `REGULAR` still
/// tells the next few rows apart.
const FIRST_RADIUS: f64 = 1.6;
const GROWTH: f64 = 1.4;
/// Sine of the angle between two steps below which they count as one direction.
const PARALLEL: f64 = 0.3;

/// A lattice that scan positions lie on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raster {
    /// The shortest step, in the unit of the positions, (y, x).
    pub step: [f64; 2],
    /// The shortest step in another direction.
    pub other: [f64; 2],
    /// Root mean square departure from the lattice as a share of the shorter step.
    pub departure: f64,
}

/// What a person should know of a scan on a regular raster; `None` for any other scan.
pub fn warning(positions: &Positions) -> Option<String> {
    let places: Vec<[f64; 2]> = match positions {
        Positions::Metres(all) => all.iter().map(|p| [p.y.value(), p.x.value()]).collect(),
        Positions::Pixels(all) => all.iter().map(|p| [p.y.value(), p.x.value()]).collect(),
    };
    let raster = find(&places)?;
    Some(format!(
        "the scan positions lie on a regular raster (to {:.1} % of a step): grid artefacts with the period of the scan can \
         appear in object and probe; scan a jittered or Fermat spiral pattern, or use the positions the stages really took \
         with --subpixel or --refine-positions",
        100.0 * raster.departure
    ))
}

/// The lattice that `places` (y, x) lie on, if they do.
pub fn find(places: &[[f64; 2]]) -> Option<Raster> {
    let count = places.len();
    if count < (FEWEST_LINES * FEWEST_LINES) as usize {
        return None;
    }
    let mean = [0, 1].map(|axis| places.iter().map(|p| p[axis]).sum::<f64>() / count as f64);
    let centre = places.iter().copied().min_by(|a, b| distance(*a, mean).total_cmp(&distance(*b, mean)))?;
    let (first, second) = local_steps(places, centre)?;
    let step = norm(first);
    let mut lattice = Lattice { origin: centre, steps: [first, second] };
    let farthest = places.iter().map(|p| distance(*p, centre)).fold(0.0, f64::max);
    let mut radius = FIRST_RADIUS * norm(second);
    // Row by row from the middle out, so that small errors of the steps do not add up to a wrong row.
    loop {
        let near: Vec<[f64; 2]> = places.iter().copied().filter(|p| distance(*p, centre) <= radius).collect();
        lattice = lattice.fitted(&near)?;
        if lattice.departure(&near) > REGULAR * step {
            return None;
        }
        if radius > farthest {
            break;
        }
        radius *= GROWTH;
    }
    let departure = lattice.departure(places) / step;
    let indices: Vec<[i64; 2]> = places.iter().map(|p| lattice.index(*p)).collect();
    let lines = [0, 1].map(|axis| {
        let all = || indices.iter().map(|index| index[axis]);
        all().max().unwrap_or(0) - all().min().unwrap_or(0) + 1
    });
    let filled = count as f64 / (lines[0] * lines[1]) as f64;
    let regular = departure < REGULAR && lines.iter().all(|&n| n >= FEWEST_LINES) && filled > LEAST_FILLED;
    regular.then_some(Raster { step: lattice.steps[0], other: lattice.steps[1], departure })
}

/// The shortest step from `centre` to another place, and the shortest in another direction.
fn local_steps(places: &[[f64; 2]], centre: [f64; 2]) -> Option<([f64; 2], [f64; 2])> {
    let mut steps: Vec<[f64; 2]> = places.iter().map(|p| [p[0] - centre[0], p[1] - centre[1]]).collect();
    steps.retain(|step| norm(*step) > 0.0 && norm(*step).is_finite());
    let shortest =
        |steps: &mut dyn Iterator<Item = [f64; 2]>| steps.min_by(|a, b| norm(*a).total_cmp(&norm(*b)));
    let first = shortest(&mut steps.iter().copied())?;
    let crosses = |step: &[f64; 2]| cross(first, *step).abs() > PARALLEL * norm(first) * norm(*step);
    let second = shortest(&mut steps.iter().copied().filter(crosses))?;
    Some((first, second))
}

#[derive(Debug, Clone, Copy)]
struct Lattice {
    origin: [f64; 2],
    steps: [[f64; 2]; 2],
}

impl Lattice {
    /// The lattice point nearest to a place, in steps.
    fn index(&self, place: [f64; 2]) -> [i64; 2] {
        let [a, b] = self.steps;
        let d = [place[0] - self.origin[0], place[1] - self.origin[1]];
        let area = cross(a, b);
        [(cross(d, b) / area).round() as i64, (cross(a, d) / area).round() as i64]
    }

    fn point(&self, [i, j]: [i64; 2]) -> [f64; 2] {
        let [a, b] = self.steps;
        [0, 1].map(|axis| self.origin[axis] + i as f64 * a[axis] + j as f64 * b[axis])
    }

    /// Root mean square distance of places to the lattice.
    fn departure(&self, places: &[[f64; 2]]) -> f64 {
        let squares = places.iter().map(|p| distance(*p, self.point(self.index(*p))).powi(2));
        (squares.sum::<f64>() / places.len().max(1) as f64).sqrt()
    }

    /// The lattice that fits the places best, by least squares over origin and steps; `None` if they lie on a line.
    fn fitted(&self, places: &[[f64; 2]]) -> Option<Self> {
        let indices: Vec<[f64; 2]> = places.iter().map(|p| self.index(*p).map(|i| i as f64)).collect();
        let count = places.len() as f64;
        let mean = |all: &[[f64; 2]]| [0, 1].map(|axis| all.iter().map(|p| p[axis]).sum::<f64>() / count);
        let (mean_index, mean_place) = (mean(&indices), mean(places));
        // Σ δδᵀ (a, b)ᵀ = Σ δ (p − p̄) with δ = index − mean index
        let (mut normal, mut right) = ([0.0; 3], [[0.0; 2]; 2]);
        for (index, place) in indices.iter().zip(places) {
            let [i, j] = [index[0] - mean_index[0], index[1] - mean_index[1]];
            normal = [normal[0] + i * i, normal[1] + i * j, normal[2] + j * j];
            for axis in 0..2 {
                let d = place[axis] - mean_place[axis];
                right[0][axis] += i * d;
                right[1][axis] += j * d;
            }
        }
        let [ii, ij, jj] = normal;
        let determinant = ii * jj - ij * ij;
        if determinant.is_nan() || determinant <= 1e-9 * ii * jj {
            return None;
        }
        let a = [0, 1].map(|axis| (jj * right[0][axis] - ij * right[1][axis]) / determinant);
        let b = [0, 1].map(|axis| (ii * right[1][axis] - ij * right[0][axis]) / determinant);
        let origin = [0, 1].map(|axis| mean_place[axis] - mean_index[0] * a[axis] - mean_index[1] * b[axis]);
        Some(Self { origin, steps: [a, b] })
    }
}

fn norm([y, x]: [f64; 2]) -> f64 {
    y.hypot(x)
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// 20 × 15 places, 3 apart in y and 2 in x, turned by 0.3 rad, each moved by up to `jitter` either way.
    fn raster(jitter: f64) -> Vec<[f64; 2]> {
        let mut random = ChaCha8Rng::seed_from_u64(4);
        let mut moved = || jitter * (2.0 * random.random::<f64>() - 1.0);
        let (sine, cosine) = 0.3_f64.sin_cos();
        (0..300)
            .map(|i| {
                let (y, x) = (3.0 * f64::from(i / 15) + moved(), 2.0 * f64::from(i % 15) + moved());
                [cosine * y - sine * x, sine * y + cosine * x]
            })
            .collect()
    }

    /// `r = c √i` at the golden angle.
    fn fermat() -> Vec<[f64; 2]> {
        let golden = std::f64::consts::PI * (3.0 - 5.0_f64.sqrt());
        (0..300)
            .map(|i| (f64::from(i).sqrt(), golden * f64::from(i)))
            .map(|(r, t)| [r * t.sin(), r * t.cos()])
            .collect()
    }

    #[test]
    fn a_raster_is_found_with_its_steps() {
        let found = find(&raster(0.0)).expect("a raster");
        // Rounding of coordinates of some ten steps.
        assert!(found.departure < 1e-12, "{found:?}");
        assert!(
            (norm(found.step) - 2.0).abs() < 1e-12 && (norm(found.other) - 3.0).abs() < 1e-12,
            "{found:?}"
        );
        // What a stage's encoders scatter, 2 % of the shorter step either way: 2 % · √(2/3) of departure.
        let found = find(&raster(0.04)).expect("still a raster");
        assert!((found.departure - 0.02 * (2.0_f64 / 3.0).sqrt()).abs() < 0.003, "{found:?}");
    }

    #[test]
    fn a_hexagonal_lattice_in_a_round_field_is_a_raster() {
        let all = (-20..=20).flat_map(|i| (-20..=20).map(move |j| (f64::from(i), f64::from(j))));
        let hexagons = all.map(|(i, j)| [i * 0.75_f64.sqrt(), j + 0.5 * i]);
        let round: Vec<[f64; 2]> = hexagons.filter(|p| norm(*p) < 8.5).collect();
        assert!(find(&round).is_some());
    }

    #[test]
    fn jitter_breaks_the_symmetry() {
        // A fifth of the shorter step either way, and more.
        for jitter in [0.4, 0.7, 1.0] {
            assert_eq!(find(&raster(jitter)), None, "{jitter}");
        }
    }

    #[test]
    fn other_patterns_are_none() {
        assert_eq!(find(&fermat()), None);
        let line: Vec<[f64; 2]> = (0..100).map(|i| [0.0, f64::from(i)]).collect();
        assert_eq!(find(&line), None, "a line scan");
        assert_eq!(find(&raster(0.0)[..12]), None, "too few to tell");
        assert_eq!(find(&[[1.0, 1.0]; 50]), None, "one place");
        assert_eq!(find(&[[f64::NAN; 2]; 50]), None, "no numbers");
    }
}
