//! Tests of clustering: exact partitions, invariances, published values, bad input.

use super::choice::{elbow, vote};
use super::matching::assignment;
use super::*;
use litho_testkit::Lcg;
use litho_types::energies::Energies;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array1, Array2, Array3, arr1, arr2};

/// Blobs of `each` points around centres, with standard deviation `sigma` along every axis; the truth is 1, 2, … in turn.
fn blobs(centres: &[[f64; 2]], each: usize, sigma: f64, seed: u64) -> (Array2<f32>, Vec<u16>) {
    let mut noise = Lcg::new(seed);
    let n = each * centres.len();
    let mut points = Array2::zeros((n, 2));
    let truth: Vec<u16> = (0..n).map(|i| (i % centres.len()) as u16 + 1).collect();
    for (i, mut row) in points.rows_mut().into_iter().enumerate() {
        let centre = centres[i % centres.len()];
        row[0] = (centre[0] + sigma * noise.normal()) as f32;
        row[1] = (centre[1] + sigma * noise.normal()) as f32;
    }
    (points, truth)
}

const CORNERS: [[f64; 2]; 4] = [[0.0, 0.0], [1.0, 8.0], [9.0, 0.0], [10.0, 8.0]];

fn standard(points: &Array2<f32>) -> Points {
    Points::new(points.view(), None, Scaling::Standard).expect("points vary")
}

#[test]
fn separated_blobs_are_found_exactly_and_numbered_by_the_first_descriptor() -> Result<(), ClusterError> {
    // 16 σ between neighbours: no point is on the wrong side.
    let (descriptors, truth) = blobs(&CORNERS, 500, 0.5, 1);
    let found = kmeans(&standard(&descriptors), 4, &KMeansOptions::default())?;
    assert_eq!(found.labels, truth);
    // The mean of 500 points lies within 5 σ/√500 of the centre.
    let tolerance = 5.0 * 0.5 / 500_f64.sqrt();
    for (centre, expected) in found.centres.rows().into_iter().zip(CORNERS) {
        assert!((centre[0] - expected[0]).abs() < tolerance && (centre[1] - expected[1]).abs() < tolerance);
    }
    assert_eq!(found.share, [0.25; 4]);
    let by_second = KMeansOptions { order_by: 1, ..KMeansOptions::default() };
    let found = kmeans(&standard(&descriptors), 4, &by_second)?;
    assert!(found.centres.column(1).windows(2).into_iter().all(|pair| pair[0] <= pair[1]));
    Ok(())
}

#[test]
fn one_cluster_has_the_variance_as_its_sum_of_squares() -> Result<(), ClusterError> {
    let (descriptors, _) = blobs(&CORNERS, 100, 1.0, 2);
    let points = standard(&descriptors);
    let found = kmeans(&points, 1, &KMeansOptions::default())?;
    // Standardised descriptors have the variance 1 each: WCSS = n d, up to the rounding of f32 coordinates.
    let expected = 2.0 * 400.0;
    assert!((found.wcss - expected).abs() < expected * 1e-6, "{}", found.wcss);
    Ok(())
}

#[test]
fn units_and_order_of_points_do_not_matter() -> Result<(), ClusterError> {
    let (descriptors, _) = blobs(&CORNERS, 300, 1.5, 3);
    let plain = kmeans(&standard(&descriptors), 4, &KMeansOptions::default())?;
    // A power of two and no offset change no bit of a standardised value.
    let mut scaled = descriptors.clone();
    scaled.column_mut(0).mapv_inplace(|x| x * 1024.0);
    let found = kmeans(&standard(&scaled), 4, &KMeansOptions::default())?;
    assert_eq!(found.labels, plain.labels);
    let backwards = descriptors.slice(ndarray::s![..;-1, ..]).to_owned();
    let mut found = kmeans(&standard(&backwards), 4, &KMeansOptions::default())?.labels;
    found.reverse();
    assert_eq!(adjusted_rand_index(&found, &plain.labels), 1.0);
    Ok(())
}

