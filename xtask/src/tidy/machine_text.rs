//! The text speaks of the project alone: no paths of one machine, no hosts of package registries.

use super::{
    test_code::is_test_file,
    tree::{SourceFile, Tree},
    violation::Violation,
    words::is_word_char,
};

pub(crate) const PATH_NAME: &str = "machine-path";
pub(crate) const HOST_NAME: &str = "registry-host";

/// Absolute folders that belong to one machine, in pieces so that this file is free of them.
const FOLDERS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];
/// Folders that tests may name.
const FOLDERS_OF_TESTS: &[&str] = &[concat!("/tm", "p/"), concat!("/ho", "me/"), concat!("/Use", "rs/")];
/// Hosts of package registries, in pieces likewise.
const HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("anaconda", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("docker", ".io"),
    concat!("deb.debian", ".org"),
];

/// Lists absolute paths of one machine.
pub(crate) fn check_paths(tree: &Tree) -> Vec<Violation> {
    let find = |file: &SourceFile, line: usize, text: &str| {
        let in_tests =
            is_test_file(&file.path) || file.rust.as_ref().is_some_and(|rust| rust.is_test_line(line));
        let of_tests = if in_tests { &[][..] } else { FOLDERS_OF_TESTS };
        let folders = FOLDERS.iter().chain(of_tests).filter(|folder| begins_path(text, folder));
        folders
            .map(|folder| format!("{folder} is a path of one machine; make it relative to the repository"))
            .collect()
    };
    lines(tree, PATH_NAME, find)
}

/// Lists names of registries' hosts.
pub(crate) fn check_hosts(tree: &Tree) -> Vec<Violation> {
    let find = |_: &SourceFile, _: usize, text: &str| {
        let hosts = HOSTS.iter().filter(|host| text.contains(**host));
        hosts.map(|host| format!("{host} is a registry's host; name the tool (cargo, pip) instead")).collect()
    };
    lines(tree, HOST_NAME, find)
}

fn lines(
    tree: &Tree,
    rule: &'static str,
    find: impl Fn(&SourceFile, usize, &str) -> Vec<String>,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in &tree.files {
        for (index, text) in file.text.lines().enumerate() {
            let messages = find(file, index + 1, text);
            violations.extend(messages.into_iter().map(|message| file.violation(index + 1, rule, message)));
        }
    }
    violations
}

/// Whether an absolute path in `text` begins with `folder`: nothing before it that would make it the middle of one.
fn begins_path(text: &str, folder: &str) -> bool {
    let continues = |c: char| is_word_char(c) || matches!(c, '.' | '-' | '~' | '}' | ')' | '*');
    text.match_indices(folder).any(|(at, _)| !text[..at].chars().next_back().is_some_and(continues))
}

#[cfg(test)]
mod tests {
    use super::{FOLDERS, FOLDERS_OF_TESTS, HOSTS, check_hosts, check_paths};
    use crate::tidy::Tree;

    #[test]
    fn a_machine_s_folder_is_found_wherever_a_path_begins() {
        for folder in FOLDERS.iter().chain(FOLDERS_OF_TESTS) {
            for text in [format!("cd {folder}a"), format!("\"{folder}a\""), format!("A={folder}a")] {
                assert_eq!(check_paths(&Tree::of(&[("scripts/test", &text)])).len(), 1, "{text}");
            }
            for text in
                [format!("../shared{folder}a"), format!("./{}", &folder[1..]), format!("${{A}}{folder}")]
            {
                assert!(check_paths(&Tree::of(&[("a.md", &text)])).is_empty(), "{text}");
            }
        }
    }

    #[test]
    fn tests_may_name_temporary_folders() {
        for folder in FOLDERS_OF_TESTS {
            let text = format!("const A: &str = \"{folder}a\";\n#[test]\nfn b() {{ c(\"{folder}a\") }}\n");
            let lines: Vec<usize> =
                check_paths(&Tree::of(&[("a.rs", &text)])).iter().map(|v| v.line).collect();
            assert_eq!(lines, [1]);
            assert!(check_paths(&Tree::of(&[("crates/a/tests/b.rs", &text)])).is_empty());
        }
    }

    #[test]
    fn hosts_are_found_in_any_text() {
        for host in HOSTS {
            assert_eq!(
                check_hosts(&Tree::of(&[("a.toml", &format!("url = \"https://{host}/x\"\n"))])).len(),
                1
            );
        }
    }
}
