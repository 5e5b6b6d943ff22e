//! Programs that are not ours, which read in tests what the project writes: gdb and tshark from Debian,
//! Python packages from their index into a folder under `target`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::shell::{Outcome, output, patiently, root, run, say};
use crate::{debian, fuzz};

/// Programs, and the Debian packages that bring them.
const PROGRAMS: [(&str, &[&str]); 3] =
    [("gdb", &["gdb"]), ("tshark", &["tshark"]), ("python3", &["python3", "python3-pip"])];
/// What the tests need of Python, in exact versions.
const REQUIREMENTS: &str = "native-runner/tests/readers/requirements.txt";

/// Finds them; where nothing may be left out, installs what is missing. The folder of the Python packages,
/// for `EXITLESS_READERS`. Whatever is missing then, the tests that need it tell.
pub fn find() -> PathBuf {
    if fuzz::wanted() {
        let missing =
            PROGRAMS.iter().filter(|(program, _)| !runs(program)).flat_map(|(_, packages)| *packages);
        let missing: Vec<&str> = missing.copied().collect();
        if !missing.is_empty() {
            debian::install(&missing);
        }
    }
    let folder = root().join("target/readers");
    if let Err(error) = packages(&folder) {
        say(&format!("the Python packages that read our files are missing: {error}"));
    }
    folder
}

fn runs(program: &str) -> bool {
    output(Command::new(program).arg("--version")).is_some()
}

/// Installs what the list names, once.
fn packages(folder: &PathBuf) -> Outcome<()> {
    let list = root().join(REQUIREMENTS);
    let wanted = fs::read(&list).map_err(|e| format!("{}: {e}", list.display()))?;
    let installed = folder.join("requirements.txt");
    if fs::read(&installed).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    let pip = || {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip"]);
        pip
    };
    if output(pip().arg("--version")).is_none() {
        if fuzz::wanted() {
            debian::install(&["python3-pip"]);
        }
        if output(pip().arg("--version")).is_none() {
            return Err("no pip; expected python3 with it".to_string());
        }
    }
    // What another version left would stay beside the new.
    _ = fs::remove_dir_all(folder);
    say("pip install: the packages that read traces, under target/readers");
    let mut install = pip();
    install.args(["install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"]);
    install.arg("--target").arg(folder).arg("--requirement").arg(&list);
    install.env("PIP_ROOT_USER_ACTION", "ignore").stdout(Stdio::null());
    patiently(|| run(&mut install))?;
    fs::write(&installed, wanted).map_err(|e| format!("{}: {e}", installed.display()))
}
