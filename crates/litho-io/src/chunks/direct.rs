//! Frames straight from the stored chunks: positioned reads and decoding on all threads, no HDF5 lock.

use super::codec::{CodecScratch, Pipeline};
use super::error::{ChunkError, ChunkErrorKind};
use super::grid::{ChunkGrid, Stored};
use super::origin::Origin;
use crate::positioned::read_exact_at;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::{Mutex, PoisonError};

/// Everything needed to read a chunked dataset without HDF5.
pub(super) struct DirectSource {
    pub(super) file: File,
    /// Length of the file when it was opened; no chunk may reach beyond it.
    pub(super) file_bytes: u64,
    pub(super) grid: ChunkGrid,
    pub(super) pipeline: Pipeline,
    pub(super) element_bytes: usize,
    /// Scratch handed from job to job; as many as jobs ever ran at once.
    pub(super) pool: Mutex<Vec<Scratch>>,
}

/// Buffers of one job, kept between jobs.
#[derive(Default)]
pub(super) struct Scratch {
    /// A chunk as it lies in the file.
    stored: Vec<u8>,
    /// A decoded chunk that is not, as a whole, part of one output frame.
    decoded: Vec<u8>,
    codec: CodecScratch,
}

/// The rows of one output frame that one row of chunks covers.
struct Band<'a> {
    /// Index of the frame within its chunk.
    slot: usize,
    /// The rows, full width, as bytes.
    rows: &'a mut [u8],
}

impl DirectSource {
    /// Reads `frames` into `out`, (frame, y, x) row-major bytes; chunks the file does not hold become `fill`.
    ///
    /// # Errors
    /// The error of the first bad chunk in order of position, whatever the number of threads.
    pub(super) fn read(
        &self,
        frames: &[usize],
        out: &mut [u8],
        fill: &[u8],
        origin: &Origin,
    ) -> Result<(), ChunkError> {
        let [depth, height, _] = self.grid.chunk;
        let [_, rows, columns] = self.grid.shape;
        let row_bytes = columns * self.element_bytes;
        // One job per layer and row of chunks: its output is whole rows, so jobs share no output.
        let mut jobs: BTreeMap<(usize, usize), Vec<Band<'_>>> = BTreeMap::new();
        for (&frame, target) in frames.iter().zip(out.chunks_exact_mut(rows * row_bytes)) {
            for (band, rows) in target.chunks_mut(height.min(rows) * row_bytes).enumerate() {
                jobs.entry((frame / depth, band)).or_default().push(Band { slot: frame % depth, rows });
            }
        }
        let jobs: Vec<_> = jobs.into_iter().collect();
        let results: Vec<_> = jobs
            .into_par_iter()
            .map(|((layer, band), mut bands)| {
                let mut scratch =
                    self.pool.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
                let result = self.read_row_of_chunks([layer, band], &mut bands, fill, &mut scratch, origin);
                self.pool.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
                result
            })
            .collect();
        results.into_iter().collect()
    }

    /// Decodes the chunks of one layer and one row of chunks into the bands of the frames that want them.
    fn read_row_of_chunks(
        &self,
        [layer, row]: [usize; 2],
        bands: &mut [Band<'_>],
        fill: &[u8],
        scratch: &mut Scratch,
        origin: &Origin,
    ) -> Result<(), ChunkError> {
        let Scratch { stored, decoded, codec } = scratch;
        let [depth, height, width] = self.grid.chunk;
        let chunk_bytes = depth * height * width * self.element_bytes;
        let row_bytes = self.grid.shape[2] * self.element_bytes;
        let column_bytes = width * self.element_bytes;
        for column in 0..self.grid.shape[2].div_ceil(width) {
            let cell = [layer, row, column];
            let left = column * column_bytes;
            let Some(chunk) = self.grid.find(cell) else {
                let right = (left + column_bytes).min(row_bytes);
                for line in bands.iter_mut().flat_map(|band| band.rows.chunks_exact_mut(row_bytes)) {
                    line[left..right]
                        .chunks_exact_mut(fill.len())
                        .for_each(|element| element.copy_from_slice(fill));
                }
                continue;
            };
            if let [Band { rows, .. }] = bands
                && rows.len() == chunk_bytes
                && column_bytes == row_bytes
            {
                self.decode(cell, chunk, stored, rows, codec, origin)?;
                continue;
            }
            decoded.resize(chunk_bytes, 0);
            self.decode(cell, chunk, stored, decoded, codec, origin)?;
            let width_bytes = column_bytes.min(row_bytes - left);
            for band in bands.iter_mut() {
                let lines = decoded[band.slot * height * column_bytes..].chunks_exact(column_bytes);
                for (target, line) in band.rows.chunks_exact_mut(row_bytes).zip(lines) {
                    target[left..left + width_bytes].copy_from_slice(&line[..width_bytes]);
                }
            }
        }
        Ok(())
    }

    /// Reads one stored chunk and decodes it into `out`, one whole chunk.
    fn decode(
        &self,
        cell: [usize; 3],
        chunk: &Stored,
        stored: &mut Vec<u8>,
        out: &mut [u8],
        codec: &mut CodecScratch,
        origin: &Origin,
    ) -> Result<(), ChunkError> {
        let offset = self.grid.offset(cell);
        let Stored { address, size, skipped } = *chunk;
        self.read_stored(chunk, stored)
            .map_err(|source| origin.error(ChunkErrorKind::Io { offset, address, size, source }))?;
        self.pipeline
            .decode(stored, skipped, out, codec)
            .map_err(|source| origin.error(ChunkErrorKind::Decode { offset, source }))
    }

    fn read_stored(&self, chunk: &Stored, stored: &mut Vec<u8>) -> io::Result<()> {
        // Before the allocation: a size that the file cannot hold comes from a damaged index.
        if chunk.address.checked_add(chunk.size).is_none_or(|end| end > self.file_bytes) {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("the file is {} bytes long", self.file_bytes),
            ));
        }
        let size = usize::try_from(chunk.size).map_err(io::Error::other)?;
        stored.resize(size, 0);
        read_exact_at(&self.file, stored, chunk.address)
    }
}
