//! The report of a volume and its figures.

mod aligned;
mod shells;

use crate::error::PipelineError;
use crate::provenance::{COMMIT, VERSION};
use crate::report::{citation, figure_prefix, write_figures, write_file};
use crate::volume_input;
use aligned::AlignedContent;
use litho_io::{ResultFile, read_result};
use litho_report::render::{Film, Scene, Shot, View, film};
use litho_report::report::tomography::{
    DensityHistogram, Noise, Planes, Residuals, Slices, TomographyReport, Turning,
};
use litho_report::report::{Drawing, Fact, Part, Quantity};
use litho_types::quantity::Metres;
use litho_types::volume::{Volume, VolumeQuantity};
use ndarray::{Array3, ArrayD, Axis, Ix3};
pub(crate) use shells::Shells;
use std::path::{Path, PathBuf};

/// What a page shows besides the volume's own file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    /// Title of the page.
    pub(crate) title: String,
    /// The aligned projections the volume was made from, if they are there.
    pub(crate) aligned: Option<PathBuf>,
    /// The known truth, moved to where the reconstruction lies, of the middle of the volume.
    pub(crate) truth: Option<Volume>,
    /// Facts about the agreement with the truth.
    pub(crate) facts: Vec<Fact>,
}

/// Everything the report shows, owned.
pub(crate) struct Content {
    beside: Beside,
    volume: Volume,
    label: String,
    angles: Vec<f64>,
    energy: Option<f64>,
    residual: Vec<f64>,
    sigma: Option<Array3<f32>>,
    fsc: Option<Shells>,
    resolution: Vec<String>,
    typical_sigma: Option<f64>,
    aligned: Option<AlignedContent>,
    film: Option<Film>,
    configuration: String,
    provenance: Vec<(String, String)>,
    citations: Vec<String>,
    warnings: Vec<String>,
}

impl Content {
    /// Reads a volume file and what lies beside it.
    ///
    /// # Errors
    /// [`PipelineError`] if it cannot be read.
    pub(crate) fn read(path: &Path, beside: Beside) -> Result<Self, PipelineError> {
        let file = read_result(path)?;
        let volume = volume_input::load(path)?;
        let label = label_of(volume.quantity);
        let aligned = match &beside.aligned {
            Some(aligned) => Some(AlignedContent::read(aligned, &file, &volume)?),
            None => None,
        };
        let sigma =
            optional(&file, "/entry/sigma/data")?.and_then(|all| all.into_dimensionality::<Ix3>().ok());
        let text = |name: &str| {
            if file.contains(name) { file.text(name).unwrap_or_default() } else { String::new() }
        };
        let texts =
            |name: &str| if file.contains(name) { file.texts(name).unwrap_or_default() } else { Vec::new() };
        Ok(Self {
            film: turning(&volume)?,
            label,
            angles: list(&file, "/entry/angle")?,
            energy: file.contains("/entry/energy").then(|| file.number("/entry/energy")).transpose()?,
            residual: list(&file, "/entry/residual/data")?,
            sigma,
            fsc: Shells::read(&file)?,
            resolution: texts("/entry/summary/resolution"),
            typical_sigma: file
                .contains("/entry/summary/sigma")
                .then(|| file.number("/entry/summary/sigma"))
                .transpose()?,
            aligned,
            configuration: text("/entry/process/config"),
            provenance: vec![
                ("program".to_owned(), format!("lithoscope {VERSION} ({COMMIT})")),
                ("input".to_owned(), text("/entry/process/input/path")),
                ("input SHA-256".to_owned(), text("/entry/process/input/sha256")),
            ],
            citations: texts("/entry/process/citations"),
            warnings: texts("/entry/process/warnings"),
            volume,
            beside,
        })
    }

    /// Reads a volume file, and the aligned projections it says it was made from if they are still there.
    ///
    /// # Errors
    /// [`PipelineError`] if it cannot be read.
    pub(crate) fn of_result(path: &Path, title: String) -> Result<Self, PipelineError> {
        let file = read_result(path)?;
        let input = "/entry/process/input/path";
        let input = if file.contains(input) { Some(PathBuf::from(file.text(input)?)) } else { None };
        let is_aligned =
            |path: &PathBuf| read_result(path).is_ok_and(|file| file.contains("/entry/alignment/shift"));
        Self::read(path, Beside { title, aligned: input.filter(is_aligned), ..Beside::default() })
    }

    /// The page.
    ///
    /// # Errors
    /// [`PipelineError::Report`] if a figure cannot be drawn.
    pub(crate) fn html(&self) -> Result<String, PipelineError> {
        Ok(self.report()?.build()?.to_html())
    }

