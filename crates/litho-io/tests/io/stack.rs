//! Energy stacks: every format read to the same numbers, ours written and read back.

use crate::fixtures::{hdf5, number, put};
use hdf5::types::VarLenUnicode;
use litho_io::{
    AxisOrder, EnergySource, EnergyUnit, Incident, IoError, StackContents, StackFormat, StackOptions,
    StackQuantity, StackReading, plan_stack, read_result, read_stack, write_stack, write_tiff_stack,
};
use litho_types::C32;
use litho_types::energies::Energies;
use litho_types::energy_stack::EnergyStack;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::{Array1, Array2, Array3, Axis, arr0, s};
use std::path::Path;
use std::str::FromStr;

pub(crate) const ENERGIES: [f64; 4] = [700.0, 705.5, 709.25, 730.0];
const SHAPE: (usize, usize) = (3, 5);
/// ln rounds once in double precision and once to single: half an ulp of values up to 2.
const ROUNDING: f32 = 2.0 * f32::EPSILON;

/// I0 per energy, as no two are alike.
pub(crate) fn incident() -> Array1<f64> {
    Array1::from(vec![900.0, 905.0, 910.0, 1000.0])
}

/// Optical densities without any symmetry that could hide a flip.
pub(crate) fn density() -> Array3<f32> {
    Array3::from_shape_fn((ENERGIES.len(), SHAPE.0, SHAPE.1), |(e, y, x)| {
        0.2 + 0.3 * e as f32 + 0.05 * y as f32 + 0.01 * (x * x) as f32
    })
}

/// `I = I0 exp(−μt)`.
pub(crate) fn counts() -> Array3<f64> {
    let mut counts = density().mapv(|od| (-f64::from(od)).exp());
    for (mut image, i0) in counts.outer_iter_mut().zip(incident()) {
        image *= i0;
    }
    counts
}

pub(crate) fn open(path: &Path, options: &StackOptions) -> Result<StackReading, IoError> {
    plan_stack(path, options).and_then(|plan| read_stack(&plan))
}

pub(crate) fn text(location: &hdf5::Location, name: &str, value: &str) {
    let value = VarLenUnicode::from_str(value).expect("no NUL");
    location.new_attr_builder().with_data(arr0(value).view()).create(name).expect("an attribute");
}

fn assert_density(found: &EnergyStack, expected: &Array3<f32>) {
    assert_eq!(found.energies().electron_volts(), ENERGIES);
    assert_eq!(found.optical_density().dim(), expected.dim());
    for (index, value) in found.optical_density().indexed_iter() {
        assert!((value - expected[index]).abs() <= ROUNDING, "{index:?}: {value} {}", expected[index]);
    }
}

/// An `NXstxm` file of intensities with a monitor.
pub(crate) fn nxstxm(path: &Path, energies: &[f64], counts: &Array3<f64>) {
    let file = hdf5(path);
    for group in ["entry1", "entry1/Counter1", "entry1/control"] {
        file.create_group(group).expect("a group");
    }
    let definition = VarLenUnicode::from_str("NXstxm").expect("text");
    put(&file, "entry1/definition", arr0(definition).view());
    put(&file, "entry1/Counter1/data", counts.view());
    put(&file, "entry1/Counter1/photon_energy", energies);
    put(&file, "entry1/Counter1/sample_y", &[0.0, 0.08, 0.16]);
    put(&file, "entry1/Counter1/sample_x", &[1.0, 0.9, 0.8, 0.7, 0.6]);
    for axis in ["sample_y", "sample_x"] {
        text(&file.dataset(&format!("entry1/Counter1/{axis}")).expect("an axis"), "units", "um");
    }
    let shape = counts.dim();
    let i0 = Array3::from_shape_fn(shape, |(e, _, _)| incident()[e % 4]);
    put(&file, "entry1/control/data", i0.view());
}

/// A Data Exchange file as Mantis writes it.
pub(crate) fn exchange(path: &Path, energies: &[f64]) {
    let file = hdf5(path);
    for group in ["exchange", "spectromicroscopy", "spectromicroscopy/normalization"] {
        file.create_group(group).expect("a group");
    }
    let stored = counts().permuted_axes([2, 1, 0]).as_standard_layout().into_owned();
    put(&file, "exchange/data", stored.view());
    text(&file.dataset("exchange/data").expect("data"), "axes", "x:y");
    put(&file, "exchange/energy", energies);
    put(&file, "exchange/x", &[0.0, 0.1, 0.2, 0.3, 0.4]);
    put(&file, "exchange/y", &[0.0, 0.1, 0.2]);
    put(&file, "spectromicroscopy/normalization/white_spectrum", incident().view());
    put(&file, "spectromicroscopy/normalization/white_spectrum_energy", energies);
}

