//! The list of rules. A rule is a pure function from the text of the repository to what breaks it.

mod arrows;
mod closed_core;
mod file_length;
mod inheritance;
mod links;
mod machine_text;
mod manifest;
mod module_doc;
mod outside_world;
mod rust_text;
mod test_code;
mod tree;
mod unfinished;
mod unsafe_code;
mod violation;
mod walk;
mod words;

pub(crate) use tree::Tree;
pub(crate) use violation::Violation;
pub(crate) use walk::read;

/// A law as a program: lists every breach, each with the law's name.
type Rule = fn(&Tree) -> Vec<Violation>;

/// Every rule.
pub(crate) const RULES: &[Rule] = &[
    arrows::check,
    closed_core::check,
    file_length::check,
    inheritance::check,
    links::check,
    machine_text::check_hosts,
    machine_text::check_paths,
    module_doc::check,
    outside_world::check,
    unfinished::check,
    unsafe_code::check,
];

/// Runs every rule; the violations are sorted by file and line.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations: Vec<Violation> = RULES.iter().flat_map(|rule| rule(tree)).collect();
    violations.sort();
    violations
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn all_breaches_are_listed_at_once_by_place() {
        // One file that breaks several rules at once: each shows, in the order of the lines.
        let tree = Tree::of(&[("crates/litho-sim/src/lib.rs", "use std::fs;\nfn f() { todo!() }\n")]);
        let found: Vec<String> = check(&tree).iter().map(|v| format!("{}:{}", v.line, v.rule)).collect();
        assert_eq!(found, ["1:closed-core", "1:module-doc", "2:unfinished"]);
    }

    #[test]
    fn an_empty_repository_breaks_nothing() {
        assert!(check(&Tree::of(&[])).is_empty());
    }
}
