//! TIFF in single precision: one image, or a stack of them.

use crate::atomic::write_file;
use crate::error::IoError;
use litho_types::quantity::Metres;
use ndarray::{ArrayView2, ArrayView3, Axis};
use std::io::{Seek, Write};
use std::path::Path;
use tiff::encoder::{Rational, TiffEncoder, TiffKind, colortype::Gray32Float};
use tiff::tags::ResolutionUnit;

/// Above this many bytes of pixels the 32-bit offsets of classic TIFF run out.
const CLASSIC_LIMIT: usize = (u32::MAX - (1 << 24)) as usize;

/// Writes one image `(y, x)`; `pixel`, if given, becomes the resolution.
///
/// # Errors
/// [`IoError`] if the image is empty or the file cannot be written.
pub fn write_tiff(path: &Path, image: ArrayView2<'_, f32>, pixel: Option<Metres>) -> Result<(), IoError> {
    write_tiff_stack(path, image.insert_axis(Axis(0)), pixel)
}

/// Writes a stack `(page, y, x)`, as `BigTIFF` if it exceeds 4 GB; `pixel`, if given, becomes the resolution.
///
/// # Errors
/// [`IoError`] if the stack is empty or the file cannot be written.
pub fn write_tiff_stack(
    path: &Path,
    stack: ArrayView3<'_, f32>,
    pixel: Option<Metres>,
) -> Result<(), IoError> {
    if stack.is_empty() {
        return Err(IoError::write(path, "the image", format!("its shape {:?} has no pixel", stack.shape())));
    }
    let other = |e: tiff::TiffError| std::io::Error::other(e.to_string());
    write_file(path, |file| {
        if stack.len() * size_of::<f32>() > CLASSIC_LIMIT {
            pages(TiffEncoder::new_big(file).map_err(other)?, stack, pixel)
        } else {
            pages(TiffEncoder::new(file).map_err(other)?, stack, pixel)
        }
        .map_err(other)
    })
}

fn pages<W: Write + Seek, K: TiffKind>(
    mut encoder: TiffEncoder<W, K>,
    stack: ArrayView3<'_, f32>,
    pixel: Option<Metres>,
) -> tiff::TiffResult<()> {
    let (_, ny, nx) = stack.dim();
    let side = |n: usize| u32::try_from(n).map_err(|_| tiff::TiffError::IntSizeError);
    for page in stack.outer_iter() {
        let mut image = encoder.new_image::<Gray32Float>(side(nx)?, side(ny)?)?;
        if let Some(resolution) = pixel.and_then(per_centimetre) {
            image.resolution(ResolutionUnit::Centimeter, resolution);
        }
        image.write_data(&page.iter().copied().collect::<Vec<f32>>())?;
    }
    Ok(())
}

/// Pixels per centimetre to six digits or more, as a fraction of 32-bit integers.
fn per_centimetre(pixel: Metres) -> Option<Rational> {
    let resolution = 1e-2 / pixel.value();
    let d =
        [1_000_000_u32, 1000, 1].into_iter().find(|d| resolution * f64::from(*d) < f64::from(u32::MAX))?;
    (resolution > 0.0).then(|| Rational { n: (resolution * f64::from(d)).round() as u32, d })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;
    use tiff::decoder::{Decoder, DecodingResult};

    #[test]
    fn pages_read_back_bit_for_bit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.tif");
        let stack = Array3::from_shape_fn((3, 4, 5), |(p, y, x)| (p * 20 + y * 5 + x) as f32 * 0.1 - 1.0);
        write_tiff_stack(&path, stack.view(), Some(Metres::new(20e-9))).expect("written");
        let mut decoder = Decoder::new(std::fs::File::open(&path).expect("opened")).expect("a TIFF");
        for page in stack.outer_iter() {
            assert_eq!(decoder.dimensions().expect("dimensions"), (5, 4));
            let DecodingResult::F32(values) = decoder.read_image().expect("pixels") else {
                panic!("not in single precision")
            };
            assert_eq!(values, page.iter().copied().collect::<Vec<_>>());
            if decoder.more_images() {
                decoder.next_image().expect("the next page");
            }
        }
        // 1 cm / 20 nm = 500 000 pixels per centimetre.
        let resolution = per_centimetre(Metres::new(20e-9)).expect("a resolution");
        assert_eq!(f64::from(resolution.n) / f64::from(resolution.d), 500_000.0);
    }

    #[test]
    fn an_empty_image_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let empty = Array3::<f32>::zeros((0, 4, 5));
        assert!(write_tiff_stack(&folder.path().join("a.tif"), empty.view(), None).is_err());
    }
}
