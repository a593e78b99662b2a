//! The result of a reconstruction and its file.

use super::run::{Status, Summary};
use super::views;
use crate::error::PipelineError;
use crate::grid::Grid;
use crate::orientation::OrientationChoice;
use crate::provenance::Provenance;
use crate::resolution;
use litho_compute::{Comparison, Measurement, Sampling, Views};
use litho_io::{Axis, NexusWriter};
use litho_ptycho::{State, modes};
use litho_resolve::crossing::{Limit, Limits};
use litho_resolve::frc::Frc;
use litho_resolve::gauge::Gauge;
use litho_resolve::prtf::{Prtf, RingSums};
use litho_resolve::rings::Rings;
use litho_types::C32;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::orientation::Orientation;
use litho_types::point::Point;
use litho_types::quantity::{Metres, Pixels};
use litho_types::scan::{FrameOrigin, Positions, Scan};
use ndarray::{Array1, Array2, Array3};
use std::path::Path;

/// Everything a reconstruction leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconstruction {
    /// Object `(y, x)`, free of constant phase and ramp.
    pub object: Array2<C32>,
    /// Probe modes `(mode, y, x)`, orthogonal, strongest first.
    pub probe: Array3<C32>,
    /// Relative illumination of the object `(y, x)`.
    pub coverage: Array2<f32>,
    /// Beam positions as read.
    pub positions: Positions,
    /// Beam positions as found, in the same unit; those read if nothing moved them.
    pub refined: Positions,
    /// Background in counts `(y, x)`, zero frequency at the centre (far field), if it was looked for.
    pub background: Option<Array2<f32>>,
    /// Amplitude of the beam in each frame relative to the probe, if it was looked for.
    pub amplitudes: Option<Vec<f32>>,
    /// Variation of the probe from frame to frame, if it was looked for.
    pub variations: Option<Variations>,
    /// Scan position, in pixels, of object pixel `(0, 0)`.
    pub origin: Point<Pixels>,
    /// Pixel of the object, if known.
    pub pixel: Option<Point<Metres>>,
    /// The geometry of the oriented frames, if known.
    pub geometry: Option<Geometry>,
    /// Normalised Fourier error of every iteration, as met on the way.
    pub losses: Vec<f64>,
    /// Normalised Fourier error of the final object and probe.
    pub error: f64,
    /// Why the last iteration was the last, in words with numbers.
    pub stop_reason: String,
    /// Mean `√I` per detector pixel `(y, x)`, zero frequency at the centre (far field).
    pub measured: Array2<f64>,
    /// Mean `|F|` of the model, likewise.
    pub model: Array2<f64>,
    /// Orientation and how it was found.
    pub orientation: OrientationChoice,
    /// Phase retrieval transfer function (far field).
    pub prtf: Option<Prtf>,
    /// Ring correlation of the halves, if they were made.
    pub frc: Option<Frc>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// The first mode of frame j is `P_0 + Σ_e a_je U_e`.
#[derive(Debug, Clone, PartialEq)]
pub struct Variations {
    /// `U_e`, `(variation, y, x)`.
    pub modes: Array3<C32>,
    /// `a_je`, `(frame, variation)`.
    pub coefficients: Array2<f32>,
}

/// How a run ended.
pub(super) struct Ending {
    /// The last model against the counts.
    pub(super) comparison: Comparison,
    /// Why it stopped, in words.
    pub(super) stop_reason: String,
}

impl Reconstruction {
    /// Puts a finished run together and fixes the gauge.
    pub(super) fn assemble(
        scan: &Scan,
        measurement: &Measurement,
        state: State,
        Ending { comparison, stop_reason }: Ending,
        orientation: OrientationChoice,
        frc: Option<Frc>,
        provenance: Provenance,
    ) -> Result<Self, PipelineError> {
        let geometry = oriented_geometry(scan, orientation.chosen);
        let pixel = geometry.map(|g| g.object_pixel(measurement.frame_shape()));
        let coverage = views::coverage(measurement, &state);
        let far_field = measurement.propagator().is_far_field();
        let State { object, probe, variations, background, losses, views, .. } = state;
        let ramp = Ramp::of(&object, &coverage)?;
        let views = views.unwrap_or_else(|| Views::steady(measurement, Sampling::WholePixels));
        let prtf = if far_field { Some(transfer_function(&comparison, measurement, pixel)?) } else { None };
        let frames = measurement.frames().len() as f64;
        let seen = |sum: &Array2<f64>| if far_field { centred(sum) / frames } else { sum / frames };
        Ok(Self {
            object: ramp.off(object),
            probe: ramp.onto(probe),
            coverage,
            positions: scan.positions.clone(),
            refined: views::positions(&views, measurement, pixel, &scan.positions),
            background: background.map(|b| if far_field { centred(&b) } else { b }),
            variations: variations
                .map(|modes| Variations { modes: ramp.onto(modes), coefficients: views.coefficients }),
            amplitudes: views.amplitudes.iter().any(|&c| c != 1.0).then_some(views.amplitudes),
            origin: measurement.placement().origin,
            pixel,
            geometry,
            losses,
            error: comparison.error(),
            stop_reason,
            measured: seen(&comparison.measured_modulus),
            model: seen(&comparison.model_modulus),
            orientation,
            prtf,
            frc,
            provenance,
        })
    }