#[test]
fn weights_are_repeated_points() -> Result<(), ClusterError> {
    let (descriptors, _) = blobs(&CORNERS, 50, 1.0, 4);
    let weights = Array1::from_shape_fn(200, |i| if i % 3 == 0 { 2.0 } else { 1.0 });
    let weighted = Points::new(descriptors.view(), Some(weights.view()), Scaling::Standard)?;
    let rows: Vec<usize> = (0..200).flat_map(|i| vec![i; if i % 3 == 0 { 2 } else { 1 }]).collect();
    let repeated = standard(&descriptors.select(ndarray::Axis(0), &rows));
    let (a, b) =
        (kmeans(&weighted, 4, &KMeansOptions::default())?, kmeans(&repeated, 4, &KMeansOptions::default())?);
    for (a, b) in a.centres.iter().zip(&b.centres) {
        // Both are sums of the same f32 numbers of order 10.
        assert!((a - b).abs() < 10.0 * f64::from(f32::EPSILON), "{a} {b}");
    }
    let expected: Vec<u16> = rows.iter().map(|&row| a.labels[row]).collect();
    assert_eq!(b.labels, expected);
    Ok(())
}

#[test]
fn rows_without_numbers_or_weight_have_no_label() -> Result<(), ClusterError> {
    let (mut descriptors, _) = blobs(&CORNERS, 20, 0.5, 5);
    descriptors[[3, 1]] = f32::NAN;
    let mut weights = Array1::from_elem(80, 1.0);
    (weights[5], weights[6], weights[7]) = (0.0, -1.0, f32::NAN);
    let points = Points::new(descriptors.view(), Some(weights.view()), Scaling::Standard)?;
    assert_eq!((points.len(), points.given()), (76, 80));
    let found = kmeans(&points, 4, &KMeansOptions::default())?;
    let without: Vec<usize> = (0..80).filter(|&i| found.labels[i] == 0).collect();
    assert_eq!(without, [3, 5, 6, 7]);
    Ok(())
}

#[test]
fn a_start_on_a_sample_ends_on_all_points() -> Result<(), ClusterError> {
    let (descriptors, truth) = blobs(&CORNERS, 20_000, 1.0, 6);
    let points = standard(&descriptors);
    let sampled = kmeans(&points, 4, &KMeansOptions { sample: 2000, starts: 2, ..KMeansOptions::default() })?;
    let whole =
        kmeans(&points, 4, &KMeansOptions { sample: 1 << 20, starts: 2, ..KMeansOptions::default() })?;
    // Both stop once centres move by less than 0.01 σ; the sum of squares is quadratic in what is left.
    assert!((sampled.wcss / whole.wcss - 1.0).abs() < 1e-4, "{} {}", sampled.wcss, whole.wcss);
    // 8 σ between neighbours, 4 σ to the border: some 1e-4 of the points lie beyond it.
    assert!(adjusted_rand_index(&sampled.labels, &truth) > 0.998);
    Ok(())
}

#[test]
fn bits_do_not_depend_on_threads() -> Result<(), Box<dyn std::error::Error>> {
    let (descriptors, _) = blobs(&CORNERS, 5000, 2.5, 7);
    let points = standard(&descriptors);
    let run = || -> Result<_, ClusterError> {
        let clusters = kmeans(&points, 5, &KMeansOptions::default())?;
        let silhouette = silhouette(&points, &clusters, 3000, 0)?;
        let simple = simplified_silhouette(&points, &clusters)?;
        Ok((clusters, silhouette, simple, mixture(&points, 3, &MixtureOptions::default())?))
    };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let one = pool(1)?.install(run)?;
    for threads in [2, 5] {
        assert_eq!(pool(threads)?.install(run)?, one);
    }
    Ok(())
}

