//! `exitless lesson new`: a lesson to begin with.

use std::path::Path;

use observe::failure::{Failure, Outcome, usage};

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
    std::fs::write(&file, text).map_err(|e| Failure::Failed(format!("{file}: {e}")))?;
    println!(
        "{file}: a lesson to begin with; `exitless lesson lint {file}` reads it, `exitless lesson check {file}` runs it"
    );
    Ok(())
}