#[test]
fn our_own_file_returns_every_bit_of_what_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("stack.h5");
    let mut od = density();
    od[[1, 2, 3]] = f32::NAN;
    let phase = od.mapv(|v| -0.5 * v);
    let pixel = Point::new(Metres::new(15e-9), Metres::new(20e-9));
    let energies = Energies::new(&ENERGIES).expect("ascending");
    let stack = EnergyStack::new(energies, od.clone(), Some(phase.clone()), Some(pixel)).expect("a stack");
    let objects = density().mapv(|v| C32::new((-0.5 * v).exp(), 0.0));
    let residual = Array2::from_shape_fn(SHAPE, |(y, x)| (y + x) as f32);
    let contents =
        StackContents { stack: &stack, objects: Some(objects.view()), kk_residual: Some(residual.view()) };
    write_stack(&path, &contents).expect("written");
    let found = open(&path, &StackOptions::default()).expect("read");
    // NaN is not equal to itself: the bits are compared.
    let bits = |a: &Array3<f32>| a.mapv(f32::to_bits);
    assert_eq!(bits(found.stack.optical_density()), bits(&od));
    assert_eq!(found.stack.phase().map(bits), Some(bits(&phase)));
    assert_eq!(found.stack.energies().electron_volts(), ENERGIES);
    let found_pixel = found.stack.pixel().expect("a pixel");
    assert!(
        (found_pixel.y.value() / 15e-9 - 1.0).abs() < 1e-12
            && (found_pixel.x.value() / 20e-9 - 1.0).abs() < 1e-12
    );
    assert_eq!(found.warnings, ["1 of 60 values are NaN in the file and stay so"]);
    let file = read_result(&path).expect("opened");
    assert_eq!(file.complex("/entry/object/data").expect("objects"), objects.clone().into_dyn());
    assert_eq!(file.real_f32("/entry/kk_residual/data").expect("residual"), residual.into_dyn());
    assert_eq!(file.attr_text("/entry", "default").as_deref(), Some("optical_density"));
    // From the objects: μt = −2 ln|T|, and a phase of zero.
    let options = StackOptions { quantity: Some(StackQuantity::Complex), ..StackOptions::default() };
    let found = open(&path, &options).expect("from the objects").stack;
    for (a, b) in found.optical_density().iter().zip(&density()) {
        // |T|² carries three roundings of single precision, which the logarithm turns into absolute error.
        assert!((a - b).abs() <= 4.0 * f32::EPSILON, "{a} {b}");
    }
    assert_eq!(found.phase(), Some(&Array3::zeros((4, 3, 5))));
}

#[test]
fn nxstxm_is_divided_by_its_monitor_and_sorted() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.nxs");
    nxstxm(&path, &ENERGIES, &counts());
    let found = open(&path, &StackOptions::default()).expect("read");
    assert_density(&found.stack, &density());
    let pixel = found.stack.pixel().expect("a pixel");
    assert!((pixel.y.value() / 80e-9 - 1.0).abs() < 1e-9 && (pixel.x.value() / 100e-9 - 1.0).abs() < 1e-9);
    assert_eq!(plan_stack(&path, &StackOptions::default()).expect("planned").format, StackFormat::NxStxm);
}

#[test]
fn energies_out_of_order_are_sorted_together_with_images_and_incident_intensities() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.h5");
    let mixed = [2, 0, 3, 1];
    let file = hdf5(&path);
    put(&file, "counts", counts().select(Axis(0), &mixed).view());
    put(&file, "energy", mixed.map(|place| ENERGIES[place]).as_slice());
    put(&file, "i0", incident().select(Axis(0), &mixed).view());
    drop(file);
    let options = StackOptions {
        dataset: Some("/counts".to_owned()),
        incident: Some(Incident::Named("/i0".to_owned())),
        pixel: Some(Metres::new(80e-9)),
        ..StackOptions::default()
    };
    let found = open(&path, &options).expect("read");
    assert_density(&found.stack, &density());
    assert_eq!(found.warnings.len(), 1, "{:?}", found.warnings);
    assert!(found.warnings[0].contains("not ascending"), "{:?}", found.warnings);
}

#[test]
fn exchange_files_are_turned_to_rows_and_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("stack.hdf5");
    exchange(&path, &ENERGIES);
    let plan = plan_stack(&path, &StackOptions::default()).expect("planned");
    assert_eq!((plan.format, plan.quantity), (StackFormat::Exchange, StackQuantity::Intensity));
    assert_density(&read_stack(&plan).expect("read").stack, &density());
}

#[test]
fn tiff_pages_and_tiff_files_are_one_stack() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("stack.tif");
    write_tiff_stack(&pages, density().view(), None).expect("written");
    let images = folder.path().join("images");
    std::fs::create_dir(&images).expect("made");
    for (index, image) in density().outer_iter().enumerate() {
        // 8, 9, 10, 11: by letters 10 would come before 8.
        let name = images.join(format!("image_{}.tif", index + 8));
        write_tiff_stack(&name, image.insert_axis(Axis(0)), None).expect("written");
    }
    let list = folder.path().join("energies.csv");
    std::fs::write(&list, "energy_keV\n0.7\n0.7055\n0.70925\n0.73\n").expect("written");
    let options = StackOptions {
        energies: Some(EnergySource::Named(list.display().to_string())),
        quantity: Some(StackQuantity::OpticalDensity),
        ..StackOptions::default()
    };
    for path in [&pages, &images] {
        let found = open(path, &options).expect("read").stack;
        assert_eq!(found.optical_density(), density());
        for (found, truth) in found.energies().electron_volts().into_iter().zip(ENERGIES) {
            // One rounding of the decimal number, one of the product.
            assert!((found / truth - 1.0).abs() <= 2.0 * f64::EPSILON, "{found} {truth}");
        }
    }
}

