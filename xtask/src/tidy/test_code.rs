//! Which lines of a Rust file are compiled only for tests.

/// One flag per line of `code` (a file's code view).
///
/// Tests are: files under a `tests` folder or named `tests.rs`, files that begin with `#![cfg(test)]`, and items
/// under `#[cfg(test)]`, `#[cfg(all(test, …))]` or `#[test]`.
pub(crate) fn lines(path: &str, code: &str) -> Vec<bool> {
    let chars: Vec<char> = code.chars().collect();
    let mut flags = vec![is_test_file(path); code.lines().count()];
    for start in (0..chars.len()).filter(|&at| chars[at] == '#') {
        let inner = usize::from(chars.get(start + 1) == Some(&'!'));
        let Some(end) = attribute_end(&chars, start + 1 + inner) else { continue };
        if !is_test_attribute(&chars[start + 1 + inner..end]) {
            continue;
        }
        let last = if inner == 1 { chars.len() } else { item_end(&chars, end) };
        let first_line = newlines(&chars[..start]);
        let last_line = newlines(&chars[..last]);
        flags.iter_mut().take(last_line + 1).skip(first_line).for_each(|flag| *flag = true);
    }
    flags
}

/// Whether every line of the file belongs to tests, by its path.
pub(crate) fn is_test_file(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs")
}

fn newlines(chars: &[char]) -> usize {
    chars.iter().filter(|&&c| c == '\n').count()
}

/// The index after the `]` of an attribute whose `[` stands at `open`.
fn attribute_end(chars: &[char], open: usize) -> Option<usize> {
    (chars.get(open) == Some(&'[')).then(|| closing(chars, open))?
}

/// The index after the bracket that closes the one at `open`.
fn closing(chars: &[char], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in chars.iter().enumerate().skip(open) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

fn is_test_attribute(attribute: &[char]) -> bool {
    let compact: String = attribute.iter().filter(|c| !c.is_whitespace()).collect();
    matches!(compact.as_str(), "[test]" | "[cfg(test)]") || compact.starts_with("[cfg(all(test,")
}

/// The index after the item that begins at `at`: past further attributes, up to its block's end or its `;`.
fn item_end(chars: &[char], mut at: usize) -> usize {
    while let Some(&c) = chars.get(at) {
        match c {
            '{' => return closing(chars, at).unwrap_or(chars.len()),
            '(' | '[' => at = closing(chars, at).unwrap_or(chars.len()),
            ';' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

#[cfg(test)]
mod tests {
    use super::lines;

    /// The test lines as a string of `t` and `.`.
    fn marks(path: &str, code: &str) -> String {
        lines(path, code).iter().map(|&test| if test { 't' } else { '.' }).collect()
    }

    #[test]
    fn a_module_of_tests_ends_with_its_brace() {
        assert_eq!(
            marks("a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n"),
            ".tttt."
        );
        assert_eq!(marks("a.rs", "#[cfg(all(test, unix))]\nmod a {\n}\nfn b() {}"), "ttt.");
    }

    #[test]
    fn an_item_may_carry_more_attributes_or_end_with_a_semicolon() {
        assert_eq!(marks("a.rs", "#[cfg(test)]\n#[expect(x)]\nfn a(b: [u8; 3])\n{\n}\nfn c() {}"), "ttttt.");
        assert_eq!(marks("a.rs", "#[cfg(test)]\nmod tests;\nfn c() {}"), "tt.");
        assert_eq!(marks("a.rs", "#[test]\nfn a() {\n}\nfn c() {}"), "ttt.");
    }

    #[test]
    fn other_conditions_are_no_tests() {
        assert_eq!(marks("a.rs", "#[cfg(not(test))]\nfn a() {}\n#[cfg(unix)]\nfn b() {}"), "....");
    }

    #[test]
    fn whole_files_are_tests_by_path_or_by_first_attribute() {
        assert_eq!(marks("crates/a/tests/b.rs", "x\ny"), "tt");
        assert_eq!(marks("crates/a/src/b/tests.rs", "x"), "t");
        assert_eq!(marks("crates/a/src/b.rs", "#![cfg(test)]\nx\ny"), "ttt");
        assert_eq!(marks("crates/a/src/latests.rs", "x"), ".");
    }
}
