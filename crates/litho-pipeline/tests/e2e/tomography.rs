//! From simulated tilt series and scans to volumes that agree with the truth.

use litho_io::{TiltOptions, plan_tilts, read_result, read_tilts, write_tilts};
use litho_pipeline::align::{self, AlignConfig};
use litho_pipeline::reconstruct::Status;
use litho_pipeline::resolution::{of_results, of_tilts};
use litho_pipeline::run::{Request, Summary, run};
use litho_pipeline::simulate::tilts::{Request as Simulation, Size, Subject, simulate};
use litho_pipeline::tomo::{self, TomoConfig};
use litho_types::observer::{CancelToken, Silent};
use litho_types::tilt_series::{Projections, TiltSeries};
use ndarray::{Array3, Ix3};
use std::path::{Path, PathBuf};

/// The tiny experiment, its tilt series alone or with scans at every angle.
pub(crate) fn day(folder: &Path, subject: Subject, projections: bool) {
    let folder = folder.to_owned();
    let simulation =
        Simulation { subject, size: Size::Tiny, seed: Some(3), photons: None, projections, folder };
    simulate(&simulation, &CancelToken::new(), &mut |_| {}).expect("simulated");
}

pub(crate) fn align_file(tilts: &Path, output: &Path, config: AlignConfig) -> align::Summary {
    let request = align::Request { tilts: tilts.to_owned(), output: output.to_owned(), config };
    align::align(&request, &mut Silent, &CancelToken::new()).expect("aligned")
}

fn volume_of(tilts: &Path, output: &Path, config: TomoConfig) -> tomo::Summary {
    let request = tomo::Request { tilts: tilts.to_owned(), output: output.to_owned(), config };
    tomo::tomo(&request, &mut Silent, &CancelToken::new()).expect("reconstructed")
}

fn voxels(path: &Path) -> Array3<f32> {
    let file = read_result(path).expect("a file");
    let data = file.real_f32("/entry/volume/data").expect("a volume");
    data.into_dimensionality::<Ix3>().expect("(z, y, x)")
}

fn finished(request: &Request) -> Summary {
    let summary = run(request, &mut Silent, &CancelToken::new()).expect("done");
    assert_eq!(summary.status, Status::Done);
    summary
}

/// The number that follows these words in one of the lines.
fn number_after(lines: &[String], words: &str) -> f64 {
    let line =
        lines.iter().find_map(|line| line.split_once(words)).unwrap_or_else(|| panic!("{words}: {lines:?}"));
    line.1.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a number")
}

#[test]
fn a_wrapped_tilt_series_becomes_electrons_per_cubic_angstrom() {
    let folder = tempfile::tempdir().expect("a folder");
    day(folder.path(), Subject::Nmc, true);
    let request = Request {
        experiment: folder.path().join("nmc.toml"),
        folder: folder.path().join("out"),
        from: None,
        threads: 0,
    };
    let first = finished(&request);
    // 32 angles, 5.6° apart, leave displacements of a pixel open, which blur edges into the few voxels deep inside; a factor
    // of units, a lost turn of the phase or a ramp would be off by tens of per cent.
    let ratio = number_after(&first.lines, "density inside matter");
    assert!((ratio - 1.0).abs() < 0.05, "{:?}", first.lines);
    let html = std::fs::read_to_string(&first.output).expect("a report");
    for heading in ["Volume", "Density", "Alignment", "Projections"] {
        assert!(html.contains(heading), "{heading}");
    }
    let second = finished(&request);
    let kept = second.lines.iter().filter(|line| line.ends_with("nothing changed, the result is there"));
    assert_eq!(kept.count(), 2, "align and tomo: {:?}", second.lines);
    let again = finished(&Request { from: Some("tomo".to_owned()), ..request });
    assert_eq!(again.lines.iter().filter(|line| line.contains("nothing changed")).count(), 1);
}

#[test]
fn scans_at_every_angle_become_a_volume() {
    let folder = tempfile::tempdir().expect("a folder");
    day(folder.path(), Subject::Nmc, false);
    let request = Request {
        experiment: folder.path().join("nmc.toml"),
        folder: folder.path().join("out"),
        from: None,
        threads: 0,
    };
    let summary = finished(&request);
    // 32 voxels across hold few that lie deep inside: 5 %.
    let ratio = number_after(&summary.lines, "density inside matter");
    assert!((ratio - 1.0).abs() < 0.05, "{:?}", summary.lines);
}

#[test]
fn placements_of_one_energy_serve_the_other_channel() {
    let folder = tempfile::tempdir().expect("a folder");
    day(folder.path(), Subject::Lfp, true);
    let at = |name: &str| folder.path().join(name);
    let (od, phase) = (at("od.h5"), at("phase.h5"));
    let channel = |name: &str| Some(name.to_owned());
    align_file(&at("lfp_708.h5"), &od, AlignConfig { quantity: channel("od"), ..AlignConfig::default() });
    let config = AlignConfig {
        quantity: channel("phase"),
        placements: Some(od.display().to_string()),
        ..AlignConfig::default()
    };
    align_file(&at("lfp_708.h5"), &phase, config);
    let shifts = |path: &PathBuf| read_result(path).unwrap().real("/entry/alignment/shift").unwrap();
    assert_eq!(shifts(&od), shifts(&phase));
    let series = |path: &PathBuf| {
        let plan = plan_tilts(path, &TiltOptions::default()).expect("a series");
        read_tilts(&plan).expect("readable").series.into_parts().1
    };
    assert!(matches!(series(&od), Projections::OpticalDensity(_)));
    assert!(matches!(series(&phase), Projections::Phase(_)));
}

