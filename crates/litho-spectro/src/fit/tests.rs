//! Fits of spectra whose parameters are known.
