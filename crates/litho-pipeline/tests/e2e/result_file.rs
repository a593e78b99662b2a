//! The layout of result files that other programs rely on.

use crate::common::{Bench, Stored};
use hdf5::types::{FloatSize, TypeDescriptor, VarLenUnicode};
use litho_io::{ResultFile, read_result};
use litho_pipeline::config::{ReconstructConfig, from_toml};
use litho_pipeline::provenance::{VERSION, fingerprint};
use litho_pipeline::reconstruct::{Request, Resume};
use litho_sim::example::tiny_near_field;
use std::path::{Path, PathBuf};

/// Coordinates are a few operations on rounded numbers.
const ROUNDING: f64 = 1e-9;

/// A result with everything: two modes, halves, orientation searched.
fn complete_result() -> (Bench, PathBuf) {
    let bench = Bench::far_field();
    let config = ReconstructConfig {
        orientation: None,
        probe: None,
        modes: Some(2),
        split: Some(true),
        seed: Some(5),
        ..bench.config("dm:3,epie:4")
    };
    bench.run(config, "result.h5");
    let path = bench.path("result.h5");
    (bench, path)
}

fn open(path: &Path) -> (ResultFile, hdf5::File) {
    (read_result(path).expect("a result"), hdf5::File::open(path).expect("HDF5"))
}

fn texts(object: &hdf5::Location, name: &str) -> Vec<String> {
    let values: Vec<VarLenUnicode> = object.attr(name).expect(name).read_raw().expect("texts");
    values.iter().map(ToString::to_string).collect()
}

#[test]
fn every_array_stands_in_a_data_group_with_axes_and_units() {
    let (_bench, path) = complete_result();
    let (result, file) = open(&path);
    let class = |group: &str| result.attr_text(group, "NX_class").unwrap_or_default();
    assert_eq!((class("/"), class("/entry")), ("NXroot".to_owned(), "NXentry".to_owned()));
    assert_eq!(result.attr_text("/", "default").as_deref(), Some("entry"));
    assert_eq!(result.attr_text("/entry", "default").as_deref(), Some("object"));
    let groups: [(&str, &[(&str, &str)]); 7] = [
        ("object", &[("y", "m"), ("x", "m")]),
        ("coverage", &[("y", "m"), ("x", "m")]),
        ("probe", &[("mode", ""), ("y", "m"), ("x", "m")]),
        ("loss", &[("iteration", "")]),
        ("prtf", &[("frequency", "1/m")]),
        ("frc", &[("frequency", "1/m")]),
        ("diffraction", &[(".", ""), (".", "")]),
    ];
    for (name, axes) in groups {
        let group = format!("/entry/{name}");
        assert_eq!(class(&group), "NXdata", "{name}");
        assert_eq!(result.attr_text(&group, "signal").as_deref(), Some("data"), "{name}");
        let names: Vec<&str> = axes.iter().map(|(axis, _)| *axis).collect();
        assert_eq!(texts(&file.group(&group).expect("a group"), "axes"), names, "{name}");
        let shape = result.shape(&format!("{group}/data")).expect("a shape");
        assert_eq!(shape.len(), axes.len(), "{name}");
        for (index, (axis, unit)) in axes.iter().enumerate().filter(|(_, (axis, _))| *axis != ".") {
            let dataset = format!("{group}/{axis}");
            assert_eq!(result.shape(&dataset).expect("an axis"), [shape[index]], "{dataset}");
            assert_eq!(result.unit(&dataset).as_deref(), Some(*unit), "{dataset}");
        }
    }
    assert_eq!(
        result.shape("/entry/object/data").expect("a shape"),
        result.shape("/entry/coverage/data").expect("a shape")
    );
    assert_eq!(result.shape("/entry/probe/data").expect("a shape"), [2, 48, 48]);
    assert_eq!(result.shape("/entry/loss/data").expect("a shape"), [7]);
}

#[test]
fn complex_numbers_are_compounds_of_r_and_i() {
    let (_bench, path) = complete_result();
    let (_, file) = open(&path);
    for name in ["/entry/object/data", "/entry/probe/data"] {
        let found = file.dataset(name).expect("a dataset").dtype().expect("a type").to_descriptor();
        let TypeDescriptor::Compound(compound) = found.expect("a descriptor") else {
            panic!("{name} is no compound")
        };
        let fields: Vec<(&str, &TypeDescriptor, usize)> =
            compound.fields.iter().map(|field| (field.name.as_str(), &field.ty, field.offset)).collect();
        let single = TypeDescriptor::Float(FloatSize::U4);
        assert_eq!(fields, [("r", &single, 0), ("i", &single, 4)], "{name}");
    }
}

