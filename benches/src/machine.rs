//! The machine that a number belongs to.

use litho_compute::fft::InstructionSet;

/// Where and under which load something was measured.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Machine {
    /// The processor's name for itself, if the system tells it.
    pub(crate) processor: Option<String>,
    /// Cores this process may use.
    pub(crate) cores: usize,
    /// What the column transforms run on.
    pub(crate) instructions: InstructionSet,
    /// Processes that wanted a core in the minute before the measurement, if the system tells.
    pub(crate) load: Option<f64>,
}

impl Machine {
    /// This machine, now.
    pub(crate) fn here() -> Self {
        Self {
            processor: std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| model_name(&text)),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            instructions: InstructionSet::best(),
            load: load(),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let processor = self.processor.as_deref().unwrap_or("unknown processor");
        write!(f, "{processor}, {} cores, column transforms on {:?}", self.cores, self.instructions)
    }
}

/// The one-minute load average, if the system tells.
pub(crate) fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// The first `model name` of a Linux `cpuinfo`.
fn model_name(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_found_by_its_key() {
        let text = "processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7763\nmodel name\t: other\n";
        assert_eq!(model_name(text).as_deref(), Some("AMD EPYC 7763"));
        assert_eq!(model_name("processor : 0\n"), None);
    }
}
