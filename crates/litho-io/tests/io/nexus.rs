//! Result files: what is written can be read, and a failure leaves nothing.

use litho_io::{Axis, NexusWriter, read_complex, read_real, read_result};
use litho_types::C32;
use ndarray::{Array1, Array2, Array3};

fn object() -> Array2<C32> {
    Array2::from_shape_fn((40, 60), |(y, x)| C32::new(y as f32, -(x as f32)))
}

fn write(path: &std::path::Path) {
    let coordinates = |n: usize| Array1::from_iter((0..n).map(|i| i as f64 * 1e-8)).to_vec();
    let (y, x) = (coordinates(40), coordinates(60));
    let mut writer = NexusWriter::create(path).expect("created");
    let axes = [Axis::new("y", &y, "m"), Axis::new("x", &x, "m")];
    writer
        .data_group("/entry/object", "data", &axes, &object(), "", "transmission of the object")
        .expect("object");
    let loss = [0.5_f64, 0.25];
    let iteration = [1.0, 2.0];
    let axes = [Axis::new("iteration", &iteration, "")];
    writer.data_group("/entry/loss", "data", &axes, loss.as_slice(), "", "loss").expect("loss");
    let labels = Array3::from_shape_fn((2, 3, 4), |(z, y, x)| (z * 12 + y * 4 + x) as u32);
    writer
        .data_group("/entry/particles", "label", &[Axis::index(); 3], &labels, "", "particle")
        .expect("labels");
    writer.group("/entry/process", "NXprocess").expect("process");
    writer.dataset("/entry/process/version", "0.1.0", "").expect("text");
    writer.dataset("/entry/process/citations", vec!["a".to_owned(), "b".to_owned()], "").expect("texts");
    writer.dataset("/entry/process/wall_s", 1.5, "s").expect("number");
    writer.dataset("/entry/process/seed", 7_i64, "").expect("integer");
    writer.commit().expect("committed");
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.h5");
    write(&path);
    let file = read_result(&path).expect("opened");
    assert_eq!(file.complex("/entry/object/data").expect("complex"), object().into_dyn());
    assert_eq!(file.unit("/entry/object/y").as_deref(), Some("m"));
    assert_eq!(file.attr_text("/entry/object", "signal").as_deref(), Some("data"));
    assert_eq!(file.attr_text("/", "default").as_deref(), Some("entry"));
    assert_eq!(file.attr_text("/entry", "default").as_deref(), Some("object"));
    assert_eq!(file.labels("/entry/particles/label").expect("labels")[[1, 2, 3]], 23);
    assert_eq!(file.text("/entry/process/version").expect("text"), "0.1.0");
    assert_eq!(file.texts("/entry/process/citations").expect("texts"), ["a", "b"]);
    assert_eq!(file.number("/entry/process/wall_s").expect("number"), 1.5);
    assert_eq!(file.number("/entry/process/seed").expect("seed"), 7.0);
    let spec = |name: &str| format!("{}:{name}", path.display());
    assert_eq!(read_complex(&spec("/entry/object/data")).expect("complex").shape(), [40, 60]);
    assert_eq!(read_real(&spec("/entry/loss/data")).expect("real").as_slice(), Some([0.5, 0.25].as_slice()));
}

#[test]
fn a_missing_name_lists_what_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.h5");
    write(&path);
    let file = read_result(&path).expect("opened");
    let text = file.complex("/entry/objekt/data").expect_err("misspelt").to_string();
    assert!(text.contains("/entry/objekt/data") && text.contains("/entry/object/data"), "{text}");
    let text = file.complex("/entry/loss/data").expect_err("real, not complex").to_string();
    assert!(text.contains("compound {r, i}"), "{text}");
    assert!(read_complex(&path.display().to_string()).is_err(), "several datasets and none named");
}

#[test]
fn nothing_is_left_of_a_file_that_was_not_committed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.h5");
    let mut writer = NexusWriter::create(&path).expect("created");
    let wrong = [Axis::new("y", &[0.0, 1.0], "m"), Axis::new("x", &[0.0], "m")];
    let error =
        writer.data_group("/entry/object", "data", &wrong, &object(), "", "").expect_err("axes do not fit");
    assert!(error.to_string().contains("y (2), x (1)"), "{error}");
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 0);
}
