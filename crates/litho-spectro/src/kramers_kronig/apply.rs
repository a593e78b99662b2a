//! The planned projection, applied to all pixels.

use super::KkError;
use litho_lanes::{LANES, Lanes, blocks, lanewise};
use ndarray::{Array1, Array2, Array3, ArrayViewMut1, ArrayViewMut2, Axis, Zip};

/// A Kramers–Kronig constraint made ready for one energy axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    energies: usize,
    /// `(2E, 2E)`: what is taken off `(μt, φ)`, strength included.
    correction: Vec<f32>,
    /// `(tested, 2E)`: what speaks against the constraint, each row of unit noise.
    against: Vec<f32>,
    /// Standard deviations after over before, f64.
    gain: Vec<f64>,
}

impl Plan {
    /// From both matrices in units of the noise `sigma`.
    pub(super) fn new(correction: Array2<f64>, against: Array2<f64>, sigma: &Array1<f64>) -> Self {
        let after = Array2::<f64>::eye(sigma.len()) - &correction;
        let gain = after.rows().into_iter().map(|row| row.dot(&row).sqrt()).collect();
        let rows = sigma.view().insert_axis(Axis(1));
        let narrow = |matrix: Array2<f64>| matrix.iter().map(|&v| v as f32).collect::<Vec<f32>>();
        Self {
            energies: sigma.len() / 2,
            correction: narrow(&correction * &rows / sigma),
            against: narrow(&against / sigma),
            gain,
        }
    }

    /// How many numbers of a pixel the constraint tests: 2E less the dimensions of the consistent stacks.
    pub fn tested(&self) -> usize {
        self.against.len() / (2 * self.energies)
    }

    /// Standard deviation after over before, at each energy, if the noise is as planned: of μt and of φ. The noise that
    /// is left is correlated between the energies.
    pub fn noise_gain(&self) -> (&[f64], &[f64]) {
        self.gain.split_at(self.energies)
    }

    /// Draws `optical_density` (μt) and `phase` (φ in radians, continuous over the energies), both `(energy, y, x)`, to
    /// the consistent stacks, in place.
    ///
    /// Returns the residual map `(y, x)`: root mean square of what spoke against the constraint *before*, in units of the
    /// planned noise (the prior has no part in it). It is 1 ± 1/√(2·[`tested`](Self::tested)) where there is nothing
    /// but that noise. A pixel with a value that is not finite is left as it is and has NaN there.
    ///
    /// The bits do not depend on the number of threads.
    ///
    /// # Errors
    /// [`KkError::Shape`] if the arrays do not have one image per energy and one shape.
    pub fn apply(
        &self,
        optical_density: &mut Array3<f32>,
        phase: &mut Array3<f32>,
    ) -> Result<Array2<f32>, KkError> {
        let (images, ny, nx) = optical_density.dim();
        let wrong = |what, found: &Array3<f32>| KkError::Shape {
            operation: "Kramers-Kronig constraint",
            what,
            found: found.shape().to_vec(),
            expected: vec![self.energies, ny, nx],
        };
        if images != self.energies {
            return Err(wrong("the optical density (energy, y, x)", optical_density));
        }
        if phase.dim() != optical_density.dim() {
            return Err(wrong("the phase (energy, y, x)", phase));
        }
        let mut residual = Array2::zeros((ny, nx));
        make_contiguous(optical_density);
        make_contiguous(phase);
        Zip::from(optical_density.axis_iter_mut(Axis(1)))
            .and(phase.axis_iter_mut(Axis(1)))
            .and(residual.axis_iter_mut(Axis(0)))
            .par_for_each(|density, phase, residual| {
                project_row(density, phase, residual, &self.correction, &self.against);
            });
        Ok(residual)
    }
}

fn make_contiguous(stack: &mut Array3<f32>) {
    if !stack.is_standard_layout() {
        *stack = stack.as_standard_layout().into_owned();
    }
}

