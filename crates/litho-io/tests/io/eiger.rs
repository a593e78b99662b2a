//! EIGER masters: links that lead nowhere, gaps, and frames that did not come.

use crate::fixtures::{SIDE, hdf5, number, put};
use litho_io::{Format, IoError, ReadOptions, plan, read};
use litho_types::mask::bits;
use litho_types::quantity::Metres;
use litho_types::scan::Positions;
use ndarray::{Array2, Array3};
use std::path::{Path, PathBuf};

const PER_FILE: usize = 3;

/// A master that links `files` data files numbered from `from`, of which only `present` exist.
/// Frame `n` of the acquisition holds `n + 1` everywhere.
fn master(folder: &Path, from: usize, files: usize, present: &[usize]) -> PathBuf {
    let path = folder.join("run_master.h5");
    let file = hdf5(&path);
    file.create_group("/entry/data").expect("a group");
    for slot in 0..files {
        let number = slot + from;
        let name = format!("run_data_{number:06}.h5");
        file.link_external(&name, "/entry/data/data", &format!("/entry/data/data_{number:06}"))
            .expect("linked");
        if present.contains(&slot) {
            let frames =
                Array3::from_shape_fn((PER_FILE, SIDE, SIDE), |(n, ..)| (slot * PER_FILE + n + 1) as u32);
            put(&hdf5(&folder.join(&name)), "/entry/data/data", frames.view());
        }
    }
    let specific = |name: &str| format!("/entry/instrument/detector/detectorSpecific/{name}");
    number(&file, &specific("nimages"), (files * PER_FILE) as f64);
    number(&file, &specific("ntrigger"), 1.0);
    number(&file, &specific("photon_energy"), 8000.0);
    number(&file, "/entry/instrument/detector/detector_distance", 2.0);
    number(&file, "/entry/instrument/detector/x_pixel_size", 75e-6);
    number(&file, "/entry/instrument/detector/y_pixel_size", 75e-6);
    number(&file, "/entry/instrument/detector/bit_depth_image", 32.0);
    let mut mask = Array2::<u32>::zeros((SIDE, SIDE));
    mask[(0, 0)] = 1;
    put(&file, &specific("pixel_mask"), mask.view());
    path
}

/// A table with one position per acquired frame: frame n at y = n µm.
fn positions(folder: &Path, count: usize) -> ReadOptions {
    let path = folder.join("motors.txt");
    let lines: Vec<String> = (0..count).map(|n| format!("{n}e-6 0.0")).collect();
    std::fs::write(&path, lines.join("\n")).expect("written");
    ReadOptions { positions: Some(path.display().to_string()), ..ReadOptions::default() }
}

fn frame_numbers(path: &Path, options: &ReadOptions) -> (Vec<u32>, Vec<f64>, Vec<String>) {
    let plan = plan(path, options).expect("planned");
    assert_eq!(plan.format, Format::Eiger);
    let scan = read(&plan).expect("read");
    let numbers = (0..scan.frames.len()).map(|n| scan.frames.frame(n)[(4, 4)] as u32 - 1).collect();
    let Positions::Metres(positions) = &scan.positions else { panic!("metres") };
    (numbers, positions.iter().map(|p| (p.y.value() * 1e6).round()).collect(), scan.warnings)
}

#[test]
fn links_are_numbered_from_zero_or_from_one() {
    for from in [0, 1] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = master(folder.path(), from, 2, &[0, 1]);
        let (frames, y, warnings) = frame_numbers(&path, &positions(folder.path(), 6));
        assert_eq!(frames, [0, 1, 2, 3, 4, 5]);
        assert_eq!(y, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(warnings, vec!["the mean frame is too even to tell where the direct beam lies: zero frequency is taken to lie at the centre; state its place if that is wrong".to_owned()]);
    }
}

#[test]
fn a_lost_file_takes_its_positions_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = master(folder.path(), 1, 3, &[0, 2]);
    let (frames, y, warnings) = frame_numbers(&path, &positions(folder.path(), 9));
    assert_eq!(frames, [0, 1, 2, 6, 7, 8]);
    assert_eq!(y, [0.0, 1.0, 2.0, 6.0, 7.0, 8.0]);
    let lost = warnings.iter().find(|w| w.contains("3 of 9 frames are lost")).expect("told");
    assert!(lost.contains("data_000002") && lost.contains("run_data_000002.h5"), "{lost}");
}

#[test]
fn a_master_whose_links_all_dangle_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = master(folder.path(), 1, 2, &[]);
    let error = plan(&path, &positions(folder.path(), 6)).expect_err("no frame");
    assert!(
        matches!(&error, IoError::Dangling { .. }) && error.to_string().contains("run_data_000001.h5"),
        "{error}"
    );
}

#[test]
fn pixels_without_a_reading_are_masked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = master(folder.path(), 1, 1, &[0]);
    let mut frames = Array3::<u32>::ones((PER_FILE, SIDE, SIDE));
    frames.slice_mut(ndarray::s![.., 2, 2]).fill(u32::MAX);
    frames[(1, 5, 6)] = u32::MAX;
    let data = folder.path().join("run_data_000001.h5");
    std::fs::remove_file(&data).expect("removed");
    put(&hdf5(&data), "/entry/data/data", frames.view());
    let scan = read(&plan(&path, &positions(folder.path(), 3)).expect("planned")).expect("read");
    let mask = scan.mask.bits();
    assert_eq!((mask[(2, 2)], mask[(5, 6)], mask[(0, 0)]), (bits::MISSING, bits::SATURATED, bits::MISSING));
    assert_eq!(scan.mask.good_count(), SIDE * SIDE - 3);
    assert_eq!(scan.frames.frame(1)[(5, 6)], 0.0);
}

#[test]
fn positions_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = master(folder.path(), 1, 1, &[0]);
    let error = plan(&path, &ReadOptions::default()).expect_err("no positions");
    assert!(error.to_string().contains("--positions"), "{error}");
    let options = ReadOptions { distance: Some(Metres::new(1.0)), ..positions(folder.path(), 3) };
    assert_eq!(plan(&path, &options).expect("planned").geometry.expect("known").distance, Metres::new(1.0));
}
