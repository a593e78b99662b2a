//! Optics described in a small TOML file.

use crate::error::PipelineError;
use litho_sim::grid::Grid;
use litho_sim::optics::{MirrorAperture, Optics};
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::scan::Scan;
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The optics file of `--probe`. All lengths in metres.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpticsConfig {
    /// Fresnel zone plate.
    pub zone_plate: Option<ZonePlateConfig>,
    /// Kirkpatrick–Baez mirrors.
    pub mirrors: Option<MirrorsConfig>,
    /// Pinhole.
    pub pinhole: Option<PinholeConfig>,
}

/// A zone plate in first order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZonePlateConfig {
    /// Diameter, m.
    pub diameter_m: f64,
    /// Width of the outermost zone, m.
    pub outermost_zone_m: f64,
    /// Diameter of the central stop, m; 0 for none.
    #[serde(default)]
    pub stop_diameter_m: f64,
    /// Focus to sample, m; positive when the sample stands downstream.
    #[serde(default)]
    pub defocus_m: f64,
}

/// A mirror pair with a rectangular aperture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MirrorsConfig {
    /// Full width of the focus at half maximum, (y, x), m.
    pub focus_fwhm_m: [f64; 2],
    /// Focus to sample, m; positive when the sample stands downstream.
    #[serde(default)]
    pub defocus_m: f64,
}

/// A pinhole in a plane wave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PinholeConfig {
    /// Diameter, m.
    pub diameter_m: f64,
    /// Hole to sample, m.
    #[serde(default)]
    pub distance_m: f64,
}

impl OpticsConfig {
    /// The one optic described.
    fn optics(&self) -> Option<Optics> {
        match (&self.zone_plate, &self.mirrors, &self.pinhole) {
            (Some(z), None, None) => Some(Optics::ZonePlate {
                diameter: Metres::new(z.diameter_m),
                outermost_zone: Metres::new(z.outermost_zone_m),
                stop_diameter: Metres::new(z.stop_diameter_m),
                defocus: Metres::new(z.defocus_m),
            }),
            (None, Some(m), None) => Some(Optics::KirkpatrickBaez {
                aperture: MirrorAperture::FocusWidth(Point::new(
                    Metres::new(m.focus_fwhm_m[0]),
                    Metres::new(m.focus_fwhm_m[1]),
                )),
                defocus: Metres::new(m.defocus_m),
            }),
            (None, None, Some(p)) => Some(Optics::Pinhole {
                diameter: Metres::new(p.diameter_m),
                distance: Metres::new(p.distance_m),
            }),
            _ => None,
        }
    }
}

/// The beam at the sample `(y, x)` of the optics in a TOML file, on the scan's object grid.
///
/// # Errors
/// [`PipelineError::Argument`] if the file is no optics, or the scan has no geometry.
pub(crate) fn probe_from_file(path: &Path, scan: &Scan) -> Result<Array2<C32>, PipelineError> {
    let wrong = |reason: String| PipelineError::argument("--probe", path.display(), reason);
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("{error}; give a TOML file of optics")))?;
    let config: OpticsConfig = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let optics = config.optics().ok_or_else(|| {
        wrong("describe exactly one of [zone_plate], [mirrors], [pinhole]; `lithoscope schema optics` shows the keys".to_owned())
    })?;
    let geometry = scan.geometry.ok_or_else(|| {
        wrong(
            "the scan has neither energy nor distance, so the beam has no size in pixels; give them"
                .to_owned(),
        )
    })?;
    let grid = Grid::new(scan.frames.shape(), geometry.object_pixel(scan.frames.shape()))?;
    Ok(optics.probe(&grid, geometry.wavelength())?)
}

/// The JSON Schema of [`OpticsConfig`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(OpticsConfig).to_value()
}
