//! How much noise the constraint takes off, and what it costs.

use super::super::{KkConstraint, Lifetime, Noise, Plan};
use super::{DENSITY, Xanes, energies, pixel, rms, stack, vanadium};
use litho_testkit::Lcg;
use litho_types::quantity::ElectronVolts;
use litho_types::scattering::TableSource;
use ndarray::{Array1, Array3, s};

/// 10⁴ counts per pixel and energy, a tenth of a usual dose: σ(μt) = 0.0105 at a jump of 0.2.
const TENTH: f64 = 0.0105;
const PIXELS: usize = 3000;

fn lifetime(structure: f64) -> Lifetime {
    Lifetime { structure, ..Lifetime::new(ElectronVolts::new(1.0), DENSITY) }
}

/// What a plan does to noisy pixels of all kinds of vanadium. `ratio` is the noise of φ over that of μt/2.
struct Trial {
    plan: Plan,
    /// rms error after over before, of μt and of φ.
    density: f64,
    phase: f64,
    /// Largest bias of μt around the pre-edge peak.
    bias: f64,
    /// rms of the residual map.
    residual: f64,
}

fn trial(lifetime: Option<Lifetime>, ratio: f64) -> Trial {
    let axis = energies();
    let noise = Noise::uniform(axis.len(), TENTH, 0.5 * TENTH * ratio);
    let plan = KkConstraint { lifetime, ..KkConstraint::new(&[vanadium()]) }.plan(&axis, &noise).unwrap();
    let kinds: Vec<(Array1<f64>, Array1<f64>)> = Xanes::kinds()
        .iter()
        .map(|kind| pixel(&axis, &kind.factors(&axis, TableSource::Henke), DENSITY))
        .collect();
    let (density, phase): (Vec<_>, Vec<_>) = (0..PIXELS).map(|i| kinds[i % kinds.len()].clone()).unzip();
    let (density, phase) = (stack(&density), stack(&phase));
    let mut lcg = Lcg::new(5);
    let mut noisy = |clean: &Array3<f32>, sigma: f64| clean.mapv(|v| v + (sigma * lcg.normal()) as f32);
    let (mut d, mut p) = (noisy(&density, TENTH), noisy(&phase, 0.5 * TENTH * ratio));
    let residual = plan.apply(&mut d, &mut p).unwrap();
    let (mut clean, mut clean_phase) = (density.clone(), phase.clone());
    plan.apply(&mut clean, &mut clean_phase).unwrap();
    let bias =
        (&clean - &density).slice(s![4..19, .., ..]).iter().fold(0.0, |most: f32, v| most.max(v.abs()));
    Trial {
        density: rms(&(d - density).mapv(f64::from)) / TENTH,
        phase: rms(&(p - phase).mapv(f64::from)) / (0.5 * TENTH * ratio),
        bias: f64::from(bias),
        residual: rms(&residual.mapv(f64::from)),
        plan,
    }
}

/// 3000 pixels of 40 energies with some 20 free numbers each: √(1/(2·3000·20)) = 0.3 %, three of these.
const CHANCE: f64 = 0.009;

#[test]
fn the_measured_reduction_is_the_planned_one() {
    let trial = trial(None, 1.0);
    let (density, phase) = trial.plan.noise_gain();
    assert!((trial.density - rms(density)).abs() < CHANCE, "{} {}", trial.density, rms(density));
    assert!((trial.phase - rms(phase)).abs() < CHANCE, "{} {}", trial.phase, rms(phase));
    // The trace of a projection is its dimension: Σ gains² over both channels is E + 3.
    let dimension: f64 = density.iter().chain(phase).map(|gain| gain * gain).sum();
    assert!((dimension - 43.0).abs() < 1e-9, "{dimension}");
    // 37 of 80 numbers are tested: over 3000 pixels the rms is 1 ± 1/√(2·37·3000).
    assert!(
        (trial.residual - 1.0).abs() < 3.0 / (2.0_f64 * 37.0 * 3000.0).sqrt() + 0.002,
        "{}",
        trial.residual
    );
}

#[test]
fn with_lifetimes_absorption_gains_a_quarter_at_a_tenth_of_the_dose() {
    // The aim of the constraint: at least 25 % less error of the absorption, at most 5 % more of the phase, and here much
    // less. Photon counting gives μt/2 and φ the same noise.
    for structure in [1.0, 0.75] {
        let trial = trial(Some(lifetime(structure)), 1.0);
        assert!(trial.density < 0.75, "{structure}: {}", trial.density);
        assert!(trial.phase < 0.6, "{structure}: {}", trial.phase);
        // Sharp pre-edge peaks: within 1.5 % of the jump of 0.2.
        assert!(trial.bias < 0.015 * 0.2, "{structure}: {}", trial.bias);
    }
    // Without the prior the projection gives 15 %; the limit for any projection to half the dimensions is 29 %.
    let plain = trial(None, 1.0);
    assert!((0.83..0.87).contains(&plain.density), "{}", plain.density);
    assert!(plain.bias < 0.01 * 0.2, "{}", plain.bias);
}

#[test]
fn a_noisier_phase_helps_less_and_no_energy_gets_worse() {
    let lifetime = Some(lifetime(0.75));
    let ratios = [0.7, 1.0, 1.5, 3.0].map(|ratio| trial(lifetime, ratio));
    for pair in ratios.windows(2) {
        assert!(pair[0].density < pair[1].density);
    }
    for trial in &ratios {
        let (density, phase) = trial.plan.noise_gain();
        assert!(density.iter().chain(phase).all(|gain| *gain < 1.0));
    }
}

#[test]
fn the_residual_tells_an_inconsistent_pixel() {
    let axis = energies();
    let noise = Noise::uniform(axis.len(), TENTH, 0.5 * TENTH);
    let plan = KkConstraint::new(&[vanadium()]).plan(&axis, &noise).unwrap();
    let (density, phase) = pixel(&axis, &Xanes::kinds()[3].factors(&axis, TableSource::Henke), DENSITY);
    // An amplitude taken for an intensity: half the absorption.
    let residual = plan.apply(&mut stack(&[&density * 0.5]), &mut stack(&[phase])).unwrap();
    // Half the jump is ten standard deviations at most energies; a good part of that speaks against the constraint.
    assert!(residual[(0, 0)] > 2.0, "{residual}");
}
