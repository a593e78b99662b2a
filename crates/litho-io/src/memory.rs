//! How much memory is left, and refusing allocations that this machine cannot hold before they are made.

use crate::error::IoError;
use std::fs::read_to_string;
use std::path::Path;

/// Number of bytes of `shape` elements of `size` bytes; `u64::MAX` where the product overflows.
pub(crate) fn bytes_of(shape: &[usize], size: usize) -> u64 {
    shape.iter().try_fold(size as u64, |product, &n| product.checked_mul(n as u64)).unwrap_or(u64::MAX)
}

/// Fails if an array of `shape` elements of `size` bytes is larger than the free memory.
///
/// Where the system does not tell its free memory, half the address space is the limit.
pub(crate) fn ensure_fits(path: &Path, dataset: &str, shape: &[usize], size: usize) -> Result<(), IoError> {
    let bytes = bytes_of(shape, size);
    let available = available_memory().unwrap_or(isize::MAX as u64);
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

/// Bytes that this process may still take: Linux's `MemAvailable`, or less if a control group (version 2: a
/// container, a batch job) it runs in has less left. `None` where the system tells neither.
pub fn available_memory() -> Option<u64> {
    machine().into_iter().chain(control_groups()).min()
}

/// `MemAvailable` of Linux.
fn machine() -> Option<u64> {
    let text = read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// What the tightest of the control groups of this process has left.
fn control_groups() -> Option<u64> {
    const ROOT: &str = "/sys/fs/cgroup";
    let groups = read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let own = Path::new(ROOT).join(own);
    own.ancestors().take_while(|group| group.starts_with(ROOT)).filter_map(left_in).min()
}

/// Limit of a control group less what it uses; cached files do not count, for they give way.
fn left_in(group: &Path) -> Option<u64> {
    let text = |name: &str| read_to_string(group.join(name)).ok();
    let number = |name: &str| text(name)?.trim().parse::<u64>().ok();
    // Without a limit the file holds the word "max".
    let limit = number("memory.max")?;
    let cached = text("memory.stat").and_then(|stat| {
        stat.lines().find_map(|line| line.strip_prefix("inactive_file "))?.parse::<u64>().ok()
    });
    let used = number("memory.current")?.saturating_sub(cached.unwrap_or(0));
    Some(limit.saturating_sub(used))
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

    #[test]
    fn a_control_group_has_left_what_is_neither_used_nor_cached() {
        let group = tempfile::tempdir().expect("a folder");
        let put = |name: &str, text: &str| std::fs::write(group.path().join(name), text).expect("written");
        assert_eq!(left_in(group.path()), None);
        put("memory.max", "max\n");
        put("memory.current", "700\n");
        assert_eq!(left_in(group.path()), None);
        put("memory.max", "1000\n");
        assert_eq!(left_in(group.path()), Some(300));
        put("memory.stat", "anon 100\ninactive_file 250\nactive_file 10\n");
        assert_eq!(left_in(group.path()), Some(550));
        put("memory.current", "2000\n");
        assert_eq!(left_in(group.path()), Some(0));
    }
}
