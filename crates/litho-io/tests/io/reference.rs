//! Reference spectra of every format, measured ones held against what is known of them, and those that are none.

use flate2::{Compression, write::GzEncoder};
use litho_io::{EnergyUnit, ReferenceFormat, ReferenceOptions, ReferenceSpectrum, read_reference};
use std::io::Write;
use std::path::PathBuf;
use tempfile::TempDir;

const XDI: &str = "# XDI/1.0 made/1\n# Column.1: energy eV\n# Column.2: itrans\n# Column.3: i0\n\
    # Element.symbol: V\n# Sample.name: VO2 || motor\n# ///\n# words: without a point\n#---\n# energy itrans i0\n\
    5460.0 50 100\n5470.0 25 100\n5480.0 100 100\n";

fn written(text: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("reference.dat");
    std::fs::write(&path, text).expect("written");
    (folder, path)
}

fn read_with(text: impl AsRef<[u8]>, options: &ReferenceOptions) -> Result<ReferenceSpectrum, String> {
    let (_folder, path) = written(text);
    read_reference(&path, options).map_err(|e| e.to_string())
}

fn read(text: impl AsRef<[u8]>) -> Result<ReferenceSpectrum, String> {
    read_with(text, &ReferenceOptions::default())
}

fn refused(text: impl AsRef<[u8]>, words: &[&str]) {
    let message = read(text).expect_err("must be refused");
    for word in words {
        assert!(message.contains(word), "`{word}` is missing in: {message}");
    }
}

fn project() -> String {
    "# Athena project file -- Demeter version 0.9.26\n# This file created\n\n\
     $old_group = 'abcd';\n@args = ('label','V2O5 foil\\'s','bkg_eshift','0.5','atsym','V');\n\
     @x = ('5460.0','5470.0');\n@y = ('0.25','1.5');\n@i0 = ('1','1');\n[record]   # \n\n\
     $old_group = 'efgh';\n@args = ('label','VO2');\n@x = ('5460','5461','5462');\n@y = ('1','2','3');\n[record]\n\n\
     @journal = ('');\n1;\n"
        .to_owned()
}

fn compressed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("compressed");
    encoder.finish().expect("finished")
}

#[test]
fn xdi_columns_are_found_by_their_labels() {
    let found = read(XDI).expect("read");
    assert_eq!(found.format, ReferenceFormat::Xdi);
    assert_eq!(found.energies.electron_volts(), [5460.0, 5470.0, 5480.0]);
    // ln(100/50), ln(100/25), ln(100/100)
    assert_eq!(found.absorption, [2.0_f64.ln(), 4.0_f64.ln(), 0.0]);
    assert_eq!(found.obtained, "ln(i0/itrans)");
    assert_eq!((found.fact("element.symbol"), found.fact("Sample.name")), (Some("V"), Some("VO2")));
    assert_eq!(found.fact("words"), None);
    let kilo = XDI.replace("energy eV", "energy keV").replace("54", "5.4").replace("0.0 ", "0 ");
    let found = read(kilo).expect("keV");
    assert!((found.energies.first().value() / 5460.0 - 1.0).abs() < 1e-12, "{:?}", found.energies);
    let ready = XDI.replace("Column.3: i0", "Column.3: mutrans");
    let found = read(ready).expect("ready-made");
    assert_eq!((found.obtained.as_str(), found.absorption[0]), ("mutrans", 100.0));
    let options = ReferenceOptions { column: Some("itrans".to_owned()), ..ReferenceOptions::default() };
    assert_eq!(read_with(XDI, &options).expect("by name").absorption, [50.0, 25.0, 100.0]);
}

