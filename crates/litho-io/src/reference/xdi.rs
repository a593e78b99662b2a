//! XDI, X-ray Data Interchange 1.x (Ravel & Newville, J. Phys.: Conf. Ser. 712, 012148 (2016)): a header of
//! `# Family.member: value` lines, of which `Column.N` name the columns with their units, then columns of numbers.

use super::spectrum::{NamedColumns, RawSpectrum, ReferenceFormat, ReferenceOptions, ReferenceSpectrum};
use crate::error::IoError;
use crate::numbers_table::NumbersTable;
use crate::scan::energy_unit_of;
use std::path::Path;

/// Reads a XDI file.
pub(super) fn read(path: &Path, options: &ReferenceOptions) -> Result<ReferenceSpectrum, IoError> {
    let table = NumbersTable::read(path)?;
    let facts: Vec<(String, String)> = table.comments.iter().filter_map(|line| fact(line)).collect();
    let labels = (1..=table.width()).map(|number| label(&facts, number));
    let (names, units): (Vec<String>, Vec<Option<String>>) = labels.unzip();
    let columns = (0..table.width()).map(|column| table.column(column)).collect();
    let named = NamedColumns { path, names, columns };
    let place = named.energy()?;
    let unit = energy_unit_of(path, &named.names[place], units[place].as_deref())?;
    let (absorption, obtained) = named.absorption(options)?;
    RawSpectrum {
        format: ReferenceFormat::Xdi,
        path: path.to_owned(),
        column: named.names[place].clone(),
        energies: named.columns[place].clone(),
        unit,
        absorption,
        obtained,
        facts,
    }
    .finish(options)
}

/// `Family.member: value`; what follows `||` names the motor and is left out.
fn fact(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let value = value.split("||").next().unwrap_or_default();
    let name = name.trim();
    (name.contains('.') && !name.contains(char::is_whitespace))
        .then(|| (name.to_owned(), value.trim().to_owned()))
}

/// Name, in lower case, and unit of column `number`; a column without label is called by its number.
fn label(facts: &[(String, String)], number: usize) -> (String, Option<String>) {
    let key = format!("column.{number}");
    let Some((_, value)) = facts.iter().find(|(name, _)| name.to_lowercase() == key) else {
        return (format!("column {number}"), None);
    };
    let mut words = value.split_whitespace();
    let name = words.next().unwrap_or_default().to_lowercase();
    (name, words.next().map(str::to_owned))
}
