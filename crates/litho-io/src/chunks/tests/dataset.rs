//! Files through the direct path and through HDF5: the same frames, and errors that say where.

use crate::chunks::{ChunkErrorKind, Element, ElementKind, FrameReader};
use hdf5::File;
use ndarray::{Array3, Array4, Axis, Ix3};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Written by h5py 3.16 with hdf5plugin 7: frames of (7919·i + 31·y + x²) mod 1000, shape (3, 20, 25).
const HDF5PLUGIN_FILE: &[u8] = include_bytes!("hdf5plugin.h5");

fn plugin_frames() -> Array3<u16> {
    Array3::from_shape_fn((3, 20, 25), |(i, y, x)| ((7919 * i + 31 * y + x * x) % 1000) as u16)
}

fn plugin_file(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("hdf5plugin.h5");
    std::fs::write(&path, HDF5PLUGIN_FILE).expect("writing to a temporary folder");
    path
}

fn reader(path: &Path, dataset: &str) -> FrameReader {
    let file = File::open(path).expect("a complete file");
    FrameReader::open(&file.dataset(dataset).expect("the dataset just written")).expect("a stack of frames")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn frames_of_another_writer_are_decoded_directly() {
    let folder = folder();
    let path = plugin_file(&folder);
    for name in ["bitshuffle_lz4", "bitshuffle_zstd", "bitshuffle", "lz4", "zstd"] {
        let reader = reader(&path, name);
        assert_eq!(reader.fallback_reason(), None, "{name}");
        assert_eq!(reader.read::<u16>(&[0, 1, 2]).expect("good chunks"), plugin_frames(), "{name}");
    }
    let wide = reader(&path, "bitshuffle_lz4_u32").read::<u32>(&[0, 1, 2]).expect("good chunks");
    assert_eq!(wide, plugin_frames().mapv(u32::from));
}

/// Writes `frames` in every layout, then reads some frames out of order and twice, against HDF5's own reading.
fn every_layout<T: Element + PartialEq + std::fmt::Debug>(frames: &Array3<T>) {
    let folder = folder();
    let path = folder.path().join("layouts.h5");
    let file = File::create(&path).expect("a temporary file");
    let builder = || file.new_dataset_builder().with_data(frames);
    // 20 rows by 10 and by 9, 26 columns by 8: chunks that fit and chunks that reach beyond the frame.
    builder().chunk((2, 10, 8)).shuffle().deflate(4).create("tiles").expect("a new dataset");
    builder().chunk((1, 20, 26)).deflate(1).create("frames").expect("a new dataset");
    builder().chunk((3, 9, 26)).create("bands").expect("a new dataset");
    builder().chunk((2, 10, 8)).deflate(1).fletcher32().create("checked").expect("a new dataset");
    builder().no_chunk().create("contiguous").expect("a new dataset");
    file.close().expect("a file that can be closed");

    let picks = [4, 0, 1, 2, 2, 4];
    for (name, direct) in
        [("tiles", true), ("frames", true), ("bands", true), ("checked", false), ("contiguous", false)]
    {
        let reader = reader(&path, name);
        assert_eq!(reader.fallback_reason().is_none(), direct, "{name}: {:?}", reader.fallback_reason());
        assert_eq!((reader.shape(), reader.element()), ([5, 20, 26], T::KIND), "{name}");
        let read = reader.read::<T>(&picks).expect("good chunks");
        let file = File::open(&path).expect("a complete file");
        let whole = file.dataset(name).and_then(|d| d.read::<T, Ix3>()).expect("HDF5 reads its own file");
        assert_eq!(&whole, frames, "{name}");
        assert_eq!(read, whole.select(Axis(0), &picks), "{name}");
    }
}

#[test]
fn every_layout_reads_as_hdf5_reads_it() {
    every_layout(&Array3::from_shape_fn((5, 20, 26), |(i, y, x)| (1000 * i + 40 * y + x) as u16));
    every_layout(&Array3::from_shape_fn((5, 20, 26), |(i, y, x)| (i as f32 - 2.0) / (1 + y + x * x) as f32));
    every_layout(&Array3::from_shape_fn((5, 20, 26), |(i, y, x)| (y * x) as i64 - (1 << (10 * i))));
    every_layout(&Array3::from_shape_fn((5, 20, 26), |(i, y, x)| (i + y * x) as u8));
}

#[test]
fn a_leading_axis_of_one_is_not_a_frame_axis() {
    let folder = folder();
    let path = folder.path().join("rank4.h5");
    let frames = Array4::from_shape_fn((1, 4, 6, 7), |(_, i, y, x)| (100 * i + 10 * y + x) as i32);
    let file = File::create(&path).expect("a temporary file");
    let builder = || file.new_dataset_builder().with_data(&frames);
    builder().chunk((1, 2, 3, 7)).deflate(1).create("chunked").expect("a new dataset");
    builder().no_chunk().create("contiguous").expect("a new dataset");
    file.close().expect("a file that can be closed");
    for name in ["chunked", "contiguous"] {
        let read = reader(&path, name).read::<i32>(&[3, 1]).expect("good chunks");
        assert_eq!(read, frames.index_axis(Axis(0), 0).select(Axis(0), &[3, 1]), "{name}");
    }
}

#[test]
fn chunks_never_written_hold_the_fill_value() {
    let folder = folder();
    let path = folder.path().join("sparse.h5");
    let file = File::create(&path).expect("a temporary file");
    let dataset =
        file.new_dataset::<u32>().chunk((1, 4, 4)).shape((3, 4, 6)).fill_value(7u32).create("sparse");
    let one = Array3::from_elem((1, 4, 6), 1u32);
    dataset.and_then(|d| d.write_slice(&one, (1..2, .., ..))).expect("a new dataset");
    file.close().expect("a file that can be closed");
    let reader = reader(&path, "sparse");
    assert_eq!(reader.fallback_reason(), None);
    let read = reader.read::<u32>(&[0, 1, 2]).expect("good chunks");
    assert_eq!(read, Array3::from_shape_fn((3, 4, 6), |(i, _, _)| if i == 1 { 1 } else { 7 }));
}

#[test]
fn external_links_lead_to_the_target_file() {
    let folder = folder();
    plugin_file(&folder);
    let master = folder.path().join("master.h5");
    let file = File::create(&master).expect("a temporary file");
    file.link_external("hdf5plugin.h5", "/bitshuffle_lz4", "linked").expect("a new link");
    file.close().expect("a file that can be closed");
    let reader = reader(&master, "linked");
    assert_eq!(reader.fallback_reason(), None);
    assert_eq!(reader.read::<u16>(&[0, 1, 2]).expect("good chunks"), plugin_frames());
}

#[test]
fn foreign_byte_order_and_unlistable_filters_go_to_hdf5() {
    let folder = folder();
    let path = plugin_file(&folder);
    let swapped = reader(&path, "big_endian");
    assert!(swapped.fallback_reason().is_some_and(|reason| reason.contains("stored type")));
    assert_eq!(swapped.read::<u16>(&[0, 1, 2]).expect("good chunks"), plugin_frames());
    // A filter with 40 parameters, which the HDF5 binding cannot list: no panic, and HDF5 has the last word.
    let unlistable = reader(&path, "forty_parameters");
    assert!(unlistable.fallback_reason().is_some_and(|reason| reason.contains("cannot be listed")));
    match unlistable.read::<u16>(&[0, 1, 2]) {
        Ok(frames) => assert_eq!(frames, plugin_frames()),
        Err(error) => assert!(error.to_string().contains("cannot be listed"), "{error}"),
    }
}

#[test]
fn files_open_for_writing_are_read_through_hdf5() {
    let folder = folder();
    let file = File::create(folder.path().join("open.h5")).expect("a temporary file");
    let frames = Array3::from_shape_fn((2, 3, 4), |(i, y, x)| (i + y + x) as u16);
    let dataset = file.new_dataset_builder().with_data(&frames).chunk((1, 3, 4)).create("frames");
    let reader = FrameReader::open(&dataset.expect("a new dataset")).expect("a stack of frames");
    assert!(reader.fallback_reason().is_some_and(|reason| reason.contains("open for writing")));
    assert_eq!(reader.read::<u16>(&[0, 1]).expect("frames just written"), frames);
}

#[test]
fn requests_that_do_not_fit_are_refused() {
    let folder = folder();
    let path = plugin_file(&folder);
    let reader = reader(&path, "bitshuffle_lz4");
    let kind = |error: crate::chunks::ChunkError| *error.kind;
    let element = reader.read::<u32>(&[0]).map_err(kind);
    assert!(
        matches!(element, Err(ChunkErrorKind::Element { stored: ElementKind::U16, asked: ElementKind::U32 })),
        "{element:?}"
    );
    let frame = reader.read::<u16>(&[0, 3]).map_err(kind);
    assert!(matches!(frame, Err(ChunkErrorKind::Frame { frame: 3, count: 3 })), "{frame:?}");
    let output = reader.read_into::<u16>(&[0, 1], &mut [0; 999]).map_err(kind);
    assert!(matches!(output, Err(ChunkErrorKind::Output { found: 999, expected: 1000 })), "{output:?}");
    assert_eq!(reader.read::<u16>(&[]).expect("no frames").dim(), (0, 20, 25));
}

#[test]
fn datasets_that_hold_no_frames_are_refused() {
    let folder = folder();
    let file = File::create(folder.path().join("other.h5")).expect("a temporary file");
    let flat = file.new_dataset::<u16>().shape((3, 4)).create("flat").expect("a new dataset");
    let empty = file.new_dataset::<u16>().shape((0, 3, 4)).create("empty").expect("a new dataset");
    let truth = file.new_dataset::<bool>().shape((1, 3, 4)).create("truth").expect("a new dataset");
    let huge = file.new_dataset::<u16>().chunk((1, 8, 8)).shape((1, 1 << 40, 1 << 20)).create("huge");
    for (dataset, word) in [
        (flat, "shape is [3, 4]"),
        (empty, "shape is [0, 3, 4]"),
        (truth, "it stores"),
        (huge.expect("a new dataset"), "needs"),
    ] {
        let error = FrameReader::open(&dataset).err().expect("no stack of frames").to_string();
        assert!(error.contains(word) && error.contains("other.h5"), "{error}");
    }
}

/// Byte range in the file of the chunk of `frame` in dataset `name`.
fn chunk_bytes(path: &Path, name: &str, frame: usize) -> std::ops::Range<usize> {
    let file = File::open(path).expect("a complete file");
    let info = file.dataset(name).ok().and_then(|d| d.chunk_info(frame)).expect("one chunk per frame");
    info.addr as usize..(info.addr + info.size) as usize
}

#[test]
fn the_first_damaged_chunk_is_named_for_any_number_of_threads() {
    let folder = folder();
    let path = plugin_file(&folder);
    let mut bytes = HDF5PLUGIN_FILE.to_vec();
    for frame in [1, 2] {
        // The header's total, which then contradicts the chunk shape.
        let start = chunk_bytes(&path, "bitshuffle_lz4", frame).start;
        bytes[start] ^= 0x80;
    }
    std::fs::write(&path, bytes).expect("writing to a temporary folder");
    let reader = reader(&path, "bitshuffle_lz4");
    for threads in [1, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a few threads");
        let error = pool.install(|| reader.read::<u16>(&[2, 0, 1])).expect_err("two damaged chunks");
        assert!(matches!(*error.kind, ChunkErrorKind::Decode { offset: [1, 0, 0], .. }), "{error}");
        assert!(error.to_string().contains("/bitshuffle_lz4"), "{error}");
        assert_eq!(pool.install(|| reader.read::<u16>(&[0])).expect("a good chunk").len(), 500);
    }
}

#[test]
fn a_file_truncated_after_opening_is_an_error() {
    let folder = folder();
    let path = plugin_file(&folder);
    let start = chunk_bytes(&path, "bitshuffle_lz4", 2).start;
    let reader = reader(&path, "bitshuffle_lz4");
    let file = std::fs::OpenOptions::new().write(true).open(&path).expect("the temporary file");
    file.set_len(start as u64 + 1).expect("a shorter file");
    let error = reader.read::<u16>(&[2]).expect_err("a missing chunk");
    assert!(matches!(*error.kind, ChunkErrorKind::Io { offset: [2, 0, 0], .. }), "{error}");
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn measured_frames_read_as_hdf5_reads_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ptycho/siemens_star.h5");
    if !path.exists() {
        eprintln!("skipped: {} is absent", path.display());
        return;
    }
    let reader = reader(&path, "frames");
    assert_eq!(reader.fallback_reason(), None);
    let file = File::open(&path).expect("a complete file");
    let dataset = file.dataset("frames").expect("the dataset of frames");
    let all: Vec<usize> = (0..reader.shape()[0]).collect();
    let direct = reader.read::<u16>(&all).expect("good chunks");
    assert!(direct == dataset.read::<u16, Ix3>().expect("HDF5 reads its own file"));
}
