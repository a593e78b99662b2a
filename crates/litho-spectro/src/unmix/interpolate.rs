//! Values between the points of a curve.

/// Cubic Hermite interpolation; the slope at a point is that of the parabola through it and its neighbours, at the ends of
/// the parabola's end. Exact for parabolas and at the points; local, so a white line does not ring far away. `x` ascends,
/// `at` lies within it. Two points are joined by a line.
pub(super) fn cubic(x: &[f64], y: &[f64], at: f64) -> f64 {
    let n = x.len();
    if n == 1 {
        return y[0];
    }
    let right = x.partition_point(|&x| x <= at).clamp(1, n - 1);
    let left = right - 1;
    let h = x[right] - x[left];
    let t = (at - x[left]) / h;
    let (a, b) = (slope(x, y, left) * h, slope(x, y, right) * h);
    let (t2, t3) = (t * t, t * t * t);
    y[left] * (2.0 * t3 - 3.0 * t2 + 1.0)
        + a * (t3 - 2.0 * t2 + t)
        + y[right] * (3.0 * t2 - 2.0 * t3)
        + b * (t3 - t2)
}

/// The slope at point `i` of the parabola through three neighbouring points.
fn slope(x: &[f64], y: &[f64], i: usize) -> f64 {
    let n = x.len();
    let secant = |i: usize| (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
    if n == 2 {
        return secant(0);
    }
    let middle = i.clamp(1, n - 2);
    let (h0, h1) = (x[middle] - x[middle - 1], x[middle + 1] - x[middle]);
    let (s0, s1) = (secant(middle - 1), secant(middle));
    let curvature = (s1 - s0) / (h0 + h1);
    // p'(x) of p = y₀ + s₀ (x − x₀) + c (x − x₀)(x − x₁)
    s0 + curvature * (2.0 * x[i] - x[middle - 1] - x[middle])
}
