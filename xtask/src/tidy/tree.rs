//! The repository as the rules see it: text by path, and the paths of everything else.

use std::{collections::BTreeSet, path::Path};

use super::{manifest::Manifest, rust_text::RustText, violation::Violation};

/// A text file of the repository.
pub(crate) struct SourceFile {
    /// Path from the repository's root, with `/`.
    pub(crate) path: String,
    /// The whole text.
    pub(crate) text: String,
    /// Code, comments and test lines told apart, for `.rs` files.
    pub(crate) rust: Option<RustText>,
}

impl SourceFile {
    /// Takes the text in; Rust is split into its parts here, once for all rules.
    pub(crate) fn new(path: String, text: String) -> Self {
        let rust = (extension(&path) == "rs").then(|| RustText::split(&path, &text));
        Self { path, text, rust }
    }

    /// A breach of `rule` at `line` (from 1) of this file.
    pub(crate) fn violation(&self, line: usize, rule: &'static str, message: String) -> Violation {
        Violation { file: self.path.clone(), line, rule, message }
    }
}

/// All files of the repository that git does not ignore.
pub(crate) struct Tree {
    /// The text files, sorted by path.
    pub(crate) files: Vec<SourceFile>,
    /// Every file and folder, text or not.
    paths: BTreeSet<String>,
}

impl Tree {
    /// `files` are read; `others` are known by path alone.
    pub(crate) fn new(mut files: Vec<SourceFile>, others: Vec<String>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut paths = BTreeSet::from([String::new()]);
        for path in others.iter().chain(files.iter().map(|file| &file.path)) {
            paths.extend(path.match_indices('/').map(|(end, _)| path[..end].to_owned()));
            paths.insert(path.clone());
        }
        Self { files, paths }
    }

    /// Whether a file or folder of this path (from the root, with `/`) is in the repository.
    pub(crate) fn exists(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// The Rust files.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&SourceFile, &RustText)> {
        self.files.iter().filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    /// The manifests of the workspace's members: `crates/*`, `xtask` and `benches`.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = (&SourceFile, Manifest)> {
        self.files
            .iter()
            .filter_map(|file| Some((file, Manifest::read(member_folder(&file.path)?, &file.text))))
    }

    /// A repository of the given texts, for the tests of the rules.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| SourceFile::new((*path).into(), (*text).into()));
        Self::new(files.collect(), Vec::new())
    }
}

/// What follows the last dot of the file's name, or nothing.
pub(crate) fn extension(path: &str) -> &str {
    Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// The folder of a member's manifest, from the manifest's path.
fn member_folder(path: &str) -> Option<&str> {
    let folder = path.strip_suffix("/Cargo.toml")?;
    let is_crate = folder.strip_prefix("crates/").is_some_and(|name| !name.contains('/'));
    (is_crate || folder == "xtask" || folder == "benches").then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::{Tree, member_folder};

    #[test]
    fn a_file_brings_its_folders_into_being() {
        let tree = Tree::of(&[("docs/guide/start.md", "")]);
        for path in ["", "docs", "docs/guide", "docs/guide/start.md"] {
            assert!(tree.exists(path), "{path:?}");
        }
        assert!(!tree.exists("docs/guide/sta"));
    }

    #[test]
    fn members_are_the_workspace_s_own_list() {
        assert_eq!(member_folder("crates/litho-io/Cargo.toml"), Some("crates/litho-io"));
        assert_eq!(member_folder("xtask/Cargo.toml"), Some("xtask"));
        assert_eq!(member_folder("benches/Cargo.toml"), Some("benches"));
        for other in ["Cargo.toml", "fuzz/Cargo.toml", "crates/litho-io/tests/x/Cargo.toml"] {
            assert_eq!(member_folder(other), None, "{other}");
        }
    }
}
