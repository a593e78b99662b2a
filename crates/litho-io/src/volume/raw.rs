//! Numbers that lie one after another in a file, as NPY and MRC keep them.

use crate::error::IoError;
use crate::memory::{bytes_of, ensure_fits};
use crate::positioned::read_exact_at;
use ndarray::Array3;
use std::ops::Range;
use std::path::Path;

/// A number type in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberType {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F16,
    F32,
    F64,
}

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

/// Numbers of a volume in one piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawNumbers {
    /// Where they begin.
    pub(super) offset: u64,
    pub(super) number: NumberType,
    pub(super) order: ByteOrder,
    /// Shape (z, y, x).
    pub(super) shape: [usize; 3],
    /// Whether the first index runs fastest, as FORTRAN has it.
    pub(super) first_fastest: bool,
}

impl NumberType {
    /// Bytes of one number.
    pub(super) const fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// In words, as NumPy and Zarr call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::I8 => "int8",
            Self::U8 => "uint8",
            Self::I16 => "int16",
            Self::U16 => "uint16",
            Self::I32 => "int32",
            Self::U32 => "uint32",
            Self::I64 => "int64",
            Self::U64 => "uint64",
            Self::F16 => "float16",
            Self::F32 => "float32",
            Self::F64 => "float64",
        }
    }

    /// The type of this name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        const ALL: [NumberType; 11] = [
            NumberType::I8,
            NumberType::U8,
            NumberType::I16,
            NumberType::U16,
            NumberType::I32,
            NumberType::U32,
            NumberType::I64,
            NumberType::U64,
            NumberType::F16,
            NumberType::F32,
            NumberType::F64,
        ];
        ALL.into_iter().find(|number| number.name() == name)
    }

    /// The type and byte order that NumPy's array protocol writes as `<f4`.
    pub(super) fn from_descr(descr: &str) -> Option<(Self, ByteOrder)> {
        let order = match descr.get(..1)? {
            "<" | "|" => ByteOrder::Little,
            ">" => ByteOrder::Big,
            _ => return None,
        };
        let number = match descr.get(1..)? {
            "i1" => Self::I8,
            "u1" | "b1" => Self::U8,
            "i2" => Self::I16,
            "u2" => Self::U16,
            "i4" => Self::I32,
            "u4" => Self::U32,
            "i8" => Self::I64,
            "u8" => Self::U64,
            "f2" => Self::F16,
            "f4" => Self::F32,
            "f8" => Self::F64,
            _ => return None,
        };
        Some((number, order))
    }

    /// Numbers from bytes, in single precision; bytes that make no whole number are left.
    pub(super) fn decode(self, bytes: &[u8], order: ByteOrder) -> Vec<f32> {
        macro_rules! numbers {
            ($kind:ty, $convert:expr) => {
                bytes
                    .as_chunks::<{ size_of::<$kind>() }>()
                    .0
                    .iter()
                    .map(|&bytes| match order {
                        ByteOrder::Little => <$kind>::from_le_bytes(bytes),
                        ByteOrder::Big => <$kind>::from_be_bytes(bytes),
                    })
                    .map($convert)
                    .collect()
            };
        }
        match self {
            Self::I8 => numbers!(i8, f32::from),
            Self::U8 => numbers!(u8, f32::from),
            Self::I16 => numbers!(i16, f32::from),
            Self::U16 => numbers!(u16, f32::from),
            Self::I32 => numbers!(i32, |v| v as f32),
            Self::U32 => numbers!(u32, |v| v as f32),
            Self::I64 => numbers!(i64, |v| v as f32),
            Self::U64 => numbers!(u64, |v| v as f32),
            Self::F16 => numbers!(u16, half),
            Self::F32 => numbers!(f32, |v| v),
            Self::F64 => numbers!(f64, |v| v as f32),
        }
    }
}

/// A half-precision number from its bits (IEEE 754, binary16).
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from((bits >> 10) & 0x1f), f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2.0_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2.0_f32.powi(exponent - 15),
    }
}

impl RawNumbers {
    /// Refuses a file that ends before its numbers do.
    pub(super) fn check_length(&self, path: &Path, length: u64) -> Result<(), IoError> {
        let needed = bytes_of(&self.shape, self.number.size()).saturating_add(self.offset);
        if length >= needed {
            return Ok(());
        }
        Err(IoError::WrongShape {
            path: path.to_owned(),
            dataset: "the volume".to_owned(),
            found: self.shape.to_vec(),
            expected: format!(
                "(z, y, x) of what the file holds: it ends after {length} of {needed} bytes; copy it again"
            ),
        })
    }

    /// The slices of `z`, (z, y, x).
    pub(super) fn slab(&self, path: &Path, z: Range<usize>) -> Result<Array3<f32>, IoError> {
        let [nz, ny, nx] = self.shape;
        let (first, count) = if self.first_fastest { (0, nz) } else { (z.start, z.len()) };
        ensure_fits(path, "the volume", &[count, ny, nx], self.number.size() + size_of::<f32>())?;
        let fail = |e: std::io::Error| IoError::file("read", path, &e);
        let file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
        let size = self.number.size();
        self.check_length(path, file.metadata().map_err(fail)?.len())?;
        let slice = ny * nx;
        let mut values = Vec::with_capacity(count * slice);
        let mut bytes = vec![0; slice * size];
        for k in 0..count {
            let at = self.offset + ((first + k) * slice * size) as u64;
            read_exact_at(&file, &mut bytes, at).map_err(fail)?;
            values.extend(self.number.decode(&bytes, self.order));
        }
        let changed =
            |_| IoError::argument("volume", path.display(), "changed while it was read; read it again");
        if self.first_fastest {
            let all = Array3::from_shape_vec((nx, ny, nz), values).map_err(changed)?.reversed_axes();
            return Ok(all.slice_move(ndarray::s![z, .., ..]).as_standard_layout().into_owned());
        }
        Array3::from_shape_vec((count, ny, nx), values).map_err(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_has_the_published_values() {
        // IEEE 754 binary16: 1, −2, the smallest subnormal 2⁻²⁴, the largest 65504, the smallest normal 2⁻¹⁴, 1/3.
        let known = [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x0001, 5.960_464_5e-8),
            (0x7bff, 65504.0),
            (0x0400, 6.103_515_6e-5),
            (0x3555, 0.333_251_95),
            (0x7c00, f32::INFINITY),
        ];
        for (bits, value) in known {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn bytes_in_either_order() {
        assert_eq!(NumberType::I16.decode(&[0xff, 0xfe, 9], ByteOrder::Big), [-2.0]);
        assert_eq!(NumberType::F32.decode(&1.5_f32.to_le_bytes(), ByteOrder::Little), [1.5]);
        assert_eq!(NumberType::from_descr(">f8"), Some((NumberType::F64, ByteOrder::Big)));
        assert_eq!(NumberType::from_descr("<c8"), None);
    }
}
