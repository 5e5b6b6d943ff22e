//! Builds the machine for WebAssembly: a package of its own, since it never runs on the host.

use std::fs;
use std::path::PathBuf;

use crate::shell::{Outcome, cargo, root, run, say};
use crate::toolchain::{Target, Toolchain};

const MODULE: &str = "machine_wasm.wasm";

/// The package's folder.
pub fn package() -> PathBuf {
    root().join("emulator/benches/wasm")
}

/// Builds it into `target/wasm`; the module's path.
pub fn build() -> Outcome<PathBuf> {
    let toolchain = Toolchain::for_target(Target::Wasm)?;
    say("building the machine for WebAssembly");
    let work = root().join("target/wasm");
    let mut command = cargo();
    command
        .current_dir(package())
        .args(["build", "--quiet", "--locked", "--release", "--target-dir"])
        .arg(&work);
    toolchain.apply(&mut command);
    run(&mut command)?;
    let module = work.join(MODULE);
    let built = work.join(Target::Wasm.triple()).join("release").join(MODULE);
    fs::copy(&built, &module).map_err(|e| format!("{}: {e}", built.display()))?;
    Ok(module)
}

/// As [`build`]; `None` where this host has no such compiler, and something may be left out.
///
/// A module of an earlier build never stays: it would be tested instead of this source.
pub fn build_for_tests() -> Outcome<Option<PathBuf>> {
    _ = fs::remove_file(root().join("target/wasm").join(MODULE));
    match build() {
        Ok(module) => Ok(Some(module)),
        Err(error) if crate::shell::nothing_may_be_left_out() => Err(error),
        Err(error) => {
            say(&format!("the machine in WebAssembly is left out: {error}"));
            Ok(None)
        }
    }
}
