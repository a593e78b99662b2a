//! The element types of detector frames.

use super::bitshuffle::Width;
use hdf5::types::{FloatSize, IntSize, TypeDescriptor};

/// Element type of a stored frame dataset, byte order aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementKind {
    /// Unsigned 8-bit.
    U8,
    /// Unsigned 16-bit.
    U16,
    /// Unsigned 32-bit.
    U32,
    /// Unsigned 64-bit.
    U64,
    /// Signed 8-bit.
    I8,
    /// Signed 16-bit.
    I16,
    /// Signed 32-bit.
    I32,
    /// Signed 64-bit.
    I64,
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
}

impl ElementKind {
    /// The kind of an HDF5 type, if frames can hold it.
    pub(super) fn from_descriptor(descriptor: &TypeDescriptor) -> Option<Self> {
        match descriptor {
            TypeDescriptor::Unsigned(IntSize::U1) => Some(Self::U8),
            TypeDescriptor::Unsigned(IntSize::U2) => Some(Self::U16),
            TypeDescriptor::Unsigned(IntSize::U4) => Some(Self::U32),
            TypeDescriptor::Unsigned(IntSize::U8) => Some(Self::U64),
            TypeDescriptor::Integer(IntSize::U1) => Some(Self::I8),
            TypeDescriptor::Integer(IntSize::U2) => Some(Self::I16),
            TypeDescriptor::Integer(IntSize::U4) => Some(Self::I32),
            TypeDescriptor::Integer(IntSize::U8) => Some(Self::I64),
            TypeDescriptor::Float(FloatSize::U4) => Some(Self::F32),
            TypeDescriptor::Float(FloatSize::U8) => Some(Self::F64),
            _ => None,
        }
    }

    /// Bytes per element.
    pub fn bytes(self) -> usize {
        self.width().bytes()
    }

    /// Element size as the codec knows it.
    pub(super) fn width(self) -> Width {
        match self {
            Self::U8 | Self::I8 => Width::One,
            Self::U16 | Self::I16 => Width::Two,
            Self::U32 | Self::I32 | Self::F32 => Width::Four,
            Self::U64 | Self::I64 | Self::F64 => Width::Eight,
        }
    }

    /// Whether the stored type is, bit for bit, this machine's type of this kind (byte order, precision, padding).
    pub(super) fn is_native(self, stored: &hdf5::Datatype) -> bool {
        match self {
            Self::U8 => stored.is::<u8>(),
            Self::U16 => stored.is::<u16>(),
            Self::U32 => stored.is::<u32>(),
            Self::U64 => stored.is::<u64>(),
            Self::I8 => stored.is::<i8>(),
            Self::I16 => stored.is::<i16>(),
            Self::I32 => stored.is::<i32>(),
            Self::I64 => stored.is::<i64>(),
            Self::F32 => stored.is::<f32>(),
            Self::F64 => stored.is::<f64>(),
        }
    }
}

/// A Rust number that frames can be read as.
pub trait Element: hdf5::H5Type + bytemuck::Pod + Send + Sync {
    /// The kind of stored data this type reads.
    const KIND: ElementKind;
}

macro_rules! elements {
    ($($number:ty => $kind:ident),* $(,)?) => {
        $(impl Element for $number {
            const KIND: ElementKind = ElementKind::$kind;
        })*
    };
}

elements!(u8 => U8, u16 => U16, u32 => U32, u64 => U64, i8 => I8, i16 => I16, i32 => I32, i64 => I64, f32 => F32, f64 => F64);
