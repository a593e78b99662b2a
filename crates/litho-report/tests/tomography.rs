//! The page of a tomogram, from its inputs to the HTML, and the turning volume, from voxels to the bytes of the file.

use litho_report::ReportError;
use litho_report::colour::{ColourMap, lightness};
use litho_report::render::{Film, Look, Paint, Scene, Shot, View, film};
use litho_report::report::reconstruction::{FrequencyUnit, Period, Spectrum, Threshold};
use litho_report::report::tomography::{
    Alignment, DensityHistogram, Direction, FourierShell, Noise, Peak, Planes, ProjectionFit, Residuals,
    Sinograms, Slices, TomographyReport, Turning,
};
use litho_report::report::{Part, Quantity};
use ndarray::{Array2, Array3};
use std::f64::consts::FRAC_PI_2;

const FREQUENCIES: [f64; 3] = [0.0, 1e7, 2e7];
const CURVE: [f64; 3] = [1.0, 0.6, 0.1];
const LEVEL: [f64; 3] = [1.0, 0.4, 0.3];

/// A ball of radius 8 in the middle of 32 × 30 × 34 voxels.
fn ball() -> Array3<f32> {
    ball_with_edge(1.0)
}

/// The same with an edge that is so many voxels wide; the wider it is, the less its surface shows the steps of the voxels.
fn ball_with_edge(width: f32) -> Array3<f32> {
    Array3::from_shape_fn((32, 30, 34), |(z, y, x)| {
        let r2 = (z as f32 - 15.5).powi(2) + (y as f32 - 14.5).powi(2) + (x as f32 - 16.5).powi(2);
        ((8.0 - r2.sqrt()) / width + 0.5).clamp(0.0, 1.0)
    })
}

fn shot(side: usize) -> Shot {
    Shot { size: (side, side), ..Shot::default() }
}

struct Data {
    volume: Array3<f32>,
    map: Array2<f32>,
    angles: Vec<f64>,
    shifts: Vec<(f64, f64)>,
    film: Film,
}

impl Data {
    fn new() -> Self {
        let volume = ball();
        let film =
            film(&Scene::surface(volume.view(), 0.5), &View::around(4, 0.3), shot(48)).expect("renders");
        Self {
            map: Array2::from_shape_fn((20, 34), |(y, x)| (y + x) as f32),
            angles: (0..20).map(|k| f64::from(8 * k - 80).to_radians()).collect(),
            shifts: (0..20).map(|k| (f64::from(k % 3), f64::from(k % 5))).collect(),
            volume,
            film,
        }
    }

