//! The file of the chemistry of voxels.
//!
//! `/entry/fraction/{data, sigma}` of two phases; `/entry/filling`, `/entry/amounts/NAME` and their σ, nm along a voxel;
//! `/entry/class`, `/entry/class_probability`; `/entry/density/E` the densities that were used; `/entry/angles/…` histogram and
//! peaks; `/entry/references/…`, `/entry/registration/…`, `/entry/summary/…`; `/entry/consistency/…` where images were there. Volumes are `(z, y, x)`.

use super::consistency::Consistency;
use super::input::{Input, UNIT};
use crate::error::PipelineError;
use crate::provenance::Provenance;
use litho_io::{Axis, NexusWriter};
use litho_resolve::volume_register::VolumePlacement;
use litho_spectro::chemistry::{Amounts, AngleHistogram, AngleScale, Classes, PeakFit, StateOfCharge};
use ndarray::{Array2, Array3, Zip};
use std::path::Path;

/// Everything `chemistry` leaves behind.
pub(super) struct ChemistryMaps {
    pub(super) amounts: Amounts,
    /// Which voxels hold matter.
    pub(super) mask: Array3<bool>,
    /// Amount above which they do.
    pub(super) threshold: f64,
    pub(super) two: Option<TwoPhases>,
    pub(super) charges: Vec<Charge>,
    /// How the volume agrees with images, if there are any.
    pub(super) consistency: Option<Consistency>,
    /// Where each volume was moved to.
    pub(super) placements: Vec<VolumePlacement>,
}

/// The share of a phase in all matter.
pub(super) struct Charge {
    pub(super) name: String,
    pub(super) share: StateOfCharge,
}

/// What there is of two phases at two energies.
pub(super) struct TwoPhases {
    pub(super) scale: AngleScale,
    pub(super) histogram: AngleHistogram,
    pub(super) peaks: Option<PeakFit>,
    pub(super) classes: Classes,
}

/// Names of the classes in files.
pub(crate) const CLASSES: [&str; 3] = ["first_rich", "mixed", "second_rich"];

impl TwoPhases {
    /// One line per peak and one for the classes.
    pub(super) fn lines(&self, names: &[String]) -> Vec<String> {
        let mut lines = Vec::new();
        for peak in self.peaks.iter().flat_map(|fit| &fit.peaks) {
            let composition = peak.composition(&self.scale);
            lines.push(format!(
                "peak at {:.2} ± {:.2}°: {:.1} ± {:.1} % {}, width ± {:.1} %",
                peak.centre.value().to_degrees(),
                peak.centre_sigma.value().to_degrees(),
                100.0 * composition.fraction,
                100.0 * composition.sigma,
                names[1],
                100.0 * composition.width
            ));
        }
        let all = self.classes.counts.iter().sum::<usize>().max(1) as f64;
        let [first, mixed, second] = self.classes.counts.map(|count| 100.0 * count as f64 / all);
        lines.push(format!(
            "{}-rich {first:.1} %, mixed {mixed:.1} %, {}-rich {second:.1} % of the voxels of matter",
            names[0], names[1]
        ));
        lines
    }

    fn put(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        file.array("/entry/class", &self.classes.class, "")?;
        file.attr("/entry/class", "note", "0 air, 1 rich in the first phase, 2 mixed, 3 rich in the second")?;
        file.array("/entry/class_probability", &self.classes.own_probability(), "")?;
        let middles: Vec<f64> = self.histogram.middles().into_iter().map(f64::to_degrees).collect();
        let axis = [Axis::new("angle", &middles, "deg")];
        file.data_group(
            "/entry/angles",
            "data",
            &axis,
            &self.histogram.counts,
            "nm",
            "amount at each polar angle",
        )?;
        let Some(fit) = &self.peaks else { return Ok(()) };
        file.array("/entry/angles/fit", &fit.curve, "nm")?;
        let peaks = |of: &dyn Fn(&litho_spectro::chemistry::Peak) -> f64| {
            fit.peaks.iter().map(of).collect::<Vec<f64>>()
        };
        let at = |name: &str| format!("/entry/angles/peak_{name}");
        file.array(&at("centre"), &peaks(&|p| p.centre.value().to_degrees()), "deg")?;
        file.array(&at("centre_sigma"), &peaks(&|p| p.centre_sigma.value().to_degrees()), "deg")?;
        file.array(&at("width"), &peaks(&|p| p.width.value().to_degrees()), "deg")?;
        file.array(&at("weight"), &peaks(&|p| p.weight), "")?;
        file.array(&at("fraction"), &peaks(&|p| p.composition(&self.scale).fraction), "")?;
        file.array(&at("fraction_width"), &peaks(&|p| p.composition(&self.scale).width), "")?;
        file.dataset("/entry/angles/mixed", fit.mixed, "")?;
        Ok(file.dataset("/entry/angles/reduced_chi_square", fit.reduced_chi_square, "")?)
    }
}