    /// The figures, for files of their own.
    ///
    /// # Errors
    /// As [`html`](Self::html).
    pub(crate) fn drawings(&self) -> Result<Vec<Drawing>, PipelineError> {
        Ok(self.report()?.drawings()?)
    }

    /// The turning volume, if there is something to see.
    pub(crate) fn film(&self) -> Option<&Film> {
        self.film.as_ref()
    }

    fn report(&self) -> Result<TomographyReport<'_>, PipelineError> {
        let (nz, ny, nx) = self.volume.data.dim();
        Ok(TomographyReport {
            title: self.beside.title.clone(),
            subtitle: format!("{nz} × {ny} × {nx} voxels from {} projections", self.angles.len()),
            facts: self.facts(),
            warnings: self.warnings.clone(),
            settings: self.settings(),
            turning: match &self.film {
                Some(film) => Part::Given(Turning { film, caption: TURNING }),
                None => Part::Omitted,
            },
            slices: Part::Given(self.slices()?),
            density: Part::Given(DensityHistogram::of(self.volume.data.view(), self.label.clone())),
            resolution: self.fsc.as_ref().map_or(Part::Omitted, |fsc| Part::Given(fsc.part())),
            noise: self.noise(),
            sinograms: self
                .aligned
                .as_ref()
                .map_or(Part::Omitted, |aligned| Part::Given(aligned.sinograms())),
            projections: self
                .aligned
                .as_ref()
                .map_or(Part::Omitted, |aligned| Part::Given(vec![aligned.fit()])),
            alignment: self
                .aligned
                .as_ref()
                .map_or(Part::Omitted, |aligned| Part::Given(aligned.alignment())),
            residuals: if self.residual.is_empty() {
                Part::Omitted
            } else {
                Part::Given(Residuals {
                    label: "‖Ax − b‖ / ‖b‖".to_owned(), values: &self.residual
                })
            },
            configuration: self.configuration.clone(),
            provenance: self.provenance.clone(),
            citations: self.citations.iter().cloned().map(citation).collect(),
        })
    }

    fn facts(&self) -> Vec<Fact> {
        let fact = |name: &str, value: String, note: &str| Fact {
            name: name.to_owned(),
            value,
            note: note.to_owned(),
        };
        let mut facts: Vec<Fact> = self
            .resolution
            .first()
            .and_then(|line| line.split_once(": "))
            .map(|(name, value)| {
                fact(name, value.split(',').next().unwrap_or(value).to_owned(), "odd and even projections")
            })
            .into_iter()
            .collect();
        if let Some(sigma) = self.typical_sigma {
            let value = format!("{sigma:.3e} {}", self.volume.quantity.unit());
            facts.push(fact("σ of a voxel", value.trim_end().to_owned(), "upper bound, from the halves"));
        }
        facts.extend(self.beside.facts.iter().cloned());
        facts
    }

    fn settings(&self) -> Vec<Quantity> {
        let row = |name: &str, value: String, unit: &str| Quantity {
            name: name.to_owned(),
            value,
            unit: unit.to_owned(),
        };
        let mut rows = Vec::new();
        if let Some(energy) = self.energy {
            rows.push(row("photon energy", format!("{energy:.1}"), "eV"));
        }
        if let Some(voxel) = self.volume.voxel {
            rows.push(row("voxel", format!("{:.2}", voxel.value() * 1e9), "nm"));
        }
        if let (Some(first), Some(last)) = (self.angles.first(), self.angles.last()) {
            rows.push(row("projections", self.angles.len().to_string(), ""));
            rows.push(row("angles", format!("{first:.1} to {last:.1}"), "°"));
        }
        for line in &self.resolution {
            if let Some((name, value)) = line.split_once(": ") {
                rows.push(row(name, value.to_owned(), ""));
            }
        }
        rows
    }

    fn slices(&self) -> Result<Slices, PipelineError> {
        let at = middle_of_matter(&self.volume.data);
        let mut slices = Slices::new(Planes::cut(self.volume.data.view(), at)?, self.label.clone());
        slices.voxel = self.volume.voxel.map(Metres::value);
        if let Some(truth) =
            self.beside.truth.as_ref().filter(|truth| truth.data.dim() == self.volume.data.dim())
        {
            slices.truth = Some(Planes::cut(truth.data.view(), at)?);
        }
        Ok(slices)
    }

    fn noise(&self) -> Part<Noise<'_>> {
        let Some(sigma) = &self.sigma else { return Part::Omitted };
        let z = sigma.dim().0 / 2;
        Part::Given(Noise {
            sigma: Some(sigma.index_axis(Axis(0), z)),
            slice: format!("x–y at z = {z}"),
            voxel: self.volume.voxel.map(Metres::value),
            label: self.label.clone(),
            histogram: None,
            spread: None,
        })
    }
}