    fn report(&self) -> TomographyReport<'_> {
        let mut density = DensityHistogram::of(self.volume.view(), "electron density (e/Å³)");
        density.peaks = vec![Peak::at("air", 0.0), Peak::at("<grain>", 1.0)];
        let planes = |volume: &Array3<f32>| Planes::central(volume.view()).expect("has voxels");
        let (histogram, spread) = Noise::histogram_of(self.volume.view());
        let quantity = Quantity { name: "voxel".to_owned(), value: "20".to_owned(), unit: "nm".to_owned() };
        TomographyReport {
            title: "Particle & <matrix>".to_owned(),
            settings: vec![quantity],
            warnings: vec!["A sixth of the angles is missing.".to_owned()],
            turning: Part::Given(Turning { film: &self.film, caption: "Surface at half." }),
            slices: Part::Given(Slices {
                truth: Some(planes(&self.volume.mapv(|v| 0.9 * v))),
                voxel: Some(2e-8),
                ..Slices::new(planes(&self.volume), "electron density (e/Å³)")
            }),
            density: Part::Given(density),
            resolution: Part::Given(FourierShell {
                spectrum: Spectrum {
                    frequencies: &FREQUENCIES,
                    unit: FrequencyUnit::PerMetre,
                    period: Period::Half,
                },
                correlation: &CURVE,
                thresholds: vec![Threshold { name: "½-bit", values: &LEVEL, crossings: &[1.5e7] }],
                directions: vec![Direction { name: "along z", correlation: &CURVE, crossing: Some(1.25e7) }],
            }),
            noise: Part::Given(Noise {
                sigma: Some(self.map.view()),
                slice: "x–y at z = 16".to_owned(),
                voxel: Some(2e-8),
                label: "electron density (e/Å³)".to_owned(),
                histogram: Some(histogram),
                spread: Some(spread),
            }),
            sinograms: Part::Given(Sinograms {
                before: self.map.view(),
                after: Some(self.map.view()),
                angles: &self.angles,
                row: 16,
                pixel: Some(2e-8),
                label: "phase (rad)".to_owned(),
            }),
            projections: Part::Given(vec![ProjectionFit {
                measured: self.map.view(),
                computed: self.map.view(),
                angle: FRAC_PI_2,
                pixel: Some(2e-8),
                label: "phase (rad)".to_owned(),
            }]),
            alignment: Part::Given(Alignment {
                angles: &self.angles,
                shifts: &self.shifts,
                true_shifts: &self.shifts,
                rotations: &self.angles,
                scales: &self.angles,
                misfit: &self.angles,
                flagged: &[true; 20],
                convergence: &[2.0, 0.1],
                ..Alignment::default()
            }),
            residuals: Part::Given(Residuals {
                label: "‖Ax − b‖ / ‖b‖".to_owned(), values: &[1.0, 0.1]
            }),
            configuration: "iterations = 20 # <auto>\n".to_owned(),
            ..TomographyReport::default()
        }
    }
}