#[test]
fn two_columns_need_no_names() {
    let plain = read("# a comment\n5460 0.5\n5470 0.75\n").expect("read");
    assert_eq!(
        (plain.format, plain.absorption.as_slice()),
        (ReferenceFormat::Columns, [0.5, 0.75].as_slice())
    );
    let table = read("energy_eV,optical_density\n708.2,0.81\n710.2,0.42\n").expect("read");
    assert_eq!(table.energies.electron_volts(), [708.2, 710.2]);
    let turned = read("# od energy\n0.1 5460\n0.2 5470\n").expect("named by a comment");
    assert_eq!((turned.energies.first().value(), turned.absorption[1]), (5460.0, 0.2));
    let kilo =
        ReferenceOptions { energy_unit: Some(EnergyUnit::KiloElectronVolt), ..ReferenceOptions::default() };
    assert_eq!(
        read_with("8.25 0.5\n8.5 0.75\n", &kilo).expect("keV").energies.electron_volts(),
        [8250.0, 8500.0]
    );
}

#[test]
fn what_is_mended_is_said() {
    let found =
        read("5470 0.5\n5460 0.25\n5470 1.5\n5480 nan\n5490,\n".replace("5490,\n", "")).expect("mended");
    assert_eq!(found.energies.electron_volts(), [5460.0, 5470.0]);
    // The two of 5470 eV: (0.5 + 1.5)/2.
    assert_eq!(found.absorption, [0.25, 1.0]);
    assert_eq!(found.warnings.len(), 3, "{:?}", found.warnings);
    let dark = XDI.replace("50 100", "-1 100");
    assert!(read(dark).expect("a dark point").warnings[0].contains("1 of 3 points"));
}

#[test]
fn a_group_of_an_athena_project_is_read_by_its_label() {
    let wanted =
        |group: &str| ReferenceOptions { group: Some(group.to_owned()), ..ReferenceOptions::default() };
    for bytes in [compressed(&project()), project().into_bytes()] {
        let found = read_with(&bytes, &wanted("V2O5 foil's")).expect("by label");
        assert_eq!(found.format, ReferenceFormat::Athena);
        // Athena shows x + bkg_eshift.
        assert_eq!(found.energies.electron_volts(), [5460.5, 5470.5]);
        assert_eq!((found.absorption.as_slice(), found.fact("atsym")), ([0.25, 1.5].as_slice(), Some("V")));
        assert_eq!(read_with(&bytes, &wanted("efgh")).expect("by key").absorption, [1.0, 2.0, 3.0]);
        refused(&bytes, &["`V2O5 foil's`", "`VO2`"]);
        assert!(read_with(&bytes, &wanted("V2O4")).expect_err("no such group").contains("V2O4"));
    }
}

#[test]
fn what_is_no_spectrum_is_refused() {
    refused(XDI.replace("Column.1: energy eV", "Column.1: angle degrees"), &["angle", "eV"]);
    refused(XDI.replace("Column.1: energy eV", "Column.1: energy inches"), &["inches", "eV"]);
    refused(XDI.replace("Column.3: i0", "Column.3: clock"), &["absorption", "energy, itrans, clock"]);
    refused("5.46 0.5\n5.47 0.75\n", &["looks like keV"]);
    refused("5460 0.5\n", &["1 of its 1 points"]);
    refused("5460\n5470\n", &["[2, 1]", "energy and absorption"]);
    refused("5460 1 2 3\n5470 1 2 3\n", &["which column", "column 4"]);
    refused("", &["no line of numbers"]);
    refused([b'1', 0, b'2'], &["binary"]);
    refused(compressed("nothing of the kind"), &["Athena"]);
    refused(&compressed(&project())[..60], &["decode", "copy it again"]);
    refused(
        project()
            .replace("'1.5'", "'a'")
            .replace("[record]   #", "[record]")
            .split("$old_group = 'efgh'")
            .next()
            .unwrap_or_default(),
        &["@y", "`a`"],
    );
    let options = ReferenceOptions { column: Some("9".to_owned()), ..ReferenceOptions::default() };
    assert!(read_with(XDI, &options).expect_err("no column 9").contains("itrans"));
}

