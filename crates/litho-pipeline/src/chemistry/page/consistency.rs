//! How the volume agrees with images, read back for drawing.

use crate::error::PipelineError;
use litho_io::{ResultFile, read_result};
use litho_report::report::Fact;
use litho_report::report::chemistry::Consistency;
use ndarray::{Array2, Ix2};
use std::path::Path;

/// What a file of chemistry says of the agreement.
#[derive(Debug)]
pub(super) struct StoredConsistency {
    projected: Array2<f32>,
    combined: Array2<f32>,
    r_factor: Array2<f32>,
    /// What the R-factor judges.
    model: &'static str,
    good: f64,
    limit: f64,
    pixel: f64,
    /// Share of the second phase: of the projected volume, of the images.
    charge: [f64; 2],
    is_independent: bool,
}

impl StoredConsistency {
    /// The agreement, if there were images.
    ///
    /// # Errors
    /// [`PipelineError`] if the file cannot be read.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, PipelineError> {
        let file = read_result(path)?;
        let at = |name: &str| format!("/entry/consistency/{name}");
        if !file.contains(&at("projected")) {
            return Ok(None);
        }
        let number = |name: &str| file.number(&at(name));
        let (model, map, good) = if file.contains(&at("r_factor")) {
            ("linear combination", "r_factor", "share_good")
        } else {
            ("projected volume", "r_factor_of_volume", "share_good_of_volume")
        };
        Ok(Some(Self {
            projected: image(&file, path, &at("projected"))?,
            combined: image(&file, path, &at("combined"))?,
            r_factor: image(&file, path, &at(map))?,
            model,
            good: number(good)?,
            limit: number("limit")?,
            pixel: number("pixel")?,
            charge: [number("share_of_volume")?, number("share_of_images")?],
            is_independent: number("is_independent")? != 0.0,
        }))
    }

    pub(super) fn part(&self) -> Consistency<'_> {
        Consistency {
            projected: self.projected.view(),
            combined: self.combined.view(),
            r_factor: self.r_factor.view(),
            model: self.model,
            limit: self.limit,
            pixel: Some(self.pixel),
        }
    }

    /// For the head of the page.
    pub(super) fn fact(&self) -> Fact {
        let images = if self.is_independent {
            "a stack of images of its own"
        } else {
            "the projections at 0° it is made of, which tests reconstruction and registration alone"
        };
        let [volume, flat] = self.charge.map(|share| 100.0 * share);
        Fact {
            name: format!("R-factor below {}", self.limit),
            value: format!("{:.2} %", 100.0 * self.good),
            note: format!(
                "of the pixels, for the {}, against {images}; state of charge {volume:.1} % projected, {flat:.1} % in the images",
                self.model
            ),
        }
    }
}

fn image(file: &ResultFile, path: &Path, name: &str) -> Result<Array2<f32>, PipelineError> {
    file.real_f32(name)?.into_dimensionality::<Ix2>().map_err(|_| PipelineError::Unsuitable {
        file: path.display().to_string(),
        reason: format!("{name} is not a map; run chemistry again"),
    })
}
