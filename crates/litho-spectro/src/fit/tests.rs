//! Fits of spectra whose parameters are known.

use super::batch::{LanePlan, Outcome, Outcomes, fit_lanes, fit_on, place};
use super::errors::{ErrorLayout, errors_in_lanes};
use super::pixel::{Describer, Layout, Solution};
use super::resolved::{Resolved, is_centre};
use super::starts::LinearStarts;
use super::*;
use crate::SpectroError;
use litho_lanes::{LANES, PortableLanes};
use litho_types::energies::Energies;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, Array3};

/// The paper's 40 energies: four before the edge, the smallest gap 0.5 eV.
fn energies() -> Vec<f64> {
    let fine = (0..15).map(|k| 5465.0 + 0.5 * f64::from(k));
    let edge =
        [5473.0, 5474.5, 5476.0, 5477.0, 5478.0, 5479.0, 5480.0, 5481.0, 5482.0, 5483.5, 5485.0, 5487.0];
    let after = [5490.0, 5495.0, 5500.0, 5505.0, 5508.0, 5512.0, 5520.0, 5530.0, 5540.0];
    [5420.0, 5435.0, 5450.0, 5462.0].into_iter().chain(fine).chain(edge).chain(after).collect()
}

/// Standard normal numbers from a seed: sums of twelve uniform ones, less six.
fn normal(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    let mut uniform = move || {
        // Knuth's MMIX generator; the upper bits are the good ones.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    move || (0..12).map(|_| uniform()).sum::<f64>() - 6.0
}

/// Parameters a, b1 … c23 of a pixel.
fn truth(mut normal: impl FnMut() -> f64) -> [f64; 10] {
    let jump = 0.2 + 0.03 * normal();
    let peak = (0.12 + 0.03 * normal()).max(0.05) * jump;
    let (b2, c12, c22) = (5479.0 + normal(), 5468.6 + 0.3 * normal(), 5485.5 + 0.6 * normal());
    [0.25 * jump + 0.01, jump, b2, 4.5 + 0.2 * normal(), peak, c12, 1.2, 0.45 * jump, c22, 4.0]
}

/// A stack `(energy, 1, pixels)` of noise σ, and its parameters.
fn stack(pixels: usize, sigma: f64) -> (EnergyStack, Vec<[f64; 10]>) {
    let energies = energies();
    let plan = Resolved::all_free(&Model::vanadium(), &energies, &[0.0; 10]);
    let (mut draw, mut noise) = (normal(1), normal(2));
    let truths: Vec<[f64; 10]> = (0..pixels).map(|_| truth(&mut draw)).collect();
    let mut density = Array3::zeros((40, 1, pixels));
    for (x, truth) in truths.iter().enumerate() {
        let shifted: Vec<f64> =
            (0..10).map(|i| truth[i] - if is_centre(i) { plan.reference } else { 0.0 }).collect();
        for (k, energy) in plan.energies.iter().enumerate() {
            let clean = plan.evaluate(*energy, &shifted, &mut [0.0; 10]);
            density[(k, 0, x)] = (clean + sigma * noise()) as f32;
        }
    }
    (EnergyStack::new(Energies::new(&energies).expect("ascending"), density, None, None).expect("40"), truths)
}

fn everywhere(stack: &EnergyStack) -> Array2<u32> {
    Array2::ones(stack.shape())
}

#[test]
fn the_jacobian_is_that_of_central_differences() {
    let between = Parameter::between;
    let term = |shape| Term {
        name: format!("{shape:?}"),
        shape,
        height: between(0.0, 2.0),
        centre: between(-20.0, 20.0),
        width: between(0.1, 9.0),
    };
    let shapes = [Shape::ErfEdge, Shape::ArctanEdge, Shape::Lorentzian, Shape::Gaussian];
    let model = Model::new(between(-1.0, 1.0), shapes.map(term).to_vec()).expect("a model");
    let plan = Resolved::all_free(&model, &[-30.0, 30.0], &[0.0; 13]);
    let p = [0.1, 0.7, -3.0, 2.5, 0.4, 2.0, 3.0, 0.3, -1.0, 1.5, 0.2, 4.0, 2.0];
    let (mut derivatives, mut scratch) = ([0.0; 13], [0.0; 13]);
    for step in -40..40 {
        let energy = 0.37 * f64::from(step);
        plan.evaluate(energy, &p, &mut derivatives);
        for index in 0..p.len() {
            let h = 1e-5;
            let mut at = |off: f64| {
                let mut moved = p;
                moved[index] += off;
                plan.evaluate(energy, &moved, &mut scratch)
            };
            let difference = (at(h) - at(-h)) / (2.0 * h);
            // h² times a third derivative of order one, and 10⁻¹⁶/h of rounding.
            assert!((difference - derivatives[index]).abs() < 1e-9, "parameter {index} at {energy}");
        }
    }
}

#[test]
fn noise_free_parameters_come_back() -> Result<(), SpectroError> {
    let (stack, truths) = stack(300, 0.0);
    let settings = Settings { polish: true, ..Settings::default() };
    let maps = fit(&Model::vanadium(), &stack, everywhere(&stack).view(), &settings)?;
    for (x, truth) in truths.iter().enumerate() {
        assert_eq!(maps.status[(0, x)], Status::Ok, "pixel {x}");
        for (index, want) in truth.iter().enumerate() {
            // The data are rounded to single precision, 10⁻⁸ of optical density; the fit spreads that over parameters that
            // noise of 3·10⁻³ would move by 0.5 eV: 10⁻⁵, and a pull of 5 allowed for.
            let found = maps.parameters[(index, 0, x)];
            assert!((found - want).abs() < 5e-5, "pixel {x}, {}: {found} for {want}", maps.names[index]);
        }
    }
    Ok(())
}

/// Root mean square of estimates' errors in units of their σ.
fn pull(values: impl Iterator<Item = (f64, f32)>) -> f64 {
    let mut squares: Vec<f64> = values.map(|(off, sigma)| (off / f64::from(sigma)).abs()).collect();
    squares.sort_by(f64::total_cmp);
    // The median of |N(0, 1)| is 0.6745.
    squares[squares.len() / 2] / 0.6745
}

#[test]
fn pulls_are_one() -> Result<(), SpectroError> {
    let (stack, truths) = stack(3000, 0.003_3);
    for model in [Model::vanadium(), Model::vanadium().with_peak_widths(Role::Held(1.2))] {
        let model = hold_second_width(model);
        let maps = fit(&model, &stack, everywhere(&stack).view(), &Settings::default())?;
        let good = || (0..truths.len()).filter(|&x| maps.status[(0, x)] == Status::Ok);
        // A quarter may touch a bound when all are free.
        assert!(good().count() > 2000, "{}", good().count());
        for index in [1, 2, 3, 4] {
            let found = pull(
                good()
                    .map(|x| (maps.parameters[(index, 0, x)] - truths[x][index], maps.sigma[(index, 0, x)])),
            );
            // The target of the issue; 3000 draws know it to 0.02.
            assert!((found - 1.0).abs() < 0.1, "{}: {found}", maps.names[index]);
        }
        let areas = good().map(|x| {
            let want = std::f64::consts::PI * truths[x][4] * truths[x][6] / truths[x][1];
            (maps.peak_ratio[(0, 0, x)] - want, maps.peak_ratio_sigma[(0, 0, x)])
        });
        let found = pull(areas);
        assert!((found - 1.0).abs() < 0.1, "PE/Δμt: {found}");
    }
    Ok(())
}

/// The second Lorentzian's width is 4 where peaks are held at the first one's.
fn hold_second_width(model: Model) -> Model {
    let offset = *model.parameters().next().expect("an offset");
    let mut terms = model.terms().to_vec();
    if terms[1].width.role == Role::Held(1.2) {
        terms[2].width.role = Role::Held(4.0);
    }
    Model::new(offset, terms).expect("a model")
}

#[test]
fn any_number_of_threads_gives_the_same_bits() -> Result<(), SpectroError> {
    let (stack, _) = stack(1500, 0.003_3);
    let model = Model::vanadium().with_peak_widths(Role::EmpiricalPrior);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| fit(&model, &stack, everywhere(&stack).view(), &Settings::default()))
    };
    let (one, three) = (on(1)?, on(3)?);
    assert_eq!(one.status, three.status);
    let bits = |maps: &FitMaps| maps.parameters.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&one), bits(&three));
    Ok(())
}

