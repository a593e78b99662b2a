//! Resolution: phase retrieval transfer functions of all energies.

use super::SpectroscopyReport;
use super::curves::WIDTH;
use crate::ReportError;
use crate::report::Part;
use crate::report::drawing::{Drawing, Piece, file_name};
use crate::report::reconstruction::{Prtf, Spectrum};

/// The phase retrieval transfer functions of one sample.
#[derive(Debug, Clone)]
pub struct TransferCurves<'a> {
    /// The abscissa.
    pub spectrum: Spectrum<'a>,
    /// Mean over the energies at each frequency, 0–1.
    pub mean: &'a [f64],
    /// Frequency at which the mean falls below 1/e, in the spectrum's unit.
    pub crossing: Option<f64>,
    /// The function of each energy at each frequency; may be empty.
    pub energies: Vec<&'a [f64]>,
    /// Where the function of each energy falls below 1/e; those that do not are left out.
    pub crossings: Vec<f64>,
}

/// One plot for each sample, two side by side.
pub(super) fn pieces(report: &SpectroscopyReport<'_>) -> Result<Vec<Piece>, ReportError> {
    let (mut drawings, mut pieces) = (Vec::new(), Vec::new());
    for sample in &report.samples {
        match &sample.prtf {
            Part::Given(curves) => drawings.push(curves.drawing(&sample.name)?),
            Part::Missing(why) => pieces.push(Piece::absent(format!("{}: {why}", sample.name))),
            Part::Omitted => {}
        }
    }
    if !drawings.is_empty() {
        pieces.insert(0, Piece::Drawings(drawings));
    }
    Ok(pieces)
}

impl TransferCurves<'_> {
    fn drawing(&self, sample: &str) -> Result<Drawing, ReportError> {
        let mean = Prtf { spectrum: self.spectrum, values: self.mean, crossing: self.crossing };
        let name = if self.energies.is_empty() { "PRTF" } else { "mean" };
        let (plot, sentence) = mean.plot(name, &self.energies, (WIDTH, 330.0))?;
        let what = match self.energies.len() {
            0 => format!("Phase retrieval transfer function (PRTF) of {sample}."),
            n => {
                format!("Phase retrieval transfer function (PRTF) of {sample}: {n} energies and their mean.")
            }
        };
        let caption = format!("{what} {sentence}{}", self.range_words());
        let alt = format!("Curves of the phase retrieval transfer function of {sample}. {sentence}");
        Ok(Drawing::of_plot(&format!("prtf_{}", file_name(sample)), &plot, alt, caption))
    }

    /// Between which resolutions the single energies lie.
    fn range_words(&self) -> String {
        let known = || self.crossings.iter().copied().filter(|f| f.is_finite() && *f > 0.0);
        let (low, high) = known().fold((f64::INFINITY, 0.0), |(low, high), f| (f.min(low), f.max(high)));
        if low > high {
            return String::new();
        }
        let [best, worst] = [high, low].map(|f| self.spectrum.resolution(f));
        format!(" Single energies cross it between {best} and {worst}.")
    }
}
