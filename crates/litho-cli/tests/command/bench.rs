//! A folder with a scan in it, and the program run in that folder.

use litho_io::write_cxi;
use litho_sim::example::tiny_far_field;
use litho_types::scan::Scan;
use ndarray::{ArrayView, Dimension};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use tempfile::TempDir;

pub(crate) const DATA: &str = "/entry_1/instrument_1/detector_1/data";
pub(crate) const MASK: &str = "/entry_1/instrument_1/detector_1/mask";
pub(crate) const DISTANCE: &str = "/entry_1/instrument_1/detector_1/distance";
pub(crate) const ENERGY: &str = "/entry_1/instrument_1/source_1/energy";
pub(crate) const TRANSLATION: &str = "/entry_1/sample_1/geometry_1/translation";

/// The tiny far-field scan, simulated once.
pub(crate) fn scan() -> &'static Scan {
    static SCAN: OnceLock<Scan> = OnceLock::new();
    SCAN.get_or_init(|| tiny_far_field().expect("valid numbers").simulate().expect("simulated").0)
}

/// Held while a program starts and while HDF5 has a file open for writing: a child born
/// in between would inherit the file and with it HDF5's lock on it.
static STARTING: Mutex<()> = Mutex::new(());

pub(crate) fn alone() -> MutexGuard<'static, ()> {
    STARTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder in which the program runs.
pub(crate) struct Bench(TempDir);

impl Bench {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A folder with `scan.cxi`.
    pub(crate) fn with_scan() -> Self {
        let bench = Self::empty();
        let scan = scan();
        let _alone = alone();
        write_cxi(&bench.path("scan.cxi"), scan).expect("written");
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    /// Names of the files in the folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("listed");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Replaces a dataset of `scan.cxi`.
    pub(crate) fn replace<'a, T: hdf5::H5Type, D: Dimension>(
        &self,
        name: &str,
        data: impl Into<ArrayView<'a, T, D>>,
    ) {
        let _alone = alone();
        let file = hdf5::File::open_rw(self.path("scan.cxi")).expect("opened");
        file.unlink(name).expect("unlinked");
        file.new_dataset_builder().with_data(data).create(name).expect("a dataset");
    }

    /// The program, started here.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lithoscope"));
        command.current_dir(self.0.path()).args(arguments).env_remove("RUST_BACKTRACE");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let _alone = alone();
        command.spawn().expect("started")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.start(arguments).wait_with_output().expect("ended"), arguments)
    }

    /// Runs what must succeed; returns its standard output.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        ran.stdout
    }

    /// Runs what must fail with `code`: the message holds all `words`, and no file comes or goes.
    pub(crate) fn refused(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let before = self.files();
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("error: "), "{arguments:?}: {}", ran.stderr);
        for word in words {
            assert!(ran.stderr.contains(word), "{arguments:?}: `{word}` is missing in: {}", ran.stderr);
        }
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert_eq!(self.files(), before, "{arguments:?}");
    }
}

/// How the program ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: &Output, arguments: &[&str]) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let ran =
            Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) };
        for panic in ["panicked", "RUST_BACKTRACE", "mistake in lithoscope"] {
            assert!(!ran.stderr.contains(panic), "{arguments:?}: {}", ran.stderr);
        }
        ran
    }
}
