//! A Rust file has one purpose, and so an end.

use super::{tree::Tree, violation::Violation};

pub(crate) const NAME: &str = "file-length";

/// The house aims at 100 to 250 lines; beyond this many a file surely has two purposes.
const MOST_LINES: usize = 600;

/// Lists the `.rs` files of more than [`MOST_LINES`] lines.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, _) in tree.rust() {
        let lines = file.text.lines().count();
        if lines > MOST_LINES {
            let message = format!("{lines} lines, more than {MOST_LINES}; split the file by purpose");
            violations.push(file.violation(MOST_LINES + 1, NAME, message));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::{MOST_LINES, check};
    use crate::tidy::Tree;

    #[test]
    fn the_limit_itself_passes() {
        assert!(check(&Tree::of(&[("a.rs", &"x\n".repeat(MOST_LINES))])).is_empty());
        assert_eq!(check(&Tree::of(&[("a.rs", &"x\n".repeat(MOST_LINES + 1))])).len(), 1);
        assert!(check(&Tree::of(&[("a.md", &"x\n".repeat(MOST_LINES + 1))])).is_empty());
    }
}
