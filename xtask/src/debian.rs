//! Debian's packages, by apt-get: for those who are root there.

use std::process::{Command, Stdio};

use crate::shell::{Outcome, output, patiently, run, say};

/// Whether packages may be asked for.
pub fn may_install() -> bool {
    let root = output(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    root && output(Command::new("apt-get").arg("--version")).is_some()
}

/// Installs packages, where they may be; whether they are there then is seen by looking. What the host knows of their
/// versions may be old, so a failure asks anew before the next try.
pub fn install(packages: &[&str]) {
    if !may_install() {
        return;
    }
    say(&format!("apt-get install {}", packages.join(" ")));
    if let Err(error) = patiently(|| get(packages).inspect_err(|_| update())) {
        say(&error);
    }
}

/// As [`install`], in the newest versions there are.
pub fn install_newest(packages: &[&str]) {
    if may_install() {
        update();
    }
    install(packages);
}

fn get(packages: &[&str]) -> Outcome<()> {
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

/// Some of what it asks may be out of reach, and the rest be enough.
fn update() {
    _ = apt(&["update"]);
}

fn apt(args: &[&str]) -> Outcome<()> {
    let mut command = Command::new("apt-get");
    command.args(["-o", "DPkg::Lock::Timeout=120"]).args(args);
    run(command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
}
