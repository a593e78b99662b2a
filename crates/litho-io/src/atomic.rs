//! Files that appear complete or not at all: temporary file, fsync, rename.

use crate::error::IoError;
use std::io::Write;
use std::path::Path;
use tempfile::{NamedTempFile, TempPath};

/// A temporary file in the folder of `path`, removed unless put in place.
pub(crate) fn temporary_beside(path: &Path) -> Result<NamedTempFile, IoError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".lithoscope-").suffix(".part");
    // A result is for others to read: the umask decides, not the temporary file's 0600.
    #[cfg(unix)]
    let everyone = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(everyone);
    builder.tempfile_in(folder).map_err(|e| IoError::file("create", path, &e))
}

/// Flushes the finished temporary file to the disk and renames it to `target`.
pub(crate) fn put_in_place(temporary: TempPath, target: &Path) -> Result<(), IoError> {
    let sync = |path: &Path| std::fs::File::open(path).and_then(|file| file.sync_all());
    sync(&temporary).map_err(|e| IoError::file("flush", target, &e))?;
    temporary.persist(target).map_err(|e| IoError::file("rename to", target, &e.error))?;
    // The new name itself must survive a power cut; not every file system can sync a folder.
    if let Some(folder) = target.parent() {
        let _ = sync(folder);
    }
    Ok(())
}

/// Writes a whole file through `fill`; on an error nothing is left behind.
pub(crate) fn write_file(
    path: &Path,
    fill: impl FnOnce(&mut std::io::BufWriter<&mut std::fs::File>) -> std::io::Result<()>,
) -> Result<(), IoError> {
    let mut temporary = temporary_beside(path)?;
    let mut buffer = std::io::BufWriter::new(temporary.as_file_mut());
    let written = fill(&mut buffer).and_then(|()| buffer.flush());
    drop(buffer);
    written.map_err(|e| IoError::file("write", path, &e))?;
    put_in_place(temporary.into_temp_path(), path)
}
