//! What the packer is told.

use std::path::PathBuf;

use crate::Outcome;

/// What the packer is told, by `cargo xtask site`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The workspace.
    pub root: PathBuf,
    /// The page, as cargo built it.
    pub page: PathBuf,
    /// The worker with the machines, as cargo built it.
    pub machine: PathBuf,
    /// The worker that leaves nothing out, as cargo built it.
    pub whole: PathBuf,
    /// The folder of the guests' images.
    pub guests: PathBuf,
    /// Where the site goes.
    pub out: Option<PathBuf>,
    /// Where the single HTML goes.
    pub single_file: Option<PathBuf>,
    /// Where the npm package's folder goes.
    pub package: Option<PathBuf>,
    /// Where the SCORM package goes.
    pub scorm: Option<PathBuf>,
    /// What the SCORM package opens: a scenario or a lesson.
    pub scorm_name: String,
    /// Where the full page lives, for links out of an embed; empty: where it is.
    pub home: String,
    /// Where other builds live; `{build}` stands for the build.
    pub versions: String,
}

impl Options {
    /// Reads `--name value` pairs.
    pub fn parse(arguments: &[String]) -> Outcome<Options> {
        let mut options = Options::default();
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let value = rest.next().ok_or(format!("{name}: expected a value after it"))?;
            match name.as_str() {
                "--root" => options.root = value.into(),
                "--page" => options.page = value.into(),
                "--machine" => options.machine = value.into(),
                "--whole" => options.whole = value.into(),
                "--guests" => options.guests = value.into(),
                "--out" => options.out = Some(value.into()),
                "--single-file" => options.single_file = Some(value.into()),
                "--package" => options.package = Some(value.into()),
                "--scorm" => options.scorm = Some(value.into()),
                "--scorm-name" => options.scorm_name.clone_from(value),
                "--home" => options.home.clone_from(value),
                "--versions" => options.versions.clone_from(value),
                _ => return Err(format!("unknown option `{name}`")),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Outcome<Options> {
        Options::parse(&line.split_whitespace().map(str::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_pair_sets_an_option() {
        let options = parse("--root r --out d --home https://x/").unwrap();
        assert_eq!((options.out, options.home), (Some("d".into()), "https://x/".to_string()));
    }

    #[test]
    fn what_is_unknown_or_unfinished_is_told() {
        assert!(parse("--frob 1").unwrap_err().contains("--frob"));
        assert!(parse("--out").unwrap_err().contains("expected a value"));
    }
}
