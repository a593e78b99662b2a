//! What a format found in a file, and how it becomes a checked plan.

use super::geometry::resolve_geometry;
use super::options::{EnergyUnit, Format, LengthUnit, ReadOptions, Regime};
use super::plan::{FramesPlan, Ingredient, MaskPlan, OriginPlan, ProbePlan, ScanPlan};
use super::positions::{external_positions, resolve_positions, sparse_scan};
use crate::error::IoError;
use crate::h5::{H5File, Located};
use litho_types::mask::MaskPolarity;
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::scan::FrameOrigin;

/// Attribute of the frames by which Lithoscope's own files tell where zero frequency lies.
pub(crate) const ORIGIN_ATTRIBUTE: &str = "frame_origin";

/// A photon energy as stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawEnergy {
    pub(crate) stored: Located,
    pub(crate) unit: EnergyUnit,
}

impl RawEnergy {
    /// The photon energy.
    pub(crate) fn energy(&self) -> ElectronVolts {
        self.unit.energy(self.stored.value)
    }
}

/// A length as stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawLength {
    pub(crate) stored: Located,
    pub(crate) unit: LengthUnit,
}

impl RawLength {
    /// The length in metres.
    pub(crate) fn metres(&self) -> Metres {
        Metres::new(self.stored.value * self.unit.metres())
    }

    /// A length in metres, the unit most formats document.
    pub(crate) fn in_metres(stored: Located) -> Self {
        Self { stored, unit: LengthUnit::Metre }
    }
}

/// Positions as stored, already brought to (y, x) of the beam on the object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawPositions {
    pub(crate) values: Vec<Point<f64>>,
    pub(crate) unit: LengthUnit,
    /// Where they came from.
    pub(crate) source: String,
    /// How they were understood: "sample translation (x, y, z), sign reversed".
    pub(crate) meaning: String,
    /// Pixel of the object grid where the file states it.
    pub(crate) object_pixel: Option<Point<Metres>>,
}

/// What a format found, before overrides and checks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    pub(crate) frames: FramesPlan,
    pub(crate) energy: Option<RawEnergy>,
    pub(crate) distance: Option<RawLength>,
    pub(crate) pixel: Option<Point<RawLength>>,
    pub(crate) regime: Regime,
    /// Focus to sample, for a near-field scan that states it.
    pub(crate) focus: Option<RawLength>,
    pub(crate) positions: Option<RawPositions>,
    /// Which frames of the acquisition survive, and how many there were.
    pub(crate) survivors: Option<(Vec<usize>, usize)>,
    pub(crate) mask: Option<MaskPlan>,
    pub(crate) probe: Option<ProbePlan>,
    pub(crate) warnings: Vec<String>,
}

impl Draft {
    /// A draft that knows only its frames.
    pub(crate) fn new(frames: FramesPlan) -> Self {
        Self {
            frames,
            energy: None,
            distance: None,
            pixel: None,
            regime: Regime::FarField,
            focus: None,
            positions: None,
            survivors: None,
            mask: None,
            probe: None,
            warnings: Vec::new(),
        }
    }

    /// Applies the caller's overrides, checks every quantity and makes the plan.
    pub(crate) fn finish(
        mut self,
        format: Format,
        file: &H5File,
        options: &ReadOptions,
    ) -> Result<ScanPlan, IoError> {
        let path = file.path();
        self.override_names(file, options);
        let mut ingredients = vec![frames_line(&self.frames)];
        let geometry = resolve_geometry(&self, path, options, &mut ingredients)?;
        let raw = match &options.positions {
            Some(spec) => external_positions(spec, options)?,
            None => self.positions.take().ok_or_else(|| IoError::Incomplete {
                path: path.to_owned(),
                what: "where the beam hit the sample (positions)".to_owned(),
                fix: "pass --positions FILE:/path or a table of y, x".to_owned(),
            })?,
        };
        let raw = self.surviving(raw, options.frame_limit);
        if let Some(limit) = options.frame_limit {
            limit_frames(&mut self.frames, limit, path)?;
        }
        let positions = resolve_positions(raw, &self.frames, geometry, path, &mut ingredients)?;
        self.warnings.extend(sparse_scan(&positions, geometry, self.frames.shape));
        let origin = self.origin(file, options, &mut ingredients);
        if let Some(mask) = &self.mask {
            ingredients.push(Ingredient {
                name: "mask",
                value: format!("{} × {}", self.frames.shape.0, self.frames.shape.1),
                source: mask.datasets.join(", "),
                read_as: format!("{:?}", mask.polarity),
            });
        }
        if let Some(probe) = &self.probe {
            ingredients.push(Ingredient {
                name: "probe",
                value: "to start from".to_owned(),
                source: probe.dataset.clone(),
                read_as: "complex".to_owned(),
            });
        }
        Ok(ScanPlan {
            format,
            path: path.to_owned(),
            frames: self.frames,
            origin,
            mask: self.mask,
            positions,
            geometry,
            probe: self.probe,
            bad_counts: options.bad_counts,
            ingredients,
            warnings: self.warnings,
        })
    }

