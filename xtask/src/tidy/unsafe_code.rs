//! `unsafe` stands only in files that announce it, with a reason.

use super::{tree::Tree, violation::Violation, words::contains_word};

pub(crate) const NAME: &str = "unsafe-code";

/// Lists the lines with `unsafe` in files without `#![expect(unsafe_code, reason = …)]`.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, rust) in tree.rust().filter(|(_, rust)| !announces(&rust.code)) {
        for (index, _) in rust.code.lines().enumerate().filter(|(_, line)| contains_word(line, "unsafe")) {
            let message =
                "`unsafe` without `#![expect(unsafe_code, reason = …)]` at the head of the file".to_owned();
            violations.push(file.violation(index + 1, NAME, message));
        }
    }
    violations
}

fn announces(code: &str) -> bool {
    let compact: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    compact.contains("expect(unsafe_code")
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    #[test]
    fn an_announced_unsafe_passes() {
        let announced = "#![expect(\n    unsafe_code,\n    reason = \"SIMD\"\n)]\nunsafe { a() }\n";
        assert!(check(&Tree::of(&[("a.rs", announced)])).is_empty());
    }

    #[test]
    fn every_other_unsafe_is_listed() {
        let text =
            "#![allow(unsafe_code)]\nunsafe { a() }\n// unsafe\nlet s = \"unsafe\";\nunsafe impl B {}\n";
        let lines: Vec<usize> =
            check(&Tree::of(&[("a.rs", text)])).iter().map(|violation| violation.line).collect();
        assert_eq!(lines, [2, 5]);
    }

    #[test]
    fn a_comment_announces_nothing() {
        assert_eq!(check(&Tree::of(&[("a.rs", "// expect(unsafe_code)\nunsafe { a() }\n")])).len(), 1);
    }
}
