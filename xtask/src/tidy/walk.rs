//! Reads the repository from disk, leaving out what `.gitignore` names.

use std::{fs, io, path::Path};

use super::tree::{SourceFile, Tree, extension};

/// Extensions of the files whose text is checked.
const TEXT: &[&str] = &["rs", "md", "toml", "py", "sh", "yml", "yaml"];
/// Folders whose every file is a script.
const SCRIPT_FOLDERS: &[&str] = &["scripts/", ".ci/"];

/// Reads the repository at `root`. Links are not followed; text that is not UTF-8 is read with replacement marks.
///
/// # Errors
/// The first file or folder that cannot be read.
pub(crate) fn read(root: &Path) -> io::Result<Tree> {
    let ignored = Ignored::parse(&fs::read_to_string(root.join(".gitignore")).unwrap_or_default());
    let (mut files, mut others) = (Vec::new(), Vec::new());
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            if ignored.matches(&path) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && is_text(&path) {
                let bytes = fs::read(root.join(&path))?;
                files.push(SourceFile::new(path, String::from_utf8_lossy(&bytes).into_owned()));
            } else {
                others.push(path);
            }
        }
    }
    Ok(Tree::new(files, others))
}

fn is_text(path: &str) -> bool {
    TEXT.contains(&extension(path)) || SCRIPT_FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// The part of `.gitignore` that the repository uses: `/path` from the root, `name` anywhere, `*ending` anywhere.
struct Ignored {
    from_root: Vec<String>,
    names: Vec<String>,
    endings: Vec<String>,
}

impl Ignored {
    fn parse(text: &str) -> Self {
        let mut ignored = Self { from_root: Vec::new(), names: vec![".git".into()], endings: Vec::new() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let line = line.trim_end_matches('/');
            // A slash before the end ties a pattern to the root, as git has it.
            if line.contains('/') {
                ignored.from_root.push(line.trim_start_matches('/').to_owned());
            } else if let Some(ending) = line.strip_prefix('*') {
                ignored.endings.push(ending.to_owned());
            } else {
                ignored.names.push(line.to_owned());
            }
        }
        ignored
    }

    fn matches(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.from_root.iter().any(|ignored| ignored == path)
            || self.names.iter().any(|ignored| ignored == name)
            || self.endings.iter().any(|ending| name.ends_with(ending.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Ignored, is_text};

    #[test]
    fn ignores_what_git_ignores() {
        let ignored = Ignored::parse("# build\n/target\nfuzz/corpus/\n__pycache__/\n*.h5\n");
        for path in [".git", "target", "fuzz/corpus", "a/__pycache__", "a/b.h5"] {
            assert!(ignored.matches(path), "{path}");
        }
        for path in ["crates/target", "corpus", "a/b.h5.rs", "crates"] {
            assert!(!ignored.matches(path), "{path}");
        }
    }

    #[test]
    fn scripts_are_text_whatever_their_name() {
        assert!(is_text("scripts/test") && is_text(".ci/run") && is_text("a/b.rs"));
        assert!(!is_text("LICENSE-MIT") && !is_text("Cargo.lock") && !is_text("a/scripts/b"));
    }
}