/// The page without what HTML leaves open and XML does not know.
fn as_xml(html: &str) -> String {
    let closed = |line: &&str| !line.starts_with("<meta") && !line.starts_with("<!DOCTYPE");
    html.lines().filter(closed).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_page_shows_every_part_and_nothing_from_elsewhere() {
    let data = Data::new();
    let report = data.report();
    let html = report.build().expect("builds").to_html();
    let xml = as_xml(&html);
    let parsed = roxmltree::Document::parse(&xml).expect("balanced tags");
    let headings: Vec<_> =
        parsed.descendants().filter(|n| n.has_tag_name("h2")).filter_map(|n| n.text()).collect();
    let expected = [
        "1 warning",
        "Measurement and reconstruction",
        "Volume",
        "Density",
        "Resolution",
        "Uncertainty",
        "Projections",
        "Alignment",
        "Convergence",
        "Configuration",
    ];
    assert_eq!(headings, expected);
    for node in parsed.descendants() {
        assert!(!["script", "link"].contains(&node.tag_name().name()));
        for link in [node.attribute("href"), node.attribute("src")].into_iter().flatten() {
            assert!(link.starts_with("data:image/png;base64,"), "{link}");
        }
    }
    let drawn = parsed.descendants().filter(|n| n.attribute("role") == Some("img")).count();
    assert_eq!(drawn, report.drawings().expect("draws").len());
    let moving: Vec<_> = parsed.descendants().filter(|n| n.has_tag_name("img")).collect();
    assert_eq!(moving.len(), 1);
    assert_eq!((moving[0].attribute("width"), moving[0].attribute("height")), (Some("48"), Some("48")));
    assert!(html.contains("The volume from 4 sides. Surface at half.") && html.contains("&lt;grain&gt;"));
}

#[test]
fn every_drawing_has_a_name_of_its_own_and_all_its_text_on_the_sheet() {
    let data = Data::new();
    let drawings = data.report().drawings().expect("draws");
    let names: Vec<&str> = drawings.iter().map(|d| d.name.as_str()).collect();
    let expected = [
        "slices",
        "slices_difference",
        "density",
        "fsc",
        "sigma",
        "noise",
        "sinogram",
        "projection_90_0",
        "residual_90_0",
        "shifts_x",
        "shifts_y",
        "rotations",
        "magnifications",
        "misfit",
        "alignment_convergence",
        "residual",
    ];
    assert_eq!(names, expected);
    for drawing in &drawings {
        let text = drawing.to_svg_document();
        let parsed = roxmltree::Document::parse(&text).expect("well formed");
        let (width, height) = (drawing.svg().width(), drawing.svg().height());
        for label in parsed.descendants().filter(|n| n.has_tag_name("text")) {
            let number = |name| label.attribute(name).and_then(|v| v.parse::<f64>().ok());
            // Turned labels have no place of their own.
            let (Some(x), Some(y)) = (number("x"), number("y")) else { continue };
            // Six pixels for a character of 13 pixels' height is what sans-serif fonts need on average.
            let extent = 6.0 * label.text().map_or(0, |t| t.chars().count()) as f64;
            let (left, right) = match label.attribute("text-anchor") {
                Some("middle") => (x - extent / 2.0, x + extent / 2.0),
                Some("end") => (x - extent, x),
                _ => (x, x + extent),
            };
            let inside = left >= -1.0 && right <= width + 1.0 && (0.0..=height).contains(&y);
            assert!(
                inside,
                "{}: {:?} at {left}–{right}, {y} of {width} × {height}",
                drawing.name,
                label.text()
            );
        }
    }
}

#[test]
fn parts_that_are_not_there_leave_no_trace_and_missing_ones_are_explained() {
    let empty = TomographyReport::default();
    assert!(empty.build().expect("builds").sections.is_empty());
    assert!(empty.drawings().expect("nothing").is_empty());
    let missing = TomographyReport {
        resolution: Part::Missing("There was one volume only.".to_owned()),
        ..TomographyReport::default()
    };
    assert!(missing.build().expect("builds").to_html().contains("There was one volume only."));
}

/// The bytes of an animated PNG: frames, delay, and each frame's pixels in full colour.
fn decoded(bytes: &[u8]) -> (u32, Vec<Vec<[u8; 3]>>) {
    let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    let mut reader = decoder.read_info().expect("a header");
    let info = reader.info();
    let palette = info.palette.clone().expect("indexed colours");
    let control = info.animation_control.expect("an animation");
    assert_eq!(control.num_plays, 0, "for ever");
    let mut frames = Vec::new();
    for _ in 0..control.num_frames {
        let mut buffer = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut buffer).expect("a frame");
        let colour = |i: &u8| std::array::from_fn(|k| palette[3 * usize::from(*i) + k]);
        frames.push(buffer.iter().map(colour).collect());
    }
    (control.num_frames, frames)
}

#[test]
fn the_animation_holds_every_frame_in_nearly_its_colours() {
    let volume = ball();
    let film = film(&Scene::surface(volume.view(), 0.5), &View::around(7, 0.2), shot(40)).expect("renders");
    let (count, frames) = decoded(&film.to_apng().expect("encodes"));
    assert_eq!((count, frames.len(), film.len()), (7, 7, 7));
    for (k, frame) in frames.iter().enumerate() {
        assert_eq!(frame.len(), 40 * 40);
        for (i, colour) in frame.iter().enumerate() {
            let full = film.pixel(k, (i / 40, i % 40)).expect("inside");
            // Two cells of the palette's cube, four bytes each: 256 colours hold all shades of one.
            assert!(colour.iter().zip(full).all(|(a, b)| a.abs_diff(b) <= 8), "{colour:?} {full:?}");
        }
    }
    for (k, bytes) in film.to_pngs().expect("encodes").iter().enumerate() {
        let image = image::load_from_memory(bytes).expect("a PNG").to_rgb8();
        assert_eq!(Some(image.get_pixel(20, 11).0), film.pixel(k, (11, 20)));
    }
}

