//! Where the projections were moved to, and how well they fit there.

use super::curves::{FULL, HALF, history};
use super::{degrees, mismatch};
use crate::ReportError;
use crate::format::{format_length, short_number};
use crate::plot::{Axis, LinePlot, Series, Stroke};
use crate::report::Drawing;
use crate::report::drawing::Piece;

/// Colour of flagged projections among those of curves.
const FLAGGED: usize = 1;
/// Colour of the truth.
const TRUTH: usize = 4;

/// The alignment of all projections. Lists with one entry for each projection may be empty where they are not known.
#[derive(Debug, Clone, Default)]
pub struct Alignment<'a> {
    /// Angles in radians.
    pub angles: &'a [f64],
    /// Shift `(y, x)` of each projection in pixels.
    pub shifts: &'a [(f64, f64)],
    /// The true shifts `(y, x)` of simulated projections.
    pub true_shifts: &'a [(f64, f64)],
    /// Rotation of each projection about its middle in radians.
    pub rotations: &'a [f64],
    /// Magnification of each projection.
    pub scales: &'a [f64],
    /// How far each projection is from that of the volume.
    pub misfit: &'a [f64],
    /// Quantity and unit of the misfit: `misfit (rad)`.
    pub misfit_label: String,
    /// Projections that do not fit.
    pub flagged: &'a [bool],
    /// Largest step of each iteration in pixels.
    pub convergence: &'a [f64],
    /// Size of a pixel in metres.
    pub pixel: Option<f64>,
}

