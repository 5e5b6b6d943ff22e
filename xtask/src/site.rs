//! Builds the Lab's site: the page and the machine for WebAssembly, then what packs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::shell::{Outcome, cargo, root, run, say};
use crate::toolchain::{Target, Toolchain};
use crate::{guests, options};

const OPTIONS: [&str; 7] =
    ["--out", "--single-file", "--package", "--scorm", "--scorm-name", "--home", "--versions"];

/// What is built for the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The profile in which what packs the site is built: the one that is built already.
    pub profile: &'static str,
    /// The folder to write.
    pub out: Option<PathBuf>,
    /// The one HTML to write.
    pub single_file: Option<PathBuf>,
    /// Without the table of sizes.
    pub quiet: bool,
    /// What goes to the packer as it is.
    pub rest: Vec<String>,
}

impl Default for Wanted {
    fn default() -> Wanted {
        Wanted { profile: "release", out: None, single_file: None, quiet: false, rest: Vec::new() }
    }
}

impl Wanted {
    /// Reads the command line; without a destination it is `target/site`.
    fn parse(args: &[String]) -> Outcome<Wanted> {
        let mut wanted = Wanted::default();
        for (name, value) in options::pairs(args, &OPTIONS)? {
            match name {
                "--out" => wanted.out = Some(PathBuf::from(value)),
                "--single-file" => wanted.single_file = Some(PathBuf::from(value)),
                "--package" | "--scorm" => {
                    let path = absolute(Path::new(value))?.display().to_string();
                    wanted.rest.extend([name.to_string(), path]);
                }
                _ => wanted.rest.extend([name.to_string(), value.to_string()]),
            }
        }
        let elsewhere = wanted.rest.iter().any(|name| name == "--package" || name == "--scorm");
        if wanted.out.is_none() && wanted.single_file.is_none() && !elsewhere {
            wanted.out = Some(root().join("target/site"));
        }
        Ok(wanted)
    }
}

/// `cargo xtask site`.
pub fn site(args: &[String]) -> Outcome<()> {
    build(&Wanted::parse(args)?)
}

/// Builds what is wanted.
pub fn build(wanted: &Wanted) -> Outcome<()> {
    let guests = guests::build()?;
    let built = Built::new()?;
    say("packing the site");
    let mut pack = cargo();
    pack.args(["run", "--quiet", "--profile", wanted.profile, "--package", "site", "--"]);
    pack.arg("--root").arg(root()).arg("--guests").arg(guests);
    pack.arg("--page").arg(built.page).arg("--machine").arg(built.machine).arg("--whole").arg(built.whole);
    for (name, path) in [("--out", &wanted.out), ("--single-file", &wanted.single_file)] {
        if let Some(path) = path {
            pack.arg(name).arg(absolute(path)?);
        }
    }
    if wanted.quiet {
        pack.stdout(Stdio::null());
    }
    run(pack.args(&wanted.rest))
}

/// What cargo leaves: the page, the worker of the first load, and the one that leaves nothing out.
struct Built {
    page: PathBuf,
    machine: PathBuf,
    whole: PathBuf,
}

impl Built {
    fn new() -> Outcome<Built> {
        let toolchain = Toolchain::for_target(Target::Wasm)?;
        let work = root().join("target/site-build");
        let folder = work.join(Target::Wasm.triple()).join("site");
        let one = |name: &str, package: &str, features: &[&str]| -> Outcome<PathBuf> {
            let mut command = cargo();
            command.args(["build", "--quiet", "--profile", "site", "--package", package]).args(features);
            command.arg("--target-dir").arg(&work);
            toolchain.apply(&mut command);
            run(&mut command)?;
            // Two workers have one name: each is kept under its own.
            let (built, kept) = (folder.join(name), work.join(format!("{}{name}", features.len())));
            fs::copy(&built, &kept).map_err(|e| format!("{}: {e}", built.display()))?;
            Ok(kept)
        };
        say("building the page and the machine for WebAssembly");
        Ok(Built {
            page: one("web.wasm", "web", &[])?,
            machine: one("lab_worker.wasm", "lab-worker", &["--no-default-features", "--features", "small"])?,
            whole: one("lab_worker.wasm", "lab-worker", &[])?,
        })
    }
}

fn absolute(path: &Path) -> Outcome<PathBuf> {
    std::path::absolute(path).map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Outcome<Wanted> {
        Wanted::parse(&line.split_whitespace().map(str::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_site_goes_where_it_is_told() {
        assert_eq!(parse("").unwrap().out, Some(root().join("target/site")));
        let wanted = parse("--single-file a.html --home https://x/").unwrap();
        assert_eq!((wanted.out, wanted.single_file), (None, Some("a.html".into())));
        assert_eq!(wanted.rest, ["--home", "https://x/"]);
    }
}
