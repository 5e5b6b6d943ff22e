//! Where scenarios and images are found.

use std::path::{Path, PathBuf};

use observe::failure::{Failure, Outcome};
use observe::images::Images;
use observe::scenario::{Scenario, parse};

/// Reads the scenario at `path`.
pub fn scenario<S: Scenario>(path: &Path) -> Outcome<S> {
    parse(&text(path)?).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))
}

/// The text of a scenario file.
pub fn text(path: &Path) -> Outcome<String> {
    let failure = |e| Failure::Usage(format!("{}: {e}; expected a scenario file", path.display()));
    std::fs::read_to_string(path).map_err(failure)
}

/// A scenario by its path, or by its name in `examples/scenarios`, with or without `.toml`.
pub fn scenario_named(asked: &Path) -> Outcome<PathBuf> {
    let known = asked.is_file() || asked.components().count() != 1;
    let folder = if known { None } else { above(Path::new("examples/scenarios"), Path::is_dir)? };
    let Some(folder) = folder else { return Ok(asked.to_path_buf()) };
    let name = asked.to_string_lossy();
    let stem = name.strip_suffix(".toml").unwrap_or(&name);
    let path = folder.join(format!("{stem}.toml"));
    if path.is_file() {
        return Ok(path);
    }
    Err(Failure::Usage(observe::suggest::unknown("there is no scenario", stem, &names(&folder))))
}

/// The scenarios in a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let file = |e: std::fs::DirEntry| Some(e.path().file_stem()?.to_str()?.to_string());
    let mut names: Vec<String> = entries.filter_map(file).collect();
    names.sort_unstable();
    names
}

/// What is said where no machine was asked for.
pub fn no_scenario() -> String {
    let folder = above(Path::new("examples/scenarios"), Path::is_dir).ok().flatten();
    let known = folder.map(|folder| format!(" ({})", names(&folder).join(", "))).unwrap_or_default();
    format!(
        "which machine? Expected a scenario{known}, --elf FILE or --kernel FILE; `exitless help run` has examples"
    )
}

/// The file that was asked for, or `name` in `examples/scenarios` of the workspace around the
/// current folder.
pub fn scenario_path(asked: Option<&Path>, name: &str) -> Outcome<PathBuf> {
    if let Some(path) = asked {
        return scenario_named(path);
    }
    let place = Path::new("examples/scenarios").join(name);
    above(&place, Path::is_file)?.ok_or_else(|| {
        let text = format!("{} is not in this folder or above; expected --scenario FILE", place.display());
        Failure::Usage(text)
    })
}

/// The folder of that name in the workspace around the current folder.
pub fn folder(name: &str) -> Outcome<PathBuf> {
    above(Path::new(name), Path::is_dir)?
        .ok_or_else(|| Failure::Usage(format!("{name} is not in this folder or above; expected a folder")))
}

/// Reads each of `names`: a path when it has a `/`, else a guest of `folder`.
pub fn images<'a>(folder: Option<&Path>, names: impl Iterator<Item = &'a str>) -> Outcome<Images> {
    Images::collect(names, |name| guest(folder, name))
}

/// Reads one: a path when it has a `/`, else a guest of `folder`.
pub fn guest(folder: Option<&Path>, name: &str) -> Outcome<Vec<u8>> {
    image(&guest_path(folder, name)?)
}

/// Reads an image, or says which and why not.
pub fn image(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(|e| Failure::Usage(format!("{}: {e}; {HINT}", path.display())))
}

const HINT: &str = "expected an ELF64 image (`cargo xtask guests` builds the guests)";

fn guest_path(folder: Option<&Path>, name: &str) -> Outcome<PathBuf> {
    if name.contains('/') {
        return Ok(PathBuf::from(name));
    }
    if let Some(folder) = folder {
        return Ok(folder.join(name));
    }
    let folder = above(Path::new("target/guests"), Path::is_dir)?;
    folder.map(|dir| dir.join(name)).ok_or_else(|| {
        let text = format!("guest `{name}`: no target/guests in this folder or above; ");
        Failure::Usage(text + "run `cargo xtask guests`, or give --guests DIR or EXITLESS_GUESTS")
    })
}

/// `place` in the current folder or the nearest one above it where it `is` there.
fn above(place: &Path, is: impl Fn(&Path) -> bool) -> Outcome<Option<PathBuf>> {
    let here = std::env::current_dir().map_err(|e| Failure::Failed(format!("current folder: {e}")))?;
    Ok(here.ancestors().map(|dir| dir.join(place)).find(|path| is(path)))
}

#[cfg(test)]
mod tests {
    use observe::scenario::attacks::Attacks;
    use observe::scenario::comparison::Comparison;
    use observe::scenario::single::Single;

    use super::*;

    #[test]
    fn a_missing_guest_is_named_with_the_command_that_builds_it() {
        let error = images(Some(Path::new("/nonexistent")), ["hello"].into_iter()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("/nonexistent/hello") && text.contains("cargo xtask guests"), "{text}");
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn the_scenarios_that_come_with_the_project_are_right() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/scenarios");
        scenario::<Comparison>(&folder.join("compare.toml")).unwrap();
        scenario::<Attacks>(&folder.join("attacks.toml")).unwrap();
        scenario::<Single>(&folder.join("stream.toml")).unwrap();
    }

    #[test]
    fn a_missing_file_is_named() {
        let text = scenario::<Single>(Path::new("/nonexistent.toml")).unwrap_err().to_string();
        assert!(
            text.starts_with("/nonexistent.toml: ") && text.contains("expected a scenario file"),
            "{text}"
        );
    }
}
