//! The page of three-dimensional chemistry, from its inputs to the HTML.

use litho_report::report::Part;
use litho_report::report::chemistry::{
    ActivityBin, AngleGaussian, AngleHistogram, ChemistryReport, Consistency, Correlation, Dependence,
    EdgeProfile, Estimate, Measure, Particle, Particles, Phases, Portrait, RankCorrelation, ThicknessProfile,
    TrueVolumes, Volumes,
};
use ndarray::{Array2, Array3, Axis, Zip};

const VOXEL: f64 = 6.7e-9;

/// Two plates, the second of which is half converted.
struct Data {
    densities: [Array3<f32>; 2],
    composition: Array3<f32>,
    amount: Array3<f32>,
    classes: Array3<u16>,
    labels: Array3<u32>,
    map: Array2<f32>,
    list: Vec<Particle>,
    places: Vec<f64>,
}

impl Data {
    fn new() -> Self {
        let phases = Phases::default();
        let labels = Array3::from_shape_fn((18, 20, 24), |(z, y, x)| {
            let facet = (4..16).contains(&y) && (5..19).contains(&x);
            match z {
                4..=6 if facet => 1,
                10..=13 if facet => 2,
                _ => 0,
            }
        });
        let amount = labels.mapv(|label: u32| if label > 0 { 1.0f32 } else { 0.0 });
        let composition = Array3::from_shape_fn(labels.dim(), |at| match labels[at] {
            0 => f32::NAN,
            2 if at.2 >= 12 => 1.0,
            2 if at.2 >= 10 => 0.5,
            _ => 0.0,
        });
        let density = |energy: usize| {
            Zip::from(&composition).map_collect(|c| {
                let [first, second] = phases.references;
                let c = f64::from(*c);
                if c.is_nan() { 0.0 } else { ((1.0 - c) * first[energy] + c * second[energy]) as f32 }
            })
        };
        let particle = |id: u32, composition: f64, thickness: f64| Particle {
            id,
            volume: 12.0 * 14.0 * thickness * VOXEL.powi(2),
            facet_area: 12.0 * 14.0 * VOXEL.powi(2),
            thickness,
            thickness_sigma: 1e-9,
            composition,
            composition_sigma: 0.02,
            active: composition > 0.15,
        };
        Self {
            densities: [density(0), density(1)],
            classes: composition.mapv(|c| phases.class(f64::from(c))),
            map: composition.index_axis(Axis(0), 12).to_owned(),
            list: vec![particle(1, 0.0, 3.0 * VOXEL), particle(2, 0.57, 4.0 * VOXEL)],
            places: (0..20).map(|k| 1e-9 * f64::from(k)).collect(),
            composition,
            amount,
            labels,
        }
    }

    fn volumes(&self) -> Volumes<'_> {
        let truth = TrueVolumes {
            composition: self.composition.view(),
            amount: self.amount.view(),
            labels: Some(self.labels.view()),
        };
        Volumes {
            at: [12, 10, 12],
            voxel: Some(VOXEL),
            density: [self.densities[0].view(), self.densities[1].view()],
            composition: self.composition.view(),
            amount: self.amount.view(),
            classes: self.classes.view(),
            labels: Some(self.labels.view()),
            truth: Some(truth),
        }
    }

    fn angles(&self) -> AngleHistogram {
        let pairs = self.densities[0].iter().zip(&self.densities[1]).filter(|(a, _)| **a > 0.0);
        let mut angles = AngleHistogram::of(pairs.map(|(a, b)| b.atan2(*a)));
        angles.gaussians = vec![AngleGaussian {
            centre: 0.48,
            centre_sigma: 0.001,
            width: 0.1,
            voxels: 500.0,
            composition: 0.0,
            composition_width: 0.11,
            truth: Some(0.48),
        }];
        angles
    }

    fn report(&self) -> ChemistryReport<'_> {
        let matter = self.amount.mapv(|a| a > 0.5);
        let [first, second] = [self.densities[0].view(), self.densities[1].view()];
        let bins = vec![ActivityBin { ends: (0.0, 3e-14), count: 2, active: 1, sigma: 0.354 }];
        let chance = Some(RankCorrelation { rho: 1.0, p: 0.5 });
        let along_x = [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
        ChemistryReport {
            title: "Plates & <phosphates>".to_owned(),
            volumes: Part::Given(self.volumes()),
            edge: Part::Given(EdgeProfile {
                positions: &self.places,
                values: &self.places,
                label: "OD of a voxel",
                ends: (5e-9, 9e-9),
                place: "along x",
            }),
            correlation: Part::Given(
                Correlation::of(first, second, Some(matter.view())).expect("one extent"),
            ),
            angles: Part::Given(self.angles()),
            totals: Part::Given(vec![Estimate {
                name: "state of charge".to_owned(),
                value: 0.33,
                sigma: 0.01,
                truth: Some(0.33),
            }]),
            consistency: Part::Given(Consistency {
                projected: self.map.view(),
                combined: self.map.view(),
                r_factor: self.map.view(),
                model: "linear combination",
                limit: 0.15,
                pixel: Some(VOXEL),
            }),
            particles: Part::Given(Particles {
                list: &self.list,
                threshold: 0.15,
                active: None,
                dependences: vec![Dependence {
                    measure: Measure::FacetArea,
                    bins,
                    activity: chance,
                    composition: chance,
                }],
                agreement: String::new(),
            }),
            portraits: Part::Given(vec![Portrait {
                name: "I".to_owned(),
                particle: self.list[1],
                centre: [11.5, 9.5, 11.5],
                axes: along_x,
                extent: [14.0, 12.0, 4.0],
                note: "Half of it has reacted.".to_owned(),
            }]),
            thickness: Part::Given(ThicknessProfile {
                id: 2,
                positions: &self.places,
                values: &self.places,
                fit: &self.places,
                label: "OD of a voxel",
                thickness: 4.0 * VOXEL,
                sigma: 1e-9,
                fwhm: 2.8e-8,
                resolution: 1.1e-8,
                truth: None,
            }),
            configuration: "thresholds = [0.3, 0.7]\n".to_owned(),
            ..ChemistryReport::default()
        }
    }
}