    /// What a person is told at the end.
    pub(super) fn summary(&self, status: Status, output: &Path) -> Summary {
        Summary {
            status,
            output: output.to_owned(),
            error: self.error,
            iterations: self.losses.len(),
            stop_reason: self.stop_reason.clone(),
            orientation: self.orientation.clone(),
            resolution: self.resolution_lines(),
            warnings: self.provenance.warnings.clone(),
        }
    }

    /// One line per measure of resolution.
    pub fn resolution_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.frc.iter().flat_map(resolution::frc_lines).collect();
        if let Some(prtf) = &self.prtf {
            lines.push(resolution::describe("PRTF 1/e", &prtf.limits, prtf.pixel));
        }
        lines
    }

    /// Writes the result file, all or nothing.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if it cannot be written.
    pub fn write(&self, path: &Path, status: Status) -> Result<(), PipelineError> {
        let mut file = NexusWriter::create(path)?;
        self.write_fields(&mut file)?;
        self.write_scan(&mut file)?;
        self.write_corrections(&mut file)?;
        self.write_quality(&mut file, status)?;
        self.provenance.write(&mut file)?;
        Ok(file.commit()?)
    }

    fn write_fields(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        let grid = Grid::new(self.pixel);
        let (y, x) = grid.coordinates(self.origin, self.object.dim());
        let axes = [Axis::new("y", &y, grid.unit), Axis::new("x", &x, grid.unit)];
        file.data_group("/entry/object", "data", &axes, &self.object, "", "object transmission")?;
        file.data_group("/entry/coverage", "data", &axes, &self.coverage, "", "relative illumination")?;
        let (modes, py, px) = self.probe.dim();
        let mode: Vec<f64> = (0..modes).map(|mode| mode as f64).collect();
        let corner = Point::new(Pixels::new(-((py / 2) as f64)), Pixels::new(-((px / 2) as f64)));
        let (y, x) = grid.coordinates(corner, (py, px));
        let axes =
            [Axis::new("mode", &mode, ""), Axis::new("y", &y, grid.unit), Axis::new("x", &x, grid.unit)];
        file.data_group("/entry/probe", "data", &axes, &self.probe, "sqrt(counts)", "probe modes")?;
        Ok(file.array("/entry/probe/power_fraction", &modes::power_fractions(&self.probe), "")?)
    }

    fn write_scan(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        file.group("/entry/positions", "NXcollection")?;
        for (name, positions) in [("initial", &self.positions), ("refined", &self.refined)] {
            let (table, unit) = table_of(positions);
            file.array(&format!("/entry/positions/{name}"), &table, unit)?;
        }
        let note = if self.refined == self.positions {
            "positions were not refined: equal to the initial ones"
        } else {
            "as found during the reconstruction; their mean displacement is that of the object and held at zero"
        };
        file.attr("/entry/positions/refined", "note", note)?;
        file.group("/entry/instrument", "NXinstrument")?;
        if let Some(geometry) = &self.geometry {
            file.dataset("/entry/instrument/energy", geometry.energy.value(), "eV")?;
            file.dataset("/entry/instrument/distance", geometry.distance.value(), "m")?;
            file.dataset("/entry/instrument/detector_pixel_y", geometry.detector_pixel.y.value(), "m")?;
            file.dataset("/entry/instrument/detector_pixel_x", geometry.detector_pixel.x.value(), "m")?;
            if let Propagation::NearField { focus_to_sample } = geometry.propagation {
                file.dataset(
                    "/entry/instrument/effective_distance",
                    geometry.effective_distance().value(),
                    "m",
                )?;
                file.dataset("/entry/instrument/magnification", geometry.magnification(), "")?;
                if let Some(z1) = focus_to_sample {
                    file.dataset("/entry/instrument/focus_to_sample", z1.value(), "m")?;
                }
            }
        }
        if let Some(pixel) = self.pixel {
            file.dataset("/entry/instrument/object_pixel_y", pixel.y.value(), "m")?;
            file.dataset("/entry/instrument/object_pixel_x", pixel.x.value(), "m")?;
        }
        let field = if self.prtf.is_some() { "far field" } else { "near field" };
        Ok(file.dataset("/entry/instrument/propagation", field, "")?)
    }

    /// What was corrected beside positions.
    fn write_corrections(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        let counted = [Axis::index(); 3];
        if let Some(background) = &self.background {
            let name = "incoherent background of every frame";
            file.data_group("/entry/background", "data", &counted[..2], background, "counts", name)?;
        }
        if let Some(amplitudes) = &self.amplitudes {
            let frame: Vec<f64> = (0..amplitudes.len()).map(|frame| frame as f64).collect();
            let axes = [Axis::new("frame", &frame, "")];
            let amplitudes = Array1::from(amplitudes.clone());
            let name = "amplitude of the beam in each frame relative to the probe";
            file.data_group("/entry/beam", "amplitudes", &axes, &amplitudes, "", name)?;
        }
        if let Some(Variations { modes, coefficients }) = &self.variations {
            let name = "directions in which the first probe mode varies";
            file.data_group("/entry/variations", "data", &counted, modes, "sqrt(counts)", name)?;
            file.array("/entry/variations/coefficients", coefficients, "")?;
        }
        Ok(())
    }

    fn write_quality(&self, file: &mut NexusWriter, status: Status) -> Result<(), PipelineError> {
        let iteration: Vec<f64> = (1..=self.losses.len()).map(|i| i as f64).collect();
        let losses = Array1::from(self.losses.clone());
        let long_name = "normalised Fourier error";
        file.data_group(
            "/entry/loss",
            "data",
            &[Axis::new("iteration", &iteration, "")],
            &losses,
            "",
            long_name,
        )?;
        let counted = [Axis::index(), Axis::index()];
        let unit = "sqrt(counts)";
        file.data_group(
            "/entry/diffraction",
            "data",
            &counted,
            &self.measured,
            unit,
            "mean measured modulus",
        )?;
        file.array("/entry/diffraction/model", &self.model, unit)?;
        if let Some(prtf) = &self.prtf {
            let (frequency, unit) = frequency_axis(&prtf.frequency, prtf.pixel);
            let axis = [Axis::new("frequency", &frequency, unit)];
            let ratio = Array1::from(prtf.ratio.clone());
            file.data_group("/entry/prtf", "data", &axis, &ratio, "", "phase retrieval transfer function")?;
            file.array("/entry/prtf/crossing", &crossing(&prtf.limits, prtf.pixel), unit)?;
        }
        if let Some(frc) = &self.frc {
            let (frequency, unit) = frequency_axis(&frc.frequency, frc.pixel);
            let axis = [Axis::new("frequency", &frequency, unit)];
            let correlation = Array1::from(frc.correlation.clone());
            file.data_group(
                "/entry/frc",
                "data",
                &axis,
                &correlation,
                "",
                "Fourier ring correlation of halves",
            )?;
            file.array("/entry/frc/half_bit", &frc.half_bit, "")?;
            file.array("/entry/frc/one_bit", &frc.one_bit, "")?;
            file.array("/entry/frc/half_bit_crossing", &crossing(&frc.half_bit_limits, frc.pixel), unit)?;
            file.array("/entry/frc/one_bit_crossing", &crossing(&frc.one_bit_limits, frc.pixel), unit)?;
            file.array("/entry/frc/independent", &frc.independent, "")?;
        }
        self.write_orientation(file)?;
        file.group("/entry/summary", "NXcollection")?;
        file.dataset("/entry/summary/error", self.error, "")?;
        file.dataset("/entry/summary/stop_reason", self.stop_reason.as_str(), "")?;
        file.dataset("/entry/summary/converged", i64::from(status == Status::Done), "")?;
        Ok(file.dataset("/entry/summary/resolution", self.resolution_lines(), "")?)
    }

    fn write_orientation(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        file.group("/entry/orientation", "NXcollection")?;
        file.dataset("/entry/orientation/chosen", i64::from(self.orientation.chosen.index()), "")?;
        file.dataset("/entry/orientation/name", self.orientation.chosen.name(), "")?;
        file.dataset("/entry/orientation/reason", self.orientation.reason.as_str(), "")?;
        let scores = &self.orientation.scores;
        if scores.is_empty() {
            return Ok(());
        }
        let column = |value: &dyn Fn(&crate::orientation::Score) -> f64| {
            scores.iter().map(value).collect::<Vec<f64>>()
        };
        file.array("/entry/orientation/index", &column(&|s| f64::from(s.orientation.index())), "")?;
        file.array("/entry/orientation/curl", &column(&|s| s.curl.unwrap_or(f64::NAN)), "")?;
        Ok(file.array("/entry/orientation/error", &column(&|s| s.error.unwrap_or(f64::NAN)), "")?)
    }
}

