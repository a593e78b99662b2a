//! From one scan per angle to a tilt series on common pixels.

use super::config::{TiltInputConfig, TomographyConfig};
use crate::checkpoint;
use crate::config::{OrientationSetting, ReconstructConfig};
use crate::error::PipelineError;
use crate::output;
use crate::provenance::fingerprint;
use crate::reconstruct::{self, Resume, Status};
use crate::resolution::{Image, read_image};
use crate::run::stages::Key;
use litho_io::read_result;
use litho_resolve::region::Rectangle;
use litho_types::C32;
use litho_types::observer::{CancelToken, Observer, Silent, Step};
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::tilt::TiltAngles;
use litho_types::tilt_series::{Projections, TiltSeries};
use ndarray::{Array2, Array3, ArrayView1, Axis, Zip, s};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The scans of one energy, by ascending angle.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ScanSeries {
    pub(super) energy: Option<f64>,
    scans: Vec<TiltScan>,
    reconstruct: ReconstructConfig,
}

/// The scan of one projection.
#[derive(Debug, Clone, PartialEq)]
struct TiltScan {
    /// Degrees.
    angle: f64,
    file: PathBuf,
    /// Where its probe starts, if the experiment says so for this scan.
    probe: Option<String>,
}

/// Illumination, relative to the best lit pixel, from which on a projection has seen a pixel.
const LEAST_COVERAGE: f32 = 0.05;
/// Rows and columns are kept that all projections have seen in this part of as many pixels as the fullest row or column.
const FULL_ENOUGH: f64 = 0.5;
/// Relative difference of pixel sizes above which two images are not on one grid.
const PIXEL_TOLERANCE: f64 = 1e-3;

/// The scans of an experiment, one series per energy, in the order in which energies are named first.
pub(super) fn series_of(config: &TomographyConfig, beside: impl Fn(&str) -> PathBuf) -> Vec<ScanSeries> {
    let mut all: Vec<ScanSeries> = Vec::new();
    for TiltInputConfig { file, angle, energy, probe } in &config.inputs {
        let Some(angle) = *angle else { continue };
        let scan = TiltScan {
            angle,
            file: beside(file),
            probe: probe.as_ref().map(|probe| own_probe(probe, &beside)),
        };
        match all.iter_mut().find(|series| series.energy == *energy) {
            Some(series) => series.scans.push(scan),
            None => all.push(ScanSeries {
                energy: *energy,
                scans: vec![scan],
                reconstruct: own_settings(config, *energy, &beside),
            }),
        }
    }
    for series in &mut all {
        series.scans.sort_by(|a, b| a.angle.total_cmp(&b.angle));
    }
    all
}

/// A probe beside the experiment file; words stay.
fn own_probe(probe: &str, beside: impl Fn(&str) -> PathBuf) -> String {
    if matches!(probe, "auto" | "mean") { probe.to_owned() } else { beside(probe).display().to_string() }
}

/// Settings for the scans of one energy: a probe beside the experiment file, fractions of pixels used.
fn own_settings(
    config: &TomographyConfig,
    energy: Option<f64>,
    beside: impl Fn(&str) -> PathBuf,
) -> ReconstructConfig {
    let mut own = config.reconstruct.clone();
    own.probe = own.probe.map(|probe| own_probe(&probe, &beside));
    own.input.energy_ev = energy.or(own.input.energy_ev);
    own.subpixel = own.subpixel.or(Some(true));
    own
}

impl ScanSeries {
    /// The hash of all scans.
    ///
    /// # Errors
    /// [`PipelineError`] if one cannot be read.
    pub(super) fn hash(&self) -> Result<String, PipelineError> {
        let hashes =
            self.scans.par_iter().map(|scan| Ok(format!("{} {}", scan.angle, fingerprint(&scan.file)?.1)));
        Ok(hashes.collect::<Result<Vec<String>, PipelineError>>()?.join("\n"))
    }

    /// The settings that the projections depend on, as text.
    pub(super) fn settings(&self) -> String {
        toml::to_string(&self.first_settings()).unwrap_or_default()
    }

    /// Settings of the scan that comes first.
    fn first_settings(&self) -> ReconstructConfig {
        let probe = self.scans[self.pilot()].probe.clone();
        ReconstructConfig { probe: probe.or(self.reconstruct.probe.clone()), ..self.reconstruct.clone() }
    }

