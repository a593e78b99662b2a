//! How large a tomographic experiment is.

/// How large an experiment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// A few dozen angles of small images: for tests.
    Tiny,
    /// Minutes from frames to volume.
    Small,
    /// As published; without frames unless they are asked for.
    Paper,
}

impl Size {
    /// Its name, as the command takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Small => "small",
            Self::Paper => "paper",
        }
    }
}