#[test]
fn portable_and_vector_lanes_agree() {
    let (stack, _) = stack(100, 0.003_3);
    let start = [0.06, 0.2, 5479.0, 4.5, 0.024, 5468.6, 1.2, 0.09, 5485.5, 4.0];
    let plan = Resolved::all_free(&Model::vanadium(), &energies(), &start);
    let (lanes, starts) = (LanePlan::new(&plan, 60, 1e-4), LinearStarts::new(&plan));
    let spectra: Vec<f32> =
        (0..100).flat_map(|x| stack.optical_density().slice(ndarray::s![.., 0, x]).to_vec()).collect();
    let run = |vector: bool| {
        let mut parameters = vec![0.0; 1000];
        for (spectrum, start) in spectra.chunks_exact(40).zip(parameters.chunks_exact_mut(10)) {
            starts.write(&plan, spectrum, start);
        }
        let triangle = lanes.triangle();
        let mut products = vec![[0.0; LANES]; 13 * triangle];
        let mut outcomes = vec![Outcome { converged: false, iterations: 0 }; 100];
        let mut out = Outcomes { parameters: &mut parameters, products: &mut products, ends: &mut outcomes };
        if vector {
            fit_lanes(&lanes, &spectra, &mut out);
        } else {
            fit_on::<PortableLanes>(&lanes, &spectra, &mut out);
        }
        let squares: Vec<f32> =
            (0..100).map(|x| products[x / LANES * triangle + place(10, 10)][x % LANES]).collect();
        (squares, outcomes)
    };
    let ((portable, done), (vector, _)) = (run(false), run(true));
    assert!(done.iter().filter(|outcome| outcome.converged).count() > 95);
    for (x, (a, b)) in portable.iter().zip(&vector).enumerate() {
        // Each stops within 10⁻⁴ of the minimum's cost; a step more or less may lie between them.
        assert!((a - b).abs() <= 1e-3 * a, "pixel {x}: {a} and {b}");
    }
}

