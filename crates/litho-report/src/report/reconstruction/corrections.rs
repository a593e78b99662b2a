//! What was corrected during a reconstruction: positions, background, intensity of the beam.

use super::images::DiffractionMap;
use crate::ReportError;
use crate::colour::ColourMap;
use crate::figure::{Figure, MapStyle, PixelSize};
use crate::format::{format_length, short_number};
use crate::plot::{Axis, DisplacementPlot, LinePlot, Stroke};
use crate::report::reconstruction::NamedFigure;
use crate::report::{Block, Plate};

/// Longest side of the background in the report, CSS pixels.
const SIDE: f64 = 320.0;

/// Where positions were thought to be, and where they were found.
#[derive(Debug, Clone)]
pub struct Displacements<'a> {
    /// Positions `(y, x)` in object pixels, before and after.
    pub moves: &'a [[(f64, f64); 2]],
    /// Object pixel; without it lengths are in pixels.
    pub pixel: Option<PixelSize>,
}

impl Displacements<'_> {
    pub(super) fn blocks(&self) -> Vec<Block> {
        let plot = DisplacementPlot { moves: self.moves, pixel: self.pixel };
        let Some((rms, largest)) = plot.extent() else {
            return vec![Block::Absent("There are no positions to compare.".to_owned())];
        };
        let length = |pixels: f64| match self.pixel.filter(|p| p.y == p.x) {
            Some(pixel) => format!("{} ({} px)", format_length(pixels * pixel.x, 3), short_number(pixels)),
            None => format!("{} px", short_number(pixels)),
        };
        let longer = match plot.magnification() {
            1.0 => String::new(),
            longer => format!(", drawn {longer} times as long"),
        };
        vec![Block::Plates(vec![Plate {
            svg: plot.to_svg(),
            alt: "Arrows from the scan positions as read to those found".to_owned(),
            caption: format!(
                "Displacement of the {} scan positions from where they were read (dots) to where they were found{longer}: \
                 {} root mean square, {} at most.",
                self.moves.len(),
                length(rms),
                length(largest)
            ),
        }])]
    }
}

pub(super) fn background_figure(map: &DiffractionMap<'_>) -> Result<NamedFigure, ReportError> {
    let style = MapStyle::new(ColourMap::Viridis, map.label.as_str());
    let figure = Figure::map(&map.title, map.values, &style)?.with_pixel_size(map.pixel)?;
    let total: f64 = map.values.iter().map(|b| f64::from(*b)).filter(|b| b.is_finite()).sum();
    let caption = format!(
        "{}: what adds to every frame without interfering, {} {} over the frame.",
        map.title,
        short_number(total),
        map.label
    );
    let alt = format!("Colour map of the {}", map.title.to_lowercase());
    Ok(NamedFigure { name: "background".to_owned(), figure, alt, caption })
}

pub(super) fn background_blocks(map: &DiffractionMap<'_>) -> Result<Vec<Block>, ReportError> {
    Ok(vec![Block::Plates(vec![background_figure(map)?.plate(SIDE)?])])
}

/// Intensity of the beam in each frame.
#[derive(Debug, Clone)]
pub struct BeamIntensities<'a> {
    /// Relative to the mean, in the order of the frames.
    pub values: &'a [f64],
}

impl BeamIntensities<'_> {
    pub(super) fn blocks(&self) -> Vec<Block> {
        let points: Vec<(f64, f64)> = self.values.iter().enumerate().map(|(i, v)| (i as f64, *v)).collect();
        let count = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / count;
        let spread = (self.values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt();
        let plot = LinePlot::new(Axis::new("frame"), Axis::new("intensity, relative to the mean"));
        vec![Block::Plates(vec![Plate {
            svg: plot.with_series("beam", points, Stroke::Solid).to_svg(),
            alt: "Curve of the beam's intensity over the frames".to_owned(),
            caption: format!(
                "Intensity of the beam in each frame as found, relative to the mean; it varies by {:.2} % (standard \
                 deviation).",
                100.0 * spread
            ),
        }])]
    }
}
