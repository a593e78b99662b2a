//! What all crates share is written once, in the workspace's manifest.

use super::{manifest::Manifest, tree::Tree, violation::Violation};

pub(crate) const NAME: &str = "inheritance";

/// Each must say `.workspace = true`.
const SHARED: &[&str] = &["version", "edition", "rust-version", "license", "lints"];

/// Lists members that do not inherit, do not describe themselves, or are named otherwise than their folder.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, manifest) in tree.manifests() {
        let messages = match &manifest.error {
            Some((line, error)) => vec![(*line, format!("the manifest is no TOML: {error}"))],
            None => faults(&manifest).into_iter().map(|fault| (manifest.package_line, fault)).collect(),
        };
        violations.extend(messages.into_iter().map(|(line, message)| file.violation(line, NAME, message)));
    }
    violations
}

fn faults(manifest: &Manifest) -> Vec<String> {
    let is_missing = |key: &&&str| !manifest.inherited.iter().any(|inherited| inherited == **key);
    let mut faults: Vec<String> = SHARED
        .iter()
        .filter(is_missing)
        .map(|key| format!("`{key}` is not inherited; write `{key}.workspace = true`"))
        .collect();
    if manifest.description.is_empty() {
        faults.push("no `description`; say in one line what the crate is for".to_owned());
    }
    if let Some(folder) = manifest.folder.strip_prefix("crates/").filter(|folder| *folder != manifest.name) {
        faults.push(format!(
            "the crate in folder {folder} is named {:?}; give both the same name",
            manifest.name
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    const GOOD: &str = "[package]\nname = \"litho-io\"\ndescription = \"Readers\"\nversion.workspace = true\n\
        edition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\n[lints]\nworkspace = true\n";

    fn messages(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)])).into_iter().map(|violation| violation.message).collect()
    }

    #[test]
    fn a_good_manifest_passes_and_each_line_of_it_counts() {
        let path = "crates/litho-io/Cargo.toml";
        assert_eq!(messages(path, GOOD), Vec::<String>::new());
        for line in GOOD.lines().filter(|line| !line.starts_with('[')) {
            let without: Vec<&str> = GOOD.lines().filter(|other| *other != line).collect();
            let found = messages(path, &without.join("\n"));
            assert_eq!(found.len(), 1, "without {line:?}: {found:?}");
        }
    }

    #[test]
    fn a_value_of_its_own_is_not_inherited() {
        let own = GOOD.replace("edition.workspace = true", "edition = \"2024\"");
        assert_eq!(messages("crates/litho-io/Cargo.toml", &own).len(), 1);
    }

    #[test]
    fn folder_and_name_agree_in_crates_alone() {
        assert_eq!(messages("crates/litho-oi/Cargo.toml", GOOD).len(), 1);
        assert!(messages("benches/Cargo.toml", GOOD).is_empty());
    }

    #[test]
    fn a_broken_manifest_is_one_breach() {
        let found = check(&Tree::of(&[("xtask/Cargo.toml", "[package]\nname =\n")]));
        assert_eq!(found.iter().map(|violation| violation.line).collect::<Vec<_>>(), [2]);
    }
}
