//! Which plates have reacted, how far, and where in the plate.
//!
//! As in the paper: most plates are LFP or nearly so, about three in ten are active (at least 15 % FP), large facets more
//! often than small ones, and one or two are FP. In two-phase plates the reaction begins at the edges or at
//! one facet, goes through the whole thickness, or has divided the plate by a front, sharp or mixed.

use super::plate::{Domain, Front, Plate};
use rand::{Rng, RngExt};
use std::f64::consts::TAU;

/// Share of the plates that are active.
const ACTIVE: f64 = 0.30;
/// Share of the plates that are FP throughout.
const WHOLE: f64 = 0.02;
/// How much a facet's rank counts against chance for being active.
const BIAS: f64 = 0.6;
/// Share of the active plates that have reacted far.
const FAR: f64 = 0.3;
/// Share of the inactive plates without any FP.
const UNTOUCHED: f64 = 0.5;
/// FP fractions of plates that reacted little, moderately and far.
const FRACTIONS: [(f64, f64); 3] = [(0.03, 0.11), (0.17, 0.27), (0.30, 0.70)];
/// Share of fronts that are mixed, and their width, metres.
const MIXED: (f64, f64) = (0.5, 16e-9);
/// Bisections until a front gives the fraction wanted: the plate's length times 2⁻⁵⁰ is nothing.
const BISECTIONS: usize = 50;

/// Gives every plate its domains.
pub fn react(plates: &mut [Plate], rng: &mut impl Rng) {
    let count = plates.len();
    let mut ranked: Vec<usize> = (0..count).collect();
    ranked.sort_by(|a, b| plates[*a].facet_area().total_cmp(&plates[*b].facet_area()));
    let mut order: Vec<(f64, usize)> = ranked
        .iter()
        .enumerate()
        .map(|(rank, plate)| (BIAS * rank as f64 / count as f64 + (1.0 - BIAS) * rng.random::<f64>(), *plate))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let of = |share: f64, count: usize| (share * count as f64).round() as usize;
    let (active, whole) = (of(ACTIVE, count).max(1), of(WHOLE, count));
    for (place, (_, index)) in order.into_iter().enumerate() {
        let plate = &mut plates[index];
        let chance: f64 = rng.random();
        let range = match place {
            place if place < whole => None,
            place if place < active => Some(FRACTIONS[if chance < FAR { 2 } else { 1 }]),
            _ if chance < UNTOUCHED => Some((0.0, 0.0)),
            _ => Some(FRACTIONS[0]),
        };
        let fraction = range.map_or(1.0, |(low, high)| low + (high - low) * rng.random::<f64>());
        plate.domains = domains(plate.half, fraction, rng);
    }
}

/// Domains of a plate that hold this fraction of FP.
fn domains(half: [f64; 3], fraction: f64, rng: &mut impl Rng) -> Vec<Domain> {
    let (kind, angle, mixed): (f64, f64, f64) = (rng.random(), TAU * rng.random::<f64>(), rng.random());
    let low = half.map(|h| -h);
    if fraction <= 0.0 || fraction >= 1.0 {
        return vec![Domain { low, high: half, fronts: Vec::new(), fraction }];
    }
    if fraction < 0.3 && kind < 0.45 {
        return rim(half, fraction);
    }
    if fraction < 0.3 && kind < 0.7 {
        let height = half[2] * (1.0 - 2.0 * fraction);
        return vec![
            Domain { low, high: [half[0], half[1], height], fronts: Vec::new(), fraction: 0.0 },
            Domain { low: [low[0], low[1], height], high: half, fronts: Vec::new(), fraction: 1.0 },
        ];
    }
    divided(half, fraction, angle, if mixed < MIXED.0 { MIXED.1 } else { 0.0 })
}

