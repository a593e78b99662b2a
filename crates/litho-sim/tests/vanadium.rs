//! The vanadium experiment: spectra against eq. 1 and the tables, the forward model, statistics and repeatability.

use litho_sim::scan::ScanSimulation;
use litho_sim::vanadium::factors::{EnergyFactors, KindSpectrum, WINDOW, k_edge};
use litho_sim::vanadium::{Experiment, Kind, Sample, Size};
use litho_types::energies::Energies;
use litho_types::frames::Frames;
use litho_types::quantity::{ELECTRON_RADIUS_METRES, ElectronVolts};
use litho_types::scattering::{Element, KramersKronig, TableSource, best_factor, scattering_factor};
use ndarray::Axis;
use num_complex::Complex;
use std::sync::OnceLock;

fn ev(energy: f64) -> ElectronVolts {
    ElectronVolts::new(energy)
}

fn vanadium() -> Element {
    Element::from_symbol("V").expect("an element")
}

/// The tiny experiment, made once.
fn tiny() -> &'static Experiment {
    static TINY: OnceLock<Experiment> = OnceLock::new();
    TINY.get_or_init(|| Experiment::new(Size::Tiny, 1).expect("an experiment"))
}

#[test]
fn optical_density_follows_equation_1_with_the_tabulated_jump() {
    let edge = k_edge().expect("an edge");
    let middle = 0.5 * (edge.below.value() + edge.above.value());
    for kind in Kind::ALL {
        let (shape, spectrum) = (kind.edge(), KindSpectrum::new(kind).expect("a spectrum"));
        // λ f'' in units of λ at the edge is [f''_K + Δf''_K S(E)]: less its base and over the jump, the shape.
        let reduced = |e: f64| {
            let f = spectrum.f_double_prime(ev(e)).expect("in the table") * middle / e;
            (f - edge.f_double_prime_below) / edge.jump()
        };
        for e in [WINDOW.0, 5420.0, shape.pre_edge_energy, shape.edge_energy, 5500.0, WINDOW.1] {
            // A handful of roundings of numbers near 1.
            assert!((reduced(e) - shape.at(e)).abs() < 1e-12, "{kind:?} at {e} eV");
        }
        // The height at b2 over that without peaks is half a jump.
        let peaks = shape.at(shape.edge_energy) - 0.5;
        assert!((reduced(shape.edge_energy) - peaks - 0.5).abs() < 1e-12, "{kind:?}");
        // Far from the edge it is Henke's.
        for e in [1000.0, 5300.0, 5700.0, 20_000.0] {
            let table = scattering_factor(vanadium(), ev(e), TableSource::Henke).expect("in the table");
            assert_eq!(spectrum.f_double_prime(ev(e)).expect("in the table"), table.f_double_prime);
        }
    }
}

#[test]
fn f_prime_is_the_transform_of_f_double_prime() {
    // An own transform of f'' minus the table's on other nodes: 0.05 eV apart where the kind differs from the table.
    // Lines miss the curvature of the pre-edge peak, ≤ 2.2 electrons/eV², by 0.003 electrons between nodes of 0.1 eV.
    const TOLERANCE: f64 = 0.004;
    let edge = k_edge().expect("an edge");
    let rows = [edge.below.value(), edge.above.value()];
    let mut nodes: Vec<f64> = (0..=5600).map(|i| 5340.0 + 0.05 * f64::from(i)).collect();
    nodes.retain(|e| !(rows[0] - 0.01..=rows[1] + 0.01).contains(e));
    nodes.extend(rows);
    nodes.sort_by(f64::total_cmp);
    for kind in [Kind::OctahedralV3, Kind::TetrahedralV5, Kind::LiVO3] {
        let spectrum = KindSpectrum::new(kind).expect("a spectrum");
        let difference: Vec<f64> = nodes
            .iter()
            .map(|e| {
                let table = scattering_factor(vanadium(), ev(*e), TableSource::Henke).expect("in the table");
                spectrum.f_double_prime(ev(*e)).expect("in the table") - table.f_double_prime
            })
            .collect();
        let transform = KramersKronig::of_piecewise_linear(&nodes, &difference).expect("zero at both ends");
        for e in [5000.0, 5420.0, 5463.0, 5468.7, 5477.3, 5490.0, 5540.0, 9000.0] {
            let table = best_factor(vanadium(), ev(e), TableSource::Henke).expect("in the table").f_prime;
            let error = spectrum.f_prime(ev(e)).expect("in the table") - table - transform.at(ev(e));
            assert!(error.abs() < TOLERANCE, "{kind:?} at {e} eV: {error}");
        }
    }
}

