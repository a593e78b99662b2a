//! Finding the plates of a volume: the best first, then all against each other, with moves that remove, join and divide.

use super::PlateSettings;
use super::candidates::{Candidate, Open};
use super::patch::{Patch, put};
use super::refine::{Fit, Fitted, gain, refine};
use super::seeds::seeds;
use super::shape::{Plate, dot};
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
/// Plates whose faces lean less than this towards each other may be one: cosine of 30°.
const ALONG: f64 = 0.866;
/// Turns of two plates that are fitted against each other.
const TURNS: usize = 5;
/// Where a plate is divided, as shares of its edge.
const CUTS: [f64; 3] = [-0.34, 0.0, 0.34];

/// The volume, the plates found, and what they leave unexplained.
pub(super) struct Search<'a> {
    settings: &'a PlateSettings,
    left: Array3<f32>,
    pub(super) plates: Vec<Plate>,
}

impl<'a> Search<'a> {
    pub(super) fn new(filling: ArrayView3<f32>, settings: &'a PlateSettings) -> Self {
        Self { settings, left: filling.to_owned(), plates: Vec::new() }
    }

    /// Finds all plates.
    pub(super) fn run(&mut self) {
        self.greedy();
        for _ in 0..ROUNDS {
            for _ in 0..SWEEPS {
                self.sweep(ITERATIONS[2]);
            }
            let before = self.plates.len();
            let changed = self.remove() + self.divide() + self.join();
            self.greedy();
            if changed == 0 && self.plates.len() == before {
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
                _ => self.put(whole, -1.0),
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

    /// Joins plates that one explains as well; how many.
    fn join(&mut self) -> usize {
        let mut joined = 0;
        let mut first = 0;
        while first < self.plates.len() {
            let partner = (first + 1..self.plates.len()).find_map(|second| {
                let (one, two) = (self.plates[first], self.plates[second]);
                self.may_join(&one, &two).then(|| self.joined(one, two))?.map(|whole| (second, whole))
            });
            match partner {
                Some((second, whole)) => {
                    self.put(self.plates[first], 1.0);
                    self.put(self.plates[second], 1.0);
                    self.plates[first] = whole;
                    self.plates.remove(second);
                    self.put(whole, -1.0);
                    joined += 1;
                }
                None => first += 1,
            }
        }
        joined
    }

    fn may_join(&self, one: &Plate, two: &Plate) -> bool {
        dot(one.sorted().axes[2], two.sorted().axes[2]).abs() > ALONG && self.meet(one, two)
    }

    /// The plate in place of two, if it explains enough.
    fn joined(&self, one: Plate, two: Plate) -> Option<Plate> {
        let width = self.settings.width;
        let mut patch = Patch::around(self.left.view(), &[one, two], width);
        let (one, two) = (patch.here(one), patch.here(two));
        put(&mut patch.left, &one, width, 1.0);
        put(&mut patch.left, &two, width, 1.0);
        let both = together(&patch.left, [&one, &two], width);
        let start = if one.volume() > two.volume() { one } else { two };
        let left = patch.left.view();
        let whole = refine(refine(start, left, self.fit(ITERATIONS[0])).plate, left, self.fit(ITERATIONS[1]));
        (whole.gain > both - self.settings.least).then(|| patch.back(whole.plate))
    }

    /// True if soft plates share voxels, by the boxes around them.
    fn meet(&self, one: &Plate, two: &Plate) -> bool {
        let (depth, rows, columns) = self.left.dim();
        let shape = [depth, rows, columns];
        let (a, b) = (one.range(self.settings.width, shape), two.range(self.settings.width, shape));
        a.iter().zip(&b).all(|(a, b)| a.start < b.end && b.start < a.end)
    }

    fn add(&mut self, plate: Plate) {
        self.put(plate, -1.0);
        self.plates.push(plate);
    }

    fn put(&mut self, plate: Plate, sign: f32) {
        put(&mut self.left, &plate, self.settings.width, sign);
    }
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
