//! Links between the documents lead somewhere.

use super::{
    tree::{Tree, extension},
    violation::Violation,
};

pub(crate) const NAME: &str = "links";

/// Lists relative links in `.md` files whose target is not in the repository.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.files.iter().filter(|file| extension(&file.path) == "md") {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (line, target) in links(&file.text) {
            if resolve(folder, &target).is_none_or(|path| !tree.exists(&path)) {
                let message = format!("{target} leads to no file of the repository; mend or drop the link");
                violations.push(file.violation(line, NAME, message));
            }
        }
    }
    violations
}

/// The relative links of a document and their lines (from 1): `[a](b)`, `![a](b)` and `[a]: b`, outside of code.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut is_in_fence = false;
    for (index, line) in text.lines().enumerate() {
        let start = line.trim_start();
        if start.starts_with("```") || start.starts_with("~~~") {
            is_in_fence = !is_in_fence;
        } else if !is_in_fence {
            let line = without_code(line);
            let inline = line.match_indices("](").filter_map(|(at, open)| {
                let rest = &line[at + open.len()..];
                Some(&rest[..closing(rest)?])
            });
            let definition =
                line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target);
            let targets = inline.chain(definition).filter_map(relative);
            found.extend(targets.map(|target| (index + 1, target)));
        }
    }
    found
}

/// The line with its `code` cut out.
fn without_code(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    // An odd number of parts: every quotation is closed; the odd ones are code.
    let paired = parts.len() - (parts.len() + 1) % 2;
    let text = parts.iter().enumerate().filter(|(index, _)| index % 2 == 0 || *index >= paired);
    text.map(|(_, part)| *part).collect()
}

/// The place of the bracket that ends a target, which may hold pairs of brackets.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The path of a relative link, without title and anchor; nothing for other links.
fn relative(target: &str) -> Option<String> {
    let target = target.trim();
    let target = match target.strip_prefix('<') {
        Some(quoted) => quoted.split('>').next()?,
        None => target.split_whitespace().next()?,
    };
    let is_elsewhere = target.contains("://") || target.starts_with("mailto:");
    let path = target.split('#').next()?;
    (!is_elsewhere && !path.is_empty()).then(|| path.replace("%20", " "))
}

/// The path from the root that `target`, met in a document in `folder`, leads to; nothing if it leaves the repository.
fn resolve(folder: &str, target: &str) -> Option<String> {
    let (start, rest) = target.strip_prefix('/').map_or((folder, target), |rest| ("", rest));
    let mut parts: Vec<&str> = start.split('/').filter(|part| !part.is_empty()).collect();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{check, links, resolve};
    use crate::tidy::Tree;

    #[test]
    fn a_broken_link_is_found_and_a_good_one_is_not() {
        let text =
            "[a](guide/b.md#c) and [root](/README.md)\n\n[no](guide/c.md) ![no](d.png)\n[folder](guide/)\n";
        let tree = Tree::of(&[("docs/a.md", text), ("docs/guide/b.md", "[up](../a.md)"), ("README.md", "")]);
        let found: Vec<String> = check(&tree).iter().map(|v| format!("{}:{}", v.file, v.line)).collect();
        assert_eq!(found, ["docs/a.md:3", "docs/a.md:3"]);
    }

    #[test]
    fn other_links_and_code_are_left_alone() {
        let text = "[a](https://b.org/c) [d](#e) [f](mailto:g@h.org) `[i](j)`\n```\n[k](l)\n```\n[m]: https://n.org\n";
        assert_eq!(links(text), []);
    }

    #[test]
    fn titles_quotation_definitions_and_brackets_are_read() {
        let expected = |line, target: &str| (line, target.to_owned());
        assert_eq!(links("[a](b.md \"title\")"), [expected(1, "b.md")]);
        assert_eq!(links("[a](<b c.md>) [d](e%20f.md)"), [expected(1, "b c.md"), expected(1, "e f.md")]);
        assert_eq!(links("text\n[a]: b.md"), [expected(2, "b.md")]);
        assert_eq!(links("([a](b_(1).md))"), [expected(1, "b_(1).md")]);
        assert_eq!(links("an odd ` and [a](b.md)"), [expected(1, "b.md")]);
    }

    #[test]
    fn a_path_may_not_leave_the_repository() {
        assert_eq!(resolve("docs/guide", "../a.md"), Some("docs/a.md".into()));
        assert_eq!(resolve("docs", "../../a.md"), None);
        assert_eq!(resolve("docs", "/a.md"), Some("a.md".into()));
    }
}
