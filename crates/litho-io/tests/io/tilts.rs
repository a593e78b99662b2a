//! Tilt series: every format read to the same numbers, ours written and read back.

use crate::fixtures::{hdf5, number, put};
use crate::stack::text;
use hdf5::types::VarLenUnicode;
use litho_io::{
    AngleSource, AngleUnit, TiltAxes, TiltFormat, TiltOptions, TiltQuantity, TiltReading, plan_tilts,
    read_tilt_rows, read_tilts, write_tiff, write_tiff_stack, write_tilts,
};
use litho_types::C32;
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::tilt::TiltAngles;
use litho_types::tilt_series::{Projections, TiltSeries};
use ndarray::{Array2, Array3, Axis, arr0, concatenate};
use std::path::Path;
use std::str::FromStr;

/// Degrees, far from even.
pub(crate) const ANGLES: [f64; 4] = [-60.3, -10.0, 25.125, 70.7];
pub(crate) const SHAPE: (usize, usize) = (3, 5);
/// ln rounds once in double precision, counts and its result once each in single: two ulp of values up to 2.
const ROUNDING: f32 = 4.0 * f32::EPSILON;

/// Optical densities without any symmetry that could hide a flip.
pub(crate) fn density() -> Array3<f32> {
    Array3::from_shape_fn((ANGLES.len(), SHAPE.0, SHAPE.1), |(a, y, x)| {
        0.2 + 0.3 * a as f32 + 0.05 * y as f32 + 0.01 * (x * x) as f32
    })
}

fn flat() -> Array2<f64> {
    Array2::from_shape_fn(SHAPE, |(y, x)| 1000.0 + 10.0 * y as f64 + x as f64)
}

fn dark() -> Array2<f64> {
    Array2::from_shape_fn(SHAPE, |(y, x)| 20.0 + y as f64 + 0.5 * x as f64)
}

/// `I = d + (f − d) exp(−μt)`.
pub(crate) fn counts() -> Array3<f64> {
    let (flat, dark) = (flat(), dark());
    let mut counts = density().mapv(|od| (-f64::from(od)).exp());
    for mut image in counts.outer_iter_mut() {
        image.zip_mut_with(&(&flat - &dark), |value, f| *value *= f);
        image += &dark;
    }
    counts
}

/// Two frames whose mean is `field`.
fn twice(field: &Array2<f64>) -> Array3<f64> {
    let apart = [field - 1.0, field + 1.0].map(|frame| frame.insert_axis(Axis(0)));
    concatenate(Axis(0), &[apart[0].view(), apart[1].view()]).expect("two frames")
}

pub(crate) fn open(path: &Path, options: &TiltOptions) -> Result<TiltReading, litho_io::IoError> {
    plan_tilts(path, options).and_then(|plan| read_tilts(&plan))
}

fn of(series: &TiltSeries) -> &Array3<f32> {
    match series.projections() {
        Projections::Phase(images) | Projections::OpticalDensity(images) => images,
        Projections::Transmission(_) => panic!("complex"),
    }
}

fn assert_density(found: &TiltSeries) {
    assert_eq!(found.angles(), &TiltAngles::from_degrees(&ANGLES).expect("angles"));
    assert!(matches!(found.projections(), Projections::OpticalDensity(_)));
    let (found, expected) = (of(found), density());
    assert_eq!(found.dim(), expected.dim());
    for (index, value) in found.indexed_iter() {
        assert!((value - expected[index]).abs() <= ROUNDING, "{index:?}: {value} {}", expected[index]);
    }
}

/// Whatever rows are read, and in which pieces, the bits are those of the whole.
fn assert_rows(path: &Path, options: &TiltOptions) {
    let plan = plan_tilts(path, options).expect("a plan");
    let whole = read_tilts(&plan).expect("read").series;
    for rows in [0..1, 1..3, 2..3, 0..3] {
        let part = read_tilt_rows(&plan, rows.clone()).expect("rows");
        let expected = of(&whole).slice_axis(Axis(1), rows.into()).mapv(f32::to_bits);
        assert_eq!(part.mapv(f32::to_bits), expected);
    }
    assert!(read_tilt_rows(&plan, 2..4).is_err() && read_tilt_rows(&plan, 1..1).is_err());
}

