//! At most 256 colours that stand for all of some images (median cut, Heckbert 1982).

use crate::colour::Rgb;
use crate::figure::Raster;

/// Bits of each channel that are told apart.
const BITS: u32 = 6;
const SIDE: usize = 1 << BITS;
/// Most colours of a palette.
const MOST: usize = 256;

/// Colours, and which of them stands for which.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Palette {
    pub(super) colours: Vec<Rgb>,
    /// Index of the colour for each cell of the colour cube.
    index: Vec<u8>,
}

/// The pixels of one cell of the colour cube.
#[derive(Debug, Clone, Copy)]
struct Cell {
    /// Its place in the cube.
    at: usize,
    count: u64,
    /// Sums of the channels.
    sum: [u64; 3],
}

impl Cell {
    fn coordinate(&self, channel: usize) -> usize {
        (self.at >> (BITS as usize * (2 - channel))) & (SIDE - 1)
    }
}

fn cell_of(colour: Rgb) -> usize {
    colour.iter().fold(0, |at, byte| (at << BITS) | usize::from(byte >> (8 - BITS)))
}

impl Palette {
    /// The palette of all `images` together.
    pub(super) fn of(images: &[Raster]) -> Self {
        let mut cube = vec![Cell { at: 0, count: 0, sum: [0; 3] }; SIDE * SIDE * SIDE];
        for [r, g, b, _] in images.iter().flat_map(|image| &image.pixels) {
            let cell = &mut cube[cell_of([*r, *g, *b])];
            cell.count += 1;
            for (sum, byte) in cell.sum.iter_mut().zip([r, g, b]) {
                *sum += u64::from(*byte);
            }
        }
        let mut boxes: Vec<Vec<Cell>> = vec![
            cube.iter().enumerate().filter(|(_, c)| c.count > 0).map(|(at, c)| Cell { at, ..*c }).collect(),
        ];
        while boxes.len() < MOST {
            // The box whose split takes away most of the error; the first of equals.
            let errors = boxes.iter().map(|cells| spread(cells).1);
            let worst = errors.enumerate().fold((0, 0.0), |w, (i, e)| if e > w.1 { (i, e) } else { w });
            if worst.1 <= 0.0 {
                break;
            }
            let (low, high) = split(std::mem::take(&mut boxes[worst.0]));
            boxes[worst.0] = low;
            boxes.push(high);
        }
        let mut index = vec![0; cube.len()];
        let mut colours = Vec::with_capacity(boxes.len());
        for (k, cells) in boxes.iter().enumerate() {
            colours.push(mean(cells));
            for cell in cells {
                index[cell.at] = k as u8;
            }
        }
        Self { colours, index }
    }

    /// The index of the colour that stands for `colour`.
    pub(super) fn index(&self, colour: Rgb) -> u8 {
        self.index[cell_of(colour)]
    }
}

/// The channel along which the cells lie farthest apart, and the sum of squares about the mean along it.
fn spread(cells: &[Cell]) -> (usize, f64) {
    let along = |channel: usize| {
        let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for cell in cells {
            let (count, x) = (cell.count as f64, cell.coordinate(channel) as f64);
            (n, sum, squares) = (n + count, sum + count * x, squares + count * x * x);
        }
        // Σ n x² − (Σ n x)²/Σ n
        if n > 0.0 { squares - sum * sum / n } else { 0.0 }
    };
    // Rounding may leave a little for equal coordinates.
    let different = |c: usize| cells.iter().any(|cell| cell.coordinate(c) != cells[0].coordinate(c));
    let all = (0..3).map(|c| (c, if different(c) { along(c) } else { 0.0 }));
    all.fold((0, 0.0), |best, one| if one.1 > best.1 { one } else { best })
}

/// Cuts the cells at the mean of the channel along which they lie farthest apart.
fn split(cells: Vec<Cell>) -> (Vec<Cell>, Vec<Cell>) {
    let (channel, _) = spread(&cells);
    let count: u64 = cells.iter().map(|cell| cell.count).sum();
    let sum: f64 = cells.iter().map(|cell| (cell.count * cell.coordinate(channel) as u64) as f64).sum();
    let middle = sum / count.max(1) as f64;
    cells.into_iter().partition(|cell| cell.coordinate(channel) as f64 <= middle)
}

fn mean(cells: &[Cell]) -> Rgb {
    let count: u64 = cells.iter().map(|cell| cell.count).sum();
    std::array::from_fn(|k| {
        let sum: u64 = cells.iter().map(|cell| cell.sum[k]).sum();
        (sum + count / 2).checked_div(count).unwrap_or(0) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(colours: impl Fn(usize) -> Rgb) -> Raster {
        Raster::from_fn(64, 64, |y, x| {
            let [r, g, b] = colours(64 * y + x);
            [r, g, b, 255]
        })
    }

    #[test]
    fn few_colours_are_kept_as_they_are() {
        let colours = [[255, 255, 255], [214, 205, 190], [0, 0, 0], [10, 200, 30]];
        let palette = Palette::of(&[image(|i| colours[i % 4])]);
        assert_eq!(palette.colours.len(), 4);
        for colour in colours {
            assert_eq!(palette.colours[usize::from(palette.index(colour))], colour);
        }
    }

    #[test]
    fn many_colours_of_a_shaded_thing_are_met_within_their_cells() {
        // Four thousand shades between black and a warm grey: 64 cells along a line.
        let shade = |i: usize| [214, 205, 190].map(|c: u32| (c * i as u32 / 4096) as u8);
        let palette = Palette::of(&[image(shade)]);
        assert!(palette.colours.len() <= MOST);
        for i in 0..4096 {
            let colour = shade(i);
            let stands = palette.colours[usize::from(palette.index(colour))];
            // A cell is four bytes wide.
            assert!(colour.iter().zip(stands).all(|(a, b)| a.abs_diff(b) < 4), "{colour:?} {stands:?}");
        }
        // Noise in all three channels fills the palette.
        let noise = |i: usize| [(i * 7919) as u8, ((i * 104_729) >> 3) as u8, ((i * 1_299_709) >> 5) as u8];
        assert_eq!(Palette::of(&[image(noise)]).colours.len(), MOST);
    }
}
