//! The turning volume on the page.

use crate::ReportError;
use crate::render::Film;
use crate::report::drawing::Piece;
use crate::report::{Animation, Block};

/// A rendered volume, turning.
#[derive(Debug, Clone, Copy)]
pub struct Turning<'a> {
    /// Its frames.
    pub film: &'a Film,
    /// What it shows, a full sentence: `Surface at 0.5 e/Å³, half of the grains' density.`
    pub caption: &'a str,
}

impl Turning<'_> {
    pub(super) fn piece(&self) -> Result<Piece, ReportError> {
        let caption = format!("The volume from {} sides. {}", self.film.len(), self.caption);
        let (png, size) = (self.film.to_apng()?, self.film.size());
        let alt = format!("Animation of the turning volume. {}", self.caption);
        Ok(Piece::Block(Block::Animation(Animation { png, size, alt, caption })))
    }
}