#[test]
fn every_pixel_has_a_reason() -> Result<(), SpectroError> {
    let (clean, _) = stack(8, 0.003_3);
    let mut density = clean.optical_density().clone();
    density[(7, 0, 0)] = f32::NAN;
    density[(9, 0, 1)] = f32::INFINITY;
    let mut draw = normal(3);
    // No material: 0.003 of noise around nothing.
    density.slice_mut(ndarray::s![.., 0, 2]).mapv_inplace(|_| 0.003 * draw() as f32);
    let stack = EnergyStack::new(clean.energies().clone(), density, None, None).expect("40");
    let mut regions = everywhere(&stack);
    regions[(0, 3)] = 0;
    let maps = fit(&Model::vanadium(), &stack, regions.view(), &Settings::default())?;
    let want = [Status::MissingData, Status::Saturated, Status::BelowNoise, Status::Outside];
    assert_eq!(maps.status.iter().copied().take(4).collect::<Vec<_>>(), want);
    assert!(maps.status.iter().skip(4).all(|status| status.is_usable()), "{:?}", maps.status);
    assert!(maps.parameter(2).iter().take(4).all(|value| value.is_nan()));
    assert_eq!(Status::ALL.map(Status::code), [0, 1, 2, 3, 4, 5, 6]);
    Ok(())
}