#[test]
fn bad_input_is_named() {
    let (descriptors, _) = blobs(&CORNERS, 2, 0.5, 8);
    let points = standard(&descriptors);
    let run = |k| kmeans(&points, k, &KMeansOptions::default()).map(|_| ());
    assert_eq!(run(9), Err(ClusterError::TooFewPoints { operation: "k-means", k: 9, distinct: 8 }));
    assert!(matches!(run(0), Err(ClusterError::Setting { setting: "k", .. })));
    let none = KMeansOptions { starts: 0, ..KMeansOptions::default() };
    assert!(matches!(kmeans(&points, 1, &none), Err(ClusterError::Setting { setting: "starts", .. })));
    let nan = Array2::from_elem((5, 2), f32::NAN);
    let new = |d: &Array2<f32>, w: Option<&Array1<f32>>| {
        Points::new(d.view(), w.map(|w| w.view()), Scaling::Standard).map(|_| ())
    };
    assert_eq!(new(&nan, None), Err(ClusterError::NothingLeft { operation: "standardise", rows: 5 }));
    let zero = Array1::zeros(8);
    assert!(matches!(new(&descriptors, Some(&zero)), Err(ClusterError::NothingLeft { .. })));
    assert!(matches!(new(&descriptors, Some(&Array1::zeros(3))), Err(ClusterError::Length { .. })));
    let same = arr2(&[[1.0, 7.0], [2.0, 7.0]]);
    assert_eq!(new(&same, None), Err(ClusterError::Constant { index: 1, value: 7.0 }));
    // Three points, two of them equal, hold no three clusters.
    let twice = standard(&arr2(&[[1.0, 2.0], [1.0, 2.0], [4.0, 3.0]]));
    let found = kmeans(&twice, 3, &KMeansOptions::default()).map(|_| ());
    assert_eq!(found, Err(ClusterError::TooFewPoints { operation: "k-means", k: 3, distinct: 2 }));
}

#[test]
fn the_adjusted_rand_index_has_its_published_values() {
    assert_eq!(adjusted_rand_index(&[1, 1, 2, 2], &[2, 2, 1, 1]), 1.0);
    // scikit-learn's documented examples.
    assert!((adjusted_rand_index(&[0, 0, 1, 2], &[0, 0, 1, 1]) - 0.571_428_571_428_571_4).abs() < 1e-15);
    assert_eq!(adjusted_rand_index(&[0, 0, 0, 0], &[0, 1, 2, 3]), 0.0);
    assert!(adjusted_rand_index(&[1], &[1]).is_nan());
}

#[test]
fn the_silhouette_of_four_points_on_a_line_is_known() -> Result<(), ClusterError> {
    // 0 and 1 against 10 and 12: s(0) = 1 − 1/11, s(1) = 1 − 1/10, s(10) = 1 − 2/9.5, s(12) = 1 − 2/11.5.
    let points = Points::new(arr2(&[[0.0], [1.0], [10.0], [12.0]]).view(), None, Scaling::Raw)?;
    let clusters = kmeans(&points, 2, &KMeansOptions::default())?;
    assert_eq!(clusters.labels, [1, 1, 2, 2]);
    let expected = 1.0 - (1.0 / 11.0 + 1.0 / 10.0 + 2.0 / 9.5 + 2.0 / 11.5) / 4.0;
    // Coordinates are f32 numbers of order 10 after the mean is taken off.
    let tolerance = 10.0 * f64::from(f32::EPSILON);
    assert!((silhouette(&points, &clusters, 100, 0)? - expected).abs() < tolerance);
    // Centres 0.5 and 11: a = ½, ½, 1, 1 and b = 11, 10, 9.5, 11.5.
    let expected = 1.0 - (0.5 / 11.0 + 0.5 / 10.0 + 1.0 / 9.5 + 1.0 / 11.5) / 4.0;
    assert!((simplified_silhouette(&points, &clusters)? - expected).abs() < tolerance);
    Ok(())
}

