//! From volumes of known plates to composition, and what is refused on the way.

use litho_io::{NexusWriter, ResultFile, StackContents, put_volume, read_result, write_stack, write_tilts};
use litho_pipeline::PipelineError;
use litho_pipeline::chemistry::{ChemistryConfig, Request, chemistry};
use litho_pipeline::error::EXIT_DATA;
use litho_pipeline::particles::{self, ParticlesConfig};
use litho_testkit::noise::Lcg;
use litho_types::energies::Energies;
use litho_types::energy_stack::EnergyStack;
use litho_types::erf::erf;
use litho_types::observer::CancelToken;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::tilt::TiltAngles;
use litho_types::tilt_series::{Projections, TiltSeries};
use litho_types::volume::{Volume, VolumeQuantity};
use ndarray::{Array3, Axis};
use std::path::{Path, PathBuf};

const SIDE: usize = 40;
const VOXEL: f64 = 6.7e-9;
/// Photon energies of the volumes.
const ENERGIES: [f64; 2] = [708.2, 710.2];
/// Energies of the references and the stack, and the optical densities of one nanometre of both phases there.
const SPECTRA: [(f64, [f64; 2]); 4] = [
    (706.2, [1.9e-3, 1.5e-3]),
    (708.2, [8.087e-3, 4.348e-3]),
    (710.2, [4.206e-3, 9.325e-3]),
    (712.2, [3.1e-3, 5.2e-3]),
];
/// Standard deviation of a voxel's density, a twentieth of a full voxel's.
const NOISE: f64 = 2.7e-3;
/// Where the second volume lies relative to the first, voxels (z, y, x).
const MOVED: [f64; 3] = [0.62, -0.35, 1.27];
/// Where the sample lies in the stack of images, pixels (z, x).
const SEEN_AT: [f64; 2] = [1.3, -0.7];
/// Plates: first and last place along z, y and x, and their phase.
const PLATES: [([[f64; 2]; 3], usize); 4] = [
    ([[7.0, 33.0], [8.0, 14.0], [8.0, 30.0]], 0),
    ([[8.0, 30.0], [18.0, 24.0], [6.0, 20.0]], 1),
    ([[6.0, 17.0], [27.0, 34.0], [10.0, 34.0]], 0),
    ([[22.0, 34.0], [28.0, 33.0], [21.0, 33.0]], 1),
];
/// Standard deviation of the blur, voxels.
const BLUR: f64 = 0.8;

/// What a blurred edge of a plate holds at a place.
fn profile(at: f64, [from, to]: [f64; 2]) -> f64 {
    let step = |edge: f64| erf((at - edge) / (BLUR * std::f64::consts::SQRT_2));
    0.5 * (step(from) - step(to))
}

/// Amount of a phase, full voxels, of the plates moved by `moved`.
fn amount(phase: usize, moved: [f64; 3]) -> Array3<f32> {
    Array3::from_shape_fn((SIDE, SIDE, SIDE), |(z, y, x)| {
        let at = [z as f64 - moved[0], y as f64 - moved[1], x as f64 - moved[2]];
        let own = PLATES.iter().filter(|(_, of)| *of == phase);
        own.map(|(sides, _)| (0..3).map(|axis| profile(at[axis], sides[axis])).product::<f64>()).sum::<f64>()
            as f32
    })
}

/// Share of the second phase in all matter.
fn truth() -> f64 {
    let of = |phase: usize| {
        let own = PLATES.iter().filter(move |(_, of)| *of == phase);
        own.map(|(sides, _)| sides.iter().map(|[from, to]| to - from).product::<f64>()).sum::<f64>()
    };
    of(1) / (of(0) + of(1))
}

/// Optical density of a voxel.
fn density(spectrum: [f64; 2], moved: [f64; 3]) -> Array3<f32> {
    let full = spectrum.map(|of_nanometre| (of_nanometre * VOXEL * 1e9) as f32);
    amount(0, moved) * full[0] + amount(1, moved) * full[1]
}

fn noisy(mut values: Array3<f32>, sigma: f64, seed: u64) -> Array3<f32> {
    let mut noise = Lcg::new(seed);
    values.mapv_inplace(|value| value + (sigma * noise.normal()) as f32);
    values
}

/// A folder with volumes, references and a stack.
struct Sample {
    folder: tempfile::TempDir,
}

