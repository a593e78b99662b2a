//! The report of the chemistry of voxels and of their particles.

mod agreement;
mod consistency;
mod particles;
mod portraits;
mod stored;
mod truth;

use crate::error::PipelineError;
use crate::report::{citation, figure_prefix, write_figures, write_file};
use crate::tomo::page::{Shells, middle_of_matter};
use consistency::StoredConsistency;
use litho_io::read_result;
use litho_report::mesh::{class_bodies, particle_bodies, to_glb, to_obj, to_ply};
use litho_report::report::chemistry::{
    AngleHistogram, ChemistryReport, Correlation, Estimate, TrueVolumes, Volumes,
};
use litho_report::report::{Drawing, Fact, Part, Quantity};
use particles::ParticlesContent;
use std::path::{Path, PathBuf};
use stored::Stored;
pub(crate) use truth::Truth;

/// What a page shows besides the chemistry.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Title of the page.
    pub(crate) title: String,
    /// The result of `particles`.
    pub(crate) particles: Option<PathBuf>,
    /// The volume whose shell correlation is shown.
    pub(crate) volume: Option<PathBuf>,
    /// The known truth.
    pub(crate) truth: Option<Truth>,
}

/// Everything the report shows, owned.
pub(crate) struct Content {
    beside: Beside,
    stored: Stored,
    particles: Option<ParticlesContent>,
    shells: Option<Shells>,
    consistency: Option<StoredConsistency>,
    correlation: Correlation,
}

impl Content {
    /// Reads the results.
    ///
    /// # Errors
    /// [`PipelineError`] if one cannot be read or they do not belong together.
    pub(crate) fn read(chemistry: &Path, beside: Beside) -> Result<Self, PipelineError> {
        let stored = Stored::read(chemistry)?;
        let particles = match &beside.particles {
            Some(path) => Some(ParticlesContent::read(path, &stored, beside.truth.as_ref())?),
            None => None,
        };
        let shells = match &beside.volume {
            Some(path) => Shells::read(&read_result(path)?)?,
            None => None,
        };
        let matter = stored.chemistry.classes.mapv(|class| class > 0);
        let correlation =
            Correlation::of(stored.density[0].view(), stored.density[1].view(), Some(matter.view()))?;
        let consistency = StoredConsistency::read(chemistry)?;
        Ok(Self { beside, stored, particles, shells, consistency, correlation })
    }

    /// Reads a result of `chemistry`, or of `particles` with the chemistry it says it was made from.
    ///
    /// # Errors
    /// [`PipelineError`] if one cannot be read.
    pub(crate) fn of_result(path: &Path, title: String) -> Result<Self, PipelineError> {
        let file = read_result(path)?;
        if !file.contains("/entry/label/data") {
            return Self::read(path, Beside { title, ..Beside::default() });
        }
        let named = PathBuf::from(file.text("/entry/process/input/path")?);
        // A folder may have been moved as a whole, or the command given from elsewhere.
        let beside = named.file_name().map(|name| path.with_file_name(name));
        let chemistry = beside.filter(|beside| !named.exists() && beside.exists()).unwrap_or(named);
        Self::read(&chemistry, Beside { title, particles: Some(path.to_owned()), ..Beside::default() })
    }

    /// How well the result agrees with the truth, one line each; `None` where that is unknown.
    pub(crate) fn agreement(&self) -> Option<Vec<String>> {
        let truth = self.beside.truth.as_ref()?;
        let mut lines = Vec::new();
        for gaussian in self.angles().gaussians {
            let (centre, truth) =
                (gaussian.centre.to_degrees(), gaussian.truth.map_or(f64::NAN, f64::to_degrees));
            lines.push(format!("peak at {centre:.2}°, truth {truth:.2}°"));
        }
        if let (Some(share), Some(known)) = (self.stored.shares.get(1), truth.state_of_charge) {
            lines.push(format!("state of charge {:.2} %, truth {:.2} %", 100.0 * share.value, 100.0 * known));
        }
        lines.extend(self.particles.as_ref().map(|particles| particles.agreement.clone()));
        Some(lines)
    }

    /// The page and its figures, for files of their own.
    ///
    /// # Errors
    /// [`PipelineError::Report`] if a figure cannot be drawn.
    fn build(&self) -> Result<(String, Vec<Drawing>), PipelineError> {
        let (report, drawings) = self.report().build_with_drawings()?;
        Ok((report.to_html(), drawings))
    }

