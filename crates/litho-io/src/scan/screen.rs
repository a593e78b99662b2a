//! Watches counts go by: rejects or masks the impossible, remembers the suspicious.

use super::options::BadCounts;
use super::plan::FramePart;
use crate::error::IoError;
use litho_types::mask::{DetectorMask, bits};
use ndarray::Array2;

/// What a stored number turned out to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verdict<K> {
    /// A count.
    Count(K),
    /// The largest value of the type: a count, or a saturated pixel, or a gap.
    Full(K),
    /// The detector's "no reading".
    NoReading,
    /// Negative.
    Negative,
    /// NaN, infinite, or beyond 32 bits.
    Impossible,
}

impl<K: Default> Verdict<K> {
    /// The count to keep: zero where there is none.
    pub(super) fn count(&self) -> K
    where
        K: Copy,
    {
        match self {
            Self::Count(count) | Self::Full(count) => *count,
            _ => K::default(),
        }
    }
}

/// State of the screening of one scan.
pub(super) struct Screen {
    policy: BadCounts,
    good: Array2<bool>,
    /// Per pixel: how many frames had no reading there.
    unread: Array2<u32>,
    /// Per pixel: an impossible count was seen (and is to be masked).
    bad: Array2<bool>,
    full: usize,
    zeroed: usize,
}

impl Screen {
    pub(super) fn new(mask: &DetectorMask, policy: BadCounts) -> Self {
        let good = mask.good();
        let shape = good.dim();
        Self {
            policy,
            good,
            unread: Array2::zeros(shape),
            bad: Array2::from_elem(shape, false),
            full: 0,
            zeroed: 0,
        }
    }

    /// Takes note of a verdict on `value` at `(frame, y, x)` of `part` that is not a plain count.
    pub(super) fn note<K>(
        &mut self,
        verdict: Verdict<K>,
        (frame, y, x): (usize, usize, usize),
        value: f64,
        part: &FramePart,
    ) -> Result<(), IoError> {
        let pixel = (y, x);
        match verdict {
            Verdict::Count(_) => {}
            Verdict::Full(_) => self.full += usize::from(self.good[pixel]),
            Verdict::NoReading => self.unread[pixel] += 1,
            // What a masked pixel holds is nobody's business.
            _ if !self.good[pixel] => {}
            Verdict::Negative if self.policy == BadCounts::Zero => self.zeroed += 1,
            _ if self.policy == BadCounts::Reject => {
                return Err(IoError::BadValue {
                    path: part.file.clone(),
                    dataset: part.dataset.clone(),
                    index: format!("frame {frame}, y {y}, x {x}"),
                    value: value.to_string(),
                    problem: "counts must be finite and not negative; mask the pixel in the file, or pass \
                              --bad-counts mask (or zero)"
                        .to_owned(),
                });
            }
            _ => self.bad[pixel] = true,
        }
        Ok(())
    }

    /// Writes what was seen into the mask and returns it in words.
    pub(super) fn conclude(self, frames: usize, mask: &mut DetectorMask) -> Vec<String> {
        let mut warnings = Vec::new();
        let (mut gaps, mut sometimes) = (0, 0);
        for (pixel, &count) in self.unread.indexed_iter() {
            if count == 0 {
                continue;
            }
            let always = count as usize == frames;
            mask.flag(pixel, if always { bits::MISSING } else { bits::SATURATED });
            gaps += usize::from(always && self.good[pixel]);
            sometimes += usize::from(!always && self.good[pixel]);
        }
        if gaps > 0 {
            warnings.push(format!("{gaps} pixels without a reading in any frame were masked"));
        }
        if sometimes > 0 {
            warnings.push(format!("{sometimes} pixels without a reading in some frames were masked in all"));
        }
        let masked = self.bad.iter().filter(|bad| **bad).count();
        for (pixel, _) in self.bad.indexed_iter().filter(|(_, bad)| **bad) {
            mask.flag(pixel, bits::BAD);
        }
        if masked > 0 {
            warnings.push(format!("{masked} pixels with impossible counts were masked"));
        }
        if self.zeroed > 0 {
            warnings.push(format!("{} negative counts were taken as zero", self.zeroed));
        }
        if self.full > 0 {
            warnings.push(format!(
                "{} readings at unmasked pixels are the largest number the type holds: saturated pixels or gaps \
                 that belong in the mask",
                self.full
            ));
        }
        warnings
    }
}
