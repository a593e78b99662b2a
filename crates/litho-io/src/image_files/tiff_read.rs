//! Reading grey TIFF images of any number type.

use crate::error::IoError;
use crate::memory::ensure_fits;
use ndarray::{Array3, ArrayViewMut2, Axis};
use std::fs::File;
use std::io::BufReader;
use std::ops::Range;
use std::path::Path;
use tiff::ColorType;
use tiff::decoder::{ChunkType, Decoder, DecodingResult};
use tiff::tags::Tag;

/// Most pages looked at: an endless chain of pages ends here.
const MAX_PAGES: usize = 100_000;

/// Number of pages and their shape: `(pages, ny, nx)`. No pixel is read.
///
/// # Errors
/// [`IoError`] if the file is no TIFF, or a page is not grey or differs in size from the first.
pub(crate) fn tiff_shape(path: &Path) -> Result<(usize, usize, usize), IoError> {
    let mut decoder = open(path)?;
    let mut pages = 0;
    let mut first = None;
    loop {
        let shape = page_shape(path, &mut decoder, pages)?;
        let expected = *first.get_or_insert(shape);
        if shape != expected {
            return Err(IoError::WrongShape {
                path: path.to_owned(),
                dataset: format!("page {}", pages + 1),
                found: vec![shape.0, shape.1],
                expected: format!("{:?} (y, x), as the pages before it", [expected.0, expected.1]),
            });
        }
        pages += 1;
        if !decoder.more_images() || pages == MAX_PAGES {
            return Ok((pages, shape.0, shape.1));
        }
        decoder.next_image().map_err(|e| fail(path, pages, &e))?;
    }
}

/// All pages `(page, y, x)` in single precision.
///
/// # Errors
/// [`IoError`] if the file is no TIFF, or a page cannot be decoded, is not grey, or differs in size from the first.
pub(crate) fn read_tiff_pages(path: &Path) -> Result<Array3<f32>, IoError> {
    let (_, ny, _) = tiff_shape(path)?;
    read_tiff_rows(path, 0..ny)
}

/// These rows of all pages, `(page, row, x)`. Of pages stored in strips only the strips that hold them are decoded.
///
/// # Errors
/// As [`read_tiff_pages`]; also if the rows reach beyond the pages.
pub(crate) fn read_tiff_rows(path: &Path, rows: Range<usize>) -> Result<Array3<f32>, IoError> {
    read_tiff_part(path, 0..usize::MAX, rows)
}

/// These rows of these pages, `(page, row, x)`; pages beyond the last are not there.
///
/// # Errors
/// As [`read_tiff_rows`].
pub(crate) fn read_tiff_part(
    path: &Path,
    pages: Range<usize>,
    rows: Range<usize>,
) -> Result<Array3<f32>, IoError> {
    let (count, ny, nx) = tiff_shape(path)?;
    let pages = pages.start.min(count)..pages.end.min(count);
    if rows.start > rows.end || rows.end > ny {
        return Err(decode_error(path, 0, format!("it has {ny} rows, not {}..{}", rows.start, rows.end)));
    }
    ensure_fits(path, "the pages", &[pages.len(), rows.len(), nx], 2 * size_of::<f32>())?;
    let mut decoder = open(path)?;
    let mut all = Array3::zeros((pages.len(), rows.len(), nx));
    for page in 0..pages.end {
        if page > 0 {
            decoder.next_image().map_err(|e| fail(path, page, &e))?;
        }
        if page >= pages.start {
            let image = all.index_axis_mut(Axis(0), page - pages.start);
            page_rows(path, &mut decoder, page, &rows, image)?;
        }
    }
    Ok(all)
}

/// Decodes rows of the page the decoder stands at.
fn page_rows(
    path: &Path,
    decoder: &mut Decoder<BufReader<File>>,
    page: usize,
    rows: &Range<usize>,
    mut image: ArrayViewMut2<'_, f32>,
) -> Result<(), IoError> {
    let (ny, nx) = page_shape(path, decoder, page)?;
    let missing = || decode_error(path, page, "it holds not one number per pixel".to_owned());
    let mut fill = |values: Vec<f32>, first: usize| -> Result<(), IoError> {
        for (row, line) in values.chunks_exact(nx.max(1)).enumerate().map(|(k, line)| (first + k, line)) {
            if rows.contains(&row) {
                image
                    .row_mut(row - rows.start)
                    .iter_mut()
                    .zip(line)
                    .for_each(|(pixel, value)| *pixel = *value);
            }
        }
        Ok(())
    };
    let (width, height) = decoder.chunk_dimensions();
    let (width, height) = (width as usize, (height as usize).max(1));
    if decoder.get_chunk_type() != ChunkType::Strip || width != nx || height >= ny {
        let values = single_precision(decoder.read_image().map_err(|e| fail(path, page, &e))?);
        return if values.len() == ny * nx { fill(values, 0) } else { Err(missing()) };
    }
    let strips = rows.start / height..rows.end.div_ceil(height);
    for strip in strips {
        let index = u32::try_from(strip).map_err(|_| missing())?;
        let values = single_precision(decoder.read_chunk(index).map_err(|e| fail(path, page, &e))?);
        let expected = height.min(ny - strip * height) * nx;
        if values.len() < expected {
            return Err(missing());
        }
        fill(values, strip * height)?;
    }
    Ok(())
}

/// The description in the first page; empty if there is none.
pub(crate) fn tiff_description(path: &Path) -> Result<String, IoError> {
    Ok(open(path)?.get_tag_ascii_string(Tag::ImageDescription).unwrap_or_default())
}

fn open(path: &Path) -> Result<Decoder<BufReader<File>>, IoError> {
    let file = File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    Decoder::new(BufReader::new(file)).map_err(|e| fail(path, 0, &e))
}

fn page_shape(
    path: &Path,
    decoder: &mut Decoder<BufReader<File>>,
    page: usize,
) -> Result<(usize, usize), IoError> {
    match decoder.colortype().map_err(|e| fail(path, page, &e))? {
        ColorType::Gray(_) => {}
        other => return Err(decode_error(path, page, format!("its pixels are {other:?}, not grey"))),
    }
    let (nx, ny) = decoder.dimensions().map_err(|e| fail(path, page, &e))?;
    Ok((ny as usize, nx as usize))
}

fn single_precision(pixels: DecodingResult) -> Vec<f32> {
    match pixels {
        DecodingResult::U8(v) => v.into_iter().map(f32::from).collect(),
        DecodingResult::U16(v) => v.into_iter().map(f32::from).collect(),
        DecodingResult::U32(v) => v.into_iter().map(|v| v as f32).collect(),
        DecodingResult::U64(v) => v.into_iter().map(|v| v as f32).collect(),
        DecodingResult::I8(v) => v.into_iter().map(f32::from).collect(),
        DecodingResult::I16(v) => v.into_iter().map(f32::from).collect(),
        DecodingResult::I32(v) => v.into_iter().map(|v| v as f32).collect(),
        DecodingResult::I64(v) => v.into_iter().map(|v| v as f32).collect(),
        DecodingResult::F16(v) => v.into_iter().map(f32::from).collect(),
        DecodingResult::F32(v) => v,
        DecodingResult::F64(v) => v.into_iter().map(|v| v as f32).collect(),
    }
}

fn fail(path: &Path, page: usize, error: &tiff::TiffError) -> IoError {
    decode_error(path, page, error.to_string())
}

fn decode_error(path: &Path, page: usize, reason: String) -> IoError {
    let fix = "as grey TIFF with strips, uncompressed";
    IoError::Decode { path: path.to_owned(), part: format!("page {}", page + 1), reason, fix }
}