#[test]
fn standards_have_the_corrected_numbers_of_electrons_per_vanadium_at_5420_ev() {
    let energies = Energies::new(&[5420.0]).expect("an energy");
    let factors = &EnergyFactors::at_all(&energies).expect("in the tables")[0];
    // Henke's f' by Kramers–Kronig gives 37.50 and 45.60 for the atom; the real edge lies 12–15 eV above the atom's
    // at 5465 eV, which adds up to ln(60/45) Δf''/π = 0.3 less what the peaks take away.
    for (kind, electrons) in [(Kind::LiVO2, 37.5), (Kind::LiVO3, 45.6)] {
        let found = factors.electrons_per_vanadium(kind);
        assert!((found - electrons).abs() < 0.2, "{kind:?}: {found}");
    }
    // The paper's clusters: 1 richer than 3 and 4, 2 poorer, the rims about twice as rich.
    let [c1, c2, c3, c4, c5, c6] = std::array::from_fn(|k| factors.electrons_per_vanadium(Kind::ALL[k]));
    assert!(c1 > c4 && c4 > c3 && c3 > c2, "{c1} {c2} {c3} {c4}");
    let inner = (c1 + c2 + c3 + c4) / 4.0;
    assert!([c5, c6].iter().all(|rim| (1.8..2.3).contains(&(rim / inner))), "{c5} {c6} against {inner}");
}

/// f1 + i f'' of one formula unit of `LiVO2`, and `r_e λ` over its volume: what a metre of it does.
fn lithium_vanadate(energy: ElectronVolts) -> (Complex<f64>, f64) {
    let light = |symbol: &str| {
        let element = Element::from_symbol(symbol).expect("an element");
        let factor = best_factor(element, energy, TableSource::Henke).expect("in the table");
        Complex::new(factor.f1, factor.f_double_prime)
    };
    let spectrum = KindSpectrum::new(Kind::LiVO2).expect("a spectrum");
    let f1 = 23.0 + spectrum.f_prime(energy).expect("in the table");
    let vanadium = Complex::new(f1, spectrum.f_double_prime(energy).expect("in the table"));
    let volume = Kind::LiVO2.composition().volume;
    let scale = ELECTRON_RADIUS_METRES * energy.wavelength().value() / volume;
    (vanadium + light("Li") + light("O") * 2.0, scale)
}

#[test]
fn the_object_of_a_scan_is_computed_from_matter_directly() {
    let (experiment, sample, index) = (tiny(), Sample::LiVO2, 5);
    let scan = experiment.scan(sample, index).expect("a scan");
    let (_, truth) = scan.simulate().expect("simulated");
    let (particle, drift) = (experiment.particle(sample), experiment.drift(sample)[index]);
    let (unit, scale) = lithium_vanadate(experiment.factors()[index].energy());
    let (py, px) = (truth.pixel.y.value(), truth.pixel.x.value());
    for ((row, column), wave) in truth.object.indexed_iter() {
        // The mean of the four quarters of a pixel, each taken in its middle.
        let quarters = [(-0.25, -0.25), (-0.25, 0.25), (0.25, -0.25), (0.25, 0.25)];
        let direct: Complex<f64> = quarters
            .iter()
            .map(|(dy, dx)| {
                let y = truth.origin.y.value() + (row as f64 + dy) * py - drift.y.value();
                let x = truth.origin.x.value() + (column as f64 + dx) * px - drift.x.value();
                let thickness = particle.thickness(y, x);
                // T = exp(−μt/2 + iφ), μt = 2 r_e λ n f'' t, φ = −r_e λ n f1 t
                Complex::from_polar((-scale * unit.im * thickness).exp(), -scale * unit.re * thickness) / 4.0
            })
            .sum();
        let error = (Complex::new(f64::from(wave.re), f64::from(wave.im)) - direct).norm();
        // Two roundings to single precision.
        assert!(error < 2e-7, "({row}, {column}): {wave} instead of {direct}");
    }
}