/// An `NXtomo` file: darks and flats first, projections in the order `order` with an invalid one among them, a flat last.
pub(crate) fn nxtomo(path: &Path, order: &[usize]) {
    let file = hdf5(path);
    for group in ["entry", "entry/instrument", "entry/instrument/detector", "entry/sample", "entry/beam"] {
        file.create_group(group).expect("a group");
    }
    put(&file, "entry/definition", arr0(VarLenUnicode::from_str("NXtomo").expect("text")).view());
    let one = |field: Array2<f64>| field.insert_axis(Axis(0));
    let counts = counts().select(Axis(0), order);
    let parts = [one(dark()), one(flat() - 1.0), counts, one(flat() * 7.0), one(flat() + 1.0)];
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    let all = concatenate(Axis(0), &views).expect("one stack").mapv(|v| v as f32);
    put(&file, "entry/instrument/detector/data", all.view());
    let mut keys = vec![2_i32, 1];
    keys.extend(vec![0; order.len()]);
    keys.extend([3, 1]);
    put(&file, "entry/instrument/detector/image_key", &keys);
    let mut angles = vec![0.0, 0.0];
    angles.extend(order.iter().map(|&k| ANGLES[k]));
    angles.extend([0.0, 0.0]);
    put(&file, "entry/sample/rotation_angle", &angles);
    text(&file.dataset("entry/sample/rotation_angle").expect("angles"), "units", "degree");
    for edge in ["x_pixel_size", "y_pixel_size"] {
        number(&file, &format!("entry/instrument/detector/{edge}"), 0.5);
        text(&file.dataset(&format!("entry/instrument/detector/{edge}")).expect("edge"), "units", "um");
    }
    number(&file, "entry/beam/incident_energy", 7.1);
    text(&file.dataset("entry/beam/incident_energy").expect("energy"), "units", "keV");
}

/// A Data Exchange file with two whites and two darks.
pub(crate) fn exchange(path: &Path, counts: &Array3<f64>, axes: &str) {
    let file = hdf5(path);
    file.create_group("exchange").expect("a group");
    put(&file, "exchange/data", counts.view());
    text(&file.dataset("exchange/data").expect("data"), "axes", axes);
    put(&file, "exchange/data_white", twice(&flat()).view());
    put(&file, "exchange/data_dark", twice(&dark()).view());
    put(&file, "exchange/theta", &ANGLES);
    text(&file.dataset("exchange/theta").expect("theta"), "units", "degrees");
}

#[test]
fn our_own_file_returns_every_bit_of_what_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tilts.h5");
    let mut phase = density().mapv(|v| -0.7 * v);
    phase[[1, 2, 3]] = f32::NAN;
    let complex = density().mapv(|v| C32::from_polar((-0.5 * v).exp(), -3.0 * v));
    let kinds = [
        Projections::Phase(phase),
        Projections::OpticalDensity(density()),
        Projections::Transmission(complex),
    ];
    // Angles whose degrees do not come back from their radians by multiplication alone.
    let angles: Vec<f64> = (0..4).map(|k| -77.123_456_789 + 41.3 * f64::from(k)).collect();
    for projections in kinds {
        let angles = TiltAngles::from_degrees(&angles).expect("angles");
        let (pixel, energy) = (Metres::new(6.7e-9), ElectronVolts::new(708.2));
        let series = TiltSeries::new(angles, projections, Some(pixel), Some(energy)).expect("a series");
        write_tilts(&path, &series).expect("written");
        let found = open(&path, &TiltOptions::default()).expect("read");
        // NaN is not equal to itself: the bits are compared in words.
        let shown = |series: &TiltSeries| {
            let numbers: Vec<u32> = match series.projections() {
                Projections::Transmission(images) => {
                    images.iter().flat_map(|t| [t.re.to_bits(), t.im.to_bits()]).collect()
                }
                _ => of(series).iter().map(|v| v.to_bits()).collect(),
            };
            (series.projections().name(), numbers, series.angles().radians(), series.pixel, series.energy)
        };
        assert_eq!(shown(&found.series), shown(&series));
        let missing = usize::from(matches!(series.projections(), Projections::Phase(_)));
        assert_eq!(found.warnings.len(), missing, "{:?}", found.warnings);
    }
}

#[test]
fn a_bare_real_dataset_in_our_place_is_an_optical_density_unless_it_has_radians() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bare.h5");
    let file = hdf5(&path);
    file.create_group("entry/projections")
        .or_else(|_| file.create_group("entry").and_then(|_| file.create_group("entry/projections")))
        .expect("groups");
    put(&file, "entry/projections/data", density().view());
    put(&file, "entry/angle", &ANGLES);
    drop(file);
    let found = open(&path, &TiltOptions::default()).expect("read");
    assert_density(&found.series);
    assert!(found.warnings.iter().any(|w| w.contains("read as optical-density")), "{:?}", found.warnings);
    let file = hdf5::File::open_rw(&path).expect("opened");
    text(&file.dataset("entry/projections/data").expect("data"), "units", "rad");
    drop(file);
    let found = open(&path, &TiltOptions::default()).expect("read");
    assert!(matches!(found.series.projections(), Projections::Phase(_)));
}

