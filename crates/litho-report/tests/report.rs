//! Whole figures and whole reports, as a caller gets them.

use litho_report::C32;
use litho_report::ReportError;
use litho_report::colour::{ColourMap, domain_colour};
use litho_report::figure::{ComplexStyle, Figure, MapStyle, PixelSize, Range};
use litho_report::report::reconstruction::{
    DiffractionMap, FourierRing, FrequencyUnit, Loss, Object, OrientationScores, Part, Period, Probe, Prtf,
    Quantity, ReconstructionReport, ScanCoverage, Spectrum, Threshold,
};
use ndarray::{Array2, Array3, array};
use std::f32::consts::PI;

fn grey_unit() -> MapStyle {
    MapStyle { range: Range::Fixed { min: 0.0, max: 1.0 }, ..MapStyle::new(ColourMap::Grey, "value") }
}

/// A square pixel of 10 nm.
const PIXEL: Option<PixelSize> = Some(PixelSize::square(1e-8));

fn decoded(figure: &Figure) -> image::RgbaImage {
    image::load_from_memory(&figure.to_png().expect("encodes")).expect("decodes").to_rgba8()
}

#[test]
fn png_pixels_have_the_colours_of_the_map() {
    // 4 × 4 pixels are enlarged 128-fold; the image begins at the 12-pixel
    // border, below the title (26) and the legend's line (20).
    let mut values = Array2::from_shape_fn((4, 4), |(y, x)| (4 * y + x) as f32 / 15.0);
    values[[1, 2]] = f32::NAN;
    let png = decoded(&Figure::map("Title", values.view(), &grey_unit()).expect("a figure"));
    for ((y, x), value) in values.indexed_iter() {
        let at = png.get_pixel(12 + 128 * x as u32 + 64, 12 + 26 + 20 + 128 * y as u32 + 64).0;
        let [r, g, b] = ColourMap::Grey.colour(f64::from(*value));
        assert_eq!(at, [r, g, b, 255], "pixel {y}, {x}");
    }
    assert_eq!(png.get_pixel(0, 0).0, [255; 4], "the border is white");
    assert!(png.width() > 512 + 2 * 12 && png.height() > 512 + 12 + 26 + 20);
}

#[test]
fn large_images_are_reduced_and_elongated_pixels_keep_their_proportions() {
    let wide = Figure::map("", Array2::zeros((2, 5000)).view(), &grey_unit()).expect("a figure");
    assert!((2048..2400).contains(&decoded(&wide).width()));
    // 100 × 100 pixels twice as high as wide, the longer side enlarged to 400
    let tall = Figure::map("", Array2::zeros((100, 100)).view(), &grey_unit()).expect("a figure");
    let square = decoded(&tall).dimensions();
    let tall = tall.with_pixel_size(Some(PixelSize { y: 2e-8, x: 1e-8 })).expect("a length");
    let stretched = decoded(&tall).dimensions();
    assert_eq!((square.0 - stretched.0, square.1), (500 - 200, stretched.1 + 500 - 400));
}

#[test]
fn a_complex_field_shows_its_phase_as_hue() {
    let field =
        array![[C32::new(1.0, 0.0), C32::new(0.0, 1.0)], [C32::new(-0.5, 0.0), C32::new(f32::NAN, 0.0)]];
    let style = ComplexStyle { label: "|P|".to_owned(), percentile: 100.0 };
    let png = decoded(&Figure::complex("", field.view(), &style).expect("a figure"));
    let at = |y: u32, x: u32| {
        let [r, g, b, _] = png.get_pixel(12 + 256 * x + 128, 12 + 20 + 256 * y + 128).0;
        [r, g, b]
    };
    let half_pi = std::f64::consts::FRAC_PI_2;
    assert_eq!(at(0, 0), domain_colour(0.0, 1.0));
    assert_eq!(at(0, 1), domain_colour(half_pi, 1.0));
    assert_eq!(at(1, 0), domain_colour(2.0 * half_pi, 0.5));
    assert_eq!(at(1, 1), ColourMap::Cyclic.no_data());
}

