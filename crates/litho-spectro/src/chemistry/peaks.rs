//! Peaks of pure phases in a histogram of angles, and the mixed voxels between them.
//!
//! `h(θ) = Σ_k A_k exp(−(θ − c_k)²/2w_k²) + b [Φ((θ − c₁)/w₁) − Φ((θ − c_K)/w_K)]`: a Gaussian for each phase and, between the
//! outermost of them, as many voxels at every angle. Those hold both phases: blur makes them where particles touch. Gaussians
//! alone take them for skirts, which draws the centre of a small peak half a degree and more towards the other.

use super::normal::normal;
use super::{AngleHistogram, AngleScale, ChemistryError, Prior};
use crate::dense;
use litho_types::quantity::Radians;

const NAME: &str = "peaks of angles";
/// Width the fit starts from, radians: 3°.
const START: f64 = 0.052;
/// Most steps; ten are usual.
const STEPS: usize = 200;
/// The misfit is at rest when it falls by less than this part.
const AT_REST: f64 = 1e-10;
/// Step of numerical derivatives, as part of the number's scale.
const STEP: f64 = 1e-6;

/// One Gaussian of a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// Its centre.
    pub centre: Radians,
    /// Standard deviation of the centre.
    pub centre_sigma: Radians,
    /// Its root mean square width.
    pub width: Radians,
    /// Standard deviation of the width.
    pub width_sigma: Radians,
    /// Its part of the whole histogram as fitted; those of all peaks and of [`PeakFit::mixed`] add up to 1.
    pub weight: f64,
    /// Standard deviation of the part.
    pub weight_sigma: f64,
}

/// What a peak means as composition: fractions of the second phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeakComposition {
    /// Fraction at the centre.
    pub fraction: f64,
    /// Its standard deviation, from that of the centre.
    pub sigma: f64,
    /// Fractions one width below and above the centre.
    pub between: [f64; 2],
    /// Half of what lies between them: the peak's ± in composition.
    pub width: f64,
}

impl Peak {
    /// What the peak means as composition, by the exact relation.
    pub fn composition(&self, scale: &AngleScale) -> PeakComposition {
        let between = scale.fractions_between(self.centre, self.width);
        PeakComposition {
            fraction: scale.fraction(self.centre),
            sigma: scale.fraction_sigma(self.centre, self.centre_sigma),
            between,
            width: 0.5 * (between[1] - between[0]).abs(),
        }
    }
}

/// Peaks and what lies between them.
#[derive(Debug, Clone, PartialEq)]
pub struct PeakFit {
    /// By ascending start.
    pub peaks: Vec<Peak>,
    /// Part of the mixed voxels in the whole histogram.
    pub mixed: f64,
    /// The fitted curve of every bin, in the histogram's counts.
    pub curve: Vec<f64>,
    /// Each peak's curve.
    pub curves: Vec<Vec<f64>>,
    /// `Σ(r/σ)²/(N − p)`, with the variance of independent voxels.
    pub reduced_chi_square: f64,
}

impl PeakFit {
    /// The distribution of compositions before noise, for [`classify()`](super::classify()): the peaks, with the noise of an
    /// angle taken out of their widths, and the mixed voxels.
    pub fn prior(&self, scale: &AngleScale, noise: Radians) -> Prior {
        let least = 0.1 * noise.value();
        let sharp = |peak: &Peak| {
            let width = (peak.width.value().powi(2) - noise.value().powi(2)).max(least * least).sqrt();
            [peak.weight, scale.fraction(peak.centre), scale.fraction_sigma(peak.centre, Radians::new(width))]
        };
        let mut components: Vec<[f64; 3]> = self.peaks.iter().map(sharp).collect();
        if let ([first, .., last], true) = (&components[..], self.mixed > 0.0) {
            // evenly spread from a to b: mean ½(a + b), deviation |b − a|/√12
            let (a, b) = (first[1], last[1]);
            components.push([self.mixed, f64::midpoint(a, b), (b - a).abs() / 12.0_f64.sqrt()]);
        }
        Prior::Mixture(components)
    }
}

