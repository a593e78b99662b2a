//! The report as an HTML page.

use super::{Align, Animation, Block, Citation, Plate, Report, Section, Table};
use crate::svg::escape;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// The page's style: light or dark as the reader prefers, black on white in print.
const STYLE: &str = include_str!("style.css");

/// Least width of the caption below a small picture, CSS pixels.
const CAPTION: usize = 440;

/// Forbids the browser everything but the page's own style and images.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// The whole page.
pub(super) fn page(report: &Report) -> String {
    let mut page = Page::default();
    page.push(format_args!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>",
        escape(&report.title)
    ));
    page.header(report);
    page.warnings(&report.warnings);
    for section in &report.sections {
        page.section(section);
    }
    page.provenance(&report.provenance);
    page.citations(&report.citations);
    page.push(format_args!("</main>\n</body>\n</html>"));
    page.text
}

/// The page so far, and how many figures and tables it has.
#[derive(Default)]
struct Page {
    text: String,
    figures: usize,
    tables: usize,
}

impl Page {
    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{element}");
    }

    fn header(&mut self, report: &Report) {
        self.push(format_args!("<header>\n<h1>{}</h1>", escape(&report.title)));
        if !report.subtitle.is_empty() {
            self.push(format_args!("<p class=\"subtitle\">{}</p>", escape(&report.subtitle)));
        }
        if !report.facts.is_empty() {
            self.push(format_args!("<dl class=\"facts\">"));
            for fact in &report.facts {
                let [name, value, note] = [&fact.name, &fact.value, &fact.note].map(|t| escape(t));
                let note = if note.is_empty() { note } else { format!("<dd class=\"note\">{note}</dd>") };
                self.push(format_args!("<div><dt>{name}</dt><dd>{value}</dd>{note}</div>"));
            }
            self.push(format_args!("</dl>"));
        }
        self.push(format_args!("</header>"));
    }

    fn warnings(&mut self, warnings: &[String]) {
        if warnings.is_empty() {
            self.push(format_args!("<p class=\"quiet\">No warnings were raised.</p>"));
            return;
        }
        let count = warnings.len();
        let heading = if count == 1 { "1 warning".to_owned() } else { format!("{count} warnings") };
        self.push(format_args!("<section class=\"warnings\">\n<h2>{heading}</h2>\n<ul>"));
        for warning in warnings {
            self.push(format_args!("<li>{}</li>", escape(warning)));
        }
        self.push(format_args!("</ul>\n</section>"));
    }

    fn section(&mut self, section: &Section) {
        self.push(format_args!("<section>\n<h2>{}</h2>", escape(&section.heading)));
        for block in &section.blocks {
            match block {
                Block::Text(text) => self.push(format_args!("<p>{}</p>", escape(text))),
                Block::Absent(why) => self.push(format_args!("<p class=\"quiet\">{}</p>", escape(why))),
                Block::Plates(plates) => self.plates(plates),
                Block::Animation(animation) => self.animation(animation),
                Block::Table(table) => self.table(table),
                Block::Listing { heading, text } => self.push(format_args!(
                    "<details><summary>{}</summary>\n<pre>{}</pre>\n</details>",
                    escape(heading),
                    escape(text)
                )),
            }
        }
        self.push(format_args!("</section>"));
    }

    fn animation(&mut self, animation: &Animation) {
        self.figures += 1;
        let (number, (height, width)) = (self.figures, animation.size);
        let (alt, caption) = (escape(&animation.alt), escape(&animation.caption));
        let data = STANDARD.encode(&animation.png);
        self.push(format_args!(
            "<div class=\"plates\"><figure style=\"width:{}px\">\n\
             <img width=\"{width}\" height=\"{height}\" alt=\"{alt}\" src=\"data:image/png;base64,{data}\"/>\n\
             <figcaption><b>Figure {number}.</b> {caption}</figcaption></figure></div>",
            width.max(CAPTION)
        ));
    }

    fn plates(&mut self, plates: &[Plate]) {
        self.push(format_args!("<div class=\"plates\">"));
        for plate in plates {
            // The caption is as wide as the drawing.
            let width = plate.svg.width().ceil();
            self.push(format_args!(
                "<figure style=\"width:{width}px\">\n{}",
                plate.svg.to_inline(&plate.alt)
            ));
            if !plate.caption.is_empty() {
                self.figures += 1;
                let caption = escape(&plate.caption);
                let number = self.figures;
                self.push(format_args!("<figcaption><b>Figure {number}.</b> {caption}</figcaption>"));
            }
            self.push(format_args!("</figure>"));
        }
        self.push(format_args!("</div>"));
    }

    fn table(&mut self, table: &Table) {
        self.tables += 1;
        let class = |align: Align| if align == Align::Right { " class=\"number\"" } else { "" };
        let (number, caption) = (self.tables, escape(&table.caption));
        self.push(format_args!(
            "<div class=\"scroll\"><table>\n<caption><b>Table {number}.</b> {caption}</caption>\n<thead><tr>"
        ));
        for column in &table.columns {
            self.push(format_args!("<th scope=\"col\"{}>{}</th>", class(column.align), escape(&column.name)));
        }
        self.push(format_args!("</tr></thead>\n<tbody>"));
        for (index, row) in table.rows.iter().enumerate() {
            let highlighted = table.highlighted == Some(index);
            self.push(format_args!("<tr{}>", if highlighted { " class=\"chosen\"" } else { "" }));
            for (k, column) in table.columns.iter().enumerate() {
                let cell = row.get(k).map_or("", String::as_str);
                self.push(format_args!("<td{}>{}</td>", class(column.align), escape(cell)));
            }
            self.push(format_args!("</tr>"));
        }
        self.push(format_args!("</tbody>\n</table></div>"));
    }

    fn provenance(&mut self, rows: &[(String, String)]) {
        if rows.is_empty() {
            return;
        }
        self.push(format_args!("<section>\n<h2>Provenance</h2>\n<dl class=\"provenance\">"));
        for (name, value) in rows {
            self.push(format_args!("<div><dt>{}</dt><dd>{}</dd></div>", escape(name), escape(value)));
        }
        self.push(format_args!("</dl>\n</section>"));
    }

    fn citations(&mut self, citations: &[Citation]) {
        if citations.is_empty() {
            return;
        }
        self.push(format_args!("<section>\n<h2>References</h2>\n<ol class=\"references\">"));
        for citation in citations {
            let doi = citation.doi.as_deref().map(doi_link).unwrap_or_default();
            self.push(format_args!("<li>{}{doi}</li>", escape(&citation.text)));
        }
        self.push(format_args!("</ol>\n</section>"));
    }
}

