//! Markdown tables.

/// A Markdown table whose columns are padded to one width each; all but the first align right.
pub(crate) fn markdown<const COLUMNS: usize>(header: [&str; COLUMNS], rows: &[[String; COLUMNS]]) -> String {
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count(), 3]).max().unwrap_or(0)
    });
    let mut text = line(&widths, header);
    let rule: [String; COLUMNS] = std::array::from_fn(|column| match column {
        0 => "-".repeat(widths[column]),
        _ => format!("{}:", "-".repeat(widths[column] - 1)),
    });
    text += &line(&widths, rule.each_ref().map(String::as_str));
    for row in rows {
        text += &line(&widths, row.each_ref().map(String::as_str));
    }
    text
}

fn line<const COLUMNS: usize>(widths: &[usize; COLUMNS], cells: [&str; COLUMNS]) -> String {
    let padded = cells.into_iter().zip(widths).enumerate().map(|(column, (cell, &width))| match column {
        0 => format!("{cell:<width$}"),
        _ => format!("{cell:>width$}"),
    });
    format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_in_characters_not_bytes() {
        let rows = [["α β".to_owned(), "1.5".to_owned()], ["floor".to_owned(), "12.25".to_owned()]];
        let expected = "\
| name  |   s/µ |
| ----- | ----: |
| α β   |   1.5 |
| floor | 12.25 |
";
        assert_eq!(markdown(["name", "s/µ"], &rows), expected);
    }
}
