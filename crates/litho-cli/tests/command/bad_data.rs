//! Files that are no scan, or a bad one: exit code 3, and 2 where the name is wrong.

use crate::bench::{Bench, DATA, DISTANCE, ENERGY, MASK, TRANSLATION, alone, scan};
use litho_io::{Format, write_scan};
use litho_types::scan::Positions;
use ndarray::{Array2, Array3, arr0};

/// Frames and pixels per side of the tiny scan.
const COUNT: usize = 64;
const SIDE: usize = 48;

/// Both commands that read scans refuse `file`, alike.
fn refused(bench: &Bench, file: &str, code: i32, words: &[&str]) {
    bench.refused(&["inspect", file], code, &[&[file], words].concat());
    bench.refused(
        &["reconstruct", file, "-o", "out.h5", "--iterations", "2"],
        code,
        &[&[file], words].concat(),
    );
}

/// The beam positions of the scan as CXI stores them: of the sample, x y z, times `scale`.
fn translations(scale: f64) -> Array2<f64> {
    let Positions::Metres(positions) = &scan().positions else { panic!("the tiny scan is in metres") };
    Array2::from_shape_fn((COUNT, 3), |(n, axis)| {
        -scale * [positions[n].x.value(), positions[n].y.value(), 0.0][axis]
    })
}

#[test]
fn files_that_are_none() {
    let bench = Bench::empty();
    refused(&bench, "nowhere.cxi", 2, &["cannot open", "check the path"]);
    bench.write("empty.cxi", "");
    refused(&bench, "empty.cxi", 3, &["empty"]);
    bench.write("notes.cxi", "y,x\n1,2\n");
    refused(&bench, "notes.cxi", 3, &["text file"]);
}

#[test]
fn a_truncated_file() {
    let bench = Bench::with_scan();
    let bytes = std::fs::read(bench.path("scan.cxi")).expect("read");
    for keep in [20, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(bench.path("scan.cxi"), &bytes[..keep]).expect("written");
        refused(&bench, "scan.cxi", 3, &["truncated or damaged", "copy"]);
    }
}

#[test]
fn datasets_that_are_missing_or_do_not_fit() {
    let bench = Bench::with_scan();
    bench.replace(TRANSLATION, Array2::<f64>::zeros((COUNT - 1, 3)).view());
    refused(&bench, "scan.cxi", 3, &[TRANSLATION, "63", "64"]);
    let bench = Bench::with_scan();
    let guard = alone();
    let file = hdf5::File::open_rw(bench.path("scan.cxi")).expect("opened");
    file.relink(DATA, "/entry_1/instrument_1/detector_1/dat").expect("renamed");
    file.unlink("/entry_1/data_1/data").expect("unlinked");
    drop((file, guard));
    refused(&bench, "scan.cxi", 3, &[DATA, "detector_1/dat"]);
}

#[test]
fn counts_that_cannot_be() {
    for (value, shown) in [(f32::NAN, "NaN"), (-3.0, "-3")] {
        let bench = Bench::with_scan();
        let mut frames = Array3::from_elem((COUNT, SIDE, SIDE), 9.0_f32);
        frames[(2, 7, 4)] = value;
        bench.replace(DATA, frames.view());
        refused(&bench, "scan.cxi", 3, &[DATA, shown, "frame 2, y 7, x 4", "--bad-counts"]);
    }
}

#[test]
fn positions_that_cannot_be() {
    let bench = Bench::with_scan();
    let mut moved = translations(1.0);
    moved[(5, 1)] = f64::NAN;
    bench.replace(TRANSLATION, moved.view());
    refused(&bench, "scan.cxi", 3, &[TRANSLATION, "NaN", "position 5"]);
    // In millimetres, read as metres: an object of 35 000 pixels a side, which no machine need try.
    bench.replace(TRANSLATION, translations(1e3).view());
    refused(&bench, "scan.cxi", 3, &[TRANSLATION, "span", "millimetres", "unit of the positions"]);
    // A single wild position makes the object as large.
    let mut wild = translations(1.0);
    wild[(9, 0)] = 1.0;
    bench.replace(TRANSLATION, wild.view());
    refused(&bench, "scan.cxi", 3, &[TRANSLATION, "span", "check the positions"]);
}

#[test]
fn energies_and_lengths_in_another_unit() {
    let bench = Bench::with_scan();
    for nonsense in [0.0, -2000.0, f64::NAN] {
        bench.replace(ENERGY, arr0(nonsense).view());
        refused(&bench, "scan.cxi", 3, &[ENERGY, "photon energy", "--energy"]);
    }
    bench.replace(ENERGY, arr0(2.0).view());
    refused(&bench, "scan.cxi", 3, &[ENERGY, "keV", "--energy 2000"]);
    bench.done(&["inspect", "scan.cxi", "--energy", "2000", "--no-orientation"]);
    let bench = Bench::with_scan();
    bench.replace(DISTANCE, arr0(970.0).view());
    refused(&bench, "scan.cxi", 3, &[DISTANCE, "mm", "--distance 0.97"]);
    bench.done(&["inspect", "scan.cxi", "--distance", "0.097", "--no-orientation"]);
    bench.refused(
        &["inspect", "scan.cxi", "--distance", "0.097", "--pixel", "0.075"],
        3,
        &["mm", "--pixel 7.5e-5"],
    );
}

#[test]
fn a_mask_that_leaves_nothing() {
    let bench = Bench::with_scan();
    bench.replace(MASK, Array2::<u32>::ones((SIDE, SIDE)).view());
    refused(&bench, "scan.cxi", 3, &[MASK, "leaves no pixel", "polarity"]);
    bench.done(&["inspect", "scan.cxi", "--mask-polarity", "nonzero-good", "--no-orientation"]);
}

#[test]
fn a_master_without_its_data_file() {
    let bench = Bench::empty();
    let (scan, guard) = (scan(), alone());
    write_scan(&bench.path("scan_master.h5"), scan, Format::Eiger).expect("written");
    drop(guard);
    bench.done(&["inspect", "scan_master.h5", "--no-orientation"]);
    std::fs::remove_file(bench.path("scan_data_000001.h5")).expect("removed");
    refused(
        &bench,
        "scan_master.h5",
        3,
        &["/entry/data/data_000001", "scan_data_000001.h5", "put the linked file beside"],
    );
}

#[test]
fn a_scan_is_no_result() {
    let bench = Bench::with_scan();
    for arguments in [
        &["report", "scan.cxi"][..],
        &["export", "scan.cxi", "-o", "phase.png"],
        &["resolution", "scan.cxi", "scan.cxi"],
    ] {
        bench.refused(arguments, 3, &["scan.cxi", "/entry/object/data"]);
    }
}
