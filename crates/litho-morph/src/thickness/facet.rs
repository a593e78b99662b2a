//! The frame of a plate and the columns of voxels under its facet.

use super::samples::{Owner, Scene};
use super::settings::ThicknessSettings;
use super::slab::SlabFit;
use crate::small::{cross, dot};
use ndarray::Array2;

/// Shares of the margin that are tried, until enough columns remain.
const MARGINS: [f64; 5] = [1.0, 0.75, 0.5, 0.25, 0.0];
/// Tangents beyond this are no refinement of the normal.
const LARGEST_TILT: f64 = 0.5;

/// A plate's frame, and columns of square section on a grid across it.
pub(super) struct Facet {
    /// Middle of the grid and of the window.
    centre: [f64; 3],
    /// Two axes in the facet and its normal, as rows.
    pub(super) axes: [[f64; 3]; 3],
    /// Thickness of the labelled voxels, typically.
    pub(super) thickness: f64,
    /// How far voxels are used to either side of the centre.
    pub(super) reach: f64,
    /// Standard deviation of the point-spread function.
    pub(super) sigma: f64,
    /// Edge of a column.
    pub(super) pitch: f64,
    /// Which columns are of the facet, and which are used.
    pub(super) footprint: Array2<bool>,
    used: Array2<bool>,
    pub(super) free: f64,
    pub(super) clear: bool,
    pub(super) margin: f64,
}

impl Facet {
    /// The facet across the last of `axes`.
    pub(super) fn new(
        scene: &Scene,
        centre: [f64; 3],
        axes: [[f64; 3]; 3],
        settings: &ThicknessSettings,
    ) -> Self {
        let pitch = scene.edges.into_iter().fold(0.0, f64::max);
        let mut facet = Self {
            centre,
            axes,
            thickness: 0.0,
            reach: 0.0,
            sigma: settings.sigma(),
            pitch,
            footprint: Array2::default((0, 0)),
            used: Array2::default((0, 0)),
            free: 0.0,
            clear: true,
            margin: 0.0,
        };
        let plate = scene.voxels.iter().filter(|voxel| voxel.owner == Owner::Plate);
        let half = plate
            .map(|voxel| facet.local(voxel.place))
            .fold(0.0, |far: f64, [u, v, _]| far.max(u.abs()).max(v.abs()));
        let cells = 2 * ((half + 2.0 * settings.resolution) / pitch).ceil() as usize + 3;
        facet.footprint = Array2::default((cells, cells));
        let depth = facet.projected(scene, |voxel, _| f64::from(u8::from(voxel.owner == Owner::Plate)));
        // The depth over a typical voxel of the plate: the rim counts little.
        let (sum, squares) = depth.iter().fold((0.0, 0.0), |(s, q), d| (s + d, q + d * d));
        facet.thickness = if sum > 0.0 { squares / sum } else { 0.0 };
        facet.reach = 0.5 * facet.thickness + settings.window * settings.resolution;
        facet.footprint = depth.mapv(|depth| depth > 0.0 && depth >= 0.5 * facet.thickness);
        facet.choose(scene, settings);
        facet
    }

    /// Along the two axes in the facet and the normal.
    pub(super) fn local(&self, place: [f64; 3]) -> [f64; 3] {
        let off: [f64; 3] = std::array::from_fn(|i| place[i] - self.centre[i]);
        self.axes.map(|axis| dot(axis, off))
    }

    /// Where a place in the facet lies on the grid, in columns.
    fn on_grid(&self, aside: [f64; 2]) -> [f64; 2] {
        let middle = 0.5 * (self.footprint.nrows() as f64 - 1.0);
        aside.map(|coordinate| coordinate / self.pitch + middle)
    }

    /// The column of a place, if it is on the grid.
    fn column(&self, aside: [f64; 2]) -> Option<(usize, usize)> {
        let [u, v] = self.on_grid(aside).map(f64::round);
        let inside = |c: f64| c >= 0.0 && c < self.footprint.nrows() as f64;
        (inside(u) && inside(v)).then_some((u as usize, v as usize))
    }

    /// Whether voxels at this place are used.
    pub(super) fn uses(&self, aside: [f64; 2]) -> bool {
        self.column(aside).is_some_and(|column| self.used[column])
    }