#[test]
fn nxtomo_sorts_out_flats_darks_and_angles() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.nxs");
    nxtomo(&path, &[2, 0, 3, 1]);
    let found = open(&path, &TiltOptions::default()).expect("read");
    // The counts are stored in single precision: half an ulp of 1000 against a difference of 150.
    let (found_density, expected) = (of(&found.series), density());
    for (index, value) in found_density.indexed_iter() {
        assert!((value - expected[index]).abs() <= ROUNDING + f32::EPSILON * 7.0, "{index:?}");
    }
    assert_eq!(found.series.pixel, Some(Metres::new(0.5 * 1e-6)));
    assert_eq!(found.series.energy, Some(ElectronVolts::new(7.1 * 1e3)));
    let said = found.warnings.join("\n");
    assert!(said.contains("sorted") && said.contains("1 images are marked invalid"), "{said}");
    assert_rows(&path, &TiltOptions::default());
}

#[test]
fn data_exchange_in_any_order_of_its_axes() {
    let folder = tempfile::tempdir().expect("a folder");
    for (axes, permutation) in [("theta:y:x", [0, 1, 2]), ("y:theta:x", [1, 0, 2]), ("y:x:theta", [1, 2, 0])]
    {
        let path = folder.path().join(format!("{}.h5", axes.replace(':', "_")));
        let stored = counts().permuted_axes(permutation).as_standard_layout().into_owned();
        exchange(&path, &stored, axes);
        let found = open(&path, &TiltOptions::default()).expect("read");
        assert_density(&found.series);
        assert_rows(&path, &TiltOptions::default());
    }
}

#[test]
fn any_hdf5_by_the_names_of_its_datasets() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.h5");
    let file = hdf5(&path);
    let sinograms = counts().permuted_axes([1, 0, 2]).as_standard_layout().into_owned();
    put(&file, "sino", sinograms.view());
    put(&file, "theta", &ANGLES.map(f64::to_radians));
    put(&file, "white", flat().view());
    put(&file, "black", dark().view());
    drop(file);
    let options = TiltOptions {
        dataset: Some("/sino".to_owned()),
        flat: Some("/white".to_owned()),
        dark: Some(format!("{}:/black", path.display())),
        pixel: Some(Metres::new(20e-9)),
        ..TiltOptions::default()
    };
    let found = open(&path, &options).expect("read");
    let said = found.warnings.join("\n");
    assert!(said.contains("read as radians") && said.contains("(y, angle, x)"), "{said}");
    // Degrees to radians and back rounds twice.
    for (angle, expected) in found.series.angles().degrees().iter().zip(ANGLES) {
        assert!((angle / expected - 1.0).abs() <= 4.0 * f64::EPSILON);
    }
    let with = TiltOptions {
        angles: Some(AngleSource::Values(ANGLES.to_vec())),
        axes: Some(TiltAxes::YAngleX),
        ..options.clone()
    };
    assert_density(&open(&path, &with).expect("read").series);
    assert_rows(&path, &with);
    let range =
        TiltOptions { angles: Some(AngleSource::Range(0.0, 90.0)), axes: Some(TiltAxes::YAngleX), ..options };
    assert_eq!(
        open(&path, &range).expect("read").series.angles(),
        &TiltAngles::from_degrees(&[0.0, 30.0, 60.0, 90.0]).expect("angles")
    );
}

#[test]
fn tiff_with_a_list_of_angles() {
    let folder = tempfile::tempdir().expect("a folder");
    let images = folder.path().join("images");
    std::fs::create_dir(&images).expect("a folder");
    for (k, image) in counts().outer_iter().enumerate() {
        write_tiff(&images.join(format!("p{}.tif", 8 + k)), image.mapv(|v| v as f32).view(), None)
            .expect("written");
    }
    let single = |field: Array2<f64>| field.mapv(|v| v as f32);
    let [white, black, list] = ["white.tif", "black.tif", "list.txt"].map(|name| folder.path().join(name));
    write_tiff_stack(&white, twice(&flat()).mapv(|v| v as f32).view(), None).expect("written");
    write_tiff(&black, single(dark()).view(), None).expect("written");
    // Flats and darks were taken at rest, before and after.
    let rested: Vec<String> =
        [ANGLES[0], ANGLES[0]].iter().chain(&ANGLES).chain(&[ANGLES[3]]).map(f64::to_string).collect();
    std::fs::write(&list, rested.join("\n")).expect("written");
    let name = |path: &Path| Some(path.display().to_string());
    let options = TiltOptions {
        angles: name(&list).map(AngleSource::Named),
        flat: name(&white),
        dark: name(&black),
        ..TiltOptions::default()
    };
    let found = open(&images, &options).expect("read");
    assert_eq!(found.series.angles(), &TiltAngles::from_degrees(&ANGLES).expect("angles"));
    for (index, value) in of(&found.series).indexed_iter() {
        assert!((value - density()[index]).abs() <= ROUNDING + f32::EPSILON * 7.0, "{index:?}");
    }
    assert!(
        found.warnings.iter().any(|w| w.contains("flats and darks are taken there")),
        "{:?}",
        found.warnings
    );
    assert_rows(&images, &options);
}

