//! Scenarios: TOML files that say what is run, what it is called and what is expected of it.
//!
//! A key that is not known is refused, and an error names the file, the line and what was expected.

pub mod attacks;
pub mod comparison;
pub mod machine;
pub mod single;
pub mod units;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::failure::{Failure, Outcome};

/// A scenario that can be read from a file.
pub trait Scenario: DeserializeOwned {
    /// What serde cannot see: names that refer to each other, quantities, bounds.
    fn check(&self) -> Result<(), String>;
}

/// Reads the scenario at `path`.
pub fn load<S: Scenario>(path: &Path) -> Outcome<S> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::Usage(format!("{}: {e}; expected a scenario file", path.display())))?;
    parse(&text).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))
}

/// Parses a scenario from its text.
pub fn parse<S: Scenario>(text: &str) -> Result<S, String> {
    let scenario: S = toml::from_str(text).map_err(|e| e.to_string())?;
    scenario.check()?;
    Ok(scenario)
}

/// The file that was asked for, or `name` in `examples/scenarios` of the workspace around the
/// current folder.
pub fn path_or_default(asked: Option<&Path>, name: &str) -> Outcome<PathBuf> {
    if let Some(path) = asked {
        return Ok(path.to_path_buf());
    }
    let here = std::env::current_dir().map_err(|e| Failure::Failed(format!("current folder: {e}")))?;
    let place = Path::new("examples/scenarios").join(name);
    here.ancestors().map(|dir| dir.join(&place)).find(|path| path.is_file()).ok_or_else(|| {
        let text = format!("{} is not in this folder or above; expected --scenario FILE", place.display());
        Failure::Usage(text)
    })
}

/// `names` without repetition, or the one that occurs twice.
fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<Vec<&'a str>, String> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(format!("{what} `{name}` is declared twice; expected each name once"));
        }
        seen.push(name);
    }
    if seen.is_empty() {
        return Err(format!("there is no {what}; expected at least one [[{what}]]"));
    }
    Ok(seen)
}

#[cfg(test)]
mod tests;
