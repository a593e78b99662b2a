//! What a plan will do, as data that tests can compare.

use super::{FftError, LANES, c32};

/// Lengths of the column butterflies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Radix {
    /// 1 point: a copy.
    One,
    /// 2 points.
    Two,
    /// 3 points.
    Three,
    /// 4 points.
    Four,
    /// 5 points.
    Five,
    /// 6 points, as 2·3.
    Six,
    /// 7 points.
    Seven,
    /// 8 points.
    Eight,
}

impl Radix {
    /// The radices that recipes are made of, shortest first.
    const SHORTEST_FIRST: [Self; 7] =
        [Self::Two, Self::Three, Self::Four, Self::Five, Self::Six, Self::Seven, Self::Eight];

    /// Number of points.
    pub fn points(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
            Self::Five => 5,
            Self::Six => 6,
            Self::Seven => 7,
            Self::Eight => 8,
        }
    }

    /// Relative time of one pass, as measured with 16 vector registers, which the 8-point butterfly overflows:
    /// 4·4·4·4 is faster than 4·8·8, but 4·4·8 than 2·4·4·4.
    fn cost(self) -> u32 {
        match self {
            Self::One => 8,
            Self::Two => 14,
            Self::Three => 17,
            Self::Four => 20,
            Self::Five => 25,
            Self::Six => 27,
            Self::Seven => 37,
            Self::Eight => 31,
        }
    }
}

/// How the columns of a frame are transformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnRecipe {
    /// Eight columns at once, one pass per radix in this order; the product of the radices is the number of rows.
    Stockham(Vec<Radix>),
    /// Column by column through `rustfft`, for numbers of rows with a prime factor above 7.
    Rustfft,
}

impl ColumnRecipe {
    /// The cheapest recipe for columns of `rows` pixels. It does not depend on the instruction set, so that
    /// results do not either.
    pub fn new(rows: usize) -> Self {
        cheapest(rows, &Radix::SHORTEST_FIRST).map_or(Self::Rustfft, |(_, radices)| Self::Stockham(radices))
    }
}

/// The cheapest factorisation of `n` into non-decreasing radices of the list, with its cost.
fn cheapest(n: usize, radices: &[Radix]) -> Option<(u32, Vec<Radix>)> {
    if n == 1 {
        return Some((0, Vec::new()));
    }
    let mut best: Option<(u32, Vec<Radix>)> = None;
    for (i, &radix) in radices.iter().enumerate() {
        if !n.is_multiple_of(radix.points()) {
            continue;
        }
        let Some((cost, mut rest)) = cheapest(n / radix.points(), &radices[i..]) else { continue };
        let cost = cost + radix.cost();
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            rest.insert(0, radix);
            best = Some((cost, rest));
        }
    }
    best
}

/// What a plan for one frame shape will do. Rows always go through `rustfft`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FftRecipe {
    /// Rows of the frame.
    pub ny: usize,
    /// Columns of the frame.
    pub nx: usize,
    /// How the columns, `ny` long, are transformed.
    pub columns: ColumnRecipe,
}

impl FftRecipe {
    /// The recipe for `(ny, nx)` frames.
    ///
    /// # Errors
    ///
    /// [`FftError::EmptyFrame`] without pixels, [`FftError::FrameTooLarge`] if a frame with its working memory
    /// exceeds the address space.
    pub fn new(ny: usize, nx: usize) -> Result<Self, FftError> {
        if ny == 0 || nx == 0 {
            return Err(FftError::EmptyFrame { ny, nx });
        }
        // The last tile of a frame and the scratch are at most as large as a frame with LANES more columns.
        let bytes = nx
            .checked_add(LANES)
            .and_then(|n| n.checked_mul(ny))
            .and_then(|n| n.checked_mul(size_of::<c32>()));
        if bytes.is_none_or(|bytes| isize::try_from(bytes).is_err()) {
            return Err(FftError::FrameTooLarge { ny, nx });
        }
        Ok(Self { ny, nx, columns: ColumnRecipe::new(ny) })
    }
}
