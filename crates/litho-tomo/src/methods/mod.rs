//! The methods, one file each. All work on a layer of slices at once.

mod art;
mod cgls;
mod fbp;
mod flatten;
mod fourier_sum;
mod order;
mod sart;
mod sirt;
mod tv;
mod wedge;

use crate::batch::Batch;
use crate::constraint::Constraint;
use crate::error::TomoError;
use crate::fourier::{Gridding, PlaneFilter, RowFilter};
use crate::geometry::Geometry;
use crate::projector::Projector;
use crate::settings::{Method, Settings};
use crate::sheet::Sheet;
use crate::track::Track;

/// What all layers of a volume share.
pub(crate) struct Problem {
    pub(crate) projector: Projector,
    prepared: Prepared,
}

/// What a method computes once.
enum Prepared {
    Filtered(RowFilter),
    Fourier(Gridding),
    Cgls,
    Sirt(sirt::Sums),
    Art { relaxation: f32 },
    Sart { relaxation: f32, block: usize, sums: sirt::Sums },
    Tv { strength: f32, block: usize, sums: sirt::Sums },
    Wedge { strength: f32, block: usize, sums: sirt::Sums, wedge: PlaneFilter },
}

impl Problem {
    pub(crate) fn new(geometry: &Geometry, settings: &Settings) -> Self {
        let projector = Projector::new(geometry);
        let prepared = match settings.method {
            Method::Fbp { filter } => Prepared::Filtered(RowFilter::ramp(geometry, filter)),
            Method::FbpFromDerivative { filter } => Prepared::Filtered(RowFilter::hilbert(geometry, filter)),
            Method::Fourier { filter } => {
                Prepared::Fourier(Gridding::new(geometry, RowFilter::ramp(geometry, filter)))
            }
            Method::Cgls { .. } => Prepared::Cgls,
            Method::Sirt { .. } => Prepared::Sirt(sirt::Sums::new(&projector)),
            Method::Art { relaxation, .. } => Prepared::Art { relaxation },
            Method::Sart { relaxation, block, .. } => {
                Prepared::Sart { relaxation, block, sums: sirt::Sums::new(&projector) }
            }
            Method::Tv { strength, block, .. } => {
                Prepared::Tv { strength, block, sums: sirt::Sums::new(&projector) }
            }
            Method::Wedge { strength, block, .. } => Prepared::Wedge {
                strength,
                block,
                sums: sirt::Sums::new(&projector),
                wedge: PlaneFilter::wedge(geometry),
            },
        };
        Self { projector, prepared }
    }
}

/// The slices of a layer.
pub(crate) fn solve(
    problem: &Problem,
    batch: &Batch,
    constraint: &Constraint,
    track: &mut Track,
) -> Result<Sheet, TomoError> {
    let projector = &problem.projector;
    match &problem.prepared {
        Prepared::Filtered(filter) => fbp::solve(projector, filter, batch, constraint, track),
        Prepared::Fourier(gridding) => fourier_sum::solve(projector, gridding, batch, constraint, track),
        Prepared::Cgls => cgls::solve(projector, batch, constraint, track),
        Prepared::Art { relaxation } => art::solve(projector, *relaxation, batch, constraint, track),
        Prepared::Sart { relaxation, block, sums } => {
            let subsets = sart::Subsets::new(projector, sums, *relaxation, *block);
            sart::solve(&subsets, batch, constraint, track)
        }
        Prepared::Tv { strength, block, sums } => {
            let subsets = sart::Subsets::new(projector, sums, 1.0, *block);
            tv::solve(&subsets, *strength, batch, constraint, track)
        }
        Prepared::Wedge { strength, block, sums, wedge } => {
            let subsets = sart::Subsets::new(projector, sums, 1.0, *block);
            wedge::solve(&subsets, *strength, wedge, batch, constraint, track)
        }
        Prepared::Sirt(sums) => sirt::solve(projector, sums, batch, constraint, track),
    }
}