#[test]
fn a_sampled_silhouette_is_near_the_exact_one() -> Result<(), ClusterError> {
    let (descriptors, _) = blobs(&CORNERS, 1000, 2.0, 9);
    let points = standard(&descriptors);
    let clusters = kmeans(&points, 4, &KMeansOptions::default())?;
    let (exact, sampled) =
        (silhouette(&points, &clusters, 4000, 0)?, silhouette(&points, &clusters, 1000, 0)?);
    // A silhouette's spread is below 0.5, so the mean of 1000 has a standard deviation below 0.016; four of them.
    assert!((exact - sampled).abs() < 4.0 * 0.016, "{exact} {sampled}");
    assert!(exact != sampled);
    Ok(())
}

#[test]
fn the_number_of_separated_blobs_is_found() -> Result<(), ClusterError> {
    let (descriptors, truth) = blobs(&CORNERS, 200, 0.7, 10);
    let options = ChoiceOptions { k_most: 8, ..ChoiceOptions::default() };
    let choice = choose_k(&standard(&descriptors), &options)?;
    assert_eq!((choice.by_elbow, choice.by_silhouette, choice.by_gap), (4, 4, 4));
    assert_eq!((choice.chosen, choice.reason), (4, Reason::AllAgree));
    assert_eq!(choice.clusters.labels, truth);
    assert!(choice.wcss.windows(2).all(|pair| pair[1] < pair[0]));
    Ok(())
}

#[test]
fn points_without_structure_are_one_cluster() -> Result<(), ClusterError> {
    let mut noise = Lcg::new(11);
    let uniform = Array2::from_shape_fn((1000, 2), |_| noise.uniform() as f32);
    let normal = Array2::from_shape_fn((1000, 3), |_| noise.normal() as f32);
    for descriptors in [uniform, normal] {
        let options = ChoiceOptions { k_most: 6, ..ChoiceOptions::default() };
        let choice = choose_k(&standard(&descriptors), &options)?;
        assert_eq!((choice.by_gap, choice.chosen, choice.reason), (1, 1, Reason::NoStructure));
    }
    Ok(())
}

#[test]
fn votes_are_weighed_as_stated() {
    assert_eq!(vote(4, 4, 4, 0.8), (4, Reason::AllAgree));
    assert_eq!(vote(4, 2, 4, 0.4), (4, Reason::TwoAgree));
    assert_eq!(vote(6, 2, 4, 0.4), (4, Reason::Middle));
    assert_eq!(vote(4, 2, 1, 0.4), (1, Reason::NoStructure));
    assert_eq!(vote(4, 2, 1, 0.6), (2, Reason::Middle));
    // ln WCSS = 10, 5, 4.5, 4: furthest below the chord at the second.
    let wcss: Vec<f64> = [10.0, 5.0, 4.5, 4.0].iter().map(|log: &f64| log.exp()).collect();
    assert_eq!(elbow(&wcss), 2);
}

#[test]
fn assignments_are_the_cheapest_of_all() {
    let mut noise = Lcg::new(12);
    for n in 1..=6 {
        let cost = Array2::from_shape_fn((n, n), |_| noise.uniform());
        let found = assignment(n, |i, j| cost[[i, j]]);
        let sum = |columns: &[usize]| columns.iter().enumerate().map(|(i, &j)| cost[[i, j]]).sum::<f64>();
        let mut least = f64::INFINITY;
        permutations(&mut (0..n).collect(), 0, &mut |columns| least = least.min(sum(columns)));
        assert!((sum(&found) - least).abs() < 1e-12, "{n}");
    }
}

fn permutations(list: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
    if from == list.len() {
        visit(list);
    }
    for other in from..list.len() {
        list.swap(from, other);
        permutations(list, from + 1, visit);
        list.swap(from, other);
    }
}

