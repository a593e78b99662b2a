//! The page of a spectroscopic experiment, from its inputs to the HTML.

use litho_report::ReportError;
use litho_report::figure::PixelSize;
use litho_report::report::reconstruction::{FrequencyUnit, Period, Spectrum};
use litho_report::report::spectroscopy::{
    Agreement, ChoiceOfK, Curve, Density, Descriptor, DescriptorMap, Domains, GroupFractions, HistogramOf,
    Region, Registration, Sample, SpectroscopyReport, TransferCurves, Truth,
};
use litho_report::report::{Part, Quantity};
use ndarray::{Array2, array};

const PIXEL: Option<PixelSize> = Some(PixelSize::square(15e-9));
const FREQUENCIES: [f64; 3] = [0.0, 5e6, 1e7];
const TRANSFER: [f64; 3] = [1.0, 0.5, 0.1];

/// Maps of one sample of 20 × 20 pixels; the outer rows and columns have no value.
struct Maps {
    image: Array2<f32>,
    edge: Array2<f32>,
    sigma: Array2<f32>,
    labels: Array2<u16>,
}

impl Maps {
    fn new() -> Self {
        let inside = |y: usize, x: usize| (5..15).contains(&y) && (5..15).contains(&x);
        let or_nan = |y, x, value| if inside(y, x) { value } else { f32::NAN };
        Self {
            image: Array2::from_shape_fn((20, 20), |(y, x)| (y + x) as f32 / 40.0),
            // 5476.5 to 5480.1 eV, inside the colours of the paper
            edge: Array2::from_shape_fn((20, 20), |(y, x)| or_nan(y, x, 5476.5 + 0.2 * (y + x - 10) as f32)),
            sigma: Array2::from_shape_fn((20, 20), |(y, x)| or_nan(y, x, 0.2)),
            labels: Array2::from_shape_fn(
                (20, 20),
                |(y, x)| {
                    if inside(y, x) { 1 + u16::from(y > 9) } else { 0 }
                },
            ),
        }
    }

    fn sample(&self, name: &str, group: &str) -> Sample<'_> {
        let map = || Some(DescriptorMap { values: self.edge.view(), sigma: Some(self.sigma.view()) });
        let curve = Curve {
            energies: vec![5420.0, 5480.0, 5540.0],
            values: vec![0.0, 0.5, 1.0],
            sigma: vec![0.1; 3],
            fit: vec![(5420.0, 0.0), (5540.0, 1.0)],
        };
        Sample {
            name: name.to_owned(),
            group: group.to_owned(),
            pixel: PIXEL,
            absorption: Some(self.image.view()),
            phase: Some(self.image.view()),
            edge_energy: map(),
            electron_ratio: map(),
            pre_edge_ratio: map(),
            labels: Some(self.labels.view()),
            true_labels: Some(self.labels.view()),
            kk_residual: Some(self.sigma.view()),
            status: vec![("ok".to_owned(), 100), ("below noise".to_owned(), 300)],
            regions: vec![Region {
                name: name.to_owned(),
                absorption: Some(curve.clone()),
                phase: Some(curve),
            }],
            registration: vec![Registration { energy: 5420.0, shift: (0.5, -0.5), amplitude: 1.0 }],
            prtf: Part::Given(TransferCurves {
                spectrum: Spectrum {
                    frequencies: &FREQUENCIES,
                    unit: FrequencyUnit::PerMetre,
                    period: Period::Full,
                },
                mean: &TRANSFER,
                crossing: Some(1e7),
                energies: vec![&TRANSFER; 40],
                crossings: vec![8e6, 1e7],
            }),
        }
    }
}

fn domains<'a>() -> Domains<'a> {
    let group = |name: &str| GroupFractions {
        name: name.to_owned(),
        fraction: vec![0.7, 0.3],
        sigma: vec![0.05, 0.05],
        truth: vec![0.75, 0.25],
    };
    Domains {
        k: 2,
        names: vec!["octahedral".to_owned()],
        densities: vec![],
        groups: vec![group("as-prepared"), group("delithiated")],
        spectra: vec![
            Curve { energies: vec![5420.0, 5540.0], values: vec![0.0, 1.0], ..Curve::default() };
            2
        ],
    }
}

