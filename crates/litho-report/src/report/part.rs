//! Inputs that all reports share: what may be missing, and settings with units.

use super::{Align, Block, Column, Table};
use crate::ReportError;

/// Something a report may or may not have.
#[derive(Debug, Clone, Default)]
pub enum Part<T> {
    /// Here it is.
    Given(T),
    /// It is not here, and the report says why: a full sentence.
    Missing(String),
    /// It does not belong to this report; the report is silent.
    #[default]
    Omitted,
}

impl<T> Part<T> {
    /// What `show` makes of it; the reason if it is missing, nothing if omitted.
    pub(super) fn blocks(
        &self,
        show: impl FnOnce(&T) -> Result<Vec<Block>, ReportError>,
    ) -> Result<Vec<Block>, ReportError> {
        match self {
            Self::Given(part) => show(part),
            Self::Missing(why) => Ok(vec![Block::Absent(why.clone())]),
            Self::Omitted => Ok(Vec::new()),
        }
    }
}

/// One row of a table of settings: `energy`, `8.7`, `keV`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quantity {
    /// What it is.
    pub name: String,
    /// Its value as it is to be printed.
    pub value: String,
    /// Its unit; empty for pure numbers.
    pub unit: String,
}

/// A table of these quantities.
pub(super) fn quantity_table(caption: &str, quantities: &[Quantity]) -> Table {
    let row = |q: &Quantity| vec![q.name.clone(), q.value.clone(), q.unit.clone()];
    Table {
        caption: caption.to_owned(),
        columns: vec![
            Column::new("quantity", Align::Left),
            Column::new("value", Align::Right),
            Column::new("unit", Align::Left),
        ],
        rows: quantities.iter().map(row).collect(),
        highlighted: None,
    }
}