#[test]
fn dismissed_pixels_are_those_the_rule_would_drop() -> Result<(), SpectroError> {
    // Jumps from nothing to six standard deviations of the noise, edges where the mean has its own.
    let (energies, noise) = (energies(), 0.003_3);
    let plan = Resolved::all_free(&Model::vanadium(), &energies, &[0.0; 10]);
    let (mut draw, count) = (normal(5), 2000);
    let truth = |x: usize| 6.0 * noise * x as f64 / count as f64;
    let mut density = Array3::zeros((40, 1, count));
    for x in 0..count {
        let jump = truth(x);
        let center = |energy: f64| energy - plan.reference;
        let p = [
            0.01,
            jump,
            center(5479.0),
            4.5,
            0.12 * jump,
            center(5468.6),
            1.2,
            0.45 * jump,
            center(5485.5),
            4.0,
        ];
        for (k, energy) in plan.energies.iter().enumerate() {
            density[(k, 0, x)] = (plan.evaluate(*energy, &p, &mut [0.0; 10]) + noise * draw()) as f32;
        }
    }
    let stack =
        EnergyStack::new(Energies::new(&energies).expect("ascending"), density, None, None).expect("40");
    let fitted = |noise| {
        let settings = Settings { noise, ..Settings::default() };
        fit(&Model::vanadium(), &stack, everywhere(&stack).view(), &settings)
    };
    let (with, all) = (fitted(NoiseRule::default())?, fitted(NoiseRule::None)?);
    let limit = 3.0 * with.noise;
    let dismissed: Vec<usize> = (0..count).filter(|&x| with.parameters[(0, 0, x)].is_nan()).collect();
    // Most of those without a jump, the first sixth, need no fit.
    assert!(dismissed.iter().filter(|&&x| x < count / 6).count() > count / 8, "{}", dismissed.len());
    // One in 740 at the limit, fewer above it: of 1000 pixels above the limit one may go.
    let lost = dismissed.iter().filter(|&&x| truth(x) > limit).count();
    assert!(lost <= 1, "{lost}");
    for &x in &dismissed {
        assert_eq!(with.status[(0, x)], Status::BelowNoise);
        assert!(with.edge_jump[(0, x)] < limit && with.edge_jump_sigma[(0, x)] > 0.0);
    }
    // Elsewhere the verdict is that of the fit.
    for x in (0..count).filter(|x| dismissed.binary_search(x).is_err()) {
        assert_eq!(with.status[(0, x)] == Status::BelowNoise, all.edge_jump[(0, x)] < limit, "pixel {x}");
    }
    // The rule after the fit would have dropped nine in ten of them: the others' jumps are made of noise.
    let agreed = dismissed.iter().filter(|&&x| all.edge_jump[(0, x)] < limit).count();
    assert!(10 * agreed > 9 * dismissed.len(), "{agreed} of {}", dismissed.len());
    Ok(())
}

