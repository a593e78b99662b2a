//! Object error against CPU time, as a figure.

use super::{Report, Waypoint};
use crate::clock::Rounds;
use litho_report::plot::{Axis, LinePlot, Stroke};

/// Width and height in CSS pixels.
const SIZE: (f64, f64) = (860.0, 560.0);
/// Room left of the first and right of the last point, as a factor.
const ROOM: f64 = 1.2;

impl Report {
    /// The figure as an SVG document: ours solid, peers dotted, each from its first iteration to its last.
    pub(crate) fn figure(&self) -> String {
        let ours = self
            .engines
            .iter()
            .map(|found| (found.engine.name, points(&found.path, &found.rounds), Stroke::Solid));
        let peers = self
            .peers
            .iter()
            .filter(|found| !found.path.is_empty())
            .map(|found| (found.peer.name, points(&found.path, &found.rounds), Stroke::Dotted));
        let curves: Vec<_> = ours.chain(peers).collect();
        let times = curves.iter().flat_map(|(_, points, _)| points.iter().map(|point| point.0));
        let (first, last) =
            times.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), t| (low.min(t), high.max(t)));
        let x = Axis::new("CPU time, one thread (s)").logarithmic().between(first / ROOM, last * ROOM);
        let y = Axis::new("object error").logarithmic();
        let mut plot = LinePlot { size: SIZE, ..LinePlot::new(x, y) };
        for (name, points, stroke) in curves {
            plot = plot.with_series(name, points, stroke);
        }
        plot.to_svg().to_document("Object error against CPU time of our engines and of peers")
    }
}

/// CPU seconds until an iteration, and the object error after it.
fn points(path: &[Waypoint], rounds: &Rounds) -> Vec<(f64, f64)> {
    let elapsed = rounds.elapsed();
    path.iter().filter_map(|at| Some((*elapsed.get(at.iteration - 1)?, at.error))).collect()
}
