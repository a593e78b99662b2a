//! The polar angle in the plane of two optical densities, and the composition that it means.

use super::error::check_shape;
use super::{ChemistryError, Noise, PhaseReferences};
use litho_types::quantity::Radians;
use ndarray::{Array3, ArrayView3, Zip};

const NAME: &str = "polar angle";

/// Polar angles of voxels, in radians.
#[derive(Debug, Clone, PartialEq)]
pub struct Angles {
    /// `θ = atan2(OD₂, OD₁)`.
    pub angle: Array3<f32>,
    /// Its standard deviation to first order, `σ_θ² = (OD₂² C₁₁ − 2 OD₁ OD₂ C₁₂ + OD₁² C₂₂)/(OD₁² + OD₂²)²`; NaN if the
    /// noise is unknown.
    pub sigma: Array3<f32>,
}

/// Polar angles of the voxels of two volumes.
///
/// # Errors
/// [`ChemistryError`] if shapes differ or the noise is not that of two energies.
pub fn angles(
    first: ArrayView3<'_, f32>,
    second: ArrayView3<'_, f32>,
    noise: &Noise<'_>,
) -> Result<Angles, ChemistryError> {
    check_shape(NAME, "the second volume", second.shape(), first.shape())?;
    noise.check(NAME, 2, first.shape())?;
    let angle = Zip::from(first).and(second).par_map_collect(|x, y| y.atan2(*x));
    let mut sigma = Array3::from_elem(first.dim(), f32::NAN);
    let deviation = |x: f32, y: f32, [c11, c12, c22]: [f64; 3]| {
        let (x, y) = (f64::from(x), f64::from(y));
        ((y * y * c11 - 2.0 * x * y * c12 + x * x * c22).sqrt() / (x * x + y * y)) as f32
    };
    match noise {
        Noise::Unknown => {}
        Noise::Covariance(c) => {
            let c = [c[(0, 0)], c[(0, 1)], c[(1, 1)]];
            Zip::from(&mut sigma)
                .and(first)
                .and(second)
                .par_for_each(|sigma, x, y| *sigma = deviation(*x, *y, c));
        }
        Noise::Voxels { sigma: given, correlation } => {
            let rho = correlation[(0, 1)];
            Zip::from(&mut sigma).and(first).and(second).and(&given[0]).and(&given[1]).par_for_each(
                |sigma, x, y, s, t| {
                    let (s, t) = (f64::from(*s), f64::from(*t));
                    *sigma = deviation(*x, *y, [s * s, rho * s * t, t * t]);
                },
            );
        }
    }
    Ok(Angles { angle, sigma })
}

/// The exact relation between polar angle and the second phase's fraction.
///
/// With `a` and `b` the densities of the phases and `t = tan θ`, the second's fraction is
/// `x = (a₁ t − a₂)/((b₂ − a₂) + (a₁ − b₁) t)`. It is not linear in θ: a peak that is symmetric in one is not in the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AngleScale {
    a: [f64; 2],
    b: [f64; 2],
}

impl AngleScale {
    /// The relation for these references.
    ///
    /// # Errors
    /// [`ChemistryError::NotTwo`] unless there are two energies and two phases.
    pub fn new(references: &PhaseReferences) -> Result<Self, ChemistryError> {
        let (energies, phases) = (references.energies(), references.phases());
        if (energies, phases) != (2, 2) {
            return Err(ChemistryError::NotTwo { operation: NAME, energies, phases });
        }
        let density = references.density();
        let column = |phase: usize| [density[(0, phase)], density[(1, phase)]];
        Ok(Self { a: column(0), b: column(1) })
    }

    /// The angles of the two pure phases.
    pub fn pure(&self) -> [Radians; 2] {
        [self.a, self.b].map(|[first, second]| Radians::new(second.atan2(first)))
    }

    /// `a₁ b₂ − a₂ b₁`.
    fn determinant(&self) -> f64 {
        self.a[0] * self.b[1] - self.a[1] * self.b[0]
    }

