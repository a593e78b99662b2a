//! Finding the plates of a volume: the best first, then all against each other, with moves that remove, divide and grow.

use super::PlateSettings;
use super::candidates::{Candidate, Open};
use super::failed::Failed;
use super::patch::Patch;
use super::refine::{Fit, Fitted, refine};
use super::seeds::seeds;
use super::shape::{Plate, REACH};
use super::soft::{gain, put};
use litho_types::observer::CancelToken;
use ndarray::{Array3, ArrayView3};
use rayon::prelude::*;

/// Blur of the first fits, in units of the volume's: soft edges feel far matter.
const COARSE: f64 = 1.4;
/// Seeds are tried in this many batches.
const BATCHES: usize = 16;
/// A plate is good if it explains this share of its volume.
const GOOD: f64 = 0.7;
/// Steps of the first fits, of later ones, and of one sweep.
const ITERATIONS: [usize; 3] = [25, 10, 4];
/// Rounds of sweeps and moves at most, sweeps in each, and at the end.
const ROUNDS: usize = 6;
const SWEEPS: usize = 2;
const LAST_SWEEPS: usize = 5;
/// A plate has grown if it has this times its volume.
const GROWN: f64 = 1.1;
/// By how much of a plate's cost growing must pay, so that it does not go on for ever.
const BETTER: f64 = 0.1;
/// Turns of two plates that are fitted against each other.
const TURNS: usize = 5;
/// Where a plate is divided, as shares of its edge.
const CUTS: [f64; 3] = [-0.34, 0.0, 0.34];

