//! Three orthogonal slices of the volume, beside the truth where it is known.

use super::mismatch;
use crate::ReportError;
use crate::colour::ColourMap;
use crate::figure::{Grid, MapStyle, Panel, PixelSize, Range};
use crate::format::{format_length, short_number};
use crate::report::Drawing;
use ndarray::{Array2, ArrayView3, Axis, Zip};

/// Three slices of a volume through one voxel.
#[derive(Debug, Clone, PartialEq)]
pub struct Planes {
    /// The voxel `(z, y, x)`.
    pub at: [usize; 3],
    /// Perpendicular to the rotation axis, `(y, x)`.
    pub xy: Array2<f32>,
    /// `(z, x)`.
    pub xz: Array2<f32>,
    /// `(z, y)`.
    pub yz: Array2<f32>,
}

impl Planes {
    /// The slices of `volume` `(z, y, x)` through the voxel `at`.
    ///
    /// # Errors
    /// If the voxel is not in the volume.
    pub fn cut(volume: ArrayView3<'_, f32>, at: [usize; 3]) -> Result<Self, ReportError> {
        let (nz, ny, nx) = volume.dim();
        if at[0] >= nz || at[1] >= ny || at[2] >= nx {
            let (first, second) = (format!("voxel {at:?}"), format!("a volume of shape {nz} × {ny} × {nx}"));
            return Err(mismatch("slices of the volume", first, second));
        }
        let plane = |axis: usize| volume.index_axis(Axis(axis), at[axis]).to_owned();
        Ok(Self { at, xy: plane(0), xz: plane(1), yz: plane(2) })
    }

    /// The slices through the middle of `volume`.
    ///
    /// # Errors
    /// If the volume has no voxels.
    pub fn central(volume: ArrayView3<'_, f32>) -> Result<Self, ReportError> {
        let (nz, ny, nx) = volume.dim();
        Self::cut(volume, [nz / 2, ny / 2, nx / 2])
    }

    fn all(&self) -> [&Array2<f32>; 3] {
        [&self.xy, &self.xz, &self.yz]
    }

    fn dims(&self) -> [(usize, usize); 3] {
        self.all().map(Array2::dim)
    }
}

/// Three slices as a figure.
#[derive(Debug, Clone)]
pub struct Slices {
    /// The slices.
    pub planes: Planes,
    /// The same slices of the truth.
    pub truth: Option<Planes>,
    /// Edge of a voxel in metres; without it scale bars count voxels.
    pub voxel: Option<f64>,
    /// Quantity and unit: `electron density (e/Å³)`.
    pub label: String,
    /// Colours of the slices and of the truth.
    pub colours: ColourMap,
    /// What the colours span, over all of these together.
    pub range: Range,
}

impl Slices {
    /// Slices in greys over nearly all of their values.
    pub fn new(planes: Planes, label: impl Into<String>) -> Self {
        /// A thousandth of the voxels may be beyond each end.
        const NEARLY_ALL: Range = Range::Percentiles { low: 0.1, high: 99.9 };
        let (colours, range) = (ColourMap::Grey, NEARLY_ALL);
        Self { planes, truth: None, voxel: None, label: label.into(), colours, range }
    }

    /// The slices with the truth below them, and how they differ.
    ///
    /// # Errors
    /// If a slice is empty, the truth has other extents, or the voxel is no length.
    pub fn drawings(&self) -> Result<Vec<Drawing>, ReportError> {
        let mut rows = vec![self.row(&self.planes, "")];
        if let Some(truth) = &self.truth {
            self.check(truth)?;
            rows.push(self.row(truth, "truth, "));
        }
        let style = MapStyle { range: self.range, ..MapStyle::new(self.colours, self.label.as_str()) };
        let grid = Grid::maps("", &rows, &style)?.with_marks(&self.marks());
        let below = if self.truth.is_some() { " Below them the truth, in the same colours." } else { "" };
        let caption = format!(
            "Three orthogonal slices of the volume, {}. The first axis runs to the right, the second downward; z is the \
             rotation axis. Pointers mark where the other two slices lie.{below}{}",
            self.label,
            shown(&grid)
        );
        let alt = format!("Three orthogonal slices of the volume, {}", self.label);
        let mut drawings = vec![Drawing::of_grid("slices", grid, alt, caption)?];
        if let Some(truth) = &self.truth {
            drawings.push(self.difference(truth)?);
        }
        Ok(drawings)
    }

    fn check(&self, truth: &Planes) -> Result<(), ReportError> {
        let (found, true_ones) = (self.planes.dims(), truth.dims());
        if found == true_ones {
            return Ok(());
        }
        Err(mismatch("slices and their truth", format!("shapes {found:?}"), format!("shapes {true_ones:?}")))
    }

