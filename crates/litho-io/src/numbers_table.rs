//! Columns of numbers in a text file, as spectra and energy lists are kept.

use crate::error::IoError;
use std::path::Path;

/// Largest table read: a hundred thousand lines of a thousand characters.
const MAX_BYTES: u64 = 100 << 20;
/// Characters that begin a comment.
const COMMENT: [char; 3] = ['#', '%', '!'];

/// A text file of columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NumbersTable {
    /// The lines of comment, without the sign that marks them.
    pub(crate) comments: Vec<String>,
    /// The heading, if the first line that is no comment is one.
    pub(crate) heading: Option<Vec<String>>,
    /// The numbers, one vector per line; all of one length. An empty field between commas is NaN.
    pub(crate) rows: Vec<Vec<f64>>,
}

impl NumbersTable {
    /// Reads columns separated by commas, semicolons or white space. Lines that begin with `#`, `%` or `!` are
    /// comments; the first other line may be a heading.
    ///
    /// # Errors
    /// [`IoError`] if the file cannot be read, is no text, holds no number, or a line differs in its count of numbers.
    pub(crate) fn read(path: &Path) -> Result<Self, IoError> {
        let fail = |e: std::io::Error| IoError::file("read", path, &e);
        let length = std::fs::metadata(path).map_err(fail)?.len();
        if length > MAX_BYTES {
            let (dataset, bytes, available) = ("the table".to_owned(), length, MAX_BYTES);
            return Err(IoError::TooLarge { path: path.to_owned(), dataset, bytes, available });
        }
        let bytes = std::fs::read(path).map_err(fail)?;
        if bytes.contains(&0) {
            return Err(IoError::WrongType {
                path: path.to_owned(),
                dataset: "the file".to_owned(),
                found: "binary".to_owned(),
                expected: "text with columns of numbers".to_owned(),
            });
        }
        // Lossy: comments in old files are Latin-1.
        Self::parse(path, &String::from_utf8_lossy(&bytes))
    }

    /// As [`read`](Self::read), from text; `path` is for messages.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, IoError> {
        let mut table = Self { comments: Vec::new(), heading: None, rows: Vec::new() };
        for (number, line) in text.lines().enumerate() {
            let line = line.trim().trim_start_matches('\u{feff}');
            if let Some(comment) = line.strip_prefix(COMMENT) {
                table.comments.push(comment.trim().to_owned());
            } else if !line.is_empty() {
                table.take(path, number + 1, line)?;
            }
        }
        if table.rows.is_empty() {
            return Err(bad_line(path, 0, "", "the file holds no line of numbers"));
        }
        Ok(table)
    }

    fn take(&mut self, path: &Path, number: usize, line: &str) -> Result<(), IoError> {
        let fields = fields(line);
        let values: Option<Vec<f64>> = fields.iter().map(|field| number_of(field)).collect();
        match values {
            Some(values) => {
                let columns = self.rows.first().map_or(values.len(), Vec::len);
                if values.len() != columns {
                    let problem = format!("{} numbers, but the lines before have {columns}", values.len());
                    return Err(bad_line(path, number, line, &problem));
                }
                self.rows.push(values);
            }
            None if self.rows.is_empty() && self.heading.is_none() => {
                self.heading = Some(fields.into_iter().map(str::to_owned).collect());
            }
            None => return Err(bad_line(path, number, line, "not only numbers; mark a comment with #")),
        }
        Ok(())
    }

    /// Number of columns.
    pub(crate) fn width(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    /// The numbers of column `index`.
    pub(crate) fn column(&self, index: usize) -> Vec<f64> {
        self.rows.iter().filter_map(|row| row.get(index).copied()).collect()
    }

    /// The first column whose heading is one of `names`, without regard to case.
    pub(crate) fn named(&self, names: &[&str]) -> Option<usize> {
        let heading = self.heading.as_ref()?;
        heading.iter().position(|title| names.iter().any(|name| title.eq_ignore_ascii_case(name)))
    }
}

fn fields(line: &str) -> Vec<&str> {
    if line.contains([',', ';']) {
        line.split([',', ';']).map(|field| field.trim().trim_matches('"')).collect()
    } else {
        line.split_whitespace().collect()
    }
}

fn number_of(field: &str) -> Option<f64> {
    if field.is_empty() { Some(f64::NAN) } else { field.parse().ok() }
}

fn bad_line(path: &Path, number: usize, line: &str, problem: &str) -> IoError {
    IoError::BadValue {
        path: path.to_owned(),
        dataset: "the table".to_owned(),
        index: if number == 0 { "every line".to_owned() } else { format!("line {number}") },
        value: format!("`{}`", line.chars().take(60).collect::<String>()),
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<NumbersTable, IoError> {
        NumbersTable::parse(Path::new("list.csv"), text)
    }

    #[test]
    fn comments_headings_and_separators_are_understood() {
        let table = parse("# made by hand\nEnergy, OD\n708.2, 0.5\n710.2,\n").expect("a table");
        assert!(table.column(1)[1].is_nan(), "an empty field is no number");
        assert_eq!(table.comments, ["made by hand"]);
        assert_eq!(table.named(&["energy"]), Some(0));
        assert_eq!(table.column(0), [708.2, 710.2]);
        assert_eq!(parse("1 2\n3\t4\n").expect("columns").column(1), [2.0, 4.0]);
    }

    #[test]
    fn a_wrong_line_is_named() {
        let text = parse("1 2\n3 4 5\n").expect_err("ragged").to_string();
        assert!(text.contains("line 2") && text.contains("3 numbers"), "{text}");
        assert!(parse("a b\nc d\n").is_err(), "two headings");
        assert!(parse("# nothing\n").is_err());
    }
}