#[test]
fn truth_and_scan_agree_at_the_first_energy() {
    let experiment = tiny();
    for sample in [Sample::D1, Sample::LiVO2] {
        let truth = experiment.truth(sample).expect("a truth");
        let (_, scanned) = experiment.scan(sample, 0).expect("a scan").simulate().expect("simulated");
        assert_eq!(truth.label.dim(), scanned.object.dim());
        assert_eq!((truth.origin, truth.pixel), (scanned.origin, scanned.pixel));
        // Means over a pixel, of 4 × 4 and of 2 × 2 samples, as sums: they differ at the outline only, which is a
        // fifteenth of the pixels, by a few per cent of them.
        let phases = scanned.object.mapv(|wave| f64::from(wave.arg())).sum();
        let stack = truth.phase.index_axis(Axis(0), 0).mapv(f64::from).sum();
        assert!((phases / stack - 1.0).abs() < 2e-3, "{sample:?}: {phases} and {stack}");
        // Re[Neff]/N_V by its definition, from the stack's own phase: φ = −r_e λ Re[Neff].
        let (row, column) = (truth.label.dim().0 / 2, truth.label.dim().1 / 2);
        let wavelength = ev(5420.0).wavelength().value();
        let electrons = -f64::from(truth.phase[(0, row, column)]) / (ELECTRON_RADIUS_METRES * wavelength);
        let ratio = electrons / truth.absorber[(row, column)];
        // Maps are stored in single precision.
        assert!((ratio / f64::from(truth.n_eff_ratio[(row, column)]) - 1.0).abs() < 1e-6, "{ratio}");
    }
}

#[test]
fn stacks_of_a_standard_are_proportional_to_its_factors() {
    let experiment = tiny();
    let truth = experiment.truth(Sample::LiVO2).expect("a truth");
    for (index, factors) in experiment.factors().iter().enumerate() {
        let (unit, scale) = lithium_vanadate(factors.energy());
        let density = truth.optical_density.index_axis(Axis(0), index);
        let phase = truth.phase.index_axis(Axis(0), index);
        for ((thickness, density), phase) in truth.thickness.iter().zip(density).zip(phase) {
            // μt = 2 r_e λ n f'' t, φ = −r_e λ n f1 t; three numbers in single precision, at most 2 in size.
            let thickness = f64::from(*thickness) * scale;
            assert!((f64::from(*density) - 2.0 * unit.im * thickness).abs() < 3e-7);
            assert!((f64::from(*phase) + unit.re * thickness).abs() < 3e-7);
        }
    }
}

#[test]
fn particles_have_the_domains_of_the_paper() {
    let experiment = Experiment::new(Size::Small, 1).expect("an experiment");
    let fractions = |sample: Sample| {
        let atoms = experiment.truth(sample).expect("a truth").vanadium_by_label();
        let all: f64 = atoms.iter().sum();
        atoms.map(|a| a / all)
    };
    let [p2, p3, d1, d2] = [Sample::P2, Sample::P3, Sample::D1, Sample::D2].map(fractions);
    // Fig. 3 of the paper: 1 leads as prepared, 3 after delithiation; D1 has most of 2 and keeps some of 1, P3 has
    // some of 2; 4 most of all in P2; 5 and 6 are few. All six are there.
    let largest = |f: [f64; 6]| (0..6).max_by(|a, b| f[*a].total_cmp(&f[*b]));
    assert_eq!([p2, p3, d2].map(largest), [Some(0), Some(0), Some(2)], "{p2:?} {p3:?} {d2:?}");
    assert!(d1[1] > 0.2 && d1[0] > 0.1 && d1[1] > p3[1] && p3[1] > p2[1], "{d1:?} {p3:?} {p2:?}");
    assert!([p3, d1, d2].iter().all(|f| f[3] < p2[3]), "{p2:?}");
    for f in [p2, p3, d1, d2] {
        assert!(f.iter().all(|share| *share > 0.0) && f[4] + f[5] < 0.1, "{f:?}");
    }
}

