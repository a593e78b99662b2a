//! Athena projects (`.prj`): text, mostly compressed by gzip, of Perl assignments. Each group has its key
//! (`$old_group`), its settings (`@args`: names and values in turn), energies `@x` and absorption `@y`, and ends with
//! `[record]`. (Ravel & Newville, J. Synchrotron Rad. 12, 537 (2005).)

use super::spectrum::{RawSpectrum, ReferenceFormat, ReferenceOptions, ReferenceSpectrum};
use crate::error::IoError;
use crate::scan::EnergyUnit;
use flate2::read::GzDecoder;
use std::io::Read;
use std::path::Path;

/// Longest text taken out of a project: a bomb must not fill the memory.
const MAX_TEXT: u64 = 256 << 20;

/// One group of a project.
#[derive(Debug, Default)]
struct Group {
    key: String,
    settings: Vec<String>,
    energies: Vec<String>,
    absorption: Vec<String>,
}

impl Group {
    fn setting(&self, name: &str) -> Option<&str> {
        let pairs = self.settings.as_chunks::<2>().0;
        pairs.iter().find(|[key, _]| key == name).map(|[_, value]| value.as_str())
    }

    fn label(&self) -> &str {
        self.setting("label").filter(|label| !label.is_empty()).unwrap_or(&self.key)
    }
}

/// Reads a group of a project.
pub(super) fn read(path: &Path, options: &ReferenceOptions) -> Result<ReferenceSpectrum, IoError> {
    let groups = groups(&text(path)?);
    let labels = || groups.iter().map(|group| format!("`{}`", group.label())).collect::<Vec<_>>().join(", ");
    let group = match &options.group {
        Some(wanted) => {
            groups.iter().find(|g| g.label() == wanted).or(groups.iter().find(|g| g.key == *wanted))
        }
        None if groups.len() == 1 => groups.first(),
        None => None,
    };
    let Some(group) = group else {
        let wanted = options.group.clone().unwrap_or_default();
        let reason = format!("name one of the groups of {}: {}", path.display(), labels());
        return Err(IoError::argument("group", wanted, reason));
    };
    let energies = numbers(path, group, "x", &group.energies)?;
    let absorption = numbers(path, group, "y", &group.absorption)?;
    if energies.len() != absorption.len() {
        return Err(IoError::WrongShape {
            path: path.to_owned(),
            dataset: format!("@y of `{}`", group.label()),
            found: vec![absorption.len()],
            expected: format!("as long as @x, which has {} numbers", energies.len()),
        });
    }
    // Athena shows the data at x + bkg_eshift.
    let shift = group.setting("bkg_eshift").and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let obtained = if shift == 0.0 { "@y".to_owned() } else { format!("@y, energies shifted by {shift} eV") };
    RawSpectrum {
        format: ReferenceFormat::Athena,
        path: path.to_owned(),
        column: format!("@x of `{}`", group.label()),
        energies: energies.iter().map(|energy| energy + shift).collect(),
        unit: Some(EnergyUnit::ElectronVolt),
        absorption,
        obtained,
        facts: group.settings.as_chunks::<2>().0.iter().map(|[k, v]| (k.clone(), v.clone())).collect(),
    }
    .finish(options)
}

fn text(path: &Path) -> Result<String, IoError> {
    let file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    let mut bytes = Vec::new();
    let mut head = [0; 2];
    let compressed = (&file).read_exact(&mut head).is_ok() && head == super::GZIP;
    let file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    let read = if compressed {
        GzDecoder::new(file).take(MAX_TEXT).read_to_end(&mut bytes)
    } else {
        file.take(MAX_TEXT).read_to_end(&mut bytes)
    };
    let broken = |reason: String| {
        let (part, fix) = ("the text".to_owned(), "again with Athena");
        IoError::Decode { path: path.to_owned(), part, reason, fix }
    };
    read.map_err(|e| broken(e.to_string()))?;
    if bytes.len() as u64 == MAX_TEXT {
        return Err(broken(format!("it is longer than {MAX_TEXT} bytes")));
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if text.contains("Athena project file") {
        return Ok(text);
    }
    Err(IoError::WrongType {
        path: path.to_owned(),
        dataset: "the file".to_owned(),
        found: "compressed, but no Athena project of Perl text".to_owned(),
        expected: "an Athena project, XDI, or columns of text".to_owned(),
    })
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut group = Group::default();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("[record]") {
            groups.push(std::mem::take(&mut group));
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        match name.trim() {
            "$old_group" => group.key = quoted(value).into_iter().next().unwrap_or_default(),
            "@args" => group.settings = quoted(value),
            "@x" => group.energies = quoted(value),
            "@y" => group.absorption = quoted(value),
            _ => {}
        }
    }
    // A list of references or a journal may come without data.
    groups.retain(|group| !group.energies.is_empty());
    groups
}

/// The elements of a Perl list: in quotes with `\` before a quote or a `\`, or bare words between commas.
fn quoted(list: &str) -> Vec<String> {
    let mut elements = Vec::new();
    let mut element = String::new();
    let mut open: Option<char> = None;
    let mut began = false;
    let mut characters = list.chars();
    while let Some(c) = characters.next() {
        match (open, c) {
            (Some(_), '\\') => element.extend(characters.next()),
            (Some(quote), c) if c == quote => open = None,
            (Some(_), c) => element.push(c),
            (None, '\'' | '"') => (open, began) = (Some(c), true),
            (None, ',' | ')' | ';') => {
                if began {
                    elements.push(std::mem::take(&mut element));
                }
                began = false;
            }
            (None, '(') => {}
            (None, c) if c.is_whitespace() => {}
            (None, c) => {
                element.push(c);
                began = true;
            }
        }
    }
    if began {
        elements.push(element);
    }
    elements
}

fn numbers(path: &Path, group: &Group, name: &str, texts: &[String]) -> Result<Vec<f64>, IoError> {
    let number = |(index, text): (usize, &String)| {
        text.trim().parse().map_err(|_| IoError::BadValue {
            path: path.to_owned(),
            dataset: format!("@{name} of `{}`", group.label()),
            index: index.to_string(),
            value: format!("`{}`", text.chars().take(40).collect::<String>()),
            problem: "not a number; save the project again with Athena".to_owned(),
        })
    };
    texts.iter().enumerate().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perl_list_is_taken_apart() {
        assert_eq!(quoted(" ('a','it\\'s','',1.5, \"x, y\");"), ["a", "it's", "", "1.5", "x, y"]);
        assert_eq!(quoted(" 'abcd';"), ["abcd"]);
        assert!(quoted(" ();").is_empty());
        assert_eq!(quoted(" ('open"), ["open"]);
    }
}