#[test]
fn axes_and_positions_are_where_the_truth_is() {
    let (bench, path) = complete_result();
    let (result, _) = open(&path);
    let numbers = |name: &str| -> Vec<f64> { result.real(name).expect("numbers").into_iter().collect() };
    let truth = &bench.truth;
    for (axis, pixel, origin, length) in [
        ("y", truth.pixel.y.value(), truth.origin.y.value(), truth.object.dim().0),
        ("x", truth.pixel.x.value(), truth.origin.x.value(), truth.object.dim().1),
    ] {
        let found = numbers(&format!("/entry/object/{axis}"));
        assert_eq!(found.len(), length);
        for (index, coordinate) in found.iter().enumerate() {
            let expected = origin + index as f64 * pixel;
            assert!((coordinate - expected).abs() <= ROUNDING * pixel.max(expected.abs()), "{axis}[{index}]");
        }
        // The optical axis of the probe is the middle of its array, at coordinate zero.
        assert_eq!(numbers(&format!("/entry/probe/{axis}"))[24], 0.0);
    }
    for table in ["initial", "refined"] {
        let name = format!("/entry/positions/{table}");
        assert_eq!(result.unit(&name).as_deref(), Some("m"));
        let litho_types::scan::Positions::Metres(expected) = &bench.scan.positions else { panic!("metres") };
        let expected: Vec<f64> = expected.iter().flat_map(|p| [p.y.value(), p.x.value()]).collect();
        assert_eq!(numbers(&name), expected, "{table}: y before x, as read");
        assert_eq!(result.shape(&name).expect("a shape"), [64, 2]);
    }
}

#[test]
fn provenance_is_complete() {
    let (bench, path) = complete_result();
    let (result, _) = open(&path);
    let process = |name: &str| format!("/entry/process/{name}");
    let number = |name: &str| result.number(&process(name)).expect("a number");
    let text = |name: &str| result.text(&process(name)).expect("a text");
    assert_eq!(result.attr_text("/entry/process", "NX_class").as_deref(), Some("NXprocess"));
    assert!(text("version").starts_with(VERSION));
    assert_eq!((number("seed"), number("threads"), text("device").as_str()), (5.0, 2.0, "cpu"));
    assert!(number("wall_s") > 0.0 && result.unit(&process("wall_s")).as_deref() == Some("s"));
    let scan = bench.path("scan.cxi");
    let (size, hash) = fingerprint(&scan).expect("a hash");
    assert_eq!(text("input/path"), scan.display().to_string());
    assert_eq!((number("input/size"), text("input/sha256")), (size as f64, hash));
    let citations = result.texts(&process("citations")).expect("texts").join("\n");
    // The papers of the two engines and of the ring correlation.
    for paper in ["Maiden", "Thibault", "van Heel"] {
        assert!(citations.contains(paper), "{paper} is missing in {citations}");
    }
    assert!(result.texts(&process("warnings")).is_ok());
}

#[test]
fn the_stored_configuration_gives_the_same_bits() {
    let (bench, path) = complete_result();
    let (result, _) = open(&path);
    let text = result.text("/entry/process/config").expect("a text");
    let config = from_toml(&text, "stored").expect("a configuration");
    assert_eq!(config.threads, None, "threads change nothing, so they are no part of it");
    let again = bench.run(config, "again.h5");
    assert!(again == Stored::read(&path));
    let (result_again, _) = open(&bench.path("again.h5"));
    assert_eq!(result_again.text("/entry/process/config").expect("a text"), text, "a fixed point");
    for curve in ["/entry/frc/data", "/entry/prtf/data"] {
        assert_eq!(
            result_again.real(curve).expect("numbers"),
            result.real(curve).expect("numbers"),
            "{curve}"
        );
    }
}

#[test]
fn a_near_field_result_tells_its_magnification_and_has_no_transfer_function() {
    let bench = Bench::of(&tiny_near_field().expect("valid numbers"));
    bench.run(bench.config("epie:3"), "result.h5");
    let (result, _) = open(&bench.path("result.h5"));
    assert!(!result.contains("/entry/prtf"));
    let number = |name: &str| result.number(&format!("/entry/instrument/{name}")).expect("a number");
    // Focus to sample 5 mm, sample to detector 0.75 m: M = (z₁ + z₂)/z₁ = 151, z_eff = z₂/M.
    assert!((number("magnification") / 151.0 - 1.0).abs() <= ROUNDING);
    assert!((number("effective_distance") / (0.75 / 151.0) - 1.0).abs() <= ROUNDING);
    assert!((number("object_pixel_y") / (15e-6 / 151.0) - 1.0).abs() <= ROUNDING);
}

#[test]
fn a_scan_in_pixels_gives_a_result_in_pixels() {
    let bench = Bench::far_field();
    let path = bench.path("scan.h5");
    litho_io::write_scan(&path, &bench.scan, litho_io::Format::Tike).expect("written");
    let request = Request {
        dataset: path.display().to_string(),
        config: bench.config("epie:3"),
        output: bench.path("result.h5"),
        resume: Resume::No,
    };
    crate::common::finish(&request);
    let (result, _) = open(&request.output);
    for (dataset, unit) in
        [("/entry/object/y", "px"), ("/entry/positions/refined", "px"), ("/entry/prtf/frequency", "1/px")]
    {
        assert_eq!(result.unit(dataset).as_deref(), Some(unit), "{dataset}");
    }
}