/// Energy of the half step and height at 5470.75 eV or its maximum below 5474 eV, of `μ` with its pre-edge line taken
/// off and the step at the edge set to one. Line: 5365 … 5455 eV. Step: parabola through 5530 eV and above,
/// extrapolated to the edge, 5480 eV.
fn edge(spectrum: &ReferenceSpectrum) -> (f64, f64) {
    let energies = spectrum.energies.electron_volts();
    let fit = |low: f64, high: f64, degree: usize, values: &[f64]| -> [f64; 3] {
        // Normal equations in u = (E − 5480)/100, solved by Gauss.
        let mut m = [[0.0; 4]; 3];
        for (&e, &v) in energies.iter().zip(values).filter(|(e, _)| (low..=high).contains(*e)) {
            let u = (e - 5480.0) / 100.0;
            let powers = [1.0, u, if degree == 2 { u * u } else { 0.0 }];
            for (row, p) in m.iter_mut().zip(powers) {
                for (cell, q) in row.iter_mut().zip(powers.into_iter().chain([v])) {
                    *cell += p * q;
                }
            }
        }
        if degree < 2 {
            m[2][2] = 1.0;
        }
        for i in 0..3 {
            let pivot = m[i];
            for (j, row) in m.iter_mut().enumerate().filter(|(j, _)| *j != i) {
                let factor = row[i] / pivot[i];
                assert!(factor.is_finite(), "row {j}");
                row.iter_mut().zip(pivot).for_each(|(cell, p)| *cell -= factor * p);
            }
        }
        [m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2]]
    };
    let line = fit(5365.0, 5455.0, 1, &spectrum.absorption);
    let above: Vec<f64> = energies
        .iter()
        .zip(&spectrum.absorption)
        .map(|(e, v)| v - line[0] - line[1] * (e - 5480.0) / 100.0)
        .collect();
    let step = fit(5530.0, 5900.0, 2, &above)[0];
    let normalised: Vec<f64> = above.iter().map(|v| v / step).collect();
    let pre_edge = energies.iter().zip(&normalised).filter(|(e, _)| (5464.0..5474.0).contains(*e));
    let height = pre_edge.fold(0.0_f64, |highest, (_, v)| highest.max(*v));
    let rise = (1..energies.len())
        .find(|&i| energies[i] > 5474.0 && normalised[i - 1] < 0.5 && normalised[i] >= 0.5);
    let i = rise.expect("an edge");
    let fraction = (0.5 - normalised[i - 1]) / (normalised[i] - normalised[i - 1]);
    (energies[i - 1] + fraction * (energies[i] - energies[i - 1]), height)
}

#[test]
fn vanadium_oxides_have_their_edges_in_the_order_of_valence() {
    // Half step and pre-edge height in the notes of the data set.
    let known = [("V2O3", 5477.85, 0.15), ("VO2", 5480.75, 0.43), ("V2O5", 5481.4, 0.71)];
    let mut found = Vec::new();
    for (name, ..) in known {
        let file = format!("xanes/xasdatalibrary/V/{name}.xdi");
        let Some(path) = litho_testkit::shared_data!(&file) else { return };
        let spectrum = read_reference(&path, &ReferenceOptions::default()).expect("read");
        assert_eq!((spectrum.fact("Element.symbol"), spectrum.fact("Sample.name")), (Some("V"), Some(name)));
        assert_eq!(spectrum.obtained, "ln(i0/itrans)");
        found.push(edge(&spectrum));
    }
    for ((name, energy, height), (at, pre_edge)) in known.into_iter().zip(&found) {
        assert!(
            (at - energy).abs() < 0.25 && (pre_edge - height).abs() < 0.02,
            "{name}: {at} eV, {pre_edge}"
        );
    }
    assert!(found[0].0 < found[1].0 && found[1].0 < found[2].0, "{found:?}");
}

#[test]
fn every_spectrum_of_the_library_is_read() {
    let Some(library) = litho_testkit::shared_data!("xanes/xasdatalibrary") else { return };
    let mut count = 0;
    for element in std::fs::read_dir(library).expect("listed") {
        for file in std::fs::read_dir(element.expect("an entry").path()).expect("listed") {
            let path = file.expect("an entry").path();
            let found = read_reference(&path, &ReferenceOptions::default());
            let found = found.unwrap_or_else(|e| panic!("{e}"));
            assert!(
                found.energies.len() > 100 && found.fact("Element.symbol").is_some(),
                "{}",
                path.display()
            );
            count += 1;
        }
    }
    // As many files as there are in the five folders.
    assert_eq!(count, 52);
}