#[test]
fn every_kind_of_image_is_drawn_by_both_back_ends() {
    let ramp = Array2::from_shape_fn((7, 300), |(y, x)| (x as f32 - 20.0) * (y as f32 + 1.0));
    let images = [
        ramp,
        Array2::from_elem((3, 3), f32::NAN),
        Array2::zeros((1, 1)),
        Array2::from_elem((5, 2), 1e38),
        array![[f32::INFINITY, f32::NEG_INFINITY, 0.0]],
        array![[f32::MIN_POSITIVE, f32::MAX, -f32::MAX]],
    ];
    let symmetric = Range::Symmetric { percentile: 99.0 };
    let styles = [
        MapStyle::new(ColourMap::Viridis, "amplitude"),
        MapStyle { range: symmetric, ..MapStyle::new(ColourMap::Diverging, "") },
        MapStyle::wrapped_phase(),
        MapStyle::logarithmic("photons"),
        MapStyle { range: Range::FULL, ..MapStyle::new(ColourMap::Cividis, "µm²") },
    ];
    for image in &images {
        for style in &styles {
            for pixel in [None, PIXEL, Some(PixelSize { y: 1.0, x: 1e-12 })] {
                let figure = Figure::map("½ <Å> & °", image.view(), style).expect("a figure");
                let figure = figure.with_pixel_size(pixel).expect("a length");
                let svg = figure.to_svg(200.0).expect("draws").to_document(figure.title());
                roxmltree::Document::parse(&svg).expect("well-formed SVG");
                assert!(svg.contains("½ &lt;Å&gt; &amp; °"));
                if pixel == PIXEL {
                    assert!(decoded(&figure).width() > 100);
                }
            }
        }
    }
}

#[test]
fn labels_fit_on_the_sheet() {
    // Written out for the bitmap font, √ and superscripts take more characters.
    let label = "√photons √photons µm⁻⁴ ×10⁻⁵";
    let style = ComplexStyle { label: label.to_owned(), percentile: 100.0 };
    let field = Array2::from_elem((4, 4), C32::new(1.0, 0.0));
    let missing = Array2::from_elem((4, 4), f32::NAN);
    for figure in [
        Figure::complex("", field.view(), &style),
        Figure::map("√photons ".repeat(20).as_str(), missing.view(), &MapStyle::new(ColourMap::Grey, label)),
        Figure::map("", Array2::zeros((300, 2)).view(), &MapStyle::new(ColourMap::Grey, label)),
    ] {
        let png = decoded(&figure.expect("a figure"));
        let border = |x: u32, y: u32| x < 8 || y < 8 || x >= png.width() - 8 || y >= png.height() - 8;
        let blank =
            png.enumerate_pixels().filter(|(x, y, _)| border(*x, *y)).all(|(_, _, p)| p.0 == [255; 4]);
        assert!(blank, "something reaches into the border");
    }
}

#[test]
fn svg_embeds_the_image_pixel_by_pixel() {
    let values = Array2::from_shape_fn((6, 9), |(y, x)| (y * 9 + x) as f32 / 53.0);
    let figure = Figure::map("", values.view(), &grey_unit()).expect("a figure");
    let svg = figure.to_svg(300.0).expect("draws").to_document("t");
    let parsed = roxmltree::Document::parse(&svg).expect("well formed");
    let href = parsed.descendants().find(|n| n.has_tag_name("image")).and_then(|n| n.attribute("href"));
    let data = href.and_then(|h| h.strip_prefix("data:image/png;base64,")).expect("an embedded PNG");
    let png = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).expect("base64");
    let image = image::load_from_memory(&png).expect("decodes").to_luma8();
    assert_eq!(image.dimensions(), (9, 6));
    for ((y, x), value) in values.indexed_iter() {
        assert_eq!(image.get_pixel(x as u32, y as u32).0[0], (255.0 * value).round() as u8);
    }
}

