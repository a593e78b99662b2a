//! Tests of unmixing: exact mixtures, optimality conditions, errors against truth, bad input.

use super::*;
use litho_testkit::Lcg;
use litho_types::energies::Energies;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array3, s};

/// 40 energies around an edge, 0.5 eV apart at the least.
fn axis() -> Vec<f64> {
    (0..40).map(|i| f64::from(i) * 0.5 + f64::from((i - 25).max(0)) * 1.5 + 5465.0).collect()
}

/// An edge with a peak: smooth, so that cubic interpolation is close.
fn spectrum(energies: &[f64], edge: f64, peak: f64) -> Vec<f64> {
    let value = |e: f64| {
        0.5 + ((e - edge) / 3.0).atan() / std::f64::consts::PI
            + peak / (1.0 + (0.5 * (e - edge + 7.0)).powi(2))
    };
    energies.iter().map(|&e| value(e)).collect()
}

/// A reference on a grid that reaches 10 eV beyond both ends of [`axis`].
fn reference(name: &str, edge: f64, peak: f64) -> Reference {
    let grid: Vec<f64> = (0..260).map(|i| f64::from(i) * 0.25 + 5455.0).collect();
    let energies = Energies::new(&grid).expect("ascending");
    Reference::new(name, &energies, &spectrum(&grid, edge, peak)).expect("complete")
}

fn references() -> Vec<Reference> {
    vec![reference("V3.dat", 5477.0, 0.1), reference("V5.dat", 5480.0, 0.6)]
}

/// A stack of one row of pixels from a function of pixel and energy index.
fn stack(pixels: usize, mut value: impl FnMut(usize, usize) -> f64) -> EnergyStack {
    let energies = Energies::new(&axis()).expect("ascending");
    let mut od = Array3::zeros((energies.len(), 1, pixels));
    for pixel in 0..pixels {
        for energy in 0..energies.len() {
            od[[energy, 0, pixel]] = value(pixel, energy) as f32;
        }
    }
    EnergyStack::new(energies, od, None, None).expect("agrees")
}

/// Mixtures `c₁ r₁ + c₂ r₂ + b₀ + noise`.
fn mixtures(c: &[(f64, f64, f64)], sigma: f64, seed: u64) -> EnergyStack {
    let refs: Vec<Vec<f64>> = references().iter().map(|r| r.at(&axis(), 0.0)).collect();
    let mut noise = Lcg::new(seed);
    stack(c.len(), |pixel, energy| {
        let (a, b, background) = c[pixel];
        a * refs[0][energy] + b * refs[1][energy] + background + sigma * noise.normal()
    })
}

/// Rounding of f32 data of order 1, magnified by the condition number of the terms.
const ROUNDING: f32 = 100.0 * f32::EPSILON;

#[test]
fn exact_mixtures_are_taken_apart() -> Result<(), UnmixError> {
    let truth = [(0.3, 0.5, 0.2), (1.0, 0.0, 0.0), (0.0, 2.0, -0.1), (0.7, 0.3, 0.0)];
    let options = UnmixOptions { background: Background::Linear, ..UnmixOptions::default() };
    let found = unmix(&mixtures(&truth, 0.0, 1), &references(), &options)?;
    assert_eq!(found.names, ["V3.dat", "V5.dat", "constant", "slope"]);
    for (pixel, &(a, b, c)) in truth.iter().enumerate() {
        for (term, expected) in [a, b, c, 0.0].into_iter().enumerate() {
            let value = found.coefficients[[term, 0, pixel]];
            assert!(
                (value - expected as f32).abs() < ROUNDING * found.condition as f32,
                "{term} {value} {expected}"
            );
        }
        assert!(found.r_l2[[0, pixel]] < ROUNDING * ROUNDING);
    }
    assert!((found.share(1)[[0, 0]] - 0.625).abs() < 1e-4);
    assert_eq!((found.energies, found.range), (40, (axis()[0], axis()[39])));
    Ok(())
}

