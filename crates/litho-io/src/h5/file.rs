//! Opening HDF5 files and finding objects in them.

use crate::error::IoError;
use hdf5::{IndexType, IterationOrder, LocationType};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The eight bytes at the start (or after a user block) of every HDF5 file.
const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";
/// Objects looked at, and depth searched, when listing what a file holds.
const LISTING_LIMIT: usize = 400;
const LISTING_DEPTH: usize = 8;

/// An HDF5 file open for reading.
pub(crate) struct H5File {
    path: PathBuf,
    file: hdf5::File,
}

impl H5File {
    /// Opens a file.
    ///
    /// # Errors
    /// If it is not there, empty, a text file, no HDF5 file, or only part of one.
    pub(crate) fn open(path: &Path) -> Result<Self, IoError> {
        hdf5::silence_errors(true);
        let metadata = std::fs::metadata(path).map_err(|e| IoError::file("open", path, &e))?;
        let not_hdf5 = |problem: String, fix| Err(IoError::NotHdf5 { path: path.to_owned(), problem, fix });
        if metadata.is_dir() {
            return Err(IoError::argument("input", path.display(), "is a folder: name a file in it"));
        }
        if metadata.len() == 0 {
            return not_hdf5("is empty (0 bytes)".to_owned(), "copy it again");
        }
        if !has_signature(path)? {
            return if looks_like_text(path)? {
                not_hdf5("is a text file, not HDF5, whatever its name says".to_owned(), "name the data file")
            } else {
                not_hdf5("does not begin as an HDF5 file does".to_owned(), "name an HDF5 file")
            };
        }
        match hdf5::File::open(path) {
            Ok(file) => Ok(Self { path: path.to_owned(), file }),
            Err(e) if e.to_string().contains("lock file") => {
                not_hdf5(format!("is being written by another program ({e})"), "wait until that is done")
            }
            Err(e) => not_hdf5(format!("is a truncated or damaged HDF5 file ({e})"), "copy it again"),
        }
    }

    /// Where the file lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The root group.
    pub(crate) fn root(&self) -> &hdf5::Group {
        &self.file
    }

    /// What `name` is, following links; `None` if it is missing or dangling.
    pub(crate) fn kind(&self, name: &str) -> Option<LocationType> {
        if name == "/" {
            return Some(LocationType::Group);
        }
        self.file.loc_type_by_name(name).ok()
    }

    /// True if `name` is a dataset.
    pub(crate) fn has_dataset(&self, name: &str) -> bool {
        self.kind(name) == Some(LocationType::Dataset)
    }

    /// True if `name` is a group.
    pub(crate) fn has_group(&self, name: &str) -> bool {
        self.kind(name) == Some(LocationType::Group)
    }

