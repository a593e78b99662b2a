//! How the descriptors are distributed, and how well they are known.

use super::sample::{Descriptor, Sample};
use super::{HistogramOf, SpectroscopyReport};
use crate::format::short_number;
use crate::plot::{Axis, Histogram, LinePlot, Series, Stroke};
use crate::report::drawing::{Drawing, Piece};
use crate::report::{Align, Block, Column, Table};

/// Bins of a histogram.
pub(super) const BINS: usize = 50;
/// Size of a histogram in CSS pixels; three stand side by side.
pub(super) const SIZE: (f64, f64) = (308.0, 280.0);

/// Histograms of the three maps and the table of their errors.
pub(super) fn pieces(report: &SpectroscopyReport<'_>) -> Vec<Piece> {
    let drawings: Vec<Drawing> =
        Descriptor::ALL.into_iter().filter_map(|descriptor| histogram(report, descriptor)).collect();
    let mut pieces = if drawings.is_empty() { Vec::new() } else { vec![Piece::Drawings(drawings)] };
    pieces.extend(errors(&report.samples).map(|table| Piece::Block(Block::Table(table))));
    pieces
}

/// A curve with the area under it.
pub(super) fn density_series(name: &str, colour: usize, points: Vec<(f64, f64)>) -> Series {
    let band = points.iter().map(|&(x, y)| (x, 0.0, y)).collect();
    Series { name: name.to_owned(), points, stroke: Stroke::Solid, colour, band }
}

/// An empty plot of densities of a descriptor from its scale's lower to its upper end.
pub(super) fn density_plot(descriptor: Descriptor, (min, max): (f64, f64)) -> LinePlot {
    let x = Axis::new(descriptor.label()).between(min, max);
    LinePlot { size: SIZE, ..LinePlot::new(x, Axis::new("probability density")) }
}

fn histogram(report: &SpectroscopyReport<'_>, descriptor: Descriptor) -> Option<Drawing> {
    let ends = report.scales.of(descriptor);
    let members = |sample: &Sample<'_>| sample.descriptor(descriptor).is_some();
    let samples: Vec<&Sample<'_>> = report.samples.iter().filter(|s| members(s)).collect();
    let mut names: Vec<&str> = Vec::new();
    for sample in &samples {
        let name = name_of(sample, report.histograms);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut plot = density_plot(descriptor, ends);
    let mut outside = Vec::new();
    for (colour, name) in names.iter().enumerate() {
        let of = samples.iter().filter(|s| name_of(s, report.histograms) == *name);
        let maps: Vec<_> = of.filter_map(|s| s.descriptor(descriptor)).collect();
        let values = maps.iter().flat_map(|map| map.values.iter().copied());
        let histogram = Histogram::of(values, ends, BINS);
        outside.push(histogram.share_outside());
        plot.series.push(density_series(name, colour, histogram.outline()));
    }
    if names.is_empty() {
        return None;
    }
    let most = outside.into_iter().fold(0.0, f64::max);
    let beyond = if most < 5e-4 {
        String::new()
    } else {
        format!(" Up to {:.1} % of the values of one curve lie outside the axis.", 100.0 * most)
    };
    let caption = format!("Distribution of {}.{beyond}", descriptor.label());
    let alt = format!("Histograms of {}", descriptor.label());
    Some(Drawing::of_plot(&format!("histogram_{}", descriptor.file_name()), &plot, alt, caption))
}

fn name_of<'s>(sample: &'s Sample<'_>, by: HistogramOf) -> &'s str {
    match by {
        HistogramOf::Group if !sample.group.is_empty() => &sample.group,
        _ => &sample.name,
    }
}

/// Median and 90th percentile of the σ of each map; `None` if no σ is known.
fn errors(samples: &[Sample<'_>]) -> Option<Table> {
    let cell = |sample: &Sample<'_>, descriptor| {
        let sigma = sample.descriptor(descriptor).and_then(|map| map.sigma)?;
        let mut known: Vec<f32> = sigma.iter().copied().filter(|s| s.is_finite()).collect();
        known.sort_by(f32::total_cmp);
        let rank = |share: f64| Some(f64::from(*known.get((share * (known.len() - 1) as f64) as usize)?));
        let (middle, high) = if known.is_empty() { (None, None) } else { (rank(0.5), rank(0.9)) };
        Some(format!("{} ({})", short_number(middle?), short_number(high?)))
    };
    let row = |sample: &Sample<'_>| {
        let cells = Descriptor::ALL.map(|descriptor| cell(sample, descriptor));
        let known = cells.iter().any(Option::is_some);
        let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(|| "—".to_owned()));
        known.then(|| [sample.name.clone(), sample.group.clone()].into_iter().chain(cells).collect())
    };
    let rows: Vec<Vec<String>> = samples.iter().filter_map(row).collect();
    let heads = Descriptor::ALL.map(|d| Column::new(format!("σ of {}", d.label()), Align::Right));
    let names = [Column::new("sample", Align::Left), Column::new("group", Align::Left)];
    let columns = names.into_iter().chain(heads).collect();
    let caption = "Standard deviation of one pixel: median over the sample, and in brackets the value that nine tenths of \
                   the pixels stay below."
        .to_owned();
    (!rows.is_empty()).then_some(Table { caption, columns, rows, highlighted: None })
}

#[cfg(test)]
mod tests {
    use super::super::DescriptorMap;
    use super::*;
    use ndarray::Array2;

    #[test]
    fn errors_are_told_as_median_and_ninth_tenth() {
        let sigma = Array2::from_shape_fn((1, 12), |(_, i)| if i == 11 { f32::NAN } else { i as f32 });
        let map = DescriptorMap { values: sigma.view(), sigma: Some(sigma.view()) };
        let sample = Sample { name: "P1".to_owned(), edge_energy: Some(map), ..Sample::default() };
        let unknown = Sample { name: "P2".to_owned(), ..Sample::default() };
        let table = errors(&[sample, unknown]).expect("one σ is known");
        // 0 to 10: the sixth and the tenth of eleven
        assert_eq!(table.rows, [["P1", "", "5.00 (9.00)", "—", "—"].map(str::to_owned).to_vec()]);
        assert_eq!(errors(&[]), None);
    }
}
