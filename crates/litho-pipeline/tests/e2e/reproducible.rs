//! The same bits for any number of threads and for the same seed.

use crate::common::Bench;
use litho_pipeline::config::ReconstructConfig;

#[test]
fn threads_do_not_change_a_bit() {
    let bench = Bench::far_field();
    for engine in ["epie:4", "mpie:4", "batch:4", "wasp:4", "dm:4", "raar:4", "ml:4", "lsqml:4"] {
        let with = |threads| {
            let config = ReconstructConfig { threads: Some(threads), modes: Some(2), ..bench.config(engine) };
            bench.run(config, "result.h5")
        };
        let one = with(1);
        assert!(with(2) == one, "{engine} on 2 threads");
        assert!(with(3) == one, "{engine} on 3 threads");
    }
}

#[test]
fn the_search_for_orientation_and_start_does_not_depend_on_threads_either() {
    let bench = Bench::far_field();
    let with = |threads| {
        let config = ReconstructConfig {
            orientation: None,
            probe: None,
            split: Some(true),
            threads: Some(threads),
            ..bench.config("epie:3")
        };
        bench.run(config, "result.h5")
    };
    assert!(with(2) == with(1));
}

#[test]
fn the_seed_decides() {
    let bench = Bench::far_field();
    let with =
        |seed| bench.run(ReconstructConfig { seed: Some(seed), ..bench.config("epie:3") }, "result.h5");
    let one = with(1);
    assert!(with(1) == one, "the same seed");
    // ePIE visits the frames in an order drawn from the seed, and the order matters.
    assert!(with(2).object != one.object, "another seed");
}
