//! Where the content of a volume must be moved to: shift, rotation and scale.

/// A vector `(z, y, x)`.
pub(super) type Vector = [f64; 3];
/// A matrix on vectors `(z, y, x)`.
pub(super) type Matrix = [[f64; 3]; 3];

/// The content of a volume goes from `q` to `r = m + t + s R (q − m)`, in voxels `(z, y, x)`, about the middle `m` of the
/// volume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolumePlacement {
    /// `t`, along z, y and x.
    pub shift: [f64; 3],
    /// R as one turn about an axis: the parts along z, y and x of the axis times the angle in radians. About z it turns
    /// x towards y, about y z towards x, about x y towards z.
    pub rotation: [f64; 3],
    /// `s`.
    pub scale: f64,
}

impl Default for VolumePlacement {
    /// Nothing moves.
    fn default() -> Self {
        Self { shift: [0.0; 3], rotation: [0.0; 3], scale: 1.0 }
    }
}

impl VolumePlacement {
    /// A shift along z, y and x.
    pub fn shifted(shift: [f64; 3]) -> Self {
        Self { shift, ..Self::default() }
    }

    /// The placement that takes it back: `q = m − s⁻¹ R⁻¹ t + s⁻¹ R⁻¹ (r − m)`.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let rotation = self.rotation.map(|part| -part);
        let scale = 1.0 / self.scale;
        let shift = times(&rotated(rotation), self.shift).map(|part| -scale * part);
        Self { shift, rotation, scale }
    }

    /// Where the voxel `at` goes in a volume of `shape`.
    pub fn target(&self, at: [f64; 3], shape: (usize, usize, usize)) -> [f64; 3] {
        let middle = middle(shape);
        let turned = times(&rotated(self.rotation), std::array::from_fn(|k| at[k] - middle[k]));
        std::array::from_fn(|k| middle[k] + self.shift[k] + self.scale * turned[k])
    }

    /// True if all numbers are finite and the scale is above 0.
    pub fn is_usable(&self) -> bool {
        let numbers = self.shift.iter().chain(&self.rotation);
        numbers.chain([&self.scale]).all(|v| v.is_finite()) && self.scale > 0.0
    }
}

/// The middle of a volume.
pub(super) fn middle((nz, ny, nx): (usize, usize, usize)) -> Vector {
    [nz, ny, nx].map(|n| (n as f64 - 1.0) / 2.0)
}

/// `ω × r`, right-handed in `(x, y, z)`.
pub(super) fn cross([wz, wy, wx]: Vector, [z, y, x]: Vector) -> Vector {
    [wx * y - wy * x, wz * x - wx * z, wy * z - wz * y]
}

/// `M v`.
pub(super) fn times(m: &Matrix, v: Vector) -> Vector {
    m.map(|row| row.iter().zip(v).map(|(m, v)| m * v).sum())
}

/// `A B`.
pub(super) fn product(a: &Matrix, b: &Matrix) -> Matrix {
    a.map(|row| std::array::from_fn(|j| (0..3).map(|k| row[k] * b[k][j]).sum()))
}

/// The matrix of a rotation vector (Rodrigues): `R v = v + sin φ k×v + (1 − cos φ) k×(k×v)`.
pub(super) fn rotated(rotation: Vector) -> Matrix {
    let angle = rotation.iter().map(|part| part * part).sum::<f64>().sqrt();
    // sin φ/φ and (1 − cos φ)/φ² = ½ (sin(φ/2)/(φ/2))²
    let sinc = |x: f64| if x.abs() < 1e-8 { 1.0 } else { x.sin() / x };
    let (first, second) = (sinc(angle), 0.5 * sinc(0.5 * angle).powi(2));
    let column = |at: usize| {
        let unit: Vector = std::array::from_fn(|k| if k == at { 1.0 } else { 0.0 });
        let once = cross(rotation, unit);
        let twice = cross(rotation, once);
        std::array::from_fn(|k| unit[k] + first * once[k] + second * twice[k])
    };
    let columns: Matrix = [column(0), column(1), column(2)];
    std::array::from_fn(|i| std::array::from_fn(|j| columns[j][i]))
}

/// The rotation vector of a matrix, for angles below half a turn: `sin φ k` is its antisymmetric part.
pub(super) fn rotation_of(m: &Matrix) -> Vector {
    // (z, y, x) of ½ (R − Rᵀ): see `cross`
    let axis = [0.5 * (m[1][2] - m[2][1]), 0.5 * (m[2][0] - m[0][2]), 0.5 * (m[0][1] - m[1][0])];
    let sin = axis.iter().map(|part| part * part).sum::<f64>().sqrt();
    let cos = 0.5 * (m[0][0] + m[1][1] + m[2][2] - 1.0);
    let factor = if sin < 1e-12 { 1.0 } else { sin.atan2(cos) / sin };
    axis.map(|part| factor * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: Vector, b: Vector) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-13)
    }

    #[test]
    fn quarter_turns_go_the_way_they_say() {
        let quarter = std::f64::consts::FRAC_PI_2;
        // (z, y, x): about z x → y, about y z → x, about x y → z
        assert!(close(times(&rotated([quarter, 0.0, 0.0]), [0.0, 0.0, 1.0]), [0.0, 1.0, 0.0]));
        assert!(close(times(&rotated([0.0, quarter, 0.0]), [1.0, 0.0, 0.0]), [0.0, 0.0, 1.0]));
        assert!(close(times(&rotated([0.0, 0.0, quarter]), [0.0, 1.0, 0.0]), [1.0, 0.0, 0.0]));
    }

    #[test]
    fn vectors_and_matrices_of_rotations_are_inverse() {
        for rotation in [[0.0; 3], [0.3, -0.8, 0.5], [1e-9, 2e-9, 0.0], [-1.2, 0.1, 2.0]] {
            assert!(close(rotation_of(&rotated(rotation)), rotation), "{rotation:?}");
            let back = rotation.map(|part| -part);
            let unit = product(&rotated(rotation), &rotated(back));
            assert!((0..3).all(|k| (unit[k][k] - 1.0).abs() < 1e-14), "{unit:?}");
        }
    }

    #[test]
    fn a_placement_and_its_inverse_cancel() {
        let placement = VolumePlacement { shift: [1.0, -2.0, 0.5], rotation: [0.1, 0.2, -0.3], scale: 1.1 };
        let shape = (10, 12, 15);
        let there = placement.target([2.0, 7.0, 11.0], shape);
        assert!(close(placement.inverse().target(there, shape), [2.0, 7.0, 11.0]));
        // by hand: about the middle (4.5, 5.5, 7), a quarter turn about z and twice the size
        let turn = VolumePlacement {
            shift: [1.0, 0.0, 0.0],
            rotation: [std::f64::consts::FRAC_PI_2, 0.0, 0.0],
            scale: 2.0,
        };
        assert!(close(turn.target([4.5, 5.5, 8.0], shape), [5.5, 7.5, 7.0]));
        assert!(!VolumePlacement { scale: 0.0, ..placement }.is_usable() && placement.is_usable());
    }
}
