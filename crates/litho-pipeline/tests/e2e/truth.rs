//! Reconstructions of simulated scans against the truth.

use crate::common::Bench;
use litho_pipeline::config::{OrientationSetting, ReconstructConfig};
use litho_resolve::object_error::{ObjectErrorOptions, RampSearch, ShiftSearch, object_error};
use litho_sim::example::{tiny_far_field, tiny_near_field};
use litho_sim::scan::{Illumination, ScanSimulation};
use litho_types::C32;
use ndarray::Array2;

fn distance(bench: &Bench, object: &Array2<C32>, margin: usize) -> f64 {
    let options = ObjectErrorOptions { margin, shift: ShiftSearch::SubPixel, ramp: RampSearch::Fine };
    object_error(object.view(), bench.truth.object.view(), &options).expect("comparable").relative
}

#[test]
fn measure() {
    let bench = Bench::far_field();
    std::fs::write(
        bench.path("optics.toml"),
        "[zone_plate]\ndiameter_m = 120e-6\noutermost_zone_m = 40e-9\nstop_diameter_m = 40e-6\ndefocus_m = 15e-6\n",
    )
    .unwrap();
    let optics = Some(bench.path("optics.toml").display().to_string());
    println!("shape {:?}", bench.truth.object.dim());
    for (name, probe) in [("optics", optics), ("mean", Some("mean".to_owned())), ("true", bench.true_probe())]
    {
        for engine in ["epie:100", "rpie:100", "dm:100", "dm:60,epie:40"] {
            for orientation in [Some(OrientationSetting::Index(0)), None] {
                let start = std::time::Instant::now();
                let config = ReconstructConfig {
                    probe: probe.clone(),
                    orientation: orientation.clone(),
                    ..bench.config(engine)
                };
                let found = bench.run(config, "r.h5");
                let text = litho_io::read_result(bench.path("r.h5"))
                    .unwrap()
                    .number("/entry/orientation/chosen")
                    .unwrap();
                println!(
                    "far {name} {engine} {orientation:?}->{text}: object {:?} {:.4} fourier {:.5} {:.2?}",
                    found.object.dim(),
                    distance(&bench, &found.object, 24),
                    found.error,
                    start.elapsed()
                );
            }
        }
    }
    let bench = Bench::of(&tiny_near_field().unwrap());
    for (name, probe) in [("mean", Some("mean".to_owned())), ("true", bench.true_probe())] {
        for engine in ["epie:100", "rpie:100", "dm:100"] {
            for orientation in [Some(OrientationSetting::Index(0)), None] {
                let start = std::time::Instant::now();
                let config = ReconstructConfig {
                    probe: probe.clone(),
                    orientation: orientation.clone(),
                    ..bench.config(engine)
                };
                let found = bench.run(config, "r.h5");
                let text = litho_io::read_result(bench.path("r.h5"))
                    .unwrap()
                    .number("/entry/orientation/chosen")
                    .unwrap();
                println!(
                    "near {name} {engine} {orientation:?}->{text}: object {:?} {:.4} fourier {:.5} {:.2?}",
                    found.object.dim(),
                    distance(&bench, &found.object, 24),
                    found.error,
                    start.elapsed()
                );
            }
        }
    }
    let simulation = tiny_far_field().unwrap();
    let Illumination::Optics { optics, diffuser, .. } = simulation.illumination.clone() else { panic!() };
    for power in [0.8, 0.6] {
        let bench = Bench::of(&ScanSimulation {
            illumination: Illumination::Optics {
                optics: optics.clone(),
                diffuser: diffuser.clone(),
                mode_powers: vec![power, 1.0 - power],
            },
            ..simulation.clone()
        });
        for probe in [Some("mean".to_owned()), bench.true_probe()] {
            for modes in [1, 2] {
                let config = ReconstructConfig {
                    probe: probe.clone(),
                    modes: Some(modes),
                    ..bench.config("epie:100")
                };
                let found = bench.run(config, "r.h5");
                println!(
                    "modes {power} {modes} {probe:?}: {:.4} fourier {:.5}",
                    distance(&bench, &found.object, 24),
                    found.error
                );
            }
        }
    }
}
