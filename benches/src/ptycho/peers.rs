//! The table of peers: whose program is measured, and beside which of our engines.

use super::engines::Floor;

/// A Python program that is part of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

/// Simulates the scan that everybody reads.
pub(super) const MAKE_DATA: Script =
    Script { name: "make_ptycho_data.py", text: include_str!("../../peers/make_ptycho_data.py") };
/// What the peers' programs share.
pub(super) const COMMON: Script =
    Script { name: "bench_common.py", text: include_str!("../../peers/bench_common.py") };

/// A peer's program and the Python that runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Program {
    /// Name of its Python environment.
    pub(super) environment: &'static str,
    pub(super) script: Script,
}

/// The environment that makes the data, too.
pub(super) const NUMPY_ENVIRONMENT: &str = "numpy";
const NUMPY: Program = Program {
    environment: NUMPY_ENVIRONMENT,
    script: Script { name: "numpy_engines.py", text: include_str!("../../peers/numpy_engines.py") },
};
const PTYLAB: Program = Program {
    environment: "ptylab",
    script: Script { name: "ptylab_engines.py", text: include_str!("../../peers/ptylab_engines.py") },
};
const PHASER: Program = Program {
    environment: "phaser",
    script: Script { name: "phaser_engines.py", text: include_str!("../../peers/phaser_engines.py") },
};

/// What of ours a peer is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// The transforms alone.
    Floor(Floor),
    /// The engine with this key; a key without a row leaves the peer without a ratio.
    Engine(&'static str),
}

/// One engine of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer {
    /// What `--only` calls it.
    pub(super) key: &'static str,
    /// What the report calls it.
    pub(super) name: &'static str,
    pub(super) program: Program,
    /// What the program calls the engine.
    pub(super) engine: &'static str,
    /// For how many iterations it runs.
    pub(super) iterations: usize,
    /// What of ours does the same.
    pub(super) beside: Beside,
}

impl Peer {
    /// True if it comes to an object; the transforms alone do not.
    pub(super) fn reconstructs(&self) -> bool {
        matches!(self.beside, Beside::Engine(_))
    }
}

/// All peers, in the order of the report. A new engine of a peer is one more row.
pub(super) const PEERS: [Peer; 7] = [
    peer("numpy-epie", "NumPy ePIE, α = β = 1", NUMPY, "epie", 20, Beside::Engine("epie-published")),
    peer("ptylab-epie", "PtyLab ePIE, α = β = 1", PTYLAB, "ePIE", 20, Beside::Engine("epie-published")),
    peer("ptylab-mpie", "PtyLab mPIE", PTYLAB, "mPIE", 20, Beside::Engine("mpie")),
    peer("phaser-epie", "phaser ePIE, groups of 8", PHASER, "epie", 20, Beside::Engine("epie")),
    peer("phaser-lsqml", "phaser LSQ-ML, groups of 16", PHASER, "lsqml", 20, Beside::Engine("lsqml")),
    peer(
        "scipy-single",
        "SciPy transforms, one by one",
        NUMPY,
        "fft_single",
        12,
        Beside::Floor(Floor::InCache),
    ),
    peer("scipy-stack", "SciPy transforms, one call", NUMPY, "fft_stack", 12, Beside::Floor(Floor::InMemory)),
];

const fn peer(
    key: &'static str,
    name: &'static str,
    program: Program,
    engine: &'static str,
    iterations: usize,
    beside: Beside,
) -> Peer {
    Peer { key, name, program, engine, iterations, beside }
}