#[test]
fn thirty_six_frames_of_a_rugged_surface_stay_below_two_megabytes() {
    // Incommensurate waves: bumps everywhere, in two classes.
    let wave = |i: usize, k: f32| (i as f32 * k).sin();
    let volume = Array3::from_shape_fn((64, 64, 64), |(z, y, x)| {
        let r2 = [z, y, x].iter().map(|i| (*i as f32 - 31.5).powi(2)).sum::<f32>();
        27.0 + 3.0 * (wave(z, 0.9) + wave(y, 1.1) + wave(x, 1.3)) - r2.sqrt()
    });
    let labels = Array3::from_shape_fn((64, 64, 64), |(z, y, x)| 1 + ((z / 8 + y / 8 + x / 8) % 2) as u16);
    let paint =
        Paint::Classes { labels: labels.view(), colours: vec![[213, 94, 0], [0, 114, 178]], other: [0; 3] };
    let scene = Scene::surface(volume.view(), 0.0).with_voxel(Some(1e-8)).painted(paint);
    let film = film(&scene, &View::around(36, 0.3), Shot::default()).expect("renders");
    let bytes = film.to_apng().expect("encodes");
    // The budget of a page that is sent by mail.
    assert!(bytes.len() < 2_000_000, "{} bytes", bytes.len());
}

/// Pixels of `film`'s first frame that differ from the background.
fn covered(film: &Film, background: [u8; 3]) -> usize {
    let (height, width) = film.size();
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
    pixels.filter(|at| film.pixel(0, *at) != Some(background)).count()
}

#[test]
fn a_ball_looks_the_same_from_all_sides_and_fills_the_image_as_it_should() {
    let volume = ball_with_edge(6.0);
    let views = [(0.0, 0.0), (1.0, 0.0), (2.5, 0.0)].map(|(turn, elevation)| View { turn, elevation });
    let film = film(&Scene::surface(volume.view(), 0.5), &views, shot(100)).expect("renders");
    // The disc of the ball's silhouette: radius 8 of the 9 to 11 voxels that are allowed for, 94 % of 50 pixels, and up
    // to 0.7 pixels more because those on the edge count in full.
    let disc = |radius: f64, more: f64| std::f64::consts::PI * (0.94 * 50.0 * 8.0 / radius + more).powi(2);
    let seen = covered(&film, [255; 3]) as f64;
    assert!(seen > disc(11.0, 0.0) && seen < disc(9.0, 0.7), "{seen}");
    // The lamp turns with the eye: equal up to the steps of the voxels.
    for frame in 1..3 {
        for at in [(50, 50), (35, 50), (50, 35), (60, 60)] {
            let [a, b] = [0, frame].map(|k| lightness(film.pixel(k, at).expect("inside")));
            assert!((a - b).abs() < 0.06, "{at:?}: {a} {b}");
        }
    }
    let light = |at| lightness(film.pixel(0, at).expect("inside"));
    assert!(light((38, 38)) > light((62, 62)) + 0.1, "the lamp stands at the upper left");
}

#[test]
fn a_view_is_the_projection_at_its_angle() {
    // One voxel block right of the axis at angle 0, and above the middle row of the slice: y is up, its index small.
    let mut volume = Array3::<f32>::zeros((21, 21, 21));
    volume.slice_mut(ndarray::s![9..12, 2..5, 9..12]).fill(1.0);
    // A far partner keeps the image centred on the rotation axis.
    volume.slice_mut(ndarray::s![9..12, 16..19, 9..12]).fill(0.6);
    let views = [0.0, FRAC_PI_2].map(|turn| View { turn, elevation: 0.0 });
    let film =
        film(&Scene::maximum(volume.view(), (0.1, 1.0), ColourMap::Grey), &views, shot(60)).expect("renders");
    let brightest = |frame: usize| {
        let all = (0..60).flat_map(|y| (0..60).map(move |x| (y, x)));
        all.max_by_key(|at| (film.pixel(frame, *at).map(|p| p[0]), std::cmp::Reverse(*at))).expect("pixels")
    };
    // s = x cos θ + y sin θ: 0 at angle 0, and +y, to the right, at 90°.
    assert!(brightest(0).1.abs_diff(30) < 8, "{:?}", brightest(0));
    assert!(brightest(1).1 > 40, "{:?}", brightest(1));
}

