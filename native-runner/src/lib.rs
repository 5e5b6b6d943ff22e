//! The library behind `exitless`: scenarios, measurements, judgements and reports.
//!
//! It runs machines and reads their counters. What the software on a machine is, what its modes
//! are called and which switches they take comes from scenario files; nothing here knows.
//!
//! | module | holds |
//! |---|---|
//! | [`scenario`] | the TOML files, refused with file, line and what was expected |
//! | [`guests`] | where images are found, and their hashes |
//! | [`rig`] | one machine under observation: the only module that touches the emulator's `Machine` |
//! | [`judge`] | named quantities, predicates over them, and what the trace says of the host's timer |
//! | [`compare`], [`attack`], [`sweep`], [`run`] | the commands |
//! | [`table`], [`progress`], [`jobs`] | text tables, the bar, threads |

pub mod attack;
pub mod cli;
pub mod compare;
pub mod failure;
pub mod guests;
pub mod jobs;
pub mod judge;
pub mod progress;
pub mod rig;
pub mod run;
pub mod scenario;
pub mod sweep;
pub mod table;
