//! Volumes: every format written, read back, and its header looked at byte by byte.

use crate::fixtures::{hdf5, number, put};
use crate::stack::text;
use litho_io::{
    Description, IoError, VolumeFormat, VolumeOptions, VolumeReading, VolumeWriter, describe, plan_volume,
    read_result, read_volume, read_volume_slab, write_npy, write_tiff, write_volume,
};
use litho_types::quantity::Metres;
use litho_types::volume::{Volume, VolumeQuantity};
use ndarray::{Array3, ArrayView3, Axis, s};
use std::path::Path;

/// Names of a file in every format.
const NAMES: [&str; 5] = ["v.h5", "v.tif", "v.npy", "v.mrc", "v.zarr"];
/// An edge that is no round number, and reaches its file as a decimal or in single precision.
const VOXEL: f64 = 6.7e-9;

/// Larger than a chunk of Zarr along y and x, odd along every axis, without any symmetry.
pub(crate) fn volume() -> Volume {
    let data =
        Array3::from_shape_fn((5, 67, 131), |(z, y, x)| (z * 9000 + y * 131 + x) as f32 * 0.25 - 700.0);
    Volume { data, quantity: VolumeQuantity::ElectronDensity, voxel: Some(Metres::new(VOXEL)) }
}

pub(crate) fn open(path: &Path, options: &VolumeOptions) -> Result<VolumeReading, IoError> {
    plan_volume(path, options).and_then(|plan| read_volume(&plan))
}

fn bits(data: ArrayView3<'_, f32>) -> Array3<u32> {
    data.mapv(f32::to_bits)
}

#[test]
fn every_format_returns_every_bit_of_what_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut volume = volume();
    volume.data[[1, 2, 3]] = f32::NAN;
    for name in NAMES {
        let path = folder.path().join(name);
        write_volume(&path, None, &volume).expect("written");
        let plan = plan_volume(&path, &VolumeOptions::default()).expect("a plan");
        assert_eq!(Some(plan.format), VolumeFormat::of_path(&path), "{name}");
        let found = read_volume(&plan).expect("read");
        assert_eq!(bits(found.volume.data.view()), bits(volume.data.view()), "{name}");
        assert!(
            found.warnings.iter().any(|w| w.contains("1 of 43885 voxels")),
            "{name}: {:?}",
            found.warnings
        );
        let part = read_volume_slab(&plan, 1..4).expect("slices");
        assert_eq!(bits(part.view()), bits(volume.data.slice(s![1..4, .., ..])), "{name}");
        assert!(read_volume_slab(&plan, 4..6).is_err() && read_volume_slab(&plan, 2..2).is_err(), "{name}");
        let known = found.volume.voxel.map(|voxel| (voxel.value() / VOXEL - 1.0).abs());
        match name {
            // NPY has no place for a voxel, MRC keeps the cell in single precision (ε = 6e-8, two roundings).
            "v.npy" => assert_eq!(known, None),
            "v.mrc" => assert!(known.expect("a voxel") < 2e-7),
            // A decimal of twelve digits, and one rounding of its product.
            _ => assert!(known.expect("a voxel") < 1e-12, "{name}: {known:?}"),
        }
        let told = matches!(name, "v.h5" | "v.tif" | "v.zarr");
        let expected = if told { VolumeQuantity::ElectronDensity } else { VolumeQuantity::Unknown };
        assert_eq!(found.volume.quantity, expected, "{name}");
        let options = VolumeOptions {
            voxel: Some(Metres::new(20e-9)),
            quantity: Some(VolumeQuantity::Delta),
            ..VolumeOptions::default()
        };
        let stated = open(&path, &options).expect("read").volume;
        assert_eq!((stated.voxel, stated.quantity), (Some(Metres::new(20e-9)), VolumeQuantity::Delta));
    }
}

