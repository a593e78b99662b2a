//! The report of a tomogram and its single figures, from a particle made up of grains, written to the folder it is given.

use litho_report::figure::Range;
use litho_report::render::{Film, Paint, Scene, Shot, View, film};
use litho_report::report::reconstruction::{FrequencyUnit, Period, Spectrum, Threshold};
use litho_report::report::tomography::{
    Alignment, DensityHistogram, Direction, FourierShell, Noise, Peak, Planes, ProjectionFit, Residuals,
    Sinograms, Slices, TomographyReport, Turning,
};
use litho_report::report::{Fact, Part, Quantity};
use ndarray::{Array2, Array3, Axis};
use std::error::Error;
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

const SIDE: usize = 128;
const VOXEL: f64 = 40e-9;
const GRAINS: usize = 60;
const LABEL: &str = "electron density (e/Å³)";

/// The `k`-th of evenly spread numbers between 0 and 1.
fn even(k: usize, step: f64) -> f64 {
    (k as f64 * step).fract()
}

/// A ball of grains with cracks between them, and the class of each grain.
fn particle() -> (Array3<f32>, Array3<u16>) {
    let seeds: Vec<[f64; 3]> = (1..=GRAINS)
        .map(|k| {
            let (r, u) = (54.0 * even(k, 0.618_034).cbrt(), 2.0 * even(k, 0.754_878) - 1.0);
            let (s, c) = (TAU * even(k, 0.569_840)).sin_cos();
            let across = (1.0 - u * u).sqrt();
            [r * u, r * across * s, r * across * c]
        })
        .collect();
    let mut classes = Array3::zeros((SIDE, SIDE, SIDE));
    let density = Array3::from_shape_fn((SIDE, SIDE, SIDE), |at| {
        let p = [at.0, at.1, at.2].map(|i| i as f64 - 63.5);
        let radius = p.iter().map(|c| c * c).sum::<f64>().sqrt();
        let distance = |s: &[f64; 3]| (0..3).map(|i| (p[i] - s[i]).powi(2)).sum::<f64>();
        let (mut first, mut second, mut grain) = (f64::INFINITY, f64::INFINITY, 0);
        for (k, seed) in seeds.iter().enumerate() {
            let d = distance(seed);
            if d < first {
                (second, first, grain) = (first, d, k);
            } else if d < second {
                second = d;
            }
        }
        // Half the way to the wall of the nearest grains.
        let crack = second.sqrt() - first.sqrt();
        let inside = (52.0 - radius).clamp(0.0, 1.0) * (crack - 1.5).clamp(0.0, 1.0);
        classes[at] = if even(grain, 0.414_214) < 0.35 { 1 } else { 2 };
        (inside * (1.0 + 0.06 * (even(grain, 0.324_718) - 0.5))) as f32
    });
    (density, classes)
}

/// Noise of standard deviation 1 from a sum of twelve numbers of a fixed sequence.
fn noise() -> impl FnMut() -> f32 {
    let mut state = 1u64;
    move || {
        let sum: f64 = (0..12)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f64 / 16_777_216.0
            })
            .sum();
        (sum - 6.0) as f32
    }
}

/// Line integrals of row `z` at `angle`, in voxels, `shift` columns to the right.
fn project(volume: &Array3<f32>, z: usize, angle: f64, shift: f64) -> Vec<f32> {
    let (sin, cos) = angle.sin_cos();
    let slice = volume.index_axis(Axis(0), z);
    let half = SIDE as f64 / 2.0 - 0.5;
    let ray = |column: usize| {
        let s = column as f64 - half - shift;
        let steps = (0..SIDE).map(|k| {
            let t = k as f64 - half;
            let (x, y) = (s * cos - t * sin + half, half - (s * sin + t * cos));
            slice.get([y.round() as usize, x.round() as usize]).copied().unwrap_or(0.0)
        });
        steps.sum::<f32>()
    };
    (0..SIDE).map(ray).collect()
}

fn sinogram(volume: &Array3<f32>, angles: &[f64], shift: impl Fn(usize) -> f64) -> Array2<f32> {
    let rows: Vec<f32> = angles
        .iter()
        .enumerate()
        .flat_map(|(k, angle)| project(volume, SIDE / 2, *angle, shift(k)))
        .collect();
    Array2::from_shape_fn((angles.len(), SIDE), |(k, x)| -0.4 * rows[k * SIDE + x])
}

fn turning(density: &Array3<f32>, classes: &Array3<u16>) -> Result<Film, Box<dyn Error>> {
    let colours = vec![[213, 94, 0], [86, 180, 233]];
    let paint = Paint::Classes { labels: classes.view(), colours, other: [190; 3] };
    let scene = Scene::surface(density.view(), 0.5).with_voxel(Some(VOXEL)).painted(paint);
    let scene = scene.with_key(&[("grains of kind 1", [213, 94, 0]), ("grains of kind 2", [86, 180, 233])]);
    Ok(film(&scene, &View::around(36, 0.35), Shot { size: (320, 320), ..Shot::default() })?)
}

