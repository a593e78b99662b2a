//! The Henke tables, as packed by `make_henke.py` (where the layout is written down).
//!
//! B. L. Henke, E. M. Gullikson, J. C. Davis, *At. Data Nucl. Data Tables* **54**, 181 (1993), with the
//! updates of the Center for X-Ray Optics to August 2023; public domain.

use super::{Element, ScatteringError};

static PACKED: &[u8] = include_bytes!("henke.bin");
const MAGIC: &[u8; 8] = b"HENKE-02";

/// The packed file's mark for an f1 that is not tabulated.
pub(super) const NO_VALUE: f64 = -9999.0;

/// Energy in eV, f1 and f2 of one element, row by row as in the source.
pub(super) struct Columns {
    pub(super) energy: Vec<f64>,
    pub(super) f1: Vec<f64>,
    pub(super) f2: Vec<f64>,
}

/// Unpack the table of one element.
pub(super) fn columns(element: Element) -> Result<Columns, ScatteringError> {
    let damaged =
        || ScatteringError::DamagedData { reason: format!("henke.bin cannot be read at {element}") };
    unpack(element.index()).ok_or_else(damaged)
}

fn unpack(index: usize) -> Option<Columns> {
    let body = PACKED.strip_prefix(MAGIC)?;
    let entry = body.get(8 * index..8 * index + 8)?;
    let (offset, rows) = entry.split_at(4);
    let offset = u32::from_le_bytes(offset.try_into().ok()?) as usize;
    let rows = u32::from_le_bytes(rows.try_into().ok()?) as usize;
    let mut bytes = PACKED.get(offset..)?.iter();
    let mut column = || column(&mut bytes, rows);
    Some(Columns { energy: column()?, f1: column()?, f2: column()? })
}

fn column<'a>(bytes: &mut impl Iterator<Item = &'a u8>, rows: usize) -> Option<Vec<f64>> {
    let (mut bits, mut step) = (0_u32, 0_u32);
    (0..rows)
        .map(|_| {
            let coded = leb128(bytes)?;
            // Zigzag: 0, 1, 2, 3 … stand for 0, −1, 1, −2 …
            let change = (coded >> 1) ^ (coded & 1).wrapping_neg();
            step = step.wrapping_add(change);
            bits = bits.wrapping_add(step);
            decimal(f32::from_bits(bits))
        })
        .collect()
}

fn leb128<'a>(bytes: &mut impl Iterator<Item = &'a u8>) -> Option<u32> {
    let mut value = 0_u32;
    for shift in (0..32).step_by(7) {
        let byte = *bytes.next()?;
        value |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// The source's decimal number: it has at most six digits, so it is the shortest that reads back as `value`.
fn decimal(value: f32) -> Option<f64> {
    value.to_string().parse().ok()
}