/// The geometry of the frames as they lie along the scan axes.
pub(crate) fn oriented_geometry(scan: &Scan, orientation: Orientation) -> Option<Geometry> {
    scan.geometry.map(|geometry| if orientation.transposes() { geometry.transposed() } else { geometry })
}

/// Positions as a table of (y, x) with their unit.
fn table_of(positions: &Positions) -> (Array2<f64>, &'static str) {
    let (rows, unit): (Vec<[f64; 2]>, _) = match positions {
        Positions::Metres(all) => (all.iter().map(|p| [p.y.value(), p.x.value()]).collect(), "m"),
        Positions::Pixels(all) => (all.iter().map(|p| [p.y.value(), p.x.value()]).collect(), "px"),
    };
    (Array2::from(rows), unit)
}

/// Constant phase and ramp, which are taken from the object; the ramp is given to the probe, and the exit waves only gain
/// a constant phase each.
struct Ramp(Option<Gauge>);

impl Ramp {
    fn of(object: &Array2<C32>, coverage: &Array2<f32>) -> Result<Self, PipelineError> {
        if object.iter().any(|v| !(v.re.is_finite() && v.im.is_finite())) {
            // A diverged run is written as it is, flagged.
            return Ok(Self(None));
        }
        Ok(Self(Some(Gauge::against_air(object.view(), coverage.view())?)))
    }