/// Every file under a folder, with its bytes.
fn contents(path: &Path) -> Vec<(String, Vec<u8>)> {
    if path.is_file() {
        return vec![(String::new(), std::fs::read(path).expect("read"))];
    }
    let mut names: Vec<_> =
        std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    let inside = |path: &Path| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        contents(path)
            .into_iter()
            .map(move |(rest, bytes)| (format!("{name}/{rest}"), bytes))
            .collect::<Vec<_>>()
    };
    names.iter().flat_map(|path| inside(path)).collect()
}

#[test]
fn slabs_make_the_same_file_as_the_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let volume = volume();
    for name in ["v.tif", "v.npy", "v.mrc", "v.zarr"] {
        let (whole, pieces) = (folder.path().join(name), folder.path().join("pieces").join(name));
        std::fs::create_dir_all(pieces.parent().expect("a parent")).expect("a folder");
        write_volume(&whole, None, &volume).expect("written");
        let shape = volume.data.dim();
        let begin = || {
            VolumeWriter::create(&pieces, None, shape.into(), volume.quantity, volume.voxel).expect("begun")
        };
        let mut writer = begin();
        for z in [0..2, 2..3, 3..5] {
            writer.put(volume.data.slice(s![z, .., ..])).expect("a slab");
        }
        assert!(!pieces.exists(), "{name} is there before it is complete");
        writer.commit().expect("committed");
        assert_eq!(contents(&whole), contents(&pieces), "{name}");
        let mut short = begin();
        short.put(volume.data.slice(s![0..2, .., ..])).expect("a slab");
        assert!(short.put(volume.data.view()).is_err(), "{name}: too many slices");
        assert!(short.put(volume.data.slice(s![.., .., ..7])).is_err(), "{name}: another width");
        assert!(short.commit().is_err(), "{name}: slices are missing");
        assert_eq!(open(&pieces, &VolumeOptions::default()).expect("the old one").volume.data, volume.data);
        let left: Vec<_> = std::fs::read_dir(pieces.parent().expect("a parent")).expect("listed").collect();
        assert_eq!(left.len(), 1, "{name} leaves nothing behind");
        std::fs::remove_dir_all(pieces.parent().expect("a parent")).expect("removed");
    }
}

#[test]
fn our_hdf5_has_the_promised_names_and_units() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("v.h5");
    write_volume(&path, None, &volume()).expect("written");
    let file = read_result(&path).expect("opened");
    assert_eq!(file.shape("/entry/volume/data").expect("data"), [5, 67, 131]);
    assert_eq!(file.unit("/entry/volume/data").as_deref(), Some("1/angstrom^3"));
    assert_eq!(file.number("/entry/volume/voxel_size").expect("a voxel").to_bits(), VOXEL.to_bits());
    assert_eq!(file.unit("/entry/volume/voxel_size").as_deref(), Some("m"));
    assert_eq!(file.attr_text("/entry/volume", "NX_class").as_deref(), Some("NXdata"));
    assert_eq!(file.attr_text("/entry/volume", "signal").as_deref(), Some("data"));
    for (axis, n) in [("z", 5), ("y", 67), ("x", 131)] {
        let name = format!("/entry/volume/{axis}");
        let values = file.real(&name).expect("an axis");
        assert_eq!((values.len(), file.unit(&name).as_deref()), (n, Some("m")));
        assert_eq!(values[[1]].to_bits(), VOXEL.to_bits());
    }
}