#[test]
fn a_smooth_change_of_the_edge_is_that_of_equation_1() {
    // Edge energies vary by some 0.2 eV within a kind, and matter adds the spectrum's first two derivatives.
    let experiment = tiny();
    let truth = experiment.truth(Sample::D1).expect("a truth");
    let of_kind = |kind: Kind| {
        let pure = truth.label.iter().zip(&truth.purity).zip(&truth.edge_energy);
        pure.filter(move |((label, purity), _)| **label == kind.label() && **purity > 0.999)
            .map(|(_, energy)| f64::from(*energy))
            .collect::<Vec<_>>()
    };
    for kind in [Kind::OctahedralV3, Kind::TetrahedralV3, Kind::TetrahedralV5] {
        let energies = of_kind(kind);
        assert!(energies.len() > 10, "{kind:?}: {} pixels", energies.len());
        // A field of unit variance is at most 4, and its mean over a few domains within 2.
        let off = |e: &f64| (e - kind.edge().edge_energy).abs();
        assert!(energies.iter().all(|e| off(e) <= 4.0 * kind.variation().edge_energy), "{kind:?}");
        let mean = energies.iter().sum::<f64>() / energies.len() as f64;
        assert!(off(&mean) < 2.0 * kind.variation().edge_energy, "{kind:?}: {mean}");
    }
}

#[test]
fn counts_are_those_of_the_beam_and_repeat_for_any_number_of_threads() {
    let experiment = tiny();
    let simulation = experiment.scan(Sample::LiVO2, 2).expect("a scan");
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let again = Experiment::new(Size::Tiny, 1).expect("an experiment");
            again.scan(Sample::LiVO2, 2).expect("a scan").simulate().expect("simulated")
        })
    };
    let ((scan, truth), one) = (run(2), run(1));
    assert_eq!(scan, one.0);
    assert_eq!(truth, one.1);
    let Frames::U32(counts) = &scan.frames else { panic!("more than 16 bits in the bright field") };
    let total: f64 = counts.iter().map(|c| f64::from(*c)).sum();
    let expected: f64 = truth.photons.iter().sum();
    // Poisson: the standard deviation of the total is its root.
    assert!((total - expected).abs() < 5.0 * expected.sqrt(), "{total} of {expected}");
    let beam = simulation.photons_per_frame * simulation.positions.len() as f64;
    // Some light is absorbed (μt ≤ 0.02 before the edge) or leaves the detector, none is made.
    assert!(expected < beam && expected > 0.95 * beam, "{expected} of {beam}");
    let other = Experiment::new(Size::Tiny, 2).expect("an experiment");
    assert_ne!(other.scan(Sample::LiVO2, 2).expect("a scan").positions, simulation.positions);
}

#[test]
fn scans_differ_as_the_beamline_makes_them_differ() {
    let experiment = tiny();
    let (first, last) = (experiment.scan(Sample::D1, 0), experiment.scan(Sample::D1, 11));
    let (first, last) = (first.expect("a scan"), last.expect("a scan"));
    // One detector at one place: the object pixel is as long as the wave.
    assert_eq!(first.geometry.distance, last.geometry.distance);
    let pixel = |scan: &ScanSimulation| scan.geometry.object_pixel(scan.shape).y.value();
    assert!((pixel(&first) / pixel(&last) - 5540.0 / 5420.0).abs() < 1e-12);
    assert!((pixel(&last) / experiment.plan().pixel - 1.0).abs() < 1e-12);
    assert_ne!(first.positions, last.positions);
    // The truth lies where the first energy saw the sample; the others drifted, by about a pixel.
    let drift = experiment.drift(Sample::D1);
    assert_eq!((drift[0].y.value(), drift[0].x.value()), (0.0, 0.0));
    let square: f64 = drift.iter().map(|d| d.y.value().powi(2) + d.x.value().powi(2)).sum();
    let rms = (square / (2.0 * 11.0)).sqrt() / experiment.plan().pixel;
    // 22 normal numbers: the rms is 1 ± 0.15.
    assert!((rms - 1.0).abs() < 0.6, "{rms}");
    assert!(experiment.scan(Sample::D1, 12).expect_err("no such energy").to_string().contains("12 of 12"));
}
