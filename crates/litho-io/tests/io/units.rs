//! Dialects: the same scan told in other units, shapes and places.

use crate::fixtures::{COUNT, SIDE, hdf5, number, put, replace, scan};
use litho_io::{
    Format, KeyNames, LengthUnit, PositionSense, ReadOptions, plan, read, read_complex, write_cxi, write_scan,
};
use litho_types::scan::{Positions, Scan};
use ndarray::{Array1, Array2, Array3, Array4};
use std::path::Path;

const SOURCE: &str = "/entry_1/instrument_1/source_1";
const BASIS: &str = "/entry_1/instrument_1/detector_1/basis_vectors";
const TRANSLATION: &str = "/entry_1/sample_1/geometry_1/translation";

fn open(path: &Path, options: &ReadOptions) -> Scan {
    read(&plan(path, options).expect("planned")).expect("read")
}

fn energy(path: &Path) -> f64 {
    plan(path, &ReadOptions::default()).expect("planned").geometry.expect("known").energy.value()
}

fn beam(scan: &Scan) -> Vec<[f64; 2]> {
    match &scan.positions {
        Positions::Metres(all) => all.iter().map(|p| [p.y.value(), p.x.value()]).collect(),
        Positions::Pixels(all) => all.iter().map(|p| [p.y.value(), p.x.value()]).collect(),
    }
}

#[test]
fn cxi_energy_in_joules_electronvolts_or_as_wavelength() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.cxi");
    write_cxi(&path, &scan()).expect("written");
    let near = |value: f64| assert!((value - 8000.0).abs() < 1e-8, "{value}");
    near(energy(&path));
    replace(&path, &format!("{SOURCE}/energy"), ndarray::arr0(8000.0).view());
    near(energy(&path));
    // 6 GeV is the storage ring's, so the wavelength counts.
    replace(&path, &format!("{SOURCE}/energy"), ndarray::arr0(6e9).view());
    near(energy(&path));
    hdf5::File::open_rw(&path).expect("opened").unlink(&format!("{SOURCE}/energy")).expect("unlinked");
    near(energy(&path));
    let file = hdf5::File::open_rw(&path).expect("opened");
    number(&file, &format!("{SOURCE}/energy"), 8.0);
    let unit: hdf5::types::VarLenUnicode = "keV".parse().expect("text");
    let dataset = file.dataset(&format!("{SOURCE}/energy")).expect("a dataset");
    dataset.new_attr_builder().with_data(ndarray::arr0(unit).view()).create("units").expect("an attribute");
    drop((dataset, file));
    near(energy(&path));
}

#[test]
fn cxi_basis_vectors_may_be_transposed_and_turn_the_beam() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.cxi");
    write_cxi(&path, &scan()).expect("written");
    let p = 75e-6;
    // (3, 2), columns are the steps: rows −y, columns −x, the default.
    replace(&path, BASIS, ndarray::arr2(&[[0.0, -p], [-p, 0.0], [0.0, 0.0]]).view());
    assert_eq!(open(&path, &ReadOptions::default()), scan());
    // Columns along +x: beam x = −t_x, so the sign of x turns.
    replace(&path, BASIS, ndarray::arr2(&[[0.0, -p, 0.0], [p, 0.0, 0.0]]).view());
    let turned: Vec<[f64; 2]> = beam(&scan()).iter().map(|[y, x]| [*y, -x]).collect();
    assert_eq!(beam(&open(&path, &ReadOptions::default())), turned);
}

#[test]
fn cxi_positions_may_be_the_beams() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.cxi");
    write_cxi(&path, &scan()).expect("written");
    let options = ReadOptions { position_sense: Some(PositionSense::Beam), ..ReadOptions::default() };
    let turned: Vec<[f64; 2]> = beam(&scan()).iter().map(|[y, x]| [-y, -x]).collect();
    assert_eq!(beam(&open(&path, &options)), turned);
}

#[test]
fn nexus_motors_of_a_raster_make_one_position_per_frame() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.nxs");
    write_scan(&path, &scan(), Format::NxCxiPtycho).expect("written");
    let file = hdf5::File::open_rw(&path).expect("opened");
    for name in [TRANSLATION, "/entry_1/data_1/translation", "/entry_1/instrument_1/detector_1/translation"] {
        file.unlink(name).expect("unlinked");
    }
    let frames = Array4::<u16>::ones((2, 3, SIDE, SIDE));
    file.unlink("/entry_1/instrument_1/detector_1/data").expect("unlinked");
    put(&file, "/entry_1/instrument_1/detector_1/data", frames.view());
    let unit: hdf5::types::VarLenUnicode = "um".parse().expect("text");
    for (axis, values) in [("y", vec![0.0, 1.0]), ("x", vec![5.0, 6.0, 7.0])] {
        let name = format!("/entry_1/sample_1/transformations/{axis}");
        put(&file, &name, Array1::from(values).view());
        let dataset = file.dataset(&name).expect("a dataset");
        dataset
            .new_attr_builder()
            .with_data(ndarray::arr0(unit.clone()).view())
            .create("units")
            .expect("unit");
    }
    drop(file);
    let found = beam(&plan(&path, &ReadOptions::default()).and_then(|p| read(&p)).expect("read"));
    let expected = [[0.0, 5.0], [0.0, 6.0], [0.0, 7.0], [1.0, 5.0], [1.0, 6.0], [1.0, 7.0]];
    assert_eq!(found, expected.map(|p| p.map(|v| v * 1e-6)));
}