const NAMES: [&str; 16] = [
    "volumes",
    "chemistry_density",
    "edge_profile",
    "correlation",
    "polar_angle",
    "chemistry",
    "chemistry_composition",
    "chemistry_classes",
    "particles",
    "chemistry_particles",
    "activity_facet_area",
    "facet_area_thickness",
    "facet_area_composition",
    "thickness_profile",
    "single_particles",
    "consistency_maps",
];

#[test]
fn the_page_shows_every_part_and_each_drawing_can_be_a_file() {
    let data = Data::new();
    let (report, drawings) = data.report().build_with_drawings().expect("builds");
    let names: Vec<&str> = drawings.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names[..16], NAMES);
    assert_eq!(names[16..], ["r_factor"]);
    for drawing in &drawings {
        assert!(!drawing.alt.is_empty() && drawing.caption.ends_with('.'), "{}", drawing.name);
        let png = drawing.to_bitmap().expect("encodes").expect("every drawing has pixels");
        assert!(image::load_from_memory(&png).is_ok(), "{}", drawing.name);
    }
    let html = report.to_html();
    let closed = |line: &&str| !line.starts_with("<meta") && !line.starts_with("<!DOCTYPE");
    let xml = html.lines().filter(closed).collect::<Vec<_>>().join("\n");
    let parsed = roxmltree::Document::parse(&xml).expect("balanced tags");
    let headings: Vec<&str> =
        parsed.descendants().filter(|n| n.has_tag_name("h2")).filter_map(|n| n.text()).collect();
    for heading in
        ["Volumes and resolution", "Chemical state", "Particles", "Single particles", "Consistency"]
    {
        assert!(headings.contains(&heading), "{heading}");
    }
    assert!(html.contains("Plates &amp; &lt;phosphates&gt;") && !html.contains("src=\"http"));
    assert!(html.contains("I: particle 2, 57.0 ± 2.0 % FP, 27 nm thick. Half of it has reacted."));
}

#[test]
fn a_particle_shows_its_halves_in_the_colours_of_their_classes() {
    let data = Data::new();
    let (_, drawings) = data.report().build_with_drawings().expect("builds");
    let single = drawings.iter().find(|d| d.name == "single_particles").expect("a drawing");
    let png = single.to_png().expect("encodes").expect("of images");
    let image = image::load_from_memory(&png).expect("a picture").to_rgb8();
    // Red below x = 10, blue above 12: 5 and 7 of 14 voxels, each with two sections; views are shaded.
    let count = |wanted: [u8; 3]| image.pixels().filter(|p| p.0 == wanted).count() as f64;
    let ratio = count([203, 45, 38]) / count([38, 78, 186]);
    // Linear interpolation moves each threshold by less than half a voxel of five and seven; swatches of the key are small.
    assert!((0.5..0.95).contains(&ratio), "{ratio}");
}

#[test]
fn volumes_that_do_not_belong_together_are_refused_and_missing_ones_explained() {
    let data = Data::new();
    let other = Array3::zeros((18, 20, 25));
    let volumes = Volumes { amount: other.view(), ..data.volumes() };
    let error = ChemistryReport { volumes: Part::Given(volumes), ..data.report() }.build();
    assert!(error.expect_err("another extent").to_string().contains("18 × 20 × 25"));
    let outside = Volumes { at: [18, 0, 0], ..data.volumes() };
    assert!(ChemistryReport { volumes: Part::Given(outside), ..data.report() }.build().is_err());
    let alone = ChemistryReport { volumes: Part::Omitted, ..data.report() };
    assert!(alone.build().expect("builds").to_html().contains("cut out of the volumes"));
    let unnumbered = Volumes { labels: None, truth: None, voxel: None, ..data.volumes() };
    let html = ChemistryReport { volumes: Part::Given(unnumbered), ..data.report() }
        .build()
        .expect("builds")
        .to_html();
    assert!(html.contains("need the volume of their numbers") && html.contains(" px"));
}

#[test]
fn empty_inputs_make_a_page() {
    assert!(ChemistryReport::default().build().expect("builds").sections.is_empty());
    let (nothing, none, no) = (Array3::zeros((3, 3, 3)), Array3::zeros((3, 3, 3)), Array3::zeros((3, 3, 3)));
    let volumes = Volumes {
        at: [1, 1, 1],
        voxel: None,
        density: [nothing.view(), nothing.view()],
        composition: nothing.view(),
        amount: nothing.view(),
        classes: none.view(),
        labels: Some(no.view()),
        truth: None,
    };
    let ghost = Portrait {
        name: "I".to_owned(),
        particle: Particle::default(),
        centre: [f64::NAN; 3],
        axes: [[0.0; 3]; 3],
        extent: [f64::NAN; 3],
        note: String::new(),
    };
    let particles =
        Particles { list: &[], threshold: 0.15, active: None, dependences: vec![], agreement: String::new() };
    let report = ChemistryReport {
        volumes: Part::Given(volumes),
        particles: Part::Given(particles),
        portraits: Part::Given(vec![Portrait {
            particle: Particle { id: 7, ..Particle::default() },
            ..ghost
        }]),
        ..ChemistryReport::default()
    };
    let (_, drawings) = report.build_with_drawings().expect("builds");
    assert!(drawings.iter().all(|d| d.to_bitmap().is_ok()));
}
