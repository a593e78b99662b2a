//! One row of numbers per particle.

use super::input::Chemistry;
use super::settings::ParticlesSettings;
use super::split::{Parts, resolution_nm};
use crate::error::PipelineError;
use litho_morph::particles::{Composition, Contact, Particle, VoxelMaps, composition, measure, neighbours};
use litho_morph::thickness::{Thickness, ThicknessSettings, thicknesses};
use litho_morph::{Connectivity, Spacing, surface_areas};

/// Everything that is known of one particle. Lengths in nm, places `(z, y, x)` from the middle of the first voxel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) particle: Particle,
    /// Crofton's surface area.
    pub(crate) surface: f64,
    pub(crate) composition: Composition,
    pub(crate) thickness: Thickness,
    /// Edges of the cuboid fitted to it, if it was taken for a plate.
    pub(crate) cuboid: Option<[f64; 3]>,
    /// Particles that touch it.
    pub(crate) neighbours: usize,
}

/// All rows, and which particles touch.
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    pub(super) contacts: Vec<Contact>,
}

/// Measures every particle.
///
/// # Errors
/// [`PipelineError::Morph`] if a map is not finite in a particle.
pub(super) fn measured(
    parts: &Parts,
    chemistry: &Chemistry,
    settings: &ParticlesSettings,
) -> Result<Table, PipelineError> {
    let labels = parts.labels.view();
    let edge = chemistry.voxel.value() * 1e9;
    let spacing = Spacing::cubic(edge)?;
    let resolution = resolution_nm(chemistry.voxel, settings);
    let independent = (resolution / edge).powi(3).max(1.0);
    let particles = measure(labels, spacing, None)?;
    let maps = VoxelMaps {
        fraction: chemistry.fraction.view(),
        sigma: chemistry.sigma.as_ref().map(|sigma| sigma.view()),
        weight: Some(chemistry.filling.view()),
        classes: Some(chemistry.classes.view()),
    };
    let compositions = composition(labels, &maps, independent)?;
    let plate = ThicknessSettings { amplitude: Some(1.0), independent, ..ThicknessSettings::new(resolution) };
    let thicknesses = thicknesses(chemistry.filling.view(), labels, spacing, &particles, &plate)?;
    let areas = surface_areas(labels, spacing)?;
    let contacts = neighbours(labels, spacing, Connectivity::TwentySix)?;
    let touching = |id: u32| contacts.iter().filter(|contact| contact.a == id || contact.b == id).count();
    let rows = particles
        .into_iter()
        .zip(compositions)
        .zip(thicknesses)
        .map(|((particle, composition), thickness)| Row {
            surface: areas.get(particle.id as usize).copied().unwrap_or(f64::NAN),
            cuboid: parts
                .plates
                .get(particle.id as usize - 1)
                .map(|plate| plate.half.map(|half| 2.0 * half * edge)),
            neighbours: touching(particle.id),
            particle,
            composition,
            thickness,
        })
        .collect();
    Ok(Table { rows, contacts })
}

/// A column: name, unit in files, value in that unit.
pub(super) type Column = (&'static str, &'static str, fn(&Row) -> f64);

/// Columns of numbers, lengths in metres.
pub(super) const COLUMNS: [Column; 29] = [
    ("voxels", "", |r| r.particle.voxels as f64),
    ("volume_m3", "m^3", |r| r.particle.volume * 1e-27),
    ("surface_m2", "m^2", |r| r.surface * 1e-18),
    ("centroid_z_m", "m", |r| r.particle.centroid[0] * 1e-9),
    ("centroid_y_m", "m", |r| r.particle.centroid[1] * 1e-9),
    ("centroid_x_m", "m", |r| r.particle.centroid[2] * 1e-9),
    ("length_m", "m", |r| r.particle.cuboid[0] * 1e-9),
    ("width_m", "m", |r| r.particle.cuboid[1] * 1e-9),
    ("ellipsoid_a_m", "m", |r| r.particle.enclosing.lengths[0] * 1e-9),
    ("ellipsoid_b_m", "m", |r| r.particle.enclosing.lengths[1] * 1e-9),
    ("ellipsoid_c_m", "m", |r| r.particle.enclosing.lengths[2] * 1e-9),
    ("facet_area_m2", "m^2", |r| r.thickness.facet_area * 1e-18),
    ("thickness_m", "m", Row::thickness_m),
    ("thickness_sigma_m", "m", |r| r.thickness.fit.as_ref().map_or(f64::NAN, |fit| fit.sigma * 1e-9)),
    ("thickness_fwhm_m", "m", |r| r.thickness.fwhm.map_or(f64::NAN, |fwhm| fwhm * 1e-9)),
    ("thickness_free", "", |r| r.thickness.free),
    ("cuboid_length_m", "m", |r| r.edge(0)),
    ("cuboid_width_m", "m", |r| r.edge(1)),
    ("cuboid_thickness_m", "m", |r| r.edge(2)),
    ("normal_z", "", |r| r.thickness.normal[0]),
    ("normal_y", "", |r| r.thickness.normal[1]),
    ("normal_x", "", |r| r.thickness.normal[2]),
    ("fraction", "", |r| r.composition.mean),
    ("fraction_sigma", "", |r| r.composition.sigma.unwrap_or(f64::NAN)),
    ("first_rich", "", |r| r.class(1)),
    ("mixed", "", |r| r.class(2)),
    ("second_rich", "", |r| r.class(3)),
    ("neighbours", "", |r| r.neighbours as f64),
    ("touches_border", "", |r| f64::from(u8::from(r.particle.touches_border))),
];

impl Row {
    /// Thickness of the slab, else of the cuboid, in metres.
    pub(crate) fn thickness_m(&self) -> f64 {
        self.thickness.fit.as_ref().map_or(self.edge(2), |fit| fit.thickness * 1e-9)
    }

    fn edge(&self, axis: usize) -> f64 {
        self.cuboid.map_or(f64::NAN, |cuboid| cuboid[axis] * 1e-9)
    }

    fn class(&self, class: usize) -> f64 {
        self.composition.classes.get(class).copied().unwrap_or(0.0)
    }
}