    /// The first of `names` that exists, be it only as a link that leads nowhere.
    pub(crate) fn first_of<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        names.iter().copied().find(|name| self.link_exists(name))
    }

    /// True if there is a link of this name; it may lead nowhere.
    pub(crate) fn link_exists(&self, name: &str) -> bool {
        // Every intermediate group is checked first: HDF5 takes a missing one as an error.
        let name = name.trim_start_matches('/');
        let ends = name.char_indices().filter(|(_, c)| *c == '/').map(|(at, _)| at).chain([name.len()]);
        !name.is_empty() && ends.into_iter().all(|end| self.file.link_exists(&name[..end]))
    }

    /// Opens a dataset.
    ///
    /// # Errors
    /// If it is missing (near names are listed), dangling, or a group.
    pub(crate) fn dataset(&self, name: &str) -> Result<hdf5::Dataset, IoError> {
        match self.kind(name) {
            Some(LocationType::Dataset) => self.file.dataset(name).map_err(|e| self.hdf5("open", name, &e)),
            Some(other) => Err(IoError::WrongType {
                path: self.path.clone(),
                dataset: name.to_owned(),
                found: if other == LocationType::Group { "a group".to_owned() } else { format!("{other:?}") },
                expected: "a dataset".to_owned(),
            }),
            None if self.link_exists(name) => Err(IoError::Dangling {
                path: self.path.clone(),
                dataset: name.to_owned(),
                reason: self.file.dataset(name).map_or_else(|e| link_target(&e), |_| String::new()),
            }),
            None => Err(self.missing(name)),
        }
    }

    /// The error for an object that is not there, with the nearest names that are.
    pub(crate) fn missing(&self, name: &str) -> IoError {
        let mut near = self.datasets();
        near.sort_by_key(|candidate| name_distance(name, candidate));
        near.truncate(5);
        let near = if near.is_empty() {
            "it holds no dataset at all".to_owned()
        } else {
            format!("the nearest datasets it has are {}", near.join(", "))
        };
        IoError::Missing { path: self.path.clone(), dataset: name.to_owned(), near }
    }

    /// Names of the links in a group, in alphabetical order; empty if it is no group.
    pub(crate) fn children(&self, group: &str) -> Vec<String> {
        let Ok(group) = self.file.group(group) else { return Vec::new() };
        group.member_names_by(IndexType::Name, IterationOrder::Increasing).unwrap_or_default()
    }

    /// Paths of the datasets in the file, at most a few hundred.
    pub(crate) fn datasets(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut visited = 0;
        self.collect("", 0, &mut visited, &mut found);
        found
    }

    fn collect(&self, group: &str, depth: usize, visited: &mut usize, found: &mut Vec<String>) {
        for name in self.children(if group.is_empty() { "/" } else { group }) {
            *visited += 1;
            if *visited > LISTING_LIMIT {
                return;
            }
            let path = format!("{group}/{name}");
            match self.kind(&path) {
                Some(LocationType::Dataset) => found.push(path),
                Some(LocationType::Group) if depth < LISTING_DEPTH => {
                    self.collect(&path, depth + 1, visited, found);
                }
                _ => {}
            }
        }
    }

    /// An HDF5 failure on one of this file's objects.
    pub(crate) fn hdf5(&self, action: &'static str, dataset: &str, error: &hdf5::Error) -> IoError {
        IoError::Hdf5 {
            action,
            path: self.path.clone(),
            dataset: dataset.to_owned(),
            reason: error.to_string(),
        }
    }
}

/// The part of HDF5's error stack that names the target of a broken link.
fn link_target(error: &hdf5::Error) -> String {
    let frames = error.stack();
    let named = frames.as_ref().and_then(|stack| stack.iter().find(|f| f.desc().contains("file name")));
    named.map_or_else(|| error.to_string(), |frame| frame.desc().to_owned())
}

/// HDF5 looks for its signature at 0, 512, 1024, 2048, … .
fn has_signature(path: &Path) -> Result<bool, IoError> {
    use std::io::{Seek, SeekFrom};
    let fail = |e: std::io::Error| IoError::file("read", path, &e);
    let mut file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    let length = file.metadata().map_err(fail)?.len();
    let mut at = 0_u64;
    while at.saturating_add(8) <= length {
        let mut bytes = [0; 8];
        file.seek(SeekFrom::Start(at)).map_err(fail)?;
        file.read_exact(&mut bytes).map_err(fail)?;
        if bytes == SIGNATURE {
            return Ok(true);
        }
        at = if at == 0 { 512 } else { at * 2 };
    }
    Ok(false)
}

fn looks_like_text(path: &Path) -> Result<bool, IoError> {
    let file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    let mut head = Vec::new();
    file.take(512).read_to_end(&mut head).map_err(|e| IoError::file("read", path, &e))?;
    Ok(head.iter().all(|&byte| byte >= b' ' || matches!(byte, b'\n' | b'\r' | b'\t')))
}

/// Edit distance of the last path components, then of the whole paths.
fn name_distance(wanted: &str, candidate: &str) -> (usize, usize) {
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase();
    (
        strsim::damerau_levenshtein(&last(wanted), &last(candidate)),
        strsim::damerau_levenshtein(wanted, candidate),
    )
}
