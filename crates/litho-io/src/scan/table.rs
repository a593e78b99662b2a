//! Positions from a text table.

use crate::error::IoError;
use litho_types::point::Point;
use std::path::Path;

/// Largest table read: ten million positions of a hundred characters.
const MAX_BYTES: u64 = 1 << 30;

/// Reads two columns `y, x`, separated by commas, semicolons or white space. Lines
/// beginning with `#` are comments, and the first line may be a heading.
///
/// # Errors
/// [`IoError`] with the line and its text if one is not two numbers.
pub(crate) fn read_positions_table(path: &Path) -> Result<Vec<Point<f64>>, IoError> {
    let fail = |e: std::io::Error| IoError::file("read", path, &e);
    let length = std::fs::metadata(path).map_err(fail)?.len();
    if length > MAX_BYTES {
        let (dataset, bytes, available) = ("the table".to_owned(), length, MAX_BYTES);
        return Err(IoError::TooLarge { path: path.to_owned(), dataset, bytes, available });
    }
    let bytes = std::fs::read(path).map_err(fail)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| IoError::WrongType {
        path: path.to_owned(),
        dataset: "the file".to_owned(),
        found: "neither HDF5 nor text".to_owned(),
        expected: "a table of y, x".to_owned(),
    })?;
    let mut positions = Vec::new();
    let mut heading_allowed = true;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> =
            line.split([',', ';', ' ', '\t']).map(str::trim).filter(|field| !field.is_empty()).collect();
        let values: Option<Vec<f64>> = fields.iter().map(|field| field.parse().ok()).collect();
        match values.as_deref() {
            Some([y, x]) => positions.push(Point::new(*y, *x)),
            None if heading_allowed => {}
            _ => {
                return Err(IoError::BadValue {
                    path: path.to_owned(),
                    dataset: "the table".to_owned(),
                    index: format!("line {}", number + 1),
                    value: format!("`{}`", line.chars().take(60).collect::<String>()),
                    problem: "not two numbers; every line must be `y, x`".to_owned(),
                });
            }
        }
        heading_allowed = false;
    }
    Ok(positions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Point<f64>>, IoError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("positions.csv");
        std::fs::write(&path, text).expect("written");
        read_positions_table(&path)
    }

    #[test]
    fn separators_comments_and_a_heading_are_understood() {
        let expected = vec![Point::new(1.0, -2.5), Point::new(3e-6, 4.0)];
        assert_eq!(read("# scan\ny,x\n1,-2.5\n3e-6, 4\n").expect("csv"), expected);
        assert_eq!(read("1 -2.5\n\n3e-6\t4").expect("columns"), expected);
    }

    #[test]
    fn a_wrong_line_is_named() {
        let text = read("1,2\n3,4,5\n").expect_err("three columns").to_string();
        assert!(text.contains("line 2") && text.contains("3,4,5"), "{text}");
        assert!(read("1,2\ny,x\n").is_err(), "a heading belongs on top");
    }
}