#[test]
fn labels_follow_their_centres_to_another_run() -> Result<(), ClusterError> {
    let previous = arr2(&[[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]]);
    let next = arr2(&[[0.1, 5.1], [0.2, -0.1], [40.0, 40.0], [5.1, 0.0]]);
    let matching = match_labels(previous.view(), next.view(), &[1.0, 1.0])?;
    assert_eq!(matching.label, [3, 1, 4, 2]);
    assert!(matching.distance[2].is_nan());
    assert_eq!(matching.relabel(&[0, 1, 2, 3, 4]), [0, 3, 1, 4, 2]);
    assert!(match_labels(previous.view(), next.view(), &[1.0]).is_err());
    Ok(())
}

#[test]
fn fractions_are_weighted_and_their_error_is_that_of_tiles() -> Result<(), ClusterError> {
    // Tiles of 4 × 4, each all label 1 or all label 2: the bootstrap draws n tiles of which a share p is 1.
    let (tiles, ones) = (10 * 10, 30);
    let labels = Array2::from_shape_fn((40, 40), |(y, x)| if y / 4 * 10 + x / 4 < ones { 1 } else { 2 });
    let particle = Particle { group: 1, labels: labels.view(), weights: None };
    let options = FractionOptions { tile: 4, draws: 4000, seed: 1 };
    let found = fractions(&[particle], 2, &options)?;
    assert!(found.fraction[[0, 0]].is_nan() && found.tiles == [0, 100]);
    assert!((found.fraction[[1, 0]] - 0.3).abs() < 1e-12);
    // σ² = p(1 − p)/n; 4000 draws know σ to 1/√8000 of itself, here five times that.
    let expected = (0.3 * 0.7 / f64::from(tiles)).sqrt();
    assert!((found.sigma[[1, 0]] / expected - 1.0).abs() < 5.0 / 8000_f64.sqrt(), "{}", found.sigma[[1, 0]]);
    let weights = labels.mapv(|label| if label == 1 { 7.0 } else { 3.0 });
    let weighted = Particle { weights: Some(weights.view()), ..particle };
    // 0.3·7/(0.3·7 + 0.7·3) = ½.
    assert!((fractions(&[weighted], 2, &options)?.fraction[[1, 0]] - 0.5).abs() < 1e-12);
    let error = fractions(&[particle], 1, &options).map(|_| ());
    assert_eq!(error, Err(ClusterError::Label { operation: "fractions", label: 2, k: 1 }));
    Ok(())
}

#[test]
fn densities_integrate_to_one_and_show_the_gaussian() -> Result<(), ClusterError> {
    let mut noise = Lcg::new(13);
    let values =
        Array1::from_shape_fn(20_000, |i| (if i % 2 == 0 { 1.0 } else { 5.0 } + noise.normal()) as f32);
    let labels: Vec<u16> = (0..20_000).map(|i| i % 2 + 1).collect();
    let found = densities(values.view(), &labels, None, 3, 400, None)?;
    let step = found.at[1] - found.at[0];
    for (cluster, centre) in [(0, 1.0), (1, 5.0)] {
        let row = found.density.row(cluster);
        assert!((row.sum() * step - 1.0).abs() < 1e-12);
        let mean = row.iter().zip(&found.at).map(|(p, x)| p * x).sum::<f64>() * step;
        assert!((mean - centre).abs() < 5.0 / 10_000_f64.sqrt());
        // The peak of N(0, 1 + h²) is 0.3989/√(1 + h²), h = 0.14; counting noise of the estimate about 2 %.
        let peak = row.iter().copied().fold(0.0, f64::max);
        assert!((0.36..0.43).contains(&peak), "{peak}");
    }
    assert!(found.density.row(2).iter().all(|p| p.is_nan()));
    Ok(())
}

