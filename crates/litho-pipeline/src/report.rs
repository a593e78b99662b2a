//! The HTML report of a result file.

use crate::chemistry;
use crate::error::PipelineError;
use crate::stored::{Curve, StoredResult};
use crate::tomo::page;
use litho_io::read_result;
use litho_report::figure::PixelSize;
use litho_report::report::reconstruction::{
    BeamIntensities, DiffractionMap, Displacements, FourierRing, FrequencyUnit, Loss, NamedFigure, Object,
    OrientationScores, Part, Period, Probe, Prtf, Quantity, ReconstructionReport, ScanCoverage, Spectrum,
    Threshold,
};
use litho_report::report::{Citation, Drawing, Fact};
use litho_types::C32;
use litho_types::orientation::Orientation;
use litho_types::quantity::{ElectronVolts, Metres};
use ndarray::{Array2, Array3};
use std::path::Path;

/// Relative illumination below which the object is not shown.
const LEAST_SHOWN: f32 = 0.02;

/// Reads a result and writes its report as one self-contained HTML file.
///
/// # Errors
/// [`PipelineError`] if the result cannot be read or the report not be written.
pub fn write(result: &Path, output: &Path) -> Result<(), PipelineError> {
    crate::output::check(result, output)?;
    let file = read_result(result)?;
    if file.contains("/entry/volume/data") {
        return page::write(&page::Content::of_result(result, title_of(result))?, output);
    }
    if file.contains("/entry/fraction/data") || file.contains("/entry/label/data") {
        return chemistry::write(&chemistry::Content::of_result(result, title_of(result))?, output);
    }
    let content = Content::read(result)?;
    let html = content.report(&title_of(result))?.build()?.to_html();
    write_file(output, html.as_bytes())
}

/// The figures of a result, ready to be encoded.
pub(crate) fn figures(result: &Path) -> Result<Vec<NamedFigure>, PipelineError> {
    Ok(Content::read(result)?.report(&title_of(result))?.figures()?)
}

pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), PipelineError> {
    std::fs::write(path, bytes)
        .map_err(|error| PipelineError::Write { file: path.display().to_string(), reason: error.to_string() })
}

/// Writes each drawing as SVG, and as PNG where it holds pixels, into the folder `figures` beside `page`, its name after `prefix`.
pub(crate) fn write_figures(page: &Path, prefix: &str, drawings: &[Drawing]) -> Result<(), PipelineError> {
    let folder = page.with_file_name("figures");
    crate::output::make_folder(&folder)?;
    for drawing in drawings {
        let at = |extension: &str| folder.join(format!("{prefix}{}.{extension}", drawing.name));
        write_file(&at("svg"), drawing.to_svg_document().as_bytes())?;
        if let Some(png) = drawing.to_png()? {
            write_file(&at("png"), &png)?;
        }
    }
    Ok(())
}

/// What the figures of a page are called by: its name and a hyphen.
pub(crate) fn figure_prefix(page: &Path) -> String {
    page.file_stem().map_or_else(String::new, |stem| format!("{}-", stem.to_string_lossy()))
}