#[test]
fn a_pty_chi_pair_without_energy_is_in_pixels() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan_dp.hdf5");
    write_scan(&path, &scan(), Format::Ptychodus).expect("written");
    let para = hdf5::File::open_rw(folder.path().join("scan_para.hdf5")).expect("opened");
    para.delete_attr("probe_energy_eV").expect("deleted");
    drop(para);
    let found = open(&path, &ReadOptions::default());
    assert_eq!(found.geometry, None);
    let pixel = scan().object_pixel().expect("known").y.value();
    for ([y, x], [expected_y, expected_x]) in beam(&found).into_iter().zip(beam(&scan())) {
        assert!((y - expected_y / pixel).abs() < 1e-9 && (x - expected_x / pixel).abs() < 1e-9);
    }
}

#[test]
fn ptyd_chunks_follow_their_indices() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.ptyd");
    let file = hdf5(&path);
    number(&file, "/meta/energy", 8.0);
    number(&file, "/meta/distance", 2.0);
    number(&file, "/meta/psize", 75e-6);
    // Stored under names that do not sort as the frames do.
    for (name, first) in [("0", 2_usize), ("10", 4), ("9", 0)] {
        let chunk = |what: &str| format!("/chunks/{name}/{what}");
        put(&file, &chunk("data"), Array3::from_elem((2, SIDE, SIDE), first as u16 + 1).view());
        put(&file, &chunk("indices"), Array1::from(vec![first as i64, first as i64 + 1]).view());
        let position =
            Array2::from_shape_fn((2, 2), |(n, axis)| (first + n) as f64 * 1e-6 + axis as f64 * 1e-7);
        put(&file, &chunk("positions"), position.view());
        let mut weights = Array3::<f32>::from_elem((2, SIDE, SIDE), 0.5);
        weights[(1, first, 0)] = 0.0;
        put(&file, &chunk("weights"), weights.view());
    }
    drop(file);
    let found = open(&path, &ReadOptions::default());
    assert_eq!(
        (0..6).map(|n| found.frames.frame(n)[(0, 0)]).collect::<Vec<_>>(),
        [1.0, 1.0, 3.0, 3.0, 5.0, 5.0]
    );
    assert_eq!(beam(&found)[5], [5.0 * 1e-6, 5.0 * 1e-6 + 1e-7]);
    assert_eq!(found.mask.good_count(), SIDE * SIDE - 3, "a pixel bad in one frame is bad in all");
    assert_eq!(found.geometry.expect("known").energy.value(), 8000.0);
}

#[test]
fn positions_come_from_a_table_or_another_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.cxi");
    write_cxi(&path, &scan()).expect("written");
    let expected: Vec<[f64; 2]> = (0..COUNT).map(|n| [n as f64 * 2.0 * 1e-6, n as f64 * -1e-6]).collect();
    let table = folder.path().join("positions.csv");
    let lines: Vec<String> = (0..COUNT).map(|n| format!("{},{}", n * 2, -(n as i64))).collect();
    std::fs::write(&table, lines.join("\n")).expect("written");
    let other = folder.path().join("motors.h5");
    let array = Array2::from_shape_fn((2, COUNT), |(axis, n)| n as f64 * [2.0, -1.0][axis]);
    put(&hdf5(&other), "/motors", array.view());
    for spec in
        [table.display().to_string(), format!("{}:/motors", other.display()), other.display().to_string()]
    {
        let keys = KeyNames { position_unit: Some(LengthUnit::Micrometre), ..KeyNames::default() };
        let options = ReadOptions { positions: Some(spec), keys, ..ReadOptions::default() };
        assert_eq!(beam(&open(&path, &options)), expected);
    }
}

#[test]
fn pixels_become_metres_when_the_geometry_is_given() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.h5");
    write_scan(&path, &scan(), Format::Tike).expect("written");
    let geometry = scan().geometry.expect("known");
    let options = ReadOptions {
        energy: Some(geometry.energy),
        distance: Some(geometry.distance),
        detector_pixel: Some(geometry.detector_pixel.y),
        ..ReadOptions::default()
    };
    let found = open(&path, &options);
    assert_eq!(found.geometry, scan().geometry);
    for ([y, x], [expected_y, expected_x]) in beam(&found).into_iter().zip(beam(&scan())) {
        assert!((y - expected_y).abs() < 1e-18 && (x - expected_x).abs() < 1e-18);
    }
    assert!(plan(&path, &ReadOptions { energy: options.energy, ..ReadOptions::default() }).is_err());
}

#[test]
fn matlab_complex_is_read_and_other_compounds_are_refused() {
    #[derive(hdf5::H5Type, Clone, Copy)]
    #[repr(C)]
    struct Matlab {
        real: f64,
        imag: f64,
    }
    #[derive(hdf5::H5Type, Clone, Copy)]
    #[repr(C)]
    struct Other {
        re: f32,
        im: f32,
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("probe.mat");
    let file = hdf5(&path);
    put(&file, "/probe", ndarray::arr1(&[Matlab { real: 1.5, imag: -2.5 }]).view());
    put(&file, "/other", ndarray::arr1(&[Other { re: 1.5, im: -2.5 }]).view());
    put(&file, "/double", ndarray::arr1(&[num_complex::Complex::new(0.25_f64, 4.0)]).view());
    drop(file);
    let spec = |name: &str| format!("{}:{name}", path.display());
    assert_eq!(read_complex(&spec("/probe")).expect("read")[[0]], num_complex::Complex::new(1.5, -2.5));
    assert_eq!(read_complex(&spec("/double")).expect("read")[[0]], num_complex::Complex::new(0.25, 4.0));
    let text = read_complex(&spec("/other")).expect_err("unknown members").to_string();
    assert!(text.contains("{re, im}") && text.contains("{real, imag}"), "{text}");
}