fn report(samples: Vec<Sample<'_>>) -> SpectroscopyReport<'_> {
    SpectroscopyReport {
        title: "Vanadium <particles>".to_owned(),
        warnings: vec!["f' of oxygen is f'' of oxygen.".to_owned()],
        samples,
        absorption_energy: Some(5540.0),
        phase_energy: Some(5420.0),
        domains: Part::Given(domains()),
        choice: Part::Given(ChoiceOfK {
            k: vec![1, 2, 3],
            wcss: vec![9.0, 2.0, 1.0],
            silhouette: vec![f64::NAN, 0.8, 0.6],
            gap: vec![0.0, 1.0, 1.1],
            gap_sigma: vec![0.1; 3],
            chosen: 2,
            reason: "The silhouette is highest.".to_owned(),
        }),
        truth: Part::Given(Truth {
            agreement: vec![Agreement {
                name: "all".to_owned(),
                edge_energy_rms: 0.25,
                electron_ratio_bias: -0.004,
                ..Agreement::default()
            }],
        }),
        constants: vec![Quantity {
            name: "Δf'' of V".to_owned(),
            value: "3.53".to_owned(),
            unit: String::new(),
        }],
        configuration: "k = 6 # <auto>\n".to_owned(),
        ..SpectroscopyReport::default()
    }
}

/// The page without what HTML leaves open and XML does not know.
fn as_xml(html: &str) -> String {
    let closed = |line: &&str| !line.starts_with("<meta") && !line.starts_with("<!DOCTYPE");
    html.lines().filter(closed).collect::<Vec<_>>().join("\n")
}

fn names(report: &SpectroscopyReport<'_>) -> Vec<String> {
    report.drawings().expect("draws").into_iter().map(|drawing| drawing.name).collect()
}

#[test]
fn the_page_holds_every_figure_of_the_paper_and_nothing_from_elsewhere() {
    let maps = Maps::new();
    let report = report(vec![maps.sample("P1", "as-prepared"), maps.sample("D1", "delithiated")]);
    let html = report.build().expect("builds").to_html();
    let xml = as_xml(&html);
    let parsed = roxmltree::Document::parse(&xml).expect("balanced tags");
    let headings: Vec<_> =
        parsed.descendants().filter(|n| n.has_tag_name("h2")).filter_map(|n| n.text()).collect();
    let expected = [
        "1 warning",
        "Images and spectra",
        "Chemical state",
        "Domains",
        "Comparison with the truth",
        "Number of clusters",
        "Resolution",
        "Quality",
        "Configuration",
    ];
    assert_eq!(headings, expected);
    for node in parsed.descendants() {
        assert!(!["script", "link", "img"].contains(&node.tag_name().name()));
        if let Some(href) = node.attribute("href") {
            assert!(href.starts_with("data:image/png;base64,"), "{href}");
        }
    }
    let drawings: Vec<_> = parsed.descendants().filter(|n| n.attribute("role") == Some("img")).collect();
    assert_eq!(drawings.len(), names(&report).len());
    assert!(drawings.iter().all(|n| n.attribute("aria-label").is_some_and(|alt| alt.len() > 20)));
    assert!(html.contains("k = 6 # &lt;auto&gt;"));
    assert!(html.contains("0.250") && html.contains("−0.40"), "0.25 eV and −0.4 %");
    assert!(html.contains("between 100 nm and 125 nm"), "full periods of 10⁷ and 8·10⁶ per metre");
}

#[test]
fn every_drawing_has_a_file_name_of_its_own_and_maps_are_bitmaps_too() {
    let maps = Maps::new();
    let report = report(vec![maps.sample("P1", "as-prepared"), maps.sample("D 1/µ", "delithiated")]);
    let mut bitmaps = Vec::new();
    for drawing in report.drawings().expect("draws") {
        roxmltree::Document::parse(&drawing.to_svg_document()).expect("well formed");
        assert!(drawing.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{}", drawing.name);
        if let Some(png) = drawing.to_png().expect("encodes") {
            assert_eq!(&png[1..4], b"PNG");
            bitmaps.push(drawing.name);
        }
    }
    let expected = [
        "absorption",
        "phase",
        "edge_energy",
        "n_eff_ratio",
        "pre_edge_ratio",
        "domains",
        "truth_domains",
        "kk_residual",
    ];
    assert_eq!(bitmaps, expected);
    let all = names(&report);
    let mut unique = all.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), all.len(), "{all:?}");
    assert!(all.contains(&"prtf_d_1__".to_owned()));
}

