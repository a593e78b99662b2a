//! Files of maps: what is written is read back, and what makes no file is refused.

use crate::fixtures::{hdf5, put};
use litho_io::{Map, MapSet, StatusMap, Table, TableData, read_maps, read_result, write_maps};
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::{Array2, arr1, arr2};

fn map(name: &str, start: f32, sigma: bool) -> Map {
    let values = Array2::from_shape_fn((3, 4), |(y, x)| start + (4 * y + x) as f32);
    Map {
        name: name.to_owned(),
        sigma: sigma.then(|| values.mapv(|v| 0.01 * v)),
        values,
        unit: "eV".to_owned(),
        long_name: format!("the {name}"),
    }
}

fn set() -> MapSet {
    let labels = arr2(&[[0_u32, 1, 2, 1]]).into_dyn();
    MapSet {
        maps: vec![map("edge_energy", 5480.0, true), map("r_l2", 0.0, false), map("zeta", 1.0, true)],
        status: Some(StatusMap {
            values: Array2::from_shape_fn((3, 4), |(y, _)| y as u8 * 7),
            meanings: vec![(0, "fitted".to_owned()), (7, "a value is missing".to_owned())],
        }),
        // Powers of two, so that steps and sums of steps are exact.
        pixel: Some(Point::new(Metres::new(0.5_f64.powi(26)), Metres::new(0.5_f64.powi(25)))),
        tables: vec![
            Table {
                path: "choice/k".to_owned(),
                data: TableData::Real(arr1(&[1.0, 6.0]).into_dyn()),
                unit: String::new(),
            },
            Table {
                path: "clusters/centre".to_owned(),
                data: TableData::Real(arr2(&[[5481.5, 0.2]]).into_dyn()),
                unit: "eV".to_owned(),
            },
            Table { path: "clusters/label".to_owned(), data: TableData::Label(labels), unit: String::new() },
        ],
    }
}

#[test]
fn maps_status_and_tables_survive() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("maps.h5");
    write_maps(&path, &set()).expect("written");
    assert_eq!(read_maps(&path).expect("read"), set());
    let file = read_result(&path).expect("opened");
    assert_eq!(file.attr_text("/entry/maps", "signal").as_deref(), Some("edge_energy"));
    assert_eq!(file.attr_text("/entry/maps/status", "meaning_7").as_deref(), Some("a value is missing"));
    assert_eq!(file.unit("/entry/maps/edge_energy_sigma").as_deref(), Some("eV"));
    assert_eq!(read_maps(&path).expect("read").map("r_l2").map(|map| map.values[[2, 3]]), Some(11.0));
}

#[test]
fn tables_alone_and_maps_without_a_pixel_are_files_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("maps.h5");
    let alone = MapSet { tables: set().tables, ..MapSet::default() };
    write_maps(&path, &alone).expect("written");
    assert_eq!(read_maps(&path).expect("read"), alone);
    let unscaled = MapSet { pixel: None, ..set() };
    write_maps(&path, &unscaled).expect("written");
    assert_eq!(read_maps(&path).expect("read"), unscaled);
}

#[test]
fn what_makes_no_file_of_maps_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("maps.h5");
    let refused = |set: &MapSet, words: &[&str]| {
        let text = write_maps(&path, set).expect_err("refused").to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 0);
    };
    let with = |map: Map| MapSet { maps: vec![self::map("a", 0.0, true), map], ..MapSet::default() };
    refused(&with(map("a", 0.0, false)), &["a", "taken"]);
    refused(&with(map("a_sigma", 0.0, false)), &["a_sigma", "taken"]);
    refused(&with(map("status", 0.0, false)), &["status", "taken"]);
    refused(&with(map("b/c", 0.0, false)), &["b/c", "no /"]);
    refused(&with(map("", 0.0, false)), &["no /"]);
    let other = Map { values: Array2::zeros((3, 5)), ..map("b", 0.0, false) };
    refused(&with(other), &["b", "(3, 5)", "(3, 4)"]);
    let status = Some(StatusMap { values: Array2::zeros((1, 1)), meanings: Vec::new() });
    refused(&MapSet { status, ..set() }, &["status", "(1, 1)"]);
}

#[test]
fn files_without_maps_and_maps_of_unlike_shape_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("other.h5");
    let file = hdf5(&path);
    put(&file, "numbers", &[1.0, 2.0]);
    drop(file);
    let text = read_maps(&path).expect_err("no maps").to_string();
    assert!(text.contains("/entry/maps") && text.contains("/numbers"), "{text}");
    let file = hdf5(&path);
    file.create_group("entry/maps").expect("a group");
    put(&file, "entry/maps/a", arr2(&[[1.0_f32, 2.0]]).view());
    put(&file, "entry/maps/b", arr2(&[[1.0_f32]]).view());
    drop(file);
    let text = read_maps(&path).expect_err("two shapes").to_string();
    assert!(text.contains("/entry/maps/b") && text.contains("[1, 1]"), "{text}");
}
