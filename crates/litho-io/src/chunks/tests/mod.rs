//! Tests of the codec and of the direct path against HDF5's own reading and against files of other writers.

mod codec;
mod dataset;