#[test]
fn a_known_misfit_gives_its_r_l2() -> Result<(), UnmixError> {
    // One reference r and data r + v with v ⊥ r: c = 1, Σr²/Σd² = |v|²/(|r|² + |v|²).
    let r = references()[0].at(&axis(), 0.0);
    let raw: Vec<f64> = (0..40).map(|e| if e % 2 == 0 { 0.1 } else { -0.1 }).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let v: Vec<f64> = raw.iter().zip(&r).map(|(v, x)| v - x * dot(&raw, &r) / dot(&r, &r)).collect();
    let data = stack(1, |_, e| r[e] + v[e]);
    let found = unmix(&data, &references()[..1], &UnmixOptions::default())?;
    assert!((f64::from(found.coefficients[[0, 0, 0]]) - 1.0).abs() < 1e-5);
    let expected = dot(&v, &v) / (dot(&r, &r) + dot(&v, &v));
    assert!((f64::from(found.r_l2[[0, 0]]) / expected - 1.0).abs() < 1e-4);
    // s² = |v|²/39 and σ_c² = s²/|r|².
    let sigma = (dot(&v, &v) / 39.0 / dot(&r, &r)).sqrt();
    assert!((f64::from(found.sigma[[0, 0, 0]]) / sigma - 1.0).abs() < 1e-4);
    assert!((f64::from(found.reduced_chi_square[[0, 0]]) * 39.0 / dot(&v, &v) - 1.0).abs() < 1e-4);
    Ok(())
}

#[test]
fn errors_are_those_that_noise_makes() -> Result<(), UnmixError> {
    let (n, sigma) = (4000, 0.01);
    let data = mixtures(&vec![(0.4, 0.6, 0.1); n], sigma, 2);
    for noise in [None, Some(vec![sigma; 40])] {
        let options = UnmixOptions { background: Background::Constant, noise, ..UnmixOptions::default() };
        let found = unmix(&data, &references(), &options)?;
        for (term, truth) in [0.4, 0.6, 0.1].into_iter().enumerate() {
            let values = found.coefficients.slice(s![term, 0, ..]);
            let pull = |pixel: usize| f64::from((values[pixel] - truth) / found.sigma[[term, 0, pixel]]);
            let spread = ((0..n).map(|pixel| pull(pixel).powi(2)).sum::<f64>() / n as f64).sqrt();
            // Student's t of 37 degrees has the spread √(37/35) = 1.028 where σ is estimated; 4000 pulls know it to 1.1 %.
            assert!((spread - 1.014).abs() < 0.014 + 4.0 * 0.011, "{term}: {spread}");
        }
        if options.noise.is_some() {
            let mean = f64::from(found.reduced_chi_square.mean().unwrap_or(f32::NAN));
            // χ²/37 has the variance 2/37; four standard deviations of the mean.
            assert!((mean - 1.0).abs() < 4.0 * (2.0 / 37.0 / n as f64).sqrt(), "{mean}");
        }
    }
    Ok(())
}

/// `Σ_e A_ej r_e` of the found coefficients, in double precision.
fn gradient(data: &EnergyStack, terms: &[Vec<f64>], found: &Unmixed, pixel: usize) -> Vec<f64> {
    let od = data.optical_density();
    let residual = |e: usize| {
        let fit: f64 =
            (0..terms.len()).map(|j| f64::from(found.coefficients[[j, 0, pixel]]) * terms[j][e]).sum();
        f64::from(od[[e, 0, pixel]]) - fit
    };
    terms.iter().map(|term| (0..40).map(|e| term[e] * residual(e)).sum()).collect()
}

