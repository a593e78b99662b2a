//! The stack file: images of all energies and how they were found.

use super::energies::Energies;
use super::run::{Images, Meetings};
use super::series::Series;
use crate::error::PipelineError;
use crate::provenance::Provenance;
use litho_io::{Axis, NexusWriter, StackContents, put_stack};
use litho_resolve::prtf::Prtf;
use litho_spectro::kramers_kronig::{Noise, stack_of};
use litho_types::C32;
use litho_types::energy_stack::EnergyStack;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::{Array2, Array3};
use std::path::Path;

/// Everything a multi-energy reconstruction leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectrumScan {
    /// Optical density and phase `(energy, y, x)`, NaN where not all energies have light.
    pub stack: EnergyStack,
    /// The complex transmissions they are made of.
    pub objects: Array3<C32>,
    /// Beam position that falls on pixel (0, 0), m.
    pub origin: Point<Metres>,
    /// Where all energies see air.
    pub air: Array2<bool>,
    /// Misfit of the Kramers–Kronig constraint before it acts for the last time, in standard deviations.
    pub kk_residual: Option<Array2<f32>>,
    /// Standard deviations in air at each energy.
    pub noise: Noise,
    /// How far each energy's image lay from the reference's, m.
    pub shifts: Vec<Point<Metres>>,
    /// How well each fits the reference's, 0–1.
    pub correlations: Vec<f64>,
    /// Probe of the reference energy `(mode, y, x)`.
    pub probe: Array3<C32>,
    /// Normalised Fourier error `(energy, iteration)`.
    pub losses: Array2<f64>,
    /// Transfer function at each energy (far field).
    pub prtf: Vec<Prtf>,
    /// Where it comes from.
    pub provenance: Provenance,
}

impl SpectrumScan {
    pub(super) fn assemble(
        series: &Series,
        energies: &Energies<'_>,
        meetings: &Meetings<'_>,
        images: Images,
        provenance: Provenance,
    ) -> Result<Self, PipelineError> {
        let losses = energies.losses();
        let iterations = losses.iter().map(|losses| losses.len()).max().unwrap_or(0);
        let loss =
            |(energy, iteration): (usize, usize)| losses[energy].get(iteration).copied().unwrap_or(f64::NAN);
        let raster = meetings.raster;
        let origin = raster.map_or(Point::new(Metres::new(0.0), Metres::new(0.0)), |raster| raster.first);
        Ok(Self {
            stack: stack_of(images.objects.view(), &series.energies, raster.map(|raster| raster.pixel))?,
            objects: images.objects,
            origin,
            air: images.air,
            kk_residual: images.residual,
            noise: images.noise,
            shifts: meetings.shifts.clone(),
            correlations: meetings.correlations.clone(),
            probe: energies.probe().cloned().unwrap_or_else(|| Array3::zeros((0, 0, 0))),
            losses: Array2::from_shape_fn((losses.len(), iterations), loss),
            prtf: energies.prtfs().into_iter().cloned().collect(),
            provenance,
        })
    }

    /// Writes the stack file, all or nothing.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), PipelineError> {
        let mut file = NexusWriter::create(path)?;
        put_stack(
            &mut file,
            &StackContents {
                stack: &self.stack,
                objects: Some(self.objects.view()),
                kk_residual: self.kk_residual.as_ref().map(|residual| residual.view()),
            },
        )?;
        self.write_registration(&mut file)?;
        self.write_quality(&mut file)?;
        self.provenance.write(&mut file)?;
        Ok(file.commit()?)
    }

    fn write_registration(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        file.group("/entry/registration", "NXcollection")?;
        let shift = Array2::from_shape_fn((self.shifts.len(), 2), |(energy, axis)| {
            let Point { y, x } = self.shifts[energy];
            [y, x][axis].value()
        });
        file.array("/entry/registration/shift", &shift, "m")?;
        file.array("/entry/registration/correlation", &self.correlations, "")?;
        file.array(
            "/entry/registration/origin",
            &[self.origin.y.value(), self.origin.x.value()].to_vec(),
            "m",
        )?;
        let air = self.air.mapv(|air| if air { 1.0_f32 } else { 0.0 });
        Ok(file.array("/entry/registration/air", &air, "")?)
    }

    fn write_quality(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        file.group("/entry/noise", "NXcollection")?;
        file.array("/entry/noise/optical_density", &self.noise.optical_density, "")?;
        file.array("/entry/noise/phase", &self.noise.phase, "rad")?;
        let counted = [Axis::index(); 3];
        let name = "probe of the reference energy";
        file.data_group("/entry/probe", "data", &counted, &self.probe, "sqrt(counts)", name)?;
        let name = "normalised Fourier error (energy, iteration)";
        file.data_group("/entry/loss", "data", &counted[..2], &self.losses, "", name)?;
        let Some(first) = self.prtf.first() else { return Ok(()) };
        let scale = first.pixel.map_or(1.0, Metres::value);
        let frequency: Vec<f64> = first.frequency.iter().map(|q| q / scale).collect();
        let ratio =
            |(energy, ring): (usize, usize)| self.prtf[energy].ratio.get(ring).copied().unwrap_or(f64::NAN);
        let ratio = Array2::from_shape_fn((self.prtf.len(), frequency.len()), ratio);
        let unit = if first.pixel.is_some() { "1/m" } else { "1/px" };
        let axes = [Axis::index(), Axis::new("frequency", &frequency, unit)];
        Ok(file.data_group("/entry/prtf", "data", &axes, &ratio, "", "phase retrieval transfer function")?)
    }

    /// What a person is told.
    pub fn lines(&self) -> Vec<String> {
        let energies = self.stack.energies();
        let (ny, nx) = self.stack.shape();
        let errors: Vec<f64> = self.losses.outer_iter().filter_map(|row| row.last().copied()).collect();
        let (least, most) = errors.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), e| (a.min(*e), b.max(*e)));
        let worst = self.correlations.iter().copied().fold(1.0, f64::min);
        let mut lines = vec![
            format!(
                "{} energies from {} to {}, {ny} × {nx} pixels",
                energies.len(),
                energies.first(),
                energies.last()
            ),
            format!("Fourier error {least:.4} to {most:.4}; worst correlation with the reference {worst:.3}"),
        ];
        if let Some(residual) = &self.kk_residual {
            let known: Vec<f64> =
                residual.iter().filter(|v| v.is_finite()).map(|v| f64::from(*v).powi(2)).collect();
            let rms = (known.iter().sum::<f64>() / known.len().max(1) as f64).sqrt();
            lines.push(format!(
                "Kramers–Kronig misfit {rms:.2} standard deviations of the noise in air, root mean square"
            ));
        }
        lines
    }
}
