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

/// Which seconds are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// [`Cost::cpu`].
    Cpu,
    /// [`Cost::wall`].
    Wall,
}

impl Clock {
    fn of(self, cost: &Cost) -> f64 {
        match self {
            Self::Cpu => cost.cpu,
            Self::Wall => cost.wall,
        }
    }
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

    /// The cost since the start.
    pub(crate) fn elapsed(&self) -> Cost {
        Cost { cpu: self.cpu.elapsed().as_secs_f64(), wall: self.wall.elapsed().as_secs_f64() }
    }
}

/// The iterations of one subject in all rounds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rounds {
    /// The cost of each iteration, a list for each round.
    rounds: Vec<Vec<Cost>>,
}

impl Rounds {
    /// Takes the iterations of one more round.
    pub(crate) fn push(&mut self, iterations: Vec<Cost>) {
        self.rounds.push(iterations);
    }

    /// Seconds per iteration, the mean of each round.
    pub(crate) fn means(&self, clock: Clock) -> Vec<f64> {
        let mean = |costs: &Vec<Cost>| costs.iter().map(|c| clock.of(c)).sum::<f64>() / costs.len() as f64;
        self.rounds.iter().map(mean).collect()
    }

    /// Seconds per iteration in the fastest round.
    pub(crate) fn minimum(&self, clock: Clock) -> f64 {
        minimum(self.means(clock))
    }

    /// Seconds per iteration in the middle round.
    pub(crate) fn median(&self, clock: Clock) -> f64 {
        median(self.means(clock))
    }

    /// CPU seconds from the start to the end of each iteration, in the round that took the least.
    pub(crate) fn elapsed(&self) -> Vec<f64> {
        let cpu = |costs: &Vec<Cost>| costs.iter().map(|cost| cost.cpu).sum::<f64>();
        let fastest = self.rounds.iter().min_by(|a, b| cpu(a).total_cmp(&cpu(b)));
        let sum = |total: &mut f64, cost: &Cost| {
            *total += cost.cpu;
            Some(*total)
        };
        fastest.map_or(Vec::new(), |costs| costs.iter().scan(0.0, sum).collect())
    }

    /// These seconds divided by another subject's.
    pub(crate) fn ratio(&self, below: &Self, clock: Clock) -> Ratio {
        let pairs = self.means(clock).into_iter().zip(below.means(clock));
        Ratio {
            of_minima: self.minimum(clock) / below.minimum(clock),
            paired: median(pairs.map(|(above, below)| above / below)),
        }
    }
}

/// Two ways to divide one subject's seconds by another's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    /// Of the smallest seconds of all rounds.
    pub(crate) of_minima: f64,
    /// The median of the ratios within each round.
    pub(crate) paired: f64,
}

/// The smallest value, infinity if there is none.
fn minimum(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}

/// The middle value, the mean of the two middle ones of an even number, NaN if there is none.
fn median(values: impl IntoIterator<Item = f64>) -> f64 {
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

    /// Rounds with the same CPU and wall seconds.
    fn rounds(seconds: &[&[f64]]) -> Rounds {
        let costs = |round: &&[f64]| round.iter().map(|&s| Cost { cpu: s, wall: s }).collect();
        Rounds { rounds: seconds.iter().map(costs).collect() }
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_middle_two() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 3.0, 2.0]), 2.5);
        assert!(median([]).is_nan());
        assert_eq!(minimum([3.0, 1.0, 2.0]), 1.0);
    }

    #[test]
    fn ratios_are_of_minima_and_within_rounds() {
        let (above, below) = (rounds(&[&[2.0, 4.0], &[8.0]]), rounds(&[&[1.0], &[4.0]]));
        // Means 3 and 8 over 1 and 4: minima 3/1, within the rounds 3 and 2.
        assert_eq!(above.ratio(&below, Clock::Cpu), Ratio { of_minima: 3.0, paired: 2.5 });
    }

    #[test]
    fn elapsed_seconds_are_the_fastest_rounds() {
        assert_eq!(rounds(&[&[2.0, 2.0], &[1.0, 2.0]]).elapsed(), [1.0, 3.0]);
        assert!(rounds(&[]).elapsed().is_empty());
    }
}
