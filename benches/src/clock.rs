//! CPU and wall time.

use cpu_time::ProcessTime;
use std::time::Instant;

/// Seconds of one iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cost {
    /// CPU seconds of the whole process, all threads together.
    pub(crate) cpu: f64,
    /// Seconds on the clock on the wall.
    pub(crate) wall: f64,
}

/// A running clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch {
    cpu: ProcessTime,
    wall: Instant,
}

impl Stopwatch {
    /// Starts now.
    pub(crate) fn start() -> Self {
        Self { cpu: ProcessTime::now(), wall: Instant::now() }
    }

    /// The cost of one of `iterations` iterations since the start.
    pub(crate) fn per_iteration(&self, iterations: usize) -> Cost {
        let share = 1.0 / iterations as f64;
        Cost {
            cpu: self.cpu.elapsed().as_secs_f64() * share,
            wall: self.wall.elapsed().as_secs_f64() * share,
        }
    }
}

/// The smallest value, infinity if there is none.
pub(crate) fn minimum(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}

/// The middle value, the mean of the two middle ones of an even number, NaN if there is none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match (values.len(), values.len() / 2) {
        (0, _) => f64::NAN,
        (len, middle) if len % 2 == 0 => f64::midpoint(values[middle - 1], values[middle]),
        (_, middle) => values[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_middle_two() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 3.0, 2.0]), 2.5);
        assert!(median([]).is_nan());
        assert_eq!(minimum([3.0, 1.0, 2.0]), 1.0);
    }
}
