//! Finding whole words in a line.

/// Whether `word` stands in `line` with no letter, digit or underscore at either side.
pub(crate) fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_word_char) && !after.is_some_and(is_word_char)
    })
}

/// Letters, digits and the underscore: what a Rust identifier is made of.
pub(crate) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::contains_word;

    #[test]
    fn a_part_of_a_word_is_not_the_word() {
        assert!(contains_word("let a = unsafe { b };", "unsafe"));
        assert!(contains_word("unsafe", "unsafe"));
        assert!(contains_word("unsafe_code, unsafe", "unsafe"));
        assert!(!contains_word("expect(unsafe_code)", "unsafe"));
        assert!(!contains_word("very_unsafe", "unsafe"));
    }
}
