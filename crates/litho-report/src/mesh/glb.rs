//! Binary glTF 2.0 (Khronos Group 2021): a JSON chunk that describes a chunk of numbers.

use super::Mesh;
use crate::ReportError;
use crate::colour::to_linear;
use std::fmt::Write as _;

/// Chunks are padded to this many bytes.
const ALIGN: usize = 4;
/// Component types.
const UNSIGNED_SHORT: u32 = 5123;
const UNSIGNED_INT: u32 = 5125;
const FLOAT: u32 = 5126;

/// The meshes as one binary glTF file with a node for each. Lengths are in **metres**, as the format demands. A node above
/// all turns the volume so that its z axis, the rotation axis of the tilt series, points down the screen, and the first
/// view is the projection at tilt angle 0. Meshes without a triangle are left out.
///
/// # Errors
/// If a mesh lacks normals or colours, has a triangle beyond its corners, or all take more than four gigabytes.
pub fn to_glb(meshes: &[Mesh]) -> Result<Vec<u8>, ReportError> {
    let mut file = File::default();
    for mesh in meshes {
        mesh.check()?;
        if !mesh.triangles.is_empty() {
            file.add(mesh);
        }
    }
    let json = padded(file.json().into_bytes(), b' ');
    let bytes = padded(file.bytes, 0);
    let has_bytes = !bytes.is_empty();
    let total = 12 + 8 + json.len() + if has_bytes { 8 + bytes.len() } else { 0 };
    let too_large = |_| ReportError::Mismatch {
        what: "length of a glTF file",
        first: format!("{total} bytes"),
        second: "lengths of 32 bits".to_owned(),
    };
    let length = u32::try_from(total).map_err(too_large)?;
    let mut glb = Vec::with_capacity(total);
    glb.extend(b"glTF");
    glb.extend([2, length].iter().flat_map(|n: &u32| n.to_le_bytes()));
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        glb.extend((data.len() as u32).to_le_bytes());
        glb.extend(kind);
        glb.extend(data);
    };
    chunk(b"JSON", &json);
    if has_bytes {
        chunk(b"BIN\0", &bytes);
    }
    Ok(glb)
}

fn padded(mut bytes: Vec<u8>, with: u8) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(ALIGN), with);
    bytes
}

/// The parts of the JSON chunk, each a list without its brackets.
#[derive(Default)]
struct File {
    bytes: Vec<u8>,
    views: Vec<String>,
    accessors: Vec<String>,
    meshes: Vec<String>,
    nodes: Vec<String>,
}

impl File {
    fn add(&mut self, mesh: &Mesh) {
        let floats =
            |all: &[[f32; 3]]| all.iter().flatten().flat_map(|c| c.to_le_bytes()).collect::<Vec<u8>>();
        let count = mesh.positions.len();
        let ends = |pick: fn(f32, f32) -> f32| {
            let all = mesh.positions.iter().copied();
            all.reduce(|a, b| std::array::from_fn(|k| pick(a[k], b[k]))).unwrap_or_default()
        };
        let [min, max] =
            [ends(f32::min), ends(f32::max)].map(|v| format!("[{:e},{:e},{:e}]", v[0], v[1], v[2]));
        let position = self.accessor(
            &floats(&mesh.positions),
            (FLOAT, "VEC3", count),
            true,
            &format!(",\"min\":{min},\"max\":{max}"),
        );
        let normal = self.accessor(&floats(&mesh.normals), (FLOAT, "VEC3", count), true, "");
        // Colours of corners are linear there; sixteen bits keep the dark ones apart.
        let channel = |c: u8| (to_linear(c) * f64::from(u16::MAX)).round() as u16;
        let colours: Vec<u8> = mesh
            .colours
            .iter()
            .flat_map(|[r, g, b]| [channel(*r), channel(*g), channel(*b), u16::MAX])
            .flat_map(u16::to_le_bytes)
            .collect();
        let colour = self.accessor(&colours, (UNSIGNED_SHORT, "VEC4", count), true, ",\"normalized\":true");
        let indices: Vec<u8> = mesh.triangles.iter().flatten().flat_map(|i| i.to_le_bytes()).collect();
        let triangles =
            self.accessor(&indices, (UNSIGNED_INT, "SCALAR", 3 * mesh.triangles.len()), false, "");
        let name = quoted(&mesh.name);
        self.nodes.push(format!("{{\"name\":{name},\"mesh\":{}}}", self.meshes.len()));
        self.meshes.push(format!(
            "{{\"name\":{name},\"primitives\":[{{\"attributes\":{{\"POSITION\":{position},\"NORMAL\":{normal},\
             \"COLOR_0\":{colour}}},\"indices\":{triangles},\"material\":0}}]}}"
        ));
    }

