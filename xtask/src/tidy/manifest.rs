//! What the rules need to know of a `Cargo.toml`.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

type Table<'a> = Spanned<DeTable<'a>>;

/// The kind of a dependency: what it is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `[dependencies]`
    Normal,
    /// `[dev-dependencies]`
    Dev,
    /// `[build-dependencies]`
    Build,
}

/// One dependency of a member.
#[derive(Debug, PartialEq)]
pub(crate) struct Dependency {
    /// The package's name: a `package` key counts before the name it is given here.
    pub(crate) package: String,
    /// What it is compiled for.
    pub(crate) kind: Kind,
    /// Line of the manifest, from 1.
    pub(crate) line: usize,
}

/// A member's manifest.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Manifest {
    /// The folder from the repository's root.
    pub(crate) folder: String,
    /// Why it could not be read, if so; everything else is empty then.
    pub(crate) error: Option<(usize, String)>,
    /// Line of `[package]`, or 1.
    pub(crate) package_line: usize,
    /// `package.name`, or nothing.
    pub(crate) name: String,
    /// `package.description`, or nothing.
    pub(crate) description: String,
    /// Keys of `[package]` that say `workspace = true`, and `lints` if `[lints]` says it.
    pub(crate) inherited: Vec<String>,
    /// All dependencies, those of `[target.…]` too.
    pub(crate) dependencies: Vec<Dependency>,
}

impl Manifest {
    /// Reads the manifest in `folder`.
    pub(crate) fn read(folder: &str, text: &str) -> Self {
        let mut manifest = Self { folder: folder.to_owned(), package_line: 1, ..Self::default() };
        match DeTable::parse(text) {
            Ok(document) => manifest.fill(&document, text),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_at(text, span.start));
                manifest.error = Some((line, error.message().to_owned()));
            }
        }
        manifest
    }

    fn fill(&mut self, document: &Table<'_>, text: &str) {
        let root = document.get_ref();
        if let Some((key, package)) = root.get_key_value("package") {
            self.package_line = line_at(text, key.span().start);
            self.name = string(package, "name");
            self.description = string(package, "description");
            let keys = package.get_ref().as_table().into_iter().flatten();
            let inherited =
                keys.filter(|(_, value)| is_inherited(value)).map(|(key, _)| key.get_ref().to_string());
            self.inherited.extend(inherited);
        }
        if root.get("lints").is_some_and(is_inherited) {
            self.inherited.push("lints".into());
        }
        let targets = root.get("target").and_then(|target| target.get_ref().as_table());
        let tables = targets.into_iter().flatten().filter_map(|(_, target)| target.get_ref().as_table());
        for table in std::iter::once(root).chain(tables) {
            self.add_dependencies(table, text);
        }
    }

    fn add_dependencies(&mut self, table: &DeTable<'_>, text: &str) {
        let sections = [
            ("dependencies", Kind::Normal),
            ("dev-dependencies", Kind::Dev),
            ("build-dependencies", Kind::Build),
        ];
        for (section, kind) in sections {
            let entries = table.get(section).and_then(|section| section.get_ref().as_table());
            for (key, value) in entries.into_iter().flatten() {
                let renamed = string(value, "package");
                let package = if renamed.is_empty() { key.get_ref().to_string() } else { renamed };
                self.dependencies.push(Dependency { package, kind, line: line_at(text, key.span().start) });
            }
        }
    }
}

fn string(table: &Spanned<DeValue<'_>>, key: &str) -> String {
    table.get_ref().get(key).and_then(|value| value.get_ref().as_str()).unwrap_or_default().to_owned()
}

fn is_inherited(value: &Spanned<DeValue<'_>>) -> bool {
    value.get_ref().get("workspace").and_then(|flag| flag.get_ref().as_bool()) == Some(true)
}

fn line_at(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|&b| b == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::{Dependency, Kind, Manifest};

    #[test]
    fn reads_every_section_with_its_lines() {
        let text = "\
[package]
name = \"litho-io\"
description = \"Readers\"
version.workspace = true
edition = \"2024\"
[lints]
workspace = true
[dependencies]
litho-types.workspace = true
h5 = { package = \"hdf5\", version = \"1\" }
[dev-dependencies]
proptest = \"1\"
[target.'cfg(unix)'.build-dependencies]
cc = \"1\"
";
        let manifest = Manifest::read("crates/litho-io", text);
        let dependency = |package: &str, kind, line| Dependency { package: package.into(), kind, line };
        assert_eq!(manifest.name, "litho-io");
        assert_eq!(manifest.description, "Readers");
        assert_eq!(manifest.inherited, ["version", "lints"]);
        assert_eq!(manifest.dependencies.len(), 4);
        for expected in [
            dependency("litho-types", Kind::Normal, 9),
            dependency("hdf5", Kind::Normal, 10),
            dependency("proptest", Kind::Dev, 12),
            dependency("cc", Kind::Build, 14),
        ] {
            assert!(manifest.dependencies.contains(&expected), "{expected:?}");
        }
    }

    #[test]
    fn a_broken_manifest_names_its_line() {
        let manifest = Manifest::read("xtask", "[package]\nname = \n");
        assert_eq!(manifest.error.map(|(line, _)| line), Some(2));
        assert!(manifest.dependencies.is_empty());
    }
}