fn title_of(result: &Path) -> String {
    result.file_stem().map_or_else(|| "Reconstruction".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// Everything the report shows, owned.
struct Content {
    stored: StoredResult,
    probe: Option<Array3<C32>>,
    illuminated: Array2<bool>,
    diffraction: Vec<(String, Array2<f32>)>,
    positions: Vec<(f64, f64)>,
    /// Positions as read and as found, if they differ.
    moves: Vec<[(f64, f64); 2]>,
    background: Option<Array2<f32>>,
    /// Intensity of the beam in each frame relative to the mean.
    beam: Vec<f64>,
    losses: Vec<f64>,
    frc: Option<RingCurves>,
    prtf: Option<(Curve, Option<f64>)>,
}

/// The ring correlation with its thresholds and their crossings.
struct RingCurves {
    curve: Curve,
    half_bit: Vec<f64>,
    one_bit: Vec<f64>,
    half_bit_crossings: Vec<f64>,
    one_bit_crossings: Vec<f64>,
}

impl Content {
    fn read(result: &Path) -> Result<Self, PipelineError> {
        let stored = StoredResult::open(result)?;
        let mut diffraction = Vec::new();
        for (title, name) in [("Mean measured modulus", "data"), ("Mean modelled modulus", "model")] {
            if let Some(plane) = stored.plane(&format!("/entry/diffraction/{name}"))? {
                diffraction.push((title.to_owned(), plane));
            }
        }
        let frc = match stored.curve("frc")? {
            Some(curve) => Some(RingCurves {
                curve,
                half_bit: stored.numbers("/entry/frc/half_bit")?,
                one_bit: stored.numbers("/entry/frc/one_bit")?,
                half_bit_crossings: stored.crossings("/entry/frc/half_bit_crossing")?,
                one_bit_crossings: stored.crossings("/entry/frc/one_bit_crossing")?,
            }),
            None => None,
        };
        let prtf = match stored.curve("prtf")? {
            Some(curve) => Some((curve, stored.crossings("/entry/prtf/crossing")?.first().copied())),
            None => None,
        };
        let positions = positions_on_object(&stored, "refined")?;
        Ok(Self {
            probe: stored.probe()?,
            illuminated: stored.image.coverage.mapv(|seen| seen >= LEAST_SHOWN),
            diffraction,
            moves: moves(&positions_on_object(&stored, "initial")?, &positions),
            positions,
            background: stored.plane("/entry/background/data")?,
            beam: stored.numbers("/entry/beam/amplitudes")?.into_iter().map(|c| c * c).collect(),
            losses: stored.numbers("/entry/loss/data")?,
            frc,
            prtf,
            stored,
        })
    }

    fn pixel(&self) -> Option<PixelSize> {
        self.stored.image.pixel.map(|p| PixelSize { y: p.y.value(), x: p.x.value() })
    }

    fn report<'a>(&'a self, title: &str) -> Result<ReconstructionReport<'a>, PipelineError> {
        let pixel = self.pixel();
        let halves =
            "No halves were reconstructed: add --split to measure the resolution by ring correlation.";
        Ok(ReconstructionReport {
            title: title.to_owned(),
            subtitle: format!(
                "Ptychographic reconstruction, Lithoscope {}",
                self.stored.text("/entry/process/version")?
            ),
            facts: self.facts()?,
            warnings: self.stored.texts("/entry/process/warnings")?,
            object: Part::Given(Object {
                values: self.stored.image.object.view(),
                illuminated: Some(self.illuminated.view()),
                continuous_phase: None,
                pixel,
            }),
            probe: given(self.probe.as_ref().map(|probe| Probe { modes: probe.view(), label: "|P|", pixel })),
            diffraction: Part::Given(self.diffraction_maps()),
            scan: Part::Given(ScanCoverage {
                positions: &self.positions,
                coverage: Some(self.stored.image.coverage.view()),
                coverage_label: "relative illumination",
                pixel,
            }),
            displacements: given(
                (!self.moves.is_empty()).then_some(Displacements { moves: &self.moves, pixel }),
            ),
            background: given(self.background.as_ref().map(|background| DiffractionMap {
                title: "Background".to_owned(),
                values: background.view(),
                label: "counts".to_owned(),
                pixel: None,
            })),
            beam: given((!self.beam.is_empty()).then_some(BeamIntensities { values: &self.beam })),
            loss: Part::Given(Loss {
                label: "normalised Fourier error",
                curves: vec![("all frames".to_owned(), self.losses.as_slice())],
            }),
            frc: self.frc.as_ref().map_or(Part::Missing(halves.to_owned()), |frc| Part::Given(frc.part())),
            prtf: given(self.prtf.as_ref().map(|(curve, crossing)| Prtf {
                spectrum: curve.spectrum(Period::Full),
                values: &curve.values,
                crossing: *crossing,
            })),
            geometry: self.geometry()?,
            orientation: self.orientation()?,
            provenance: self.provenance()?,
            citations: self.citations()?,
        })
    }

    fn facts(&self) -> Result<Vec<Fact>, PipelineError> {
        let fact = |name: &str, value: String, note: &str| Fact {
            name: name.to_owned(),
            value,
            note: note.to_owned(),
        };
        let mut facts = Vec::new();
        for line in self.stored.texts("/entry/summary/resolution")? {
            if let Some((measure, value)) = line.split_once(": ") {
                let (value, note) = value.split_once(", ").unwrap_or((value, ""));
                facts.push(fact(measure, value.to_owned(), note));
            }
        }
        if let Some(error) = self.stored.number("/entry/summary/error")? {
            facts.push(fact(
                "Fourier error",
                format!("{error:.4}"),
                "Σ(|F| − √I)²/ΣI of the final object and probe",
            ));
        }
        if let Some(pixel) = self.stored.image.pixel {
            facts.push(fact("Object pixel", pixel.y.to_string(), ""));
        }
        let stopped = self.stored.text("/entry/summary/stop_reason")?;
        if !stopped.is_empty() {
            facts.push(fact("Iterations", self.losses.len().to_string(), &stopped));
        }
        facts.push(fact("Frames", self.positions.len().to_string(), ""));
        Ok(facts)
    }

    fn diffraction_maps(&self) -> Vec<DiffractionMap<'_>> {
        self.diffraction
            .iter()
            .map(|(title, plane)| DiffractionMap {
                title: title.clone(),
                values: plane.view(),
                label: "√counts".to_owned(),
                pixel: None,
            })
            .collect()
    }

    fn geometry(&self) -> Result<Vec<Quantity>, PipelineError> {
        let mut rows = Vec::new();
        let mut add = |name: &str, value: String, unit: &str| {
            rows.push(Quantity { name: name.to_owned(), value, unit: unit.to_owned() });
        };
        let number = |name: &str| self.stored.number(&format!("/entry/instrument/{name}"));
        add("propagation", self.stored.text("/entry/instrument/propagation")?, "");
        if let Some(energy) = number("energy")? {
            add("photon energy", format!("{energy:.2}"), "eV");
            add("wavelength", ElectronVolts::new(energy).wavelength().to_string(), "");
        }
        let lengths = [
            ("distance", "sample to detector"),
            ("focus_to_sample", "focus to sample"),
            ("effective_distance", "effective distance"),
            ("detector_pixel_y", "detector pixel, y"),
            ("detector_pixel_x", "detector pixel, x"),
            ("object_pixel_y", "object pixel, y"),
            ("object_pixel_x", "object pixel, x"),
        ];
        for (name, label) in lengths {
            if let Some(length) = number(name)? {
                add(label, Metres::new(length).to_string(), "");
            }
        }
        if let Some(magnification) = number("magnification")? {
            add("magnification", format!("{magnification:.2}"), "");
        }
        let (ny, nx) = self.stored.image.object.dim();
        add("object array", format!("{ny} × {nx}"), "px");
        Ok(rows)
    }

    fn orientation(&self) -> Result<Part<OrientationScores>, PipelineError> {
        let index = self.stored.numbers("/entry/orientation/index")?;
        let chosen = self.stored.number("/entry/orientation/chosen")?;
        let name =
            |index: f64| Orientation::from_index(index as u8).map_or_else(String::new, |o| o.to_string());
        if index.is_empty() {
            return Ok(chosen.map_or(Part::Omitted, |chosen| {
                Part::Missing(format!("The orientation was given: {}.", name(chosen)))
            }));
        }
        let error = self.stored.numbers("/entry/orientation/error")?;
        let curl = self.stored.numbers("/entry/orientation/curl")?;
        let tried = error.iter().filter(|e| e.is_finite()).count();
        let rows: Vec<(f64, f64)> = index.iter().copied().zip(error).filter(|(_, e)| e.is_finite()).collect();
        let best_curl = curl.iter().copied().filter(|c| c.is_finite()).fold(f64::INFINITY, f64::min);
        let curl_words = if best_curl.is_finite() {
            format!(
                " The other orientations were ruled out by the curl of the centre-of-mass field (best {best_curl:.2})."
            )
        } else {
            String::new()
        };
        Ok(Part::Given(OrientationScores {
            metric: format!(
                "Score: normalised Fourier error after a few iterations, lower is better; {tried} of 8 were tried.{curl_words} \
                 Chosen because: {}.",
                self.stored.text("/entry/orientation/reason")?
            ),
            chosen: rows.iter().position(|(index, _)| Some(*index) == chosen),
            scores: rows.into_iter().map(|(index, error)| (name(index), error)).collect(),
        }))
    }

    fn provenance(&self) -> Result<Vec<(String, String)>, PipelineError> {
        let text = |name: &str| self.stored.text(&format!("/entry/process/{name}"));
        let number = |name: &str| -> Result<String, PipelineError> {
            Ok(self
                .stored
                .number(&format!("/entry/process/{name}"))?
                .map_or_else(String::new, |v| format!("{v}")))
        };
        let rows = [
            ("program", format!("lithoscope {}", text("version")?)),
            ("input", text("input/path")?),
            ("input size", format!("{} bytes", number("input/size")?)),
            ("input SHA-256", text("input/sha256")?),
            ("seed", number("seed")?),
            ("device", text("device")?),
            ("threads", number("threads")?),
            (
                "wall time",
                self.stored
                    .number("/entry/process/wall_s")?
                    .map_or_else(String::new, |s| format!("{s:.1} s")),
            ),
            ("configuration", text("config")?),
        ];
        Ok(rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn citations(&self) -> Result<Vec<Citation>, PipelineError> {
        Ok(self.stored.texts("/entry/process/citations")?.into_iter().map(citation).collect())
    }
}

impl Curve {
    fn spectrum(&self, period: Period) -> Spectrum<'_> {
        let unit = if self.per_metre { FrequencyUnit::PerMetre } else { FrequencyUnit::PerPixel };
        Spectrum { frequencies: &self.frequency, unit, period }
    }
}

