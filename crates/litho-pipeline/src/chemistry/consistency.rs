//! The volume held against images of the same sample: its amounts projected along the beam beside the linear combination of the
//! references in every pixel.

use super::images::{Images, Origin};
use crate::error::PipelineError;
use litho_io::NexusWriter;
use litho_resolve::align_stack::apply_shifts;
use litho_resolve::register::{ImageKind, register};
use litho_resolve::window::Window;
use litho_spectro::chemistry::{
    Amounts, MapDifference, Noise, PhaseReferences, compare_maps, project, r_factor, share_below, solve,
};
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::{Metres, Pixels};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, Zip};

/// R-factor below which a pixel counts as good: the paper's.
pub(crate) const LIMIT: f64 = 0.15;
/// The beam runs along y.
const BEAM: usize = 1;
/// A ray counts that crosses this many voxels of matter: fewer are the blur of an edge, and have no composition.
const VOXELS: f32 = 3.0;
/// Correlation below which images do not show the sample, or not where they should.
const ALIKE: f64 = 0.5;

/// How the volume agrees with images.
#[derive(Debug)]
pub(super) struct Consistency {
    origin: Origin,
    energies: Vec<f64>,
    phase: String,
    /// How far each image lay from the volume.
    shifts: Vec<Point<Pixels>>,
    /// Composition along each ray; NaN without matter.
    projected: Array2<f32>,
    /// Composition in the images; NaN without matter.
    combined: Array2<f32>,
    /// R-factor of the linear combination; `None` where it has as many unknowns as energies and is exact.
    r_factor: Option<Told>,
    /// R-factor of the projected volume against the images.
    r_factor_of_volume: Told,
    difference: MapDifference,
    /// Share of the phase in all matter: of the projected volume, of the images.
    charge: [f64; 2],
    /// Amount in the images over that of the projected volume.
    ratio: f64,
}

/// An R-factor of every pixel, and the share of pixels with matter in which it is good.
#[derive(Debug)]
struct Told {
    map: Array2<f32>,
    good: f64,
}

/// Compares the volume's amounts with images.
///
/// # Errors
/// [`PipelineError`] if images cannot be registered, or show no matter where the volume has it.
pub(super) fn consistency(
    amounts: &Amounts,
    mask: ArrayView3<'_, bool>,
    images: &Images,
    warnings: &mut Vec<String>,
) -> Result<Consistency, PipelineError> {
    if amounts.names.len() < 2 {
        let (name, reason) =
            (amounts.names.join(", "), "one phase has no composition to compare; leave out the stack");
        return Err(PipelineError::argument("stack", name, reason));
    }
    let maps = amounts.amounts.iter().map(|a| project(a.view(), BEAM)).collect::<Result<Vec<_>, _>>()?;
    let shifts = shifts(&maps, images, warnings)?;
    let density = apply_shifts(images.density.view(), &shifts)?;
    let combined = combination(&density, &images.references)?;
    let crossed = project(mask.mapv(f32::from).view(), BEAM)?;
    let rays =
        Zip::from(&crossed).and(&total(&combined)).map_collect(|n, all| *n >= VOXELS && all.is_finite());
    let told = |maps: &[Array2<f32>]| -> Result<Told, PipelineError> {
        let views: Vec<_> = maps.iter().map(|map| map.view()).collect();
        let map = within(r_factor(density.view(), images.references.density(), &views)?, &rays);
        Ok(Told { good: share_below(map.view(), rays.view(), LIMIT)?, map })
    };
    let is_exact = images.references.energies() == images.references.phases();
    let [projected_all, combined_all] = [&maps, &combined].map(|maps| sum(&total(maps), &rays));
    let [projected, combined_map] = [&maps, &combined].map(|maps| within(fraction(maps), &rays));
    Ok(Consistency {
        origin: images.origin,
        energies: images.energies.clone(),
        phase: amounts.names[1].clone(),
        shifts,
        r_factor: if is_exact { None } else { Some(told(&combined)?) },
        r_factor_of_volume: told(&maps)?,
        difference: compare_maps(projected.view(), combined_map.view(), rays.view())?,
        projected,
        combined: combined_map,
        charge: [sum(&maps[1], &rays) / projected_all, sum(&combined[1], &rays) / combined_all],
        ratio: combined_all / projected_all,
    })
}

/// How far the content of each image lies from the projected volume. A stack is moved as one, by its amount of matter; projections
/// of volumes that were each aligned by themselves are moved one by one, onto what the volume has at their energy.
fn shifts(
    maps: &[Array2<f32>],
    images: &Images,
    warnings: &mut Vec<String>,
) -> Result<Vec<Point<Pixels>>, PipelineError> {
    let found = match images.origin {
        Origin::Stack => {
            let combined = total(&combination(&images.density, &images.references)?);
            let found = register(
                real(total(maps).view()).view(),
                real(combined.view()).view(),
                Window::Hann,
                ImageKind::Real,
            )?;
            vec![found; images.energies.len()]
        }
        Origin::Projections => {
            let at = |(image, row): (ArrayView2<'_, f32>, ndarray::ArrayView1<'_, f64>)| {
                let mut model = Array2::<f32>::zeros(image.dim());
                row.iter().zip(maps).for_each(|(density, map)| model.scaled_add(*density as f32, map));
                register(real(model.view()).view(), real(image).view(), Window::Hann, ImageKind::Real)
            };
            images
                .density
                .outer_iter()
                .zip(images.references.density().rows())
                .map(at)
                .collect::<Result<_, _>>()?
        }
    };
    let lowest = found.iter().map(|one| one.correlation).fold(1.0, f64::min);
    if lowest < ALIKE {
        warnings.push(format!(
            "the images correlate with the projected volume by {lowest:.2} only: look whether they show the sample at tilt 0"
        ));
    }
    Ok(found.into_iter().map(|one| one.shift).collect())
}

