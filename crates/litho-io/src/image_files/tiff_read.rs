//! Reading grey TIFF images of any number type.

use crate::error::IoError;
use crate::memory::ensure_fits;
use ndarray::Array3;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult};

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
    let (pages, ny, nx) = tiff_shape(path)?;
    ensure_fits(path, "the pages", &[pages, ny, nx], 2 * size_of::<f32>())?;
    let mut decoder = open(path)?;
    let mut all = Array3::zeros((pages, ny, nx));
    for (page, mut image) in all.outer_iter_mut().enumerate() {
        if page > 0 {
            decoder.next_image().map_err(|e| fail(path, page, &e))?;
        }
        let values = single_precision(decoder.read_image().map_err(|e| fail(path, page, &e))?);
        if values.len() != ny * nx {
            return Err(decode_error(path, page, "it holds not one number per pixel".to_owned()));
        }
        image.iter_mut().zip(values).for_each(|(pixel, value)| *pixel = value);
    }
    Ok(all)
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