/// Fits a peak near each of the `starts`, in ascending order: [`AngleScale::pure`] for two phases. Bins weigh with their
/// variance times `voxels_per_independent`, the number of voxels that share one noise.
///
/// # Errors
/// [`ChemistryError`] if starts are missing, out of order or outside the histogram, or peaks are not found near them.
pub fn fit_peaks(
    histogram: &AngleHistogram,
    starts: &[Radians],
    voxels_per_independent: f64,
) -> Result<PeakFit, ChemistryError> {
    let range =
        [histogram.edges.first(), histogram.edges.last()].map(|edge| edge.copied().unwrap_or(f64::NAN));
    let mut before = range[0];
    for start in starts.iter().map(|start| start.value()) {
        if !(start > before && start < range[1]) {
            let fix = "give ascending angles within the histogram";
            return Err(ChemistryError::Setting { operation: NAME, setting: "a start", value: start, fix });
        }
        before = start;
    }
    let few = histogram.counts.len() < 3 * starts.len() + 2;
    if starts.is_empty() || few || voxels_per_independent.is_nan() || voxels_per_independent < 1.0 {
        return Err(ChemistryError::Nothing {
            operation: NAME,
            what: "there are no starts, fewer bins than the peaks need, or less than one voxel per noise",
            fix: "give starts, more bins and a number of 1 or more",
        });
    }
    let problem = Problem::new(histogram, starts.len(), voxels_per_independent);
    let found = problem.minimise(problem.start(starts))?;
    problem.result(&found)
}

struct Problem<'a> {
    histogram: &'a AngleHistogram,
    middles: Vec<f64>,
    /// `1/σ²` of each bin.
    weights: Vec<f64>,
    bin: f64,
    peaks: usize,
    voxels_per_independent: f64,
}

impl<'a> Problem<'a> {
    fn new(histogram: &'a AngleHistogram, peaks: usize, voxels_per_independent: f64) -> Self {
        // An empty bin is not certain to be empty: four voxels of mean weight at least.
        let sum: f64 = histogram.variance.iter().sum();
        let least = 4.0 * sum / histogram.voxels.max(1) as f64;
        let weights =
            histogram.variance.iter().map(|v| 1.0 / (v.max(least) * voxels_per_independent)).collect();
        let middles = histogram.middles();
        let bin = histogram.edges[1] - histogram.edges[0];
        Self { histogram, middles, weights, bin, peaks, voxels_per_independent }
    }

    /// `A, c, w` of each peak, then `b`.
    fn start(&self, starts: &[Radians]) -> Vec<f64> {
        let height = |at: f64| {
            let near =
                self.middles.iter().zip(&self.histogram.counts).filter(|(m, _)| (*m - at).abs() < START);
            near.fold(0.0, |most: f64, (_, count)| most.max(*count))
        };
        let mut p: Vec<f64> =
            starts.iter().flat_map(|s| [height(s.value()).max(1e-30), s.value(), START]).collect();
        if self.peaks > 1 {
            let middle = 0.5 * (starts[0].value() + starts[self.peaks - 1].value());
            p.push(0.5 * height(middle).max(1e-30));
        }
        p
    }

    fn peak(p: &[f64], k: usize, theta: f64) -> f64 {
        p[3 * k] * (-0.5 * ((theta - p[3 * k + 1]) / p[3 * k + 2]).powi(2)).exp()
    }

    fn mixed(&self, p: &[f64], theta: f64) -> f64 {
        if self.peaks < 2 {
            return 0.0;
        }
        let step = |k: usize| normal((theta - p[3 * k + 1]) / p[3 * k + 2]);
        p[3 * self.peaks] * (step(0) - step(self.peaks - 1))
    }

    fn curve(&self, p: &[f64]) -> Vec<f64> {
        let at = |&theta: &f64| {
            (0..self.peaks).map(|k| Self::peak(p, k, theta)).sum::<f64>() + self.mixed(p, theta)
        };
        self.middles.iter().map(at).collect()
    }

