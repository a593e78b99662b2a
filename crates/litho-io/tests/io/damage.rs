//! Damaged files end in an error or in a scan, never in a panic.

use crate::fixtures::scan;
use litho_io::{Format, KeyNames, ReadOptions, plan, read, write_scan};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The bytes of one valid file per format, and its name.
fn valid() -> &'static [(Format, String, Vec<u8>)] {
    static FILES: OnceLock<Vec<(Format, String, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut files = Vec::new();
        for format in Format::ALL {
            let path = folder.path().join(format!("{}_dp.h5", format.name()));
            write_scan(&path, &scan(), format).expect("written");
            let para = folder.path().join(format!("{}_para.hdf5", format.name()));
            for path in [path, para] {
                if let Ok(bytes) = std::fs::read(&path) {
                    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                    files.push((format, name, bytes));
                }
            }
        }
        files
    })
}

/// Reads `bytes` in the place of the file `name`, the rest of its format undamaged.
fn read_damaged(format: Format, name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut main: Option<PathBuf> = None;
    for (_, other, intact) in valid().iter().filter(|(of, ..)| *of == format) {
        let path = folder.path().join(other);
        std::fs::write(&path, if other == name { bytes } else { intact }).expect("written");
        main = main.or(Some(path));
    }
    let text = |name: &str| Some(name.to_owned());
    let keys = KeyNames {
        frames: text("/frames"),
        positions: text("/positions"),
        mask: text("/mask"),
        energy: text("/energy"),
        ..KeyNames::default()
    };
    for options in [ReadOptions::default(), ReadOptions { keys, ..ReadOptions::default() }] {
        if let Ok(plan) = plan(&main.clone().expect("a file"), &options) {
            // Whether it can be read is the damage's business.
            let _ = read(&plan);
        }
    }
}

/// The same damage in every run: HDF5 itself loops for ever on about one file in ten thousand (a global
/// heap whose free space has size zero), which the fuzz target is there to meet, not this test.
const SEED: RngSeed = RngSeed::Fixed(20_261_121);

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: SEED, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let (format, name, bytes) = which.get(valid());
        let mut damaged = bytes.clone();
        for (at, value) in changes {
            let at = at.index(damaged.len());
            damaged[at] = value;
        }
        read_damaged(*format, name, &damaged);
    }

    #[test]
    fn missing_ends(which in any::<prop::sample::Index>(), keep in any::<prop::sample::Index>()) {
        let (format, name, bytes) = which.get(valid());
        read_damaged(*format, name, &bytes[..keep.index(bytes.len())]);
    }
}