#[test]
fn non_negative_fits_fulfil_the_conditions_of_karush_kuhn_and_tucker() -> Result<(), UnmixError> {
    let mut refs = references();
    refs.push(reference("V4.dat", 5484.0, 0.0));
    refs.push(reference("VC.dat", 5471.0, 1.2));
    let mut terms: Vec<Vec<f64>> = refs.iter().map(|r| r.at(&axis(), 0.0)).collect();
    terms.push(vec![1.0; 40]);
    let mut random = Lcg::new(3);
    let c: Vec<[f64; 5]> = (0..500).map(|_| std::array::from_fn(|_| random.normal())).collect();
    let data =
        stack(500, |pixel, e| (0..5).map(|j| c[pixel][j] * terms[j][e]).sum::<f64>() + 0.3 * random.normal());
    let options =
        UnmixOptions { non_negative: true, background: Background::Constant, ..UnmixOptions::default() };
    let found = unmix(&data, &refs, &options)?;
    // Gradients are sums of 40 products of order 1 with the rounding of f32 coefficients of order 3.
    let tolerance = 40.0 * 3.0 * 10.0 * f64::from(f32::EPSILON) * found.condition;
    let mut held = 0;
    for pixel in 0..500 {
        let gradient = gradient(&data, &terms, &found, pixel);
        for (j, &gradient) in gradient[..4].iter().enumerate() {
            let (value, sigma) = (found.coefficients[[j, 0, pixel]], found.sigma[[j, 0, pixel]]);
            assert!(value >= 0.0);
            if value > 0.0 {
                assert!(gradient.abs() < tolerance, "stationary: {gradient} {tolerance}");
                assert!(sigma > 0.0);
            } else {
                assert!(gradient < tolerance, "no descent: {gradient} {tolerance}");
                assert!(sigma.is_nan());
                held += 1;
            }
        }
        assert!(gradient[4].abs() < tolerance, "the background is free");
    }
    assert!(held > 500, "half of random coefficients are negative: {held}");
    Ok(())
}

#[test]
fn shares_that_add_up_to_one_are_the_nearest_on_that_line() -> Result<(), UnmixError> {
    let truth = [(0.3, 0.7, 0.0), (0.2, 0.5, 0.0), (1.4, -0.4, 0.0)];
    let data = mixtures(&truth, 0.02, 4);
    let options = UnmixOptions { sum_to_one: true, ..UnmixOptions::default() };
    let found = unmix(&data, &references(), &options)?;
    let terms: Vec<Vec<f64>> = references().iter().map(|r| r.at(&axis(), 0.0)).collect();
    for pixel in 0..3 {
        let c = found.coefficients.slice(s![.., 0, pixel]);
        assert!((c.sum() - 1.0).abs() < 4.0 * f32::EPSILON);
        // Along (1, −1) the residual cannot fall: equal gradients.
        let gradient = gradient(&data, &terms, &found, pixel);
        assert!((gradient[0] - gradient[1]).abs() < 1e-3 * gradient[0].abs().max(0.1), "{gradient:?}");
        // Both move together.
        assert!((found.sigma[[0, 0, pixel]] / found.sigma[[1, 0, pixel]] - 1.0).abs() < 1e-4);
    }
    let both = UnmixOptions { non_negative: true, ..options };
    let found = unmix(&data, &references(), &both)?;
    assert_eq!((found.coefficients[[0, 0, 2]], found.coefficients[[1, 0, 2]]), (1.0, 0.0));
    assert!(found.sigma[[0, 0, 2]].is_nan() && found.sigma[[1, 0, 2]].is_nan());
    Ok(())
}