impl RingCurves {
    fn part(&self) -> FourierRing<'_> {
        FourierRing {
            spectrum: self.curve.spectrum(Period::Half),
            correlation: &self.curve.values,
            thresholds: vec![
                Threshold { name: "½-bit", values: &self.half_bit, crossings: &self.half_bit_crossings },
                Threshold { name: "1-bit", values: &self.one_bit, crossings: &self.one_bit_crossings },
            ],
        }
    }
}

fn given<T>(part: Option<T>) -> Part<T> {
    part.map_or(Part::Omitted, Part::Given)
}

/// Positions as read and as found side by side; none if they are the same.
fn moves(read: &[(f64, f64)], found: &[(f64, f64)]) -> Vec<[(f64, f64); 2]> {
    if read == found {
        Vec::new()
    } else {
        read.iter().copied().zip(found.iter().copied()).map(<[_; 2]>::from).collect()
    }
}

/// Positions "initial" or "refined" in object pixels from the centre of pixel `(0, 0)`.
fn positions_on_object(stored: &StoredResult, which: &str) -> Result<Vec<(f64, f64)>, PipelineError> {
    let Some((table, unit)) = stored.positions(which)? else { return Ok(Vec::new()) };
    let step = match stored.image.pixel.filter(|_| unit == "m") {
        Some(pixel) => (pixel.y.value(), pixel.x.value()),
        None => (1.0, 1.0),
    };
    let origin = stored.image.origin;
    Ok(table
        .outer_iter()
        .map(|p| (p[0] / step.0 - origin.y.value(), p[1] / step.1 - origin.x.value()))
        .collect())
}

/// A citation as it is stored, `TEXT doi:DOI`.
pub(crate) fn citation(line: String) -> Citation {
    match line.split_once(" doi:") {
        Some((text, doi)) => Citation { text: text.to_owned(), doi: Some(doi.to_owned()) },
        None => Citation { text: line, doi: None },
    }
}
