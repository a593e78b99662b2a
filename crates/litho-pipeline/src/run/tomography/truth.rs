//! The comparison of a volume with the known truth of a simulated experiment.

use super::flow::EnergyFiles;
use crate::error::PipelineError;
use crate::volume_input::{self, fitted, middle};
use litho_io::{ResultFile, read_result};
use litho_report::report::Fact;
use litho_resolve::fsc::{Fsc, FscOptions, fourier_shell_correlation};
use litho_resolve::register::{ImageKind, register};
use litho_resolve::window::Window;
use litho_tomo::align::{Placement, apply, without_gauge};
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::Pixels;
use litho_types::tilt::TiltAngles;
use litho_types::volume::{Volume, VolumeQuantity};
use ndarray::{Array3, ArrayView3, Axis, Ix3, Zip};
use std::path::Path;

/// How a volume differs from the truth.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Agreement {
    /// Mean density of what lies deep inside matter, over the true one.
    pub(super) density_ratio: f64,
    /// Voxels that this mean is of.
    pub(super) interior: usize,
    /// Root mean square of the difference over that of the truth, within matter and around it.
    pub(super) relative_error: f64,
    /// Shell correlation with the truth.
    pub(super) fsc: Fsc,
    /// Root mean square error of the placements (y, x), px, without what no projection can tell; only of series whose true placements
    /// are known.
    pub(super) placement_error: Option<[f64; 2]>,
    /// The truth, moved to where the reconstruction lies.
    pub(super) truth: Volume,
}

/// Voxels around one that must be matter, too, for it to lie deep inside.
const DEEP: usize = 2;
/// Part of the largest true density above which a voxel is matter.
const MATTER: f32 = 0.5;
/// Angles closer than this are the same, degrees.
const SAME_ANGLE: f64 = 0.01;

/// Compares the volume of one energy with the truth; `None` if the truth holds no volume of its energy and quantity.
///
/// # Errors
/// [`PipelineError`] if a file cannot be read.
pub(super) fn compare(truth: &Path, files: &EnergyFiles) -> Result<Option<Agreement>, PipelineError> {
    let file = read_result(truth)?;
    let volume = volume_input::load(&files.volume)?;
    let energy = read_result(&files.volume)?.number("/entry/energy").ok();
    let Some(channel) = channel_of(&file, energy)? else { return Ok(None) };
    let Some(known) = true_volume(&file, &channel, &volume)? else { return Ok(None) };
    let shape = common_shape(volume.data.dim(), known.dim());
    let (found, known) = (middle(volume.data.view(), shape), middle(known.view(), shape));
    let known = moved_onto(known, found)?;
    let deep = interior(known.view());
    let (mut ours, mut theirs, mut interior_voxels) = (0.0, 0.0, 0);
    Zip::from(&found).and(&known).and(&deep).for_each(|&found, &known, &deep| {
        if deep {
            ours += f64::from(found);
            theirs += f64::from(known);
            interior_voxels += 1;
        }
    });
    let (mut difference, mut power) = (0.0, 0.0);
    Zip::from(&found).and(&known).for_each(|&found, &known| {
        difference += f64::from(found - known).powi(2);
        power += f64::from(known).powi(2);
    });
    let options = FscOptions { voxel: volume.voxel, directions: Vec::new(), ..FscOptions::default() };
    Ok(Some(Agreement {
        density_ratio: ours / theirs,
        interior: interior_voxels,
        relative_error: (difference / power).sqrt(),
        fsc: fourier_shell_correlation(found.view(), known.view(), &options)?,
        placement_error: placement_error(&file, &channel, &files.aligned)?,
        truth: Volume {
            data: fitted(volume.data.dim(), known.view()),
            quantity: volume.quantity,
            voxel: volume.voxel,
        },
    }))
}

impl Agreement {
    /// One line per measure.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "density inside matter {:.4} of the truth ({} voxels); relative error {:.3}",
            self.density_ratio, self.interior, self.relative_error
        )];
        if let Some([y, x]) = self.placement_error {
            lines.push(format!("placements off by {y:.3} px along y and {x:.3} px along x, rms"));
        }
        let limits = &self.fsc.whole.half_bit_limits;
        lines.push(crate::resolution::describe("FSC with the truth, ½-bit", limits, self.fsc.options.voxel));
        lines
    }
}

impl Agreement {
    /// The same for the head of a report.
    pub(super) fn facts(&self) -> Vec<Fact> {
        vec![Fact {
            name: "density".to_owned(),
            value: format!("{:+.2} %", 100.0 * (self.density_ratio - 1.0)),
            note: "deep inside matter, against the truth".to_owned(),
        }]
    }
}

/// The channel of the truth whose energy is nearest.
fn channel_of(file: &ResultFile, energy: Option<f64>) -> Result<Option<String>, PipelineError> {
    let mut nearest: Option<(f64, String)> = None;
    for name in file.members("/entry") {
        let at = format!("/entry/{name}/energy");
        if !file.contains(&at) || !file.contains(&format!("/entry/{name}/volume/data")) {
            continue;
        }
        let distance = energy.map_or(Ok(0.0), |energy| file.number(&at).map(|own| (own - energy).abs()))?;
        if nearest.as_ref().is_none_or(|(least, _)| distance < *least) {
            nearest = Some((distance, name));
        }
    }
    Ok(nearest.map(|(_, name)| name))
}

