//! Runs work on a number of threads of its own.

use crate::error::PipelineError;

/// Runs `work` on this many threads, 0 for one per core.
pub(crate) fn in_pool<T: Send>(
    threads: usize,
    work: impl FnOnce() -> Result<T, PipelineError> + Send,
) -> Result<T, PipelineError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| PipelineError::Threads { threads, reason: error.to_string() })?;
    pool.install(work)
}