/// Amounts of the phases in every pixel, by least squares.
fn combination(
    density: &Array3<f32>,
    references: &PhaseReferences,
) -> Result<Vec<Array2<f32>>, PipelineError> {
    let planes: Vec<_> = density.outer_iter().map(|plane| plane.insert_axis(Axis(0))).collect();
    let amounts = solve(&planes, None, references, &Noise::Unknown)?;
    Ok(amounts.amounts.into_iter().map(|map| map.index_axis_move(Axis(0), 0)).collect())
}

fn total(maps: &[Array2<f32>]) -> Array2<f32> {
    let mut total = maps[0].clone();
    maps[1..].iter().for_each(|map| total += map);
    total
}

/// Fraction of the second phase.
fn fraction(maps: &[Array2<f32>]) -> Array2<f32> {
    &maps[1] / &total(maps)
}

fn within(mut map: Array2<f32>, rays: &Array2<bool>) -> Array2<f32> {
    Zip::from(&mut map).and(rays).for_each(|value, counts| {
        if !counts {
            *value = f32::NAN;
        }
    });
    map
}

fn sum(map: &Array2<f32>, rays: &Array2<bool>) -> f64 {
    map.iter().zip(rays).filter(|(_, counts)| **counts).map(|(value, _)| f64::from(*value)).sum()
}

/// As registration takes images: nothing where no number is.
fn real(image: ArrayView2<'_, f32>) -> Array2<C32> {
    image.mapv(|value| C32::new(if value.is_finite() { value } else { 0.0 }, 0.0))
}

impl Consistency {
    /// For a person.
    pub(super) fn lines(&self) -> Vec<String> {
        let images = match self.origin {
            Origin::Stack => format!("a stack at {} energies", self.energies.len()),
            Origin::Projections => "its own projections nearest to 0°, not an independent check".to_owned(),
        };
        let of = |what: &str, told: &Told| {
            format!("R-factor of {what} below {LIMIT} in {:.2} %", 100.0 * told.good)
        };
        let factors: Vec<String> = self
            .r_factor
            .iter()
            .map(|told| of("the linear combination", told))
            .chain([of("the projected volume", &self.r_factor_of_volume)])
            .collect();
        let [volume, flat] = self.charge.map(|share| 100.0 * share);
        vec![
            format!("against {images}: {} of {} pixels", factors.join(", "), self.difference.pixels),
            format!(
                "composition of the projected volume less that of the images: mean {:+.2} %, root mean square {:.2} %; {} \
                 {volume:.2} % of the matter in the projected volume, {flat:.2} % in the images",
                100.0 * self.difference.mean,
                100.0 * self.difference.rms,
                self.phase
            ),
        ]
    }

    /// Writes `/entry/consistency`.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if it cannot be written.
    pub(super) fn put(&self, file: &mut NexusWriter, voxel: Metres) -> Result<(), PipelineError> {
        let at = |name: &str| format!("/entry/consistency/{name}");
        file.group("/entry/consistency", "NXcollection")?;
        file.array(&at("projected"), &self.projected, "")?;
        file.attr(&at("projected"), "note", "composition of the volume along y, (z, x); NaN without matter")?;
        file.array(&at("combined"), &self.combined, "")?;
        file.attr(
            &at("combined"),
            "note",
            "composition by linear combination of the references in the images",
        )?;
        if let Some(told) = &self.r_factor {
            file.array(&at("r_factor"), &told.map, "")?;
            file.attr(
                &at("r_factor"),
                "note",
                "sum of squared residuals of the combination over that of the data",
            )?;
            file.dataset(&at("share_good"), told.good, "")?;
        }
        file.array(&at("r_factor_of_volume"), &self.r_factor_of_volume.map, "")?;
        file.dataset(&at("share_good_of_volume"), self.r_factor_of_volume.good, "")?;
        file.dataset(&at("limit"), LIMIT, "")?;
        file.array(&at("energy"), &self.energies, "eV")?;
        let shifts = Array2::from_shape_fn((self.shifts.len(), 2), |(image, axis)| {
            let shift = self.shifts[image];
            if axis == 0 { shift.y.value() } else { shift.x.value() }
        });
        file.array(&at("shift"), &shifts, "px")?;
        file.attr(&at("shift"), "note", "how far each image lay from the projected volume, (z, x)")?;
        file.dataset(&at("pixel"), voxel.value(), "m")?;
        file.dataset(&at("is_independent"), i64::from(self.origin == Origin::Stack), "")?;
        for (name, value) in [
            ("difference_mean", self.difference.mean),
            ("difference_rms", self.difference.rms),
            ("difference_median", self.difference.median),
            ("correlation", self.difference.correlation),
            ("share_of_volume", self.charge[0]),
            ("share_of_images", self.charge[1]),
            ("amount_ratio", self.ratio),
        ] {
            file.dataset(&at(name), value, "")?;
        }
        Ok(file.dataset(&at("pixels"), self.difference.pixels as i64, "")?)
    }
}
