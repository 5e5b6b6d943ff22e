//! The library behind `exitless`: commands, measurements and reports over `observe`.
//!
//! It runs machines and reads their counters. What the software on a machine is, what its modes
//! are called and which switches they take comes from scenario files; nothing here knows.
//!
//! | module | holds |
//! |---|---|
//! | [`files`], [`choice`], [`subject`] | where scenarios and images are found; what the command line chooses |
//! | [`inspect`], [`diff`] | the state at a moment; where two runs part |
//! | [`manual`], [`examples`], [`interrupt`] | completions, manual pages, help, Ctrl-C |
//! | [`gdb`] | gdb's remote protocol over a machine that can go back |
//! | [`compare`], [`attack`], [`sweep`], [`run`] | the commands |
//! | [`lesson`] | lessons: checked, graded, looked at |
//! | [`table`], [`progress`], [`jobs`] | text tables, the bar, threads |
//! | [`stdout`], [`output`] | what is printed; files that are whole or not there |
//! | [`terminal`] | the terminal as a machine's console |

pub mod attack;
pub mod choice;
pub mod cli;
pub mod compare;
pub mod diff;
pub mod examples;
pub mod files;
pub mod gdb;
pub mod inspect;
pub mod interrupt;
pub mod jobs;
pub mod lesson;
pub mod manual;
pub mod output;
pub mod progress;
pub mod recording;
pub mod run;
pub mod stdout;
pub mod subject;
pub mod sweep;
pub mod table;
pub mod terminal;