    /// `(b₂ − a₂) cos θ + (a₁ − b₁) sin θ`: the amount of matter at unit distance, times the determinant.
    fn divisor(&self, (sin, cos): (f64, f64)) -> f64 {
        (self.b[1] - self.a[1]) * cos + (self.a[0] - self.b[0]) * sin
    }

    /// Fraction of the second phase at an angle. Beyond the pure phases it goes on below 0 and above 1; NaN where the
    /// amounts of the phases do not add up to anything positive.
    pub fn fraction(&self, angle: Radians) -> f64 {
        let (sin, cos) = angle.value().sin_cos();
        let divisor = self.divisor((sin, cos));
        if divisor * self.determinant() > 0.0 {
            (self.a[0] * sin - self.a[1] * cos) / divisor
        } else {
            f64::NAN
        }
    }

    /// The angle of a mixture whose second phase has this fraction: that of `(1 − x) a + x b`.
    pub fn angle(&self, fraction: f64) -> Radians {
        let mixed = |energy: usize| (1.0 - fraction) * self.a[energy] + fraction * self.b[energy];
        Radians::new(mixed(1).atan2(mixed(0)))
    }

    /// `dx/dθ = (a₁ b₂ − a₂ b₁)/divisor²`, per radian; its modulus turns a small error of the angle into one of the
    /// fraction.
    pub fn slope(&self, angle: Radians) -> f64 {
        self.determinant() / self.divisor(angle.value().sin_cos()).powi(2)
    }

    /// Standard deviation of the fraction if the angle has this one, to first order.
    pub fn fraction_sigma(&self, angle: Radians, sigma: Radians) -> f64 {
        self.slope(angle).abs() * sigma.value()
    }