#[test]
fn an_mrc_header_is_that_of_the_standard() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("v.mrc");
    let volume = volume();
    write_volume(&path, None, &volume).expect("written");
    let bytes = std::fs::read(&path).expect("read");
    assert_eq!(bytes.len(), 1024 + 4 * volume.data.len());
    let word = |n: usize| i32::from_le_bytes(bytes[4 * n - 4..4 * n].try_into().expect("four bytes"));
    let real = |n: usize| f32::from_bits(word(n) as u32);
    // Words are counted from 1, as the standard does: NX NY NZ MODE, MX MY MZ, MAPC MAPR MAPS, ISPG, NSYMBT, NVERSION.
    assert_eq!([1, 2, 3, 4, 8, 9, 10].map(word), [131, 67, 5, 2, 131, 67, 5]);
    assert_eq!([17, 18, 19, 23, 24, 28, 56].map(word), [1, 2, 3, 1, 0, 20141, 1]);
    // A voxel of 6.7 nm is 67 Å.
    assert_eq!([11, 12, 13].map(real), [131.0 * 67.0, 67.0 * 67.0, 5.0 * 67.0]);
    assert_eq!([14, 15, 16].map(real), [90.0; 3]);
    assert_eq!(&bytes[208..216], b"MAP \x44\x44\0\0");
    let (low, high) = (volume.data[[0, 0, 0]], volume.data[[4, 66, 130]]);
    let mean = volume.data.iter().map(|&v| f64::from(v)).sum::<f64>() / volume.data.len() as f64;
    let variance = volume.data.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>();
    let rms = (variance / volume.data.len() as f64).sqrt();
    assert_eq!([20, 21].map(real), [low, high]);
    // Single precision, ε = 6e-8 of 9000; the mean of squares cancels to a few 1e-12 in double precision.
    assert!((f64::from(real(22)) - mean).abs() < 1e-3 && (f64::from(real(55)) - rms).abs() < 1e-3);
}

#[test]
fn an_ome_zarr_pyramid_holds_means_and_says_where_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("v.zarr");
    let mut volume = volume();
    volume.data[[4, 66, 130]] = f32::NAN;
    write_volume(&path, None, &volume).expect("written");
    let group: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path.join("zarr.json")).expect("a group")).expect("JSON");
    assert_eq!((group["zarr_format"].as_u64(), group["node_type"].as_str()), (Some(3), Some("group")));
    let ome = &group["attributes"]["ome"];
    assert_eq!(ome["version"], "0.5");
    let multiscale = &ome["multiscales"][0];
    for (axis, name) in ["z", "y", "x"].into_iter().enumerate() {
        let axis = &multiscale["axes"][axis];
        assert_eq!((axis["name"].as_str(), axis["type"].as_str()), (Some(name), Some("space")));
        assert_eq!(axis["unit"], "nanometer");
    }
    // 131 → 66 → 33: the third level fits into one chunk.
    assert_eq!(multiscale["datasets"].as_array().map(Vec::len), Some(3));
    let second = &multiscale["datasets"][1]["coordinateTransformations"];
    assert_eq!(second[0]["scale"][2].as_f64(), Some(13.4));
    assert_eq!(second[1]["translation"][2].as_f64(), Some(3.35));
    let level = |name: &str| {
        let options = VolumeOptions { dataset: Some(name.to_owned()), ..VolumeOptions::default() };
        open(&path, &options).expect("a level").volume
    };
    let (half, quarter) = (level("1"), level("2"));
    assert_eq!((half.data.dim(), quarter.data.dim()), ((3, 34, 66), (2, 17, 33)));
    assert!((half.voxel.expect("a voxel").value() / (2.0 * VOXEL) - 1.0).abs() < 1e-12);
    // The numbers run evenly along the axes: the mean of a block is the value at its middle.
    let middle = |z: f32, y: f32, x: f32| (z * 9000.0 + y * 131.0 + x) * 0.25 - 700.0;
    assert_eq!(half.data[[0, 0, 0]], middle(0.5, 0.5, 0.5));
    assert_eq!(half.data[[1, 20, 64]], middle(2.5, 40.5, 128.5));
    assert_eq!(half.data[[2, 10, 10]], middle(4.0, 20.5, 20.5), "one slice is left over");
    assert_eq!(half.data[[0, 33, 65]], middle(0.5, 66.0, 130.0), "one column is left over");
    assert!(half.data[[2, 33, 65]].is_nan(), "one voxel, and it is not known");
    assert_eq!(quarter.data[[0, 3, 3]], middle(1.5, 13.5, 13.5));
}

