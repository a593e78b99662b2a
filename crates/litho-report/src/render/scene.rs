//! What is rendered: a volume, how it is seen, and what colours it has.

use super::field::{Classes, Field};
use crate::ReportError;
use crate::colour::{ColourMap, Rgb};
use ndarray::ArrayView3;

/// How a volume is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Look {
    /// The surface where the values reach `level`, lit from the upper left.
    Surface {
        /// Value of the surface.
        level: f64,
    },
    /// Light that matter emits and absorbs: the opacity of a voxel grows from 0 at `from` to `opacity` at `to`.
    Fog {
        /// Value that is transparent.
        from: f64,
        /// Value of the full opacity.
        to: f64,
        /// Opacity of one voxel of the full value, between 0 and 1.
        opacity: f64,
    },
    /// The largest value along each ray, from invisible at `from` to full colour at `to`.
    Maximum {
        /// Value that is invisible.
        from: f64,
        /// Value of the full colour.
        to: f64,
    },
}

impl Look {
    /// Below this value nothing is seen.
    pub(super) fn threshold(self) -> f64 {
        match self {
            Self::Surface { level } => level,
            Self::Fog { from, .. } | Self::Maximum { from, .. } => from,
        }
    }

    /// What is wrong with its numbers, if anything.
    fn fault(self) -> Option<&'static str> {
        let ordered = |from: f64, to: f64| from < to && (to - from).is_finite();
        match self {
            Self::Surface { level } if !level.is_finite() => Some("give the surface a finite level"),
            Self::Fog { from, to, .. } | Self::Maximum { from, to } if !ordered(from, to) => {
                Some("give finite values with from < to")
            }
            Self::Fog { opacity, .. } if !(opacity > 0.0 && opacity < 1.0) => {
                Some("give an opacity between 0 and 1")
            }
            _ => None,
        }
    }
}

/// Which colours matter has.
#[derive(Debug, Clone)]
pub enum Paint<'a> {
    /// One colour everywhere.
    Plain(Rgb),
    /// That of a second number of each voxel, or of the same: a chemical state, a density.
    Values {
        /// The numbers `(z, y, x)`.
        values: ArrayView3<'a, f32>,
        /// Their colours.
        colours: ColourMap,
        /// Value of the first colour.
        from: f64,
        /// Value of the last colour.
        to: f64,
    },
    /// That of its class.
    Classes {
        /// Label of each voxel `(z, y, x)`; 1 is the first colour.
        labels: ArrayView3<'a, u16>,
        /// The colour of each class.
        colours: Vec<Rgb>,
        /// The colour of voxels with label 0 or a label beyond the colours.
        other: Rgb,
    },
}

/// A volume to be rendered.
#[derive(Debug, Clone)]
pub struct Scene<'a> {
    /// The values `(z, y, x)`, the rotation axis along z; those that are not finite are empty.
    pub values: ArrayView3<'a, f32>,
    /// Edge of a voxel in metres, for the scale bar; without it there is none.
    pub voxel: Option<f64>,
    /// How the volume is seen.
    pub look: Look,
    /// Which colours it has.
    pub paint: Paint<'a>,
    /// Colour where nothing is.
    pub background: Rgb,
    /// Colours and what they stand for, written into each frame.
    pub key: Vec<(Rgb, String)>,
}

/// Colour of matter whose colour means nothing: a warm grey.
const STONE: Rgb = [214, 205, 190];
/// Colour behind light on black.
const NIGHT: Rgb = [14, 16, 20];

impl<'a> Scene<'a> {
    /// The surface where `values` reach `level`, in one colour, on white.
    pub fn surface(values: ArrayView3<'a, f32>, level: f64) -> Self {
        let (look, paint) = (Look::Surface { level }, Paint::Plain(STONE));
        Self { values, voxel: None, look, paint, background: [255; 3], key: Vec::new() }
    }

