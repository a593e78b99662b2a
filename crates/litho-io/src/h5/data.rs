//! Borrowed arrays and attribute values of the types a result file holds.

use litho_types::C32;
use ndarray::{Array, ArrayView, ArrayViewD, Dimension};

/// A borrowed array of any number of axes.
#[derive(Debug, Clone)]
pub enum ArrayData<'a> {
    /// Flags and 8-bit counts.
    U8(ArrayViewD<'a, u8>),
    /// 16-bit counts.
    U16(ArrayViewD<'a, u16>),
    /// Labels, indices and 32-bit counts.
    U32(ArrayViewD<'a, u32>),
    /// Single-precision values.
    F32(ArrayViewD<'a, f32>),
    /// Double-precision values.
    F64(ArrayViewD<'a, f64>),
    /// Complex fields, stored as the compound {r, i}.
    C32(ArrayViewD<'a, C32>),
}

impl ArrayData<'_> {
    /// Its shape.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::U8(a) => a.shape(),
            Self::U16(a) => a.shape(),
            Self::U32(a) => a.shape(),
            Self::F32(a) => a.shape(),
            Self::F64(a) => a.shape(),
            Self::C32(a) => a.shape(),
        }
    }
}

macro_rules! convertible {
    ($($number:ty => $variant:ident),*) => {$(
        impl<'a, D: Dimension> From<ArrayView<'a, $number, D>> for ArrayData<'a> {
            fn from(array: ArrayView<'a, $number, D>) -> Self {
                Self::$variant(array.into_dyn())
            }
        }
        impl<'a, D: Dimension> From<&'a Array<$number, D>> for ArrayData<'a> {
            fn from(array: &'a Array<$number, D>) -> Self {
                Self::$variant(array.view().into_dyn())
            }
        }
        impl<'a> From<&'a [$number]> for ArrayData<'a> {
            fn from(values: &'a [$number]) -> Self {
                Self::$variant(ndarray::ArrayView1::from(values).into_dyn())
            }
        }
        impl<'a> From<&'a Vec<$number>> for ArrayData<'a> {
            fn from(values: &'a Vec<$number>) -> Self {
                Self::from(values.as_slice())
            }
        }
    )*};
}

convertible!(u8 => U8, u16 => U16, u32 => U32, f32 => F32, f64 => F64, C32 => C32);

/// The value of an attribute or of a scalar dataset.
#[derive(Debug, Clone, PartialEq)]
pub enum AttrValue {
    /// UTF-8 text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A double.
    Number(f64),
    /// A list of doubles.
    Numbers(Vec<f64>),
    /// A 64-bit integer.
    Integer(i64),
}

impl From<&str> for AttrValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for AttrValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&[&str]> for AttrValue {
    fn from(texts: &[&str]) -> Self {
        Self::Texts(texts.iter().map(ToString::to_string).collect())
    }
}
impl From<Vec<String>> for AttrValue {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}
impl From<f64> for AttrValue {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}
impl From<&[f64]> for AttrValue {
    fn from(values: &[f64]) -> Self {
        Self::Numbers(values.to_vec())
    }
}
impl From<i64> for AttrValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}
