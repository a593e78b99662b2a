//! `simulate scan`: a scan file with known truth. [`vanadium`]: a whole spectroscopic experiment. [`tilts`]: tomographic
//! ones.

mod files;
mod lfp;
mod nmc;
pub mod tilts;
pub mod vanadium;
mod volumes;

use crate::checkpoint::with_dimension;
use crate::error::PipelineError;
use crate::grid::Grid;
use litho_io::{Axis, NexusWriter, read_complex, read_real, write_cxi};
use litho_sim::background::Background;
use litho_sim::detector::Detector;
use litho_sim::example;
use litho_sim::phantom::Object;
use litho_sim::scan::{Illumination, ScanSimulation, Truth};
use litho_types::C32;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::mask::DetectorMask;
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres, Pixels};
use ndarray::{Array2, Array3, Axis as Dim, Ix2, Ix3};
use std::path::{Path, PathBuf};

/// How large a built-in scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 48² frames, for tests.
    Tiny,
    /// 128² frames: the example data sets.
    Small,
    /// The same with four times the positions on a field four times as large.
    Paper,
}

/// Far or near field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Fraunhofer diffraction.
    Far,
    /// Fresnel diffraction.
    Near,
}

/// What to simulate.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// A built-in scan.
    BuiltIn(Field, Size),
    /// An object, a probe and positions from files; far field, on their own grid.
    Given(GivenScan),
}

/// An experiment whose parts come from files, as `FILE:/path`.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenScan {
    /// Complex transmission `(y, x)`.
    pub object: String,
    /// Complex probe modes `(mode, y, x)` or `(y, x)`.
    pub probe: String,
    /// Beam positions `(N, 2)`, object pixels from the corner of the object to the corner of the patch.
    pub positions: String,
    /// Photon energy, eV.
    pub energy: f64,
    /// Object pixel, m.
    pub pixel: f64,
}

/// What to simulate and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The experiment.
    pub subject: Subject,
    /// Photons per frame; `None` keeps the subject's own (10⁶).
    pub photons: Option<f64>,
    /// Share of the photons in a structured background; `None` for no background.
    pub background: Option<f64>,
    /// Seed of the noise; `None` keeps the subject's own.
    pub seed: Option<u64>,
    /// Folder to write `scan.cxi` and `truth.h5` to.
    pub folder: PathBuf,
}

/// Simulates and writes `scan.cxi` and `truth.h5`; returns their paths.
///
/// # Errors
/// [`PipelineError`] for an impossible experiment, or files that cannot be read or written.
pub fn simulate(request: &Request) -> Result<[PathBuf; 2], PipelineError> {
    let mut simulation = match &request.subject {
        Subject::BuiltIn(field, size) => built_in(*field, *size)?,
        Subject::Given(given) => from_files(given)?,
    };
    if let Some(photons) = request.photons {
        simulation.photons_per_frame = photons;
    }
    if let Some(share) = request.background {
        simulation.background = Background::Structured { share };
    }
    if let Some(seed) = request.seed {
        simulation.seed = seed;
    }
    let (scan, truth) = simulation.simulate()?;
    crate::output::make_folder(&request.folder)?;
    let paths = [request.folder.join("scan.cxi"), request.folder.join("truth.h5")];
    write_cxi(&paths[0], &scan)?;
    write_truth(&paths[1], &truth)?;
    Ok(paths)
}

fn built_in(field: Field, size: Size) -> Result<ScanSimulation, PipelineError> {
    let simulation = match (field, size) {
        (Field::Far, Size::Tiny) => example::tiny_far_field(),
        (Field::Near, Size::Tiny) => example::tiny_near_field(),
        (Field::Far, Size::Small | Size::Paper) => example::example_siemens(),
        (Field::Near, Size::Small | Size::Paper) => example::example_near_field(),
    }?;
    Ok(if size == Size::Paper { enlarged(simulation) } else { simulation })
}