lanewise! {
    /// `x ← x − R x` for the pixels of one row, images `(energy, x)`, and the residual from the rows of `against`.
    fn project_row<L>(
        density: ArrayViewMut2<'_, f32>,
        phase: ArrayViewMut2<'_, f32>,
        residual: ArrayViewMut1<'_, f32>,
        correction: &[f32],
        against: &[f32],
    ) {
        let (mut density, mut phase, mut residual) = (density, phase, residual);
        let (energies, nx) = density.dim();
        let tested = against.len() / (2 * energies);
        let mut pixels = vec![[0.0_f32; LANES]; 2 * energies];
        let mut change = vec![[0.0_f32; LANES]; 2 * energies];
        let mut misfit = vec![[0.0_f32; LANES]; tested];
        for at in blocks(nx) {
            let mut bad = L::splat(0.0);
            for (k, lanes) in pixels.iter_mut().enumerate() {
                let channel = if k < energies { density.row(k) } else { phase.row(k - energies) };
                let value: L = at.real(channel.to_slice().unwrap_or_default());
                value.store(lanes);
                // 0 · x is NaN if x is not finite
                bad = value.mul_add(L::splat(0.0), bad);
            }
            let mut flags = [0.0; LANES];
            bad.store(&mut flags);
            silence(&mut pixels, &flags);
            times::<L>(correction, &pixels, &mut change);
            times::<L>(against, &pixels, &mut misfit);
            for (k, lanes) in change.iter().enumerate() {
                let mut channel = if k < energies { density.row_mut(k) } else { phase.row_mut(k - energies) };
                let row = channel.as_slice_mut().unwrap_or_default();
                at.put_real(at.real::<L>(row).sub(L::load(lanes)), row);
            }
            // √(|Cx|² / tested); NaN flags stay NaN
            let mut sum = bad;
            for lanes in &misfit {
                let lanes = L::load(lanes);
                sum = lanes.mul_add(lanes, sum);
            }
            let rms = sum.mul(L::splat(1.0 / tested as f32)).sqrt();
            at.put_real(rms, residual.as_slice_mut().unwrap_or_default());
        }
    }
}

/// Zeros in the lanes that are flagged with NaN, so that nothing is taken off there.
fn silence(pixels: &mut [[f32; LANES]], flags: &[f32; LANES]) {
    for (lane, _) in flags.iter().enumerate().filter(|(_, flag)| flag.is_nan()) {
        for lanes in pixels.iter_mut() {
            lanes[lane] = 0.0;
        }
    }
}

/// `out = matrix · pixels`, four rows at a time, each sum in the order of the columns.
#[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
#[inline(always)]
fn times<L: Lanes>(matrix: &[f32], pixels: &[[f32; LANES]], out: &mut [[f32; LANES]]) {
    let columns = pixels.len();
    for (rows, out) in matrix.chunks(4 * columns).zip(out.chunks_mut(4)) {
        if let [a, b, c, d] = out {
            let (first, rest) = rows.split_at(columns);
            let (second, rest) = rest.split_at(columns);
            let (third, fourth) = rest.split_at(columns);
            let mut sums = [L::splat(0.0); 4];
            let factors = first.iter().zip(second).zip(third.iter().zip(fourth));
            for (((&w, &x), (&y, &z)), lanes) in factors.zip(pixels) {
                let lanes = L::load(lanes);
                sums[0] = lanes.mul_add(L::splat(w), sums[0]);
                sums[1] = lanes.mul_add(L::splat(x), sums[1]);
                sums[2] = lanes.mul_add(L::splat(y), sums[2]);
                sums[3] = lanes.mul_add(L::splat(z), sums[3]);
            }
            sums[0].store(a);
            sums[1].store(b);
            sums[2].store(c);
            sums[3].store(d);
        } else {
            for (row, out) in rows.chunks(columns).zip(out) {
                let mut sum = L::splat(0.0);
                for (&factor, lanes) in row.iter().zip(pixels) {
                    sum = L::load(lanes).mul_add(L::splat(factor), sum);
                }
                sum.store(out);
            }
        }
    }
}