    /// Adds numbers with a view of their own and returns the index of their accessor.
    fn accessor(
        &mut self,
        numbers: &[u8],
        (component, kind, count): (u32, &str, usize),
        corners: bool,
        more: &str,
    ) -> usize {
        let target = if corners { 34962 } else { 34963 };
        self.views.push(format!(
            "{{\"buffer\":0,\"byteOffset\":{},\"byteLength\":{},\"target\":{target}}}",
            self.bytes.len(),
            numbers.len()
        ));
        self.bytes.extend(numbers);
        self.accessors.push(format!(
            "{{\"bufferView\":{},\"componentType\":{component},\"count\":{count},\"type\":\"{kind}\"{more}}}",
            self.views.len() - 1
        ));
        self.accessors.len() - 1
    }

    fn json(&self) -> String {
        let list = |items: &[String]| format!("[{}]", items.join(","));
        let mut json = String::from("{\"asset\":{\"version\":\"2.0\",\"generator\":\"Lithoscope\"}");
        // The node above all is the last one.
        let root = self.nodes.len();
        let children: Vec<String> = (0..root).map(|k| k.to_string()).collect();
        let below = if root == 0 { String::new() } else { format!(",\"children\":{}", list(&children)) };
        // A quarter turn about x: (x, y, z) → (x, −z, y), of which y points up there and −z into the screen.
        let half = std::f64::consts::FRAC_1_SQRT_2;
        let top = format!("{{\"name\":\"volume\",\"rotation\":[{half},0,0,{half}]{below}}}");
        let nodes: Vec<String> = self.nodes.iter().cloned().chain([top]).collect();
        // Writing to a String cannot fail.
        let _ = write!(json, ",\"scene\":0,\"scenes\":[{{\"nodes\":[{root}]}}],\"nodes\":{}", list(&nodes));
        if root > 0 {
            let _ = write!(
                json,
                ",\"meshes\":{},\"materials\":[{{\"name\":\"matter\",\"pbrMetallicRoughness\":{{\"metallicFactor\":0,\
                 \"roughnessFactor\":0.7}}}}],\"accessors\":{},\"bufferViews\":{},\"buffers\":[{{\"byteLength\":{}}}]",
                list(&self.meshes),
                list(&self.accessors),
                list(&self.views),
                self.bytes.len()
            );
        }
        json.push('}');
        json
    }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::super::tests::tetrahedron;
    use super::*;

    fn number(bytes: &[u8], at: usize) -> usize {
        u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize
    }

    #[test]
    fn chunks_fill_the_file_and_are_aligned() {
        let glb = to_glb(&[tetrahedron(), tetrahedron(), Mesh::default()]).expect("writes");
        assert_eq!((number(&glb, 4), number(&glb, 8)), (2, glb.len()));
        let json = number(&glb, 12);
        let binary = number(&glb, 20 + json);
        assert_eq!((&glb[16..20], &glb[24 + json..28 + json]), (&b"JSON"[..], &b"BIN\0"[..]));
        assert_eq!(28 + json + binary, glb.len());
        assert_eq!((json % 4, binary % 4), (0, 0));
        // 12 + 12 + 8 bytes a corner, 12 a triangle, of two meshes
        assert_eq!(binary, 2 * (4 * 32 + 4 * 12));
        let text = std::str::from_utf8(&glb[20..20 + json]).expect("text");
        assert!(text.contains(r#""min":[0e0,0e0,0e0],"max":[1e0,1e0,1e0]"#), "{text}");
        assert!(text.contains(r#""name":"tetra \"one\"""#) && text.contains("\"children\":[0,1]"));
        assert_eq!(text.matches('{').count(), text.matches('}').count());
        let start = 28 + json;
        // The colours follow places and normals; the grey of 128 has the linear light 0.2159.
        let grey = start + 4 * 24 + 3 * 8;
        assert_eq!(u16::from_le_bytes([glb[grey], glb[grey + 1]]), (0.215_86f64 * 65535.0).round() as u16);
    }

    #[test]
    fn nothing_is_a_file_too() {
        let glb = to_glb(&[]).expect("writes");
        assert_eq!(number(&glb, 8), glb.len());
        assert_eq!(quoted("a\n\\"), "\"a\\u000a\\\\\"");
    }
}
