//! Every Rust file says first what it is for.

use super::{tree::Tree, violation::Violation};

pub(crate) const NAME: &str = "module-doc";

/// Lists the `.rs` files that do not begin with `//!`.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let undocumented = tree.rust().filter(|(file, _)| !file.text.starts_with("//!"));
    let message = "the file must begin with `//!` and one sentence that says what it is for";
    undocumented.map(|(file, _)| file.violation(1, NAME, message.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    #[test]
    fn the_first_line_is_the_document() {
        let tree = Tree::of(&[
            ("a.rs", "//! Purpose.\n"),
            ("b.rs", "\n//! Purpose.\n"),
            ("c.rs", "// Purpose.\n"),
            ("d.rs", ""),
            ("e.md", "no Rust\n"),
        ]);
        let files: Vec<String> = check(&tree).into_iter().map(|violation| violation.file).collect();
        assert_eq!(files, ["b.rs", "c.rs", "d.rs"]);
    }
}