#[test]
fn an_empty_report_says_what_is_missing() {
    let empty = SpectroscopyReport {
        domains: Part::Given(Domains::default()),
        choice: Part::Given(ChoiceOfK::default()),
        truth: Part::Missing("The truth is not known.".to_owned()),
        ..SpectroscopyReport::default()
    };
    let html = empty.build().expect("builds").to_html();
    for words in [
        "No absorption or phase images were given.",
        "No chemical state maps were given.",
        "No label maps were given.",
        "No number of clusters was scored.",
        "The truth is not known.",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(empty.drawings().expect("draws").is_empty());
}

#[test]
fn a_sample_without_a_single_value_is_drawn() {
    let (nan, zero) = (Array2::from_elem((4, 5), f32::NAN), Array2::zeros((4, 5)));
    let map = Some(DescriptorMap { values: nan.view(), sigma: Some(nan.view()) });
    let sample = Sample {
        name: "empty".to_owned(),
        absorption: Some(nan.view()),
        phase: Some(nan.view()),
        edge_energy: map,
        electron_ratio: map,
        pre_edge_ratio: map,
        labels: Some(zero.view()),
        kk_residual: Some(nan.view()),
        regions: vec![Region { absorption: Some(Curve::default()), ..Region::default() }],
        ..Sample::default()
    };
    let html = report(vec![sample]).build().expect("builds").to_html();
    assert!(html.contains("no finite values") && html.contains("no values to plot"));
}

#[test]
fn many_samples_stand_in_rows_and_histograms_can_be_those_of_groups() {
    let maps = Maps::new();
    let samples: Vec<Sample<'_>> = (0..12)
        .map(|k| maps.sample(&format!("S{k}"), if k < 6 { "as-prepared" } else { "delithiated" }))
        .collect();
    let per_sample = report(samples);
    let of = |report: &SpectroscopyReport<'_>, name: &str| {
        let drawings = report.drawings().expect("draws");
        drawings.into_iter().find(|d| d.name == name).expect("is drawn").to_svg_document()
    };
    let grid = of(&per_sample, "edge_energy");
    let parsed = roxmltree::Document::parse(&grid).expect("well formed");
    let rows: std::collections::BTreeSet<_> =
        parsed.descendants().filter(|n| n.has_tag_name("image")).filter_map(|n| n.attribute("y")).collect();
    // Two groups of six in rows of three; the colour bar begins below its tip or with the first row.
    assert!((4..=5).contains(&rows.len()), "{rows:?}");
    let histogram = of(&per_sample, "histogram_edge_energy");
    assert!(histogram.contains("S11") && !histogram.contains("delithiated"));
    let per_group = SpectroscopyReport { histograms: HistogramOf::Group, ..per_sample };
    let histogram = of(&per_group, "histogram_edge_energy");
    assert!(!histogram.contains("S11") && histogram.contains("delithiated"));
}

#[test]
fn maps_of_one_sample_must_have_one_extent() {
    let maps = Maps::new();
    let other = Array2::zeros((20, 19));
    let sample = Sample { labels: Some(other.view()), ..maps.sample("P1", "") };
    let error = report(vec![sample]).build().expect_err("one column is missing").to_string();
    assert!(error.contains("P1") && error.contains("20 × 20") && error.contains("20 × 19"), "{error}");
}

#[test]
fn kernel_densities_are_taken_where_given_and_checked() {
    fn with<'a>(density: Density<'a>, sample: Sample<'a>) -> SpectroscopyReport<'a> {
        let domains = Part::Given(Domains { densities: vec![density], ..domains() });
        SpectroscopyReport { domains, ..report(vec![sample]) }
    }
    let at = [5476.0, 5478.0, 5480.0];
    let density = array![[0.1, 0.3, 0.1], [0.0, 0.2, 0.3]];
    let maps = Maps::new();
    let given = Density { descriptor: Descriptor::EdgeEnergy, at: &at, density: density.view() };
    let of = |report: &SpectroscopyReport<'_>| {
        let drawings = report.drawings().expect("draws");
        drawings.into_iter().find(|d| d.name == "density_edge_energy").expect("is drawn").to_svg_document()
    };
    let plain = report(vec![maps.sample("P1", "")]);
    assert_ne!(of(&with(given, maps.sample("P1", ""))), of(&plain), "a kernel density is not the histogram");
    let short = Density { at: &at[..2], ..given };
    let error = with(short, maps.sample("P1", "")).build().expect_err("three densities for two values");
    assert!(matches!(error, ReportError::Mismatch { .. }));
}
