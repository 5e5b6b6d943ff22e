//! The Lab's tests in a real browser: node drives Debian's Chromium.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Outcome, TESTED, cargo, nothing_may_be_left_out, output, patiently, root, run, say};
use crate::{debian, guests, site};

/// Names under which a Chromium may be installed.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// What node's test runner must at least be.
const NODE: u32 = 20;
/// The lesson in the SCORM package that is tested: the one whose failing attempts score highest.
const LESSON: &str = "the-prisoner";

/// `cargo xtask browser-test [FILTER]`: all of `web/tests`, or those with FILTER in the file's name.
pub fn test(args: &[String]) -> Outcome<()> {
    let filter = match args {
        [] => "",
        [filter] => filter,
        _ => return Err("expected at most one FILTER".to_string()),
    };
    let tools = Tools::find()?;
    tests(&tools, filter)
}

/// What the tests in a browser need; none where this host has no browser and something may be left out, which is said.
pub fn tools_for_tests() -> Outcome<Option<Tools>> {
    match Tools::find() {
        Err(error) if !nothing_may_be_left_out() => {
            say(&format!("the tests in a browser are left out: {error}"));
            Ok(None)
        }
        found => found.map(Some),
    }
}

/// All of `web/tests`.
pub fn test_all(tools: &Tools) -> Outcome<()> {
    tests(tools, "")
}

/// What drives the page.
pub struct Tools {
    browser: PathBuf,
    modules: PathBuf,
}

impl Tools {
    /// Finds or installs them.
    fn find() -> Outcome<Tools> {
        let node = || output(Command::new("node").arg("--version")).and_then(|v| major(&v));
        if node().is_none_or(|major| major < NODE) || output(Command::new("npm").arg("--version")).is_none() {
            debian::install(&["nodejs", "npm"]);
        }
        if node().is_none_or(|major| major < NODE) {
            return Err(format!("no node; expected node {NODE} or newer, with npm"));
        }
        if browser().is_none() {
            debian::install(&["chromium"]);
        }
        let browser = browser().ok_or("no Chromium; expected one on the PATH, or its path in CHROMIUM")?;
        Ok(Tools { browser, modules: modules()? })
    }

    /// Builds the site, and node with all that `web/tests/lib/env.mjs` asks for.
    fn node(&self, profile: &'static str) -> Outcome<Command> {
        let target = root().join("target");
        let (out, single_file) = (target.join("site"), target.join("exitless.html"));
        let (package, scorm) = (target.join("package"), target.join("scorm.zip"));
        let text = |path: &Path| path.display().to_string();
        site::build(&site::Wanted {
            out: Some(out.clone()),
            single_file: Some(single_file.clone()),
            profile,
            rest: vec![
                "--package".to_string(),
                text(&package),
                "--scorm".to_string(),
                text(&scorm),
                "--scorm-name".to_string(),
                LESSON.to_string(),
            ],
            ..site::Wanted::default()
        })?;
        let mut node = Command::new("node");
        node.current_dir(root()).env("EXITLESS_SITE", out).env("EXITLESS_SINGLE", single_file);
        node.env("EXITLESS_PACKAGE", package).env("EXITLESS_SCORM", scorm);
        node.env("EXITLESS_CHROMIUM", &self.browser).env("EXITLESS_MODULES", &self.modules);
        node.env("EXITLESS_CLI", target.join(profile).join("exitless"))
            .env("EXITLESS_GUESTS", guests::folder());
        Ok(node)
    }
}

fn browser() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return Some(path.into());
    }
    let found = |name: &&&str| output(Command::new(name).arg("--version")).is_some();
    BROWSERS.iter().find(found).and_then(|name| output(Command::new("which").arg(name))).map(PathBuf::from)
}

fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

/// Installs the libraries that the lock file names, once; their folder.
fn modules() -> Outcome<PathBuf> {
    let folder = root().join("target/browser-tests");
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let installed = folder.join("installed");
    let mut wanted = Vec::new();
    for name in ["package.json", "package-lock.json"] {
        let source = root().join("web/tests").join(name);
        let bytes = fs::read(&source).map_err(|e| format!("{}: {e}", source.display()))?;
        fs::write(folder.join(name), &bytes).map_err(|e| format!("{}: {e}", folder.display()))?;
        wanted.extend(bytes);
    }
    if !fs::read(&installed).is_ok_and(|have| have == wanted) {
        say("npm ci: playwright-core and axe-core, under target/browser-tests");
        let mut npm = Command::new("npm");
        npm.args(["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        // No tool may fetch a browser of its own.
        npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        if let Err(error) = patiently(|| run(&mut npm)) {
            _ = fs::remove_dir_all(folder.join("node_modules"));
            return Err(error);
        }
        // Last, so that what was cut short is done anew.
        fs::write(&installed, wanted).map_err(|e| format!("{}: {e}", installed.display()))?;
    }
    Ok(folder)
}

fn tests(tools: &Tools, filter: &str) -> Outcome<()> {
    let files = files(filter)?;
    let mut node = tools.node(TESTED)?;
    run(cargo().args(["build", "--quiet", "--profile", TESTED, "--package", "native-runner"]))?;
    say("testing the page in a browser");
    node.args(["--test", "--test-concurrency=1"]).args(files);
    run(&mut node)
}

/// `cargo xtask screenshots` and `bench-page`: builds the page and runs a script of `web/tests` with it.
pub fn script(name: &str, args: &[String]) -> Outcome<()> {
    let mut node = Tools::find()?.node("release")?;
    run(node.arg(root().join("web/tests").join(name)).args(args))
}

/// The tests whose name has `filter` in it; none is an error.
fn files(filter: &str) -> Outcome<Vec<PathBuf>> {
    let folder = root().join("web/tests");
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let wanted = |path: &PathBuf| {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        name.strip_suffix(".test.mjs").is_some_and(|name| name.contains(filter))
    };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(wanted).collect();
    files.sort();
    if files.is_empty() {
        return Err(format!("no test in {} has `{filter}` in its name", folder.display()));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_its_first_number() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("none"), None);
    }

    #[test]
    fn a_filter_that_finds_no_test_is_an_error() {
        assert!(files("start").unwrap().len() == 1);
        assert!(files("no such test").unwrap_err().contains("no such test"));
    }
}