/// FP all around the edges, through the thickness.
fn rim(half: [f64; 3], fraction: f64) -> Vec<Domain> {
    // (1 − d/a)(1 − d/b) = 1 − f for a rim of depth d on a plate of 2a × 2b
    let (a, b) = (half[0], half[1]);
    let sum = a + b;
    let depth = 0.5 * (sum - (sum * sum - 4.0 * a * b * fraction).sqrt());
    let (u, v) = (a - depth, b - depth);
    let part = |low: [f64; 2], high: [f64; 2], fraction: f64| Domain {
        low: [low[0], low[1], -half[2]],
        high: [high[0], high[1], half[2]],
        fronts: Vec::new(),
        fraction,
    };
    vec![
        part([-u, -v], [u, v], 0.0),
        part([-a, -b], [-u, b], 1.0),
        part([u, -b], [a, b], 1.0),
        part([-u, -b], [u, -v], 1.0),
        part([-u, v], [u, b], 1.0),
    ]
}

/// FP on one side of a front through the thickness. A mixed front is a layer of this width, half FP.
fn divided(half: [f64; 3], fraction: f64, angle: f64, width: f64) -> Vec<Domain> {
    let normal = [angle.cos(), angle.sin()];
    let at = |offset: f64| {
        let side = |shift: f64| Front { normal, offset: offset + shift };
        let part = |fronts: Vec<Front>, fraction: f64| Domain {
            low: half.map(|h| -h),
            high: half,
            fronts,
            fraction,
        };
        let (near, far) = (side(-0.5 * width), side(0.5 * width));
        let mut parts = vec![part(vec![near], 1.0), part(vec![far.opposite()], 0.0)];
        if width > 0.0 {
            parts.push(part(vec![far, near.opposite()], 0.5));
        }
        parts
    };
    let volume = 8.0 * half[0] * half[1] * half[2];
    let reacted = |parts: &[Domain]| parts.iter().map(|p| p.fraction * p.volume()).sum::<f64>() / volume;
    let reach = half[0] + half[1] + width;
    let (mut low, mut high) = (-reach, reach);
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        if reacted(&at(middle)) < fraction {
            low = middle;
        } else {
            high = middle;
        }
    }
    let mut parts = at(0.5 * (low + high));
    parts.retain(|part| part.volume() > 0.0);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn domains_fill_the_plate_and_hold_the_fraction_asked_for() {
        let half = [50.0e-9, 40.0e-9, 10.0e-9];
        let volume = 8.0 * half[0] * half[1] * half[2];
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut kinds = [0; 6];
        for index in 0..300 {
            let wanted = f64::from(index % 100) / 99.0;
            let parts = domains(half, wanted, &mut rng);
            let sum = |of: &dyn Fn(&Domain) -> f64| parts.iter().map(of).sum::<f64>() / volume;
            // 50 bisections and sums of five products: some ε.
            assert!((sum(&Domain::volume) - 1.0).abs() < 1e-12, "{wanted}: {parts:?}");
            assert!((sum(&|p| p.fraction * p.volume()) - wanted).abs() < 1e-12, "{wanted}");
            kinds[parts.len()] += 1;
        }
        assert!([1, 2, 3, 5].iter().all(|count| kinds[*count] > 0), "{kinds:?}");
    }

    #[test]
    fn as_many_plates_are_active_as_in_the_paper() {
        use super::super::agglomerate::{PlateClass, agglomerate};
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let mut plates = agglomerate(80, &PlateClass::PAPER, &mut rng);
        react(&mut plates, &mut rng);
        let above = |limit: f64| plates.iter().filter(|p| p.fraction() >= limit).count();
        // Paper: 25 of 83 at 15 %, 10 of 83 at 25 %, one or two near FP.
        assert_eq!(above(0.15), 24);
        assert!((6..16).contains(&above(0.25)) && (1..4).contains(&above(0.73)));
        let mean = |active: bool| {
            let areas: Vec<f64> =
                plates.iter().filter(|p| (p.fraction() >= 0.15) == active).map(Plate::facet_area).collect();
            areas.iter().sum::<f64>() / areas.len() as f64
        };
        assert!(mean(true) > 1.2 * mean(false), "large facets react first");
    }
}
