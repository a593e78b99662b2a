//! What is corrected between iterations, against simulated truth.
