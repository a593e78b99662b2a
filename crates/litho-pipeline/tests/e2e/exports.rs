//! Reports, exports, resolution and simulation.

use crate::common::{Bench, Stored};
use litho_io::{ReadOptions, plan, read, read_real, read_result};
use litho_pipeline::config::{BackgroundConfig, ReconstructConfig};
use litho_pipeline::error::EXIT_USAGE;
use litho_pipeline::export::{Part, export};
use litho_pipeline::inspect::{OrientationScoring, inspect};
use litho_pipeline::simulate::{Field, GivenScan, Request, Size, Subject, simulate};
use litho_pipeline::{report, resolution};
use litho_types::scan::Scan;
use std::path::Path;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const TIFF: &[u8] = b"II*\0";
const NPY: &[u8] = b"\x93NUMPY";

fn finished() -> Bench {
    let bench = Bench::far_field();
    let background = Some(BackgroundConfig { start: Some(5), ..BackgroundConfig::default() });
    let config = ReconstructConfig { split: Some(true), background, ..bench.config("epie:10") };
    bench.run(config, "result.h5");
    bench
}

#[test]
fn every_part_goes_into_the_files_that_can_hold_it_and_no_other() {
    let bench = finished();
    let fits = |part: Part, ending: &str| match ending {
        "png" => matches!(part, Part::Phase | Part::Amplitude | Part::Probe | Part::Background),
        "tif" => matches!(part, Part::Phase | Part::Amplitude | Part::Coverage | Part::Background),
        "npy" => !matches!(part, Part::Frc | Part::Prtf),
        _ => matches!(part, Part::Positions | Part::Loss | Part::Frc | Part::Prtf),
    };
    for (name, part) in Part::ALL {
        assert_eq!(Part::from_name(name).expect("its own name"), part);
        for (ending, magic) in [("png", PNG), ("tif", TIFF), ("npy", NPY), ("csv", b"".as_slice())] {
            let output = bench.path(&format!("{name}.{ending}"));
            let done = export(&bench.path("result.h5"), part, &output);
            if fits(part, ending) {
                done.expect("exported");
                let bytes = std::fs::read(&output).expect("a file");
                assert!(bytes.starts_with(magic) && bytes.len() > magic.len(), "{name}.{ending}");
            } else {
                let error = done.expect_err("must be refused");
                assert_eq!(error.exit_code(), EXIT_USAGE, "{name}.{ending}: {error}");
                assert!(!output.exists(), "{name}.{ending}");
            }
        }
    }
    assert!(export(&bench.path("result.h5"), Part::Phase, &bench.path("phase.jpg")).is_err());
}

#[test]
fn exported_numbers_are_those_of_the_result() {
    let bench = finished();
    let result = bench.path("result.h5");
    let stored = Stored::read(&result);
    let object = bench.path("object.npy");
    export(&result, Part::Object, &object).expect("exported");
    let bytes = std::fs::read(&object).expect("a file");
    let header = String::from_utf8_lossy(&bytes[..128]).into_owned();
    let (ny, nx) = stored.object.dim();
    assert!(header.contains("<c8") && header.contains(&format!("({ny}, {nx}")), "{header}");
    let values: Vec<u8> =
        stored.object.iter().flat_map(|v| [v.re.to_le_bytes(), v.im.to_le_bytes()].concat()).collect();
    assert!(bytes.ends_with(&values), "row by row, real before imaginary");
    let table = bench.path("loss.csv");
    export(&result, Part::Loss, &table).expect("exported");
    let text = std::fs::read_to_string(&table).expect("a text");
    let losses: Vec<f64> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).expect("two columns").parse().expect("a number"))
        .collect();
    assert_eq!(losses, stored.losses);
    assert!(text.starts_with("iteration,normalised_fourier_error\n"), "{text}");
    let table = bench.path("positions.csv");
    export(&result, Part::Positions, &table).expect("exported");
    let text = std::fs::read_to_string(&table).expect("a text");
    assert!(text.starts_with("y_m,x_m\n") && text.lines().count() == 1 + 64, "{text}");
}

#[test]
fn several_modes_become_several_pictures() {
    let bench = Bench::far_field();
    bench.run(ReconstructConfig { modes: Some(2), ..bench.config("epie:3") }, "result.h5");
    export(&bench.path("result.h5"), Part::Probe, &bench.path("probe.png")).expect("exported");
    for name in ["probe.1.png", "probe.2.png"] {
        assert!(std::fs::read(bench.path(name)).expect("a file").starts_with(PNG), "{name}");
    }
}

