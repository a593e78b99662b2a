//! Quality: how fits ended, how the energies were brought together.

use super::SpectroscopyReport;
use super::curves::WIDTH;
use super::sample::Sample;
use crate::format::{format_length, short_number};
use crate::plot::{Axis, LinePlot, Stroke};
use crate::report::drawing::{Drawing, Piece, file_name};
use crate::report::{Align, Block, Column, Table};

/// How one energy of a sample was brought to the others.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Registration {
    /// Energy in eV.
    pub energy: f64,
    /// Shift `(y, x)` in pixels that was taken out.
    pub shift: (f64, f64),
    /// Factor by which the amplitude was divided; NaN if unknown.
    pub amplitude: f64,
}

/// The tables of statuses and registration, and the shifts over the energy.
pub(super) fn pieces(report: &SpectroscopyReport<'_>) -> Vec<Piece> {
    let table = |table: Option<Table>| table.map(|table| Piece::Block(Block::Table(table)));
    let mut pieces: Vec<Piece> = [table(statuses(&report.samples)), table(registrations(&report.samples))]
        .into_iter()
        .flatten()
        .collect();
    let registered = report.samples.iter().filter(|sample| !sample.registration.is_empty());
    let drawings: Vec<Drawing> = registered.map(shifts).collect();
    if !drawings.is_empty() {
        pieces.push(Piece::Drawings(drawings));
    }
    pieces
}

/// Pixels of each status, one row a sample.
fn statuses(samples: &[Sample<'_>]) -> Option<Table> {
    let mut reasons: Vec<&str> = Vec::new();
    for (reason, _) in samples.iter().flat_map(|sample| &sample.status) {
        if !reasons.contains(&reason.as_str()) {
            reasons.push(reason);
        }
    }
    let count = |sample: &Sample<'_>, reason: &str| -> usize {
        sample.status.iter().filter(|(name, _)| name == reason).map(|(_, count)| count).sum()
    };
    let row = |sample: &Sample<'_>| -> Vec<String> {
        let counts = reasons.iter().map(|reason| count(sample, reason).to_string());
        std::iter::once(sample.name.clone()).chain(counts).collect()
    };
    let having = samples.iter().filter(|sample| !sample.status.is_empty());
    let heads = reasons.iter().map(|reason| Column::new(*reason, Align::Right));
    let table = Table {
        caption: "How the fits ended: number of pixels.".to_owned(),
        columns: std::iter::once(Column::new("sample", Align::Left)).chain(heads).collect(),
        rows: having.map(row).collect(),
        highlighted: None,
    };
    (!table.rows.is_empty()).then_some(table)
}

/// Shifts and amplitudes in one row a sample.
fn registrations(samples: &[Sample<'_>]) -> Option<Table> {
    let row = |sample: &Sample<'_>| {
        let all = &sample.registration;
        let lengths = || all.iter().map(|r| r.shift.0.hypot(r.shift.1)).filter(|l| l.is_finite());
        let count = lengths().count().max(1) as f64;
        let rms = (lengths().map(|l| l * l).sum::<f64>() / count).sqrt();
        let largest = lengths().fold(0.0, f64::max);
        let amplitudes = || all.iter().map(|r| r.amplitude).filter(|a| a.is_finite());
        let (low, high) =
            amplitudes().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), a| (l.min(a), h.max(a)));
        let amplitude = if low <= high { format!("{low:.3}–{high:.3}") } else { "—".to_owned() };
        vec![
            sample.name.clone(),
            all.len().to_string(),
            length_words(sample, rms),
            length_words(sample, largest),
            amplitude,
        ]
    };
    let having = samples.iter().filter(|sample| !sample.registration.is_empty());
    let rows: Vec<Vec<String>> = having.map(row).collect();
    let table = Table {
        caption: "Registration of the energies: shifts taken out, and the range of amplitude factors."
            .to_owned(),
        columns: vec![
            Column::new("sample", Align::Left),
            Column::new("energies", Align::Right),
            Column::new("shift, rms", Align::Right),
            Column::new("shift, largest", Align::Right),
            Column::new("amplitude", Align::Right),
        ],
        rows,
        highlighted: None,
    };
    (!table.rows.is_empty()).then_some(table)
}

/// A length in pixels, and in metres where pixels are square.
fn length_words(sample: &Sample<'_>, pixels: f64) -> String {
    match sample.pixel.filter(|p| p.y == p.x && pixels > 0.0) {
        Some(pixel) => format!("{} px ({})", short_number(pixels), format_length(pixels * pixel.x, 2)),
        None => format!("{} px", short_number(pixels)),
    }
}

fn shifts(sample: &Sample<'_>) -> Drawing {
    let points = |of: fn(&Registration) -> f64| -> Vec<(f64, f64)> {
        sample.registration.iter().map(|r| (r.energy, of(r))).collect()
    };
    let plot =
        LinePlot { size: (WIDTH, 260.0), ..LinePlot::new(Axis::new("energy (eV)"), Axis::new("shift (px)")) };
    let plot = plot.with_series("y", points(|r| r.shift.0), Stroke::Joined).with_series(
        "x",
        points(|r| r.shift.1),
        Stroke::Joined,
    );
    let caption = format!("Shift of each energy of {} that was taken out.", sample.name);
    let alt = format!("Curves of the shifts of {} over the energy", sample.name);
    Drawing::of_plot(&format!("registration_{}", file_name(&sample.name)), &plot, alt, caption)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::PixelSize;

    #[test]
    fn every_status_of_any_sample_has_a_column_and_every_sample_a_row() {
        let sample = |name: &str, status: &[(&str, usize)]| Sample {
            name: name.to_owned(),
            status: status.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect(),
            ..Sample::default()
        };
        let samples =
            [sample("P1", &[("ok", 5)]), sample("none", &[]), sample("D1", &[("noise", 2), ("ok", 7)])];
        let table = statuses(&samples).expect("two samples have a status");
        assert_eq!(table.columns.len(), 3);
        assert_eq!(
            table.rows,
            [["P1", "5", "0"], ["D1", "7", "2"]].map(|row| row.map(str::to_owned).to_vec())
        );
        assert_eq!(statuses(&[]), None);
    }

    #[test]
    fn shifts_are_told_in_pixels_and_lengths() {
        let at = |energy, shift| Registration { energy, shift, amplitude: f64::NAN };
        let registration = vec![at(5420.0, (3.0, 4.0)), at(5421.0, (0.0, 0.0)), at(5422.0, (f64::NAN, 0.0))];
        let pixel = Some(PixelSize::square(15e-9));
        let sample = Sample { name: "P1".to_owned(), pixel, registration, ..Sample::default() };
        let table = registrations(&[sample]).expect("a row");
        // √(25/2) of two known shifts, in pixels of 15 nm
        let row = ["P1", "3", "3.54 px (53 nm)", "5.00 px (75 nm)", "—"];
        assert_eq!(table.rows, [row.map(str::to_owned).to_vec()]);
    }
}
