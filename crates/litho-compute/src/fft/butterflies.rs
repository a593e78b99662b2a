//! Discrete Fourier transforms of a few points, eight at a time: `y[k] = Σ_j x[j] exp(−2πi jk/R)`.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use litho_lanes::{Lanes, Split};

/// The transforms that exist, by their number of points `R`.
pub(super) struct Dft;

/// A transform of `R` points.
pub(super) trait Butterfly<const R: usize> {
    /// The `R` outputs, in natural order, of the `R` inputs.
    fn dft<L: Lanes>(x: [Split<L>; R]) -> [Split<L>; R];
}

impl Butterfly<1> for Dft {
    #[inline(always)]
    fn dft<L: Lanes>(x: [Split<L>; 1]) -> [Split<L>; 1] {
        x
    }
}

impl Butterfly<2> for Dft {
    #[inline(always)]
    fn dft<L: Lanes>(x: [Split<L>; 2]) -> [Split<L>; 2] {
        [x[0].add(x[1]), x[0].sub(x[1])]
    }
}

impl Butterfly<3> for Dft {
    #[inline(always)]
    fn dft<L: Lanes>(x: [Split<L>; 3]) -> [Split<L>; 3] {
        odd(x, &[1.0, -0.5, -0.5], &[0.0, 0.866_025_4, -0.866_025_4])
    }
}

impl Butterfly<4> for Dft {
    #[inline(always)]
    fn dft<L: Lanes>(x: [Split<L>; 4]) -> [Split<L>; 4] {
        let (a, b) = (x[0].add(x[2]), x[0].sub(x[2]));
        let (c, d) = (x[1].add(x[3]), x[1].sub(x[3]));
        [a.add(c), b.sub_i(d), a.sub(c), b.add_i(d)]
    }
}

impl Butterfly<5> for Dft {
    #[inline(always)]
    fn dft<L: Lanes>(x: [Split<L>; 5]) -> [Split<L>; 5] {
        const C: [f32; 2] = [0.309_017, -0.809_017];
        const S: [f32; 2] = [0.951_056_54, 0.587_785_24];
        odd(x, &[1.0, C[0], C[1], C[1], C[0]], &[0.0, S[0], S[1], -S[1], -S[0]])
    }
}

impl Butterfly<7> for Dft {
    #[inline(always)]
    fn dft<L: Lanes>(x: [Split<L>; 7]) -> [Split<L>; 7] {
        const C: [f32; 3] = [0.623_489_8, -0.222_520_93, -0.900_968_85];
        const S: [f32; 3] = [0.781_831_5, 0.974_927_9, 0.433_883_73];
        odd(x, &[1.0, C[0], C[1], C[2], C[2], C[1], C[0]], &[0.0, S[0], S[1], S[2], -S[2], -S[1], -S[0]])
    }
}

impl Butterfly<8> for Dft {
    #[inline(always)]
    fn dft<L: Lanes>(x: [Split<L>; 8]) -> [Split<L>; 8] {
        let e = Self::dft([x[0], x[2], x[4], x[6]]);
        let o = Self::dft([x[1], x[3], x[5], x[7]]);
        let s = L::splat(std::f32::consts::FRAC_1_SQRT_2);
        // exp(−πi/4) z = s [(re + im) + i (im − re)]
        let p = Split { re: o[1].re.add(o[1].im), im: o[1].im.sub(o[1].re) };
        // exp(−3πi/4) z = s [(im − re) − i (re + im)]
        let m = Split { re: o[3].im.sub(o[3].re), im: o[3].re.add(o[3].im) };
        [
            e[0].add(o[0]),
            p.scale_add(s, e[1]),
            e[2].sub_i(o[2]),
            Split { re: m.re.mul_add(s, e[3].re), im: m.im.neg_mul_add(s, e[3].im) },
            e[0].sub(o[0]),
            Split { re: p.re.neg_mul_add(s, e[1].re), im: p.im.neg_mul_add(s, e[1].im) },
            e[2].add_i(o[2]),
            Split { re: m.re.neg_mul_add(s, e[3].re), im: m.im.mul_add(s, e[3].im) },
        ]
    }
}

impl Butterfly<6> for Dft {
    #[inline(always)]
    fn dft<L: Lanes>(x: [Split<L>; 6]) -> [Split<L>; 6] {
        coprime::<L, 2, 3, 6>(x)
    }
}

/// Odd `R` by the symmetry of cosine and sine; `cos[m]`, `sin[m]` are those of `2πm/R`.
#[inline(always)]
fn odd<L: Lanes, const R: usize>(x: [Split<L>; R], cos: &[f32; R], sin: &[f32; R]) -> [Split<L>; R] {
    let half = R / 2;
    let (mut sum, mut difference, mut y) = ([x[0]; R], [x[0]; R], [x[0]; R]);
    for j in 1..=half {
        sum[j] = x[j].add(x[R - j]);
        difference[j] = x[j].sub(x[R - j]);
        y[0] = y[0].add(sum[j]);
    }
    for k in 1..=half {
        // y[k], y[R−k] = x[0] + Σ_j cos(2πjk/R) (x[j] + x[R−j]) ∓ i Σ_j sin(2πjk/R) (x[j] − x[R−j])
        let mut even_part = sum[1].scale_add(L::splat(cos[k]), x[0]);
        let mut odd_part = difference[1].scale(L::splat(sin[k]));
        for j in 2..=half {
            even_part = sum[j].scale_add(L::splat(cos[j * k % R]), even_part);
            odd_part = difference[j].scale_add(L::splat(sin[j * k % R]), odd_part);
        }
        y[k] = even_part.sub_i(odd_part);
        y[R - k] = even_part.add_i(odd_part);
    }
    y
}

/// `R = A·B` points with coprime `A` and `B`, without twiddle factors.
///
/// Good, J. R. Statist. Soc. B 20, 361 (1958): inputs at `B·a + A·b mod R`, outputs at the `k` with
/// `k ≡ k_a mod A` and `k ≡ k_b mod B`, make the transform a plain two-dimensional one.
#[inline(always)]
fn coprime<L: Lanes, const A: usize, const B: usize, const R: usize>(x: [Split<L>; R]) -> [Split<L>; R]
where
    Dft: Butterfly<A> + Butterfly<B>,
{
    let mut grid = [[x[0]; B]; A];
    for a in 0..A {
        let mut line = [x[0]; B];
        for b in 0..B {
            line[b] = x[(B * a + A * b) % R];
        }
        grid[a] = <Dft as Butterfly<B>>::dft(line);
    }
    let mut columns = [[x[0]; A]; B];
    for b in 0..B {
        let mut line = [x[0]; A];
        for a in 0..A {
            line[a] = grid[a][b];
        }
        columns[b] = <Dft as Butterfly<A>>::dft(line);
    }
    let mut y = x;
    for k in 0..R {
        y[k] = columns[k % B][k % A];
    }
    y
}