#[test]
fn a_report_tells_everything_and_loads_nothing() {
    let bench = finished();
    let output = bench.path("report.html");
    report::write(&bench.path("result.h5"), &output).expect("written");
    let html = std::fs::read_to_string(&output).expect("a text");
    for heading in [
        "Object",
        "Probe",
        "Diffraction data",
        "Scan",
        "Convergence",
        "Resolution",
        "Geometry",
        "Provenance",
        "References",
    ] {
        assert!(html.contains(&format!("<h2>{heading}</h2>")), "{heading} is missing");
    }
    for fact in ["2000.00", "16.703 nm", "½-bit", "SHA-256", "doi.org"] {
        assert!(html.contains(fact), "{fact} is missing");
    }
    for foreign in ["<script", "<link", "<iframe", "src=\"http", "href=\"//", "@import", "url(http"] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    // The only addresses are those of the papers cited, to be followed by hand.
    for (at, _) in html.match_indices("://") {
        assert!(
            html[..at].ends_with("<a href=\"https") && html[at..].starts_with("://doi.org/"),
            "{}",
            &html[at..at + 60]
        );
    }
    for (at, _) in html.match_indices("<image") {
        let tag = &html[at..at + 400];
        assert!(tag.contains("href=\"data:image/png;base64,"), "{tag}");
    }
}

#[test]
fn two_results_of_one_object_correlate() {
    let bench = finished();
    let (a, b) = (bench.path("result.h5"), bench.path("other.h5"));
    bench.run(ReconstructConfig { seed: Some(2), ..bench.config("epie:10") }, "other.h5");
    let report = resolution::of_results(&a, Some(b.as_path())).expect("correlated");
    let correlation = report.json["frc"]["correlation"].as_array().expect("a curve").clone();
    // The same frames, another order of visits: alike from the lowest ring on.
    assert!(correlation[1].as_f64().expect("a number") > 0.99, "{correlation:?}");
    assert!(report.lines.iter().any(|line| line.starts_with("FRC ½-bit: ")), "{:?}", report.lines);
    // One result carries the measures made with it.
    let own = resolution::of_results(&a, None).expect("stored");
    assert!(own.json["frc"]["data"].is_array() && own.json["prtf"]["data"].is_array());
    assert_eq!(
        own.lines,
        read_result(&a).expect("a result").texts("/entry/summary/resolution").expect("texts")
    );
}

fn simulated(folder: &Path, subject: Subject, seed: Option<u64>) -> Scan {
    let request = Request { subject, photons: None, background: None, seed, folder: folder.to_owned() };
    let [scan, truth] = simulate(&request).expect("simulated");
    let found = inspect(&scan.display().to_string(), &ReadOptions::default(), OrientationScoring::Score)
        .expect("a scan");
    assert_eq!(found.json["format"], "cxi");
    assert_eq!(found.json["warnings"], serde_json::json!([]), "{:?}", found.warnings);
    assert_eq!(found.json["orientation"]["chosen"], 0);
    assert!(resolution::read_image(&truth).is_ok(), "the truth reads as an image");
    plan(&scan, &ReadOptions::default()).and_then(|plan| read(&plan)).expect("read")
}

#[test]
fn simulated_scans_can_be_inspected_and_repeat() {
    let folder = tempfile::tempdir().expect("a folder");
    for field in [Field::Far, Field::Near] {
        let subject = || Subject::BuiltIn(field, Size::Tiny);
        let first = simulated(folder.path(), subject(), Some(4));
        assert!(
            simulated(folder.path(), subject(), Some(4)) == first,
            "{field:?}: the same seed, the same scan"
        );
        assert!(simulated(folder.path(), subject(), Some(5)) != first, "{field:?}: another seed");
    }
}

#[test]
fn a_result_can_be_simulated_again() {
    let bench = finished();
    let result = bench.path("result.h5").display().to_string();
    // Corners of the patches: the beam's centre less half a frame, from the corner of the object.
    let corners = ndarray::arr2(&[[2.0, 3.0], [10.0, 4.0], [5.0, 12.0], [20.0, 30.0]]);
    let file = hdf5::File::create(bench.path("corners.h5")).expect("created");
    file.new_dataset_builder().with_data(&corners).create("/corners").expect("a dataset");
    drop(file);
    let pixel = bench.truth.pixel.y.value();
    let given = GivenScan {
        object: format!("{result}:/entry/object/data"),
        probe: format!("{result}:/entry/probe/data"),
        positions: format!("{}:/corners", bench.path("corners.h5").display()),
        energy: 2000.0,
        pixel,
    };
    let request = Request {
        subject: Subject::Given(given),
        photons: None,
        background: None,
        seed: None,
        folder: bench.path("again"),
    };
    let [scan, _] = simulate(&request).expect("simulated");
    let found = inspect(&scan.display().to_string(), &ReadOptions::default(), OrientationScoring::Skip)
        .expect("a scan");
    let found_pixel = found.json["object_pixel_m"][0].as_f64().expect("a number");
    assert!((found_pixel / pixel - 1.0).abs() < 1e-9, "{found_pixel}");
    // 18 pixels in y and 27 in x from the first corner to the last.
    let span = read_real(&format!("{}:/entry_1/sample_1/geometry_1/translation", scan.display()))
        .expect("positions");
    assert_eq!(span.shape(), [4, 3]);
    let field = &found.json["scan_field_m"];
    for (axis, pixels) in [(0, 18.0), (1, 27.0)] {
        assert!((field[axis].as_f64().expect("a number") / (pixels * pixel) - 1.0).abs() < 1e-9, "{field}");
    }
}