/// The volume, the plates found, and what they leave unexplained.
pub(super) struct Search<'a> {
    settings: &'a PlateSettings,
    /// Asked before each long step; a search that was stopped is of no use.
    cancel: &'a CancelToken,
    left: Array3<f32>,
    pub(super) plates: Vec<Plate>,
    /// Where dividing and growing did not pay.
    whole: Failed,
    small: Failed,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        filling: ArrayView3<f32>,
        settings: &'a PlateSettings,
        cancel: &'a CancelToken,
    ) -> Self {
        Self {
            settings,
            cancel,
            left: filling.to_owned(),
            plates: Vec::new(),
            whole: Failed::default(),
            small: Failed::default(),
        }
    }

    /// Finds all plates.
    pub(super) fn run(&mut self) {
        self.greedy();
        for _ in 0..ROUNDS {
            for _ in 0..SWEEPS {
                self.sweep(ITERATIONS[2]);
            }
            let before = self.plates.len();
            let changed = self.remove() + self.divide() + self.grow();
            self.greedy();
            if self.cancel.is_cancelled() || (changed == 0 && self.plates.len() == before) {
                break;
            }
        }
        for _ in 0..LAST_SWEEPS {
            self.sweep(ITERATIONS[1]);
        }
        self.remove();
    }

    fn fit(&self, iterations: usize) -> Fit {
        Fit { width: self.settings.width, iterations }
    }

    /// Takes the plate that explains the most, again and again, until none explains enough.
    fn greedy(&mut self) {
        let coarse = Fit { width: COARSE * self.settings.width, iterations: ITERATIONS[0] };
        let fine = self.fit(ITERATIONS[1]);
        let mut open = Open::new(self.candidates(coarse, fine), self.plates.len(), self.settings.least);
        while let Some(candidate) = open.best() {
            if self.cancel.is_cancelled() {
                break;
            }
            if candidate.of == self.plates.len() {
                self.add(candidate.fitted.plate);
            } else if self.touched(&candidate) {
                open.put(refine(candidate.fitted.plate, self.left.view(), fine), self.plates.len());
            } else {
                open.put(candidate.fitted, self.plates.len());
            }
        }
    }

    /// Plates fitted from seeds; matter that a good one explains already is no seed.
    fn candidates(&self, coarse: Fit, fine: Fit) -> Vec<Fitted> {
        let left = self.left.view();
        let seeds = seeds(left);
        let mut found: Vec<Fitted> = Vec::new();
        let mut good: Vec<Plate> = Vec::new();
        for batch in 0..BATCHES {
            if self.cancel.is_cancelled() {
                break;
            }
            let fitted: Vec<Fitted> = seeds
                .par_iter()
                .skip(batch)
                .step_by(BATCHES)
                .filter(|seed| !good.iter().any(|plate| plate.distance(plate.inside(seed.centre)) < 0.0))
                .map(|seed| refine(refine(*seed, left, coarse).plate, left, fine))
                .collect();
            good.extend(fitted.iter().filter(|f| f.gain > GOOD * f.plate.volume()).map(|f| f.plate));
            found.extend(fitted);
        }
        found
    }

    /// True if a plate came near since the candidate was fitted.
    fn touched(&self, candidate: &Candidate) -> bool {
        self.plates[candidate.of..].iter().any(|plate| self.meet(plate, &candidate.fitted.plate))
    }

    /// Fits every plate once against what the others leave.
    fn sweep(&mut self, iterations: usize) {
        for index in 0..self.plates.len() {
            self.put(self.plates[index], 1.0);
            let fitted = refine(self.plates[index], self.left.view(), self.fit(iterations));
            self.plates[index] = fitted.plate;
            self.put(fitted.plate, -1.0);
        }
    }

    /// Removes plates that explain too little; how many.
    fn remove(&mut self) -> usize {
        let mut removed = 0;
        let mut index = 0;
        while index < self.plates.len() {
            let plate = self.plates[index];
            self.put(plate, 1.0);
            if gain(&plate, self.left.view(), self.settings.width) < self.settings.least {
                self.plates.remove(index);
                removed += 1;
            } else {
                self.put(plate, -1.0);
                index += 1;
            }
        }
        removed
    }

    /// Divides plates that two explain better; how many.
    fn divide(&mut self) -> usize {
        let mut divided = 0;
        for index in 0..self.plates.len() {
            let surroundings = self.surroundings(index);
            if self.cancel.is_cancelled() || self.whole.knows(&surroundings) {
                continue;
            }
            let whole = self.plates[index];
            self.put(whole, 1.0);
            let before = gain(&whole, self.left.view(), self.settings.width);
            let patch = Patch::around(self.left.view(), &[whole], self.settings.width);
            let trials: Vec<(usize, f64)> =
                (0..3).flat_map(|axis| CUTS.into_iter().map(move |cut| (axis, cut))).collect();
            let pairs: Vec<([Plate; 2], f64)> = trials
                .into_par_iter()
                .map(|(axis, cut)| self.pair(&patch, halves(&whole, axis, cut)))
                .collect();
            let best = pairs.into_iter().reduce(|best, other| if other.1 > best.1 { other } else { best });
            match best {
                Some(([one, two], gain)) if gain > before + self.settings.least => {
                    self.plates[index] = one;
                    self.put(one, -1.0);
                    self.add(two);
                    divided += 1;
                }
                _ => {
                    self.put(whole, -1.0);
                    self.whole.add(surroundings);
                }
            }
        }
        divided
    }

    /// Two plates fitted in turn to what all others leave, and what they explain together.
    fn pair(&self, patch: &Patch, start: [Plate; 2]) -> ([Plate; 2], f64) {
        let [mut one, mut two] = start.map(|plate| patch.here(plate));
        let (width, fit) = (self.settings.width, self.fit(ITERATIONS[2]));
        let mut left = patch.left.clone();
        put(&mut left, &two, width, -1.0);
        for _ in 0..TURNS {
            one = refine(one, left.view(), fit).plate;
            put(&mut left, &two, width, 1.0);
            put(&mut left, &one, width, -1.0);
            two = refine(two, left.view(), fit).plate;
            put(&mut left, &one, width, 1.0);
            put(&mut left, &two, width, -1.0);
        }
        let explained = together(&patch.left, [&one, &two], width);
        ([patch.back(one), patch.back(two)], explained)
    }

    /// Lets each plate grow as if a neighbour, or all of them, were not there, and these yield to it; keeps what explains
    /// the volume better, or as well with fewer plates. How often that was so.
    fn grow(&mut self) -> usize {
        let mut changed = 0;
        let mut index = 0;
        while index < self.plates.len() {
            let surroundings = self.surroundings(index);
            if self.cancel.is_cancelled() || self.small.knows(&surroundings) {
                index += 1;
                continue;
            }
            let trials: Vec<Option<Grown>> =
                self.crowds(index).into_par_iter().map(|crowd| self.grown(index, crowd)).collect();
            let best = trials.into_iter().flatten().reduce(|a, b| if b.better > a.better { b } else { a });
            if let Some(grown) = best {
                self.replace(index, grown);
                changed += 1;
            } else {
                self.small.add(surroundings);
                index += 1;
            }
        }
        changed
    }

    /// A plate and all that meet it.
    fn surroundings(&self, index: usize) -> Vec<Plate> {
        let own = self.plates[index];
        let others =
            self.plates.iter().enumerate().filter(|(other, plate)| *other != index && self.meet(plate, &own));
        std::iter::once(own).chain(others.map(|(_, plate)| *plate)).collect()
    }

    /// Neighbours over which a plate may grow: each one, and all.
    fn crowds(&self, index: usize) -> Vec<Vec<usize>> {
        let near = |other: &usize| *other != index && self.meet(&self.plates[*other], &self.plates[index]);
        let all: Vec<usize> = (0..self.plates.len()).filter(near).collect();
        let mut crowds: Vec<Vec<usize>> = all.iter().map(|one| vec![*one]).collect();
        if all.len() > 1 {
            crowds.push(all);
        }
        crowds
    }

    /// A plate grown over its neighbours, first, and those of them that are left; `None` if that is no better.
    fn grown(&self, index: usize, neighbours: Vec<usize>) -> Option<Grown> {
        let width = self.settings.width;
        let own = self.plates[index];
        let old: Vec<Plate> = neighbours.iter().map(|other| self.plates[*other]).collect();
        let all: Vec<Plate> = std::iter::once(own).chain(old.iter().copied()).collect();
        let mut patch = Patch::around(self.left.view(), &all, width);
        let before = energy(&patch.left) + self.settings.least * all.len() as f64;
        for plate in &all {
            let plate = patch.here(*plate);
            put(&mut patch.left, &plate, width, 1.0);
        }
        let free = refine(patch.here(own), patch.left.view(), self.fit(ITERATIONS[0])).plate;
        if free.volume() < GROWN * own.volume() {
            return None;
        }
        put(&mut patch.left, &free, width, -1.0);
        let mut after = vec![patch.back(free)];
        let mut by_size: Vec<Plate> = old.iter().map(|plate| patch.here(*plate)).collect();
        by_size.sort_by(|a, b| b.volume().total_cmp(&a.volume()));
        for plate in by_size {
            let fitted = refine(plate, patch.left.view(), self.fit(ITERATIONS[1]));
            if fitted.gain >= self.settings.least {
                put(&mut patch.left, &fitted.plate, width, -1.0);
                after.push(patch.back(fitted.plate));
            }
        }
        let cost = energy(&patch.left) + self.settings.least * after.len() as f64;
        let better = before - cost;
        (better > BETTER * self.settings.least).then_some(Grown { neighbours, plates: after, better })
    }

    /// Puts the grown plate and what is left of its neighbours in the place of the old ones.
    fn replace(&mut self, index: usize, grown: Grown) {
        let mut old = grown.neighbours;
        old.push(index);
        old.sort_unstable();
        for place in old.into_iter().rev() {
            let plate = self.plates.remove(place);
            self.put(plate, 1.0);
        }
        for plate in grown.plates {
            self.add(plate);
        }
    }

    /// True if soft plates share voxels.
    fn meet(&self, one: &Plate, two: &Plate) -> bool {
        one.meets(two, REACH * self.settings.width)
    }

    fn add(&mut self, plate: Plate) {
        self.put(plate, -1.0);
        self.plates.push(plate);
    }

    fn put(&mut self, plate: Plate, sign: f32) {
        put(&mut self.left, &plate, self.settings.width, sign);
    }
}

/// A plate that grew, what is left of its neighbours, and where these were.
struct Grown {
    neighbours: Vec<usize>,
    plates: Vec<Plate>,
    /// By how much the cost falls.
    better: f64,
}

/// What is unexplained: the sum of squares.
fn energy(left: &Array3<f32>) -> f64 {
    left.iter().map(|value| f64::from(*value).powi(2)).sum()
}

/// What two plates explain together of `left`.
fn together(left: &Array3<f32>, [one, two]: [&Plate; 2], width: f64) -> f64 {
    let first = gain(one, left.view(), width);
    let mut rest = left.clone();
    put(&mut rest, one, width, -1.0);
    first + gain(two, rest.view(), width)
}

/// The two parts of a plate cut across one axis at a share of its half edge.
fn halves(plate: &Plate, axis: usize, cut: f64) -> [Plate; 2] {
    let half = plate.half[axis];
    let part = |from: f64, to: f64| {
        let mut part = *plate;
        part.half[axis] = 0.5 * (to - from);
        for d in 0..3 {
            part.centre[d] += 0.5 * (from + to) * plate.axes[axis][d];
        }
        part
    };
    [part(-half, cut * half), part(cut * half, half)]
}
