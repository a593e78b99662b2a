//! Wavefront OBJ with its materials.

use super::Mesh;
use crate::ReportError;
use crate::colour::to_linear;
use std::fmt::Write as _;

/// The two files of a Wavefront object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obj {
    /// The `.obj` file.
    pub object: Vec<u8>,
    /// The `.mtl` file it names.
    pub materials: Vec<u8>,
}

/// The meshes as a Wavefront object that looks for its materials in the file `library`. Lengths are in **nanometres**:
/// programs that draw objects of this kind round metres away. Each corner carries its colour behind its place, as many
/// programs read it, and each object has a material of its mean colour for the others.
///
/// # Errors
/// If a mesh lacks normals or colours, or has a triangle beyond its corners.
pub fn to_obj(meshes: &[Mesh], library: &str) -> Result<Obj, ReportError> {
    let mut object = String::from("# lengths in nanometres, right-handed\n");
    let mut materials = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(object, "mtllib {}", word(library));
    let mut first = 1usize;
    for (k, mesh) in meshes.iter().enumerate() {
        mesh.check()?;
        let material = format!("m{k}");
        let _ = writeln!(object, "o {}\nusemtl {material}", word(&mesh.name));
        for (p, colour) in mesh.positions.iter().zip(&mesh.colours) {
            let [x, y, z] = p.map(|c| 1e9 * f64::from(c));
            let [r, g, b] = colour.map(|c| f64::from(c) / 255.0);
            let _ = writeln!(object, "v {x:.4} {y:.4} {z:.4} {r:.3} {g:.3} {b:.3}");
        }
        for [x, y, z] in &mesh.normals {
            let _ = writeln!(object, "vn {x:.4} {y:.4} {z:.4}");
        }
        for corners in &mesh.triangles {
            let [a, b, c] = corners.map(|i| i as usize + first);
            let _ = writeln!(object, "f {a}//{a} {b}//{b} {c}//{c}");
        }
        first += mesh.positions.len();
        let [r, g, b] = mean_colour(mesh);
        let _ =
            writeln!(materials, "newmtl {material}\nKd {r:.4} {g:.4} {b:.4}\nKs 0.1 0.1 0.1\nNs 20\nillum 2");
    }
    Ok(Obj { object: object.into_bytes(), materials: materials.into_bytes() })
}

/// Names are single words there.
fn word(name: &str) -> String {
    let word: String =
        name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    if word.is_empty() { "_".to_owned() } else { word }
}

/// The mean of the corners' colours in linear light.
fn mean_colour(mesh: &Mesh) -> [f64; 3] {
    let mut sum = [0.0; 3];
    for colour in &mesh.colours {
        for (total, channel) in sum.iter_mut().zip(colour) {
            *total += to_linear(*channel);
        }
    }
    sum.map(|total| total / mesh.colours.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::tetrahedron;
    use super::*;

    #[test]
    fn lines_are_counted_over_all_objects_from_one() {
        let mut small = tetrahedron();
        small.positions = small.positions.into_iter().map(|p| p.map(|c| 1e-9 * c)).collect();
        let obj = to_obj(&[small.clone(), small], "sample.mtl").expect("writes");
        let text = String::from_utf8(obj.object).expect("text");
        let count = |start: &str| text.lines().filter(|l| l.starts_with(start)).count();
        assert_eq!((count("o "), count("v "), count("vn "), count("f ")), (2, 8, 8, 8));
        assert!(text.contains("mtllib sample.mtl") && text.contains("o tetra__one_"));
        assert!(text.contains("v 1.0000 0.0000 0.0000 0.000 1.000 0.000"), "nanometres, and green");
        assert!(text.contains("f 5//5 7//7 6//6"), "the first triangle of the second object");
        let materials = String::from_utf8(obj.materials).expect("text");
        // Red, green, blue and a grey of linear light 0.2159: (1 + 0.2159)/4 each.
        assert!(materials.contains("newmtl m1\nKd 0.3040 0.3040 0.3040"), "{materials}");
        assert!(to_obj(&[Mesh { colours: vec![], ..tetrahedron() }], "").is_err());
    }
}