    fn off(&self, object: Array2<C32>) -> Array2<C32> {
        match self.0 {
            Some(measured) => {
                Gauge { scale: measured.scale / measured.scale.norm(), ..measured }.remove(object.view())
            }
            None => object,
        }
    }

    fn onto(&self, mut modes: Array3<C32>) -> Array3<C32> {
        if let Some(measured) = self.0 {
            let ramp = Gauge { scale: 1.0.into(), ..measured };
            for mut mode in modes.outer_iter_mut() {
                let turned = ramp.apply(mode.view());
                mode.assign(&turned);
            }
        }
        modes
    }
}

pub(crate) fn transfer_function(
    comparison: &Comparison,
    measurement: &Measurement,
    pixel: Option<Point<Metres>>,
) -> Result<Prtf, PipelineError> {
    let rings = Rings::new(measurement.frame_shape(), FrameOrigin::Corner, pixel)?;
    let mut sums = RingSums::new(&rings);
    let narrow = |sum: &Array2<f64>| sum.mapv(|v| v as f32);
    let (model, measured) = (narrow(&comparison.model_modulus), narrow(&comparison.measured_modulus));
    sums.add(&rings, model.view(), measured.view(), measurement.good().view())?;
    Ok(Prtf::new(&rings, &sums)?)
}

/// Zero frequency from the corner to the centre.
fn centred<T: Copy>(image: &Array2<T>) -> Array2<T> {
    let (ny, nx) = image.dim();
    Array2::from_shape_fn((ny, nx), |(y, x)| image[((y + ny - ny / 2) % ny, (x + nx - nx / 2) % nx)])
}

/// First and last crossing in the unit of the frequency axis; NaN where the curve does not cross.
fn crossing(limits: &Limits, pixel: Option<Metres>) -> Vec<f64> {
    let scale = pixel.map_or(1.0, Metres::value);
    let one = |limit| match limit {
        Limit::Crossing(frequency) => frequency / scale,
        Limit::PixelLimit | Limit::Unresolved => f64::NAN,
    };
    vec![one(limits.first), one(limits.last)]
}

/// Frequencies per metre if the pixel is known, else per pixel.
fn frequency_axis(per_pixel: &[f64], pixel: Option<Metres>) -> (Vec<f64>, &'static str) {
    match pixel {
        Some(pixel) => (per_pixel.iter().map(|q| q / pixel.value()).collect(), "1/m"),
        None => (per_pixel.to_vec(), "1/px"),
    }
}
