//! The constraint as a value, and how it becomes one matrix.

use super::linear::{complement, inverse, orthonormal};
use super::transform::{Edge, Reference, hats, scale_rows, without_chord};
use super::{KkError, Lifetime, Noise, Plan};
use litho_types::energies::Energies;
use litho_types::quantity::{ELECTRON_RADIUS_METRES, Metres};
use litho_types::scattering::{Element, TableSource};
use ndarray::{Array1, Array2, Axis, concatenate, s};

/// Which stacks count as consistent, and how firmly the others are drawn to them.
#[derive(Debug, Clone, PartialEq)]
pub struct KkConstraint {
    /// Elements with an edge among the energies; all others are part of the slow rest.
    pub absorbers: Vec<Element>,
    /// The table of their f'' outside the window. It hardly matters which.
    pub source: TableSource,
    /// s in `x ← (1 − s) x + s Πx`, above 0 and at most 1.
    pub strength: f64,
    /// What is known about how fast f'' may vary, if anything is to be.
    pub lifetime: Option<Lifetime>,
}

/// Fewest energies: E − 3 numbers are tested with one absorber, so five at least.
const LEAST_ENERGIES: usize = 8;
/// Free lines: two in each channel.
const LINES: usize = 4;

impl KkConstraint {
    /// The full projection with Henke's table and no prior.
    pub fn new(absorbers: &[Element]) -> Self {
        Self { absorbers: absorbers.to_vec(), source: TableSource::Henke, strength: 1.0, lifetime: None }
    }

    /// The matrix for stacks at `energies` with `noise`, which weights the energies and channels.
    ///
    /// # Errors
    /// [`KkError`] for fewer than 8 energies (and one more for each further absorber), no absorber, an absorber without
    /// an edge among the energies, noise that is not positive, a setting out of range, energies beyond the table.
    pub fn plan(&self, energies: &Energies, noise: &Noise) -> Result<Plan, KkError> {
        self.check(energies)?;
        noise.check(energies.len())?;
        let subspace = Subspace::new(self, energies, noise)?;
        let whole = concatenate![Axis(1), subspace.lines, subspace.spectra];
        // Π = QQᵀ in units of the noise; what is orthogonal to Q is what the data say against the constraint
        let against = complement(orthonormal(whole.view()).view());
        let correction = match &self.lifetime {
            // I − Π = CCᵀ
            None => against.dot(&against.t()),
            Some(lifetime) => subspace.with_prior(lifetime, energies),
        };
        Ok(Plan::new(correction * self.strength, against.reversed_axes(), &subspace.sigma))
    }

    fn check(&self, energies: &Energies) -> Result<(), KkError> {
        let repeated = (1..self.absorbers.len()).any(|i| self.absorbers[..i].contains(&self.absorbers[i]));
        if self.absorbers.is_empty() || repeated {
            let absorbers = self.absorbers.iter().map(|element| element.symbol()).collect();
            return Err(KkError::Absorbers { absorbers });
        }
        let least = LEAST_ENERGIES + self.absorbers.len() - 1;
        if energies.len() < least {
            let (energies, absorbers) = (energies.len(), self.absorbers.len());
            return Err(KkError::TooFewEnergies { energies, absorbers, least });
        }
        if !(self.strength > 0.0 && self.strength <= 1.0) {
            let (name, value, allowed) = ("the strength", self.strength, "above 0 and at most 1");
            return Err(KkError::Setting { name, value, allowed });
        }
        self.lifetime.as_ref().map_or(Ok(()), Lifetime::check)
    }
}

/// The consistent stacks of one pixel as columns of `(μt, φ)`, 2E rows, in units of the noise.
struct Subspace {
    /// Lines in each channel, and the table's spectrum of each absorber.
    lines: Array2<f64>,
    /// A unit of Δf'' at each energy, with its Δf'.
    spectra: Array2<f64>,
    /// Edges of all absorbers among the energies.
    edges: Vec<Edge>,
    /// Noise of `(μt, φ)`.
    sigma: Array1<f64>,
}

impl Subspace {
    fn new(constraint: &KkConstraint, energies: &Energies, noise: &Noise) -> Result<Self, KkError> {
        let n = energies.len();
        let sigma: Array1<f64> = noise.optical_density.iter().chain(&noise.phase).copied().collect();
        let mut lines = Array2::zeros((2 * n, LINES + constraint.absorbers.len()));
        let (middle, half) = (
            0.5 * (energies.first() + energies.last()).value(),
            0.5 * (energies.last() - energies.first()).value(),
        );
        for (row, energy) in energies.iter().enumerate() {
            let along = (energy.value() - middle) / half;
            (lines[(row, 0)], lines[(row, 1)]) = (1.0, along);
            (lines[(n + row, 2)], lines[(n + row, 3)]) = (1.0, along);
        }
        let mut edges = Vec::new();
        for (column, &element) in constraint.absorbers.iter().enumerate() {
            let reference = Reference::new(element, energies, constraint.source)?;
            for row in 0..n {
                lines[(row, LINES + column)] = reference.f_double_prime[row];
                lines[(n + row, LINES + column)] = reference.f_prime[row];
            }
            edges.extend(reference.edges);
        }
        let spectra = concatenate![Axis(0), Array2::eye(n), hats(energies)?];
        let spectra = spectra.slice(s![.., 1..n - 1]).to_owned();
        // μt = 2 r_e λ a, φ = −r_e λ p; both over their noise
        let wave = |wavelength: Metres| ELECTRON_RADIUS_METRES * wavelength.value();
        let mut units: Array1<f64> = energies.iter().map(|e| 2.0 * wave(e.wavelength())).collect();
        units
            .append(Axis(0), energies.iter().map(|e| -wave(e.wavelength())).collect::<Array1<f64>>().view())
            .expect("both have one axis");
        let units = units / &sigma;
        let (lines, spectra) = (scale_rows(lines, units.view()), scale_rows(spectra, units.view()));
        Ok(Self { lines, spectra, edges, sigma })
    }

    /// What is taken off, in units of the noise, if Δf'' is drawn to the prior: with V = I + G C Gᵀ the covariance of the
    /// data around the free lines B, `x − x̂ = [V⁻¹ − V⁻¹B (BᵀV⁻¹B)⁻¹ BᵀV⁻¹] x` (Rasmussen & Williams 2006, eq. 2.42).
    fn with_prior(&self, lifetime: &Lifetime, energies: &Energies) -> Array2<f64> {
        let n = energies.len();
        let chord = without_chord(energies);
        let covariance = chord.dot(&lifetime.covariance(energies, &self.edges)).dot(&chord.t());
        let covariance = covariance.slice(s![1..n - 1, 1..n - 1]);
        let v = Array2::eye(2 * n) + self.spectra.dot(&covariance).dot(&self.spectra.t());
        let v_inverse = inverse(v.view());
        let lines = orthonormal(self.lines.view());
        let weighted = v_inverse.dot(&lines);
        let middle = inverse(lines.t().dot(&weighted).view());
        &v_inverse - &weighted.dot(&middle).dot(&weighted.t())
    }
}
