//! `exitless lesson new`: a lesson to begin with.

use std::path::Path;

use observe::failure::{Outcome, usage};

use crate::output::Output;
use crate::stdout;

/// A lesson that passes `lint` and says what goes where.
pub const TEMPLATE: &str = include_str!("../../../examples/lesson-template.md");

/// Writes `NAME.md`.
pub fn new(name: &str) -> Outcome<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(fits) {
        return usage(format!("{name:?} is no name of a lesson; expected small letters, digits and hyphens"));
    }
    let file = format!("{name}.md");
    if Path::new(&file).exists() {
        return usage(format!("{file} is there already; expected a name that is free"));
    }
    let text = TEMPLATE.replacen("name = \"my-lesson\"", &format!("name = \"{name}\""), 1);
    let mut output = Output::create(Path::new(&file))?;
    output.write(text.as_bytes())?;
    output.commit()?;
    stdout::line(&format!(
        "{file}: a lesson to begin with; `exitless lesson lint {file}` reads it, `exitless lesson check {file}` runs it"
    ))
}
