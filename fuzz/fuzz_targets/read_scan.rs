//! Damaged scans of every format must end in an error or in a scan, never in a panic.
//!
//! The first byte chooses one of the formats: the rest then is a list of changes
//! (two bytes of place, one of value) to a valid file of that format, the last
//! two bytes its new length. Any other first byte: the rest is the file itself.
//!
//! HDF5 2.2.0 loops for ever on a global heap whose free space has size zero
//! (`H5HG__cache_heap_deserialize`): text of variable length reaches it. Let the fuzzer pass over that:
//!
//! `cargo +nightly fuzz run -s none read_scan -- -fork=1 -ignore_timeouts=1 -timeout=5 -max_len=512 -max_total_time=120`

#![no_main]

use libfuzzer_sys::fuzz_target;
use litho_io::{Format, KeyNames, ReadOptions, plan, read, write_scan};
use litho_types::C32;
use litho_types::frames::Frames;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::mask::DetectorMask;
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::scan::{FrameOrigin, Positions, Scan};
use ndarray::Array3;
use std::path::Path;
use std::sync::OnceLock;

const SIDE: usize = 8;
const COUNT: usize = 4;

fn scan() -> Scan {
    let pixel = Metres::new(75e-6);
    let position = |n: usize| Point::new(Metres::new(n as f64 * 1e-6), Metres::new((n * n) as f64 * 1e-6));
    Scan {
        frames: Frames::U16(Array3::from_shape_fn((COUNT, SIDE, SIDE), |(n, y, x)| {
            (n + 10 * y + x * x) as u16
        })),
        origin: FrameOrigin::Centre,
        mask: DetectorMask::all_good((SIDE, SIDE)),
        positions: Positions::Metres((0..COUNT).map(position).collect()),
        geometry: Some(Geometry {
            energy: ElectronVolts::new(8000.0),
            distance: Metres::new(2.0),
            detector_pixel: Point::new(pixel, pixel),
            propagation: Propagation::FarField,
        }),
        probe: Some(Array3::from_elem((1, SIDE, SIDE), C32::new(1.0, 0.5))),
        warnings: Vec::new(),
    }
}

/// For each format its files, the one to be damaged first: name and bytes.
fn valid() -> &'static [Vec<(String, Vec<u8>)>] {
    static FILES: OnceLock<Vec<Vec<(String, Vec<u8>)>>> = OnceLock::new();
    FILES.get_or_init(|| {
        Format::ALL
            .iter()
            .map(|format| {
                let folder = tempfile::tempdir().expect("a folder");
                let main = folder.path().join("scan_dp.hdf5");
                write_scan(&main, &scan(), *format).expect("a valid file");
                let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder.path())
                    .expect("listed")
                    .map(|entry| entry.expect("an entry").path())
                    .map(|path| {
                        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                        (name, std::fs::read(&path).expect("bytes"))
                    })
                    .collect();
                files.sort_by_key(|(name, _)| name != "scan_dp.hdf5");
                files
            })
            .collect()
    })
}

fn damage(bytes: &mut Vec<u8>, changes: &[u8]) {
    let (patches, length) = changes.split_at(changes.len() - changes.len() % 3);
    for patch in patches.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([patch[0], patch[1]])) % bytes.len();
        bytes[at] = patch[2];
    }
    if let [low, high] = length {
        bytes.truncate(usize::from(u16::from_le_bytes([*low, *high])));
    }
}

fn read_all(path: &Path) {
    let name = |text: &str| Some(text.to_owned());
    let keys = KeyNames {
        frames: name("/frames"),
        positions: name("/positions"),
        mask: name("/mask"),
        probe: name("/probe"),
        energy: name("/energy"),
        ..KeyNames::default()
    };
    for options in [ReadOptions::default(), ReadOptions { keys, ..ReadOptions::default() }] {
        if let Ok(plan) = plan(path, &options) {
            // Whether it can be read is the damage's business.
            let _ = read(&plan);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan_dp.hdf5");
    if let Some(files) = valid().get(usize::from(*choice)) {
        for (index, (name, bytes)) in files.iter().enumerate() {
            let mut bytes = bytes.clone();
            if index == 0 {
                damage(&mut bytes, rest);
            }
            std::fs::write(folder.path().join(name), bytes).expect("written");
        }
    } else {
        std::fs::write(&path, rest).expect("written");
    }
    read_all(&path);
});
