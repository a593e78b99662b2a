//! Damaged energy stacks and reference spectra must end in an error or in numbers, never in a panic.
//!
//! The first byte chooses what the rest is: a stack or maps in HDF5, a TIFF, or the text of a reference spectrum.
//! The rest is the file itself, after changes to a valid one where that is HDF5 or TIFF (three bytes each: two of
//! place, one of value).
//!
//! `cargo +nightly fuzz run -s none read_stack -- -fork=1 -ignore_timeouts=1 -timeout=5 -max_len=512`

#![no_main]

use libfuzzer_sys::fuzz_target;
use litho_io::{
    EnergySource, MapSet, ReferenceOptions, StackContents, StackOptions, StackQuantity, plan_stack,
    read_maps, read_reference, read_stack, write_stack, write_tiff_stack,
};
use litho_types::energies::Energies;
use litho_types::energy_stack::EnergyStack;
use ndarray::Array3;
use std::path::Path;
use std::sync::OnceLock;

const ENERGIES: [f64; 3] = [700.0, 701.0, 702.0];

/// A valid stack in HDF5 and one in TIFF.
fn valid() -> &'static [Vec<u8>; 2] {
    static FILES: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let images = Array3::from_shape_fn((3, 4, 5), |(e, y, x)| (e + y + x) as f32);
        let tiff = folder.path().join("stack.tif");
        write_tiff_stack(&tiff, images.view(), None).expect("written");
        let energies = Energies::new(&ENERGIES).expect("ascending");
        let stack = EnergyStack::new(energies, images, None, None).expect("a stack");
        let hdf5 = folder.path().join("stack.h5");
        let contents = StackContents { stack: &stack, objects: None, kk_residual: None };
        write_stack(&hdf5, &contents).expect("written");
        [hdf5, tiff].map(|path| std::fs::read(path).expect("bytes"))
    })
}

fn damaged(bytes: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for patch in changes.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([patch[0], patch[1]])) % bytes.len();
        bytes[at] = patch[2];
    }
    bytes
}

fn read_all(path: &Path) {
    let options = StackOptions {
        energies: Some(EnergySource::Values(ENERGIES.to_vec())),
        quantity: Some(StackQuantity::OpticalDensity),
        ..StackOptions::default()
    };
    for options in [StackOptions::default(), options] {
        if let Ok(plan) = plan_stack(path, &options) {
            let _ = read_stack(&plan);
        }
    }
    let _: Result<MapSet, _> = read_maps(path);
    let _ = read_reference(path, &ReferenceOptions::default());
}

fuzz_target!(|data: &[u8]| {
    let Some((&kind, rest)) = data.split_first() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("input");
    let bytes = match kind {
        0 | 1 => damaged(&valid()[usize::from(kind)], rest),
        _ => rest.to_vec(),
    };
    std::fs::write(&path, bytes).expect("written");
    read_all(&path);
});
