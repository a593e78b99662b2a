//! What the numbers of a volume are, and what a reconstructed voxel is multiplied by to become that.

use super::input::Input;
use super::settings::TomoSettings;
use crate::error::PipelineError;
use litho_tomo::quantity::factor;
use litho_types::volume::VolumeQuantity;

/// The quantity that is written, and its factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Written {
    pub(super) quantity: VolumeQuantity,
    /// A voxel of the reconstruction times this is the quantity.
    pub(super) factor: f64,
}

impl Written {
    /// What is asked for, or the most telling quantity that the series allows: the electron density of phases whose pixel and
    /// energy are known, else what the projections are.
    ///
    /// # Errors
    /// [`PipelineError`] if there is no way from the projections to the quantity, or pixel or energy are missing for it.
    pub(super) fn of(input: &Input, settings: &TomoSettings) -> Result<Self, PipelineError> {
        let known = input.pixel().zip(input.energy());
        let quantity = settings.quantity.unwrap_or(match (input.quantity, known) {
            (VolumeQuantity::Phase, Some(_)) => VolumeQuantity::ElectronDensity,
            (quantity, _) => quantity,
        });
        if quantity == input.quantity {
            return Ok(Self { quantity, factor: 1.0 });
        }
        let Some((pixel, energy)) = known else {
            let missing = if input.pixel().is_none() { "pixel" } else { "energy" };
            return Err(PipelineError::argument(
                "--quantity",
                quantity.name(),
                format!("the file does not say the {missing} it needs; give --{missing}"),
            ));
        };
        let factor = factor(input.quantity, quantity, energy, pixel, settings.composition.as_ref())?;
        Ok(Self { quantity, factor })
    }

    /// Bounds in the quantity as bounds of reconstructed voxels: a negative factor swaps them.
    pub(super) fn range(self, range: Option<[f64; 2]>) -> Option<[f32; 2]> {
        let [low, high] = range?.map(|bound| (bound / self.factor) as f32);
        Some(if low <= high { [low, high] } else { [high, low] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_factor_swaps_the_bounds() {
        // Phases are negative where electrons are: no density below 0 is no phase above 0.
        let written = Written { quantity: VolumeQuantity::ElectronDensity, factor: -100.0 };
        assert_eq!(written.range(Some([0.0, f64::INFINITY])), Some([f32::NEG_INFINITY, -0.0]));
        assert_eq!(written.range(Some([-1.0, 2.0])), Some([-0.02, 0.01]));
        assert_eq!(written.range(None), None);
    }
}
