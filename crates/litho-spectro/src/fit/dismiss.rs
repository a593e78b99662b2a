//! Pixels that need no fit: their edge jump is below what the noise rule lets count, whatever the fit would say.

use super::maps::Status;
use super::pixel::Layout;
use super::region::Fitted;
use super::starts::LinearStarts;
use ndarray::Array2;

/// Standard deviations by which a jump must miss the least one for its pixel to be dismissed without a fit.
const CERTAIN: f64 = 3.0;

/// A pixel that needs no fit: its place in the chunk, its jump and the jump's σ.
pub(super) type Dismissed = (usize, f64, f64);

/// Pixels whose linear jump lies below the least one by [`CERTAIN`] of its σ; their spectra are taken out.
pub(super) fn dismiss(
    starts: &LinearStarts,
    chunk: &[usize],
    spectra: &mut Vec<f32>,
    (least, noise): (&Array2<f64>, f64),
) -> Vec<Dismissed> {
    let (m, nx, sigma) = (spectra.len() / chunk.len(), least.dim().1, starts.jump_sigma() * noise);
    let (mut dismissed, mut kept) = (Vec::new(), 0);
    for (place, &at) in chunk.iter().enumerate() {
        let jump = starts.jump(&spectra[place * m..][..m]);
        if jump + CERTAIN * sigma < least[(at / nx, at % nx)] {
            dismissed.push((place, jump, sigma));
        } else {
            spectra.copy_within(place * m..(place + 1) * m, kept * m);
            kept += 1;
        }
    }
    spectra.truncate(kept * m);
    dismissed
}

impl Fitted {
    /// Puts dismissed pixels back to their places.
    pub(super) fn with_dismissed(self, dismissed: &[Dismissed], layout: Layout) -> Self {
        if dismissed.is_empty() {
            return self;
        }
        let count = self.status.len() + dismissed.len();
        let mut all = Self {
            numbers: vec![f64::NAN; count * layout.len()],
            status: vec![Status::BelowNoise; count],
            iterations: vec![0; count],
        };
        let mut rows = self.numbers.chunks_exact(layout.len()).zip(self.status.iter().zip(&self.iterations));
        let mut left = dismissed.iter().peekable();
        for (place, row) in all.numbers.chunks_exact_mut(layout.len()).enumerate() {
            if let Some((_, jump, sigma)) = left.next_if(|(found, ..)| *found == place) {
                (row[layout.jump()], row[layout.jump() + 1]) = (*jump, *sigma);
            } else if let Some((numbers, (&status, &iterations))) = rows.next() {
                row.copy_from_slice(numbers);
                (all.status[place], all.iterations[place]) = (status, iterations);
            }
        }
        all
    }
}
