//! The files of particles: HDF5 with labels, table, contacts and statistics; CSV with the table.

use super::dependence::{Columns, Dependences};
use super::input::volume;
use super::table::{COLUMNS, Row, Table};
use crate::error::PipelineError;
use crate::provenance::Provenance;
use litho_io::{Axis, NexusWriter, read_result};
use litho_types::quantity::Metres;
use ndarray::{Array2, Array3};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Everything `particles` leaves behind.
pub(super) struct ParticlesResult<'a> {
    pub(super) labels: &'a Array3<u32>,
    pub(super) table: &'a Table,
    pub(super) statistics: &'a [Dependences],
    pub(super) voxel: Metres,
    pub(super) provenance: &'a Provenance,
}

impl ParticlesResult<'_> {
    /// Writes the HDF5 file, and the table beside it as CSV; the path of that.
    ///
    /// # Errors
    /// [`PipelineError`] if a file cannot be written.
    pub(super) fn write(&self, path: &Path) -> Result<PathBuf, PipelineError> {
        let mut file = NexusWriter::create(path)?;
        let axes = [Axis::index(), Axis::index(), Axis::index()];
        file.data_group("/entry/label", "data", &axes, self.labels, "", "number of the particle, 0 outside")?;
        file.dataset("/entry/label/voxel_size", self.voxel.value(), "m")?;
        self.put_table(&mut file)?;
        for (index, statistics) in self.statistics.iter().enumerate() {
            put_statistics(&mut file, &format!("/entry/statistics_{}", index + 1), statistics)?;
        }
        self.provenance.write(&mut file)?;
        file.commit()?;
        let csv = path.with_extension("csv");
        std::fs::write(&csv, self.csv()).map_err(|error| PipelineError::Write {
            file: csv.display().to_string(),
            reason: error.to_string(),
        })?;
        Ok(csv)
    }

    fn put_table(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        let rows = &self.table.rows;
        file.group("/entry/table", "NXcollection")?;
        let ids: Vec<u32> = rows.iter().map(|row| row.particle.id).collect();
        file.array("/entry/table/id", &ids, "")?;
        for (name, unit, of) in COLUMNS {
            file.array(&format!("/entry/table/{name}"), &rows.iter().map(of).collect::<Vec<f64>>(), unit)?;
        }
        let axes = Array3::from_shape_fn((rows.len(), 3, 3), |(i, a, d)| rows[i].particle.axes[a][d]);
        file.array("/entry/table/axes", &axes, "")?;
        file.attr("/entry/table/axes", "note", "unit vectors (z, y, x), longest first")?;
        let contacts = &self.table.contacts;
        file.group("/entry/contacts", "NXcollection")?;
        let pairs = Array2::from_shape_fn((contacts.len(), 2), |(i, which)| {
            if which == 0 { contacts[i].a } else { contacts[i].b }
        });
        file.array("/entry/contacts/pair", &pairs, "")?;
        let areas: Vec<f64> = contacts.iter().map(|contact| contact.area * 1e-18).collect();
        Ok(file.array("/entry/contacts/area_m2", &areas, "m^2")?)
    }

    fn csv(&self) -> String {
        let mut text = String::from("id");
        for (name, ..) in COLUMNS {
            text.extend([",", name]);
        }
        let thresholds = self.statistics.iter().map(|statistics| statistics.threshold);
        thresholds.clone().for_each(|threshold| {
            // writing to a String cannot fail
            let _ = write!(text, ",active_{threshold}");
        });
        for row in &self.table.rows {
            let _ = write!(text, "\n{}", row.particle.id);
            for (_, _, of) in COLUMNS {
                let _ = write!(text, ",{}", of(row));
            }
            for threshold in thresholds.clone() {
                let _ = write!(text, ",{}", u8::from(row.composition.active(threshold)));
            }
        }
        text + "\n"
    }
}

fn put_statistics(
    file: &mut NexusWriter,
    group: &str,
    statistics: &Dependences,
) -> Result<(), PipelineError> {
    file.group(group, "NXcollection")?;
    file.dataset(&format!("{group}/threshold"), statistics.threshold, "")?;
    file.dataset(&format!("{group}/active_fraction"), statistics.share.value, "")?;
    file.dataset(&format!("{group}/active_fraction_sigma"), statistics.share.sigma, "")?;
    file.dataset(&format!("{group}/active"), statistics.share.successes as i64, "")?;
    file.dataset(&format!("{group}/particles"), statistics.share.total as i64, "")?;
    for on in &statistics.on {
        let at = |name: &str| format!("{group}/{}/{name}", on.name);
        file.group(&format!("{group}/{}", on.name), "NXcollection")?;
        let of = |value: &dyn Fn(&litho_morph::statistics::Bin) -> f64| {
            on.bins.iter().map(value).collect::<Vec<f64>>()
        };
        file.array(&at("low"), &of(&|bin| bin.low), on.unit)?;
        file.array(&at("high"), &of(&|bin| bin.high), on.unit)?;
        file.array(&at("particles"), &of(&|bin| bin.share.map_or(0.0, |share| share.total as f64)), "")?;
        file.array(&at("active"), &of(&|bin| bin.share.map_or(0.0, |share| share.successes as f64)), "")?;
        file.array(&at("sigma"), &of(&|bin| bin.share.map_or(f64::NAN, |share| share.sigma)), "")?;
        for (name, rank) in [("activity", &on.activity), ("composition", &on.composition)] {
            if let Some(rank) = rank {
                file.dataset(&at(&format!("{name}_rho")), rank.rho, "")?;
                file.dataset(&at(&format!("{name}_p")), rank.p_value, "")?;
            }
        }
    }
    Ok(())
}

/// A result of `particles`, read back.
#[derive(Debug)]
pub(crate) struct StoredParticles {
    /// Number of the particle of each voxel.
    pub(crate) labels: Array3<u32>,
    columns: Vec<(&'static str, Vec<f64>)>,
    /// Axes of each, unit vectors `(z, y, x)`.
    pub(crate) axes: Vec<[[f64; 3]; 3]>,
}

impl StoredParticles {
    /// Reads a result of `particles`.
    ///
    /// # Errors
    /// [`PipelineError`] if the file cannot be read or holds no such result.
    pub(crate) fn read(path: &Path) -> Result<Self, PipelineError> {
        let file = read_result(path)?;
        let labels = volume(&file, path, "/entry/label/data")?.mapv(|label| label as u32);
        let mut columns = Vec::new();
        for (name, ..) in COLUMNS {
            columns.push((name, file.real(&format!("/entry/table/{name}"))?.into_iter().collect()));
        }
        let numbers: Vec<f64> = file.real("/entry/table/axes")?.into_iter().collect();
        let axes = numbers
            .chunks_exact(9)
            .map(|nine| std::array::from_fn(|a| std::array::from_fn(|d| nine[3 * a + d])))
            .collect();
        Ok(Self { labels, columns, axes })
    }

    /// One number of every particle; empty if there is no such column.
    pub(crate) fn column(&self, name: &str) -> &[f64] {
        self.columns.iter().find(|(own, _)| *own == name).map_or(&[], |(_, values)| values)
    }

    /// What statistics are made of.
    pub(crate) fn statistics(&self) -> Columns {
        Columns::from(|name| self.column(name).to_vec())
    }
}

/// What statistics are made of.
pub(super) fn columns(rows: &[Row]) -> Columns {
    Columns::from(|name| {
        let column = COLUMNS.iter().find(|(own, ..)| *own == name);
        column.map_or_else(Vec::new, |(_, _, of)| rows.iter().map(of).collect())
    })
}
