//! NPY, NumPy's array file, version 1.0 (NumPy Enhancement Proposal 1).

use crate::atomic::write_file;
use crate::error::IoError;
use crate::h5::ArrayData;
use ndarray::ArrayViewD;
use std::io::Write;
use std::path::Path;

/// The header is padded so that the numbers begin at a multiple of this.
const ALIGNMENT: usize = 64;
/// Magic string, version and header length.
const PREAMBLE: usize = 10;

/// Writes an array that `numpy.load` reads, in C order and little endian.
///
/// # Errors
/// [`IoError`] if the file cannot be written.
pub fn write_npy<'a>(path: &Path, array: impl Into<ArrayData<'a>>) -> Result<(), IoError> {
    let array = array.into();
    write_file(path, |file| match array {
        ArrayData::U8(a) => put(file, "|u1", &a, |v| [v]),
        ArrayData::U16(a) => put(file, "<u2", &a, u16::to_le_bytes),
        ArrayData::U32(a) => put(file, "<u4", &a, u32::to_le_bytes),
        ArrayData::F32(a) => put(file, "<f4", &a, f32::to_le_bytes),
        ArrayData::F64(a) => put(file, "<f8", &a, f64::to_le_bytes),
        ArrayData::C32(a) => put(file, "<c8", &a, |v| {
            let mut bytes = [0; 8];
            bytes[..4].copy_from_slice(&v.re.to_le_bytes());
            bytes[4..].copy_from_slice(&v.im.to_le_bytes());
            bytes
        }),
    })
}

fn put<T: Copy, const N: usize>(
    file: &mut impl Write,
    descr: &str,
    array: &ArrayViewD<'_, T>,
    bytes: impl Fn(T) -> [u8; N],
) -> std::io::Result<()> {
    file.write_all(&header(descr, array.shape()))?;
    // `iter` runs in C order whatever the memory layout.
    array.iter().try_for_each(|value| file.write_all(&bytes(*value)))
}

/// Magic string, version, and the dictionary of type and shape, in C order.
pub(crate) fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let axes: Vec<String> = shape.iter().map(|n| format!("{n},")).collect();
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}), }}", axes.join(" "));
    let padding = (ALIGNMENT - (PREAMBLE + text.len() + 1) % ALIGNMENT) % ALIGNMENT;
    text.extend(std::iter::repeat_n(' ', padding));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    // At most 32 axes of 20 digits: far below 65536.
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn header_and_numbers_are_where_numpy_looks_for_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.npy");
        // Transposed: C order must follow the axes, not the memory.
        let array = arr2(&[[1_u16, 2], [3, 4], [5, 6]]).reversed_axes();
        write_npy(&path, &array).expect("written");
        let bytes = std::fs::read(&path).expect("read");
        assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
        let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        assert_eq!((PREAMBLE + length) % ALIGNMENT, 0);
        let text = String::from_utf8(bytes[10..10 + length].to_vec()).expect("ASCII");
        assert!(text.starts_with("{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3,), }"), "{text}");
        assert_eq!(&bytes[10 + length..], [1, 0, 3, 0, 5, 0, 2, 0, 4, 0, 6, 0]);
    }
}