/// The true volume of a channel in the quantity of the reconstruction, if it is there.
fn true_volume(
    file: &ResultFile,
    channel: &str,
    volume: &Volume,
) -> Result<Option<Array3<f32>>, PipelineError> {
    let unit = |name: &str| file.unit(name).unwrap_or_default();
    for group in ["volume", "phase_volume"] {
        let name = format!("/entry/{channel}/{group}/data");
        let fits = file.contains(&name)
            && match volume.quantity {
                VolumeQuantity::Unknown => false,
                quantity => unit(&name) == quantity.unit(),
            };
        if fits {
            return Ok(file.real_f32(&name)?.into_dimensionality::<Ix3>().ok());
        }
    }
    Ok(None)
}

fn common_shape(a: (usize, usize, usize), b: (usize, usize, usize)) -> [usize; 3] {
    [a.0.min(b.0), a.1.min(b.1), a.2.min(b.2)]
}

/// The true volume, moved by fractions of voxels to where the reconstruction lies: a tilt series does not tell where its sample is.
fn moved_onto(known: ArrayView3<f32>, found: ArrayView3<f32>) -> Result<Array3<f32>, PipelineError> {
    let shift = |axis: usize| {
        let image = |volume: ArrayView3<f32>| volume.sum_axis(Axis(axis)).mapv(|value| C32::new(value, 0.0));
        register(image(known).view(), image(found).view(), Window::Hann, ImageKind::Real)
    };
    let (along_z, along_y) = (shift(0)?.shift, shift(1)?.shift);
    let (dz, dy, dx) = (along_y.y.value(), along_z.y.value(), along_z.x.value());
    let slices = vec![Placement::shifted(dy, dx); known.len_of(Axis(0))];
    let moved = apply(known, &slices)?;
    // (z, y, x) as images (z, x) for each y
    let sheets = vec![Placement::shifted(dz, 0.0); known.len_of(Axis(1))];
    let turned = moved.permuted_axes([1, 0, 2]).as_standard_layout().to_owned();
    Ok(apply(turned.view(), &sheets)?.permuted_axes([1, 0, 2]).as_standard_layout().to_owned())
}

/// Voxels whose neighbours, a few to each side, are all matter.
fn interior(known: ArrayView3<f32>) -> Array3<bool> {
    let largest = known
        .iter()
        .copied()
        .fold(0.0, |most: f32, value| if value.abs() > most.abs() { value } else { most });
    let mut deep = known.mapv(|value| value / largest > MATTER);
    for axis in 0..3 {
        for mut lane in deep.lanes_mut(Axis(axis)) {
            let old: Vec<bool> = lane.to_vec();
            for (index, deep) in lane.iter_mut().enumerate() {
                let window = index.checked_sub(DEEP).and_then(|begin| old.get(begin..=index + DEEP));
                *deep = window.is_some_and(|window| window.iter().all(|matter| *matter));
            }
        }
    }
    deep
}

/// Root mean square of what placements differ by from the true ones, without what no projection can tell.
fn placement_error(
    file: &ResultFile,
    channel: &str,
    aligned: &Path,
) -> Result<Option<[f64; 2]>, PipelineError> {
    let name = format!("/entry/{channel}/alignment/shift");
    let own = read_result(aligned)?;
    if !file.contains(&name) || !own.contains("/entry/alignment/shift") {
        return Ok(None);
    }
    let numbers = |file: &ResultFile, name: &str| -> Result<Vec<f64>, PipelineError> {
        Ok(file.real(name)?.into_iter().collect())
    };
    let (known, known_angles) = (numbers(file, &name)?, numbers(file, "/entry/angle")?);
    let (found, angles) = (numbers(&own, "/entry/alignment/shift")?, numbers(&own, "/entry/angle")?);
    let mut off = Vec::new();
    for (index, degrees) in angles.iter().enumerate() {
        let same = |known: &f64| (known - degrees).abs() < SAME_ANGLE;
        let Some(place) = known_angles.iter().position(same) else { return Ok(None) };
        let difference = |axis: usize| Pixels::new(found[2 * index + axis] - known[2 * place + axis]);
        off.push(Point::new(difference(0), difference(1)));
    }
    let left = without_gauge(&off, &TiltAngles::from_degrees(&angles)?, true);
    let rms = |of: fn(&Point<Pixels>) -> f64| {
        (left.iter().map(|off| of(off).powi(2)).sum::<f64>() / left.len() as f64).sqrt()
    };
    Ok(Some([rms(|off| off.y.value()), rms(|off| off.x.value())]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::s;

    #[test]
    fn deep_inside_is_what_matter_surrounds() {
        let mut known = Array3::zeros((9, 9, 9));
        known.slice_mut(s![2..8, 2..8, 2..8]).fill(-1.0);
        let deep = interior(known.view());
        // Of six voxels along each edge, the middle two have two of matter to each side.
        assert_eq!(deep.iter().filter(|deep| **deep).count(), 8);
        assert!(deep[[4, 5, 4]]);
    }

    #[test]
    fn the_truth_is_moved_to_the_reconstruction() {
        let blob = |z0: f64, y0: f64, x0: f64| {
            Array3::from_shape_fn((40, 40, 40), |(z, y, x)| {
                let square =
                    (z as f64 - z0).powi(2) + (y as f64 - y0).powi(2) / 2.0 + (x as f64 - x0).powi(2) / 3.0;
                (-square / 12.0).exp() as f32
            })
        };
        let (known, found) = (blob(19.5, 19.5, 19.5), blob(20.7, 18.2, 19.9));
        let moved = moved_onto(known.view(), found.view()).unwrap();
        let worst = Zip::from(&moved).and(&found).fold(0.0_f32, |worst, a, b| worst.max((a - b).abs()));
        // Quintic splines on a Gaussian of width 2.4 px err by less than a thousandth; registration by less than 0.01 px.
        assert!(worst < 0.01, "{worst}");
    }
}
