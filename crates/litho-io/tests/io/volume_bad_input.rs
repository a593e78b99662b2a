//! Volumes that cannot be read or written: every case is an error that says what and where, and takes no memory first.

use crate::fixtures::{hdf5, put};
use crate::volume::{open, volume};
use litho_io::{IoError, VolumeFormat, VolumeOptions, write_volume};
use litho_types::quantity::Metres;
use litho_types::volume::{Volume, VolumeQuantity};
use ndarray::Array3;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The error of reading `path`; its message must hold every one of `words`.
fn refused(path: &Path, options: &VolumeOptions, words: &[&str]) -> IoError {
    let error = open(path, options).expect_err("must be refused");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in: {text}");
    }
    error
}

/// A small valid file to spoil.
fn valid(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    let data = Array3::from_shape_fn((3, 4, 5), |(z, y, x)| (z * 20 + y * 5 + x) as f32);
    let small = Volume { data, quantity: VolumeQuantity::Delta, voxel: Some(Metres::new(1e-8)) };
    write_volume(&path, None, &small).expect("written");
    (folder, path)
}

#[test]
fn files_that_end_too_early() {
    for name in ["v.npy", "v.mrc", "v.tif", "v.h5"] {
        let (_folder, path) = valid(name);
        let bytes = std::fs::read(&path).expect("read");
        for keep in [0, 7, 100, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..keep]).expect("written");
            refused(&path, &VolumeOptions::default(), &[name]);
        }
    }
    let (_folder, path) = valid("v.zarr");
    let chunk = path.join("0/c/0/0/0");
    let bytes = std::fs::read(&chunk).expect("read");
    std::fs::write(&chunk, &bytes[..bytes.len() / 2]).expect("written");
    refused(&path, &VolumeOptions::default(), &["0/c/0/0/0", "the chunk"]);
}

#[test]
fn headers_that_announce_more_than_there_can_be() {
    let (_folder, path) = valid("v.mrc");
    let good = std::fs::read(&path).expect("read");
    let with = |at: usize, word: i32| {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        std::fs::write(&path, bytes).expect("written");
    };
    with(0, i32::MAX);
    refused(&path, &VolumeOptions::default(), &["v.mrc", "ends after"]);
    with(8, -3);
    refused(&path, &VolumeOptions::default(), &["-3 sections"]);
    with(12, 4);
    refused(&path, &VolumeOptions::default(), &["mode 4"]);
    with(64, 3);
    refused(&path, &VolumeOptions::default(), &["axes", "columns, rows, sections"]);
    with(28, 9);
    refused(&path, &VolumeOptions::default(), &["no cube", "--voxel"]);

    let (_folder, path) = valid("v.npy");
    let bytes = std::fs::read(&path).expect("read");
    let header = |from: &str, to: &str| {
        let text = String::from_utf8_lossy(&bytes[10..128]).replace(from, to);
        let text: String = text.chars().take(117).chain(['\n']).collect();
        let padded = format!("{text:<118}");
        std::fs::write(&path, [&bytes[..10], padded.as_bytes(), &bytes[128..]].concat()).expect("written");
    };
    header("(3, 4, 5,)", "(300000000000, 400000000000, 5,)");
    refused(&path, &VolumeOptions::default(), &["ends after"]);
    header("(3, 4, 5,)", "(12, 5,)");
    refused(&path, &VolumeOptions::default(), &["[12, 5]", "(z, y, x)"]);
    header("<f4", "<c8");
    refused(&path, &VolumeOptions::default(), &["<c8", "real numbers"]);

    let (_folder, path) = valid("v.zarr");
    let good = std::fs::read_to_string(path.join("0/zarr.json")).expect("read");
    let document = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = serde_json::from_str(&good).expect("JSON");
        change(&mut value);
        std::fs::write(path.join("0/zarr.json"), value.to_string()).expect("written");
    };
    document(&|d| d["shape"] = serde_json::json!([1_000_000_000, 1_000_000_000, 1_000_000_000]));
    refused(&path, &VolumeOptions::default(), &["bytes"]);
    document(&|d| {
        d["chunk_grid"]["configuration"]["chunk_shape"] = serde_json::json!([1_u64 << 40, 1_u64 << 40, 64]);
    });
    refused(&path, &VolumeOptions::default(), &["a chunk", "bytes"]);
    document(&|d| d["chunk_grid"]["configuration"]["chunk_shape"] = serde_json::json!([0, 64, 64]));
    refused(&path, &VolumeOptions::default(), &["no volume"]);
    document(&|d| d["codecs"][1]["name"] = serde_json::json!("blosc"));
    refused(&path, &VolumeOptions::default(), &["blosc", "zstd"]);
    document(&|d| d["data_type"] = serde_json::json!("complex64"));
    refused(&path, &VolumeOptions::default(), &["complex64"]);
    std::fs::write(path.join("0/zarr.json"), "{").expect("written");
    refused(&path, &VolumeOptions::default(), &["the metadata"]);
}