    fn difference(&self, truth: &Planes) -> Result<Drawing, ReportError> {
        let minus =
            |found: &Array2<f32>, truth: &Array2<f32>| Zip::from(found).and(truth).map_collect(|f, t| f - t);
        let planes = Planes {
            at: self.planes.at,
            xy: minus(&self.planes.xy, &truth.xy),
            xz: minus(&self.planes.xz, &truth.xz),
            yz: minus(&self.planes.yz, &truth.yz),
        };
        let style = MapStyle {
            range: Range::Symmetric { percentile: 99.5 },
            ..MapStyle::new(ColourMap::Diverging, format!("difference in {}", self.label))
        };
        let grid = Grid::maps("", &[self.row(&planes, "")], &style)?;
        let (mut squares, mut count) = (0.0, 0usize);
        for value in planes.all().into_iter().flatten().filter(|v| v.is_finite()) {
            squares += f64::from(*value).powi(2);
            count += 1;
        }
        let rms = (squares / count.max(1) as f64).sqrt();
        let caption = format!(
            "Reconstruction minus truth in these slices: {} root mean square.{}",
            short_number(rms),
            shown(&grid)
        );
        let alt = "Maps of the difference between reconstruction and truth".to_owned();
        Drawing::of_grid("slices_difference", grid, alt, caption)
    }

    fn row<'p>(&self, planes: &'p Planes, prefix: &str) -> Vec<Panel<'p>> {
        let [z, y, x] = planes.at;
        let names = [("x–y", "z", z), ("x–z", "y", y), ("y–z", "x", x)];
        let panel = |(plane, (axes, normal, index)): (&'p Array2<f32>, (&str, &str, usize))| Panel {
            title: format!("{prefix}{axes} at {normal} = {}", self.coordinate(index)),
            values: plane.view(),
            pixel: self.voxel.map(PixelSize::square),
        };
        planes.all().into_iter().zip(names).map(panel).collect()
    }

    /// A place along an axis, from the first voxel.
    fn coordinate(&self, index: usize) -> String {
        match self.voxel {
            Some(edge) if index > 0 => format!("{index} ({})", format_length(index as f64 * edge, 3)),
            _ => index.to_string(),
        }
    }

    /// Where the other slices cross each of them, as parts of their sides.
    fn marks(&self) -> [(f64, f64); 3] {
        let [z, y, x] = self.planes.at.map(|index| index as f64 + 0.5);
        let [[ny, nx], [nz, _], _] = self.planes.dims().map(|(rows, columns)| [rows as f64, columns as f64]);
        [(y / ny, x / nx), (z / nz, x / nx), (z / nz, y / ny)]
    }
}

/// What the colours span, as a sentence.
pub(super) fn shown(grid: &Grid) -> String {
    grid.shown_range().map_or_else(String::new, |(min, max)| {
        format!(" Colours span {} to {}.", short_number(min), short_number(max))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    fn volume() -> Array3<f32> {
        Array3::from_shape_fn((4, 6, 8), |(z, y, x)| (100 * z + 10 * y + x) as f32)
    }

    #[test]
    fn slices_go_through_their_voxel() {
        let planes = Planes::cut(volume().view(), [1, 2, 3]).expect("inside");
        assert_eq!(planes.dims(), [(6, 8), (4, 8), (4, 6)]);
        assert_eq!((planes.xy[[2, 3]], planes.xz[[1, 3]], planes.yz[[1, 2]]), (123.0, 123.0, 123.0));
        assert_eq!((planes.xy[[0, 7]], planes.xz[[0, 7]], planes.yz[[3, 0]]), (107.0, 27.0, 303.0));
        assert_eq!(Planes::central(volume().view()).expect("has voxels").at, [2, 3, 4]);
        let error = Planes::cut(volume().view(), [4, 0, 0]).expect_err("outside").to_string();
        assert!(error.contains("[4, 0, 0]") && error.contains("4 × 6 × 8"), "{error}");
        assert!(Planes::central(Array3::zeros((0, 1, 1)).view()).is_err());
    }

    #[test]
    fn pointers_mark_the_middle_of_the_voxel() {
        let planes = Planes::cut(volume().view(), [1, 2, 3]).expect("inside");
        let marks = Slices::new(planes, "").marks();
        assert_eq!(marks, [(2.5 / 6.0, 3.5 / 8.0), (1.5 / 4.0, 3.5 / 8.0), (1.5 / 4.0, 2.5 / 6.0)]);
    }

    #[test]
    fn the_truth_shares_the_colours_and_the_difference_has_its_own() {
        let planes = Planes::central(volume().view()).expect("has voxels");
        let truth = Planes::central((volume() - 3.0).view()).expect("has voxels");
        let slices =
            Slices { truth: Some(truth), voxel: Some(2e-8), ..Slices::new(planes, "density (e/Å³)") };
        let drawings = slices.drawings().expect("draws");
        let names: Vec<&str> = drawings.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["slices", "slices_difference"]);
        let text = drawings[0].to_svg_document();
        assert_eq!(text.matches("<image").count(), 7, "six slices and a bar");
        assert!(text.contains("x–y at z = 2 (40.0 nm)") && text.contains("truth, y–z at x = 4 (80.0 nm)"));
        assert!(drawings[1].caption.contains("3.00 root mean square"), "{}", drawings[1].caption);
        let other = Planes::central(Array3::zeros((4, 6, 7)).view()).expect("has voxels");
        assert!(Slices { truth: Some(other), ..slices }.drawings().is_err());
    }
}
