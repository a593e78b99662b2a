//! Where the measured data sets lie, if they are there at all.

use std::path::{Path, PathBuf};

/// The data file `path` under `../../../shared/data`, seen from the crate folder
/// `manifest_dir`; `None`, with a line on standard output, where it is absent.
/// Called through [`shared_data!`](crate::shared_data).
#[expect(clippy::print_stdout, reason = "a skipped test must say so")]
pub fn find(manifest_dir: &str, path: &str) -> Option<PathBuf> {
    let found = Path::new(manifest_dir).join("../../../shared/data").join(path);
    if found.exists() {
        return Some(found);
    }
    println!("skipped: shared/data/{path} is not there");
    None
}

/// `Option<PathBuf>` of a measured data file for a test of the calling crate:
/// `let Some(file) = shared_data!("ptycho/scan.h5") else { return };`
#[macro_export]
macro_rules! shared_data {
    ($path:expr) => {
        $crate::shared::find(env!("CARGO_MANIFEST_DIR"), $path)
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_absent_file_is_none() {
        assert_eq!(crate::shared_data!("no such file"), None);
    }
}
