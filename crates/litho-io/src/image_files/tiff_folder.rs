//! TIFF images that belong together: a file of several pages, or the files of a folder by name.

use super::tiff_read::tiff_shape;
use crate::error::IoError;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A folder, or a file that begins as TIFF or `BigTIFF` does.
pub(crate) fn is_tiff(path: &Path) -> Result<bool, IoError> {
    let metadata = std::fs::metadata(path).map_err(|e| IoError::file("open", path, &e))?;
    if metadata.is_dir() {
        return Ok(true);
    }
    let file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    let mut head = Vec::new();
    file.take(4).read_to_end(&mut head).map_err(|e| IoError::file("read", path, &e))?;
    Ok([b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head == *magic))
}

/// The file itself, or all TIFF files of a folder, by name with numbers in numerical order.
pub(crate) fn tiff_files(path: &Path) -> Result<Vec<PathBuf>, IoError> {
    if path.is_dir() { files_in(path) } else { Ok(vec![path.to_owned()]) }
}

/// Pages of all files together and their common shape: `(pages, ny, nx)`. No pixel is read.
///
/// # Errors
/// [`IoError`] if one cannot be read, or differs in size from those before it.
pub(crate) fn tiff_files_shape(files: &[PathBuf]) -> Result<(usize, usize, usize), IoError> {
    let mut count = 0;
    let mut first: Option<(usize, usize)> = None;
    for file in files {
        let (pages, ny, nx) = tiff_shape(file)?;
        let (y, x) = *first.get_or_insert((ny, nx));
        if (ny, nx) != (y, x) {
            return Err(IoError::WrongShape {
                path: file.clone(),
                dataset: "the image".to_owned(),
                found: vec![pages, ny, nx],
                expected: format!(
                    "of {y} × {x} pixels, as those before it; crop or pad all images to one size"
                ),
            });
        }
        count += pages;
    }
    let (ny, nx) = first.unwrap_or((0, 0));
    Ok((count, ny, nx))
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, IoError> {
    let fail = |e: std::io::Error| IoError::file("list", folder, &e);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        if path.is_file() && matches!(extension.as_deref(), Some("tif" | "tiff")) {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(IoError::argument(
            "input",
            folder.display(),
            "holds no file .tif or .tiff; name the data",
        ));
    }
    files.sort_by_cached_key(|path| natural_key(&path.file_name().unwrap_or_default().to_string_lossy()));
    Ok(files)
}

/// A key by which `a2` comes before `a10`: every run of digits is led by its length.
fn natural_key(name: &str) -> Vec<(u8, usize, String)> {
    let mut key: Vec<(u8, usize, String)> = Vec::new();
    for c in name.chars() {
        let kind = u8::from(!c.is_ascii_digit());
        match key.last_mut() {
            Some((last, length, text)) if *last == kind => {
                if kind == 0 && text == "0" {
                    text.clear();
                } else {
                    *length += usize::from(kind == 0);
                }
                text.push(c);
            }
            _ => key.push((kind, usize::from(kind == 0), c.to_string())),
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = vec!["e10.tif", "e9.tif", "e010b.tif", "e100.tif", "a.tif"];
        names.sort_by_cached_key(|name| natural_key(name));
        assert_eq!(names, ["a.tif", "e9.tif", "e10.tif", "e010b.tif", "e100.tif"]);
    }
}