impl Alignment<'_> {
    /// Shifts, rotations and magnifications, convergence and misfits; what is not known is left out.
    ///
    /// # Errors
    /// If a list has another length than that of the angles.
    pub fn drawings(&self) -> Result<Vec<Drawing>, ReportError> {
        Ok(self.pieces()?.into_iter().flat_map(Piece::into_drawings).collect())
    }

    pub(super) fn pieces(&self) -> Result<Vec<Piece>, ReportError> {
        self.check()?;
        let mut pieces = Vec::new();
        if !self.shifts.is_empty() {
            pieces.push(Piece::one(self.shift_plot(("x", "across the rotation axis"), |s| s.1)));
            pieces.push(Piece::one(self.shift_plot(("y", "along the rotation axis"), |s| s.0)));
        }
        let similarity: Vec<Drawing> = [
            self.over_angle("rotations", "rotation (°)", self.rotations, f64::to_degrees),
            self.over_angle("magnifications", "magnification − 1 (%)", self.scales, |s| 100.0 * (s - 1.0)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let mut quality = Vec::new();
        if !self.misfit.is_empty() {
            quality.push(self.misfit_plot());
        }
        if !self.convergence.is_empty() {
            quality.push(self.convergence_plot());
        }
        pieces.extend([similarity, quality].into_iter().filter(|d| !d.is_empty()).map(Piece::Drawings));
        Ok(pieces)
    }

    fn check(&self) -> Result<(), ReportError> {
        let lengths = [
            ("shifts", self.shifts.len()),
            ("true shifts", self.true_shifts.len()),
            ("rotations", self.rotations.len()),
            ("scales", self.scales.len()),
            ("misfits", self.misfit.len()),
            ("flags", self.flagged.len()),
        ];
        let count = self.angles.len();
        match lengths.into_iter().find(|(_, length)| *length != 0 && *length != count) {
            None => Ok(()),
            Some((what, length)) => {
                Err(mismatch("alignment", format!("{length} {what}"), format!("{count} angles")))
            }
        }
    }

    /// Values over the angle in degrees.
    fn points(&self, values: impl Iterator<Item = f64>) -> Vec<(f64, f64)> {
        self.angles.iter().map(|a| a.to_degrees()).zip(values).collect()
    }

    fn flags(&self) -> impl Iterator<Item = bool> + '_ {
        self.flagged.iter().copied()
    }

    fn plot(&self, label: &str, size: (f64, f64)) -> LinePlot {
        /// Room beside the first and the last angle, as a part of all.
        const BESIDE: f64 = 0.015;
        let finite = || self.angles.iter().map(|a| a.to_degrees()).filter(|a| a.is_finite());
        let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), a| (l.min(a), h.max(a)));
        let room = BESIDE * (high - low);
        // Ends that are out of order count as none.
        let x = Axis::new("angle (°)").between(low - room, high + room);
        LinePlot { size, ..LinePlot::new(x, Axis::new(label)) }
    }

    /// The points of flagged projections, drawn over a curve; only the first of several is named.
    fn flagged_points(&self, points: &[(f64, f64)], name: &str) -> Option<Series> {
        let points: Vec<(f64, f64)> =
            points.iter().copied().zip(self.flags()).filter(|(_, flag)| *flag).map(|(p, _)| p).collect();
        let (name, band) = (name.to_owned(), Vec::new());
        (!points.is_empty()).then_some(Series { name, points, stroke: Stroke::Points, colour: FLAGGED, band })
    }

    fn shift_plot(&self, (axis, words): (&str, &str), of: fn(&(f64, f64)) -> f64) -> Drawing {
        let points = self.points(self.shifts.iter().map(of));
        let flagged = self.flagged_points(&points, "flagged");
        let mut plot = self.plot(&format!("shift {axis} (px)"), (FULL.0, 230.0));
        plot = plot.with_series(format!("shift {axis}"), points, Stroke::Joined);
        let mut truth_words = String::new();
        if !self.true_shifts.is_empty() {
            let points = self.points(self.true_shifts.iter().map(of));
            let (name, stroke, band) = ("truth".to_owned(), Stroke::Dotted, Vec::new());
            plot.series.push(Series { name, points, stroke, colour: TRUTH, band });
            let off = self.shifts.iter().zip(self.true_shifts).map(|(found, truth)| of(found) - of(truth));
            truth_words = format!(" It differs from the true one by {}.", self.length(rms(off)));
        }
        plot.series.extend(flagged);
        let spread = self.length(rms(self.shifts.iter().map(of)));
        let caption = format!(
            "Shift {axis} that each projection was moved by, {words}: {spread} root mean square about its mean.{truth_words}"
        );
        let alt = format!("Curve of the shift {axis} of the projections over the angle");
        Drawing::of_plot(&format!("shifts_{axis}"), &plot, alt, caption)
    }

    /// A length in pixels, and in metres where these are known.
    fn length(&self, pixels: f64) -> String {
        match self.pixel.filter(|_| pixels > 0.0) {
            Some(pixel) => format!("{} px ({})", short_number(pixels), format_length(pixels * pixel, 2)),
            None => format!("{} px", short_number(pixels)),
        }
    }

    fn over_angle(&self, name: &str, label: &str, values: &[f64], shown: fn(f64) -> f64) -> Option<Drawing> {
        if values.is_empty() {
            return None;
        }
        let points = self.points(values.iter().map(|v| shown(*v)));
        let flagged = self.flagged_points(&points, "flagged");
        let mut plot = self.plot(label, HALF).with_series("projections", points, Stroke::Joined);
        plot.series.extend(flagged);
        let spread = short_number(rms(values.iter().map(|v| shown(*v))));
        let caption = format!("{label} of each projection: {spread} root mean square about its mean.");
        let alt = format!("Curve of the {name} of the projections over the angle");
        let mut letters = caption.chars();
        let caption = letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect());
        Some(Drawing::of_plot(name, &plot, alt, caption))
    }

    fn misfit_plot(&self) -> Drawing {
        let label = if self.misfit_label.is_empty() { "misfit" } else { &self.misfit_label };
        let points = self.points(self.misfit.iter().copied());
        let flagged = self.flagged_points(&points, "flagged");
        let mut plot = self.plot(label, HALF).with_series("projections", points, Stroke::Points);
        plot.series.extend(flagged);
        let bad: Vec<String> = self
            .angles
            .iter()
            .zip(self.flags())
            .filter(|(_, flag)| *flag)
            .map(|(a, _)| degrees(*a))
            .collect();
        let caption = format!("Misfit of each projection to that of the volume. {}", flagged_words(&bad));
        let alt = "Misfit of each projection over the angle, flagged ones marked".to_owned();
        Drawing::of_plot("misfit", &plot, alt, caption)
    }

    fn convergence_plot(&self) -> Drawing {
        let plot = history("largest step (px)", self.convergence, HALF);
        let end = self.convergence.last().map_or_else(String::new, |last| {
            format!(" The last of {} was {} px.", self.convergence.len(), short_number(*last))
        });
        let caption = format!("Largest step of any projection in each iteration of the alignment.{end}");
        let alt = "Curve of the largest step over the iterations of the alignment".to_owned();
        Drawing::of_plot("alignment_convergence", &plot, alt, caption)
    }
}