    fn report(&self) -> ChemistryReport<'_> {
        let stored = &self.stored;
        let (nz, ny, nx) = stored.chemistry.fraction.dim();
        ChemistryReport {
            title: self.beside.title.clone(),
            subtitle: format!("{nz} × {ny} × {nx} voxels at {} energies", stored.chemistry.energies.len()),
            facts: self.facts(),
            warnings: stored.warnings.clone(),
            settings: self.settings(),
            phases: stored.phases(),
            volumes: Part::Given(self.volumes()),
            resolution: self.shells.as_ref().map_or(Part::Omitted, |shells| Part::Given(shells.part())),
            edge: Part::Omitted,
            correlation: Part::Given(self.correlation.clone()),
            angles: Part::Given(self.angles()),
            totals: Part::Given(self.totals()),
            consistency: self.consistency.as_ref().map_or(Part::Omitted, |images| Part::Given(images.part())),
            particles: self.particles.as_ref().map_or(Part::Omitted, |p| Part::Given(p.part())),
            portraits: self.particles.as_ref().map_or(Part::Omitted, |p| Part::Given(p.portraits.clone())),
            thickness: self
                .particles
                .as_ref()
                .and_then(|p| p.profile.as_ref())
                .map_or(Part::Omitted, |profile| Part::Given(profile.part())),
            configuration: stored.configuration.clone(),
            provenance: stored.provenance.clone(),
            citations: stored.citations.iter().cloned().map(citation).collect(),
        }
    }

    /// The histogram, with the angles of the pure phases where the truth is known.
    fn angles(&self) -> AngleHistogram {
        let (mut angles, phases) = (self.stored.angles(), self.stored.phases());
        if self.beside.truth.is_some() {
            for (gaussian, fraction) in angles.gaussians.iter_mut().zip([0.0, 1.0]) {
                gaussian.truth = Some(phases.angle(fraction));
            }
        }
        angles
    }

    fn volumes(&self) -> Volumes<'_> {
        let chemistry = &self.stored.chemistry;
        Volumes {
            at: middle_of_matter(&chemistry.filling),
            voxel: Some(chemistry.voxel.value()),
            density: [self.stored.density[0].view(), self.stored.density[1].view()],
            composition: self.stored.composition.view(),
            amount: chemistry.filling.view(),
            classes: self.stored.classes.view(),
            labels: self.particles.as_ref().map(|particles| particles.labels.view()),
            truth: self.beside.truth.as_ref().map(|truth| TrueVolumes {
                composition: truth.composition.view(),
                amount: truth.amount.view(),
                labels: Some(truth.labels.view()),
            }),
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let percent = |value: f64, sigma: f64| format!("{:.1} ± {:.1} %", 100.0 * value, 100.0 * sigma);
        let fact = |name: &str, value: String, note: String| Fact { name: name.to_owned(), value, note };
        let mut facts: Vec<Fact> = self
            .stored
            .shares
            .get(1)
            .map(|share| {
                let note =
                    stored::truth_note(self.beside.truth.as_ref().and_then(|truth| truth.state_of_charge));
                fact(
                    "state of charge",
                    percent(share.value, share.sigma),
                    format!("{} of all matter, ± by noise and mask alone{note}", share.name),
                )
            })
            .into_iter()
            .collect();
        if let Some(particles) = &self.particles {
            let active = &particles.statistics;
            facts.push(fact(
                "active particles",
                percent(active.share.value, active.share.sigma),
                format!("{} of {}", active.share.successes, active.share.total),
            ));
        }
        facts.extend(self.consistency.as_ref().map(StoredConsistency::fact));
        facts
    }

    fn settings(&self) -> Vec<Quantity> {
        let row = |name: &str, value: String, unit: &str| Quantity {
            name: name.to_owned(),
            value,
            unit: unit.to_owned(),
        };
        let chemistry = &self.stored.chemistry;
        let energies: Vec<String> = chemistry.energies.iter().map(|energy| format!("{energy:.1}")).collect();
        let [low, high] = self.stored.thresholds;
        vec![
            row("photon energies", energies.join(", "), "eV"),
            row("voxel", format!("{:.2}", chemistry.voxel.value() * 1e9), "nm"),
            row("phases", chemistry.phases.join(", "), ""),
            row("mixed between", format!("{low} and {high}"), ""),
            row("second volume moved by", self.stored.moved.clone(), "voxels (z, y, x)"),
        ]
    }

    fn totals(&self) -> Vec<Estimate> {
        let truth = self.beside.truth.as_ref();
        let shares = self.stored.shares.iter().enumerate().map(|(phase, share)| Estimate {
            name: format!("{} in all matter", share.name),
            value: share.value,
            sigma: share.sigma,
            truth: truth
                .and_then(|truth| truth.state_of_charge)
                .map(|soc| if phase == 1 { soc } else { 1.0 - soc }),
        });
        let classes = self.stored.class_shares();
        let known = truth.map(|truth| truth.class_shares(self.stored.thresholds));
        let classes = self.stored.phases().classes().into_iter().zip(classes).enumerate().map(
            |(index, (name, value))| Estimate {
                name,
                value,
                sigma: f64::NAN,
                truth: known.map(|known| known[index]),
            },
        );
        shares.chain(classes).collect()
    }
}

/// Writes the page, each figure as a file of its own into `figures` beside it, and the surfaces of classes and particles as
/// meshes into `meshes`.
///
/// # Errors
/// [`PipelineError`] if something cannot be drawn or a file not be written.
pub(crate) fn write(content: &Content, output: &Path) -> Result<(), PipelineError> {
    let (html, drawings) = content.build()?;
    write_file(output, html.as_bytes())?;
    write_figures(output, &figure_prefix(output), &drawings)?;
    meshes(content, &output.with_file_name("meshes"))
}

fn meshes(content: &Content, folder: &Path) -> Result<(), PipelineError> {
    crate::output::make_folder(folder)?;
    let stored = &content.stored;
    let voxel = stored.chemistry.voxel.value();
    let classes = class_bodies(stored.classes.view(), &stored.phases().key(), voxel)?;
    let mut all = vec![("classes", classes)];
    if let Some(particles) = &content.particles {
        all.push(("particles", particle_bodies(particles.labels.view(), voxel)?));
    }
    for (name, bodies) in all {
        let library = format!("{name}.mtl");
        let obj = to_obj(&bodies, &library)?;
        write_file(&folder.join(format!("{name}.obj")), &obj.object)?;
        write_file(&folder.join(&library), &obj.materials)?;
        write_file(&folder.join(format!("{name}.ply")), &to_ply(&bodies)?)?;
        write_file(&folder.join(format!("{name}.glb")), &to_glb(&bodies)?)?;
    }
    Ok(())
}