/// Twice the field in each direction, the same step.
fn enlarged(simulation: ScanSimulation) -> ScanSimulation {
    let extent = |along: fn(&Point<Metres>) -> f64| {
        let values = simulation.positions.iter().map(along);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        (high - low) * (1.0 + 1.0 / (simulation.positions.len() as f64).sqrt())
    };
    let (height, width) = (extent(|p| p.y.value()), extent(|p| p.x.value()));
    let corners = [(-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5)];
    let positions = corners
        .iter()
        .flat_map(|(ky, kx)| {
            simulation
                .positions
                .iter()
                .map(move |p| Point::new(p.y + Metres::new(ky * height), p.x + Metres::new(kx * width)))
        })
        .collect();
    ScanSimulation { positions, ..simulation }
}

fn from_files(given: &GivenScan) -> Result<ScanSimulation, PipelineError> {
    /// Any detector pixel will do: the distance is chosen to give the object pixel.
    const DETECTOR_PIXEL: Metres = Metres::new(50e-6);
    const PHOTONS: f64 = 1e6;
    let transmission: Array2<C32> = with_dimension::<_, Ix2>(read_complex(&given.object)?)
        .ok_or_else(|| PipelineError::argument("--object", &given.object, "give a single image (y, x)"))?;
    let probe = read_complex(&given.probe)?;
    let probe: Array3<C32> = match probe.ndim() {
        2 => with_dimension::<_, Ix2>(probe).map(|mode| mode.insert_axis(Dim(0))),
        _ => with_dimension::<_, Ix3>(probe),
    }
    .ok_or_else(|| PipelineError::argument("--probe", &given.probe, "give (y, x) or (mode, y, x)"))?;
    let corners = with_dimension::<_, Ix2>(read_real(&given.positions)?)
        .filter(|table| table.dim().1 == 2)
        .ok_or_else(|| {
        PipelineError::argument("--positions", &given.positions, "give (N, 2) as y, x in pixels")
    })?;
    let shape = (probe.dim().1, probe.dim().2);
    let energy = ElectronVolts::new(given.energy);
    let distance = given.pixel * shape.0 as f64 * DETECTOR_PIXEL.value() / energy.wavelength().value();
    // The patch's corner is at object pixel c: the beam's centre is at c + N/2.
    let place = |corner: f64, n: usize| Metres::new((corner + (n / 2) as f64) * given.pixel);
    let positions =
        corners.outer_iter().map(|c| Point::new(place(c[0], shape.0), place(c[1], shape.1))).collect();
    Ok(ScanSimulation {
        geometry: Geometry {
            energy,
            distance: Metres::new(distance),
            detector_pixel: Point::new(DETECTOR_PIXEL, DETECTOR_PIXEL),
            propagation: Propagation::FarField,
        },
        shape,
        illumination: Illumination::Modes(probe),
        object: Object::Array { transmission, origin: Point::new(Metres::new(0.0), Metres::new(0.0)) },
        positions,
        photons_per_frame: PHOTONS,
        mask: DetectorMask::all_good(shape),
        background: Background::NONE,
        detector: Detector::PhotonCounting,
        oversampling: 1,
        seed: 1,
    })
}

/// Writes the truth in the layout of a result, so that every command that reads results reads it.
fn write_truth(path: &Path, truth: &Truth) -> Result<(), PipelineError> {
    let grid = Grid::new(Some(truth.pixel));
    let origin =
        Point::new(Pixels::new(truth.origin.y / truth.pixel.y), Pixels::new(truth.origin.x / truth.pixel.x));
    let (y, x) = grid.coordinates(origin, truth.object.dim());
    let mut file = NexusWriter::create(path)?;
    let axes = [Axis::new("y", &y, grid.unit), Axis::new("x", &x, grid.unit)];
    file.data_group("/entry/object", "data", &axes, &truth.object, "", "true object transmission")?;
    let counted = [Axis::index(); 3];
    file.data_group("/entry/probe", "data", &counted, &truth.probe, "sqrt(counts)", "true probe modes")?;
    file.array("/entry/photons", &truth.photons, "counts")?;
    let long_name = "true background, zero frequency at the centre";
    file.data_group("/entry/background", "data", &counted[..2], &truth.background, "counts", long_name)?;
    Ok(file.commit()?)
}