#[test]
fn units_scale_and_the_order_of_pixels_does_not_matter() -> Result<(), UnmixError> {
    let truth: Vec<(f64, f64, f64)> = (0..23).map(|i| (f64::from(i) * 0.1 - 0.5, 0.4, 0.1)).collect();
    let data = mixtures(&truth, 0.05, 5);
    let options =
        UnmixOptions { non_negative: true, background: Background::Constant, ..UnmixOptions::default() };
    let plain = unmix(&data, &references(), &options)?;
    let scaled = |factor: f32, backwards: bool| {
        let mut od = data.optical_density().mapv(|d| d * factor);
        if backwards {
            od.invert_axis(ndarray::Axis(2));
        }
        EnergyStack::new(data.energies().clone(), od, None, None).expect("agrees")
    };
    // A power of two changes no bit.
    let eight = unmix(&scaled(8.0, false), &references(), &options)?;
    assert_eq!(eight.coefficients, plain.coefficients.mapv(|c| c * 8.0));
    assert_eq!(eight.r_l2, plain.r_l2);
    let mut backwards = unmix(&scaled(1.0, true), &references(), &options)?.coefficients;
    backwards.invert_axis(ndarray::Axis(2));
    assert_eq!(backwards, plain.coefficients);
    Ok(())
}

#[test]
fn shifts_are_found_for_all_pixels_and_for_each() -> Result<(), UnmixError> {
    let refs = references();
    let shifted = |shift: f64| -> Vec<Vec<f64>> { refs.iter().map(|r| r.at(&axis(), shift)).collect() };
    let (n, step) = (40, 0.25);
    let truth = |pixel: usize| (pixel as f64 / n as f64 - 0.5) * 1.8;
    let terms: Vec<Vec<Vec<f64>>> = (0..n).map(|pixel| shifted(truth(pixel))).collect();
    let data = stack(n, |pixel, e| 0.4 * terms[pixel][0][e] + 0.6 * terms[pixel][1][e]);
    let options = UnmixOptions { shift: Shift::PerPixel { most: 1.0, step }, ..UnmixOptions::default() };
    let found = unmix(&data, &refs, &options)?;
    let shift = found.shift.clone().expect("fitted");
    for pixel in 0..n {
        // Half of a sixteenth of a step from rounding; as much again from the parabola.
        let error = f64::from(shift[[0, pixel]]) - truth(pixel);
        assert!(error.abs() < step / 16.0, "{pixel}: {error}");
        assert!((found.coefficients[[0, 0, pixel]] - 0.4).abs() < 0.03);
    }
    let together = shifted(0.37);
    let data = stack(n, |_, e| 0.4 * together[0][e] + 0.6 * together[1][e]);
    let options = UnmixOptions { shift: Shift::Common { most: 1.0, step }, ..UnmixOptions::default() };
    let found = unmix(&data, &refs, &options)?;
    // A thousandth of a step, and the rounding of f32 sums that are flat at their least.
    assert!((found.shift.expect("fitted")[[0, 0]] - 0.37).abs() < 2e-3);
    assert!((found.coefficients[[0, 0, 0]] - 0.4).abs() < 5e-3);
    let options = UnmixOptions { shift: Shift::Common { most: 0.25, step }, ..UnmixOptions::default() };
    let found = unmix(&data, &refs, &options)?;
    assert!(found.warnings.contains(&UnmixWarning::ShiftAtEnd { pixels: n }), "{:?}", found.warnings);
    Ok(())
}

#[test]
fn pixels_with_a_hole_have_no_result_and_are_counted() -> Result<(), UnmixError> {
    let whole = mixtures(&[(0.3, 0.5, 0.0); 20], 0.01, 6);
    let mut od = whole.optical_density().clone();
    od[[7, 0, 4]] = f32::NAN;
    let holed = EnergyStack::new(whole.energies().clone(), od, None, None).expect("agrees");
    for options in [
        UnmixOptions::default(),
        UnmixOptions { non_negative: true, noise: Some(vec![0.01; 40]), ..UnmixOptions::default() },
        UnmixOptions { shift: Shift::PerPixel { most: 0.5, step: 0.25 }, ..UnmixOptions::default() },
    ] {
        let (a, b) = (unmix(&whole, &references(), &options)?, unmix(&holed, &references(), &options)?);
        assert_eq!(b.warnings, [UnmixWarning::Missing { pixels: 1 }]);
        for pixel in 0..20 {
            let (a, b) = (a.coefficients.slice(s![.., 0, pixel]), b.coefficients.slice(s![.., 0, pixel]));
            assert!(if pixel == 4 { b.iter().all(|c| c.is_nan()) } else { a == b });
        }
        assert!(b.sigma.slice(s![.., 0, 4]).iter().all(|s| s.is_nan()));
    }
    Ok(())
}