#[test]
fn every_method_gives_the_same_volume_and_every_format_holds_it() {
    let folder = tempfile::tempdir().expect("a folder");
    day(folder.path(), Subject::Nmc, true);
    let at = |name: &str| folder.path().join(name);
    let aligned = at("aligned.h5");
    align_file(&at("nmc.h5"), &aligned, AlignConfig::default());
    let with = |method: &str, iterations: Option<usize>| TomoConfig {
        method: Some(method.to_owned()),
        iterations,
        ..TomoConfig::default()
    };
    volume_of(&aligned, &at("fbp.h5"), TomoConfig::default());
    let reference = voxels(&at("fbp.h5"));
    let size = |volume: &Array3<f32>| volume.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    for (method, iterations) in
        [("cgls", Some(12)), ("art", Some(12)), ("sart", Some(12)), ("fourier", None), ("tv", Some(12))]
    {
        let path = at(&format!("{method}.h5"));
        volume_of(&aligned, &path, with(method, iterations));
        let off = size(&(&voxels(&path) - &reference)) / size(&reference);
        // Few angles leave streaks, which each method fills in its own way.
        assert!(off < 0.35, "{method} differs by {off}");
    }
    for name in ["volume.tif", "volume.mrc", "volume.zarr", "volume.npy"] {
        let summary = volume_of(&aligned, &at(name), TomoConfig::default());
        assert_eq!(summary.status, Status::Done);
        let same = of_results(&at("fbp.h5"), Some(&at(name))).expect("two volumes");
        assert!(same.lines[0].contains("reaches the pixel limit"), "{name}: {:?}", same.lines);
    }
}

#[test]
fn halves_of_a_series_tell_resolution_and_noise() {
    let folder = tempfile::tempdir().expect("a folder");
    day(folder.path(), Subject::Nmc, true);
    let (aligned, volume) = (folder.path().join("aligned.h5"), folder.path().join("volume.h5"));
    align_file(&folder.path().join("nmc.h5"), &aligned, AlignConfig::default());
    volume_of(&aligned, &volume, TomoConfig { split: Some(true), ..TomoConfig::default() });
    let stored = of_results(&volume, None).expect("halves");
    let split = of_tilts(&aligned, TomoConfig::default(), &mut Silent, &CancelToken::new());
    assert_eq!(split.expect("halves").expect("not interrupted").lines, stored.lines);
    assert!(stored.lines[0].starts_with("FSC ½-bit: "), "{:?}", stored.lines);
    let file = read_result(&volume).expect("a file");
    let sigma = file.real("/entry/sigma/data").expect("a map");
    assert_eq!(sigma.shape(), file.shape("/entry/volume/data").expect("a volume"));
    assert!(sigma.iter().filter(|sigma| sigma.is_finite()).all(|sigma| *sigma >= 0.0));
}

#[test]
fn results_have_the_same_bits_for_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    day(folder.path(), Subject::Nmc, true);
    let volumes = [1, 3].map(|threads| {
        let at = |name: &str| folder.path().join(format!("{name}{threads}.h5"));
        let threads = Some(threads);
        align_file(
            &folder.path().join("nmc.h5"),
            &at("aligned"),
            AlignConfig { threads, ..AlignConfig::default() },
        );
        volume_of(&at("aligned"), &at("volume"), TomoConfig { threads, ..TomoConfig::default() });
        voxels(&at("volume"))
    });
    assert_eq!(volumes[0], volumes[1]);
}

#[test]
fn missing_pixels_and_unsorted_angles_are_repaired_and_said() {
    let folder = tempfile::tempdir().expect("a folder");
    day(folder.path(), Subject::Nmc, true);
    let (series, aligned) = (folder.path().join("nmc.h5"), folder.path().join("aligned.h5"));
    align_file(&series, &aligned, AlignConfig::default());
    let plan = plan_tilts(&aligned, &TiltOptions::default()).expect("a series");
    let (angles, projections) = read_tilts(&plan).expect("readable").series.into_parts();
    let Projections::Phase(mut phases) = projections else { panic!("phases") };
    phases[[1, 2, 3]] = f32::NAN;
    let holes = folder.path().join("holes.h5");
    let series =
        TiltSeries::new(angles, Projections::Phase(phases), plan.pixel, plan.energy).expect("a series");
    write_tilts(&holes, &series).expect("written");
    let summary = align_file(
        &holes,
        &folder.path().join("still.h5"),
        AlignConfig { model: Some("none".to_owned()), ..AlignConfig::default() },
    );
    assert!(summary.warnings.iter().any(|warning| warning.contains("1 of")), "{:?}", summary.warnings);
    volume_of(&folder.path().join("still.h5"), &folder.path().join("v.h5"), TomoConfig::default());
    assert!(voxels(&folder.path().join("v.h5")).iter().all(|value| value.is_finite()));
}