/// σ in lanes beside those of double precision, at the same solutions.
#[test]
fn errors_in_lanes_are_those_of_double_precision() {
    let (stack, _) = stack(400, 0.003_3);
    let start = [0.06, 0.2, 5479.0, 4.5, 0.024, 5468.6, 1.2, 0.09, 5485.5, 4.0];
    let mut plan = Resolved::all_free(&Model::vanadium(), &energies(), &start);
    // A prior on the first peak's width.
    (plan.weight[6], plan.expected[6]) = (1e-4, 1.2);
    let (lanes, starts) = (LanePlan::new(&plan, 60, 1e-4), LinearStarts::new(&plan));
    let spectra: Vec<f32> =
        (0..400).flat_map(|x| stack.optical_density().slice(ndarray::s![.., 0, x]).to_vec()).collect();
    let (mut parameters, triangle) = (vec![0.0; 4000], lanes.triangle());
    for (spectrum, start) in spectra.chunks_exact(40).zip(parameters.chunks_exact_mut(10)) {
        starts.write(&plan, spectrum, start);
    }
    let mut products = vec![[0.0; LANES]; 50 * triangle];
    let mut ends = vec![Outcome { converged: false, iterations: 0 }; 400];
    fit_lanes(
        &lanes,
        &spectra,
        &mut Outcomes { parameters: &mut parameters, products: &mut products, ends: &mut ends },
    );
    let (width, layout) = (ErrorLayout::of(&lanes).len(), Layout::of(&plan));
    let mut errors = vec![[0.0; LANES]; 50 * width];
    errors_in_lanes(&lanes, &parameters, &products, &mut errors);
    let mut describer = Describer::new(&plan);
    let mut compared = 0;
    for x in 0..400 {
        let number = |row: usize, column: usize| {
            f64::from(products[x / LANES * triangle + place(row, column)][x % LANES])
        };
        let all: Vec<f64> = parameters[x * 10..][..10].iter().map(|&p| f64::from(p)).collect();
        let solution = Solution { parameters: &all, squares: number(10, 10), converged: true };
        let (mut fast, mut exact) = (vec![0.0; layout.len()], vec![0.0; layout.len()]);
        let error = |index: usize| errors[x / LANES * width + index][x % LANES];
        let found = describer.describe_with(&solution, error, &mut fast);
        let want = describer.describe(&solution, number, &mut exact);
        if found == Status::NotConverged {
            // Close to singular: the caller tries again in double precision.
            continue;
        }
        assert_eq!(found, want, "pixel {x}");
        for (index, (a, b)) in fast.iter().zip(&exact).enumerate() {
            // Rounding of 10⁻⁷ times the condition of the scaled matrix, whose pivots are 10⁻⁴ and more in most pixels.
            assert!(
                a == b || a.is_nan() && b.is_nan() || (a / b - 1.0).abs() < 5e-3,
                "pixel {x}, {index}: {a} for {b}"
            );
            compared += usize::from(a.is_finite());
        }
    }
    assert!(compared > 300 * layout.len(), "{compared}");
}

#[test]
fn bad_settings_and_models_are_named() {
    let (stack, _) = stack(2, 0.0);
    let model = Model::vanadium();
    let with = |settings| fit(&model, &stack, everywhere(&stack).view(), &settings).map(|_| ());
    assert!(matches!(
        with(Settings { pre_edge: 2, ..Settings::default() }),
        Err(SpectroError::PreEdge { wanted: 2, energies: 40, minimum: 3 })
    ));
    assert!(matches!(
        with(Settings { tolerance: f32::NAN, ..Settings::default() }),
        Err(SpectroError::Setting { setting: "tolerance", .. })
    ));
    let wrong = fit(&model, &stack, Array2::ones((2, 2)).view(), &Settings::default());
    assert!(matches!(wrong, Err(SpectroError::Shape { map: "regions", .. })));
    let short = Energies::new(&energies()[..9]).expect("ascending");
    let short = EnergyStack::new(short, Array3::zeros((9, 1, 1)), None, None).expect("nine");
    let few = fit(&model, &short, Array2::ones((1, 1)).view(), &Settings::default());
    assert!(matches!(few, Err(SpectroError::TooFewEnergies { energies: 9, free: 10 })));
    let edge = |width| Term {
        name: "edge".to_owned(),
        shape: Shape::ErfEdge,
        height: Parameter::between(0.0, 1.0),
        centre: Parameter::between(5470.0, 5490.0).starting_at(5400.0),
        width,
    };
    let found = Model::new(Parameter::between(0.0, 1.0), vec![edge(Parameter::between(1.0, 2.0))]);
    assert!(matches!(found, Err(SpectroError::Parameter { parameter, .. }) if parameter == "edge centre"));
    let found = Model::new(Parameter::between(0.0, 1.0), Vec::new());
    assert!(matches!(found, Err(SpectroError::Model { .. })));
}