    fn misfit(&self, p: &[f64]) -> f64 {
        let pairs = self.curve(p).into_iter().zip(&self.histogram.counts).zip(&self.weights);
        pairs.map(|((f, h), w)| (h - f).powi(2) * w).sum()
    }

    /// Central differences of the curve by each number.
    fn jacobian(&self, p: &[f64]) -> Vec<Vec<f64>> {
        let by = |k: usize| {
            let step = STEP * if k % 3 == 1 && k < 3 * self.peaks { START } else { p[k].abs().max(1e-12) };
            let moved = |by: f64| {
                let mut q = p.to_vec();
                q[k] += by;
                self.curve(&q)
            };
            let (low, high) = (moved(-step), moved(step));
            high.iter().zip(low).map(|(h, l)| (h - l) / (2.0 * step)).collect()
        };
        (0..p.len()).map(by).collect()
    }

    /// `JᵀWJ`, row by row, and `JᵀWr`.
    fn normal(&self, p: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (j, curve) = (self.jacobian(p), self.curve(p));
        let n = p.len();
        let product = |a: &[f64], b: &[f64]| -> f64 {
            a.iter().zip(b).zip(&self.weights).map(|((a, b), w)| a * b * w).sum()
        };
        let residual: Vec<f64> = self.histogram.counts.iter().zip(&curve).map(|(h, f)| h - f).collect();
        let matrix = (0..n * n).map(|at| product(&j[at / n], &j[at % n])).collect();
        (matrix, j.iter().map(|column| product(column, &residual)).collect())
    }

    /// Levenberg and Marquardt's way to the least misfit.
    fn minimise(&self, mut p: Vec<f64>) -> Result<Vec<f64>, ChemistryError> {
        let n = p.len();
        let (mut misfit, mut damping) = (self.misfit(&p), 1e-3);
        for _ in 0..STEPS {
            let (matrix, right) = self.normal(&p);
            let mut damped = matrix.clone();
            (0..n).for_each(|k| damped[k * n + k] *= 1.0 + damping);
            let trial = dense::cholesky(&damped, n).map(|l| {
                let mut step = right;
                dense::forward(&l, &mut step);
                dense::backward(&l, &mut step);
                p.iter().zip(step).map(|(p, s)| p + s).collect::<Vec<f64>>()
            });
            let trial = trial.filter(|q| self.allows(q)).map(|q| (self.misfit(&q), q));
            match trial {
                Some((less, q)) if less <= misfit => {
                    let rest = misfit - less <= AT_REST * misfit;
                    (misfit, p) = (less, q);
                    damping = (0.1 * damping).max(1e-12);
                    if rest {
                        return Ok(p);
                    }
                }
                _ if damping > 1e12 => break,
                _ => damping *= 10.0,
            }
        }
        // no step improves it: at the minimum to within roundings, or stuck at its limits
        let (_, right) = self.normal(&p);
        if right.iter().all(|v| v.is_finite()) && self.allows(&p) {
            return Ok(p);
        }
        Err(lost())
    }

    /// Heights and widths are positive, centres lie in the histogram and stay in order.
    fn allows(&self, p: &[f64]) -> bool {
        let (low, high) = (self.middles[0], self.middles[self.middles.len() - 1]);
        let mut before = low;
        (0..self.peaks).all(|k| {
            let centre = p[3 * k + 1];
            let fine = p[3 * k] > 0.0 && p[3 * k + 2] > 0.2 * self.bin && centre >= before && centre <= high;
            before = centre;
            fine && p[3 * k + 2] < high - low
        }) && p.iter().all(|v| v.is_finite())
    }

    /// Parts of the peaks and of the mixed voxels in the whole.
    fn parts(&self, p: &[f64]) -> Vec<f64> {
        let area = |k: usize| p[3 * k] * p[3 * k + 2] * std::f64::consts::TAU.sqrt();
        let mut parts: Vec<f64> = (0..self.peaks).map(area).collect();
        // ∫ [Φ((θ − a)/u) − Φ((θ − c)/w)] dθ = c − a
        let mixed = if self.peaks > 1 { p[3 * self.peaks] * (p[3 * self.peaks - 2] - p[1]) } else { 0.0 };
        parts.push(mixed);
        let sum: f64 = parts.iter().sum();
        parts.iter().map(|part| part / sum).collect()
    }