impl ChemistryMaps {
    /// Writes the file, all or nothing.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if it cannot be written.
    pub(super) fn write(
        &self,
        input: &Input,
        provenance: &Provenance,
        path: &Path,
    ) -> Result<(), PipelineError> {
        let mut file = NexusWriter::create(path)?;
        if self.two.is_some() {
            self.put_fraction(&mut file, input)?;
        }
        self.put_amounts(&mut file, input)?;
        if let Some(two) = &self.two {
            two.put(&mut file)?;
        }
        file.group("/entry/density", "NXcollection")?;
        for (energy, volume) in input.energies.iter().zip(&input.volumes) {
            file.array(&format!("/entry/density/{energy}"), volume, "")?;
        }
        self.put_registration(&mut file)?;
        if let Some(consistency) = &self.consistency {
            consistency.put(&mut file, input.voxel)?;
        }
        put_references(&mut file, input)?;
        self.put_summary(&mut file)?;
        provenance.write(&mut file)?;
        Ok(file.commit()?)
    }

    fn put_fraction(&self, file: &mut NexusWriter, input: &Input) -> Result<(), PipelineError> {
        let within = |mut map: Array3<f32>| {
            Zip::from(&mut map).and(&self.mask).for_each(|value, inside| {
                if !inside {
                    *value = f32::NAN;
                }
            });
            map
        };
        let axes = [Axis::index(), Axis::index(), Axis::index()];
        let name = format!("fraction of {}; NaN in air", self.amounts.names[1]);
        file.data_group("/entry/fraction", "data", &axes, &within(self.amounts.fraction(1)?), "", &name)?;
        file.dataset("/entry/fraction/voxel_size", input.voxel.value(), "m")?;
        if input.sigma.is_some() {
            file.array("/entry/fraction/sigma", &within(self.amounts.fraction_sigma(1)?), "")?;
        }
        Ok(())
    }

    fn put_amounts(&self, file: &mut NexusWriter, input: &Input) -> Result<(), PipelineError> {
        file.array("/entry/filling", &self.amounts.occupied(input.voxel, UNIT), "")?;
        file.attr(
            "/entry/filling",
            "note",
            "share of a voxel that is matter, by the densities of the references",
        )?;
        file.array("/entry/matter", &self.mask.mapv(u8::from), "")?;
        file.group("/entry/amounts", "NXcollection")?;
        for (phase, name) in self.amounts.names.iter().enumerate() {
            file.array(&format!("/entry/amounts/{name}"), &self.amounts.amounts[phase], "nm")?;
            if input.sigma.is_some() {
                file.array(&format!("/entry/amounts/{name}_sigma"), &self.amounts.sigma(phase)?, "nm")?;
            }
        }
        if let Some(chi2) = &self.amounts.reduced_chi_square {
            file.array("/entry/amounts/reduced_chi_square", chi2, "")?;
        }
        Ok(())
    }

    fn put_registration(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        let rows = self.placements.len();
        let table = |of: fn(&VolumePlacement) -> [f64; 3]| {
            Array2::from_shape_fn((rows, 3), |(row, axis)| of(&self.placements[row])[axis])
        };
        file.group("/entry/registration", "NXcollection")?;
        file.array("/entry/registration/shift", &table(|p| p.shift), "px")?;
        file.attr("/entry/registration/shift", "note", "where each volume was moved by, (z, y, x)")?;
        file.array("/entry/registration/rotation_deg", &table(|p| p.rotation.map(f64::to_degrees)), "deg")?;
        let scale: Vec<f64> = self.placements.iter().map(|placement| placement.scale).collect();
        Ok(file.array("/entry/registration/scale", &scale, "")?)
    }

    fn put_summary(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        file.group("/entry/summary", "NXcollection")?;
        file.dataset("/entry/summary/threshold", self.threshold, "nm")?;
        file.group("/entry/summary/share", "NXcollection")?;
        for Charge { name, share } in &self.charges {
            file.dataset(&format!("/entry/summary/share/{name}"), share.value, "")?;
            file.dataset(&format!("/entry/summary/share/{name}_sigma"), share.sigma, "")?;
            file.dataset(&format!("/entry/summary/share/{name}_sigma_of_noise"), share.noise, "")?;
            file.dataset(&format!("/entry/summary/share/{name}_by_threshold"), share.threshold, "")?;
            file.dataset(&format!("/entry/summary/share/{name}_by_growth"), share.growth, "")?;
        }
        let Some(two) = &self.two else { return Ok(()) };
        for (name, count) in CLASSES.iter().zip(two.classes.counts) {
            file.dataset(&format!("/entry/summary/{name}"), count as i64, "")?;
        }
        Ok(())
    }
}

fn put_references(file: &mut NexusWriter, input: &Input) -> Result<(), PipelineError> {
    file.group("/entry/references", "NXcollection")?;
    file.dataset("/entry/references/name", input.references.names().to_vec(), "")?;
    file.array("/entry/references/energy", &input.energies, "eV")?;
    file.array("/entry/references/optical_density", &input.references.density().to_owned(), "1/nm")?;
    file.attr("/entry/references/optical_density", "note", "of one nanometre, (energy, phase)")?;
    Ok(file.dataset("/entry/references/condition", input.references.condition(), "")?)
}