    /// The caller's mask and probe instead of the file's.
    fn override_names(&mut self, file: &H5File, options: &ReadOptions) {
        let keys = &options.keys;
        let here = || file.path().to_owned();
        if let Some(dataset) = &keys.mask {
            let datasets = vec![dataset.clone()];
            self.mask = Some(MaskPlan { file: here(), datasets, polarity: MaskPolarity::CxiBits });
        }
        if let (Some(mask), Some(polarity)) = (&mut self.mask, keys.mask_polarity) {
            mask.polarity = polarity;
        }
        if let Some(dataset) = &keys.probe {
            self.probe = Some(ProbePlan { file: here(), dataset: dataset.clone() });
        }
    }

    /// The positions of the frames that survive, if all of the acquisition's were given.
    fn surviving(&self, mut raw: RawPositions, limit: Option<usize>) -> RawPositions {
        if let Some((indices, acquired)) = &self.survivors
            && raw.values.len() == *acquired
        {
            raw.values = indices.iter().filter_map(|&index| raw.values.get(index).copied()).collect();
        }
        if let Some(limit) = limit
            && raw.values.len() == self.frames.count
        {
            raw.values.truncate(limit);
        }
        raw
    }

    fn origin(&self, file: &H5File, options: &ReadOptions, ingredients: &mut Vec<Ingredient>) -> OriginPlan {
        let attribute = self.frames.parts.first().and_then(|part| {
            (part.file == file.path()).then(|| file.attr_text(&part.dataset, ORIGIN_ATTRIBUTE)).flatten()
        });
        let stated = match attribute.as_deref() {
            Some("corner") => Some(FrameOrigin::Corner),
            Some("centre") => Some(FrameOrigin::Centre),
            _ => None,
        };
        let (origin, source, read_as) = if let Some(origin) = options.origin {
            (OriginPlan::Known(origin), "option", "given")
        } else if let Some(origin) = stated {
            (OriginPlan::Known(origin), ORIGIN_ATTRIBUTE, "attribute of the frames")
        } else if self.regime == Regime::NearField || options.focus_to_sample.is_some() {
            (OriginPlan::Known(FrameOrigin::Centre), "near field", "an image has no zero frequency")
        } else {
            (OriginPlan::Detect, "frames", "from their mean, when read")
        };
        ingredients.push(Ingredient {
            name: "zero frequency",
            value: match origin {
                OriginPlan::Known(FrameOrigin::Corner) => "pixel (0, 0)".to_owned(),
                OriginPlan::Known(FrameOrigin::Centre) => "centre".to_owned(),
                OriginPlan::Detect => "to be detected".to_owned(),
            },
            source: source.to_owned(),
            read_as: read_as.to_owned(),
        });
        origin
    }
}

fn frames_line(frames: &FramesPlan) -> Ingredient {
    let (ny, nx) = frames.shape;
    let mut source = frames.parts.first().map(|part| part.dataset.clone()).unwrap_or_default();
    if frames.parts.len() > 1 {
        source = format!("{source} and {} more", frames.parts.len() - 1);
    }
    Ingredient {
        name: "frames",
        value: format!("{} × {ny} × {nx}", frames.count),
        source,
        read_as: format!("{:?}", frames.stored).to_lowercase(),
    }
}

fn limit_frames(frames: &mut FramesPlan, limit: usize, path: &std::path::Path) -> Result<(), IoError> {
    if limit == 0 {
        return Err(IoError::argument(
            "frame limit",
            limit,
            format!("would read no frame of {}", path.display()),
        ));
    }
    let mut left = limit;
    for part in &mut frames.parts {
        part.count = part.count.min(left);
        left -= part.count;
    }
    frames.parts.retain(|part| part.count > 0);
    frames.count = frames.count.min(limit);
    Ok(())
}
