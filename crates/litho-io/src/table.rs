//! Tables as CSV: numbers that read back to the same bits.

use crate::atomic::write_file;
use crate::error::IoError;
use std::io::Write;
use std::path::Path;

/// Writes a table of numbers with a heading; NaN becomes an empty field. Every
/// number is written with as few digits as read back to the same bits.
///
/// # Errors
/// [`IoError`] if a row has not one value per column, or the file cannot be written.
pub fn write_csv<'a>(
    path: &Path,
    columns: &[&str],
    rows: impl IntoIterator<Item = &'a [f64]>,
) -> Result<(), IoError> {
    let mut text = Vec::new();
    let heading: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
    text.push(heading.join(","));
    for (index, row) in rows.into_iter().enumerate() {
        if row.len() != columns.len() {
            let reason = format!("row {index} has {} values for {} columns", row.len(), columns.len());
            return Err(IoError::write(path, "the table", reason));
        }
        let fields: Vec<String> =
            row.iter().map(|v| if v.is_nan() { String::new() } else { format!("{v:?}") }).collect();
        text.push(fields.join(","));
    }
    write_file(path, |file| text.iter().try_for_each(|line| writeln!(file, "{line}")))
}

/// A field of RFC 4180: in quotes where it holds a comma, a quote or a line break.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_and_nan_is_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.csv");
        let rows = [[0.1 + 0.2, f64::NAN], [1.0e-9, -3.0]];
        write_csv(&path, &["a", "b, c"], rows.iter().map(|row| &row[..])).expect("written");
        let text = std::fs::read_to_string(&path).expect("read");
        assert_eq!(text, "a,\"b, c\"\n0.30000000000000004,\n1e-9,-3.0\n");
    }

    #[test]
    fn a_ragged_row_leaves_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.csv");
        let rows = [vec![1.0], vec![1.0, 2.0]];
        assert!(write_csv(&path, &["a", "b"], rows.iter().map(|row| &row[..])).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 0);
    }
}