    fn result(&self, p: &[f64]) -> Result<PeakFit, ChemistryError> {
        let n = p.len();
        let (matrix, _) = self.normal(p);
        let factor = dense::cholesky(&matrix, n).ok_or_else(lost)?;
        let chi = self.misfit(p) / (self.middles.len() - n) as f64;
        // A model that does not fit is no more certain than its misfit.
        let grow = chi.max(1.0);
        let variance = |gradient: &[f64]| {
            let mut v = gradient.to_vec();
            dense::forward(&factor, &mut v);
            grow * v.iter().map(|v| v * v).sum::<f64>()
        };
        let sigma = |k: usize| {
            let unit: Vec<f64> = (0..n).map(|j| if j == k { 1.0 } else { 0.0 }).collect();
            variance(&unit).sqrt()
        };
        let part_sigma = |k: usize| {
            let by = |j: usize| {
                let step = STEP * p[j].abs().max(1e-12);
                let moved = |by: f64| {
                    let mut q = p.to_vec();
                    q[j] += by;
                    self.parts(&q)[k]
                };
                (moved(step) - moved(-step)) / (2.0 * step)
            };
            variance(&(0..n).map(by).collect::<Vec<f64>>()).sqrt()
        };
        let parts = self.parts(p);
        let peak = |k: usize| Peak {
            centre: Radians::new(p[3 * k + 1]),
            centre_sigma: Radians::new(sigma(3 * k + 1)),
            width: Radians::new(p[3 * k + 2]),
            width_sigma: Radians::new(sigma(3 * k + 2)),
            weight: parts[k],
            weight_sigma: part_sigma(k),
        };
        let curve_of = |k: usize| self.middles.iter().map(|&theta| Self::peak(p, k, theta)).collect();
        Ok(PeakFit {
            peaks: (0..self.peaks).map(peak).collect(),
            mixed: parts[self.peaks],
            curve: self.curve(p),
            curves: (0..self.peaks).map(curve_of).collect(),
            reduced_chi_square: chi * self.voxels_per_independent,
        })
    }
}