#[test]
fn values_and_classes_become_colours() {
    let volume = ball();
    let right = Array3::from_shape_fn(volume.dim(), |(_, _, x)| if x > 16 { 1.0f32 } else { 0.0 });
    let paint = Paint::Values { values: right.view(), colours: ColourMap::Diverging, from: 0.0, to: 1.0 };
    let front = [View { turn: 0.0, elevation: 0.0 }];
    let scene = Scene::surface(volume.view(), 0.5).painted(paint);
    let film = film(&scene, &front, shot(60)).expect("renders");
    let [left, right] = [20, 40].map(|x| film.pixel(0, (30, x)).expect("inside"));
    assert!(
        left[2] > left[0] && right[0] > right[2],
        "blue at the left, red at the right: {left:?} {right:?}"
    );
}

#[test]
fn fog_is_denser_where_there_is_more_of_it_and_every_look_gives_the_same_bits_twice() {
    let volume = ball();
    let front = [View { turn: 0.4, elevation: 0.2 }];
    for scene in [
        Scene::fog(volume.view(), (0.0, 1.0), ColourMap::Grey),
        Scene::maximum(volume.view(), (0.0, 1.0), ColourMap::Viridis),
        Scene::surface(volume.view(), 0.5),
    ] {
        let [first, second] = [0, 1].map(|_| film(&scene, &front, shot(50)).expect("renders"));
        assert_eq!(first, second);
    }
    let fog =
        film(&Scene::fog(volume.view(), (0.0, 1.0), ColourMap::Grey), &front, shot(50)).expect("renders");
    let light = |x: usize| lightness(fog.pixel(0, (25, x)).expect("inside"));
    assert!(light(25) > light(42) && light(42) > light(49), "{} {} {}", light(25), light(42), light(49));
}

#[test]
fn scenes_that_cannot_be_drawn_say_why_and_empty_ones_are_drawn() {
    let volume = ball();
    let view = View::around(1, 0.0);
    let error = |scene: Scene<'_>| film(&scene, &view, shot(10)).expect_err("no such scene").to_string();
    let nothing = Array3::zeros((0, 2, 2));
    assert!(error(Scene::surface(nothing.view(), 0.5)).contains("no voxels"));
    assert!(error(Scene::surface(volume.view(), f64::NAN)).contains("finite level"));
    assert!(error(Scene::surface(volume.view(), 0.5).with_voxel(Some(-1.0))).contains("no length"));
    assert!(error(Scene::fog(volume.view(), (1.0, 1.0), ColourMap::Grey)).contains("from < to"));
    let look = Look::Fog { from: 0.0, to: 1.0, opacity: 1.0 };
    assert!(error(Scene { look, ..Scene::surface(volume.view(), 0.5) }).contains("between 0 and 1"));
    let labels = Array3::<u16>::zeros((2, 2, 2));
    let paint = Paint::Classes { labels: labels.view(), colours: vec![], other: [0; 3] };
    assert!(error(Scene::surface(volume.view(), 0.5).painted(paint)).contains("(2, 2, 2)"));
    let no_frame = film(&Scene::surface(volume.view(), 0.5), &[], shot(10)).expect("no frame").to_apng();
    assert!(matches!(no_frame, Err(ReportError::Animation { frames: 0, .. })));
    for values in [Array3::zeros((3, 4, 5)), Array3::from_elem((1, 1, 1), f32::NAN)] {
        let empty = film(&Scene::surface(values.view(), 0.5), &view, shot(20)).expect("renders");
        assert_eq!(covered(&empty, [255; 3]), 0);
    }
}
