//! The arrows between the crates: who may depend on whom.

use super::{
    manifest::{Dependency, Kind, Manifest},
    tree::Tree,
    violation::Violation,
};

pub(crate) const NAME: &str = "arrows";

/// Each crate and the crates it may use. A new crate takes a row here with its first code.
///
/// types ← lanes ← {compute, spectro, tomo, morph, diffract}; compute ← {ptycho, tomo, sim, resolve}; types ← {io, report};
/// resolve ← {ptycho, tomo}; everything ← pipeline ← {cli, python, server}.
const TABLE: &[(&str, &[&str])] = &[
    ("litho-types", &[]),
    ("litho-lanes", &["litho-types"]),
    ("litho-compute", &["litho-types", "litho-lanes"]),
    ("litho-resolve", &["litho-types", "litho-compute"]),
    ("litho-ptycho", &["litho-types", "litho-compute", "litho-resolve"]),
    ("litho-tomo", &["litho-types", "litho-lanes", "litho-compute", "litho-resolve"]),
    ("litho-sim", &["litho-types", "litho-compute"]),
    ("litho-io", &["litho-types"]),
    ("litho-spectro", &["litho-types", "litho-lanes"]),
    ("litho-morph", &["litho-types", "litho-lanes"]),
    ("litho-diffract", &["litho-types", "litho-lanes"]),
    ("litho-report", &["litho-types"]),
    (
        "litho-pipeline",
        &[
            "litho-types",
            "litho-compute",
            "litho-resolve",
            "litho-ptycho",
            "litho-tomo",
            "litho-sim",
            "litho-io",
            "litho-spectro",
            "litho-morph",
            "litho-diffract",
            "litho-report",
        ],
    ),
    ("litho-cli", &["litho-types", "litho-pipeline"]),
    ("litho-python", &["litho-types", "litho-pipeline"]),
    ("litho-server", &["litho-types", "litho-pipeline"]),
    ("litho-testkit", &["litho-types"]),
];

/// Where a reader finds the table.
const PLACE: &str = "xtask/src/tidy/arrows.rs";
/// What the tests of any crate may use besides.
const FOR_TESTS: &[&str] = &["litho-testkit", "litho-sim"];
/// What the tests of a frontend may use besides: they write the files they give to it.
const FOR_FRONTEND_TESTS: (&[&str], &str) = (&["litho-cli", "litho-python", "litho-server"], "litho-io");
/// The side-by-side measurements may use everything but the command.
const BENCHES: &str = "litho-benches";
const NOT_IN_BENCHES: &str = "litho-cli";

/// Lists every edge between two crates of the workspace that the table does not hold.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, manifest) in tree.manifests() {
        if manifest.name.starts_with("litho-")
            && manifest.name != BENCHES
            && allowed(&manifest.name).is_none()
        {
            let message = format!("{} has no row in the table; give it one in {PLACE}", manifest.name);
            violations.push(file.violation(manifest.package_line, NAME, message));
            continue;
        }
        let ours = manifest.dependencies.iter().filter(|dependency| dependency.package.starts_with("litho-"));
        for dependency in ours.filter(|dependency| !is_allowed(&manifest, dependency)) {
            let message = message(&manifest.name, &dependency.package);
            violations.push(file.violation(dependency.line, NAME, message));
        }
    }
    violations
}

fn allowed(name: &str) -> Option<&'static [&'static str]> {
    TABLE.iter().find(|(from, _)| *from == name).map(|(_, to)| *to)
}

fn is_allowed(manifest: &Manifest, dependency: &Dependency) -> bool {
    let to = dependency.package.as_str();
    if manifest.name == BENCHES {
        return to != NOT_IN_BENCHES;
    }
    let (frontends, extra) = FOR_FRONTEND_TESTS;
    let useful = FOR_TESTS.contains(&to) || (frontends.contains(&manifest.name.as_str()) && to == extra);
    let for_tests = dependency.kind == Kind::Dev && useful;
    for_tests || allowed(&manifest.name).is_some_and(|allowed| allowed.contains(&to))
}

