//! Binary PLY with colours at the corners.

use super::Mesh;
use crate::ReportError;

/// The meshes as one binary PLY file, little-endian. Lengths are in **nanometres**: programs that read such files round
/// metres away.
///
/// # Errors
/// If a mesh lacks normals or colours, has a triangle beyond its corners, or all have more corners than 31 bits can count.
pub fn to_ply(meshes: &[Mesh]) -> Result<Vec<u8>, ReportError> {
    for mesh in meshes {
        mesh.check()?;
    }
    let corners: usize = meshes.iter().map(|m| m.positions.len()).sum();
    let triangles: usize = meshes.iter().map(|m| m.triangles.len()).sum();
    if corners > i32::MAX as usize {
        return Err(ReportError::Mismatch {
            what: "corners of a PLY file",
            first: format!("{corners} corners"),
            second: "indices of 31 bits".to_owned(),
        });
    }
    let mut file = format!(
        "ply\nformat binary_little_endian 1.0\ncomment lengths in nanometres, right-handed\nelement vertex {corners}\n\
         property float x\nproperty float y\nproperty float z\nproperty float nx\nproperty float ny\nproperty float nz\n\
         property uchar red\nproperty uchar green\nproperty uchar blue\nelement face {triangles}\n\
         property list uchar int vertex_indices\nend_header\n"
    )
    .into_bytes();
    for mesh in meshes {
        for ((p, n), colour) in mesh.positions.iter().zip(&mesh.normals).zip(&mesh.colours) {
            let p = p.map(|c| (1e9 * f64::from(c)) as f32);
            file.extend(p.iter().chain(n).flat_map(|c| c.to_le_bytes()));
            file.extend(colour);
        }
    }
    let mut first = 0u32;
    for mesh in meshes {
        for corners in &mesh.triangles {
            file.push(3);
            file.extend(corners.iter().flat_map(|i| (i + first).to_le_bytes()));
        }
        first += mesh.positions.len() as u32;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::super::tests::tetrahedron;
    use super::*;

    #[test]
    fn every_element_has_its_bytes() {
        let file = to_ply(&[tetrahedron(), tetrahedron()]).expect("writes");
        let end = b"end_header\n";
        let start = file.windows(end.len()).position(|w| w == end).expect("a header") + end.len();
        let header = String::from_utf8_lossy(&file[..start]);
        assert!(header.contains("element vertex 8\n") && header.contains("element face 8\n"));
        let body = &file[start..];
        // 6 floats and 3 bytes a corner, a byte and 3 integers a triangle
        assert_eq!(body.len(), 8 * 27 + 8 * 13);
        assert_eq!(body[27..31], 1e9f32.to_le_bytes(), "the second corner's x");
        assert_eq!(body[27 + 24..27 + 27], [0, 255, 0]);
        let fifth = 8 * 27 + 4 * 13;
        assert_eq!(body[fifth], 3);
        assert_eq!(body[fifth + 1..fifth + 5], 4u32.to_le_bytes());
        assert!(to_ply(&[]).is_ok());
    }
}