    /// Translucent matter between `from` and `to` in the colours of `colours`, on black.
    pub fn fog(values: ArrayView3<'a, f32>, (from, to): (f64, f64), colours: ColourMap) -> Self {
        /// A hundred voxels of half the full value let through 1/e².
        const OPACITY: f64 = 0.04;
        Self::glowing(values, Look::Fog { from, to, opacity: OPACITY }, (from, to), colours)
    }

    /// The largest value along each ray between `from` and `to` in the colours of `colours`, on black.
    pub fn maximum(values: ArrayView3<'a, f32>, (from, to): (f64, f64), colours: ColourMap) -> Self {
        Self::glowing(values, Look::Maximum { from, to }, (from, to), colours)
    }

    fn glowing(values: ArrayView3<'a, f32>, look: Look, (from, to): (f64, f64), colours: ColourMap) -> Self {
        let paint = Paint::Values { values, colours, from, to };
        Self { values, voxel: None, look, paint, background: NIGHT, key: Vec::new() }
    }

    /// The same scene in other colours.
    #[must_use]
    pub fn painted(self, paint: Paint<'a>) -> Self {
        Self { paint, ..self }
    }

    /// The same scene with a scale bar for voxels of this edge in metres.
    #[must_use]
    pub fn with_voxel(self, voxel: Option<f64>) -> Self {
        Self { voxel, ..self }
    }

    /// The same scene with a key to its colours in the upper left corner of each frame.
    #[must_use]
    pub fn with_key(self, key: &[(&str, Rgb)]) -> Self {
        let key = key.iter().map(|(name, colour)| (*colour, (*name).to_owned())).collect();
        Self { key, ..self }
    }

    pub(super) fn check(&self) -> Result<(), ReportError> {
        let fault = |what: String, fix| Err(ReportError::Scene { what, fix });
        let dim = self.values.dim();
        if self.values.is_empty() {
            return fault(
                format!("the volume has shape {dim:?} and no voxels"),
                "pass at least one voxel each way",
            );
        }
        if let Some(fix) = self.look.fault() {
            return fault(format!("{:?} cannot be drawn", self.look), fix);
        }
        if let Some(voxel) = self.voxel.filter(|v| !(*v > 0.0 && v.is_finite())) {
            return fault(format!("the voxel of {voxel} m is no length"), "correct it or leave it out");
        }
        let second = match &self.paint {
            Paint::Plain(_) => dim,
            Paint::Values { values, from, to, .. } => {
                if !(from < to && (to - from).is_finite()) {
                    return fault(
                        format!("colours from {from} to {to} cannot be used"),
                        "give finite values with from < to",
                    );
                }
                values.dim()
            }
            Paint::Classes { labels, .. } => labels.dim(),
        };
        if second != dim {
            return Err(ReportError::Mismatch {
                what: "volume and its colours",
                first: format!("shape {dim:?}"),
                second: format!("shape {second:?}"),
            });
        }
        Ok(())
    }

    /// The scene with cubes of `factor` voxels averaged.
    pub(super) fn reduced(&self, factor: usize) -> Reduced {
        let paint = match &self.paint {
            Paint::Plain(colour) => Coat::Plain(*colour),
            Paint::Values { values, colours, from, to } => {
                let range = [*from as f32, *to as f32];
                Coat::Values { values: Field::reduced(values.view(), factor), colours: *colours, range }
            }
            Paint::Classes { labels, colours, other } => {
                let classes = Classes::reduced(labels.view(), factor);
                Coat::Classes { classes, colours: colours.clone(), other: *other }
            }
        };
        Reduced {
            values: Field::reduced(self.values.view(), factor),
            look: self.look,
            paint,
            background: self.background,
        }
    }
}

/// [`Paint`] on the reduced volume.
#[derive(Debug, Clone)]
pub(super) enum Coat {
    Plain(Rgb),
    Values { values: Field, colours: ColourMap, range: [f32; 2] },
    Classes { classes: Classes, colours: Vec<Rgb>, other: Rgb },
}

/// A scene made small enough to be drawn.
#[derive(Debug, Clone)]
pub(super) struct Reduced {
    pub(super) values: Field,
    pub(super) look: Look,
    pub(super) paint: Coat,
    pub(super) background: Rgb,
}
