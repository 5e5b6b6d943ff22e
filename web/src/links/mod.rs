//! The link: everything that makes a page show what it shows, in the fragment of its address.
//!
//! `#/<scenario or lesson>?at=..&cfg=k:v,..&seed=..&level=..&mode=..&speed=..&theme=..&lang=..&v=1`,
//! with the inputs (`journal=time:key:value,..`) and what the run was made of (`build`, `images`).
//! Pure: no browser in here. What means nothing is left out and said, never guessed.

mod format;
mod link;
mod parse;
#[cfg(test)]
mod tests;

pub use format::{LONGEST, TooLong};
pub use link::{Level, Link, Mode, Speed, Theme, Words};
pub use parse::{Complaint, parse};
