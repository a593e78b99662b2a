//! The two phases: their names and colours, and what their optical densities make of an angle.

use crate::colour::{PHASES, Rgb};

/// Two phases between which the composition varies, and three classes of it.
///
/// A composition is the fraction of the *second* phase, 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Phases {
    /// Their names, the first one red, the second one blue: `LFP`, `FP`.
    pub names: [String; 2],
    /// The two energies in eV.
    pub energies: [f64; 2],
    /// Optical density of a voxel full of one phase, `[phase][energy]`.
    pub references: [[f64; 2]; 2],
    /// Compositions at which the mixed class begins and ends.
    pub thresholds: (f64, f64),
}

impl Default for Phases {
    /// Lithium iron phosphate and iron phosphate at 708.2 and 710.2 eV; thresholds 30 % and 70 %. Optical densities are
    /// those of a nanometre.
    fn default() -> Self {
        Self {
            names: ["LFP".to_owned(), "FP".to_owned()],
            energies: [708.2, 710.2],
            references: [[8.087e-3, 4.206e-3], [4.348e-3, 9.325e-3]],
            thresholds: (0.3, 0.7),
        }
    }
}

impl Phases {
    /// Names of the three classes in order.
    pub fn classes(&self) -> [String; 3] {
        let [first, second] = &self.names;
        [format!("{first}-rich"), "mixed".to_owned(), format!("{second}-rich")]
    }

    /// The class of a composition: 1, 2, 3; 0 without one.
    pub fn class(&self, composition: f64) -> u16 {
        let (low, high) = self.thresholds;
        match composition {
            c if c.is_nan() => 0,
            c if c < low => 1,
            c if c <= high => 2,
            _ => 3,
        }
    }

    /// The polar angle of a mixture in radians, `φ = arctan[((1 − f) A₂ + f B₂) / ((1 − f) A₁ + f B₁)]`.
    pub fn angle(&self, composition: f64) -> f64 {
        let [first, second] = self.references;
        let at = |energy: usize| (1.0 - composition) * first[energy] + composition * second[energy];
        at(1).atan2(at(0))
    }

    /// The composition whose polar angle this is, beyond 0 and 1 too; the inverse of [`angle`](Self::angle).
    pub fn composition(&self, angle: f64) -> f64 {
        let [first, second] = self.references;
        let (s, c) = angle.sin_cos();
        // (A + f (B − A)) × (c, s) = 0
        let across = |v: [f64; 2]| v[1] * c - v[0] * s;
        let (a, b) = (across(first), across(second));
        a / (a - b)
    }

    /// Names of the classes with their colours.
    pub fn key(&self) -> Vec<(Rgb, String)> {
        PHASES.into_iter().zip(self.classes()).collect()
    }

    /// `FP fraction`.
    pub(super) fn label(&self) -> String {
        format!("{} fraction", self.names[1])
    }

    /// `708.2 eV`.
    pub(super) fn energy(&self, index: usize) -> String {
        format!("{} eV", self.energies[index])
    }

    /// How the classes are told apart, as a sentence.
    pub(super) fn rule(&self) -> String {
        let [first, mixed, second] = self.classes();
        let (low, high) = (100.0 * self.thresholds.0, 100.0 * self.thresholds.1);
        format!(
            "Red is {first} (below {low:.0} % {name}), green {mixed}, blue {second} (above {high:.0} % {name}).",
            name = self.names[1]
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_are_those_of_the_references_and_go_back_to_their_compositions() {
        let phases = Phases::default();
        // arctan(4.206/8.087) and arctan(9.325/4.348), worked out by hand to these digits.
        assert!((phases.angle(0.0).to_degrees() - 27.48).abs() < 0.01);
        assert!((phases.angle(1.0).to_degrees() - 65.0).abs() < 0.01);
        for k in -2..13 {
            let f = f64::from(k) / 10.0;
            // A few roundings of numbers near 1, divided by a cross product of a quarter of their size.
            assert!((phases.composition(phases.angle(f)) - f).abs() < 1e-13, "{f}");
        }
    }

    #[test]
    fn thresholds_belong_to_the_mixture() {
        let phases = Phases::default();
        let classes = [-0.2, 0.29, 0.3, 0.7, 0.71, 1.3, f64::NAN].map(|f| phases.class(f));
        assert_eq!(classes, [1, 1, 2, 2, 3, 3, 0]);
        assert_eq!(phases.classes(), ["LFP-rich", "mixed", "FP-rich"].map(str::to_owned));
    }
}