#[test]
fn mean_spectra_and_their_errors_are_those_of_the_equations() -> Result<(), Box<dyn std::error::Error>> {
    let energies = Energies::new(&[1.0, 2.0])?;
    let mut od = Array3::zeros((2, 1, 4));
    od.slice_mut(ndarray::s![0, 0, ..]).assign(&arr1(&[1.0, 3.0, 10.0, f32::NAN]));
    od.slice_mut(ndarray::s![1, 0, ..]).assign(&arr1(&[2.0, 2.0, 20.0, 40.0]));
    let stack = EnergyStack::new(energies, od, None, None)?;
    let (labels, weights) = (arr2(&[[1, 1, 2, 2]]), arr2(&[[3.0_f32, 1.0, 1.0, 1.0]]));
    let labelled = LabelledStack { stack: &stack, labels: labels.view(), weights: Some(weights.view()) };
    let found = mean_spectra(&[labelled], 2)?;
    assert_eq!(found.mean, arr2(&[[1.5, 2.0], [10.0, 30.0]]));
    assert_eq!(found.pixels, [2, 1]);
    // √((3·½)² + (1·1.5)²)/4 · √2 = 0.75
    assert!((found.standard_error[[0, 0]] - 0.75).abs() < 1e-12);
    assert!(found.standard_error[[1, 0]].is_nan() && found.standard_error[[0, 1]] == 0.0);
    assert!(mean_spectra(&[labelled], 1).is_err() && mean_spectra(&[], 1).is_err());
    Ok(())
}

#[test]
fn a_mixture_finds_covariances_and_its_number_by_bic() -> Result<(), ClusterError> {
    // Two crossed ellipses that k-means cannot tell apart where they overlap.
    let mut noise = Lcg::new(14);
    let n = 6000;
    let descriptors = Array2::from_shape_fn((n, 2), |(i, c)| {
        let wide = (i % 2 == 0) == (c == 0);
        let offset = if i % 2 == 0 { 0.0 } else { 2.0 };
        (offset + if wide { 3.0 } else { 0.5 } * noise.normal()) as f32
    });
    let points = standard(&descriptors);
    let found = mixture(&points, 2, &MixtureOptions::default())?;
    assert!(found.converged);
    for (j, wide) in [(0, 0), (1, 1)] {
        for c in 0..2 {
            let expected: f64 = if c == wide { 9.0 } else { 0.25 };
            // σ² of 3000 points has a relative standard deviation of √(2/3000) = 2.6 %; five of them.
            assert!((found.covariance[[j, c, c]] / expected - 1.0).abs() < 0.13, "{:?}", found.covariance);
        }
    }
    let bic: Vec<f64> = (1..=4)
        .map(|k| mixture(&points, k, &MixtureOptions::default()).map(|found| found.bic))
        .collect::<Result<_, _>>()?;
    let best = (0..4).min_by(|&a, &b| bic[a].total_cmp(&bic[b]));
    assert_eq!(best, Some(1), "{bic:?}");
    Ok(())
}

#[test]
fn one_gaussian_is_mean_and_covariance() -> Result<(), ClusterError> {
    let (descriptors, _) = blobs(&CORNERS[..1], 500, 1.0, 15);
    let points = standard(&descriptors);
    let found = mixture(&points, 1, &MixtureOptions { floor: 0.0, ..MixtureOptions::default() })?;
    // ln L = −½ n (d ln 2π + ln|C| + d) at the maximum; |C| of the standardised points from their correlation.
    let rho = found.covariance[[0, 0, 1]] / (points.sigma()[0] * points.sigma()[1]);
    let expected = -0.5 * 500.0 * (2.0 * std::f64::consts::TAU.ln() + (1.0 - rho * rho).ln() + 2.0);
    assert!((found.log_likelihood - expected).abs() < 1e-3, "{} {expected}", found.log_likelihood);
    assert!((found.bic - (-2.0 * found.log_likelihood + 5.0 * 500_f64.ln())).abs() < 1e-9);
    Ok(())
}