fn lost() -> ChemistryError {
    ChemistryError::Nothing {
        operation: NAME,
        what: "a peak was not found near its start",
        fix: "look at the histogram; give other starts or fewer peaks",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{HistogramOptions, PhaseReferences, histogram};
    use super::*;
    use ndarray::{Array3, arr2};
    use rand::{RngExt, SeedableRng};

    /// Voxels of two phases at the published angles, 3:1, and a tenth of mixed voxels: degrees and widths.
    fn angles() -> Array3<f32> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(11);
        // sum of twelve: deviation 1
        let mut gauss = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        let mut even = rand_chacha::ChaCha8Rng::seed_from_u64(12);
        Array3::from_shape_fn((40, 50, 50), |(z, y, x)| {
            let degrees = match (z * 2500 + y * 50 + x) % 40 {
                0..4 => 27.48 + (65.0 - 27.48) * even.random::<f64>() + 2.5 * gauss(),
                4..13 => 65.0 + 2.5 * gauss(),
                _ => 27.48 + 2.0 * gauss(),
            };
            degrees.to_radians() as f32
        })
    }

    fn starts() -> [Radians; 2] {
        [Radians::new(0.45), Radians::new(1.17)]
    }

    #[test]
    fn peaks_are_found_between_which_voxels_are_mixed() {
        let angle = angles();
        let mask = angle.mapv(|_| true);
        let counts = histogram(angle.view(), mask.view(), None, &HistogramOptions::default()).unwrap();
        let fit = fit_peaks(&counts, &starts(), 1.0).unwrap();
        for (peak, (centre, width, share)) in fit.peaks.iter().zip([(27.48, 2.0, 0.675), (65.0, 2.5, 0.225)])
        {
            // four standard deviations of what the fit claims
            let off = (peak.centre.value() - f64::to_radians(centre)).abs();
            assert!(off < 4.0 * peak.centre_sigma.value(), "{peak:?}");
            // bins of half a degree widen by 0.5²/12; the sum of twelve is a Gaussian to 1 % of its width
            let off = (peak.width.value().to_degrees() - f64::sqrt(width * width + 0.25 / 12.0)).abs();
            assert!(off < 4.0 * peak.width_sigma.value().to_degrees() + 0.01 * width, "{peak:?}");
            assert!((peak.weight - share).abs() < 4.0 * peak.weight_sigma + 0.002, "{peak:?} {share}");
            // 0.0025° would be √N of 25 000 voxels of 2.5°/√25000 = 0.016°: the claim is of that order
            let expected = peak.width.value() / (share * 1e5_f64).sqrt();
            assert!((0.8..2.5).contains(&(peak.centre_sigma.value() / expected)), "{peak:?}");
        }
        assert!((fit.mixed - 0.1).abs() < 0.005, "{}", fit.mixed);
        assert!((0.6..1.6).contains(&fit.reduced_chi_square), "{}", fit.reduced_chi_square);
        // Voxels that share their noise by fours are worth a fourth: σ doubles.
        let shared = fit_peaks(&counts, &starts(), 4.0).unwrap();
        let ratio = shared.peaks[0].centre_sigma.value() / fit.peaks[0].centre_sigma.value();
        assert!((ratio * fit.reduced_chi_square.max(1.0).sqrt() - 2.0).abs() < 0.02, "{ratio}");
    }

    #[test]
    fn a_peak_means_a_composition() {
        let matrix = arr2(&[[3.0, 0.5], [1.0, 2.0]]);
        let references = PhaseReferences::new(vec!["a".into(), "b".into()], matrix).unwrap();
        let scale = AngleScale::new(&references).unwrap();
        let peak = Peak {
            centre: Radians::new(std::f64::consts::FRAC_PI_4),
            centre_sigma: Radians::new(0.01),
            width: Radians::new(0.2),
            width_sigma: Radians::new(0.01),
            weight: 1.0,
            weight_sigma: 0.0,
        };
        let found = peak.composition(&scale);
        // x(45°) = 2/3.5, dx/dθ = (3·2 − 1·0.5)/((2 − 1 + 3 − 0.5) cos 45°)²
        assert!((found.fraction - 2.0 / 3.5).abs() < 1e-14);
        assert!((found.sigma - 0.01 * 5.5 / (3.5_f64.powi(2) / 2.0)).abs() < 1e-14);
        let at = |angle: f64| scale.fraction(Radians::new(std::f64::consts::FRAC_PI_4 + angle));
        assert!((found.width - 0.5 * (at(0.2) - at(-0.2))).abs() < 1e-14);
        // The prior has the noise out of the widths: √(0.2² − 0.12²) = 0.16.
        let fit =
            PeakFit { peaks: vec![peak], mixed: 0.0, curve: vec![], curves: vec![], reduced_chi_square: 1.0 };
        let Prior::Mixture(components) = fit.prior(&scale, Radians::new(0.12)) else { panic!("a mixture") };
        assert!((components[0][2] - 16.0 * found.sigma).abs() < 1e-12 && components.len() == 1);
    }

    #[test]
    fn bad_starts_are_named() {
        let angle = angles();
        let mask = angle.mapv(|_| true);
        let counts = histogram(angle.view(), mask.view(), None, &HistogramOptions::default()).unwrap();
        let [first, second] = starts();
        assert!(matches!(fit_peaks(&counts, &[second, first], 1.0), Err(ChemistryError::Setting { .. })));
        assert!(matches!(fit_peaks(&counts, &[], 1.0), Err(ChemistryError::Nothing { .. })));
        assert!(matches!(fit_peaks(&counts, &starts(), 0.5), Err(ChemistryError::Nothing { .. })));
        let few = HistogramOptions { bins: 6, ..HistogramOptions::default() };
        let counts = histogram(angle.view(), mask.view(), None, &few).unwrap();
        assert!(fit_peaks(&counts, &starts(), 1.0).is_err());
    }
}