#[test]
fn impossible_figures_are_refused() {
    let empty = Figure::map("Empty", Array2::zeros((0, 4)).view(), &grey_unit());
    assert!(matches!(empty, Err(ReportError::EmptyImage { ny: 0, nx: 4, .. })));
    let figure = Figure::map("Map", Array2::zeros((2, 2)).view(), &grey_unit()).expect("a figure");
    for side in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = figure.clone().with_pixel_size(Some(PixelSize::square(side)));
        assert!(matches!(error, Err(ReportError::PixelSize { .. })), "{side}");
    }
}

/// The page without what HTML leaves open and XML does not know.
fn as_xml(html: &str) -> String {
    let closed = |line: &&str| !line.starts_with("<meta") && !line.starts_with("<!DOCTYPE");
    html.lines().filter(closed).collect::<Vec<_>>().join("\n")
}

/// Inputs of a small but complete report.
struct Inputs {
    object: Array2<C32>,
    modes: Array3<C32>,
    frame: Array2<f32>,
    positions: Vec<(f64, f64)>,
    coverage: Array2<f32>,
    frequencies: Vec<f64>,
    curve: Vec<f64>,
}

impl Inputs {
    /// The object's phase reaches down to `-depth` radians.
    fn new(depth: f32) -> Self {
        let phase = |(y, x): (usize, usize)| C32::from_polar(0.9, -depth * ((y + x) % 20) as f32 / 19.0);
        Self {
            object: Array2::from_shape_fn((40, 50), phase),
            // amplitudes 2 and 1: four fifths and one fifth of the power
            modes: Array3::from_shape_fn((2, 8, 8), |(k, _, _)| C32::new(0.0, [2.0, 1.0][k])),
            frame: Array2::from_elem((6, 6), 3.0),
            positions: vec![(10.0, 10.0), (20.0, 30.0)],
            coverage: Array2::from_elem((40, 50), 1.0),
            frequencies: vec![0.0, 1e7, 2e7, 3e7],
            curve: vec![1.0, 0.8, 0.4, 0.0],
        }
    }

    fn report(&self) -> ReconstructionReport<'_> {
        let spectrum =
            Spectrum { frequencies: &self.frequencies, unit: FrequencyUnit::PerMetre, period: Period::Half };
        let threshold = Threshold { name: "½-bit", values: &[0.6, 0.5, 0.4, 0.4], crossings: &[2e7] };
        let mean = DiffractionMap {
            title: "Mean".to_owned(),
            values: self.frame.view(),
            label: "photons".to_owned(),
            pixel: None,
        };
        ReconstructionReport {
            title: "Test <script>".to_owned(),
            object: Part::Given(Object {
                values: self.object.view(),
                illuminated: None,
                continuous_phase: None,
                pixel: PIXEL,
            }),
            probe: Part::Given(Probe { modes: self.modes.view(), label: "|P|", pixel: PIXEL }),
            diffraction: Part::Given(vec![mean]),
            scan: Part::Given(ScanCoverage {
                positions: &self.positions,
                coverage: Some(self.coverage.view()),
                coverage_label: "photons",
                pixel: PIXEL,
            }),
            loss: Part::Given(Loss { label: "loss", curves: vec![("all".to_owned(), &self.curve)] }),
            frc: Part::Given(FourierRing { spectrum, correlation: &self.curve, thresholds: vec![threshold] }),
            prtf: Part::Given(Prtf { spectrum, values: &self.curve, crossing: None }),
            geometry: vec![Quantity {
                name: "Energy".to_owned(),
                value: "708".to_owned(),
                unit: "eV".to_owned(),
            }],
            orientation: Part::Given(OrientationScores {
                metric: "Lower is better.".to_owned(),
                scores: vec![("as stored".to_owned(), 0.5), ("transposed".to_owned(), f64::NAN)],
                chosen: Some(0),
            }),
            ..ReconstructionReport::default()
        }
    }
}

