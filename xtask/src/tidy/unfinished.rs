//! Nothing unfinished is kept: no placeholder macros, no notes of work to come.

use super::{tree::Tree, violation::Violation, words::contains_word};

pub(crate) const NAME: &str = "unfinished";

/// Macros that stand for code which is not there, and the one left over from looking for a fault.
const MACROS: &[&str] = &["todo!", "unimplemented!", "dbg!"];
/// Notes of work to come, in pieces so that this file is free of them.
const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// Lists placeholder macros in Rust code, and notes in comments and in all other text.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in &tree.files {
        let (code, prose) = file.rust.as_ref().map_or(("", file.text.as_str()), |r| (&r.code, &r.comments));
        let macros = code.lines().enumerate().flat_map(|(index, line)| {
            MACROS.iter().filter(move |name| line.contains(**name)).map(move |name| (index, name))
        });
        let notes = prose.lines().enumerate().flat_map(|(index, line)| {
            NOTES.iter().filter(move |note| contains_word(line, note)).map(move |note| (index, note))
        });
        violations.extend(macros.chain(notes).map(|(index, what)| {
            file.violation(
                index + 1,
                NAME,
                format!("{what}: finish it, or take it out and write it in the plan"),
            )
        }));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::{NOTES, check};
    use crate::tidy::Tree;

    #[test]
    fn placeholders_are_found_in_code_alone() {
        let text = "fn a() { todo!() }\n// todo!()\nlet b = \"dbg!\";\ndbg!(c);\nunimplemented!();\n";
        let lines: Vec<usize> =
            check(&Tree::of(&[("a.rs", text)])).iter().map(|violation| violation.line).collect();
        assert_eq!(lines, [1, 4, 5]);
    }

    #[test]
    fn notes_are_found_in_comments_and_in_prose() {
        for note in NOTES {
            assert_eq!(check(&Tree::of(&[("a.rs", &format!("//! A.\n/// {note}: later\n"))])).len(), 1);
            assert_eq!(check(&Tree::of(&[("a.md", &format!("{note} later\n"))])).len(), 1);
            assert!(check(&Tree::of(&[("a.rs", &format!("let A{note} = 1;\n"))])).is_empty());
        }
    }
}