impl Sample {
    fn new() -> Self {
        let sample = Self { folder: tempfile::tempdir().expect("a folder") };
        sample
            .volume("a.h5", SPECTRA[1].1, [0.0; 3], |file| file.dataset("/entry/energy", ENERGIES[0], "eV"));
        sample.volume("b.h5", SPECTRA[2].1, MOVED, |file| file.dataset("/entry/energy", ENERGIES[1], "eV"));
        sample.references("references.toml", &SPECTRA);
        sample
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn volume(
        &self,
        name: &str,
        spectrum: [f64; 2],
        moved: [f64; 3],
        more: impl Fn(&mut NexusWriter) -> Result<(), litho_io::IoError>,
    ) {
        let data = noisy(density(spectrum, moved), NOISE, name.len() as u64 + u64::from(name.as_bytes()[0]));
        let volume =
            Volume { data, quantity: VolumeQuantity::OpticalDensity, voxel: Some(Metres::new(VOXEL)) };
        let mut file = NexusWriter::create(self.path(name)).expect("created");
        put_volume(&mut file, &volume).expect("a volume");
        file.group("/entry/sigma", "NXcollection").expect("a group");
        let sigma = Array3::from_elem(volume.data.dim(), NOISE as f32);
        file.array("/entry/sigma/data", &sigma, "").expect("its noise");
        more(&mut file).expect("more");
        file.commit().expect("written");
    }

    fn references(&self, name: &str, spectra: &[(f64, [f64; 2])]) {
        let energies: Vec<f64> = spectra.iter().map(|(energy, _)| *energy).collect();
        let mut text = String::new();
        for (phase, name) in ["LFP", "FP"].iter().enumerate() {
            let values: Vec<f64> = spectra.iter().map(|(_, of)| of[phase]).collect();
            text.extend([
                format!("[[reference]]\nname = \"{name}\"\n"),
                format!("energy = {energies:?}\noptical_density = {values:?}\n"),
            ]);
        }
        std::fs::write(self.path(name), text).expect("written");
    }

    /// Images at four energies, the sample a little off, on pixels of this size; noise as of a sum over the rays.
    fn stack(&self, name: &str, pixel: f64) {
        let mut images = Array3::zeros((SPECTRA.len(), SIDE, SIDE));
        for ((_, spectrum), mut image) in SPECTRA.iter().zip(images.outer_iter_mut()) {
            image.assign(&density(*spectrum, [SEEN_AT[0], 0.0, SEEN_AT[1]]).sum_axis(Axis(1)));
        }
        let images = noisy(images, 5e-3, 7);
        let energies = Energies::new(&SPECTRA.map(|(energy, _)| energy)).expect("energies");
        let pixel = Metres::new(pixel);
        let stack =
            EnergyStack::new(energies, images, None, Some(Point::new(pixel, pixel))).expect("a stack");
        write_stack(&self.path(name), &StackContents { stack: &stack, objects: None, kk_residual: None })
            .expect("written");
    }

    /// The projection at 0° between two that hold nothing of the kind, of the sample where the volume has it.
    fn projections(&self, name: &str, spectrum: [f64; 2], moved: [f64; 3]) -> PathBuf {
        let mut images = Array3::zeros((3, SIDE, SIDE));
        images.index_axis_mut(Axis(0), 1).assign(&density(spectrum, moved).sum_axis(Axis(1)));
        let images = noisy(images, 5e-3, 11);
        let angles = TiltAngles::from_degrees(&[-40.0, 0.2, 40.0]).expect("angles");
        let series =
            TiltSeries::new(angles, Projections::OpticalDensity(images), Some(Metres::new(VOXEL)), None);
        write_tilts(&self.path(name), &series.expect("a series")).expect("written");
        self.path(name)
    }

    fn request(&self, volumes: [&str; 2], config: ChemistryConfig) -> Request {
        Request {
            volumes: volumes.iter().map(|name| self.path(name)).collect(),
            references: self.path("references.toml"),
            projections: Vec::new(),
            output: self.path("chemistry.h5"),
            config: ChemistryConfig { threads: Some(2), ..config },
        }
    }

    fn refused(&self, request: &Request) -> PipelineError {
        let error = chemistry(request).expect_err("refused");
        assert!(!self.path("chemistry.h5").exists(), "nothing is written");
        error
    }
}

fn row(file: &ResultFile, name: &str) -> Vec<f64> {
    file.real(name).expect(name).into_iter().collect()
}

fn number(file: &ResultFile, name: &str) -> f64 {
    file.number(name).expect(name)
}

fn stored(path: &Path) -> ResultFile {
    read_result(path).expect("a result")
}

#[test]
fn plates_of_two_phases_are_told_apart_and_agree_with_a_stack() {
    let sample = Sample::new();
    sample.stack("stack.h5", VOXEL);
    let config = ChemistryConfig {
        stack: Some(sample.path("stack.h5").display().to_string()),
        ..ChemistryConfig::default()
    };
    let request = sample.request(["a.h5", "b.h5"], config);
    let summary = chemistry(&request).expect("chemistry");
    let file = stored(&request.output);
    // Moved back by what it was moved; the noise of a twentieth leaves a few thousandths of a voxel over ten thousand of them.
    for (found, truth) in row(&file, "/entry/registration/shift")[3..].iter().zip(MOVED) {
        assert!((found + truth).abs() < 0.02, "{found} {truth}");
    }
    let mut centres = row(&file, "/entry/angles/peak_centre");
    centres.sort_by(f64::total_cmp);
    for (centre, phase) in centres.iter().zip([0, 1]) {
        let pure = SPECTRA[2].1[phase].atan2(SPECTRA[1].1[phase]).to_degrees();
        assert!((centre - pure).abs() < 0.5, "{centre} {pure}");
    }
    let charge = number(&file, "/entry/summary/share/FP");
    assert!((charge - truth()).abs() < 0.005, "{charge} {}", truth());
    let classes =
        ["first_rich", "mixed", "second_rich"].map(|name| number(&file, &format!("/entry/summary/{name}")));
    let all: f64 = classes.iter().sum();
    // The plates do not touch: nothing is truly mixed but for noise at edges.
    assert!(classes[1] < 0.02 * all, "{classes:?}");
    assert!((classes[2] / all - truth()).abs() < 0.02, "{classes:?}");
    let at = |name: &str| number(&file, &format!("/entry/consistency/{name}"));
    for place in row(&file, "/entry/consistency/shift").chunks_exact(2) {
        assert!((place[0] - SEEN_AT[0]).abs() < 0.05 && (place[1] - SEEN_AT[1]).abs() < 0.05, "{place:?}");
    }
    assert_eq!(at("is_independent"), 1.0);
    assert!(at("share_good") > 0.99 && at("share_good_of_volume") > 0.99);
    // A ray gathers the noise of forty voxels, a third to half of a full one, over the 3 to 20 it crosses.
    assert!(at("difference_mean").abs() < 0.005 && at("difference_rms") < 0.07, "{summary:?}");
    // The same rays of both; those at the rims of plates do not count, which moves the share by half a per cent.
    assert!((at("share_of_images") - at("share_of_volume")).abs() < 0.003, "{summary:?}");
    assert!((at("share_of_images") - truth()).abs() < 0.01, "{summary:?}");
    assert!((at("amount_ratio") - 1.0).abs() < 0.01);
    assert!(summary.lines.iter().any(|line| line.contains("a stack at 4 energies")), "{summary:?}");
}

#[test]
fn without_a_stack_the_projections_of_the_volumes_stand_in() {
    let sample = Sample::new();
    let mut request = sample.request(["a.h5", "b.h5"], ChemistryConfig::default());
    // Each energy was aligned by itself: its projection lies where its volume does.
    request.projections = vec![
        sample.projections("aligned-a.h5", SPECTRA[1].1, [0.0; 3]),
        sample.projections("aligned-b.h5", SPECTRA[2].1, MOVED),
    ];
    let summary = chemistry(&request).expect("chemistry");
    let file = stored(&request.output);
    let shifts = row(&file, "/entry/consistency/shift");
    for (found, truth) in shifts.iter().zip([0.0, 0.0, MOVED[0], MOVED[2]]) {
        assert!((found - truth).abs() < 0.05, "{shifts:?}");
    }
    let at = |name: &str| number(&file, &format!("/entry/consistency/{name}"));
    assert_eq!(at("is_independent"), 0.0);
    // Two energies and two phases: a combination leaves nothing, so that the volume alone is judged.
    assert!(!file.contains("/entry/consistency/r_factor") && at("share_good_of_volume") > 0.99);
    assert!((at("share_of_images") - truth()).abs() < 0.01);
    assert!(summary.lines.iter().any(|line| line.contains("not an independent check")), "{summary:?}");
    request.projections.pop();
    assert!(chemistry(&request).expect_err("refused").to_string().contains("give one for each"));
}

#[test]
fn particles_are_told_apart_measured_and_counted() {
    let sample = Sample::new();
    let request = sample.request(["a.h5", "b.h5"], ChemistryConfig::default());
    chemistry(&request).expect("chemistry");
    let found = |split: &str| {
        let config = ParticlesConfig {
            split: Some(split.to_owned()),
            resolution_nm: Some(11.8),
            // The distance map of a flat plate is rough by its noisy rim; a watershed needs to be told.
            dynamics_voxels: Some(2.0),
            ..ParticlesConfig::default()
        };
        let output = sample.path(&format!("{split}.h5"));
        let asked = particles::Request { chemistry: request.output.clone(), output, config };
        let summary = particles::particles(&asked, &CancelToken::new()).expect("particles");
        (stored(&asked.output), summary)
    };
    for split in ["plates", "watershed", "components"] {
        let (file, summary) = found(split);
        // Numbered by their first voxel: the third plate begins at z = 6, then the first, the second, the fourth.
        let fractions = row(&file, "/entry/table/fraction");
        let thickness = row(&file, "/entry/table/thickness_m");
        let truth = [(7.0, 0.0), (6.0, 0.0), (6.0, 1.0), (5.0, 1.0)];
        assert_eq!(fractions.len(), truth.len(), "{split}: {summary:?}");
        for (index, (voxels, fraction)) in truth.into_iter().enumerate() {
            // A twentieth of noise in hundreds of voxels leaves a few thousandths of the fraction.
            assert!((fractions[index] - fraction).abs() < 0.02, "{split}: {fractions:?}");
            // 1.5 nm are 0.22 voxels.
            assert!((thickness[index] - voxels * VOXEL).abs() < 1.5e-9, "{split}: {thickness:?}");
        }
        assert!((number(&file, "/entry/statistics_1/active_fraction") - 0.5).abs() < 1e-12);
        let table = std::fs::read_to_string(sample.path(&format!("{split}.csv"))).expect("a table");
        assert_eq!(table.lines().count(), 1 + truth.len());
    }
    let metres = particles::Request {
        chemistry: request.output.clone(),
        output: sample.path("none.h5"),
        config: ParticlesConfig { resolution_nm: Some(8e-9), ..ParticlesConfig::default() },
    };
    let error = particles::particles(&metres, &CancelToken::new()).expect_err("a wrong unit").to_string();
    assert!(error.contains("nanometres"), "{error}");
    let volume = particles::Request {
        chemistry: sample.path("a.h5"),
        output: sample.path("none.h5"),
        config: ParticlesConfig::default(),
    };
    let error = particles::particles(&volume, &CancelToken::new()).expect_err("no chemistry").to_string();
    assert!(error.contains("lithoscope chemistry"), "{error}");
}

#[test]
fn volumes_that_do_not_belong_together_are_refused() {
    let sample = Sample::new();
    let told = |volumes: [&str; 2], words: &str| {
        let error = sample.refused(&sample.request(volumes, ChemistryConfig::default()));
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.exit_code(), EXIT_DATA);
    };
    sample.volume("silent.h5", SPECTRA[2].1, MOVED, |_| Ok(()));
    told(["a.h5", "silent.h5"], "does not state its photon energy; give --energies");
    told(["a.h5", "a.h5"], "same energy");
    let other = |quantity, voxel: f64| {
        let data = Array3::ones((8, 8, 8));
        let volume = Volume { data, quantity, voxel: Some(Metres::new(voxel)) };
        let mut file = NexusWriter::create(sample.path("other.h5")).expect("created");
        put_volume(&mut file, &volume).expect("a volume");
        file.dataset("/entry/energy", ENERGIES[1], "eV").expect("an energy");
        file.commit().expect("written");
    };
    other(VolumeQuantity::Phase, VOXEL);
    told(["a.h5", "other.h5"], "holds phase; chemistry needs the optical density");
    other(VolumeQuantity::OpticalDensity, 5e-9);
    told(["a.h5", "other.h5"], "has voxels of 5 nm");
}

#[test]
fn references_and_stacks_that_do_not_fit_are_refused() {
    let sample = Sample::new();
    let config = || ChemistryConfig { register: Some("none".to_owned()), ..ChemistryConfig::default() };
    let mut request = sample.request(["a.h5", "b.h5"], config());
    sample.references("narrow.toml", &SPECTRA[..2]);
    request.references = sample.path("narrow.toml");
    let error = sample.refused(&request).to_string();
    assert!(error.contains("710.2"), "{error}");
    sample.stack("coarse.h5", 2.0 * VOXEL);
    let coarse = sample.path("coarse.h5").display().to_string();
    let error = sample
        .refused(&sample.request(["a.h5", "b.h5"], ChemistryConfig { stack: Some(coarse), ..config() }));
    assert!(error.to_string().contains("bring both to one size"), "{error}");
    let missing = sample.path("missing.h5").display().to_string();
    let error = sample
        .refused(&sample.request(["a.h5", "b.h5"], ChemistryConfig { stack: Some(missing), ..config() }));
    assert!(error.to_string().contains("missing.h5"), "{error}");
}
