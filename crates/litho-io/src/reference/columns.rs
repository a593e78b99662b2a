//! Columns of text: named by a heading (or by the last line of comment above the numbers), else two of them, energy
//! and absorption.

use super::spectrum::{NamedColumns, RawSpectrum, ReferenceFormat, ReferenceOptions, ReferenceSpectrum};
use crate::error::IoError;
use crate::numbers_table::NumbersTable;
use crate::scan::EnergyUnit;
use std::path::Path;

/// Reads columns of text.
pub(super) fn read(path: &Path, options: &ReferenceOptions) -> Result<ReferenceSpectrum, IoError> {
    let table = NumbersTable::read(path)?;
    let width = table.width();
    if width < 2 {
        let expected = "columns of energy and absorption".to_owned();
        let (dataset, found) = ("the table".to_owned(), vec![table.rows.len(), width]);
        return Err(IoError::WrongShape { path: path.to_owned(), dataset, found, expected });
    }
    let columns = (0..width).map(|column| table.column(column)).collect();
    let named = NamedColumns { path, names: names(&table), columns };
    let heading = named.names.iter().any(|name| name.starts_with("energy") || name == "e");
    let place = if heading { named.energy()? } else { 0 };
    let unit = match named.names[place].as_str() {
        "energy_kev" => Some(EnergyUnit::KiloElectronVolt),
        "energy_ev" => Some(EnergyUnit::ElectronVolt),
        _ => None,
    };
    let (absorption, obtained) = match named.absorption(options) {
        // Two columns need no names.
        Err(IoError::Incomplete { .. }) if width == 2 => {
            let other = 1 - place;
            (named.columns[other].clone(), named.names[other].clone())
        }
        found => found?,
    };
    RawSpectrum {
        format: ReferenceFormat::Columns,
        path: path.to_owned(),
        column: named.names[place].clone(),
        energies: named.columns[place].clone(),
        unit,
        absorption,
        obtained,
        facts: Vec::new(),
    }
    .finish(options)
}

/// Names of the columns in lower case: from the heading, from the last comment if it has as many words, or numbers.
fn names(table: &NumbersTable) -> Vec<String> {
    let width = table.width();
    let comment = || {
        let separators = |c: char| c == ',' || c == ';' || c.is_whitespace();
        table
            .comments
            .last()
            .map(|line| line.split(separators).filter(|w| !w.is_empty()).map(str::to_owned).collect())
    };
    let found: Option<Vec<String>> = table.heading.clone().or_else(comment);
    match found {
        Some(names) if names.len() == width => names.iter().map(|name| name.to_lowercase()).collect(),
        _ => (1..=width).map(|number| format!("column {number}")).collect(),
    }
}
