//! The packages that the core may not use: those that reach files, terminals, signals or, for the types, threads.

use super::{
    closed_core::CORE,
    manifest::{Kind, Manifest},
    tree::Tree,
    violation::Violation,
};

pub(crate) const NAME: &str = "outside-world";

/// Packages that belong to litho-io, litho-pipeline and the frontends.
const OUTSIDE: &[&str] = &[
    "clap",
    "ctrlc",
    "hdf5",
    "hdf5-metno",
    "indicatif",
    "memmap2",
    "ndarray-npy",
    "tempfile",
    "tiff",
    "toml",
];
/// The types are below threads and randomness too.
const TYPES: &str = "litho-types";
const ABOVE_TYPES: &[&str] = &["rand", "rand_chacha", "rand_distr", "rayon"];

/// Lists the core crates' dependencies (those of tests apart) on the world outside.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, manifest) in tree.manifests().filter(|(_, manifest)| CORE.contains(&manifest.name.as_str())) {
        for dependency in manifest.dependencies.iter().filter(|dependency| dependency.kind != Kind::Dev) {
            if is_forbidden(&manifest, &dependency.package) {
                let message = format!(
                    "{} may not use {}; do this part of the work in litho-io or litho-pipeline and hand the result in",
                    manifest.name, dependency.package
                );
                violations.push(file.violation(dependency.line, NAME, message));
            }
        }
    }
    violations
}

fn is_forbidden(manifest: &Manifest, package: &str) -> bool {
    OUTSIDE.contains(&package) || (manifest.name == TYPES && ABOVE_TYPES.contains(&package))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    fn count(name: &str, dependencies: &str) -> usize {
        let text = format!("[package]\nname = \"{name}\"\n{dependencies}");
        check(&Tree::of(&[(&format!("crates/{name}/Cargo.toml"), &text)])).len()
    }

    #[test]
    fn the_core_reads_no_files() {
        assert_eq!(count("litho-compute", "[dependencies]\nhdf5.workspace = true\nmemmap2 = \"1\"\n"), 2);
        assert_eq!(count("litho-compute", "[dev-dependencies]\ntempfile = \"1\"\n"), 0);
        assert_eq!(count("litho-io", "[dependencies]\nhdf5.workspace = true\n"), 0);
    }

    #[test]
    fn the_types_know_no_threads() {
        assert_eq!(count("litho-types", "[dependencies]\nrayon.workspace = true\n"), 1);
        assert_eq!(count("litho-compute", "[dependencies]\nrayon.workspace = true\n"), 0);
    }
}