/// Everything that is shown, made up but for the particle.
struct Tomogram {
    truth: Array3<f32>,
    found: Array3<f32>,
    noise: Array3<f32>,
    sigma: Array2<f32>,
    angles: Vec<f64>,
    sinograms: [Array2<f32>; 2],
    projections: [Array2<f32>; 2],
    shifts: Vec<(f64, f64)>,
    true_shifts: Vec<(f64, f64)>,
    flagged: Vec<bool>,
    misfit: Vec<f64>,
    convergence: Vec<f64>,
    residuals: Vec<f64>,
}

impl Tomogram {
    fn of(truth: Array3<f32>) -> Self {
        let mut random = noise();
        let found = truth.mapv(|v| v + 0.04 * random());
        let noise = truth.mapv(|_| 0.04 * random());
        let sigma = Array2::from_shape_fn((SIDE, SIDE), |(y, x)| {
            let r2 = (y as f32 - 63.5).powi(2) + (x as f32 - 63.5).powi(2);
            if r2 < 63.5 * 63.5 { 0.03 + 0.02 * (-r2 / 2000.0).exp() + 0.002 * random() } else { f32::NAN }
        });
        // From −80° to 77°, three of them lost.
        let all = (0..158).map(|k| f64::from(k - 80).to_radians());
        let angles: Vec<f64> = all.filter(|a| !(0.2..0.26).contains(a)).collect();
        let jitter = |k: usize| 6.0 * (even(k, 0.618_034) - 0.5) + 3.0 * (k as f64 / 40.0).sin();
        let true_shifts: Vec<(f64, f64)> = (0..angles.len()).map(|k| (jitter(k + 7), jitter(k))).collect();
        let mut near = |v: f64, by: f64| v + by * f64::from(random());
        let shifts = true_shifts.iter().map(|(y, x)| (near(*y, 0.02), near(*x, 0.02))).collect();
        let flagged: Vec<bool> = (0..angles.len()).map(|k| k == 31 || k == 97).collect();
        let misfit = flagged.iter().map(|bad| near(if *bad { 0.4 } else { 0.1 }, 0.01)).collect();
        let at = |volume: &Array3<f32>| -> Array2<f32> {
            let rows: Vec<f32> = (0..SIDE).flat_map(|z| project(volume, z, 0.5, 0.0)).collect();
            Array2::from_shape_fn((SIDE, SIDE), |(z, x)| -0.4 * rows[z * SIDE + x])
        };
        Self {
            sinograms: [sinogram(&truth, &angles, jitter), sinogram(&truth, &angles, |_| 0.0)],
            projections: [at(&found), at(&truth)],
            convergence: (0..18).map(|k| 4.0 * 0.7f64.powi(k)).collect(),
            residuals: (1..=20).map(|k| 0.02 + 0.6 / f64::from(k)).collect(),
            truth,
            found,
            noise,
            sigma,
            angles,
            shifts,
            true_shifts,
            flagged,
            misfit,
        }
    }

    fn report<'a>(
        &'a self,
        film: &'a Film,
        shells: &'a Shells,
    ) -> Result<TomographyReport<'a>, Box<dyn Error>> {
        let (histogram, spread) = Noise::histogram_of(self.noise.view());
        let mut density = DensityHistogram::of(self.found.view(), LABEL);
        density.peaks = vec![
            Peak { sigma: Some(0.04), share: Some(0.75), ..Peak::at("air", 0.0) },
            Peak { sigma: Some(0.045), share: Some(0.2), ..Peak::at("grains", 1.0) },
        ];
        let phase = || "phase (rad)".to_owned();
        Ok(TomographyReport {
            turning: Part::Given(Turning { film, caption: "Surface at half of the grains' density." }),
            slices: Part::Given(Slices {
                truth: Some(Planes::central(self.truth.view())?),
                voxel: Some(VOXEL),
                range: Range::Fixed { min: -0.1, max: 1.1 },
                ..Slices::new(Planes::central(self.found.view())?, LABEL)
            }),
            density: Part::Given(density),
            resolution: Part::Given(shells.correlation()),
            noise: Part::Given(Noise {
                sigma: Some(self.sigma.view()),
                slice: format!("x–y at z = {}", SIDE / 2),
                voxel: Some(VOXEL),
                label: LABEL.to_owned(),
                histogram: Some(histogram),
                spread: Some(spread),
            }),
            sinograms: Part::Given(Sinograms {
                before: self.sinograms[0].view(),
                after: Some(self.sinograms[1].view()),
                angles: &self.angles,
                row: SIDE / 2,
                pixel: Some(VOXEL),
                label: phase(),
            }),
            projections: Part::Given(vec![ProjectionFit {
                measured: self.projections[0].view(),
                computed: self.projections[1].view(),
                angle: 0.5,
                pixel: Some(VOXEL),
                label: phase(),
            }]),
            alignment: Part::Given(Alignment {
                angles: &self.angles,
                shifts: &self.shifts,
                true_shifts: &self.true_shifts,
                misfit: &self.misfit,
                misfit_label: "misfit (rad, rms)".to_owned(),
                flagged: &self.flagged,
                convergence: &self.convergence,
                pixel: Some(VOXEL),
                ..Alignment::default()
            }),
            residuals: Part::Given(Residuals {
                label: "‖Ax − b‖ / ‖b‖".to_owned(), values: &self.residuals
            }),
            ..words()
        })
    }
}

