//! The placements of a result of `align`, to be used again for another energy or channel.

use crate::error::PipelineError;
use litho_io::read_result;
use litho_tomo::align::Placement;
use litho_types::tilt::TiltAngles;
use std::path::Path;

/// Where the content of each projection must be moved to, by angle.
#[derive(Debug, Clone, PartialEq)]
pub struct Placements {
    /// Angles, degrees, ascending.
    pub degrees: Vec<f64>,
    /// One placement per angle.
    pub placements: Vec<Placement>,
    /// Column of the rotation axis after the movement.
    pub axis: f64,
}

/// Difference of angles, degrees, up to which two projections are taken at one angle.
const SAME_ANGLE: f64 = 0.01;

/// Reads the placements of a result of `align`.
///
/// # Errors
/// [`PipelineError`] if the file has none.
pub fn read_placements(path: &Path) -> Result<Placements, PipelineError> {
    let file = read_result(path)?;
    let numbers =
        |name: &str| -> Result<Vec<f64>, PipelineError> { Ok(file.real(name)?.into_iter().collect()) };
    let degrees = numbers("/entry/angle")?;
    let shift = numbers("/entry/alignment/shift")?;
    let (rotation, scale) = (numbers("/entry/alignment/rotation_deg")?, numbers("/entry/alignment/scale")?);
    let count = degrees.len();
    if shift.len() != 2 * count || rotation.len() != count || scale.len() != count {
        return Err(PipelineError::Unsuitable {
            file: path.display().to_string(),
            reason: format!(
                "/entry/alignment has {} shifts, {} rotations and {} scales for {count} angles; give a result of align",
                shift.len() / 2,
                rotation.len(),
                scale.len()
            ),
        });
    }
    let one = |index: usize| {
        let (dy, dx) = (shift[2 * index], shift[2 * index + 1]);
        Placement::from_numbers([dy, dx, rotation[index].to_radians(), scale[index]])
    };
    let axis = file.number("/entry/alignment/axis")?;
    Ok(Placements { placements: (0..count).map(one).collect(), degrees, axis })
}

impl Placements {
    /// The placements of those of these angles that there is one for, with their places among them.
    ///
    /// # Errors
    /// [`PipelineError::Argument`] if fewer than half of the angles have one.
    pub(super) fn of(&self, angles: &TiltAngles) -> Result<(Vec<usize>, Vec<Placement>), PipelineError> {
        let nearest = |degrees: f64| {
            let place = self.degrees.partition_point(|known| *known < degrees - SAME_ANGLE);
            self.degrees.get(place).filter(|known| (*known - degrees).abs() <= SAME_ANGLE).map(|_| place)
        };
        let found: Vec<(usize, Placement)> = angles
            .degrees()
            .into_iter()
            .enumerate()
            .filter_map(|(index, degrees)| Some((index, self.placements[nearest(degrees)?])))
            .collect();
        if 2 * found.len() < angles.len() {
            return Err(PipelineError::argument(
                "--placements",
                format!("{} angles", self.degrees.len()),
                format!(
                    "only {} of the {} projections were taken at one of them; align this series by itself",
                    found.len(),
                    angles.len()
                ),
            ));
        }
        Ok(found.into_iter().unzip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placements_belong_to_angles() {
        let placements = Placements {
            degrees: vec![-10.0, 0.0, 10.0],
            placements: vec![
                Placement::shifted(1.0, 0.0),
                Placement::shifted(2.0, 0.0),
                Placement::shifted(3.0, 0.0),
            ],
            axis: 4.0,
        };
        let angles = TiltAngles::from_degrees(&[-10.004, 5.0, 10.0]).expect("angles");
        let (places, found) = placements.of(&angles).expect("two of three");
        assert_eq!(places, [0, 2]);
        assert_eq!(found, [placements.placements[0], placements.placements[2]]);
        let elsewhere = TiltAngles::from_degrees(&[40.0, 50.0, 60.0]).expect("angles");
        assert!(placements.of(&elsewhere).is_err());
    }
}
