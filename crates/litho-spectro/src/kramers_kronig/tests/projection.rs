//! What a projection must be, and the transform against closed forms.

use super::super::transform::hats;
use super::super::{KkConstraint, KkError, Lifetime, Noise};
use super::{DENSITY, Xanes, energies, pixel, stack, table_factors, vanadium};
use litho_testkit::Lcg;
use litho_types::energies::Energies;
use litho_types::quantity::ElectronVolts;
use litho_types::scattering::{Element, TableSource};
use ndarray::{Array1, Array2, Array3, s};
use std::f64::consts::PI;
use std::slice;

/// Noise that differs between energies and channels, as measured noise does.
fn uneven(energies: usize) -> Noise {
    let level = |k: usize| 1.0 + 0.5 * ((k * 7 % 11) as f64) / 11.0;
    Noise {
        optical_density: (0..energies).map(|k| 0.01 * level(k)).collect(),
        phase: (0..energies).map(|k| 0.004 * level(k + 3)).collect(),
    }
}

fn lifetime() -> Lifetime {
    Lifetime::new(ElectronVolts::new(1.0), DENSITY)
}

fn random_stack(seed: u64, shape: (usize, usize, usize)) -> Array3<f32> {
    let mut noise = Lcg::new(seed);
    Array3::from_shape_simple_fn(shape, || noise.normal() as f32)
}

#[test]
fn the_matrix_has_the_closed_form_of_a_lorentzian() {
    // f'' = h²/(h² + (E − c)²) and its odd mirror at −c belong to f' = h(E − c)/(h² + (E − c)²) − the same with −c.
    let (centre, half) = (5480.0, 3.0);
    let nodes: Vec<f64> = (0..=2000).map(|i| 5230.0 + 0.25 * f64::from(i)).collect();
    let axis = Energies::new(&nodes).unwrap();
    let lorentzian = |e: f64| half * half / (half * half + (e - centre).powi(2));
    let foot = lorentzian(nodes[0]);
    let spectrum: Array1<f64> = nodes.iter().map(|&e| lorentzian(e) - foot).collect();
    let found = hats(&axis).unwrap().dot(&spectrum);
    for k in (800..1200).step_by(7) {
        let e = nodes[k];
        let pole = |c: f64| half * (e - c) / (half * half + (e - c).powi(2));
        let expected = pole(centre) - pole(-centre);
        // A line on a step d errs by d²/8 · |f''|″ ≤ 0.25²/8 · 2/9 = 1.7e-3 in f'', and its transform by less. The foot of
        // 1.4e-4 that is taken off is a box of f' = foot/π · ln(300/200) = 2e-5, the tails beyond 250 eV are 1e-5.
        assert!((found[k] - expected).abs() < 1.7e-3, "{} at {e}: {expected}", found[k]);
    }
}

#[test]
fn a_consistent_stack_stays_and_an_inconsistent_one_becomes_consistent() {
    let axis = energies();
    let plan = KkConstraint::new(&[vanadium()]).plan(&axis, &uneven(axis.len())).unwrap();
    assert_eq!(plan.tested(), axis.len() - 3);
    let (density, phase) = pixel(&axis, &table_factors(&axis), DENSITY);
    let (mut found, mut found_phase) = (stack(slice::from_ref(&density)), stack(slice::from_ref(&phase)));
    let residual = plan.apply(&mut found, &mut found_phase).unwrap();
    // The phase is 2 rad: 80 products of f32, each rounded by 6e-8 · 2, in units where the matrix is below 1 except for
    // the ratio of the noises, 4: 80 · 6e-8 · 2 · 4 at the very most.
    let rounding = 80.0 * 6e-8 * 2.0 * 4.0;
    for (after, before) in found.iter().chain(&found_phase).zip(density.iter().chain(&phase)) {
        assert!((f64::from(*after) - before).abs() < rounding, "{after} {before}");
    }
    // Each number is rounded by 6e-8 · 2 rad over 0.004 rad of noise.
    assert!(residual[(0, 0)] < 80.0 * 6e-8 * 2.0 / 0.004, "{residual}");

    let (mut once, mut once_phase) = (random_stack(1, (40, 3, 13)), random_stack(2, (40, 3, 13)));
    plan.apply(&mut once, &mut once_phase).unwrap();
    let (mut twice, mut twice_phase) = (once.clone(), once_phase.clone());
    plan.apply(&mut twice, &mut twice_phase).unwrap();
    // As above, with numbers up to 4 in both channels.
    for (a, b) in once.iter().chain(&once_phase).zip(twice.iter().chain(&twice_phase)) {
        assert!((a - b).abs() < 2.0 * rounding as f32, "{a} {b}");
    }
}

