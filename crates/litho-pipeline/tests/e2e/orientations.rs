//! Frames stored in any of the eight ways are turned back.

use crate::common::Bench;
use litho_pipeline::config::ProbeSource;
use litho_pipeline::orientation::choose;
use litho_pipeline::probe::StartingProbe;
use litho_sim::example::tiny_near_field;
use litho_types::orientation::Orientation;
use litho_types::scan::Scan;

/// How index `i` of `n` is mirrored: frequencies about zero (at `n/2`), images about their middle.
type Mirror = fn(usize, usize) -> usize;

fn frequencies(i: usize, n: usize) -> usize {
    (n - i) % n
}

fn image(i: usize, n: usize) -> usize {
    n - 1 - i
}

/// The scan as a detector stores it that must be seen in `orientation` (transpose, then
/// flip) to lie along the scan: flipped, then transposed.
fn stored_for(scan: &Scan, orientation: Orientation, mirror: Mirror) -> Scan {
    let (ny, nx) = scan.frames.shape();
    assert_eq!(ny, nx, "square frames keep their geometry when transposed");
    let source = |y, x| {
        let (y, x) = if orientation.transposes() { (x, y) } else { (y, x) };
        let y = if orientation.index() & 2 != 0 { mirror(y, ny) } else { y };
        (y, if orientation.index() & 1 != 0 { mirror(x, nx) } else { x })
    };
    Scan { frames: scan.frames.rearranged((ny, nx), &source), ..scan.clone() }
}

#[test]
fn measure() {
    let bench = Bench::far_field();
    std::fs::write(
        bench.path("optics.toml"),
        "[zone_plate]\ndiameter_m = 120e-6\noutermost_zone_m = 40e-9\nstop_diameter_m = 40e-6\ndefocus_m = 15e-6\n",
    )
    .unwrap();
    for source in [ProbeSource::MeanFrame, ProbeSource::Optics(bench.path("optics.toml"))] {
        for orientation in Orientation::ALL {
            let scan = stored_for(&bench.scan, orientation, frequencies);
            let start = StartingProbe::from_source(&source, &scan).unwrap();
            let t = std::time::Instant::now();
            let (choice, start) = choose(&scan, &start).unwrap();
            println!("{orientation} -> {} {:?} {:?}", choice.chosen, t.elapsed(), start.describe());
            println!(
                "   {} {:?}",
                choice.reason,
                choice
                    .scores
                    .iter()
                    .map(|s| (s.orientation.index(), s.curl.unwrap_or(0.0), s.error))
                    .collect::<Vec<_>>()
            );
        }
    }
    let bench = Bench::of(&tiny_near_field().unwrap());
    for orientation in Orientation::ALL {
        let scan = stored_for(&bench.scan, orientation, image);
        let start = StartingProbe::from_source(&ProbeSource::MeanFrame, &scan).unwrap();
        let (choice, _) = choose(&scan, &start).unwrap();
        println!(
            "near {orientation} -> {} {} {:?}",
            choice.chosen,
            choice.reason,
            choice.scores.iter().map(|s| (s.orientation.index(), s.error)).collect::<Vec<_>>()
        );
    }
}
