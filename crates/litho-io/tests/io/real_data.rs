//! Scans measured by other groups, read and held against what is known of them.

use litho_io::{Format, OriginPlan, ReadOptions, plan, read};
use litho_types::frames::Frames;
use litho_types::geometry::Propagation;
use litho_types::quantity::Metres;
use litho_types::scan::{FrameOrigin, Positions};
use std::path::PathBuf;

/// The data set, or `None` with a note if this machine has not got it.
fn data(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ptycho").join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln_skipped(name);
    None
}

#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn eprintln_skipped(name: &str) {
    eprintln!("skipped: {name} is not on this machine");
}

#[test]
fn siemens_star_is_recognised_by_its_contents() {
    let Some(path) = data("siemens_star.h5") else { return };
    let plan = plan(&path, &ReadOptions::default()).expect("planned");
    assert_eq!((plan.format, plan.origin), (Format::Tike, OriginPlan::Detect));
    let scan = read(&plan).expect("read");
    assert!(matches!(scan.frames, Frames::U16(_)));
    assert_eq!((scan.frames.len(), scan.frames.shape()), (516, (128, 128)));
    // The data set's own attribute says so: "zero frequency at pixel (0,0)".
    assert_eq!(scan.origin, FrameOrigin::Corner);
    assert_eq!(scan.geometry, None);
    let Positions::Pixels(positions) = &scan.positions else { panic!("positions must be in pixels") };
    // First entry of the file's /scan, as h5py prints it: [167.57964, -159.73396].
    assert_eq!((positions[0].y.value() as f32, positions[0].x.value() as f32), (167.57964, -159.73396));
    assert_eq!(scan.probe.expect("a probe").dim(), (1, 128, 128));
    assert_eq!(scan.warnings, Vec::<String>::new());
}

#[test]
fn petra3_near_field_is_read_in_si_units() {
    let Some(path) = data("petra3_p25_near_field.cxi") else { return };
    let options = ReadOptions { focus_to_sample: Some(Metres::new(3.65e-3)), ..ReadOptions::default() };
    let plan = plan(&path, &options).expect("planned");
    assert_eq!(plan.format, Format::Cxi);
    let scan = read(&plan).expect("read");
    assert_eq!((scan.frames.len(), scan.frames.shape()), (200, (100, 100)));
    let geometry = scan.geometry.expect("a geometry");
    // 12.658 keV, 1.12 m and 55 µm by the description of the data set; stored in single precision.
    assert!((geometry.energy.value() - 12_658.0).abs() < 1.0, "{}", geometry.energy);
    assert!((geometry.distance.value() - 1.12).abs() < 1e-6);
    assert!((geometry.detector_pixel.y.value() - 55e-6).abs() < 1e-11);
    assert!(matches!(geometry.propagation, Propagation::NearField { focus_to_sample: Some(_) }));
    assert!((scan.object_pixel().expect("a pixel").y.value() - 178.66e-9).abs() < 0.01e-9);
    assert_eq!(scan.mask.good_count(), 100 * 100 - 5);
    // The file's translation[0] is (-53.400032, -38.399612) µm in (x, y): (row, column) = (+y, +x).
    let Positions::Metres(positions) = &scan.positions else { panic!("positions must be in metres") };
    assert!((positions[0].y.value() + 38.399_612e-6).abs() < 1e-12);
    assert!((positions[0].x.value() + 53.400_032e-6).abs() < 1e-12);
    assert_eq!(scan.warnings, Vec::<String>::new());
    let energy = plan.ingredients.iter().find(|line| line.name == "energy").expect("an energy line");
    assert!(energy.read_as.ends_with("read as J"), "{}", energy.read_as);
}
