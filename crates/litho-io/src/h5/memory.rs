//! Refuses allocations that this machine cannot hold, before they are made.

use crate::error::IoError;
use std::path::Path;

/// Number of bytes of `shape` elements of `size` bytes; `u64::MAX` where the product overflows.
pub(crate) fn bytes_of(shape: &[usize], size: usize) -> u64 {
    shape.iter().try_fold(size as u64, |product, &n| product.checked_mul(n as u64)).unwrap_or(u64::MAX)
}

/// Fails if an array of `shape` elements of `size` bytes is larger than the free memory.
///
/// Where the system does not tell its free memory (no `/proc/meminfo`), half the
/// address space is the limit.
pub(crate) fn ensure_fits(path: &Path, dataset: &str, shape: &[usize], size: usize) -> Result<(), IoError> {
    let bytes = bytes_of(shape, size);
    let available = available_bytes().unwrap_or(isize::MAX as u64);
    if bytes > available {
        return Err(IoError::TooLarge {
            path: path.to_owned(),
            dataset: dataset.to_owned(),
            bytes,
            available,
        });
    }
    Ok(())
}

/// `MemAvailable` of Linux, in bytes.
fn available_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_impossible_shape_is_refused_and_a_small_one_is_not() {
        let path = Path::new("x.h5");
        assert!(ensure_fits(path, "/d", &[1 << 20, 1 << 20, 1 << 10], 4).is_err());
        // 2^40 × 2^40 overflows 64 bits.
        assert_eq!(bytes_of(&[1 << 40, 1 << 40], 1), u64::MAX);
        assert_eq!(bytes_of(&[3, 5], 4), 60);
        assert!(ensure_fits(path, "/d", &[8, 8], 4).is_ok());
    }
}
