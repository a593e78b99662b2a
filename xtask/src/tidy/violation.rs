//! One breach of one rule, with its place.

use std::fmt;

/// A breach: `file:line: rule: message`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    /// Path from the repository's root, with `/`.
    pub(crate) file: String,
    /// Line, counted from 1.
    pub(crate) line: usize,
    /// Name of the rule.
    pub(crate) rule: &'static str,
    /// What is wrong and how to mend it.
    pub(crate) message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.rule, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::Violation;

    #[test]
    fn reads_as_an_editor_expects_it() {
        let violation =
            Violation { file: "a/b.rs".into(), line: 3, rule: "links", message: "no such file".into() };
        assert_eq!(violation.to_string(), "a/b.rs:3: links: no such file");
    }
}