    /// Reconstructs every scan into `folder`, those that are not there already, and gathers the projections; `None` if
    /// that was interrupted. The scan nearest to 0° comes first; the others start from its probe and its orientation.
    ///
    /// # Errors
    /// [`PipelineError`] if a scan cannot be read or reconstructed, or pixels differ.
    pub(super) fn reconstruct(
        &self,
        folder: &Path,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<Option<(TiltSeries, Vec<String>)>, PipelineError> {
        output::make_folder(folder)?;
        let results: Vec<PathBuf> =
            (0..self.scans.len()).map(|index| folder.join(format!("a{index:04}.h5"))).collect();
        observer.begin("projections", 0, self.scans.len());
        let pilot = self.pilot();
        let first = self.reconstruct_one(pilot, &results[pilot], &self.first_settings(), cancel)?;
        let config = self.following(&results[pilot])?;
        let told = Mutex::new((1, &mut *observer));
        let rest: Vec<usize> = (0..self.scans.len()).filter(|index| *index != pilot).collect();
        let one = |&index: &usize| -> Result<(f64, f64), PipelineError> {
            let error = self.reconstruct_one(index, &results[index], &config, cancel)?;
            if let Ok(mut told) = told.lock() {
                told.0 += 1;
                let step = Step { iteration: told.0, iterations: self.scans.len(), loss: error };
                told.1.step(step);
            }
            Ok((error, self.scans[index].angle))
        };
        let mut errors = rest.par_iter().map(one).collect::<Result<Vec<_>, _>>()?;
        observer.end();
        if cancel.is_cancelled() {
            return Ok(None);
        }
        errors.push((first, self.scans[pilot].angle));
        let tilts = self.gathered(&results)?;
        let lines = vec![told_of(&tilts, errors)];
        Ok(Some((tilts, lines)))
    }

    /// Place of the scan nearest to 0°.
    fn pilot(&self) -> usize {
        let tilt = |index: &usize| self.scans[*index].angle.abs();
        (0..self.scans.len()).min_by(|a, b| tilt(a).total_cmp(&tilt(b))).unwrap_or(0)
    }

    /// Settings of the scans after the first, which found probe and orientation.
    fn following(&self, pilot: &Path) -> Result<ReconstructConfig, PipelineError> {
        let mut config = self.reconstruct.clone();
        if pilot.exists() {
            let orientation = read_result(pilot)?.number("/entry/orientation/chosen")?;
            config.orientation = Some(OrientationSetting::Index(orientation as u8));
            config.probe = Some(format!("{}:/entry/probe/data", pilot.display()));
        }
        config.threads = Some(1);
        Ok(config)
    }

    /// Reconstructs one scan unless its result is there, and returns its error; nothing is done after a cancellation.
    fn reconstruct_one(
        &self,
        index: usize,
        result: &Path,
        config: &ReconstructConfig,
        cancel: &CancelToken,
    ) -> Result<f64, PipelineError> {
        let TiltScan { angle, file: scan, .. } = &self.scans[index];
        let (_, hash) = fingerprint(scan)?;
        let settings = toml::to_string(config).unwrap_or_default();
        let key = Key::of("projection", &settings, &[&hash]);
        if key.holds(result) {
            return Ok(read_result(result)?.number("/entry/summary/error")?);
        }
        if cancel.is_cancelled() {
            return Ok(f64::NAN);
        }
        let request = reconstruct::Request {
            dataset: scan.display().to_string(),
            config: config.clone(),
            output: result.to_owned(),
            resume: Resume::No,
        };
        let summary = reconstruct::reconstruct(&request, &mut Silent, cancel).map_err(|error| {
            PipelineError::Unsuitable {
                file: scan.display().to_string(),
                reason: format!("the scan at {angle}° could not be reconstructed: {error}"),
            }
        })?;
        if summary.status == Status::Interrupted {
            // A scan is short: it begins anew.
            let _ = std::fs::remove_file(checkpoint::path_for(result));
            return Ok(f64::NAN);
        }
        key.keep(result)?;
        Ok(summary.error)
    }

    /// The projections, cut to the rows and columns that all of them saw well; NaN in pixels that one did not see.
    fn gathered(&self, results: &[PathBuf]) -> Result<TiltSeries, PipelineError> {
        let images = results.par_iter().map(|path| read_image(path)).collect::<Result<Vec<_>, _>>()?;
        let pixel = self.common_pixel(&images)?;
        let field = Field::of(&images)?;
        let mut projections = Array3::zeros((images.len(), field.kept.height, field.kept.width));
        for (mut projection, image) in projections.axis_iter_mut(Axis(0)).zip(&images) {
            projection.assign(&field.cut(image));
        }
        let degrees: Vec<f64> = self.scans.iter().map(|scan| scan.angle).collect();
        let angles = TiltAngles::from_degrees(&degrees)?;
        let energy = self.energy.map(ElectronVolts::new);
        Ok(TiltSeries::new(angles, Projections::Transmission(projections), pixel, energy)?)
    }

    /// The pixel of all images, which must be square and one.
    fn common_pixel(&self, images: &[Image]) -> Result<Option<Metres>, PipelineError> {
        let first = images[0].pixel;
        for (image, TiltScan { angle, file: scan, .. }) in images.iter().zip(&self.scans) {
            let (Some(first), Some(own)) = (first, image.pixel) else { continue };
            for (pixel, name) in [(own.y, "y"), (own.x, "x")] {
                if (pixel / first.x - 1.0).abs() > PIXEL_TOLERANCE {
                    return Err(PipelineError::Unsuitable {
                        file: scan.display().to_string(),
                        reason: format!(
                            "the projection at {angle}° has a pixel of {pixel} along {name}, the first one has {}; \
                             a tilt series needs square pixels of one size",
                            first.x
                        ),
                    });
                }
            }
        }
        Ok(first.map(|pixel| pixel.x))
    }
}

/// How many projections there are, and how well they explain their frames.
fn told_of(tilts: &TiltSeries, mut errors: Vec<(f64, f64)>) -> String {
    let (count, ny, nx) = tilts.projections().dim();
    errors.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let (worst, angle) = errors[errors.len() - 1];
    let degrees = tilts.angles().degrees();
    format!(
        "{count} projections of {ny} × {nx} pixels from {:.1}° to {:.1}°; Fourier error {:.4}, {worst:.4} at worst ({angle:.1}°)",
        degrees[0],
        degrees[count - 1],
        errors[errors.len() / 2].0
    )
}

/// The pixels that all projections share, in whole pixels from the first one's corner: what is left of a shift is found by the
/// alignment, and nothing is interpolated here.
struct Field {
    origin: Point<f64>,
    /// First shared row and column, counted from the first image's.
    corner: Point<i64>,
    /// Within the shared field, the rows and columns that are kept.
    kept: Rectangle,
}

impl Field {
    fn of(images: &[Image]) -> Result<Self, PipelineError> {
        let origin = Point::new(images[0].origin.y.value(), images[0].origin.x.value());
        let (mut low, mut high) = ([i64::MIN; 2], [i64::MAX; 2]);
        for image in images {
            let offset = offset(image, origin);
            let (ny, nx) = image.object.dim();
            for (axis, (begin, count)) in [(offset.y, ny), (offset.x, nx)].into_iter().enumerate() {
                low[axis] = low[axis].max(begin);
                high[axis] = high[axis].min(begin + count as i64);
            }
        }
        if low[0] >= high[0] || low[1] >= high[1] {
            return Err(PipelineError::argument(
                "inputs",
                format!("{} scans", images.len()),
                "their fields do not overlap; check the positions of the scans",
            ));
        }
        let shape = ((high[0] - low[0]) as usize, (high[1] - low[1]) as usize);
        let whole = Rectangle::whole(shape);
        let mut field = Self { origin, corner: Point::new(low[0], low[1]), kept: whole };
        let mut seen = Array2::from_elem(shape, true);
        for image in images {
            seen.zip_mut_with(&field.seen(image), |all, own| *all &= own);
        }
        field.kept = full_rectangle(&seen)?;
        Ok(field)
    }

