//! A scan does not depend on the file format it came in.

use crate::common::{Bench, finish};
use litho_io::{Format, write_scan};
use litho_pipeline::config::{InputConfig, ReconstructConfig};
use litho_pipeline::reconstruct::{Request, Resume};
use litho_sim::example::{tiny_far_field, tiny_near_field};
use litho_sim::scan::ScanSimulation;
use litho_types::mask::{DetectorMask, bits};

/// What a person must add to read `format`.
fn input(format: Format) -> InputConfig {
    let key = |name: &str| Some(name.to_owned());
    match format {
        Format::Generic => InputConfig {
            frames_key: key("/frames"),
            positions_key: key("/positions"),
            mask_key: key("/mask"),
            energy_key: key("/energy"),
            distance_key: key("/distance"),
            pixel_key: key("/pixel"),
            ..InputConfig::default()
        },
        _ => InputConfig::default(),
    }
}

fn file_name(format: Format) -> &'static str {
    match format {
        Format::Ptychodus => "scan_dp.hdf5",
        Format::Eiger => "scan_master.h5",
        _ => "scan.h5",
    }
}

/// A far-field scan with missing pixels: the one reason for masking that every format can tell.
fn masked() -> Bench {
    let simulation = tiny_far_field().expect("valid numbers");
    let mut mask = DetectorMask::all_good(simulation.shape);
    (0..simulation.shape.0).for_each(|row| mask.flag((row, 9), bits::MISSING));
    Bench::of(&ScanSimulation { mask, ..simulation })
}

#[test]
fn every_format_gives_the_same_object_to_the_bit() {
    let bench = masked();
    for probe in ["mean".to_owned(), bench.true_probe()] {
        let config = ReconstructConfig { probe: Some(probe), ..bench.config("epie:3") };
        let expected = bench.run(config.clone(), "reference.h5");
        for format in Format::ALL {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join(file_name(format));
            write_scan(&path, &bench.scan, format).expect("written");
            let found = finish(&Request {
                dataset: path.display().to_string(),
                config: ReconstructConfig { input: input(format), ..config.clone() },
                output: folder.path().join("result.h5"),
                resume: Resume::No,
            });
            assert!(found == expected, "{} differs", format.name());
        }
    }
}

#[test]
fn a_named_format_is_the_recognised_one() {
    let bench = Bench::far_field();
    let recognised = bench.run(bench.config("epie:2"), "recognised.h5");
    let input = InputConfig { format: Some("cxi".to_owned()), ..InputConfig::default() };
    let named = bench.run(ReconstructConfig { input, ..bench.config("epie:2") }, "named.h5");
    assert_eq!(named, recognised);
}

#[test]
fn a_near_field_cxi_gives_the_same_object_with_its_own_focus_and_a_given_one() {
    let bench = Bench::of(&tiny_near_field().expect("valid numbers"));
    let config = bench.config("epie:3");
    let own = bench.run(config.clone(), "own.h5");
    // The simulated focus-to-sample distance.
    let input = InputConfig { focus_distance_m: Some(5e-3), ..InputConfig::default() };
    assert_eq!(bench.run(ReconstructConfig { input, ..config }, "given.h5"), own);
}