#[test]
fn bits_do_not_depend_on_threads() -> Result<(), Box<dyn std::error::Error>> {
    let truth: Vec<(f64, f64, f64)> = (0..5000).map(|i| (f64::from(i % 7) * 0.2 - 0.3, 0.4, 0.1)).collect();
    let data = mixtures(&truth, 0.05, 7);
    let options = UnmixOptions {
        non_negative: true,
        background: Background::Constant,
        shift: Shift::Common { most: 0.5, step: 0.25 },
        ..UnmixOptions::default()
    };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let run = || -> Result<_, UnmixError> {
        let found = unmix(&data, &references(), &options)?;
        // Errors of held coefficients are NaN, which equals nothing: bits are compared.
        let maps = [&found.r_l2, &found.reduced_chi_square].map(|map| map.mapv(f32::to_bits));
        let terms = [&found.coefficients, &found.sigma].map(|map| map.mapv(f32::to_bits));
        Ok((maps, terms, found.shift, Components::new(&data, ComponentsOptions::default())?))
    };
    let one = pool(1)?.install(run)?;
    for threads in [2, 5] {
        assert_eq!(pool(threads)?.install(run)?, one);
    }
    Ok(())
}

#[test]
fn bad_input_is_named() {
    let data = mixtures(&[(0.3, 0.5, 0.0)], 0.0, 8);
    let run =
        |refs: &[Reference], options: &UnmixOptions| unmix(&data, refs, options).map(|found| found.warnings);
    let plain = UnmixOptions::default();
    assert_eq!(run(&[], &plain), Err(UnmixError::References { found: 0, most: 8 }));
    let twice = [reference("a.dat", 5477.0, 0.1), reference("b.dat", 5477.0, 0.1)];
    assert!(matches!(run(&twice, &plain), Err(UnmixError::Collinear { first, second, .. })
        if first == "a.dat" && second == "b.dat"));
    let near = [reference("a.dat", 5477.0, 0.1), reference("b.dat", 5477.01, 0.1)];
    assert!(matches!(run(&near, &plain).as_deref(), Ok([UnmixWarning::NearCollinear { .. }])));
    let short = Energies::new(&[5470.0, 5480.0, 5490.0]).expect("ascending");
    let short = Reference::new("short.dat", &short, &[0.0, 1.0, 1.0]).expect("complete");
    let error = run(std::slice::from_ref(&short), &plain).expect_err("does not cover").to_string();
    assert!(error.contains("short.dat") && error.contains("5470 to 5490 eV"), "{error}");
    let inside = UnmixOptions { range: Some((5470.0, 5490.0)), ..UnmixOptions::default() };
    assert!(run(std::slice::from_ref(&short), &inside).is_ok());
    let few = UnmixOptions { range: Some((5470.0, 5470.6)), ..UnmixOptions::default() };
    assert!(matches!(
        run(&references(), &few),
        Err(UnmixError::TooFewEnergies { energies: 2, unknowns: 2, .. })
    ));
    let noise = UnmixOptions { noise: Some(vec![0.0; 40]), ..UnmixOptions::default() };
    assert_eq!(run(&references(), &noise), Err(UnmixError::Noise { found: 40, energies: 40 }));
    let far = UnmixOptions { shift: Shift::Common { most: 20.0, step: 1.0 }, ..UnmixOptions::default() };
    assert!(matches!(run(&references(), &far), Err(UnmixError::Uncovered { shift: 20.0, .. })));
    let no_step = UnmixOptions { shift: Shift::PerPixel { most: 1.0, step: 0.0 }, ..UnmixOptions::default() };
    assert!(matches!(run(&references(), &no_step), Err(UnmixError::Setting { .. })));
    let axis = Energies::new(&[1.0, 2.0]).expect("ascending");
    assert!(matches!(Reference::new("x", &axis, &[1.0]), Err(UnmixError::Length { .. })));
    assert!(matches!(Reference::new("x", &axis, &[1.0, f64::NAN]), Err(UnmixError::NotFinite { .. })));
    let empty = stack(2, |_, _| f64::NAN);
    assert_eq!(
        Components::new(&empty, ComponentsOptions::default()),
        Err(UnmixError::NoPixels { operation: "components", pixels: 2 })
    );
}