    /// Number of columns that are used.
    pub(super) fn columns(&self) -> usize {
        self.used.iter().filter(|used| **used).count()
    }

    /// Sums along the normal, as lengths: each voxel's `amount`, times its volume, shared by the four nearest columns.
    pub(super) fn projected(
        &self,
        scene: &Scene,
        amount: impl Fn(&super::samples::Voxel, [f64; 3]) -> f64,
    ) -> Array2<f64> {
        let mut sums = Array2::zeros(self.footprint.dim());
        let scale = scene.edges.iter().product::<f64>() / (self.pitch * self.pitch);
        for voxel in &scene.voxels {
            let [u, v, along] = self.local(voxel.place);
            let amount = scale * amount(voxel, [u, v, along]);
            if amount == 0.0 {
                continue;
            }
            let [u, v] = self.on_grid([u, v]);
            for (i, a) in [(u.floor(), 1.0 - u.fract()), (u.floor() + 1.0, u.fract())] {
                for (j, b) in [(v.floor(), 1.0 - v.fract()), (v.floor() + 1.0, v.fract())] {
                    if i >= 0.0
                        && j >= 0.0
                        && let Some(sum) = sums.get_mut((i as usize, j as usize))
                    {
                        *sum += a * b * amount;
                    }
                }
            }
        }
        sums
    }

    /// Chooses the columns: within the margin, and not under neighbours if enough remain.
    fn choose(&mut self, scene: &Scene, settings: &ThicknessSettings) {
        let mut covered = Array2::default(self.footprint.dim());
        for voxel in scene.voxels.iter().filter(|voxel| voxel.owner == Owner::Other) {
            let [u, v, along] = self.local(voxel.place);
            if let Some(column) = self.column([u, v]).filter(|_| along.abs() <= self.reach) {
                covered[column] = true;
            }
        }
        // A neighbour's blur reaches the columns beside it.
        let open = self.eroded(&covered.mapv(|covered: bool| !covered), self.pitch);
        for share in MARGINS {
            self.margin = share * settings.margin * settings.resolution;
            let inner = self.eroded(&self.footprint, self.margin);
            let free = &inner & &open;
            let count = |columns: &Array2<bool>| columns.iter().filter(|column| **column).count();
            let (all, left) = (count(&inner), count(&free));
            self.free = if all > 0 { left as f64 / all as f64 } else { 0.0 };
            self.clear = left >= settings.fewest;
            self.used = if self.clear { free } else { inner };
            if all >= settings.fewest {
                break;
            }
        }
    }

    /// The columns that have none outside within this distance.
    fn eroded(&self, columns: &Array2<bool>, distance: f64) -> Array2<bool> {
        let reach = (distance / self.pitch).floor() as isize;
        let limit = (distance / self.pitch).powi(2);
        let inside = |(u, v): (usize, usize), (i, j): (isize, isize)| {
            let near = u.checked_add_signed(i).zip(v.checked_add_signed(j));
            near.and_then(|near| columns.get(near)).copied().unwrap_or(false)
        };
        Array2::from_shape_fn(columns.dim(), |column| {
            (-reach..=reach)
                .all(|i| (-reach..=reach).all(|j| (i * i + j * j) as f64 > limit || inside(column, (i, j))))
        })
    }

    /// Axes and centre as a fit's tilt has turned them; `None` if that is no small tilt.
    pub(super) fn turned(&self, fit: &SlabFit) -> Option<([[f64; 3]; 3], [f64; 3])> {
        let [a, b] = fit.tilt;
        let [u, v, n] = self.axes;
        if a.abs().max(b.abs()) > LARGEST_TILT {
            return None;
        }
        // The middle of the slab is at s = c + a u + b v: its normal is along n − a u − b v.
        let unit = |v: [f64; 3]| v.map(|component| component / dot(v, v).sqrt());
        let normal = unit(std::array::from_fn(|i| n[i] - a * u[i] - b * v[i]));
        let along = dot(u, normal);
        let first = unit(std::array::from_fn(|i| u[i] - along * normal[i]));
        let centre = std::array::from_fn(|i| self.centre[i] + fit.centre * n[i]);
        Some(([first, cross(normal, first), normal], centre))
    }
}