#[test]
fn the_projection_is_self_adjoint_in_the_weights_with_and_without_a_prior() {
    let axis = energies();
    let noise = uneven(axis.len());
    let weights: Array1<f64> =
        noise.optical_density.iter().chain(&noise.phase).map(|sigma| 1.0 / (sigma * sigma)).collect();
    for lifetime in [None, Some(lifetime())] {
        let constraint = KkConstraint { lifetime, ..KkConstraint::new(&[vanadium()]) };
        let plan = constraint.plan(&axis, &noise).unwrap();
        let apply = |x: &(Array3<f32>, Array3<f32>)| {
            let mut y = x.clone();
            plan.apply(&mut y.0, &mut y.1).unwrap();
            y
        };
        let flat = |x: &(Array3<f32>, Array3<f32>)| -> Array1<f64> {
            x.0.iter().chain(&x.1).map(|&v| f64::from(v)).collect()
        };
        let x = (random_stack(3, (40, 1, 1)), random_stack(4, (40, 1, 1)));
        let y = (random_stack(5, (40, 1, 1)), random_stack(6, (40, 1, 1)));
        let left = (flat(&apply(&x)) * &weights).dot(&flat(&y));
        let right = (flat(&x) * &weights).dot(&flat(&apply(&y)));
        let size = ((flat(&x) * &flat(&x) * &weights).sum() * (flat(&y) * &flat(&y) * &weights).sum()).sqrt();
        // Sums of 80 products in f32.
        assert!((left - right).abs() < 80.0 * 6e-8 * size, "{left} {right} {size}");
    }
}

#[test]
fn strength_is_the_part_of_the_way() {
    let axis = energies();
    let noise = Noise::uniform(40, 0.01, 0.005);
    let start = (random_stack(7, (40, 1, 9)), random_stack(8, (40, 1, 9)));
    let after = |strength| {
        let constraint = KkConstraint { strength, ..KkConstraint::new(&[vanadium()]) };
        let (mut density, mut phase) = start.clone();
        let residual = constraint.plan(&axis, &noise).unwrap().apply(&mut density, &mut phase).unwrap();
        (density, residual)
    };
    let ((full, residual), (part, same_residual)) = (after(1.0), after(0.25));
    for ((part, full), start) in part.iter().zip(&full).zip(&start.0) {
        // x + s (Πx − x); the matrices are rounded separately, 80 sums of numbers up to 4 with a factor 2.
        assert!((part - (start + 0.25 * (full - start))).abs() < 80.0 * 6e-8 * 8.0);
    }
    assert_eq!(residual, same_residual);
}

#[test]
fn a_pixel_that_misses_a_number_stays_and_its_neighbours_do_not_notice() {
    let axis = energies();
    let plan = KkConstraint::new(&[vanadium()]).plan(&axis, &Noise::uniform(40, 0.01, 0.005)).unwrap();
    let (mut density, mut phase) = (random_stack(9, (40, 2, 11)), random_stack(10, (40, 2, 11)));
    let (mut whole, mut whole_phase) = (density.clone(), phase.clone());
    plan.apply(&mut whole, &mut whole_phase).unwrap();
    density[(7, 1, 3)] = f32::NAN;
    phase[(39, 0, 9)] = f32::INFINITY;
    let before = (density.clone(), phase.clone());
    let residual = plan.apply(&mut density, &mut phase).unwrap();
    for y in 0..2 {
        for x in 0..11 {
            let missing = (y, x) == (1, 3) || (y, x) == (0, 9);
            assert_eq!(residual[(y, x)].is_nan(), missing);
            let (d, p) = if missing { (&before.0, &before.1) } else { (&whole, &whole_phase) };
            for e in 0..40 {
                assert_eq!(density[(e, y, x)].to_bits(), d[(e, y, x)].to_bits());
                assert_eq!(phase[(e, y, x)].to_bits(), p[(e, y, x)].to_bits());
            }
        }
    }
}

#[test]
fn the_bits_do_not_depend_on_threads_or_memory_order() {
    let axis = energies();
    let plan = KkConstraint::new(&[vanadium()]).plan(&axis, &uneven(40)).unwrap();
    let start = (random_stack(11, (40, 17, 21)), random_stack(12, (40, 17, 21)));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut result = start.clone();
        let residual = pool.install(|| plan.apply(&mut result.0, &mut result.1)).unwrap();
        (result, residual)
    };
    let one = run(1);
    assert_eq!(one, run(3));
    let mut turned = Array3::zeros((21, 17, 40)).reversed_axes();
    turned.assign(&start.0);
    let mut phase = start.1.clone();
    plan.apply(&mut turned, &mut phase).unwrap();
    assert_eq!(turned, one.0.0);
}

#[test]
fn a_second_absorber_is_a_second_dimension() {
    // Cr at 5989 and V at 5465 in one window.
    let list: Vec<f64> = (0..60).map(|i| 5400.0 + 12.0 * f64::from(i)).collect();
    let axis = Energies::new(&list).unwrap();
    let elements = ["V", "Cr"].map(|symbol| Element::from_symbol(symbol).unwrap());
    let plan = KkConstraint::new(&elements).plan(&axis, &Noise::uniform(60, 0.01, 0.005)).unwrap();
    assert_eq!(plan.tested(), 60 - 4);
}

