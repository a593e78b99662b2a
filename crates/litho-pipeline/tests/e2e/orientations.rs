//! Frames stored in any of the eight ways are turned back.

use crate::common::{Bench, OPTICS};
use litho_pipeline::config::ProbeSource;
use litho_pipeline::orientation::choose;
use litho_pipeline::probe::StartingProbe;
use litho_sim::example::tiny_near_field;
use litho_types::mask::DetectorMask;
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

fn assert_undone(scan: &Scan, source: &ProbeSource, mirror: Mirror) {
    for orientation in Orientation::ALL {
        let stored = stored_for(scan, orientation, mirror);
        let start = StartingProbe::from_source(source, &stored).expect("a probe");
        let (choice, _) = choose(&stored, &start).expect("chosen");
        assert_eq!(choice.chosen, orientation, "{}", choice.reason);
        assert!(choice.warnings.is_empty(), "{:?}", choice.warnings);
        assert_eq!(choice.scores.len(), 8);
        let best = choice.scores[0].orientation;
        assert!(best == orientation || best == orientation.rotated_half_turn(), "the best score is {best}'s");
    }
}

#[test]
fn known_optics_tell_all_eight_apart_in_the_far_field() {
    let bench = Bench::far_field();
    std::fs::write(bench.path("optics.toml"), OPTICS).expect("written");
    assert_undone(&bench.scan, &ProbeSource::Optics(bench.path("optics.toml")), frequencies);
}

#[test]
fn the_mean_frame_tells_four_apart_and_absorbing_matter_the_twins() {
    // Twins fit equally well; gold both absorbs and retards, which names one of them.
    assert_undone(&Bench::far_field().scan, &ProbeSource::MeanFrame, frequencies);
}

#[test]
fn the_mean_image_tells_all_eight_apart_in_the_near_field() {
    let bench = Bench::of(&tiny_near_field().expect("valid numbers"));
    assert_undone(&bench.scan, &ProbeSource::MeanFrame, image);
}

#[test]
fn an_oblong_detector_may_be_transposed() {
    // 48 × 40 pixels of the square frames, so that a transposition changes the shape and the object's pixels.
    let whole = Bench::far_field().scan;
    let (ny, nx) = (48, 40);
    let cropped = Scan {
        frames: whole.frames.rearranged((ny, nx), &|y, x| (y, x + 4)),
        mask: DetectorMask::all_good((ny, nx)),
        ..whole
    };
    for orientation in [0, 4].map(|index| Orientation::from_index(index).expect("below 8")) {
        let stored = if orientation.transposes() {
            Scan {
                frames: cropped.frames.rearranged((nx, ny), &|y, x| (x, y)),
                mask: DetectorMask::all_good((nx, ny)),
                ..cropped.clone()
            }
        } else {
            cropped.clone()
        };
        let start = StartingProbe::from_source(&ProbeSource::MeanFrame, &stored).expect("a probe");
        let (choice, _) = choose(&stored, &start).expect("chosen");
        assert_eq!(choice.chosen, orientation, "{}", choice.reason);
    }
}
