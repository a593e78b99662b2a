//! Volumes as TIFF: the slices are pages, or files of a folder. The size of a voxel stands in the description as `ImageJ`
//! writes it, which other programs read too.

use super::options::{VolumeFormat, quantity_named};
use super::plan::{FoundVolume, VoxelSource};
use super::write::Sink;
use crate::atomic::{put_in_place, temporary_beside};
use crate::error::IoError;
use crate::image_files::{read_tiff_part, tiff_description, tiff_files, tiff_shape};
use crate::scan::{LengthUnit, length_unit_of};
use litho_types::quantity::Metres;
use ndarray::{Array3, ArrayView3, s};
use std::io::{Seek, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use tiff::encoder::colortype::Gray32Float;
use tiff::encoder::{Rational, TiffEncoder, TiffKindBig, TiffKindStandard};
use tiff::tags::{ResolutionUnit, Tag};

/// Above this many bytes of pixels the 32-bit offsets of classic TIFF run out.
const CLASSIC_LIMIT: u64 = (u32::MAX - (1 << 24)) as u64;
const NANOMETRE: f64 = 1e-9;

/// The volume of a TIFF file or of all TIFF files in a folder, by name with numbers in numerical order.
pub(super) fn find(path: &Path) -> Result<FoundVolume, IoError> {
    let mut files = Vec::new();
    let mut shape = [0; 3];
    for file in tiff_files(path)? {
        let (pages, ny, nx) = tiff_shape(&file)?;
        if !files.is_empty() && [ny, nx] != shape[1..] {
            return Err(IoError::WrongShape {
                path: file,
                dataset: "the image".to_owned(),
                found: vec![pages, ny, nx],
                expected: format!("of {} × {} pixels, as those before it", shape[1], shape[2]),
            });
        }
        shape = [shape[0] + pages, ny, nx];
        files.push((file, pages));
    }
    let place = match &files[..] {
        [(one, _)] => one.display().to_string(),
        many => format!("{} TIFF files in {}", many.len(), path.display()),
    };
    let text = files.first().map(|(first, _)| tiff_description(first)).transpose()?.unwrap_or_default();
    let entry = |key: &str| {
        text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('=').map(str::trim))
    };
    Ok(FoundVolume {
        format: VolumeFormat::Tiff,
        shape,
        place,
        source: VoxelSource::Tiff(files),
        stored_type: "grey values".to_owned(),
        quantity: entry("quantity").and_then(quantity_named),
        voxel: described_voxel(path, entry("spacing"), entry("unit")),
        warnings: Vec::new(),
    })
}

/// The voxel of a description that states a spacing and its unit; microscopes write `\u00B5m` for µm. A word that is no
/// length ("pixel", "inch") makes no voxel.
fn described_voxel(path: &Path, spacing: Option<&str>, unit: Option<&str>) -> Option<([Metres; 3], String)> {
    let unit = unit?.replace("\\u00B5", "µ");
    let unit = length_unit_of(path, "the description", Some(&unit)).ok()??;
    let edge = spacing?.parse::<f64>().ok()? * unit.metres();
    let usable = edge > 0.0 && unit != LengthUnit::ObjectPixel;
    usable.then(|| ([Metres::new(edge); 3], "spacing in the description".to_owned()))
}

/// The slices of `z`.
pub(super) fn slab(
    files: &[(PathBuf, usize)],
    [_, ny, nx]: [usize; 3],
    z: Range<usize>,
) -> Result<Array3<f32>, IoError> {
    let mut all = Array3::zeros((z.len(), ny, nx));
    let mut at = 0;
    for (file, pages) in files {
        let from = z.start.max(at);
        let to = z.end.min(at + pages);
        if from < to {
            let part = read_tiff_part(file, from - at..to - at, 0..ny)?;
            if part.dim() != (to - from, ny, nx) {
                return Err(IoError::argument(
                    "volume",
                    file.display(),
                    "changed while it was read; read it again",
                ));
            }
            all.slice_mut(s![from - z.start..to - z.start, .., ..]).assign(&part);
        }
        at += pages;
    }
    Ok(all)
}