#[test]
fn files_that_hold_no_volume() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.h5");
    let file = hdf5(&path);
    put(&file, "a", volume().data.view());
    put(&file, "b", volume().data.view());
    put(&file, "image", volume().data.index_axis(ndarray::Axis(0), 0));
    drop(file);
    refused(&path, &VolumeOptions::default(), &["which of its datasets", "/a, /b", "--dataset"]);
    let named = |name: &str| VolumeOptions { dataset: Some(name.to_owned()), ..VolumeOptions::default() };
    refused(&path, &named("/image"), &["[67, 131]", "(z, y, x)"]);
    refused(&path, &named("/c"), &["no /c"]);
    assert!(open(&path, &named("/b")).is_ok());
    let stated = VolumeOptions { voxel: Some(Metres::new(20.0)), ..named("/b") };
    refused(&path, &stated, &["--voxel"]);
    let error =
        write_volume(&folder.path().join("v.xyz"), None, &volume()).expect_err("no format").to_string();
    assert!(error.contains(".zarr"), "{error}");
    let empty = Volume { data: Array3::zeros((0, 3, 3)), ..volume() };
    for format in VolumeFormat::ALL {
        assert!(write_volume(&folder.path().join("empty"), Some(format), &empty).is_err());
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 1, "nothing is left behind");
}

/// Small valid files in every format that is a file, and the two documents and a chunk of a Zarr folder.
fn originals() -> &'static [(&'static str, Vec<u8>)] {
    static FILES: OnceLock<Vec<(&'static str, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut all = Vec::new();
        for name in ["v.npy", "v.mrc", "v.tif", "v.h5"] {
            let (_folder, path) = valid(name);
            all.push((name, std::fs::read(path).expect("read")));
        }
        let (_folder, path) = valid("v.zarr");
        for name in ["zarr.json", "0/zarr.json", "0/c/0/0/0"] {
            all.push((name, std::fs::read(path.join(name)).expect("read")));
        }
        all
    })
}

/// Reads the damaged file, or the Zarr folder that it is part of.
fn read_damaged(name: &str, bytes: &[u8]) {
    if name.starts_with('v') {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let _ = open(&path, &VolumeOptions::default());
    } else {
        let (_folder, path) = valid("v.zarr");
        std::fs::write(path.join(name), bytes).expect("written");
        let _ = open(&path, &VolumeOptions::default());
    }
}

/// The same damage in every run: HDF5 itself loops for ever on a few damaged files.
const SEED: RngSeed = RngSeed::Fixed(20_261_126);

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: SEED, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let (name, bytes) = which.get(originals());
        let mut damaged = bytes.clone();
        for (at, value) in changes {
            let at = at.index(damaged.len());
            damaged[at] = value;
        }
        read_damaged(name, &damaged);
    }

    #[test]
    fn missing_ends(which in any::<prop::sample::Index>(), keep in any::<prop::sample::Index>()) {
        let (name, bytes) = which.get(originals());
        read_damaged(name, &bytes[..keep.index(bytes.len())]);
    }
}
