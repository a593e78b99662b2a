//! The program as it is typed: exit codes, messages, and what it leaves on the disk.

mod bad_data;
mod bad_usage;
mod bench;
mod output;
#[cfg(unix)]
mod signals;