/// Which projections are flagged, as a sentence.
fn flagged_words(angles: &[String]) -> String {
    /// More of them are counted only.
    const MOST: usize = 6;
    match angles {
        [] => "None is flagged.".to_owned(),
        [one] => format!("The one at {one} is flagged."),
        few if few.len() <= MOST => format!("Those at {} are flagged.", few.join(", ")),
        many => format!("{} of them are flagged.", many.len()),
    }
}

/// Root mean square of the finite values about their mean.
fn rms(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let finite = || values.clone().filter(|v| v.is_finite());
    let count = finite().count().max(1) as f64;
    let mean = finite().sum::<f64>() / count;
    (finite().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_are_told_about_their_means_and_against_the_truth() {
        let angles = [0.0, 0.5, 1.0, 1.5];
        // About the mean: y ±1, x ±2; the truth differs from x by a constant and ±⅛.
        let shifts = [(6.0, 2.0), (4.0, -2.0), (6.0, 2.0), (4.0, -2.0)];
        let truth = [(6.0, 12.125), (4.0, 7.875), (6.0, 12.125), (4.0, 7.875)];
        let alignment = Alignment {
            angles: &angles,
            shifts: &shifts,
            true_shifts: &truth,
            flagged: &[false, true, false, false],
            misfit: &[1.0, 5.0, 1.0, 1.0],
            convergence: &[3.0, 0.3, 0.01],
            pixel: Some(1e-8),
            ..Alignment::default()
        };
        let drawings = alignment.drawings().expect("draws");
        let names: Vec<&str> = drawings.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["shifts_x", "shifts_y", "misfit", "alignment_convergence"]);
        let caption = |k: usize| drawings[k].caption.as_str();
        assert!(
            caption(0).contains("2.00 px (20 nm)") && caption(0).contains("by 0.125 px (1.3 nm)"),
            "{}",
            caption(0)
        );
        assert!(caption(1).contains("1.00 px (10 nm)") && caption(1).contains("by 0 px"), "{}", caption(1));
        assert!(caption(2).contains("28.6° is flagged"), "{}", caption(2));
        assert!(caption(3).contains("0.0100 px"), "{}", caption(3));
        let short = Alignment { misfit: &[1.0], ..alignment };
        let error = short.drawings().expect_err("one misfit for four angles").to_string();
        assert!(error.contains("1 misfits") && error.contains("4 angles"), "{error}");
    }

    #[test]
    fn similarity_is_drawn_where_it_is_known_and_many_flags_are_counted() {
        let angles: Vec<f64> = (0..10).map(|k| f64::from(k) * 0.1).collect();
        let alignment = Alignment {
            angles: &angles,
            rotations: &[0.01; 10],
            scales: &[1.002; 10],
            ..Alignment::default()
        };
        let names: Vec<String> = alignment.drawings().expect("draws").into_iter().map(|d| d.name).collect();
        assert_eq!(names, ["rotations", "magnifications"]);
        assert!(Alignment::default().drawings().expect("nothing to draw").is_empty());
        let words: Vec<String> = angles.iter().map(|a| degrees(*a)).collect();
        assert_eq!(flagged_words(&words), "10 of them are flagged.");
        assert_eq!(flagged_words(&words[..2]), "Those at 0.0°, 5.7° are flagged.");
    }
}
