//! What the site offers: scenarios with their images, and lessons.

use observe::scenario::bundle::Bundle;
use std::fs;

use serde::{Deserialize, Serialize};

use crate::files::{Files, Kind};
use crate::lessons::Lesson;
use crate::options::Options;
use crate::{Outcome, image, read_text};

/// What the site offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Catalogue {
    /// The first is shown when a link names none.
    pub scenarios: Vec<Scenario>,
    /// Lessons.
    pub lessons: Vec<Lesson>,
    /// The words of the still picture.
    #[serde(skip)]
    pub still: Still,
}

/// A scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scenario {
    /// Its name in links.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its file.
    pub file: String,
    /// What it runs.
    pub images: Vec<Image>,
}

/// An image that a scenario names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Its name in the scenario.
    pub name: String,
    /// Its file.
    pub file: String,
    /// The file's hash.
    pub hash: String,
}

/// What stands in the page before anything runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Still {
    /// The sentence, and the one after it.
    pub story: Vec<String>,
    /// Title and second line of each side.
    pub sides: Vec<(String, String)>,
}

/// The parts of `lab.toml` that the still picture and the list of images need.
#[derive(Deserialize)]
struct Lab {
    title: String,
    comparison: String,
    #[serde(default)]
    story: Vec<String>,
    #[serde(default)]
    pair: Vec<String>,
    #[serde(default, rename = "side")]
    sides: Vec<Side>,
}

#[derive(Deserialize)]
struct Side {
    mode: String,
    title: String,
    subtitle: String,
}

/// Collects them into `files`.
pub fn collect(options: &Options, files: &mut Files) -> Outcome<Catalogue> {
    let mut catalogue = Catalogue::default();
    // The first is the page's own; the others come with lessons.
    for (name, kind) in [("lab", Kind::Scenario), ("lessons", Kind::Lesson)] {
        let (lab, scenario) = scenario(options, name, kind, files)?;
        if catalogue.scenarios.is_empty() {
            catalogue.still = still(&lab);
        }
        catalogue.scenarios.push(scenario);
    }
    Ok(catalogue)
}

/// The two files of a scenario, read and checked, for the page has no reader of TOML.
pub fn bundle(options: &Options, name: &str) -> Outcome<(String, String, Bundle)> {
    let folder = options.root.join("examples/scenarios");
    let path = folder.join(format!("{name}.toml"));
    let text = read_text(&path)?;
    let lab: Lab = toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let comparison = read_text(&folder.join(format!("{}.toml", lab.comparison)))?;
    let bundle = Bundle::parse(&text, &comparison).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok((text, comparison, bundle))
}

fn scenario(options: &Options, name: &str, kind: Kind, files: &mut Files) -> Outcome<(Lab, Scenario)> {
    let (text, comparison, bundle) = bundle(options, name)?;
    let lab: Lab = toml::from_str(&text).map_err(|e| e.to_string())?;
    let guests = if kind == Kind::Scenario { Kind::Guest } else { kind };
    let names = images_in(&comparison)?;
    let images = names.iter().map(|name| add_image(options, name, guests, files)).collect::<Outcome<_>>()?;
    let file = format!("scenarios/{name}");
    files.add(&file, kind, lab_protocol::encode(&bundle));
    let scenario = Scenario { name: name.into(), title: lab.title.clone(), file, images };
    Ok((lab, scenario))
}

/// The names of the images that a comparison runs, each once.
fn images_in(comparison: &str) -> Outcome<Vec<String>> {
    let table: toml::Table = toml::from_str(comparison).map_err(|e| e.to_string())?;
    let modes = table.get("mode").and_then(toml::Value::as_array).into_iter().flatten();
    let mut names: Vec<String> = Vec::new();
    for mode in modes {
        for key in ["image", "module"] {
            let name = mode.get(key).and_then(toml::Value::as_str).filter(|n| !n.is_empty());
            names.extend(name.map(str::to_string));
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn add_image(options: &Options, name: &str, kind: Kind, files: &mut Files) -> Outcome<Image> {
    let file = format!("guests/{name}");
    if !files.has(&file) {
        let path = options.guests.join(name);
        let bytes = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let slim = image::slim(&bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        files.add(&file, kind, slim);
    }
    let hash = files.get(&file).map(|f| f.hash.clone()).unwrap_or_default();
    Ok(Image { name: name.to_string(), file, hash })
}

fn still(lab: &Lab) -> Still {
    let side = |mode: &String| lab.sides.iter().find(|side| side.mode == *mode);
    let words = |side: &Side| (side.title.clone(), side.subtitle.clone());
    Still { story: lab.story.clone(), sides: lab.pair.iter().filter_map(side).map(words).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparisons_images_are_named_once() {
        let text = "[[mode]]\nimage = 'a'\n[[mode]]\nimage = 'host'\nmodule = 'a'\n";
        assert_eq!(images_in(text).unwrap(), ["a", "host"]);
    }
}