/// Writes the page, and each figure as a file of its own into `figures` beside it.
///
/// # Errors
/// [`PipelineError`] if a figure cannot be drawn or a file not be written.
pub(crate) fn write(content: &Content, output: &Path) -> Result<(), PipelineError> {
    write_file(output, content.html()?.as_bytes())?;
    let prefix = figure_prefix(output);
    write_figures(output, &prefix, &content.drawings()?)?;
    match content.film() {
        Some(film) => {
            let file = output.with_file_name("figures").join(format!("{prefix}turning.png"));
            write_file(&file, &film.to_apng()?)
        }
        None => Ok(()),
    }
}

const TURNING: &str = "Surface at half the value of dense matter.";

/// Quantity and unit, as figures state them.
fn label_of(quantity: VolumeQuantity) -> String {
    match quantity {
        VolumeQuantity::OpticalDensity => "optical density of a voxel",
        VolumeQuantity::Phase => "phase of a voxel (rad)",
        VolumeQuantity::Delta => "refractive index decrement δ",
        VolumeQuantity::ElectronDensity => "electron density (e/Å³)",
        VolumeQuantity::MassDensity => "mass density (g/cm³)",
        VolumeQuantity::Unknown => "value of a voxel",
    }
    .to_owned()
}

/// All numbers of a dataset; none if it is not there.
pub(crate) fn list(file: &ResultFile, name: &str) -> Result<Vec<f64>, PipelineError> {
    Ok(if file.contains(name) { file.real(name)?.into_iter().collect() } else { Vec::new() })
}

fn optional(file: &ResultFile, name: &str) -> Result<Option<ArrayD<f32>>, PipelineError> {
    Ok(if file.contains(name) { Some(file.real_f32(name)?) } else { None })
}

/// A film of the surface of matter; none of a volume without any.
pub(crate) fn turning(volume: &Volume) -> Result<Option<Film>, PipelineError> {
    const FRAMES: usize = 36;
    const ELEVATION: f64 = 0.35;
    let sum: f64 = volume.data.iter().filter(|value| value.is_finite()).map(|value| f64::from(*value)).sum();
    let sign = if sum < 0.0 { -1.0 } else { 1.0 };
    let values = volume.data.mapv(|value| sign * value);
    let Some(dense) = dense_value(&values) else { return Ok(None) };
    let scene = Scene::surface(values.view(), dense / 2.0).with_voxel(volume.voxel.map(Metres::value));
    Ok(Some(film(&scene, &View::around(FRAMES, ELEVATION), Shot::default())?))
}

/// The value of dense matter: the median of the voxels above half the largest, leaving out the thousandth that are noise.
fn dense_value(values: &Array3<f32>) -> Option<f64> {
    let mut finite: Vec<f32> = values.iter().copied().filter(|value| value.is_finite()).collect();
    finite.sort_unstable_by(f32::total_cmp);
    let largest = *finite.get(finite.len().checked_sub(1 + finite.len() / 1000)?)?;
    let begin = finite.partition_point(|value| *value < largest / 2.0);
    let dense = finite.get(begin + (finite.len() - begin) / 2).copied().map(f64::from)?;
    (largest > 0.0 && dense > 0.0).then_some(dense)
}

/// The voxel in the middle of the mass.
pub(crate) fn middle_of_matter(values: &Array3<f32>) -> [usize; 3] {
    let shape = values.dim();
    let (mut sums, mut mass) = ([0.0; 3], 0.0);
    for ((z, y, x), value) in values.indexed_iter().filter(|(_, value)| value.is_finite()) {
        let value = f64::from(*value);
        mass += value;
        for (sum, at) in sums.iter_mut().zip([z, y, x]) {
            *sum += value * at as f64;
        }
    }
    let sides = [shape.0, shape.1, shape.2];
    let middle = |axis: usize| {
        let at = sums[axis] / mass;
        if at.is_finite() { (at.max(0.0) as usize).min(sides[axis] - 1) } else { sides[axis] / 2 }
    };
    [0, 1, 2].map(middle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::s;

    #[test]
    fn a_block_has_its_value_and_its_middle() {
        let mut values = Array3::zeros((12, 12, 12));
        values.slice_mut(s![2..6, 4..8, 6..10]).fill(0.9);
        assert_eq!(middle_of_matter(&values), [3, 5, 7]);
        assert_eq!(dense_value(&values), Some(f64::from(0.9_f32)));
        assert_eq!(dense_value(&Array3::zeros((4, 4, 4))), None);
    }
}
