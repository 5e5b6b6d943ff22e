//! What watches a machine, for the command line and the page alike.
//!
//! It has no file system, clock, thread or document: bytes come in, values go out. What the software
//! on a machine is, what its modes are called and which switches they take comes from scenario
//! files; nothing here knows.
//!
//! | module | holds |
//! |---|---|
//! | [`scenario`] | the TOML files, refused with line and what was expected |
//! | [`images`] | images by name, and their hashes |
//! | [`plan`] | which machines a comparison is made of |
//! | [`rig`] | one machine under observation: the door to the emulator's `Machine` |
//! | [`travel`] | a machine that can go back: snapshots, records, the journal of inputs |
//! | [`lives`] | the interrupts of a trace by number, and stable names of moments |
//! | [`symbols`], [`disasm`] | names of addresses, instructions as text |
//! | [`debugger`] | breakpoints, watchpoints and steps both ways |
//! | [`judge`] | named quantities, predicates over them, and what the trace says of the host's timer |
//! | [`lesson`] | lessons read from their text, and checked over runs |
//! | [`export`] | a run in the formats of other tools |
//! | [`suggest`] | what a mistyped name was meant to be |
//! | [`failure`] | why something ends badly |

#[cfg(feature = "disasm")]
pub mod debugger;
#[cfg(feature = "disasm")]
pub mod disasm;
pub mod export;
pub mod failure;
pub mod feed;
pub mod images;
pub mod judge;
pub mod lesson;
pub mod lives;
pub mod plan;
pub mod rig;
pub mod scenario;
pub mod suggest;
pub mod symbols;
pub mod travel;
