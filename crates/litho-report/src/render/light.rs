//! Light and matter: colours in linear light, the lamp, and how a surface reflects it.

use super::field::{Classes, Field, Vector};
use super::scene::Coat;
use crate::colour::{Rgb, from_linear, to_linear};

/// Red, green and blue in linear light, 0 to 1.
pub(super) type Light = [f32; 3];

/// Light that comes from everywhere, as a part of the lamp's.
const AMBIENT: f32 = 0.30;
/// Light from above only.
const SKY: f32 = 0.14;
/// Light of the lamp on a surface facing it.
const LAMP: f32 = 0.72;
/// Reflected lamp at the brightest place.
const SHINE: f32 = 0.10;
/// Narrowness of the reflection.
const GLOSS: i32 = 20;
/// Distances in voxels at which neighbouring matter takes light away, and how much each of them can take.
const CREVICE: [(f32, f32); 4] = [(1.5, 0.28), (3.0, 0.22), (6.0, 0.18), (11.0, 0.14)];

pub(super) fn light((colour, share): (Rgb, f32)) -> Light {
    colour.map(|byte| share * to_linear(byte) as f32)
}

/// sRGB bytes of linear light.
pub(super) fn colour(light: Light) -> Rgb {
    from_linear(light.map(f64::from))
}

pub(super) fn dot(a: Vector, b: Vector) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The vector of length 1 in the direction of `v`; zero if it has none.
pub(super) fn unit(v: Vector) -> Vector {
    let length = dot(v, v).sqrt();
    if length > 0.0 { v.map(|c| c / length) } else { [0.0; 3] }
}

pub(super) fn along(from: Vector, direction: Vector, length: f32) -> Vector {
    std::array::from_fn(|k| from[k] + length * direction[k])
}

/// The colour of matter at `place`.
pub(super) fn colour_at(coat: &Coat, place: Vector) -> Light {
    match coat {
        Coat::Plain(colour) => light((*colour, 1.0)),
        Coat::Values { values, colours, range: [from, to] } => {
            let t = (values.at(place) - from) / (to - from);
            light((colours.colour(f64::from(t)), 1.0))
        }
        Coat::Classes { classes, colours, other } => {
            class_colour(classes, colours, place).unwrap_or_else(|| light((*other, 1.0)))
        }
    }
}

/// The mean colour of the classified voxels around `place`; `None` where there is no class.
fn class_colour(classes: &Classes, colours: &[Rgb], place: Vector) -> Option<Light> {
    let mut sum = [0.0; 3];
    let mut weight = 0.0;
    for (index, share) in classes.extent.around(place) {
        let label = usize::from(classes.labels[index]);
        let Some(colour) = label.checked_sub(1).and_then(|k| colours.get(k)) else { continue };
        let part = light((*colour, share));
        sum = std::array::from_fn(|k| sum[k] + part[k]);
        weight += share;
    }
    (weight > 1e-3).then(|| sum.map(|c| c / weight))
}

/// The lamp: behind the eye, at its upper left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lamp {
    towards: Vector,
    /// Halfway between lamp and eye.
    half: Vector,
    up: Vector,
}

impl Lamp {
    pub(super) fn new(right: Vector, down: Vector, into: Vector) -> Self {
        let towards = unit(std::array::from_fn(|k| -0.70 * into[k] - 0.45 * right[k] - 0.60 * down[k]));
        let half = unit(std::array::from_fn(|k| towards[k] - into[k]));
        Self { towards, half, up: down.map(|c| -c) }
    }

    /// Light of colour `matter` from a surface with the outward `normal`, of which crevices leave the part `open`:
    /// `I = C (a + s·(n·up) + l·(n·l)₊)·open + g·(n·h)₊ᵏ` (Blinn 1977).
    pub(super) fn reflected(&self, matter: Light, normal: Vector, open: f32) -> Light {
        let lit = dot(normal, self.towards).max(0.0);
        let sky = AMBIENT + SKY * (0.5 + 0.5 * dot(normal, self.up));
        let shine = SHINE * dot(normal, self.half).max(0.0).powi(GLOSS) * open;
        matter.map(|c| c * (sky * open + LAMP * lit * (0.5 + 0.5 * open)) + shine)
    }
}

/// How open the surroundings of a surface at `place` are, 0 to 1: matter within reach along the normal hides the sky.
pub(super) fn openness(field: &Field, place: Vector, normal: Vector, level: f32) -> f32 {
    let hidden = CREVICE.iter().map(|&(distance, most)| {
        let share = (field.at(along(place, normal, distance)) - field.least) / (level - field.least);
        // Matter counts in full from the level on, and less from half way below it on.
        most * if share > 0.5 { (2.0 * share - 1.0).min(1.0) } else { 0.0 }
    });
    1.0 - hidden.sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    const EYE: ([f32; 3], [f32; 3], [f32; 3]) = ([0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]);

    #[test]
    fn surfaces_that_face_the_lamp_are_brightest_and_none_is_black() {
        let lamp = Lamp::new(EYE.0, EYE.1, EYE.2);
        let grey = [0.5; 3];
        let brightness = |normal| lamp.reflected(grey, unit(normal), 1.0)[0];
        let best = brightness(lamp.towards);
        for normal in [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]] {
            assert!(brightness(normal) < best, "{normal:?}");
            assert!(brightness(normal) >= 0.5 * AMBIENT, "{normal:?}");
        }
        // Upper left is brighter than lower right.
        assert!(brightness([-1.0, 1.0, -1.0]) > brightness([1.0, 1.0, 1.0]) + 0.2);
    }

    #[test]
    fn a_crevice_is_darker_than_a_plain() {
        // Matter below z = 10, and a wall at x ≥ 20 above it.
        let volume =
            Array3::from_shape_fn((40, 20, 40), |(z, _, x)| if z >= 30 || x >= 20 { 1.0f32 } else { 0.0 });
        let field = Field::reduced(volume.view(), 1);
        let up = [-1.0, 0.0, 0.0];
        assert_eq!(openness(&field, [29.5, 10.0, 5.0], up, 0.5), 1.0);
        let slanted = unit([-1.0, 0.0, 1.0]);
        assert!(openness(&field, [29.0, 10.0, 19.0], slanted, 0.5) < 0.6);
    }

    #[test]
    fn classes_mix_where_they_meet_and_nothing_takes_no_part() {
        let labels = Array3::from_shape_fn((1, 1, 3), |(_, _, x)| [1u16, 2, 0][x]);
        let classes = Classes::reduced(labels.view(), 1);
        let colours = [[255, 0, 0], [0, 0, 255]];
        assert_eq!(class_colour(&classes, &colours, [0.0, 0.0, 0.5]), Some([0.5, 0.0, 0.5]));
        assert_eq!(class_colour(&classes, &colours, [0.0, 0.0, 1.75]), Some([0.0, 0.0, 1.0]));
        assert_eq!(class_colour(&classes, &colours, [0.0, 0.0, 2.5]), None);
    }
}
