//! From scan files to results, reports and exports: everything but the command line.

mod chemistry;
mod common;
mod corrections;
mod estimate;
mod exports;
mod formats;
mod orientations;
mod real_data;
mod reproducible;
mod result_file;
mod resume;
mod run;
mod spectral;
mod spectral_bad_input;
mod spectrum_scan;
mod streamed;
mod tilts;
mod tomography;
mod tomography_bad_input;
mod truth;
mod vanadium;