#[test]
fn a_plan_tells_what_it_found_without_a_projection() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.nxs");
    nxtomo(&path, &[0, 1, 2, 3]);
    let plan = plan_tilts(&path, &TiltOptions::default()).expect("a plan");
    assert_eq!(plan, plan_tilts(&path, &TiltOptions::default()).expect("the same plan"));
    assert_eq!(
        (plan.format, plan.quantity, plan.shape),
        (TiltFormat::NxTomo, TiltQuantity::Intensity, SHAPE)
    );
    assert_eq!(plan.places, [2, 3, 4, 5]);
    let names: Vec<_> = plan.ingredients.iter().map(|i| i.name).collect();
    assert_eq!(names, ["projections", "angles", "flat fields", "dark fields", "pixel", "energy"]);
    let stated = TiltOptions { angle_unit: Some(AngleUnit::Radian), ..TiltOptions::default() };
    assert!(plan_tilts(&path, &stated).expect("a plan").angles.degrees()[0] < -3000.0);
}

#[test]
fn a_measured_series_of_data_exchange_has_air_beside_the_tooth() {
    let Some(path) = litho_testkit::shared_data!("tomo/tooth.h5") else { return };
    let plan = plan_tilts(&path, &TiltOptions::default()).expect("a plan");
    assert_eq!((plan.angles.len(), plan.shape), (181, (2, 640)));
    let found = read_tilts(&plan).expect("read");
    let images = of(&found.series);
    let column_mean = |x: usize| images.index_axis(Axis(2), x).mean().unwrap_or(f32::NAN);
    // Air at the first columns, an opaque tooth in the middle: counts and fields were put together rightly.
    assert!(column_mean(5).abs() < 0.1, "{}", column_mean(5));
    assert!(column_mean(296) > 0.5, "{}", column_mean(296));
    assert_eq!(images.iter().filter(|v| !v.is_finite()).count(), 0);
}

#[test]
fn a_measured_folder_of_tiff_files_needs_its_list_of_angles() {
    let Some(folder) = litho_testkit::shared_data!("tomo/dls_i13_image_test") else { return };
    let name = |file: &str| Some(folder.join(file).display().to_string());
    let options = TiltOptions {
        angles: name("angles.txt").map(AngleSource::Named),
        flat: name("flat_00001.tiff"),
        dark: name("dark_00001.tiff"),
        ..TiltOptions::default()
    };
    let plan = plan_tilts(&folder.join("tiffs"), &options).expect("a plan");
    assert_eq!((plan.angles.len(), plan.shape), (91, (135, 160)));
    // 111 angles for 91 projections: ten more at rest on either side, every 2° between.
    let degrees = plan.angles.degrees();
    assert!((degrees[0] + 88.2).abs() < 1e-9 && (degrees[90] - 91.8).abs() < 0.01, "{degrees:?}");
    assert!(degrees.windows(2).all(|pair| (pair[1] - pair[0] - 2.0).abs() < 0.01));
    let found = read_tilts(&plan).expect("read");
    let images = of(&found.series);
    // The detector's first pixel counts neither light nor dark.
    let lost = images.iter().filter(|v| v.is_nan()).count();
    assert_eq!(lost, 91, "{:?}", found.warnings);
    assert!(found.warnings.iter().any(|w| w.contains("91 of")), "{:?}", found.warnings);
    // exp(−0.5): 22344 counts of a flat's 37195, on the mean of the image.
    let finite: Vec<f32> = images.iter().copied().filter(|v| v.is_finite()).collect();
    let mean = finite.iter().map(|&v| f64::from(v)).sum::<f64>() / finite.len() as f64;
    assert!((0.4..0.9).contains(&mean), "{mean}");
}