/// Title, facts, warnings and settings.
fn words<'a>() -> TomographyReport<'a> {
    let fact = |[name, value, note]: [&str; 3]| Fact {
        name: name.to_owned(),
        value: value.to_owned(),
        note: note.to_owned(),
    };
    let quantity = |[name, value, unit]: [&str; 3]| Quantity {
        name: name.to_owned(),
        value: value.to_owned(),
        unit: unit.to_owned(),
    };
    let facts = [
        ["Resolution", "47 nm", "½-bit, half period"],
        ["Voxel", "40 nm", ""],
        ["Density of the grains", "1.00 e/Å³", "± 0.02"],
        ["Projections", "155", "2 flagged"],
    ];
    let settings = [
        ["photon energy", "7.1", "keV"],
        ["angles", "−80 to 77", "°"],
        ["method", "CGLS, 20 iterations", ""],
    ];
    TomographyReport {
        title: "A particle made up of grains".to_owned(),
        subtitle: "X-ray ptychographic tomography, simulated".to_owned(),
        facts: facts.map(fact).to_vec(),
        warnings: vec![
            "13 % of the angles are missing; edges across the beam are blurred along it.".to_owned(),
        ],
        settings: settings.map(quantity).to_vec(),
        ..TomographyReport::default()
    }
}

/// Curves over the spatial frequency.
struct Shells {
    frequencies: Vec<f64>,
    /// All directions, along z, along the beam.
    curves: [Vec<f64>; 3],
    /// ½ bit and 1 bit.
    levels: [Vec<f64>; 2],
    /// Where the first curve crosses the levels.
    crossings: [Vec<f64>; 2],
}

impl Shells {
    fn new() -> Self {
        let frequencies: Vec<f64> = (0..64).map(|k| f64::from(k) / 128.0 / VOXEL).collect();
        let fall = |width: f64| -> Vec<f64> {
            frequencies.iter().map(|f| 1.0 / (1.0 + (f * VOXEL / width).powi(6))).collect()
        };
        let bits = |share: f64| -> Vec<f64> {
            (0..64).map(|k| (share + (1.0 - share) * 2.0 / (1.0 + f64::from(k))).min(1.0)).collect()
        };
        let (curves, levels) = ([0.33, 0.42, 0.25].map(fall), [0.17, 0.33].map(bits));
        let crossing = |level: &Vec<f64>| {
            let first = (4..64).find(|k| curves[0][*k] < level[*k]);
            first.map(|k| frequencies[k]).into_iter().collect()
        };
        let crossings = [crossing(&levels[0]), crossing(&levels[1])];
        Self { frequencies, curves, levels, crossings }
    }

    fn correlation(&self) -> FourierShell<'_> {
        let threshold =
            |name, k: usize| Threshold { name, values: &self.levels[k], crossings: &self.crossings[k] };
        let direction = |name, k: usize| Direction { name, correlation: &self.curves[k], crossing: None };
        FourierShell {
            spectrum: Spectrum {
                frequencies: &self.frequencies,
                unit: FrequencyUnit::PerMetre,
                period: Period::Half,
            },
            correlation: &self.curves[0],
            thresholds: vec![threshold("½-bit", 0), threshold("1-bit", 1)],
            directions: vec![direction("along z", 1), direction("along the beam at 0°", 2)],
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder to write into")?);
    let (truth, classes) = particle();
    let film = turning(&truth, &classes)?;
    let (tomogram, shells) = (Tomogram::of(truth), Shells::new());
    write(&folder, &tomogram.report(&film, &shells)?, &film)
}

/// The page, every figure as SVG and as PNG, and the turning volume.
fn write(folder: &Path, report: &TomographyReport<'_>, film: &Film) -> Result<(), Box<dyn Error>> {
    std::fs::write(folder.join("report.html"), report.build()?.to_html())?;
    for drawing in report.drawings()? {
        std::fs::write(folder.join(format!("{}.svg", drawing.name)), drawing.to_svg_document())?;
        if let Some(png) = drawing.to_bitmap()? {
            std::fs::write(folder.join(format!("{}.png", drawing.name)), png)?;
        }
    }
    std::fs::write(folder.join("turning.png"), film.to_apng()?)?;
    for (k, frame) in film.to_pngs()?.iter().enumerate() {
        std::fs::write(folder.join(format!("frame_{k:03}.png")), frame)?;
    }
    Ok(())
}