#[test]
fn bad_settings_are_named() {
    let axis = energies();
    let noise = Noise::uniform(40, 0.01, 0.005);
    let plan = |constraint: KkConstraint| constraint.plan(&axis, &noise).unwrap_err();
    let good = KkConstraint::new(&[vanadium()]);
    assert!(matches!(plan(KkConstraint::new(&[])), KkError::Absorbers { .. }));
    assert!(matches!(plan(KkConstraint::new(&[vanadium(), vanadium()])), KkError::Absorbers { .. }));
    let oxygen = Element::from_symbol("O").unwrap();
    let error = plan(KkConstraint::new(&[oxygen]));
    assert_eq!(error, KkError::NoEdge { symbol: "O", first: 5420.0, last: 5540.0 });
    assert!(error.to_string().contains("O has no absorption edge between 5420 and 5540 eV"), "{error}");
    for strength in [0.0, -0.1, 1.1, f64::NAN] {
        assert!(matches!(plan(KkConstraint { strength, ..good.clone() }), KkError::Setting { .. }));
    }
    for bad in [
        Lifetime { core_hole: ElectronVolts::new(0.01), ..lifetime() },
        Lifetime { areal_density: 0.0, ..lifetime() },
        Lifetime { structure: f64::NAN, ..lifetime() },
    ] {
        assert!(matches!(
            plan(KkConstraint { lifetime: Some(bad), ..good.clone() }),
            KkError::Setting { .. }
        ));
    }
    let before_edge = Energies::new(&axis.electron_volts()[..4]).unwrap();
    let few = good.plan(&before_edge, &Noise::uniform(4, 0.01, 0.005)).unwrap_err();
    assert_eq!(few, KkError::TooFewEnergies { energies: 4, absorbers: 1, least: 8 });
    let above = Energies::new(&axis.electron_volts()[8..]).unwrap();
    assert!(matches!(good.plan(&above, &Noise::uniform(32, 0.01, 0.005)), Err(KkError::NoEdge { .. })));
    let mut holed = noise.clone();
    holed.phase[3] = 0.0;
    let error = good.plan(&axis, &holed).unwrap_err();
    assert!(matches!(error, KkError::Noise { channel: "phase", bad: Some((3, 0.0)), .. }), "{error}");
    assert!(matches!(good.plan(&axis, &Noise::uniform(39, 0.01, 0.005)), Err(KkError::Noise { .. })));
    // U has its L edges at 17 to 22 keV and Henke's table ends at 30 keV.
    let wide: Vec<f64> = (0..20).map(|i| 17_000.0 + 1000.0 * f64::from(i)).collect();
    let uranium = KkConstraint::new(&[Element::from_symbol("U").unwrap()]);
    let outside = uranium.plan(&Energies::new(&wide).unwrap(), &Noise::uniform(20, 0.01, 0.005));
    assert!(matches!(outside, Err(KkError::Scattering(_))), "{outside:?}");
}

#[test]
fn stacks_of_other_shapes_are_named() {
    let axis = energies();
    let plan = KkConstraint::new(&[vanadium()]).plan(&axis, &Noise::uniform(40, 0.01, 0.005)).unwrap();
    let mut density = Array3::zeros((39, 2, 2));
    let error = plan.apply(&mut density, &mut Array3::zeros((39, 2, 2))).unwrap_err();
    assert!(error.to_string().contains("[39, 2, 2]; [40, 2, 2] is needed"), "{error}");
    let mut density = Array3::zeros((40, 2, 2));
    assert!(plan.apply(&mut density, &mut Array3::zeros((40, 2, 3))).is_err());
    let empty = plan.apply(&mut Array3::zeros((40, 0, 0)), &mut Array3::zeros((40, 0, 0))).unwrap();
    assert_eq!(empty, Array2::<f32>::zeros((0, 0)));
}

#[test]
fn whole_turns_at_all_energies_do_not_matter() {
    let axis = energies();
    let plan = KkConstraint::new(&[vanadium()]).plan(&axis, &Noise::uniform(40, 0.01, 0.005)).unwrap();
    let (density, phase) = pixel(&axis, &Xanes::kinds()[2].factors(&axis, TableSource::Henke), DENSITY);
    let run = |turns: f64| {
        let (mut d, mut p) = (stack(slice::from_ref(&density)), stack(&[&phase + 2.0 * PI * turns]));
        plan.apply(&mut d, &mut p).unwrap();
        d.slice(s![.., 0, 0]).mapv(f64::from)
    };
    // φ is near 15 rad: 80 roundings of it, times the ratio of the noises.
    for (a, b) in run(0.0).iter().zip(&run(-2.0)) {
        assert!((a - b).abs() < 80.0 * 6e-8 * 15.0 * 2.0, "{a} {b}");
    }
}
