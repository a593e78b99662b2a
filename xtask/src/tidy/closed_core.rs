//! The core is closed to the world: no files, environment, clocks, printing or entropy outside of its tests.

use super::{
    rust_text::RustText,
    tree::Tree,
    violation::Violation,
    words::{contains_word, is_word_char},
};

pub(crate) const NAME: &str = "closed-core";

/// The crates below litho-pipeline and beside litho-io.
pub(crate) const CORE: &[&str] = &[
    "litho-types",
    "litho-lanes",
    "litho-compute",
    "litho-ptycho",
    "litho-resolve",
    "litho-spectro",
    "litho-morph",
    "litho-tomo",
    "litho-sim",
    "litho-report",
];

/// Modules of `std` that reach outside the program.
const MODULES: &[&str] = &["fs", "env", "time", "net", "process"];
/// Words of clocks and entropy, whatever path leads to them.
const WORDS: &[&str] = &["SystemTime", "Instant", "OsRng", "thread_rng", "from_os_rng", "from_entropy"];
/// Macros that print.
const PRINTING: &[&str] = &["print!", "println!", "eprint!", "eprintln!"];

/// Lists every use of the world in the sources of the core crates.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, rust) in tree.rust().filter(|(file, _)| is_core_source(&file.path)) {
        let words = words(rust).into_iter().chain(std_modules(rust));
        violations.extend(words.map(|(line, what)| {
            let fix = "the core is closed to the world; take the value as an argument from litho-pipeline";
            file.violation(line, NAME, format!("{what}: {fix}"))
        }));
    }
    violations
}

fn is_core_source(path: &str) -> bool {
    CORE.iter().any(|name| {
        path.strip_prefix("crates/")
            .and_then(|p| p.strip_prefix(name))
            .is_some_and(|p| p.starts_with("/src/"))
    })
}

fn words(rust: &RustText) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, code) in rust.lines_outside_tests() {
        let words = WORDS.iter().filter(|word| contains_word(code, word));
        let macros = PRINTING.iter().filter(|name| starts_word(code, name));
        found.extend(words.chain(macros).map(|word| (line, (*word).to_owned())));
    }
    found
}

/// Whether `name` stands in `line` and does not end a longer word: `print!` is not in `eprint!`.
fn starts_word(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| !line[..at].chars().next_back().is_some_and(is_word_char))
}

/// Uses of [`MODULES`] as `std::fs…` or inside `std::{…}`, with their lines.
fn std_modules(rust: &RustText) -> Vec<(usize, String)> {
    let code = rust.code.as_str();
    let mut found = Vec::new();
    for (at, path) in code.match_indices("std::") {
        let line = code[..at].matches('\n').count() + 1;
        if code[..at].chars().next_back().is_some_and(is_word_char) || rust.is_test_line(line) {
            continue;
        }
        let names = first_names(&code[at + path.len()..]);
        let forbidden = names.into_iter().filter(|name| MODULES.contains(name));
        found.extend(forbidden.map(|name| (line, format!("std::{name}"))));
    }
    found
}

/// The names that directly follow `std::`: one, or those at the top level of a group in braces.
fn first_names(rest: &str) -> Vec<&str> {
    let word_end = |text: &str| text.find(|c| !is_word_char(c)).unwrap_or(text.len());
    let Some(group) = rest.strip_prefix('{') else { return vec![&rest[..word_end(rest)]] };
    let (mut names, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                let entry = group[start..at].trim_start();
                names.push(&entry[..word_end(entry)]);
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{check, first_names};
    use crate::tidy::Tree;

    fn found(path: &str, text: &str) -> Vec<String> {
        let shorten = |message: &str| message.split(": ").next().unwrap_or_default().to_owned();
        check(&Tree::of(&[(path, text)]))
            .iter()
            .map(|v| format!("{} {}", v.line, shorten(&v.message)))
            .collect()
    }

    #[test]
    fn files_clocks_and_printing_are_found_with_their_lines() {
        let text = "fn a() { std::fs::read(b) }\nlet t = Instant::now();\neprintln!(\"{}\", c);\n";
        assert_eq!(found("crates/litho-sim/src/a.rs", text), ["2 Instant", "3 eprintln!", "1 std::fs"]);
    }

    #[test]
    fn a_grouped_import_hides_nothing() {
        let text = "use std::{\n    collections::{HashMap, env},\n    time::Duration,\n    fs,\n};\n";
        assert_eq!(found("crates/litho-types/src/a.rs", text), ["1 std::time", "1 std::fs"]);
        assert_eq!(first_names("{a::{fs, b}, c as d, e}; fs"), ["a", "c", "e"]);
    }

    #[test]
    fn comments_strings_tests_and_other_crates_are_free() {
        let text =
            "// std::fs, Instant\nlet a = \"println!\";\n#[cfg(test)]\nmod tests {\n  use std::fs;\n}\n";
        assert!(found("crates/litho-sim/src/a.rs", text).is_empty());
        assert!(found("crates/litho-sim/tests/a.rs", "use std::fs;").is_empty());
        assert!(found("crates/litho-sim/src/tests/a.rs", "use std::fs;").is_empty());
        assert!(found("crates/litho-io/src/a.rs", "use std::fs;").is_empty());
    }

    #[test]
    fn longer_words_are_other_words() {
        assert!(
            found("crates/litho-sim/src/a.rs", "Instantaneous; my_print!(); my_std::fs; std::fsum")
                .is_empty()
        );
    }
}