    /// Fractions between which `angle ± width` lies: the width of a peak of angles, told as composition. Unlike the first
    /// order, it is right for wide peaks.
    pub fn fractions_between(&self, angle: Radians, width: Radians) -> [f64; 2] {
        [self.fraction(angle - width), self.fraction(angle + width)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    fn scale(a: [f64; 2], b: [f64; 2]) -> AngleScale {
        let matrix = arr2(&[[a[0], b[0]], [a[1], b[1]]]);
        let references = PhaseReferences::new(vec!["LFP".into(), "FP".into()], matrix).expect("two phases");
        AngleScale::new(&references).expect("two by two")
    }

    fn degrees(value: f64) -> Radians {
        Radians::new(value.to_radians())
    }

    /// Density of one nanometre of `LiFePO4`-rich and `FePO4`-rich material at 708.2 and 710.2 eV, nine digits.
    const LFP: [f64; 2] = [8.087_180_78e-3, 4.206_332_55e-3];
    const FP: [f64; 2] = [4.348_279_03e-3, 9.324_914_47e-3];
    /// Their lithium per iron.
    const LITHIUM: [f64; 2] = [0.93, 0.02];

    #[test]
    fn the_published_angles_are_the_published_compositions() {
        // 27.48° is Li0.93FePO4 and 65.0° is Li0.02FePO4 (the centres of the paper's Figure 2b).
        let scale = scale(LFP, FP);
        for (angle, lithium) in [(27.48, 0.93), (65.0, 0.02)] {
            let fraction = scale.fraction(degrees(angle));
            let found = (1.0 - fraction) * LITHIUM[0] + fraction * LITHIUM[1];
            // the references have nine digits, angles follow them to 1e-9 rad, fractions to 2e-9
            assert!((found - lithium).abs() < 1e-8, "{angle}: {found}");
            let back = scale.angle((LITHIUM[0] - lithium) / (LITHIUM[0] - LITHIUM[1])).value().to_degrees();
            assert!((back - angle).abs() < 1e-6, "{lithium}: {back}");
        }
    }

    #[test]
    fn the_published_angles_are_mixtures_of_the_ends_of_the_line() {
        // The same line with LiFePO4 and FePO4 as references: 0.93 and 0.02 are 7 % and 98 % of the second.
        let per_lithium = |e: usize| (LFP[e] - FP[e]) / (LITHIUM[0] - LITHIUM[1]);
        let at = |lithium: f64| [0, 1].map(|e| FP[e] + (lithium - LITHIUM[1]) * per_lithium(e));
        let scale = scale(at(1.0), at(0.0));
        for (angle, fraction) in [(27.48, 0.07), (65.0, 0.98)] {
            let found = scale.fraction(degrees(angle));
            assert!((found - fraction).abs() < 1e-8, "{angle}: {found}");
            assert!((scale.angle(fraction).value().to_degrees() - angle).abs() < 1e-6);
        }
        // They lie inside the sector of the references.
        let [first, second] = scale.pure().map(|angle| angle.value().to_degrees());
        assert!(first < 27.48 && second > 65.0, "{first} {second}");
    }

    #[test]
    fn angle_and_fraction_are_inverse_and_the_slope_is_their_derivative() {
        let scale = scale([3.0, 1.0], [0.5, 2.0]);
        for fraction in [-0.4, 0.0, 0.2, 0.7, 1.0, 1.3] {
            let angle = scale.angle(fraction);
            assert!((scale.fraction(angle) - fraction).abs() < 1e-13);
            // central difference: relative error of the order of its step squared
            let step = Radians::new(1e-5);
            let [low, high] = scale.fractions_between(angle, step);
            assert!(((high - low) / 2e-5 / scale.slope(angle) - 1.0).abs() < 1e-8);
            assert!((scale.fraction_sigma(angle, step) - scale.slope(angle) * 1e-5).abs() < 1e-18);
        }
        // by hand: t = 1, x = (3 − 1)/((2 − 1) + (3 − 0.5))
        assert!((scale.fraction(degrees(45.0)) - 2.0 / 3.5).abs() < 1e-14);
        // no amount of matter lies there
        assert!(scale.fraction(degrees(180.0)).is_nan() && scale.fraction(degrees(-90.0)).is_nan());
        // phases the other way round: the other fraction, with a falling angle
        let other = AngleScale { a: scale.b, b: scale.a };
        assert!((other.fraction(degrees(45.0)) - (1.0 - 2.0 / 3.5)).abs() < 1e-14);
        assert!(other.slope(degrees(45.0)) < 0.0 && other.fraction_sigma(degrees(45.0), degrees(1.0)) > 0.0);
    }

    #[test]
    fn the_error_of_an_angle_is_that_across_the_radius() {
        let (first, second) = (Array3::from_elem((1, 1, 2), 3.0), Array3::from_elem((1, 1, 2), 4.0));
        // Uncorrelated and equal: σ/r. Correlated by 1 and in the ratio of the densities: along the radius, no error.
        let equal = Noise::Covariance(arr2(&[[0.01, 0.0], [0.0, 0.01]]));
        let found = angles(first.view(), second.view(), &equal).expect("volumes");
        assert!((found.angle[(0, 0, 1)] - (4.0_f32 / 3.0).atan()).abs() < 1e-6);
        assert!((found.sigma[(0, 0, 1)] - 0.02).abs() < 1e-7);
        let sigma = [Array3::from_elem((1, 1, 2), 0.3), Array3::from_elem((1, 1, 2), 0.4)];
        let along = Noise::Voxels {
            sigma: sigma.iter().map(|sigma| sigma.view()).collect(),
            correlation: arr2(&[[1.0, 1.0], [1.0, 1.0]]),
        };
        let found = angles(first.view(), second.view(), &along).expect("volumes");
        // 0.3 and 0.4 are rounded to 3e-8 of themselves, and σ² is the difference of terms of 1.4
        assert!(found.sigma[(0, 0, 0)].is_nan() || found.sigma[(0, 0, 0)] < 1e-4, "{:?}", found.sigma);
        let unknown = angles(first.view(), second.view(), &Noise::Unknown).expect("volumes");
        assert!(unknown.sigma.iter().all(|sigma| sigma.is_nan()));
    }
}