/// A TIFF file that is being written, a page per slice. The encoder writes to the file without a buffer, which could
/// fail unseen when it is dropped; it writes strips of a megabyte anyway.
pub(super) struct TiffSink {
    path: PathBuf,
    temporary: tempfile::TempPath,
    encoder: Encoder,
    description: String,
    resolution: Option<Rational>,
    first: bool,
}

enum Encoder {
    Classic(TiffEncoder<std::fs::File, TiffKindStandard>),
    Big(TiffEncoder<std::fs::File, TiffKindBig>),
}

impl TiffSink {
    pub(super) fn create(
        path: &Path,
        shape: [usize; 3],
        voxel: Option<Metres>,
        quantity: &str,
    ) -> Result<Self, IoError> {
        let temporary: NamedTempFile = temporary_beside(path)?;
        let (file, temporary) = temporary.into_parts();
        let fail = |e: tiff::TiffError| IoError::write(path, "the file", e);
        let encoder = if crate::memory::bytes_of(&shape, size_of::<f32>()) > CLASSIC_LIMIT {
            Encoder::Big(TiffEncoder::new_big(file).map_err(fail)?)
        } else {
            Encoder::Classic(TiffEncoder::new(file).map_err(fail)?)
        };
        let nanometres = voxel.map(|voxel| voxel.value() / NANOMETRE);
        let scale =
            nanometres.map_or_else(String::new, |nm| format!("unit=nm\nspacing={}\n", twelve_digits(nm)));
        let slices = shape[0];
        // The version is that of the oldest ImageJ that reads 32-bit stacks with a unit.
        let description =
            format!("ImageJ=1.11a\nimages={slices}\nslices={slices}\n{scale}quantity={quantity}\n");
        let resolution = nanometres.and_then(per_unit);
        Ok(Self { path: path.to_owned(), temporary, encoder, description, resolution, first: true })
    }
}

impl Sink for TiffSink {
    fn put(&mut self, slab: ArrayView3<'_, f32>) -> Result<(), IoError> {
        for slice in slab.outer_iter() {
            let (ny, nx) = slice.dim();
            let values: Vec<f32> = slice.iter().copied().collect();
            let text = self.first.then_some(self.description.as_str());
            let written = match &mut self.encoder {
                Encoder::Classic(encoder) => page(encoder, (ny, nx), &values, text, self.resolution.as_ref()),
                Encoder::Big(encoder) => page(encoder, (ny, nx), &values, text, self.resolution.as_ref()),
            };
            written.map_err(|e| IoError::write(&self.path, "a page", e))?;
            self.first = false;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), IoError> {
        // Every page is whole once it is written.
        let Self { path, temporary, encoder, .. } = *self;
        drop(encoder);
        put_in_place(temporary, &path)
    }
}

fn page<W: Write + Seek, K: tiff::encoder::TiffKind>(
    encoder: &mut TiffEncoder<W, K>,
    (ny, nx): (usize, usize),
    values: &[f32],
    description: Option<&str>,
    resolution: Option<&Rational>,
) -> tiff::TiffResult<()> {
    let side = |n: usize| u32::try_from(n).map_err(|_| tiff::TiffError::IntSizeError);
    let mut image = encoder.new_image::<Gray32Float>(side(nx)?, side(ny)?)?;
    if let Some(resolution) = resolution {
        image.resolution(ResolutionUnit::None, resolution.clone());
    }
    if let Some(text) = description {
        image.encoder().write_tag(Tag::ImageDescription, text)?;
    }
    image.write_data(values)
}

/// Pixels per unit as a fraction of 32-bit integers, to six digits or more.
fn per_unit(edge: f64) -> Option<Rational> {
    let ratio = 1.0 / edge;
    let d = [1_000_000_000_u32, 1_000_000, 1000, 1].into_iter().find(|d| ratio * f64::from(*d) < 4e9)?;
    let n = (ratio * f64::from(d)).round();
    (n >= 1.0).then_some(Rational { n: n as u32, d })
}

/// A number as short as twelve digits allow: 6.7, not 6.700000000000001.
pub(super) fn twelve_digits(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}