#[test]
fn a_zarr_folder_replaces_a_zarr_folder_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("v.zarr");
    let mut volume = volume();
    write_volume(&path, None, &volume).expect("written");
    volume.data.fill(0.0);
    write_volume(&path, None, &volume).expect("written again");
    assert_eq!(open(&path, &VolumeOptions::default()).expect("read").volume.data, volume.data);
    assert!(!path.join("0/c").exists(), "chunks of zeros need no files");
    let other = folder.path().join("precious");
    std::fs::create_dir(&other).expect("a folder");
    std::fs::write(other.join("notes.txt"), "keep").expect("written");
    let error =
        write_volume(&other, Some(VolumeFormat::Zarr), &volume).expect_err("must be refused").to_string();
    assert!(error.contains("no Zarr folder"), "{error}");
    assert!(other.join("notes.txt").exists());
}

#[test]
fn volumes_of_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let expected = volume().data;
    // HDF5 with the voxel in an attribute of the dataset, an axis of length 1, and other datasets beside it.
    let path = folder.path().join("other.h5");
    let file = hdf5(&path);
    put(&file, "recon", expected.mapv(f64::from).insert_axis(Axis(0)).view());
    put(&file, "theta", &[0.0, 1.0]);
    let dataset = file.dataset("recon").expect("a dataset");
    dataset.new_attr::<f64>().create("voxel_size").and_then(|a| a.write_scalar(&2e-8)).expect("an attribute");
    drop((file, dataset));
    let found = open(&path, &VolumeOptions::default()).expect("the only volume").volume;
    assert_eq!((&found.data, found.voxel), (&expected, Some(Metres::new(2e-8))));
    // A voxel with a unit beside the dataset.
    let path = folder.path().join("unit.h5");
    let file = hdf5(&path);
    put(&file, "recon", expected.view());
    number(&file, "voxel_size", 20.0);
    text(&file.dataset("voxel_size").expect("a voxel"), "units", "nm");
    drop(file);
    let voxel = open(&path, &VolumeOptions::default()).expect("read").volume.voxel.expect("a voxel");
    assert!((voxel.value() / 2e-8 - 1.0).abs() < 1e-12);
    // A folder of images, and double precision in NPY, in FORTRAN's order too.
    let images = folder.path().join("slices");
    std::fs::create_dir(&images).expect("a folder");
    for (z, slice) in expected.outer_iter().enumerate() {
        write_tiff(&images.join(format!("s{}.tif", z + 8)), slice, None).expect("written");
    }
    assert_eq!(open(&images, &VolumeOptions::default()).expect("read").volume.data, expected);
    let path = folder.path().join("double.npy");
    write_npy(&path, &expected.mapv(f64::from)).expect("written");
    assert_eq!(open(&path, &VolumeOptions::default()).expect("read").volume.data, expected);
    let reversed = expected.view().reversed_axes().as_standard_layout().into_owned();
    write_npy(&path, &reversed).expect("written");
    let header = std::fs::read(&path).expect("read");
    let mut fortran = String::from_utf8_lossy(&header[..128]).replace("(131, 67, 5,)", "(5, 67, 131,)");
    fortran = fortran.replace("'fortran_order': False", "'fortran_order': True ");
    let preamble = [&header[..10], &fortran.as_bytes()[fortran.len() - 118..], &header[128..]].concat();
    std::fs::write(&path, preamble).expect("written");
    assert_eq!(open(&path, &VolumeOptions::default()).expect("read").volume.data, expected);
}

#[test]
fn files_are_described_as_what_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in NAMES {
        let path = folder.path().join(name);
        write_volume(&path, None, &volume()).expect("written");
        let found = describe(&path).expect("read").expect("known");
        assert!(matches!(&found, Description::Volume(plan) if plan.shape == [5, 67, 131]), "{name}");
        assert!(found.format().starts_with("volume, "), "{}", found.format());
    }
    let path = folder.path().join("scan.nxs");
    crate::tilts::nxtomo(&path, &[0, 1, 2, 3]);
    let found = describe(&path).expect("read").expect("known");
    assert_eq!((found.format().as_str(), found.ingredients().len()), ("tilt series, nxtomo", 6));
    let path = folder.path().join("scan.cxi");
    litho_io::write_cxi(&path, &crate::fixtures::scan()).expect("written");
    assert_eq!(describe(&path), Ok(None));
}
