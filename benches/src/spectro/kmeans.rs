//! k-means beside scikit-learn: 10⁶ points, 3 descriptors, 6 clusters.

use super::Settings;
use super::printed::{ENVIRONMENT, Printed, versions};
use crate::clock::{Cost, Stopwatch};
use crate::error::BenchError;
use crate::python::{Python, Script};
use crate::table::markdown;
use litho_spectro::cluster::{KMeansOptions, Points, Scaling, adjusted_rand_index, kmeans};
use ndarray::Array2;

const SCRIPT: Script =
    Script { name: "spectro_kmeans.py", text: include_str!("../../peers/spectro_kmeans.py") };
/// Seconds that one start may take, and the sweep on two threads.
const MARKS: (f64, f64) = (0.15, 10.0);

/// Measured seconds of one line of the table, and what came out.
#[derive(Debug, Default)]
struct Line {
    costs: Vec<Cost>,
    wcss: f64,
    ari: f64,
    iterations: usize,
}

impl Line {
    fn minimum(&self, clock: fn(&Cost) -> f64) -> f64 {
        self.costs.iter().map(clock).fold(f64::INFINITY, f64::min)
    }

    fn row(&self, name: &str) -> [String; 6] {
        let seconds = |clock| format!("{:.3}", self.minimum(clock));
        [
            name.to_owned(),
            seconds(|cost| cost.cpu),
            seconds(|cost| cost.wall),
            self.iterations.to_string(),
            format!("{:.0}", self.wcss),
            format!("{:.3}", self.ari),
        ]
    }

    fn take(&mut self, printed: &Printed) {
        self.costs.push(Cost { cpu: printed.cpu, wall: printed.wall });
        (self.wcss, self.ari, self.iterations) = (printed.wcss, printed.ari, printed.iterations);
    }
}

/// Measures and reports in Markdown; everybody takes turns in every round, the sweep once.
///
/// # Errors
/// [`BenchError`] if the data cannot be made, the peer fails or ours does.
pub(super) fn run(settings: &Settings) -> Result<String, BenchError> {
    let python = Python::new(&settings.environments, ENVIRONMENT)?;
    python.call(SCRIPT, &["make"])?;
    let numbers = python.read("descriptors.f32", f32::from_le_bytes)?;
    let truth = python.read("truth.u16", u16::from_le_bytes)?;
    let descriptors = Array2::from_shape_vec((numbers.len() / 3, 3), numbers).unwrap_or_default();
    let points = Points::new(descriptors.view(), None, Scaling::Standard)?;
    let [one, two] = [1, 2].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build());
    let (one, two) = (one?, two?);
    let mut lines: [Line; 4] = Default::default();
    let mut printed = Vec::new();
    for _ in 0..settings.rounds {
        for (line, starts) in [(0, 1), (1, 10)] {
            let options = KMeansOptions { starts, ..KMeansOptions::default() };
            let clock = Stopwatch::start();
            let found = one.install(|| kmeans(&points, 6, &options))?;
            lines[line].costs.push(clock.elapsed());
            lines[line].wcss = found.wcss;
            lines[line].ari = adjusted_rand_index(&found.labels, &truth);
            lines[line].iterations = found.iterations;
        }
        for (line, starts) in [(2, "1"), (3, "10")] {
            let peer: Printed = python.measure(SCRIPT, &["run", starts])?;
            lines[line].take(&peer);
            printed.push(peer);
        }
    }
    let clock = Stopwatch::start();
    for k in 1..=12 {
        two.install(|| kmeans(&points, k, &KMeansOptions::default()))?;
    }
    let sweep = clock.elapsed();
    let names = ["ours, 1 start", "ours, 10 starts", "scikit-learn, 1 start", "scikit-learn, 10 starts"];
    let rows: Vec<[String; 6]> = names.iter().zip(&lines).map(|(name, line)| line.row(name)).collect();
    let header = ["k-means, 10⁶ × 3, k = 6, one thread", "CPU s", "wall s", "iterations", "WCSS", "ARI"];
    let start = lines[0].minimum(|cost| cost.cpu);
    Ok(format!(
        "{}\n{}\n\nOne start: {start:.3} s, mark {:.2} s, {}. k = 1…12 with 10 starts on two threads: {:.1} s (CPU {:.1} s), mark \
         {:.0} s, {}.\nIterations are those over all points of the best start; ours come after iterations on a sample.\n",
        markdown(header, &rows),
        versions(&printed),
        MARKS.0,
        met(start <= MARKS.0),
        sweep.wall,
        sweep.cpu,
        MARKS.1,
        met(sweep.wall <= MARKS.1),
    ))
}

fn met(met: bool) -> &'static str {
    if met { "met" } else { "**not met**" }
}
