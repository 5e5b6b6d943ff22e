//! Scenarios: TOML files that say what is run, what it is called and what is expected of it.
//!
//! A key that is not known is refused, and an error names the line and what was expected.

pub mod attacks;
pub mod bundle;
pub mod comparison;
pub mod knobs;
pub mod lab;
pub mod machine;
pub mod single;
pub mod units;

use serde::de::DeserializeOwned;

/// A scenario that can be read from a file.
pub trait Scenario: DeserializeOwned {
    /// What serde cannot see: names that refer to each other, quantities, bounds.
    fn check(&self) -> Result<(), String>;
}

/// Parses a scenario from its text.
#[cfg(feature = "toml")]
pub fn parse<S: Scenario>(text: &str) -> Result<S, String> {
    let scenario: S = toml::from_str(text).map_err(|e| e.to_string())?;
    scenario.check()?;
    Ok(scenario)
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

#[cfg(all(test, feature = "toml"))]
mod tests;