fn message(from: &str, to: &str) -> String {
    let may = match allowed(from) {
        _ if from == BENCHES => format!("everything but {NOT_IN_BENCHES}"),
        None | Some([]) => "no crate of the workspace".to_owned(),
        Some(row) => row.join(", "),
    };
    let tests = FOR_TESTS.join(", ");
    format!(
        "{from} → {to} is not in the table of {PLACE}; {from} may use {may} (its tests also {tests}); move the shared \
         part down or join the two in litho-pipeline"
    )
}

#[cfg(test)]
mod tests {
    use super::{FOR_TESTS, TABLE, check};
    use crate::tidy::Tree;

    fn violations(folder: &str, name: &str, rest: &str) -> Vec<String> {
        let manifest = format!("[package]\nname = \"{name}\"\n{rest}");
        check(&Tree::of(&[(&format!("{folder}/Cargo.toml"), &manifest)]))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn an_edge_outside_the_table_is_named_with_both_ends_and_the_table() {
        let found =
            violations("crates/litho-io", "litho-io", "[dependencies]\nlitho-report.workspace = true\n");
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("crates/litho-io/Cargo.toml:4: arrows: litho-io → litho-report"),
            "{}",
            found[0]
        );
        assert!(found[0].contains("may use litho-types") && found[0].contains("arrows.rs"), "{}", found[0]);
    }

    #[test]
    fn the_table_s_own_edges_pass() {
        for (from, row) in TABLE {
            let lines: Vec<String> = row.iter().map(|to| format!("{to}.workspace = true")).collect();
            let rest = format!("[dependencies]\n{}", lines.join("\n"));
            let found = violations(&format!("crates/{from}"), from, &rest);
            assert_eq!(found, Vec::<String>::new());
        }
    }

    #[test]
    fn the_table_has_no_cycle_and_holds_what_lies_below() {
        // The rows are ordered from below: each crate stands after all that it uses, so no path leads back.
        for (index, (from, row)) in TABLE.iter().enumerate() {
            for to in *row {
                let below = TABLE[..index].iter().find(|(name, _)| name == to);
                assert!(below.is_some(), "{from} → {to}");
            }
        }
    }

    #[test]
    fn tests_may_use_the_testkit_and_the_simulator() {
        for to in FOR_TESTS {
            let dev = format!("[dev-dependencies]\n{to}.workspace = true\n");
            assert!(violations("crates/litho-io", "litho-io", &dev).is_empty());
            let normal = format!("[dependencies]\n{to}.workspace = true\n");
            assert_eq!(violations("crates/litho-io", "litho-io", &normal).len(), 1);
        }
        let other = "[dev-dependencies]\nlitho-pipeline.workspace = true\n";
        assert_eq!(violations("crates/litho-io", "litho-io", other).len(), 1);
    }

    #[test]
    fn the_tests_of_a_frontend_may_write_the_files_it_reads() {
        let dev = "[dev-dependencies]\nlitho-io.workspace = true\n";
        assert!(violations("crates/litho-cli", "litho-cli", dev).is_empty());
        assert_eq!(violations("crates/litho-report", "litho-report", dev).len(), 1);
        let normal = "[dependencies]\nlitho-io.workspace = true\n";
        assert_eq!(violations("crates/litho-cli", "litho-cli", normal).len(), 1);
    }

    #[test]
    fn benches_use_everything_but_the_command_and_xtask_nothing() {
        let pipeline = "[dependencies]\nlitho-pipeline.workspace = true\n";
        let cli = "[dependencies]\nlitho-cli.workspace = true\n";
        assert!(violations("benches", "litho-benches", pipeline).is_empty());
        assert_eq!(violations("benches", "litho-benches", cli).len(), 1);
        assert_eq!(violations("xtask", "xtask", pipeline).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_fails() {
        assert_eq!(violations("crates/litho-new", "litho-new", "").len(), 1);
    }
}