    /// The pixels of the field that an image has seen.
    fn seen(&self, image: &Image) -> Array2<bool> {
        let largest = image.coverage.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        self.slice(image, &image.coverage).mapv(|light| light >= LEAST_COVERAGE * largest)
    }

    /// The shared field of an image's array.
    fn slice<T: Clone>(&self, image: &Image, array: &Array2<T>) -> Array2<T> {
        let offset = offset(image, self.origin);
        let (y, x) = ((self.corner.y - offset.y) as usize, (self.corner.x - offset.x) as usize);
        let Rectangle { y: top, x: left, height, width } = self.kept;
        array.slice(s![y + top..y + top + height, x + left..x + left + width]).to_owned()
    }

    /// The object of an image in the field, NaN where it was not seen.
    fn cut(&self, image: &Image) -> Array2<C32> {
        let mut object = self.slice(image, &image.object);
        Zip::from(&mut object).and(&self.seen(image)).for_each(|value, seen| {
            if !seen {
                *value = C32::new(f32::NAN, f32::NAN);
            }
        });
        object
    }
}

/// The rows and columns that are seen nearly as far as the fullest ones: scans are rounder than rectangles, and a corner that
/// one projection has not seen is no reason to cut the others.
fn full_rectangle(seen: &Array2<bool>) -> Result<Rectangle, PipelineError> {
    let span = |axis: usize| {
        let count = |line: ArrayView1<'_, bool>| line.iter().filter(|seen| **seen).count();
        let counts: Vec<usize> = seen.axis_iter(Axis(axis)).map(count).collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        let is_full = |count: &usize| *count > 0 && *count as f64 >= FULL_ENOUGH * most as f64;
        Some((counts.iter().position(is_full)?, counts.iter().rposition(is_full)?))
    };
    match (span(0), span(1)) {
        (Some((top, bottom)), Some((left, right))) => {
            Ok(Rectangle { y: top, x: left, height: bottom - top + 1, width: right - left + 1 })
        }
        _ => Err(PipelineError::argument(
            "inputs",
            format!("{} × {} shared pixels", seen.nrows(), seen.ncols()),
            "no pixel is lit in all projections; check the positions of the scans",
        )),
    }
}

/// Where an image begins, in whole pixels from the first image's corner.
fn offset(image: &Image, origin: Point<f64>) -> Point<i64> {
    let away = |own: f64, first: f64| (own - first).round() as i64;
    Point::new(away(image.origin.y.value(), origin.y), away(image.origin.x.value(), origin.x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_types::quantity::Pixels;

    fn image(shape: (usize, usize), origin: (f64, f64)) -> Image {
        // Every pixel holds its own scan position, so a cut shows where it was taken.
        let object = Array2::from_shape_fn(shape, |(y, x)| {
            C32::new(y as f32 + origin.0.round() as f32, x as f32 + origin.1.round() as f32)
        });
        let coverage = Array2::ones(shape);
        Image {
            object,
            coverage,
            origin: Point::new(Pixels::new(origin.0), Pixels::new(origin.1)),
            pixel: None,
        }
    }

    #[test]
    fn images_are_cut_to_the_field_they_share() {
        let images = [image((6, 8), (-3.0, -4.0)), image((7, 8), (-2.0, -5.2))];
        let field = Field::of(&images).unwrap();
        // Rows −2 … 2 and columns −4 … 2 are in both.
        let cuts: Vec<Array2<C32>> = images.iter().map(|image| field.cut(image)).collect();
        assert_eq!(cuts[0].dim(), (5, 7));
        assert_eq!(cuts[0], cuts[1]);
        assert_eq!(cuts[0][[0, 0]], C32::new(-2.0, -4.0));
        let apart = [image((4, 4), (0.0, 0.0)), image((4, 4), (9.0, 0.0))];
        assert!(Field::of(&apart).is_err());
    }

    #[test]
    fn a_corner_that_is_dark_cuts_nothing() {
        let mut seen = Array2::from_elem((8, 10), true);
        seen[[0, 0]] = false;
        seen.row_mut(7).fill(false);
        seen[[7, 4]] = true;
        let kept = full_rectangle(&seen).unwrap();
        // The last row is seen in one pixel of ten.
        assert_eq!((kept.y, kept.x, kept.height, kept.width), (0, 0, 7, 10));
        assert!(full_rectangle(&Array2::from_elem((3, 3), false)).is_err());
    }

    #[test]
    fn scans_are_sorted_by_angle_within_their_energy() {
        let scan = |file: &str, angle, energy| TiltInputConfig {
            file: file.to_owned(),
            angle: Some(angle),
            energy: Some(energy),
            probe: Some(format!("{file}.toml")),
        };
        let config = TomographyConfig {
            inputs: vec![scan("b", 2.0, 708.2), scan("c", 1.0, 710.2), scan("a", -1.0, 708.2)],
            ..TomographyConfig::default()
        };
        let all = series_of(&config, |file| PathBuf::from("day").join(file));
        assert_eq!(all.iter().map(|series| series.energy).collect::<Vec<_>>(), [Some(708.2), Some(710.2)]);
        let files: Vec<&Path> = all[0].scans.iter().map(|scan| scan.file.as_path()).collect();
        assert_eq!(files, [Path::new("day/a"), Path::new("day/b")]);
        assert_eq!(all[0].first_settings().probe.as_deref(), Some("day/a.toml"));
    }
}
