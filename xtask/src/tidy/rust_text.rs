//! Rust source split into code, comments and string contents, so that a rule sees only what it is about.

use super::{test_code, words::is_word_char};

/// A Rust file in views of the same lines; what belongs to another view is blank.
pub(crate) struct RustText {
    /// Code: comments and the contents of strings and characters are blank.
    pub(crate) code: String,
    /// Comments alone.
    pub(crate) comments: String,
    /// Per line, whether it is compiled only for tests.
    pub(crate) is_test: Vec<bool>,
}

impl RustText {
    /// Splits `text`; the path tells files that hold tests alone.
    pub(crate) fn split(path: &str, text: &str) -> Self {
        let mut splitter = Splitter { chars: text.chars().collect(), ..Splitter::default() };
        splitter.run();
        let is_test = test_code::lines(path, &splitter.code);
        Self { code: splitter.code, comments: splitter.comments, is_test }
    }

    /// Lines of code (numbered from 1) that are compiled outside of tests.
    pub(crate) fn lines_outside_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .lines()
            .enumerate()
            .filter(|(index, _)| !self.is_test_line(index + 1))
            .map(|(i, l)| (i + 1, l))
    }

    /// Whether line `line` (from 1) is compiled only for tests.
    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        self.is_test.get(line - 1).copied().unwrap_or(false)
    }
}

/// Which view a character goes to.
#[derive(Clone, Copy, PartialEq)]
enum View {
    Code,
    Comment,
    Literal,
}

#[derive(Default)]
struct Splitter {
    chars: Vec<char>,
    at: usize,
    code: String,
    comments: String,
}

impl Splitter {
    fn run(&mut self) {
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('/')) => self.line_comment(),
                (Some('/'), Some('*')) => self.block_comment(),
                (Some('"'), _) => self.string(),
                (Some('\''), _) => self.character_or_lifetime(),
                (Some('r'), Some('"' | '#')) if self.starts_literal() => self.raw_string(),
                _ => self.push(View::Code),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Moves one character to its view and a blank to the other.
    fn push(&mut self, view: View) {
        let Some(&c) = self.chars.get(self.at) else { return };
        let kept = |of: View| if c == '\n' || view == of { c } else { ' ' };
        self.code.push(kept(View::Code));
        self.comments.push(kept(View::Comment));
        self.at += 1;
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.push(View::Comment);
        }
    }

    /// Block comments nest in Rust.
    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.chars.len() {
            let pair = (self.peek(0), self.peek(1));
            self.push(View::Comment);
            if pair == (Some('/'), Some('*')) {
                depth += 1;
                self.push(View::Comment);
            } else if pair == (Some('*'), Some('/')) {
                depth -= 1;
                self.push(View::Comment);
                if depth == 0 {
                    return;
                }
            }
        }
    }

    /// From one quotation mark to the next that no backslash precedes.
    fn string(&mut self) {
        self.push(View::Code);
        while let Some(c) = self.peek(0) {
            if c == '"' {
                return self.push(View::Code);
            }
            self.push(View::Literal);
            if c == '\\' {
                self.push(View::Literal);
            }
        }
    }

    /// `'a'` and `'\n'` are characters, `'a` is a lifetime and stays code.
    fn character_or_lifetime(&mut self) {
        self.push(View::Code);
        if self.peek(0) == Some('\\') {
            self.push(View::Literal);
            self.push(View::Literal);
            while self.peek(0).is_some_and(|c| c != '\'' && c != '\n') {
                self.push(View::Literal);
            }
            self.push(View::Code);
        } else if self.peek(1) == Some('\'') {
            self.push(View::Literal);
            self.push(View::Code);
        }
    }

    /// `r` starts a raw string unless it ends a longer word (`b` and `c` prefixes apart) or begins `r#name`.
    fn starts_literal(&self) -> bool {
        let hashes = self.hashes_from(self.at + 1);
        let before = |back: usize| self.at.checked_sub(back).map(|index| self.chars[index]);
        let prefix = usize::from(matches!(before(1), Some('b' | 'c')));
        self.peek(1 + hashes) == Some('"') && !before(1 + prefix).is_some_and(is_word_char)
    }

    fn hashes_from(&self, start: usize) -> usize {
        self.chars[start..].iter().take_while(|&&c| c == '#').count()
    }

    /// From `r##"` to a quotation mark with as many `#` after it.
    fn raw_string(&mut self) {
        let hashes = self.hashes_from(self.at + 1);
        for _ in 0..hashes + 2 {
            self.push(View::Code);
        }
        while let Some(c) = self.peek(0) {
            if c == '"' && self.hashes_from(self.at + 1) >= hashes {
                for _ in 0..=hashes {
                    self.push(View::Code);
                }
                return;
            }
            self.push(View::Literal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RustText;

    fn code(text: &str) -> String {
        RustText::split("a.rs", text).code
    }

    #[test]
    fn comments_leave_the_code_and_nest() {
        let nested = "/* two /* three */ four */";
        let text = RustText::split(
            "a.rs",
            &format!(
                "a // one
b {nested} c"
            ),
        );
        assert_eq!(
            text.code,
            format!(
                "a       
b {} c",
                " ".repeat(nested.len())
            )
        );
        assert_eq!(
            text.comments,
            format!(
                "  // one
  {nested}  "
            )
        );
    }

    #[test]
    fn string_contents_are_blank() {
        assert_eq!(code(r#"f("a\"b // c") // d"#), r#"f("         ")     "#);
        assert_eq!(code("r#\"a\"b\"# x"), "r#\"   \"# x");
        assert_eq!(code("br\"\\\" x"), "br\" \" x");
        assert_eq!(code("r#type x"), "r#type x");
        assert_eq!(code("for\"a\""), "for\" \"");
    }

    #[test]
    fn characters_are_blank_and_lifetimes_are_not() {
        assert_eq!(code(r"'a' 'b '\'' '\u{1F}' '\\' c"), r"' ' 'b '  ' '      ' '  ' c");
        // A quotation mark as a character opens no string.
        assert_eq!(code("'\"' unsafe"), "' ' unsafe");
    }

    #[test]
    fn every_view_keeps_the_lines() {
        let text = "\"a\nb\" /* c\nd */ r\"e\nf\"";
        let split = RustText::split("a.rs", text);
        assert_eq!(split.code.lines().count(), 4);
        assert_eq!(split.comments.lines().count(), 4);
    }
}