#[test]
fn interpolation_is_exact_for_parabolas_and_at_the_points() {
    let x = [1.0, 1.5, 3.0, 4.5, 5.0];
    let y: Vec<f64> = x.iter().map(|x| 2.0 - 3.0 * x + 0.5 * x * x).collect();
    for at in [1.0, 1.2, 1.5, 2.9, 4.6, 5.0] {
        let expected = 2.0 - 3.0 * at + 0.5 * at * at;
        assert!((super::interpolate::cubic(&x, &y, at) - expected).abs() < 1e-13);
    }
    assert_eq!(super::interpolate::cubic(&[1.0, 2.0], &[0.0, 4.0], 1.25), 1.0);
}

#[test]
fn components_are_counted_and_references_recognised() -> Result<(), UnmixError> {
    let mut random = Lcg::new(9);
    let truth: Vec<(f64, f64, f64)> =
        (0..3000).map(|_| (random.uniform(), random.uniform(), 0.3 * random.uniform())).collect();
    let data = mixtures(&truth, 0.005, 10);
    let found = Components::new(&data, ComponentsOptions::default())?;
    // Two references and a constant.
    assert_eq!((found.by_indicator, found.by_chord, found.pixels), (3, 3, 3000));
    // The trace is conserved.
    let trace: f64 = data.optical_density().iter().map(|&d| f64::from(d).powi(2)).sum();
    assert!((found.eigenvalues.iter().sum::<f64>() / trace - 1.0).abs() < 1e-6);
    // What is left is the noise: λ/p = σ² for the others.
    let rest = found.eigenvalues[3..].iter().sum::<f64>() / (3000.0 * 37.0);
    assert!(
        (rest.sqrt() / 0.005 - 1.0).abs() < 4.0 / (2.0 * 3000.0 * 37.0_f64).sqrt() + 0.001,
        "{}",
        rest.sqrt()
    );
    let inside = found.target(&references()[0], 3)?;
    let outside = found.target(&reference("other", 5472.0, 0.1), 3)?;
    assert!(inside.r_l2 < 1e-5 && outside.r_l2 > 100.0 * inside.r_l2, "{} {}", inside.r_l2, outside.r_l2);
    assert!(inside.spoil < 3.0 && outside.spoil > 6.0, "{} {}", inside.spoil, outside.spoil);
    assert!(found.target(&references()[0], 40).is_err());
    // Eigenimages times eigenspectra rebuild a pixel but for its noise.
    let images = found.images(&data, 3);
    let od = data.optical_density();
    let rebuilt =
        |e: usize| (0..3).map(|c| f64::from(images[[c, 0, 5]]) * found.spectra[[c, e]]).sum::<f64>();
    let rms = ((0..40).map(|e| (rebuilt(e) - f64::from(od[[e, 0, 5]])).powi(2)).sum::<f64>() / 40.0).sqrt();
    assert!(rms < 0.005 * 1.5, "{rms}");
    // Without the mean the constant share of each is gone: no more components than before.
    let centred = Components::new(&data, ComponentsOptions { centred: true })?;
    assert_eq!(centred.by_indicator, 3);
    assert!(centred.eigenvalues[0] < found.eigenvalues[0]);
    Ok(())
}
