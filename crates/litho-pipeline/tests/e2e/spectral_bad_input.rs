//! What the commands on stacks say to stacks, maps and references that do not fit.

use crate::spectral::{bands, energies, fitted, references, written};
use litho_io::read_maps;
use litho_pipeline::cluster::{self, ClusterConfig, KSetting};
use litho_pipeline::error::{EXIT_DATA, EXIT_USAGE};
use litho_pipeline::stack_input::{EnergiesSetting, StackConfig};
use litho_pipeline::unmix::{self, UnmixConfig};
use litho_pipeline::xanes::XanesConfig;
use litho_types::energies::Energies;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Axis, s};
use std::path::PathBuf;

#[test]
fn a_stack_of_one_energy_is_refused_with_what_is_needed() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = bands(1);
    let density = all.optical_density().slice(s![10..11, .., ..]).to_owned();
    let energy = Energies::new(&energies()[10..11]).expect("one");
    let stack =
        written(&folder, "one.h5", &EnergyStack::new(energy, density, None, None).expect("one image"));
    let config =
        XanesConfig { absorber: Some("V".to_owned()), edge_ev: Some(5465.0), ..XanesConfig::default() };
    let error = fitted(&stack, config).unwrap_err();
    assert_eq!(error.exit_code(), EXIT_DATA);
    assert!(error.to_string().starts_with("edge fit: 1 energies for 10 free parameters"), "{error}");
}

#[test]
fn without_an_edge_within_the_energies_the_absorber_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = bands(1);
    let density = all.optical_density().slice(s![5.., .., ..]).to_owned();
    let energy = Energies::new(&energies()[5..]).expect("ascending");
    let stack = written(&folder, "late.h5", &EnergyStack::new(energy, density, None, None).expect("images"));
    let error = fitted(&stack, XanesConfig::default()).unwrap_err();
    assert_eq!(error.exit_code(), EXIT_USAGE);
    assert!(error.to_string().contains("give `absorber` (--absorber)"), "{error}");
}

#[test]
fn unsorted_energies_are_sorted_and_missing_pixels_stay_missing_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = bands(7);
    let (_, sorted, _) =
        fitted(&written(&folder, "sorted.h5", &all), XanesConfig::default()).expect("fitted");
    // The same images from the highest energy to the lowest, in a file of somebody else, one pixel lost at one energy.
    let path = folder.path().join("foreign.h5");
    let file = hdf5::File::create(&path).expect("created");
    let mut density = all.optical_density().clone();
    density.invert_axis(Axis(0));
    let mut density = density.as_standard_layout().to_owned();
    density[[3, 20, 20]] = f32::NAN;
    let axis: Vec<f64> = energies().into_iter().rev().collect();
    file.new_dataset_builder().with_data(&density).create("/images").expect("a dataset");
    file.new_dataset_builder().with_data(&axis).create("/ev").expect("a dataset");
    drop(file);
    let config = XanesConfig {
        stack: StackConfig {
            dataset: Some("/images".to_owned()),
            energies: Some(EnergiesSetting::Named("/ev".to_owned())),
            quantity: Some("optical-density".to_owned()),
            pixel_m: Some(3e-8),
            ..StackConfig::default()
        },
        ..XanesConfig::default()
    };
    let (_, found, warnings) = fitted(&path, config).expect("fitted");
    assert!(warnings.iter().any(|warning| warning.contains("no phase")), "{warnings:?}");
    assert!(found.map("n_eff").is_none() && found.map("n_absorber").is_some());
    let status = found.status.as_ref().expect("a status");
    assert_eq!((status.values[(20, 20)], status.meanings[5].1.as_str()), (5, "missing data"));
    let edge = |set: &litho_io::MapSet, at: (usize, usize)| set.map("edge_energy").expect("a map").values[at];
    assert!(edge(&found, (20, 20)).is_nan());
    // Priors are those of pixels without the lost one; nothing else changes.
    for at in [(3, 12), (12, 20), (20, 12)] {
        assert!((edge(&found, at) - edge(&sorted, at)).abs() < 0.02, "{at:?}");
    }
}

#[test]
fn references_that_do_not_reach_are_refused_with_the_range_that_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let request = |range_ev| unmix::Request {
        stack: written(&folder, "a.h5", &bands(8)),
        references: references(&folder, &energies()[2..36]),
        output: folder.path().join("lcf.h5"),
        config: UnmixConfig { range_ev, ..UnmixConfig::default() },
    };
    let error = unmix::unmix(&request(None)).unwrap_err();
    assert_eq!(error.exit_code(), EXIT_DATA);
    assert!(error.to_string().contains("reference first covers 5455 to"), "{error}");
    let summary = unmix::unmix(&request(Some([5455.0, 5500.0]))).expect("taken apart");
    assert!(summary.warnings.iter().any(|warning| warning.contains("does not cover all energies")));
}

#[test]
fn mistakes_in_references_are_named_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("R.toml");
    let text =
        "[[reference]]\nname = \"r_l2\"\nfile = \"a.txt\"\n[[reference]]\nname = \"a\"\nenergy = [1.0]\n";
    std::fs::write(&path, text).expect("written");
    let error = unmix::read_references(&path).unwrap_err();
    assert_eq!(error.exit_code(), EXIT_USAGE);
    assert_eq!(error.to_string().lines().count(), 2, "{error}");
}

#[test]
fn maps_of_another_kind_and_too_many_clusters_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let stack = written(&folder, "a.h5", &bands(9));
    let (maps, _, _) = fitted(&stack, XanesConfig::default()).expect("fitted");
    let lcf = folder.path().join("lcf.h5");
    let request = unmix::Request {
        stack,
        references: references(&folder, &energies()),
        output: lcf.clone(),
        config: UnmixConfig::default(),
    };
    unmix::unmix(&request).expect("taken apart");
    let sort = |maps: Vec<PathBuf>, config: ClusterConfig| {
        cluster::cluster(&cluster::Request { maps, output: folder.path().join("domains.h5"), config })
    };
    let error = sort(vec![maps.clone(), lcf.clone()], ClusterConfig::default()).unwrap_err();
    assert_eq!(error.exit_code(), EXIT_DATA);
    assert!(error.to_string().contains("has no map `edge_energy` but"), "{error}");
    // Other maps may be sorted by, if they are named.
    let descriptors = Some(vec!["first_share".to_owned()]);
    let config = ClusterConfig {
        descriptors,
        weight: Some("none".to_owned()),
        k_max: Some(3),
        ..ClusterConfig::default()
    };
    sort(vec![lcf], config).expect("sorted");
    // A map with two pixels left.
    let file = hdf5::File::open_rw(&maps).expect("opened");
    let dataset = file.dataset("/entry/maps/edge_energy").expect("there");
    let mut values: ndarray::Array2<f32> = dataset.read_2d().expect("read");
    for ((y, x), value) in values.indexed_iter_mut() {
        if y != 12 || !(18..20).contains(&x) {
            *value = f32::NAN;
        }
    }
    dataset.write(&values).expect("written");
    drop((dataset, file));
    assert!(read_maps(&maps).is_ok());
    let config = ClusterConfig { k: Some(KSetting::Number(3)), ..ClusterConfig::default() };
    let error = sort(vec![maps], config).unwrap_err();
    assert_eq!(error.exit_code(), EXIT_USAGE);
    assert!(error.to_string().contains("k = 3 with 2 points"), "{error}");
}