/// A link to a DOI; anything else is printed as it is, without a link.
fn doi_link(doi: &str) -> String {
    let text = escape(doi);
    if !doi.starts_with("10.") {
        return format!(" {text}");
    }
    let mut path = String::new();
    for byte in doi.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:()".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
    format!(" <a href=\"https://doi.org/{path}\">doi:{text}</a>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Column, Fact};

    /// Elements that HTML leaves open and XML does not know.
    fn as_xml(html: &str) -> String {
        html.lines()
            .filter(|line| !line.starts_with("<meta") && !line.starts_with("<!DOCTYPE"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    const NASTY: &str = "<script>alert('x')</script> & \"quoted\" \u{1}";

    fn nasty_report() -> Report {
        let text = || NASTY.to_owned();
        let column = |align| Column { name: text(), align };
        let table = Table {
            caption: text(),
            columns: vec![column(Align::Left), column(Align::Right)],
            rows: vec![vec![text()], vec![text(), text(), "too many".to_owned()]],
            highlighted: Some(1),
        };
        Report {
            title: text(),
            subtitle: text(),
            facts: vec![Fact { name: text(), value: text(), note: text() }],
            warnings: vec![text(), text()],
            sections: vec![Section {
                heading: text(),
                blocks: vec![
                    Block::Text(text()),
                    Block::Absent(text()),
                    Block::Table(table),
                    Block::Listing { heading: text(), text: text() },
                ],
            }],
            provenance: vec![(text(), text())],
            citations: vec![
                Citation { text: text(), doi: Some("10.1000/a\"<b> c".to_owned()) },
                Citation { text: text(), doi: Some("javascript:alert(1)".to_owned()) },
            ],
        }
    }

    #[test]
    fn hostile_text_stays_text() {
        let html = page(&nasty_report());
        let xml = as_xml(&html);
        let parsed = roxmltree::Document::parse(&xml).expect("balanced tags");
        assert!(parsed.descendants().all(|n| !n.has_tag_name("script")));
        let heading = parsed.descendants().find(|n| n.has_tag_name("h1")).and_then(|n| n.text());
        assert_eq!(heading, Some("<script>alert('x')</script> & \"quoted\" \u{FFFD}"));
        let links: Vec<_> = parsed.descendants().filter_map(|n| n.attribute("href")).collect();
        assert_eq!(links, ["https://doi.org/10.1000/a%22%3Cb%3E%20c"]);
    }

    #[test]
    fn rows_have_as_many_cells_as_columns() {
        let html = page(&nasty_report());
        assert!(!html.contains("too many"));
        let xml = as_xml(&html);
        let parsed = roxmltree::Document::parse(&xml).expect("balanced tags");
        for row in parsed.descendants().filter(|n| n.has_tag_name("tr")) {
            assert_eq!(row.children().filter(roxmltree::Node::is_element).count(), 2);
        }
    }

    #[test]
    fn an_empty_report_is_a_page_and_says_there_were_no_warnings() {
        let html = page(&Report::default());
        roxmltree::Document::parse(&as_xml(&html)).expect("balanced tags");
        assert!(html.contains("No warnings were raised."));
        assert!(!html.contains("Provenance"));
    }
}