#[test]
fn a_full_report_is_one_self_contained_page() {
    let inputs = Inputs::new(1.0);
    let html = inputs.report().build().expect("builds").to_html();
    let xml = as_xml(&html);
    let parsed = roxmltree::Document::parse(&xml).expect("balanced tags");
    for node in parsed.descendants() {
        assert!(!["script", "link", "iframe", "img", "object"].contains(&node.tag_name().name()));
        assert!(node.attribute("src").is_none());
        if node.has_tag_name("image") {
            assert!(node.attribute("href").is_some_and(|h| h.starts_with("data:image/png;base64,")));
        }
    }
    assert!(!html.contains("url(") && !html.contains("@import"));
    let drawings: Vec<_> = parsed.descendants().filter(|n| n.attribute("role") == Some("img")).collect();
    // phase, amplitude, two modes, one frame, scan, loss, FRC, PRTF
    assert_eq!(drawings.len(), 9);
    assert!(drawings.iter().all(|n| n.attribute("aria-label").is_some_and(|alt| alt.len() > 10)));
    let headings: Vec<_> =
        parsed.descendants().filter(|n| n.has_tag_name("h2")).filter_map(|n| n.text()).collect();
    assert_eq!(
        headings,
        ["Object", "Probe", "Diffraction data", "Scan", "Convergence", "Resolution", "Geometry"]
    );
    assert!(html.contains("Mode 1: 80.0 %") && html.contains("Mode 2: 20.0 %"));
    assert!(html.contains("½-bit: 25.0 nm"), "half a period of 2·10⁷ /m");
}

#[test]
fn the_phase_is_drawn_cyclic_only_if_it_wraps() {
    for (depth, wraps) in [(1.0, false), (2.0 * PI, true)] {
        let figures = Inputs::new(depth).report().figures().expect("figures");
        let names: Vec<&str> = figures.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(
            names,
            ["object_phase", "object_amplitude", "probe_mode_1", "probe_mode_2", "diffraction_1"]
        );
        assert_eq!(figures[0].figure.title().contains("wrapped"), wraps, "{depth}");
    }
}

#[test]
fn what_is_missing_is_said_and_what_is_omitted_is_not() {
    let inputs = Inputs::new(1.0);
    let report = ReconstructionReport {
        frc: Part::Missing("A ring correlation needs two reconstructions.".to_owned()),
        prtf: Part::Omitted,
        probe: Part::Omitted,
        ..inputs.report()
    };
    let html = report.build().expect("builds").to_html();
    assert!(html.contains("<p class=\"quiet\">A ring correlation needs two reconstructions.</p>"));
    assert!(!html.contains("<h2>Probe</h2>") && !html.contains("PRTF"));
    let nothing = ReconstructionReport::default().build().expect("builds");
    assert_eq!(nothing.sections, []);
}

#[test]
fn inputs_that_do_not_belong_together_are_refused() {
    let inputs = Inputs::new(1.0);
    let mask = Array2::from_elem((40, 49), true);
    let object = Object {
        values: inputs.object.view(),
        illuminated: Some(mask.view()),
        continuous_phase: None,
        pixel: None,
    };
    let report = ReconstructionReport { object: Part::Given(object), ..inputs.report() };
    let error = report.build().expect_err("one column is missing").to_string();
    assert!(error.contains("40 × 50") && error.contains("40 × 49"), "{error}");
}

#[test]
fn pixels_outside_the_illuminated_area_do_not_set_the_range() {
    let mut inputs = Inputs::new(1.0);
    inputs.object.row_mut(0).fill(C32::new(1e6, 0.0));
    let mask = Array2::from_shape_fn((40, 50), |(y, _)| y > 0);
    let object = Object {
        values: inputs.object.view(),
        illuminated: Some(mask.view()),
        continuous_phase: None,
        pixel: None,
    };
    let report = ReconstructionReport { object: Part::Given(object), ..ReconstructionReport::default() };
    let figures = report.figures().expect("figures");
    let (min, max) = figures[1].figure.shown_range().expect("a range");
    // the amplitude is 0.9 everywhere else; a constant is shown within a tenth
    assert!((min - 0.81).abs() < 1e-6 && (max - 0.99).abs() < 1e-6, "{min} to {max}");
}
