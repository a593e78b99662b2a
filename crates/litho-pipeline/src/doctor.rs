//! What this machine can do.

use litho_compute::fft::InstructionSet;
use serde_json::{Value, json};

/// One line of the check-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: &'static str,
    /// What was found.
    pub found: String,
    /// What to do about it; `None` if all is well.
    pub advice: Option<String>,
}

/// Looks at processor, memory, temporary folder.
pub fn examine() -> Vec<Finding> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let set = InstructionSet::best();
    vec![
        Finding {
            what: "version",
            found: format!("{} ({})", crate::provenance::VERSION, crate::provenance::COMMIT),
            advice: None,
        },
        Finding { what: "threads", found: threads.to_string(), advice: None },
        Finding {
            what: "instruction set of the Fourier transforms",
            found: format!("{set:?}"),
            advice: (set == InstructionSet::Portable)
                .then(|| "this processor has no AVX2: transforms run two to three times slower".to_owned()),
        },
        memory(),
        temporary_folder(),
        Finding { what: "GPU", found: "not supported by this version".to_owned(), advice: None },
    ]
}

/// The findings for a machine to read.
pub fn to_json(findings: &[Finding]) -> Value {
    findings.iter().map(|f| json!({ "what": f.what, "found": f.found, "advice": f.advice })).collect()
}

fn memory() -> Finding {
    const COMFORTABLE: u64 = 4 << 30;
    let what = "memory available";
    match litho_io::available_memory() {
        Some(bytes) => Finding {
            what,
            found: format!("{:.1} GB", bytes as f64 / 1e9),
            advice: (bytes < COMFORTABLE)
                .then(|| "large scans will stream from disk, which is slower".to_owned()),
        },
        None => Finding { what, found: "unknown".to_owned(), advice: None },
    }
}

fn temporary_folder() -> Finding {
    let folder = std::env::temp_dir();
    let writable = tempfile::NamedTempFile::new_in(&folder);
    Finding {
        what: "temporary folder",
        found: folder.display().to_string(),
        advice: writable.err().map(|error| format!("cannot be written to ({error}); set TMPDIR")),
    }
}