#[test]
fn any_layout_is_read_as_the_options_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.h5");
    let file = hdf5(&path);
    let stored = density().mapv(|od| (-od).exp()).permuted_axes([1, 2, 0]).as_standard_layout().into_owned();
    put(&file, "transmission", stored.view());
    put(&file, "E", ENERGIES.map(|e| e / 1e3).as_slice());
    number(&file, "pixel_size", 80.0);
    text(&file.dataset("pixel_size").expect("pixel"), "units", "nm");
    drop(file);
    let options = StackOptions {
        dataset: Some("/transmission".to_owned()),
        energies: Some(EnergySource::Named("/E".to_owned())),
        energy_unit: Some(EnergyUnit::KiloElectronVolt),
        quantity: Some(StackQuantity::Transmission),
        axes: Some(AxisOrder::YXEnergy),
        ..StackOptions::default()
    };
    let found = open(&path, &options).expect("read").stack;
    assert_eq!(found.pixel(), Some(Point::new(Metres::new(80.0 * 1e-9), Metres::new(80.0 * 1e-9))));
    for (index, value) in found.optical_density().indexed_iter() {
        // exp in single precision is off by an ulp of T; ln makes that an absolute error.
        assert!((value - density()[index]).abs() <= 4.0 * f32::EPSILON, "{index:?}: {value}");
    }
    // Without the axes they are found by the number of energies, with a warning.
    let found = open(&path, &StackOptions { axes: None, ..options }).expect("read");
    assert_eq!(found.stack.shape(), SHAPE);
    assert!(found.warnings.iter().any(|w| w.contains("(y, x, energy)")), "{:?}", found.warnings);
}

#[test]
fn air_beside_the_sample_gives_the_incident_intensity() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.nxs");
    let mut counts = counts();
    // The first column is air.
    for (mut image, i0) in counts.outer_iter_mut().zip(incident()) {
        image.slice_mut(s![.., ..1]).fill(i0);
    }
    nxstxm(&path, &ENERGIES, &counts);
    let air = Some(Incident::Air { y: 0..3, x: 0..1 });
    let found = open(&path, &StackOptions { incident: air, ..StackOptions::default() }).expect("read").stack;
    let mut expected = density();
    expected.slice_mut(s![.., .., ..1]).fill(0.0);
    assert_density(&found, &expected);
}

#[test]
fn counts_of_zero_are_missing_and_counted_not_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.nxs");
    let mut counts = counts();
    (counts[[0, 0, 0]], counts[[2, 1, 4]], counts[[3, 2, 2]]) = (0.0, -3.0, f64::NAN);
    nxstxm(&path, &ENERGIES, &counts);
    let found = open(&path, &StackOptions::default()).expect("read");
    let lost: Vec<_> =
        found.stack.optical_density().indexed_iter().filter(|(_, v)| v.is_nan()).map(|(at, _)| at).collect();
    assert_eq!(lost, [(0, 0, 0), (2, 1, 4), (3, 2, 2)]);
    assert!(
        found.warnings.iter().any(|w| w.starts_with("2 of 60 values are not positive")),
        "{:?}",
        found.warnings
    );
    assert!(found.warnings.iter().any(|w| w.starts_with("1 of 60 values are NaN in the file")));
}

#[test]
fn the_iron_stack_of_the_als_is_read_through_options() {
    let Some(path) = litho_testkit::shared_data!("xanes/als_fe_l_stack.h5") else { return };
    let options = StackOptions {
        dataset: Some("/counts".to_owned()),
        incident: Some(Incident::Named("/i0".to_owned())),
        ..StackOptions::default()
    };
    let found = open(&path, &options).expect("read");
    let stack = &found.stack;
    assert_eq!((stack.energies().len(), stack.shape()), (123, (125, 125)));
    assert_eq!(stack.pixel().map(|p| p.y), Some(Metres::new(0.08 * 1e-6)));
    // NumPy in double precision from the same file: −ln(counts[10, 3, 7]/i0[10]).
    let value = f64::from(stack.optical_density()[[10, 3, 7]]);
    assert!((value - 1.326_803_433_496_739).abs() < f64::from(f32::EPSILON), "{value}");
    // The mean spectrum peaks at 709.87 eV (the data's notes), at 1.2137757 (NumPy, double precision).
    let means: Vec<f64> = stack
        .optical_density()
        .outer_iter()
        .map(|i| i.iter().map(|&v| f64::from(v)).sum::<f64>() / 15_625.0)
        .collect();
    let peak = (0..123).fold(0, |best, e| if means[e] > means[best] { e } else { best });
    assert_eq!(stack.energies().electron_volts()[peak], 709.868);
    // The mean of 15 625 rounded values is better than each.
    assert!((means[peak] - 1.213_775_675_640_141_7).abs() < 1e-7, "{}", means[peak]);
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
}
