//! Named maps `(y, x)` with their uncertainties, a status and tables, as `xanes`, `cluster` and `unmix` write them.

mod read;
mod write;

pub use read::read_maps;
pub use write::put_maps;

use crate::error::IoError;
use crate::nexus::NexusWriter;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::{Array2, ArrayD};
use std::path::Path;

/// Group of the maps.
const MAPS: &str = "/entry/maps";
/// Dataset of the status.
const STATUS: &str = "status";
/// Ending of the name of a map's uncertainty.
const SIGMA: &str = "_sigma";
/// Beginning of the attributes that tell what a value of the status means.
const MEANING: &str = "meaning_";

/// One map, stored as `/entry/maps/NAME` and `/entry/maps/NAME_sigma`.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Its name, as `edge_energy`; without `/`.
    pub name: String,
    /// The values `(y, x)`; NaN where there is none.
    pub values: Array2<f32>,
    /// One standard deviation of each value, in the same unit.
    pub sigma: Option<Array2<f32>>,
    /// The unit, as `eV`; empty for pure numbers.
    pub unit: String,
    /// What the map shows, in words.
    pub long_name: String,
}

/// Why a pixel has or has not a value, stored as `/entry/maps/status`.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusMap {
    /// A code per pixel `(y, x)`.
    pub values: Array2<u8>,
    /// What each code means, by ascending code.
    pub meanings: Vec<(u8, String)>,
}

/// The numbers of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum TableData {
    /// Real numbers.
    Real(ArrayD<f64>),
    /// Labels, indices or counts.
    Label(ArrayD<u32>),
}

/// A list, a matrix or a label map beside the maps, stored as `/entry/PATH`.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Where, below `/entry`: `choice/wcss`, `clusters/label`.
    pub path: String,
    /// The numbers.
    pub data: TableData,
    /// The unit; empty for pure numbers.
    pub unit: String,
}

/// Everything in a file of maps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MapSet {
    /// The maps, all of one shape.
    pub maps: Vec<Map>,
    /// The status.
    pub status: Option<StatusMap>,
    /// Size of a pixel on the sample.
    pub pixel: Option<Point<Metres>>,
    /// What else belongs to the result.
    pub tables: Vec<Table>,
}

impl MapSet {
    /// The map of this name.
    pub fn map(&self, name: &str) -> Option<&Map> {
        self.maps.iter().find(|map| map.name == name)
    }

    /// The table at this path below `/entry`.
    pub fn table(&self, path: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.path == path)
    }
}

/// Writes a file with maps and nothing else in it.
///
/// # Errors
/// As [`put_maps`].
pub fn write_maps(path: &Path, set: &MapSet) -> Result<(), IoError> {
    let mut file = NexusWriter::create(path)?;
    put_maps(&mut file, set)?;
    file.commit()
}
